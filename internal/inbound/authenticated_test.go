package inbound

import (
	"strings"
	"testing"
)

func TestAuthenticated(t *testing.T) {
	t.Parallel()
	const ours = "mx.letters.example.org"
	received := "Received: from out.example.net (out.example.net [192.0.2.1])\n\tby mx.letters.example.org (Postfix) with ESMTPS id 1; Fri, 1 Jan 2027 12:00:00 +0000\n"
	pass := "Authentication-Results: mx.letters.example.org; dmarc=pass (p=reject dis=none) header.from=example.net\n"
	for name, c := range map[string]struct {
		above, below string // the Received of our server; From follows
		from, want   string
		server       string
	}{
		"above our server's line":           {pass, "", "Ann <Ann@example.net>", "Ann@example.net", ours},
		"below it, as some filters write":   {"", pass, "ann@example.net", "ann@example.net", ours},
		"not configured":                    {pass, "", "ann@example.net", "", ""},
		"another server's":                  {strings.ReplaceAll(pass, "mx.letters.example.org", "mx.elsewhere.example"), "", "ann@example.net", "", ours},
		"failed":                            {strings.ReplaceAll(pass, "dmarc=pass", "dmarc=fail"), "", "ann@example.net", "", ours},
		"no DMARC at all":                   {"Authentication-Results: mx.letters.example.org; spf=pass smtp.mailfrom=example.net; dkim=pass header.d=example.net\n", "", "ann@example.net", "", ours},
		"a pass for another domain":         {pass, "", "ann@elsewhere.example", "", ours},
		"a pass for no domain":              {"Authentication-Results: mx.letters.example.org; dmarc=pass\n", "", "ann@example.net", "", ours},
		"none":                              {"Authentication-Results: mx.letters.example.org; none\n", "", "ann@example.net", "", ours},
		"forged below what the server says": {strings.ReplaceAll(pass, "dmarc=pass", "dmarc=fail"), pass, "ann@example.net", "", ours},
		"forged far below":                  {"", "Received: from a by b; Fri, 1 Jan 2027 11:00:00 +0000\n" + pass, "ann@example.net", "", ours},
		"forged behind a hop of ours":       {"", "Received: from localhost by mx.letters.example.org\n" + pass, "ann@example.net", "", ours},
		"with a version and spaces":         {"Authentication-Results: MX.letters.example.org 1; spf=pass; dmarc/1 = pass (a (nested) comment; dmarc=fail) header.from = Example.NET\n", "", "ann@example.net", "ann@example.net", ours},
		"a pass in a comment":               {"Authentication-Results: mx.letters.example.org; dmarc=fail (dmarc=pass) header.from=example.net\n", "", "ann@example.net", "", ours},
		"a pass in a reason":                {"Authentication-Results: mx.letters.example.org; spf=fail reason=\"x; dmarc=pass header.from=example.net\"; dmarc=fail header.from=example.net\n", "", "ann@example.net", "", ours},
		"two addresses":                     {pass, "", "ann@example.net, bo@example.net", "", ours},
		"two From fields":                   {pass, "", "ann@example.net\nFrom: bo@example.net", "", ours},
		"a name that is an address":         {pass, "", "\"bo@example.net\" <ann@elsewhere.example>", "", ours},
		"unterminated":                      {"Authentication-Results: mx.letters.example.org; (((dmarc=pass header.from=example.net\n", "", "ann@example.net", "", ours},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := "Return-Path: <x@example.net>\n" + c.above + received + c.below + "From: " + c.from + "\nSubject: hello\n\nready\n"
			if got := Authenticated([]byte(raw), c.server, false); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			within := "Received: from mx.letters.example.org by mx.letters.example.org (Dovecot) with LMTP id 2; Fri, 1 Jan 2027 12:00:01 +0000\n"
			if got := Authenticated([]byte(within+raw), c.server, false); got != c.want {
				t.Errorf("behind a hop within our machines: %q, want %q", got, c.want)
			}
			door := "Received: from mail.elsewhere.example by letters.example.org\n\twith LMTP id 3; Fri, 1 Jan 2027 12:00:02 +0000\n"
			if got := Authenticated([]byte(door+raw), c.server, true); got != c.want {
				t.Errorf("behind our own door: %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzAuthenticated(f *testing.F) {
	f.Add("Authentication-Results: mx.example; dmarc=pass header.from=example.net\nFrom: a@example.net\n\nx")
	f.Fuzz(func(t *testing.T, raw string) {
		if got := Authenticated([]byte(raw), "mx.example", false); got != "" && !strings.Contains(strings.ToLower(raw), "dmarc") {
			t.Errorf("%q passed", got)
		}
	})
}

func TestRecipients(t *testing.T) {
	t.Parallel()
	got := Recipients([]byte("To: Letters <R-1@reply.example.org>\nDelivered-To: b-2@bounce.example.org\nCc: c@example.org, r-3@reply.example.org\n\nx"))
	if want := "b-2@bounce.example.org r-1@reply.example.org c@example.org r-3@reply.example.org"; strings.Join(got, " ") != want {
		t.Errorf("%v", got)
	}
}
