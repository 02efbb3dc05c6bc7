package course

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// manifestFile is the file that makes a folder a course.
const manifestFile = "course.yaml"

// manifest is what course.yaml says, with the places that later checks name.
type manifest struct {
	course   *Course
	id       word
	tracks   []*trackDecl
	barriers []barrierDecl
}

type trackDecl struct {
	track       *Track
	counterpart word
	stages      []stageDecl
	partial     bool // some of its lessons could not be read
}

type stageDecl struct {
	stage    *Stage
	lessons  []word
	practice []word
}

type barrierDecl struct {
	lesson   word
	waitsFor []word
	atMost   Span
}

// track finds a declared track, or nil.
func (m *manifest) track(id string) *trackDecl {
	for _, t := range m.tracks {
		if t.track.ID == id {
			return t
		}
	}
	return nil
}

func (m *manifest) trackIDs() []string {
	ids := make([]string, len(m.tracks))
	for i, t := range m.tracks {
		ids[i] = t.track.ID
	}
	return ids
}

// defaultRemindAfter is how long a course waits before its reminder.
var defaultRemindAfter = Span{Days: 14}

// mostPerDay is how many lessons a day even a trial course needs at most.
const mostPerDay = 10_000

// readManifest reads course.yaml as far as it can be read; nil when not at all.
func readManifest(source []byte, report *Report) *manifest {
	y := &yamlFile{name: manifestFile, report: report}
	root := y.parse(source)
	if root == nil {
		return nil
	}
	m, ok := y.record(root, "the course",
		[]string{"course", "title", "language", "sender", "window", "tracks"},
		[]string{"remind_after", "first", "per_day", "barriers"})
	if !ok {
		return nil
	}
	c := &Course{First: FirstAtOnce, PerDay: 1}
	man := &manifest{course: c}
	man.id, _ = m.slug("course")
	c.ID = man.id.text
	title, _ := m.line("title")
	sender, _ := m.line("sender")
	c.Title, c.Sender = title.text, sender.text
	if w, ok := m.text("language"); ok {
		c.Language = m.language(w)
	}
	if w, ok := m.choice("first", string(FirstAtOnce), string(FirstWindow)); ok {
		c.First = First(w.text)
	}
	if n, ok := m.number("per_day", 1, mostPerDay); ok {
		c.PerDay = n
	}
	remind := defaultRemindAfter
	if s, ok := m.span("remind_after", true); ok {
		remind = s
	}
	var window Window
	if n, ok := m.fields["window"]; ok {
		window = m.window(n, nil)
	}
	if n, ok := m.fields["tracks"]; ok {
		man.readTracks(m, n, window, remind)
	}
	if _, ok := m.fields["barriers"]; ok {
		man.readBarriers(m)
	}
	return man
}

// language checks a BCP 47 tag in its canonical form.
func (m *mapping) language(w word) string {
	switch canonical := canonicalLanguage(w.text); canonical {
	case w.text:
		return canonical
	case "":
		m.report.fail(w.at, "bad-language", fmt.Sprintf("%s is no language tag", quoted(w.text)), `write a BCP 47 tag, such as "en" or "pt-BR"`)
	default:
		m.report.fail(w.at, "bad-language", fmt.Sprintf("%s is not how this language tag is written", quoted(w.text)), fmt.Sprintf("write %q", canonical))
	}
	return ""
}

func (man *manifest) readTracks(m *mapping, n ast.Node, window Window, remind Span) {
	tracks, ok := m.mapping(n, "tracks")
	if !ok {
		return
	}
	if len(tracks.keys) == 0 {
		m.report.fail(tracks.where, "empty-value", "there is no track", "write at least one track with its stages")
	}
	for _, key := range tracks.keys {
		if !isSlug(key.text) {
			m.report.fail(key.at, "bad-id", fmt.Sprintf("%s is no id of a track", quoted(key.text)), slugRemedy)
		}
		decl := &trackDecl{track: &Track{ID: key.text}, partial: true}
		man.tracks = append(man.tracks, decl)
		man.course.Tracks = append(man.course.Tracks, decl.track)
		t, ok := m.record(tracks.fields[key.text], "the track", []string{"title", "stages"}, []string{"counterpart"})
		if !ok {
			continue
		}
		title, _ := t.line("title")
		decl.track.Title = title.text
		decl.counterpart, _ = t.text("counterpart")
		decl.track.Counterpart = decl.counterpart.text
		decl.readStages(t, window, remind)
	}
}

func (decl *trackDecl) readStages(t *mapping, window Window, remind Span) {
	nodes, ok := t.nodes("stages", "- {id: lay-by, gap: 3d, lessons: [first]}")
	decl.partial = !ok
	stages, lessons := make(map[string]place), make(map[string]place)
	for _, n := range nodes {
		s, ok := t.record(n, "the stage", []string{"id", "gap", "lessons"}, []string{"title", "gate", "window", "remind_after", "practice"})
		if !ok {
			decl.partial = true
			continue
		}
		stage := &Stage{Gate: GateNone, Window: window, RemindAfter: remind}
		id, _ := s.slug("id")
		if first, twice := stages[id.text]; twice && id.text != "" {
			t.report.fail(id.at, "duplicate-id", fmt.Sprintf("the stage %q stands in this track already, in line %d", id.text, first.line), "give each stage an id of its own")
		}
		stages[id.text] = id.at
		stage.ID = id.text
		title, _ := s.line("title")
		stage.Title = title.text
		stage.Gap, _ = s.span("gap", false)
		if w, ok := s.choice("gate", string(GateNone), string(GateReady)); ok {
			stage.Gate = Gate(w.text)
		}
		if r, ok := s.span("remind_after", true); ok {
			stage.RemindAfter = r
		}
		if n, ok := s.fields["window"]; ok {
			stage.Window = s.window(n, &window)
		}
		words, ok := s.words("lessons", "[first, second]")
		decl.partial = decl.partial || !ok
		var listed []word
		for _, w := range words {
			if first, twice := lessons[w.text]; twice {
				t.report.fail(w.at, "duplicate-id", fmt.Sprintf("the lesson %s stands in this track already, in line %d", quoted(w.text), first.line), "list each lesson once")
				continue
			}
			lessons[w.text] = w.at
			listed = append(listed, w)
		}
		practice, ok := s.words("practice", "[an-hour-together]")
		decl.partial = decl.partial || !ok && s.fields["practice"] != nil
		decl.track.Stages = append(decl.track.Stages, stage)
		decl.stages = append(decl.stages, stageDecl{stage, listed, practice})
	}
	decl.checkPractice(t.report, lessons)
}

// checkPractice takes out practice letters that stand twice in a stage, or among
// the track's lessons. Several stages may share one.
func (decl *trackDecl) checkPractice(report *Report, lessons map[string]place) {
	for i := range decl.stages {
		var once []word
		for _, w := range decl.stages[i].practice {
			if first, lesson := lessons[w.text]; lesson {
				report.fail(w.at, "duplicate-id", fmt.Sprintf("%s is a lesson of this track, in line %d", quoted(w.text), first.line), "list it once: as a lesson, or under practice")
				continue
			}
			if slices.ContainsFunc(once, func(o word) bool { return o.text == w.text }) {
				report.fail(w.at, "duplicate-id", fmt.Sprintf("the practice letter %s stands in this stage twice", quoted(w.text)), "keep one of the two: each comes round again by itself")
				continue
			}
			once = append(once, w)
		}
		decl.stages[i].practice = once
	}
}

func (man *manifest) readBarriers(m *mapping) {
	nodes, _ := m.nodes("barriers", "- {lesson: track/lesson, waits_for: [other/lesson], at_most: 90d}")
	for _, n := range nodes {
		b, ok := m.record(n, "the barrier", []string{"lesson", "waits_for", "at_most"}, nil)
		if !ok {
			continue
		}
		var decl barrierDecl
		decl.lesson, _ = b.text("lesson")
		decl.waitsFor, _ = b.words("waits_for", "[track/lesson]")
		decl.atMost, _ = b.span("at_most", true)
		if decl.lesson.text != "" {
			man.barriers = append(man.barriers, decl)
		}
	}
}
