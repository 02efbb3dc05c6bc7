package journey_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/inbound/meant"
	"longroad/internal/journey"
	"longroad/internal/store"
	"longroad/internal/token"
)

// answerByMail hands in a reply to a delivery and reads it.
func (h *house) answerByMail(d store.Delivery, headers, text string) {
	h.t.Helper()
	to := journey.ReplyPrefix + h.road.Tokens.Sign(token.Reply, d.Ref) + "@reply.example.org"
	must(h.t, h.road.Receive(h.t.Context(), inbound.Arrival{Way: "smtp", To: to,
		Raw: []byte("From: reader@example.org\r\nTo: " + to + "\r\n" + headers + "\r\n" + text + "\r\n")}))
	var ids []int64
	must(h.t, h.road.Store.InTx(h.t.Context(), h.now.Add(time.Hour), func(tx *store.Tx) error {
		var err error
		ids, err = tx.NudgeReplies(h.t.Context(), 100)
		return err
	}))
	for _, id := range ids {
		must(h.t, h.road.Read(h.t.Context(), id))
	}
}

// The journal keeps what people write who asked for it, and for them alone: not
// before, not what machines say, not what is quoted, and not once it rests.
func TestJournal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	meaning, err := meant.New(nil)
	must(t, err)
	h.road.Meaning = meaning
	sub := h.reader("reader@example.org")
	letter := h.last(sub)
	notes := func() bool { // what the answer to the last mail says
		jobs, err := h.road.Take(t.Context(), "w", []int64{h.last(sub).ID})
		must(t, err)
		return len(jobs) == 1 && jobs[0].Receipt != nil && jobs[0].Receipt.Notes
	}
	const passphrase = "a horse, a battery"
	h.answerByMail(letter, "", "Before there was a journal.")
	if notes() {
		t.Error("an answer tells of notes that nobody keeps")
	}
	if j, err := h.road.OpenJournal(t.Context(), sub.Ref); err != nil || j.Kept {
		t.Fatalf("nobody asked for a journal: %+v, %v", j, err)
	}
	if _, err := h.road.ReadJournal(t.Context(), sub.Ref, passphrase); !errors.Is(err, journey.ErrNotFound) {
		t.Errorf("without a journal: %v", err)
	}
	must(t, h.road.BeginJournal(t.Context(), sub.Ref, passphrase))
	must(t, h.road.BeginJournal(t.Context(), sub.Ref, "somebody else's passphrase")) // changes nothing

	h.answerByMail(letter, "", "not yet, it was a hard week\r\n\r\nOn Tue, 2 Feb 2027 at 09:00, Letters <a@example.com> wrote:\r\n> what we wrote")
	if !notes() { // whoever began them: the reader shall know
		t.Error("the answer does not tell that notes are kept")
	}
	h.answerByMail(letter, "Auto-Submitted: auto-replied\r\n", "I am on holiday.")
	h.answerByMail(letter, "", "I am afraid of him. He hits me.") // whoever began the journal shall not read that
	must(t, h.road.RestJournal(t.Context(), sub.Ref, true))
	h.answerByMail(letter, "", "While it rests.")
	must(t, h.road.RestJournal(t.Context(), sub.Ref, false))
	h.answerByMail(letter, "", "Once more.")

	entries, err := h.road.ReadJournal(t.Context(), sub.Ref, passphrase)
	must(t, err)
	var texts []string
	for _, e := range entries {
		texts = append(texts, e.Text)
		if e.About == "" || e.At.Location().String() != "Europe/London" {
			t.Errorf("about %q at %v", e.About, e.At)
		}
	}
	if want := []string{"not yet, it was a hard week", "Once more."}; !slices.Equal(texts, want) {
		t.Errorf("kept is %q, not %q", texts, want)
	}
	for _, wrong := range []string{"", "somebody else's passphrase"} {
		if _, err := h.road.ReadJournal(t.Context(), sub.Ref, wrong); !errors.Is(err, journey.ErrPassphrase) {
			t.Errorf("%q opens it: %v", wrong, err)
		}
		if err := h.road.ForgetJournal(t.Context(), sub.Ref, wrong); !errors.Is(err, journey.ErrPassphrase) {
			t.Errorf("%q destroys it: %v", wrong, err)
		}
	}
	rows, err := h.road.Store.JournalEntries(t.Context(), sub.ID)
	must(t, err)
	for _, row := range rows {
		if strings.Contains(string(row.Sealed), "week") {
			t.Error("an entry lies open")
		}
	}

	// Without the passphrase it takes two weeks, and can be taken back.
	must(t, h.road.ForgetJournalLater(t.Context(), sub.Ref))
	must(t, h.road.KeepJournal(t.Context(), sub.Ref))
	h.now = h.now.Add(journey.JournalWaits + time.Hour)
	h.retain(10)
	if j, err := h.road.OpenJournal(t.Context(), sub.Ref); err != nil || !j.Kept || j.Entries != 2 {
		t.Errorf("it was taken back, and there is %+v, %v", j, err)
	}
	must(t, h.road.ForgetJournalLater(t.Context(), sub.Ref))
	h.now = h.now.Add(journey.JournalWaits - time.Minute)
	must(t, h.road.ForgetJournalLater(t.Context(), sub.Ref)) // again: its day stays
	h.retain(10)
	if j, err := h.road.OpenJournal(t.Context(), sub.Ref); err != nil || !j.Kept {
		t.Errorf("too early: %+v, %v", j, err)
	}
	h.now = h.now.Add(2 * time.Minute)
	h.retain(10)
	if j, err := h.road.OpenJournal(t.Context(), sub.Ref); err != nil || j.Kept {
		t.Errorf("its day has come: %+v, %v", j, err)
	}

	must(t, h.road.BeginJournal(t.Context(), sub.Ref, passphrase))
	must(t, h.road.ForgetJournal(t.Context(), sub.Ref, passphrase))
	if j, err := h.road.OpenJournal(t.Context(), sub.Ref); err != nil || j.Kept {
		t.Errorf("destroyed: %+v, %v", j, err)
	}
}
