package mailbox

import (
	"context"
	"fmt"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2027, 3, 2, 9, 0, 0, 0, time.UTC)

// letterMail is a letter as the service sends it, in both forms.
const letterMail = "From: Long Road Letters <letters@road.example>\r\n" +
	"To: ann@example.org\r\n" +
	"Reply-To: <r+abc234@reply.road.example>\r\n" +
	"Subject: =?utf-8?q?A_first_letter_=E2=80=93_read_slowly?=\r\n" +
	"Message-ID: <d1@road.example>\r\n" +
	"References: <d0@road.example>\r\n" +
	"Date: Tue, 02 Mar 2027 09:00:00 +0000\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b1\r\n\r\n" +
	"--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"Dear Ann,\r\n\r\nis this freely chosen=3F\r\n> a quote\r\n\r\nAnswer: http://127.0.0.1:8080/checkin/abc (or http://127.0.0.1:8080/me/abc).\r\n" +
	"--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
	"<!doctype html><html><head><title>x</title><style>p { color: #123456 }</style></head><body><p>Dear Ann</p>\r\n" +
	"<a href=\"http://127.0.0.1:8080/checkin/abc?a=1&amp;b=2\">Answer</a> <a href=\"mailto:x@y.example\">Write</a>\r\n" +
	"<script>document.title = 'ran'</script></body></html>\r\n" +
	"--b1--\r\n"

func openMailbox(t *testing.T, o Options) *Mailbox {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	m, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close(context.Background()) })
	return m
}

func send(t *testing.T, m *Mailbox, to, raw string) {
	t.Helper()
	if err := smtp.SendMail(m.Addr(), nil, "bounce@road.example", []string{to}, []byte(raw)); err != nil {
		t.Fatal(err)
	}
}

func TestMailboxSurvivesARestart(t *testing.T) {
	t.Parallel()
	now := noon
	o := Options{Dir: filepath.Join(t.TempDir(), "mailbox"), Now: func() time.Time { return now }}
	m := openMailbox(t, o)
	send(t, m, "ann@example.org", letterMail)
	now = now.Add(-time.Hour) // as if the clock's file had been removed
	send(t, m, "ben@example.org", "Subject: two\r\n\r\nhello\r\n")
	if err := m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	// What a kill in the middle of writing leaves is no mail.
	os.WriteFile(filepath.Join(o.Dir, "00000003.eml"), []byte("half"), 0o600)

	again := openMailbox(t, o)
	letters := again.Letters("")
	if len(letters) != 2 || letters[0].Subject != "two" || letters[1].Subject != "A first letter – read slowly" {
		t.Fatalf("after a restart: %+v", letters)
	}
	if letters[0].At.Before(letters[1].At) {
		t.Errorf("the order of times, %s and %s, is not that of arrival", letters[0].At, letters[1].At)
	}
	if _, raw, err := again.letter(letters[1].ID); err != nil || string(raw) != letterMail {
		t.Errorf("the mail changed: %v\n%s", err, raw)
	}
	send(t, again, "ann@example.org", "Subject: three\r\n\r\nhello\r\n")
	if got := again.Letters("")[0]; got.Subject != "three" || got.ID != "00000003" || again.Received() != 3 {
		t.Errorf("the third is %+v of %d", got, again.Received())
	}
	if got := again.Letters("ANN@"); len(got) != 2 || got[0].Subject != "three" {
		t.Errorf("to Ann: %+v", got)
	}
}

func TestMailboxKeepsEveryOneOfMany(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, Options{})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 5 {
				send(t, m, "ann@example.org", fmt.Sprintf("Subject: %d-%d\r\n\r\nhello\r\n", i, j))
			}
		})
	}
	group.Wait()
	seen := make(map[string]bool)
	for _, l := range m.Letters("") {
		seen[l.Subject] = true
	}
	if len(seen) != 40 || m.Received() != 40 {
		t.Fatalf("%d different mails of %d", len(seen), m.Received())
	}
}

func TestCatcherRefusesWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, Options{})
	huge := "Subject: huge\r\n\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", mostBytes/78+100)
	if err := smtp.SendMail(m.Addr(), nil, "a@road.example", []string{"ann@example.org"}, []byte(huge)); err == nil || !strings.HasPrefix(err.Error(), "552") {
		t.Fatalf("it answers %v", err)
	}
	if n := m.Received(); n != 0 {
		t.Fatalf("%d mails", n)
	}
}

func TestCatcherSaysWhenItCannotWrite(t *testing.T) {
	t.Parallel()
	o := Options{Dir: filepath.Join(t.TempDir(), "mailbox")}
	m := openMailbox(t, o)
	if err := os.RemoveAll(o.Dir); err != nil {
		t.Fatal(err)
	}
	err := smtp.SendMail(m.Addr(), nil, "a@road.example", []string{"ann@example.org"}, []byte("Subject: x\r\n\r\nx\r\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "451") {
		t.Fatalf("it answers %v", err)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, raw     string
		subject, text string
		links         []string
	}{
		{
			"both forms", letterMail, "A first letter – read slowly",
			"Dear Ann,\n\nis this freely chosen?\n> a quote\n\nAnswer: http://127.0.0.1:8080/checkin/abc (or http://127.0.0.1:8080/me/abc).",
			[]string{"http://127.0.0.1:8080/checkin/abc?a=1&b=2", "http://127.0.0.1:8080/checkin/abc", "http://127.0.0.1:8080/me/abc"},
		},
		{"plain, without a type", "Subject: hi\r\n\r\nSee https://a.example/x_(y), https://a.example/x_(y) [https://b.example/].\r\n", "hi",
			"See https://a.example/x_(y), https://a.example/x_(y) [https://b.example/].", []string{"https://a.example/x_(y)", "https://b.example/"}},
		{"HTML only", "Subject: hi\r\nContent-Type: text/html\r\n\r\n<style>x</style><p>Go <a href=https://a.example>there</a>\r\n", "hi", "Go there", []string{"https://a.example"}},
		{"an attachment is no text", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nnot this\r\n--b\r\nContent-Type: text/plain\r\n\r\nthis\r\n--b--\r\n",
			"", "this", []string{}},
		{"nothing at all", "", "", "", []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := parse("1", envelope{To: []string{"a@b.example"}}, []byte(c.raw))
			if l.Subject != c.subject || strings.TrimSpace(l.Text) != c.text {
				t.Errorf("got %q\n%q", l.Subject, l.Text)
			}
			if !slices.Equal(append([]string{}, l.Links...), c.links) {
				t.Errorf("links %q, want %q", l.Links, c.links)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(letterMail), "ready")
	f.Add([]byte("From: a@b.example\n\nx"), "> quoted\r\n.\r\n")
	f.Fuzz(func(t *testing.T, raw []byte, text string) {
		l := parse("1", envelope{To: []string{"a@b.example"}}, raw)
		for _, link := range l.Links {
			if !isWeb(link) {
				t.Fatalf("a link %q", link)
			}
		}
		r, err := buildReply(l, raw, text, noon)
		if err != nil {
			return
		}
		head := headerBlock(r.raw)
		if n := strings.Count("\r\n"+head, "\r\nFrom:"); n != 1 {
			t.Fatalf("%d From fields in %q", n, head)
		}
	})
}
