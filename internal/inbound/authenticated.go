package inbound

import (
	"bytes"
	netmail "net/mail"
	"strings"

	"longroad/internal/inbound/mime"
)

// Authenticated gives the address in From where our own mail server found that
// the mail really comes from its domain: DMARC passed (RFC 7489), as its
// Authentication-Results say (RFC 8601). "" otherwise, and with an empty server,
// which is the authserv-id that it signs those results with. Door says that the
// uppermost Received is that of longroad's own door, behind which our mail server
// stands.
//
// A sender may have written such fields as well, under our server's name. It has
// to take those out (RFC 8601, section 5); still, only what stands above the
// second server's Received is looked at, hops within our own machines aside, and
// of several results on DMARC only the uppermost counts.
func Authenticated(raw []byte, server string, door bool) string {
	if server == "" {
		return ""
	}
	m, err := mime.Parse(raw)
	if err != nil || len(m.Header.Values("From")) != 1 {
		return ""
	}
	from, err := netmail.ParseAddressList(m.Header.Get("From"))
	if err != nil || len(from) != 1 {
		return ""
	}
	address := from[0].Address
	domain := address[strings.LastIndexByte(address, '@')+1:]
	if passed := dmarcPassed(m.Header, server, door); passed == "" || !strings.EqualFold(passed, domain) {
		return ""
	}
	return address
}

// dmarcPassed gives the From domain that DMARC passed for; "" for none.
func dmarcPassed(h mime.Header, server string, door bool) string {
	entered := false // the mail is past the server that took it from outside
	for name, value := range h.All() {
		switch {
		case strings.EqualFold(name, "Received"):
			if entered {
				return ""
			}
			entered = !door && !withinOurs(value, server)
			door = false
		case strings.EqualFold(name, "Authentication-Results"):
			if result, domain, ok := dmarcResult(value, server); ok {
				if result == "pass" {
					return domain
				}
				return ""
			}
		}
	}
	return ""
}

// withinOurs tells a Received field of a hop from our machines to themselves.
func withinOurs(received, server string) bool {
	fields := strings.Fields(strings.ToLower(received))
	if len(fields) < 2 || fields[0] != "from" {
		return len(fields) > 0 && fields[0] == "by" // handed over by a program
	}
	return fields[1] == "localhost" || fields[1] == strings.ToLower(server)
}

// dmarcResult reads what a field of that server says on DMARC; false where it is
// another server's, or says nothing on it.
func dmarcResult(value, server string) (result, domain string, ok bool) {
	parts := resinfo(value)
	id := strings.Fields(parts[0])
	if len(id) == 0 || !strings.EqualFold(strings.Trim(id[0], `"`), server) {
		return "", "", false
	}
	for _, part := range parts[1:] {
		words := strings.Fields(strings.ToLower(part))
		if len(words) == 0 {
			continue
		}
		method, result, _ := strings.Cut(words[0], "=")
		if method, _, _ = strings.Cut(method, "/"); method != "dmarc" { // its version
			continue
		}
		for _, property := range words[1:] {
			if d, found := strings.CutPrefix(property, "header.from="); found {
				domain = strings.TrimSuffix(strings.Trim(d, `"`), ".")
				domain = domain[strings.LastIndexByte(domain, '@')+1:]
			}
		}
		return result, domain, true
	}
	return "", "", false
}

// resinfo splits such a field at its semicolons, comments and the white space
// around equal signs taken out (RFC 8601, section 2.2).
func resinfo(value string) []string {
	var parts []string
	var part []byte
	depth, quoted := 0, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		equals := len(part) > 0 && part[len(part)-1] == '='
		switch {
		case c == '\\' && (quoted || depth > 0):
			i++
		case depth > 0 && c == '(', depth == 0 && !quoted && c == '(':
			depth++
		case depth > 0:
			if c == ')' {
				depth--
			}
		case c == '"':
			quoted = !quoted
			part = append(part, c)
		case quoted && (c == ' ' || c == '=' || c == ';'):
			part = append(part, '_') // within a reason: no property
		case quoted:
			part = append(part, c)
		case c == ';':
			parts, part = append(parts, string(part)), nil
		case c == '=':
			part = append(bytes.TrimRight(part, " \t"), c)
		case (c == ' ' || c == '\t') && equals:
		default:
			part = append(part, c)
		}
	}
	return append(parts, string(part))
}
