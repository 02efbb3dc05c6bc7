package courses_test

import (
	"io/fs"
	"testing"

	"longroad/courses"
	"longroad/internal/course"
)

// Every point is taught in the tracks that are to teach it, and no letter is too
// short, too long or hard to read.
func TestLintHasNoFinding(t *testing.T) {
	t.Parallel()
	for _, l := range load(t) {
		files, err := fs.Sub(courses.FS, l.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fs.Stat(files, course.PointsFile); err != nil {
			t.Errorf("%s has no list of what it teaches: %v", l.Dir, err)
		}
		for _, report := range []course.Report{l.Report, course.LintPoints(files, l.Course), course.LintProse(l.Course)} {
			for _, fault := range report {
				t.Error(fault)
			}
		}
	}
}
