// Package inbound reads a raw mail: what it is, what was said, what is meant.
// Its one rule: in doubt nothing is meant, and a person reads it.
//
// So far it understands a reply whose first line is exactly one intent word.
package inbound

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // other charsets than UTF-8
)

// Intent is what a reply asks for; "" means that a person has to read it.
type Intent string

// The intents.
const (
	Ready  Intent = "ready"
	NotYet Intent = "not-yet"
	Slower Intent = "slower"
	Faster Intent = "faster"
	Pause  Intent = "pause"
	Resume Intent = "resume"
	Repeat Intent = "repeat"
	Back   Intent = "back"
	Stop   Intent = "stop"
	Help   Intent = "help"

	// Answers to a safety question only.
	Yes    Intent = "yes"
	No     Intent = "no"
	Unsure Intent = "unsure"
)

// Limits of what is read of a mail: enough for any person's first line.
const (
	mostBody  = 256 << 10
	mostDepth = 20
	mostParts = 200
)

// ErrUnreadable means that the bytes are no mail that we can take apart.
var ErrUnreadable = errors.New("not readable as a mail")

// Read takes a raw mail (RFC 5322) apart and gives what its sender's own first
// line asks for. A machine's mail asks for nothing (RFC 3834). The only error
// is ErrUnreadable.
func Read(raw []byte) (Intent, error) {
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return "", fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if automatic(entity.Header) {
		return "", nil
	}
	parts := mostParts
	return word(firstLine(plainText(entity, 0, &parts))), nil
}

// automatic tells a machine's mail by its headers (RFC 3834, section 5).
func automatic(h message.Header) bool {
	if auto := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted"))); auto != "" && !strings.HasPrefix(auto, "no") {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "List-Id", "List-Unsubscribe"} {
		if h.Has(name) {
			return true
		}
	}
	if h.Has("Return-Path") && strings.TrimSpace(h.Get("Return-Path")) == "<>" {
		return true
	}
	kind, _, _ := h.ContentType()
	return kind == "multipart/report"
}

// plainText gives the mail's first plain text that is no attachment, or "".
func plainText(e *message.Entity, depth int, parts *int) string {
	if *parts--; *parts < 0 || depth > mostDepth {
		return ""
	}
	if disposition, _, err := e.Header.ContentDisposition(); err == nil && disposition == "attachment" {
		return ""
	}
	kind, _, err := e.Header.ContentType()
	if e.Header.Get("Content-Type") == "" || err != nil {
		kind = "text/plain"
	}
	if r := e.MultipartReader(); r != nil {
		for {
			part, err := r.NextPart()
			if part == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return ""
			}
			if text := plainText(part, depth+1, parts); text != "" || *parts < 0 {
				return text
			}
		}
	}
	if kind != "text/plain" {
		return ""
	}
	text, _ := io.ReadAll(io.LimitReader(e.Body, mostBody)) // what could be read counts
	return string(text)
}

func firstLine(text string) string {
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// word understands a line that is exactly one intent word, however it is
// written and whatever mark ends it.
func word(line string) Intent {
	line = strings.TrimRightFunc(line, func(r rune) bool { return r == '.' || r == '!' || unicode.IsSpace(r) })
	switch w := Intent(strings.Join(strings.Fields(strings.ToLower(line)), "-")); w {
	case Ready, NotYet, Slower, Faster, Pause, Resume, Repeat, Back, Stop, Help, Yes, No, Unsure:
		return w
	}
	return ""
}
