package course

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Severity tells a fault that refuses the course from one that only warns.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Fault is one thing that is wrong with a course's files, at its place.
type Fault struct {
	File     string   `json:"file"`   // slash-separated, from the course's folder
	Line     int      `json:"line"`   // from 1
	Column   int      `json:"column"` // from 1, in characters
	Severity Severity `json:"severity"`
	Code     string   `json:"code"` // stable, such as unknown-key
	Cause    string   `json:"cause"`
	Remedy   string   `json:"remedy"`
}

// String writes the fault as compilers do, so that editors can jump to it.
func (f Fault) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s; %s", f.File, f.Line, f.Column, f.Severity, f.Cause, f.Remedy)
}

// Report is every fault of a course, by file, line and column. It is never nil,
// so that it reads as an array in JSON.
type Report []Fault

// Failed reports whether the course is refused.
func (r Report) Failed() bool {
	return slices.ContainsFunc(r, func(f Fault) bool { return f.Severity == Error })
}

// Err is nil when nothing but warnings stands in the report; else it names
// every error, a line each.
func (r Report) Err() error {
	var lines []string
	for _, f := range r {
		if f.Severity == Error {
			lines = append(lines, f.String())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

func (r Report) errors() (n int) {
	for _, f := range r {
		if f.Severity == Error {
			n++
		}
	}
	return n
}

// String writes a line a fault.
func (r Report) String() string {
	var b strings.Builder
	for _, f := range r {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

// Under gives the report with a folder put before every file's name.
func (r Report) Under(dir string) Report {
	under := slices.Clone(r)
	for i := range under {
		under[i].File = path.Join(dir, under[i].File)
	}
	return under
}

func (r Report) sorted() Report {
	sorted := append(Report{}, r...)
	slices.SortStableFunc(sorted, func(a, b Fault) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Code, b.Code),
		)
	})
	return slices.Compact(sorted)
}

// place is where something stands in a file.
type place struct {
	file         string
	line, column int
}

// word is a piece of text at its place.
type word struct {
	text string
	at   place
}

// mostFaults bounds a report: nobody reads more, and a file of nothing but
// faults stays cheap. Warnings stop first, so that an error always finds room.
const mostFaults = 500

func (r *Report) fail(at place, code, cause, remedy string) {
	if len(*r) >= 2*mostFaults {
		return
	}
	*r = append(*r, Fault{at.file, at.line, at.column, Error, code, cause, remedy})
}

func (r *Report) warn(at place, code, cause, remedy string) {
	if len(*r) >= mostFaults {
		return
	}
	*r = append(*r, Fault{at.file, at.line, at.column, Warning, code, cause, remedy})
}
