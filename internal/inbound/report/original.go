package report

import (
	"strings"

	"longroad/internal/inbound/mime"
)

// Original is what a report tells of the mail that it is about. Who made the
// report up could name anybody as its recipient; these only its sender knows.
type Original struct {
	MessageIDs []string // without angle brackets, the likeliest first
	Senders    []string // addresses that the mail was sent from, or to be answered at
}

// original gathers from the report, the mail that it returns, and, where that is
// a report itself, the mail that that one returns.
func (l *letter) original() Original {
	var o Original
	inner := l.inner
	if inner == nil {
		_, inner = splitReturned(l.text)
	}
	if inner != nil {
		o.mail(inner)
		for p := range inner.Own() {
			if p.Embedded() && p.Mail() != nil {
				o.mail(p.Mail())
			}
		}
	}
	for p := range l.mail.Own() {
		if !isStatus(p) && p.Type != "message/feedback-report" {
			continue
		}
		fields, _ := mime.ParseFields(p.Body)
		o.ids(xtext(fields.Get("Original-Envelope-Id")), fields.Get("X-Original-Message-Id"), fields.Get("Original-Message-Id"))
		o.senders(fields.Get("Original-Mail-From"))
	}
	o.ids(l.header.Get("X-Original-Message-Id"), l.header.Get("In-Reply-To"), l.header.Get("References"))
	o.MessageIDs, o.Senders = unique(o.MessageIDs), unique(o.Senders)
	return o
}

func (o *Original) mail(m *mime.Mail) {
	o.ids(m.Header.Get("Message-Id"))
	for _, name := range []string{"Return-Path", "Reply-To", "X-Envelope-From", "Errors-To", "List-Unsubscribe"} {
		o.senders(m.Header.Values(name)...)
	}
}

// ids adds what stands in angle brackets, or, without any, the whole.
func (o *Original) ids(values ...string) {
	for _, v := range values {
		found := MessageIDs(v)
		if len(found) == 0 && strings.Contains(v, "@") && !strings.ContainsAny(strings.TrimSpace(v), " \t") {
			found = []string{strings.TrimSpace(v)}
		}
		o.MessageIDs = append(o.MessageIDs, found...)
	}
}

func (o *Original) senders(values ...string) {
	o.Senders = append(o.Senders, addresses(strings.Join(values, " "))...)
}

// xtext undoes the encoding of an envelope's parameter (RFC 3461, section 4).
func xtext(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '+' && i+2 < len(value) {
			if hi, lo := hexDigit(value[i+1]), hexDigit(value[i+2]); hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789ABCDEF", c) }

// MessageIDs reads the identifiers of a header field (RFC 5322, section 3.6.4),
// whatever stands between them, without angle brackets.
func MessageIDs(field string) []string {
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
