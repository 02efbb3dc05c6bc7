package main

import (
	"context"
	"log/slog"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"longroad/internal/store"
)

// fleet is the processes of a run: so many places, and in each the newest of the
// processes that had it.
type fleet struct {
	t               *testing.T
	env             []string
	serves, workers []*place
	ended           sync.WaitGroup // processes that were asked to end

	mu   sync.Mutex
	dead map[string]bool // names of the workers that were killed
	shot int             // processes that were killed
}

// place holds one process of a kind.
type place struct {
	command string

	mu      sync.Mutex
	now     *program
	address string // of the pages; "" while they are not there
	worker  string // its name among the workers; "" before it works
}

var workerStarted = regexp.MustCompile(`msg="worker started" worker=(\S+)`)

// newFleet starts the processes and waits until they work.
func newFleet(t *testing.T, env []string, serves, workers int) *fleet {
	t.Helper()
	f := &fleet{t: t, env: env, dead: map[string]bool{}}
	for range serves {
		f.serves = append(f.serves, &place{command: "serve"})
	}
	for range workers {
		f.workers = append(f.workers, &place{command: "worker"})
	}
	for _, p := range f.places() {
		f.fill(p)
	}
	f.awaitAll()
	t.Cleanup(func() {
		for _, p := range f.places() {
			f.terminate(p.current())
		}
		f.ended.Wait()
	})
	return f
}

func (f *fleet) places() []*place { return append(append([]*place(nil), f.serves...), f.workers...) }

// fill starts a process in a place.
func (f *fleet) fill(p *place) {
	f.t.Helper()
	next := begin(f.t, f.t.TempDir(), f.env, p.command)
	p.mu.Lock()
	p.now, p.address, p.worker = next, "", ""
	p.mu.Unlock()
	go func() {
		if p.command == "serve" {
			if m := next.hears(`msg=serving address=(\S+)`); m != nil {
				p.note(next, func() { p.address = "http://" + m[1] })
			}
			return
		}
		if m := next.hears(workerStarted.String()); m != nil {
			p.note(next, func() { p.worker = m[1] })
		}
	}()
}

func (p *place) note(of *program, what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == of {
		what()
	}
}

func (p *place) current() *program {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// pages are the addresses that answer readers now.
func (f *fleet) pages() []string {
	var all []string
	for _, p := range f.serves {
		p.mu.Lock()
		if p.address != "" {
			all = append(all, p.address)
		}
		p.mu.Unlock()
	}
	return all
}

func (f *fleet) working() int {
	n := 0
	for _, p := range f.workers {
		p.mu.Lock()
		if p.worker != "" {
			n++
		}
		p.mu.Unlock()
	}
	return n
}

// kill ends the process of a place as kill -9 does, and starts its successor.
func (f *fleet) kill(p *place) {
	f.t.Helper()
	old := p.current()
	old.cmd.Process.Signal(syscall.SIGKILL)
	<-old.ended
	f.mu.Lock()
	f.shot++
	if m := old.match(workerStarted); m != nil {
		f.dead[m[1]] = true
	}
	f.mu.Unlock()
	f.fill(p)
}

// kills tells how many processes were killed.
func (f *fleet) kills() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shot
}

// awaitAll waits until every place is at work.
func (f *fleet) awaitAll() {
	f.t.Helper()
	eventually(f.t, "all processes work", func() bool {
		return len(f.pages()) == len(f.serves) && f.working() == len(f.workers)
	})
}

// terminateAll asks every process to end and starts its successor at once.
func (f *fleet) terminateAll() {
	f.t.Helper()
	f.awaitAll()
	for _, p := range f.places() {
		old := p.current()
		f.terminate(old)
		f.fill(p)
	}
}

// terminate asks a process to end, and expects that it does so without a fault.
func (f *fleet) terminate(p *program) {
	p.cmd.Process.Signal(syscall.SIGTERM)
	f.ended.Go(func() {
		if !p.endedWithin(patience) {
			f.t.Errorf("longroad %s does not end", p.name)
			p.cmd.Process.Kill()
			<-p.ended
		}
		if p.err != nil {
			f.t.Errorf("longroad %s was asked to end, and ended with %v:\n%s", p.name, p.err, p.output())
		}
	})
}

// killed reports whether a worker was killed.
func (f *fleet) killed(worker string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead[worker]
}

// tickTwice claims and sweeps twice at once, beside the ticks of the workers.
func (c *chaos) tickTwice() {
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
	defer cancel()
	db, err := store.Connect(ctx, c.database)
	if err != nil {
		return // the database is away: then nobody ticks
	}
	cfg := config{RedisURL: c.redis.URL(), SecretKey: []string{serviceKey}, MailFrom: serviceFrom}
	s, err := wire(cfg, slog.New(slog.DiscardHandler), time.Now, db)
	must(c.t, err)
	defer s.close()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			// What goes wrong here goes wrong for workers too; what counts is what comes of it.
			s.road.Claim(ctx, 50)
			s.road.SweepNudges(ctx, 50)
		})
	}
	both.Wait()
}
