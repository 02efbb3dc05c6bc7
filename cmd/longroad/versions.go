package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"longroad/internal/store"
)

type versionsCommand struct {
	Course string `arg:"" optional:"" help:"Of this course only."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// courseVersion is one published version as the command shows it.
type courseVersion struct {
	Course      string    `json:"course"`
	Hash        string    `json:"hash"`
	Title       string    `json:"title"`
	PublishedAt time.Time `json:"published_at"`
	Current     bool      `json:"current"`
	Readers     int       `json:"readers"` // on their way with this version
}

// Run lists the published versions, the newest of each course first.
func (cmd versionsCommand) Run(ctx context.Context, env *environment) error {
	return withStore(ctx, env, nil, func(_ config, s *store.Store) error {
		rows, err := s.Versions(ctx, cmd.Course)
		if err != nil {
			return err
		}
		if len(rows) == 0 && cmd.Course != "" {
			return fmt.Errorf("no version of a course %q was published; longroad course publish publishes one", cmd.Course)
		}
		all := make([]courseVersion, len(rows))
		for i, v := range rows {
			all[i] = courseVersion{v.Course, v.Hash, v.Title, v.PublishedAt, v.Current, v.Readers}
		}
		if cmd.JSON {
			return writeJSON(env.Stdout, all)
		}
		writeCourseVersions(env.Stdout, all)
		return nil
	})
}

func writeCourseVersions(w io.Writer, all []courseVersion) {
	if len(all) == 0 {
		fmt.Fprintln(w, "no course is published; longroad course publish publishes the built-in ones")
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range all {
		current := ""
		if v.Current {
			current = "current"
		}
		fmt.Fprintf(t, "%s\t%.12s\t%s\t%s\t%s\n", v.Course, v.Hash, v.PublishedAt.Format("2006-01-02 15:04 MST"), count(v.Readers, "reader"), current)
	}
	t.Flush()
}
