package mime

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// decode undoes a Content-Transfer-Encoding (RFC 2045, section 6). An unknown
// one, or one that the bytes belie, leaves them as they are.
func decode(header Header, body []byte) []byte {
	encoding := strings.ToLower(strings.TrimSpace(stripComment(header.raw("Content-Transfer-Encoding"))))
	switch strings.Trim(encoding, "\"'; ") {
	case "base64":
		if !likeBase64(body) {
			return body
		}
		return lineFeeds(decodeBase64(body))
	case "quoted-printable":
		return lineFeeds(decodeQuoted(body, false))
	}
	return body
}

// likeBase64 looks at the first lines: prose has spaces within its lines.
func likeBase64(body []byte) bool {
	body = bytes.TrimSpace(body)
	if len(body) > 400 {
		body = body[:400]
	}
	strange := 0
	for _, c := range body {
		if c != '\n' && c != '=' && sextet[c] == 0xff {
			strange++
		}
	}
	return strange*20 <= len(body)
}

// sextet holds the value of each character of the alphabet, and 0xff.
var sextet = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for i := range len(alphabet) {
		table[alphabet[i]] = byte(i)
	}
	table['+'], table['-'], table['/'], table['_'] = 62, 62, 63, 63
	return table
}()

// decodeBase64 passes over whatever is not of the alphabet; padding in the
// middle ends one run and begins the next.
func decodeBase64(body []byte) []byte {
	if clean, err := base64.StdEncoding.AppendDecode(nil, body); err == nil {
		return clean
	}
	out := make([]byte, 0, len(body)/4*3+3)
	var bits uint32
	n := 0
	flush := func() {
		switch n {
		case 2:
			out = append(out, byte(bits>>4))
		case 3:
			out = append(out, byte(bits>>10), byte(bits>>2))
		}
		bits, n = 0, 0
	}
	for _, c := range body {
		value := sextet[c]
		switch {
		case c == '=':
			flush()
			continue
		case value == 0xff:
			continue
		}
		bits = bits<<6 | uint32(value)
		if n++; n == 4 {
			out = append(out, byte(bits>>16), byte(bits>>8), byte(bits))
			bits, n = 0, 0
		}
	}
	flush()
	return out
}

// mostBreak bounds the white space that may follow a soft line break's sign.
const mostBreak = 80

// decodeQuoted undoes quoted-printable (RFC 2045, section 6.7), or the Q
// encoding of RFC 2047, where an underscore is a space. An equals sign that
// encodes nothing stands for itself.
func decodeQuoted(body []byte, word bool) []byte {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case c == '_' && word:
			out = append(out, ' ')
		case c != '=':
			out = append(out, c)
		default:
			line, _ := restOfLine(body[i+1 : min(len(body), i+1+mostBreak)])
			if len(bytes.TrimRight(line, " \t")) == 0 && !word { // a soft break, spaces after it
				i += len(line) + 1
				continue
			}
			if i+2 < len(body) && hex(body[i+1]) >= 0 && hex(body[i+2]) >= 0 {
				out = append(out, byte(hex(body[i+1])<<4|hex(body[i+2])))
				i += 2
				continue
			}
			out = append(out, c)
		}
	}
	return out
}

func unpercent(text string) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) && hex(text[i+1]) >= 0 && hex(text[i+2]) >= 0 {
			out = append(out, byte(hex(text[i+1])<<4|hex(text[i+2])))
			i += 2
			continue
		}
		out = append(out, text[i])
	}
	return out
}

func hex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
