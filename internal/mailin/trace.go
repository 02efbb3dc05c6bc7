package mailin

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// received is our line of the mail's way (RFC 5321, section 4.4). It names the
// server that handed it over and nobody else: neither sender nor recipient.
func received(server, name, way, id string, at time.Time) []byte {
	with := "ESMTP"
	if way == LMTP {
		with = "LMTP"
	}
	return fmt.Appendf(nil, "Received: from %s by %s\r\n\twith %s id %s; %s\r\n", plainName(server), name, with, id, at.UTC().Format("Mon, 2 Jan 2006 15:04:05 -0700"))
}

// plainName is what a server calls itself, if that is a host's name or an address
// and nothing made to look like more.
func plainName(s string) string {
	inner := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == ':'
	}
	if inner == "" || len(inner) > 255 || strings.IndexFunc(inner, func(r rune) bool { return !plain(r) }) >= 0 {
		return "unknown"
	}
	return s
}

// hops counts the Received fields of a mail: the servers that it came by.
func hops(raw []byte) int {
	n := 0
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		if len(bytes.TrimRight(line, "\r")) == 0 {
			break // the body begins
		}
		if name, _, found := bytes.Cut(line, []byte(":")); found && strings.EqualFold(string(bytes.TrimRight(name, " \t")), "received") {
			n++
		}
		raw = rest
	}
	return n
}
