package mailbox

import (
	"bytes"
	"flag"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestBuildReply(t *testing.T) {
	t.Parallel()
	l := parse("00000001", envelope{To: []string{"ann@example.org"}, At: noon}, []byte(letterMail))
	r, err := buildReply(l, []byte(letterMail), "ready\n\nThank you – it helps.\n", noon.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	if r.from != "ann@example.org" || r.to != "r+abc234@reply.road.example" {
		t.Errorf("the envelope is %s, %s", r.from, r.to)
	}
	got := bytes.Replace(r.raw, []byte(r.messageID), []byte("<RANDOM@example.org>"), 1)
	const golden = "testdata/reply.eml"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBuildReplyIsWellFormed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, original, text string
		to, subject          string
	}{
		{"no Reply-To", "From: Ben <ben@road.example>\r\nSubject: Re: news\r\n\r\nhello\r\n", "stop", "ben@road.example", "Re: news"},
		{"no subject", "From: ben@road.example\r\n\r\nhello\r\n", "stop", "ben@road.example", "Re: "},
		{"a subject with a line break", "From: ben@road.example\r\nSubject: =?utf-8?q?a=0D=0ABcc:_eve@evil.example?=\r\n\r\nhello\r\n", "stop", "ben@road.example", ""},
		{"a text that looks like a header", "From: ben@road.example\r\n\r\nhello\r\n", "Bcc: eve@evil.example\r\n\r\n.\r\nQUIT", "ben@road.example", "Re: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := parse("1", envelope{To: []string{"ann@example.org"}, At: noon}, []byte(c.original))
			r, err := buildReply(l, []byte(c.original), c.text, noon)
			if err != nil {
				t.Fatal(err)
			}
			m, err := mail.ReadMessage(bytes.NewReader(r.raw))
			if err != nil {
				t.Fatal(err)
			}
			if m.Header.Get("Bcc") != "" || m.Header.Get("From") != "<ann@example.org>" || r.to != c.to {
				t.Errorf("header %v, to %s", m.Header, r.to)
			}
			if got := m.Header.Get("Subject"); c.subject != "" && got != strings.TrimSpace(c.subject) {
				t.Errorf("subject %q, want %q", got, c.subject)
			}
			text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
			if err != nil || !strings.HasPrefix(string(text), c.text+"\r\n\r\nOn Tue, 2 Mar 2027 at 09:00, ") || !strings.HasSuffix(string(text), "wrote:\r\n\r\n> hello\r\n") {
				t.Errorf("the text is %q, %v", text, err)
			}
		})
	}
	if _, err := buildReply(Letter{To: "ann@example.org"}, []byte("Subject: x\r\n\r\nx"), "stop", noon); err == nil {
		t.Error("a mail from nobody was answered")
	}
}
