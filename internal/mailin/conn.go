package mailin

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// listener lets so many connections in at once.
type listener struct {
	net.Listener
	server *Server
}

// Accept gives the next connection; who comes too many is told to come again.
func (l listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		taken := &conn{Conn: c, server: l.server, source: sourceOf(c.RemoteAddr())}
		if l.server.admit(taken) {
			return taken, nil
		}
		c.SetWriteDeadline(time.Now().Add(time.Second))
		io.WriteString(c, "421 4.3.2 Too many connections, come again\r\n")
		c.Close()
	}
}

// conn is a connection of a mail server. It knows whether a mail is on its way
// through it, so that it can be closed between two and never within one.
type conn struct {
	net.Conn
	server *Server
	source string

	mu      sync.Mutex
	taking  bool // a mail is being taken
	leaving bool // no other one will be
}

// longAgo makes a read end at once.
func longAgo() time.Time { return time.Unix(1, 0) }

// Read reads. An end that nobody announced is an error: a chunk of a mail (BDAT)
// that is cut off would pass for a whole one otherwise.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Write answers, later where the source asks too much.
func (c *conn) Write(b []byte) (int, error) {
	if wait := c.server.pace.take(c.source); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.server.leaving:
		}
		c.SetWriteDeadline(time.Now().Add(c.server.limits.write))
	}
	return c.Conn.Write(b)
}

// SetReadDeadline sets until when to wait for the other end; not at all where the
// connection is to end.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving && !c.taking {
		t = longAgo()
	}
	return c.Conn.SetReadDeadline(t)
}

// take notes that a mail is being taken, or no longer.
func (c *conn) take(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taking = on
}

// leave ends the connection as soon as no mail is on its way through it: the
// other end hears 421.
func (c *conn) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = true
	if !c.taking {
		c.Conn.SetReadDeadline(longAgo())
	}
}

// Close ends the connection.
func (c *conn) Close() error {
	c.server.dismiss(c)
	return c.Conn.Close()
}
