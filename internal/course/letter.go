package course

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The subject's bounds, in characters: phones cut it after about 60.
const (
	goodSubject = 60
	mostSubject = 120
)

// letter is one Markdown file with front matter, lesson or mail.
type letter struct {
	id      word // of a lesson
	top     place
	text    Text
	checkIn *CheckIn
	covers  []word

	asked     place // of check_in
	kindAt    place // of its kind, when given
	answersAt place // of its answers, when given
}

// split parts a file into its front matter and its body; bodyLine is the line
// on which the body begins.
func split(name string, source []byte, report *Report) (front, body []byte, bodyLine int, ok bool) {
	const fence = "---"
	first, rest, _ := bytes.Cut(source, []byte("\n"))
	if string(bytes.TrimRight(first, " \t")) != fence {
		report.fail(place{name, 1, 1}, "no-front-matter", "the file does not begin with ---", "begin it with ---, the keys such as subject:, and --- again")
		return nil, nil, 0, false
	}
	front = rest
	for line, offset := 2, 0; offset < len(rest); line++ {
		text, _, _ := bytes.Cut(rest[offset:], []byte("\n"))
		if string(bytes.TrimRight(text, " \t")) == fence {
			body = rest[min(len(rest), offset+len(text)+1):]
			return front[:offset], body, line + 1, true
		}
		offset += len(text) + 1
	}
	report.fail(place{name, 1, 1}, "no-front-matter", "the front matter that begins here has no end", "close it with a line of ---")
	return nil, nil, 0, false
}

// readLetter reads a lesson, or a mail that is none. It gives what it can even
// after faults; nil when the front matter cannot be read at all.
func readLetter(name string, source []byte, lesson bool, report *Report) *letter {
	front, body, line, ok := split(name, source, report)
	if !ok {
		return nil
	}
	l := &letter{top: place{name, 1, 1}, text: Text{File: name, Line: line, Body: string(body)}}
	if strings.TrimSpace(l.text.Body) == "" {
		report.fail(place{name, line, 1}, "empty-body", "there is no text below the front matter", "write the letter")
	}
	checkMarkdown(l.text.Body, place{name, line, 1}, report)
	y := &yamlFile{name: name, before: 1, report: report}
	root := y.parse(front)
	if root == nil {
		return l
	}
	required, optional := []string{"subject"}, []string{"title"}
	if lesson {
		required, optional = []string{"id", "subject"}, []string{"title", "check_in", "covers"}
	}
	m, ok := y.record(root, "the front matter", required, optional)
	if !ok {
		return l
	}
	if subject, ok := m.line("subject"); ok {
		m.subject(subject)
		l.text.Subject = subject.text
	}
	title, _ := m.line("title")
	l.text.Title = title.text
	if !lesson {
		return l
	}
	l.id, _ = m.slug("id")
	if m.fields["covers"] != nil {
		l.covers, _ = m.words("covers", "[S0-P1, S2-1a]")
	}
	if m.fields["check_in"] != nil {
		l.readCheckIn(m)
	}
	return l
}

func (m *mapping) subject(w word) {
	const remedy = "write at most 60 characters: phones cut the rest"
	switch n := utf8.RuneCountInString(w.text); {
	case n > mostSubject:
		m.report.fail(w.at, "long-subject", fmt.Sprintf("the subject has %d characters", n), remedy)
	case n > goodSubject:
		m.report.warn(w.at, "long-subject", fmt.Sprintf("the subject has %d characters", n), remedy)
	}
}

// answersOf lists what each kind of check-in offers, unless a lesson offers less.
func answersOf(kind CheckInKind) []Answer {
	if kind == CheckInSafety {
		return []Answer{AnswerYes, AnswerNo, AnswerUnsure}
	}
	return []Answer{AnswerReady, AnswerNotYet}
}

func (l *letter) readCheckIn(m *mapping) {
	c, ok := m.record(m.fields["check_in"], "the check-in", []string{"question"}, []string{"kind", "answers"})
	l.asked = m.at(m.fields["check_in"])
	if !ok {
		return
	}
	question, _ := c.line("question")
	l.text.Question = question.text
	l.checkIn = &CheckIn{Kind: CheckInPace}
	if kind, ok := c.choice("kind", string(CheckInPace), string(CheckInSafety)); ok {
		l.checkIn.Kind, l.kindAt = CheckInKind(kind.text), kind.at
	}
	l.checkIn.Answers = answersOf(l.checkIn.Kind)
	words, ok := c.words("answers", "[ready, not-yet]")
	if !ok {
		return
	}
	l.answersAt = c.at(c.fields["answers"])
	known := make([]string, 0, 3)
	for _, a := range l.checkIn.Answers {
		known = append(known, string(a))
	}
	l.checkIn.Answers = nil
	for _, w := range words {
		switch {
		case !slices.Contains(known, w.text):
			m.report.fail(w.at, "unknown-value", fmt.Sprintf("%s is no answer to a check-in of the kind %s", quoted(w.text), l.checkIn.Kind), oneOf(w.text, known))
		case slices.Contains(l.checkIn.Answers, Answer(w.text)):
			m.report.fail(w.at, "duplicate-id", fmt.Sprintf("the answer %q stands here twice", w.text), "keep one of the two")
		default:
			l.checkIn.Answers = append(l.checkIn.Answers, Answer(w.text))
		}
	}
}

// fits reports whether a translation's check-in says nothing else than the
// default language's, and if not, where.
func (l *letter) fits(original *CheckIn) (place, bool) {
	if l.kindAt.line != 0 && l.checkIn.Kind != original.Kind {
		return l.kindAt, false
	}
	if l.answersAt.line != 0 && !sameAnswers(l.checkIn.Answers, original.Answers) {
		return l.answersAt, false
	}
	return place{}, true
}

func sameAnswers(a, b []Answer) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
