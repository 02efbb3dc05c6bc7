package mailer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// quotes sets the straight quotes of English Markdown as a printer would: “so”
// and ‘so’, and don’t. Authors type what their keys have. What is code, an
// address or escaped by a backslash stays as it is, as does every other
// language: there an author's own marks stand.
func quotes(language, text string) string {
	if base, _, _ := strings.Cut(language, "-"); base != "en" || !strings.ContainsAny(text, `"'`) {
		return text
	}
	var b strings.Builder
	before := ' ' // the last rune that is no mark of emphasis
	for i := 0; i < len(text); {
		if n := verbatim(text[i:], before); n > 0 {
			b.WriteString(text[i : i+n])
			i += n
			before, _ = utf8.DecodeLastRuneInString(text[:i])
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		said := text[i-size : i]
		next, _ := utf8.DecodeRuneInString(text[i:])
		opens := unicode.IsSpace(before) || strings.ContainsRune("([{–—“‘", before)
		switch {
		case r == '"' && opens:
			said = "“"
		case r == '"':
			said = "”"
		case r == '\'' && opens && !unicode.IsDigit(next):
			said = "‘"
		case r == '\'':
			said = "’"
		}
		b.WriteString(said)
		if r != '*' && r != '_' {
			before, _ = utf8.DecodeRuneInString(said)
		}
	}
	return b.String()
}

// verbatim is how many octets at the start of Markdown are no words: an escape,
// code, a link's address, an address in angle brackets.
func verbatim(text string, before rune) int {
	switch text[0] {
	case '\\':
		return min(2, len(text))
	case '`':
		fence := text[:len(text)-len(strings.TrimLeft(text, "`"))]
		if end := strings.Index(text[len(fence):], fence); end >= 0 {
			return end + 2*len(fence)
		}
		return len(fence)
	case '(':
		if end := strings.IndexByte(text, ')'); before == ']' && end > 0 {
			return end + 1
		}
	case '<':
		if end := strings.IndexAny(text, "> \n"); end > 0 && text[end] == '>' {
			return end + 1
		}
	}
	return 0
}
