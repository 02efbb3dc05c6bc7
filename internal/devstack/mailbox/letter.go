package mailbox

import (
	"bytes"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Letter is a caught mail, read.
type Letter struct {
	ID      string
	From    string // the header's, with its display name
	To      string // the envelope's recipients
	Subject string
	At      time.Time // the service's clock when it came
	Text    string    // its plain text; that of the HTML where there is none
	HTML    string
	Links   []string // every http(s) link once, those of the HTML first, in order
}

// parse reads a mail as well as it can be read: a faulty one shows at least in
// its source.
func parse(id string, e envelope, raw []byte) Letter {
	l := Letter{ID: id, To: strings.Join(e.To, ", "), From: e.From, At: e.At}
	root, err := enmime.ReadParts(bytes.NewReader(raw))
	if err != nil || root == nil {
		return l
	}
	l.Subject = decodeHeader(root.Header.Get("Subject"))
	if from := root.Header.Get("From"); from != "" {
		l.From = decodeHeader(from)
	}
	if p := body(root, "text/plain"); p != nil {
		l.Text = strings.ReplaceAll(string(p.Content), "\r\n", "\n")
	}
	var hrefs []string
	if p := body(root, "text/html"); p != nil {
		l.HTML = string(p.Content)
		var text string
		hrefs, text = readHTML(l.HTML)
		if l.Text == "" {
			l.Text = text
		}
	}
	l.Links = unique(append(hrefs, textLinks(l.Text)...))
	return l
}

// body finds the first part of a type that is meant to be read, no attachment.
func body(root *enmime.Part, contentType string) *enmime.Part {
	return root.DepthMatchFirst(func(p *enmime.Part) bool {
		plain := p.ContentType == "" && contentType == "text/plain" && p.FirstChild == nil // RFC 2045 section 5.2
		return (plain || strings.EqualFold(p.ContentType, contentType)) && p.Disposition != "attachment"
	})
}

// decodeHeader undoes encoded words (RFC 2047); what cannot be decoded stays.
func decodeHeader(s string) string {
	if decoded, err := new(mime.WordDecoder).DecodeHeader(s); err == nil {
		return decoded
	}
	return s
}

// readHTML returns the http(s) targets of the links in document order, and the
// text without its tags.
func readHTML(document string) (hrefs []string, text string) {
	var b strings.Builder
	hidden := 0 // depth inside elements whose text nobody sees
	z := html.NewTokenizer(strings.NewReader(document))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return hrefs, strings.TrimSpace(b.String())
		}
		token := z.Token()
		unseen := token.DataAtom == atom.Style || token.DataAtom == atom.Script || token.DataAtom == atom.Title
		switch {
		case kind == html.TextToken && hidden == 0:
			b.WriteString(token.Data)
		case kind == html.StartTagToken && unseen:
			hidden++
		case kind == html.EndTagToken && unseen && hidden > 0:
			hidden--
		case kind == html.StartTagToken && (token.DataAtom == atom.A || token.DataAtom == atom.Area):
			for _, a := range token.Attr {
				if href := strings.TrimSpace(a.Val); a.Key == "href" && isWeb(href) {
					hrefs = append(hrefs, href)
				}
			}
		}
	}
}

var webLink = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"]+`)

// textLinks finds the links that stand bare in a text, without the punctuation of
// the sentence around them.
func textLinks(text string) []string {
	var links []string
	for _, link := range webLink.FindAllString(text, -1) {
		link = strings.TrimRight(link, ".,;:!?'*_»”’")
		for _, pair := range []string{"()", "[]"} { // a bracket that was opened before the link
			if strings.HasSuffix(link, pair[1:]) && !strings.Contains(link, pair[:1]) {
				link = strings.TrimRight(link[:len(link)-1], ".,;:!?")
			}
		}
		if isWeb(link) {
			links = append(links, link)
		}
	}
	return links
}

func isWeb(link string) bool {
	lower := strings.ToLower(link)
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}

// unique keeps the first of each; never nil, for JSON.
func unique(links []string) []string {
	kept := make([]string, 0, len(links))
	for _, l := range links {
		if !slices.Contains(kept, l) {
			kept = append(kept, l)
		}
	}
	return kept
}

// headerBlock returns a mail's header as it came.
func headerBlock(raw []byte) string {
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if head, _, found := bytes.Cut(raw, []byte(end)); found {
			return string(head)
		}
	}
	return string(raw)
}

// firstAddress returns the first address of a header field, nil if it has none.
func firstAddress(field string) *mail.Address {
	list, err := mail.ParseAddressList(field)
	if err != nil || len(list) == 0 {
		return nil
	}
	return list[0]
}
