package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"longroad/internal/course"
	"longroad/internal/store"
)

type showCommand struct {
	personArg
	JSON bool `name:"json" help:"Print JSON."`
}

// Help says what is never shown.
func (showCommand) Help() string {
	return "It shows settings, states and consents; never what somebody wrote, nor an answer to the safety question. longroad why tells the letters' story."
}

// profile is what is known of a person and may be shown.
type profile struct {
	ID            string                `json:"id"`
	Address       string                `json:"address"`
	CreatedAt     time.Time             `json:"created_at"`
	Suppressed    *suppression          `json:"suppressed"` // null when it is not
	Subscriptions []subscriptionProfile `json:"subscriptions"`
}

type suppression struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// subscriptionProfile is one way through a course. Times are in the reader's zone.
type subscriptionProfile struct {
	ID          string    `json:"id"`
	Course      string    `json:"course"`
	Track       string    `json:"track"`
	Version     string    `json:"version"`
	Status      string    `json:"status"`
	Waits       string    `json:"waits"`
	DueAt       time.Time `json:"due_at,omitzero"`
	Lesson      string    `json:"lesson"` // the last letter sent
	Answer      string    `json:"answer"` // to it
	Pace        float64   `json:"pace"`
	Name        string    `json:"name"`
	Language    string    `json:"language"`
	TimeZone    string    `json:"time_zone"`
	SendHour    string    `json:"send_hour"` // "" keeps the course's
	Country     string    `json:"country"`
	Mailbox     string    `json:"mailbox"`
	CrisisMail  string    `json:"crisis_mail"`
	CreatedAt   time.Time `json:"created_at"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	Consents    []consent `json:"consents"`

	zone *time.Location
}

type consent struct {
	Kind        string    `json:"kind"`
	TextVersion string    `json:"text_version"`
	How         string    `json:"how"`
	At          time.Time `json:"at"`
}

// Run shows a person.
func (cmd showCommand) Run(ctx context.Context, env *environment) error {
	return withPerson(ctx, env, cmd.personArg, []need{needKeys}, func(c config, s *store.Store, p person) error {
		found, err := readProfile(ctx, c, s, p, env.Now())
		if err != nil {
			return err
		}
		if cmd.JSON {
			return writeJSON(env.Stdout, found)
		}
		found.write(env.Stdout)
		return nil
	})
}

func readProfile(ctx context.Context, c config, s *store.Store, p person, now time.Time) (profile, error) {
	all := profile{ID: p.Ref.String(), Address: p.Email, CreatedAt: p.CreatedAt, Subscriptions: []subscriptionProfile{}}
	hasher, err := addressHasher(c)
	if err != nil {
		return all, err
	}
	found, err := s.Suppression(ctx, hasher.Address(store.AddressKey(p.Email)))
	if err == nil {
		all.Suppressed = &suppression{found.Reason, found.At.UTC()}
	} else if !errors.Is(err, store.ErrNotFound) {
		return all, err
	}
	subs, err := s.SubscriptionsOf(ctx, p.ID)
	if err != nil {
		return all, err
	}
	for _, sub := range subs {
		deliveries, err := s.DeliveriesOf(ctx, sub.ID)
		if err != nil {
			return all, err
		}
		consents, err := s.ConsentsOf(ctx, sub.ID)
		if err != nil {
			return all, err
		}
		all.Subscriptions = append(all.Subscriptions, profileOf(sub, deliveries, consents, now))
	}
	return all, nil
}

func profileOf(sub store.Subscription, deliveries []store.Delivery, consents []store.Consent, now time.Time) subscriptionProfile {
	zone := sub.State.Reader.Zone
	p := subscriptionProfile{
		ID: sub.Ref.String(), Course: sub.Course, Track: sub.Track, Version: sub.Version,
		Status: string(sub.State.Status), Waits: waits(sub, deliveries, now), DueAt: in(sub.State.DueAt, zone),
		Lesson: sub.State.Lesson, Answer: string(sub.State.Answer), Pace: max(sub.State.Pace, 1),
		Name: sub.Name, Language: sub.Language, TimeZone: sub.TimeZone, Country: sub.Country, Mailbox: sub.Mailbox, CrisisMail: sub.CrisisMail,
		CreatedAt: in(sub.CreatedAt, zone), ConfirmedAt: in(sub.ConfirmedAt, zone), EndedAt: in(sub.EndedAt, zone),
		Consents: []consent{}, zone: zone,
	}
	if sub.SendHour != nil {
		p.SendHour = course.Hour(*sub.SendHour).String()
	}
	for _, c := range consents {
		p.Consents = append(p.Consents, consent{c.Kind, c.TextVersion, c.How, in(c.At, zone)})
	}
	return p
}

func (p profile) write(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "subscriber\t%s\naddress\t%s\nsince\t%s\n", p.ID, printable(p.Address), when(p.CreatedAt, time.UTC)+" UTC")
	if p.Suppressed == nil {
		fmt.Fprintln(t, "suppressed\tno")
	} else {
		fmt.Fprintf(t, "suppressed\tsince %s UTC (%s)\n", when(p.Suppressed.At, time.UTC), p.Suppressed.Reason)
	}
	for _, s := range p.Subscriptions {
		fmt.Fprintln(t)
		s.write(t)
	}
	t.Flush()
}

func (p subscriptionProfile) write(w io.Writer) {
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, printable(value))
		}
	}
	row("subscription", p.ID)
	row("course", fmt.Sprintf("%s, track %s, version %.12s", p.Course, p.Track, p.Version))
	row("status", p.Status)
	row("waits", p.Waits)
	row("due", both(p.DueAt, p.zone))
	row("last letter", p.Lesson)
	row("answer", p.Answer)
	if p.Pace > 1 {
		row("pace", fmt.Sprintf("gaps are stretched by %.3g", p.Pace))
	}
	row("name", p.Name)
	row("language", p.Language)
	row("time zone", p.TimeZone)
	row("send hour", p.SendHour)
	row("country", p.Country)
	row("mailbox", p.Mailbox)
	row("crisis mail", p.CrisisMail)
	row("signed up", both(p.CreatedAt, p.zone))
	row("confirmed", both(p.ConfirmedAt, p.zone))
	row("ended", both(p.EndedAt, p.zone))
	for _, c := range p.Consents {
		text := c.Kind
		if c.TextVersion != "" {
			text += ", text " + c.TextVersion
		}
		row("consent", fmt.Sprintf("%s, by %s, %s", text, c.How, both(c.At, p.zone)))
	}
}

// in moves a moment to a zone; a zero one stays zero.
func in(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}

// when tells a moment in a zone; "" when there is none. Seconds show where there
// are some.
func when(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	layout := "Mon 2 Jan 2006, 15:04"
	if t.Second() != 0 {
		layout += ":05"
	}
	return t.In(zone).Format(layout)
}

// both tells a moment in the reader's zone and in UTC.
func both(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s (%s UTC)", when(t, zone), t.UTC().Format("2006-01-02 15:04:05"))
}
