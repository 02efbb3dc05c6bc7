package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
