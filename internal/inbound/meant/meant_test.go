package meant

import (
	"os"
	"strings"
	"testing"
	"time"
)

// now is a Sunday.
var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func reader(t testing.TB) *Reader {
	t.Helper()
	r, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCases(t *testing.T) {
	t.Parallel()
	r := reader(t)
	raw, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(raw)) {
		fields := strings.SplitN(strings.TrimSpace(line), "|", 4)
		if strings.HasPrefix(line, "#") || len(fields) < 4 {
			continue
		}
		cases++
		text := strings.ReplaceAll(fields[3], `\n`, "\n")
		m := r.Read(text, now)
		pause, crisis := "", ""
		if m.Pause != nil {
			pause = m.Pause.For + m.Pause.Until
		}
		if m.Crisis != nil {
			crisis = m.Crisis.Category + " " + m.Crisis.Level
		}
		if m.Intent != fields[0] || pause != fields[1] || crisis != fields[2] {
			t.Errorf("%q: got %s|%s|%s, want %s (%s)", text, m.Intent, pause, crisis, strings.Join(fields[:3], "|"), m.Why)
		}
		quoted := text + "\n> Stop.\n> I am ready. He hits me.\n"
		if q := r.Read(quoted, now); q.Intent != m.Intent || (q.Crisis == nil) != (m.Crisis == nil) {
			t.Errorf("%q: quoted lines change it to %q", text, q.Intent)
		}
	}
	if cases < 250 {
		t.Errorf("only %d cases", cases)
	}
}

func BenchmarkRead(b *testing.B) {
	r := reader(b)
	text := "Hi there,\n\nnot yet, sorry, it has been a hard week. We read the letter twice and talked for an hour; she was tired, I was too. I would like to try the exercise again before the next one comes.\n\nThanks,\nTom"
	for b.Loop() {
		r.Read(text, now)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"ready", "bis zum 3. März", "pause 3/3/2027", "👍", "¿Estoy listo?", "> stop", "i'", "..."} {
		f.Add(s)
	}
	r := reader(f)
	f.Fuzz(func(t *testing.T, s string) {
		m := r.Read(s, now)
		if q := r.Read(s+"\n\n> stop\n> pause", now); q.Intent != m.Intent {
			t.Errorf("quoted lines change %q to %q", m.Intent, q.Intent)
		}
	})
}
