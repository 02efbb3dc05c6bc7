package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Addresses finds every address in text, in lower case, in order, once each.
func Addresses(text string) []string { return addresses(text) }

// addresses finds every address in text, in lower case, in order, once each.
func addresses(text string) []string {
	var found []string
	seen := map[string]bool{}
	for i := 0; i < len(text); {
		at := strings.IndexByte(text[i:], '@')
		if at < 0 {
			break
		}
		at += i
		start, end := localStart(text, at, i), domainEnd(text, at+1)
		i = max(at+1, end)
		if start == at || end == at+1 || end-start > 320 {
			continue
		}
		address := strings.ToLower(text[start:end])
		if domain := address[at-start+1:]; !strings.Contains(domain, ".") && !strings.HasPrefix(domain, "[") && domain != "localhost" || strings.HasPrefix(domain, ".") {
			continue
		}
		if !seen[address] {
			seen[address] = true
			found = append(found, address)
		}
	}
	return found
}

// localStart goes back from the @ over a local part (RFC 5321, section 4.1.2),
// no further than floor.
func localStart(text string, at, floor int) int {
	if at > floor && text[at-1] == '"' { // a quoted one
		if open := strings.LastIndexByte(text[floor:at-1], '"'); open >= 0 && at-open-floor < 70 && !strings.ContainsAny(text[floor+open:at], "\n<>") {
			return floor + open
		}
	}
	start := at
	for start > floor && at-start < 200 && localByte(text[start-1]) {
		start--
	}
	for start < at && strings.IndexByte(".'`/=?&*#|{}~^$%!-", text[start]) >= 0 {
		start++
	}
	if cut := strings.LastIndexFunc(text[start:at], unspaced); cut >= 0 { // words before it, without a space
		_, size := utf8.DecodeRuneInString(text[start+cut:])
		if start+cut+size < at {
			start += cut + size
		}
	}
	if cut := strings.LastIndexByte(text[start:at], ':'); cut >= 0 { // mailto:, rfc822:, smtp:
		start += cut + 1
	}
	if key, value, ok := strings.Cut(text[start:at], "="); ok && value != "" && keyOfAddress(strings.ToLower(key)) { // recipient=…
		start += len(key) + 1
	}
	return start
}

// keyOfAddress tells a name that stands before an address and a sign of equality.
func keyOfAddress(key string) bool {
	switch key {
	case "recipient", "rcpt", "to", "address", "email", "mailto", "final-recipient", "orig_to", "for":
		return true
	}
	return false
}

func localByte(c byte) bool {
	return c >= 0x80 || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-/=?^_`{|}~.:", c) >= 0
}

func domainEnd(text string, start int) int {
	end := start
	for end < len(text) && end-start < 255 {
		c := text[end]
		if c >= 0x80 || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '#' && end-start < 3 {
			end++
			continue
		}
		break
	}
	if cut := strings.IndexFunc(text[start:end], unspaced); cut > 0 && strings.IndexByte(text[start:start+cut], '.') > 0 {
		end = start + cut
	}
	for end > start && (text[end-1] == '.' || text[end-1] == '-') {
		end--
	}
	return end
}

// unspaced tells the signs and the scripts that stand next to an address without
// a space between.
func unspaced(r rune) bool {
	return r >= utf8.RuneSelf && (!unicode.IsLetter(r) || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul))
}

// local and domain split an address.
func local(address string) string  { before, _, _ := strings.Cut(address, "@"); return before }
func domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// daemons are the local parts of mail systems themselves.
var daemons = []string{"mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "mailer_daemon", "mailer.daemon", "mdaemon", "postmaster", "mail.delivery.system", "mail-delivery-system", "maildeliverysystem", "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e"}

// daemon tells a mail system's address.
func daemon(address string) bool {
	name := local(address)
	for _, one := range daemons {
		if name == one || strings.HasPrefix(name, "mailer-daemon") || strings.HasPrefix(name, "microsoftexchange329e71ec88ae") {
			return true
		}
	}
	return false
}

// helper tells an address that a report offers for questions, and nobody writes
// a course's letters to.
func helper(address string) bool {
	switch local(address) {
	case "support", "abuse", "helpdesk", "help", "admin", "administrator", "noreply", "no-reply", "hostmaster", "info-no-reply", "customerservice":
		return true
	}
	return daemon(address)
}
