package report

import (
	"encoding/json"
	"strings"
)

// notice is what Amazon SES tells through SNS, sent on as a mail.
type notice struct {
	Message          string `json:"Message"` // the notice itself, wrapped by SNS
	NotificationType string `json:"notificationType"`
	EventType        string `json:"eventType"`
	Bounce           struct {
		BounceType        string `json:"bounceType"`
		BouncedRecipients []struct {
			EmailAddress   string `json:"emailAddress"`
			Action         string `json:"action"`
			Status         string `json:"status"`
			DiagnosticCode string `json:"diagnosticCode"`
		} `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		ComplainedRecipients []struct {
			EmailAddress string `json:"emailAddress"`
		} `json:"complainedRecipients"`
		ComplaintFeedbackType string `json:"complaintFeedbackType"`
	} `json:"complaint"`
	Delivery struct {
		Recipients []string `json:"recipients"`
	} `json:"delivery"`
}

// readNotification tells a notice in JSON that is all of a mail's text.
func readNotification(l *letter) (Report, bool) {
	start := strings.IndexByte(l.text, '{')
	if start < 0 || len(strings.TrimSpace(l.text[:start])) > 0 {
		return Report{}, false
	}
	var n notice
	text := l.text[start:]
	if json.NewDecoder(strings.NewReader(text)).Decode(&n) != nil { // lines of a mail end where they like
		n = notice{}
		if json.NewDecoder(strings.NewReader(strings.ReplaceAll(text, "\n", ""))).Decode(&n) != nil {
			return Report{}, false
		}
	}
	if n.Message != "" && json.Unmarshal([]byte(n.Message), &n) != nil {
		return Report{}, false
	}
	if n.NotificationType == "" {
		n.NotificationType = n.EventType
	}
	r := Report{Kind: Bounce, Why: "a notice of Amazon SES", Type: None, Reason: Arrived, Status: "2.0.0"}
	switch n.NotificationType {
	case "Bounce":
		r.Type = Soft
		for i, one := range n.Bounce.BouncedRecipients {
			rec := Record{Recipient: strings.ToLower(one.EmailAddress), Action: one.Action, Status: one.Status, Diagnostic: one.DiagnosticCode}
			rec.decide("", false)
			r.Recipients = append(r.Recipients, rec.Recipient)
			if i == 0 {
				r.Type, r.Reason, r.Status, r.Diagnostic = rec.Type, rec.Reason, rec.Status, rec.Diagnostic
			}
		}
	case "Complaint":
		r.Kind, r.Reason, r.Status = Complaint, "abuse", ""
		if kind := n.Complaint.ComplaintFeedbackType; kind != "" {
			r.Reason = Reason(kind)
		}
		for _, one := range n.Complaint.ComplainedRecipients {
			r.Recipients = append(r.Recipients, strings.ToLower(one.EmailAddress))
		}
	case "Delivery":
		r.Recipients = n.Delivery.Recipients
	default:
		return Report{}, false
	}
	return r, true
}
