// Package mailin takes mail from mail servers (SMTP and LMTP) and from a mailbox
// (IMAP). Its one rule: what came in is kept before it is acknowledged; whoever
// hears 250 need not come again, and what could not be kept stays where it is.
//
// It reads no mail: it asks whose an address is, hands the bytes on, and tells
// nobody in a log who wrote or what.
package mailin

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"longroad/internal/inbound"
)

// The bounds of one mail.
const (
	MaxBytes      = 16 << 20 // of a mail, as SIZE announces (RFC 1870)
	MaxRecipients = 50       // of a mail
	maxHops       = 100      // Received fields; more is a loop (RFC 5321, section 6.3)
)

// refused is the result that this room counts; the others are the Road's to count.
const refused = "refused"

// Options is what both doors need.
type Options struct {
	Receive func(ctx context.Context, a inbound.Arrival) error // keeps it; an error means that it must come again
	Knows   func(address string) bool                          // whether an address is one that we gave out
	Domains []string                                           // ours, in lower case; the first is our name
	Now     func() time.Time
	Log     *slog.Logger
	Count   func(way, result string) // may be nil
}

// ours tells whether an address is in one of our domains.
func (o Options) ours(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	for _, d := range o.Domains {
		if d != "" && strings.EqualFold(strings.TrimSuffix(domain, "."), d) {
			return true
		}
	}
	return false
}

func (o Options) name() string {
	for _, d := range o.Domains {
		if d != "" {
			return d
		}
	}
	return "localhost"
}

func (o Options) count(way, result string) {
	if o.Count != nil {
		o.Count(way, result)
	}
}
