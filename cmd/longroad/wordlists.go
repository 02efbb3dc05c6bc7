package main

import (
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"longroad/internal/course"
	"longroad/internal/inbound/meant"
)

// wordFaults checks a course's own word lists, each by itself. What is wrong in
// one would keep replies from being understood, so it is an error.
func wordFaults(files fs.FS) course.Report {
	names, err := fs.Glob(files, course.WordFolder+"/*.yaml")
	if err != nil {
		return nil // the pattern is a good one
	}
	var report course.Report
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			continue // loading the course has said so
		}
		text := strings.ReplaceAll(strings.TrimPrefix(string(raw), "\ufeff"), "\r\n", "\n")
		_, err = meant.New(course.FromFiles(map[string][]byte{path.Base(name): []byte(text)}))
		if err == nil {
			continue
		}
		cause, _, _ := strings.Cut(err.Error(), "\n")
		_, cause, _ = strings.Cut(cause, ": ") // which list it is stands before
		fault := course.Fault{File: name, Line: 1, Column: 1, Severity: course.Error, Code: "word-list", Cause: cause,
			Remedy: "write it as the built-in lists are written, internal/inbound/meant/words"}
		fault.Line, fault.Column, fault.Cause = placeOf(cause, text)
		report = append(report, fault)
	}
	return report
}

var position = regexp.MustCompile(`\[(\d+):(\d+)\] `)

// placeOf finds the line and column that a fault names, or where what it quotes
// stands; and gives its words without them.
func placeOf(cause, text string) (line, column int, words string) {
	if at := position.FindStringSubmatch(cause); at != nil {
		line, _ = strconv.Atoi(at[1])
		column, _ = strconv.Atoi(at[2])
		return line, column, strings.Replace(cause, at[0], "", 1)
	}
	for _, quoted := range regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).FindAllString(cause, -1) {
		wanted, err := strconv.Unquote(quoted)
		if err != nil || wanted == "" {
			continue
		}
		number := 0
		for one := range strings.Lines(text) {
			number++
			if at := strings.Index(one, wanted); at >= 0 && !strings.HasPrefix(one, "language:") {
				return number, len([]rune(one[:at])) + 1, cause
			}
		}
	}
	return 1, 1, cause
}
