package mailin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"longroad/internal/inbound"
)

// What is kept goes to another folder, unread as it was; what comes later is heard
// of at once (IDLE).
func TestMailbox(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		caps []imap.Cap
		left []string // in the mailbox
	}{
		{"a server of today", usualCaps(), []string{}},
		{"one that cannot move", []imap.Cap{imap.CapUIDPlus}, []string{}},
		{"one that can only mark", nil, []string{"a \\Deleted", "b \\Deleted", "c \\Deleted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t, c.caps...)
			p.start()
			p.deliver(mailTo("a", "Letters <r-one@letters.example.org>"), mailTo("b", "somebody@example.org"))
			k := newKeeper()
			p.reads(k, func(m *Mailbox) { m.times.poll = time.Hour })
			k.await(t, 2)
			p.says("+ idling")
			p.has("Longroad", "a", "b")
			p.deliver(mailTo("c", "r-two@letters.example.org"))
			k.await(t, 1)
			p.becomes("Longroad", "a", "b", "c")
			p.becomes("INBOX", c.left...)
			want := []inbound.Arrival{
				{Way: IMAP, To: "r-one@letters.example.org", Raw: []byte(mailTo("a", "Letters <r-one@letters.example.org>"))},
				{Way: IMAP, Raw: []byte(mailTo("b", "somebody@example.org"))},
				{Way: IMAP, To: "r-two@letters.example.org", Raw: []byte(mailTo("c", "r-two@letters.example.org"))},
			}
			got := k.all()
			if len(got) != len(want) {
				t.Fatalf("%d were kept", len(got))
			}
			for i := range want {
				if got[i].Way != want[i].Way || got[i].To != want[i].To || got[i].From != "" || !bytes.Equal(got[i].Raw, want[i].Raw) {
					t.Errorf("kept %+v, want %+v", got[i], want[i])
				}
			}
		})
	}
}

// censor is a way to the server on which it seems to say something else.
func censor(t *testing.T, p *post, word, instead string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	p.must(err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", p.at)
			if err != nil {
				near.Close()
				continue
			}
			go func() { io.Copy(far, near); far.Close() }()
			go func() {
				defer near.Close()
				b := make([]byte, 64<<10)
				for {
					n, err := far.Read(b)
					if n > 0 {
						near.Write(bytes.ReplaceAll(b[:n], []byte(word), []byte(instead)))
					}
					if err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// Without IDLE the mailbox is looked at again and again.
func TestMailboxWithoutIdle(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	k := newKeeper()
	way := censor(t, p, "IDLE", "XDLE")
	r := p.reads(k, func(m *Mailbox) { m.box.At = way; m.times.poll = 10 * time.Millisecond })
	r.says(t, "reading the mailbox")
	p.deliver(mailTo("a", answered1))
	k.await(t, 1)
	p.becomes("Longroad", "a")
	if strings.Contains(p.heard.String(), " IDLE\r\n") {
		t.Error("it asks for what the server does not offer")
	}
}

// A mail that cannot be kept stays, and goes when it can; it holds nobody up.
func TestMailStaysInTheMailbox(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	p.deliver(mailTo("a", answered1), mailTo("b", answered2), mailTo("c", answered1))
	k := newKeeper()
	k.failing(func(a inbound.Arrival) error {
		if a.To == answered2 {
			return errors.New("away")
		}
		return nil
	})
	p.reads(k, func(m *Mailbox) { m.times.poll = 10 * time.Millisecond })
	k.await(t, 2)
	p.becomes("Longroad", "a", "c")
	p.has("INBOX", "b")
	k.failing(nil)
	k.await(t, 1)
	p.becomes("Longroad", "a", "c", "b")
	p.becomes("INBOX")
}

// While nothing can be kept, not every mail is tried.
func TestMailboxRestsWhileNothingCanBeKept(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	for i := range 20 {
		p.deliver(mailTo(fmt.Sprint(i), answered1))
	}
	k := newKeeper()
	var mu sync.Mutex
	tried, enough := 0, make(chan struct{})
	k.failing(func(inbound.Arrival) error {
		mu.Lock()
		defer mu.Unlock()
		if tried++; tried == 3 {
			close(enough)
		}
		return errors.New("away")
	})
	r := p.reads(k, func(m *Mailbox) { m.times.poll = time.Hour })
	<-enough
	r.stop()
	<-r.ended
	mu.Lock()
	defer mu.Unlock()
	if tried != 3 || len(p.subjects("INBOX")) != 20 {
		t.Errorf("%d were tried, %d are left", tried, len(p.subjects("INBOX")))
	}
}

func TestMailThatIsTooLarge(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	p.deliver(mailTo("large", answered1)+strings.Repeat("x", 2000), mailTo("a", answered1))
	k := newKeeper()
	counted := make(chan string, 10)
	p.reads(k, func(m *Mailbox) {
		m.largest = 1000
		m.Count = func(way, result string) { counted <- way + " " + result }
	})
	k.await(t, 1)
	p.becomes("Longroad too big", "large")
	p.becomes("Longroad", "a")
	if got := <-counted; got != "imap refused" {
		t.Errorf("counted %q", got)
	}
	if strings.Contains(p.heard.String(), "xxxx") {
		// What the test itself appends does not go by the wire.
		t.Error("the large mail was read")
	}
}

// A server that lies about a mail's size is not believed.
func TestMailThatIsLargerThanItIsSaid(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	p.deliver(mailTo("large", answered1) + strings.Repeat("x", 2000))
	k := newKeeper()
	size := fmt.Sprintf("RFC822.SIZE %d", len(mailTo("large", answered1))+2000)
	p.reads(k, func(m *Mailbox) { m.largest, m.box.At = 1000, censor(t, p, size, "RFC822.SIZE 9") })
	p.becomes("Longroad too big", "large")
	if n := len(k.all()); n != 0 {
		t.Errorf("%d were kept", n)
	}
}

// Several more mails than a round has are all read.
func TestMailboxWithManyMails(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	var want []string
	for i := range 25 {
		p.deliver(mailTo(fmt.Sprintf("%02d", i), answered1))
		want = append(want, fmt.Sprintf("%02d", i))
	}
	k := newKeeper()
	rounds := 0
	p.reads(k, func(m *Mailbox) {
		m.times.batch, m.times.poll = 10, time.Hour
		m.alone = func(ctx context.Context, do func(context.Context) error) (bool, error) {
			rounds++
			return true, do(ctx)
		}
	})
	k.await(t, 25)
	p.becomes("Longroad", want...)
}

// One process reads at a time; the others look again later.
func TestMailboxReadByAnother(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	p.deliver(mailTo("a", answered1))
	k := newKeeper()
	var mu sync.Mutex
	asked, twice, answer := 0, make(chan struct{}), errors.New("away")
	p.reads(k, func(m *Mailbox) {
		m.times.poll = 5 * time.Millisecond
		m.alone = func(ctx context.Context, do func(context.Context) error) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			switch asked++; asked {
			case 1:
				return false, nil // another one is at it
			case 2:
				return false, answer
			case 3:
				close(twice)
			}
			return true, do(ctx)
		}
	})
	<-twice
	k.await(t, 1)
	p.becomes("Longroad", "a")
}
