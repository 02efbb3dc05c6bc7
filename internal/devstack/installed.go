package devstack

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrMissing is the cause of an error that says that a server is not installed.
var ErrMissing = errors.New("not installed")

// oldestPostgres is the oldest major version that the service's SQL is written for.
const oldestPostgres = 14

// installation is a PostgreSQL found on this machine.
type installation struct {
	bin   string // the folder of its programs
	major int
}

// findPostgres lists the installations that run, newest first.
func findPostgres(ctx context.Context) []installation {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
		"/usr/pgsql-*/bin",                  // Fedora, with the project's own packages
		"/opt/homebrew/opt/postgresql*/bin", // macOS
		"/usr/local/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		found, _ := filepath.Glob(pattern) // its only error is a bad pattern
		dirs = append(dirs, found...)
	}
	var all []installation
	for _, dir := range dirs {
		known := slices.ContainsFunc(all, func(i installation) bool { return i.bin == dir })
		if known {
			continue
		}
		if major, err := postgresMajor(ctx, dir); err == nil && major >= oldestPostgres {
			all = append(all, installation{dir, major})
		}
	}
	slices.SortStableFunc(all, func(a, b installation) int { return b.major - a.major })
	return all
}

var versionNumber = regexp.MustCompile(`\) (\d+)`)

// postgresMajor runs both programs in dir that we need and returns their major
// version. A package half removed, or made for another machine, fails here.
func postgresMajor(ctx context.Context, dir string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := exec.CommandContext(ctx, filepath.Join(dir, "initdb"), "--version").Run(); err != nil {
		return 0, fmt.Errorf("run initdb: %w", err)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("run postgres: %w", err)
	}
	m := versionNumber.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("no version in %q", strings.TrimSpace(string(out)))
	}
	return strconv.Atoi(string(m[1]))
}

// choosePostgres picks the installation for a data folder of the given major
// version, or the newest when there is no data yet (major 0).
func choosePostgres(all []installation, major int, data string) (installation, error) {
	if len(all) == 0 {
		return installation{}, fmt.Errorf("PostgreSQL %d or newer is %w: install it (Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql), "+
			"or run the whole service in containers with `docker compose up --build`", oldestPostgres, ErrMissing)
	}
	if major == 0 {
		return all[0], nil
	}
	for _, i := range all {
		if i.major == major {
			return i, nil
		}
	}
	return installation{}, fmt.Errorf("the data in %s was made by PostgreSQL %d, but what is installed is %d: "+
		"install PostgreSQL %d again, or move that folder aside to start afresh", data, major, all[0].major, major)
}

// findRedis returns the path of a redis-server, or of a Valkey that is as good.
func findRedis() (string, error) {
	for _, name := range []string{
		"redis-server", "/usr/bin/redis-server", "/opt/homebrew/bin/redis-server", "/usr/local/bin/redis-server", "valkey-server",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("redis-server is %w: install it (Debian, Ubuntu: apt install redis-server; macOS: brew install redis)", ErrMissing)
}
