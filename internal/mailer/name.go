package mailer

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
	"golang.org/x/net/idna"
)

// maxName is how many characters of a name a mail shows.
const maxName = 60

// plainName makes a name fit to be shown: one line, no control or direction
// characters, nothing that a mail program would turn into a link (a sign-up
// form must not carry a stranger's address to somebody else), at most maxName
// characters as a reader counts them.
func plainName(name string) string {
	name = oneLine(name)
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		switch {
		case strings.ContainsRune(`/\@`, r):
			b.WriteRune(' ')
		case strings.ContainsRune(".。．｡:", r) && i+1 < len(runes) && !unicode.IsSpace(runes[i+1]):
			b.WriteString(string(r) + " ")
		default:
			b.WriteRune(r)
		}
	}
	return clip(strings.Join(strings.Fields(b.String()), " "), maxName)
}

// oneLine folds white space to single blanks and drops what does not show:
// control characters, direction marks and overrides, unassigned formats. The
// joiners stay, which Persian and emoji need.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200c', r == '\u200d':
			return r
		case r == unicode.ReplacementChar, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// maxRunes is how many runes one character may be made of: enough for a family
// of four, too few for a tower of accents.
const maxRunes = 10

// clip cuts a text to at most n characters as a reader counts them, and each
// character to maxRunes.
func clip(s string, n int) string {
	var b strings.Builder
	count := 0
	g := displaywidth.StringGraphemes(s)
	for g.Next() {
		if count++; count > n {
			return strings.TrimSpace(b.String()) + "…"
		}
		runes := []rune(g.Value())
		b.WriteString(string(runes[:min(len(runes), maxRunes)]))
	}
	return b.String()
}

// asciiDomain writes an address with its domain in ASCII (IDNA, RFC 5891), as
// headers and commands want it. What has no such form is left as it is.
func asciiDomain(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + domain
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
