package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"longroad/internal/pacing"
)

// A new course has no finding, today or in years, and can be ridden to its end.
func TestNewCourse(t *testing.T) {
	t.Parallel()
	env := testEnvironment()
	dir := filepath.Join(t.TempDir(), "my-course")
	if got := try(t, env, "course", "new", dir); got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	later := *env
	later.Now = func() time.Time { return time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC) }
	for _, env := range []*environment{env, &later} {
		if got := try(t, env, "course", "lint", dir); got.code != exitFine || got.out != "no findings\n" {
			t.Errorf("%+v", got)
		}
	}
	if got := try(t, env, "course", "simulate", dir, "--track", "readers", "--start", "2027-01-01"); got.code != exitFine || !strings.Contains(got.out, "3 mails") {
		t.Errorf("%+v", got)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "course.yaml"))
	if err != nil || !strings.Contains(string(manifest), "\ncourse: my-course ") {
		t.Errorf("the course is called\n%s%v", manifest, err)
	}
	if got := try(t, env, "course", "new", dir); got.code != exitMisuse || !strings.Contains(got.errors, "not empty") {
		t.Errorf("again: %+v", got)
	}
	bad := filepath.Join(t.TempDir(), "My Course")
	if got := try(t, env, "course", "new", bad); got.code != exitMisuse || !strings.Contains(got.errors, "lower-case") {
		t.Errorf("a name that is no id: %+v", got)
	}
	if _, err := os.Stat(bad); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	env, dir := testEnvironment(), copyCourse(t, map[string]string{
		"offender/no-but.md": "---\nid: no-but\nsubject: A note\ncheck_in: {question: Why?}\n---\nDear {{.Name | or \"reader\"}}, {{if .Solo}}alone{{else}}together{{end}} — {{helplines}}\n",
	})
	preview := func(args ...string) said {
		return try(t, env, append([]string{"course", "preview", dir, "--track", "offender"}, args...)...)
	}
	for name, c := range map[string]struct {
		args       []string
		has, lacks string
	}{
		"text":     {[]string{"--lesson", "no-but", "--name", "Ada", "--country", "gb"}, "Dear Ada, together — ", "<p"},
		"asked":    {[]string{"--lesson", "no-but", "--text"}, "Subject: A note\n\nLong Road Letters\n", "\r"},
		"html":     {[]string{"--lesson", "no-but", "--html"}, "<!DOCTYPE html>", "Subject:"},
		"solo":     {[]string{"--lesson", "no-but", "--solo"}, "Dear reader, alone", "together"},
		"links":    {[]string{"--lesson", "no-but"}, "https://letters.example.org/checkin/testtest", "answer=yes"},
		"practice": {[]string{"--lesson", "one-dull-thing"}, "/me/testtest", "/checkin/"},
		"reminder": {[]string{"--mail", "reminder"}, "Subject: A note about your last letter", "Stop these letters forever"},
		"the end":  {[]string{"--mail", "end", "--name", "Ada"}, "Dear Ada,", "?answer="},
		"receipt":  {[]string{"--mail", "receipt-ready"}, "Subject: Re: A first letter\n\nLong Road Letters", "Dear reader"},
	} {
		if got := preview(c.args...); got.code != exitFine || !strings.Contains(got.out, c.has) || strings.Contains(got.out, c.lacks) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for fault, args := range map[string][]string{
		"has no letter \"nope\"": {"--lesson", "nope"},
		"ask-again, open-door":   {"--mail", "nope"},
		"no receipt that tells":  {"--mail", "receipt-nope"},
		"--lesson and --mail":    {"--lesson", "no-but", "--mail", "end"},
		"--country":              {"--lesson", "no-but", "--country", "Britain"},
		"--language":             {"--lesson", "no-but", "--language", "!"},
		"text and --html":        {"--lesson", "no-but", "--text", "--html"},
		"--lesson":               nil,
	} {
		if got := preview(args...); got.code != exitMisuse || !strings.Contains(got.errors, fault) {
			t.Errorf("%q: %+v", args, got)
		}
	}
	faulty := copyCourse(t, broken())
	if got := try(t, env, "course", "preview", faulty, "--track", "offender", "--lesson", "no-but"); got.code != exitFault || !strings.Contains(got.errors, "_snippets/footer.md:1:") {
		t.Errorf("a course with an error: %+v", got)
	}
}

// Every mail of both tracks, written to files, has no fault; without a network and
// without a configuration.
func TestSendTestToFiles(t *testing.T) {
	t.Parallel()
	env, dir := testEnvironment(), copyCourse(t, nil)
	env.Config = func() (config, error) { return config{}, nil }
	for _, track := range []string{"offender", "hurt-partner"} {
		for _, reader := range []string{"--solo", "--name=Ada"} {
			out := filepath.Join(t.TempDir(), "out")
			got := try(t, env, "course", "send-test", dir, "--track", track, "--all", "--check", "--json", "--out", out, "--country", "GB", reader)
			var all []sentTest
			if err := json.Unmarshal([]byte(got.out), &all); err != nil || got.code != exitFine || len(all) < 16+6 {
				t.Fatalf("%s: %v, %d mails, %+v", track, err, len(all), got.errors)
			}
			if last := all[len(all)-1]; last.Kind != string(pacing.KindEnd) {
				t.Errorf("the last mail is %+v", last)
			}
			for _, one := range all {
				raw, err := os.ReadFile(one.File)
				if err != nil {
					t.Fatal(err)
				}
				mail, err := enmime.ReadEnvelope(bytes.NewReader(raw))
				if err != nil || mail.GetHeader("Subject") != one.Subject || one.Result != "written" || len(one.Faults) > 0 {
					t.Errorf("%+v, %v", one, err)
				}
			}
		}
	}
}

// caughtBy gives the letters that came to the author.
func caughtBy(s *sink) []caught {
	_, letters := s.to("Author@example.org")
	return letters
}

func TestSendTestByMail(t *testing.T) {
	s := newSink(t)
	env, dir := testEnvironment(), copyCourse(t, nil)
	changes := map[string]string{"LONGROAD_SMTP_URL": s.url, "LONGROAD_DKIM_KEY_FILE": rsaFile(t, 0o600), "LONGROAD_DKIM_SELECTOR": "lr1"}
	c, err := loadWith(t, changes)
	must(t, err)
	env.Config = func() (config, error) { return c, nil }
	send := func(args ...string) said {
		return try(t, env, append([]string{"course", "send-test", dir, "--track", "offender", "--to", "Author@example.org"}, args...)...)
	}
	got := send("--check", "--name", "Ada")
	if got.code != exitFine || !strings.Contains(got.out, "sent     lesson before-setting-off") || !strings.Contains(got.out, "open nothing there") || strings.Contains(got.out, "Nothing is signed") {
		t.Errorf("%+v", got)
	}
	mails := caughtBy(s)
	if len(mails) != 1 || mails[0].to != "Author@example.org" || !strings.Contains(mails[0].text, "Dear Ada") || !bytes.Contains(mails[0].raw, []byte("DKIM-Signature: ")) {
		t.Fatalf("%d mails came: %+v", len(mails), mails)
	}
	if got := send("--lesson", "no-but"); got.code != exitFine || !strings.Contains(got.out, "Nothing was looked at") || caughtBy(s)[1].subject == mails[0].subject {
		t.Errorf("%+v", got)
	}
	// What has a fault does not go.
	c.BaseURL = "http://letters.example.org"
	if got := send("--check"); got.code != exitFault || !strings.Contains(got.out, "faulty") || !strings.Contains(got.out, "RFC 8058") || len(caughtBy(s)) != 2 {
		t.Errorf("%+v", got)
	}
	// Who refuses is told of.
	c.BaseURL = "https://letters.example.org"
	s.change(func() { s.shut = true })
	if got := send(); got.code != exitFault || !strings.Contains(got.out, "before-setting-off") || strings.Contains(got.out, "sent ") {
		t.Errorf("%+v", got)
	}
	for fault, args := range map[string][]string{
		"--to":        {"course", "send-test", dir, "--track", "offender", "--to", "Ann <a@example.org>"},
		"--out":       {"course", "send-test", dir, "--track", "offender"},
		"--all":       {"course", "send-test", dir, "--track", "offender", "--to", "a@example.org", "--all", "--lesson", "no-but"},
		"no track":    {"course", "send-test", dir, "--track", "x", "--to", "a@example.org"},
		"no such fol": {"course", "send-test", dir + "x", "--track", "x", "--to", "a@example.org"},
	} {
		if got := try(t, env, args...); got.code != exitMisuse || !strings.Contains(got.errors, fault) {
			t.Errorf("%s: %+v", fault, got)
		}
	}
	if !slices.Contains(strings.Fields(try(t, env, "help", "course").out), "send-test") {
		t.Error("help does not name send-test")
	}
}
