package inbound

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"longroad/internal/inbound/meant"
)

func mail(headers, body string) []byte {
	return []byte(strings.ReplaceAll("From: a@example.org\nTo: b@example.org\nSubject: Re: A letter\n"+headers+"\n"+body, "\n", "\r\n"))
}

func options(t testing.TB) Options {
	t.Helper()
	meaning, err := meant.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Meaning: meaning, Now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	o := options(t)
	both := "Content-Type: multipart/alternative; boundary=x\n"
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"a reply":         {mail("", "not yet\n\nOn Tue, 2 Feb 2027 at 09:00, Letters <a@example.com> wrote:\n> ready\n"), `{"kind":"reply","reply":{"text":"not yet","intent":"not-yet","pause":null,"crisis":null},"bounce":null}`},
		"a pause":         {mail("", "please pause for two weeks"), `{"kind":"reply","reply":{"text":"please pause for two weeks","intent":"pause","pause":{"for":"14d"},"crisis":null},"bounce":null}`},
		"free text":       {mail("", "the blue one"), `{"kind":"reply","reply":{"text":"the blue one","intent":"none","pause":null,"crisis":null},"bounce":null}`},
		"html alone":      {mail("Content-Type: text/html\n", "<div>ready</div>"), `{"kind":"reply","reply":{"text":"ready","intent":"ready","pause":null,"crisis":null},"bounce":null}`},
		"text before":     {mail(both, "--x\nContent-Type: text/html\n\n<p>stop</p>\n--x\n\nready\n--x--\n"), `{"kind":"reply","reply":{"text":"ready","intent":"ready","pause":null,"crisis":null},"bounce":null}`},
		"quote over two":  {mail("Content-Type: multipart/mixed; boundary=x\n", "--x\n\nready\n\nOn Tue, 2 Feb 2027 at 09:00, Letters <a@example.com> wrote:\n--x\n\n> stop\n--x--\n"), `{"kind":"reply","reply":{"text":"ready","intent":"ready","pause":null,"crisis":null},"bounce":null}`},
		"a robot's ready": {mail("Auto-Submitted: auto-replied\n", "ready"), `{"kind":"auto-reply","reply":{"text":"ready","intent":"none","pause":null,"crisis":null},"bounce":null}`},
		"a report":        {[]byte("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<r@example.net>:\nno mailbox here by that name (#5.1.1)\n"), `{"kind":"bounce","reply":null,"bounce":{"type":"hard","reason":"user-unknown","status":"5.1.1","recipients":["r@example.net"]}}`},
		"nobody is named": {[]byte("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\nIt failed.\n"), `{"kind":"bounce","reply":null,"bounce":{"type":"soft","reason":"undefined","status":"","recipients":[]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := Explain(c.raw, o)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(e)
			if err != nil || string(got) != c.want {
				t.Errorf("%s, %v\nwant %s", got, err, c.want)
			}
		})
	}
}

func TestExplainDangerOfRobots(t *testing.T) {
	t.Parallel()
	e, err := Explain(mail("Auto-Submitted: auto-replied\n", "I want to kill myself."), options(t))
	if err != nil || e.Reply == nil || e.Reply.Crisis == nil || e.Reply.Crisis.Category != meant.SelfHarm {
		t.Errorf("%+v, %v", e.Reply, err)
	}
}

func TestExplainUnreadable(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "\n\n", "no mail at all"} {
		if e, err := Explain([]byte(raw), options(t)); !errors.Is(err, ErrUnreadable) || e.Kind != "unknown" {
			t.Errorf("%q: %s, %v", raw, e.Kind, err)
		}
	}
}

// TestExplainHuge holds the time that the strangest mails take. On a slow
// machine under the race detector all is ten times slower.
func TestExplainHuge(t *testing.T) {
	t.Parallel()
	o := options(t)
	const size = 4 << 20
	fill := func(piece string) string { return strings.Repeat(piece, size/len(piece)) }
	head := "From: MAILER-DAEMON@x.example\nSubject: failure notice\n"
	for name, raw := range map[string]string{
		"one line":          head + "\n" + fill("a"),
		"addresses":         head + "\n" + fill("<a@b.example>:\n550 user unknown\n"),
		"signs":             head + "\n" + fill("@"),
		"quotes":            head + "\n" + fill("\"@"),
		"markers":           head + "\n" + fill("--- original message\n"),
		"from lines":        head + "\n" + fill("Received: x\n"),
		"equals":            head + "Content-Transfer-Encoding: quoted-printable\n\n" + fill("="),
		"words":             head + "X: " + fill("=?a?q?") + "\n\nx",
		"subject":           "From: a@b.example\nSubject: " + fill("re: ") + "\n\nx",
		"one header":        head + "Content-Type: text/plain; " + fill("a*0=b;") + "\n\nx",
		"folds":             head + "X: y\n" + fill(" z\n") + "\nx",
		"fields":            head + fill("a:b\n") + "\nx",
		"boundaries":        head + "Content-Type: multipart/mixed; boundary=b\n\n" + fill("--b\n"),
		"likely boundaries": head + "Content-Type: multipart/mixed\n\n" + fill("--bbbb\n"),
		"html":              head + "Content-Type: text/html\n\n" + fill("<style>"),
		"open tags":         head + "Content-Type: text/html\n\n" + fill("<p"),
		"statuses":          head + "Content-Type: message/delivery-status\n\n" + fill("Final-Recipient: a@b.example\n\n"),
		"codes":             head + "\nX <a@b.example>\n" + fill("5.0.0 "),
		"json":              head + "\n" + fill("{\"a\":"),
		"nested":            fill("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			if _, err := Explain([]byte(raw), o); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v", took)
			} else if took > 500*time.Millisecond {
				t.Logf("it took %v", took)
			}
		})
	}
}

func FuzzExplain(f *testing.F) {
	o := options(f)
	f.Add(mail("", "ready\n"))
	f.Add(mail("Content-Type: text/html\n", "<p>ready</p><blockquote>stop</blockquote>"))
	f.Add([]byte("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<r@example.net>:\n550 5.1.1 unknown\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := Explain(raw, o)
		if (err != nil) != (e.Kind == "unknown") {
			t.Errorf("%s, %v", e.Kind, err)
		}
		if e.Reply != nil && e.Bounce != nil {
			t.Error("a report and a reply")
		}
		if e.Kind != "reply" && e.Reply != nil && e.Reply.Intent != "none" {
			t.Errorf("%s asks for %s", e.Kind, e.Reply.Intent)
		}
	})
}
