package mailer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// What a mail may have at most, in octets.
const (
	mostHTML   = 100 << 10 // Gmail clips at 102 KB
	mostLine   = 998       // RFC 5322, section 2.1.1
	mostQuoted = 76        // of an encoded body, RFC 2045, section 6.7
)

// Inspect names what is wrong with a mail as Compose made it for l and, if records
// are given, as a Signer signed it for which the DNS holds them. It looks at the
// bytes alone and asks nobody. No fault is what a reader's server may say.
func Inspect(raw []byte, l Letter, records []Record) []string {
	var i inspection
	mail, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		i.fault("its headers cannot be read")
		return i.faults
	}
	i.lines(raw)
	i.headers(mail.Header, l)
	if err := i.parts(mail); err != nil {
		i.fault("its body cannot be read: %v", err)
	}
	if len(records) > 0 {
		i.signatures(raw, mail.Header, records)
	}
	return i.faults
}

// inspection gathers faults.
type inspection struct{ faults []string }

func (i *inspection) fault(format string, args ...any) {
	i.faults = append(i.faults, fmt.Sprintf(format, args...))
}

func (i *inspection) lines(raw []byte) {
	if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) {
		i.fault("a line does not end with CRLF")
	}
	_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > mostLine {
			i.fault("a line has %d octets, of %d allowed", len(line), mostLine)
		}
	}
	for line := range bytes.SplitSeq(body, []byte("\r\n")) {
		if len(line) > mostQuoted {
			i.fault("a line of the body has %d octets, of %d allowed", len(line), mostQuoted)
			return
		}
	}
}

// headers looks whether each stands there, and once.
func (i *inspection) headers(h netmail.Header, l Letter) {
	needed := []string{
		"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
		"Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language", "List-Id", "Feedback-ID",
	}
	if !account(l.Kind) {
		needed = append(needed, "List-Unsubscribe", "List-Unsubscribe-Post")
	}
	for _, name := range needed {
		if n := len(h[textproto.CanonicalMIMEHeaderKey(name)]); n != 1 {
			i.fault("%s stands there %d times", name, n)
		}
	}
	from, err := h.AddressList("From")
	if err != nil || len(from) != 1 {
		i.fault("From is no single address")
	} else if _, domain, _ := strings.Cut(from[0].Address, "@"); !strings.HasSuffix(h.Get("Message-ID"), "@"+domain+">") {
		i.fault("Message-ID is not of the sender's domain")
	}
	if _, err := h.Date(); err != nil {
		i.fault("Date is no date")
	}
	if account(l.Kind) {
		return
	}
	page, mailto, _ := strings.Cut(h.Get("List-Unsubscribe"), ", ")
	if u, err := url.Parse(strings.Trim(page, "<>")); err != nil || u.Scheme != "https" && u.Scheme != "http" {
		i.fault("List-Unsubscribe does not begin with a page")
	} else if u.Scheme == "http" {
		i.fault("List-Unsubscribe has to be https for the button of Gmail and Yahoo (RFC 8058); LONGROAD_BASE_URL is http")
	}
	if !strings.HasPrefix(mailto, "<mailto:") {
		i.fault("List-Unsubscribe has no address to write to")
	}
	if h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		i.fault("List-Unsubscribe-Post does not say One-Click")
	}
}

// parts looks for the plain text, and after it for HTML.
func (i *inspection) parts(mail *netmail.Message) error {
	kind, params, err := mime.ParseMediaType(mail.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return errors.New("it is not in two parts")
	}
	reader := multipart.NewReader(mail.Body, params["boundary"])
	var texts, kinds []string
	for {
		part, err := reader.NextPart() // decodes quoted-printable
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		texts, kinds = append(texts, string(text)), append(kinds, kind)
	}
	if !slices.Equal(kinds, []string{"text/plain", "text/html"}) {
		return fmt.Errorf("its parts are %s; want text, then HTML", strings.Join(kinds, ", "))
	}
	if strings.TrimSpace(texts[0]) == "" {
		i.fault("its plain text is empty")
	}
	if n := len(texts[1]); n > mostHTML {
		i.fault("its HTML has %d octets; Gmail clips it", n)
	}
	i.content(texts[1])
	return nil
}

var (
	loads = regexp.MustCompile(`(?i)<(?:img|script|link|iframe|object|embed|video|audio|source|form|base)\b|\b(?:src|srcset|background|action)\s*=|url\(|@import`)
	href  = regexp.MustCompile(`(?i)\bhref="([^"]*)"`)
)

// content looks for what is loaded from elsewhere, and for links that lead nowhere.
func (i *inspection) content(page string) {
	if found := loads.FindString(page); found != "" {
		i.fault("its HTML loads something from elsewhere, or would act: %s", found)
	}
	for _, link := range href.FindAllStringSubmatch(page, -1) {
		u, err := url.Parse(link[1])
		if err != nil || !slices.Contains([]string{"https", "http", "tel", "mailto"}, u.Scheme) {
			i.fault("a link leads to %q", link[1])
		}
	}
}

// signatures verifies them by the records that the DNS is to hold, without asking it.
func (i *inspection) signatures(raw []byte, h netmail.Header, records []Record) {
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		for _, r := range records {
			if r.Name == name {
				return []string{r.Value}, nil
			}
		}
		return nil, errors.New("our records have no such name")
	}})
	if err != nil || len(found) != len(records) {
		i.fault("it has %d DKIM signatures, want %d", len(found), len(records))
	}
	from, _ := h.AddressList("From")
	for _, v := range found {
		if v.Err != nil {
			i.fault("a DKIM signature does not hold: %v", v.Err)
		}
		if len(from) != 1 || !strings.HasSuffix(from[0].Address, "@"+v.Domain) {
			i.fault("a DKIM signature is of %s, not of the sender's domain", v.Domain)
		}
		for _, name := range []string{"List-Unsubscribe", "List-Unsubscribe-Post"} {
			signed := slices.ContainsFunc(v.HeaderKeys, func(key string) bool { return strings.EqualFold(key, name) })
			if h.Get(name) != "" && !signed {
				i.fault("%s is not under a DKIM signature", name)
			}
		}
	}
}
