// Package doctor says what the world outside must hold for letters to be
// believed, and looks whether it does: the DNS, the keys, the mail server, the
// pages. Its one rule: it only looks, and what it cannot see it does not call
// fine.
package doctor

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// State is how a check came out.
type State string

// The states.
const (
	Fine    State = "fine"
	Warning State = "warning" // letters go, and some will be doubted
	Fault   State = "fault"   // letters will be refused, or replies lost
	Unseen  State = "unseen"  // it could not be looked at
)

// Finding is what one check came to.
type Finding struct {
	Check  string `json:"check"` // spf, dkim, dmarc, ptr, mx, server, pages, unsubscribe
	About  string `json:"about"` // the domain, address or host that was looked at
	State  State  `json:"state"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
	Wanted string `json:"wanted_by,omitempty"` // who demands it
}

// Record is a line that the DNS should hold, ready to paste.
type Record struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Resolver asks the DNS, as net.Resolver does.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
}

// Key is a DKIM record as it should stand.
type Key struct{ Name, Value string }

// Server is what the mail server said when it was asked.
type Server struct {
	Extensions []string // of EHLO: SIZE, DSN, 8BITMIME …
	Secure     bool     // the connection was encrypted, with a certificate that holds
	Err        error    // why it could not be asked
}

// Case is what is examined.
type Case struct {
	From         string // the sender's domain
	ReplyDomain  string
	BounceDomain string
	BaseURL      string
	SMTPHost     string
	IPs          []netip.Addr // from where mails leave; those of SMTPHost when none are named
	Keys         []Key
	KeyWarnings  []string
	InboundHere  bool // this longroad takes mail by SMTP or LMTP
	InboundAway  bool // a provider or a mailbox takes it

	Resolver Resolver
	// Ask talks to the mail server; nil leaves it alone.
	Ask func(ctx context.Context) Server
	// Fetch asks a page for its status; nil leaves the pages alone.
	Fetch func(ctx context.Context, url string) (status int, err error)
}

// patience is how long one check may take.
const patience = 15 * time.Second

// Who demands what, in short.
const (
	everybody = "Gmail, Yahoo, Microsoft"
	gmail     = "Gmail, Yahoo"
)

// Report is what came of an examination.
type Report struct {
	Findings []Finding `json:"findings"`
	Records  []Record  `json:"records"`
}

// Faults counts the findings that are faults.
func (r Report) Faults() int {
	n := 0
	for _, f := range r.Findings {
		if f.State == Fault {
			n++
		}
	}
	return n
}

// Examine runs every check.
func Examine(ctx context.Context, c Case) Report {
	e := &examination{Case: c}
	e.addresses(ctx)
	for _, check := range []func(context.Context){e.spf, e.dkim, e.dmarc, e.ptr, e.mx, e.server, e.pages} {
		ctx, cancel := context.WithTimeout(ctx, patience)
		check(ctx)
		cancel()
	}
	return Report{e.findings, e.records()}
}

type examination struct {
	Case
	findings []Finding
	relayed  bool // the addresses are only those of the server that we hand mails to
}

func (e *examination) note(check, about string, state State, text, remedy, wanted string) {
	e.findings = append(e.findings, Finding{check, about, state, text, remedy, wanted})
}

// addresses finds from where mails leave, where nobody has said so.
func (e *examination) addresses(ctx context.Context) {
	if len(e.IPs) > 0 || e.SMTPHost == "" {
		return
	}
	e.relayed = true
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := e.Resolver.LookupIPAddr(ctx, e.SMTPHost)
	if err != nil {
		return
	}
	for _, f := range found {
		if ip, ok := netip.AddrFromSlice(f.IP); ok && !ip.Unmap().IsPrivate() && !ip.IsLoopback() {
			e.IPs = append(e.IPs, ip.Unmap())
		}
	}
}

// missing tells an answer of the DNS that says there is nothing from one that
// could not be had.
func missing(err error) bool {
	var dns *net.DNSError
	return asDNS(err, &dns) && dns.IsNotFound
}
