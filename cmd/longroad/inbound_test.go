package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"longroad/internal/inbound"
	"longroad/internal/inbound/meant"
	machines "longroad/internal/inbound/report"
)

func TestInboundExplain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o600))
		return path
	}
	reply := file("reply.eml", "From: a@example.net\nSubject: Re: A letter\n\nready\n\nOn Tue, 2 Feb 2027 at 09:00, Letters <l@example.com> wrote:\n> stop\n")
	bounce := file("bounce.eml", "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: failure notice\n\n<r@example.net>:\nno mailbox here by that name (#5.1.1)\n")
	broken := file("broken.eml", "no mail at all")

	got := try(t, testEnvironment(), "inbound", "explain", "--json", reply, bounce)
	if got.code != exitFine || got.errors != "" {
		t.Errorf("exit code %d: %s", got.code, got.errors)
	}
	name, err := json.Marshal(reply)
	must(t, err)
	if want := `{"file":` + string(name) + `,"kind":"reply","reply":{"text":"ready","intent":"ready","pause":null,"crisis":null},"bounce":null}`; !strings.HasPrefix(got.out, want+"\n") {
		t.Errorf("printed\n%s\nwant\n%s", got.out, want)
	}

	got = try(t, testEnvironment(), "inbound", "explain", "--json", broken, dir, filepath.Join(dir, "missing"), reply)
	if lines := strings.Count(got.out, "\n"); got.code != exitFault || lines != 4 || strings.Count(got.out, `"kind":"unknown","reply":null,"bounce":null`) != 3 {
		t.Errorf("exit code %d, %d lines:\n%s", got.code, lines, got.out)
	}
	for _, part := range []string{"broken.eml: not readable as a mail", "a folder: name the mails in it", "missing: no such file"} {
		holds(t, "stderr", got.errors, part)
	}

	got = try(t, testEnvironment(), "inbound", "explain", bounce)
	for _, part := range []string{": bounce\n", "why ", "reason      user-unknown\n", "recipients  r@example.net\n"} {
		holds(t, "stdout", got.out, part)
	}
	own := *testEnvironment()
	own.Stdin = strings.NewReader("From: a@example.net\n\nnot yet\n")
	got = try(t, &own, "inbound", "explain", "--json", "-")
	holds(t, "stdout", got.out, `{"file":"-","kind":"reply","reply":{"text":"not yet","intent":"not-yet"`)
}

// What is told of danger is what journey does: only an alarm halts.
func TestInboundExplainTellsOfDanger(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind          machines.Kind
		level, intent string
		want          string
	}{
		"alarm":                {machines.Human, meant.Alarm, "ready", "halt the letters, and alert the operator"},
		"alarm and stop":       {machines.Human, meant.Alarm, "stop", "halt the letters, and alert the operator; then stop"},
		"gentle":               {machines.Human, meant.Gentle, "none", "alert the operator"},
		"gentle and an answer": {machines.Human, meant.Gentle, "ready", "alert the operator; then ready"},
		"a robot's alarm":      {machines.AutoReply, meant.Alarm, "stop", "halt the letters, and alert the operator, and answer nothing"},
	} {
		e := explained{Explanation: inbound.Explanation{Kind: c.kind, Reply: &inbound.Said{Intent: c.intent, Crisis: &inbound.Danger{Level: c.level}}}}
		if got := e.would(); got != c.want {
			t.Errorf("%s: it would %q, want %q", name, got, c.want)
		}
	}
}
