package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

type subscriptionRow struct {
	ID           int64          `db:"id"`
	Ref          []byte         `db:"ref"`
	SubscriberID int64          `db:"subscriber_id"`
	Email        string         `db:"email"`
	Course       string         `db:"course"`
	Track        string         `db:"track"`
	Version      string         `db:"version"`
	Name         string         `db:"name"`
	Language     string         `db:"language"`
	TimeZone     string         `db:"time_zone"`
	SendHour     *int           `db:"send_hour"`
	Days         int            `db:"days"`
	Dark         pq.StringArray `db:"dark"`
	Country      string         `db:"country"`
	Safe         string         `db:"safe"`
	Mailbox      string         `db:"mailbox"`
	CrisisMail   string         `db:"crisis_mail"`
	Status       string         `db:"status"`
	Pacing       []byte         `db:"pacing"`
	NextDueAt    *time.Time     `db:"next_due_at"`
	CreatedAt    time.Time      `db:"created_at"`
	ConfirmedAt  *time.Time     `db:"confirmed_at"`
	EndedAt      *time.Time     `db:"ended_at"`
}

func (r subscriptionRow) subscription() Subscription {
	s := Subscription{
		ID: r.ID, Ref: refOf(r.Ref), SubscriberID: r.SubscriberID, Email: r.Email,
		Course: r.Course, Track: r.Track, Version: r.Version,
		Name: r.Name, Language: r.Language, TimeZone: r.TimeZone, SendHour: r.SendHour,
		Country: r.Country, Safe: r.Safe, Mailbox: r.Mailbox, CrisisMail: r.CrisisMail,
		CreatedAt: r.CreatedAt.UTC(), ConfirmedAt: utc(r.ConfirmedAt), EndedAt: utc(r.EndedAt),
	}
	if err := json.Unmarshal(r.Pacing, &s.State); err != nil {
		s.Fault = fmt.Errorf("subscription %d: pacing: %w", r.ID, err)
	}
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil {
		s.Fault = fmt.Errorf("subscription %d: time zone: %w", r.ID, err)
	}
	s.State.Status, s.State.DueAt = pacing.Status(r.Status), utc(r.NextDueAt)
	s.State.Reader = pacing.Reader{Zone: zone}
	if r.SendHour != nil {
		hour := course.Hour(*r.SendHour)
		s.State.Reader.SendHour = &hour
	}
	for day := range s.State.Reader.Days {
		s.State.Reader.Days[day] = r.Days&(1<<day) != 0
	}
	for _, text := range r.Dark {
		if t, err := time.Parse(time.DateOnly, text); err == nil { // PostgreSQL has checked it
			s.State.Reader.Dark = append(s.State.Reader.Dark, course.DarkDate{Year: t.Year(), Month: t.Month(), Day: t.Day()})
		}
	}
	return s
}

func subscriptionsOf(rows []subscriptionRow) []Subscription {
	subs := make([]Subscription, len(rows))
	for i, r := range rows {
		subs[i] = r.subscription()
	}
	return subs
}
