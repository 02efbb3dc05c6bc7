// Package meant reads what a person's own words ask for, and whether they tell
// of danger. It is given the visible text of a reply, nothing quoted.
//
// Its one rule is asymmetric: what advances a reader or cannot be undone has to
// be plain in the first words; what is careful may be understood generously;
// danger is heard even where it is denied. In doubt nothing is meant, and the
// reply counts as heard.
//
// The words are data (words/*.yaml), one file a language; the code knows only
// how sentences are put together.
package meant

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// The intents of Meaning.Intent; "" is none.
const (
	Ready  = "ready"
	NotYet = "not-yet"
	Slower = "slower"
	Faster = "faster"
	Hold   = "pause"
	Resume = "resume"
	Repeat = "repeat"
	Back   = "back"
	Stop   = "stop"
	Help   = "help"
	Yes    = "yes"
	No     = "no"
	Unsure = "unsure"

	PracticeOff = "practice-off" // no practice letters between the lessons
	PracticeOn  = "practice-on"
)

// The categories of Crisis.Category, in the order in which they win over each
// other.
const (
	SelfHarm        = "self-harm"
	ChildAtRisk     = "child-at-risk"
	ViolenceByOther = "violence-by-other"
	ViolenceBySelf  = "violence-by-self"
	Fear            = "fear"
)

// The levels of Crisis.Level.
const (
	Alarm  = "alarm"  // said plainly
	Gentle = "gentle" // denied, quoted, or long ago
)

// Meaning is what a reply means. Intent and Crisis do not depend on each other.
type Meaning struct {
	Intent string // one of the intents, or "" for none
	Pause  *Pause // set only with the intent pause, and only if an end is named
	Crisis *Crisis
	Why    string // the rule that decided, never a word of the text
}

// Pause says how long a pause is to last; one of the two is set.
type Pause struct {
	For   string // whole days: "14d"
	Until string // the local date at which it ends: "2027-03-02"
}

// Crisis is the verdict on danger.
type Crisis struct {
	Category string
	Level    string
}

//go:embed words/*.yaml
var ours embed.FS

// Reader understands replies by its words. It never changes and may be used by
// many at once.
type Reader struct {
	vocabulary *vocabulary
	languages  []*language
}

// New gives a Reader of our own words, extended by the *.yaml files at the root
// of words, which may be nil. Files of the same language add up. A file that is
// added cannot give one of our phrases another meaning, nor hold words that calm
// an alarm. An error names the file, the line, and what is wrong there.
func New(words fs.FS) (*Reader, error) {
	own, err := fs.Sub(ours, "words")
	if err != nil {
		return nil, fmt.Errorf("word lists: %w", err)
	}
	b := newBuilder()
	for i, from := range []fs.FS{own, words} {
		if from == nil {
			continue
		}
		names, err := fs.Glob(from, "*.yaml")
		if err != nil {
			return nil, fmt.Errorf("word lists: %w", err)
		}
		for _, name := range names {
			raw, err := fs.ReadFile(from, name)
			if err != nil {
				return nil, fmt.Errorf("word lists: %w", err)
			}
			if err := b.add(path.Base(name), raw, i > 0); err != nil {
				return nil, err
			}
		}
	}
	return b.reader()
}

// Read gives the meaning of a reply's visible text. Dates are understood as the
// next such date after now, in now's zone.
func (r *Reader) Read(text string, now time.Time) Meaning {
	sentences := r.vocabulary.sentences(text)
	m := r.intent(sentences, now)
	m.Crisis = r.crisis(sentences)
	return m
}
