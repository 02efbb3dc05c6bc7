package mailer

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/templates"
)

var update = flag.Bool("update", false, "write the golden files anew")

func testHouse() House {
	return House{From: "letters@letters.example.org", PostalAddress: "Long Road\n1 Example Street\nExampleton", ListID: "letters.example.org"}
}

func testComposer(t testing.TB) *Composer {
	t.Helper()
	c, err := NewComposer(templates.FS, testHouse())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const testFooter = "These letters are education, not therapy.\n\nIn danger? Please talk to a person now:\n\n{{helplines}}"

const testBody = `Dear {{.Name | or "reader"}},

Today is about *words* and **deeds**. Some say that a line which is much longer than seventy-two columns has to be broken somewhere, & they are right.

### Ten minutes with a pen

1. Sit down.
2. Read [a page about it](https://help.example.net/page?a=1&b=2).
   - slowly
   - twice

> A quoted thought,
> of two lines.

Say **ready** when you are.\
Or not.

` + "```\ncode stays\n```" + `

{{snippet "footer"}}
`

// testCourse is a course of two tracks and as many languages as there are
// things to try.
func testCourse() *course.Course {
	return &course.Course{
		ID: "way", Title: "The way", Language: "en", Sender: "Long Road Letters",
		Snippets: map[string]map[string]string{"footer": {"en": testFooter}},
		Help: map[string][]course.HelpLine{
			"":   {{For: "Anywhere", Contact: "https://findahelpline.com"}},
			"GB": {{For: "Emergency", Contact: "999"}},
		},
		Tracks: []*course.Track{{ID: "offender", Stages: []*course.Stage{{Lessons: []*course.Lesson{
			{
				ID:      "name-the-break",
				CheckIn: &course.CheckIn{Kind: course.CheckInPace, Answers: []course.Answer{course.AnswerReady, course.AnswerNotYet}},
				Texts: map[string]course.Text{
					"en": {File: "name-the-break.md", Line: 10, Subject: "A pen and fifteen minutes", Title: `No "but" & no <b>`, Body: testBody, Question: "What broke? Say it in one plain sentence."},
					"ar": {File: "ar.md", Line: 10, Subject: "رسالة أولى", Title: "قبل الطريق", Body: "عزيزي {{.Name | or \"القارئ\"}},\n\nهذه رسالة.\n\n{{snippet \"footer\"}}", Question: "هل تريد المتابعة؟"},
				},
			},
			{
				ID:      "is-it-safe",
				CheckIn: &course.CheckIn{Kind: course.CheckInSafety, Answers: []course.Answer{course.AnswerYes, course.AnswerNo, course.AnswerUnsure}},
				Texts:   map[string]course.Text{"en": {File: "safe.md", Line: 5, Subject: "Grüße vom Weg: " + strings.Repeat("ein ruhiger langer Satz ", 6), Title: "Safe", Body: "Dear {{.Name | or \"reader\"}},\n\nBe safe.\n\n{{snippet \"footer\"}}", Question: "Do you feel safe?"}},
			},
			{
				ID:    "only-read",
				Texts: map[string]course.Text{"en": {File: "read.md", Line: 5, Subject: "Nothing to answer", Body: "No greeting here, and no question; " + strings.Repeat("x", 200)}},
			},
		}}}}},
	}
}

func testLetter(kind, lesson, name string) Letter {
	l := Letter{
		Kind: kind, Course: testCourse(), Track: "offender", Lesson: lesson, Language: "en", Country: "GB",
		Name: name, To: "reader@example.com",
		Date:         time.Date(2027, 3, 27, 9, 0, 0, 0, time.FixedZone("", 3600)),
		MessageID:    "k3q9x7c2m5@letters.example.org",
		ReplyTo:      "r-aeaqabzxk3q9x7c2m5p4t6w8y2aeaqabzxk3q9x7c2@reply.example.org",
		EnvelopeFrom: "b-aeaqabzxk3q9x7c2m5p4t6w8y2aeaqabzxk3q9x7c2@bounce.example.org",
		Links: Links{
			CheckIn:     "https://letters.example.org/checkin/aeaqabzxk3q9x7c2m5p4t6w8y2aeaqabzxk3q9x7c2",
			Unsubscribe: "https://letters.example.org/u/aeaqabzxk3q9x7c2m5p4t6w8y2aeaqabzxk3q9x7c2",
		},
	}
	switch kind {
	case KindConfirm:
		l.Lesson, l.Links = "", Links{Confirm: "https://letters.example.org/confirm/aeaqabzxk3q9x7c2m5p4t6w8y2aeaqabzxk3q9x7c2"}
	case KindChoice:
		l.Lesson, l.Links = "", Links{Choose: "https://letters.example.org/choose/aeaqabzxk3q9x7c2m5p4t6w8y2aeaqabzxk3q9x7c2"}
	case string(pacing.KindLesson):
	case KindReceipt:
		l.Thread = "thread@letters.example.org"
		l.Links.Undo = "https://letters.example.org/undo/aeaqabzxk3q9x7c2m5p4t6w8y2aeaqabzxk3q9x7c2"
		l.Links.Lines = "https://letters.example.org/lines?country=GB"
		l.Receipt = &Receipt{Told: "not-yet", Open: true, Answered: "their.own=id@mail.example.com",
			Asked: time.Date(2027, 4, 6, 9, 0, 0, 0, time.FixedZone("", 3600))}
	default:
		l.Thread = "thread@letters.example.org"
	}
	return l
}

// hostileNames are what people, or somebody else in their name, put into a form.
func hostileNames() map[string]string {
	return map[string]string{
		"plain":     "Ann",
		"empty":     "",
		"newlines":  "Ann\r\nBcc: victim@example.net\r\n\r\n<b>body</b>",
		"template":  `{{.Name}} {{snippet "footer"}} {{printf "%s" 1}} ${x}`,
		"html":      `<script>alert("x")</script><img src=https://evil.example/x.png>&amp;<!--`,
		"markdown":  "**Ann** [x](https://evil.example) ![y](https://evil.example/y.png)\n# Head\n> q\n`c`",
		"link":      "Win at https://evil.example/prize or www.evil.example or a@evil.example",
		"long":      strings.Repeat("Änne ", 60),
		"unbroken":  strings.Repeat("ß", 300),
		"rtl":       "\u202eevil\u202c עֲנָת \u2066x\u2069",
		"emoji":     "👩‍👩‍👧‍👦 Zoë 🏳️‍🌈",
		"zalgo":     "A" + strings.Repeat("\u0301", 300),
		"controls":  "A\x00\x1b[31mn\u0085n\u2028",
		"not utf-8": "A\xff\xfen",
		"cjk":       "山田太郎",
	}
}

func kinds() []string { return append(builtInKinds(), KindReceipt, string(pacing.KindLesson)) }

func compose(t testing.TB, l Letter) []byte {
	t.Helper()
	raw, err := testComposer(t).Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestGolden keeps whole mails as files, to be read in a mail program.
func TestGolden(t *testing.T) {
	t.Parallel()
	letters := map[string]Letter{}
	for _, kind := range kinds() {
		letters[kind] = testLetter(kind, "name-the-break", "Ann")
	}
	for name, hostile := range hostileNames() {
		if name != "plain" {
			letters["name-"+strings.ReplaceAll(name, " ", "-")] = testLetter(string(pacing.KindLesson), "name-the-break", hostile)
		}
	}
	letters["safety"] = testLetter(string(pacing.KindLesson), "is-it-safe", "")
	letters["no-question"] = testLetter(string(pacing.KindLesson), "only-read", "")
	rtl := testLetter(string(pacing.KindLesson), "name-the-break", "Ann")
	rtl.Language = "ar"
	letters["right-to-left"] = rtl
	for name, l := range letters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := compose(t, l)
			file := filepath.Join("testdata", name+".eml")
			if *update {
				if err := os.WriteFile(file, raw, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(raw, want) {
				t.Errorf("%s differs; run the test with -update and read the difference", file)
			}
		})
	}
}

func TestComposeIsPure(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		first := compose(t, testLetter(kind, "name-the-break", "Ann"))
		for range 20 { // maps are walked in another order every time
			if again := compose(t, testLetter(kind, "name-the-break", "Ann")); !bytes.Equal(first, again) {
				t.Fatalf("%s: the same letter gave other bytes", kind)
			}
		}
		other := testLetter(kind, "name-the-break", "Ann")
		other.MessageID = "another@letters.example.org"
		if bytes.Contains(compose(t, other), []byte(boundary("k3q9x7c2m5@letters.example.org"))) {
			t.Errorf("%s: two mails share a boundary", kind)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			l := testLetter(kind, "name-the-break", "Ann")
			msg, err := mail.ReadMessage(bytes.NewReader(compose(t, l)))
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{
				"From":                     `"Long Road Letters" <letters@letters.example.org>`,
				"To":                       "<reader@example.com>",
				"Reply-To":                 "<" + l.ReplyTo + ">",
				"Date":                     "Sat, 27 Mar 2027 08:00:00 +0000",
				"Message-Id":               "<" + l.MessageID + ">",
				"Mime-Version":             "1.0",
				"Auto-Submitted":           "auto-generated",
				"X-Auto-Response-Suppress": "All",
				"Content-Language":         "en",
				"List-Id":                  `"Long Road Letters" <letters.example.org>`,
				"Feedback-Id":              "way:" + kind + ":longroad",
				"Subject":                  msg.Header.Get("Subject"),
				"Content-Type":             "multipart/alternative; boundary=" + boundary(l.MessageID),
			}
			if l.Thread != "" {
				want["In-Reply-To"], want["References"] = "<"+l.Thread+">", "<"+l.Thread+">"
			}
			if kind == KindReceipt {
				want["Auto-Submitted"] = "auto-replied"
				want["In-Reply-To"], want["References"] = "<their.own=id@mail.example.com>", "<thread@letters.example.org> <their.own=id@mail.example.com>"
			}
			if !account(kind) {
				want["List-Unsubscribe"] = fmt.Sprintf("<%s>, <mailto:%s?subject=stop>", l.Links.Unsubscribe, l.ReplyTo)
				want["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
			}
			for name, values := range msg.Header {
				if len(values) != 1 {
					t.Errorf("%s stands %d times", name, len(values))
				}
				if values[0] != want[name] {
					t.Errorf("%s is %q, not %q", name, values[0], want[name])
				}
				delete(want, name)
			}
			for name := range want {
				t.Errorf("%s is missing", name)
			}
		})
	}
}

// TestHeaderInjection tries to write headers of one's own.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	refused := map[string]func(*Letter){
		"to":             func(l *Letter) { l.To = "a@example.com\r\nBcc: b@example.com" },
		"to with a name": func(l *Letter) { l.To = "Ann <a@example.com>" },
		"two":            func(l *Letter) { l.To = "a@example.com, b@example.com" },
		"reply":          func(l *Letter) { l.ReplyTo = "a@example.com\nX: y" },
		"message id":     func(l *Letter) { l.MessageID = "a@b>\r\nX: <y" },
		"thread":         func(l *Letter) { l.Thread = "a b@c" },
		"unsubscribe":    func(l *Letter) { l.Links.Unsubscribe = "https://x.example/>\r\nX: y" },
		"script":         func(l *Letter) { l.Links.CheckIn = "javascript:alert(1)" },
		"no unsubscribe": func(l *Letter) { l.Links.Unsubscribe = "" },
		"no date":        func(l *Letter) { l.Date = time.Time{} },
		"no such lesson": func(l *Letter) { l.Lesson = "nowhere" },
		"no such kind":   func(l *Letter) { l.Kind = "farewell" },
		"no course":      func(l *Letter) { l.Course = nil },
	}
	for name, spoil := range refused {
		l := testLetter(string(pacing.KindLesson), "name-the-break", "Ann")
		spoil(&l)
		if _, err := testComposer(t).Compose(l); err == nil {
			t.Errorf("%s was taken", name)
		} else if strings.Contains(err.Error(), "@example.com") {
			t.Errorf("%s: the error repeats an address: %v", name, err)
		}
	}
	l := testLetter(string(pacing.KindLesson), "name-the-break", "Ann\r\nBcc: x@example.net")
	text := l.Course.Tracks[0].Stages[0].Lessons[0].Texts["en"]
	text.Subject = "Quiet\r\nBcc: x@example.net\r\n\r\nbody"
	l.Course.Tracks[0].Stages[0].Lessons[0].Texts["en"] = text
	l.Course.Sender = "Long\r\nBcc: x@example.net"
	msg, err := mail.ReadMessage(bytes.NewReader(compose(t, l)))
	if err != nil {
		t.Fatal(err)
	}
	if msg.Header.Get("Bcc") != "" {
		t.Error("a header was injected")
	}
	if got := msg.Header.Get("Subject"); got != "Quiet Bcc: x@example.net body" {
		t.Errorf("the subject is %q", got)
	}
	if _, err := io.ReadAll(msg.Body); err != nil {
		t.Fatal(err)
	}
}
