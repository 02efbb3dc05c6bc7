package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"longroad/internal/doctor"
	"longroad/internal/mailer"
)

type doctorCommand struct {
	IP      []string `name:"ip" placeholder:"ADDRESS" help:"From where your mails leave, if that is not the server of LONGROAD_SMTP_URL."`
	Offline bool     `help:"Look at nothing outside: only print the DNS records to paste."`
	JSON    bool     `name:"json" help:"Print one JSON object."`
}

// Help says what it rests on.
func (doctorCommand) Help() string {
	return "It asks the DNS, the mail server and your own pages, and sends no mail. What Gmail, Yahoo and Microsoft demand of who sends to many people is marked so. " +
		"The exit code is 1 where something is at fault. What it cannot see: your reputation, and the mails that your provider signs; send yourself one with longroad course send-test and look at its headers."
}

// Run examines what the configuration names.
func (cmd doctorCommand) Run(ctx context.Context, env *environment) error {
	c, err := env.Config()
	if err != nil {
		return err
	}
	if err := c.check(needSMTP, needBaseURL, needMail); err != nil {
		return err
	}
	patient, err := c.doctorCase(cmd.IP)
	if err != nil {
		return misuse{err}
	}
	if cmd.Offline {
		patient.Resolver, patient.Ask, patient.Fetch = nowhere{}, nil, nil
	}
	r := doctor.Examine(ctx, patient)
	if cmd.Offline {
		r.Findings = []doctor.Finding{}
	}
	if cmd.JSON {
		err = writeJSON(env.Stdout, r)
	} else {
		writeExamination(env.Stdout, r)
	}
	if err == nil && r.Faults() > 0 {
		err = errSilent
	}
	return err
}

// doctorCase gathers what there is to look at.
func (c config) doctorCase(ips []string) (doctor.Case, error) {
	patient := doctor.Case{
		From: c.domain(), ReplyDomain: c.ReplyDomain, BounceDomain: c.BounceDomain, BaseURL: c.BaseURL,
		InboundHere: c.InboundAddr != "", InboundAway: c.IMAPURL != "" || len(entries(c.InboundSecret)) > 0,
		Resolver: net.DefaultResolver, Ask: c.askServer, Fetch: fetchStatus,
	}
	if u, err := url.Parse(c.SMTPURL); err == nil {
		patient.SMTPHost = u.Hostname()
	}
	for _, text := range ips {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return patient, fmt.Errorf("%q is no address such as 192.0.2.1", text)
		}
		patient.IPs = append(patient.IPs, ip)
	}
	s, err := c.signer()
	if s == nil || err != nil {
		return patient, err
	}
	records, err := s.Records()
	for _, r := range records {
		patient.Keys = append(patient.Keys, doctor.Key{Name: r.Name, Value: r.Value})
	}
	patient.KeyWarnings = c.dkimWarnings()
	return patient, err
}

// askServer visits the mail server without a mail.
func (c config) askServer(ctx context.Context) doctor.Server {
	sender, err := mailer.NewSMTP(c.SMTPURL, mailer.WithHello(c.domain()))
	if err != nil {
		return doctor.Server{Err: err}
	}
	defer sender.Close()
	p, err := sender.Probe(ctx)
	return doctor.Server{Extensions: p.Extensions, Secure: p.Secure, Err: err}
}

// fetchStatus asks a page for its status, and follows nobody elsewhere.
func fetchStatus(ctx context.Context, address string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, nil
}

// nowhere is a DNS that knows nothing.
type nowhere struct{}

func (nowhere) none(name string) error { return &net.DNSError{Name: name, IsNotFound: true} }

func (n nowhere) LookupTXT(_ context.Context, name string) ([]string, error) {
	return nil, n.none(name)
}

func (n nowhere) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return nil, n.none(name)
}

func (n nowhere) LookupAddr(_ context.Context, name string) ([]string, error) {
	return nil, n.none(name)
}

func (n nowhere) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	return nil, n.none(name)
}

// writeExamination tells a person what was found, the worst first.
func writeExamination(w io.Writer, r doctor.Report) {
	for _, state := range []doctor.State{doctor.Fault, doctor.Unseen, doctor.Warning, doctor.Fine} {
		for _, f := range r.Findings {
			if f.State != state {
				continue
			}
			fmt.Fprintf(w, "%-8s %-11s %s: %s", f.State, f.Check, f.About, f.Text)
			if f.Wanted != "" && f.State != doctor.Fine {
				fmt.Fprintf(w, " (wanted by %s)", f.Wanted)
			}
			fmt.Fprintln(w)
			if f.Remedy != "" {
				fmt.Fprintf(w, "%-20s  %s\n", "", f.Remedy)
			}
		}
	}
	if len(r.Findings) > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "The DNS should hold:")
	for _, record := range r.Records {
		value := record.Value
		if record.Type == "TXT" {
			value = quoteTXT(value)
		}
		fmt.Fprintf(w, "%s. %s %s\n", strings.TrimSuffix(record.Name, "."), record.Type, value)
	}
}

// quoteTXT writes a text in strings of at most 255 octets (RFC 1035, section 3.3).
func quoteTXT(value string) string {
	const most = 255
	var parts []string
	for len(value) > most {
		parts, value = append(parts, `"`+value[:most]+`"`), value[most:]
	}
	return strings.Join(append(parts, `"`+value+`"`), " ")
}
