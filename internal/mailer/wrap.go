package mailer

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// wrap breaks text at spaces into lines of at most width columns; a "\n" in it
// always breaks. A no-break space holds. An address that is longer than a line
// keeps a line to itself, so that it can be clicked; any other word that long
// (or a script that writes no spaces) is cut between characters.
func wrap(text string, width int) []string {
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		var line strings.Builder
		column := 0
		for _, word := range strings.FieldsFunc(part, isBreak) {
			for _, piece := range pieces(word, width) {
				w := columns(piece)
				switch {
				case line.Len() == 0:
					column = w
				case column+1+w <= width:
					line.WriteByte(' ')
					column += 1 + w
				default:
					lines = append(lines, line.String())
					line.Reset()
					column = w
				}
				line.WriteString(piece)
			}
		}
		lines = append(lines, line.String())
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// columns is how wide a text is on a terminal.
func columns(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return displaywidth.String(s)
}

func isBreak(r rune) bool { return r == ' ' || r == '\t' || r == '\r' }

// pieces cuts a word that fits no line, between what a reader sees as
// characters.
func pieces(word string, width int) []string {
	if columns(word) <= width || strings.Contains(word, "://") {
		return []string{word}
	}
	var cut []string
	from, to, column := 0, 0, 0
	g := displaywidth.StringGraphemes(word)
	for g.Next() {
		if column+g.Width() > width {
			cut = append(cut, word[from:to])
			from, column = to, 0
		}
		to += len(g.Value())
		column += g.Width()
	}
	return append(cut, word[from:])
}

// indent puts a mark before the first line and another before the rest.
func indent(lines []string, first, rest string) []string {
	marked := make([]string, len(lines))
	for i, l := range lines {
		mark := rest
		if i == 0 {
			mark = first
		}
		marked[i] = strings.TrimRight(mark+l, " ")
	}
	return marked
}
