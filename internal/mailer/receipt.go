package mailer

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
	"time"

	"github.com/goccy/go-yaml"

	"longroad/internal/course"
)

// KindReceipt is our short answer to a reply. It never repeats what was written.
const KindReceipt = "receipt"

// Told is what a receipt tells: the name of its text.
type Told string

// What a receipt can tell. The other names are those of the words that a reader
// can say, where they were followed: ready, not-yet, slower …
const (
	ToldHeard    Told = "heard"     // that nothing was asked for, or that we could not tell what
	ToldSafety   Told = "safety"    // that a safety question was answered, not how
	ToldHelp     Told = "help"      // the help lines
	ToldHelpLink Told = "help-link" // where the help lines are
	// The answers to a mail that tells of danger: one text for every kind of it, in
	// nothing different from other receipts to who sees only its headers.
	ToldResources     Told = "resources"      // the help lines, and no more
	ToldResourcesLink Told = "resources-link" // where they are; none of them stands in the mail
	ToldSlowest       Told = "slowest"        // it cannot be slower
	ToldQuickest      Told = "quickest"       // it cannot be faster
	ToldStale         Told = "stale"          // a newer letter has come
	ToldLast          Told = "last"           // only the end is to come
	ToldCompleted     Told = "completed"      // no letter is left
	ToldResting       Told = "resting"        // nothing comes, whatever was said
	ToldUnchanged     Told = "unchanged"      // it was so already
)

// Receipt is what a mail of KindReceipt tells. Its times are in the reader's zone
// and zero where they are not settled; only their dates are told.
type Receipt struct {
	Told     Told
	Next     time.Time // the next letter comes not before
	Asked    time.Time // the question is asked again not before
	Paused   time.Time // nothing comes before
	Open     bool      // the letter that was answered asks, and its answer still counts
	Notes    bool      // what the reader writes is kept in a journal: they shall know, whoever began it
	Answered string    // Message-ID of the mail that it answers, without angle brackets; or ""
}

// resources reports whether it answers a mail that tells of danger.
func (r *Receipt) resources() bool { return r.Told == ToldResources || r.Told == ToldResourcesLink }

// anywhere is what a receipt shows where a course has no help lines.
func anywhere() map[string][]course.HelpLine {
	return map[string][]course.HelpLine{"": {{For: "Help in your country, in danger or in a crisis", Contact: "https://findahelpline.com"}}}
}

// receiptWords are the words of receipts, in one language.
type receiptWords struct {
	Subject   string          `yaml:"subject"`
	Opening   string          `yaml:"opening"`
	Reason    string          `yaml:"reason"`
	Safety    string          `yaml:"safety"` // where the course has no footer
	Date      string          `yaml:"date"`   // as package time writes layouts
	Next      string          `yaml:"next"`
	Asked     string          `yaml:"asked"`
	Paused    string          `yaml:"paused"`
	Notes     string          `yaml:"notes"`
	Undo      string          `yaml:"undo"`
	UndoNote  string          `yaml:"undo_note"`
	Page      string          `yaml:"page"`
	PageNote  string          `yaml:"page_note"`
	Lines     string          `yaml:"lines"`
	LinesNote string          `yaml:"lines_note"`
	Told      map[Told]string `yaml:"told"`
}

// receiptNames are the texts that there must be.
func receiptNames() []Told {
	return []Told{
		ToldHeard, ToldSafety, ToldHelp, ToldHelpLink, ToldResources, ToldResourcesLink, ToldSlowest, ToldQuickest, ToldStale, ToldLast, ToldCompleted, ToldResting, ToldUnchanged,
		"ready", "not-yet", "slower", "faster", "pause", "resume", "repeat", "back", "practice-off", "practice-on",
	}
}

func readReceipts(files fs.FS) (map[string]receiptWords, error) {
	const file = "mail/receipts.yaml"
	raw, err := fs.ReadFile(files, file)
	if err != nil {
		return nil, fmt.Errorf("read the receipts' words: %w", err)
	}
	all := map[string]receiptWords{}
	if err := yaml.UnmarshalWithOptions(raw, &all, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	for tag, w := range all {
		if err := w.check(); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, tag, err)
		}
	}
	if _, ok := all[builtIn]; !ok {
		return nil, fmt.Errorf("%s: %s is missing", file, builtIn)
	}
	return all, nil
}

func (w receiptWords) check() error {
	for key, said := range map[string]string{
		"subject": w.Subject, "opening": w.Opening, "reason": w.Reason, "safety": w.Safety, "date": w.Date, "next": w.Next, "asked": w.Asked, "paused": w.Paused, "notes": w.Notes,
		"undo": w.Undo, "undo_note": w.UndoNote, "page": w.Page, "page_note": w.PageNote, "lines": w.Lines, "lines_note": w.LinesNote,
	} {
		if said == "" {
			return fmt.Errorf("%s is missing", key)
		}
	}
	for _, name := range receiptNames() {
		if w.Told[name] == "" {
			return fmt.Errorf("told.%s is missing", name)
		}
	}
	if _, err := fill(w.Reason, ""); err != nil {
		return err
	}
	_, err := w.on(w.Next+w.Asked+w.Paused, time.Unix(0, 0))
	return err
}

// on puts a date into a sentence.
func (w receiptWords) on(sentence string, at time.Time) (string, error) {
	t, err := template.New("date").Parse(sentence)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, struct{ Date string }{at.Format(w.Date)})
	return b.String(), err
}

// when tells the dates that are settled, in a sentence each, and whether notes are
// kept.
func (w receiptWords) when(r Receipt) (string, error) {
	var said []string
	for _, one := range []struct {
		sentence string
		at       time.Time
	}{{w.Paused, r.Paused}, {w.Asked, r.Asked}, {w.Next, r.Next}} {
		if one.at.IsZero() {
			continue
		}
		text, err := w.on(one.sentence, one.at)
		if err != nil {
			return "", err
		}
		said = append(said, text)
	}
	if r.Notes {
		said = append(said, w.Notes)
	}
	return strings.Join(said, " "), nil
}

// receipt is the text of a receipt: the course's own or the built-in one, under
// the subject of the letter that was answered.
func (c *Composer) receipt(l Letter) (content, error) {
	if l.Receipt == nil {
		return content{}, errors.New("the receipt does not say what to tell")
	}
	found := content{lesson: findLesson(l.Course, l.Track, l.Lesson)}
	text, tag, ok := pick(l.Course.Mails[KindReceipt+"-"+string(l.Receipt.Told)], l.Language, l.Course.Language)
	if !ok {
		var words receiptWords
		words, tag, _ = pick(c.receipts, l.Language, l.Course.Language, builtIn)
		text = course.Text{File: "mail/receipts.yaml", Subject: words.Subject, Body: words.Told[l.Receipt.Told]}
		found.builtIn = true
		if text.Body == "" {
			return content{}, fmt.Errorf("there is no receipt that tells %q", l.Receipt.Told)
		}
	}
	found.text, found.language = text, tag
	if found.lesson != nil {
		letter, _, _ := pick(found.lesson.Texts, l.Language, l.Course.Language)
		found.text.Subject, found.question = "Re: "+letter.Subject, letter.Question
	}
	return found, nil
}

// fillReceipt says in the sheet of a receipt what only receipts say.
func (c *Composer) fillReceipt(s *sheet, l Letter, from content, words words) (reason string, err error) {
	own, _, _ := pick(c.receipts, from.language, builtIn)
	s.Opening = own.Opening
	// The course's footer may hold help lines: they stand above it already, or
	// behind a link. This much is said in any case.
	if s.footText == "" || l.Receipt.resources() || l.Receipt.Told == ToldHelp || l.Receipt.Told == ToldHelpLink {
		safety := c.markdown.parse(own.Safety)
		s.footText = plainText(safety.doc, safety.source)
		if s.Safety, err = c.markdown.html(safety, s.WordsDirection); err != nil {
			return "", err
		}
	}
	if s.When, err = own.when(*l.Receipt); err != nil {
		return "", err
	}
	pace := from.lesson != nil && from.lesson.Asks() && from.lesson.CheckIn.Kind != course.CheckInSafety
	switch told := l.Receipt.Told; {
	case told == ToldHelpLink || told == ToldResourcesLink:
		s.Ask = &ask{Buttons: []button{{own.Lines, l.Links.Lines}}, Note: own.LinesNote}
	case told == ToldHeard && pace && l.Receipt.Open:
		s.Ask, err = question(l, from, words)
	case told == ToldHeard || told == ToldSafety:
		s.Ask = &ask{Buttons: []button{{own.Page, l.Links.CheckIn}}, Note: own.PageNote}
	case l.Links.Undo != "":
		s.Ask = &ask{Buttons: []button{{own.Undo, l.Links.Undo}}, Note: own.UndoNote}
	}
	return own.Reason, err
}

// answers are the headers by which a mail program puts a receipt under the mail
// that it answers, and knows it for an automatic one (RFC 3834, sections 3.1.5
// to 3.1.7).
func (l Letter) answers() []header {
	nearest, all := l.Thread, ""
	if l.Thread != "" {
		all = "<" + l.Thread + ">"
	}
	if id := l.Receipt.Answered; isMessageID(id) && id != l.Thread {
		nearest, all = id, strings.TrimSpace(all+" <"+id+">")
	}
	if nearest == "" {
		return nil
	}
	return []header{{"In-Reply-To", "<" + nearest + ">"}, {"References", all}}
}
