package mailer

import (
	"bytes"
	"strings"
)

// fieldsOf gives the headers by their names in lower case, top to bottom, folds
// included.
func fieldsOf(head string) map[string][]string {
	fields := map[string][]string{}
	var field string
	end := func() {
		if name, _, ok := strings.Cut(field, ":"); ok {
			name = strings.ToLower(strings.TrimRight(name, " \t"))
			fields[name] = append(fields[name], field)
		}
	}
	for line := range strings.SplitSeq(head, "\r\n") {
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			field += "\r\n" + line
			continue
		}
		end()
		field = line
	}
	end()
	return fields
}

// relaxedField is a header in the canonical form relaxed, without its CRLF
// (RFC 6376, section 3.4.2).
func relaxedField(field string) string {
	name, value, _ := strings.Cut(strings.ReplaceAll(field, "\r\n", ""), ":")
	var b strings.Builder
	b.WriteString(strings.ToLower(strings.TrimRight(name, " \t")))
	b.WriteByte(':')
	b.Write(squeezed(nil, []byte(strings.TrimLeft(value, " \t"))))
	return b.String()
}

// relaxedBody is a body in the canonical form relaxed (RFC 6376, section 3.4.4):
// runs of blanks are one space, none stands at a line's end, no empty lines
// stand at the body's. A line without CRLF gets one, as it does when it is sent.
func relaxedBody(body []byte) []byte {
	out := make([]byte, 0, len(body)+2)
	empty := 0 // lines not written yet
	for line := range bytes.Lines(body) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		start := len(out)
		for range empty {
			out = append(out, '\r', '\n')
		}
		written := len(out)
		if out = squeezed(out, line); len(out) == written {
			out = out[:start]
			empty++
			continue
		}
		out = append(out, '\r', '\n')
		empty = 0
	}
	return out
}

// squeezed appends the text with its runs of blanks as one space each, and
// without those at its end.
func squeezed(out, text []byte) []byte {
	blank := false
	for _, ch := range text {
		if ch == ' ' || ch == '\t' {
			blank = true
			continue
		}
		if blank {
			out = append(out, ' ')
			blank = false
		}
		out = append(out, ch)
	}
	return out
}
