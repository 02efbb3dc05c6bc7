package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"longroad/internal/course"
	"longroad/templates"
)

type newCourseCommand struct {
	Dir string `arg:"" help:"The folder to make; its name becomes the course's id."`
}

// Help says what stands in it.
func (newCourseCommand) Help() string {
	return "It writes a small course of two letters that has no findings, and whose letters tell how letters are written. Nothing that is there already is touched."
}

// Run writes the sample course. What it wrote is checked like any other.
func (cmd newCourseCommand) Run(env *environment) error {
	dir, err := filepath.Abs(cmd.Dir)
	if err != nil {
		return misuse{err}
	}
	if there, err := os.ReadDir(dir); err == nil && len(there) > 0 {
		return misuse{fmt.Errorf("%s is not empty: name a folder that is not there yet", cmd.Dir)}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return misuse{err}
	}
	files := map[string][]byte{}
	err = fs.WalkDir(templates.FS, sampleCourse, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templates.FS, path)
		files[path[len(sampleCourse)+1:]] = bytes.Replace(text, []byte("course: COURSE"), []byte("course: "+filepath.Base(dir)), 1)
		return err
	})
	if err != nil {
		return err
	}
	if _, report := course.Load(course.FromFiles(files)); report.Failed() { // its name is all that is not ours
		return misuse{fmt.Errorf("%q cannot be a course's id: %w", filepath.Base(dir), report.Err())}
	}
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(env.Stdout, "%s is a course of two letters. Change them, then: longroad course lint %s\n", cmd.Dir, cmd.Dir)
	return nil
}

// sampleCourse is where the templates hold it.
const sampleCourse = "course"
