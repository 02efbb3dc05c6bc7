package devstack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// pgBouncerPool is how many connections to PostgreSQL a database gets: few, so
// that everything that keeps state in a session is soon found out.
const pgBouncerPool = 4

// PgBouncer is a private PgBouncer in transaction mode.
type PgBouncer struct {
	binary  string
	home    string // one folder, for this run only
	account account
	port    int
	server  *url.URL // the PostgreSQL behind it

	mu   sync.Mutex
	proc *process
}

// StartPgBouncer starts an installed PgBouncer before the PostgreSQL of an
// address and waits until it lets us through. The error is ErrMissing where
// there is none.
func StartPgBouncer(ctx context.Context, postgresURL string) (*PgBouncer, error) {
	binary, err := findPgBouncer()
	if err != nil {
		return nil, err
	}
	server, err := url.Parse(postgresURL)
	if err != nil {
		return nil, errors.New("start PgBouncer: that is no address of a PostgreSQL")
	}
	acc, err := serverAccount() // it does not run as root either
	if err != nil {
		return nil, err
	}
	home, err := acc.throwawayFolder(ctx)
	if err != nil {
		return nil, fmt.Errorf("a folder for PgBouncer: %w", err)
	}
	b := &PgBouncer{binary: binary, home: home, account: acc, server: server}
	if err := b.writeUsers(); err != nil {
		b.Stop()
		return nil, err
	}
	for range 5 {
		if b.port, err = freePort(); err != nil {
			break
		}
		if err = b.launch(ctx); err == nil {
			return b, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	err = fmt.Errorf("start PgBouncer: %w; the end of its log:\n%s", err, tail(b.logFile(), 12))
	b.Stop()
	return nil, err
}

func findPgBouncer() (string, error) {
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer", "/opt/homebrew/bin/pgbouncer", "/usr/local/bin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("pgbouncer is %w: install it (Debian, Ubuntu: apt install pgbouncer; macOS: brew install pgbouncer)", ErrMissing)
}

func (b *PgBouncer) users() string    { return filepath.Join(b.home, "users") }
func (b *PgBouncer) settings() string { return filepath.Join(b.home, "pgbouncer.ini") }
func (b *PgBouncer) logFile() string  { return filepath.Join(b.home, "pgbouncer.log") }

// writeUsers writes who may come in, with the password that PostgreSQL asks for.
func (b *PgBouncer) writeUsers() error {
	password, _ := b.server.User.Password()
	return b.account.handOver(b.users(), fmt.Sprintf("%q %q", b.server.User.Username(), password))
}

func (b *PgBouncer) launch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := os.RemoveAll(b.settings()); err != nil {
		return err
	}
	if err := b.account.handOver(b.settings(), fmt.Sprintf(`[databases]
* = host=%s port=%s
[pgbouncer]
listen_addr = %s
listen_port = %d
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s
pool_mode = transaction
default_pool_size = %d
max_client_conn = 500
`, b.server.Hostname(), b.server.Port(), loopback, b.port, b.users(), pgBouncerPool)); err != nil {
		return err
	}
	out, err := os.OpenFile(b.logFile(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	// It outlives ctx: Stop ends it.
	cmd := b.account.command(context.WithoutCancel(ctx), "/", b.binary, b.settings())
	cmd.Stdout, cmd.Stderr = out, out
	proc, err := startProcess(b.account, cmd, "KILL")
	if err != nil {
		return err
	}
	db, err := sql.Open("postgres", b.URL())
	if err != nil {
		return err
	}
	defer db.Close()
	if err := proc.waitReady(ctx, db.PingContext); err != nil {
		proc.stop(ctx, syscall.SIGKILL, syscall.SIGKILL)
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.proc = proc
	return nil
}

// URL returns the address of the database, through PgBouncer, with its password.
func (b *PgBouncer) URL() string {
	u := *b.server
	u.Host = net.JoinHostPort(loopback, strconv.Itoa(b.port))
	return u.String()
}

// Pool is how many connections to PostgreSQL it holds at most for one database.
func (b *PgBouncer) Pool() int { return pgBouncerPool }

// Kill ends it at once, and with it every connection; Restart brings it back.
func (b *PgBouncer) Kill() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.proc != nil {
		b.proc.stop(context.Background(), syscall.SIGKILL, syscall.SIGKILL)
		b.proc = nil
	}
}

// Restart brings a killed one back at the same address.
func (b *PgBouncer) Restart(ctx context.Context) error {
	if err := b.launch(ctx); err != nil {
		return fmt.Errorf("restart PgBouncer: %w", err)
	}
	return nil
}

// Stop ends it and removes its folder. Called again it does nothing.
func (b *PgBouncer) Stop() {
	b.Kill() // it keeps nothing
	os.RemoveAll(b.home)
}
