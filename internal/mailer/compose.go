package mailer

import (
	"bytes"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"net/url"
	"strings"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// Composer makes mails. It is safe for concurrent use.
type Composer struct {
	house    House
	layout   *htmltemplate.Template
	words    map[string]words
	texts    map[string]map[string]course.Text // built in, by name, then by language
	receipts map[string]receiptWords
	alert    alertText
	markdown *markdown
}

// NewComposer reads the layout, its words and the built-in texts from the
// folder mail of the templates, once. Its errors are those of the files or of
// a house that could not send.
func NewComposer(templates fs.FS, house House) (*Composer, error) {
	if err := house.check(); err != nil {
		return nil, err
	}
	layout, err := readLayout(templates)
	if err != nil {
		return nil, fmt.Errorf("read the mails' layout: %w", err)
	}
	c := &Composer{house: house, layout: layout, markdown: newMarkdown(light())}
	if c.words, err = readWords(templates); err != nil {
		return nil, err
	}
	if c.texts, err = readTexts(templates); err != nil {
		return nil, err
	}
	if c.alert, err = readAlert(templates); err != nil {
		return nil, err
	}
	if c.receipts, err = readReceipts(templates); err != nil {
		return nil, err
	}
	for _, kind := range builtInKinds() {
		if _, ok := c.texts[kind][builtIn]; !ok {
			return nil, fmt.Errorf("mail/%s.md is missing", kind)
		}
	}
	return c, nil
}

func builtInKinds() []string {
	return []string{
		KindConfirm, KindChoice, string(pacing.KindReminder), string(pacing.KindOpenDoor),
		string(pacing.KindAskAgain), string(pacing.KindWelcomeBack), string(pacing.KindEnd),
	}
}

// Compose makes the bytes of a mail, with CRLF line ends, ready to be signed
// and sent. It is pure: the same Letter gives the same bytes. It fails for a
// letter that no course has, for an address that could not stand in a header,
// and where the author's words cannot be rendered.
func (c *Composer) Compose(l Letter) ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("compose %s: %w", l.Kind, err)
	}
	content, err := c.content(l)
	if err != nil {
		return nil, fmt.Errorf("compose %s: %w", l.Kind, err)
	}
	s, err := c.sheet(l, content)
	if err != nil {
		return nil, fmt.Errorf("compose %s: %w", l.Kind, err)
	}
	var html bytes.Buffer
	if err := c.layout.Execute(&html, s); err != nil {
		return nil, fmt.Errorf("compose %s: %w", l.Kind, err)
	}
	raw, err := c.write(l, s, s.text(), html.String())
	if err != nil {
		return nil, fmt.Errorf("compose %s: %w", l.Kind, err)
	}
	return raw, nil
}

// Subject gives the subject that Compose writes. Nothing of the reader's
// stands in it.
func (c *Composer) Subject(l Letter) (string, error) {
	content, err := c.content(l)
	if err != nil {
		return "", fmt.Errorf("subject of %s: %w", l.Kind, err)
	}
	return content.subject(), nil
}

// content is what an author gave for a mail.
type content struct {
	text     course.Text
	language string // that the text is really in
	builtIn  bool
	lesson   *course.Lesson // nil for account mails
	question string
}

func (c content) subject() string { return clip(oneLine(c.text.Subject), maxSubject) }

// maxSubject is how many characters of a subject go out; lint wants far fewer.
const maxSubject = 200

func (c *Composer) content(l Letter) (content, error) {
	if l.Course == nil {
		return content{}, errors.New("the letter has no course")
	}
	if l.Kind == KindReceipt {
		return c.receipt(l)
	}
	var found content
	if !account(l.Kind) {
		lesson := findLesson(l.Course, l.Track, l.Lesson)
		if lesson == nil {
			return content{}, fmt.Errorf("course %s has no lesson %s/%s", l.Course.ID, l.Track, l.Lesson)
		}
		found.lesson = lesson
	}
	if l.Kind == string(pacing.KindLesson) || practice(l.Kind) {
		text, tag, ok := pick(found.lesson.Texts, l.Language, l.Course.Language)
		if !ok {
			return content{}, fmt.Errorf("lesson %s/%s has no text", l.Track, l.Lesson)
		}
		found.text, found.language, found.question = text, tag, text.Question
		return found, nil
	}
	text, tag, ok := pick(l.Course.Mails[l.Kind], l.Language, l.Course.Language)
	if !ok {
		text, tag, ok = pick(c.texts[l.Kind], l.Language, l.Course.Language, builtIn)
		found.builtIn = true
	}
	if !ok {
		return content{}, fmt.Errorf("there is no mail of the kind %q", l.Kind)
	}
	found.text, found.language = text, tag
	if found.lesson != nil {
		asked, _, _ := pick(found.lesson.Texts, tag, l.Course.Language)
		found.question = asked.Question
	}
	return found, nil
}

func findLesson(c *course.Course, track, lesson string) *course.Lesson {
	t := c.Track(track)
	if t == nil {
		return nil
	}
	return t.Letter(lesson)
}

// body renders the author's words for the reader and parts the safety footer
// from them, so that the question can stand before it.
func (c *Composer) body(l Letter, from content) (body, footer string, err error) {
	in := course.Rendering{Name: plainName(l.Name), Country: l.Country, Language: from.language, Solo: l.Solo}
	if l.Kind == KindReceipt && len(l.Course.Help[l.Country])+len(l.Course.Help[""]) == 0 {
		in.Help = anywhere()
	}
	if body, err = l.Course.Render(from.text, in); err != nil {
		return "", "", err
	}
	body = strings.TrimSpace(body)
	// A course without a footer has none to part: lint has said so already.
	footer, err = l.Course.Render(course.Text{File: "footer", Body: `{{snippet "footer"}}`}, in)
	if footer = strings.TrimSpace(footer); err != nil || footer == "" {
		return body, "", nil
	}
	if rest, ok := strings.CutSuffix(body, footer); ok {
		return strings.TrimSpace(rest), footer, nil
	}
	if l.Kind == KindReceipt || from.builtIn && !account(l.Kind) {
		return body, footer, nil
	}
	return body, "", nil
}

// answerURL is the page of an answer: opening it changes nothing.
func answerURL(page string, answer course.Answer) (string, error) {
	u, err := url.Parse(page)
	if err != nil {
		return "", errors.New("the link of the check-in is no address")
	}
	q := u.Query()
	q.Set("answer", string(answer))
	u.RawQuery = q.Encode()
	return u.String(), nil
}
