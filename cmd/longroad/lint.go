package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"longroad/internal/course"
)

type lintCommand struct {
	Dir  string `arg:"" help:"The course's folder, in which course.yaml stands."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help says what the exit code is.
func (lintCommand) Help() string {
	return "Each fault is a line: file:line:column: severity: cause; remedy. The exit code is 1 when one of them is an error; warnings refuse nothing."
}

// Run checks a course; it needs no configuration and no database.
func (cmd lintCommand) Run(env *environment) error {
	files, err := openDir(cmd.Dir)
	if err != nil {
		return err
	}
	l := lint(files, env.Now())
	if cmd.JSON {
		err = writeJSON(env.Stdout, l)
	} else {
		writeReport(env.Stdout, cmd.Dir, l.Findings)
		_, err = fmt.Fprintln(env.Stdout, l.summary())
	}
	if err == nil && l.Errors > 0 {
		return errSilent
	}
	return err
}

// linted is what there is to say of a course's files.
type linted struct {
	Course   string        `json:"course"` // id and hash are "" where an error keeps them from being known
	Hash     string        `json:"hash"`
	Errors   int           `json:"errors"`
	Warnings int           `json:"warnings"`
	Findings course.Report `json:"findings"` // files named from the course's folder

	loaded *course.Course // nil when there are errors
}

// lint loads a course, and looks at what grows old, what is not taught and what is
// hard to read, too.
func lint(files fs.FS, now time.Time) linted {
	c, report := course.Load(files)
	report = append(report, wordFaults(files)...)
	l := linted{Findings: report, loaded: c}
	if c != nil {
		l.Course, l.Hash = c.ID, c.Hash
		l.Findings = slices.Concat(l.Findings, course.LintHelp(c, now), course.LintPoints(files, c), course.LintProse(c), course.LintSubjects(c))
	}
	slices.SortStableFunc(l.Findings, func(a, b course.Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	for _, f := range l.Findings {
		if f.Severity == course.Error {
			l.Errors++
		} else {
			l.Warnings++
		}
	}
	return l
}

func (l linted) summary() string {
	if l.Errors+l.Warnings == 0 {
		return "no findings"
	}
	var parts []string
	if l.Errors > 0 {
		parts = append(parts, count(l.Errors, "error"))
	}
	if l.Warnings > 0 {
		parts = append(parts, count(l.Warnings, "warning"))
	}
	return strings.Join(parts, ", ")
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// writeReport writes a line a fault, its file under dir as somebody typed it.
func writeReport(w io.Writer, dir string, report course.Report) {
	for _, f := range report {
		if dir = strings.TrimRight(dir, "/"); dir != "" && dir != "." {
			f.File = dir + "/" + f.File
		}
		fmt.Fprintln(w, f)
	}
}

// openDir opens a folder that the command line names.
func openDir(dir string) (fs.FS, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, misuse{fmt.Errorf("%s: there is no such folder", dir)}
	case err != nil:
		return nil, misuse{fmt.Errorf("%s: the folder cannot be read: %w", dir, err)}
	case !info.IsDir():
		return nil, misuse{fmt.Errorf("%s is a file: name the folder in which course.yaml stands", dir)}
	}
	return os.DirFS(dir), nil
}
