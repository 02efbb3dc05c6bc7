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
		{"the same Message-ID and text, at another time", mail("Message-ID: <1@example.org>\r\nDate: Sat, 2 Jan 2027 10:00:00 +0000\r\n\r\nslower\r\n"), mail("Message-ID: <1@example.org>\r\nDate: Sat, 9 Jan 2027 10:00:00 +0000\r\n\r\nslower\r\n"), false},
		{"the same Message-ID and text, to another letter", mail("Message-ID: <1@example.org>\r\nIn-Reply-To: <a@example.org>\r\n\r\nyes\r\n"), mail("Message-ID: <1@example.org>\r\nIn-Reply-To: <b@example.org>\r\n\r\nyes\r\n"), false},
		{"a header in another order, folded", mail("Message-ID: <1@example.org>\r\nDate: Sat, 2 Jan 2027 10:00:00 +0000\r\nIn-Reply-To: <a@example.org>\r\n\r\nyes\r\n"), mail("In-Reply-To:\r\n <a@example.org>\r\nDate: Sat,  2 Jan 2027\r\n 10:00:00 +0000\r\nX-Filtered: no\r\nMessage-ID: <1@example.org>\r\n\r\nyes\r\n"), true},
		{"nothing but lines of servers", mail("Received: from a by b\r\n"), mail("Received: from c by d\r\n"), true},
	} {
		if same := bytes.Equal(digest(c.a), digest(c.b)); same != c.same {
			t.Errorf("%s: the same is %v", c.name, same)
		}
	}
}
