package report

import (
	"strings"
	"testing"

	"longroad/internal/inbound/mime"
)

func TestOriginal(t *testing.T) {
	t.Parallel()
	machine := "From: MAILER-DAEMON@x.example\nSubject: Undelivered Mail Returned to Sender\n"
	multipart := machine + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt failed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\nOriginal-Envelope-Id: env+2Bid@letters.example\n\nFinal-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.1.1\n\n"
	for name, c := range map[string]struct{ raw, ids, senders string }{
		"the mail returned":      {multipart + "--b\nContent-Type: message/rfc822\n\nReturn-Path: <b-tok@letters.example>\nFrom: l@letters.example\nReply-To: R-TOK@letters.example\nMessage-ID: <one@letters.example>\n\nx\n--b--\n", "one@letters.example env+id@letters.example", "b-tok@letters.example r-tok@letters.example"},
		"its header alone":       {multipart + "--b\nContent-Type: text/rfc822-headers\n\nFrom: l@letters.example\nMessage-ID:\n <one@letters.example>\n--b--\n", "one@letters.example env+id@letters.example", ""},
		"nothing returned":       {multipart + "--b--\n", "env+id@letters.example", ""},
		"in the report's text":   {machine + "Return-Path: <>\n\nHi. This is the qmail-send program.\n<a@example.net>:\n550 user unknown\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <b-tok@letters.example>\nReceived: from x by y\nMessage-ID: <one@letters.example>\nFrom: l@letters.example\nSubject: A letter\n\nx\n", "one@letters.example", "b-tok@letters.example"},
		"in the report's thread": {machine + "In-Reply-To: <one@letters.example>\nReferences: <zero@letters.example> <one@letters.example>\n\nIt could not be delivered: user unknown\n", "one@letters.example zero@letters.example", ""},
		"a report in a report":   {machine + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt failed.\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <outer@x.example>\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: message/rfc822\n\nMessage-ID: <one@letters.example>\n\nx\n--c--\n--b--\n", "outer@x.example one@letters.example", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := mime.Parse([]byte(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			r := Read(m)
			if r.Kind != Bounce || strings.Join(r.Original.MessageIDs, " ") != c.ids || strings.Join(r.Original.Senders, " ") != c.senders {
				t.Errorf("%s: %+v", r.Kind, r.Original)
			}
		})
	}
}

func TestReasonsAboutUs(t *testing.T) {
	t.Parallel()
	for reason := range map[Reason]bool{UserUnknown: true, HostUnknown: true, Moved: true, NoMail: true} {
		if !reason.Hard() || reason.AboutUs() {
			t.Errorf("%s", reason)
		}
	}
	for _, reason := range []Reason{Spam, Blocked, Auth, RateLimit, Content} {
		if reason.Hard() || !reason.AboutUs() {
			t.Errorf("%s", reason)
		}
	}
	for status, want := range map[string]Reason{"5.1.1": UserUnknown, "5.1.2": HostUnknown, "5.1.3": UserUnknown, "5.1.6": Moved, "5.1.10": UserUnknown, "5.2.1": Suspended, "": Undefined} {
		if got := ReasonOf(status); got != want {
			t.Errorf("%s: %s", status, got)
		}
	}
}
