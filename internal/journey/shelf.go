package journey

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"longroad/internal/course"
	"longroad/internal/inbound/meant"
	"longroad/internal/store"
)

// helpEvery is how often the shelf looks for newer help lines.
const helpEvery = time.Minute

// shelf keeps the course versions that are in use, read from the database once
// and parsed once. Help lines always are the newest, also in a pinned version.
type shelf struct {
	now func() time.Time
	log *slog.Logger

	mu       sync.Mutex // guards the map alone: nobody reads the database while holding it
	versions map[string]*shelved
	readers  map[[sha256.Size]byte]*meant.Reader // by the word lists that they add to our own
}

// shelved never changes once it is on the shelf.
type shelved struct {
	files   map[string][]byte
	course  *course.Course
	help    string // the help lines that course was loaded with
	checked time.Time
}

func newShelf(now func() time.Time, log *slog.Logger) *shelf {
	return &shelf{now: now, log: log, versions: map[string]*shelved{}, readers: map[[sha256.Size]byte]*meant.Reader{}}
}

// version gives a course version by its hash, read through from: the caller's
// transaction, where it has one.
func (f *shelf) version(ctx context.Context, from store.Reader, hash string) (*course.Course, error) {
	now := f.now()
	f.mu.Lock()
	v := f.versions[hash]
	f.mu.Unlock()
	if v != nil && !now.Before(v.checked) && now.Sub(v.checked) < helpEvery {
		return v.course, nil
	}
	next := shelved{checked: now}
	if v != nil {
		next = shelved{files: v.files, course: v.course, help: v.help, checked: now}
	} else if err := next.read(ctx, from, hash); err != nil {
		return nil, fmt.Errorf("course version %.12s: %w", hash, err)
	}
	if err := next.freshen(ctx, from); err != nil {
		if !errors.Is(err, errHelp) {
			return nil, fmt.Errorf("course version %.12s: %w", hash, err)
		}
		// A letter with the help lines of before is better than no letter.
		f.log.ErrorContext(ctx, "newest help lines not usable, those of before go on", slog.String("version", hash), slog.Any("error", err))
	}
	f.mu.Lock()
	f.versions[hash] = &next
	f.mu.Unlock()
	return next.course, nil
}

// errHelp means that the newest help lines do not fit a version.
var errHelp = errors.New("newest help lines")

// read gets a version's files and parses them.
func (v *shelved) read(ctx context.Context, from store.Reader, hash string) error {
	files, err := from.VersionFiles(ctx, hash)
	if err != nil {
		return err
	}
	c, report := course.Load(course.FromFiles(files))
	if err := report.Err(); err != nil {
		return err
	}
	v.files, v.course, v.help = files, c, string(files[course.HelpFile])
	return nil
}

// freshen parses the version with the newest help lines, if they are not those
// that it has.
func (v *shelved) freshen(ctx context.Context, from store.Reader) error {
	help, err := from.HelpFile(ctx, v.course.ID)
	if err != nil || help == nil || string(help) == v.help {
		return err
	}
	files := maps.Clone(v.files)
	files[course.HelpFile] = help
	c, report := course.Load(course.FromFiles(files))
	if err := report.Err(); err != nil {
		return fmt.Errorf("%w: %w", errHelp, err)
	}
	v.course, v.help = c, string(help)
	return nil
}

// CurrentCourse gives the current version of a course; ErrNotFound when it was
// never published.
func (r *Road) CurrentCourse(ctx context.Context, id string) (*course.Course, error) {
	return r.currentCourse(ctx, r.Store.Reader, id)
}

func (r *Road) currentCourse(ctx context.Context, from store.Reader, id string) (*course.Course, error) {
	hash, err := from.CurrentVersion(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.shelf.version(ctx, from, hash)
}

// Courses gives the current version of every published course.
func (r *Road) Courses(ctx context.Context) ([]*course.Course, error) {
	current, err := r.Store.CurrentVersions(ctx)
	if err != nil {
		return nil, err
	}
	courses := make([]*course.Course, len(current))
	for i, v := range current {
		if courses[i], err = r.shelf.version(ctx, r.Store.Reader, v.Hash); err != nil {
			return nil, err
		}
	}
	return courses, nil
}

// Publish publishes a course's files, unless exactly this version was ever
// published; its help lines are published in any case. It reports whether the
// version is new.
func (r *Road) Publish(ctx context.Context, c *course.Course, files map[string][]byte, by string) (bool, error) {
	var fresh bool
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		var err error
		fresh, err = tx.Publish(ctx, store.Version{Hash: c.Hash, Course: c.ID, Title: c.Title}, files, by)
		if err != nil {
			return err
		}
		if help, ok := files[course.HelpFile]; ok {
			return tx.PublishHelp(ctx, c.ID, help)
		}
		return nil
	})
	return fresh, err
}
