package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"longroad/internal/store"
)

// hoursCourse is open for some minutes of the day only, and long enough that
// nobody comes to its end in them.
const hoursCourse = "hours"

// hours publishes the course whose window is about to open, and lets a few
// readers sign up for it.
func (c *chaos) hours() {
	c.t.Helper()
	zone := noonish(time.Now())
	opens := time.Now().In(zone).Truncate(time.Minute).Add(time.Minute)
	if time.Until(opens) < 10*time.Second { // time to sign up and to confirm
		opens = opens.Add(time.Minute)
	}
	shuts := opens.Add(c.scale.openFor)
	files := map[string]string{"course.yaml": fmt.Sprintf(`course: %s
title: By the hour
language: en
sender: Trial Letters
first: window
window: {days: [mon, tue, wed, thu, fri, sat, sun], at: "%s", until: "%s"}
per_day: 1000
tracks:
  walker:
    title: Walker
    stages:
      - {id: open, title: Open, gap: 2s, gate: none, lessons: [%s]}
`, hoursCourse, opens.Format("15:04"), shuts.Format("15:04"), strings.Join(hoursLessons, ", "))}
	for _, id := range hoursLessons {
		files["walker/"+id+".md"] = lessonFile(id, false)
	}
	dir := filepath.Join(folder(c.t), hoursCourse)
	writeCourse(c.t, dir, files)
	longroad(c.t, c.t.TempDir(), c.fleet.env, "course", "publish", dir)
	g := c.crowd.group(hoursCourse, "hours")
	g.zone = zone.String()
	g.add(6)
	c.rows = append(c.rows, tally{phase: "by the hour", group: g, opens: opens, shuts: shuts})
}

// noonish is a zone without clock changes in which the day is far from its ends.
func noonish(now time.Time) *time.Location {
	for _, name := range []string{"UTC", "Asia/Tokyo"} {
		zone, err := time.LoadLocation(name)
		if h := now.In(zone).Hour(); err == nil && h >= 2 && h < 22 {
			return zone
		}
	}
	return time.UTC
}

// settle waits until everybody has come as far as the course allows. Nobody waits
// here for the growing delays between attempts: those are shown elsewhere. Where
// somebody does not arrive the count will tell what is missing.
func (c *chaos) settle() {
	c.t.Helper()
	c.say("calm")
	all := c.await("all have arrived", func(l *ledger) bool {
		c.hasten()
		for _, row := range c.rows {
			switch {
			case !row.opens.IsZero(): // its hour may be far
			case row.doomed && !l.givenUp(row.group.all()), !row.doomed && !l.arrived(row.group.all()):
				return false
			}
		}
		return true
	})
	if !all {
		return
	}
	c.say("all have arrived")
	c.pass(time.Until(c.rows[0].shuts.Add(5 * time.Second)))
	db, err := store.Connect(c.t.Context(), c.database)
	must(c.t, err)
	defer db.Close()
	eventually(c.t, "nothing is under way", func() bool {
		c.hasten()
		n, err := db.Unsettled(c.t.Context(), time.Now())
		must(c.t, err)
		return n == 0
	})
}

// hasten brings forward what waits for its next attempt, within its window.
func (c *chaos) hasten() {
	c.t.Helper()
	c.exec(`UPDATE deliveries d SET next_attempt_at = $1, nudged_at = NULL FROM subscriptions s
		WHERE s.id = d.subscription_id AND (s.course = $2 OR d.step = 'confirm')
		AND d.state IN ('retry', 'unknown') AND d.next_attempt_at > $1`, time.Now(), chaosCourse)
}

// await looks at the ledger now and then until it is as it should be, and reports
// whether it is.
func (c *chaos) await(what string, enough func(*ledger) bool) bool {
	c.t.Helper()
	late := time.NewTimer(c.scale.patience)
	defer late.Stop()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for l := c.read(); !enough(l); l = c.read() {
		select {
		case <-look.C:
		case <-late.C:
			c.t.Errorf("waited in vain until %s; still on their way: %s", what, l.laggards(c.rows))
			return false
		}
	}
	return true
}
