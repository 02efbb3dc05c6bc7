package main

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"

	"longroad/internal/store"
)

type retentionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help says who keeps the clocks.
func (retentionCommand) Help() string {
	return "The workers let go of what is past its time, about every hour. This only shows."
}

// Run shows what is kept for how long.
func (cmd retentionCommand) Run(ctx context.Context, env *environment) error {
	return withStore(ctx, env, nil, func(c config, s *store.Store) error {
		clocks, err := newRoad(env, c, s).Clocks(ctx)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return writeJSON(env.Stdout, clocks)
		}
		t := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "WHAT\tKEPT\tTHEN\tNOW\tPAST")
		for _, c := range clocks {
			now, past := "-", "-"
			if c.Rows >= 0 {
				now, past = strconv.Itoa(c.Rows), strconv.Itoa(c.Past)
			}
			then := c.Then
			if then == "" {
				then = "-"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", c.What, c.For, then, now, past)
		}
		return t.Flush()
	})
}
