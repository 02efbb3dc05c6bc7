package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"longroad/internal/devstack/stacktest"
)

// asProgram in the environment makes the test binary be the program itself, so
// that tests run real processes without building them.
const asProgram = "LONGROAD_TEST_EXEC"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		waitTogether()
		logRedis(slog.New(slog.DiscardHandler)) // tests take Redis away, and its client would tell
		stacktest.Main(m)
		return
	}
	if os.Getenv(asProgram) == "service" {
		go endWithTests()
	}
	main()
}

// waitTogether lets some more tests run at once than there are processors, unless
// somebody has chosen a number: the long ones only wait, for a lease or a sweep.
func waitTogether() {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		flag.Set("test.parallel", strconv.Itoa(runtime.GOMAXPROCS(0)+2))
	}
}

// endWithTests ends a service whose tests are gone: its standard input is theirs.
func endWithTests() {
	io.Copy(io.Discard, os.Stdin)
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
}

// patience is how long a test waits for what should come within seconds.
const patience = time.Minute

// program is a running longroad.
type program struct {
	t     *testing.T
	name  string
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // how it ended

	mu   sync.Mutex
	rest []byte        // of an unfinished line
	said []string      // all its lines
	more chan struct{} // closed at the next line
}

// launch starts a service, such as dev or worker, in dir, with env as its only
// settings. It ends with the test at the latest.
func launch(t *testing.T, dir string, env []string, args ...string) *program {
	t.Helper()
	p := begin(t, dir, env, args...)
	t.Cleanup(func() {
		p.cmd.Process.Signal(syscall.SIGTERM)
		if !p.endedWithin(30 * time.Second) {
			t.Errorf("longroad %s does not end", p.name)
			p.cmd.Process.Kill()
			<-p.ended
		}
		if t.Failed() {
			t.Logf("longroad %s said:\n%s", p.name, p.output())
		}
	})
	return p
}

// begin starts a service as launch does. It ends with the tests; who wants it
// gone sooner ends it.
func begin(t *testing.T, dir string, env []string, args ...string) *program {
	t.Helper()
	p := &program{t: t, name: strings.Join(args, " "), cmd: prepare(t, dir, env, args...),
		ended: make(chan struct{}), more: make(chan struct{})}
	p.cmd.Env = append(p.cmd.Env, asProgram+"=service")
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.WaitDelay = 10 * time.Second
	input, err := p.cmd.StdinPipe() // stays open as long as the tests run
	must(t, err)
	must(t, p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		input.Close()
		close(p.ended)
	}()
	return p
}

// longroad runs a command to its end and returns what it printed.
func longroad(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := prepare(t, dir, env, args...)
	cmd.Env = append(cmd.Env, asProgram+"=command")
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("longroad %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), complaints.String())
	}
	return out.String()
}

// prepare prepares the program with no setting of the machine's own.
func prepare(t *testing.T, dir string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "LONGROAD_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// Write takes what the program prints.
func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, b...)
	for {
		line, rest, found := bytes.Cut(p.rest, []byte("\n"))
		if !found {
			break
		}
		p.said, p.rest = append(p.said, string(line)), rest
	}
	close(p.more)
	p.more = make(chan struct{})
	return len(b), nil
}

// await waits for a line that matches and returns its submatches.
func (p *program) await(pattern string) []string {
	p.t.Helper()
	m := p.hears(pattern)
	switch {
	case m != nil:
	case p.endedWithin(0):
		p.t.Fatalf("longroad %s ended (%v) before it said %q", p.name, p.err, pattern)
	default:
		p.t.Fatalf("longroad %s does not say %q", p.name, pattern)
	}
	return m
}

// hears is await, but gives nil where the line does not come.
func (p *program) hears(pattern string) []string {
	line := regexp.MustCompile(pattern)
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		p.mu.Lock()
		more := p.more
		p.mu.Unlock()
		if m := p.match(line); m != nil {
			return m
		}
		select {
		case <-more:
		case <-p.ended:
			return p.match(line)
		case <-late.C:
			return nil
		}
	}
}

// match gives the submatches of the first line so far that matches.
func (p *program) match(line *regexp.Regexp) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, said := range p.said {
		if m := line.FindStringSubmatch(said); m != nil {
			return m
		}
	}
	return nil
}

func (p *program) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.said, "\n") + string(p.rest)
}

func (p *program) endedWithin(d time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(d):
		return false
	}
}

// signal sends the program a signal.
func (p *program) signal(s syscall.Signal) {
	p.t.Helper()
	must(p.t, p.cmd.Process.Signal(s))
}

// kill ends it as kill -9 does.
func (p *program) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// finish waits until it has ended by itself, without a fault.
func (p *program) finish() {
	p.t.Helper()
	if !p.endedWithin(patience) {
		p.t.Fatalf("longroad %s does not end", p.name)
	}
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		p.t.Errorf("longroad %s ended with %v", p.name, exit)
	}
}

// folder is an empty folder that every user may enter, as a checkout is: the
// private PostgreSQL of a test run as root is another user's.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "longroad-test-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	return dir
}

// eventually waits for something that another process brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-late.C:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
