package said

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// line is one line of a mail.
type line struct {
	text   string // without trailing space
	quoted bool   // marked as a quote, by ">" or by markup
	signed bool   // marked as a signature, by markup
	head   bool   // of a quote's header
	strict bool   // "-- " with its space: below it is a signature (RFC 3676, section 4.3)
	state  state
}

// state is what becomes of a line.
type state int

const (
	own    state = iota // the person's
	quote               // another's, or its header
	weak                // looks like a signature; comes back if nothing else is left
	footer              // a program's
)

func (l line) blank() bool { return l.text == "" }

// split cuts a text into normalised lines and tells which are quoted.
func split(text string) []line {
	text = normalise(text)
	lines := make([]line, 0, strings.Count(text, "\n")+1)
	for text := range strings.SplitSeq(text, "\n") {
		strict := text == "-- "
		text = strings.TrimRightFunc(text, unicode.IsSpace)
		lines = append(lines, line{text: text, quoted: marked(text), strict: strict})
	}
	markBars(lines)
	for i := range lines {
		if lines[i].quoted && closesAddress(lines, i) {
			lines[i].quoted = false
		}
	}
	return lines
}

// normalise gives UTF-8 with one kind of line end, plain spaces and no
// characters that cannot be seen.
func normalise(text string) string {
	plain := true
	for i := 0; i < len(text) && plain; i++ {
		plain = text[i] < 0x80 && text[i] != '\r' && (text[i] >= ' ' || text[i] == '\n' || text[i] == '\t')
	}
	if plain {
		return text
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029' || r == '\v' || r == '\f':
			return '\n'
		case r == '\t' || r == '\n':
			return r
		case r < ' ' || r == 0x7f || invisible(r):
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, text)
	return norm.NFC.String(text)
}

// invisible tells zero-width characters and marks of writing direction. The
// joiner U+200D stays: emoji are made with it.
func invisible(r rune) bool {
	switch {
	case r == 0xad, r == 0x200b, r == 0x200c, r == 0x200e, r == 0x200f, r == 0x061c, r == 0x034f, r == 0x180e, r == 0xfeff:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2064, r >= 0x2066 && r <= 0x206f:
		return true
	}
	return false
}

// marked says whether a line is quoted by ">" or by initials before one.
func marked(text string) bool {
	text = strings.TrimLeft(text, " \t")
	if strings.HasPrefix(text, "＞") || strings.HasPrefix(text, "&gt;") {
		return true
	}
	bare := strings.TrimLeft(text, ">")
	if len(bare) < len(text) {
		// ">> look here <<" is a frame, ">:(" and ">_<" are faces.
		return !strings.HasSuffix(text, "<") && !face(bare)
	}
	initials := 0
	for initials < len(text) && initials < 4 && (text[initials] >= 'A' && text[initials] <= 'Z' || initials > 0 && text[initials] >= 'a' && text[initials] <= 'z') {
		initials++
	}
	rest := text[initials:]
	return initials > 0 && strings.HasPrefix(rest, ">") && (strings.Trim(rest, ">") == "" || strings.TrimLeft(rest, ">")[0] == ' ')
}

// leastBars is how many lines behind "|" in a row are a quote, if none of them
// ends with one, as the rows of a table do.
const leastBars = 3

// markBars marks runs of lines that some programs quote with "|".
func markBars(lines []line) {
	for i := 0; i < len(lines); i++ {
		from, table := i, false
		for ; i < len(lines) && strings.HasPrefix(strings.TrimLeft(lines[i].text, " "), "|"); i++ {
			table = table || len(lines[i].text) > 1 && strings.HasSuffix(lines[i].text, "|")
		}
		for j := from; j < i && !table && i-from >= leastBars; j++ {
			lines[j].quoted = true
		}
	}
}

func face(text string) bool {
	switch strings.TrimSpace(text) {
	case ":(", ":-(", ":)", ":-)", ":[", ":D", ":o", ":O", ":|", ";)", ";-)", ".<", "_<", "<":
		return len(text) > 0 && text[0] != ' '
	}
	return false
}

// closesAddress tells the last line of a header whose address was wrapped:
// "Ann Lee <", "ann@example.org", "> wrote:".
func closesAddress(lines []line, i int) bool {
	rest := strings.TrimSpace(strings.TrimPrefix(strings.TrimLeft(lines[i].text, " "), ">"))
	if !endsColon(rest) || len(rest) > 60 || !hasVerb(strings.ToLower(rest)) {
		return false
	}
	open := 0
	for j := i - 1; j >= 0 && j >= i-4 && !lines[j].quoted; j-- {
		open += strings.Count(lines[j].text, "<") - strings.Count(lines[j].text, ">")
	}
	return open > 0
}

// nextFull gives the index of the first line at or after i that is not blank,
// or len(lines).
func nextFull(lines []line, i int) int {
	for i < len(lines) && lines[i].blank() {
		i++
	}
	return i
}
