package devstack

import (
	"context"
	"errors"
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

	"github.com/redis/go-redis/v9"
)

const (
	sentinelMaster  = "longroad"
	sentinelCount   = 3
	sentinelQuorum  = 2
	sentinelSilence = 500 * time.Millisecond // after which they call a server dead
)

// Sentinels are two private Redis servers, a master and its replica, and three
// Sentinels that put the replica in the master's place when that dies. All ask
// for one password.
type Sentinels struct {
	password string
	servers  []*Redis // the first master, then its replica
	watchers []*sentinel
}

// sentinel is one of those that watch.
type sentinel struct {
	port int
	proc *process
	stop sync.Once
}

// StartSentinels starts all five below dir and waits until a failover would
// succeed. The error is ErrMissing where there is no redis-server.
func StartSentinels(ctx context.Context, dir string) (*Sentinels, error) {
	binary, err := findRedis()
	if err != nil {
		return nil, err
	}
	s := &Sentinels{password: newPassword()}
	if err := s.start(ctx, binary, dir); err != nil {
		s.Stop()
		return nil, fmt.Errorf("start Redis with Sentinels: %w", err)
	}
	return s, nil
}

func (s *Sentinels) start(ctx context.Context, binary, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	// Without the delay a replica is in step within a second.
	settings := fmt.Sprintf("masterauth %s\nrepl-diskless-sync-delay 0\nrepl-ping-replica-period 1\n", s.password)
	for i, role := range []string{"", "replicaof"} {
		r := &Redis{password: s.password, binary: binary, dir: filepath.Join(dir, "redis-"+strconv.Itoa(i)), more: settings}
		if role != "" {
			r.more += fmt.Sprintf("%s %s %d\n", role, loopback, s.servers[0].port)
		}
		if err := os.Mkdir(r.dir, 0o700); err != nil {
			return err
		}
		if err := r.launchOnSomePort(ctx); err != nil {
			return err
		}
		s.servers = append(s.servers, r)
	}
	if err := s.await(ctx, s.servers[1].port, "a replica in step", func(ctx context.Context, c *redis.Client) bool {
		info, err := c.Info(ctx, "replication").Result()
		return err == nil && strings.Contains(info, "master_link_status:up")
	}); err != nil {
		return err
	}
	for i := range sentinelCount {
		if err := s.watch(ctx, binary, filepath.Join(dir, "sentinel-"+strconv.Itoa(i))); err != nil {
			return err
		}
	}
	for _, w := range s.watchers {
		if err := s.await(ctx, w.port, "Sentinels that know each other", func(ctx context.Context, c *redis.Client) bool {
			seen := redis.NewMapStringStringCmd(ctx, "sentinel", "master", sentinelMaster)
			return c.Process(ctx, seen) == nil && seen.Val()["num-slaves"] == "1" && seen.Val()["num-other-sentinels"] == strconv.Itoa(sentinelCount-1)
		}); err != nil {
			return err
		}
	}
	return nil
}

// watch starts one Sentinel. Unlike a server it insists on a file of its own for
// its settings, and writes to it.
func (s *Sentinels) watch(ctx context.Context, binary, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	settings := filepath.Join(dir, "sentinel.conf")
	if err := os.WriteFile(settings, []byte(strings.Join([]string{
		"bind " + loopback,
		"port " + strconv.Itoa(port),
		"requirepass " + s.password,
		"dir " + strconv.Quote(dir),
		fmt.Sprintf("sentinel monitor %s %s %d %d", sentinelMaster, loopback, s.servers[0].port, sentinelQuorum),
		fmt.Sprintf("sentinel auth-pass %s %s", sentinelMaster, s.password),
		fmt.Sprintf("sentinel down-after-milliseconds %s %d", sentinelMaster, sentinelSilence.Milliseconds()),
		fmt.Sprintf("sentinel failover-timeout %s 3000", sentinelMaster),
		"",
	}, "\n")), 0o600); err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(dir, "sentinel.log"))
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(binary, settings, "--sentinel")
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	proc, err := startProcess(account{}, cmd, "KILL")
	if err != nil {
		return err
	}
	s.watchers = append(s.watchers, &sentinel{port: port, proc: proc})
	return nil
}

// URL returns the address of the master, whichever that is, for database 0.
func (s *Sentinels) URL() string {
	var hosts []string
	for _, w := range s.watchers {
		hosts = append(hosts, net.JoinHostPort(loopback, strconv.Itoa(w.port)))
	}
	u := url.URL{
		Scheme: "redis-sentinel", User: url.UserPassword("", s.password),
		Host: strings.Join(hosts, ","), Path: "/0", RawQuery: "master=" + sentinelMaster,
	}
	return u.String()
}

// KillMaster ends the first master and one Sentinel as the loss of a machine
// would. What had not reached the replica is gone.
func (s *Sentinels) KillMaster() {
	s.servers[0].Kill()
	s.watchers[0].kill()
}

// AwaitFailover waits until the replica has become the master and the Sentinels
// that are left say so.
func (s *Sentinels) AwaitFailover(ctx context.Context) error {
	want := strconv.Itoa(s.servers[1].port)
	for _, w := range s.watchers[1:] {
		if err := s.await(ctx, w.port, "a new master", func(ctx context.Context, c *redis.Client) bool {
			at := redis.NewStringSliceCmd(ctx, "sentinel", "get-master-addr-by-name", sentinelMaster)
			return c.Process(ctx, at) == nil && len(at.Val()) == 2 && at.Val()[1] == want
		}); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends all of them. Called again it does nothing.
func (s *Sentinels) Stop() {
	for _, w := range s.watchers {
		w.kill()
	}
	for _, r := range s.servers {
		r.Stop()
	}
}

func (w *sentinel) kill() {
	w.stop.Do(func() { w.proc.stop(context.Background(), syscall.SIGKILL, syscall.SIGKILL) })
}

// await asks the server on a port until ok is content.
func (s *Sentinels) await(ctx context.Context, port int, what string, ok func(context.Context, *redis.Client) bool) error {
	c := redis.NewClient(&redis.Options{
		Addr: net.JoinHostPort(loopback, strconv.Itoa(port)), Password: s.password, PoolSize: 1, MaxRetries: -1, DisableIdentity: true,
	})
	defer c.Close()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok(ctx, c) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("waited in vain for %s", what), ctx.Err())
		case <-tick.C:
		}
	}
}
