package mailer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/language"

	"longroad/internal/course"
)

// builtIn is the language of the built-in words and texts, which must be there.
const builtIn = "en"

// words are what the layout says round a letter, in one language.
type words struct {
	Opening string                        `yaml:"opening"`
	Answers map[course.Answer]string      `yaml:"answers"`
	Reply   map[course.CheckInKind]string `yaml:"reply"`
	Confirm string                        `yaml:"confirm"`
	// ConfirmNote stands under the button of a confirm mail.
	ConfirmNote string `yaml:"confirm_note"`
	Choose      string `yaml:"choose"`
	// ChooseNote stands under the button of a choice mail.
	ChooseNote    string `yaml:"choose_note"`
	Reason        string `yaml:"reason"`
	ReasonConfirm string `yaml:"reason_confirm"`
	ReasonChoice  string `yaml:"reason_choice"`
	Change        string `yaml:"change"`
	Again         string `yaml:"again"` // in place of Change, once there is nothing to change
	Stop          string `yaml:"stop"`
	// NoPractice leads from a practice letter to where they are switched off.
	NoPractice string `yaml:"no_practice"`
}

func readWords(files fs.FS) (map[string]words, error) {
	raw, err := fs.ReadFile(files, "mail/words.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the mails' words: %w", err)
	}
	all := map[string]words{}
	if err := yaml.UnmarshalWithOptions(raw, &all, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read mail/words.yaml: %w", err)
	}
	for tag, w := range all {
		if err := w.check(); err != nil {
			return nil, fmt.Errorf("mail/words.yaml: %s: %w", tag, err)
		}
	}
	if _, ok := all[builtIn]; !ok {
		return nil, fmt.Errorf("mail/words.yaml: %s is missing", builtIn)
	}
	return all, nil
}

func (w words) check() error {
	for key, said := range map[string]string{
		"opening": w.Opening, "confirm": w.Confirm, "confirm_note": w.ConfirmNote, "change": w.Change, "again": w.Again, "stop": w.Stop, "no_practice": w.NoPractice,
		"reason": w.Reason, "reason_confirm": w.ReasonConfirm,
		"choose": w.Choose, "choose_note": w.ChooseNote, "reason_choice": w.ReasonChoice,
		"reply.pace": w.Reply[course.CheckInPace], "reply.safety": w.Reply[course.CheckInSafety],
	} {
		if said == "" {
			return fmt.Errorf("%s is missing", key)
		}
	}
	for _, a := range []course.Answer{course.AnswerReady, course.AnswerNotYet, course.AnswerYes, course.AnswerNo, course.AnswerUnsure} {
		if w.Answers[a] == "" {
			return fmt.Errorf("answers.%s is missing", a)
		}
	}
	_, err := fill(w.Reason+w.ReasonConfirm+w.ReasonChoice, "")
	return err
}

// fill puts the sender's name into a sentence.
func fill(sentence, sender string) (string, error) {
	t, err := template.New("words").Parse(sentence)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, struct{ Sender string }{sender})
	return b.String(), err
}

// readTexts reads the built-in texts of the mails that are no lesson, by name,
// then by language: mail/NAME.md, and mail/LANG/NAME.md for others than English.
func readTexts(files fs.FS) (map[string]map[string]course.Text, error) {
	texts := map[string]map[string]course.Text{}
	for _, pattern := range []string{"mail/*.md", "mail/*/*.md"} {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			return nil, err
		}
		for _, file := range names {
			text, err := readText(files, file)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", file, err)
			}
			tag := builtIn
			if dir := path.Base(path.Dir(file)); dir != "mail" {
				tag = dir
			}
			name := strings.TrimSuffix(path.Base(file), ".md")
			if texts[name] == nil {
				texts[name] = map[string]course.Text{}
			}
			texts[name][tag] = text
		}
	}
	return texts, nil
}

func readText(files fs.FS, file string) (course.Text, error) {
	raw, err := fs.ReadFile(files, file)
	if err != nil {
		return course.Text{}, err
	}
	front, body, ok := bytes.Cut(bytes.TrimPrefix(raw, []byte("---\n")), []byte("\n---\n"))
	if !ok {
		return course.Text{}, errors.New("the front matter between two lines --- is missing")
	}
	var head struct {
		Subject string `yaml:"subject"`
	}
	if err := yaml.UnmarshalWithOptions(front, &head, yaml.Strict()); err != nil {
		return course.Text{}, err
	}
	if head.Subject == "" {
		return course.Text{}, errors.New("subject is missing")
	}
	line := 3 + bytes.Count(front, []byte("\n")) + 1
	return course.Text{File: file, Line: line, Subject: head.Subject, Body: string(body)}, nil
}

// pick finds what there is in the first of the languages that has something,
// "de" serving "de-CH" too. It also says in which language that is.
func pick[T any](by map[string]T, tags ...string) (found T, tag string, ok bool) {
	for _, tag := range tags {
		if found, ok := by[tag]; ok {
			return found, tag, true
		}
		base, _, _ := strings.Cut(tag, "-")
		if found, ok := by[base]; ok {
			return found, base, true
		}
	}
	return found, "", false
}

// direction is the direction in which a language is written: ltr or rtl.
func direction(tag string) string {
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa":
		return "rtl"
	}
	return "ltr"
}
