package mailer

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"

	"longroad/internal/course"
	"longroad/internal/devstack/stacktest"
	"longroad/internal/pacing"
)

// proved is a mail as other people's tools get it.
type proved struct {
	name   string
	letter Letter
	raw    []byte
	parts  *enmime.Envelope
}

// everyMail composes every mail of the courses that ship: for readers on their own
// and for others, in a country with help lines and in one without.
func everyMail(t *testing.T) []proved {
	t.Helper()
	composer := testComposer(t)
	var all []proved
	add := func(name string, l Letter) {
		raw, err := composer.Compose(l)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		// A reader on their own often gets what everybody gets.
		if last := len(all) - 1; last < 0 || all[last].parts.Text != parts.Text || all[last].parts.HTML != parts.HTML {
			all = append(all, proved{name, l, raw, parts})
		}
	}
	eachMail(t, func(name string, l Letter, _ bool) {
		add(name, l)
		l.Solo = true
		add(name+", solo", l)
		if l.Kind == KindReceipt && l.Receipt.resources() {
			l.Solo, l.Country = false, "ZZ"
			add(name+", elsewhere", l)
		}
	})
	if len(all) < 80 {
		t.Fatalf("%d mails: some must have gone missing", len(all))
	}
	return all
}

// TestProof hands every mail of the courses that ship to other people's tools.
func TestProof(t *testing.T) {
	t.Parallel()
	mails := everyMail(t)
	var pages []stacktest.Document
	for _, m := range mails {
		pages = append(pages, stacktest.Document{Name: m.name, HTML: m.parts.HTML})
	}
	t.Run("markup", func(t *testing.T) { stacktest.Validate(t, "mail", pages) })
	t.Run("mail programs", func(t *testing.T) { stacktest.Supported(t, pages) })
	t.Run("accessible", func(t *testing.T) { proveAccessible(t, mails) })
	t.Run("spam", func(t *testing.T) { proveNoSpam(t, mails) })
	t.Run("signatures", func(t *testing.T) { proveSignatures(t, mails) })
	t.Run("size", func(t *testing.T) { proveSize(t, mails) })
	t.Run("links", func(t *testing.T) {
		for _, m := range mails {
			proveLinks(t, m)
		}
	})
}

// proveAccessible shows a browser every kind of mail, and the first and the last
// letter of each track. The others have the same layout round other paragraphs.
func proveAccessible(t *testing.T, mails []proved) {
	shown := map[string]string{}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, shown[r.URL.Path])
	}))
	t.Cleanup(site.Close)
	var pages []stacktest.Picture
	for i, m := range mails {
		l := m.letter
		if l.Solo || l.Kind == string(pacing.KindLesson) && l.Course.Track(l.Track) != nil && !atAnEnd(l) {
			continue
		}
		path := fmt.Sprintf("/%d", i)
		shown[path] = m.parts.HTML
		pages = append(pages, stacktest.Picture{Name: m.name, URL: site.URL + path})
	}
	stacktest.Accessible(t, pages, map[string]string{
		"landmark-one-main":    "a mail is shown inside a mail program, whose landmark it stands in",
		"region":               "the same",
		"page-has-heading-one": "the mail program shows the subject; short mails have no title of their own",
	})
}

func atAnEnd(l Letter) bool {
	places := l.Course.Track(l.Track).Places()
	return l.Lesson == places[0].Lesson.ID || l.Lesson == places[len(places)-1].Lesson.ID
}

// mostSpam is the score at which a mail is too much like what nobody asked for;
// mailboxes of many put away what has 5.
const mostSpam = 0.5

// proveNoSpam scores every mail as the server of its reader would get it.
func proveNoSpam(t *testing.T, mails []proved) {
	signer := testSigner(t)
	received := "Return-Path: <%s>\r\nReceived: from mail.letters.example.org (mail.letters.example.org [2001:db8::25])\r\n" +
		"\tby mx.example.com with ESMTPS id 4T7; %s\r\n"
	var all []stacktest.Mail
	for _, m := range mails {
		head := fmt.Sprintf(received, m.letter.EnvelopeFrom, m.parts.GetHeader("Date"))
		all = append(all, stacktest.Mail{Name: m.name, Raw: append([]byte(head), sign(t, signer, m.raw)...)})
	}
	// The test of tests: a text that every copy of SpamAssassin knows for spam.
	const spam = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
	all = append(all, stacktest.Mail{Name: "spam", Raw: []byte("From: a@example.org\r\nTo: b@example.org\r\nSubject: Test\r\n\r\n" + spam + "\r\n")})
	scores := stacktest.SpamAssassin(t, all)
	if last := scores[len(scores)-1]; last.Score < 100 {
		t.Fatalf("spamassassin: real spam has %.1f (%s)", last.Score, last.Tests)
	}
	worst := scores[0]
	for i, s := range scores[:len(mails)] {
		if s.Score >= mostSpam {
			t.Errorf("spamassassin: %s: %.1f (%s)", all[i].Name, s.Score, s.Tests)
		}
		if s.Score > worst.Score {
			worst = s
		}
	}
	t.Logf("spamassassin: %d mails, at most %.1f (%s)", len(mails), worst.Score, worst.Tests)
}

// proveSignatures has another program, in another language, verify what we sign.
func proveSignatures(t *testing.T, mails []proved) {
	signer := testSigner(t)
	records, err := signer.Records()
	if err != nil {
		t.Fatal(err)
	}
	dns := map[string]string{}
	for _, r := range records {
		dns[r.Name] = r.Value
	}
	var all []stacktest.Mail
	for _, m := range mails {
		all = append(all, stacktest.Mail{Name: m.name, Raw: sign(t, signer, m.raw)})
	}
	// The test of tests: mails that somebody changed on the way.
	stop := slices.IndexFunc(mails, func(m proved) bool { return m.letter.Kind == string(pacing.KindLesson) })
	header := bytes.Replace(all[stop].Raw, []byte("=One-Click"), []byte("=Two-Click"), 1)
	body := append(slices.Clone(all[stop].Raw), "more\r\n"...)
	changed := []stacktest.Mail{{Name: "another List-Unsubscribe-Post", Raw: header}, {Name: "more words", Raw: body}}
	for i, signatures := range stacktest.Verify(t, dns, append(all, changed...)) {
		if len(signatures) != len(records) {
			t.Errorf("dkimpy: mail %d has %d signatures, want %d", i, len(signatures), len(records))
		}
		for _, s := range signatures {
			if i >= len(all) {
				if s.Error == "" {
					t.Errorf("dkimpy: %s: a signature still holds", changed[i-len(all)].Name)
				}
				continue
			}
			if s.Error != "" {
				t.Errorf("dkimpy: %s: the signature of %s: %s", all[i].Name, s.Selector, s.Error)
			}
			for _, name := range []string{"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post"} {
				if mails[i].parts.GetHeader(name) != "" && !s.Signs(name) {
					t.Errorf("dkimpy: %s: %s is not signed by %s", all[i].Name, name, s.Selector)
				}
			}
		}
	}
	t.Logf("dkimpy: %d mails with %d signatures each", len(all), len(records))
}

// Octets of a mail's HTML: what we mean to keep to, and where Gmail cuts a mail off.
const (
	wantedSize = 30 << 10
	clipped    = 102 << 10
)

func proveSize(t *testing.T, mails []proved) {
	var largest, whole int
	for _, m := range mails {
		size := len(m.parts.HTML)
		if largest, whole = max(largest, size), max(whole, len(m.raw)); size > wantedSize {
			t.Errorf("%s: %d octets of HTML, want %d; Gmail clips at %d", m.name, size, wantedSize, clipped)
		}
		sheets := 0
		for _, sheet := range regexp.MustCompile(`(?s)<style>.*?</style>`).FindAllString(m.parts.HTML, -1) {
			sheets += len(sheet)
		}
		if sheets > 8<<10 {
			t.Errorf("%s: %d octets of style sheets; Gmail drops those over 16 KB", m.name, sheets)
		}
	}
	t.Logf("size: the largest HTML has %d octets, the largest mail %d", largest, whole)
}

var (
	hrefs     = regexp.MustCompile(`\b(href|src|action|background)="([^"]*)"`)
	addresses = regexp.MustCompile(`[a-z]+://[^\s<>"]+`)
	// Where a link may lead: to a page of ours, by its route. That each answers is
	// tested with the pages.
	pageOfOurs = regexp.MustCompile(`^https://letters\.example\.org/((checkin|u|me|undo|confirm|choose)/[a-z0-9]{40,}|lines)$`)
)

// proveLinks: every link of both parts leads to a page of ours, to a help line of
// the course, or stops by mail; nothing is loaded.
func proveLinks(t *testing.T, m proved) {
	var all []string
	for _, found := range hrefs.FindAllStringSubmatch(m.parts.HTML, -1) {
		if found[1] != "href" {
			t.Errorf("%s loads %s", m.name, found[2])
		}
		all = append(all, html.UnescapeString(found[2]))
	}
	if len(all) == 0 {
		t.Errorf("%s has no link", m.name)
	}
	all = append(all, addresses.FindAllString(m.parts.Text, -1)...)
	for _, header := range strings.Split(m.parts.GetHeader("List-Unsubscribe"), ", ") {
		if header != "" {
			all = append(all, strings.Trim(header, "<>"))
		}
	}
	for _, link := range all {
		if !leadsHome(m.letter, link) {
			t.Errorf("%s leads to %s", m.name, link)
		}
	}
}

func leadsHome(l Letter, link string) bool {
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	if link == "mailto:"+l.ReplyTo+"?subject=stop" {
		return true
	}
	u.RawQuery, u.Fragment = "", ""
	return pageOfOurs.MatchString(u.String()) || helps(l.Course, link)
}

// helps reports whether a link is one of the help lines that a mail may show.
func helps(c *course.Course, link string) bool {
	for _, lines := range []map[string][]course.HelpLine{c.Help, anywhere()} {
		for _, country := range lines {
			for _, line := range country {
				for _, word := range strings.Fields(line.Contact) {
					if word = strings.Trim(word, ",;()"); strings.TrimSuffix(link, "/") == "https://"+strings.TrimPrefix(word, "https://") {
						return true
					}
				}
			}
		}
	}
	return false
}
