package main

import (
	"context"
	"fmt"
	"io"

	"longroad/internal/store"
)

type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Apply every migration that waits."`
	Status migrateStatusCommand `cmd:"" help:"List the migrations; the exit code is 1 while one waits."`
}

type migrateUpCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run brings the schema up to date. Many processes may do so at once.
func (cmd migrateUpCommand) Run(ctx context.Context, env *environment) error {
	url, err := migratable(ctx, env)
	if err != nil {
		return err
	}
	done, err := store.Migrate(ctx, url)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return writeJSON(env.Stdout, append([]store.Migration{}, done...))
	}
	if len(done) == 0 {
		fmt.Fprintln(env.Stdout, "nothing to do: the schema is up to date")
	}
	for _, m := range done {
		fmt.Fprintf(env.Stdout, "applied %s\n", m.File)
	}
	return nil
}

type migrateStatusCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists what is applied and what waits.
func (cmd migrateStatusCommand) Run(ctx context.Context, env *environment) error {
	url, err := migratable(ctx, env)
	if err != nil {
		return err
	}
	all, err := store.Migrations(ctx, url)
	if err != nil {
		return err
	}
	if cmd.JSON {
		err = writeJSON(env.Stdout, all)
	} else {
		writeMigrations(env.Stdout, all)
	}
	if err != nil {
		return err
	}
	return store.SchemaReady(ctx, url)
}

func writeMigrations(w io.Writer, all []store.Migration) {
	for _, m := range all {
		state := "waiting"
		if m.Applied {
			state = "applied"
		}
		fmt.Fprintf(w, "%05d  %s  %s\n", m.Version, state, m.File)
	}
}

// migratable gives the address of a database that answers, whatever its schema.
func migratable(ctx context.Context, env *environment) (string, error) {
	c, err := env.Config()
	if err != nil {
		return "", err
	}
	if err := c.check(needDatabase); err != nil {
		return "", err
	}
	s, err := waitForDatabase(ctx, env, c.databaseURL(), forever)
	if err != nil {
		return "", err
	}
	return c.databaseURL(), s.Close()
}
