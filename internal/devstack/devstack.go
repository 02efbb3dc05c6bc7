// Package devstack brings the servers that the service needs on a developer's
// machine and in tests: a private PostgreSQL and a private Redis, found among
// what is installed, on free ports of the loopback interface.
//
// Its one rule: it owns what it starts and nothing else. It never touches a
// server that runs already, it listens on 127.0.0.1 only and always behind a
// password of its own, and whatever way this process ends, kill -9 included,
// the servers end with it and the next start finds a clean ground.
package devstack

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
)

const loopback = "127.0.0.1"

// freePort returns a port of the loopback interface on which nothing listens.
// Another process may take it before we do: callers try again.
func freePort() (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// portIsFree says whether nothing listens on port.
func portIsFree(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", loopback, port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// newPassword returns 128 random bits as hexadecimal digits, safe in a URL.
func newPassword() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(b)
}
