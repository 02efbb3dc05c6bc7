package doctor

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// server asks the mail server that takes our mails.
func (e *examination) server(ctx context.Context) {
	if e.Ask == nil {
		return
	}
	s := e.Ask(ctx)
	if s.Err != nil {
		e.note("server", e.SMTPHost, Fault, fmt.Sprintf("it does not take us: %v", s.Err), "check LONGROAD_SMTP_URL", "")
		return
	}
	e.note("server", e.SMTPHost, Fine, "it answers, and lets us in", "", "")
	if !s.Secure {
		e.note("server", e.SMTPHost, Warning, "what is handed to it goes unencrypted", "use tls=starttls or tls=tls, unless it is this machine", gmail)
	}
	for _, extension := range []struct{ name, why string }{
		{"8BITMIME", "mails go as they are"},
		{"DSN", "it is told to return headers only (RFC 3461)"},
	} {
		if !slices.ContainsFunc(s.Extensions, func(x string) bool { return strings.EqualFold(x, extension.name) }) {
			e.note("server", e.SMTPHost, Warning, "it does not offer "+extension.name+": with it, "+extension.why, "", "")
		}
	}
}

// pages looks whether readers, and mailbox providers, reach the pages.
func (e *examination) pages(ctx context.Context) {
	u, err := url.Parse(e.BaseURL)
	if err != nil || u.Host == "" {
		return
	}
	if u.Scheme != "https" {
		e.note("unsubscribe", e.BaseURL, Fault, "the address behind List-Unsubscribe is not https", "set LONGROAD_BASE_URL to an https address (RFC 8058, section 3.1)", everybody)
	} else {
		e.note("unsubscribe", e.BaseURL, Fine, "one-click unsubscribing is https, and inside the signature", "", everybody)
	}
	if organisation(u.Hostname()) != organisation(e.From) {
		e.note("pages", u.Hostname(), Warning, "the links lead to another domain than the sender's", "use a name below "+organisation(e.From)+": filters trust that more", "")
	}
	if e.Fetch == nil {
		return
	}
	switch status, err := e.Fetch(ctx, e.BaseURL+"/healthz"); {
	case err != nil:
		e.note("pages", e.BaseURL, Fault, fmt.Sprintf("the pages cannot be reached: %v", err), "check the name, the proxy and its certificate", "")
	case status != 200:
		e.note("pages", e.BaseURL, Fault, fmt.Sprintf("the pages answer %d", status), "check that the proxy passes everything on to serve", "")
	default:
		e.note("pages", e.BaseURL, Fine, "the pages answer", "", "")
	}
}

// records are the lines to paste.
func (e *examination) records() []Record {
	all := []Record{}
	spf := "v=spf1"
	for _, ip := range e.IPs {
		kind := " ip4:"
		if ip.Is6() {
			kind = " ip6:"
		}
		spf += kind + ip.String()
	}
	if e.relayed || len(e.IPs) == 0 {
		spf += " include:WHAT-YOUR-PROVIDER-SAYS"
	}
	all = append(all, Record{e.BounceDomain, "TXT", spf + " -all"})
	for _, k := range e.Keys {
		all = append(all, Record{k.Name, "TXT", k.Value})
	}
	all = append(all, Record{"_dmarc." + e.From, "TXT", "v=DMARC1; p=none; rua=mailto:postmaster@" + e.From})
	host := "YOUR-MAIL-SERVER"
	if u, err := url.Parse(e.BaseURL); err == nil && e.InboundHere && u.Hostname() != "" {
		host = u.Hostname()
	}
	for _, domain := range slices.Compact([]string{e.ReplyDomain, e.BounceDomain}) {
		all = append(all, Record{domain, "MX", "10 " + host + "."})
	}
	return all
}
