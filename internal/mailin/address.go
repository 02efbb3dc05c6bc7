package mailin

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// The ways of the listener, as an arrival names them.
const (
	SMTP = "smtp"
	LMTP = "lmtp"
)

// Address is a place to listen at.
type Address struct {
	Way     string // SMTP or LMTP
	Network string // tcp or unix
	At      string // host:port, or the socket's path
}

// ErrAddress means that an address cannot be read.
var ErrAddress = errors.New("write host:port or smtp://host:port, lmtp://host:port or lmtp+unix:///path, several by comma")

// ParseAddresses reads places to listen at, by comma. A host must be named: who
// means every address of the machine writes 0.0.0.0 or [::] on purpose.
func ParseAddresses(list string) ([]Address, error) {
	var all []Address
	for _, s := range strings.Split(list, ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		a, err := parseAddress(s)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", s, err)
		}
		all = append(all, a)
	}
	return all, nil
}

func parseAddress(s string) (Address, error) {
	scheme, rest, found := strings.Cut(s, "://")
	if !found {
		scheme, rest = SMTP, s
	}
	if scheme == "lmtp+unix" {
		u, err := url.Parse(s)
		if err != nil || u.Host != "" || !filepath.IsAbs(u.Path) || u.RawQuery != "" {
			return Address{}, fmt.Errorf("no absolute path: %w", ErrAddress)
		}
		return Address{LMTP, "unix", filepath.Clean(u.Path)}, nil
	}
	if scheme != SMTP && scheme != LMTP {
		return Address{}, ErrAddress
	}
	host, port, err := net.SplitHostPort(strings.TrimSuffix(rest, "/"))
	if err != nil {
		return Address{}, ErrAddress
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return Address{}, fmt.Errorf("no port: %w", ErrAddress)
	}
	if host == "" {
		return Address{}, errors.New("write 127.0.0.1 before the colon for a mail server on this machine, or 0.0.0.0 if everybody may really hand mail in")
	}
	return Address{scheme, "tcp", net.JoinHostPort(host, port)}, nil
}

// Local tells whether only this machine can reach it.
func (a Address) Local() bool {
	if a.Network == "unix" {
		return true
	}
	host, _, _ := net.SplitHostPort(a.At)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
