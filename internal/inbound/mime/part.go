package mime

import (
	"bytes"
	"strings"
)

// parser holds what is left of the bounds.
type parser struct {
	parts int
	cut   bool
}

func (p *parser) part(header Header, body []byte, depth int, byDefault string) *Part {
	p.parts--
	part := &Part{Header: header}
	part.Type, part.Params = mediaType(header.raw("Content-Type"), byDefault)
	disposition, params := parameters(header.raw("Content-Disposition"))
	part.Disposition = strings.ToLower(disposition)
	part.Filename = DecodeWords(firstOf(params["filename"], part.Params["name"]))
	if depth >= mostDepth || p.parts <= 0 {
		p.cut = true
		part.Body = decode(header, body)
		return part
	}
	switch {
	case part.Multipart():
		p.children(part, body, depth)
	case part.Embedded():
		part.Body = decode(header, body)
		inner, rest := splitHeader(bytes.TrimLeft(part.Body, "\n"))
		if len(inner.fields) > 0 {
			part.Parts = []*Part{p.part(inner, rest, depth+1, "text/plain")}
		}
	default:
		part.Body = decode(header, body)
	}
	return part
}

// children splits a multipart (RFC 2046, section 5.1). One whose boundary
// cannot be found, not even by guessing, is plain text.
func (p *parser) children(part *Part, body []byte, depth int) {
	pieces := split(body, part.Params["boundary"])
	if pieces == nil { // some encode a container, which RFC 2045, section 6.4 forbids
		if decoded := decode(part.Header, body); !bytes.Equal(decoded, body) {
			body, pieces = decoded, split(decoded, part.Params["boundary"])
		}
	}
	if pieces == nil {
		pieces = split(body, guessBoundary(body))
	}
	if pieces == nil {
		part.Type, part.Body = "text/plain", decode(part.Header, body)
		return
	}
	byDefault := "text/plain"
	if part.Type == "multipart/digest" {
		byDefault = "message/rfc822"
	}
	for _, piece := range pieces {
		if p.parts <= 0 {
			p.cut = true
			return
		}
		header, rest := splitPart(piece)
		part.Parts = append(part.Parts, p.part(header, rest, depth+1, byDefault))
	}
}

// splitPart splits a part of a multipart, which may have no header: then it
// begins with an empty line, or, sent by those who forget it, with its text.
func splitPart(piece []byte) (Header, []byte) {
	if len(piece) > 0 && piece[0] == '\n' {
		return Header{}, piece[1:]
	}
	return splitHeader(piece)
}

// split gives what stands between the boundary's lines; nil where there is
// none. What comes before the first line, or after the end, is no part; an end
// that is missing is no fault: mails are cut.
func split(body []byte, boundary string) [][]byte {
	if boundary == "" {
		return nil
	}
	mark := []byte("--" + boundary)
	var pieces [][]byte
	start := -1
	for at := 0; at < len(body); {
		next := bytes.Index(body[at:], mark)
		if next < 0 {
			break
		}
		next += at
		after := next + len(mark)
		at = after
		if next > 0 && body[next-1] != '\n' {
			continue
		}
		line, last := restOfLine(body[after:])
		rest := bytes.TrimSpace(line)
		closes := bytes.HasPrefix(rest, []byte("--"))
		if len(rest) > 0 && !closes {
			continue // a longer boundary that begins alike
		}
		if start >= 0 {
			pieces = append(pieces, body[start:max(start, next-1)])
		}
		if start = after + last; closes {
			if start = -1; len(pieces) == 0 {
				pieces = [][]byte{}
			}
			continue // some close too early, and go on
		}
		at = start
	}
	if start >= 0 {
		pieces = append(pieces, body[start:])
	}
	return pieces
}

// restOfLine gives the line that text begins with, and where the next begins.
func restOfLine(text []byte) (line []byte, next int) {
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		return text[:end], end + 1
	}
	return text, len(text)
}

// guessBoundary finds the line that most likely was meant as boundary: the
// first that begins with two hyphens and is followed by a header field.
func guessBoundary(body []byte) string {
	for at := 0; at < len(body); {
		line, next := restOfLine(body[at:])
		at += next
		text := bytes.TrimRight(line, " \t")
		if len(text) < 3 || len(text) > 200 || !bytes.HasPrefix(text, []byte("--")) || bytes.ContainsAny(text, " \t") {
			continue
		}
		following, _ := restOfLine(body[at:])
		if name, _, ok := bytes.Cut(following, []byte(":")); ok && bytes.HasPrefix(bytes.ToLower(name), []byte("content-")) {
			return string(text[2:])
		}
	}
	return ""
}

func firstOf(all ...string) string {
	for _, one := range all {
		if one != "" {
			return one
		}
	}
	return ""
}
