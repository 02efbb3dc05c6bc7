package pacing_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

var update = flag.Bool("update", false, "write testdata anew")

var statuses = []pacing.Status{
	pacing.Pending, pacing.Active, pacing.Awaiting, pacing.Holding, pacing.Paused, pacing.Resting, pacing.Halted,
	pacing.Completed, pacing.Stopped, pacing.Suppressed,
}

var events = []pacing.EventKind{
	pacing.Ready, pacing.NotYet, pacing.Slower, pacing.Faster, pacing.Pause, pacing.Resume, pacing.Repeat, pacing.Back,
	pacing.Stop, pacing.Help, pacing.Confirm, pacing.Due, pacing.Sent, pacing.Cancelled, pacing.LetGo, pacing.Halt, pacing.Release,
	pacing.Suppress, pacing.Unsafe, pacing.Return, pacing.Prefer, pacing.PracticeOff, pacing.PracticeOn, pacing.Undo,
}

// scene is a state that a real way has led to. All of them stand at monday,
// 2027-02-01 12:00 in London, or later.
type scene struct {
	name string
	lead func(*testing.T) *traveller
}

func scenes() []scene {
	begin := func(t *testing.T, options ...roadOption) *traveller {
		w := setOut(t, road(options...), "Europe/London", "2027-01-25 12:00")
		w.say(pacing.Confirm)
		return w
	}
	// atB has got a and, after a ready, b on saturday 2027-01-30.
	atB := func(t *testing.T, options ...roadOption) *traveller {
		w := begin(t, options...)
		w.ride()
		w.say(pacing.Ready)
		w.ride()
		w.wait("2027-02-01 12:00")
		return w
	}
	// atA has got a, and said ready on that monday.
	atA := func(t *testing.T, options ...roadOption) *traveller {
		w := begin(t, options...)
		w.ride()
		w.wait("2027-02-01 12:00")
		w.say(pacing.Ready)
		return w
	}
	// atD has got the last letter too, and not answered it.
	atD := func(t *testing.T) *traveller {
		w := atB(t)
		w.say(pacing.Ready)
		w.ride()
		w.say(pacing.Ready)
		w.ride()
		return w
	}
	after := func(make func(*testing.T, ...roadOption) *traveller, said ...pacing.EventKind) func(*testing.T) *traveller {
		return func(t *testing.T) *traveller {
			w := make(t)
			for _, k := range said {
				w.say(k)
			}
			return w
		}
	}
	return []scene{
		{"pending", func(t *testing.T) *traveller { return setOut(t, road(), "Europe/London", "2027-02-01 12:00") }},
		{"active, first letter due", after(begin)},
		{"active, answered", after(atB, pacing.Ready)},
		{"active, no gate, silent", func(t *testing.T) *traveller { return atB(t, noGate) }},
		{"active, no check-in", func(t *testing.T) *traveller { return atB(t, mute(1)) }},
		{"active, letter claimed", func(t *testing.T) *traveller { w := atB(t); w.say(pacing.Ready); w.claim(); return w }},
		{"active, repeat asked", after(atB, pacing.Repeat)},
		{"awaiting", after(atB)},
		{"awaiting, reminder claimed", func(t *testing.T) *traveller { w := atB(t); w.claim(); return w }},
		{"awaiting, first door next", func(t *testing.T) *traveller { w := atB(t); w.ride(); return w }},
		{"awaiting, third door claimed", func(t *testing.T) *traveller {
			w := atB(t)
			w.ride()
			w.ride()
			w.ride()
			w.claim()
			return w
		}},
		{"holding", after(atB, pacing.NotYet)},
		{"holding, ask-again claimed", func(t *testing.T) *traveller { w := atB(t); w.say(pacing.NotYet); w.claim(); return w }},
		{"paused, question open", after(atB, pacing.Pause)},
		{"paused, answered", after(atB, pacing.Ready, pacing.Pause)},
		{"paused, held", after(atB, pacing.Pause, pacing.NotYet)},
		{"paused, letter claimed", func(t *testing.T) *traveller {
			w := atB(t)
			w.say(pacing.Ready)
			w.claim()
			w.say(pacing.Pause)
			return w
		}},
		{"resting", func(t *testing.T) *traveller {
			w := atB(t)
			for range 4 {
				w.ride()
			}
			return w
		}},
		{"resting, unsafe", after(atB, pacing.Unsafe)},
		{"resting, unsafe, letter claimed", func(t *testing.T) *traveller {
			w := atB(t)
			w.say(pacing.Ready)
			w.claim()
			w.say(pacing.Unsafe)
			return w
		}},
		{"halted, question open", after(atB, pacing.Halt)},
		{"halted, pending", func(t *testing.T) *traveller {
			w := setOut(t, road(), "Europe/London", "2027-02-01 12:00")
			w.say(pacing.Halt)
			return w
		}},
		{"halted, letter claimed", func(t *testing.T) *traveller {
			w := atB(t)
			w.say(pacing.Ready)
			w.claim()
			w.say(pacing.Halt)
			return w
		}},
		{"active, the end next", atD},
		{"active, the end claimed", func(t *testing.T) *traveller { w := atD(t); w.claim(); return w }},
		{"holding, before the end", func(t *testing.T) *traveller { w := atD(t); w.say(pacing.NotYet); return w }},
		{"paused, the end claimed", func(t *testing.T) *traveller { w := atD(t); w.claim(); w.say(pacing.Pause); return w }},
		{"completed", func(t *testing.T) *traveller { w := atD(t); w.ride(); return w }},
		{"stopped", after(atB, pacing.Stop)},
		{"stopped in a halt", after(atB, pacing.Halt, pacing.Stop)},
		{"stopped in a pause", after(atB, pacing.Pause, pacing.Stop)},
		{"suppressed", after(atB, pacing.Suppress)},
		{"awaiting, practice letter next", func(t *testing.T) *traveller { return atB(t, practice("p", "q")) }},
		{"awaiting, practice letter claimed", func(t *testing.T) *traveller { w := atB(t, practice("p", "q")); w.claim(); return w }},
		{"awaiting, practice letter had", func(t *testing.T) *traveller { w := atB(t, practice("p", "q")); w.ride(); return w }},
		{"holding, practice letter next", func(t *testing.T) *traveller {
			w := atB(t, practice("p"), daily)
			w.say(pacing.NotYet)
			return w
		}},
		{"active, practice letter next", func(t *testing.T) *traveller { return atA(t, practice("p"), gap("20d")) }},
		{"active, practice letter claimed", func(t *testing.T) *traveller { w := atA(t, practice("p"), gap("20d")); w.claim(); return w }},
		{"paused, practice letter claimed", func(t *testing.T) *traveller {
			w := atB(t, practice("p"))
			w.claim()
			w.say(pacing.Pause)
			return w
		}},
	}
}

// TestEveryStatusWithEveryEvent compares testdata/steps.txt, which reads as a
// table of what each event does where.
func TestEveryStatusWithEveryEvent(t *testing.T) {
	t.Parallel()
	const file = "testdata/steps.txt"
	var table strings.Builder
	seen := map[pacing.Status]int{}
	for _, scene := range scenes() {
		w := scene.lead(t)
		seen[w.s.Status]++
		fmt.Fprintf(&table, "%s: %s\n", scene.name, w.stands())
		for _, k := range events {
			e := pacing.Event{Kind: k}
			if k == pacing.Prefer {
				evening := course.Hour(20 * 60)
				e.Reader = pacing.Reader{Zone: w.s.Reader.Zone, SendHour: &evening}
			}
			if k == pacing.Sent || k == pacing.Cancelled || k == pacing.LetGo {
				e.Mail = pacing.Mail{Kind: pacing.KindLesson, Lesson: "b"} // one that is not claimed any more
				if w.s.Practice.Sending != nil {
					e.Mail = *w.s.Practice.Sending
				}
				if w.s.Sending != nil {
					e.Mail = *w.s.Sending
				}
			}
			if k == pacing.Undo { // of a slower
				before := w.s
				before.Pace = 1
				e.Before = &before
			}
			now := w.now
			if k == pacing.Due && !w.s.DueAt.IsZero() {
				now = w.s.DueAt
			}
			r, err := try(w.c, w.s, e, now)
			if err != nil {
				t.Fatalf("%s, %s: %v", scene.name, k, err)
			}
			fmt.Fprintf(&table, "  %-12s  %-9s  %s\n", k, r.Effect, stands(r.State)+wanted(r.State))
		}
	}
	for _, status := range statuses {
		if seen[status] == 0 {
			t.Errorf("no scene is %s", status)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	diffLines(t, string(want), table.String())
	missing(t, string(want))
}

func wanted(s pacing.State) string {
	if s.Practice.Off {
		return ", no practice"
	}
	return ""
}

// missing fails where the table lacks a status or, under any scene, an event.
func missing(t *testing.T, table string) {
	t.Helper()
	var title string
	heard := map[string]map[string]bool{}
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "  ") {
			title = line
			heard[title] = map[string]bool{}
			continue
		}
		heard[title][strings.Fields(line)[0]] = true
	}
	for title, said := range heard {
		for _, k := range events {
			if !said[string(k)] {
				t.Errorf("%s lacks %s", strings.TrimSpace(title), k)
			}
		}
	}
}

func diffLines(t *testing.T, want, got string) {
	t.Helper()
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(wants), len(gots)) {
		var a, b string
		if i < len(wants) {
			a = wants[i]
		}
		if i < len(gots) {
			b = gots[i]
		}
		if a != b {
			t.Errorf("line %d\n got %s\nwant %s", i+1, b, a)
		}
	}
}

func TestUnknownThings(t *testing.T) {
	t.Parallel()
	c := road()
	s := pacing.NewState("elsewhere")
	w := setOut(t, c, "UTC", "2027-01-01 12:00")
	if _, err := pacing.Step(c, s, pacing.Event{Kind: pacing.Confirm}, w.now); !errors.Is(err, pacing.ErrUnknownLesson) {
		t.Errorf("unknown track: %v", err)
	}
	if _, err := pacing.Step(c, s, pacing.Event{Kind: pacing.Stop}, w.now); err != nil {
		t.Errorf("stop must work without a track: %v", err)
	}
	w.say(pacing.Confirm)
	w.ride()
	gone := w.s
	gone.Lesson = "gone"
	r, err := pacing.Step(c, gone, pacing.Event{Kind: pacing.Ready}, w.now)
	if !errors.Is(err, pacing.ErrUnknownLesson) || r.State.Lesson != "gone" {
		t.Errorf("unknown lesson: %v, %+v", err, r.State)
	}
	if _, err := pacing.Step(c, w.s, pacing.Event{Kind: "shrug"}, w.now); err == nil {
		t.Error("an unknown event is an error")
	}
	if _, err := pacing.Step(c, w.s, pacing.Event{Kind: pacing.Pause, Until: "soon"}, w.now); err == nil {
		t.Error("a malformed date is an error")
	}
}
