package course

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// WordFolder holds the operator's own word lists, by which replies are understood
// beside the words that are built in.
const WordFolder = dataFolder + "/words"

// readWords takes the word lists along, so that they make the version. What they
// say is for the room that reads replies to judge.
func (l *loader) readWords() {
	if !exists(l.fsys, WordFolder) {
		return
	}
	entries, err := fs.ReadDir(l.fsys, WordFolder)
	if err != nil {
		l.report.fail(place{WordFolder, 1, 1}, "unreadable-file", fmt.Sprintf("the folder cannot be read: %v", cause(err)), "check that it may be read")
	}
	for _, e := range entries {
		file := path.Join(WordFolder, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case l.isDir(file, e) || !strings.HasSuffix(e.Name(), ".yaml"):
			l.report.warn(place{file, 1, 1}, "unknown-file", fmt.Sprintf("%s is not read: a word list's name ends in .yaml", quoted(e.Name())), "rename it, or take it away")
		default:
			l.read(file)
		}
	}
}
