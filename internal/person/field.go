// Package person reads what people say about themselves, on a form or in a file:
// address, name, time zone, hour, country, language and the two private answers.
// Its one rule: what it lets through is safe to keep, to show and to write into
// a mail, and everything else is refused, never mended by a guess.
package person

import (
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones exist on every machine
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"

	"longroad/internal/course"
)

// Limits of single fields.
const (
	maxAddress = 254 // octets, RFC 5321 section 4.5.3.1.3 less the angle brackets
	maxLocal   = 64  // octets, RFC 5321 section 4.5.3.1.1
	// MaxName is the most that a name may hold, in characters.
	MaxName = 80
)

// domainName is two labels or more in ASCII, the last of which is no number.
var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$`)

// ReadAddress reads one bare mail address: no display name, no comment, no
// quoted part, an ASCII local part (servers that take others are rare) and a
// domain that can stand in the public DNS, which is given in ASCII and lower case.
func ReadAddress(s string) (address string, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) > maxAddress {
		return "", false
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Name != "" || parsed.Address != s {
		return "", false
	}
	at := strings.LastIndexByte(s, '@')
	local := s[:at]
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || len(local) > maxLocal || !isASCII(local) || !domainName.MatchString(domain) {
		return "", false
	}
	switch domain[strings.LastIndexByte(domain, '.')+1:] {
	case "localhost", "local", "localdomain": // RFC 6761, RFC 6762: never public
		return "", false
	}
	address = local + "@" + domain
	return address, len(address) <= maxAddress
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// ReadName reads what a reader wants to be called; empty is fine. What could
// break a line, hide in one, be a template's or HTML's, or carry an advert to a
// stranger's mailbox is refused.
func ReadName(s string) (name string, ok bool) {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > MaxName || strings.ContainsAny(s, "<>{}") {
		return "", false
	}
	if lower := strings.ToLower(s); strings.Contains(lower, "://") || strings.Contains(lower, "www.") {
		return "", false
	}
	for _, r := range s {
		switch {
		case r == '\u200c' || r == '\u200d': // joiners, which some scripts' names need
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp):
			return "", false
		}
	}
	return s, true
}

// ReadZone reads an IANA time zone's name.
func ReadZone(s string) (name string, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" || s == "Local" {
		return "", false
	}
	if _, err := time.LoadLocation(s); err != nil {
		return "", false
	}
	return s, true
}

// ReadHour reads an hour of the day as 9, 09:00 or 9:00, in minutes after
// midnight; nil when it is empty, which keeps the course's hour.
func ReadHour(s string) (minutes *int, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, true
	}
	if len(s) == 4 && s[1] == ':' {
		s = "0" + s
	}
	if n, err := strconv.ParseUint(s, 10, 8); err == nil && len(s) <= 2 {
		at := int(n) * 60
		return &at, n < 24
	}
	h, err := course.ParseHour(s)
	if err != nil || h == course.EndOfDay {
		return nil, false
	}
	at := int(h)
	return &at, true
}

// ReadCountry reads a country's code; "" and "elsewhere" both leave it open.
func ReadCountry(s string) (code string, ok bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if s == "" || s == "ELSEWHERE" {
		return "", true
	}
	_, ok = countryNames()[s]
	return s, ok
}

// ReadLanguage reads a language's BCP 47 tag and gives its usual form; empty is
// fine and leaves it to the course.
func ReadLanguage(s string) (tag string, ok bool) {
	if s = strings.TrimSpace(s); s == "" {
		return "", true
	}
	read, err := language.Parse(s)
	if err != nil || read == language.Und {
		return "", false
	}
	return read.String(), true
}

// ReadSafe reads the answer to whether somebody feels safe: yes, no, unsure, or
// alone, for letters to one without any of these. None at all is an answer too.
func ReadSafe(s string) (answer string, ok bool) { return oneOf(s, "yes", "no", "unsure", "alone") }

// ReadMailbox reads who can open the mailbox: private, shared, work or unsure.
// None at all is an answer too.
func ReadMailbox(s string) (answer string, ok bool) {
	return oneOf(s, "private", "shared", "work", "unsure")
}

// ReadCrisisMail reads what may come by mail when a reply tells of danger: the
// help lines in full, a link to them, or none where it is about violence or fear.
// None at all means full.
func ReadCrisisMail(s string) (choice string, ok bool) {
	choice, ok = oneOf(s, "full", "link", "none")
	if choice == "" {
		choice = "full"
	}
	return choice, ok
}

func oneOf(s string, answers ...string) (string, bool) {
	s = strings.TrimSpace(s)
	switch s {
	case "":
		return "", true
	case "true", "on", "1": // as an API's client or a bare checkbox says it
		s = "yes"
	case "false", "0":
		s = "no"
	}
	return s, slices.Contains(answers, s)
}
