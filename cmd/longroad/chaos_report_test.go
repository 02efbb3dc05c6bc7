package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// report counts, prints the table and fails the test where it must hold and does
// not.
func (c *chaos) report() {
	c.t.Helper()
	l, mails := c.read(), c.sink.all()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "readers\tletters\tlost\tout of order\toutside a window\tdoubled\tby kills\tin the air at the kills\tby the server\tunexplained\tgiven up\t\t")
	for i := range c.rows {
		t := &c.rows[i]
		t.count(l, mails, c.fleet.killed)
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\t%s\n", t.readers, t.letters, t.lost, t.disordered, t.outside,
			t.doubled, t.byKill, t.inAir, t.byServer, t.unexplained, t.givenUp, t.phase)
	}
	w.Flush()
	c.t.Logf("seed %d, %d kills\n%s", *chaosSeed, c.fleet.kills(), b.String())
	c.t.Logf("the mail server: %s", c.sink.told())
	for _, t := range c.rows {
		for i, f := range t.faults {
			if i == 10 {
				c.t.Errorf("%s: and %d more", t.phase, len(t.faults)-i)
				break
			}
			c.t.Errorf("%s: %s", t.phase, f)
		}
		if t.calm && t.doubled > 0 {
			c.t.Errorf("%s: %d doubled, and nobody was killed", t.phase, t.doubled)
		}
		if t.byKill > t.inAir {
			c.t.Errorf("%s: %d doubled by kills, and only %d were in the air", t.phase, t.byKill, t.inAir)
		}
	}
	c.asksWhy(l)
}

// asksWhy holds what a person at the command line is told against the ledger: of
// the outcomes that nobody knows, a few.
func (c *chaos) asksWhy(l *ledger) {
	c.t.Helper()
	asked := 0
	for _, to := range slices.Sorted(maps.Keys(l.owed)) {
		for i, e := range l.owed[to] {
			if len(e.unknown) == 0 || asked == 5 {
				continue
			}
			asked++
			told := why(c.t, c.t.TempDir(), c.fleet.env, to).Letters[i]
			if told.MessageID != e.id || strings.Count(told.tries(), "unknown") != len(e.unknown) {
				c.t.Errorf("why %s tells of %s: %s; the ledger has %d unknown outcomes", to, told.MessageID, told.tries(), len(e.unknown))
			}
		}
	}
	if asked == 0 {
		c.t.Error("no outcome is unknown: the kills hit nothing")
	}
}

// told says what the mail server did, and how often.
func (s *roughSink) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var parts []string
	for _, m := range slices.Sorted(maps.Keys(s.faults)) {
		parts = append(parts, fmt.Sprintf("%d × %s", s.faults[m], m))
	}
	return strings.Join(parts, ", ")
}
