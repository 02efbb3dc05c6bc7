package worker

import (
	"bytes"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// write answers a mail as a mail program would, and waits until it is read and
// answered. Extra are further lines of its header.
func (s *stack) write(d store.Delivery, id, text string, extra ...string) {
	s.t.Helper()
	to := journey.ReplyPrefix + s.tokens.Sign(token.Reply, d.Ref) + "@reply.example.org"
	head := append([]string{"From: Reader <reader@example.org>", "To: " + to, "Subject: Re: my own secret words", "Message-ID: <" + id + ">",
		"In-Reply-To: <" + d.MessageID + ">"}, extra...)
	must(s.t, s.road.Receive(s.t.Context(), inbound.Arrival{Way: "smtp", From: "reader@example.org", To: to,
		Raw: []byte(strings.Join(head, "\r\n") + "\r\n\r\n" + text + "\r\n")}))
	s.settle()
}

// mailIn is a mail that came, taken apart.
type mailIn struct {
	header mail.Header
	text   string
}

func (s *stack) newest() mailIn {
	s.t.Helper()
	all := s.post.all()
	return readMail(s.t, all[len(all)-1])
}

func readMail(t testing.TB, p posted) mailIn {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(p.raw))
	must(t, err)
	text, err := io.ReadAll(quotedprintable.NewReader(msg.Body))
	must(t, err)
	return mailIn{msg.Header, string(text)}
}

// undoRef reads the link that takes back what a receipt tells.
func (s *stack) undoRef(m mailIn) token.Ref {
	s.t.Helper()
	link := regexp.MustCompile(`https://letters\.example\.org/undo/([a-z2-7]{40})\s`).FindStringSubmatch(m.text)
	if link == nil {
		s.t.Fatalf("no link to take it back:\n%s", m.text)
	}
	ref, err := s.tokens.Verify(token.Undo, link[1])
	must(s.t, err)
	return ref
}

// A whole way: a reply, its receipt, the undo, and the next letter as it was to
// come before.
func TestReceiptAndUndo(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready"), noon) // a Friday
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	letter := s.letter(sub, "lesson/a")

	s.write(letter, "one@their.example", "I'm ready.")
	planned := s.subscription("reader@example.org").State
	m := s.newest()
	for name, want := range map[string]string{
		"Subject": "Re: Letter a", "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All",
		"In-Reply-To": "<one@their.example>", "References": "<" + letter.MessageID + "> <one@their.example>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
	} {
		if got := m.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, says := range []string{"Noted: ready.", "The next letter comes not before Tuesday, ", "Be safe."} {
		if !strings.Contains(m.text, says) {
			t.Errorf("the receipt does not say %q:\n%s", says, m.text)
		}
	}
	if strings.Contains(string(s.post.all()[2].raw), "secret") {
		t.Error("the receipt repeats what the reader wrote")
	}

	s.write(letter, "two@their.example", "Please pause for two weeks")
	m = s.newest()
	if !strings.Contains(m.text, "Noted: a pause.") || !strings.Contains(m.text, "Nothing comes before Friday, ") {
		t.Errorf("the receipt of a pause:\n%s", m.text)
	}
	ref := s.undoRef(m)
	before, err := s.road.OpenUndo(t.Context(), ref)
	must(t, err)
	if before.Word != pacing.Pause || before.Stands != journey.UndoOpen || s.subscription("reader@example.org").State.Status != pacing.Paused {
		t.Errorf("before: %s %s", before.Word, before.Stands)
	}
	for i, want := range []bool{true, false} {
		u, err := s.road.Undo(t.Context(), ref)
		must(t, err)
		if u.Stands != journey.UndoDone || u.JustNow != want {
			t.Errorf("press %d: %s, just now %v", i, u.Stands, u.JustNow)
		}
	}
	now := s.subscription("reader@example.org").State
	if now.Status != planned.Status || !now.DueAt.Equal(planned.DueAt) || *now.Next != *planned.Next {
		t.Errorf("stands at %+v, stood at %+v", now, planned)
	}
	for s.next(planned.DueAt.Add(time.Hour)) {
	}
	if got := s.letter(sub, "lesson/b"); got.State != store.Sent || got.SentAt.Before(planned.DueAt) || got.SentAt.After(planned.DueAt.Add(time.Minute)) {
		t.Errorf("the next letter: %s at %s, planned for %s", got.State, got.SentAt, planned.DueAt)
	}
}

// An undo that comes after something else takes nothing back.
func TestUndoTooLate(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready"), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	letter := s.letter(sub, "lesson/a")
	s.write(letter, "one@their.example", "slower")
	slower := s.undoRef(s.newest())
	s.write(letter, "two@their.example", "ready")
	ready := s.undoRef(s.newest())

	u, err := s.road.Undo(t.Context(), slower)
	must(t, err)
	if pace := s.subscription("reader@example.org").State.Pace; u.Stands != journey.UndoGone || u.JustNow || pace != 1.5 {
		t.Errorf("the older word: %s, pace %g", u.Stands, pace)
	}
	for s.next(noon.AddDate(0, 0, 20)) {
		if s.letter(sub, "lesson/b").State == store.Sent {
			break
		}
	}
	u, err = s.road.Undo(t.Context(), ready)
	must(t, err)
	if lesson := s.subscription("reader@example.org").State.Lesson; u.Stands != journey.UndoGone || lesson != "b" {
		t.Errorf("after the letter has gone: %s, at %s", u.Stands, lesson)
	}
	_, err = s.road.Undo(t.Context(), letter.Ref)
	if err == nil {
		t.Error("a letter was taken back")
	}
}

// Who gets no receipt, and how many others get.
func TestNoReceipt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		act   func(s *stack, sub store.Subscription, letter store.Delivery)
		want  int // receipts
		story string
	}{
		{"a machine's answer", func(s *stack, _ store.Subscription, d store.Delivery) {
			s.write(d, "1@x.example", "I am ready to answer when I am back.", "Auto-Submitted: auto-replied")
		}, 0, ""},
		{"a stop", func(s *stack, _ store.Subscription, d store.Delivery) { s.write(d, "1@x.example", "stop") }, 0, ""},
		{"after a stop", func(s *stack, _ store.Subscription, d store.Delivery) {
			s.write(d, "1@x.example", "stop")
			s.write(d, "2@x.example", "ready")
		}, 0, ""},
		{"suppressed", func(s *stack, _ store.Subscription, d store.Delivery) {
			must(s.t, s.road.Suppress(s.t.Context(), "reader@example.org", "operator", journey.ByOperator))
			s.write(d, "1@x.example", "ready")
		}, 0, ""},
		{"the same copy twice", func(s *stack, _ store.Subscription, d store.Delivery) {
			s.write(d, "1@x.example", "not yet")
			s.write(d, "1@x.example", "not yet")
		}, 1, ""},
		{"two words in one minute", func(s *stack, _ store.Subscription, d store.Delivery) {
			s.write(d, "1@x.example", "not yet")
			s.write(d, "2@x.example", "ready")
		}, 2, ""},
		{"many words on one day", func(s *stack, _ store.Subscription, d store.Delivery) {
			for i := range 5 {
				s.write(d, fmt.Sprintf("%d@x.example", i), []string{"not yet", "ready"}[i%2])
			}
		}, 3, "no answer to that mail: 3 went on this day already"},
		{"many words on two days", func(s *stack, _ store.Subscription, d store.Delivery) {
			for i := range 8 {
				if i == 4 {
					s.clock.set(s.clock.Now().Add(12*time.Hour + time.Minute))
				}
				s.write(d, fmt.Sprintf("%d@x.example", i), []string{"not yet", "ready"}[i%2])
			}
		}, 6, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, trialOf("trial", "ready"), noon)
			s.run()
			sub := s.signUp("reader@example.org", "one")
			s.settle()
			c.act(s, sub, s.letter(sub, "lesson/a"))
			got := 0
			for _, p := range s.post.all() {
				if readMail(t, p).header.Get("Auto-Submitted") == "auto-replied" {
					got++
				}
			}
			if got != c.want {
				t.Errorf("%d receipts, want %d: %s", got, c.want, s.states(sub))
			}
			if events, err := s.store.EventsOf(t.Context(), sub.ID); c.story != "" && (err != nil || events[len(events)-1].Why != c.story) {
				t.Errorf("the story ends with %+v, %v", events[len(events)-1], err)
			}
		})
	}
}

// What a receipt tells, by what was said and how things stand.
func TestWhatReceiptsTell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		lead       func(s *stack, sub store.Subscription, letter store.Delivery)
		says       string
	}{
		{"prose", "We talked for an hour yesterday.", nil, "We could not tell from your mail"},
		{"not yet", "not yet, sorry", nil, "not before Saturday, "},
		{"slower", "slower please", nil, "Slower it is."},
		{"faster, at the quickest", "faster", nil, "already the quickest pace"},
		{"back, at the first letter", "back", nil, "The same letter comes once more"},
		{"help", "help", nil, "people who listen"},
		{"ready twice", "ready", func(s *stack, _ store.Subscription, d store.Delivery) { s.write(d, "0@x.example", "ready") }, "That is how it already was"},
		{"an old letter", "ready", func(s *stack, sub store.Subscription, d store.Delivery) {
			s.say(sub, pacing.Ready)
			for s.letterState(sub, "lesson/b") != store.Sent && s.next(noon.AddDate(0, 1, 0)) {
			}
		}, "A newer letter has come since"},
		{"halted", "ready", func(s *stack, sub store.Subscription, _ store.Delivery) {
			must(s.t, s.store.InTx(s.t.Context(), s.clock.Now(), func(tx *store.Tx) error {
				_, err := s.road.Apply(s.t.Context(), tx, sub.ID, journey.Event{Event: pacing.Event{Kind: pacing.Halt}, By: journey.ByOperator})
				return err
			}))
		}, "Nothing comes at the moment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, trialOf("trial", "ready"), noon)
			s.run()
			sub := s.signUp("reader@example.org", "one")
			s.settle()
			letter := s.letter(sub, "lesson/a")
			if c.lead != nil {
				c.lead(s, sub, letter)
			}
			s.write(letter, "1@x.example", c.text)
			m := s.newest()
			if text := strings.Join(strings.Fields(m.text), " "); !strings.Contains(text, c.says) || m.header.Get("Auto-Submitted") != "auto-replied" {
				t.Errorf("%q is missing:\n%s", c.says, m.text)
			}
			for _, never := range []string{"an hour", "secret", "sorry"} {
				if strings.Contains(m.text, never) {
					t.Errorf("it repeats %q", never)
				}
			}
		})
	}
}

// A reply to a receipt answers the letter that the receipt is about; and what a
// receipt says is so when it goes, however late.
func TestLateReceipt(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready"), noon)
	var away atomic.Bool
	s.post.answer = func(m posted) mailer.Outcome {
		if away.Load() {
			return mailer.Outcome{Result: mailer.ResultRetry, Code: 451, Detail: "later"}
		}
		return mailer.Outcome{Result: mailer.ResultSent, Code: 250}
	}
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	letter := s.letter(sub, "lesson/a")
	away.Store(true)
	s.write(letter, "1@x.example", "not yet")
	s.write(letter, "2@x.example", "ready")
	away.Store(false)
	s.clock.set(noon.Add(5 * time.Hour))
	s.settle()
	all := s.post.all()
	if len(all) != 4 {
		t.Fatalf("%d mails, want the question, the letter and two receipts", len(all))
	}
	for _, p := range all[2:] {
		m := readMail(t, p)
		if strings.Contains(m.text, "asked again") || !strings.Contains(m.text, "The next letter comes not before") {
			t.Errorf("what was so hours ago:\n%s", m.text)
		}
	}
	s.clock.set(noon.Add(24 * time.Hour))
	receipts, err := s.store.DeliveriesOf(t.Context(), sub.ID)
	must(t, err)
	s.write(receipts[len(receipts)-1], "3@x.example", "not yet")
	if now := s.subscription("reader@example.org").State; now.Status != pacing.Holding {
		t.Errorf("an answer to the receipt: %s", now.Status)
	}
}

func (s *stack) letterState(sub store.Subscription, step string) store.DeliveryState {
	all, err := s.store.DeliveriesOf(s.t.Context(), sub.ID)
	must(s.t, err)
	for _, d := range all {
		if d.Step == step {
			return d.State
		}
	}
	return ""
}
