package mailin

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list  string
		want  []Address
		fault string
	}{
		{"", nil, ""},
		{"127.0.0.1:2525", []Address{{SMTP, "tcp", "127.0.0.1:2525"}}, ""},
		{" smtp://localhost:25 , lmtp://[::1]:24/,", []Address{{SMTP, "tcp", "localhost:25"}, {LMTP, "tcp", "[::1]:24"}}, ""},
		{"lmtp+unix:///run/longroad/lmtp", []Address{{LMTP, "unix", "/run/longroad/lmtp"}}, ""},
		{"0.0.0.0:25", []Address{{SMTP, "tcp", "0.0.0.0:25"}}, ""},
		{":2525", nil, "127.0.0.1"},
		{"lmtp://:24", nil, "0.0.0.0"},
		{"127.0.0.1", nil, "host:port"},
		{"127.0.0.1:smtp", nil, "no port"},
		{"127.0.0.1:99999", nil, "no port"},
		{"smtps://127.0.0.1:465", nil, "host:port"},
		{"lmtp+unix://run/lmtp", nil, "no absolute path"},
		{"lmtp+unix:lmtp", nil, "host:port"},
	} {
		got, err := ParseAddresses(c.list)
		if (err != nil) != (c.fault != "") || err != nil && !strings.Contains(err.Error(), c.fault) || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %v, %v", c.list, got, err)
		}
	}
	for at, local := range map[string]bool{"127.0.0.1:1": true, "localhost:1": true, "[::1]:1": true, "0.0.0.0:1": false, "[::]:1": false, "192.0.2.1:1": false, "mx.example.org:1": false} {
		if (Address{SMTP, "tcp", at}).Local() != local {
			t.Errorf("%s: local is not %v", at, local)
		}
	}
}

func TestParseBox(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address string
		want    Box
		fault   string
	}{
		{"imaps://u:p@host", Box{"host:993", "tls", "u", "p", "INBOX", "Longroad"}, ""},
		{"imaps://u%40example.org:p%2F%3A@host:1993/INBOX/Answers?done=Read", Box{"host:1993", "tls", "u@example.org", "p/:", "INBOX/Answers", "Read"}, ""},
		{"imap://u:p@host/", Box{"host:143", "starttls", "u", "p", "INBOX", "Longroad"}, ""},
		{"imap://u:p@127.0.0.1:1143?tls=none", Box{"127.0.0.1:1143", "none", "u", "p", "INBOX", "Longroad"}, ""},
		{"imap://u:p@host?tls=none", Box{}, "this machine"},
		{"imaps://u:p@127.0.0.1?tls=none", Box{}, "starttls or none with imap"},
		{"imaps://u:p@host/Longroad", Box{}, "another folder"},
		{"imaps://u:p@host/?seen=yes", Box{}, "nothing is known"},
		{"imaps://u@host", Box{}, "no password"},
		{"imaps://host", Box{}, "no user"},
		{"pop3://u:hunter2@host", Box{}, "imaps://"},
		{"imaps://u:hunter2@ho st", Box{}, "imaps://"},
		{"imaps:u:hunter2", Box{}, "imaps://"},
		{"", Box{}, "imaps://"},
	} {
		got, err := ParseBox(c.address)
		if (err != nil) != (c.fault != "") || err != nil && (!strings.Contains(err.Error(), c.fault) || strings.Contains(err.Error(), "hunter2")) || got != c.want {
			t.Errorf("%q: %+v, %v", c.address, got, err)
		}
	}
}

func TestRecipientOfAMailInAMailbox(t *testing.T) {
	t.Parallel()
	o := options(newKeeper())
	for _, c := range []struct{ name, head, want string }{
		{"delivered to", "Delivered-To: box@letters.example.org\r\nDelivered-To: r-one@letters.example.org\r\nTo: r-two@letters.example.org\r\n", "r-one@letters.example.org"},
		{"before the alias", "Delivered-To: box@letters.example.org\nX-Original-To: b-one@bounces.example.org\n", "b-one@bounces.example.org"},
		{"folded, among others, with a name", "To: \"Sam, the r-x@example.org\" <sam@example.org>,\r\n\tLetters <R-Two@Letters.example.org>\r\n", "R-Two@Letters.example.org"},
		{"in a copy", "To: sam@example.org\r\nCc: r-one@letters.example.org\r\n", "r-one@letters.example.org"},
		{"only postmaster", "To: postmaster@letters.example.org\r\n", ""},
		{"postmaster and a letter", "To: postmaster@letters.example.org, r-one@letters.example.org\r\n", "r-one@letters.example.org"},
		{"another domain", "To: r-one@example.org\r\n", ""},
		{"in the text", "Subject: x\r\n\r\nTo: r-one@letters.example.org\r\n", ""},
		{"in another field", "X-Note: r-one@letters.example.org\r\n", ""},
		{"nothing", "", ""},
	} {
		if got := o.recipient([]byte(c.head)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestReceivedNamesNobody(t *testing.T) {
	t.Parallel()
	for hello, want := range map[string]string{
		"mx.example.org": "mx.example.org", "[192.0.2.1]": "[192.0.2.1]", "[IPv6:2001:db8::1]": "[IPv6:2001:db8::1]",
		"": "unknown", "sam@example.org": "unknown", "a\r\nSubject:x": "unknown", strings.Repeat("a", 256): "unknown",
	} {
		if got := plainName(hello); got != want {
			t.Errorf("%.40q is told as %q", hello, got)
		}
	}
}

// Whatever a header holds, what is found is an address of ours.
func FuzzHeader(f *testing.F) {
	f.Add([]byte("To: r-one@letters.example.org\r\n\r\n"))
	f.Add([]byte("Received: a\r\n\tTo: <r-one@letters.example.org\r\nreceived :b"))
	o := options(newKeeper())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if n := hops(raw); n > strings.Count(strings.ToLower(string(raw)), "received") {
			t.Errorf("%d hops", n)
		}
		if got := o.recipient(raw); got != "" && (!o.ours(got) || !o.Knows(got) || !strings.Contains(string(raw), got)) {
			t.Errorf("recipient %q", got)
		}
	})
}
