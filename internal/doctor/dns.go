package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

func asDNS(err error, into **net.DNSError) bool { return errors.As(err, into) }

// texts gives the TXT records of a name that begin so.
func (e *examination) texts(ctx context.Context, name, begin string) ([]string, error) {
	all, err := e.Resolver.LookupTXT(ctx, name)
	if err != nil && !missing(err) {
		return nil, err
	}
	var found []string
	for _, text := range all {
		if strings.HasPrefix(strings.ToLower(text), begin) {
			found = append(found, text)
		}
	}
	return found, nil
}

func (e *examination) unseen(check, about string) {
	e.note(check, about, Unseen, "the DNS does not answer", "try again, or ask another resolver", "")
}

// spf looks at who may send for the domain of the bounce addresses (RFC 7208).
func (e *examination) spf(ctx context.Context) {
	domain := e.BounceDomain
	found, err := e.texts(ctx, domain, "v=spf1")
	switch {
	case err != nil:
		e.unseen("spf", domain)
		return
	case len(found) == 0:
		e.note("spf", domain, Fault, "no SPF record says who may send for it", "add the record below", everybody)
		return
	case len(found) > 1:
		e.note("spf", domain, Fault, fmt.Sprintf("there are %d SPF records, and receivers take none of them", len(found)), "make them one (RFC 7208, section 3.2)", everybody)
		return
	}
	switch record := strings.ToLower(found[0]); {
	case strings.Contains(record, "+all"), strings.HasSuffix(record, " all"):
		e.note("spf", domain, Fault, "the SPF record lets everybody send", "let it end in -all", everybody)
	case !strings.Contains(record, "-all") && !strings.Contains(record, "~all") && !strings.Contains(record, "redirect="):
		e.note("spf", domain, Warning, "the SPF record does not say what of everybody else", "let it end in -all", everybody)
	}
	if len(e.IPs) == 0 {
		e.note("spf", domain, Unseen, "there is an SPF record; from where the mails leave is not known here", "name the addresses: longroad doctor --ip ADDRESS", everybody)
		return
	}
	for _, ip := range e.IPs {
		result, err := spf.CheckHostWithSender(net.IP(ip.AsSlice()), domain, "b-x@"+domain, spf.WithContext(ctx), spf.WithResolver(e.Resolver))
		switch {
		case result == spf.Pass:
			e.note("spf", ip.String(), Fine, "SPF lets it send for "+domain, "", everybody)
		case result == spf.TempError:
			e.unseen("spf", domain)
		case result == spf.PermError:
			e.note("spf", domain, Fault, fmt.Sprintf("the SPF record cannot be followed: %v", err), "mind the syntax and the ten lookups (RFC 7208, section 4.6.4)", everybody)
			return
		case e.relayed:
			e.note("spf", ip.String(), Warning, "SPF does not let the mail server send for "+domain+"; others may be who really send", "ask your provider what to include, and name the addresses with --ip", everybody)
		default:
			e.note("spf", ip.String(), Fault, "SPF does not let it send for "+domain, "add it to the record, as below", everybody)
		}
	}
}

// dkim compares the public keys with those that sign (RFC 6376).
func (e *examination) dkim(ctx context.Context) {
	if len(e.Keys) == 0 {
		e.note("dkim", e.From, Warning, "longroad signs nothing", "let your mail server sign for "+e.From+", or set LONGROAD_DKIM_KEY_FILE", everybody)
		return
	}
	for _, w := range e.KeyWarnings {
		e.note("dkim", e.From, Warning, w, "", everybody)
	}
	for _, key := range e.Keys {
		found, err := e.texts(ctx, key.Name, "")
		switch {
		case err != nil:
			e.unseen("dkim", key.Name)
		case len(found) == 0:
			e.note("dkim", key.Name, Fault, "the public key is not in the DNS", "add the record below", everybody)
		case slices.ContainsFunc(found, func(one string) bool { return tag(one, "p") == tag(key.Value, "p") }):
			e.note("dkim", key.Name, Fine, "the public key is the one that signs", "", everybody)
		case slices.ContainsFunc(found, func(one string) bool { return tag(one, "p") == "" }):
			e.note("dkim", key.Name, Fault, "the public key is withdrawn: p is empty", "put the record below in its place", everybody)
		default:
			e.note("dkim", key.Name, Fault, "the DNS holds another key than the one that signs", "put the record below in its place, whole: one string or several, without breaks between", everybody)
		}
	}
}

// tag gives the value of a tag of a DKIM record, white space taken out (RFC 6376,
// section 3.2).
func tag(record, name string) string {
	for part := range strings.SplitSeq(record, ";") {
		key, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Join(strings.Fields(value), "")
		}
	}
	return ""
}

// dmarc looks for the policy, and whether SPF or DKIM speak for the sender's own
// domain (RFC 7489).
func (e *examination) dmarc(ctx context.Context) {
	org := organisation(e.From)
	var found []string
	var err error
	at := e.From
	for _, at = range slices.Compact([]string{e.From, org}) {
		if found, err = e.texts(ctx, "_dmarc."+at, "v=dmarc1"); err != nil {
			e.unseen("dmarc", at)
			return
		}
		if len(found) > 0 {
			break
		}
	}
	if len(found) != 1 {
		e.note("dmarc", e.From, Fault, fmt.Sprintf("there are %d DMARC records, and one is needed", len(found)), "add the record below; p=none is enough to begin with", everybody)
		return
	}
	record, err := dmarc.Parse(found[0])
	if err != nil {
		e.note("dmarc", at, Fault, fmt.Sprintf("the DMARC record cannot be read: %v", err), "put the record below in its place", everybody)
		return
	}
	e.note("dmarc", at, Fine, "there is a DMARC policy: "+string(record.Policy), "", everybody)
	if len(record.ReportURIAggregate) == 0 {
		e.note("dmarc", at, Warning, "nobody is told of mails that fail", "add rua=mailto:… to the record", "")
	}
	spfAligned := organisation(e.BounceDomain) == org && (record.SPFAlignment != dmarc.AlignmentStrict || e.BounceDomain == e.From)
	switch {
	case spfAligned || len(e.Keys) > 0: // longroad signs for the sender's own domain
		e.note("dmarc", e.From, Fine, "what proves a mail speaks for the sender's own domain", "", everybody)
	default:
		e.note("dmarc", e.From, Fault, "SPF speaks for "+e.BounceDomain+", and longroad signs nothing: DMARC fails unless your mail server signs for "+e.From,
			"sign with LONGROAD_DKIM_KEY_FILE, or give LONGROAD_BOUNCE_DOMAIN a name below "+org, everybody)
	}
}

// organisation is the domain that somebody registered, such as example.org of
// news.example.org.
func organisation(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// ptr looks whether the sending addresses have names that lead back to them.
func (e *examination) ptr(ctx context.Context) {
	for _, ip := range e.IPs {
		names, err := e.Resolver.LookupAddr(ctx, ip.String())
		if err != nil && !missing(err) {
			e.unseen("ptr", ip.String())
			continue
		}
		confirmed := slices.ContainsFunc(names, func(name string) bool {
			back, err := e.Resolver.LookupIPAddr(ctx, strings.TrimSuffix(name, "."))
			return err == nil && slices.ContainsFunc(back, func(b net.IPAddr) bool { return b.IP.Equal(net.IP(ip.AsSlice())) })
		})
		switch {
		case confirmed:
			e.note("ptr", ip.String(), Fine, "its name leads back to it", "", everybody)
		case e.relayed:
			e.note("ptr", ip.String(), Warning, "its name does not lead back to it; your provider may send from others", "ask your provider", everybody)
		default:
			e.note("ptr", ip.String(), Fault, "it has no name that leads back to it", "let who gave you the address set its reverse name, and that name point to it", everybody)
		}
	}
}

// mx looks whether replies and reports can come back.
func (e *examination) mx(ctx context.Context) {
	for _, domain := range slices.Compact([]string{e.ReplyDomain, e.BounceDomain}) {
		found, err := e.Resolver.LookupMX(ctx, domain)
		switch {
		case err != nil && !missing(err):
			e.unseen("mx", domain)
		case len(found) == 0:
			e.note("mx", domain, Fault, "no mail server takes its mail: replies and reports are lost", "add the record below", "")
		case len(found) == 1 && found[0].Host == ".":
			e.note("mx", domain, Fault, "it says that it takes no mail (RFC 7505)", "put the record below in its place", "")
		default:
			e.note("mx", domain, Fine, "its mail goes to "+strings.TrimSuffix(found[0].Host, "."), "", "")
		}
	}
	if !e.InboundHere && !e.InboundAway {
		e.note("mx", e.ReplyDomain, Fault, "longroad takes no mail: nobody reads replies, nobody hears of addresses that are gone",
			"set LONGROAD_INBOUND_ADDR, LONGROAD_IMAP_URL or LONGROAD_INBOUND_SECRET", "")
	}
}
