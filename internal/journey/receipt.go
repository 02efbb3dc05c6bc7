package journey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"longroad/internal/course"
	"longroad/internal/inbound"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// A reply gets a short answer: what it changed, or that it changed nothing. It
// goes at once, at any hour, for somebody has just written; it says what is so
// while it is sent, so that it is true however late. A stop gets none, nor does a
// machine, nor who has not confirmed; after an alarm the help lines are the answer.

// mostReceipts is how many replies of a person get an answer on one local day, so
// that a machine that nobody knows for one is not answered for ever.
const mostReceipts = 3

// KindReceipt is the event of a reply that got no answer, for there were enough.
const KindReceipt = "receipt"

// SafetyAnswered stands in a receipt for any answer to a safety question: neither
// the mail nor its page tells which it was.
const SafetyAnswered = "safety"

// backToFirst is a receipt's detail where there was no letter before.
const backToFirst = "there was none before"

// letterTo is a reply that is being read.
type letterTo struct {
	arrival store.Arrival
	about   store.Delivery // the mail of ours that it answers
	said    *inbound.Said
	id      string // its Message-ID, or ""
	asks    bool   // it asks for what follows
	answer  Answer
}

// answered does what a reply asks for and owes the answer to it. It gives what
// came of it.
func (r *Road) answered(ctx context.Context, tx *store.Tx, l letterTo) (pacing.Effect, error) {
	// The person first, as everywhere: receipts are counted over all of theirs.
	sub, err := tx.Subscription(ctx, l.about.SubscriptionID)
	if err != nil {
		return "", err
	}
	if _, err := tx.LockSubscriber(ctx, sub.Email); err != nil {
		return "", err
	}
	if !l.asks {
		return "", r.oweReceipt(ctx, tx, l, store.Receipt{Answer: noIntent})
	}
	kind := l.answer.Kind
	result, back, err := r.answerToUndo(ctx, tx, l.about, l.answer)
	if err != nil || kind == pacing.Stop {
		return result.Effect, err
	}
	receipt := store.Receipt{Answer: string(kind), Effect: string(result.Effect), Detail: pauseWords(l.answer.Event),
		EventID: back.Event, Before: back.before()}
	switch {
	case l.answer.Safety != "":
		receipt.Answer, receipt.Effect = SafetyAnswered, ""
	case kind == pacing.Back && result.State.Owed == back.State.Lesson:
		receipt.Detail = backToFirst
	}
	return result.Effect, r.oweReceipt(ctx, tx, l, receipt)
}

// oweReceipt owes the answer to a reply, where there is to be one.
func (r *Road) oweReceipt(ctx context.Context, tx *store.Tx, l letterTo, receipt store.Receipt) error {
	sub, err := tx.LockSubscription(ctx, l.about.SubscriptionID)
	if err != nil || !mayReceive(sub, l, receipt) {
		return err
	}
	if gone, err := tx.Suppressed(ctx, r.Hasher.Address(store.AddressKey(sub.Email))); err != nil || gone != nil {
		return err
	}
	if sub.State.Status == pacing.Completed { // what ended says nothing to who has set out anew
		if busy, err := tx.OnTheWay(ctx, sub.SubscriberID, sub.Course); err != nil || busy {
			return err
		}
	}
	n, err := tx.CountReceipts(ctx, sub.SubscriberID, midnight(tx.Now, zoneOf(sub)))
	if err != nil {
		return err
	}
	if n >= mostReceipts {
		return tx.AddEvents(ctx, []store.Event{{SubscriptionID: sub.ID, DeliveryID: &l.about.ID, Actor: string(ByWorker), Kind: KindReceipt,
			From: string(sub.State.Status), To: string(sub.State.Status),
			Why: fmt.Sprintf("no answer to that mail: %d went on this day already", n)}})
	}
	m := pacing.Mail{Kind: KindReceipt, Lesson: l.about.Mail.Lesson, Occasion: l.about.Occasion}
	if l.about.Mail.Kind == pacing.KindPractice { // what is said to it is meant for the lesson
		m.Lesson, m.Occasion = sub.State.Lesson, sub.State.Occasion
	}
	owed, err := tx.Owe(ctx, r.Domain, []store.Delivery{{SubscriptionID: sub.ID, Step: store.ReceiptStep + "/" + l.arrival.Ref.String(),
		Occasion: m.Occasion, Mail: m, Version: sub.Version, Queue: store.QueueAccount, DueAt: tx.Now}})
	if err != nil || len(owed) != 1 {
		return err
	}
	receipt.DeliveryID, receipt.ReplyID = owed[0], l.id
	return tx.AddReceipt(ctx, receipt)
}

// mayReceive tells whether a reply gets an answer at all.
func mayReceive(sub store.Subscription, l letterTo, receipt store.Receipt) bool {
	switch sub.State.Status {
	case pacing.Pending, pacing.Stopped, pacing.Suppressed:
		return false
	}
	changed := receipt.Effect == string(pacing.Applied)
	switch {
	case l.said.Crisis != nil && !changed: // the help lines are the answer
		return false
	case receipt.Answer == SafetyAnswered && sub.CrisisMail == store.CrisisNone:
		return false
	}
	return true
}

// midnight is the beginning of the local date of t.
func midnight(t time.Time, zone *time.Location) time.Time {
	year, month, day := t.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

// replyID gives a reply's Message-ID where it is fit to be kept and answered.
func replyID(raw []byte) string {
	id := inbound.MessageID(raw)
	unfit := func(b byte) bool { return b <= ' ' || b >= 0x7f }
	if len(id) > 200 || slices.ContainsFunc([]byte(id), unfit) {
		return ""
	}
	return id
}

// receiptOf is what the mail of a receipt says now, and whether what it tells can
// be taken back.
func receiptOf(kept store.Receipt, d store.Delivery, sub store.Subscription, c *course.Course, now time.Time) (*mailer.Receipt, bool) {
	if d.Kind() == store.ResourcesStep {
		return &mailer.Receipt{Told: helpTold(sub.CrisisMail), Answered: kept.ReplyID}, false
	}
	s, zone := sub.State, zoneOf(sub)
	told := &mailer.Receipt{Told: toldOf(kept, sub), Answered: kept.ReplyID}
	lesson := lessonOf(c, sub.Track, d.Mail.Lesson)
	current := lesson != nil && s.Lesson == lesson.ID && s.Occasion == d.Occasion && s.Owed == ""
	if current && c.Track(sub.Track).Last(lesson.ID) {
		told.Told = lastTold(told.Told, s.Status)
	}
	told.Open = current && lesson.Asks() && s.Status != pacing.Halted && !s.Status.Ended()
	next, due := s.Ahead()
	switch {
	case told.Told == mailer.ToldSafety || told.Told == mailer.ToldHelp || told.Told == mailer.ToldHelpLink:
	case s.Status == pacing.Paused && s.PausedUntil.After(now):
		told.Paused = s.PausedUntil.In(zone)
	case next == nil || !due.After(now):
	case next.Kind == pacing.KindLesson:
		told.Next = due.In(zone)
	case next.Kind == pacing.KindAskAgain:
		told.Asked = due.In(zone)
	}
	return told, kept.EventID != 0 && kept.UndoneAt.IsZero()
}

// lastTold is what a receipt about the last letter tells: no letter follows a
// ready, and what is newer is the end alone.
func lastTold(told mailer.Told, status pacing.Status) mailer.Told {
	switch told {
	case mailer.Told(pacing.Ready), mailer.ToldStale:
		if status == pacing.Completed {
			return mailer.ToldCompleted
		}
		return mailer.ToldLast
	}
	return told
}

// toldOf names what a receipt tells.
func toldOf(kept store.Receipt, sub store.Subscription) mailer.Told {
	switch {
	case kept.Answer == SafetyAnswered:
		return mailer.ToldSafety
	case kept.Answer == string(pacing.Help) && (sub.CrisisMail == store.CrisisLink || sub.CrisisMail == store.CrisisNone):
		return mailer.ToldHelpLink
	case kept.Answer == string(pacing.Help):
		return mailer.ToldHelp
	case sub.State.Status == pacing.Halted:
		return mailer.ToldResting
	case kept.Answer == noIntent && sub.State.Status == pacing.Completed: // there is nothing to choose any more
		return mailer.ToldCompleted
	case kept.Answer == noIntent:
		return mailer.ToldHeard
	case kept.Effect == string(pacing.Applied) && kept.Detail == backToFirst:
		return mailer.Told(pacing.Repeat)
	case kept.Effect == string(pacing.Applied):
		return mailer.Told(kept.Answer)
	case sub.State.Status == pacing.Completed:
		return mailer.ToldCompleted
	case kept.Effect == string(pacing.Stale):
		return mailer.ToldStale
	case kept.Answer == string(pacing.Slower):
		return mailer.ToldSlowest
	case kept.Answer == string(pacing.Faster):
		return mailer.ToldQuickest
	}
	return mailer.ToldUnchanged
}
