package journey

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	sub, err := tx.LockSubscription(ctx, d.SubscriptionID)
	if err != nil {
		return false, err
	}
	kept, err := tx.Receipt(ctx, d.ID) // whoever presses twice waits above
	if err != nil || !kept.UndoneAt.IsZero() {
		return false, err
	}
	if state, err := r.undoState(ctx, tx.Reader, sub, kept); err != nil || state != UndoOpen {
		return false, err
	}
	result, err := r.Apply(ctx, tx, sub.ID, Event{Event: undoEvent(kept), By: ByPage, Delivery: d.ID, Why: kept.Answer})
	if err != nil || result.Effect != pacing.Applied {
		return false, err
	}
	return true, tx.EndUndo(ctx, d.ID)
}
