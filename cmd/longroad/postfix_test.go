package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/jhillyerd/enmime/v2"

	"longroad/internal/devstack"
	"longroad/internal/devstack/stacktest"
)

// The readers of these tests have mailboxes at a mail server of their own.
const (
	readerDomain = "readers.example"
	replyDomain  = "letters.example.org" // that of serviceFrom
)

// waitingCourse has letters that come seconds after each other, each when the one
// before was answered.
func waitingCourse() map[string]string {
	return map[string]string{
		"course.yaml": `course: waiting
title: Waiting
language: en
sender: Waiting Letters
window: {days: [mon, tue, wed, thu, fri, sat, sun], at: "00:00", until: "24:00"}
per_day: 100
tracks:
  walker:
    title: Walker
    stages:
      - {id: gated, title: Gated, gap: 2s, gate: ready, lessons: [one, two]}
`,
		"walker/one.md": lessonFile("one", true),
		"walker/two.md": lessonFile("two", false),
	}
}

// postal is the service behind a real mail server.
type postal struct {
	*processes
	postfix *devstack.Postfix
}

// newPostal makes what the service needs that takes mail at an address; the
// processes are the test's to start.
func newPostal(t *testing.T, dir, inbound string) *postal {
	t.Helper()
	database := stacktest.Postgres(t, migrated)
	p := &postal{processes: &processes{t: t, database: database}}
	writeCourse(t, filepath.Join(dir, "courses", "waiting"), waitingCourse())
	p.env = append(serviceEnv(database, stacktest.Redis(t), ""),
		"LONGROAD_COURSES_DIR="+filepath.Join(dir, "courses"), "LONGROAD_INBOUND_ADDR="+inbound)
	return p
}

// behind starts a Postfix that hands replies over to lmtp, and lets workers send
// through it.
func (p *postal) behind(lmtp string, readers ...string) {
	p.t.Helper()
	p.postfix = stacktest.Postfix(p.t, devstack.PostfixOptions{
		ReaderDomain: readerDomain, Readers: readers, ReplyDomain: replyDomain, LMTP: lmtp})
	p.env = append(p.env, "LONGROAD_SMTP_URL="+p.postfix.URL())
}

// mails waits until a reader has so many mails.
func (p *postal) mails(reader string, n int) []*mail.Message {
	p.t.Helper()
	var all []*mail.Message
	eventually(p.t, fmt.Sprintf("%s has %d mails", reader, n), func() bool {
		raw, err := p.postfix.Mails(reader)
		must(p.t, err)
		all = nil
		for _, r := range raw {
			m, err := mail.ReadMessage(bytes.NewReader(r))
			must(p.t, err)
			all = append(all, m)
		}
		return len(all) >= n
	})
	return all
}

// joins signs a reader up and follows the link in the mail that asks to confirm.
func (p *postal) joins(reader string) {
	p.t.Helper()
	p.joinsOnly(reader)
	asked := p.mails(reader, 1)[0]
	link := confirmLink.FindStringSubmatch(textOf(p.t, asked))
	if link == nil {
		p.t.Fatal("no link in the first mail")
	}
	if status, answer := p.post(link[1], "application/x-www-form-urlencoded", strings.NewReader("")); status != http.StatusOK {
		p.t.Fatalf("confirming: %d %s", status, answer)
	}
}

func (p *postal) joinsOnly(reader string) {
	p.t.Helper()
	body := fmt.Sprintf(`{"course": "waiting", "track": "walker", "email": "%s@%s", "time_zone": "Europe/London", "adult": true, "consent": true}`, reader, readerDomain)
	if status, answer := p.post("/api/v1/subscriptions", "application/json", strings.NewReader(body)); status != http.StatusAccepted {
		p.t.Fatalf("signing up: %d %s", status, answer)
	}
}

// textOf is the plain text of a mail.
func textOf(t *testing.T, m *mail.Message) string {
	t.Helper()
	var b bytes.Buffer
	for name, values := range m.Header {
		for _, v := range values {
			fmt.Fprintf(&b, "%s: %s\r\n", name, v)
		}
	}
	body, err := io.ReadAll(m.Body)
	must(t, err)
	m.Body = bytes.NewReader(body)
	b.WriteString("\r\n")
	b.Write(body)
	e, err := enmime.ReadEnvelope(&b)
	must(t, err)
	return e.Text
}

// reply answers a letter as a mail program does, its text quoted below, and sends
// it with swaks. It gives the mail.
func (p *postal) reply(reader string, letter *mail.Message, words string) []byte {
	p.t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s@%s\r\nTo: %s\r\nSubject: Re: %s\r\nIn-Reply-To: %[5]s\r\nReferences: %[5]s\r\nMessage-ID: <%x@%[2]s>\r\n",
		reader, readerDomain, letter.Header.Get("Reply-To"), letter.Header.Get("Subject"), letter.Header.Get("Message-ID"), words)
	b.WriteString("Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	fmt.Fprintf(q, "%s\r\n\r\nOn Sun, 22 Nov 2026 at 09:58, Waiting Letters <%s> wrote:\r\n", words, serviceFrom)
	for line := range strings.Lines(textOf(p.t, letter)) {
		fmt.Fprintf(q, "> %s\r\n", strings.TrimRight(line, "\r\n"))
	}
	must(p.t, q.Close())
	p.send(reader+"@"+readerDomain, replyAddress(p.t, letter), b.Bytes())
	return b.Bytes()
}

func replyAddress(t *testing.T, letter *mail.Message) string {
	t.Helper()
	to, err := letter.Header.AddressList("Reply-To")
	must(t, err)
	return to[0].Address
}

// send hands a mail to Postfix with swaks.
func (p *postal) send(from, to string, raw []byte) {
	p.t.Helper()
	if out, err := p.swaks(from, to, raw); err != nil {
		p.t.Fatalf("swaks: %v\n%s", err, out)
	}
}

// swaks sends a mail and gives the conversation.
func (p *postal) swaks(from, to string, raw []byte) (string, error) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), stacktest.Swaks(p.t), "--server", p.postfix.Addr(), "--ehlo", "reader.example", "--from", from, "--to", to, "--data", "-")
	cmd.Stdin = bytes.NewReader(raw)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// heard waits until the story of a reader's letter tells of an answer by mail.
func (p *postal) heard(reader, lesson, what string) {
	p.t.Helper()
	eventually(p.t, "the answer "+what+" is heard", func() bool {
		for _, l := range p.why(reader + "@" + readerDomain).Letters {
			if l.Lesson == lesson && slices.ContainsFunc(l.Moments, func(m moment) bool { return m.What == what && m.By == "reader:mail" }) {
				return true
			}
		}
		return false
	})
}

// lessons counts the letters in a reader's mailbox by subject.
func (p *postal) lessons(reader, subject string) int {
	p.t.Helper()
	n := 0
	for _, m := range p.mails(reader, 0) {
		if m.Header.Get("Subject") == subject {
			n++
		}
	}
	return n
}

// The whole way by a real mail server: letters to a mailbox, answers by a real mail
// program to the letter's own address, back in by LMTP. What the quote or a robot
// says moves nobody, nor does a second copy; who makes up an address hears so at once;
// an answer that comes while the service is away waits at the mail server.
func TestRepliesThroughPostfix(t *testing.T) {
	t.Parallel()
	stacktest.Swaks(t)
	dir := folder(t)
	socket := filepath.Join(dir, "lmtp")
	p := newPostal(t, dir, "lmtp+unix://"+socket)
	p.behind("unix:"+socket, "ada")
	serve := p.serve()
	worker := p.worker()
	p.joins("ada")
	letter := p.mails("ada", 2)[1]
	if got := letter.Header.Get("Subject"); got != "one" {
		t.Fatalf("the first letter is %q", got)
	}

	raw := p.reply("ada", letter, "not yet, sorry, it's been a hard week")
	p.heard("ada", "one", "not-yet")
	p.send("ada@"+readerDomain, replyAddress(t, letter), raw) // a second copy
	robot := "From: ada@" + readerDomain + "\r\nSubject: Automatic reply: one\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <robot@" + readerDomain + ">\r\n\r\nready\r\n"
	p.send("<>", replyAddress(t, letter), []byte(robot))
	worker.await(`msg="arrival read" .*way=lmtp kind=auto-reply .*effect=""`)
	made := "r-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@" + replyDomain
	if out, err := p.swaks("ada@"+readerDomain, made, raw); err == nil || !strings.Contains(out, "No such recipient") {
		t.Errorf("a made-up address: %v\n%s", err, out)
	}
	if n := p.lessons("ada", "two"); n != 0 {
		t.Fatalf("the next letter came %d times before its time", n)
	}

	serve.signal(syscall.SIGTERM)
	serve.finish()
	p.reply("ada", letter, "ok, I'm ready now")
	p.serve()
	p.heard("ada", "one", "ready")
	eventually(t, "the next letter came", func() bool { return p.lessons("ada", "two") == 1 })

	told := p.why("ada@" + readerDomain)
	heard := map[string]int{}
	for _, m := range told.Letters[1].Moments {
		heard[m.What]++
	}
	if heard["not-yet"] != 1 || heard["ready"] != 1 {
		t.Errorf("the answers were heard %v times", heard)
	}
}

// A mail to a mailbox that is not there comes back from the mail server, by LMTP,
// to the address that was made for it: the reader's gets no other.
func TestBounceThroughPostfix(t *testing.T) {
	t.Parallel()
	p := newPostal(t, folder(t), "lmtp://127.0.0.1:0")
	p.behind("inet:" + p.serve().await(`msg="taking mail" way=lmtp address=(\S+)`)[1])
	worker := p.worker()
	p.joinsOnly("nobody")
	worker.await(`msg="arrival read" .*way=lmtp kind=bounce .*effect=suppressed`)
	page := longroad(t, t.TempDir(), p.env, "subscriber", "show", "nobody@"+readerDomain)
	if !regexp.MustCompile(`suppressed\s+since .*hard bounce`).MatchString(page) {
		t.Errorf("nothing is told of the suppression:\n%s", page)
	}
}
