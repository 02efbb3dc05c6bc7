package mailer

import (
	"errors"
	"html/template"
	"strings"
	"unicode/utf8"

	"longroad/internal/course"
)

// sheet is one mail before it is laid out: what both parts say.
type sheet struct {
	Language, Direction string // of the author's words
	Subject, Sender     string
	Opening             string // neutral; it is what a lock screen shows
	Body, Safety        template.HTML
	bodyText, footText  string
	When                string // of a receipt: the dates that are settled
	Ask                 *ask
	Reason              string
	Change, Stop        *button
	Postal              []string
	// WordsLanguage is the layout's own language, where it lacks the author's.
	WordsLanguage, WordsDirection string
	Light, Dark                   scheme
}

// ask is the question at a letter's end, with its buttons.
type ask struct {
	Question string
	Buttons  []button
	Note     string
	Main     bool // the mail is there for its button; answers all look alike
}

// practiceSection is the part of the preferences page that is about practice
// letters.
const practiceSection = "#practice"

type button struct{ Label, URL string }

// sheet fills the layout for a letter.
func (c *Composer) sheet(l Letter, from content) (sheet, error) {
	words, wordsTag, _ := pick(c.words, from.language, builtIn)
	s := sheet{
		Language: from.language, Direction: direction(from.language),
		Subject: from.subject(), Sender: clip(oneLine(l.Course.Sender), maxName),
		WordsLanguage: wordsTag, WordsDirection: direction(wordsTag),
		Light: light(), Dark: dark(),
	}
	for line := range strings.SplitSeq(strings.TrimSpace(c.house.PostalAddress), "\n") {
		s.Postal = append(s.Postal, oneLine(line))
	}
	body, footer, err := c.body(l, from)
	if err != nil {
		return sheet{}, err
	}
	// What a list of mails shows before the author's words; a receipt has no title.
	if err := c.render(&s, from, body, footer, utf8.RuneCountInString(s.Sender+words.Opening)); err != nil {
		return sheet{}, err
	}
	reason := words.Reason
	switch l.Kind {
	case KindConfirm:
		reason = words.ReasonConfirm
		s.Ask = &ask{Buttons: []button{{words.Confirm, l.Links.Confirm}}, Note: words.ConfirmNote, Main: true}
	case KindChoice:
		reason = words.ReasonChoice
		s.Ask = &ask{Buttons: []button{{words.Choose, l.Links.Choose}}, Note: words.ChooseNote, Main: true}
	default:
		s.Opening = words.Opening
		s.Stop = &button{words.Stop, l.Links.Unsubscribe}
		switch {
		case practice(l.Kind):
			s.Change = &button{words.NoPractice, l.Links.Preferences + practiceSection}
		case l.Links.CheckIn != "" && end(l.Kind):
			s.Change = &button{words.Again, l.Links.CheckIn}
		case l.Links.CheckIn != "":
			s.Change = &button{words.Change, l.Links.CheckIn}
		}
		switch {
		case l.Kind == KindReceipt:
			reason, err = c.fillReceipt(&s, l, from, words)
		case !end(l.Kind):
			s.Ask, err = question(l, from, words)
		}
		if err != nil {
			return sheet{}, err
		}
	}
	if s.Reason, err = fill(reason, s.Sender); err != nil {
		return sheet{}, err
	}
	s.setQuotes()
	return s, nil
}

// render writes the author's words for both parts; shown is how many characters
// stand before them.
func (c *Composer) render(s *sheet, from content, body, footer string, shown int) error {
	body, footer = quotes(s.Language, body), quotes(s.Language, footer)
	letter, safety := c.markdown.parse(body), c.markdown.parse(footer)
	letter.entitle(quotes(s.Language, oneLine(from.text.Title)), shown)
	s.bodyText, s.footText = plainText(letter.doc, letter.source), plainText(safety.doc, safety.source)
	var err error
	if s.Body, err = c.markdown.html(letter, s.Direction); err != nil {
		return err
	}
	s.Safety, err = c.markdown.html(safety, s.Direction)
	return err
}

// question is the check-in of the letter's lesson, or nil where that asks
// nothing.
func question(l Letter, from content, words words) (*ask, error) {
	if from.lesson == nil || !from.lesson.Asks() {
		return nil, nil
	}
	if l.Links.CheckIn == "" {
		return nil, errors.New("the letter asks, but has no link to its check-in")
	}
	kind := from.lesson.CheckIn.Kind
	if kind == "" {
		kind = course.CheckInPace
	}
	a := &ask{Question: oneLine(from.question), Note: words.Reply[kind]}
	for _, answer := range from.lesson.CheckIn.Answers {
		page, err := answerURL(l.Links.CheckIn, answer)
		if err != nil {
			return nil, err
		}
		a.Buttons = append(a.Buttons, button{words.Answers[answer], page})
	}
	return a, nil
}

// setQuotes does for the layout's own words what render does for the author's.
func (s *sheet) setQuotes() {
	for _, words := range []*string{&s.Opening, &s.When, &s.Reason} {
		*words = quotes(s.WordsLanguage, *words)
	}
	if s.Ask != nil {
		s.Ask.Question, s.Ask.Note = quotes(s.Language, s.Ask.Question), quotes(s.WordsLanguage, s.Ask.Note)
	}
}

// text lays the mail out as plain text, complete in itself.
func (s sheet) text() string {
	var blocks []string
	add := func(lines ...string) {
		if text := strings.Join(lines, "\n"); text != "" {
			blocks = append(blocks, text)
		}
	}
	add(append(wrap(s.Sender, plainWidth), wrap(s.Opening, plainWidth)...)...)
	add(s.bodyText)
	add(wrap(s.When, plainWidth)...)
	if s.Ask != nil {
		add(lane)
		add(heading(s.Ask.Question, 2, plainWidth)...)
		for _, b := range s.Ask.Buttons {
			add(b.lines()...)
		}
		add(wrap(s.Ask.Note, plainWidth)...)
	}
	if s.footText != "" {
		add(lane)
		add(s.footText)
	}
	add(lane)
	add(wrap(s.Reason, plainWidth)...)
	for _, b := range []*button{s.Change, s.Stop} {
		if b != nil {
			add(b.lines()...)
		}
	}
	add(s.Postal...)
	return strings.Join(blocks, "\n\n") + "\n"
}

// lines writes a button as its words and, on a line of its own, its address.
func (b button) lines() []string {
	return append(wrap(b.Label+":", plainWidth), b.URL)
}
