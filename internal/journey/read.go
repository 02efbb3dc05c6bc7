package journey

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"longroad/internal/course"
	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
	"longroad/internal/pacing"
	"longroad/internal/seal"
	"longroad/internal/store"
)

// Why an arrival is kept, sealed, for a person; the operator's list shows it.
const (
	keptUnmatched  = "not matched"    // it belongs to none of our mails
	keptUnreadable = "not readable"   // it cannot be read as a mail
	keptChallenge  = "a challenge"    // a filter wants a person to prove something
	keptReport     = "an open report" // a report about nobody that we know
	keptSealed     = "sealed with a key that is gone"
	keptUnread     = "not read in time" // every try to read it failed
	keptListed     = "by way of a list" // a mailing list's, or mass mail: nobody's answer
	keptSlip       = "a slip of ours"   // reading it fails, each time

	noIntent   = "none"          // a reply that asks for nothing
	secondCopy = "a second copy" // the effect of one: another has been read
)

// Read reads an arrival and does what it asks, in one transaction. What cannot
// be matched or understood changes nothing and stays for a person. Reading again
// changes nothing.
func (r *Road) Read(ctx context.Context, id int64) error {
	var row store.Arrival
	var done store.Reading
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		var err error
		done = store.Reading{}
		row, err = tx.LockArrival(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		arrival, err := r.opened(row)
		if errors.Is(err, seal.ErrSealed) {
			r.Log.ErrorContext(ctx, "an arrival cannot be opened: put the retired keys back into LONGROAD_SECRET_KEY and replay it", slog.String("arrival", row.Ref.String()))
			done = store.Reading{Kind: string(report.Unknown), DeliveryID: row.DeliveryID, Kept: keptSealed}
			return tx.EndArrival(ctx, id, done)
		}
		if err != nil {
			return err
		}
		if done, err = r.carefully(ctx, tx, row, arrival); err != nil {
			return err
		}
		r.Log.InfoContext(ctx, "arrival read", slog.String("arrival", row.Ref.String()), slog.String("way", row.Way),
			slog.String("kind", done.Kind), slog.String("intent", loggable(done.Intent)), slog.String("effect", done.Effect), slog.String("kept", done.Kept))
		return tx.EndArrival(ctx, id, done)
	})
	if errors.Is(err, errSlip) {
		done, err = r.keepUnread(ctx, id)
	}
	if err == nil && done.Kind != "" && r.Heard != nil {
		r.Heard(row.Way, done.Kind, done.Kept)
	}
	return err
}

// loggable is an intent as the log may tell it: what somebody answered on their
// safety is nobody's business.
func loggable(intent string) string {
	switch inbound.Intent(intent) {
	case inbound.Yes, inbound.No, inbound.Unsure:
		return SafetyAnswered
	}
	return intent
}

// errSlip means that reading an arrival panicked: it would again.
var errSlip = errors.New("a slip while reading")

// carefully understands an arrival; a slip is told by its place in our text, never
// by what was read.
func (r *Road) carefully(ctx context.Context, tx *store.Tx, row store.Arrival, a inbound.Arrival) (done store.Reading, err error) {
	defer func() {
		if recover() != nil {
			r.Log.ErrorContext(ctx, "a slip while reading an arrival: it waits in the quarantine; replay it after a fix",
				slog.String("arrival", row.Ref.String()), slog.String("stack", string(debug.Stack())))
			done, err = store.Reading{}, errSlip
		}
	}()
	return r.understand(ctx, tx, row, a)
}

// keepUnread keeps an arrival for a person that nobody can read.
func (r *Road) keepUnread(ctx context.Context, id int64) (store.Reading, error) {
	var done store.Reading
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		done = store.Reading{}
		row, err := tx.LockArrival(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		done = store.Reading{Kind: string(report.Unknown), DeliveryID: row.DeliveryID, Kept: keptSlip}
		return tx.EndArrival(ctx, id, done)
	})
	return done, err
}

// understand tells what an arrival is, and does what it asks.
func (r *Road) understand(ctx context.Context, tx *store.Tx, row store.Arrival, a inbound.Arrival) (store.Reading, error) {
	if a.Note != nil {
		return r.noted(ctx, tx, *a.Note)
	}
	raw := withReturnPath(a)
	m, err := r.matched(ctx, tx, row, a.To, raw)
	if err != nil {
		return store.Reading{}, err
	}
	options, err := r.readingOptions(ctx, tx, m.about)
	if err != nil {
		return store.Reading{}, err
	}
	e, unreadable := inbound.Explain(raw, options)
	if e.Bounce != nil {
		if m, err = r.matchedReport(ctx, tx, m, e.Original); err != nil {
			return store.Reading{}, err
		}
	}
	about := m.about
	listed := e.Kind == report.Human && inbound.Listed(raw)
	if listed {
		e.Kind = report.AutoReply
	}
	done := store.Reading{Kind: string(e.Kind), DeliveryID: row.DeliveryID}
	if unreadable != nil {
		done.Kept = keptUnreadable
		return done, nil
	}
	if about != nil {
		done.DeliveryID = &about.ID
		if second, err := tx.SecondCopy(ctx, row, about.ID); err != nil || second {
			done.Effect = secondCopy
			return done, err
		}
	}
	if listed {
		done.Kept = keptListed
	}
	if err := r.heed(ctx, tx, row, about, e, raw, &done); err != nil {
		return done, err
	}
	// Somebody else may have begun the journal: what tells of danger is not for it.
	if e.Kind == report.Human && e.Reply.Crisis == nil {
		if err := r.writeDown(ctx, tx, about, e.Reply); err != nil {
			return done, err
		}
	}
	switch e.Kind {
	case report.Bounce, report.Complaint:
		return r.reported(ctx, tx, m, e, done)
	case report.Human, report.AutoReply:
		return r.replied(ctx, tx, row, about, e, raw, done)
	case report.Challenge:
		done.Kept = keptChallenge
	default:
		done.Kept = keptUnreadable
	}
	return done, nil
}

// withReturnPath is the mail with its envelope's sender on top, as the last mail
// server writes it (RFC 5321, section 4.4): a machine's mail often has none.
func withReturnPath(a inbound.Arrival) []byte {
	switch a.From {
	case "":
		return a.Raw
	case "<>":
		return append([]byte("Return-Path: <>\r\n"), a.Raw...)
	}
	return append([]byte("Return-Path: <"+a.From+">\r\n"), a.Raw...)
}

// readingOptions are what a mail is read with: the words, the reader's own
// calendar, and what the letter said that is answered.
func (r *Road) readingOptions(ctx context.Context, tx *store.Tx, about *store.Delivery) (inbound.Options, error) {
	o := inbound.Options{Meaning: r.Meaning, Now: tx.Now}
	if about == nil {
		return o, nil
	}
	sub, err := tx.Subscription(ctx, about.SubscriptionID)
	if err != nil {
		return o, err
	}
	if zone := sub.State.Reader.Zone; zone != nil {
		o.Now = o.Now.In(zone)
	}
	o.Meaning, o.Ours = r.meaning(ctx, tx.Reader, sub.Version), r.ours(ctx, tx.Reader, sub, *about)
	return o, nil
}

// replied takes what a person wrote, or a machine in their name. Danger was heard
// before, whoever wrote; a machine moves nobody.
func (r *Road) replied(ctx context.Context, tx *store.Tx, row store.Arrival, about *store.Delivery, e inbound.Explanation, raw []byte, done store.Reading) (store.Reading, error) {
	if e.Kind == report.AutoReply {
		return done, nil
	}
	done.Intent = e.Reply.Intent
	if about == nil {
		done.Kept = cmp.Or(done.Kept, keptUnmatched)
		return done, nil
	}
	answer, ok, err := r.meant(ctx, tx.Reader, *about, e.Reply)
	if err != nil {
		return done, err
	}
	effect, err := r.answered(ctx, tx, letterTo{arrival: row, about: *about, said: e.Reply, id: replyID(raw), asks: ok, answer: answer})
	done.Effect = string(effect)
	return done, err
}

// meant turns what was said into an answer to that letter; false when it asks for
// nothing. A safety question is answered by its own words alone: a "ready" there
// is not plain enough.
func (r *Road) meant(ctx context.Context, from store.Reader, d store.Delivery, reply *inbound.Said) (Answer, bool, error) {
	answer := Answer{By: ByMail}
	switch inbound.Intent(reply.Intent) {
	case noIntent, "":
		return Answer{}, false, nil
	case inbound.Yes, inbound.No, inbound.Unsure, inbound.Ready:
	default: // a stop must not fail for want of a course
		answer.Kind = pacing.EventKind(reply.Intent)
		return answer, true, readPause(reply.Pause, &answer.Event)
	}
	view, err := r.deliveryView(ctx, from, d)
	if err != nil {
		return Answer{}, false, err
	}
	safety := asksSafety(view.Lesson)
	if inbound.Intent(reply.Intent) == inbound.Ready {
		answer.Kind = pacing.Ready
		return answer, !safety, nil
	}
	answer.Safety, answer.Kind = course.Answer(reply.Intent), pacing.Unsafe
	if inbound.Intent(reply.Intent) == inbound.Yes {
		answer.Kind = pacing.Ready
	}
	return answer, safety, nil
}

// readPause fills in how long a pause is to last.
func readPause(p *inbound.HoldFor, e *pacing.Event) error {
	if p == nil {
		return nil
	}
	e.Until = p.Until
	if p.For == "" {
		return nil
	}
	var err error
	e.For, err = course.ParseSpan(p.For)
	return err
}

func asksSafety(l *course.Lesson) bool {
	return l != nil && l.CheckIn != nil && l.CheckIn.Kind == course.CheckInSafety
}
