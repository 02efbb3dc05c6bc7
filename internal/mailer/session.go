package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// session is one connection to the server, used by one goroutine at a time.
// go-mail opens it; the transaction is spoken here, so that each answer is
// known for what it is.
type session struct {
	client *smtp.Client
	conn   net.Conn // under any TLS; closing it ends everything at once
	sent   int      // transactions begun
	timer  *time.Timer
}

// open dials, greets, secures and signs in.
func (s *SMTP) open(ctx context.Context) (*session, error) {
	var conn net.Conn
	release := func() bool { return true }
	dial := func(dialCtx context.Context, network, _ string) (net.Conn, error) {
		address := net.JoinHostPort(s.relay.host, strconv.Itoa(s.relay.port))
		raw, err := (&net.Dialer{}).DialContext(dialCtx, network, address)
		if err != nil {
			return nil, err
		}
		conn = raw
		// The library bounds what follows by time alone; the caller may give up sooner.
		release = context.AfterFunc(ctx, func() { raw.Close() })
		if s.relay.security != securityTLS {
			return raw, nil
		}
		secure := tls.Client(raw, s.tls)
		return secure, secure.HandshakeContext(dialCtx)
	}
	client, err := mail.NewClient(s.relay.host, s.clientOptions(dial)...)
	if err != nil {
		return nil, fmt.Errorf("set up the SMTP client: %w", err)
	}
	opened, err := client.DialToSMTPClientWithContext(ctx)
	if !release() {
		err = context.Cause(ctx)
	}
	if err != nil {
		if conn != nil {
			conn.Close() // the library leaves it open
		}
		return nil, err
	}
	return &session{client: opened, conn: conn}, nil
}

func (s *SMTP) clientOptions(dial mail.DialContextFunc) []mail.Option {
	policy := mail.NoTLS // none, or our own dialling has secured it
	if s.relay.security == securitySTARTTLS {
		policy = mail.TLSMandatory
	}
	options := []mail.Option{
		mail.WithPort(s.relay.port), mail.WithTimeout(s.timeouts.Open),
		mail.WithTLSPolicy(policy), mail.WithTLSConfig(s.tls), mail.WithDialContextFunc(dial),
	}
	if s.hello != "" {
		options = append(options, mail.WithHELO(s.hello))
	}
	if s.relay.user == "" {
		return options
	}
	return append(options, mail.WithUsername(s.relay.user), mail.WithPassword(s.relay.password),
		mail.WithOpportunisticSMTPAuth(s.relay.mechanisms()...))
}

// mechanisms are those to sign in by, best first. A password goes in the clear
// only to this machine itself.
func (r relay) mechanisms() []mail.SMTPAuthType {
	all := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthCramMD5}
	if r.security != securityNone || isLoopback(r.host) {
		all = slices.Insert(all, 2, mail.SMTPAuthPlain, mail.SMTPAuthLogin)
	}
	return all
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ending says what becomes of a session after a transaction.
type ending int

const (
	endKeep  ending = iota // ready for the next
	endDrop                // broken, or about to be closed by the server
	endStale               // broken before anything was decided: worth a fresh connection
)

// deliver runs one transaction (RFC 5321, section 3.3).
func (c *session) deliver(ctx context.Context, e Envelope, limits Timeouts) (Outcome, ending) {
	release := context.AfterFunc(ctx, func() { c.conn.Close() })
	c.sent++
	o, end := c.transact(e, limits)
	if release() {
		return o, end
	}
	if o.Code == 0 && (o.Result == ResultRetry || o.Result == ResultUnknown) {
		o.Detail, o.Blame = leftOff(context.Cause(ctx)).Detail, BlameNone
	}
	return o, endDrop
}

func (c *session) transact(e Envelope, limits Timeouts) (Outcome, ending) {
	params, refusal := c.parameters(e)
	if refusal != "" {
		return Outcome{Result: ResultRefused, Detail: refusal, Blame: BlameMail}, endKeep
	}
	for _, step := range []struct {
		at   stage
		line string
	}{
		{stageMail, "MAIL FROM:<" + asciiDomain(e.From) + ">" + params},
		{stageRcpt, "RCPT TO:<" + asciiDomain(e.To) + ">"},
	} {
		r, err := c.command(limits.Command, step.line)
		if err != nil {
			return failure(err), endStale
		}
		if r.code/100 != 2 {
			return c.refused(step.at, r, limits, endStale)
		}
	}
	if e.Before != nil {
		if err := e.Before(); err != nil {
			return Outcome{Result: ResultAbandoned, Detail: oneLine(err.Error())}, c.reset(limits)
		}
	}
	r, err := c.command(limits.Command, "DATA")
	if err != nil {
		return failure(err), endDrop
	}
	if r.code != 354 {
		return c.refused(stageData, r, limits, endDrop)
	}
	return c.body(e.Raw, limits)
}

// body writes the mail and its final dot, and waits for the server to take it.
func (c *session) body(raw []byte, limits Timeouts) (Outcome, ending) {
	_ = c.conn.SetDeadline(time.Now().Add(limits.Body))
	w := c.client.Text.DotWriter()
	_, err := w.Write(raw)
	if closing := w.Close(); err == nil {
		err = closing
	}
	if err != nil {
		// The dot is the last that is written, so it has not gone out whole. The
		// server may have said why before it hung up.
		if r, readErr := c.read(); readErr == nil && r.code >= 400 {
			return verdict(stageBody, r), endDrop
		}
		return failure(err), endDrop
	}
	_ = c.conn.SetDeadline(time.Now().Add(limits.Final))
	r, err := c.read()
	switch {
	case err != nil:
		return Outcome{Result: ResultUnknown, Detail: detail(reply{text: err.Error()}), Blame: BlameServer}, endDrop
	case r.code/100 == 2:
		o := verdict(stageBody, r)
		o.Result, o.Blame = ResultSent, BlameNone
		return o, endKeep
	case r.code == 421:
		return verdict(stageBody, r), endDrop
	}
	return verdict(stageBody, r), endKeep
}

// refused ends a transaction that the server would not go on with.
func (c *session) refused(at stage, r reply, limits Timeouts, lost ending) (Outcome, ending) {
	if r.code == 421 { // it closes the connection (RFC 5321, section 3.8)
		return verdict(at, r), lost
	}
	return verdict(at, r), c.reset(limits)
}

func (c *session) reset(limits Timeouts) ending {
	if r, err := c.command(limits.Command, "RSET"); err != nil || r.code/100 != 2 {
		return endDrop
	}
	return endKeep
}

func (c *session) command(limit time.Duration, line string) (reply, error) {
	if err := c.conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return reply{}, err
	}
	err := c.client.Text.PrintfLine("%s", line)
	var r reply
	if err == nil {
		r, err = c.read()
	}
	if err != nil {
		verb, _, _ := strings.Cut(line, " ")
		return reply{}, fmt.Errorf("%s: %w", verb, err)
	}
	return r, nil
}

func (c *session) read() (reply, error) {
	code, text, err := c.client.Text.ReadResponse(0)
	return reply{code, text}, err
}

// parameters are those of MAIL that the server offers and this mail needs. A
// refusal says what the server lacks.
func (c *session) parameters(e Envelope) (params, refusal string) {
	var p []string
	offers := func(extension string) bool { ok, _ := c.client.Extension(extension); return ok }
	eightBit := !isASCII(string(e.Raw))
	if !isASCII(asciiDomain(e.From)) || !isASCII(asciiDomain(e.To)) {
		if !offers("SMTPUTF8") { // RFC 6531, section 3.1
			return "", "the mail server takes no addresses with characters outside ASCII (it does not offer SMTPUTF8)"
		}
		p = append(p, "SMTPUTF8")
		eightBit = true
	}
	if eightBit {
		if !offers("8BITMIME") { // RFC 6152, section 3
			return "", "the mail server takes no mails with characters outside ASCII (it does not offer 8BITMIME)"
		}
		p = append(p, "BODY=8BITMIME")
	}
	if offers("SIZE") { // RFC 1870
		p = append(p, fmt.Sprintf("SIZE=%d", len(e.Raw)))
	}
	if offers("DSN") { // RFC 3461, sections 4.3 and 4.4
		p = append(p, "RET=HDRS")
		if id := xtext(e.MessageID); id != "" && len(id) <= 100 {
			p = append(p, "ENVID="+id)
		}
	}
	if len(p) == 0 {
		return "", ""
	}
	return " " + strings.Join(p, " "), ""
}

// xtext encodes a value of a parameter (RFC 3461, section 4).
func xtext(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if ch := s[i]; ch < '!' || ch > '~' || ch == '+' || ch == '=' {
			fmt.Fprintf(&b, "+%02X", ch)
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// quit takes leave and closes; it never waits for long.
func (c *session) quit() {
	_, _ = c.command(2*time.Second, "QUIT")
	c.conn.Close()
}

var errClosed = errors.New("the mailer is closing")
