package devstack

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// redisDatabases is the number of logical databases of a private server: enough
// for every test of a run to have its own.
const redisDatabases = 1024

// Redis is a private Redis, in this process or beside it. It keeps nothing on disk.
type Redis struct {
	port     int
	password string
	inner    *miniredis.Miniredis // the one in this process, or nil

	binary, dir string
	more        string // settings beside the usual ones
	mu          sync.Mutex
	proc        *process // the real server, or nil
}

// StartMiniredis starts a Redis inside this process, whose keys expire by the
// real clock.
func StartMiniredis() (*Redis, error) {
	r := &Redis{password: newPassword(), inner: miniredis.NewMiniRedis()}
	r.inner.RequireAuth(r.password)
	// Without it a key lives until somebody moves miniredis's clock by hand, and
	// asynq's locks with it.
	r.inner.ClockTTL(true)
	if err := r.inner.Start(); err != nil {
		return nil, fmt.Errorf("start the Redis in this process: %w", err)
	}
	port, err := strconv.Atoi(r.inner.Port())
	if err != nil {
		return nil, err
	}
	r.port = port
	return r, nil
}

// StartRedisServer starts an installed redis-server that works in dir, and waits
// until it answers. The error is ErrMissing where there is none.
func StartRedisServer(ctx context.Context, dir string) (*Redis, error) {
	binary, err := findRedis()
	if err != nil {
		return nil, err
	}
	r := &Redis{password: newPassword(), binary: binary, dir: dir}
	if err := r.launchOnSomePort(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Redis) launchOnSomePort(ctx context.Context) error {
	var err error
	for range 5 {
		if r.port, err = freePort(); err != nil {
			return err
		}
		if err = r.launch(ctx); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("start redis-server: %w; the end of its log:\n%s", err, tail(r.logFile(), 12))
	}
	return nil
}

func (r *Redis) launch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := os.OpenFile(r.logFile(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(r.binary, "-")
	// Its settings go in by standard input: arguments show in everybody's list of processes.
	cmd.Stdin = strings.NewReader(fmt.Sprintf(
		"bind %s\nport %d\nrequirepass %s\nsave \"\"\nappendonly no\ndatabases %d\nmaxmemory-policy noeviction\ndir %s\n%s",
		loopback, r.port, r.password, redisDatabases, strconv.Quote(r.dir), r.more))
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	proc, err := startProcess(account{}, cmd, "KILL")
	if err != nil {
		return err
	}
	if err := proc.waitReady(ctx, func(ctx context.Context) error {
		return r.do(ctx, func(c *redis.Client) error { return c.Ping(ctx).Err() })
	}); err != nil {
		proc.stop(ctx, syscall.SIGKILL, syscall.SIGKILL)
		return err
	}
	r.proc = proc
	return nil
}

// URL returns the server's address, with its password, for database 0.
func (r *Redis) URL() string { return r.DatabaseURL(0) }

// DatabaseURL returns the address of one of its logical databases.
func (r *Redis) DatabaseURL(n int) string {
	u := url.URL{
		Scheme: "redis", User: url.UserPassword("", r.password),
		Host: net.JoinHostPort(loopback, strconv.Itoa(r.port)), Path: "/" + strconv.Itoa(n),
	}
	return u.String()
}

// Flush empties all its databases.
func (r *Redis) Flush(ctx context.Context) error {
	return r.do(ctx, func(c *redis.Client) error { return c.FlushAll(ctx).Err() })
}

// Stop ends the server. Called again it does nothing.
func (r *Redis) Stop() { r.end(syscall.SIGTERM) }

// Kill ends the server as kill -9 would: all that it held is gone.
func (r *Redis) Kill() { r.end(syscall.SIGKILL) }

func (r *Redis) end(signal syscall.Signal) {
	if r.inner != nil {
		r.inner.Close()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.proc == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r.proc.stop(ctx, signal, syscall.SIGKILL)
	r.proc = nil
}

// Restart brings a stopped or killed server back, empty, at the same address.
func (r *Redis) Restart(ctx context.Context) error {
	if r.inner != nil {
		r.inner.FlushAll()
		return r.inner.Restart()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.proc != nil {
		return nil
	}
	return r.launch(ctx)
}

// do runs f with a client that makes one connection.
func (r *Redis) do(ctx context.Context, f func(*redis.Client) error) error {
	o, err := redis.ParseURL(r.URL())
	if err != nil {
		return err
	}
	o.PoolSize, o.MaxRetries, o.DisableIdentity = 1, -1, true
	o.ContextTimeoutEnabled = true
	c := redis.NewClient(o)
	defer c.Close()
	return f(c)
}

func (r *Redis) logFile() string { return filepath.Join(r.dir, "redis.log") }
