package mailer

import (
	"bytes"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"longroad/internal/course"
	"longroad/templates"
)

// TestReceipts keeps what each receipt says in one file, to be read as a whole.
func TestReceipts(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, told := range receiptNames() {
		l := testLetter(KindReceipt, "name-the-break", "Ann")
		l.Receipt.Told, l.Receipt.Asked, l.Links.Undo = told, time.Time{}, ""
		switch told {
		case "ready", "slower", "faster", "repeat", "back", "resume":
			l.Receipt.Next = time.Date(2027, 4, 6, 9, 0, 0, 0, time.UTC)
			l.Links.Undo = "https://letters.example.org/undo/x"
		case "pause":
			l.Receipt.Paused = time.Date(2027, 4, 26, 0, 0, 0, 0, time.UTC)
			l.Links.Undo = "https://letters.example.org/undo/x"
		case "not-yet":
			l.Receipt.Asked = time.Date(2027, 4, 6, 9, 0, 0, 0, time.UTC)
			l.Links.Undo = "https://letters.example.org/undo/x"
		}
		envelope, err := enmime.ReadEnvelope(bytes.NewReader(compose(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		body, _, _ := strings.Cut(envelope.Text, "These letters are education")
		if body == envelope.Text {
			t.Errorf("%s: the safety footer is missing", told)
		}
		if envelope.GetHeader("Subject") != "Re: A pen and fifteen minutes" {
			t.Errorf("%s: the subject is %q", told, envelope.GetHeader("Subject"))
		}
		all.WriteString("=== " + string(told) + "\n" + strings.ReplaceAll(body, "\r\n", "\n"))
	}
	file := filepath.Join("testdata", "receipts.txt")
	if *update {
		if err := os.WriteFile(file, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if all.String() != string(want) {
		t.Errorf("%s differs; run the test with -update and read the difference", file)
	}
}

// TestReceiptThreads: under the lesson and under what it answers, whatever the
// other mail program calls its mail.
func TestReceiptThreads(t *testing.T) {
	t.Parallel()
	const thread, own = "thread@letters.example.org", "a.b=c@mail.example.com"
	for name, c := range map[string]struct{ thread, answered, inReplyTo, references string }{
		"both":               {thread, own, "<" + own + ">", "<" + thread + "> <" + own + ">"},
		"no Message-ID":      {thread, "", "<" + thread + ">", "<" + thread + ">"},
		"no lesson":          {"", own, "<" + own + ">", "<" + own + ">"},
		"neither":            {"", "", "", ""},
		"a line break in it": {thread, "x@y>\r\nBcc: <z@example.net", "<" + thread + ">", "<" + thread + ">"},
		"too long":           {thread, strings.Repeat("x", 300) + "@y", "<" + thread + ">", "<" + thread + ">"},
	} {
		l := testLetter(KindReceipt, "name-the-break", "Ann")
		l.Thread, l.Receipt.Answered = c.thread, c.answered
		msg, err := mail.ReadMessage(bytes.NewReader(compose(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := msg.Header.Get("In-Reply-To"), msg.Header.Get("References"); a != c.inReplyTo || b != c.references {
			t.Errorf("%s: In-Reply-To %q, References %q", name, a, b)
		}
		if msg.Header.Get("Bcc") != "" {
			t.Errorf("%s: a header was injected", name)
		}
	}
}

// TestReceiptButtons: what a receipt offers, and what it never does.
func TestReceiptButtons(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lesson string
		change func(*Letter)
		says   []string
		lacks  []string
	}{
		"heard":                  {"name-the-break", func(l *Letter) { l.Receipt.Told = ToldHeard }, []string{"?answer=ready", "?answer=not-yet", "What broke?"}, []string{"/undo/"}},
		"heard, a newer came":    {"name-the-break", func(l *Letter) { l.Receipt.Told, l.Receipt.Open = ToldHeard, false }, []string{"Open the page"}, []string{"?answer="}},
		"heard, a safety letter": {"is-it-safe", func(l *Letter) { l.Receipt.Told = ToldHeard }, []string{"Open the page"}, []string{"?answer=", "Do you feel safe"}},
		"safety":                 {"is-it-safe", func(l *Letter) { l.Receipt.Told = ToldSafety }, []string{"Open the page"}, []string{"?answer=", "Do you feel safe", "/undo/"}},
		"help":                   {"name-the-break", func(l *Letter) { l.Receipt.Told, l.Links.Undo = ToldHelp, "" }, []string{"999"}, []string{"/undo/"}},
		"help, lines but once":   {"name-the-break", func(l *Letter) { l.Receipt.Told, l.Links.Undo = ToldHelp, "" }, []string{"education, not therapy"}, []string{"In danger? Please talk"}},
		"help by a link":         {"name-the-break", func(l *Letter) { l.Receipt.Told = ToldHelpLink }, []string{"/lines?country=GB", "education, not therapy"}, []string{"/undo/", "999"}},
		"no letter at all": {"", func(l *Letter) { l.Receipt.Told, l.Receipt.Open = ToldHeard, false },
			[]string{"About your mail", "Open the page"}, []string{"Re:"}},
		"no footer in the course": {"name-the-break", func(l *Letter) { l.Course.Snippets = nil }, []string{"education, not therapy", "Nobody watches replies"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := testLetter(KindReceipt, c.lesson, "Ann")
			c.change(&l)
			if l.Course.Snippets == nil { // a letter without it cannot be composed
				l.Course.Snippets = map[string]map[string]string{}
			}
			envelope, err := enmime.ReadEnvelope(bytes.NewReader(compose(t, l)))
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{envelope.GetHeader("Subject") + envelope.Text, envelope.GetHeader("Subject") + envelope.HTML} {
				for _, said := range append(c.says, "Stop these letters", "A short answer to your mail") {
					if !strings.Contains(part, said) {
						t.Errorf("%q is missing:\n%s", said, part)
					}
				}
				for _, never := range append(c.lacks, "You asked for these letters") {
					if strings.Contains(part, never) {
						t.Errorf("%q stands in it:\n%s", never, part)
					}
				}
			}
		})
	}
}

// TestReceiptLanguages: the course's words go before the built-in ones, which come
// in English where a language lacks them.
func TestReceiptLanguages(t *testing.T) {
	t.Parallel()
	composer, err := NewComposer(templates.FS, testHouse())
	if err != nil {
		t.Fatal(err)
	}
	l := testLetter(KindReceipt, "name-the-break", "Ann")
	l.Language = "ar"
	read := func() *enmime.Envelope {
		raw, err := composer.Compose(l)
		if err != nil {
			t.Fatal(err)
		}
		envelope, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return envelope
	}
	got := read()
	if got.GetHeader("Content-Language") != "en" || got.GetHeader("Subject") != "Re: رسالة أولى" || !strings.Contains(got.Text, "That is a good answer") {
		t.Errorf("built in: %s, %q\n%s", got.GetHeader("Content-Language"), got.GetHeader("Subject"), got.Text)
	}
	l.Course.Mails = map[string]map[string]course.Text{"receipt-not-yet": {"ar": {Subject: "x", Body: "حسنا."}}}
	got = read()
	if got.GetHeader("Content-Language") != "ar" || !strings.Contains(got.Text, "حسنا.") || !strings.Contains(got.Text, "not before Tuesday, 6 April 2027") ||
		!strings.Contains(got.Text, "In danger?") {
		t.Errorf("the course's: %s\n%s", got.GetHeader("Content-Language"), got.Text)
	}
}

// TestReceiptWords refuses what would only show when a receipt is due.
func TestReceiptWords(t *testing.T) {
	t.Parallel()
	words := string(mailFiles(t)["mail/receipts.yaml"].Data)
	for name, c := range map[string]struct{ content, says string }{
		"no file":         {"", "receipts"},
		"no English":      {strings.Replace(words, "\nen:", "\nfr:", 1), "en is missing"},
		"a missing text":  {strings.Replace(words, "    slowest:", "    slowerest:", 1), "told.slowest is missing"},
		"a missing word":  {strings.Replace(words, "  undo:", "  #", 1), "undo is missing"},
		"an unknown word": {words + "  hurry: up\n", "hurry"},
		"a broken date":   {strings.Replace(words, "before {{.Date}}", "before {{.Day}}", 1), "Day"},
	} {
		tree := fstest.MapFS(mailFiles(t))
		if delete(tree, "mail/receipts.yaml"); c.content != "" {
			tree["mail/receipts.yaml"] = &fstest.MapFile{Data: []byte(c.content)}
		}
		if _, err := NewComposer(tree, testHouse()); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	l := testLetter(KindReceipt, "name-the-break", "Ann")
	l.Receipt = nil
	if _, err := testComposer(t).Compose(l); err == nil {
		t.Error("a receipt that tells nothing was composed")
	}
}

// TestCoursesWordReceipts: a course may have its own text for every receipt.
func TestCoursesWordReceipts(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"course.yaml": {Data: []byte("course: way\ntitle: Way\nlanguage: en\nsender: Letters\nwindow: {days: [mon], at: \"09:00\", until: \"20:00\"}\n" +
			"tracks:\n  offender:\n    title: One\n    stages:\n      - {id: only, title: Only, gap: 3d, gate: ready, lessons: [a]}\n")},
		"_snippets/footer.md": {Data: []byte("Be safe.\n")},
		"offender/a.md":       {Data: []byte("---\nid: a\nsubject: A letter\ncheck_in: {question: Ready?}\n---\nHello. {{snippet \"footer\"}}\n")},
	}
	for _, told := range receiptNames() {
		tree["_mails/receipt-"+string(told)+".md"] = &fstest.MapFile{Data: []byte("---\nsubject: An answer\n---\nOur own words on " + string(told) + ".\n")}
	}
	c, report := course.Load(tree)
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	for _, told := range receiptNames() {
		l := testLetter(KindReceipt, "a", "Ann")
		l.Course, l.Receipt.Told = c, told
		envelope, err := enmime.ReadEnvelope(bytes.NewReader(compose(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(envelope.Text, "Our own words on "+string(told)) || !strings.Contains(envelope.Text, "Be safe.") && !strings.Contains(envelope.Text, "education, not therapy") {
			t.Errorf("%s:\n%s", told, envelope.Text)
		}
	}
}
