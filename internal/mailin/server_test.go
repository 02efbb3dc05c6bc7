package mailin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/textproto"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"longroad/internal/inbound"
)

func TestMailIsKeptBeforeItIsAcknowledged(t *testing.T) {
	t.Parallel()
	for _, way := range []string{SMTP, LMTP} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			k := newKeeper()
			asked, go_ := make(chan struct{}), make(chan struct{})
			k.failing(func(inbound.Arrival) error { close(asked); <-go_; return nil })
			c := openDoor(t, way, options(k), nil).hello(t)
			c.envelope("sam@reader.example", answered1)
			c.says("DATA", "354")
			c.writes(letter + ".\r\n")
			<-asked
			c.raw.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			if b, err := c.R.Peek(1); err == nil {
				t.Fatalf("an answer before it was kept: %q", b)
			}
			c.raw.SetReadDeadline(time.Now().Add(20 * time.Second))
			close(go_)
			c.hears("250")
			got := k.all()
			if len(got) != 1 || got[0].Way != way || got[0].From != "sam@reader.example" || got[0].To != answered1 || got[0].Note != nil {
				t.Fatalf("kept %+v", got)
			}
			trace, rest, _ := strings.Cut(string(got[0].Raw), "\r\n\twith ")
			_, rest, _ = strings.Cut(rest, "\r\n")
			if trace != "Received: from mx.example.org by letters.example.org" || rest != letter {
				t.Errorf("kept:\n%s", got[0].Raw)
			}
			head, _, _ := strings.Cut(string(got[0].Raw), "From:")
			if strings.Contains(head, "@") || strings.Contains(head, "one") || !strings.Contains(head, "Fri, 1 Jan 2027 12:00:00 +0000") {
				t.Errorf("our line is %q", head)
			}
		})
	}
}

// What cannot be kept is never acknowledged, and taken when it comes again.
func TestMailThatCannotBeKept(t *testing.T) {
	t.Parallel()
	away := func(a inbound.Arrival) error {
		if a.To == answered2 {
			return errors.New("the database is away, says r-two@letters.example.org not yet")
		}
		return nil
	}
	for _, c := range []struct {
		way     string
		answers []string
	}{{SMTP, []string{"451 4.3.0"}}, {LMTP, []string{"250", "451 4.3.0"}}} {
		t.Run(c.way, func(t *testing.T) {
			t.Parallel()
			k := newKeeper()
			k.failing(away)
			talk := openDoor(t, c.way, options(k), nil).hello(t)
			talk.envelope("", answered1, answered2)
			talk.says("DATA", "354")
			talk.writes(letter + ".\r\n")
			for _, want := range c.answers {
				talk.hears(want)
			}
			k.failing(nil)
			talk.envelope("", answered2)
			talk.says("DATA", "354")
			talk.writes(letter + ".\r\n")
			talk.hears("250")
			got := k.all()
			if n := len(got); n != 2 || got[n-1].To != answered2 || got[n-1].From != "<>" {
				t.Errorf("kept %d", n)
			}
		})
	}
}

func TestRecipients(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	var mu sync.Mutex
	counted := map[string]int{}
	o := options(k)
	o.Count = func(way, result string) {
		mu.Lock()
		defer mu.Unlock()
		counted[way+" "+result]++
	}
	c := openDoor(t, SMTP, o, nil).hello(t)
	c.says("MAIL FROM:<>", "250")
	for to, want := range map[string]string{
		"r-one@letters.example.org":      "250",
		"R-ONE@Letters.Example.ORG":      "250",
		"b-one@bounces.example.org":      "250",
		"postmaster@letters.example.org": "250",
		"sam@letters.example.org":        "550 5.1.1",
		"letters@letters.example.org":    "550 5.1.1",
		"r-one@example.org":              "550 5.7.1",
		"r-one@letters.example.org.evil": "550 5.7.1",
		"r-one@[127.0.0.1]":              "550 5.7.1",
	} {
		c.says("RCPT TO:<"+to+">", want)
	}
	mu.Lock()
	defer mu.Unlock()
	if counted["smtp refused"] != 5 {
		t.Errorf("counted %v", counted)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	d := openDoor(t, SMTP, options(k), func(l *limits) { l.connections = 2; l.large = 1 })
	c := d.dial(t)
	c.hears("220")
	offers := c.says("EHLO mx.example.org", "250")
	for _, want := range []string{fmt.Sprint("SIZE ", MaxBytes), "8BITMIME", "SMTPUTF8", "CHUNKING", "PIPELINING", "ENHANCEDSTATUSCODES"} {
		if !strings.Contains(offers, want) {
			t.Errorf("%s is not offered: %s", want, offers)
		}
	}
	if strings.Contains(offers, "AUTH") || strings.Contains(offers, "STARTTLS") {
		t.Errorf("offered: %s", offers)
	}
	c.says("AUTH PLAIN AGEAYg==", "5")
	c.says(fmt.Sprintf("MAIL FROM:<> SIZE=%d", MaxBytes+1), "552 5.3.4")

	c.says("MAIL FROM:<>", "250")
	for i := range MaxRecipients {
		c.says(fmt.Sprintf("RCPT TO:<r-%d@letters.example.org>", i), "250")
	}
	c.says("RCPT TO:<r-more@letters.example.org>", "452 4.5.3")
	c.says("RSET", "250")

	line := strings.Repeat("x", 998) + "\r\n"
	c.envelope("", answered1)
	c.says("DATA", "354")
	c.writes("Subject: large\r\n\r\n")
	for range MaxBytes/len(line) + 1 {
		c.writes(line)
	}
	c.writes(".\r\n")
	c.hears("552 5.3.4")

	d.hello(t)
	d.dial(t).hears("421 4.3.2")

	// A second large mail beside another one comes again.
	d.large <- struct{}{}
	c.envelope("", answered1)
	c.says("DATA", "354")
	for range largeBytes/len(line) + 2 {
		c.writes(line)
	}
	c.writes(".\r\n")
	c.hears("452 4.3.1")
	<-d.large
	if n := len(k.all()); n != 0 {
		t.Errorf("%d mails were kept", n)
	}
	c.envelope("", answered1)
	c.says("DATA", "354")
	for range largeBytes/len(line) + 2 {
		c.writes(line)
	}
	c.writes(".\r\n")
	c.hears("250")
	if n := len(d.large); n != 0 {
		t.Errorf("%d places stay taken", n)
	}

	// Anybody may write to the postmaster, and fills no disk with that.
	before := len(k.all())
	for _, want := range []string{"552 5.3.4", "250"} {
		c.envelope("", "Postmaster@letters.example.org")
		c.says("DATA", "354")
		if want != "250" {
			for range largeBytes/len(line) + 2 {
				c.writes(line)
			}
		}
		c.writes("hello\r\n.\r\n")
		c.hears(want)
	}
	if n := len(k.all()) - before; n != 1 {
		t.Errorf("%d mails to the postmaster were kept", n)
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	now := noon
	p := newPace(3)
	p.now = func() time.Time { return now }
	for range 3 {
		if wait := p.take("a"); wait != 0 {
			t.Fatalf("waits %s too soon", wait)
		}
	}
	now = now.Add(20 * time.Second)
	if wait := p.take("a"); wait != 40*time.Second {
		t.Errorf("the fourth waits %s", wait)
	}
	if wait := p.take("b"); wait != 0 {
		t.Errorf("somebody else waits %s", wait)
	}
	now = now.Add(40 * time.Second)
	if wait := p.take("a"); wait != 0 {
		t.Errorf("in the next minute it waits %s", wait)
	}
	for _, c := range []struct{ a, b string }{{"[2001:db8::1]:25", "[2001:db8::2]:99"}, {"192.0.2.1:1", "192.0.2.1:2"}} {
		a, _ := net.ResolveTCPAddr("tcp", c.a)
		b, _ := net.ResolveTCPAddr("tcp", c.b)
		if sourceOf(a) != sourceOf(b) {
			t.Errorf("%s and %s are two sources", c.a, c.b)
		}
	}
	if s := sourceOf(&net.UnixAddr{Name: "/run/x", Net: "unix"}); s != "local" {
		t.Errorf("a socket is %q", s)
	}
}

// A source that asks too much waits for its answers, and hears them.
func TestPaceSlowsDown(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	d := openDoor(t, SMTP, options(k), func(l *limits) { l.perMinute = 20 })
	began := time.Now()
	d.pace.mu.Lock()
	d.pace.now = func() time.Time { return began.Add(time.Since(began) + 59*time.Second) }
	d.pace.minute = began
	d.pace.mu.Unlock()
	c := d.hello(t)
	for range 30 {
		c.says("NOOP", "250")
	}
	if took := time.Since(began); took < 500*time.Millisecond {
		t.Errorf("forty answers took %s", took)
	}
}

// Nothing of what was said goes to the log.
func TestLogIsQuiet(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	k.failing(func(inbound.Arrival) error { return errors.New("away") })
	var log syncBuffer
	o := options(k)
	o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d := openDoor(t, SMTP, o, nil)
	c := d.hello(t)
	c.says("RCPT TO:<sam@reader.example>", "5")
	c.envelope("sam@reader.example", answered1)
	c.says("RCPT TO:<sam@letters.example.org>", "550")
	c.says("DATA", "354")
	c.writes(letter + ".\r\n")
	c.hears("451")
	c.writes("sam@reader.example sam@reader.example\r\n" + strings.Repeat("sam@", 1<<17))
	io.Copy(io.Discard, c.R)
	d.stop()
	<-d.ended
	said := log.String()
	if !strings.Contains(said, "a mail could not be kept") {
		t.Errorf("nothing is said of the mail that was not kept: %s", said)
	}
	for _, secret := range []string{"sam", "r-one", "not yet", "reader.example", "first letter"} {
		if strings.Contains(said, secret) {
			t.Errorf("the log tells %q: %s", secret, said)
		}
	}
}

// Bytes come through as they are: eight bits, addresses in any script, long lines.
func TestBytesAreLeftAlone(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	c := openDoor(t, LMTP, options(k), nil).hello(t)
	c.says("MAIL FROM:<jörg@beispiel.example> BODY=8BITMIME SMTPUTF8", "250")
	c.says("RCPT TO:<"+answered1+">", "250")
	c.says("DATA", "354")
	text := "Subject: Übung\r\n\r\n..noch nicht\r\n\xff\xfe\x00 " + strings.Repeat("lang ", 20000) + "\r\n"
	c.writes(strings.ReplaceAll(text, "\r\n..", "\r\n...") + ".\r\n")
	c.hears("250")
	if got := k.all(); len(got) != 1 || got[0].From != "jörg@beispiel.example" || !strings.HasSuffix(string(got[0].Raw), text) {
		t.Errorf("kept %d: %+v", len(got), got)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	d := openDoor(t, LMTP, options(k), nil)
	var all sync.WaitGroup
	for i := range 20 {
		c := d.hello(t)
		all.Go(func() {
			for j := range 10 {
				c.envelope("", fmt.Sprintf("r-%d-%d@letters.example.org", i, j))
				c.says("DATA", "354")
				c.writes(letter + ".\r\n")
				c.hears("250")
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, a := range k.all() {
		seen[a.To] = true
	}
	if len(seen) != 200 || len(k.all()) != 200 {
		t.Errorf("%d mails for %d recipients", len(k.all()), len(seen))
	}
}

func TestSocket(t *testing.T) {
	t.Parallel()
	at := filepath.Join(t.TempDir(), "lmtp")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: at, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen([]Address{{LMTP, "unix", at}}, options(newKeeper())); err == nil {
		t.Fatal("a socket that somebody listens at was taken")
	}
	left.SetUnlinkOnClose(false)
	left.Close() // as a killed process leaves it
	s, err := Listen([]Address{{LMTP, "unix", at}}, options(newKeeper()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	c, err := net.Dial("unix", at)
	if err != nil {
		t.Fatal(err)
	}
	talk := &talk{t, textproto.NewConn(c), c}
	talk.hears("220")
	talk.says("LHLO mx", "250")
	stop()
	talk.hears("421")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	d := openDoor(t, SMTP, options(newKeeper()), nil)
	if _, err := Listen([]Address{{LMTP, "tcp", "127.0.0.1:0"}, {SMTP, "tcp", d.at}}, options(newKeeper())); err == nil {
		t.Error("a port was taken twice")
	}
}
