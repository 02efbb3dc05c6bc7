package journey

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"longroad/internal/inbound"
	"longroad/internal/store"
	"longroad/internal/token"
)

// The prefixes of the signed addresses' local parts, before the token, so that a
// mail server can route them.
const (
	ReplyPrefix  = "r-" // answers to one of our mails
	BouncePrefix = "b-" // reports about one of our mails
)

// Knows tells whether an address is one that we gave out, or one that every mail
// server must have (RFC 5321, section 4.5.1; RFC 2142). It asks nobody: the token
// in the address is signed.
func (r *Road) Knows(address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	if local == "postmaster" || local == "abuse" {
		return true
	}
	_, _, ok := r.addressed(address)
	return ok
}

// addressed reads the token in an address of ours.
func (r *Road) addressed(address string) (token.Ref, token.Purpose, bool) {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	for prefix, purpose := range map[string]token.Purpose{ReplyPrefix: token.Reply, BouncePrefix: token.Bounce} {
		if signed, found := strings.CutPrefix(local, prefix); found {
			if ref, err := r.Tokens.Verify(purpose, signed); err == nil {
				return ref, purpose, true
			}
		}
	}
	return token.Ref{}, 0, false
}

// What became of something that came in.
const (
	received  = "received"
	duplicate = "duplicate" // a second copy
	notKept   = "failed"    // it must come again
)

// Receive keeps what came in, encrypted, before anyone acknowledges it, and
// nudges a worker to read it. A second copy of the same changes nothing. What
// belongs to none of our mails is kept too, for a person.
func (r *Road) Receive(ctx context.Context, a inbound.Arrival) error {
	id, err := r.keep(ctx, a)
	result := received
	switch {
	case err != nil:
		result = notKept
	case id == 0:
		result = duplicate
	default:
		r.lost(ctx, r.Nudger.NudgeReply(ctx, id))
	}
	if r.Arrived != nil {
		r.Arrived(a.Way, result)
	}
	return err
}

// keep writes an arrival down; its id is 0 when there is one like it already.
func (r *Road) keep(ctx context.Context, a inbound.Arrival) (int64, error) {
	about, err := r.addressee(ctx, a.To)
	if err != nil {
		return 0, err
	}
	plain, err := json.Marshal(a)
	if err != nil {
		return 0, fmt.Errorf("arrival: %w", err)
	}
	row := store.Arrival{Ref: token.NewRef(), Way: a.Way, DeliveryID: about}
	row.Sealed = r.Box.Seal(plain, row.Ref[:])
	if a.Note == nil {
		alone := a
		alone.To = ""
		row.Copy = digest(alone)
	}
	var id int64
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		var err error
		id, err = tx.AddArrival(ctx, row, digest(a))
		return err
	})
	return id, err
}

// digest tells two arrivals apart and a second copy from none. What servers write
// above a mail on its way differs between copies, so of a mail with a Message-ID
// that, its date, what it answers and the body count (there are programs that give
// all their mails one Message-ID), of another all that stands below those lines;
// its recipient too, for one mail may answer two letters.
func digest(a inbound.Arrival) []byte {
	h := sha256.New()
	part := func(b []byte) { fmt.Fprintf(h, "%d:", len(b)); h.Write(b) }
	part([]byte(strings.ToLower(a.To)))
	switch {
	case a.Note != nil:
		note, _ := json.Marshal(a.Note) // plain strings: never fails
		if a.Note.ID != "" {
			note = []byte(a.Way + " " + a.Note.ID)
		}
		part(note)
	default:
		head, body := a.Raw, []byte(nil)
		if at := bytes.Index(a.Raw, []byte("\r\n\r\n")); at >= 0 {
			head, body = a.Raw[:at], a.Raw[at:]
		} else if at := bytes.Index(a.Raw, []byte("\n\n")); at >= 0 {
			head, body = a.Raw[:at], a.Raw[at:]
		}
		if id := inbound.Identity(head); id != "" {
			head = []byte(id)
		}
		part(withoutTrace(head))
		part(bytes.TrimSpace(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))))
	}
	return h.Sum(nil)
}

// withoutTrace is a mail's header without what servers wrote above it on its way
// (RFC 5321, section 4.4), the last of them being longroad's own door.
func withoutTrace(head []byte) []byte {
	for len(head) > 0 {
		name, _, _ := bytes.Cut(head, []byte(":"))
		switch strings.ToLower(string(name)) {
		case "received", "return-path", "delivered-to", "x-original-to", "envelope-to":
		default:
			return head
		}
		folded := true // a line that begins with a space belongs to the one before
		for folded {
			_, head, _ = bytes.Cut(head, []byte("\n"))
			folded = len(head) > 0 && (head[0] == ' ' || head[0] == '\t')
		}
	}
	return head
}

// opened gives what was received.
func (r *Road) opened(row store.Arrival) (inbound.Arrival, error) {
	plain, err := r.Box.Open(row.Sealed, row.Ref[:])
	if err != nil {
		return inbound.Arrival{}, fmt.Errorf("arrival %s: %w: keep retired keys in LONGROAD_SECRET_KEY", row.Ref, err)
	}
	var a inbound.Arrival
	if err := json.Unmarshal(plain, &a); err != nil {
		// An older longroad sealed the bare mail.
		return inbound.Arrival{Way: row.Way, Raw: plain}, nil
	}
	return a, nil
}
