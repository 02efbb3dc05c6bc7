package mailin

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// Only <CR><LF>.<CR><LF> ends a mail: with anything else two servers could take one
// mail for two, of which the second was checked by nobody.
func TestNoMailIsSmuggled(t *testing.T) {
	t.Parallel()
	second := "MAIL FROM:<admin@letters.example.org>\r\nRCPT TO:<r-two@letters.example.org>\r\nDATA\r\nFrom: admin@letters.example.org\r\n\r\nstop\r\n"
	for _, way := range []string{SMTP, LMTP} {
		for _, end := range []string{"\n.\n", "\r\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n\n.\r\n", "\r\r\n.\r\r\n", "\r\n\x00.\r\n", "\r\n..\r\n"} {
			t.Run(fmt.Sprintf("%s %q", way, end), func(t *testing.T) {
				t.Parallel()
				k := newKeeper()
				c := openDoor(t, way, options(k), nil).hello(t)
				c.envelope("sam@reader.example", answered1)
				c.says("DATA", "354")
				c.writes("From: sam@reader.example\r\n\r\nnot yet" + end + second + ".\r\n")
				c.hears("250")
				c.says("NOOP", "250")
				got := k.all()
				if len(got) != 1 || got[0].To != answered1 || !bytes.Contains(got[0].Raw, []byte(second)) {
					t.Errorf("kept %d: %+v", len(got), got)
				}
			})
		}
	}
}

// In chunks (RFC 3030) nothing ends a mail but its length.
func TestChunks(t *testing.T) {
	t.Parallel()
	for _, way := range []string{SMTP, LMTP} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			k := newKeeper()
			c := openDoor(t, way, options(k), nil).hello(t)
			text := letter + "\r\n.\r\nMAIL FROM:<x@example.org>\r\n" + strings.Repeat("y", 5000) + "\r\n"
			c.envelope("sam@reader.example", answered1)
			c.writes(fmt.Sprintf("BDAT %d\r\n%s", 10, text[:10]))
			c.hears("250")
			c.writes(fmt.Sprintf("BDAT %d LAST\r\n%s", len(text)-10, text[10:]))
			c.hears("250")
			if got := k.all(); len(got) != 1 || !strings.HasSuffix(string(got[0].Raw), text) {
				t.Errorf("kept %d", len(got))
			}
			c.envelope("sam@reader.example", answered1)
			c.writes("BDAT 4\r\nhalf")
			c.hears("250")
			c.says("RSET", "250")
			c.says("NOOP", "250")
			if n := len(k.all()); n != 1 {
				t.Errorf("half a mail was kept: %d", n)
			}
		})
	}
}

// A mail that did not come whole is no mail.
func TestMailThatIsCutOff(t *testing.T) {
	t.Parallel()
	for _, way := range []string{SMTP, LMTP} {
		for name, send := range map[string]func(*talk){
			"within its text":            func(c *talk) { c.says("DATA", "354"); c.writes(letter) },
			"at the last line":           func(c *talk) { c.says("DATA", "354"); c.writes(letter + ".\r") },
			"within a chunk":             func(c *talk) { c.writes("BDAT 1000\r\n" + letter) },
			"within the last chunk":      func(c *talk) { c.writes("BDAT 1000 LAST\r\n" + letter) },
			"after a chunk, not the end": func(c *talk) { c.writes(fmt.Sprintf("BDAT %d\r\n%s", len(letter), letter)); c.hears("250") },
		} {
			t.Run(way+" "+name, func(t *testing.T) {
				t.Parallel()
				k := newKeeper()
				d := openDoor(t, way, options(k), nil)
				c := d.hello(t)
				c.envelope("sam@reader.example", answered1)
				send(c)
				c.raw.(*net.TCPConn).CloseWrite()
				io.Copy(io.Discard, c.R)
				d.stop()
				<-d.ended // all that was under way is over
				if n := len(k.all()); n != 0 {
					t.Errorf("%d were kept", n)
				}
			})
		}
	}
}

func TestLoop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, raw, answer string
	}{
		{"a hundred servers", strings.Repeat("Received: from a by b;\r\n\tThu, 1 Jan 2027 00:00:00 +0000\r\n", maxHops-1) + letter, "250"},
		{"one more", strings.Repeat("Received: from a by b\r\n", maxHops-1) + "received : from a by b\r\n" + letter, "554 5.4.6"},
		{"in the text", letter + strings.Repeat("Received: from a by b\r\n", 2*maxHops), "250"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			talk := openDoor(t, LMTP, options(newKeeper()), nil).hello(t)
			talk.envelope("", answered1)
			talk.says("DATA", "354")
			talk.writes(c.raw + ".\r\n")
			talk.hears(c.answer)
		})
	}
}
