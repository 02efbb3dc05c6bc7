package mime

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
)

// Text gives the part's body in UTF-8. The label is believed where the bytes
// allow it; where it is missing, unknown or wrong they are UTF-8 if they can
// be, and windows-1252 otherwise.
func (p *Part) Text() string { return toUTF8(p.Body, p.Params["charset"]) }

func toUTF8(body []byte, label string) string {
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	ascii := isASCII(body)
	if bytes.Contains(body, []byte("\x1b$")) || bytes.Contains(body, []byte("\x1b(J")) {
		if ascii && !strings.HasPrefix(label, "iso-2022-") { // Japanese without a label
			label = "iso-2022-jp"
		}
	} else if ascii && !statefulASCII(label) {
		return string(body)
	}
	if utf8.Valid(body) && western(label) {
		return strings.TrimPrefix(string(body), "\ufeff")
	}
	if western(label) && mostlyUTF8(body) {
		return strings.TrimPrefix(strings.ToValidUTF8(string(body), "\ufffd"), "\ufeff")
	}
	charset := lookup(label)
	if charset == nil || charset == encoding.Nop || unicodeLabel(label) {
		charset = charmap.Windows1252
	}
	text, err := charset.NewDecoder().Bytes(body)
	if err != nil {
		text, _ = charmap.Windows1252.NewDecoder().Bytes(body) // it cannot fail
	}
	return string(bytes.TrimPrefix(text, []byte("\ufeff")))
}

// mostlyUTF8 tells text in UTF-8 that was cut or damaged from text in another
// charset.
func mostlyUTF8(body []byte) bool {
	good, bad := 0, 0
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		body = body[size:]
	}
	return good > 0 && good >= bad
}

// western tells the labels that senders put on anything: bytes under them that
// are valid UTF-8 are UTF-8.
func western(label string) bool {
	switch label {
	case "", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252", "cp1252", "unknown-8bit", "x-unknown", "unknown", "8bit", "default", "ansi":
		return true
	}
	return unicodeLabel(label) || lookup(label) == nil
}

func unicodeLabel(label string) bool { return label == "utf-8" || label == "utf8" }

// statefulASCII tells the charsets that say more than ASCII in ASCII's bytes,
// or do not hold it.
func statefulASCII(label string) bool {
	return strings.HasPrefix(label, "iso-2022-") || strings.HasPrefix(label, "hz") || strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32")
}

func lookup(label string) encoding.Encoding {
	switch label {
	case "":
		return nil
	case "cp932", "x-sjis", "ms932", "windows-31j":
		return japanese.ShiftJIS
	}
	if found, err := htmlindex.Get(label); err == nil {
		return found
	}
	if found, err := ianaindex.MIME.Encoding(label); err == nil {
		return found
	}
	return nil
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// DecodeWords decodes the encoded words (RFC 2047) of a header's value, those
// within quotes too, as every mail program does. Raw bytes beyond ASCII are
// UTF-8 (RFC 6532), or else windows-1252.
func DecodeWords(value string) string {
	if !strings.Contains(value, "=?") {
		return toUTF8([]byte(value), "")
	}
	var out strings.Builder
	var held []byte // bytes of adjacent words of a charset: some cut a character in two
	heldIn := ""
	flush := func() {
		out.WriteString(toUTF8(held, heldIn))
		held, heldIn = held[:0], ""
	}
	for value != "" {
		start := strings.Index(value, "=?")
		if start < 0 {
			break
		}
		content, charset, rest, ok := encodedWord(value[start:])
		if !ok {
			flush()
			out.WriteString(toUTF8([]byte(value[:start+2]), ""))
			value = value[start+2:]
			continue
		}
		if between := value[:start]; strings.TrimSpace(between) != "" || len(held) == 0 {
			flush()
			out.WriteString(toUTF8([]byte(between), ""))
		} else if !strings.EqualFold(charset, heldIn) {
			flush()
		}
		held, heldIn, value = append(held, content...), charset, rest
	}
	flush()
	out.WriteString(toUTF8([]byte(value), ""))
	return out.String()
}

// mostWord bounds an encoded word: RFC 2047 allows 75 bytes, senders do not care.
const mostWord = 2000

// encodedWord reads the =?charset?encoding?text?= that value begins with.
func encodedWord(value string) (content []byte, charset, rest string, ok bool) {
	whole, past := value, max(0, len(value)-mostWord)
	charset, value, ok = strings.Cut(value[2:min(len(value), mostWord)], "?")
	if !ok || len(value) < 3 || value[1] != '?' || len(charset) > 60 || strings.ContainsAny(charset, " \t") {
		return nil, "", "", false
	}
	charset, _, _ = strings.Cut(charset, "*") // a language, RFC 2231, section 5
	kind := value[0]
	text, rest, ok := strings.Cut(value[2:], "?=")
	if !ok {
		return nil, "", "", false
	}
	rest = whole[len(whole)-len(rest)-past:]
	switch kind {
	case 'b', 'B':
		return decodeBase64([]byte(text)), charset, rest, true
	case 'q', 'Q':
		return decodeQuoted([]byte(text), true), charset, rest, true
	}
	return nil, "", "", false
}
