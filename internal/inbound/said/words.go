package said

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed words.txt
var wordsFile string

// lexicon holds the words of mail programs, lower-case. It never changes.
var lexicon = readWords(wordsFile)

// words is words.txt, made ready for looking up.
type words struct {
	verbs     map[string]bool
	verbParts []string // verbs of languages without spaces
	starts    []string // case kept
	weekdays  map[string]bool
	keys      map[string]kind // words of header blocks
	message   map[string]bool
	forward   map[string]bool
	device    []string
	deviceIn  []string // those of languages without spaces
	devices   map[string]bool
	notices   parts
	heads     []string
	footers   []string
	above     []string
	viruses   []string // parts of words
	scanners  []string
}

// readWords reads words.txt. Sections of another name are passed over.
func readWords(file string) *words {
	sections := map[string][]string{}
	name := ""
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			name = strings.Trim(line, "[]")
		default:
			_, list, _ := strings.Cut(line, ":")
			for _, word := range strings.Split(list, "|") {
				if word = strings.TrimSpace(word); name != "starts" {
					word = strings.ToLower(word)
				}
				if word != "" {
					sections[name] = append(sections[name], word)
				}
			}
		}
	}
	w := &words{
		verbs: set(sections["verbs"]), verbParts: sections["verbs in one piece"],
		starts: sections["starts"], weekdays: set(sections["weekdays"]),
		message: set(sections["message"]), forward: set(sections["forward"]),
		device: sections["device"], devices: set(sections["devices"]),
		notices: partsOf(sections["notices"]), heads: sections["notice heads"],
		footers: sections["footers"], above: sections["above this line"],
		viruses: sections["viruses"], scanners: sections["scanners"],
		keys: map[string]kind{},
	}
	for _, phrase := range w.device {
		if first, _ := utf8.DecodeRuneInString(phrase); unspaced(first) {
			w.deviceIn = append(w.deviceIn, phrase)
		}
	}
	for section, kind := range map[string]kind{"from": fromKey, "date": dateKey, "to": toKey, "subject": subjectKey, "copied": otherKey} {
		for _, word := range sections[section] {
			w.keys[word] |= kind
		}
	}
	return w
}

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, word := range words {
		m[word] = true
	}
	return m
}

// anyWord says whether one of the text's words is in the set. Words end at
// spaces; punctuation around them does not count.
func anyWord(lower string, in map[string]bool) bool {
	for word := range strings.FieldsSeq(lower) {
		if in[word] || in[trimMarks(word)] || in[strings.TrimRight(word, ":：,.")] {
			return true
		}
		if at := strings.IndexAny(word, "(/"); at > 1 && in[word[:at]] {
			return true // a second ending: писал(а), napisao/la
		}
	}
	return false
}

// anyPart says whether one of the parts stands in the text; a part may only
// begin where a word begins, unless its script has no spaces.
func anyPart(lower string, parts []string) bool {
	for _, part := range parts {
		if hasPart(lower, part) {
			return true
		}
	}
	return false
}

func hasPart(lower, part string) bool {
	for from := 0; ; {
		at := strings.Index(lower[from:], part)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(lower[:at])
		first, size := utf8.DecodeRuneInString(part)
		if at == 0 || unspaced(first) || !unicode.IsLetter(before) {
			return true
		}
		from = at + size
	}
}

// parts finds any of many parts in one pass: they are kept by their first
// bytes.
type parts map[string][]string

const partKey = 4

func partsOf(list []string) parts {
	p := parts{}
	for _, part := range list {
		if len(part) >= partKey {
			p[part[:partKey]] = append(p[part[:partKey]], part)
		}
	}
	return p
}

// in counts the different parts in a text, but not past most. A part begins
// where a word begins, unless its script has no spaces.
func (p parts) in(lower string, most int) int {
	var found []string
	begins := true
	for i, r := range lower {
		if (begins || unspaced(r)) && i+partKey <= len(lower) {
			for _, part := range p[lower[i:i+partKey]] {
				if strings.HasPrefix(lower[i:], part) && !slices.Contains(found, part) {
					if found = append(found, part); len(found) == most {
						return most
					}
				}
			}
		}
		begins = !unicode.IsLetter(r)
	}
	return len(found)
}

func anyWithin(lower string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(lower, part) })
}

func anyPrefix(lower string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(lower, prefix) {
			return true
		}
	}
	return false
}

// unspaced tells letters of the scripts that put no space between words.
func unspaced(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Khmer, unicode.Lao, unicode.Myanmar)
}

func trimMarks(word string) string {
	return strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
