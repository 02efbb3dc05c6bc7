package webhook

import (
	"fmt"
	"strings"
	"testing"

	"longroad/internal/inbound/report"
)

// TestNotes reads what providers tell of bounces and complaints, each in its own
// words.
func TestNotes(t *testing.T) {
	t.Parallel()
	mailgun := func(data string) string { return `{"event-data":{"recipient":"a@example.org","id":"e1",` + data + `}}` }
	sendgrid := func(data string) string {
		return `[{"email":"a@example.org","sg_event_id":"e1","smtp-id":"<1@letters.example.org>",` + data + `}]`
	}
	postmark := func(data string) string { return `{"ID":42,"Email":"a@example.org",` + data + `}` }
	resend := func(data string) string { return `{"data":{"to":["a@example.org"],` + data + `}}` }
	for name, c := range map[string]struct{ provider, body, want string }{
		"mailgun, no such user":       {"mailgun events", mailgun(`"event":"failed","severity":"permanent","message":{"headers":{"message-id":"1@letters.example.org"}},"delivery-status":{"code":550,"enhanced-code":"5.1.1","message":"No such user here"}`), "bounce hard user-unknown 5.1.1 1@letters.example.org"},
		"mailgun, full":               {"mailgun events", mailgun(`"event":"failed","severity":"permanent","delivery-status":{"code":552,"message":"5.2.2 mailbox full"}`), "bounce soft mailbox-full  "},
		"mailgun, spam":               {"mailgun events", mailgun(`"event":"failed","severity":"permanent","delivery-status":{"code":554,"message":"5.7.1 message rejected as spam"}`), "bounce soft spam  "},
		"mailgun, for now":            {"mailgun events", mailgun(`"event":"failed","severity":"temporary","delivery-status":{"code":450,"message":"4.2.2 mailbox full"}`), "bounce delayed mailbox-full  "},
		"mailgun, its own list":       {"mailgun events", mailgun(`"event":"failed","severity":"permanent","reason":"suppress-bounce","delivery-status":{"code":605,"message":"Not delivering to previously bounced address"}`), "bounce soft policy  "},
		"mailgun, complaint":          {"mailgun events", mailgun(`"event":"complained"`), "complaint none abuse  "},
		"mailgun, unsubscribed":       {"mailgun events", mailgun(`"event":"unsubscribed"`), "complaint none opt-out  "},
		"mailgun, delivered":          {"mailgun events", mailgun(`"event":"delivered"`), ""},
		"sendgrid, no such user":      {"sendgrid events", sendgrid(`"event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 user unknown"`), "bounce hard user-unknown 5.1.1 1@letters.example.org"},
		"sendgrid, blocked":           {"sendgrid events", sendgrid(`"event":"bounce","type":"blocked","status":"5.7.1","reason":"550 5.7.1 blocked using a blocklist"`), "bounce soft blocked 5.7.1 1@letters.example.org"},
		"sendgrid, blocked, unknown":  {"sendgrid events", sendgrid(`"event":"bounce","type":"blocked","status":"5.1.1","reason":"550 5.1.1 user unknown"`), "bounce soft blocked 5.1.1 1@letters.example.org"},
		"sendgrid, dropped":           {"sendgrid events", sendgrid(`"event":"dropped","reason":"Bounced Address"`), "bounce soft policy  1@letters.example.org"},
		"sendgrid, deferred":          {"sendgrid events", sendgrid(`"event":"deferred","response":"450 4.2.1 too many messages"`), "bounce delayed rate-limit  1@letters.example.org"},
		"sendgrid, complaint":         {"sendgrid events", sendgrid(`"event":"spamreport"`), "complaint none abuse  1@letters.example.org"},
		"sendgrid, unsubscribed":      {"sendgrid events", sendgrid(`"event":"unsubscribe"`), "complaint none opt-out  1@letters.example.org"},
		"sendgrid, opened":            {"sendgrid events", sendgrid(`"event":"open"`), ""},
		"postmark, hard":              {"postmark", postmark(`"RecordType":"Bounce","Type":"HardBounce","Details":"smtp;550 5.1.1 The account does not exist"`), "bounce hard user-unknown  "},
		"postmark, hard, no words":    {"postmark", postmark(`"RecordType":"Bounce","Type":"HardBounce","Details":""`), "bounce hard user-unknown  "},
		"postmark, hard, yet our own": {"postmark", postmark(`"RecordType":"Bounce","Type":"HardBounce","Details":"smtp;550 5.7.1 blocked: our blocklist lists your IP"`), "bounce soft blocked  "},
		"postmark, soft":              {"postmark", postmark(`"RecordType":"Bounce","Type":"SoftBounce","Details":"552 5.2.2 mailbox full"`), "bounce soft mailbox-full  "},
		"postmark, on its way":        {"postmark", postmark(`"RecordType":"Bounce","Type":"Transient","Details":""`), "bounce delayed undefined  "},
		"postmark, auto-reply":        {"postmark", postmark(`"RecordType":"Bounce","Type":"AutoResponder"`), ""},
		"postmark, challenge":         {"postmark", postmark(`"RecordType":"Bounce","Type":"ChallengeVerification"`), ""},
		"postmark, complaint":         {"postmark", postmark(`"RecordType":"SpamComplaint","Type":"SpamComplaint"`), "complaint none abuse  "},
		"postmark, suppressed":        {"postmark", `{"RecordType":"SubscriptionChange","Recipient":"a@example.org","SuppressSending":true,"SuppressionReason":"HardBounce"}`, "bounce hard user-unknown  "},
		"postmark, opted out":         {"postmark", `{"RecordType":"SubscriptionChange","Recipient":"a@example.org","SuppressSending":true,"SuppressionReason":"ManualSuppression"}`, "complaint none opt-out  "},
		"postmark, back again":        {"postmark", `{"RecordType":"SubscriptionChange","Recipient":"a@example.org","SuppressSending":false}`, ""},
		"postmark, opened":            {"postmark", `{"RecordType":"Open","Recipient":"a@example.org"}`, ""},
		"resend, hard":                {"resend", resend(`"bounce":{"type":"Permanent","subType":"General","message":"550 5.1.1 no such user"}},"type":"email.bounced","x":{`), "bounce hard user-unknown  "},
		"resend, its own list":        {"resend", resend(`"bounce":{"type":"Permanent","subType":"Suppressed","message":""}},"type":"email.bounced","x":{`), "bounce soft policy  "},
		"resend, soft":                {"resend", resend(`"bounce":{"type":"Transient","subType":"MailboxFull","message":""}},"type":"email.bounced","x":{`), "bounce soft mailbox-full  "},
		"resend, complaint":           {"resend", resend(`"message_id":"<1@letters.example.org>"},"type":"email.complained","x":{`), "complaint none abuse  1@letters.example.org"},
		"resend, delivered":           {"resend", resend(`"x":1},"type":"email.delivered","y":{`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := every(t)[c.provider]
			provider, _, _ := strings.Cut(c.provider, " ")
			arrivals, err := take(t, desk(t, nil, p.secret), provider, p.make(t, noon, c.body))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, a := range arrivals {
				n := a.Note
				if n.Recipient != "a@example.org" || (n.ID == "") {
					t.Errorf("recipient %q, id %q", n.Recipient, n.ID)
				}
				got += fmt.Sprintf("%s %s %s %s %s", n.Kind, n.Type, n.Reason, n.Status, n.MessageID)
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestAmazonBounce believes the server's words before Amazon's types.
func TestAmazonBounce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, subtype, status, words string
		want                         report.Type
		reason                       report.Reason
	}{
		"no such user":         {"Permanent", "NoEmail", "5.1.1", "", report.Hard, report.UserUnknown},
		"general, and unknown": {"Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown", report.Hard, report.UserUnknown},
		"general, and spam":    {"Permanent", "General", "5.7.1", "smtp; 554 5.7.1 spam", report.Soft, report.Spam},
		"their list":           {"Permanent", "OnAccountSuppressionList", "5.1.1", "Amazon SES did not send the message", report.Soft, report.Policy},
		"for now":              {"Transient", "General", "4.1.1", "user unknown", report.Soft, report.Undefined},
		"full":                 {"Transient", "MailboxFull", "", "", report.Soft, report.MailboxFull},
		"undetermined":         {"Undetermined", "Undetermined", "", "", report.Soft, report.Undefined},
		"too large":            {"Transient", "MessageTooLarge", "", "", report.Soft, report.TooBig},
	} {
		if got, reason := amazonBounce(c.kind, c.subtype, c.status, c.words); got != c.want || reason != c.reason {
			t.Errorf("%s: %s %s", name, got, reason)
		}
	}
}
