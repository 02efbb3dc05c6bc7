package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/store"
)

func TestMailInIsChecked(t *testing.T) {
	for _, c := range []struct{ name, value, fault string }{
		{"LONGROAD_INBOUND_ADDR", ":2525", "127.0.0.1 before the colon"},
		{"LONGROAD_INBOUND_ADDR", "127.0.0.1:2525,lmtp+unix:/lmtp", "lmtp+unix:///path"},
		{"LONGROAD_IMAP_URL", "imaps://road:hush@", "imaps://user:password@host"},
		{"LONGROAD_IMAP_URL", "imap://road:hush@mail.example.org?tls=none", "on this machine only"},
		{"LONGROAD_IMAP_URL", "imaps://road:hush@mail.example.org/Longroad", "?done=NAME"},
	} {
		loaded, err := loadWith(t, map[string]string{c.name: c.value})
		must(t, err)
		err = loaded.check(needMailIn)
		if err == nil || !strings.Contains(err.Error(), c.fault) || !strings.Contains(err.Error(), c.name) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s=%s: %v, want %q", c.name, c.value, err, c.fault)
		}
	}
	setenv(t, map[string]string{"LONGROAD_INBOUND_ADDR": "127.0.0.1:2525"})
	c, err := loadConfig()
	must(t, err)
	if err := c.check(needMailIn); err == nil || !strings.Contains(err.Error(), "LONGROAD_REPLY_DOMAIN is not set") {
		t.Errorf("without a domain: %v", err)
	}
	c, err = loadWith(t, map[string]string{
		"LONGROAD_INBOUND_ADDR": "127.0.0.1:2525, lmtp://0.0.0.0:2424, lmtp+unix:///run/longroad/lmtp", "LONGROAD_IMAP_URL": "imaps://road:hush@mail.example.org/"})
	must(t, err)
	must(t, c.check(needMailIn))
	if got := strings.Join(c.mailInWarnings(), "\n"); !strings.Contains(got, "everybody who reaches 0.0.0.0:2424") || strings.Contains(got, "127.0.0.1") {
		t.Errorf("warnings %q", got)
	}
	for _, s := range c.shown() {
		if strings.Contains(s.Value, "hush") {
			t.Errorf("%s is shown as %s", s.Name, s.Value)
		}
	}
}

// One process reads the mailbox at a time, behind PgBouncer too, and the next one
// does when that is over, however it went.
func TestOneProcessReadsTheMailbox(t *testing.T) {
	t.Parallel()
	bouncer := stacktest.PgBouncer(t, stacktest.Postgres(t, migrated))
	process := func() *service {
		s, err := store.Connect(t.Context(), config{DatabaseURL: bouncer.URL()}.databaseURL())
		must(t, err)
		t.Cleanup(func() { s.Close() })
		return &service{store: s, now: time.Now}
	}
	one, other := process(), process()
	reading, enough := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	ctx, gone := context.WithCancel(t.Context())
	go func() {
		_, err := one.aloneWithMailbox(ctx, func(context.Context) error {
			close(reading)
			<-enough
			return nil
		})
		ended <- err
	}()
	<-reading
	reads := func() bool {
		got, err := other.aloneWithMailbox(t.Context(), func(context.Context) error { return nil })
		must(t, err)
		return got
	}
	if reads() {
		t.Error("two read at once")
	}
	gone() // in the middle
	close(enough)
	<-ended
	eventually(t, "the other one reads", reads)
}

// The whole service on this machine takes mail too, where it is told to.
func TestDevTakesMail(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	socket := filepath.Join(dir, "lmtp")
	launch(t, dir, []string{"LONGROAD_HTTP_ADDR=127.0.0.1:0", "LONGROAD_INBOUND_ADDR=lmtp+unix://" + socket}, "dev").await(`Mailbox +http`)
	c, err := net.Dial("unix", socket)
	must(t, err)
	defer c.Close()
	text := textproto.NewConn(c)
	for _, line := range []struct {
		says string
		code int
	}{{"", 220}, {"LHLO mx", 250}, {"MAIL FROM:<>", 250}, {"RCPT TO:<r-abc@longroad.example>", 550}, {"QUIT", 221}} {
		if line.says != "" {
			must(t, text.PrintfLine("%s", line.says))
		}
		if _, _, err := text.ReadResponse(line.code); err != nil {
			t.Fatalf("%q: %v", line.says, err)
		}
	}
}

// inbox is a mailbox at an IMAP server.
func inbox(t *testing.T) (*imapmemserver.User, string) {
	t.Helper()
	user := imapmemserver.NewUser("letters@example.org", "a secret")
	must(t, user.Create("INBOX", nil))
	memory := imapmemserver.New()
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapMove: {}, imap.CapUIDPlus: {}}, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return user, "imap://letters%40example.org:a%20secret@" + l.Addr().String() + "/INBOX?tls=none&done=Read"
}

type letterBox struct{ *bytes.Reader }

func (l letterBox) Size() int64 { return l.Reader.Size() }

// An answer lies in a mailbox that two processes read, and comes by SMTP as well:
// it is heard once. One that no letter of ours belongs to moves nobody.
func TestRepliesFromAMailbox(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, stacktest.Postgres(t, migrated), stacktest.Redis(t))
	user, url := inbox(t)
	dir := folder(t)
	writeCourse(t, filepath.Join(dir, "waiting"), waitingCourse())
	s.env = append(s.env, "LONGROAD_COURSES_DIR="+dir, "LONGROAD_IMAP_URL="+url, "LONGROAD_INBOUND_ADDR=127.0.0.1:0")
	s.start("serve").await(`msg="reading the mailbox"`)
	serve := s.serve()
	smtpAt := serve.await(`msg="taking mail" way=smtp address=(\S+)`)[1]
	serve.await(`msg="reading the mailbox"`)
	s.worker()
	const reader = "ada@example.org"
	body := `{"course": "waiting", "track": "walker", "email": "` + reader + `", "time_zone": "Europe/London", "adult": true, "consent": true}`
	if status, answer := s.post("/api/v1/subscriptions", "application/json", strings.NewReader(body)); status != 202 {
		t.Fatalf("signing up: %d %s", status, answer)
	}
	s.confirm(reader)
	s.letters(1, reader)
	_, letters := s.sink.to(reader)
	letter, err := mail.ReadMessage(bytes.NewReader(letters[0].raw))
	must(t, err)
	to := replyAddress(t, letter)

	deliver := func(raw string) {
		_, err := user.Append("INBOX", letterBox{bytes.NewReader([]byte(raw))}, &imap.AppendOptions{})
		must(t, err)
	}
	deliver("From: eve@example.org\r\nTo: r-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@letters.example.org\r\nMessage-ID: <0@example.org>\r\n\r\nstop\r\n")
	answer := "From: someone.else@example.org\r\nTo: Letters <" + to + ">\r\nMessage-ID: <1@example.org>\r\nSubject: hello\r\n\r\nready\r\n"
	deliver("Delivered-To: box@example.org\r\n" + answer)
	must(t, smtp.SendMail(smtpAt, nil, "someone.else@example.org", []string{to}, []byte(answer)))
	s.sink.await("the next letter", func(all []caught) bool {
		return slices.ContainsFunc(all, func(m caught) bool { return m.subject == "two" })
	})
	if err := smtp.SendMail(smtpAt, nil, "eve@example.org", []string{"r-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@letters.example.org"}, []byte(answer)); err == nil || !strings.Contains(err.Error(), "5.1.1") {
		t.Errorf("a made-up address: %v", err)
	}
	eventually(t, "the mailbox is empty", func() bool {
		status, err := user.Status("INBOX", &imap.StatusOptions{NumMessages: true})
		must(t, err)
		read, err := user.Status("Read", &imap.StatusOptions{NumMessages: true})
		return *status.NumMessages == 0 && err == nil && *read.NumMessages == 2
	})
	heard := map[string]int{}
	for _, m := range s.why(reader).Letters[1].Moments {
		heard[m.What]++
	}
	if heard["ready"] != 1 || heard["stop"] != 0 {
		t.Errorf("heard: %v", heard)
	}
}
