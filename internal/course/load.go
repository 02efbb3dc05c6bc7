package course

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Load reads the course whose course.yaml stands at the root. It gives every
// fault at once; the course is nil when one of them is an error. It reads no
// clock: what grows old is LintHelp's to say.
func Load(fsys fs.FS) (*Course, Report) {
	l := &loader{folder: folder{fsys: fsys, report: &Report{}, files: make(map[string][]byte)}}
	l.load()
	report := l.report.sorted()
	if report.Failed() {
		return nil, report
	}
	return l.course, report
}

// Loaded is one of the courses of a folder.
type Loaded struct {
	Dir    string  // from the folder's root; "." when it is a course itself
	Course *Course // nil when the report has errors
	Report Report  // with files named from the folder's root
}

// LoadAll reads each folder that has a course.yaml, by name; fsys may also be a
// course itself. The error says that the root cannot be read, or that there is
// no course in it.
func LoadAll(fsys fs.FS) ([]Loaded, error) {
	root := folder{fsys: fsys, report: &Report{}}
	dirs := append([]string{"."}, root.dirs(".")...)
	if err := root.report.Err(); err != nil {
		return nil, fmt.Errorf("look for courses: %w", err)
	}
	var all []Loaded
	seen := make(map[string]string)
	for _, dir := range dirs {
		sub, err := fs.Sub(fsys, dir)
		if err != nil || !exists(sub, manifestFile) && !exists(sub, "course.yml") {
			continue
		}
		c, report := Load(sub)
		if c != nil {
			if first, twice := seen[c.ID]; twice {
				report.fail(place{manifestFile, 1, 1}, "duplicate-id", fmt.Sprintf("the folder %s holds a course %q too", first, c.ID), "give each course an id of its own")
				c, report = nil, report.sorted()
			} else {
				seen[c.ID] = dir
			}
		}
		all = append(all, Loaded{dir, c, report.Under(dir)})
	}
	if len(all) == 0 {
		return nil, errors.New("no course here: write a course.yaml, or name the folder that holds one")
	}
	return all, nil
}

func exists(fsys fs.FS, name string) bool {
	_, err := fs.Stat(fsys, name)
	return !errors.Is(err, fs.ErrNotExist)
}

// loader puts a course together from its folder.
type loader struct {
	folder
	manifest *manifest // nil when course.yaml cannot be read
	course   *Course   // what the manifest says, or an empty one
	letters  []letterSource

	broken      map[string]bool // snippets with a fault, which is reported
	helpAtFault bool            // there are help lines, but none that can be read
}

// letterSource is a letter with where it was found; letter is nil when its file
// could not be read.
type letterSource struct {
	source
	letter *letter
}

func (l *loader) load() {
	text, ok := l.read(manifestFile)
	if ok {
		l.manifest = readManifest(text, l.report)
	} else if len(*l.report) == 0 {
		remedy := "write one; the README shows it"
		if exists(l.fsys, "course.yml") {
			remedy = "rename course.yml"
		}
		l.report.fail(place{manifestFile, 1, 1}, "missing-file", "there is no course.yaml", remedy)
	}
	l.course = &Course{}
	var tracks []string
	if l.manifest != nil {
		l.course = l.manifest.course
		if len(l.manifest.tracks) > 0 {
			tracks = l.manifest.trackIDs()
		}
	}
	l.walk(tracks, l.course.Language)
	l.readHelp()
	l.readWords()
	l.readSnippets()
	l.proveSnippets()
	l.readMails()
	l.readLessons()
	if l.manifest != nil {
		l.fillTracks()
		l.checkCounterparts()
		l.checkGates()
		l.checkBarriers()
	}
	l.course.Hash = hash(l.files)
}

// languageOf gives a source's language by its tag.
func (l *loader) languageOf(s source) string { return cmp.Or(s.language, l.course.Language) }

func (l *loader) readSnippets() {
	c := l.course
	c.Snippets = make(map[string]map[string]string)
	c.snippets = make(map[string]map[string]*compiled)
	for _, s := range l.snippets {
		if c.Snippets[s.name] == nil {
			c.Snippets[s.name] = make(map[string]string)
			c.snippets[s.name] = make(map[string]*compiled)
		}
		c.Snippets[s.name][l.languageOf(s)] = string(s.text)
		if s.unusable {
			continue
		}
		start := place{s.path, 1, 1}
		if blank(string(s.text)) {
			l.report.fail(start, "empty-body", "there is no text in the snippet", "write it, or take the file away")
			continue
		}
		checkMarkdown(string(s.text), start, l.report)
		c.snippets[s.name][l.languageOf(s)] = compile(string(s.text), start, l.report)
	}
	l.needDefaults(l.snippets, func(name string) bool { _, ok := c.Snippets[name][c.Language]; return ok })
}

// needDefaults reports translations of what the default language lacks:
// readers of any other language would have nothing to fall back to.
func (l *loader) needDefaults(sources []source, has func(name string) bool) {
	for _, s := range sources {
		if s.language != "" && !has(s.name) {
			l.report.fail(place{s.path, 1, 1}, "missing-default", "the default language has no such text to fall back to",
				fmt.Sprintf("write it too, as %s", s.path[len(s.language)+1:]))
		}
	}
}

// mailNames are the mails that a course may word itself.
var mailNames = []string{
	"confirm", "choice", "reminder", "ask-again", "open-door", "welcome-back", "end",
	"receipt-heard", "receipt-ready", "receipt-not-yet", "receipt-slower", "receipt-slowest", "receipt-faster", "receipt-quickest",
	"receipt-pause", "receipt-resume", "receipt-repeat", "receipt-back", "receipt-practice-off", "receipt-practice-on",
	"receipt-help", "receipt-help-link", "receipt-resources", "receipt-resources-link", "receipt-safety", "receipt-stale", "receipt-last", "receipt-completed", "receipt-resting", "receipt-unchanged",
}

func (l *loader) readMails() {
	c := l.course
	c.Mails = make(map[string]map[string]Text)
	for _, s := range l.mails {
		if !slices.Contains(mailNames, s.name) {
			l.report.fail(place{s.path, 1, 1}, "unknown-mail", fmt.Sprintf("there is no mail of the name %s", quoted(s.name)), oneOf(s.name, mailNames))
		}
		if c.Mails[s.name] == nil {
			c.Mails[s.name] = make(map[string]Text)
		}
		var text Text
		if !s.unusable {
			if m := readLetter(s.path, s.text, false, l.report); m != nil {
				l.prove(&m.text, s.language)
				text = m.text
			}
		}
		c.Mails[s.name][l.languageOf(s)] = text
	}
	l.needDefaults(l.mails, func(name string) bool { _, ok := c.Mails[name][c.Language]; return ok })
}

func (l *loader) readLessons() {
	for _, s := range l.lessons {
		ls := letterSource{source: s}
		if !s.unusable {
			ls.letter = readLetter(s.path, s.text, true, l.report)
		}
		if ls.letter != nil {
			if footer, ok := l.prove(&ls.letter.text, s.language); ok && !footer {
				l.report.warn(place{s.path, ls.letter.text.Line, 1}, "missing-footer", "the letter has no safety footer", `write {{snippet "footer"}} at its end`)
			}
		}
		l.letters = append(l.letters, ls)
	}
}
