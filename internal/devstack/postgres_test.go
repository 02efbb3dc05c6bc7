package devstack

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// needPostgres skips where there is none, unless everything is required. The
// harness itself stands on this package and cannot be used here.
func needPostgres(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, ErrMissing) && os.Getenv("LONGROAD_TEST_REQUIRE") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func startPostgres(t *testing.T, dir string) *Postgres {
	t.Helper()
	p, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir, Throwaway: dir == ""})
	needPostgres(t, err)
	t.Cleanup(func() { p.Stop(context.Background()) })
	return p
}

func openDB(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// clusterDir returns a folder for a cluster; its fallback, if the server's user
// cannot enter a test's folder, goes away with it.
func clusterDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state", "postgres")
	t.Cleanup(func() {
		if b, err := os.ReadFile(filepath.Join(dir, locationFile)); err == nil {
			os.RemoveAll(strings.TrimSpace(string(b)))
		}
	})
	return dir
}

func TestPostgresKeepsItsData(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	first := startPostgres(t, dir)
	for range 2 { // the second time it is there already
		if err := first.CreateDatabase(t.Context(), "road"); err != nil {
			t.Fatal(err)
		}
	}
	db := openDB(t, first.URL("road"))
	if _, err := db.Exec("CREATE TABLE stones (name text); INSERT INTO stones VALUES ('Straße')"); err != nil {
		t.Fatal(err)
	}

	_, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "stop that one first") {
		t.Fatalf("a second start in the same folder answers %v", err)
	}

	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Fatalf("a second stop: %v", err)
	}
	second := startPostgres(t, dir)
	if second.URL("road") != first.URL("road") {
		t.Errorf("the address changed from %s to %s", first.URL("road"), second.URL("road"))
	}
	var name, encoding, zone string
	err = openDB(t, second.URL("road")).QueryRow(
		"SELECT name, current_setting('server_encoding'), current_setting('timezone') FROM stones").Scan(&name, &encoding, &zone)
	if err != nil || name != "Straße" || encoding != "UTF8" || zone != "UTC" {
		t.Fatalf("after a restart: %q %q %q %v", name, encoding, zone, err)
	}
}

func TestPostgresWantsItsPassword(t *testing.T) {
	t.Parallel()
	p := startPostgres(t, "")
	address := strings.Replace(p.URL("postgres"), p.password, "guess", 1)
	if err := openDB(t, address).Ping(); err == nil || !strings.Contains(err.Error(), "password") {
		t.Fatalf("with a wrong password: %v", err)
	}
}

func TestThrowawayLeavesNothing(t *testing.T) {
	t.Parallel()
	p := startPostgres(t, "")
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Done():
	default:
		t.Error("not done after Stop")
	}
	if _, err := os.Stat(p.home); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%s is still there: %v", p.home, err)
	}
}

// A server whose own process and guard are gone is stopped by the next start.
func TestPostgresStopsAnOrphan(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	p := startPostgres(t, dir)
	orphan := p.proc
	p.lock.Close() // what the kernel does after kill -9
	p.stop.Do(func() {})

	next := startPostgres(t, dir)
	select {
	case <-orphan.done:
	default:
		t.Error("the server of the earlier run still runs")
	}
	if err := openDB(t, next.URL("postgres")).Ping(); err != nil {
		t.Fatal(err)
	}
}

// A pid file that a crash left names a process that is somebody else's by now.
func TestPostgresForgetsAStalePid(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	p := startPostgres(t, dir)
	p.Stop(t.Context())
	pidFile := filepath.Join(p.data, "postmaster.pid")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getppid())+"\n"+p.data+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	startPostgres(t, dir)
	if !running(os.Getppid()) {
		t.Fatal("it ended a process that is not its own")
	}
}

func TestPostgresOfAnotherVersion(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	p := startPostgres(t, dir)
	p.Stop(t.Context())
	if err := os.WriteFile(filepath.Join(p.data, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := StartPostgres(t.Context(), PostgresOptions{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "made by PostgreSQL 9") || !strings.Contains(err.Error(), "move that folder aside") {
		t.Fatalf("got %v", err)
	}
}

// The guard ends a server whose parent was killed with -9. The parent is this
// test binary, run once more.
func TestServersEndWithAKilledParent(t *testing.T) {
	if os.Getenv("DEVSTACK_TEST_PARENT") != "" {
		p := startPostgres(t, "")
		os.Stdout.WriteString("up " + p.URL("postgres") + " " + p.home + "\n")
		select {}
	}
	t.Parallel()
	if _, err := choosePostgres(findPostgres(t.Context()), 0, ""); err != nil {
		needPostgres(t, err)
	}
	parent := exec.Command(os.Args[0], "-test.run=^TestServersEndWithAKilledParent$")
	parent.Env = append(os.Environ(), "DEVSTACK_TEST_PARENT=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 512)
	n, _ := out.Read(line)
	fields := strings.Fields(string(line[:n]))
	if len(fields) != 3 || fields[0] != "up" {
		t.Fatalf("the parent says %q", line[:n])
	}
	t.Cleanup(func() { os.RemoveAll(fields[2]) })
	db := openDB(t, fields[1])
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	parent.Process.Kill()
	parent.Wait()
	pidFile := filepath.Join(fields[2], "cluster", "data", "postmaster.pid")
	deadline := time.Now().Add(20 * time.Second)
	for {
		_, err := os.Stat(pidFile)
		if errors.Is(err, os.ErrNotExist) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the server did not end")
		}
		time.Sleep(10 * time.Millisecond) // another process gives no signal to wait on
	}
}

func TestChoosePostgres(t *testing.T) {
	t.Parallel()
	both := []installation{{"/seventeen", 17}, {"/fifteen", 15}}
	for _, c := range []struct {
		name    string
		all     []installation
		major   int
		bin     string
		message string
	}{
		{"nothing installed", nil, 0, "", "apt install postgresql"},
		{"the newest for a new cluster", both, 0, "/seventeen", ""},
		{"the one that made the data", both, 15, "/fifteen", ""},
		{"none of that version", both, 16, "", "install PostgreSQL 16 again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := choosePostgres(c.all, c.major, "/data")
			if got.bin != c.bin || (err == nil) != (c.message == "") || err != nil && !strings.Contains(err.Error(), c.message) {
				t.Fatalf("got %q, %v", got.bin, err)
			}
		})
	}
	if _, err := choosePostgres(nil, 0, ""); !errors.Is(err, ErrMissing) {
		t.Errorf("nothing installed is %v", err)
	}
}

// A checkout under /root is closed to the user that runs PostgreSQL for root.
func TestPostgresOutsideAClosedCheckout(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs PostgreSQL as another user")
	}
	dir := clusterDir(t)
	closed := filepath.Dir(filepath.Dir(dir))
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	p := startPostgres(t, dir)
	if !strings.HasPrefix(p.home, "/var/tmp/longroad-") {
		t.Fatalf("it lives in %s", p.home)
	}
	note, err := os.ReadFile(filepath.Join(dir, locationFile))
	if err != nil || strings.TrimSpace(string(note)) != p.home {
		t.Fatalf("the note says %q, %v", note, err)
	}
	p.Stop(t.Context())
	if again := startPostgres(t, dir); again.home != p.home {
		t.Fatalf("the second run lives in %s, the first in %s", again.home, p.home)
	}
}

func TestPostgresComesBackAfterACrash(t *testing.T) {
	t.Parallel()
	p := startPostgres(t, "")
	db := openDB(t, p.URL("postgres"))
	if _, err := db.Exec("CREATE TABLE stones (); INSERT INTO stones DEFAULT VALUES"); err != nil {
		t.Fatal(err)
	}
	p.Kill(t.Context())
	if err := db.Ping(); err == nil {
		t.Fatal("it answers after Kill")
	}
	if err := p.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM stones").Scan(&n); err != nil || n != 1 {
		t.Fatalf("after the restart: %d rows, %v", n, err)
	}
}
