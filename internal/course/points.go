package course

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// point is one thing that a course is to teach, and the tracks that are to.
type point struct {
	id     word
	tracks []string
}

// LintPoints compares the letters of a course with what it is to teach: a point
// that no lesson of its track covers, and one that a letter claims to cover and
// that is not in the list, are warnings. A course without _data/points.yaml has
// no such rule. Practice letters cover nothing: nobody is sure to get them.
func LintPoints(fsys fs.FS, c *Course) Report {
	report := &Report{}
	f := folder{fsys: fsys, report: report, files: make(map[string][]byte)}
	text, ok := f.read(PointsFile)
	if !ok {
		return report.sorted()
	}
	y := &yamlFile{name: PointsFile, report: report}
	root := y.parse(text)
	if root == nil {
		return report.sorted()
	}
	points, ok := y.points(root, c)
	if !ok {
		return report.sorted()
	}
	known := make([]string, len(points))
	for i, p := range points {
		known[i] = p.id.text
	}
	covered := make(map[[2]string]bool) // by track and point
	for _, t := range c.Tracks {
		for _, s := range t.Stages {
			for i, l := range slices.Concat(s.Lessons, s.Practice) {
				for _, w := range l.covers {
					if !slices.Contains(known, w.text) {
						report.warn(w.at, "unknown-point", fmt.Sprintf("%s is no point of %s", quoted(w.text), PointsFile), oneOfPoints(w.text, known))
					}
					covered[[2]string{t.ID, w.text}] = covered[[2]string{t.ID, w.text}] || i < len(s.Lessons)
				}
			}
		}
	}
	for _, p := range points {
		for _, track := range p.tracks {
			if !covered[[2]string{track, p.id.text}] {
				report.warn(p.id.at, "uncovered-point", fmt.Sprintf("no lesson of %s covers %s", track, p.id.text), "name it under covers: in the letter that teaches it, or write one")
			}
		}
	}
	return report.sorted()
}

// points reads the list; not ok where it could not be read as a whole.
func (y *yamlFile) points(root ast.Node, c *Course) ([]point, bool) {
	m, ok := y.mapping(root, "points with the tracks that cover them")
	if !ok {
		return nil, false
	}
	var ids []string
	for _, t := range c.Tracks {
		ids = append(ids, t.ID)
	}
	var points []point
	for _, key := range m.keys {
		tracks, ok := m.words(key.text, "[offender, hurt-partner]")
		p := point{id: key}
		for _, w := range tracks {
			if !slices.Contains(ids, w.text) {
				m.report.fail(w.at, "unknown-track", fmt.Sprintf("%s is no track of this course", quoted(w.text)), oneOf(w.text, ids))
				ok = false
			}
			p.tracks = append(p.tracks, w.text)
		}
		if !ok {
			return nil, false
		}
		points = append(points, p)
	}
	return points, true
}

func oneOfPoints(got string, known []string) string {
	if near := nearest(got, known); near != "" {
		return fmt.Sprintf("write %q, or add it to %s", near, PointsFile)
	}
	return "add it to " + PointsFile + ", or take it out of covers:"
}
