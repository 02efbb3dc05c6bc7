package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"longroad/internal/inbound"
	"longroad/internal/inbound/meant"
	machines "longroad/internal/inbound/report" // main has a report of its own
)

type inboundCommand struct {
	Explain inboundExplainCommand `cmd:"" help:"Tell what mails are, what was said in them, and what they would do."`
	List    inboundListCommand    `cmd:"" help:"List what came in and waits for a person: the quarantine."`
	Show    inboundShowCommand    `cmd:"" help:"Open one of the quarantine."`
	Replay  inboundReplayCommand  `cmd:"" help:"Have the workers read again what is in the quarantine."`
	Drop    inboundDropCommand    `cmd:"" help:"Let go of what is in the quarantine."`
}

type inboundExplainCommand struct {
	Files []string `arg:"" name:"file" help:"Raw mails (RFC 5322), or - for standard input."`
	JSON  bool     `name:"json" help:"Print a line of JSON for each file."`
}

// Help says what is printed.
func (inboundExplainCommand) Help() string {
	return "It needs no configuration, and sends and stores nothing. A file that cannot be read as a mail has the kind unknown, and the exit code is 1."
}

// mostMail bounds what is read of a file, in bytes.
const mostMail = 32 << 20

// explained is a line of the command's JSON.
type explained struct {
	File string `json:"file"`
	inbound.Explanation
}

// Run explains one file after the other.
func (cmd inboundExplainCommand) Run(ctx context.Context, env *environment) error {
	meaning, err := meant.New(nil)
	if err != nil {
		return err
	}
	options := inbound.Options{Meaning: meaning, Now: env.Now()}
	lines := json.NewEncoder(env.Stdout)
	lines.SetEscapeHTML(false)
	failed := false
	for _, file := range cmd.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		one, err := explainFile(file, env.Stdin, options)
		if err != nil {
			failed = true
			fmt.Fprintf(env.Stderr, "longroad: %s: %v\n", file, err)
		}
		if cmd.JSON {
			err = lines.Encode(one)
		} else {
			err = one.tell(env.Stdout)
		}
		if err != nil {
			return err
		}
	}
	if failed {
		return errSilent
	}
	return nil
}

func explainFile(file string, stdin io.Reader, o inbound.Options) (explained, error) {
	one := explained{File: file, Explanation: inbound.Explanation{Kind: machines.Unknown}}
	raw, err := readMail(file, stdin)
	if err != nil {
		one.Why = "it cannot be read"
		return one, err
	}
	one.Explanation, err = inbound.Explain(raw, o)
	if errors.Is(err, inbound.ErrUnreadable) {
		err = fmt.Errorf("%w: %s", err, one.Why)
	}
	return one, err
}

func readMail(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(io.LimitReader(stdin, mostMail))
	}
	in, err := os.Open(file)
	if err != nil {
		var of *os.PathError
		if errors.As(err, &of) {
			err = of.Err // its path is said already
		}
		return nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("a folder: name the mails in it")
	}
	return io.ReadAll(io.LimitReader(in, mostMail))
}

// tell writes a block for a person.
func (e explained) tell(w io.Writer) error {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-11s %s\n", name, value)
		}
	}
	fmt.Fprintf(&b, "%s: %s\n", e.File, e.Kind)
	line("why", e.Why)
	if r := e.Reply; r != nil {
		line("intent", r.Intent)
		line("because", e.WhyMeant)
		if r.Pause != nil {
			if r.Pause.For != "" {
				line("pause", "for "+r.Pause.For)
			}
			if r.Pause.Until != "" {
				line("pause", "until "+r.Pause.Until)
			}
		}
		if r.Crisis != nil {
			line("crisis", r.Crisis.Category+", "+r.Crisis.Level)
		}
		line("would", e.would())
		for text := range strings.Lines(r.Text) {
			fmt.Fprintf(&b, "  | %s\n", strings.TrimRight(text, "\r\n"))
		}
	}
	if bounce := e.Bounce; bounce != nil {
		line("type", string(bounce.Type))
		line("reason", string(bounce.Reason))
		line("status", bounce.Status)
		line("recipients", strings.Join(bounce.Recipients, ", "))
		line("server", strings.Join(strings.Fields(e.Diagnostic), " "))
		line("would", e.would())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wouldInDanger says it of a mail that tells of danger: an alarm halts, and lets
// only a stop count beside it; a gentle sign halts nothing.
func (e explained) wouldInDanger() string {
	does := "alert the operator"
	if e.Reply.Crisis.Level == meant.Alarm {
		does = "halt the letters, and " + does
	}
	switch intent := e.Reply.Intent; {
	case e.Kind == machines.AutoReply:
		return does + ", and answer nothing"
	case intent == "stop" || e.Reply.Crisis.Level != meant.Alarm && intent != "none":
		return does + "; then " + intent
	}
	return does
}

// would says what a worker does with such a mail.
func (e explained) would() string {
	switch {
	case e.Reply != nil && e.Reply.Crisis != nil:
		return e.wouldInDanger()
	case e.Kind == machines.AutoReply:
		return "change nothing, and answer nothing"
	case e.Reply != nil && e.Reply.Intent == "none":
		return "count as heard, and change nothing"
	case e.Reply != nil:
		return e.Reply.Intent
	case e.Kind == machines.Complaint && e.Opts:
		return "stop all letters to the recipient"
	case e.Kind == machines.Bounce && e.Bounce.Type == machines.Hard:
		return "count against the address"
	case e.Kind == machines.Bounce && e.Bounce.Type == machines.Soft:
		return "count, and go on"
	}
	return "change nothing"
}
