package inbound

import (
	"strings"
	"testing"
)

func mail(headers, body string) []byte {
	return []byte(strings.ReplaceAll("From: a@example.org\nTo: b@example.org\nSubject: Re: A letter\n"+headers+"\n"+body, "\n", "\r\n"))
}

func TestRead(t *testing.T) {
	t.Parallel()
	html := "Content-Type: text/html; charset=utf-8\n"
	both := "Content-Type: multipart/alternative; boundary=x\n"
	for name, c := range map[string]struct {
		raw  []byte
		want Intent
	}{
		"one word":              {mail("", "ready\n"), Ready},
		"capitals and a mark":   {mail("", "READY!\n"), Ready},
		"two words":             {mail("", "Not yet.\n"), NotYet},
		"with a hyphen":         {mail("", "not-yet\n"), NotYet},
		"quote below":           {mail("", "pause\n\nOn Tuesday somebody wrote:\n> ready\n> stop\n"), Pause},
		"empty lines first":     {mail("", "\n\n  stop  \n"), Stop},
		"a sentence":            {mail("", "I am ready\n"), ""},
		"a negation":            {mail("", "not ready\n"), ""},
		"a question":            {mail("", "ready?\n"), ""},
		"quoted line":           {mail("", "> ready\n"), ""},
		"only the quote says":   {mail("", "thank you\n> ready\n"), ""},
		"nothing":               {mail("", ""), ""},
		"html only":             {mail(html, "<p>ready</p>"), ""},
		"quoted-printable":      {mail("Content-Transfer-Encoding: quoted-printable\n", "re=\nady\n"), Ready},
		"base64":                {mail("Content-Transfer-Encoding: base64\n", "c3RvcAo=\n"), Stop},
		"another charset":       {mail("Content-Type: text/plain; charset=iso-8859-1\n", "faster\xa0\n"), Faster},
		"unknown charset":       {mail("Content-Type: text/plain; charset=x-none\n", "slower\n"), Slower},
		"alternative":           {mail(both, "--x\n\nback\n--x\n"+html+"\n<p>ready</p>\n--x--\n"), Back},
		"broken boundary":       {mail(both, "--x\n\nhelp\n"), Help},
		"attachment first":      {mail(both, "--x\nContent-Disposition: attachment\n\nstop\n--x\n\nrepeat\n--x--\n"), Repeat},
		"out of office":         {mail("Auto-Submitted: auto-replied\n", "ready\n"), ""},
		"says it is no machine": {mail("Auto-Submitted: no\n", "ready\n"), Ready},
		"a list":                {mail("List-Id: <x.example.org>\n", "stop\n"), ""},
		"bulk":                  {mail("Precedence: bulk\n", "stop\n"), ""},
		"bounce":                {mail("Return-Path: <>\n", "stop\n"), ""},
		"report":                {mail("Content-Type: multipart/report; boundary=x\n", "--x\n\nstop\n--x--\n"), ""},
		"safety":                {mail("", "Unsure\n"), Unsure},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(c.raw)
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestReadDeep(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("From: a@example.org\r\n")
	for range 2000 {
		b.WriteString("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n")
	}
	b.WriteString("\r\nready\r\n")
	if got, err := Read([]byte(b.String())); got != "" {
		t.Errorf("got %q, %v: nobody nests a mail so deep", got, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(mail("", "ready\n"))
	f.Add(mail("Content-Type: multipart/mixed; boundary=x\n", "--x\n\nready\n--x--\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := Read(raw)
		if err != nil && got != "" {
			t.Errorf("understood %q of what cannot be read", got)
		}
	})
}
