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
	mostToDigit     = 28 // characters from the sentence's first word to its date
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
		return midLine(lines, e)
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
		if at := startIn(text[cut:]); at >= 0 {
			sentence := strings.TrimSpace(text[cut+at:] + " " + rest(joined, text[cut:]))
			if date, clock := dates(sentence); (date || !clock) && introduces(sentence, true, quotedNext) == surely {
				at = offset(text, cut+at)
				if at > 0 && s > nextFull(lines, floor) && lines[s-1].blank() && len(strings.Fields(text[:at])) == 1 && !startWord(text[at:]) {
					at = 0 // a word that words.txt lacks, below the reply
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
	if endsColon(text) || quotedNext && (strings.HasSuffix(text, ">") || strings.HasSuffix(text, ")")) {
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
		yes = colon || email && started
	case verb && colon && quotedNext && len(strings.Fields(text)) <= 8:
		return maybe
	}
	if yes {
		return surely
	}
	return no
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

func hasAddress(text string) bool {
	at := strings.IndexByte(text, '@')
	return at > 0 && at+1 < len(text) && text[at-1] != ' ' && text[at+1] != ' '
}

// dates tells whether a text has a date, and whether it has a time of day,
// whatever the language: by its numbers.
func dates(text string) (date, clock bool) {
	var numbers, days, years int
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsDigit(r) {
			i += size
			continue
		}
		length, value, end := 0, 0, i
		for end < len(text) {
			d, n := utf8.DecodeRuneInString(text[end:])
			if !unicode.IsDigit(d) {
				break
			}
			if length++; length <= 5 {
				value = value*10 + digit(d)
			}
			end += n
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if letter(before) && before != 'T' || letter(after) && length > 2 || length > 4 {
			i = end
			continue
		}
		numbers++
		switch {
		case before == ':' || after == ':' && end+1 < len(text) && unicode.IsDigit(rune(text[end+1])):
			// a time of day
		case length <= 2 && value >= 1 && value <= 31:
			days++
		case length == 4 && (value >= 1300 && value <= 1500 || value >= 1900 && value < 2700):
			years++
		}
		if length <= 2 && end+2 < len(text) && strings.IndexByte(":.h", text[end]) >= 0 && twoDigits(text[end+1:]) {
			clock = clock || text[end] != '.'
		}
		i = end
	}
	numeric := strings.ContainsRune(text, '年') || strings.ContainsRune(text, '년') || strings.ContainsRune(text, '月') || strings.ContainsRune(text, '월')
	date = years > 0 && days > 0 || clock && days > 0 && numbers >= 3 || numeric && numbers >= 2 || days >= 2 && numbers >= 3
	return date, clock
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func digit(r rune) int {
	if r < 0x80 {
		return int(r - '0')
	}
	// In Unicode every script's ten digits follow one another.
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return int(r-zero) % 10
}

func twoDigits(text string) bool {
	return text[0] >= '0' && text[0] <= '5' && text[1] >= '0' && text[1] <= '9'
}

// startIn gives the byte in a line at which a header may start: at its first
// word, or in the middle, where a reply stands on the same line; or -1.
func startIn(text string) int {
	best, day, digits := -1, -1, false // digits: since best
	for i := 0; i < len(text); i++ {
		if i > 0 && !boundary(text[:i]) {
			continue
		}
		r, _ := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsDigit(r):
			digits = true
			if day < 0 && fullDate(text[i:]) {
				day = i
			}
		case !unicode.IsLetter(r) || !digitSoon(text[i:]):
		case startWord(text[i:]):
			// "On" counts again in "it depends On you. On Monday 3", not in
			// "On Monday 3 On 14:20".
			if best < 0 || !digits {
				best, digits = i, false
			}
		case day < 0 && weekdayAt(text[i:]):
			day = i
		}
	}
	if best >= 0 {
		return best
	}
	return day
}

// boundary says whether a word may begin after this text.
func boundary(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsSpace(r) || strings.ContainsRune("-_=*([\"'.!?。！？", r)
}

func startWord(text string) bool {
	for _, start := range lexicon.starts {
		if !strings.HasPrefix(text, start) {
			continue
		}
		next, _ := utf8.DecodeRuneInString(text[len(start):])
		last, _ := utf8.DecodeLastRuneInString(start)
		if !unicode.IsLetter(next) || unspaced(last) || last == '-' {
			return true
		}
	}
	return false
}

func weekdayAt(text string) bool {
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
	return end > 0 && end < 30 && lexicon.weekdays[strings.ToLower(text[:end])]
}

// digitSoon says whether a number follows within a few words.
func digitSoon(text string) bool {
	left := mostToDigit
	for _, r := range text {
		if left--; left < 0 {
			return false
		}
		if unicode.IsDigit(r) {
			return true
		}
		if r == '!' || r == '?' {
			return false
		}
	}
	return false
}

// fullDate says whether a text begins with a whole date in numbers, such as
// 02.04.2012 or 2012-04-02, or 2012年4月2日, or "2 квітня 2012".
func fullDate(text string) bool {
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) })
	if end < 0 || end > 12 || letter(rune(text[end])) || text[end] == ':' {
		return false
	}
	date, _ := dates(text[:min(len(text), 36)])
	return date
}

// midLine finds a header that stands, with a reply before it and maybe a
// quote after it, within one line.
func midLine(lines []line, e int) (span, bool) {
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
		if !verbEnds {
			continue
		}
		if at := startIn(head); at >= 0 && introduces(head[at:], true, false) == surely {
			return span{e, offset(text, begin+at), e}, true
		}
	}
	return span{}, false
}
