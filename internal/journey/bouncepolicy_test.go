package journey

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"longroad/internal/inbound/report"
	"longroad/internal/store"
)

var policyNow = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// bounced makes a bounce, so many days ago, of a mail of its own.
func bounced(kind report.Type, reason report.Reason, ago float64) store.Bounce {
	mail := int64(1e6 - ago*1e3)
	return store.Bounce{DeliveryID: &mail, At: policyNow.Add(-time.Duration(ago * float64(day))), Type: string(kind), Reason: string(reason)}
}

// every makes n soft bounces, the newest now, the others so many days apart.
func every(days float64, n int, reason report.Reason) (all []store.Bounce) {
	for i := range n {
		all = append(all, bounced(report.Soft, reason, days*float64(i)))
	}
	return all
}

func TestBouncePolicy(t *testing.T) {
	t.Parallel()
	standard := BouncePolicy{Hard: 1, Soft: 3}
	same := func(b store.Bounce, n int) (all []store.Bounce) {
		for range n {
			all = append(all, b)
		}
		return all
	}
	for name, c := range map[string]struct {
		policy BouncePolicy
		said   []store.Bounce
		heard  float64 // days ago
		want   string
	}{
		"nothing":                           {standard, nil, 0, ""},
		"one hard":                          {standard, []store.Bounce{bounced(report.Hard, report.UserUnknown, 0)}, 0, SuppressedHard},
		"one hard, never":                   {BouncePolicy{Soft: 5}, every(0, 9, report.UserUnknown), 0, ""},
		"one hard of two":                   {BouncePolicy{Hard: 2}, []store.Bounce{bounced(report.Hard, report.UserUnknown, 0)}, 0, ""},
		"two hard":                          {BouncePolicy{Hard: 2}, []store.Bounce{bounced(report.Hard, report.UserUnknown, 7), bounced(report.Hard, report.HostUnknown, 0)}, 0, SuppressedHard},
		"two hard reports of one mail":      {BouncePolicy{Hard: 2}, same(bounced(report.Hard, report.UserUnknown, 0), 3), 0, ""},
		"soft and hard of one mail":         {standard, []store.Bounce{bounced(report.Soft, report.Policy, 0), bounced(report.Hard, report.UserUnknown, 0)}, 0, SuppressedHard},
		"two hard, answered between":        {BouncePolicy{Hard: 2}, []store.Bounce{bounced(report.Hard, report.UserUnknown, 7), bounced(report.Hard, report.UserUnknown, 0)}, 3, ""},
		"hard, and about us":                {standard, []store.Bounce{bounced(report.Hard, report.Blocked, 0)}, 0, ""},
		"a full mailbox once":               {standard, every(1, 1, report.MailboxFull), 0, ""},
		"full, twice a week for five weeks": {standard, every(3.5, 11, report.MailboxFull), 0, SuppressedSoft},
		"full, twice a week for two weeks":  {standard, every(3.5, 5, report.MailboxFull), 0, ""},
		"full, once a week for a month":     {standard, every(7, 5, report.MailboxFull), 0, SuppressedSoft},
		"full, every other week":            {standard, every(14, 8, report.MailboxFull), 0, SuppressedSoft},
		"full, once a month for ever":       {standard, every(30, 30, report.MailboxFull), 0, ""},
		"full, every day for a month":       {standard, every(1, 29, report.MailboxFull), 0, SuppressedSoft},
		"full, every day for a holiday":     {standard, every(1, 24, report.MailboxFull), 0, ""},
		"full, twenty times on two days": {standard, append(every(0.01, 10, report.MailboxFull), func() []store.Bounce {
			l := every(0.01, 10, report.MailboxFull)
			for i := range l {
				l[i].At = l[i].At.Add(-12 * day)
				id := *l[i].DeliveryID + 5e6
				l[i].DeliveryID = &id
			}
			return l
		}()...), 0, ""},
		"full, never":                         {BouncePolicy{Hard: 1}, every(1, 30, report.MailboxFull), 0, ""},
		"full, and the reader wrote":          {standard, every(1, 30, report.MailboxFull), 5.5, ""},
		"full, and the reader wrote long ago": {standard, every(1, 50, report.MailboxFull), 40.5, SuppressedSoft},
		"old ones": {standard, func() []store.Bounce {
			l := every(1, 30, report.MailboxFull)
			for i := range l {
				l[i].At = l[i].At.Add(-121 * day)
			}
			return l
		}(), 0, ""},
		"spam":                {standard, every(1, 30, report.Spam), 0, ""},
		"blocked":             {standard, every(1, 30, report.Blocked), 0, ""},
		"signatures":          {standard, every(1, 30, report.Auth), 0, ""},
		"too fast":            {standard, every(1, 30, report.RateLimit), 0, ""},
		"the mail's form":     {standard, every(1, 30, report.Content), 0, ""},
		"nobody knows why":    {standard, every(1, 30, report.Undefined), 0, ""},
		"delayed":             {standard, []store.Bounce{bounced(report.Delayed, report.Network, 0)}, 0, ""},
		"disabled, every day": {standard, every(1, 30, report.Suspended), 0, SuppressedSoft},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var heard time.Time
			if c.heard > 0 {
				heard = policyNow.Add(-time.Duration(c.heard * float64(day)))
			}
			if got := c.policy.verdict(c.said, heard, policyNow); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// The order of what was said changes nothing, what is about us never counts, and
// who has answered is never suppressed for what came before.
func TestBouncePolicyProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		types := []report.Type{report.Hard, report.Soft, report.Delayed, report.None, "complaint"}
		reasons := []report.Reason{report.UserUnknown, report.MailboxFull, report.Spam, report.Blocked, report.Auth, report.Undefined, report.Policy, ""}
		var all []store.Bounce
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			b := bounced(rapid.SampledFrom(types).Draw(t, "type"), rapid.SampledFrom(reasons).Draw(t, "reason"), rapid.Float64Range(0, 180).Draw(t, "ago"))
			all = append(all, b)
		}
		p := BouncePolicy{Hard: rapid.IntRange(0, 3).Draw(t, "hard"), Soft: rapid.IntRange(0, 6).Draw(t, "soft")}
		got := p.verdict(all, time.Time{}, policyNow)
		if again := p.verdict(rapid.Permutation(all).Draw(t, "order"), time.Time{}, policyNow); again != got {
			t.Errorf("%q, and in another order %q", got, again)
		}
		if after := p.verdict(all, policyNow.Add(time.Second), policyNow); after != "" {
			t.Errorf("%q of a reader who has just answered", after)
		}
		var ours []store.Bounce
		for _, b := range all {
			if report.Reason(b.Reason).AboutUs() {
				ours = append(ours, b)
			}
		}
		if v := p.verdict(ours, time.Time{}, policyNow); v != "" {
			t.Errorf("%q for what is about us", v)
		}
	})
}
