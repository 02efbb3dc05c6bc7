package journey_test

import (
	"fmt"
	"strings"
	"testing"

	"longroad/internal/inbound"
	"longroad/internal/inbound/meant"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
	"longroad/templates"
)

// post is a house that reads what comes in.
type post struct {
	*house
	heard []string // by way and kind, and why kept
}

func newPost(t testing.TB) *post {
	t.Helper()
	p := &post{house: newHouse(t, saturday)}
	meaning, err := meant.New(nil)
	must(t, err)
	composer, err := mailer.NewComposer(templates.FS, mailer.House{From: "letters@letters.example.org", PostalAddress: "1 Long Road", ListID: "letters.example.org"})
	must(t, err)
	p.road.Meaning, p.road.AuthServID = meaning, "mx.letters.example.org"
	p.road.Bounces = journey.BouncePolicy{Hard: 1, Soft: 3}
	p.road.Heard = func(way, kind, kept string) {
		p.heard = append(p.heard, strings.TrimSpace(strings.Join([]string{way, kind, kept}, " ")))
	}
	p.road.Ours = func(job journey.Job) (string, error) {
		const base = "https://letters.example.org/"
		d, s := job.Delivery, job.Subscription
		return composer.Text(mailer.Letter{Kind: d.Kind(), Course: job.Course, Track: s.Track, Lesson: d.Mail.Lesson, Language: s.Language,
			Country: s.Country, Solo: s.Solo(), Name: s.Name, To: s.Email, MessageID: d.MessageID, Thread: d.Thread,
			Links: mailer.Links{CheckIn: base + "checkin/x", Confirm: base + "confirm/x", Unsubscribe: base + "u/x", Preferences: base + "me/x"}})
	}
	return p
}

// of is the post for a subtest, which finds others' readers in it.
func (p *post) of(t *testing.T) *post {
	h := *p.house
	h.t = t
	q := &post{house: &h}
	h.road.Heard = func(way, kind, kept string) {
		q.heard = append(q.heard, strings.TrimSpace(strings.Join([]string{way, kind, kept}, " ")))
	}
	return q
}

// newcomer is a reader whom nobody else knows, with the first letter.
func (p *post) newcomer() (string, store.Subscription) {
	p.t.Helper()
	email := "reader-" + token.NewRef().String() + "@example.org"
	return email, p.reader(email)
}

func (p *post) replyTo(d store.Delivery) string {
	return journey.ReplyPrefix + p.road.Tokens.Sign(token.Reply, d.Ref) + "@reply.example.org"
}

func (p *post) bounceTo(d store.Delivery) string {
	return journey.BouncePrefix + p.road.Tokens.Sign(token.Bounce, d.Ref) + "@bounce.example.org"
}

// comes takes a mail in and reads it; to is its envelope's recipient. It gives
// what the log of readings says.
func (p *post) comes(to, raw string) string {
	p.t.Helper()
	return p.arrives(inbound.Arrival{Way: "lmtp", To: to, Raw: []byte(strings.ReplaceAll(raw, "\n", "\r\n"))})
}

func (p *post) arrives(a inbound.Arrival) string {
	p.t.Helper()
	before := len(p.heard)
	must(p.t, p.road.Receive(p.t.Context(), a))
	p.readAll()
	return strings.Join(p.heard[before:], ", ")
}

// readAll reads what nobody has read.
func (p *post) readAll() {
	p.t.Helper()
	for _, id := range p.unread() {
		must(p.t, p.road.Read(p.t.Context(), id))
	}
}

func (p *post) unread() (ids []int64) {
	p.t.Helper()
	must(p.t, p.road.Store.InTx(p.t.Context(), p.now.AddDate(1, 0, 0), func(tx *store.Tx) (err error) {
		ids, err = tx.NudgeReplies(p.t.Context(), 100)
		return err
	}))
	return ids
}

func (p *post) status(email string) pacing.Status {
	p.t.Helper()
	return p.subscription(email).State.Status
}

// answered tells how often the story says that the reader answered, and what.
func (p *post) answered(sub store.Subscription) string {
	p.t.Helper()
	all, err := p.road.Store.EventsOf(p.t.Context(), sub.ID)
	must(p.t, err)
	var said []string
	for _, e := range all {
		if e.Actor == string(journey.ByMail) {
			said = append(said, e.Kind+" "+e.Effect)
		}
	}
	return strings.Join(said, ", ")
}

func (p *post) quarantine() string {
	p.t.Helper()
	all, err := p.road.Store.Quarantine(p.t.Context(), 100)
	must(p.t, err)
	var lines []string
	for _, k := range all {
		lines = append(lines, k.Kind+": "+k.Why)
	}
	return strings.Join(lines, ", ")
}

func reply(headers, text string) string {
	return "From: Ann <ann@example.org>\nTo: letters@letters.example.org\nSubject: Re: A first letter\nDate: Sat, 2 Jan 2027 10:00:00 +0000\n" + headers + "\n" + text + "\n"
}

const authenticated = "Received: from mail.letters.example.org by reply.example.org\n\twith LMTP id 1; Sat, 2 Jan 2027 10:00:02 +0000\nAuthentication-Results: mx.letters.example.org; dmarc=pass header.from=example.org\nReceived: from out.example.org by mx.letters.example.org; Sat, 2 Jan 2027 10:00:01 +0000\n"

// A reply is matched by the signed address, then by what it answers, then by who
// sent it if our own server vouches for that; never by its subject.
func TestRepliesAreMatched(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for name, c := range map[string]struct {
		raw  func(d store.Delivery) string
		to   func(p *post, d store.Delivery) string
		want bool
	}{
		"the signed address, headers rewritten": {raw: func(store.Delivery) string {
			return reply("Message-ID: <rewritten@example.org>\nIn-Reply-To: <other@example.org>\n", "ready")
		},
			to: func(p *post, d store.Delivery) string { return strings.ToUpper(p.replyTo(d)) }, want: true},
		"the bounce address, as some programs answer": {raw: func(store.Delivery) string { return reply("", "ready") },
			to: func(p *post, d store.Delivery) string { return p.bounceTo(d) }, want: true},
		"In-Reply-To": {raw: func(d store.Delivery) string { return reply("In-Reply-To: <"+d.MessageID+">\n", "ready") }, want: true},
		"References": {raw: func(d store.Delivery) string {
			return reply("References: <a@b.example>\n <"+d.MessageID+">\n", "ready")
		}, want: true},
		"an authentic sender": {raw: func(store.Delivery) string { return authenticated + reply("", "ready") }, want: true},
		"a sender, not authenticated": {raw: func(store.Delivery) string {
			return strings.Replace(authenticated, "pass", "fail", 1) + reply("", "ready")
		}},
		"a sender, vouched for by himself": {raw: func(store.Delivery) string {
			return "Received: from mx.letters.example.org by reply.example.org; Sat, 2 Jan 2027 10:00:02 +0000\nReceived: from out.example.org by mx.letters.example.org; Sat, 2 Jan 2027 10:00:01 +0000\nReceived: from x by y; Sat, 2 Jan 2027 10:00:00 +0000\n" + authenticated + reply("", "ready")
		}},
		"the subject alone": {raw: func(store.Delivery) string { return reply("", "ready") }},
		"an address made up": {raw: func(store.Delivery) string { return reply("", "ready") }, to: func(*post, store.Delivery) string {
			return "r-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@reply.example.org"
		}},
		"a Message-ID made up":     {raw: func(store.Delivery) string { return reply("In-Reply-To: <aaaa@letters.example.org>\n", "ready") }},
		"the signed address in To": {raw: func(store.Delivery) string { return "" }, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := p.of(t)
			email, sub := p.newcomer()
			d := p.last(sub)
			to, raw := "letters@letters.example.org", c.raw(d)
			if c.to != nil {
				to = c.to(p, d)
			}
			if raw == "" { // by a mailbox, which tells no envelope
				to, raw = "", "From: Ann <ann@example.org>\nTo: Letters <"+p.replyTo(d)+">\n\nready\n"
			}
			got := p.comes(to, strings.ReplaceAll(raw, "ann@example.org", email))
			want, heard := "ready applied", "lmtp reply"
			if !c.want {
				want, heard = "", "lmtp reply not matched"
			}
			if p.answered(sub) != want || got != heard {
				t.Errorf("answered %q, heard %q", p.answered(sub), got)
			}
		})
	}
}

// Who is on two ways is not known by their address alone.
func TestSenderOnTwoWays(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	_, err := p.road.Stop(t.Context(), sub.Ref, journey.ByPage)
	must(t, err)
	if got := p.comes("letters@letters.example.org", authenticated+reply("", "ready")); got != "lmtp reply not matched" {
		t.Errorf("on no way: %s", got)
	}
	if got := p.comes("letters@letters.example.org", authenticated+strings.Replace(reply("", "ready"), "ann@", "nobody@", 1)); got != "lmtp reply not matched" {
		t.Errorf("unknown: %s", got)
	}
}

// Who sent a mail is believed where our own mail server took it in, and not where
// a provider posts what anybody may have written under its name.
func TestSenderByWays(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for way, want := range map[string]string{
		"lmtp": "not-yet applied", "smtp": "not-yet applied", "imap": "not-yet applied",
		"postmark": "", "mailgun": "", "sendgrid": "", "ses": "", "resend": "", "raw": "",
	} {
		t.Run(way, func(t *testing.T) {
			p := p.of(t)
			email, sub := p.newcomer()
			raw := strings.ReplaceAll(authenticated+reply("", "not yet"), "ann@example.org", email)
			if way != "lmtp" && way != "smtp" { // without the line of longroad's own door
				raw = raw[strings.Index(raw, "Authentication-Results"):]
			}
			p.arrives(inbound.Arrival{Way: way, To: "letters@letters.example.org", Raw: []byte(raw)})
			if got := p.answered(sub); got != want {
				t.Errorf("answered %q", got)
			}
		})
	}
}

// The way out by mail that every letter's List-Unsubscribe names is one.
func TestWayOutByMail(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for _, body := range []string{"", "This message was automatically generated by a mail program.\n"} {
		email, sub := p.newcomer()
		d := p.last(sub)
		p.comes(p.replyTo(d), "From: "+email+"\nTo: "+p.replyTo(d)+"\nSubject: stop\nMessage-ID: <"+email+">\n\n"+body)
		if got := p.status(email); got != pacing.Stopped {
			t.Errorf("%q: it is %s", body, got)
		}
	}
}

// Two copies of a reply count once, by whichever ways they come.
func TestSecondCopies(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	d := p.last(sub)
	raw := reply("Message-ID: <1@example.org>\nIn-Reply-To: <"+d.MessageID+">\n", "slower please")
	got := p.comes(p.replyTo(d), raw)
	got += ", " + p.comes(p.replyTo(d), "Received: from a by b; Sat, 2 Jan 2027 10:00:02 +0000\n"+raw)
	got += ", " + p.arrives(inbound.Arrival{Way: "imap", Raw: []byte(raw)})
	if want := "lmtp reply, , imap reply"; got != want {
		t.Errorf("heard %q", got)
	}
	if got := p.answered(sub); got != "slower applied" {
		t.Errorf("answered %q", got)
	}
	if got := p.comes(p.replyTo(d), reply("Message-ID: <2@example.org>\n", "slower please")); got != "lmtp reply" || p.answered(sub) != "slower applied, slower applied" {
		t.Errorf("another reply: %s, %s", got, p.answered(sub))
	}
}

// What fails on the way to its end is read again and counts once; reading twice
// changes nothing.
func TestReadingAgain(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	d := p.last(sub)
	must(t, p.road.Receive(t.Context(), inbound.Arrival{Way: "lmtp", To: p.replyTo(d), Raw: []byte(reply("", "slower please"))}))
	ids := p.unread()
	must(t, p.road.Store.InTx(t.Context(), p.now, func(tx *store.Tx) error { // a worker that dies with the row in its hands
		if _, err := tx.LockArrival(t.Context(), ids[0]); err != nil {
			return err
		}
		return p.road.Read(t.Context(), ids[0]) // nobody else gets it meanwhile
	}))
	if got := p.answered(sub); got != "" {
		t.Errorf("read while another held it: %s", got)
	}
	must(t, p.road.Read(t.Context(), ids[0]))
	must(t, p.road.Read(t.Context(), ids[0]))
	if got := p.answered(sub); got != "slower applied" || len(p.unread()) != 0 {
		t.Errorf("answered %q", got)
	}
}

// An answer to a letter of long ago moves nobody.
func TestStaleReply(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	first := p.last(sub)
	p.comes(p.replyTo(first), reply("", "ready"))
	p.now = p.subscription("ann@example.org").State.DueAt
	p.send()
	if p.last(sub).ID == first.ID {
		t.Fatal("no second letter")
	}
	p.comes(p.replyTo(first), reply("Message-ID: <2@example.org>\n", "ready"))
	if got := p.answered(sub); got != "ready applied, ready stale" {
		t.Errorf("answered %q", got)
	}
}

// A machine's answer is no answer, whatever it says.
func TestMachinesMoveNobody(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	d := p.last(sub)
	n := 0
	for name, raw := range map[string]string{
		"Auto-Submitted":     reply("Auto-Submitted: auto-replied\n", "ready"),
		"with a comment":     reply("Auto-Submitted: auto-generated (vacation)\n", "ready"),
		"X-Autoreply":        reply("X-Autoreply: yes\n", "ready"),
		"X-Autorespond":      reply("X-Autorespond: A first letter\n", "ready"),
		"X-Auto-Response":    reply("X-Auto-Response-Suppress: All\nAuto-Submitted: auto-replied\n", "ready"),
		"Precedence":         reply("Precedence: auto_reply\n", "ready"),
		"Precedence: bulk":   reply("Precedence: bulk\n", "ready"),
		"Precedence: junk":   reply("Precedence: junk\n", "ready"),
		"a list":             reply("List-Id: <all.example.org>\nList-Unsubscribe: <mailto:x@example.org>\nPrecedence: list\n", "ready"),
		"a null return path": "Return-Path: <>\n" + reply("", "ready"),
		"German":             "Subject: Abwesenheitsnotiz: Re: A first letter\nFrom: ann@example.org\n\nIch bin nicht im Büro. Ready.\n",
		"French":             "Subject: Absence du bureau\nFrom: ann@example.org\n\nJe suis absente du bureau jusqu'au 5 mars. ready\n",
		"Spanish":            "Subject: Respuesta automática: A first letter\nFrom: ann@example.org\n\nEstoy fuera. ready\n",
		"Portuguese":         "Subject: Resposta automática: A first letter\nFrom: ann@example.org\n\nEstou fora. ready\n",
		"Italian":            "Subject: Risposta automatica: A first letter\nFrom: ann@example.org\n\nSono fuori sede. ready\n",
		"Dutch":              "Subject: Automatisch antwoord: A first letter\nFrom: ann@example.org\n\nIk ben afwezig. ready\n",
		"English":            "Subject: Out of Office: A first letter\nFrom: ann@example.org\n\nI am away until Monday. ready\n",
	} {
		n++
		raw = strings.Replace(raw, "\n\n", fmt.Sprintf("\nMessage-ID: <%d@example.org>\n\n", n), 1)
		got := p.comes(p.replyTo(d), raw)
		if got = strings.TrimSuffix(got, " by way of a list"); got != "lmtp auto-reply" {
			t.Errorf("%s: heard %q", name, got)
		}
	}
	challenge := "From: bot@example.org\nSubject: Please verify your message\nAuto-Submitted: auto-replied\nX-Spamarrest: 1\n\nPlease click the link to prove that you are a real person. Your message is being held. ready\n"
	if got := p.comes(p.replyTo(d), challenge); got != "lmtp challenge a challenge" {
		t.Errorf("challenge: heard %q", got)
	}
	if got := p.answered(sub); got != "" || p.subscription("ann@example.org").State.Status != pacing.Awaiting {
		t.Errorf("answered %q", got)
	}
}
