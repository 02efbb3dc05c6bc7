package journey

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// undoable reports whether a word can be taken back. An answer on safety cannot,
// nor a stop: their pages let the reader say something else.
func undoable(k pacing.EventKind) bool {
	return slices.Contains([]pacing.EventKind{
		pacing.Ready, pacing.NotYet, pacing.Slower, pacing.Faster, pacing.Pause, pacing.Resume, pacing.Repeat, pacing.Back,
		pacing.PracticeOff, pacing.PracticeOn,
	}, k)
}

// change is what a word of the reader's has changed: enough to take it back.
type change struct {
	Event  int64         `json:"event"` // the last of the story that belongs to it; 0: there is nothing to take back
	Status pacing.Status `json:"status"`
	DueAt  time.Time     `json:"due_at,omitzero"`
	State  pacing.State  `json:"state"` // before it
}

// before is where the way stood before the change.
func (c change) before() pacing.State {
	s := c.State
	s.Status, s.DueAt = c.Status, c.DueAt
	return s
}

// answerToUndo is answer; it tells too what would take the answer back.
func (r *Road) answerToUndo(ctx context.Context, tx *store.Tx, d store.Delivery, a Answer) (pacing.Result, change, error) {
	var back change
	if a.Kind != pacing.Stop {
		if err := r.arrived(ctx, tx, d); err != nil {
			return pacing.Result{}, back, err
		}
		sub, err := tx.LockSubscription(ctx, d.SubscriptionID)
		if err != nil {
			return pacing.Result{}, back, err
		}
		back = change{Status: sub.State.Status, DueAt: sub.State.DueAt, State: sub.State}
	}
	result, err := r.answer(ctx, tx, d, a)
	if err == nil && result.Effect == pacing.Applied && a.Safety == "" && undoable(a.Kind) {
		back.Event, err = tx.LastEvent(ctx, d.SubscriptionID)
	}
	return result, back, err
}

// sealBack makes what a page keeps of a change, so that its next press can take it
// back: sealed, for that letter's page alone. "" where there is nothing to take back.
func (r *Road) sealBack(d store.Delivery, back change) (string, error) {
	if back.Event == 0 {
		return "", nil
	}
	plain, err := json.Marshal(back)
	if err != nil {
		return "", fmt.Errorf("change: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(r.Box.Seal(plain, d.Ref[:])), nil
}

// TakeBack takes back what was just answered on the page of that letter, by what
// the page has kept of it (View.Back). What has happened since, or what nobody
// sealed, leaves all as it is: UndoGone.
func (r *Road) TakeBack(ctx context.Context, ref token.Ref, sealed string) (View, UndoState, error) {
	d, err := r.Store.DeliveryByRef(ctx, ref)
	if err != nil {
		return View{}, "", err
	}
	stands := UndoGone
	if back, ok := r.openBack(d, sealed); ok {
		err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
			stands = UndoGone
			done, err := r.takeBack(ctx, tx, d, store.Receipt{EventID: back.Event, Before: back.before()})
			if done {
				stands = UndoDone
			}
			return err
		})
		if err != nil {
			return View{}, "", err
		}
	}
	v, err := r.OpenDelivery(ctx, ref)
	return v, stands, err
}

func (r *Road) openBack(d store.Delivery, sealed string) (back change, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return back, false
	}
	plain, err := r.Box.Open(raw, d.Ref[:])
	if err != nil {
		return back, false
	}
	return back, json.Unmarshal(plain, &back) == nil && back.Event != 0
}

// UndoState is how it stands with taking something back.
type UndoState string

// The states.
const (
	UndoOpen UndoState = "open" // it can be taken back
	UndoDone UndoState = "done" // it was taken back
	UndoGone UndoState = "gone" // something has happened since that it would contradict
)

// Undoing is what the page of a receipt's undo may know.
type Undoing struct {
	View
	Word    pacing.EventKind // what is taken back
	Stands  UndoState
	JustNow bool      // it was taken back by the call that gives this
	CheckIn token.Ref // the mail whose check-in page goes on from here
}

// OpenUndo shows what a receipt's link would take back; it changes nothing.
// ErrNotFound for a receipt that changed nothing.
func (r *Road) OpenUndo(ctx context.Context, ref token.Ref) (Undoing, error) {
	d, kept, err := r.toUndo(ctx, r.Store.Reader, ref)
	if err != nil {
		return Undoing{}, err
	}
	v, err := r.deliveryView(ctx, r.Store.Reader, d)
	if err != nil {
		return Undoing{}, err
	}
	u := Undoing{View: v, Word: pacing.EventKind(kept.Answer), Stands: UndoDone, CheckIn: d.Ref}
	if !kept.UndoneAt.IsZero() {
		return u, nil
	}
	sub, err := r.Store.Subscription(ctx, d.SubscriptionID)
	if err != nil {
		return Undoing{}, err
	}
	u.Stands, err = r.undoState(ctx, r.Store.Reader, sub, kept)
	return u, err
}

// toUndo gives the receipt of that ref.
func (r *Road) toUndo(ctx context.Context, from store.Reader, ref token.Ref) (store.Delivery, store.Receipt, error) {
	d, err := from.DeliveryByRef(ctx, ref)
	if err != nil {
		return d, store.Receipt{}, err
	}
	kept, err := from.Receipt(ctx, d.ID)
	if err == nil && kept.EventID == 0 {
		err = fmt.Errorf("undo: %w", ErrNotFound)
	}
	return d, kept, err
}

// undoState tells whether a change can be taken back now. What has moved the
// reader since must not be lost by it, and nothing may be in hand.
func (r *Road) undoState(ctx context.Context, from store.Reader, sub store.Subscription, kept store.Receipt) (UndoState, error) {
	moved, err := from.MovedSince(ctx, sub.ID, kept.EventID)
	if err != nil || moved {
		return UndoGone, err
	}
	c, err := r.courseOf(ctx, from, &sub)
	if err != nil {
		return UndoGone, err
	}
	result, err := pace(c, sub.State, undoEvent(kept), r.Now())
	if err != nil || result.Effect != pacing.Applied {
		return UndoGone, err
	}
	return UndoOpen, nil
}

func undoEvent(kept store.Receipt) pacing.Event {
	return pacing.Event{Kind: pacing.Undo, Before: &kept.Before}
}

// Undo takes back what a receipt tells: the way stands again as before. Undoing
// again changes nothing.
func (r *Road) Undo(ctx context.Context, ref token.Ref) (Undoing, error) {
	justNow := false
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		var err error
		justNow, err = r.undo(ctx, tx, ref)
		return err
	})
	if errors.Is(err, store.ErrOnTheWay) { // the reader is on another way meanwhile
		err = nil
	}
	if err != nil {
		return Undoing{}, err
	}
	u, err := r.OpenUndo(ctx, ref)
	u.JustNow = justNow
	return u, err
}

func (r *Road) undo(ctx context.Context, tx *store.Tx, ref token.Ref) (bool, error) {
	d, _, err := r.toUndo(ctx, tx.Reader, ref)
	if err != nil {
		return false, err
	}
	if _, err := tx.LockSubscription(ctx, d.SubscriptionID); err != nil {
		return false, err
	}
	kept, err := tx.Receipt(ctx, d.ID) // whoever presses twice waits above
	if err != nil || !kept.UndoneAt.IsZero() {
		return false, err
	}
	done, err := r.takeBack(ctx, tx, d, kept)
	if err != nil || !done {
		return false, err
	}
	return true, tx.EndUndo(ctx, d.ID)
}

// takeBack takes a change back, if it still can be; the story tells of it under
// that mail.
func (r *Road) takeBack(ctx context.Context, tx *store.Tx, d store.Delivery, kept store.Receipt) (bool, error) {
	sub, err := tx.LockSubscription(ctx, d.SubscriptionID)
	if err != nil {
		return false, err
	}
	if state, err := r.undoState(ctx, tx.Reader, sub, kept); err != nil || state != UndoOpen {
		return false, err
	}
	result, err := r.Apply(ctx, tx, sub.ID, Event{Event: undoEvent(kept), By: ByPage, Delivery: d.ID, Why: kept.Answer})
	return result.Effect == pacing.Applied, err
}
