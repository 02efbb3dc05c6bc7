package journey

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"longroad/internal/course"
	"longroad/internal/inbound"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
)

// JournalWaits is how long a journal is still there after somebody without its
// passphrase asked for it to be destroyed: whoever only opens the mailbox must
// not be able to take it away at once.
const JournalWaits = 14 * day

// ErrPassphrase means that the passphrase does not open the journal.
var ErrPassphrase = seal.ErrPassphrase

// Journal is what may be known of a journal without its passphrase.
type Journal struct {
	View
	Kept     bool // there is one
	Resting  bool // nothing more is added
	Entries  int
	ForgetAt time.Time // when it is destroyed; zero: never
}

// JournalEntry is one reply that its writer asked to have kept.
type JournalEntry struct {
	At    time.Time // in the reader's zone
	About string    // the letter's title, or its subject; "" where it is gone
	Text  string
}

// OpenJournal tells whether a journal is kept; it changes nothing.
func (r *Road) OpenJournal(ctx context.Context, ref token.Ref) (Journal, error) {
	v, err := r.OpenSubscription(ctx, ref)
	if err != nil {
		return Journal{}, err
	}
	j := Journal{View: v}
	_, kept, err := r.journal(ctx, ref)
	switch {
	case err == nil:
		j.Kept, j.Resting, j.Entries, j.ForgetAt = true, kept.Resting, kept.Entries, kept.ForgetAt
	case !errors.Is(err, ErrNotFound):
		return j, err
	}
	return j, nil
}

// journal finds a subscription and its journal; ErrNotFound where none is kept.
func (r *Road) journal(ctx context.Context, ref token.Ref) (store.Subscription, store.Journal, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return sub, store.Journal{}, err
	}
	j, err := r.Store.Journal(ctx, sub.ID)
	return sub, j, err
}

// BeginJournal keeps what the reader writes from now on, behind a passphrase that
// only the reader knows. Where a journal is kept already it changes nothing.
func (r *Road) BeginJournal(ctx context.Context, ref token.Ref, passphrase string) error {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return err
	}
	diary, err := seal.NewDiary(passphrase)
	if err != nil {
		return fmt.Errorf("begin a journal: %w", err)
	}
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		begun, err := tx.BeginJournal(ctx, sub.ID, diary)
		if err != nil || !begun {
			return err
		}
		return tx.AddEvents(ctx, []store.Event{journalEvent(&sub, "journal", "the reader asked to have kept what they write")})
	})
}

// ReadJournal opens a journal for who knows its passphrase; else ErrPassphrase.
// It is for nobody but the reader: no command does this.
func (r *Road) ReadJournal(ctx context.Context, ref token.Ref, passphrase string) ([]JournalEntry, error) {
	sub, j, err := r.journal(ctx, ref)
	if err != nil {
		return nil, err
	}
	read, err := j.Open(passphrase)
	if err != nil {
		return nil, err
	}
	rows, err := r.Store.JournalEntries(ctx, sub.ID)
	if err != nil {
		return nil, err
	}
	c, _ := r.courseOf(ctx, r.Store.Reader, &sub) // without it an entry has no title
	entries := make([]JournalEntry, 0, len(rows))
	for _, row := range rows {
		text, err := read(row.Sealed)
		if err != nil {
			return nil, fmt.Errorf("journal of %s: %w", sub.Ref, err)
		}
		entries = append(entries, JournalEntry{At: row.At.In(zoneOrUTC(&sub)), About: r.aboutOf(ctx, c, &sub, row), Text: string(text)})
	}
	return entries, nil
}

func zoneOrUTC(sub *store.Subscription) *time.Location {
	if zone := sub.State.Reader.Zone; zone != nil {
		return zone
	}
	return time.UTC
}

// aboutOf names the letter that an entry answers.
func (r *Road) aboutOf(ctx context.Context, c *course.Course, sub *store.Subscription, e store.JournalEntry) string {
	if c == nil || e.DeliveryID == nil {
		return ""
	}
	d, err := r.Store.Delivery(ctx, *e.DeliveryID)
	if err != nil || c.Track(sub.Track) == nil {
		return ""
	}
	for _, place := range c.Track(sub.Track).Places() {
		if place.Lesson.ID == d.Mail.Lesson {
			text, found := place.Lesson.Texts[sub.Language]
			if !found {
				text = place.Lesson.Texts[c.Language]
			}
			return cmp.Or(text.Title, text.Subject)
		}
	}
	return ""
}

// RestJournal stops adding to a journal, or goes on.
func (r *Road) RestJournal(ctx context.Context, ref token.Ref, resting bool) error {
	return r.changeJournal(ctx, ref, func(tx *store.Tx, id int64) error { return tx.RestJournal(ctx, id, resting) })
}

// ForgetJournal destroys a journal at once, for who knows its passphrase; else
// ErrPassphrase.
func (r *Road) ForgetJournal(ctx context.Context, ref token.Ref, passphrase string) error {
	_, j, err := r.journal(ctx, ref)
	if err != nil {
		return err
	}
	if _, err := j.Open(passphrase); err != nil {
		return err
	}
	return r.changeJournal(ctx, ref, func(tx *store.Tx, id int64) error { return tx.ForgetJournal(ctx, id) })
}

// ForgetJournalLater destroys a journal after JournalWaits, for who has lost its
// passphrase; until then KeepJournal takes it back.
func (r *Road) ForgetJournalLater(ctx context.Context, ref token.Ref) error {
	return r.changeJournal(ctx, ref, func(tx *store.Tx, id int64) error {
		return tx.ForgetJournalAt(ctx, id, tx.Now.Add(JournalWaits))
	})
}

// KeepJournal takes ForgetJournalLater back.
func (r *Road) KeepJournal(ctx context.Context, ref token.Ref) error {
	return r.changeJournal(ctx, ref, func(tx *store.Tx, id int64) error { return tx.ForgetJournalAt(ctx, id, time.Time{}) })
}

func (r *Road) changeJournal(ctx context.Context, ref token.Ref, change func(tx *store.Tx, id int64) error) error {
	sub, _, err := r.journal(ctx, ref)
	if err != nil {
		return err
	}
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error { return change(tx, sub.ID) })
}

// writeDown adds what a person wrote to the journal that they asked for, if they
// did.
func (r *Road) writeDown(ctx context.Context, tx *store.Tx, about *store.Delivery, said *inbound.Said) error {
	if about == nil || said == nil || said.Text == "" {
		return nil
	}
	j, err := tx.Journal(ctx, about.SubscriptionID)
	if errors.Is(err, ErrNotFound) || err == nil && j.Resting {
		return nil
	}
	if err != nil {
		return err
	}
	sealed, err := j.Write([]byte(said.Text))
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return tx.AddJournalEntry(ctx, about.SubscriptionID, store.JournalEntry{DeliveryID: &about.ID, Sealed: sealed})
}

// tellsNotes reports whether a receipt has to say that notes are kept: whoever
// opens the mailbox can have begun them, and the reader must not be read unawares.
// The mail with help lines says nothing but that.
func (r *Road) tellsNotes(ctx context.Context, from store.Reader, d store.Delivery) (bool, error) {
	if d.Kind() == store.ResourcesStep {
		return false, nil
	}
	j, err := from.Journal(ctx, d.SubscriptionID)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil && !j.Resting, err
}

func journalEvent(sub *store.Subscription, kind, why string) store.Event {
	return store.Event{SubscriptionID: sub.ID, Actor: string(ByPage), Kind: kind, From: string(sub.State.Status), To: string(sub.State.Status), Why: why}
}
