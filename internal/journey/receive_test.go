package journey

import (
	"bytes"
	"testing"

	"longroad/internal/inbound"
)

// Two copies of one mail are one, whatever servers wrote above them; two mails
// are two.
func TestDigest(t *testing.T) {
	t.Parallel()
	const to = "r-token@letters.example.org"
	mail := func(raw string) inbound.Arrival { return inbound.Arrival{Way: "lmtp", To: to, Raw: []byte(raw)} }
	anonymous := mail("Received: from mx by letters.example.org\r\n\tid 1; Sun, 22 Nov 2026 10:00:00 +0000\r\nFrom: a@example.org\r\nSubject: Re\r\n\r\nready\r\n")
	named := mail("Message-ID: <1@example.org>\r\nFrom: a@example.org\r\n\r\nready\r\n")
	elsewhere := named
	elsewhere.To = "r-other@letters.example.org"
	shouting := named
	shouting.To, shouting.Way = "R-TOKEN@letters.example.org", "imap"
	for _, c := range []struct {
		name string
		a, b inbound.Arrival
		same bool
	}{
		{"without a Message-ID, received again", anonymous, mail("Return-Path: <a@example.org>\r\nReceived: from mx by letters.example.org\r\n id 2; Sun, 22 Nov 2026 11:00:00 +0000\r\nFrom: a@example.org\r\nSubject: Re\r\n\r\nready\r\n"), true},
		{"without a Message-ID, another subject", anonymous, mail("From: a@example.org\r\nSubject: Re: 2\r\n\r\nready\r\n"), false},
		{"without a Message-ID, another text", anonymous, mail("From: a@example.org\r\nSubject: Re\r\n\r\nnot yet\r\n"), false},
		{"by another way, in capitals, with other line ends", named, inbound.Arrival{Way: shouting.Way, To: shouting.To, Raw: bytes.ReplaceAll(named.Raw, []byte("\r\n"), []byte("\n"))}, true},
		{"for another letter", named, elsewhere, false},
		{"the same Message-ID, another text", named, mail("Message-ID: <1@example.org>\r\n\r\nstop\r\n"), false},
		{"nothing but lines of servers", mail("Received: from a by b\r\n"), mail("Received: from c by d\r\n"), true},
	} {
		if same := bytes.Equal(digest(c.a), digest(c.b)); same != c.same {
			t.Errorf("%s: the same is %v", c.name, same)
		}
	}
}
