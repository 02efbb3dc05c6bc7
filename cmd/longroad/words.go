package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// words tells an event; "" where a letter's block says it already.
func (m moment) words(zone *time.Location) string {
	switch pacing.EventKind(m.What) {
	case "sign-up":
		return ""
	case pacing.Due:
		return m.dueWords(zone)
	case pacing.Sent:
		return m.sentWords(zone)
	case pacing.Cancelled:
		return because("cancelled", m.Why) + m.next(zone)
	case "retry":
		return "it is tried again " + when(m.DueAt, zone)
	case "unknown":
		return m.Why
	case "put-off":
		return because("put off to "+when(m.DueAt, zone), m.Why)
	case "given-up":
		return because("given up", m.Why)
	case journey.KindResend:
		who, _ := actor(m.By)
		return who + " has it sent again, " + when(m.DueAt, zone)
	case "fault", journey.KindChoice, journey.KindBounce, journey.KindReceipt:
		return m.Why
	case journey.KindLift:
		who, _ := actor(m.By)
		return who + " lifted the suppression: " + m.Why
	}
	return m.said() + m.effect(zone)
}

// said tells what somebody said or did.
func (m moment) said() string {
	who, how := actor(m.By)
	text := map[pacing.EventKind]string{
		journey.KindImport: "brought the reader in, with proof of consent",
		pacing.LetGo:       "let it go: it goes to nobody",
		pacing.Confirm:     "confirmed",
		pacing.Ready:       "answered ready",
		pacing.NotYet:      "answered not yet",
		pacing.Slower:      "asked for more time between letters",
		pacing.Faster:      "asked for less time between letters",
		pacing.Pause:       "asked for a pause",
		pacing.Resume:      "asked to go on",
		pacing.Repeat:      "asked for the letter once more",
		pacing.Prefer:      "chose how the letters come",
		pacing.Back:        "asked for the letter before",
		pacing.Stop:        "stopped it",
		pacing.Return:      "took the stop back",
		pacing.Help:        "asked for help",
		pacing.Undo:        "took it back",
		restedByAnswer:     "answered",
		pacing.Halt:        "halted it for safety",
		pacing.Release:     "released it",
		pacing.Suppress:    "suppressed the address",
		pacing.PracticeOff: "switched the practice letters off",
		pacing.PracticeOn:  "switched the practice letters on",
	}[pacing.EventKind(m.What)]
	if text == "" {
		text = m.What
	}
	if m.What == string(pacing.Pause) && m.Why != "" {
		text += " " + m.Why
	}
	if m.What == string(pacing.Prefer) {
		text += " (" + m.Why + ")"
	}
	if m.What == string(pacing.Suppress) && m.Why != "" && m.By != string(journey.ByOperator) {
		text += " (" + m.Why + ")"
	}
	switch pacing.EventKind(m.What) {
	case pacing.Confirm, pacing.Stop, pacing.Return:
		if m.Why != "" && m.By == string(journey.ByPage) {
			text += " " + m.Why
		}
	}
	return who + " " + text + how
}

func actor(by string) (who, how string) {
	switch journey.Actor(by) {
	case journey.ByPage:
		return "the reader", " on a page"
	case journey.ByMail:
		return "the reader", " by mail"
	case journey.ByUnsubscribe:
		return "the reader", " with the mail program's button"
	case journey.ByOperator:
		return "an operator", ""
	case journey.ByWorker:
		return "a worker", ""
	}
	return by, ""
}

func (m moment) effect(zone *time.Location) string {
	switch pacing.Effect(m.Effect) {
	case pacing.Unchanged:
		return "; nothing changed by it"
	case pacing.Stale:
		return "; it was no longer the letter to answer, and nothing changed"
	case pacing.Ended:
		return "; the way had ended already"
	}
	switch {
	case pacing.Status(m.To).Ended():
		return "; nothing goes any more"
	case m.What == restedByAnswer:
		return "; it rests until the reader writes"
	}
	return m.next(zone)
}

// next tells what the event made due, if anything.
func (m moment) next(zone *time.Location) string {
	if m.DueAt.IsZero() {
		return ""
	}
	due := when(m.DueAt, zone)
	switch pacing.Status(m.To) {
	case pacing.Active:
		if m.last && m.What != string(pacing.Repeat) && m.What != string(pacing.Back) {
			return "; the goodbye is due " + due
		}
		return "; the next letter is due " + due
	case pacing.Awaiting:
		return "; without an answer, a mail about it is due " + due
	case pacing.Holding:
		return "; the question is asked again " + due
	case pacing.Paused:
		return "; the pause ends " + due
	}
	return "; the next look is due " + due
}

// dueWords tells of a due moment that sent nothing.
func (m moment) dueWords(zone *time.Location) string {
	switch {
	case m.Why != "":
		return m.Why
	case m.From == string(pacing.Paused) && m.To != m.From:
		return "the pause ended" + m.next(zone)
	case !m.DueAt.IsZero():
		return "too late for its window; it is due anew " + when(m.DueAt, zone)
	}
	return ""
}

func (m moment) sentWords(zone *time.Location) string {
	switch pacing.Status(m.To) {
	case pacing.Completed:
		return "sent; nothing comes after it"
	case pacing.Resting:
		return "sent; now all rests until the reader writes"
	case "": // the mail that asks to confirm
		return ""
	}
	if m.DueAt.IsZero() {
		return ""
	}
	return "sent" + m.next(zone)
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

// waits says in a sentence what a subscription waits for at now.
func waits(sub store.Subscription, deliveries []store.Delivery, now time.Time) string {
	s, zone := sub.State, sub.State.Reader.Zone
	switch s.Status {
	case pacing.Pending:
		return "it waits for the reader to confirm."
	case pacing.Paused:
		return "it is paused by the reader until " + when(s.PausedUntil, zone) + "."
	case pacing.Resting:
		return "it rests; nothing goes until the reader writes."
	case pacing.Halted:
		return "it is halted for safety until an operator releases it."
	case pacing.Completed:
		return "it is completed; nothing is left to come."
	case pacing.Stopped:
		return "it was stopped; nothing goes any more."
	case pacing.Suppressed:
		return "the address is suppressed; nothing goes any more."
	}
	if s.Sending != nil {
		return waitsForOutcome(*s.Sending, deliveries, zone)
	}
	ahead, due := s.Ahead()
	if ahead == nil {
		return "nothing is due."
	}
	next := dueWords(*ahead, due, now, zone)
	if s.Next != ahead {
		next += "; before that, " + dueWords(*s.Next, s.DueAt, now, zone)
	}
	switch s.Status {
	case pacing.Awaiting:
		return fmt.Sprintf("it waits for ready to %s; without an answer, %s.", s.Lesson, next)
	case pacing.Holding:
		return fmt.Sprintf("the reader answered not yet to %s; %s.", s.Lesson, next)
	}
	return next + "."
}

func dueWords(m pacing.Mail, due, now time.Time, zone *time.Location) string {
	name := mailName(m.Kind, m.Lesson, m.N)
	if !due.After(now) {
		return fmt.Sprintf("%s has been due since %s, and no worker has taken it", name, when(due, zone))
	}
	return fmt.Sprintf("%s is due %s", name, when(due, zone))
}

// waitsForOutcome tells of a mail that was claimed and has no outcome.
func waitsForOutcome(m pacing.Mail, deliveries []store.Delivery, zone *time.Location) string {
	name := mailName(m.Kind, m.Lesson, m.N)
	for _, d := range deliveries {
		if d.Mail != m {
			continue
		}
		switch d.State {
		case store.GivenUp:
			return name + " was given up, and the way stands still until an operator resends it or lets it go."
		case store.Retry, store.Unknown:
			return fmt.Sprintf("%s goes once more; the next attempt is due %s.", name, when(d.NextAttemptAt, zone))
		case store.Attempting:
			return name + " is in the air: its attempt has no outcome yet."
		}
	}
	return name + " waits for a worker to send it."
}

// printable replaces what could play tricks on a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
