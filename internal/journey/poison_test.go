package journey_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
	"longroad/internal/journey"
	"longroad/internal/pacing"
)

// What no database takes as text stands in no row and in no question to one: such
// a mail is read like any other, once.
func TestTextThatIsNone(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	_, sub := p.newcomer()
	d := p.last(sub)
	for name, c := range map[string]struct {
		a    inbound.Arrival
		want string
	}{
		"a zero in In-Reply-To": {inbound.Arrival{Way: "lmtp", To: "letters@letters.example.org", Raw: []byte(reply("In-Reply-To: <a\x00b@example.org>\n", "hello"))}, "lmtp reply not matched"},
		"bytes in References":   {inbound.Arrival{Way: "lmtp", To: "letters@letters.example.org", Raw: []byte(reply("References: <a\xff\xfeb@example.org>\n", "hello"))}, "lmtp reply not matched"},
		"before the right one":  {inbound.Arrival{Way: "lmtp", To: "letters@letters.example.org", Raw: []byte(reply("In-Reply-To: <\xff@x> <"+d.MessageID+">\n", "not yet"))}, "lmtp reply"},
		"a Message-ID":          {inbound.Arrival{Way: "lmtp", To: p.replyTo(d), Raw: []byte(reply("Message-ID: <\xff\x00@x>\n", "thank you"))}, "lmtp reply"},
		"a returned Message-ID": {inbound.Arrival{Way: "lmtp", To: "postmaster@x.example", Raw: []byte(bounceOf("5.1.1", "failed", "x@y.example", "From: a@b.example\nMessage-ID: <\xc3\x28\x00@x>\n\nx\n"))}, "lmtp bounce an open report"},
		"a sender":              {inbound.Arrival{Way: "lmtp", To: "letters@letters.example.org", Raw: []byte(strings.Replace(authenticated+reply("", "hello"), "ann@", "\xff\x00ann@", 1))}, "lmtp reply not matched"},
		"a note":                {inbound.Arrival{Way: "mailgun", Note: &inbound.Note{ID: "1", Kind: report.Bounce, Type: report.Soft, Reason: report.MailboxFull, MessageID: "a\x00b", Recipient: "a\x00@b.example"}}, "mailgun bounce an open report"},
		"a note's status":       {inbound.Arrival{Way: "mailgun", Note: &inbound.Note{ID: "2", Kind: report.Bounce, Type: report.Soft, Reason: report.MailboxFull, MessageID: d.MessageID, Status: "5.1.1\x00" + strings.Repeat("x", 1000)}}, "mailgun bounce"},
	} {
		t.Run(name, func(t *testing.T) {
			p := p.of(t)
			must(t, p.road.Receive(t.Context(), c.a))
			for _, id := range p.unread() {
				if err := p.road.Read(t.Context(), id); err != nil {
					t.Errorf("it comes again and again: %v", err)
				}
			}
			if got := strings.Join(p.heard, ", "); got != c.want {
				t.Errorf("heard %q", got)
			}
		})
	}
}

// A mail that makes the reading slip waits for a person at once, unopened, and no
// word of it comes into the log; the next one is read.
func TestSlipWhileReading(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	d := p.last(sub)
	var log bytes.Buffer
	p.road.Log = slog.New(slog.NewTextHandler(&log, nil))
	slips := true
	ours := p.road.Ours
	p.road.Ours = func(job journey.Job) (string, error) {
		if slips {
			panic("the sentence that nobody may see")
		}
		return ours(job)
	}
	if got := p.comes(p.replyTo(d), reply("", "I'm ready")); got != "lmtp unknown a slip of ours" {
		t.Errorf("heard %q", got)
	}
	if text := log.String(); strings.Contains(text, "nobody may see") || !strings.Contains(text, "poison_test.go") {
		t.Errorf("the log says %s", text)
	}
	if len(p.unread()) != 0 || p.quarantine() != "unknown: a slip of ours" {
		t.Errorf("kept %q", p.quarantine())
	}
	slips = false // mended
	_, err := p.road.Replay(t.Context())
	must(t, err)
	p.readAll()
	if got := p.status("ann@example.org"); got != pacing.Active || p.quarantine() != "" {
		t.Errorf("%s, kept %q", got, p.quarantine())
	}
}
