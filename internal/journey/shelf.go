package journey

import (
	"context"
	"fmt"
	"sync"
	"time"

	"longroad/internal/course"
	"longroad/internal/store"
)

// helpEvery is how often the shelf looks for newer help lines.
const helpEvery = time.Minute

// shelf keeps the course versions that are in use, read from the database once
// and parsed once. Help lines always are the newest, also in a pinned version.
type shelf struct {
	store *store.Store
	now   func() time.Time

	mu       sync.Mutex
	versions map[string]*shelved
}

type shelved struct {
	files   map[string][]byte
	course  *course.Course
	help    string // the help lines that course was loaded with
	checked time.Time
}

func newShelf(s *store.Store, now func() time.Time) *shelf {
	return &shelf{store: s, now: now, versions: map[string]*shelved{}}
}

// version gives a course version by its hash.
func (f *shelf) version(ctx context.Context, hash string) (*course.Course, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := f.versions[hash]
	now := f.now()
	if v != nil && !now.Before(v.checked) && now.Sub(v.checked) < helpEvery {
		return v.course, nil
	}
	if v == nil {
		files, err := f.store.VersionFiles(ctx, hash)
		if err != nil {
			return nil, err
		}
		v = &shelved{files: files}
	}
	if err := f.load(ctx, v); err != nil {
		return nil, fmt.Errorf("course version %.12s: %w", hash, err)
	}
	v.checked = now
	f.versions[hash] = v
	return v.course, nil
}

// load parses the version with the newest help lines, if they are not those that
// it has.
func (f *shelf) load(ctx context.Context, v *shelved) error {
	id := ""
	if v.course != nil {
		id = v.course.ID
	} else {
		c, report := course.Load(course.FromFiles(v.files))
		if err := report.Err(); err != nil {
			return err
		}
		v.course, id = c, c.ID
		v.help = string(v.files[course.HelpFile])
	}
	help, err := f.store.HelpFile(ctx, id)
	if err != nil || help == nil || string(help) == v.help {
		return err
	}
	files := make(map[string][]byte, len(v.files)+1)
	for path, data := range v.files {
		files[path] = data
	}
	files[course.HelpFile] = help
	c, report := course.Load(course.FromFiles(files))
	if err := report.Err(); err != nil {
		return fmt.Errorf("newest help lines: %w", err)
	}
	v.course, v.help = c, string(help)
	return nil
}

// CurrentCourse gives the current version of a course; ErrNotFound when it was
// never published.
func (r *Road) CurrentCourse(ctx context.Context, id string) (*course.Course, error) {
	hash, err := r.Store.CurrentVersion(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.shelf.version(ctx, hash)
}

// Courses gives the current version of every published course.
func (r *Road) Courses(ctx context.Context) ([]*course.Course, error) {
	current, err := r.Store.CurrentVersions(ctx)
	if err != nil {
		return nil, err
	}
	courses := make([]*course.Course, len(current))
	for i, v := range current {
		if courses[i], err = r.shelf.version(ctx, v.Hash); err != nil {
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
