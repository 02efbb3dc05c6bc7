package web

import (
	"context"
	"sync"
)

// places bounds how many are at something at a time, and how many of those from
// one source: who holds on to places leaves some to others. Who finds none waits.
type places struct {
	all       chan struct{}
	perSource int

	mu      sync.Mutex
	sources map[string]*queueing
}

// queueing is one source's own places, and how many hold one or wait.
type queueing struct {
	own   chan struct{}
	users int
}

func newPlaces(atOnce, perSource int) *places {
	return &places{all: make(chan struct{}, atOnce), perSource: perSource, sources: map[string]*queueing{}}
}

// enter waits for a place; leave must be called where there is no error. An empty
// source may hold all.
func (p *places) enter(ctx context.Context, source string) (leave func(), err error) {
	leaveOwn := func() {}
	if source != "" {
		if leaveOwn, err = p.enterOwn(ctx, source); err != nil {
			return nil, err
		}
	}
	select {
	case p.all <- struct{}{}:
		return func() { <-p.all; leaveOwn() }, nil
	case <-ctx.Done():
		leaveOwn()
		return nil, ctx.Err()
	}
}

// enterOwn waits for one of the source's own places.
func (p *places) enterOwn(ctx context.Context, source string) (leave func(), err error) {
	p.mu.Lock()
	q := p.sources[source]
	if q == nil {
		q = &queueing{own: make(chan struct{}, p.perSource)}
		p.sources[source] = q
	}
	q.users++
	p.mu.Unlock()
	forget := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if q.users--; q.users == 0 {
			delete(p.sources, source)
		}
	}
	select {
	case q.own <- struct{}{}:
		return func() { <-q.own; forget() }, nil
	case <-ctx.Done():
		forget()
		return nil, ctx.Err()
	}
}
