package mailbox

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"time"
)

// errNoSender says that a mail names nobody who could be answered.
var errNoSender = errors.New("the mail has neither a Reply-To nor a From that can be answered")

// reply is an answer as a person's mail program would send it.
type reply struct {
	from, to  string // the envelope
	messageID string
	raw       []byte
}

// buildReply answers a caught mail: from its recipient, to its Reply-To, with the
// references of RFC 5322 section 3.6.4 and the original quoted below.
func buildReply(l Letter, original []byte, text string, now time.Time) (reply, error) {
	m, err := mail.ReadMessage(bytes.NewReader(original))
	if err != nil {
		return reply{}, fmt.Errorf("read the mail: %w", err)
	}
	sender := firstAddress(m.Header.Get("From"))
	to := firstAddress(m.Header.Get("Reply-To"))
	if to == nil {
		to = sender
	}
	if to == nil {
		return reply{}, errNoSender
	}
	recipient, _, _ := strings.Cut(l.To, ", ")
	from := mail.Address{Address: recipient}
	domain := recipient[strings.LastIndexByte(recipient, '@')+1:]
	r := reply{from: recipient, to: to.Address, messageID: fmt.Sprintf("<%s@%s>", strings.ToLower(rand.Text()), domain)}

	var b bytes.Buffer
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	field("From", from.String())
	field("To", to.String())
	field("Subject", mime.QEncoding.Encode("utf-8", replySubject(l.Subject)))
	field("Date", now.Format(time.RFC1123Z))
	field("Message-ID", r.messageID)
	ids := messageID.FindAllString(m.Header.Get("Message-ID"), 1)
	field("In-Reply-To", strings.Join(ids, " "))
	// One a line: a long thread would pass the 998 bytes of RFC 5322 section 2.1.1.
	field("References", strings.Join(append(messageID.FindAllString(m.Header.Get("References"), -1), ids...), "\r\n "))
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	qp := quotedprintable.NewWriter(&b)
	if _, err := qp.Write([]byte(replyBody(l, sender, text))); err != nil {
		return reply{}, err
	}
	if err := qp.Close(); err != nil {
		return reply{}, err
	}
	r.raw = b.Bytes()
	return r, nil
}

var messageID = regexp.MustCompile(`<[^<>\s]+>`)

func replySubject(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return "Re: " + subject
}

// replyBody writes the answer above the quoted original, with CRLF line ends.
func replyBody(l Letter, sender *mail.Address, text string) string {
	var b strings.Builder
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	b.WriteString(strings.TrimRight(text, "\n"))
	who := l.From
	if sender != nil {
		who = strings.TrimSpace(sender.Name + " <" + sender.Address + ">")
	}
	fmt.Fprintf(&b, "\n\nOn %s, %s wrote:\n\n", l.At.Format("Mon, 2 Jan 2006 at 15:04"), who)
	for line := range strings.Lines(strings.TrimRight(l.Text, "\n") + "\n") {
		line = strings.TrimRight(line, "\n")
		// An empty line and one that is a quote already get no space after the sign.
		if line != "" && line[0] != '>' {
			line = " " + line
		}
		b.WriteString(">" + line + "\n")
	}
	return strings.ReplaceAll(b.String(), "\n", "\r\n")
}
