package main

import (
	"slices"
	"time"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// story is one subscription's whole way, in the reader's zone: intents and
// outcomes, never a word that somebody wrote.
type story struct {
	Subscription string   `json:"subscription"`
	Course       string   `json:"course"`
	Track        string   `json:"track"`
	Version      string   `json:"version"`
	TimeZone     string   `json:"time_zone"`
	Status       string   `json:"status"`
	Waits        string   `json:"waits"` // what it waits for now, in a sentence
	Letters      []letter `json:"letters"`
	Others       []moment `json:"others"` // what happened to no letter

	zone    *time.Location
	verbose bool
}

// letter is one mail with everything that became of it.
type letter struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Lesson   string    `json:"lesson,omitempty"`
	Occasion int       `json:"occasion"`
	N        int       `json:"n,omitempty"`
	State    string    `json:"state"`
	OwedAt   time.Time `json:"owed_at"`
	DueAt    time.Time `json:"due_at"`
	NextAt   time.Time `json:"next_attempt_at,omitzero"`
	SentAt   time.Time `json:"sent_at,omitzero"`
	EndedAt  time.Time `json:"ended_at,omitzero"`

	Answers   string    `json:"answers,omitempty"` // of a receipt: what was understood, or none; "" for an answer on safety
	Undone    time.Time `json:"undone_at,omitzero"`
	MessageID string    `json:"message_id,omitempty"`
	Attempts  []attempt `json:"attempts"`
	Moments   []moment  `json:"moments"`
}

// attempt is one try to hand the mail over.
type attempt struct {
	N         int       `json:"n"`
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	Outcome   string    `json:"outcome"` // "" while nobody knows
	Code      int       `json:"code,omitempty"`
	Enhanced  string    `json:"enhanced,omitempty"`
	Worker    string    `json:"worker,omitempty"`
	Detail    string    `json:"detail,omitempty"`
}

// moment is one event.
type moment struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	What   string    `json:"what"`
	Effect string    `json:"effect,omitempty"`
	From   string    `json:"from,omitempty"`
	To     string    `json:"to,omitempty"`
	DueAt  time.Time `json:"due_at,omitzero"`
	Why    string    `json:"why,omitempty"`

	last bool // it is about the last letter: no other follows
}

// storyOf puts what the ledger holds of a subscription in order.
func storyOf(sub store.Subscription, deliveries []store.Delivery, attempts []store.Attempt, events []store.Event) story {
	zone := sub.State.Reader.Zone
	s := story{
		Subscription: sub.Ref.String(), Course: sub.Course, Track: sub.Track, Version: sub.Version,
		TimeZone: sub.TimeZone, Status: string(sub.State.Status), Letters: []letter{}, Others: []moment{}, zone: zone,
	}
	at := make(map[int64]int, len(deliveries))
	for i, d := range deliveries {
		at[d.ID] = i
		s.Letters = append(s.Letters, letterOf(d, zone))
	}
	for _, a := range attempts {
		if i, ok := at[a.DeliveryID]; ok {
			s.Letters[i].Attempts = append(s.Letters[i].Attempts, attempt{a.N, in(a.StartedAt, zone), in(a.EndedAt, zone),
				a.Outcome, a.Code, a.Enhanced, a.Worker, a.Detail})
		}
	}
	last := lastLetter(sub.State, deliveries)
	for _, e := range events {
		m := momentOf(e, zone)
		if i, ok := belongs(e, deliveries, at); ok {
			if deliveries[i].Mail.Kind == pacing.KindPractice && m.isOutcome() {
				m.DueAt = time.Time{} // what is due does not follow from it
			}
			m.last = deliveries[i].Mail.Lesson != "" && deliveries[i].Mail.Lesson == last
			s.Letters[i].Moments = append(s.Letters[i].Moments, m)
		} else if !m.isClaim() {
			s.Others = append(s.Others, m)
		}
	}
	return s
}

// lastLetter is the lesson after which the end comes; "" while none is planned.
func lastLetter(s pacing.State, deliveries []store.Delivery) string {
	if next, _ := s.Ahead(); next != nil && next.Kind == pacing.KindEnd {
		return next.Lesson
	}
	i := slices.IndexFunc(deliveries, func(d store.Delivery) bool { return d.Mail.Kind == pacing.KindEnd })
	if i < 0 {
		return ""
	}
	return deliveries[i].Mail.Lesson
}

// receipts adds what the receipts among the letters answer.
func (s *story) receipts(deliveries []store.Delivery, all []store.Receipt) {
	for _, r := range all {
		i := slices.IndexFunc(deliveries, func(d store.Delivery) bool { return d.ID == r.DeliveryID })
		if i < 0 || deliveries[i].Kind() == store.ResourcesStep { // its name says all
			continue
		}
		s.Letters[i].Undone = in(r.UndoneAt, s.zone)
		if r.Answer != journey.SafetyAnswered {
			s.Letters[i].Answers = r.Answer
		}
	}
}

func letterOf(d store.Delivery, zone *time.Location) letter {
	l := letter{
		ID: d.Ref.String(), Kind: string(d.Mail.Kind), Lesson: d.Mail.Lesson, Occasion: d.Occasion, N: d.Mail.N,
		State: string(d.State), OwedAt: in(d.OwedAt, zone), DueAt: in(d.DueAt, zone), NextAt: in(d.NextAttemptAt, zone),
		SentAt: in(d.SentAt, zone), EndedAt: in(d.EndedAt, zone), MessageID: d.MessageID,
		Attempts: []attempt{}, Moments: []moment{},
	}
	if d.Account() {
		l.Kind = d.Kind()
	}
	return l
}

func momentOf(e store.Event, zone *time.Location) moment {
	m := moment{At: in(e.At, zone), By: e.Actor, What: e.Kind, Effect: e.Effect, From: e.From, To: e.To, Why: e.Why}
	if e.DueAt != nil {
		m.DueAt = in(*e.DueAt, zone)
	}
	switch pacing.EventKind(e.Kind) {
	case pacing.Halt:
		m.Why = "" // what kind of crisis it was is not for a story
	case pacing.Unsafe:
		m.What = restedByAnswer
	}
	return m
}

// restedByAnswer stands for a no or an unsure to a safety question, which is
// nobody's business, in a story.
const restedByAnswer = "rest"

// belongs gives the letter that an event is about. Confirming belongs to the
// last mail that asked for it, a claim or a sign-up to what it wrote into the
// ledger.
func belongs(e store.Event, deliveries []store.Delivery, at map[int64]int) (int, bool) {
	if e.DeliveryID != nil {
		i, ok := at[*e.DeliveryID]
		return i, ok
	}
	for i, d := range slices.Backward(deliveries) {
		asks := d.Step == store.ConfirmStep
		switch e.Kind {
		case string(pacing.Confirm):
			if asks && !d.OwedAt.After(e.At) {
				return i, true
			}
		case "sign-up":
			if asks && d.OwedAt.Equal(e.At) {
				return i, true
			}
		case string(pacing.Due):
			if !d.Account() && e.DueAt == nil && d.OwedAt.Equal(e.At) {
				return i, true
			}
		}
	}
	return 0, false
}

// isClaim reports whether the event only wrote a mail into the ledger.
func (m moment) isClaim() bool {
	return m.What == "sign-up" || m.What == string(pacing.Due) && m.DueAt.IsZero() && m.From != string(pacing.Paused)
}

// isOutcome reports whether the event is what became of a mail for good.
func (m moment) isOutcome() bool {
	return m.What == string(pacing.Sent) || m.What == string(pacing.Cancelled) || m.What == string(pacing.LetGo)
}

// hush takes away what tells of machines and may hold an address.
func (s *story) hush() {
	for i := range s.Letters {
		s.Letters[i].MessageID = ""
		for j := range s.Letters[i].Attempts {
			s.Letters[i].Attempts[j].Worker, s.Letters[i].Attempts[j].Detail = "", ""
		}
	}
}
