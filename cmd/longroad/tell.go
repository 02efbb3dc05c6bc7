package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"longroad/internal/pacing"
	"longroad/internal/store"
)

// tell writes the story as text: a block a letter, in the order they were owed,
// and between them what happened to none.
func (s story) tell(w io.Writer) {
	fmt.Fprintf(w, "Subscription %s: course %s, track %s, version %.12s.\n", s.Subscription, s.Course, s.Track, s.Version)
	fmt.Fprintf(w, "All times are the reader's: %s.\n", s.TimeZone)
	others := s.Others
	for _, l := range s.Letters {
		before := 0
		for before < len(others) && others[before].At.Before(l.firstAt()) {
			before++
		}
		s.tellMoments(w, others[:before])
		others = others[before:]
		s.tellLetter(w, l)
	}
	s.tellMoments(w, others)
	fmt.Fprintf(w, "\nNow: %s\n", s.Waits)
}

// line is one thing that happened, in a letter's block.
type line struct {
	at   time.Time
	text string
}

func (s story) tellLetter(w io.Writer, l letter) {
	fmt.Fprintf(w, "\n%s %s.\n", l.name(), l.fate(s.zone))
	if s.verbose {
		fmt.Fprintf(w, "  delivery %s, Message-ID <%s>\n", l.ID, l.MessageID)
	}
	var lines []line
	for _, a := range l.Attempts {
		lines = append(lines, line{a.StartedAt, a.words(s.verbose)})
	}
	for _, m := range l.Moments {
		if text := m.words(s.zone); text != "" && !(l.movesNobody() && m.What == string(pacing.Sent)) {
			lines = append(lines, line{m.At, text})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	tellLines(w, lines, s.zone)
}

func (s story) tellMoments(w io.Writer, all []moment) {
	var lines []line
	for _, m := range all {
		if text := m.words(s.zone); text != "" {
			lines = append(lines, line{m.At, text})
		}
	}
	if len(lines) > 0 {
		fmt.Fprintln(w, "\nMeanwhile:")
		tellLines(w, lines, s.zone)
	}
}

func tellLines(w io.Writer, lines []line, zone *time.Location) {
	for _, l := range lines {
		fmt.Fprintf(w, "  %s: %s\n", when(l.at, zone), l.text)
	}
}

// movesNobody reports whether nothing follows from the mail: that it was sent says
// all.
func (l letter) movesNobody() bool {
	return store.Delivery{Step: l.Kind}.Account() || l.Kind == string(pacing.KindPractice)
}

// firstAt is when the letter entered the story. A letter that was cancelled and
// claimed again has a later owed_at than its first events.
func (l letter) firstAt() time.Time {
	first := l.OwedAt
	if len(l.Moments) > 0 && l.Moments[0].At.Before(first) {
		first = l.Moments[0].At
	}
	return first
}

func (l letter) name() string {
	name := mailName(pacing.Kind(l.Kind), l.Lesson, l.N)
	switch l.Answers {
	case "":
	case "none":
		name += ", which asked for nothing,"
	default:
		name += ", which said " + strings.ReplaceAll(l.Answers, "-", " ") + ","
	}
	if l.Occasion > 0 {
		name += fmt.Sprintf(" (occasion %d)", l.Occasion)
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// mailName names a mail in the middle of a sentence.
func mailName(k pacing.Kind, lesson string, n int) string {
	switch k {
	case pacing.KindLesson:
		return "the letter " + lesson
	case pacing.KindReminder:
		return "the reminder of " + lesson
	case pacing.KindOpenDoor:
		return fmt.Sprintf("open door %d about %s", n, lesson)
	case pacing.KindAskAgain:
		return fmt.Sprintf("the mail that asks again about %s (%d)", lesson, n)
	case pacing.KindWelcomeBack:
		return fmt.Sprintf("the mail that welcomes back to %s (%d)", lesson, n)
	case pacing.KindEnd:
		return "the goodbye after " + lesson
	case pacing.KindPractice:
		return fmt.Sprintf("the practice letter %s (%d)", lesson, n)
	case store.ConfirmStep:
		return "the mail that asks to confirm"
	case store.ChoiceStep:
		return "the mail that asks which letters shall come"
	case store.ResourcesStep:
		return "the mail with help lines"
	case store.ReceiptStep:
		if lesson == "" {
			return "the short answer to a reply"
		}
		return "the short answer to a reply to " + lesson
	}
	return "the mail " + string(k)
}

// fate says when the letter was due and what it came to.
func (l letter) fate(zone *time.Location) string {
	due := "was due " + when(l.DueAt, zone)
	switch store.DeliveryState(l.State) {
	case store.Owed:
		return due + " and waits for a worker"
	case store.Attempting:
		return due + " and is in the air: its last attempt has no outcome yet"
	case store.Sent:
		due += " and was sent " + when(l.SentAt, zone)
		if slices.ContainsFunc(l.Attempts, func(a attempt) bool { return a.Outcome == "unknown" }) {
			due += "; an earlier copy may have gone too, under the same Message-ID"
		}
		return due
	case store.Retry:
		return due + " and was not taken yet; the next attempt is due " + when(l.NextAt, zone)
	case store.Unknown:
		return due + " and may have gone: nobody knows; it goes once more, " + when(l.NextAt, zone)
	case store.Cancelled:
		return due + " and was cancelled " + when(l.EndedAt, zone)
	case store.GivenUp:
		return due + " and was given up " + when(l.EndedAt, zone) + "; it stays so until an operator acts (longroad subscriber resend)"
	}
	return due + " and is " + l.State
}

func (a attempt) words(verbose bool) string {
	text := map[string]string{
		"":          "no outcome yet",
		"sent":      "the server took it",
		"retry":     "it was not taken for now",
		"unknown":   "outcome unknown, it may have gone",
		"refused":   "the server refused it for good",
		"abandoned": "left off before anything was handed over",
	}[a.Outcome]
	if text == "" {
		text = a.Outcome
	}
	text = fmt.Sprintf("attempt %d: %s", a.N, text)
	if a.Code != 0 {
		text += " (" + strings.TrimSpace(fmt.Sprintf("%d %s", a.Code, a.Enhanced)) + ")"
	}
	if verbose && a.Worker != "" {
		text += ", by " + a.Worker
	}
	if verbose && a.Detail != "" {
		text += "; in its words: " + printable(a.Detail)
	}
	return text
}
