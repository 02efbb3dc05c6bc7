// Command longroad is the whole service in one binary: a file here for each of
// its commands, and the wiring of the rooms. Its one rule: nothing below knows
// of flags, of the environment or of the other doors.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // readers live in every zone, and machines come without the files

	"github.com/alecthomas/kong"
)

// The exit codes that scripts rest on.
const (
	exitFine   = 0
	exitFault  = 1 // it found faults, or failed
	exitMisuse = 2
)

// root is the command line.
type root struct {
	Dev        devCommand        `cmd:"" help:"Run the whole service on this machine, with a mailbox that catches every mail."`
	Serve      serveCommand      `cmd:"" help:"Serve the pages to readers and to the operator."`
	Worker     workerCommand     `cmd:"" help:"Send what is due; as many as you like may run."`
	Health     healthCommand     `cmd:"" help:"Ask a process of this machine whether it works: for a container's health check."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the database's schema up to date, or show where it stands."`
	Config     configCommand     `cmd:"" help:"Show the configuration, where it comes from and what is wrong with it."`
	Doctor     doctorCommand     `cmd:"" help:"Say what the DNS, the keys and the servers must hold for letters to be believed, and look whether they do."`
	Course     courseCommand     `cmd:"" help:"Check, publish and try out courses."`
	Inbound    inboundCommand    `cmd:"" help:"Read mails as longroad does, and look after what came in and waits for a person."`
	Subscriber subscriberCommand `cmd:"" help:"Look after people: one, or many at once."`
	Alerts     alertsCommand     `cmd:"" help:"List the replies that tell of danger, those that nobody has seen first."`
	Why        whyCommand        `cmd:"" help:"Tell why each letter went or did not, to one person."`
	Retention  retentionCommand  `cmd:"" help:"Show what is kept for how long."`
	Version    versionCommand    `cmd:"" help:"Show the versions of longroad, of Go and of the schema."`
	Help       helpCommand       `cmd:"" help:"Show the commands, or how one is used."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	env := newEnvironment(os.Stdin, os.Stdout, os.Stderr)
	logRedis(env.Log)
	os.Exit(run(ctx, os.Args[1:], env))
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, args []string, env *environment) int {
	if len(args) == 0 {
		args = []string{"help"}
	}
	err := command(ctx, args, env)
	if err == nil {
		return exitFine
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("stopped before it was done")
	}
	report(env.Stderr, err)
	var wrong misuse
	if errors.As(err, &wrong) {
		return exitMisuse
	}
	return exitFault
}

func command(ctx context.Context, args []string, env *environment) error {
	helped := false
	parser, err := kong.New(&root{},
		kong.Name("longroad"),
		kong.Description("Letters of a course, at the reader's pace."),
		kong.Writers(env.Stdout, env.Stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Exit(func(int) { helped = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(env),
	)
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	parsed, err := parser.Parse(args)
	switch {
	case helped: // kong goes on after --help and would find arguments missing
		return nil
	case err != nil:
		return misuse{fmt.Errorf("%w; longroad help lists the commands, and --help how one is used", err)}
	}
	return parsed.Run()
}

// misuse is an error of the command line, not of the work.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// errSilent fails a command that has said everything itself.
var errSilent = errors.New("")

// report writes a line for each error that err holds.
func report(w io.Writer, err error) {
	if errors.Is(err, errSilent) {
		return
	}
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" {
			fmt.Fprintf(w, "longroad: %s\n", line)
		}
	}
}

type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command, such as course lint."`
}

// Run shows the help of a command.
func (h helpCommand) Run(ctx context.Context, env *environment) error {
	return command(ctx, append(h.Command, "--help"), env)
}
