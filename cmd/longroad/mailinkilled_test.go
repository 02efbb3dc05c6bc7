package main

import (
	"errors"
	"net"
	"net/textproto"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/store"
)

// handOver hands a mail over by LMTP, as a mail server does, and gives the answer
// to its last line.
func handOver(t *testing.T, socket, to, raw string) (int, string) {
	t.Helper()
	c, err := net.Dial("unix", socket)
	must(t, err)
	defer c.Close()
	text := textproto.NewConn(c)
	_, _, err = text.ReadResponse(220)
	must(t, err)
	for _, line := range []struct {
		says string
		code int
	}{{"LHLO mx.example.org", 250}, {"MAIL FROM:<ada@example.org>", 250}, {"RCPT TO:<" + to + ">", 250}, {"DATA", 354}} {
		must(t, text.PrintfLine("%s", line.says))
		if _, _, err := text.ReadResponse(line.code); err != nil {
			t.Fatalf("%q: %v", line.says, err)
		}
	}
	w := text.DotWriter()
	_, err = w.Write([]byte(raw))
	must(t, err)
	must(t, w.Close())
	code, answer, err := text.ReadResponse(0)
	var said *textproto.Error
	if err != nil && !errors.As(err, &said) {
		t.Fatal(err)
	}
	return code, answer
}

// While PostgreSQL is away no mail is acknowledged; what was acknowledged is there,
// whoever is killed at once afterwards, and a second copy adds nothing.
func TestMailIsKeptThroughKills(t *testing.T) {
	t.Parallel()
	postgres := stacktest.OwnPostgres(t)
	must(t, postgres.CreateDatabase(t.Context(), "longroad"))
	database := postgres.URL("longroad")
	must(t, migrated(t.Context(), database))
	s := newProcesses(t, database, stacktest.Redis(t))
	socket := filepath.Join(folder(t), "lmtp")
	s.env = append(s.env, "LONGROAD_INBOUND_ADDR=lmtp+unix://"+socket)
	serve := s.serve()
	to := "postmaster@" + replyDomain
	const raw = "From: ada@example.org\r\nSubject: Hello\r\n\r\nIs anybody there?\r\n" // without a Message-ID

	postgres.Kill(t.Context())
	if code, answer := handOver(t, socket, to, raw); code != 451 || !strings.HasPrefix(answer, "4.3.0") {
		t.Errorf("without a database it answers %d %s", code, answer)
	}
	must(t, postgres.Restart(t.Context()))
	for range 2 {
		eventually(t, "the mail is taken", func() bool {
			code, answer := handOver(t, socket, to, raw)
			if code != 250 && code != 451 {
				t.Fatalf("it answers %d %s", code, answer)
			}
			return code == 250
		})
		serve.kill() // its socket stays behind
		serve = s.serve()
	}
	db, err := store.Connect(t.Context(), config{DatabaseURL: database}.databaseURL())
	must(t, err)
	defer db.Close()
	standing, err := db.Standing(t.Context(), time.Now())
	must(t, err)
	if standing.RepliesOpen != 1 {
		t.Errorf("%d mails are kept, want one", standing.RepliesOpen)
	}
}
