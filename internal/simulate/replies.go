package simulate

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// thinking is how long after a letter a reader answers it.
const thinking = time.Hour

// Replies is how a reader answers. The zero value is silence.
type Replies struct {
	answers bool
	notYets int // how often "not yet" comes before "ready"
	script  []entry
	said    map[int]bool // entries of the script that were used in this run
}

// said is one thing that a reader will say.
type said struct {
	at    time.Time
	event pacing.Event
}

// entry is one line of a script:
//
//   - {after: no-but, say: ready}                   an hour after that letter
//   - {after: no-but, in: 2d, say: not-yet}         days are 24 hours here
//   - {at: "2027-03-02 18:00", say: pause, for: 14d}  on the reader's clock
//   - {at: "2027-05-01 08:00", say: pause, until: "2027-06-01"}
//
// What is said after a letter is said once, the first time that it comes.
type entry struct {
	After string `yaml:"after"`
	In    string `yaml:"in"`
	At    string `yaml:"at"`
	Say   string `yaml:"say"`
	For   string `yaml:"for"`
	Until string `yaml:"until"`

	in    time.Duration
	event pacing.Event
}

// sayable are the words of a script.
var sayable = []pacing.EventKind{
	pacing.Ready, pacing.NotYet, pacing.Slower, pacing.Faster, pacing.Pause, pacing.Resume,
	pacing.Repeat, pacing.Back, pacing.Stop, pacing.Help, pacing.Unsafe, pacing.PracticeOff, pacing.PracticeOn,
}

// Sayable lists the words that a script may say, for people.
func Sayable() string {
	words := make([]string, len(sayable))
	for i, k := range sayable {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}

// ParseReplies reads how a reader answers: ready, silent, not-yet:N, or the name
// of a script in fsys, a YAML list that entry's comment describes.
func ParseReplies(s string, fsys fs.FS) (Replies, error) {
	switch {
	case s == "ready":
		return Replies{answers: true}, nil
	case s == "silent" || s == "":
		return Replies{}, nil
	case strings.HasPrefix(s, "not-yet:"):
		n, err := strconv.Atoi(strings.TrimPrefix(s, "not-yet:"))
		if err != nil || n < 0 || n > 1000 {
			return Replies{}, fmt.Errorf("%q: write not-yet: and a number, such as not-yet:3", s)
		}
		return Replies{answers: true, notYets: n}, nil
	case strings.HasSuffix(s, ".yaml") || strings.HasSuffix(s, ".yml"):
		return readScript(s, fsys)
	}
	return Replies{}, fmt.Errorf("%q is no way to answer: write ready, silent, not-yet:3, or the name of a script, such as script.yaml", s)
}

func readScript(name string, fsys fs.FS) (Replies, error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return Replies{}, fmt.Errorf("script of replies: %w", err)
	}
	var script []entry
	if err := yaml.UnmarshalWithOptions(raw, &script, yaml.Strict()); err != nil {
		return Replies{}, fmt.Errorf("%s is no list of replies (longroad help course simulate shows one): %s", name, yaml.FormatError(err, false, true))
	}
	var faults []error
	for i := range script {
		if err := script[i].check(); err != nil {
			faults = append(faults, fmt.Errorf("%s, entry %d: %w", name, i+1, err))
		}
	}
	return Replies{script: script}, errors.Join(faults...)
}

// check reads the entry's words.
func (e *entry) check() error {
	e.event.Kind = ""
	for _, k := range sayable {
		if e.Say == string(k) {
			e.event.Kind = k
		}
	}
	if e.event.Kind == "" {
		return fmt.Errorf("say: %q is none of %s", e.Say, Sayable())
	}
	if (e.At == "") == (e.After == "") {
		return errors.New("write either at: a date and hour, or after: a lesson")
	}
	if e.At != "" {
		if _, err := e.moment(time.UTC); err != nil {
			return err
		}
	}
	e.in = thinking
	if e.In != "" {
		span, err := course.ParseSpan(e.In)
		if err != nil || e.At != "" {
			return fmt.Errorf("in: %q goes with after: and is a time such as 2d or 3h", e.In)
		}
		e.in = span.Exact + time.Duration(span.Days)*24*time.Hour
	}
	if (e.For != "" || e.Until != "") && e.event.Kind != pacing.Pause || e.For != "" && e.Until != "" {
		return errors.New("for: or until:, one of them, goes with say: pause")
	}
	if e.For != "" {
		span, err := course.ParseSpan(e.For)
		if err != nil {
			return fmt.Errorf("for: %w", err)
		}
		e.event.For = span
	}
	if e.Until != "" {
		if _, err := time.Parse(time.DateOnly, e.Until); err != nil {
			return fmt.Errorf("until: %q is no date such as 2027-03-02", e.Until)
		}
		e.event.Until = e.Until
	}
	return nil
}

func (e *entry) moment(zone *time.Location) (time.Time, error) {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, e.At, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("at: %q: write a date and hour such as 2027-03-02 18:00", e.At)
}

// dated is what the script says at set times.
func (r Replies) dated(zone *time.Location) []said {
	var all []said
	for i := range r.script {
		if e := &r.script[i]; e.At != "" {
			at, err := e.moment(zone)
			if err == nil { // check has read it
				all = append(all, said{at: at, event: e.event})
			}
		}
	}
	return all
}

// to is what the reader says to a mail that has just been sent.
func (r Replies) to(m pacing.Mail, lesson *course.Lesson, s pacing.State, now time.Time) []said {
	var all []said
	for i := range r.script {
		letter := m.Kind == pacing.KindLesson || m.Kind == pacing.KindPractice
		if e := &r.script[i]; e.After != "" && e.After == m.Lesson && letter && !r.said[i] {
			r.said[i] = true
			all = append(all, said{at: now.Add(e.in), event: e.event})
		}
	}
	if !r.answers || lesson == nil || !lesson.Asks() || s.Answer == course.AnswerReady {
		return all
	}
	kind := pacing.Ready
	if s.NotYets < r.notYets {
		kind = pacing.NotYet
	}
	return append(all, said{at: now.Add(thinking), event: pacing.Event{Kind: kind, Lesson: m.Lesson, Occasion: m.Occasion}})
}
