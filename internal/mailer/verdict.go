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
//	552 without a status          too big at MAIL; from RCPT on a full mailbox: retry
//
// and says whom it blames: see blame.
func verdict(at stage, r reply) Outcome {
	o := Outcome{Result: ResultRetry, Code: r.code, Detail: detail(r), Blame: BlameMail}
	class, subject, number := "", "", ""
	if m := statusCode.FindStringSubmatch(r.text); m != nil {
		o.Enhanced = m[1] + "." + m[2] + "." + m[3]
		class, subject, number = m[1], m[2], m[3]
	}
	tooBig := o.Enhanced == "5.3.4" || o.Enhanced == "5.2.3" || class == "" && r.code == 552 && at == stageMail
	if !tooBig {
		o.Blame = blame(at, r.code, class, subject, number)
	}
	if r.code < 500 || r.code > 599 || at == stageOpen || class == "4" || class == "2" {
		return o
	}
	switch {
	case tooBig:
		o.Result = ResultRefused
	case at == stageMail || at == stageData && class == "":
	case class == "" && (isAboutUs(r.code) || r.code == 552):
	case isBadRecipient(o.Enhanced):
		o.Result, o.BadRecipient = ResultRefused, true
	case isSender(subject, number):
	case o.Enhanced == "5.2.2":
	case subject == "3" || subject == "4" || subject == "5" || subject == "7":
	default:
		o.Result = ResultRefused
	}
	return o
}

// blame tells a refusal that any mail would have met from one of this mail. The
// server is blamed for what it says before it has heard of the recipient, for
// hanging up (421), for the state of its own system (x.3.x), and for what it
// says of us: our address (x.1.7 to x.1.9) or our right to send.
func blame(at stage, code int, class, subject, number string) Blame {
	switch {
	case at <= stageMail, code == 421, isSender(subject, number):
		return BlameServer
	case subject == "3" && number != "4": // x.3.4: this mail is too big
		return BlameServer
	case class == "" && code >= 500 && isAboutUs(code) && at != stageData:
		return BlameServer
	}
	return BlameMail
}

// isSender tells the statuses that speak of our bounce address.
func isSender(subject, number string) bool {
	return subject == "1" && (number == "7" || number == "8" || number == "9")
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
// or of the connection, for which the server is blamed too.
func failure(err error) Outcome {
	var refused *textproto.Error
	if errors.As(err, &refused) {
		return verdict(stageOpen, reply{refused.Code, refused.Msg})
	}
	o := leftOff(err)
	o.Blame = BlameServer
	return o
}

// leftOff is the outcome where we ended it ourselves: no server is to blame.
func leftOff(err error) Outcome {
	return Outcome{Result: ResultRetry, Detail: detail(reply{text: strings.TrimSpace(err.Error())})}
}
