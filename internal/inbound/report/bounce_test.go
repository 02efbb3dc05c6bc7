package report

import (
	"slices"
	"strings"
	"testing"

	"longroad/internal/inbound/mime"
)

// read reads a mail written with LF.
func read(t *testing.T, raw string) Report {
	t.Helper()
	m, err := mime.Parse([]byte(strings.ReplaceAll(strings.TrimLeft(raw, "\n"), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return Read(m)
}

// returnedMail is the mail that the reports below give back.
const returnedMail = `Return-Path: <b-token@bounce.letters.example>
Received: from out.letters.example by mx.example.net for <reader@example.net>; Mon, 1 Mar 2027 09:00:00 +0000
From: Letters <letters@letters.example>
To: reader@example.net
Subject: A letter
Message-ID: <one@letters.example>

Dear reader
`

// standard is a report as RFC 3464 wants it.
func standard(fields string) string {
	return `
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: b-token@bounce.letters.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

The mail system could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

` + fields + `

--b
Content-Type: message/rfc822

` + returnedMail + `
--b--
`
}

// words is a report in words alone.
func words(headers, text string) string {
	return headers + "To: b-token@bounce.letters.example\n\n" + text
}

func TestBounce(t *testing.T) {
	t.Parallel()
	daemon := "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: failure notice\n"
	for name, c := range map[string]struct {
		raw    string
		kind   Type
		reason Reason
		status string
	}{
		"standard, unknown":      {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <reader@example.net>: user unknown"), Hard, UserUnknown, "5.1.1"},
		"standard, code alone":   {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.1"), Hard, UserUnknown, "5.1.1"},
		"standard, full":         {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552 mailbox is full"), Soft, MailboxFull, "5.2.2"},
		"standard, 5.x of spam":  {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 looks like spam"), Soft, Spam, "5.7.1"},
		"standard, dmarc":        {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.7.26\nDiagnostic-Code: smtp; 550-5.7.26 refused for the domain's\n 550 5.7.26 DMARC policy"), Soft, Auth, "5.7.26"},
		"standard, our address":  {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.8\nDiagnostic-Code: smtp; 550 sender address does not exist"), Soft, Rejected, "5.1.8"},
		"standard, blocked":      {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 your IP is on a blocklist"), Soft, Blocked, "5.1.1"},
		"standard, delayed":      {standard("Final-Recipient: rfc822; reader@example.net\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; connection timed out"), Delayed, Expired, "4.4.1"},
		"standard, no such host": {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.2\nDiagnostic-Code: X-Postfix; host or domain name not found"), Hard, HostUnknown, "5.1.2"},
		"standard, delivered":    {standard("Final-Recipient: rfc822; reader@example.net\nAction: delivered\nStatus: 2.1.5"), None, Arrived, "2.1.5"},
		"standard, after DATA":   {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 user unknown (in reply to end of DATA command)"), Soft, Filtered, "5.2.0"},
		"original over final":    {standard("Final-Recipient: rfc822; box7@store.example.net\nOriginal-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.2.2"), Soft, MailboxFull, "5.2.2"},
		"qmail":                  {words(daemon, "Hi. This is the qmail-send program at mx.example.net.\nIt did not work out.\n\n<reader@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n"+returnedMail), Hard, UserUnknown, "5.1.1"},
		"exim":                   {words("X-Failed-Recipients: reader@example.net\nFrom: Mail Delivery System <Mailer-Daemon@mx.example.net>\nSubject: Mail delivery failed: returning message to sender\n", "A message that you sent could not be delivered.\n\n  reader@example.net\n    host mail.example.net [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<reader@example.net>:\n    550 no such user here\n"), Hard, UserUnknown, "5.1.1"},
		"exim, unrouteable":      {words("X-Failed-Recipients: reader@example.net\nFrom: Mailer-Daemon@mx.example.net\nSubject: Mail delivery failed\n", "  reader@example.net\n    Unrouteable address\n"), Hard, HostUnknown, "5.1.2"},
		"exim, still trying":     {words("From: Mailer-Daemon@mx.example.net\nSubject: Warning: message 1abc delayed 24 hours\n", "The address to which the message has not yet been delivered is:\n\n  reader@example.net\n\nNo action is required on your part.\n\n__________\nScanned for every virus.\n"), Delayed, Undefined, ""},
		"courier":                {words("Return-Path: <>\nFrom: \"Courier mail server at mx.example.net\" <postmaster@mx.example.net>\nSubject: NOTICE: mail delivery status.\n", "UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<reader@example.net>:\n    mail.example.net [192.0.2.1]:\n>>> RCPT TO:<reader@example.net>\n<<< 550 User unknown.\n"), Hard, UserUnknown, "5.1.1"},
		"domino":                 {words("Return-Path: <>\nFrom: Postmaster@example.net\nSubject: DELIVERY FAILURE: User reader (reader@example.net) not listed in Domino Directory\n", "Your message\n\n  Subject: A letter\n\nwas not delivered to:\n\n  reader@example.net\n\nbecause:\n\n  User reader (reader@example.net) not listed in Domino Directory\n"), Hard, UserUnknown, "5.1.1"},
		"groupwise":              {words("From: Mailer-Daemon@example.net\nSubject: Message status - undeliverable\n", "The message that you sent was undeliverable to the following:\n\treader@example.net (mailbox full)\n"), Soft, MailboxFull, "5.2.2"},
		"gmail, now":             {words("Return-Path: <>\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nAuto-Submitted: auto-replied\nSubject: Delivery Status Notification (Failure)\n", "** Address not found **\n\nYour message wasn't delivered to reader@example.net because the address couldn't be found.\n\nThe response from the remote server was:\n550 5.1.1 no such user\n"), Hard, UserUnknown, "5.1.1"},
		"exchange, german":       {words("Return-Path: <>\nFrom: Systemadministrator <postmaster@example.net>\nSubject: =?utf-8?Q?Unzustellbar:_A_letter?=\n", "Ihre Nachricht hat einige Empfänger nicht erreicht.\n\n      reader@example.net am 01.03.2027 10:00\n            Das Postfach des Empfängers ist voll. Quota überschritten.\n"), Soft, MailboxFull, "5.2.2"},
		"french":                 {words("Return-Path: <>\nFrom: postmaster@example.net\nSubject: Message non remis\nContent-Type: text/plain; charset=utf-8\n", "Votre message n'a pas pu être remis à :\n\n<reader@example.net> : destinataire inconnu\n"), Hard, UserUnknown, "5.1.1"},
		"spanish, one address":   {words("Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: Correo devuelto\nContent-Type: text/plain; charset=utf-8\n", "No se pudo entregar su mensaje a reader@example.net: buzón lleno\n"), Soft, MailboxFull, "5.2.2"},
		"japanese":               {words("Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: =?utf-8?B?6YWN5L+h5LiN6IO9?=\nContent-Type: text/plain; charset=utf-8\n", "次の宛先に配信できませんでした。\n\n<reader@example.net>\n550 5.1.1 User unknown\n"), Hard, UserUnknown, "5.1.1"},
		"russian":                {words("Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: failure\nContent-Type: text/plain; charset=utf-8\n", "Ваше письмо не может быть доставлено:\n\n reader@example.net\n   550 5.2.2 mailbox full\n"), Soft, MailboxFull, "5.2.2"},
		"chinese":                {words("From: postmaster@example.net\nSubject: =?utf-8?B?57O757uf6YCA5L+h?=\nContent-Type: text/plain; charset=utf-8\n", "您的邮件无法送达：reader@example.net\n用户不存在\n"), Hard, UserUnknown, "5.1.1"},
		"html alone":             {words("Return-Path: <>\nFrom: postmaster@example.net\nSubject: Undeliverable: A letter\nContent-Type: text/html\n", "<html><head><style>p{}</style></head><body><p>Delivery has failed to these recipients:</p><p><a href=\"mailto:reader@example.net\">reader@example.net</a><br>The recipient's mailbox is full.</p></body></html>"), Soft, MailboxFull, "5.2.2"},
		"dutch, of words":        {words("Return-Path: <>\nFrom: postmaster@example.net\nSubject: Niet te bezorgen: A letter\n", "Bezorging aan de volgende geadresseerden is mislukt:\n\nreader@example.net\nHet adres is niet gevonden.\n\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n"), Hard, UserUnknown, "5.1.1"},
		"finnish":                {words("Return-Path: <>\nFrom: postmaster@example.net\nSubject: Ilmoitus\nContent-Type: text/plain; charset=utf-8\n", "Sanoma palautettiin.\n\n  reader@example.net\n\nVastaanottajaa ei löydy.\n"), Hard, UserUnknown, "5.1.1"},
		"swedish, full":          {words(daemon+"Content-Type: text/plain; charset=utf-8\n", "Brevet kom inte fram.\n\n  reader@example.net\n\nMottagarens postlåda är full, det finns inte plats.\n"), Soft, MailboxFull, "5.2.2"},
		"daemon, unheard words":  {words("From: MAILER-DAEMON@mx.example.net\nSubject: hm\n", "Nothing was to be done.\n\n<reader@example.net>: 552 5.2.2 mailbox full\n"), Soft, MailboxFull, "5.2.2"},
		"nobody cites an answer": {words("Return-Path: <>\nFrom: gate@example.org\nSubject: hm\n", "Nothing was to be done for reader@example.net.\n\n550 5.1.1 no such user\n"), Hard, UserUnknown, "5.1.1"},
		"sendmail, in one go":    {words(daemon, "   ----- The following addresses had permanent fatal errors -----\n<reader@example.net>\n    (reason: 550 user unknown)\n\n   ----- Transcript of session follows -----\n>>> DATA\n<<< 550 user unknown\n550 5.1.1 <reader@example.net>... User unknown\n<<< 503 need RCPT first\n"), Hard, UserUnknown, "5.1.1"},
		"sendmail, the mail":     {words(daemon, "   ----- The following addresses had permanent fatal errors -----\n<reader@example.net>\n    (reason: 554 user unknown)\n\n   ----- Transcript of session follows -----\n>>> DATA\n<<< 554 user unknown\n554 5.0.0 Service unavailable\n"), Soft, Filtered, "5.2.0"},
		"5.7.1, but of nobody":   {words(daemon, "<reader@example.net>: host mx.example.net said: 550 5.7.1 No such user (in reply to RCPT TO command)\n"), Hard, UserUnknown, "5.7.1"},
		"5.7.1, of somebody":     {words(daemon, "<reader@example.net>: host mx.example.net said: 550 5.7.1 recipient not available to unknown you (in reply to RCPT TO command)\n"), Soft, Filtered, "5.7.1"},
		"a gate cites another":   {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 5.1.0 - Unknown error 550-'5.1.1 RESOLVER.ADR.RecipNotFound; not found'"), Hard, UserUnknown, "5.1.1"},
		"greylisted":             {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 4.2.0\nDiagnostic-Code: smtp; 450 4.2.0 greylisted, come again"), Soft, RateLimit, "4.2.0"},
		"4.1.1, nobody":          {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 4.1.1\nDiagnostic-Code: smtp; 450 4.1.1 user unknown in table"), Hard, UserUnknown, "4.1.1"},
		"4.1.1, come again":      {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 4.1.1\nDiagnostic-Code: smtp; 450 4.1.1 unverified address: user unknown"), Soft, Network, "4.1.1"},
		"whose filter knows us":  {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user not found in allowlist"), Soft, Filtered, "5.1.1"},
		"asked about us":         {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 sender verify callout: user unknown"), Soft, Rejected, "5.1.8"},
		"blocked is not locked":  {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 554 too many unknown recipients from your IP, blocked"), Soft, Blocked, "5.7.1"},
		"in French, waiting":     {words("Return-Path: <>\nFrom: postmaster@example.net\nSubject: Remise différée\nContent-Type: text/plain; charset=utf-8\n", "La remise a été retardée :\n\n  reader@example.net\n"), Delayed, Undefined, ""},
		"key and value":          {words(daemon, "Nothing was to be done:\nrecipient=reader@example.net\nstatus=5.2.2\nmailbox full\n"), Soft, MailboxFull, "5.2.2"},
		"5.1.1, for now":         {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 mailbox temporarily unavailable"), Soft, System, "5.1.1"},
		"our domain":             {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 the sending domain does not exist here"), Soft, Rejected, "5.1.1"},
		"commands in disorder":   {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.5.1\nDiagnostic-Code: smtp; 503 5.5.1 need RCPT, user unknown to me"), Soft, Filtered, "5.5.1"},
		"too old":                {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.4.7\nDiagnostic-Code: smtp; 550 5.4.7 unknown user when last asked"), Soft, Filtered, "5.4.7"},
		"Japanese words":         {words("From: postmaster@example.net\nSubject: =?utf-8?B?6YWN6YCB44Ko44Op44O8?=\nContent-Type: text/plain; charset=utf-8\n", "reader@example.net\n宛先のアドレスは存在しません。\n"), Hard, UserUnknown, "5.1.1"},
		"takes none from us":     {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 this user does not accept mail from outside"), Soft, Filtered, "5.7.1"},
		"asked in advance":       {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 rejected: undeliverable address: host mail.example.net said: 550 5.1.1 user doesn't exist"), Hard, UserUnknown, "5.1.1"},
		"asked, and blocked":     {standard("Final-Recipient: rfc822; reader@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 rejected: undeliverable address: host mail.example.net said: 554 blocked by a blocklist"), Soft, Blocked, "5.1.1"},
		"sendmail still trying":  {words(daemon, "   ----- The following addresses had transient non-fatal errors -----\n<reader@example.net>\n\n   ----- Transcript of session follows -----\nWill keep trying until message is 5 days old\n"), Delayed, Undefined, ""},
		"bare refusal":           {words(daemon, "<reader@example.net>:\n550 no such user\n"), Soft, Filtered, "5.2.0"},
		"4xx is not for ever":    {words(daemon, "<reader@example.net>:\n450 user unknown (in reply to RCPT TO command)\n"), Soft, Network, "4.4.1"},
		"amazon's notice":        {words("From: no-reply@sns.amazonaws.com\nSubject: AWS Notification Message\n", `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"reader@example.net","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}`), Hard, UserUnknown, "5.1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, c.raw)
			if got.Kind != Bounce || got.Type != c.kind || got.Reason != c.reason || got.Status != c.status || !slices.Equal(got.Recipients, []string{"reader@example.net"}) {
				t.Errorf("%s (%s): %s %s %q for %q, want %s %s %q", got.Kind, got.Why, got.Type, got.Reason, got.Status, got.Recipients, c.kind, c.reason, c.status)
			}
		})
	}
}

func TestRecipients(t *testing.T) {
	t.Parallel()
	two := read(t, standard("Final-Recipient: rfc822; one@example.net\nAction: failed\nStatus: 5.2.2\n\nFinal-Recipient: rfc822; two@example.net\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; three@example.net\nAction: delivered\nStatus: 2.0.0"))
	if want := []string{"one@example.net", "two@example.net"}; !slices.Equal(two.Recipients, want) {
		t.Errorf("got %q, want %q: who got the mail is not reported", two.Recipients, want)
	}
	named := read(t, words("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: Returned mail\n", "Undeliverable.\nFor help write to postmaster@mx.example.net or support@example.net.\nSent by letters@letters.example to b-token@bounce.letters.example.\n\n   ----- Original message -----\n\n"+returnedMail))
	if want := []string{"reader@example.net"}; !slices.Equal(named.Recipients, want) || named.Type == Hard {
		t.Errorf("got %q %s, want %q", named.Recipients, named.Type, want)
	}
}

func TestComplaint(t *testing.T) {
	t.Parallel()
	arf := func(fields, inner string) string {
		return "From: fbl@example.net\nSubject: FW: A letter\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nA reader complains.\n--b\nContent-Type: message/feedback-report\n\nVersion: 1\n" + fields + "\n--b\nContent-Type: message/rfc822\n\n" + inner + "\n--b--\n"
	}
	for name, c := range map[string]struct {
		raw    string
		reason Reason
		stops  bool
	}{
		"ARF":                  {arf("Feedback-Type: abuse\nOriginal-Rcpt-To: <reader@example.net>\n", "From: x@letters.example\nTo: hidden@example.net\n\nx"), "abuse", true},
		"ARF, to alone":        {arf("Feedback-Type: abuse\n", returnedMail), "abuse", true},
		"ARF, not spam":        {arf("Feedback-Type: not-spam\n", returnedMail), "not-spam", false},
		"ARF, dkim failed":     {arf("Feedback-Type: auth-failure\n", returnedMail), "auth-failure", false},
		"before there was":     {"From: staff@example.net\nSubject: complaint about message from 192.0.2.1\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: reader@example.net\n" + returnedMail + "\n--b--\n", "abuse", true},
		"our own mail, marked": {"X-HmXmrOriginalRecipient: reader@example.net\n" + returnedMail, "abuse", true},
		"a notice in JSON":     {"From: a@b.example\nSubject: AWS Notification Message\n\n" + `{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"Reader@example.net"}]}}`, "abuse", true},
		"ARF, only headers":    {strings.ReplaceAll(arf("Feedback-Type: abuse\n", returnedMail), "message/rfc822", "text/rfc822-headers"), "abuse", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, c.raw)
			if got.Kind != Complaint || got.Type != None || got.Reason != c.reason || got.Unsubscribes() != c.stops || !slices.Equal(got.Recipients, []string{"reader@example.net"}) {
				t.Errorf("%+v", got)
			}
		})
	}
}
