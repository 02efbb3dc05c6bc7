package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"longroad/internal/store"
)

// healthPatience is how long a process has to answer.
const healthPatience = 3 * time.Second

type healthCommand struct {
	URL    string `name:"url" xor:"what" help:"Ask this address, not the one where serve listens on this machine."`
	Worker bool   `xor:"what" help:"Ask for the workers of this machine, by their last sign of life in the database."`
}

// Help says who it is for.
func (healthCommand) Help() string {
	return "The image of the container holds no other program that could ask. The exit code is 1 for a process that no longer works. " +
		"A database that does not answer is no fault of a worker, which waits for it: then it counts as well."
}

// Run asks a process of this machine whether it works.
func (cmd healthCommand) Run(ctx context.Context, env *environment) error {
	if cmd.Worker {
		return workerHealth(ctx, env)
	}
	url := cmd.URL
	if url == "" {
		c, err := env.Config()
		if err != nil {
			return err
		}
		if url, err = healthURL(c.HTTPAddr); err != nil {
			return err
		}
	}
	return askHealth(ctx, env.Stdout, url)
}

// healthURL is where the serve of this machine answers that listens on addr.
func healthURL(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "" {
		return "", errors.New("LONGROAD_HTTP_ADDR is no host:port: write 127.0.0.1:8080, or :8080 for every address")
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = ""
	}
	return "http://" + net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port) + "/healthz", nil
}

// askHealth asks an address. It goes there itself: no proxy knows this machine.
func askHealth(ctx context.Context, out io.Writer, url string) error {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	fmt.Fprintln(out, "well")
	return nil
}

// workerHealth looks whether a worker of this machine has given a sign of life
// within a lease.
func workerHealth(ctx context.Context, env *environment) error {
	c, err := env.Config()
	if err != nil {
		return err
	}
	if err := c.check(needDatabase); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	db, err := store.Connect(ctx, c.databaseURL())
	if err != nil {
		fmt.Fprintln(env.Stdout, "the database does not answer: nothing is known of the worker")
		return nil
	}
	defer db.Close()
	alive, err := db.WorkersAlive(ctx)
	if err != nil {
		return err
	}
	host := machine()
	if !slices.ContainsFunc(alive, func(id string) bool { return worksOn(host, id) }) {
		return fmt.Errorf("no worker of %s has given a sign of life for %s", host, store.Lease)
	}
	fmt.Fprintln(env.Stdout, "well")
	return nil
}

// machine is this machine's name, only to tell workers apart.
func machine() string {
	host, _ := os.Hostname()
	return host
}

// workerID names a worker: its machine, its process, and what no other has.
func workerID(host string, pid int, unique string) string {
	return fmt.Sprintf("%s-%d-%s", host, pid, strings.ToLower(unique))
}

// worksOn tells whether a worker's name is one of a machine's.
func worksOn(host, id string) bool {
	rest, ok := strings.CutPrefix(id, host+"-")
	return ok && strings.Count(rest, "-") == 1
}
