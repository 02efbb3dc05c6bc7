package report

import (
	"strings"

	"longroad/internal/inbound/mime"
)

// readComplaint tells a provider's report that a reader called our mail
// unwanted (RFC 5965), or the shapes that came before it.
func readComplaint(l *letter) (Report, bool) {
	var feedback *mime.Part
	for p := range l.mail.Own() {
		if p.Type == "message/feedback-report" || p.Type == "text/plain" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(string(p.Body[:min(len(p.Body), 100)]))), "feedback-type:") {
			feedback = p
			break
		}
	}
	r := Report{Kind: Complaint, Type: None, Reason: "abuse"}
	var to []string
	switch declared := strings.EqualFold(l.mail.Root.Params["report-type"], "feedback-report"); {
	case feedback != nil && (!l.replied || declared):
		r.Why = "message/feedback-report (RFC 5965)"
		fields, _ := mime.ParseFields(feedback.Body)
		if kind := strings.ToLower(firstWord(fields.Get("Feedback-Type"))); kind != "" {
			r.Reason = Reason(kind)
		}
		for _, name := range []string{"Original-Rcpt-To", "Removal-Recipient", "Redacted-Address"} {
			to = append(to, addresses(strings.Join(fields.Values(name), " "))...)
		}
	case declared:
		r.Why = "multipart/report of feedback (RFC 5965)"
	case l.inner != nil && (l.inner.Header.Has("X-HmXmrOriginalRecipient") || strings.HasPrefix(l.subject, "complaint about message from")):
		r.Why = "a provider's complaint with the mail"
	case l.inner != nil && !l.replied && holds(l.subject, []string{"email feedback report", "spam complaint", "abuse report", "feedback loop", "complaint feedback"}):
		r.Why = "subject of a complaint, with the mail"
	case l.header.Has("X-HmXmrOriginalRecipient"): // sent on without a mail around it
		r.Why = "a provider's complaint, our own mail with its mark"
		to = addresses(l.header.Get("X-HmXmrOriginalRecipient"))
	case l.header.Has("X-Loop") && strings.EqualFold(l.header.Get("X-Loop"), "scomp"):
		r.Why = "X-Loop: scomp"
	default:
		return Report{}, false
	}
	inner := l.inner
	if inner == nil {
		_, inner = splitReturned(l.text)
	}
	if inner != nil && len(to) == 0 {
		for _, name := range []string{"X-HmXmrOriginalRecipient", "X-Original-To", "Delivered-To", "To"} {
			if to = addresses(strings.Join(inner.Header.Values(name), " ")); len(to) > 0 {
				break
			}
		}
	}
	r.Recipients = unique(to)
	return r, true
}
