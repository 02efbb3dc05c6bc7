package devstack

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// process is a server that we started. A guard beside it ends it when we are
// gone, however we went.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the server has ended
	err  error         // how it ended; read after done
}

// startProcess starts cmd. When this process ends without stopping it, the guard
// sends it the given signal (a name as kill -s takes it).
func startProcess(acc account, cmd *exec.Cmd, lastSignal string) (*process, error) {
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	dismiss, err := guard(acc, cmd.Process.Pid, lastSignal)
	if err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return nil, err
	}
	go func() {
		p.err = cmd.Wait()
		dismiss()
		close(p.done)
	}()
	return p, nil
}

// guard starts a small shell that waits for the end of its standard input, of
// which we hold the other end: the kernel closes that for us even after kill -9.
func guard(acc account, pid int, signal string) (dismiss func(), err error) {
	g := acc.command(context.Background(), "/", "/bin/sh", "-c", `read -r _; kill -s "$1" "$2" 2>/dev/null`, "sh", signal, strconv.Itoa(pid))
	var hold io.WriteCloser
	if hold, err = g.StdinPipe(); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	if err := g.Start(); err != nil {
		return nil, fmt.Errorf("start the guard of a server: %w", err)
	}
	return func() {
		g.Process.Kill() // before its input closes, so that it signals nobody
		hold.Close()
		g.Wait()
	}, nil
}

// alive says whether the server has not ended yet.
func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// stop asks with the gentle signal and, when ctx ends first, insists with the
// harsh one, and at last with SIGKILL. It returns when the server has ended.
func (p *process) stop(ctx context.Context, gentle, harsh syscall.Signal) {
	p.cmd.Process.Signal(gentle)
	select {
	case <-p.done:
		return
	case <-ctx.Done():
	}
	p.cmd.Process.Signal(harsh)
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		p.cmd.Process.Kill()
		<-p.done
	}
}

// waitReady calls probe until it succeeds, the server ends, or ctx does.
func (p *process) waitReady(ctx context.Context, probe func(context.Context) error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		try, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := probe(try)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("the server ended at once (%v)", p.err)
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer (%w): %w", ctx.Err(), err)
		case <-tick.C:
		}
	}
}
