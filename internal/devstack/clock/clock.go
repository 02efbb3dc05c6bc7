// Package clock is the movable clock of `longroad dev`: real time plus an offset
// that only grows, kept in a file so that a restart goes on where it was.
//
// Its one rule: nobody is skipped. Moving forward stops at each moment at which
// something is due and waits there until all of it has an outcome.
package clock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

// Clock tells the service's time.
type Clock struct {
	file string
	real func() time.Time // the machine's own clock

	mu     sync.Mutex
	offset time.Duration
	last   time.Time // what Now answered last
}

// Open reads the offset in file; without a file the clock shows real time.
func Open(file string) (*Clock, error) {
	c := &Clock{file: file, real: time.Now}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the clock's offset: %w", err)
	}
	c.offset, err = time.ParseDuration(strings.TrimSpace(string(b)))
	if err != nil || c.offset < 0 {
		return nil, fmt.Errorf("the clock's offset in %s is no duration such as 48h0m0s: mend that file, or remove it to be back in real time", file)
	}
	return c, nil
}

// Now returns the service's time, in UTC. It never goes back, even if the
// machine's clock does.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	// Round strips the monotonic reading, which stands still while a laptop sleeps.
	if t := c.real().Round(0).UTC().Add(c.offset); t.After(c.last) {
		c.last = t
	}
	return c.last
}

// forward moves the clock to a later moment; an earlier one changes nothing. The
// offset is on disk before anybody sees the new time.
func (c *Clock) forward(to time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	by := to.Sub(c.now())
	if by <= 0 {
		return nil
	}
	if err := replace(c.file, []byte((c.offset+by).String()+"\n")); err != nil {
		return fmt.Errorf("keep the clock's offset: %w", err)
	}
	c.offset += by
	return nil
}

// replace writes a file so that a reader finds the old or the new content, whole.
func replace(file string, content []byte) error {
	draft := file + ".new"
	if err := os.WriteFile(draft, content, 0o644); err != nil {
		return err
	}
	return os.Rename(draft, file)
}
