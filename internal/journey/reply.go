package journey

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"longroad/internal/course"
	"longroad/internal/inbound"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// ReplyPrefix begins the local part of every reply address, before its token, so
// that a mail server can route them.
const ReplyPrefix = "r-"

// Receive keeps a mail that came in for the address to, encrypted, before anyone
// acknowledges it, and nudges a worker to read it. A second copy of the same
// mail changes nothing. A mail whose address carries no token of ours is kept
// too, for a person.
func (r *Road) Receive(ctx context.Context, to string, raw []byte) error {
	var delivery *int64
	local, _, _ := strings.Cut(to, "@")
	if found, err := r.Tokens.Verify(token.Reply, strings.TrimPrefix(strings.ToLower(local), ReplyPrefix)); err == nil {
		d, err := r.Store.DeliveryByRef(ctx, found)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil {
			delivery = &d.ID
		}
	}
	ref, digest := token.NewRef(), sha256.Sum256(raw)
	sealed := r.Box.Seal(raw, ref[:])
	var id int64
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		var err error
		id, err = tx.AddReply(ctx, ref, digest[:], delivery, sealed)
		return err
	})
	if err != nil || id == 0 {
		return err
	}
	r.lost(ctx, r.Nudger.NudgeReply(ctx, id))
	return nil
}

// Read reads a reply and applies what it asks for. What is not understood, or
// cannot be matched, changes nothing and stays for a person. Reading again
// changes nothing.
func (r *Road) Read(ctx context.Context, id int64) error {
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		reply, err := tx.LockReply(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		intent, err := r.intent(ctx, reply)
		if err != nil {
			return err
		}
		if intent == "" || reply.DeliveryID == nil {
			return tx.EndReply(ctx, id, "", "")
		}
		d, err := tx.Delivery(ctx, *reply.DeliveryID)
		if err != nil {
			return err
		}
		answer, ok, err := r.meant(ctx, tx.Reader, d, intent)
		if err != nil {
			return err
		}
		if !ok {
			return tx.EndReply(ctx, id, "", "")
		}
		result, err := r.answer(ctx, tx, d, answer)
		if err != nil {
			return err
		}
		return tx.EndReply(ctx, id, string(intent), string(result.Effect))
	})
}

func (r *Road) intent(ctx context.Context, reply store.Reply) (inbound.Intent, error) {
	raw, err := r.Box.Open(reply.Sealed, reply.Ref[:])
	if err != nil {
		return "", fmt.Errorf("reply %s: %w: keep retired keys in LONGROAD_SECRET_KEY", reply.Ref, err)
	}
	intent, err := inbound.Read(raw)
	if err != nil {
		r.Log.InfoContext(ctx, "reply not readable, a person has to", slog.String("reply", reply.Ref.String()))
		return "", nil
	}
	return intent, nil
}

// meant turns an intent into what it says to that letter. A safety question is
// answered by its own words alone: a "ready" there is not plain enough.
func (r *Road) meant(ctx context.Context, from store.Reader, d store.Delivery, intent inbound.Intent) (Answer, bool, error) {
	answer := Answer{By: ByMail}
	switch intent {
	case inbound.Yes, inbound.No, inbound.Unsure, inbound.Ready:
	default: // a stop must not fail for want of a course
		answer.Kind = pacing.EventKind(intent)
		return answer, true, nil
	}
	view, err := r.deliveryView(ctx, from, d)
	if err != nil {
		return Answer{}, false, err
	}
	safety := asksSafety(view.Lesson)
	if intent == inbound.Ready {
		answer.Kind = pacing.Ready
		return answer, !safety, nil
	}
	answer.Safety, answer.Kind = course.Answer(intent), pacing.Unsafe
	if intent == inbound.Yes {
		answer.Kind = pacing.Ready
	}
	return answer, safety, nil
}

func asksSafety(l *course.Lesson) bool {
	return l != nil && l.CheckIn != nil && l.CheckIn.Kind == course.CheckInSafety
}
