package inbound

import (
	"testing"

	"longroad/internal/inbound/meant"
	"longroad/internal/inbound/mime"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	const flowed = "Content-Type: text/plain; format=flowed\n"
	for _, c := range []struct {
		name, header, body, want string
		quoted                   bool
	}{
		{"flowed", flowed, "It was a hard week, and I am \nnot ready.\n\nOn Tue, Mar 3, 2026 at 2:20 PM Letters, the long \ncourse <letters@example.org> wrote:\n\n> stop \n> now\n", "It was a hard week, and I am not ready.", false},
		{"below a bare quote", "", "On Tue, Mar 3, 2026 at 2:20 PM Letters <letters@example.org> wrote:\n\nAre you ready?\n\nNot yet.\n", "Are you ready?\n\nNot yet.", true},
		{"passed on", "", "---------- Forwarded message ---------\nFrom: Ann <ann@example.org>\nDate: Tue, Mar 3, 2026\nSubject: x\nTo: Bert\n\nstop\n", "stop", true},
		{"only a marked quote", "", "> stop\n> now\n", "stop\nnow", true},
		{"only a notice", "", "Sent from my iPhone\n", "Sent from my iPhone", true},
		{"indented HTML", "Content-Type: text/html\n", "<blockquote><div>not yet</div></blockquote>", "not yet", false},
		{"quoted HTML", "Content-Type: text/html\n", "<blockquote type=cite><div>stop</div></blockquote>", "stop", true},
		{"nothing", "", "\n \n", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := mime.Parse([]byte("From: ann@example.com\n" + c.header + "\n" + c.body))
			if err != nil {
				t.Fatal(err)
			}
			if got, quoted := visible(m); got != c.want || quoted != c.quoted {
				t.Errorf("got %q, %v, want %q, %v", got, quoted, c.want, c.quoted)
			}
		})
	}
}

// TestQuoteMovesNobody has a mail of nothing but a quote.
func TestQuoteMovesNobody(t *testing.T) {
	t.Parallel()
	o := options(t)
	e, err := Explain(mail("", "> stop\n"), o)
	if err != nil || e.Reply.Text != "stop" || e.Reply.Intent != none || e.WhyMeant != onlyQuoted {
		t.Errorf("%+v, %q, %v", e.Reply, e.WhyMeant, err)
	}
	e, err = Explain(mail("", "> I want to kill myself.\n"), o)
	if err != nil || e.Reply.Crisis == nil || e.Reply.Crisis.Level != meant.Gentle {
		t.Errorf("%+v, %v", e.Reply, err)
	}
}
