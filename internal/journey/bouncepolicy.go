package journey

import (
	"math"
	"time"

	"longroad/internal/inbound/report"
	"longroad/internal/store"
)

// BouncePolicy says when an address has failed so often that it gets nothing any
// more. What speaks of us (spam, a blocked server, signatures), what is only
// delayed and what nobody understands never counts. A mail counts once, however
// many reports come of it, and what the reader says themselves clears all before
// it: who answers is there.
type BouncePolicy struct {
	Hard int // mails to an address that does not exist; 0: never
	Soft int // mails that did not arrive for another reason, each worth half as much every 30 days; 0: never
}

// How soft bounces are weighed.
const (
	softHalves = 30 * day  // how long it takes one to count half
	softLooks  = 120 * day // how far back it is looked: older ones count next to nothing
	softDays   = 3         // on so many days at least: one bad day is the server's
	softSpans  = 28 * day  // from the first to the last, at least: a mailbox may be full for a holiday
)

// KeepBounces is how long it is known that a mail came back.
const KeepBounces = 180 * day

// Why an address is suppressed, other than by an operator.
const (
	SuppressedHard      = "hard bounce"
	SuppressedSoft      = "soft bounces"
	SuppressedComplaint = "complaint"
)

// verdict says why an address is to be suppressed at now, "" for not at all. It
// gets what was said against the address, in order, and when its reader was last
// heard of.
func (p BouncePolicy) verdict(said []store.Bounce, heard, now time.Time) string {
	worst := map[int64]store.Bounce{} // of each mail
	for i, b := range said {
		if !counts(b) || b.At.Before(heard) {
			continue
		}
		mail := -int64(i) - 1 // one that is no longer known stands for itself
		if b.DeliveryID != nil {
			mail = *b.DeliveryID
		}
		if old, known := worst[mail]; !known || b.Type == string(report.Hard) && old.Type != b.Type {
			worst[mail] = b
		}
	}
	hard, score := 0, 0.0
	days := map[string]bool{}
	var first, last time.Time
	for _, b := range worst {
		if b.Type == string(report.Hard) {
			hard++
		}
		age := now.Sub(b.At)
		if age > softLooks {
			continue
		}
		score += math.Exp2(-max(0, age.Hours()) / softHalves.Hours())
		days[b.At.UTC().Format(time.DateOnly)] = true
		if first.IsZero() || b.At.Before(first) {
			first = b.At
		}
		if b.At.After(last) {
			last = b.At
		}
	}
	switch {
	case p.Hard > 0 && hard >= p.Hard:
		return SuppressedHard
	case p.Soft > 0 && score >= float64(p.Soft) && len(days) >= softDays && last.Sub(first) >= softSpans:
		return SuppressedSoft
	}
	return ""
}

// counts tells what speaks against an address.
func counts(b store.Bounce) bool {
	reason := report.Reason(b.Reason)
	switch report.Type(b.Type) {
	case report.Hard:
		return !reason.AboutUs()
	case report.Soft:
		return !reason.AboutUs() && reason != report.Undefined && reason != ""
	}
	return false
}
