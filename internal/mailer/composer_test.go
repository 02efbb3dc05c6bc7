package mailer

import (
	"bytes"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jhillyerd/enmime/v2"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/templates"
)

func mailFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(templates.FS, "mail", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(templates.FS, path)
		files[path] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestNewComposer refuses whatever would only show when a mail is due.
func TestNewComposer(t *testing.T) {
	t.Parallel()
	houses := map[string]func(*House){
		"the sender's address": func(h *House) { h.From = "Letters <letters@letters.example.org>" },
		"the postal address":   func(h *House) { h.PostalAddress = " \n" },
		"the list's id":        func(h *House) { h.ListID = "letters example" },
	}
	for part, spoil := range houses {
		h := testHouse()
		spoil(&h)
		if _, err := NewComposer(templates.FS, h); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: the error is %v", part, err)
		}
	}
	words := string(mailFiles(t)["mail/words.yaml"].Data)
	files := map[string]struct {
		path, content string
		says          string
	}{
		"no layout":       {"mail/letter.html", "", "layout"},
		"broken layout":   {"mail/letter.html", "{{.Nope", "layout"},
		"no words":        {"mail/words.yaml", "", "words"},
		"no English":      {"mail/words.yaml", strings.Replace(words, "\nen:", "\nfr:", 1), "en is missing"},
		"a missing word":  {"mail/words.yaml", strings.Replace(words, "  stop:", "  #", 1), "stop is missing"},
		"a missing label": {"mail/words.yaml", strings.Replace(words, "    ready:", "    #", 1), "answers.ready is missing"},
		"an unknown word": {"mail/words.yaml", words + "  pause: Pause\n", "pause"},
		"a broken word":   {"mail/words.yaml", strings.Replace(words, "{{.Sender}} and", "{{.Name}} and", 1), "Name"},
		"no reminder":     {"mail/reminder.md", "", "mail/reminder.md is missing"},
		"no end":          {"mail/end.md", "", "mail/end.md is missing"},
		"no front matter": {"mail/reminder.md", "Hello", "front matter"},
		"no subject":      {"mail/reminder.md", "---\nsubject: \"\"\n---\nHello", "subject is missing"},
		"unknown key":     {"mail/reminder.md", "---\ntitle: x\n---\nHello", "title"},
	}
	for name, c := range files {
		tree := maps.Clone(mailFiles(t))
		if c.content == "" {
			delete(tree, c.path)
		} else {
			tree[c.path] = &fstest.MapFile{Data: []byte(c.content)}
		}
		if _, err := NewComposer(tree, testHouse()); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// TestSolo: words for readers on their own come to them alone, in every mail.
func TestSolo(t *testing.T) {
	t.Parallel()
	composer, err := NewComposer(templates.FS, testHouse())
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]course.Text{"en": {Subject: "A note", Body: "{{if .Solo}}By yourself.{{else}}Together.{{end}}"}}
	for _, solo := range []bool{false, true} {
		l := testLetter(string(pacing.KindReminder), "name-the-break", "Ann")
		l.Course.Mails, l.Solo = map[string]map[string]course.Text{"reminder": words}, solo
		raw, err := composer.Compose(l)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(raw), "By yourself."); got != solo {
			t.Errorf("solo %v: words for readers on their own stand in the mail: %v", solo, got)
		}
		if strings.Contains(string(raw), "Together.") == solo {
			t.Errorf("solo %v: the other words are wrong", solo)
		}
	}
}

// TestWhoseWords: the course's text in the reader's language, else in its own;
// the built-in one, with the course's safety footer, where it has none.
func TestWhoseWords(t *testing.T) {
	t.Parallel()
	tree := mailFiles(t)
	tree["mail/de/reminder.md"] = &fstest.MapFile{Data: []byte("---\nsubject: Eine Notiz\n---\nGuten Tag,\n\nvon uns.\n")}
	words := string(tree["mail/words.yaml"].Data)
	tree["mail/words.yaml"] = &fstest.MapFile{Data: []byte(words + strings.NewReplacer(
		"\nen:", "\nde:", "Stop these letters", "Keine Briefe mehr",
	).Replace(words[strings.Index(words, "\nen:"):]))}
	composer, err := NewComposer(tree, testHouse())
	if err != nil {
		t.Fatal(err)
	}
	reminders := map[string]course.Text{"en": {Subject: "Ours", Body: "Hello, ours."}, "fr": {Subject: "À nous", Body: "Bonjour."}}
	cases := map[string]struct {
		language string
		mails    map[string]map[string]course.Text
		subject  string
		tag      string
		says     []string
		lacks    string
	}{
		"built in":               {"en", nil, "A note about your last letter", "en", []string{"no date on it", "In danger?", "Stop these letters"}, "Ours"},
		"built in, German":       {"de-AT", nil, "Eine Notiz", "de", []string{"von uns", "In danger?", "Keine Briefe mehr"}, "no date"},
		"the course's":           {"en", map[string]map[string]course.Text{"reminder": reminders}, "Ours", "en", []string{"Hello, ours."}, "In danger?"},
		"the course's, French":   {"fr-CA", map[string]map[string]course.Text{"reminder": reminders}, "À nous", "fr", []string{"Bonjour.", "Stop these letters"}, "Hello, ours"},
		"the course's, fallback": {"de", map[string]map[string]course.Text{"reminder": reminders}, "Ours", "en", []string{"Hello, ours."}, "von uns"},
	}
	for name, c := range cases {
		l := testLetter(string(pacing.KindReminder), "name-the-break", "Ann")
		l.Language, l.Course.Mails = c.language, c.mails
		raw, err := composer.Compose(l)
		if err != nil {
			t.Fatal(err)
		}
		mail, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if subject, err := composer.Subject(l); err != nil || subject != c.subject || mail.GetHeader("Subject") != c.subject {
			t.Errorf("%s: the subject is %q or %q, %v", name, subject, mail.GetHeader("Subject"), err)
		}
		if tag := mail.GetHeader("Content-Language"); tag != c.tag {
			t.Errorf("%s: the language is %s", name, tag)
		}
		for _, said := range c.says {
			if !strings.Contains(mail.Text, said) || !strings.Contains(mail.HTML, said) {
				t.Errorf("%s: %q is missing", name, said)
			}
		}
		if strings.Contains(mail.Text, c.lacks) {
			t.Errorf("%s: %q stands in it", name, c.lacks)
		}
	}
	if _, err := composer.Subject(Letter{Kind: "farewell", Course: testCourse()}); err == nil {
		t.Error("an unknown kind has a subject")
	}
}

// TestQuestionBeforeFooter: the buttons come right after the letter, and the
// safety footer after them.
func TestQuestionBeforeFooter(t *testing.T) {
	t.Parallel()
	mail, err := enmime.ReadEnvelope(bytes.NewReader(compose(t, testLetter(string(pacing.KindLesson), "name-the-break", "Ann"))))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{mail.Text, readPage(t, []byte(mail.HTML)).words} {
		at := 0
		for _, said := range []string{"Dear Ann", "Today is", "no <b>", "Say", "What broke?", "Ready", "Not yet", "reply to this letter", "In danger?", "999", "You get this", "Stop these", "Exampleton"} {
			i := strings.Index(part[at:], said)
			if i < 0 {
				t.Fatalf("%q is missing or out of place", said)
			}
			at += i
		}
	}
}

// TestAddressesInHeaders: domains are written in ASCII.
func TestAddressesInHeaders(t *testing.T) {
	t.Parallel()
	l := testLetter(string(pacing.KindLesson), "name-the-break", "Ann")
	l.To = "ann@bücher.example"
	if raw := compose(t, l); !bytes.Contains(raw, []byte("\r\nTo: <ann@xn--bcher-kva.example>\r\n")) {
		t.Error("the domain is not in ASCII")
	}
	l.Links.CheckIn = ""
	if _, err := testComposer(t).Compose(l); err == nil {
		t.Error("a question without a page was composed")
	}
}
