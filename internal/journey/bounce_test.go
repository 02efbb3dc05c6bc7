package journey_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// bounceOf is a delivery report (RFC 3464) with the mail that it returns.
func bounceOf(status, action, final, returned string) string {
	return "From: MAILER-DAEMON@mx.example.net\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\n\nThis is the mail system. Your message could not be delivered.\n\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n" +
		"Final-Recipient: rfc822; " + final + "\nAction: " + action + "\nStatus: " + status + "\nDiagnostic-Code: smtp; 550 " + status + " " + words(status) + "\n\n" +
		"--b\nContent-Type: message/rfc822\n\n" + returned + "\n--b--\n"
}

func words(status string) string {
	return map[string]string{"5.1.1": "user unknown", "5.2.2": "mailbox full", "5.7.1": "blocked using a blocklist", "5.0.0": "no"}[status]
}

func complaintOf(kind, returned string) string {
	return "From: fbl@mx.example.net\nSubject: FW: A first letter\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n" +
		"--b\n\nThis is an email abuse report.\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: " + kind + "\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: victim@example.org\n\n" +
		"--b\nContent-Type: message/rfc822\n\n" + returned + "\n--b--\n"
}

// returnedMail is our mail as a server gives it back.
func returnedMail(d store.Delivery, to string) string {
	return "From: letters@letters.example.org\nTo: " + to + "\nSubject: A first letter\nMessage-ID: <" + d.MessageID + ">\n\nDear reader\n"
}

const strange = "From: letters@letters.example.org\nTo: ann@example.org\nSubject: A first letter\nMessage-ID: <made-up@letters.example.org>\n\nDear reader\n"

func (p *post) suppressed(email string) string {
	p.t.Helper()
	found, err := p.road.Store.Suppression(p.t.Context(), p.road.Hasher.Address(store.AddressKey(email)))
	if err != nil {
		return ""
	}
	return found.Reason
}

// Each kind of report, by each way of knowing whose it is.
func TestReports(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.reader("victim@example.org")
	const ann, victim = "ann@example.org", "victim@example.org"
	for name, c := range map[string]struct {
		raw              func(d store.Delivery) string
		to               string // b, r, or an address
		want, suppressed string
	}{
		"hard, by VERP": {func(store.Delivery) string { return bounceOf("5.1.1", "failed", ann, strange) }, "b", "lmtp bounce", "hard bounce"},
		"hard, by the returned Return-Path": {func(d store.Delivery) string {
			return bounceOf("5.1.1", "failed", ann, "Return-Path: <"+p.bounceTo(d)+">\n"+strange)
		}, "r", "lmtp bounce", "hard bounce"},
		"hard, at the reply address":       {func(store.Delivery) string { return bounceOf("5.1.1", "failed", ann, strange) }, "r", "lmtp bounce", ""},
		"hard, by the returned Message-ID": {func(d store.Delivery) string { return bounceOf("5.1.1", "failed", ann, returnedMail(d, ann)) }, "postmaster@x.example", "lmtp bounce", ""},
		"hard, by In-Reply-To alone": {func(d store.Delivery) string {
			return "In-Reply-To: <" + d.MessageID + ">\n" + bounceOf("5.1.1", "failed", ann, strange)
		}, "postmaster@x.example", "lmtp bounce", ""},
		"another's Final-Recipient, by VERP": {func(store.Delivery) string { return bounceOf("5.1.1", "failed", victim, strange) }, "b", "lmtp bounce", "hard bounce"},
		"made up: nothing of ours":           {func(store.Delivery) string { return bounceOf("5.1.1", "failed", ann, strange) }, "postmaster@x.example", "lmtp bounce an open report", ""},
		"made up: with an authentic sender": {func(store.Delivery) string {
			return authenticated + strings.Replace(bounceOf("5.1.1", "failed", ann, strange), "MAILER-DAEMON@mx.example.net", ann, 1)
		}, "postmaster@x.example", "lmtp bounce an open report", ""},
		"a full mailbox":            {func(store.Delivery) string { return bounceOf("5.2.2", "failed", ann, strange) }, "b", "lmtp bounce", ""},
		"5.x, and about us":         {func(store.Delivery) string { return bounceOf("5.7.1", "failed", ann, strange) }, "b", "lmtp bounce", ""},
		"delayed":                   {func(store.Delivery) string { return bounceOf("4.4.1", "delayed", ann, strange) }, "b", "lmtp bounce", ""},
		"delayed, with a hard code": {func(store.Delivery) string { return bounceOf("5.1.1", "delayed", ann, strange) }, "b", "lmtp bounce", ""},
		"delivered":                 {func(store.Delivery) string { return bounceOf("2.0.0", "delivered", ann, strange) }, "b", "lmtp bounce", ""},
		"no form at all, at the bounce address": {func(store.Delivery) string {
			return "From: MAILER-DAEMON@mx.example.net\nSubject: failure notice\n\nHi. This is the qmail-send program.\n<ann@example.org>:\nno mailbox here by that name (#5.1.1)\n"
		}, "b", "lmtp bounce", "hard bounce"},
		"nobody named": {func(store.Delivery) string {
			return "From: MAILER-DAEMON@mx.example.net\nSubject: failure notice\n\nIt failed.\n"
		}, "b", "lmtp bounce", ""},
		"complaint, by the returned Return-Path": {func(d store.Delivery) string {
			return complaintOf("abuse", "Return-Path: <"+p.bounceTo(d)+">\n"+returnedMail(d, ann))
		}, "abuse@x.example", "lmtp complaint", "complaint"},
		"complaint, by VERP":                    {func(store.Delivery) string { return complaintOf("abuse", strange) }, "b", "lmtp complaint", "complaint"},
		"complaint, by the returned Message-ID": {func(d store.Delivery) string { return complaintOf("abuse", returnedMail(d, ann)) }, "abuse@x.example", "lmtp complaint", "stopped"},
		"complaint, at the reply address":       {func(store.Delivery) string { return complaintOf("abuse", strange) }, "r", "lmtp complaint", "stopped"},
		"complaint, an opt-out":                 {func(d store.Delivery) string { return complaintOf("opt-out", returnedMail(d, ann)) }, "abuse@x.example", "lmtp complaint", "stopped"},
		"complaint, made up":                    {func(store.Delivery) string { return complaintOf("abuse", strange) }, "abuse@x.example", "lmtp complaint an open report", ""},
		"not spam":                              {func(d store.Delivery) string { return complaintOf("not-spam", returnedMail(d, ann)) }, "abuse@x.example", "lmtp complaint", ""},
		"about signatures":                      {func(d store.Delivery) string { return complaintOf("auth-failure", returnedMail(d, ann)) }, "abuse@x.example", "lmtp complaint", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := p.of(t)
			email, sub := p.newcomer()
			d := p.last(sub)
			mails := len(p.told.deliveries)
			to := c.to
			switch to {
			case "b":
				to = p.bounceTo(d)
			case "r":
				to = p.replyTo(d)
			}
			if got := p.comes(to, strings.ReplaceAll(c.raw(d), ann, email)); got != c.want {
				t.Errorf("heard %q, want %q", got, c.want)
			}
			status, suppressed := pacing.Awaiting, c.suppressed
			switch suppressed {
			case "":
			case "stopped":
				status, suppressed = pacing.Stopped, ""
			default:
				status = pacing.Suppressed
			}
			if got := p.suppressed(email); got != suppressed || p.status(email) != status {
				t.Errorf("suppressed %q, %s; want %q", got, p.status(email), c.suppressed)
			}
			if got := p.suppressed(victim); got != "" || p.status(victim) != pacing.Awaiting {
				t.Errorf("somebody else is suppressed: %q, %s", got, p.subscription(victim).State.Status)
			}
			if n := len(p.told.deliveries); n != mails {
				t.Errorf("%d mails go out for a report", n-mails)
			}
		})
	}
}

// Nobody is suppressed for good by who only has an old letter, or an answer that
// its reader has copied to others: such a report counts as one of several, and a
// complaint stops the letters as their link does.
func TestDoubtedReports(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw    string
		before func(p *post, d store.Delivery) // what happens between the mail and the report
		want   pacing.Status
		hard   bool // it suppresses
	}{
		"hard, in time":            {bounceOf("5.1.1", "failed", "ann@example.org", strange), func(p *post, _ store.Delivery) { p.now = p.now.AddDate(0, 0, 13) }, pacing.Suppressed, true},
		"hard, by a letter of old": {bounceOf("5.1.1", "failed", "ann@example.org", strange), func(p *post, _ store.Delivery) { p.now = p.now.AddDate(0, 0, 15) }, pacing.Awaiting, false},
		"complaint, of old":        {complaintOf("abuse", strange), func(p *post, _ store.Delivery) { p.now = p.now.AddDate(0, 2, 0) }, pacing.Stopped, false},
		"hard, of an answered mail": {bounceOf("5.1.1", "failed", "ann@example.org", strange), func(p *post, d store.Delivery) {
			p.now = p.now.Add(time.Hour)
			p.comes(p.replyTo(d), reply("", "not yet"))
		}, pacing.Holding, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t) // its clock is moved
			email, sub := p.newcomer()
			d := p.last(sub)
			c.before(p, d)
			p.now = p.now.Add(time.Minute)
			p.comes(p.bounceTo(d), c.raw)
			if got := p.status(email); got != c.want || (p.suppressed(email) != "") != c.hard {
				t.Errorf("%s, suppressed %q", got, p.suppressed(email))
			}
			if c.want == pacing.Stopped { // who was slandered comes back by themselves
				p.now = p.now.AddDate(0, 2, 0)
				if got := p.signUp(email, "offender"); got != "new" {
					t.Errorf("signed up anew: %s", got)
				}
			}
		})
	}
}

// An address that is gone is suppressed in the end, whatever its server proves.
func TestDoubtedAddUp(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	for i := range 6 {
		p.now = p.now.AddDate(0, 0, 8)
		must(t, p.road.Store.InTx(t.Context(), p.now, func(tx *store.Tx) error {
			_, err := tx.Owe(t.Context(), "letters.example.org", []store.Delivery{{SubscriptionID: sub.ID, Step: store.ConfirmStep, Occasion: i + 1, Version: sub.Version, Queue: store.QueueAccount, DueAt: p.now.AddDate(1, 0, 0)}})
			return err
		}))
		p.comes("postmaster@x.example", bounceOf("5.1.1", "failed", "ann@example.org", returnedMail(p.last(sub), "ann@example.org")))
		if got := p.suppressed("ann@example.org"); i < 3 && got != "" {
			t.Fatalf("suppressed after %d: %s", i+1, got)
		}
	}
	if got := p.suppressed("ann@example.org"); got != "soft bounces" {
		t.Errorf("suppressed %q", got)
	}
}

// The story tells what came back, and why the letters ended.
func TestBounceStory(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	d := p.last(sub)
	p.comes(p.bounceTo(d), bounceOf("4.4.1", "delayed", "ann@example.org", strange))
	if kinds, why := p.story(sub); kinds[len(kinds)-1] != journey.KindBounce || !strings.Contains(why, "still on its way") {
		t.Errorf("%v, %q", kinds, why)
	}
	p.comes(p.bounceTo(d), bounceOf("5.1.1", "failed", "ann@example.org", strange))
	kinds, why := p.story(sub)
	if strings.Join(kinds[len(kinds)-2:], " ") != "bounce suppress" || why != "hard bounce" {
		t.Errorf("%v, %q", kinds, why)
	}
	overview, err := p.road.Overview(t.Context())
	must(t, err)
	if got := fmt.Sprint(overview.Returned); got != "[{delayed network false 1} {hard user-unknown false 1}]" {
		t.Errorf("%s", got)
	}
	// It comes back by an operator alone, and begins anew.
	p.now = p.now.AddDate(0, 2, 0)
	if got := p.signUp("ann@example.org", "offender"); got != "suppressed" {
		t.Errorf("signed up while suppressed: %s", got)
	}
	if lifted, err := p.road.Lift(t.Context(), "ann@example.org", journey.ByOperator); err != nil || !lifted {
		t.Errorf("lifted %v, %v", lifted, err)
	}
	if got := p.signUp("ann@example.org", "offender"); got != "new" {
		t.Errorf("signed up after that: %s", got)
	}
}

// A full mailbox counts against the address, and its reader's answer clears that.
func TestSoftBounces(t *testing.T) {
	t.Parallel()
	for _, answers := range []bool{false, true} {
		p := newPost(t)
		p.road.Bounces = journey.BouncePolicy{Soft: 3}
		sub := p.reader("ann@example.org")
		first := p.last(sub)
		for i := range 32 {
			p.now = p.now.Add(24 * time.Hour)
			// Each day another mail: the policy counts mails, so that the ledger needs some.
			must(t, p.road.Store.InTx(t.Context(), p.now, func(tx *store.Tx) error {
				_, err := tx.Owe(t.Context(), "letters.example.org", []store.Delivery{{SubscriptionID: sub.ID, Step: store.ConfirmStep, Occasion: i + 1, Version: sub.Version, Queue: store.QueueAccount, DueAt: p.now.AddDate(1, 0, 0)}})
				return err
			}))
			p.comes(p.bounceTo(p.last(sub)), bounceOf("5.2.2", "failed", "ann@example.org", strange))
			if answers && i == 20 {
				p.comes(p.replyTo(first), reply("", "not yet"))
			}
		}
		want := "soft bounces"
		if answers {
			want = ""
		}
		if got := p.suppressed("ann@example.org"); got != want {
			t.Errorf("answered %v: suppressed %q", answers, got)
		}
	}
}
