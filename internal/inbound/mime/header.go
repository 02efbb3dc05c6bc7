package mime

import (
	"bytes"
	"iter"
	"strings"
)

// Header holds a message's or a part's fields in their order.
type Header struct{ fields []field }

type field struct{ name, value string } // unfolded, encoded words left alone

// Get gives the first field of that name, encoded words (RFC 2047) decoded and
// white space trimmed; "" where there is none. Names ignore case.
func (h Header) Get(name string) string { return DecodeWords(h.raw(name)) }

// Has tells whether there is a field of that name, an empty one included.
func (h Header) Has(name string) bool {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// Values gives all fields of that name, decoded.
func (h Header) Values(name string) []string {
	var all []string
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			all = append(all, DecodeWords(f.value))
		}
	}
	return all
}

// All goes through every field as it was sent, unfolded.
func (h Header) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, f := range h.fields {
			if !yield(f.name, f.value) {
				return
			}
		}
	}
}

// Len counts the fields.
func (h Header) Len() int { return len(h.fields) }

func (h Header) raw(name string) string {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// ParseFields reads text as a block of header fields, such as those of a
// message/delivery-status (RFC 3464), and gives what follows the empty line.
func ParseFields(text []byte) (Header, []byte) { return splitHeader(text) }

// splitHeader reads the fields at the beginning of text and gives the body. A
// line that is no field is passed over, if fields follow; otherwise the body
// begins with it, for some leave the empty line out.
func splitHeader(text []byte) (Header, []byte) {
	var h Header
	var value *strings.Builder
	flush := func() {
		if value != nil {
			h.fields[len(h.fields)-1].value = strings.TrimSpace(value.String())
			value = nil
		}
	}
	at := 0
	for at < len(text) && text[at] == '\n' {
		at++
	}
	for at < len(text) {
		line, next := restOfLine(text[at:])
		switch name, rest, ok := fieldOf(line); {
		case len(line) == 0 || blank(line) && emptyAhead(text[at+next:]):
			flush()
			return h, text[at+next:]
		case (line[0] == ' ' || line[0] == '\t') && value != nil:
			value.WriteByte(' ')
			value.Write(bytes.TrimSpace(line))
		case ok:
			flush()
			h.fields = append(h.fields, field{name: name})
			value = &strings.Builder{}
			value.Write(bytes.TrimSpace(rest))
		case !fieldAhead(text[at+next:]) && !mbox(line):
			flush()
			return h, text[at:]
		}
		at += next
	}
	flush()
	return h, nil
}

// fieldOf splits "Name: value" (RFC 5322, section 2.2); spaces before the colon
// are obsolete and still sent.
func fieldOf(line []byte) (name string, value []byte, ok bool) {
	before, after, found := bytes.Cut(line, []byte(":"))
	before = bytes.TrimRight(before, " \t")
	if !found || len(before) == 0 || len(before) > 100 {
		return "", nil, false
	}
	for _, c := range before {
		if c <= ' ' || c >= 127 {
			return "", nil, false
		}
	}
	return string(before), after, true
}

// fieldAhead tells whether the next line is a field or goes one on.
func fieldAhead(text []byte) bool {
	line, _ := restOfLine(text)
	if len(line) == 0 {
		return false
	}
	_, _, ok := fieldOf(line)
	return ok || line[0] == '\t' && len(text) > 0
}

// emptyAhead tells whether a line of nothing but white space ends the header:
// it does, unless a field follows at once.
func emptyAhead(text []byte) bool { return !fieldAhead(text) }

func blank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

// mbox tells the line that mailbox files put before a mail.
func mbox(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(line, []byte(">")), []byte("From "))
}

// mediaType reads a Content-Type. A missing or a meaningless one is byDefault
// (RFC 2045, section 5.2).
func mediaType(value, byDefault string) (string, map[string]string) {
	kind, params := parameters(value)
	kind = strings.ToLower(kind)
	major, minor, ok := strings.Cut(kind, "/")
	switch {
	case kind == "text" || major == "text" && minor == "":
		kind = "text/plain"
	case kind == "multipart" || major == "multipart" && minor == "":
		kind = "multipart/mixed"
	case !ok || major == "" || minor == "":
		kind = byDefault
		if params["boundary"] != "" {
			kind = "multipart/mixed"
		}
	}
	return kind, params
}

// mostValue bounds what is read of a field with parameters, in bytes.
const mostValue = 16 << 10

// parameters splits "value; name=value; …" (RFC 2045, section 5.1; RFC 2231)
// as it is sent: without quotes where they are needed, quotes left open, colons
// in place of semicolons. The first of two parameters of a name counts.
func parameters(text string) (value string, params map[string]string) {
	params = map[string]string{}
	text = text[:min(len(text), mostValue)]
	value, rest, _ := strings.Cut(text, ";")
	value = strings.Trim(strings.TrimSpace(stripComment(value)), `"`)
	if first, more, ok := strings.Cut(value, " "); ok && strings.Contains(more, "=") { // a semicolon left out
		value, rest = first, more+";"+rest
	}
	for rest != "" {
		var name, content string
		name, rest = cutAny(rest, "=;")
		if name = strings.ToLower(strings.TrimSpace(strings.TrimSuffix(name, ";"))); strings.HasPrefix(rest, "=") {
			content, rest = parameterValue(rest[1:])
		}
		rest = strings.TrimLeft(rest, "; \t")
		name, content = extended(name, content)
		if _, twice := params[name]; name != "" && !twice {
			params[name] = content
		} else if strings.HasSuffix(name, "*") { // a continuation, RFC 2231, section 3
			params[name] += content
		}
	}
	for name, content := range params {
		if plain, ok := strings.CutSuffix(name, "*"); ok {
			delete(params, name)
			if params[plain] == "" {
				params[plain] = content
			}
		}
	}
	return value, params
}

func cutAny(text, any string) (before, rest string) {
	if i := strings.IndexAny(text, any); i >= 0 {
		if text[i] == ';' {
			return text[:i], text[i+1:]
		}
		return text[:i], text[i:]
	}
	return text, ""
}

func parameterValue(text string) (value, rest string) {
	text = strings.TrimLeft(text, " \t")
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, ";")
		return strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:]
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return strings.TrimRight(b.String(), "; "), ""
}

// extended undoes RFC 2231: name*, name*0 and name*0* become name*.
func extended(name, value string) (string, string) {
	base, number, ok := strings.Cut(name, "*")
	if !ok {
		return name, value
	}
	if number == "" || strings.HasSuffix(number, "*") {
		if first, after, ok := strings.Cut(value, "'"); ok && (number == "" || number == "0*") {
			_, encoded, _ := strings.Cut(after, "'")
			return base + "*", toUTF8(unpercent(encoded), first)
		}
		return base + "*", string(unpercent(value))
	}
	return base + "*", value
}

func stripComment(text string) string {
	before, _, _ := strings.Cut(text, "(")
	return before
}
