package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"longroad/internal/devstack"
	"longroad/internal/devstack/clock"
	"longroad/internal/devstack/mailbox"
	"longroad/internal/inbound"
	"longroad/internal/store"
	"longroad/internal/web"
)

// devAdvance bounds one move of the clock: a whole course for many readers.
const devAdvance = 10 * time.Minute

type devCommand struct{}

// Run runs the whole service on this machine until the context ends: a private
// PostgreSQL, Redis in the process, the pages, a worker and a mailbox that
// catches every mail. It needs no configuration and uses what there is of it.
func (devCommand) Run(ctx context.Context, env *environment) error {
	given, err := env.Config()
	if err != nil {
		return err
	}
	d := &dev{env: env, dir: devDir, config: given, log: devLog(env, given)}
	defer d.close()
	for _, step := range []func(context.Context) error{d.secrets, d.listen, d.servers, d.service, d.remember} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.run(ctx)
}

// devDir holds everything that dev keeps between runs.
const devDir = ".longroad"

// devLog is quiet unless somebody asks for more: the first screen is for the
// addresses.
func devLog(env *environment, c config) *slog.Logger {
	if c.set["LONGROAD_LOG_LEVEL"] {
		return env.Log
	}
	return newLogger(env.Stderr, c.Log, "warn")
}

// dev is the service with its private servers.
type dev struct {
	env      *environment
	dir      string
	config   config
	log      *slog.Logger
	clock    *clock.Clock
	listener net.Listener
	mailbox  *mailbox.Mailbox
	wired    *service
	password string   // of the operator's page; "" when a hash was configured
	closers  []func() // run last to first
}

func (d *dev) close() {
	for i := len(d.closers) - 1; i >= 0; i-- {
		d.closers[i]()
	}
}

// secrets makes what the configuration lacks, and keeps it, so that links of an
// earlier run still work.
func (d *dev) secrets(context.Context) error {
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return fmt.Errorf("the state folder: %w", err)
	}
	c := &d.config
	if len(c.SecretKey) == 0 {
		key, err := d.kept("secret-key", func() string { return rand.Text() + rand.Text() })
		if err != nil {
			return err
		}
		c.SecretKey = []string{key}
	}
	if c.OperatorPasswordHash == "" {
		password, err := d.kept("operator-password", func() string { return strings.ToLower(rand.Text()[:12]) })
		if err != nil {
			return err
		}
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			return fmt.Errorf("the operator's password: %w", err)
		}
		d.password, c.OperatorPasswordHash = password, string(hash)
	}
	if c.MailFrom == "" {
		c.MailFrom = "letters@longroad.example"
	}
	if c.OperatorMail == "" {
		c.OperatorMail = "operator@longroad.example" // what the operator is mailed shows in the mailbox
	}
	if c.SignUpLimit == "" {
		c.SignUpLimit = "0" // all that is tried out here comes from one source
	}
	if c.PostalAddress == "" {
		c.PostalAddress = "Long Road Letters\n1 Example Street, Exampleton"
	}
	c.tidy()
	var err error
	d.clock, err = clock.Open(filepath.Join(d.dir, "clock"))
	return err
}

// kept reads a small secret of the state folder, or makes it.
func (d *dev) kept(name string, make func() string) (string, error) {
	path := filepath.Join(d.dir, name)
	if b, err := os.ReadFile(path); err == nil && len(strings.TrimSpace(string(b))) > 0 {
		return strings.TrimSpace(string(b)), nil
	}
	s := make()
	if err := os.WriteFile(path, []byte(s+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the %s: %w", name, err)
	}
	return s, nil
}

// listen takes the configured address, or a free port where the default is taken.
func (d *dev) listen(context.Context) error {
	var err error
	d.listener, err = net.Listen("tcp", d.config.HTTPAddr)
	if err != nil && !d.config.set["LONGROAD_HTTP_ADDR"] {
		d.listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return fmt.Errorf("%w: choose another LONGROAD_HTTP_ADDR", err)
	}
	d.closers = append(d.closers, func() { d.listener.Close() })
	if !d.config.set["LONGROAD_BASE_URL"] {
		d.config.BaseURL = "http://" + localAddress(d.listener.Addr())
	}
	return nil
}

// localAddress is how this machine reaches a listener.
func localAddress(a net.Addr) string {
	host, port, _ := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// servers starts what the service rests on, as far as it is not configured.
func (d *dev) servers(ctx context.Context) error {
	c := &d.config
	if c.DatabaseURL == "" {
		fmt.Fprintln(d.env.Stdout, "Starting a private PostgreSQL …")
		p, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{Dir: filepath.Join(d.dir, "postgres"), Log: d.log})
		if err != nil {
			return err
		}
		d.closers = append(d.closers, func() { p.Stop(context.WithoutCancel(ctx)) })
		if err := p.CreateDatabase(ctx, "longroad"); err != nil {
			return err
		}
		c.DatabaseURL = p.URL("longroad")
	}
	if c.RedisURL == "" {
		r, err := devstack.StartMiniredis()
		if err != nil {
			return err
		}
		d.closers = append(d.closers, r.Stop)
		c.RedisURL = r.URL()
	}
	var err error
	d.mailbox, err = mailbox.Open(mailbox.Options{
		Dir: filepath.Join(d.dir, "mailbox"), Now: d.clock.Now, Log: d.log,
		FormURL: c.BaseURL + "/", OperatorURL: c.BaseURL + "/operator/",
		Deliver: func(ctx context.Context, from, to string, raw []byte) error {
			return d.wired.road.Receive(ctx, inbound.Arrival{Way: "mailbox", From: from, To: to, Raw: raw})
		},
	})
	if err != nil {
		return err
	}
	d.closers = append(d.closers, func() { d.mailbox.Close(context.WithoutCancel(ctx)) })
	if c.SMTPURL == "" {
		c.SMTPURL = d.mailbox.URL()
	}
	return nil
}

// service migrates, wires the rooms and publishes the courses.
func (d *dev) service(ctx context.Context) error {
	db, err := waitForDatabase(ctx, d.env, d.config.databaseURL(), oneShot)
	if err != nil {
		return err
	}
	if _, err := store.Migrate(ctx, d.config.databaseURL()); err != nil {
		db.Close()
		return err
	}
	if d.wired, err = wire(d.config, d.log, d.clock.Now, db); err != nil {
		db.Close()
		return err
	}
	d.closers = append(d.closers, d.wired.close)
	return d.wired.publish(ctx, d.config.courses())
}

// run serves and works until the context ends.
func (d *dev) run(ctx context.Context) error {
	w, closeSenders, err := d.wired.worker(250 * time.Millisecond)
	if err != nil {
		return err
	}
	defer closeSenders()
	pages, err := d.wired.pages()
	if err != nil {
		return err
	}
	doors, err := d.wired.mailIn(ctx)
	if err != nil {
		return err
	}
	steps := devSteps{store: d.wired.store, now: d.clock.Now, tick: w.TickOnce}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle("/mailbox/", d.mailbox.Handler())
	mux.Handle("/dev/clock", clock.NewAdvancer(d.clock, steps, d.mailbox.Received).Handler(d.log))
	server := web.Server(d.config.HTTPAddr, mux)
	server.WriteTimeout = devAdvance

	d.greet(d.env.Stdout)
	return together(ctx, w.Run, doors.run, func(ctx context.Context) error {
		return serveUntil(ctx, server, d.listener)
	})
}

// greet tells where everything is and what to do first.
func (d *dev) greet(out io.Writer) {
	base := d.config.BaseURL
	operator := base + "/operator/"
	if d.password != "" {
		operator += "   (user operator, password " + d.password + ")"
	}
	fmt.Fprintf(out, `
longroad is ready.

  Sign-up form   %s/
  Mailbox        %s/mailbox/
  Operator       %s

First: sign up on the form with any address, then open the mailbox and confirm.
The service's clock shows %s. Ctrl-C stops everything; what is kept is in %s/.
`, base, base, operator, d.clock.Now().Format("Mon 2 Jan 2006 15:04 MST"), d.dir)
}

// devSteps tells the movable clock what falls due next and when it is done.
type devSteps struct {
	store *store.Store
	now   func() time.Time
	tick  func(context.Context) error
}

// NextDue gives the next moment at which anything falls due.
func (s devSteps) NextDue(ctx context.Context) (time.Time, bool, error) {
	at, err := s.store.NextMoment(ctx)
	return at, !at.IsZero(), err
}

// Settle returns when everything that is due has an outcome.
func (s devSteps) Settle(ctx context.Context) error {
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		if err := s.tick(ctx); err != nil {
			return err
		}
		n, err := s.store.Unsettled(ctx, s.now())
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
}
