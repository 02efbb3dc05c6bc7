package mailer

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseRelay(t *testing.T) {
	t.Parallel()
	good := map[string]relay{
		"smtp://mail.example.org":                                     {host: "mail.example.org", port: 587, security: securitySTARTTLS, connections: 4},
		"smtp://mail.example.org?tls=tls":                             {host: "mail.example.org", port: 465, security: securityTLS, connections: 4},
		"smtp://127.0.0.1:1025?tls=none&connections=8":                {host: "127.0.0.1", port: 1025, security: securityNone, connections: 8},
		"smtp://[::1]/?tls=none":                                      {host: "::1", port: 25, security: securityNone, connections: 4},
		"smtp://me%40example.org:p%40ss%2Fword@mail.example.org:2525": {host: "mail.example.org", port: 2525, security: securitySTARTTLS, connections: 4, user: "me@example.org", password: "p@ss/word"},
	}
	for raw, want := range good {
		if got, err := parseRelay(raw); err != nil || got != want {
			t.Errorf("%s is %+v, %v", raw, got, err)
		}
	}
	bad := []string{
		"", "mail.example.org:25", "smtps://u:hunter2@mail.example.org", "smtp://u:hunter2@", "smtp://u:hunter2@host:port",
		"smtp://u:hunter2@host:0", "smtp://u:hunter2@host:99999", "smtp://u:hunter2@host?tls=maybe", "smtp://u:hunter2@host?tls=",
		"smtp://u:hunter2@host?connections=0", "smtp://u:hunter2@host?connections=many", "smtp://u:hunter2@host?insecure=1",
		"smtp://u:hunter2/slash@host", "smtp://u:hunter2%zz@host", "smtp://u:hunter2#x@host", "smtp://u:hunter2@host?a;b", "smtp://u:\x00hunter2@host",
	}
	for _, raw := range bad {
		if _, err := NewSMTP(raw); err == nil {
			t.Errorf("%s was taken", raw)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	cases := []struct {
		at   stage
		code int
		text string
		want Result
		bad  bool
	}{
		{stageRcpt, 550, "5.1.1 no such user", ResultRefused, true},
		{stageRcpt, 550, "5.1.1\nno such user", ResultRefused, true},
		{stageRcpt, 550, "5.1.2 no such domain", ResultRefused, true},
		{stageRcpt, 553, "5.1.3 bad syntax", ResultRefused, true},
		{stageRcpt, 551, "5.1.6 moved", ResultRefused, true},
		{stageRcpt, 556, "5.1.10 null MX", ResultRefused, true},
		{stageBody, 550, "5.2.1 disabled", ResultRefused, true},
		{stageRcpt, 550, "5.1.8 bad sender", ResultRetry, false},
		{stageRcpt, 552, "5.2.2 full", ResultRetry, false},
		{stageMail, 552, "too big", ResultRefused, false},
		{stageRcpt, 552, "mailbox full", ResultRetry, false}, // too big or full: nobody knows
		{stageBody, 552, "quota exceeded", ResultRetry, false},
		{stageRcpt, 550, "5.2.0 other", ResultRefused, false},
		{stageMail, 552, "5.3.4 too big", ResultRefused, false},
		{stageBody, 552, "5.2.3 too long", ResultRefused, false},
		{stageRcpt, 554, "5.3.0 system", ResultRetry, false},
		{stageRcpt, 554, "5.4.6 loop", ResultRetry, false},
		{stageRcpt, 550, "5.5.0 mailbox unavailable", ResultRetry, false},
		{stageBody, 554, "5.6.0 content", ResultRefused, false},
		{stageRcpt, 550, "5.7.1 policy", ResultRetry, false},
		{stageRcpt, 550, "5.1.11 unheard of", ResultRefused, false},
		{stageRcpt, 550, "no such user 5.1.1", ResultRefused, false}, // a status stands first
		{stageRcpt, 550, "5.1.1.2 is my address", ResultRefused, false},
		{stageRcpt, 550, "4.4.7 expired", ResultRetry, false}, // the two disagree
		{stageRcpt, 450, "5.1.1 for now", ResultRetry, false},
		{stageRcpt, 521, "no mail here", ResultRetry, false},
		{stageRcpt, 530, "sign in first", ResultRetry, false},
		{stageRcpt, 503, "bad sequence", ResultRetry, false},
		{stageBody, 554, "no", ResultRefused, false},
		{stageData, 554, "no valid recipients", ResultRetry, false},
		{stageMail, 550, "5.1.1 whose?", ResultRetry, false},
		{stageOpen, 554, "5.7.1 go away", ResultRetry, false},
		{stageRcpt, 421, "4.3.2 closing", ResultRetry, false},
		{stageRcpt, 299, "what?", ResultRetry, false},
		{stageRcpt, 600, "what?", ResultRetry, false},
	}
	for _, c := range cases {
		if got := verdict(c.at, reply{c.code, c.text}); got.Result != c.want || got.BadRecipient != c.bad || got.Code != c.code {
			t.Errorf("stage %d, %d %s: %+v", c.at, c.code, c.text, got)
		}
	}
}

// TestBlame tells what any mail would have met from what this one met.
func TestBlame(t *testing.T) {
	t.Parallel()
	cases := []struct {
		at   stage
		code int
		text string
		want Blame
	}{
		{stageOpen, 554, "5.7.1 go away", BlameServer},
		{stageOpen, 535, "5.7.8 wrong password", BlameServer},
		{stageOpen, 454, "4.7.0 TLS is not there", BlameServer},
		{stageMail, 451, "4.3.0 try later", BlameServer},
		{stageMail, 452, "4.3.1 the disk is full", BlameServer},
		{stageMail, 550, "5.1.1 whose?", BlameServer},
		{stageMail, 530, "sign in first", BlameServer},
		{stageMail, 552, "5.3.4 too big", BlameMail},
		{stageMail, 552, "too big", BlameMail},
		{stageRcpt, 421, "4.7.0 too many", BlameServer},
		{stageBody, 421, "closing", BlameServer},
		{stageRcpt, 452, "4.3.1 the disk is full", BlameServer},
		{stageBody, 451, "4.3.0 the queue is full", BlameServer},
		{stageBody, 452, "4.3.4 too big for now", BlameMail},
		{stageRcpt, 553, "5.1.8 whose domain?", BlameServer},
		{stageRcpt, 450, "4.1.7 whose address?", BlameServer},
		{stageRcpt, 530, "sign in first", BlameServer},
		{stageRcpt, 450, "4.2.0 greylisted", BlameMail},
		{stageRcpt, 451, "greylisted", BlameMail},
		{stageRcpt, 452, "4.2.2 full", BlameMail},
		{stageRcpt, 550, "5.1.1 no such user", BlameMail},
		{stageRcpt, 550, "5.7.1 policy", BlameMail},
		{stageRcpt, 550, "no", BlameMail},
		{stageData, 503, "no valid recipients", BlameMail},
		{stageBody, 554, "5.6.0 content", BlameMail},
	}
	for _, c := range cases {
		if got := verdict(c.at, reply{c.code, c.text}); got.Blame != c.want {
			t.Errorf("stage %d, %d %s: blames %q", c.at, c.code, c.text, got.Blame)
		}
	}
}

// TestVerdictNeverFlatters holds for whatever a server says: a refusal is never
// a success, only the listed statuses condemn an address, and 4xx never ends.
func TestVerdictNeverFlatters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := stage(rapid.IntRange(int(stageOpen), int(stageBody)).Draw(t, "stage"))
		code := rapid.IntRange(200, 699).Draw(t, "code")
		text := rapid.OneOf(rapid.StringMatching(`[245]\.[0-9]{1,3}\.[0-9]{1,3}( .*)?`), rapid.String()).Draw(t, "text")
		o := verdict(at, reply{code, text})
		switch {
		case o.Result != ResultRetry && o.Result != ResultRefused:
			t.Fatalf("the result is %s", o.Result)
		case o.Result == ResultRefused && (code < 500 || code > 599 || at == stageOpen):
			t.Fatalf("%d at stage %d refuses for good", code, at)
		case o.BadRecipient && (!isBadRecipient(o.Enhanced) || o.Result != ResultRefused || at < stageRcpt):
			t.Fatalf("%+v condemns the address", o)
		case o.Blame == BlameNone || o.BadRecipient && o.Blame != BlameMail:
			t.Fatalf("%+v blames nobody, or the wrong one", o)
		case strings.ContainsAny(o.Detail, "\r\n"):
			t.Fatalf("the detail has line breaks: %q", o.Detail)
		}
	})
}

func TestXtext(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a.b@c.example": "a.b@c.example", "a+b=c": "a+2Bb+3Dc", "a b\u00e9": "a+20b+C3+A9",
	} {
		if got := xtext(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}
