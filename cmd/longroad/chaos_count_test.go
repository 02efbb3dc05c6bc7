package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"
)

// ledger is what the database says of everybody.
type ledger struct {
	status map[string]string  // of the subscription, by address
	owed   map[string][]entry // by address, in the order in which they were owed
	byID   map[string]entry   // by Message-ID
	due    map[string]sql.NullTime
}

// entry is one delivery.
type entry struct {
	to, step, lesson, id, state string
	occasion                    int
	unknown                     []string // the workers whose attempts have an unknown outcome
	silent                      []string // those of them that were found dead
}

func (c *chaos) exec(query string, args ...any) {
	c.t.Helper()
	db, err := sql.Open("postgres", c.database)
	must(c.t, err)
	defer db.Close()
	_, err = db.ExecContext(c.t.Context(), query, args...)
	must(c.t, err)
}

func (c *chaos) read() *ledger {
	c.t.Helper()
	db, err := sql.Open("postgres", c.database)
	must(c.t, err)
	defer db.Close()
	l := &ledger{status: map[string]string{}, owed: map[string][]entry{}, byID: map[string]entry{}, due: map[string]sql.NullTime{}}
	must(c.t, l.readSubscriptions(c.t.Context(), db))
	must(c.t, l.readDeliveries(c.t.Context(), db))
	return l
}

func (l *ledger) readSubscriptions(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `
		SELECT b.email, s.status, s.next_due_at FROM subscriptions s JOIN subscribers b ON b.id = s.subscriber_id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var to, status string
		var due sql.NullTime
		if err := rows.Scan(&to, &status, &due); err != nil {
			return err
		}
		l.status[to], l.due[to] = status, due
	}
	return rows.Err()
}

func (l *ledger) readDeliveries(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `
		SELECT b.email, d.step, d.lesson, d.occasion, d.message_id, d.state,
			ARRAY(SELECT a.worker FROM attempts a WHERE a.delivery_id = d.id AND a.outcome = 'unknown' ORDER BY a.n),
			ARRAY(SELECT a.worker FROM attempts a WHERE a.delivery_id = d.id AND a.outcome = 'unknown'
				AND a.detail = 'the worker went silent' ORDER BY a.n)
		FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id JOIN subscribers b ON b.id = s.subscriber_id
		ORDER BY d.id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.to, &e.step, &e.lesson, &e.occasion, &e.id, &e.state, pq.Array(&e.unknown), pq.Array(&e.silent)); err != nil {
			return err
		}
		if strings.HasPrefix(e.step, "end/") { // it comes after the lesson that it names
			e.lesson = theEnd
		}
		l.owed[e.to] = append(l.owed[e.to], e)
		l.byID[e.id] = e
	}
	return rows.Err()
}

// arrived tells whether all have come to the end of the way.
func (l *ledger) arrived(all []string) bool {
	return !slices.ContainsFunc(all, func(to string) bool { return l.status[to] != "completed" })
}

// givenUp tells whether the last mail to each has been given up.
func (l *ledger) givenUp(all []string) bool {
	return !slices.ContainsFunc(all, func(to string) bool {
		owed := l.owed[to]
		return len(owed) == 0 || owed[len(owed)-1].state != "given-up"
	})
}

// laggards names a few who have not.
func (l *ledger) laggards(rows []tally) string {
	var some []string
	for _, row := range rows {
		for _, to := range row.group.all() {
			if !row.doomed && row.opens.IsZero() && l.status[to] != "completed" {
				var last entry
				if all := l.owed[to]; len(all) > 0 {
					last = all[len(all)-1]
				}
				some = append(some, fmt.Sprintf("%s (%s, %s %d is %s)", to, l.status[to], last.step, last.occasion, last.state))
			}
		}
	}
	if len(some) > 12 {
		some = append(some[:12], fmt.Sprintf("and %d more", len(some)-12))
	}
	return strings.Join(some, "; ")
}

// tally is one row of the table: a phase, and what became of its readers.
type tally struct {
	phase        string
	group        *group
	calm         bool      // nobody was killed: nothing may come twice
	doomed       bool      // the server refuses them for good
	opens, shuts time.Time // their window, where they have one

	readers, letters              int
	lost, disordered, outside     int
	doubled, byKill, byServer     int // of the doubled: whose worker was killed, where the server hung up
	inAir                         int // attempts that were in the air when their worker was killed
	unexplained, strange, givenUp int
	faults                        []string
}

func (t *tally) fault(count *int, format string, args ...any) {
	*count++
	t.faults = append(t.faults, fmt.Sprintf(format, args...))
}

// count holds what the mail server has taken on against the ledger, reader by
// reader.
func (t *tally) count(l *ledger, mails []kept, killed func(worker string) bool) {
	copies := map[string][]kept{}
	for _, m := range mails {
		copies[m.to] = append(copies[m.to], m)
	}
	for _, to := range t.group.all() {
		t.readers++
		t.countLost(l, to, copies[to])
		t.countOrder(l, to, copies[to])
		t.countCopies(l, to, copies[to], killed)
	}
}

// countLost finds letters that should have come and did not.
func (t *tally) countLost(l *ledger, to string, got []kept) {
	came := map[string]bool{} // by Message-ID
	lessons := map[string]bool{}
	for _, m := range got {
		came[m.id] = true
		lessons[l.byID[m.id].lesson] = true
	}
	for _, e := range l.owed[to] {
		switch {
		case e.state == "sent" && !came[e.id]:
			t.fault(&t.lost, "%s: %s %d is sent by the ledger and never came", to, e.step, e.occasion)
		case e.state == "given-up":
			t.givenUp++
		case e.step == "confirm" && e.state == "cancelled": // its reader confirmed before the record knew of it
		case e.state != "sent" && t.opens.IsZero() && !t.doomed:
			t.fault(&t.lost, "%s: %s %d is %s", to, e.step, e.occasion, e.state)
		}
	}
	switch {
	case len(l.owed[to]) == 0:
		t.fault(&t.lost, "%s: signed up and was never asked to confirm", to)
	case t.doomed:
		if last := l.owed[to][len(l.owed[to])-1]; last.state != "given-up" {
			t.fault(&t.strange, "%s: %s %d is %s, and its server refuses everything", to, last.step, last.occasion, last.state)
		}
	case !t.opens.IsZero():
		if last := l.owed[to][len(l.owed[to])-1]; last.state == "sent" && !l.due[to].Valid {
			t.fault(&t.lost, "%s: nothing comes after %s", to, last.step)
		}
	default:
		for _, id := range slices.Concat(openLessons, gatedLessons, []string{theEnd}) {
			if !lessons[id] {
				t.fault(&t.lost, "%s: %s never came", to, id)
			}
		}
	}
}

// gap is the least time between two letters.
const gap = 2 * time.Second

// late is how long a mail may be on its way between the last look at the clock
// and the server's own: a window is not over to the millisecond.
const late = 2 * time.Second

// countOrder finds letters that came in the wrong order, too soon after the one
// before, or outside the window.
func (t *tally) countOrder(l *ledger, to string, got []kept) {
	place := map[string]int{}
	for i, id := range slices.Concat(openLessons, gatedLessons, hoursLessons, []string{theEnd}) {
		place[id] = 1 + i
	}
	var before entry
	var begun time.Time // first copy of that
	for _, m := range got {
		e, known := l.byID[m.id]
		if !known || e.to != to || e.lesson != "" && e.lesson != m.subject {
			t.fault(&t.strange, "%s: a mail %q that the ledger does not know so", to, m.subject)
			continue
		}
		if e.step == "confirm" {
			continue
		}
		if p, q := place[e.lesson], place[before.lesson]; p < q || p == q && e.occasion < before.occasion {
			t.fault(&t.disordered, "%s: %s %d after %s %d", to, e.step, e.occasion, before.step, before.occasion)
		}
		if e.id != before.id {
			if !begun.IsZero() && m.at.Sub(begun) < gap {
				t.fault(&t.outside, "%s: %s %d came %s after %s", to, e.step, e.occasion, m.at.Sub(begun), before.step)
			}
			before, begun = e, m.at
		}
		if !t.opens.IsZero() && (m.at.Before(t.opens) || !m.at.Before(t.shuts.Add(late))) {
			t.fault(&t.outside, "%s: %s came at %s, outside %s to %s", to, e.step, m.at.UTC(), t.opens.UTC(), t.shuts.UTC())
		}
	}
}

// countCopies finds what came more than once, and who explains it.
func (t *tally) countCopies(l *ledger, to string, got []kept, killed func(string) bool) {
	byID := map[string][]kept{}
	once := map[string]string{} // step and occasion -> Message-ID
	for _, m := range got {
		byID[m.id] = append(byID[m.id], m)
		e := l.byID[m.id]
		key := fmt.Sprint(e.step, e.occasion)
		if other, ok := once[key]; ok && other != m.id {
			t.fault(&t.strange, "%s: %s %d under two Message-IDs", to, e.step, e.occasion)
		}
		once[key] = m.id
	}
	for _, e := range l.owed[to] {
		for _, worker := range e.silent {
			if killed(worker) {
				t.inAir++
			}
		}
		n := len(byID[e.id])
		t.letters += n
		if n < 2 {
			continue
		}
		t.doubled += n - 1
		kills := len(slices.DeleteFunc(slices.Clone(e.unknown), func(w string) bool { return !killed(w) }))
		hungUp := 0
		for _, m := range byID[e.id] {
			if m.mood == moodSilent {
				hungUp++
			}
		}
		t.byServer += min(n-1, hungUp)
		t.byKill += max(0, n-1-hungUp)
		switch {
		case n-1 > len(e.unknown):
			t.fault(&t.unexplained, "%s: %s %d came %d times, with %d unknown outcomes", to, e.step, e.occasion, n, len(e.unknown))
		case n-1 > hungUp+kills:
			t.fault(&t.unexplained, "%s: %s %d came %d times; the server hung up on %d and %d of its workers were killed",
				to, e.step, e.occasion, n, hungUp, kills)
		}
	}
}
