package journey_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
)

// What the server itself says at the recipient's address counts the same.
func TestRefusedRecipient(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for name, c := range map[string]struct {
		outcome mailer.Outcome
		want    string
	}{
		"no such user": {mailer.Outcome{Result: mailer.ResultRefused, Code: 550, Enhanced: "5.1.1", BadRecipient: true}, "hard bounce"},
		"no such host": {mailer.Outcome{Result: mailer.ResultRefused, Code: 550, Enhanced: "5.1.2", BadRecipient: true}, "hard bounce"},
		"disabled":     {mailer.Outcome{Result: mailer.ResultRefused, Code: 550, Enhanced: "5.2.1", BadRecipient: true}, ""},
		"too big":      {mailer.Outcome{Result: mailer.ResultRefused, Code: 552, Enhanced: "5.3.4"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := p.of(t)
			email := "reader-" + token.NewRef().String() + "@example.org"
			p.signUp(email, "offender")
			jobs, err := p.road.Take(t.Context(), "w", p.told.deliveries)
			must(t, err)
			d := jobs[0].Delivery
			must(t, p.road.Record(t.Context(), []journey.Done{{DeliveryID: d.ID, SubscriptionID: d.SubscriptionID, Attempt: d.Attempt, Worker: "w", Outcome: c.outcome, At: p.now}}))
			status := pacing.Pending
			if c.want != "" {
				status = pacing.Suppressed
			}
			if got := p.suppressed(email); got != c.want || p.status(email) != status {
				t.Errorf("suppressed %q, %s", got, p.status(email))
			}
		})
	}
}

// A provider is known, so that its word on an address of ours counts.
func TestNotes(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for name, c := range map[string]struct {
		note       func(d store.Delivery) inbound.Note
		want       string
		suppressed string
	}{
		"hard, by Message-ID": {func(d store.Delivery) inbound.Note {
			return inbound.Note{ID: "1", Kind: report.Bounce, Type: report.Hard, Reason: report.UserUnknown, Status: "5.1.1", MessageID: d.MessageID, Recipient: "x@example.org"}
		}, "ses bounce", "hard bounce"},
		"hard, by recipient": {func(store.Delivery) inbound.Note {
			return inbound.Note{ID: "1", Kind: report.Bounce, Type: report.Hard, Reason: report.UserUnknown, MessageID: "other@ses.example", Recipient: "Ann@Example.org"}
		}, "ses bounce", "hard bounce"},
		"soft": {func(d store.Delivery) inbound.Note {
			return inbound.Note{ID: "1", Kind: report.Bounce, Type: report.Soft, Reason: report.MailboxFull, MessageID: d.MessageID}
		}, "ses bounce", ""},
		"hard by its word, and about us": {func(d store.Delivery) inbound.Note {
			return inbound.Note{ID: "1", Kind: report.Bounce, Type: report.Hard, Reason: report.Spam, MessageID: d.MessageID}
		}, "ses bounce", ""},
		"delayed": {func(d store.Delivery) inbound.Note {
			return inbound.Note{ID: "1", Kind: report.Bounce, Type: report.Delayed, Reason: report.UserUnknown, MessageID: d.MessageID}
		}, "ses bounce", ""},
		"complaint": {func(store.Delivery) inbound.Note {
			return inbound.Note{ID: "1", Kind: report.Complaint, Recipient: "ann@example.org"}
		}, "ses complaint", "complaint"},
		"not spam": {func(store.Delivery) inbound.Note {
			return inbound.Note{ID: "1", Kind: report.Complaint, Reason: "not-spam", Recipient: "ann@example.org"}
		}, "ses complaint", ""},
		"of nobody that we know": {func(store.Delivery) inbound.Note {
			return inbound.Note{ID: "1", Kind: report.Complaint, Recipient: "nobody@example.org"}
		}, "ses complaint an open report", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := p.of(t)
			email, sub := p.newcomer()
			note := c.note(p.last(sub))
			note.ID = name
			if strings.HasPrefix(strings.ToLower(note.Recipient), "ann@") {
				note.Recipient = strings.ToUpper(email[:1]) + email[1:]
			}
			if got := p.arrives(inbound.Arrival{Way: "ses", Note: &note}); got != c.want {
				t.Errorf("heard %q", got)
			}
			if got := p.suppressed(email); got != c.suppressed || (p.status(email) == pacing.Suppressed) != (c.suppressed != "") {
				t.Errorf("suppressed %q, %s", got, p.status(email))
			}
			if got := p.arrives(inbound.Arrival{Way: "ses", Note: &note}); got != "" {
				t.Errorf("the same note again: heard %q", got)
			}
		})
	}
}

// An arrival whose key is gone waits for a person, not for ever for a worker; with
// the key back it is read.
func TestKeyGone(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	box := p.road.Box
	var err error
	p.road.Box, err = otherBox()
	must(t, err)
	d := p.last(sub)
	must(t, p.road.Receive(t.Context(), inbound.Arrival{Way: "lmtp", To: p.replyTo(d), Raw: []byte(reply("", "ready"))}))
	p.road.Box = box
	p.readAll()
	if got := p.quarantine(); got != "unknown: sealed with a key that is gone" || len(p.unread()) != 0 {
		t.Fatalf("kept %q", got)
	}
	if p.road.Box, err = otherBox(); err != nil {
		t.Fatal(err)
	}
	if done, err := p.road.Replay(t.Context()); err != nil || len(done) != 1 {
		t.Fatalf("%v, %v", done, err)
	}
	p.readAll()
	if got := p.answered(sub); got != "ready applied" || p.quarantine() != "" {
		t.Errorf("answered %q, kept %q", got, p.quarantine())
	}
}

// What was kept for long enough goes; what nobody could read in a day is kept for
// a person.
func TestArrivalsAreLetGo(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	began := p.now
	p.comes("letters@letters.example.org", reply("Message-ID: <1@example.org>\n", "Who are you?"))
	p.comes(p.bounceTo(p.last(sub)), bounceOf("5.2.2", "failed", "ann@example.org", strange))
	must(t, p.road.Receive(t.Context(), inbound.Arrival{Way: "lmtp", To: "x@example.org", Raw: []byte(reply("Message-ID: <2@example.org>\n", "ready"))}))
	p.now = began.Add(journey.KeepUnread + time.Hour)
	p.retain(10)
	if got := p.quarantine(); got != "reply: not matched" {
		t.Errorf("tried too seldom to be given up: kept %q", got)
	}
	for i := range 5 {
		must(t, p.road.Store.InTx(t.Context(), p.now.Add(time.Duration(i)*24*time.Hour), func(tx *store.Tx) error {
			_, err := tx.NudgeReplies(t.Context(), 10)
			return err
		}))
	}
	p.retain(10)
	if got := p.quarantine(); got != "reply: not matched, : not read in time" || len(p.unread()) != 0 {
		t.Errorf("kept %q", got)
	}
	if got := p.clocks(); got != "0 2 1 1" {
		t.Errorf("kept: %s", got)
	}
	p.now = began.Add(journey.KeepQuarantine + 2*time.Hour)
	p.retain(1)
	if got := p.quarantine(); got != "" {
		t.Errorf("kept %q", got)
	}
	p.now = began.Add(journey.KeepReadings + 48*time.Hour)
	p.retain(1)
	if got := p.clocks(); got != "0 0 0 0" {
		t.Errorf("kept: %s", got)
	}
}

// clocks tells how much is kept of what came in: unread, in quarantine, read, and
// how many bounces.
func (p *post) clocks() string {
	p.t.Helper()
	clocks, err := p.road.Clocks(p.t.Context())
	must(p.t, err)
	var rows []string
	for _, what := range []string{"were understood", "nobody could use", "what a mail asked for", "that a mail came back"} {
		for _, c := range clocks {
			if strings.Contains(c.What, what) {
				rows = append(rows, fmt.Sprint(c.Rows))
			}
		}
	}
	return strings.Join(rows, " ")
}

func otherBox() (*seal.Box, error) { return seal.NewBox("another secret, which was retired since") }
