package said

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostToDigit is how many characters lie at most between a header's first
// word and the first number of its date.
const mostToDigit = 28

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
