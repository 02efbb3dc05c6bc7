package devstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// dataMajor returns the major version that made a data folder, 0 if there is none.
func dataMajor(data string) (int, error) {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(b)))
}

// initialise makes the cluster. It works in a folder beside the final one, so
// that what stands there is whole even if we are killed half way.
func (p *Postgres) initialise(ctx context.Context) error {
	cluster := filepath.Dir(p.data)
	fresh, pwfile := p.data+".new", filepath.Join(cluster, "pwfile")
	for _, left := range []string{fresh, pwfile} {
		if err := os.RemoveAll(left); err != nil {
			return err
		}
	}
	password := newPassword()
	if err := os.WriteFile(filepath.Join(p.home, "password"), []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if err := p.account.handOver(pwfile, password); err != nil {
		return err
	}
	defer os.Remove(pwfile)
	var out []byte
	var err error
	// Not every system knows C.UTF-8. Both sort by code point.
	for _, locale := range []string{"C.UTF-8", "C"} {
		args := []string{"-D", fresh, "-U", superuser, "-A", "scram-sha-256", "--pwfile", pwfile, "-E", "UTF8", "--locale", locale}
		if p.throwaway {
			args = append(args, "--no-sync")
		}
		cmd := p.account.command(ctx, cluster, filepath.Join(p.chosen.bin, "initdb"), args...)
		if out, err = cmd.CombinedOutput(); err == nil {
			return os.Rename(fresh, p.data)
		}
	}
	return fmt.Errorf("initdb: %w\n%s", err, bytes.TrimSpace(out))
}

// handOver writes a file that only the account can read.
func (a account) handOver(path, content string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString(content + "\n"); err != nil {
		return err
	}
	if a.other {
		return f.Chown(int(a.uid), int(a.gid))
	}
	return nil
}

// stopOrphan stops a server that still runs on data although its process, which
// held the lock that we hold now, is gone; and it removes a pid file whose
// number belongs to some other process by now, over which PostgreSQL stumbles.
func stopOrphan(ctx context.Context, data string, log *slog.Logger) error {
	file := filepath.Join(data, "postmaster.pid")
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || !running(pid) {
		return nil // PostgreSQL itself copes with a dead one
	}
	if !strings.Contains(commandLine(ctx, pid), data) {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	log.InfoContext(ctx, "stopping the postgres of an earlier run", "pid", pid)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop the PostgreSQL of an earlier run (process %d): %w", pid, err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for running(pid) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the PostgreSQL of an earlier run (process %d) does not end: stop it by hand: %w", pid, ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// running says whether a process with that number exists.
func running(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// commandLine returns how a process was called, empty if that cannot be known.
func commandLine(ctx context.Context, pid int) string {
	if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return string(bytes.ReplaceAll(b, []byte{0}, []byte{' '}))
	}
	out, err := exec.CommandContext(ctx, "ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// tail returns the last lines of a file, for an error that a person reads.
func tail(path string, lines int) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
