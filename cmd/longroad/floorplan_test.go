package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The README's floor plan says which room may import which. This holds it
// against every import, both ways: what the plan does not allow, and what it
// allows and nobody uses.
func TestFloorPlan(t *testing.T) {
	t.Parallel()
	plan := readPlan(t, "../../README.md")
	found := readImports(t, "../..")
	for _, room := range slices.Sorted(maps.Keys(found)) {
		allowed, ok := plan[room]
		if !ok {
			t.Errorf("the floor plan has no row for %s", room)
			continue
		}
		for _, other := range slices.Sorted(maps.Keys(found[room])) {
			if !allowed[other] {
				t.Errorf("%s imports %s, which the floor plan does not allow", room, other)
			}
		}
		for _, other := range slices.Sorted(maps.Keys(allowed)) {
			if !found[room][other] {
				t.Errorf("the floor plan lets %s import %s, which it does not", room, other)
			}
		}
	}
	for room := range plan {
		if found[room] == nil {
			t.Errorf("the floor plan has a row for %s, which is not there", room)
		}
	}
}

// The ground is pure: no database, no HTTP, no queue, no logger, no system.
func TestGroundIsPure(t *testing.T) {
	t.Parallel()
	barred := []string{"database/", "net/http", "log", "os", "github.com/hibiken/asynq", "github.com/redis/", "github.com/jmoiron/sqlx", "github.com/lib/pq"}
	for _, room := range []string{"course", "pacing", "inbound", "person", "token", "seal"} {
		eachImport(t, "../../internal/"+room, func(file, imported string) {
			for _, bar := range barred {
				if imported == bar || strings.HasPrefix(imported, strings.TrimSuffix(bar, "/")+"/") {
					t.Errorf("%s imports %s", file, imported)
				}
			}
		})
	}
}

// readPlan reads the rows "| `room` | purpose | `room`, `room` |".
func readPlan(t *testing.T, file string) map[string]map[string]bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "## Floor plan")
	if !found {
		t.Fatal("the README has no floor plan")
	}
	plan := map[string]map[string]bool{}
	for line := range strings.Lines(after) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		allowed := map[string]bool{}
		for _, name := range strings.Split(cells[3], ",") {
			if name = strings.Trim(strings.TrimSpace(name), "`"); name != "" && name != "nothing" {
				allowed[name] = true
			}
		}
		plan[strings.Trim(strings.TrimSpace(cells[1]), "`")] = allowed
	}
	return plan
}

// readImports gives what each room imports of the others, tests left out. A
// package below a room of internal belongs to it, test support aside.
func readImports(t *testing.T, root string) map[string]map[string]bool {
	t.Helper()
	rooms := map[string]map[string]bool{}
	eachImport(t, root, func(file, imported string) {
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		room := roomOf(filepath.ToSlash(rel))
		if rooms[room] == nil {
			rooms[room] = map[string]bool{}
		}
		if other, ok := strings.CutPrefix(imported, "longroad/"); ok && roomOf(other) != room {
			rooms[room][roomOf(other)] = true
		}
	})
	return rooms
}

// roomOf turns a package's folder into its room's name in the plan.
func roomOf(dir string) string {
	parts := strings.Split(dir, "/")
	if parts[0] != "internal" || len(parts) < 2 {
		return dir
	}
	if strings.HasPrefix(dir, "internal/devstack/stacktest") {
		return "internal/devstack/stacktest"
	}
	return path.Join(parts[:2]...)
}

func eachImport(t *testing.T, root string, visit func(file, imported string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != root && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		visit(file, "")
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			visit(file, imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
