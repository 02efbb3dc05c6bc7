package main

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"longroad/internal/devstack"
	"longroad/internal/devstack/stacktest"
)

// The fault suite: real serve and worker processes, with a PostgreSQL, a Redis
// and a mail server of their own, all of which fail by a plan that a seed draws.
// Readers sign up, confirm and answer all the while, and at the end every letter
// is counted at the mail server and in the ledger.
//
// `make test` runs it for two minutes, `make chaos` for ten; `make chaos SEED=7`
// draws the same plan again. What meets which fault is the scheduler's to say,
// so that two runs of a plan differ in what they hit.
//
// No process has a clock that could be moved: TestStorm in worker moves clocks.
var (
	chaosSeed = flag.Uint64("chaos.seed", 1, "what the plan of faults is drawn from")
	chaosLong = flag.Bool("chaos.long", false, "ten minutes and a hundred kills, in place of two minutes")
)

// chaosScale is how long and how hard a run is.
type chaosScale struct {
	calm     int           // readers of each phase without kills
	storm    time.Duration // how long the storm lasts
	kills    int           // in the storm
	waves    time.Duration // from one group of new readers to the next
	wave     int           // readers in a group
	failing  float64       // share of mails that the server fails in the storm
	outage   time.Duration // how long the database is away in its own phase; 0 leaves that out
	openFor  time.Duration // how long the window of the course with hours is open
	patience time.Duration // for everything to settle in the end
}

func scaleOf(long bool) chaosScale {
	if long {
		return chaosScale{calm: 40, storm: 8 * time.Minute, kills: 104, waves: 6 * time.Second, wave: 14, failing: 0.1,
			outage: 20 * time.Second, openFor: 5 * time.Minute, patience: 5 * time.Minute}
	}
	return chaosScale{calm: 16, storm: 30 * time.Second, kills: 12, waves: 4 * time.Second, wave: 8, failing: 0.1,
		openFor: time.Minute, patience: 3 * time.Minute}
}

// chaos is one run.
type chaos struct {
	t     *testing.T
	began time.Time
	scale chaosScale
	rng   *rand.Rand

	postgres *devstack.Postgres
	redis    *devstack.Redis
	database string
	sink     *roughSink
	fleet    *fleet
	crowd    *crowd
	rows     []tally
}

func TestChaos(t *testing.T) {
	t.Parallel()
	t.Logf("seed %d: make chaos SEED=%d draws this plan again", *chaosSeed, *chaosSeed)
	c := newChaos(t)
	c.hours()
	c.storms()
	// Who comes from here on meets no kill: nothing may be lost or doubled. Those of
	// the storm come to their ends meanwhile.
	c.phase("Redis lost", c.losesRedis)
	c.phase("SIGTERM", c.terminates)
	if c.scale.outage > 0 {
		c.phase("PostgreSQL away", c.losesPostgres)
	}
	c.settle()
	c.report()
}

func newChaos(t *testing.T) *chaos {
	t.Helper()
	c := &chaos{t: t, began: time.Now(), scale: scaleOf(*chaosLong), rng: rand.New(rand.NewPCG(*chaosSeed, 1)),
		postgres: stacktest.OwnPostgres(t), redis: stacktest.OwnRedis(t), sink: newRoughSink(t, *chaosSeed)}
	must(t, c.postgres.CreateDatabase(t.Context(), "longroad"))
	c.database = c.postgres.URL("longroad")
	must(t, migrated(t.Context(), c.database))
	dir := folder(t)
	writeCourse(t, filepath.Join(dir, chaosCourse), trialCourse)
	env := append(serviceEnv(c.database, c.redis.URL(), c.sink.url), "LONGROAD_COURSES_DIR="+dir)
	c.fleet = newFleet(t, env, 2, 4)
	c.crowd = newCrowd(t, c.fleet)
	c.sink.arrived = c.crowd.reads
	return c
}

func writeCourse(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o644))
	}
}

// say tells how far the run has come.
func (c *chaos) say(format string, args ...any) {
	c.t.Helper()
	c.t.Logf("%4.0f s  "+format, append([]any{time.Since(c.began).Seconds()}, args...)...)
}

// phase lets readers of its own go through faults that kill nobody. It does not
// wait for their ends.
func (c *chaos) phase(name string, faults func()) {
	c.t.Helper()
	c.say("%s", name)
	group := c.crowd.join(chaosCourse, name, c.scale.calm)
	c.awaitLetters(group)
	faults()
	c.rows = append(c.rows, tally{phase: name, group: group, calm: true})
}

// awaitLetters waits until the first letters of a group have come: from then on
// some are due at any moment.
func (c *chaos) awaitLetters(group *group) {
	c.t.Helper()
	eventually(c.t, "the first letters have come", func() bool { return c.sink.kept(group.has) >= 2*len(group.all()) })
}

// losesRedis flushes Redis, kills it, and brings it back empty.
func (c *chaos) losesRedis() {
	for range 3 {
		must(c.t, c.redis.Flush(c.t.Context()))
		c.pass(700 * time.Millisecond)
	}
	c.redis.Kill()
	c.pass(3 * time.Second)
	must(c.t, c.redis.Restart(c.t.Context()))
}

// terminates asks every process to end while its successor begins, with mails in
// the air.
func (c *chaos) terminates() {
	c.sink.slowly(true)
	for range 3 {
		c.fleet.terminateAll()
		c.pass(2 * time.Second)
	}
	c.fleet.terminateAll()
	c.sink.slowly(false)
}

// losesPostgres takes the database away for longer than a lease.
func (c *chaos) losesPostgres() {
	c.sink.slowly(true)
	c.pass(time.Second)
	c.postgres.Kill(c.t.Context())
	c.pass(c.scale.outage)
	must(c.t, c.postgres.Restart(c.t.Context()))
	c.sink.slowly(false)
}

// pass lets real time pass: the faults of a plan have their moments.
func (c *chaos) pass(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.t.Context().Done():
	}
}

// storms lets everything fail at once, at the moments of the plan, while readers
// keep coming.
func (c *chaos) storms() {
	plan := drawPlan(c.rng, c.scale)
	c.say("storm: %s", plan)
	all := c.crowd.group(chaosCourse, "storm")
	doomed := c.crowd.join(chaosCourse, doomedName, 3)
	c.sink.storm(c.scale.failing)
	began := time.Now()
	ctx, cancel := context.WithTimeout(c.t.Context(), c.scale.storm)
	defer cancel()
	go c.crowd.comes(ctx, all, c.scale.wave, c.scale.waves)
	for _, f := range plan {
		c.pass(f.at - time.Since(began))
		c.strike(f)
	}
	<-ctx.Done()
	c.sink.calm()
	must(c.t, c.redis.Restart(c.t.Context()))
	must(c.t, c.postgres.Restart(c.t.Context()))
	c.rows = append(c.rows, tally{phase: "storm", group: all}, tally{phase: "storm, refused for good", group: doomed, doomed: true})
}
