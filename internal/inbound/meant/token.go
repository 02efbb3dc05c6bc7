package meant

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is a word of the text, folded: small letters, no accents.
type token struct {
	id     int32   // in the vocabulary; negative if unknown
	near   []int32 // words one slip away from an unknown one
	text   string  // kept for figures only
	apart  bool    // a comma, a dash, a bracket stands before it
	quoted bool    // it stands within quotation marks
	name   bool    // it begins with a capital
	first  byte    // of the folded word
}

type sentence struct {
	tokens   []token
	question bool
}

// longLine is a line that a program has wrapped, rather than a person ended.
const longLine = 58

// sentences cuts text into sentences of words, leaving quoted lines out.
func (v *vocabulary) sentences(text string) []sentence {
	c := &cutter{v: v}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.ToValidUTF8(line, " "))
		if strings.HasPrefix(line, ">") {
			c.end(false)
			continue
		}
		c.line(norm.NFC.String(line))
		if utf8.RuneCountInString(line) < longLine {
			c.quote = false
			c.end(false)
		}
	}
	c.end(false)
	return c.all
}

type cutter struct {
	v     *vocabulary
	all   []sentence
	now   sentence
	apart bool
	quote bool

	collect func(word string) // for phrases of the word lists: takes the words instead
}

func (c *cutter) end(question bool) {
	if len(c.now.tokens) > 0 {
		c.now.question = question
		c.all = append(c.all, c.now)
		c.now = sentence{}
	} else if question && len(c.all) > 0 {
		c.all[len(c.all)-1].question = true
	}
	c.apart = false
}

// line cuts one line; rest is always what has not been read.
func (c *cutter) line(rest string) {
	spaced := true
	for rest != "" {
		r, size := utf8.DecodeRuneInString(rest)
		if n := address(rest); n > 0 && spaced {
			c.link(rest[:n])
			rest, spaced = rest[n:], false
			continue
		}
		if n := emoticon(rest); n > 0 && (spaced || n > 2) {
			rest, c.apart = rest[n:], true
			continue
		}
		switch {
		case unicode.IsLetter(r):
			rest = c.word(rest)
			spaced = false
			continue
		case unicode.IsDigit(r):
			rest = c.figure(rest)
			spaced = false
			continue
		case r == '.' && c.afterNumber(rest[size:]):
			// an ordinal: 3. März
		case r == '.' || r == '!' || r == '…' || r == '?':
			c.end(r == '?')
		case strings.ContainsRune(",;:()[]–—/|•", r), r == '-' && spaced:
			c.apart = true
		case strings.ContainsRune("\"“”„«»", r):
			c.quote = !c.quote
		case r > 0x2000 && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) && r != 0x200d && !(r >= 0x1f3fb && r <= 0x1f3ff):
			c.apart = true // emoji and the like
		}
		spaced = unicode.IsSpace(r) || r > 0x2000
		rest = rest[size:]
	}
}

const mostAddress = 200 // bytes that are looked at

// address gives the length of a page's or a mail's address with which s begins,
// or 0. What stands in it is nobody's word.
func address(s string) int {
	if !isWord(s[0]) {
		return 0
	}
	s = s[:min(len(s), mostAddress)]
	end := strings.IndexAny(s, " \t<>()[]\"")
	if end < 0 {
		end = len(s)
	}
	if end < 5 {
		return 0
	}
	s = s[:end]
	at := strings.IndexByte(s, '@')
	switch {
	case strings.HasPrefix(s, "www."), strings.HasPrefix(s, "WWW."), strings.Contains(s[:min(end, 12)], "://"):
	case at > 0 && isWord(s[at-1]) && strings.IndexByte(s[at:], '.') > 1:
	default:
		return 0
	}
	return len(strings.TrimRight(s, ".,;:!?"))
}

// link takes an address in as one word that no list knows.
func (c *cutter) link(text string) {
	if c.collect == nil {
		c.now.tokens = append(c.now.tokens, token{id: -1, apart: c.apart, quoted: c.quote, first: text[0]})
		c.apart = false
	}
}

// emoticon gives the length of a face drawn with marks, such as :-) or <3.
func emoticon(s string) int {
	if strings.HasPrefix(s, "<3") {
		return 2
	}
	if len(s) < 2 || !strings.ContainsRune(":;=", rune(s[0])) {
		return 0
	}
	n := 1
	if s[1] == '-' || s[1] == '\'' {
		n++
	}
	if n >= len(s) || !strings.ContainsRune(")(DPpOo/|3*]", rune(s[n])) || len(s) > n+1 && isWord(s[n+1]) {
		return 0
	}
	return n + 1
}

func isWord(b byte) bool {
	return b >= utf8.RuneSelf || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// afterNumber tells whether the dot before rest makes an ordinal of the number
// before it: a month, or a small letter, follows.
func (c *cutter) afterNumber(rest string) bool {
	if len(c.now.tokens) == 0 {
		return false
	}
	last := c.now.tokens[len(c.now.tokens)-1].text
	if last == "" || last[len(last)-1] < '0' || last[len(last)-1] > '9' {
		return false
	}
	rest = strings.TrimLeft(rest, " \t\u00a0")
	end := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(rest)
	}
	return end > 0 && c.v.months[c.v.ids[fold(rest[:end])]]
}

// word reads one word. An apostrophe of a short form goes (don't, he'll); one
// of an elision parts two words (j'ai, d'accord).
func (c *cutter) word(s string) string {
	i, start := 0, 0
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´' {
			after := s[i+size:]
			end := strings.IndexFunc(after, func(r rune) bool { return !unicode.IsLetter(r) })
			if end < 0 {
				end = len(after)
			}
			switch strings.ToLower(after[:end]) {
			case "":
				c.push(s[start:i], "")
				return after
			case "s", "t", "m", "d", "ll", "re", "ve":
				c.push(s[start:i]+after[:end], "")
			default:
				c.push(s[start:i], "")
				c.push(after[:end], "")
			}
			return after[end:]
		}
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) {
			break
		}
		i += size
	}
	c.push(s[start:i], "")
	return s[i:]
}

// figure reads a number or a date in figures.
func (c *cutter) figure(s string) string {
	i := 0
	for i < len(s) {
		if s[i] >= '0' && s[i] <= '9' || strings.IndexByte("./-", s[i]) >= 0 && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
			i++
			continue
		}
		break
	}
	if i == 0 { // digits of another script
		_, i = utf8.DecodeRuneInString(s)
	}
	c.push(s[:i], s[:min(i, 24)])
	if i < len(s) && s[i] == '.' && strings.IndexByte(s[:i], '.') >= 0 { // 3.3.
		i++
	}
	return s[i:]
}

func (c *cutter) push(word, figure string) {
	if c.collect != nil {
		if word != "" {
			c.collect(fold(word))
		}
		return
	}
	if word == "" {
		return
	}
	r, _ := utf8.DecodeRuneInString(word)
	t := token{id: -1, text: figure, apart: c.apart, quoted: c.quote, name: unicode.IsUpper(r)}
	folded := fold(word)
	if folded != "" {
		t.first = folded[0]
	}
	t.id, t.near = c.v.look(folded)
	c.now.tokens = append(c.now.tokens, t)
	c.apart = false
}

// fold makes a word small and takes its accents off. An accented si stays
// apart from the plain one: yes and if in Spanish and Italian.
func fold(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < utf8.RuneSelf
	}
	s = strings.ToLower(s)
	if ascii {
		return s
	}
	if s == "sí" || s == "sì" {
		return "sí"
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'œ':
			b.WriteString("oe")
		case r == 'æ':
			b.WriteString("ae")
		case r == 'ø':
			b.WriteByte('o')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
