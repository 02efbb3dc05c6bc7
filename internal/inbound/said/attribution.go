package said

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A header in a sentence ("On Monday, Ann <ann@example.org> wrote:") runs over
// at most four lines, of this many bytes together.
const (
	mostHeaderLines = 4
	mostHeaderBytes = 420
)

// span is a quote's header: lines first to last; on the first one it starts
// at byte offset, which is above 0 where the reply stands before it.
type span struct{ first, offset, last int }

// attribution finds a header in a sentence whose last line is e. Lines before
// floor belong to something else.
func attribution(lines []line, e, floor int) (span, bool) {
	last := lines[e].text
	if last == "" || lines[e].quoted {
		return span{}, false
	}
	next := nextFull(lines, e+1)
	quotedNext := next < len(lines) && lines[next].quoted
	if !mayEnd(last, quotedNext) {
		return midLine(lines, e, e > nextFull(lines, floor))
	}
	joined := ""
	var found span
	sure := no
	for s, count := e, 0; s >= floor && count < mostHeaderLines; s-- {
		text := lines[s].text
		if lines[s].quoted {
			break
		}
		if text == "" {
			// Some programs leave a blank line before a wrapped address.
			if s == floor || s+1 > e || !strings.HasPrefix(strings.TrimSpace(lines[s+1].text), "<") {
				break
			}
			continue
		}
		if count++; len(text)+len(joined) > mostHeaderBytes && s < e {
			break
		}
		cut := max(0, len(text)-mostHeaderBytes)
		for cut < len(text) && !utf8.RuneStart(text[cut]) {
			cut++
		}
		joined = strings.TrimSpace(text[cut:] + " " + joined)
		if at := startIn(text[cut:]); at >= 0 && (quotedNext || !amidProse(text[cut:], at)) {
			sentence := strings.TrimSpace(text[cut+at:] + " " + rest(joined, text[cut:]))
			if date, clock := dates(sentence); (date || !clock) && introduces(sentence, true, quotedNext) == surely {
				at = offset(text, cut+at)
				if at > 0 && s > nextFull(lines, floor) && lines[s-1].blank() && unknownStart(text[:at], text[at:]) {
					at = 0
				}
				return complete(lines, span{s, at, e}, sentence, floor), true
			}
		}
		if cut == 0 && sure < surely {
			if now := introduces(joined, false, quotedNext); now > sure {
				found, sure = span{s, 0, e}, now
			}
		}
		if sure == surely && !openAbove(lines, s, floor) {
			break
		}
	}
	if sure == no {
		return span{}, false
	}
	return complete(lines, found, lines[found.first].text, floor), true
}

// amidProse tells a date in the middle of a sentence ("I read it on Nov 3, 2026
// at 2:20 PM and wrote:") from a header behind a short reply.
func amidProse(text string, at int) bool {
	before := strings.TrimRight(text[:at], " ")
	if startWord(text[at:]) || strings.Contains(text, "@") || len(strings.Fields(before)) <= 3 {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsLetter(last)
}

// mostUnknownStart is how many words before a date may be a header's first.
const mostUnknownStart = 4

// unknownStart tells words that words.txt lacks, with which a line below the
// reply begins, from a reply on the header's own line: one word, or several of
// which one is a time of day ("Às 09:12 de 16/11/2026").
func unknownStart(before, header string) bool {
	words := len(strings.Fields(before))
	switch {
	case startWord(header):
		return utf8.RuneCountInString(strings.TrimSpace(before)) == 1 // "V V pon., 16. nov."
	case words > 1:
		_, clock := dates(before)
		return clock && words <= mostUnknownStart && !strings.ContainsAny(before, ".!?")
	}
	return words == 1
}

// complete takes into a header what was wrapped onto the lines above it: the
// sender, where the date comes last.
func complete(lines []line, s span, sentence string, floor int) span {
	first, _ := utf8.DecodeRuneInString(sentence)
	if (!startWord(sentence) || unspaced(first)) && !strings.Contains(sentence, "@") {
		for i := s.first - 1; i >= floor && i > s.last-mostHeaderLines && !lines[i].blank() && !lines[i].quoted; i-- {
			text := strings.TrimLeft(lines[i].text, " (")
			if open := strings.IndexByte(text, '<'); hasAddress(text) && (open >= 0 || strings.IndexByte(text, '@') < strings.IndexByte(text+" ", ' ')) {
				s.first, s.offset = i, 0
				break
			}
		}
	}
	if i := s.first - 1; s.offset == 0 && i >= floor && startsAddress(lines[s.first].text) && !lines[i].blank() && !lines[i].quoted {
		s.first = i
	}
	return s
}

// startsAddress says whether a line begins with an address in brackets.
func startsAddress(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " (["), "<")
}

// rest is what follows the first line in a joined sentence.
func rest(joined, first string) string {
	return strings.TrimPrefix(joined, strings.TrimSpace(first))
}

// offset is at, or 0 where only marks stand before it, or the sender does:
// "Ann <ann@example.org>, 3 March 2026, wrote:".
func offset(text string, at int) int {
	before := text[:at]
	if strings.Trim(before, " \t-_=*~([\"'") == "" || hasAddress(before) || hasVerb(strings.ToLower(before)) {
		return 0
	}
	return at
}

// openAbove says whether the line above s may be the beginning of a header
// that s goes on with.
func openAbove(lines []line, s, floor int) bool {
	text := strings.TrimSpace(lines[s].text)
	if startsAddress(text) || strings.HasPrefix(text, ">") {
		return true
	}
	if s-1 < floor || lines[s-1].blank() || lines[s-1].quoted {
		return false
	}
	return strings.HasSuffix(lines[s-1].text, "<") || startIn(lines[s-1].text) >= 0
}

// mayEnd says cheaply whether a header could end with this line.
func mayEnd(text string, quotedNext bool) bool {
	if endsColon(text) || quotedNext && (strings.HasSuffix(text, ">") || strings.HasSuffix(text, ")") || hasAddress(text)) {
		return true
	}
	bare := strings.TrimRight(text, " -_*=")
	if len(bare) == 0 {
		return false
	}
	word := bare[strings.LastIndexByte(bare, ' ')+1:]
	return len(word) < 40 && lexicon.verbs[strings.ToLower(word)]
}

func endsColon(text string) bool {
	text = strings.TrimRight(text, " \t*_-\"'")
	return strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：")
}

// How sure introduces is. What may be one can be the end of a longer one.
const (
	no = iota
	maybe
	surely
)

// introduces judges a whole sentence. started says that it begins as headers
// do, quotedNext that marked quotes follow.
func introduces(text string, started, quotedNext bool) int {
	if len(text) > mostHeaderBytes {
		return no
	}
	lower := strings.ToLower(text)
	email := hasAddress(text)
	date, clock := dates(text)
	if !email && !date && !quotedNext {
		return no
	}
	verb, colon := hasVerb(lower), endsColon(text)
	yes := false
	switch {
	case verb && date:
		yes = started || email || quotedNext || clock && endsInDate(text)
	case verb && email:
		yes = colon || quotedNext
	case date && email && colon:
		yes = started || clock || quotedNext
	case date && (email || clock) && quotedNext:
		yes = colon || email && (started || clock)
	case email && quotedNext && !clock && closesOnAddress(text):
		yes = true // "Citeren Ann <ann@example.org>:"
	case verb && colon && quotedNext && len(strings.Fields(text)) <= 8:
		return maybe
	}
	if yes {
		return surely
	}
	return no
}

// closesOnAddress tells a few words that end in an address and a colon.
func closesOnAddress(text string) bool {
	bare := strings.TrimRight(text, " :：*")
	return endsColon(text) && strings.HasSuffix(bare, ">") && len(strings.Fields(bare)) <= 8
}

// endsInDate tells "Ann Lee wrote on 03/03/2026 14:20:".
func endsInDate(text string) bool {
	bare := strings.TrimRight(text, " :：*)")
	last, _ := utf8.DecodeLastRuneInString(bare)
	return unicode.IsDigit(last) && len(strings.Fields(bare)) <= 10 && !strings.HasPrefix(text, "I ")
}

func hasVerb(lower string) bool {
	if anyWord(lower, lexicon.verbs) {
		return true
	}
	for _, part := range lexicon.verbParts {
		if strings.Contains(lower, part) {
			return true
		}
	}
	// "<notifications@example.org>wrote:" has lost its space.
	if at := strings.LastIndexByte(lower, '>'); at >= 0 {
		return lexicon.verbs[trimMarks(lower[at:])]
	}
	return false
}

// mostBareHeader is how many words a header without an address has, if a quote
// follows it on its line.
const mostBareHeader = 12

// midLine finds a header that stands, with a reply before it and maybe a
// quote after it, within one line. What begins a line below the reply, with a
// date, a time and a verb, needs to end in neither a verb nor an address.
func midLine(lines []line, e int, below bool) (span, bool) {
	text := lines[e].text
	if len(text) < 24 || !hasAddress(text) && !strings.ContainsAny(text, "0123456789") {
		return span{}, false
	}
	for from, tries := 0, 0; tries < 3; tries++ {
		colon := strings.IndexByte(text[from:], ':')
		if colon < 0 {
			break
		}
		end := from + colon + 1
		from = end
		if end < len(text) && text[end] >= '0' && text[end] <= '9' {
			tries-- // a time of day
			continue
		}
		begin := max(0, end-mostHeaderBytes)
		for begin < end && !utf8.RuneStart(text[begin]) {
			begin++
		}
		head := text[begin:end]
		verbEnds := lexicon.verbs[strings.ToLower(trimMarks(head[strings.LastIndexAny(head[:len(head)-1], " >")+1:]))]
		at := startIn(head)
		if !verbEnds && !strings.HasSuffix(head, ">:") { // "Am 3.3.2026 um 14:20 schrieb Ann <ann@example.org>: stop"
			if date, clock := dates(head); begin+at > 0 || !below || !date || !clock || len(strings.Fields(head)) > mostBareHeader {
				continue
			}
		}
		if at >= 0 && introduces(head[at:], true, false) == surely {
			return span{e, offset(text, begin+at), e}, true
		}
	}
	return span{}, false
}

// ownBefore gives the byte at which a header begins that names its sender first
// ("Ann <ann@example.org> wrote:"), where the reply stands before the name on
// the same line; or 0. With more of the reply above it only a sentence's end
// parts the two.
func ownBefore(lines []line, head span, floor int, written bool) int {
	text := lines[head.first].text
	open := strings.IndexByte(text, '<')
	if head.offset > 0 || open < 1 || !hasAddress(text[open:]) {
		return 0
	}
	for i := floor; i < head.first && !written; i++ {
		written = !lines[i].blank() && !lines[i].quoted
	}
	before := strings.TrimRight(text[:open], " ")
	if date, _ := dates(before); date || hasVerb(strings.ToLower(before)) || startIn(before) >= 0 || keyOf(text) != 0 {
		return 0
	}
	at := nameAt(before, written)
	if strings.IndexFunc(before[:at], sayable) < 0 {
		return 0
	}
	return at
}

const mostName = 4 // words

// nameAt gives the byte at which the name begins with which a text ends. In
// strict, only what ends a sentence can stand before a name.
func nameAt(text string, strict bool) int {
	if strings.HasSuffix(text, "\"") {
		if open := strings.LastIndexByte(text[:len(text)-1], '"'); open >= 0 {
			return open
		}
	}
	at := len(text)
	for words := 0; ; words++ {
		rest := strings.TrimRight(text[:at], " ")
		if rest == "" {
			return 0
		}
		begin := strings.LastIndexByte(rest, ' ') + 1
		word := rest[begin:]
		last, _ := utf8.DecodeLastRuneInString(word)
		first, _ := utf8.DecodeRuneInString(word)
		switch {
		case words == 0:
		case strings.ContainsRune(".!?…。！？", last) && !title(word):
			return at
		case strict:
		case words >= mostName, !unicode.IsUpper(first) && !particle(word):
			return at
		}
		at = begin
	}
}

// title tells "Dr." and an initial from the end of a sentence.
func title(word string) bool {
	word = strings.Trim(word, ".")
	return utf8.RuneCountInString(word) == 1 || titles[strings.ToLower(word)]
}

func particle(word string) bool { return particles[word] }

var (
	titles    = set([]string{"dr", "mr", "mrs", "ms", "prof", "hr", "st", "sr", "sra", "dott", "ing", "mme", "jr", "dra", "sig", "dhr", "mw"})
	particles = set([]string{"von", "van", "de", "der", "den", "del", "della", "di", "da", "dos", "du", "la", "le", "zu", "bin", "al", "el", "ter", "ten", "af", "av", "y", "e"})
)
