package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"longroad/internal/journey"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
)

// mostListed is how many rows of the quarantine are listed at once.
const mostListed = 1000

type inboundListCommand struct {
	JSON bool `name:"json" help:"Print a line of JSON for each."`
}

// Help says what is in the quarantine.
func (inboundListCommand) Help() string {
	return "What came in and could not be matched, read or opened stays, encrypted, for 30 days. This tells when it came, by which way, what it was " +
		"taken for and why it is kept; never whose it is or what it says. longroad inbound show REF opens one, replay has the workers read it " +
		"again, drop lets it go."
}

// quarantined is a row of the list.
type quarantined struct {
	Ref      string    `json:"ref"`
	At       time.Time `json:"at"`
	Way      string    `json:"way"`
	Kind     string    `json:"kind"`
	Why      string    `json:"why"`
	Delivery string    `json:"delivery,omitempty"` // the mail of ours that it is about
	Size     int       `json:"size"`               // in octets, as it is kept
}

// Run lists the quarantine.
func (cmd inboundListCommand) Run(ctx context.Context, env *environment) error {
	return withStore(ctx, env, nil, func(_ config, s *store.Store) error {
		rows, err := s.Quarantine(ctx, mostListed)
		if err != nil {
			return err
		}
		all := make([]quarantined, len(rows))
		for i, k := range rows {
			all[i] = quarantined{Ref: k.Ref.String(), At: k.ReceivedAt, Way: k.Way, Kind: k.Kind, Why: k.Why, Size: k.Size}
			if k.Delivery != nil {
				all[i].Delivery = k.Delivery.String()
			}
		}
		if cmd.JSON {
			lines := json.NewEncoder(env.Stdout)
			for _, one := range all {
				if err := lines.Encode(one); err != nil {
					return err
				}
			}
			return nil
		}
		return tellQuarantine(env.Stdout, all)
	})
}

func tellQuarantine(w io.Writer, all []quarantined) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "nothing waits for a person")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "REF\tCAME (UTC)\tBY\tAS\tWHY IT IS KEPT\tABOUT\tSIZE")
	for _, k := range all {
		about := k.Delivery
		if about == "" {
			about = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", k.Ref, k.At.UTC().Format("2006-01-02 15:04"), k.Way, k.Kind, k.Why, about, k.Size)
	}
	if len(all) == mostListed {
		fmt.Fprintf(t, "…and more: these are the %d oldest\n", mostListed)
	}
	return t.Flush()
}

type inboundShowCommand struct {
	Ref string `arg:"" help:"Its name, as longroad inbound list shows it."`
}

// Run opens one, for the operator's eyes.
func (cmd inboundShowCommand) Run(ctx context.Context, env *environment) error {
	refs, err := refsOf(cmd.Ref)
	if err != nil {
		return err
	}
	return withStore(ctx, env, []need{needKeys}, func(c config, s *store.Store) error {
		road := newRoad(env, c, s)
		if road.Box, err = seal.NewBox(c.SecretKey...); err != nil {
			return fmt.Errorf("LONGROAD_SECRET_KEY: %w", err)
		}
		a, err := road.Quarantined(ctx, refs[0])
		if err != nil {
			return err
		}
		fmt.Fprintln(env.Stderr, "longroad: this may be somebody's most private letter: keep it from other eyes, and from files")
		fmt.Fprintf(env.Stderr, "longroad: by %s, envelope from %q to %q\n", a.Way, printable(a.From), printable(a.To))
		if a.Note != nil {
			return writeJSON(env.Stdout, a.Note)
		}
		raw := a.Raw
		if onTerminal(env.Stdout) { // what a stranger wrote must not play with it
			raw = tame(raw)
		}
		_, err = env.Stdout.Write(raw)
		return err
	})
}

// tame replaces what could play tricks on a terminal, line by line.
func tame(raw []byte) []byte {
	var b strings.Builder
	for line := range strings.Lines(string(raw)) {
		b.WriteString(strings.TrimRight(printable(strings.TrimRight(line, "\r\n")), " "))
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

type inboundReplayCommand struct {
	Refs []string `arg:"" optional:"" name:"ref" help:"Names, as longroad inbound list shows them."`
	All  bool     `help:"All that is in the quarantine."`
}

// Run has workers read again what could not be used before a fix.
func (cmd inboundReplayCommand) Run(ctx context.Context, env *environment) error {
	if cmd.All == (len(cmd.Refs) > 0) {
		return misuse{errors.New("name what to replay, or write --all")}
	}
	return settleQuarantine(ctx, env, cmd.Refs, "the workers read it again", func(road *journey.Road, refs []token.Ref) ([]token.Ref, error) {
		return road.Replay(ctx, refs...)
	})
}

type inboundDropCommand struct {
	Refs []string `arg:"" name:"ref" help:"Names, as longroad inbound list shows them."`
}

// Run lets go of what nobody needs any more.
func (cmd inboundDropCommand) Run(ctx context.Context, env *environment) error {
	return settleQuarantine(ctx, env, cmd.Refs, "let go", func(road *journey.Road, refs []token.Ref) ([]token.Ref, error) {
		return road.DropKept(ctx, refs...)
	})
}

// settleQuarantine does something to what the names stand for, and says so of
// each; one that is not there fails the command, and not the others.
func settleQuarantine(ctx context.Context, env *environment, names []string, done string, act func(*journey.Road, []token.Ref) ([]token.Ref, error)) error {
	refs, err := refsOf(names...)
	if err != nil {
		return err
	}
	return withStore(ctx, env, nil, func(c config, s *store.Store) error {
		found, err := act(newRoad(env, c, s), refs)
		if err != nil {
			return err
		}
		there := map[token.Ref]bool{}
		for _, ref := range found {
			there[ref] = true
			fmt.Fprintf(env.Stdout, "%s: %s\n", ref, done)
		}
		missing := false
		for _, ref := range refs {
			if !there[ref] {
				missing = true
				fmt.Fprintf(env.Stderr, "longroad: %s is not in the quarantine\n", ref)
			}
		}
		if missing {
			return errSilent
		}
		if len(found) == 0 {
			fmt.Fprintln(env.Stdout, "nothing waits for a person")
		}
		return nil
	})
}

func refsOf(names ...string) ([]token.Ref, error) {
	refs := make([]token.Ref, len(names))
	for i, name := range names {
		ref, err := token.ParseRef(name)
		if err != nil {
			return nil, misuse{fmt.Errorf("%q is no name of 20 hexadecimal digits, as longroad inbound list shows them", name)}
		}
		refs[i] = ref
	}
	return refs, nil
}
