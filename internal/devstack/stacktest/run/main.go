// Command run starts one throwaway PostgreSQL and one Redis, runs a command that
// finds their addresses in its environment, and stops them again:
//
//	go run ./internal/devstack/stacktest/run -- go test ./...
//
// It ends with the command's exit code. A server that is not installed is left
// out: the tests that need it say so.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"longroad/internal/devstack"
	"longroad/internal/devstack/stacktest"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: run -- COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	code, err := run(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// run returns the exit code of the command.
func run(args []string) (code int, err error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ctx := context.Background()
	env := os.Environ()
	if os.Getenv(stacktest.EnvDatabaseURL) == "" {
		postgres, failed := devstack.StartPostgres(ctx, devstack.PostgresOptions{Throwaway: true})
		if failed == nil {
			defer func() { err = errors.Join(err, postgres.Stop(ctx)) }()
			env = append(env, stacktest.EnvDatabaseURL+"="+postgres.URL("postgres"))
		} else if !errors.Is(failed, devstack.ErrMissing) {
			return 1, failed
		}
	}
	if os.Getenv(stacktest.EnvRedisURL) == "" {
		dir, err := os.MkdirTemp("", "longroad-redis-")
		if err != nil {
			return 1, err
		}
		defer os.RemoveAll(dir)
		redis, err := devstack.StartRedisServer(ctx, dir)
		if err == nil {
			defer redis.Stop()
			env = append(env, stacktest.EnvRedisURL+"="+redis.URL())
		} else if !errors.Is(err, devstack.ErrMissing) {
			return 1, err
		}
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			cmd.Process.Signal(s)
		case err := <-ended:
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				return max(exit.ExitCode(), 1), nil // -1 stands for a signal
			}
			return 0, err
		}
	}
}
