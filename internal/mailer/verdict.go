package mailer

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"
)

// stage is how far a transaction had come when the server answered.
type stage int

const (
	stageOpen stage = iota // greeting, EHLO, STARTTLS, AUTH
	stageMail
	stageRcpt
	stageData
	stageBody // after the final dot
)

// reply is one answer of a server: its code and its words, lines joined by "\n".
type reply struct {
	code int
	text string
}

// Some servers lead with the status on every line; the first one counts
// (RFC 2034, section 4).
var statusCode = regexp.MustCompile(`^([245])\.(\d{1,3})\.(\d{1,3})(?:\s|$)`)

// verdict turns a refusal into an outcome:
//
//	4xx, 421 anywhere             retry
//	any refusal before MAIL       retry: it is about us or the server
//	5.1.1 .2 .3 .6 .10, 5.2.1     refused, the recipient is bad (from RCPT on)
//	5.1.7 .8 .9                   retry: it is about our bounce address
//	5.2.2                         retry: a full mailbox is emptied some day
//	5.3.4, 5.2.3                  refused: this mail is too big
//	5.3.x, 5.4.x, 5.5.x, 5.7.x    retry: the system, the route, the dialogue, policy
//	other 5.x, from RCPT on       refused
//	5xx without a status          by its code, see isAboutUs; never a bad recipient
//	5xx with a 4.x.x status       retry: unknown is not permanent
//	5xx at MAIL                   retry, unless this mail is too big
func verdict(at stage, r reply) Outcome {
	o := Outcome{Result: ResultRetry, Code: r.code, Detail: detail(r)}
	class, subject, number := "", "", ""
	if m := statusCode.FindStringSubmatch(r.text); m != nil {
		o.Enhanced = m[1] + "." + m[2] + "." + m[3]
		class, subject, number = m[1], m[2], m[3]
	}
	if r.code < 500 || r.code > 599 || at == stageOpen || class == "4" || class == "2" {
		return o
	}
	tooBig := o.Enhanced == "5.3.4" || o.Enhanced == "5.2.3" || (class == "" && r.code == 552)
	switch {
	case tooBig:
		o.Result = ResultRefused
	case at == stageMail || at == stageData && class == "":
	case class == "" && isAboutUs(r.code):
	case isBadRecipient(o.Enhanced):
		o.Result, o.BadRecipient = ResultRefused, true
	case subject == "1" && (number == "7" || number == "8" || number == "9"):
	case o.Enhanced == "5.2.2":
	case subject == "3" || subject == "4" || subject == "5" || subject == "7":
	default:
		o.Result = ResultRefused
	}
	return o
}

func isBadRecipient(enhanced string) bool {
	switch enhanced {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return true
	}
	return false
}

// isAboutUs tells codes that speak of the dialogue or of our right to send
// from those about the recipient or the mail (RFC 5321, 4954, 7504).
func isAboutUs(code int) bool { return code < 550 }

func detail(r reply) string {
	const most = 500
	return clip(oneLine(r.text), most)
}

// failure turns an error into an outcome: of the server, if it said something,
// or of the connection.
func failure(err error) Outcome {
	var refused *textproto.Error
	if errors.As(err, &refused) {
		return verdict(stageOpen, reply{refused.Code, refused.Msg})
	}
	return Outcome{Result: ResultRetry, Detail: detail(reply{text: strings.TrimSpace(err.Error())})}
}
