package main

import (
	"context"
	"fmt"
	"io/fs"
	"path"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/store"
)

type publishCommand struct {
	Dir  string `arg:"" optional:"" help:"A course's folder, or a folder of course folders."`
	All  bool   `help:"Publish every course of LONGROAD_COURSES_DIR, or the built-in ones (the default without DIR)."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help says what publishing does not do.
func (publishCommand) Help() string {
	return "New readers begin with what is current; readers on their way stay with their version. A course with errors is refused whole, and its old version goes on."
}

// Run publishes courses, each by itself: a refused one holds up no other.
func (cmd publishCommand) Run(ctx context.Context, env *environment) error {
	if cmd.Dir != "" && cmd.All {
		return misuse{fmt.Errorf("name a folder or --all, not both")}
	}
	if cmd.Dir != "" {
		if _, err := openDir(cmd.Dir); err != nil {
			return err
		}
	}
	return withStore(ctx, env, []need{needCourses}, func(c config, s *store.Store) error {
		if cmd.Dir != "" {
			c.CoursesDir = cmd.Dir
		}
		all, err := publishCourses(ctx, newRoad(env, c, s), c.courses(), string(journey.ByOperator))
		if err != nil {
			return fmt.Errorf("%s: %w", c.coursesName(), err)
		}
		if cmd.JSON {
			err = writeJSON(env.Stdout, all)
		} else {
			for _, p := range all {
				writeReport(env.Stdout, c.CoursesDir, p.Findings)
				fmt.Fprintln(env.Stdout, p.in(c.CoursesDir))
			}
		}
		if err == nil && anyRefused(all) {
			return errSilent
		}
		return err
	})
}

// publication is what became of one course's files.
type publication struct {
	Dir      string        `json:"dir"` // within the folder of courses
	Course   string        `json:"course"`
	Hash     string        `json:"hash"`
	New      bool          `json:"new"` // false: exactly this version had been published before
	Refused  bool          `json:"refused"`
	Findings course.Report `json:"findings"`
}

// in tells what became of the course's files in a folder of courses.
func (p publication) in(dir string) string {
	switch {
	case p.Refused:
		return fmt.Sprintf("%s: refused; what was current goes on", path.Join(dir, p.Dir))
	case !p.New:
		return fmt.Sprintf("%s: version %.12s was published before; nothing changed", p.Course, p.Hash)
	}
	return fmt.Sprintf("%s: version %.12s is current", p.Course, p.Hash)
}

func anyRefused(all []publication) bool {
	for _, p := range all {
		if p.Refused {
			return true
		}
	}
	return false
}

// publishCourses publishes every course of a folder that has no errors, unless
// exactly that version ever was. The error says that the folder or the database
// failed, not that a course was refused.
func publishCourses(ctx context.Context, road *journey.Road, files fs.FS, by string) ([]publication, error) {
	loaded, err := course.LoadAll(files)
	if err != nil {
		return nil, err
	}
	all := make([]publication, len(loaded))
	for i, l := range loaded {
		p := publication{Dir: l.Dir, Findings: l.Report, Refused: l.Report.Failed()}
		if !p.Refused {
			if err := p.publish(ctx, road, files, by); err != nil {
				return nil, err
			}
		}
		all[i] = p
	}
	return all, nil
}

func (p *publication) publish(ctx context.Context, road *journey.Road, files fs.FS, by string) error {
	dir, err := fs.Sub(files, p.Dir)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Dir, err)
	}
	kept, err := course.Files(dir)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Dir, err)
	}
	// What is kept is what is proved: somebody may be saving a file right now.
	c, report := course.Load(course.FromFiles(kept))
	report = append(report, wordFaults(course.FromFiles(kept))...)
	if report.Failed() {
		p.Findings, p.Refused = report.Under(p.Dir), true
		return nil
	}
	p.Course, p.Hash = c.ID, c.Hash
	p.New, err = road.Publish(ctx, c, kept, by)
	return err
}

// coursesName names the folder of courses for messages.
func (c config) coursesName() string {
	if c.CoursesDir == "" {
		return "the built-in courses"
	}
	return c.CoursesDir
}
