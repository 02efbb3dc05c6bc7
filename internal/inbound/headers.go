package inbound

import (
	"strings"

	"longroad/internal/inbound/mime"
)

// MessageID gives a mail's Message-ID without its angle brackets, or "". Raw may
// be the mail or its header alone.
func MessageID(raw []byte) string {
	mail, err := mime.Parse(raw)
	if err != nil {
		return ""
	}
	if ids := messageIDs(mail.Header.Get("Message-Id")); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// Answered lists the Message-IDs that a mail says it answers, the nearest first
// (RFC 5322, section 3.6.4), without angle brackets.
func Answered(raw []byte) []string {
	mail, err := mime.Parse(raw)
	if err != nil {
		return nil
	}
	all := messageIDs(mail.Header.Get("In-Reply-To"))
	references := messageIDs(mail.Header.Get("References"))
	for i := len(references) - 1; i >= 0; i-- {
		all = append(all, references[i])
	}
	return all
}

// messageIDs reads the identifiers of a header field, whatever stands between them.
func messageIDs(field string) []string {
	var ids []string
	for {
		_, rest, found := strings.Cut(field, "<")
		if !found {
			return ids
		}
		id, after, found := strings.Cut(rest, ">")
		if !found {
			return ids
		}
		if id = strings.Join(strings.Fields(id), ""); id != "" {
			ids = append(ids, id)
		}
		field = after
	}
}
