package main

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"longroad/migrations"
)

// Commands that need no configuration, no database and no Redis: the
// environment of try refuses to give one.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, args  string
		code        int
		out, errors string // what stands in them; "" means that nothing does
	}{
		{"no command", "", exitFine, "course lint", ""},
		{"help", "help", exitFine, "migrate up", ""},
		{"help of a command", "help course lint", exitFine, "warnings refuse nothing", ""},
		{"flag for help", "course publish --help", exitFine, "--all", ""},
		{"help of config", "config --help", exitFine, "LONGROAD_BOUNCE_DOMAIN", ""},
		{"unknown command", "walk", exitMisuse, "", "longroad: unexpected argument walk"},
		{"unfinished command", "course", exitMisuse, "", "longroad: expected"},
		{"unknown flag", "version --yaml", exitMisuse, "", "longroad: unknown flag --yaml"},
		{"argument missing", "why", exitMisuse, "", "longroad: expected \"<person>\""},
		{"version", "version", exitFine, "longroad devel, go1.", ""},
		{"version as JSON", "version --json", exitFine, fmt.Sprintf(`"schema": %d`, newestSchema(t)), ""},
		{"two ways to name courses", "course publish --all .", exitMisuse, "", "not both"},
		{"nothing to publish from", "course publish nowhere", exitMisuse, "", "nowhere: there is no such folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := try(t, testEnvironment(), strings.Fields(c.args)...)
			if got.code != c.code {
				t.Errorf("exit code %d, want %d", got.code, c.code)
			}
			holds(t, "stdout", got.out, c.out)
			holds(t, "stderr", got.errors, c.errors)
		})
	}
}

// holds checks that text holds a part, or is empty when the part is.
func holds(t *testing.T, name, text, part string) {
	t.Helper()
	if part == "" && text != "" || !strings.Contains(text, part) {
		t.Errorf("%s is %q, want %q in it", name, text, part)
	}
}

// newestSchema is the number of the last migration.
func newestSchema(t *testing.T) (n int) {
	t.Helper()
	files, err := fs.Glob(migrations.FS, "*.sql")
	must(t, err)
	_, err = fmt.Sscanf(files[len(files)-1], "%d_", &n)
	must(t, err)
	return n
}
