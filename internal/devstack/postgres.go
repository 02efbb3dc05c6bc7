package devstack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// superuser is the only role of a private cluster.
const superuser = "longroad"

// PostgresOptions say where a private cluster lives.
type PostgresOptions struct {
	Dir       string       // keeps the cluster between runs; made when it is not there
	Throwaway bool         // a cluster for one run, in memory where that has room: fast, unsafe, removed by Stop; Dir is not used
	Log       *slog.Logger // may be nil
}

// Postgres is a running private PostgreSQL.
type Postgres struct {
	home      string // ours: lock, password, port, log
	data      string // the server's
	account   account
	port      int
	password  string
	throwaway bool
	log       *slog.Logger
	lock      *os.File
	chosen    installation
	stop      sync.Once
	stopErr   error

	mu   sync.Mutex
	proc *process // the newest, ended or not
}

// StartPostgres finds PostgreSQL on this machine, initialises a cluster if there
// is none yet, starts it and waits until it answers. A server left over from a
// process that was killed is stopped first. The error is ErrMissing where
// PostgreSQL is not installed; every error names its remedy.
func StartPostgres(ctx context.Context, o PostgresOptions) (*Postgres, error) {
	installed := findPostgres(ctx)
	if _, err := choosePostgres(installed, 0, ""); err != nil {
		return nil, err
	}
	acc, err := serverAccount()
	if err != nil {
		return nil, err
	}
	p := &Postgres{account: acc, throwaway: o.Throwaway, log: o.Log}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if o.Throwaway {
		sweepThrowaways(ctx, p.log)
		p.home, err = acc.throwawayFolder(ctx)
	} else {
		p.home, err = acc.place(ctx, o.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("a folder for PostgreSQL: %w", err)
	}
	if p.lock, err = lockFolder(p.home); errors.Is(err, errLocked) {
		return nil, fmt.Errorf("the PostgreSQL in %s is %w, probably another `longroad dev` in this checkout: stop that one first", p.home, err)
	} else if err != nil {
		return nil, err
	}
	if err := p.start(ctx, installed); err != nil {
		p.lock.Close()
		if o.Throwaway {
			os.RemoveAll(p.home)
		}
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return p, nil
}

func (p *Postgres) start(ctx context.Context, installed []installation) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cluster := filepath.Join(p.home, "cluster")
	p.data = filepath.Join(cluster, "data")
	p.account = p.account.keep(p.data)
	if err := os.MkdirAll(cluster, 0o700); err != nil {
		return err
	}
	if err := p.account.own(cluster); err != nil {
		return err
	}
	major, err := dataMajor(p.data)
	if err != nil {
		return err
	}
	if p.chosen, err = choosePostgres(installed, major, p.data); err != nil {
		return err
	}
	if err := stopOrphan(ctx, p.data, p.log); err != nil {
		return err
	}
	if major == 0 {
		if err := p.initialise(ctx); err != nil {
			return err
		}
	}
	b, err := os.ReadFile(filepath.Join(p.home, "password"))
	if err != nil {
		return fmt.Errorf("the password of the cluster is lost: move %s aside to start afresh: %w", p.home, err)
	}
	p.password = strings.TrimSpace(string(b))
	return p.launchOnSomePort(ctx)
}

// launchOnSomePort prefers the port of the last run and tries others when
// somebody else took it in the meantime.
func (p *Postgres) launchOnSomePort(ctx context.Context) error {
	remembered := filepath.Join(p.home, "port")
	if b, err := os.ReadFile(remembered); err == nil {
		p.port, _ = strconv.Atoi(strings.TrimSpace(string(b)))
	}
	var err error
	for range 5 {
		if p.port == 0 || !portIsFree(p.port) {
			if p.port, err = freePort(); err != nil {
				return err
			}
		}
		if err = p.launch(ctx); err == nil {
			p.log.InfoContext(ctx, "postgres is up", "major", p.chosen.major, "port", p.port, "folder", p.home)
			return os.WriteFile(remembered, []byte(strconv.Itoa(p.port)+"\n"), 0o600)
		}
		p.port = 0
		if ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("%w; the end of its log:\n%s", err, tail(p.logFile(), 12))
}

func (p *Postgres) launch(ctx context.Context) error {
	settings := []string{
		"listen_addresses=" + loopback, "port=" + strconv.Itoa(p.port),
		"unix_socket_directories=", // none: a path of a checkout is soon too long for one
		"timezone=UTC", "log_timezone=UTC",
	}
	if p.throwaway {
		// A commit still reaches the kernel before it is answered, so that a killed
		// server loses nothing; only a machine that loses power does.
		settings = append(settings, "fsync=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0", "max_connections=300")
	}
	args := []string{"-D", p.data}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	out, err := os.OpenFile(p.logFile(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	// It outlives ctx: Stop ends it.
	cmd := p.account.command(context.WithoutCancel(ctx), filepath.Dir(p.data), filepath.Join(p.chosen.bin, "postgres"), args...)
	cmd.Stdout, cmd.Stderr = out, out
	proc, err := startProcess(p.account, cmd, "INT")
	if err != nil {
		return err
	}
	db, err := sql.Open("postgres", p.URL("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := proc.waitReady(ctx, db.PingContext); err != nil {
		proc.stop(ctx, syscall.SIGINT, syscall.SIGQUIT)
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proc = proc
	return nil
}

// URL returns the address of a database of the cluster, with its password.
func (p *Postgres) URL(dbname string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, p.password),
		Host: net.JoinHostPort(loopback, strconv.Itoa(p.port)), Path: "/" + dbname, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// CreateDatabase makes a database if it is not there yet.
func (p *Postgres) CreateDatabase(ctx context.Context, name string) error {
	db, err := sql.Open("postgres", p.URL("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name))
	if pq.As(err, pqerror.DuplicateDatabase) != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

// Done is closed when the server has ended, asked or not.
func (p *Postgres) Done() <-chan struct{} { return p.current().done }

func (p *Postgres) current() *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.proc
}

// Kill ends the server at once, as a crash would; Restart brings it back.
func (p *Postgres) Kill(ctx context.Context) {
	// Not SIGKILL: that leaves its children and its shared memory behind.
	p.current().stop(ctx, syscall.SIGQUIT, syscall.SIGQUIT)
}

// Restart brings a killed server back with its data, at the same address.
func (p *Postgres) Restart(ctx context.Context) error {
	if p.current().alive() {
		return nil
	}
	if err := p.launch(ctx); err != nil {
		return fmt.Errorf("restart PostgreSQL: %w", err)
	}
	return nil
}

// Stop ends the server for good: open transactions are rolled back, and when ctx
// ends before that is done it is made to hurry. Called again it does nothing.
func (p *Postgres) Stop(ctx context.Context) error {
	p.stop.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		p.current().stop(ctx, syscall.SIGINT, syscall.SIGQUIT)
		if p.throwaway {
			p.stopErr = os.RemoveAll(p.home)
		}
		p.lock.Close()
		p.log.InfoContext(ctx, "postgres is stopped", "port", p.port)
	})
	return p.stopErr
}

func (p *Postgres) logFile() string { return filepath.Join(p.home, "postgres.log") }
