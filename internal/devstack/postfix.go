package devstack

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/template"
	"time"
)

//go:embed mta
var mta embed.FS

// PostfixOptions say for whom a private Postfix takes mail.
type PostfixOptions struct {
	ReaderDomain string   // of the mailboxes
	Readers      []string // local parts of those that exist; mail to others bounces
	ReplyDomain  string   // whose mail goes to longroad
	LMTP         string   // where that is: unix:/path or inet:host:port
}

// Postfix is a private Postfix on a high port, with a queue and mailboxes of its own.
type Postfix struct {
	home string
	port int
	proc *process
}

// StartPostfix starts an installed Postfix and waits until it answers. The error
// is ErrMissing where there is none, or where we are not root: Postfix gives up
// its rights by itself and has to have them first.
func StartPostfix(ctx context.Context, o PostfixOptions) (*Postfix, error) {
	daemons, err := findPostfix(ctx)
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "longroad-postfix-")
	if err != nil {
		return nil, fmt.Errorf("a folder for Postfix: %w", err)
	}
	p := &Postfix{home: home}
	for range 5 {
		if p.port, err = freePort(); err != nil {
			break
		}
		if err = p.write(o); err != nil {
			break
		}
		if err = p.launch(ctx, daemons); err == nil {
			return p, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	err = fmt.Errorf("start Postfix: %w; the end of its log:\n%s", err, p.Log())
	p.Stop()
	return nil, err
}

// findPostfix gives the folder of the daemons.
func findPostfix(ctx context.Context) (string, error) {
	postconf, err := exec.LookPath("postconf")
	if err != nil {
		postconf = "/usr/sbin/postconf"
	}
	out, err := exec.CommandContext(ctx, postconf, "-dh", "daemon_directory").Output()
	if err != nil {
		return "", fmt.Errorf("postfix is %w: install it (Debian, Ubuntu: apt install postfix)", ErrMissing)
	}
	if os.Geteuid() != 0 {
		return "", fmt.Errorf("a postfix that starts without root is %w: run as root", ErrMissing)
	}
	return strings.TrimSpace(string(out)), nil
}

// write writes the configuration and the folders.
func (p *Postfix) write(o PostfixOptions) error {
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return err
	}
	postfix, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	if err := os.Chmod(p.home, 0o755); err != nil {
		return err
	}
	for folder, owner := range map[string]*user.User{"conf": nil, "queue": nil, "data": postfix, "mail": nobody} {
		path := filepath.Join(p.home, folder)
		if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		if owner == nil {
			continue
		}
		uid, _ := strconv.Atoi(owner.Uid)
		if err := os.Chown(path, uid, -1); err != nil {
			return err
		}
	}
	var readers strings.Builder
	for _, r := range o.Readers {
		fmt.Fprintf(&readers, "%s@%s %s/\n", r, o.ReaderDomain, r)
	}
	if err := os.WriteFile(p.conf("readers"), []byte(readers.String()), 0o644); err != nil {
		return err
	}
	about := struct {
		PostfixOptions
		Home, UID, GID string
		Port           int
	}{o, p.home, nobody.Uid, nobody.Gid, p.port}
	for _, name := range []string{"main.cf", "master.cf"} {
		t, err := template.ParseFS(mta, "mta/"+name)
		if err != nil {
			return err
		}
		var b strings.Builder
		if err := t.Execute(&b, about); err != nil {
			return err
		}
		if err := os.WriteFile(p.conf(name), []byte(b.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (p *Postfix) conf(name string) string { return filepath.Join(p.home, "conf", name) }

func (p *Postfix) launch(ctx context.Context, daemons string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	none := account{} // root, as it wants to be
	// It makes the folders of the queue and looks at what it is given.
	if out, err := none.command(ctx, "/", "postfix", "-c", p.conf(""), "check").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	// It outlives ctx: Stop ends it.
	cmd := none.command(context.WithoutCancel(ctx), "/", filepath.Join(daemons, "master"), "-s", "-c", p.conf(""))
	cmd.SysProcAttr.Setpgid = false // it makes a session of its own, which the head of a group may not
	out, err := os.OpenFile(filepath.Join(p.home, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out // what it says before it logs there
	proc, err := startProcess(none, cmd, "TERM")
	if err != nil {
		return err
	}
	if err := proc.waitReady(ctx, func(ctx context.Context) error {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", p.Addr())
		if err != nil {
			return err
		}
		return c.Close()
	}); err != nil {
		proc.stop(ctx, syscall.SIGTERM, syscall.SIGKILL)
		return err
	}
	p.proc = proc
	return nil
}

// Addr is where it takes mail by SMTP.
func (p *Postfix) Addr() string { return net.JoinHostPort(loopback, strconv.Itoa(p.port)) }

// URL is its address for LONGROAD_SMTP_URL.
func (p *Postfix) URL() string { return "smtp://" + p.Addr() + "?tls=none" }

// Mails gives the raw mails in a reader's mailbox, oldest first.
func (p *Postfix) Mails(reader string) ([][]byte, error) {
	files, err := filepath.Glob(filepath.Join(p.home, "mail", reader, "new", "*"))
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for _, file := range files { // their names begin with the time
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, raw)
	}
	return all, nil
}

// Log is the end of what it logged.
func (p *Postfix) Log() string { return tail(filepath.Join(p.home, "log"), 30) }

// Stop ends it and removes what it kept.
func (p *Postfix) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if p.proc != nil {
		p.proc.stop(ctx, syscall.SIGTERM, syscall.SIGKILL)
		p.proc = nil
	}
	os.RemoveAll(p.home)
}
