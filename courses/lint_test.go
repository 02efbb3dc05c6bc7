package courses_test

import (
	"io/fs"
	"regexp"
	"testing"

	"longroad/courses"
	"longroad/internal/course"
)

// points is how many points The long road is to teach.
const points = 154

// Every point is taught in the tracks that are to teach it, and no letter is too
// short, too long or hard to read.
func TestLintHasNoFinding(t *testing.T) {
	t.Parallel()
	for _, l := range load(t) {
		files, err := fs.Sub(courses.FS, l.Dir)
		if err != nil {
			t.Fatal(err)
		}
		list, err := fs.ReadFile(files, course.PointsFile)
		if err != nil {
			t.Errorf("%s has no list of what it teaches: %v", l.Dir, err)
		}
		if n := len(regexp.MustCompile(`(?m)^[A-Za-z][^:\n]*: \[`).FindAll(list, -1)); l.Course.ID == "long-road" && n != points {
			t.Errorf("%s teaches %d points, and has to teach %d", l.Dir, n, points)
		}
		for _, report := range []course.Report{l.Report, course.LintPoints(files, l.Course), course.LintProse(l.Course), course.LintSubjects(l.Course)} {
			for _, fault := range report {
				t.Error(fault)
			}
		}
	}
}
