package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"longroad/migrations"
)

type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// versions is what this binary is.
type versions struct {
	Version  string `json:"version"` // devel where the build does not say
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from files that no commit holds
	Go       string `json:"go"`
	Schema   int64  `json:"schema"` // the last migration that it knows
}

// Run prints the versions.
func (cmd versionCommand) Run(env *environment) error {
	v, err := readVersions(debug.ReadBuildInfo())
	if err != nil {
		return err
	}
	if cmd.JSON {
		return writeJSON(env.Stdout, v)
	}
	_, err = fmt.Fprintln(env.Stdout, v)
	return err
}

func (v versions) String() string {
	text := "longroad " + v.Version
	if v.Revision != "" {
		text += " (" + v.Revision[:min(12, len(v.Revision))]
		if v.Modified {
			text += ", modified"
		}
		text += ")"
	}
	return fmt.Sprintf("%s, %s, schema %d", text, v.Go, v.Schema)
}

func readVersions(info *debug.BuildInfo, ok bool) (versions, error) {
	v := versions{Version: "devel", Go: runtime.Version()}
	if ok {
		v.Version = strings.Trim(cmp.Or(info.Main.Version, "devel"), "()")
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Revision = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return v, err
	}
	for _, name := range names {
		digits, _, _ := strings.Cut(path.Base(name), "_")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return v, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		v.Schema = max(v.Schema, n)
	}
	return v, nil
}
