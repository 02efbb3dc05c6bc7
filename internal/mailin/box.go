package mailin

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// IMAP is the way of a mailbox, as an arrival names it.
const IMAP = "imap"

// Box is a mailbox that is read by IMAP.
type Box struct {
	At             string // host:port
	TLS            string // tls, starttls or none
	User, Password string
	Folder         string // read from
	Done           string // moved to; what is too large goes to the same name with " too big"
}

// tooBig is the folder of mails that are not read, since they are too large.
func (b Box) tooBig() string { return b.Done + " too big" }

// ErrBox means that a mailbox's address cannot be read. It tells nothing of it.
var ErrBox = errors.New("write imaps://user:password@host:993/INBOX?done=Longroad, the user and the password percent-encoded")

// ParseBox reads imaps://user:password@host/folder?done=folder. The scheme imap
// means STARTTLS, without which nothing is sent; tls=none is for this machine.
func ParseBox(address string) (Box, error) {
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.Fragment != "" || u.Hostname() == "" {
		return Box{}, ErrBox
	}
	b := Box{Folder: strings.Trim(u.Path, "/"), Done: "Longroad"}
	if b.Folder == "" {
		b.Folder = "INBOX"
	}
	b.User = u.User.Username()
	b.Password, _ = u.User.Password()
	if b.User == "" || b.Password == "" {
		return Box{}, fmt.Errorf("no user or no password: %w", ErrBox)
	}
	port := "993"
	switch u.Scheme {
	case "imaps":
		b.TLS = "tls"
	case "imap":
		b.TLS, port = "starttls", "143"
	default:
		return Box{}, ErrBox
	}
	if u.Port() != "" {
		port = u.Port()
	}
	b.At = net.JoinHostPort(u.Hostname(), port)
	for key, values := range u.Query() {
		switch value := values[0]; {
		case key == "done" && value != "":
			b.Done = value
		case key == "tls" && value == b.TLS:
		case key == "tls" && value == "none" && u.Scheme == "imap":
			if !(Address{Network: "tcp", At: b.At}).Local() {
				return Box{}, errors.New("tls=none is for a server on this machine only: leave it out")
			}
			b.TLS = "none"
		case key == "tls":
			return Box{}, errors.New("tls is tls with imaps, and starttls or none with imap")
		default:
			return Box{}, fmt.Errorf("nothing is known of %q: write done or tls", key)
		}
	}
	if strings.EqualFold(b.Done, b.Folder) || strings.EqualFold(b.tooBig(), b.Folder) {
		return Box{}, errors.New("what was read must go to another folder: write ?done=NAME")
	}
	return b, nil
}
