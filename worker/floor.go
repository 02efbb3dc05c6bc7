package worker

import (
	"context"
	"sync"
)

// floor counts who is at work, so that a worker that ends can wait for them. It
// does not rest on asynq for that: asynq lets go of a handler when Redis goes
// away, and the handler goes on.
type floor struct {
	mu     sync.Mutex
	closed bool
	atWork sync.WaitGroup
}

// enter reports whether there is still time to begin; who got true must leave.
func (f *floor) enter() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.atWork.Add(1)
	return true
}

func (f *floor) leave() { f.atWork.Done() }

// close lets nobody begin any more and gives a context that ends when all have
// left.
func (f *floor) close() context.Context {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	empty, done := context.WithCancel(context.Background())
	go func() {
		f.atWork.Wait()
		done()
	}()
	return empty
}
