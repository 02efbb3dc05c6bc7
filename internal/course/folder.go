package course

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// The folders of a course that are no track and no language.
const (
	snippetFolder = "_snippets"
	mailFolder    = "_mails"
	dataFolder    = "_data"
)

// HelpFile holds the help lines, which are published apart from versions.
const HelpFile = dataFolder + "/help.yaml"

// PointsFile lists what a course is to teach. It is the authors' own: no part of a
// version.
const PointsFile = dataFolder + "/points.yaml"

// mostBytes is how big one file of a course may be.
const mostBytes = 256 << 10

var byteOrderMark = []byte("\ufeff")

// source is one Markdown file of a course, without a byte order mark and with
// plain line ends. An unusable one could not be read as text.
type source struct {
	path     string
	name     string // the file's name without .md
	language string // "" is the default language
	track    string // of a lesson
	text     []byte
	unusable bool
}

// folder is everything in a course's folder that makes a version, and the
// help lines beside it.
type folder struct {
	fsys     fs.FS
	report   *Report
	files    map[string][]byte // by path, as read and with plain line ends
	lessons  []source
	snippets []source
	mails    []source
}

// read gives a file's text. ok is false where there is none that can be used;
// the report says why, except for a file that is not there.
func (f *folder) read(name string) (text []byte, ok bool) {
	start := place{name, 1, 1}
	raw, err := readBounded(f.fsys, name)
	switch {
	case errors.Is(err, errTooLarge):
		f.report.fail(start, "too-large", "the file is larger than 256 KiB", "split it, or take out what is no text")
		return nil, false
	case errors.Is(err, errNoFile):
		f.report.warn(start, "no-file", "this is no ordinary file and is not read", "put a file there, or take it away")
		return nil, false
	case err != nil:
		if !errors.Is(err, fs.ErrNotExist) || name != manifestFile && name != HelpFile && name != PointsFile {
			f.report.fail(start, "unreadable-file", fmt.Sprintf("the file cannot be read: %v", cause(err)), "check that it is there and may be read")
		}
		return nil, false
	}
	text = bytes.ReplaceAll(bytes.TrimPrefix(raw, byteOrderMark), []byte("\r\n"), []byte("\n"))
	f.files[name] = text
	if !utf8.Valid(text) {
		f.report.fail(brokenAt(name, text), "not-utf8", "this is not UTF-8 text", "save the file as UTF-8")
		return nil, false
	}
	return text, true
}

var (
	errTooLarge = errors.New("too large")
	errNoFile   = errors.New("no ordinary file")
)

func readBounded(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, mostBytes+1))
	if err == nil && len(raw) > mostBytes {
		err = errTooLarge
	}
	return raw, err
}

// cause drops the path from an error: the fault names it already, and an
// absolute one would tell about the machine.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// brokenAt finds the first byte that is no UTF-8.
func brokenAt(name string, text []byte) place {
	at := place{name, 1, 1}
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size == 1 {
			break
		}
		at.column++
		if r == '\n' {
			at.line, at.column = at.line+1, 1
		}
		text = text[size:]
	}
	return at
}

// walk reads every Markdown file of the course. Without tracks (course.yaml
// could not be read) every folder with letters in it counts as one.
func (f *folder) walk(tracks []string, language string) {
	for _, dir := range f.dirs(".") {
		switch {
		case dir == snippetFolder:
			f.snippets = append(f.snippets, f.markdown(dir, "", "")...)
		case dir == mailFolder:
			f.mails = append(f.mails, f.markdown(dir, "", "")...)
		case dir == dataFolder:
		case slices.Contains(tracks, dir):
			f.lessons = append(f.lessons, f.markdown(dir, "", dir)...)
		case f.translates(dir, tracks):
			f.translation(dir, tracks, language)
		case tracks == nil:
			f.lessons = append(f.lessons, f.markdown(dir, "", dir)...)
		default:
			f.report.warn(place{dir, 1, 1}, "unknown-folder", fmt.Sprintf("the folder %s is no track of this course, and no language with tracks in it", quoted(dir)),
				oneOf(dir, tracks)+", or take it away: nothing in it is read")
		}
	}
}

// translates reports whether a folder holds a language's letters.
func (f *folder) translates(dir string, tracks []string) bool {
	if canonicalLanguage(dir) == "" {
		return false
	}
	return slices.ContainsFunc(f.dirs(dir), func(sub string) bool {
		return sub == snippetFolder || sub == mailFolder || tracks == nil || slices.Contains(tracks, sub)
	})
}

func (f *folder) translation(dir string, tracks []string, language string) {
	start := place{dir, 1, 1}
	if canonical := canonicalLanguage(dir); canonical != dir {
		f.report.warn(start, "unknown-folder", fmt.Sprintf("the folder %s is not read: this language tag is written %q", quoted(dir), canonical), "rename the folder")
		return
	}
	if dir == language {
		f.report.warn(start, "unknown-folder", fmt.Sprintf("the folder %s is not read: %s is the course's default language", quoted(dir), dir),
			"move its folders one up, beside course.yaml")
		return
	}
	for _, sub := range f.dirs(dir) {
		name := path.Join(dir, sub)
		switch {
		case sub == snippetFolder:
			f.snippets = append(f.snippets, f.markdown(name, dir, "")...)
		case sub == mailFolder:
			f.mails = append(f.mails, f.markdown(name, dir, "")...)
		case tracks == nil || slices.Contains(tracks, sub):
			f.lessons = append(f.lessons, f.markdown(name, dir, sub)...)
		default:
			f.report.warn(place{name, 1, 1}, "unknown-folder", fmt.Sprintf("the folder %s is no track of this course", quoted(name)),
				oneOf(sub, tracks)+", or take it away: nothing in it is read")
		}
	}
}

// dirs lists the folders in a folder, links to folders included.
func (f *folder) dirs(dir string) []string {
	entries, err := fs.ReadDir(f.fsys, dir)
	if err != nil {
		f.report.fail(place{dir, 1, 1}, "unreadable-file", fmt.Sprintf("the folder cannot be read: %v", cause(err)), "check that it may be read")
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && f.isDir(path.Join(dir, e.Name()), e) {
			names = append(names, e.Name())
		}
	}
	return names
}

func (f *folder) isDir(name string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.IsDir()
	}
	info, err := fs.Stat(f.fsys, name)
	return err == nil && info.IsDir()
}

// markdown reads the Markdown files that stand directly in a folder.
func (f *folder) markdown(dir, language, track string) []source {
	entries, err := fs.ReadDir(f.fsys, dir)
	if err != nil {
		f.report.fail(place{dir, 1, 1}, "unreadable-file", fmt.Sprintf("the folder cannot be read: %v", cause(err)), "check that it may be read")
	}
	var sources []source
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") || f.isDir(file, e) {
			continue
		}
		name, isMarkdown := strings.CutSuffix(e.Name(), ".md")
		if !isMarkdown {
			f.report.warn(place{file, 1, 1}, "unknown-file", "the file is not read: its name does not end in .md", "rename it, or take it away")
			continue
		}
		text, ok := f.read(file)
		sources = append(sources, source{path: file, name: name, language: language, track: track, text: text, unusable: !ok})
	}
	return sources
}
