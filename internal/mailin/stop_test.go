package mailin

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// What is being taken is finished; who only waits is told to come again.
func TestStop(t *testing.T) {
	t.Parallel()
	for _, way := range []string{SMTP, LMTP} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			k := newKeeper()
			d := openDoor(t, way, options(k), nil)
			idle, busy, chunked := d.hello(t), d.hello(t), d.hello(t)
			busy.envelope("", answered1)
			busy.says("DATA", "354")
			busy.writes(letter[:40])
			chunked.envelope("", answered2)
			chunked.writes(fmt.Sprintf("BDAT %d\r\n%s", 40, letter[:40]))
			chunked.hears("250")
			d.awaitTaking(t, 2)
			d.stop()
			idle.hears("421")
			if _, err := net.Dial("tcp", d.at); err == nil {
				t.Error("somebody else is let in")
			}
			busy.writes(letter[40:] + ".\r\n")
			busy.hears("250")
			busy.hears("421")
			chunked.writes(fmt.Sprintf("BDAT %d LAST\r\n%s", len(letter)-40, letter[40:]))
			chunked.hears("250")
			chunked.hears("421")
			if err := <-d.ended; err != nil {
				t.Error(err)
			}
			if n := len(k.all()); n != 2 {
				t.Errorf("%d were kept", n)
			}
		})
	}
}

// awaitTaking waits until so many mails are being taken.
func (d *door) awaitTaking(t *testing.T, want int) {
	t.Helper()
	late := time.After(20 * time.Second)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		n := 0
		d.mu.Lock()
		for c := range d.conns {
			c.mu.Lock()
			if c.taking {
				n++
			}
			c.mu.Unlock()
		}
		d.mu.Unlock()
		if n == want {
			return
		}
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("%d mails are being taken", n)
		}
	}
}

// A mail that hangs does not keep the process from ending.
func TestStopEnds(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	d := openDoor(t, SMTP, options(k), func(l *limits) { l.last = 50 * time.Millisecond })
	c := d.hello(t)
	c.envelope("", answered1)
	c.says("DATA", "354")
	c.writes(letter)
	d.awaitTaking(t, 1)
	d.stop()
	if err := <-d.ended; err != nil {
		t.Error(err)
	}
	if _, err := io.Copy(io.Discard, c.R); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Error(err) // it would wait for ever
	}
	if n := len(k.all()); n != 0 {
		t.Errorf("%d were kept", n)
	}
}
