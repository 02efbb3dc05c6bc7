package webhook

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
)

// ses takes what Amazon SES tells through SNS: mails, and what became of ours.
type ses struct {
	topic string
	sns   *sns
	Options
}

func newSES(topic string, o Options) (provider, error) {
	if !strings.HasPrefix(topic, "arn:aws") || strings.Count(topic, ":") != 5 || !strings.Contains(topic, ":sns:") {
		return nil, errors.New("write ses:TOPIC, such as ses:arn:aws:sns:eu-west-1:123456789012:letters")
	}
	return ses{topic, &sns{Options: o, certs: map[string]*x509.Certificate{}}, o}, nil
}

func (p ses) open(ctx context.Context, r Request) (Post, error) {
	m, err := readSNS(r.Body)
	if err != nil {
		return Post{}, err
	}
	if m.TopicARN != p.topic { // before anything is fetched for its sake
		return Post{}, ErrForged
	}
	if err := p.sns.prove(ctx, m); err != nil {
		return Post{}, err
	}
	switch m.Type {
	case "SubscriptionConfirmation":
		return Post{}, p.sns.confirm(ctx, m)
	case "UnsubscribeConfirmation":
		return Post{}, nil
	}
	return p.notification(ctx, m)
}

// sesMessage is what SES tells.
type sesMessage struct {
	Kind  string `json:"notificationType"`
	Event string `json:"eventType"` // the same, through an event destination
	Mail  struct {
		Source      string   `json:"source"`
		Destination []string `json:"destination"`
		Headers     []struct{ Name, Value string }
	} `json:"mail"`

	Content string `json:"content"`
	Receipt struct {
		Recipients []string `json:"recipients"`
		Action     struct {
			Type, Encoding, BucketName, ObjectKey string
		} `json:"action"`
	} `json:"receipt"`

	Bounce struct {
		Type       string `json:"bounceType"`
		SubType    string `json:"bounceSubType"`
		FeedbackID string `json:"feedbackId"`
		Recipients []struct {
			Address    string `json:"emailAddress"`
			Status     string `json:"status"`
			Diagnostic string `json:"diagnosticCode"`
		} `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		FeedbackID string `json:"feedbackId"`
		Type       string `json:"complaintFeedbackType"`
		SubType    string `json:"complaintSubType"`
		Recipients []struct {
			Address string `json:"emailAddress"`
		} `json:"complainedRecipients"`
	} `json:"complaint"`
	Delay struct {
		Recipients []struct {
			Address    string `json:"emailAddress"`
			Status     string `json:"status"`
			Diagnostic string `json:"diagnosticCode"`
		} `json:"delayedRecipients"`
	} `json:"deliveryDelay"`
}

func (p ses) notification(ctx context.Context, m snsMessage) (Post, error) {
	var told sesMessage
	if err := json.Unmarshal([]byte(m.Message), &told); err != nil {
		return Post{}, malformed("the notification")
	}
	ours := ""
	for _, h := range told.Mail.Headers { // SES gives mails an id of its own; ours is the one that they came with
		if strings.EqualFold(h.Name, "Message-ID") {
			ours = bare(h.Value)
		}
	}
	var all []inbound.Arrival
	note := func(id string, n inbound.Note) {
		n.ID, n.MessageID = id+" "+n.Recipient, ours
		all = append(all, inbound.Arrival{Note: &n})
	}
	switch told.Kind + told.Event {
	case "Received":
		return p.received(ctx, told)
	case "Bounce":
		for _, one := range told.Bounce.Recipients {
			n := inbound.Note{Kind: report.Bounce, Recipient: one.Address, Status: one.Status, Diagnostic: one.Diagnostic}
			n.Type, n.Reason = amazonBounce(told.Bounce.Type, told.Bounce.SubType, one.Status, one.Diagnostic)
			note(told.Bounce.FeedbackID, n)
		}
	case "DeliveryDelay":
		for _, one := range told.Delay.Recipients {
			n := inbound.Note{Kind: report.Bounce, Type: report.Delayed, Recipient: one.Address, Status: one.Status, Diagnostic: one.Diagnostic}
			_, n.Reason = report.Judge(one.Status, one.Diagnostic)
			note(m.MessageID, n)
		}
	case "Complaint":
		reason := report.Reason("abuse")
		switch {
		case told.Complaint.SubType == "OnAccountSuppressionList": // it was never tried
			reason = report.Policy
		case told.Complaint.Type != "":
			reason = report.Reason(told.Complaint.Type)
		}
		for _, one := range told.Complaint.Recipients {
			note(told.Complaint.FeedbackID, inbound.Note{Kind: report.Complaint, Type: report.None, Reason: reason, Recipient: one.Address})
		}
	}
	return Post{Arrivals: all}, nil
}

// received gives a mail that stands in the notification or in S3.
func (p ses) received(ctx context.Context, told sesMessage) (Post, error) {
	action := told.Receipt.Action
	var raw []byte
	switch {
	case told.Content != "" && strings.EqualFold(action.Encoding, "BASE64"):
		var err error
		if raw, err = base64.StdEncoding.DecodeString(told.Content); err != nil {
			return Post{}, malformed("the mail's base64")
		}
	case told.Content != "":
		raw = []byte(told.Content)
	case action.Type == "S3" && p.Object != nil:
		var err error
		if raw, err = p.Object(ctx, action.BucketName, action.ObjectKey); err != nil {
			return Post{}, err
		}
	}
	recipients := told.Receipt.Recipients
	if len(recipients) == 0 {
		recipients = told.Mail.Destination
	}
	if len(raw) == 0 || len(recipients) == 0 {
		return Post{}, malformed("the mail or its recipient is missing")
	}
	var all []inbound.Arrival
	for _, to := range recipients {
		all = append(all, inbound.Arrival{From: sender(told.Mail.Source), To: bare(to), Raw: raw})
	}
	return Post{Arrivals: all}, nil
}

// amazonBounce reads Amazon's types, which Resend passes on. What the server said
// goes before them: two of three permanent failures say nothing against the address.
func amazonBounce(kind, subtype, status, words string) (report.Type, report.Reason) {
	judged, reason := report.Judge(status, words)
	switch subtype {
	case "Suppressed", "OnAccountSuppressionList": // it was never tried
		return report.Soft, report.Policy
	case "NoEmail":
		return report.Hard, report.UserUnknown
	case "MailboxFull":
		return report.Soft, report.MailboxFull
	case "MessageTooLarge":
		return report.Soft, report.TooBig
	case "ContentRejected", "AttachmentRejected":
		return report.Soft, report.Content
	}
	if kind == "Permanent" {
		return judged, reason
	}
	if reason.Hard() {
		reason = report.Undefined
	}
	return report.Soft, reason
}
