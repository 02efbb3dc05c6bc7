// Package mime takes a raw mail apart into a tree of decoded parts. Its one
// rule: whatever arrives has a tree; what is broken is read as its sender most
// likely meant it, within bounds, and nothing of the text is dropped.
//
// The libraries at hand refuse what mail servers of the last thirty years send
// every day, or hide parts of it behind a convenience text: hence a walker of
// our own.
package mime

import (
	"bytes"
	"errors"
	"iter"
	"strings"
)

// Limits of what is looked at. A mail past them is cut, and says so.
const (
	mostBytes = 16 << 20
	mostDepth = 20
	mostParts = 200
)

// ErrNoMail means that the bytes hold nothing that looks like a mail: no header
// field at all.
var ErrNoMail = errors.New("no header field: this is not a mail")

// Mail is a message (RFC 5322) taken apart.
type Mail struct {
	Header Header
	Root   *Part
	Cut    bool // larger, deeper or in more parts than is looked at
}

// Part is one entity of the tree (RFC 2045). A multipart or an embedded message
// has Parts, everything else has a Body; an embedded message has both.
type Part struct {
	Header      Header
	Type        string            // media type in lower case, such as text/plain
	Params      map[string]string // of Content-Type, names in lower case
	Disposition string            // "attachment", "inline" or ""
	Filename    string
	Body        []byte // transfer encoding undone, lines end in LF; charset as sent
	Parts       []*Part
}

// Parse takes raw apart. Its only error is ErrNoMail.
func Parse(raw []byte) (*Mail, error) {
	p := &parser{parts: mostParts}
	if len(raw) > mostBytes {
		raw, p.cut = raw[:mostBytes], true
	}
	header, body := splitHeader(lineFeeds(raw))
	if len(header.fields) == 0 {
		return nil, ErrNoMail
	}
	root := p.part(header, body, 0, "text/plain")
	return &Mail{Header: header, Root: root, Cut: p.cut}, nil
}

// Walk goes through the mail's parts in their order, containers before what they
// hold, embedded messages included.
func (m *Mail) Walk() iter.Seq[*Part] { return m.Root.walk(true) }

// Own goes through the parts that the mail's sender wrote: embedded messages
// are given, what is inside them is not.
func (m *Mail) Own() iter.Seq[*Part] { return m.Root.walk(false) }

func (p *Part) walk(inside bool) iter.Seq[*Part] {
	return func(yield func(*Part) bool) { p.visit(inside, yield) }
}

func (p *Part) visit(inside bool, yield func(*Part) bool) bool {
	if !yield(p) {
		return false
	}
	if p.Embedded() && !inside {
		return true
	}
	for _, child := range p.Parts {
		if !child.visit(inside, yield) {
			return false
		}
	}
	return true
}

// Embedded tells whether the part is a message, or a message's header, of its
// own: message/rfc822, message/global (RFC 6532), text/rfc822-headers (RFC 6522).
func (p *Part) Embedded() bool {
	switch p.Type {
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers", "message/news":
		return true
	}
	return false
}

// Multipart tells whether the part is nothing but a container.
func (p *Part) Multipart() bool { return strings.HasPrefix(p.Type, "multipart/") }

// Mail gives the message that the part embeds, or nil.
func (p *Part) Mail() *Mail {
	if !p.Embedded() || len(p.Parts) == 0 {
		return nil
	}
	return &Mail{Header: p.Parts[0].Header, Root: p.Parts[0]}
}

// Readable gives the parts that a mail program would show as the mail's text:
// of alternatives the best for us (plain text with something in it, else HTML),
// of everything else all text that is not attached. Embedded messages are left
// out. Where that is nothing, text that nobody gave a file's name will do.
func (m *Mail) Readable() []*Part {
	if found := m.Root.readable(nil); len(found) > 0 {
		return found
	}
	for p := range m.Own() {
		if strings.HasPrefix(p.Type, "text/") && !p.Embedded() && p.Filename == "" && p.Type != "text/calendar" && len(bytes.TrimSpace(p.Body)) > 0 {
			return []*Part{p}
		}
	}
	return nil
}

func (p *Part) readable(found []*Part) []*Part {
	switch {
	case p.Disposition == "attachment" || p.Embedded():
		return found
	case p.Type == "multipart/alternative":
		var html []*Part
		for _, child := range p.Parts {
			for _, text := range child.readable(nil) {
				if text.Type == "text/html" {
					html = append(html, text)
				} else if len(bytes.TrimSpace(text.Body)) > 0 {
					return append(found, text)
				}
			}
		}
		return append(found, html...)
	case p.Multipart():
		for _, child := range p.Parts {
			found = child.readable(found)
		}
		return found
	case p.Type == "text/plain" || p.Type == "text/html" || p.Type == "text/enriched":
		return append(found, p)
	}
	return found
}

// lineFeeds makes every line end in LF: mails come with CRLF, LF, bare CR and
// all of them mixed.
func lineFeeds(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c == '\r' {
			for i+2 < len(raw) && raw[i+1] == '\r' && raw[i+2] == '\n' { // CR CR LF: one gateway too many
				i++
			}
			if i+1 < len(raw) && raw[i+1] == '\n' {
				continue
			}
			c = '\n'
		}
		out = append(out, c)
	}
	return out
}
