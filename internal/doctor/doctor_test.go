package doctor

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// zone is a DNS in memory. A name with "broken" in it does not answer.
type zone map[string][]string

func (z zone) at(kind, name string) ([]string, error) {
	name = strings.TrimSuffix(name, ".")
	if strings.Contains(name, "broken") {
		return nil, &net.DNSError{Err: "server failure", Name: name, IsTemporary: true}
	}
	if found := z[kind+" "+name]; found != nil {
		return found, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) { return z.at("TXT", name) }
func (z zone) LookupAddr(_ context.Context, name string) ([]string, error) {
	return z.at("PTR", name)
}

func (z zone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	found, err := z.at("MX", name)
	var all []*net.MX
	for _, host := range found {
		all = append(all, &net.MX{Host: host, Pref: 10})
	}
	return all, err
}

func (z zone) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	found, err := z.at("A", name)
	var all []net.IPAddr
	for _, ip := range found {
		all = append(all, net.IPAddr{IP: net.ParseIP(ip)})
	}
	return all, err
}

// healthy is a sender with nothing to find fault with, on a DNS of its own.
func healthy() (Case, zone) {
	z := zone{
		"TXT bounces.example.org":                {"v=spf1 ip4:192.0.2.1 -all", "something else"},
		"TXT rsa._domainkey.letters.example.org": {"v=DKIM1; k=rsa; p=MIIB KEY"},
		"TXT _dmarc.letters.example.org":         {"v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org"},
		"PTR 192.0.2.1":                          {"mail.example.org."},
		"A mail.example.org":                     {"192.0.2.1"},
		"MX bounces.example.org":                 {"mail.example.org."},
		"MX letters.example.org":                 {"mail.example.org."},
	}
	return Case{
		From: "letters.example.org", ReplyDomain: "letters.example.org", BounceDomain: "bounces.example.org", BaseURL: "https://letters.example.org",
		SMTPHost: "mail.example.org", IPs: []netip.Addr{netip.MustParseAddr("192.0.2.1")},
		Keys: []Key{{"rsa._domainkey.letters.example.org", "v=DKIM1; k=rsa; p=MIIBKEY"}}, InboundHere: true,
		Resolver: z,
		Ask:      func(context.Context) Server { return Server{Extensions: []string{"8BITMIME", "DSN"}, Secure: true} },
		Fetch:    func(context.Context, string) (int, error) { return 200, nil },
	}, z
}

// TestExamine finds nothing at a healthy sender, and each ailment by its name.
func TestExamine(t *testing.T) {
	t.Parallel()
	c, z := healthy()
	_ = z
	for _, f := range Examine(t.Context(), c).Findings {
		if f.State != Fine {
			t.Errorf("healthy, and yet %+v", f)
		}
	}
	for name, x := range map[string]struct {
		ail  func(c *Case, z zone)
		want string // check, state, words of the text
	}{
		"no SPF":             {func(_ *Case, z zone) { delete(z, "TXT bounces.example.org") }, "spf fault no SPF record"},
		"two SPF":            {func(_ *Case, z zone) { z["TXT bounces.example.org"] = []string{"v=spf1 -all", "v=spf1 ~all"} }, "spf fault there are 2"},
		"SPF for everybody":  {func(_ *Case, z zone) { z["TXT bounces.example.org"] = []string{"v=spf1 +all"} }, "spf fault lets everybody"},
		"SPF without an end": {func(_ *Case, z zone) { z["TXT bounces.example.org"] = []string{"v=spf1 ip4:192.0.2.1"} }, "spf warning everybody else"},
		"SPF for others":     {func(_ *Case, z zone) { z["TXT bounces.example.org"] = []string{"v=spf1 ip4:192.0.2.9 -all"} }, "spf fault does not let it send"},
		"SPF in a circle": {func(_ *Case, z zone) {
			z["TXT bounces.example.org"] = []string{"v=spf1 include:bounces.example.org -all"}
		}, "spf fault cannot be followed"},
		"SPF of a relay": {func(c *Case, z zone) {
			c.IPs = nil
			z["TXT bounces.example.org"] = []string{"v=spf1 ip4:192.0.2.9 -all"}
		}, "spf warning others may be"},
		"SPF unseen":         {func(c *Case, _ zone) { c.BounceDomain = "broken.example.org" }, "spf unseen does not answer"},
		"from nowhere":       {func(c *Case, _ zone) { c.IPs, c.SMTPHost = nil, "elsewhere.example.org" }, "spf unseen from where"},
		"no signature":       {func(c *Case, _ zone) { c.Keys = nil }, "dkim warning signs nothing"},
		"no key in the DNS":  {func(_ *Case, z zone) { delete(z, "TXT rsa._domainkey.letters.example.org") }, "dkim fault not in the DNS"},
		"another key":        {func(_ *Case, z zone) { z["TXT rsa._domainkey.letters.example.org"] = []string{"v=DKIM1; p=OTHER"} }, "dkim fault another key"},
		"a key withdrawn":    {func(_ *Case, z zone) { z["TXT rsa._domainkey.letters.example.org"] = []string{"v=DKIM1; p="} }, "dkim fault withdrawn"},
		"a weak key":         {func(c *Case, _ zone) { c.KeyWarnings = []string{"only 1024 bits"} }, "dkim warning 1024"},
		"no DMARC":           {func(_ *Case, z zone) { delete(z, "TXT _dmarc.letters.example.org") }, "dmarc fault there are 0"},
		"DMARC unreadable":   {func(_ *Case, z zone) { z["TXT _dmarc.letters.example.org"] = []string{"v=DMARC1; p=perhaps"} }, "dmarc fault cannot be read"},
		"nobody is told":     {func(_ *Case, z zone) { z["TXT _dmarc.letters.example.org"] = []string{"v=DMARC1; p=none"} }, "dmarc warning nobody is told"},
		"nothing is aligned": {func(c *Case, _ zone) { c.Keys, c.BounceDomain = nil, "bounces.example.net" }, "dmarc fault DMARC fails"},
		"strictly unaligned": {func(c *Case, z zone) {
			c.Keys = nil
			z["TXT _dmarc.letters.example.org"] = []string{"v=DMARC1; p=none; aspf=s"}
		}, "dmarc fault DMARC fails"},
		"no reverse name": {func(_ *Case, z zone) { delete(z, "PTR 192.0.2.1") }, "ptr fault no name"},
		"a false name":    {func(_ *Case, z zone) { z["A mail.example.org"] = []string{"192.0.2.2"} }, "ptr fault no name"},
		"no MX":           {func(_ *Case, z zone) { delete(z, "MX bounces.example.org") }, "mx fault no mail server"},
		"a null MX":       {func(_ *Case, z zone) { z["MX bounces.example.org"] = []string{"."} }, "mx fault takes no mail"},
		"nobody reads":    {func(c *Case, _ zone) { c.InboundHere = false }, "mx fault longroad takes no mail"},
		"the server refuses": {func(c *Case, _ zone) {
			c.Ask = func(context.Context) Server { return Server{Err: errors.New("535 no")} }
		}, "server fault 535"},
		"in the open":     {func(c *Case, _ zone) { c.Ask = func(context.Context) Server { return Server{} } }, "server warning unencrypted"},
		"no DSN":          {func(c *Case, _ zone) { c.Ask = func(context.Context) Server { return Server{Secure: true} } }, "server warning DSN"},
		"no https":        {func(c *Case, _ zone) { c.BaseURL = "http://letters.example.org" }, "unsubscribe fault not https"},
		"links elsewhere": {func(c *Case, _ zone) { c.BaseURL = "https://letters.example.net" }, "pages warning another domain"},
		"the pages are away": {func(c *Case, _ zone) {
			c.Fetch = func(context.Context, string) (int, error) { return 0, errors.New("refused") }
		}, "pages fault cannot be reached"},
		"another server": {func(c *Case, _ zone) { c.Fetch = func(context.Context, string) (int, error) { return 301, nil } }, "pages fault answer 301"},
		"DMARC of the parent": {func(_ *Case, z zone) {
			z["TXT _dmarc.example.org"] = z["TXT _dmarc.letters.example.org"]
			delete(z, "TXT _dmarc.letters.example.org")
		}, "dmarc fine policy: quarantine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, z := healthy()
			x.ail(&c, z)
			words := strings.SplitN(x.want, " ", 3)
			for _, f := range Examine(t.Context(), c).Findings {
				if f.Check == words[0] && string(f.State) == words[1] && strings.Contains(f.Text, words[2]) {
					if f.State == Fault && f.Remedy == "" {
						t.Errorf("no remedy for %+v", f)
					}
					return
				}
			}
			t.Errorf("not found: %s in %+v", x.want, Examine(t.Context(), c).Findings)
		})
	}
}

// TestRecords prints what a healthy sender has, so that it stays healthy.
func TestRecords(t *testing.T) {
	t.Parallel()
	c, _ := healthy()
	c.IPs = append(c.IPs, netip.MustParseAddr("2001:db8::1"))
	var got []string
	for _, r := range Examine(t.Context(), c).Records {
		got = append(got, r.Name+" "+r.Type+" "+r.Value)
	}
	want := []string{
		"bounces.example.org TXT v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all",
		"rsa._domainkey.letters.example.org TXT v=DKIM1; k=rsa; p=MIIBKEY",
		"_dmarc.letters.example.org TXT v=DMARC1; p=none; rua=mailto:postmaster@letters.example.org",
		"letters.example.org MX 10 letters.example.org.",
		"bounces.example.org MX 10 letters.example.org.",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}
