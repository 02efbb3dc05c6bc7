package store

import (
	"context"
	"encoding/json"
	"time"
)

// Version is one published version of a course.
type Version struct {
	Hash        string
	Course      string
	Title       string
	PublishedAt time.Time
	Current     bool
	Readers     int // subscriptions pinned to it that have not ended
}

// Publish keeps a version's files and makes it current, unless that hash was
// ever published before: then it changes nothing and answers false, so that an
// old process starting late cannot turn a course back.
func (t *Tx) Publish(ctx context.Context, v Version, files map[string][]byte, by string) (bool, error) {
	encoded, err := json.Marshal(files)
	if err != nil {
		return false, wrap("publish", err)
	}
	result, err := t.tx.ExecContext(ctx, `
		INSERT INTO versions (hash, course, title, files, published_at) VALUES ($1, $2, $3, $4::jsonb, $5)
		ON CONFLICT (hash) DO NOTHING`, v.Hash, v.Course, v.Title, string(encoded), t.Now)
	if err != nil {
		return false, wrap("publish", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, wrap("publish", err)
	}
	_, err = t.tx.ExecContext(ctx, `
		INSERT INTO publications (course, hash, at, by) VALUES ($1, $2, $3, $4)`, v.Course, v.Hash, t.Now, by)
	return err == nil, wrap("publish", err)
}

// PublishHelp keeps a course's help lines: the newest count, in every version.
func (t *Tx) PublishHelp(ctx context.Context, course string, file []byte) error {
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO helplines (course, file, at) VALUES ($1, $2, $3)
		ON CONFLICT (course) DO UPDATE SET file = excluded.file, at = excluded.at
		WHERE helplines.file <> excluded.file`, course, file, t.Now)
	return wrap("publish help lines", err)
}

// VersionFiles gives the files of a version.
func (r Reader) VersionFiles(ctx context.Context, hash string) (map[string][]byte, error) {
	var raw []byte
	err := r.q.GetContext(ctx, &raw, `SELECT files FROM versions WHERE hash = $1`, hash)
	if err := one("version", err); err != nil {
		return nil, err
	}
	var files map[string][]byte
	return files, wrap("version", json.Unmarshal(raw, &files))
}

// HelpFile gives a course's newest help lines and when they were published, or
// nil where it has none.
func (r Reader) HelpFile(ctx context.Context, course string) ([]byte, error) {
	var files [][]byte
	err := r.q.SelectContext(ctx, &files, `SELECT file FROM helplines WHERE course = $1`, course)
	if err != nil || len(files) == 0 {
		return nil, wrap("help lines", err)
	}
	return files[0], nil
}

// CurrentVersion gives the hash of a course's current version.
func (r Reader) CurrentVersion(ctx context.Context, course string) (string, error) {
	var hash string
	err := r.q.GetContext(ctx, &hash, `
		SELECT hash FROM publications WHERE course = $1 ORDER BY id DESC LIMIT 1`, course)
	return hash, one("course", err)
}

// CurrentVersions gives the hash of every course's current version, by course.
func (r Reader) CurrentVersions(ctx context.Context) ([]Version, error) {
	var rows []struct {
		Course string `db:"course"`
		Hash   string `db:"hash"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT DISTINCT ON (course) course, hash FROM publications ORDER BY course, id DESC`)
	all := make([]Version, len(rows))
	for i, r := range rows {
		all[i] = Version{Hash: r.Hash, Course: r.Course, Current: true}
	}
	return all, wrap("courses", err)
}

// Versions lists every version of a course ("" lists all courses), the newest
// first.
func (r Reader) Versions(ctx context.Context, course string) ([]Version, error) {
	var rows []struct {
		Hash        string    `db:"hash"`
		Course      string    `db:"course"`
		Title       string    `db:"title"`
		PublishedAt time.Time `db:"published_at"`
		Current     bool      `db:"current"`
		Readers     int       `db:"readers"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT v.hash, v.course, v.title, v.published_at,
			v.hash = (SELECT p.hash FROM publications p WHERE p.course = v.course ORDER BY p.id DESC LIMIT 1) AS current,
			(SELECT count(*) FROM subscriptions s WHERE s.version = v.hash
				AND s.status NOT IN ('completed', 'stopped', 'suppressed')) AS readers
		FROM versions v WHERE $1 = '' OR v.course = $1
		ORDER BY v.course, v.published_at DESC, v.hash`, course)
	all := make([]Version, len(rows))
	for i, r := range rows {
		all[i] = Version{Hash: r.Hash, Course: r.Course, Title: r.Title, PublishedAt: r.PublishedAt.UTC(), Current: r.Current, Readers: r.Readers}
	}
	return all, wrap("versions", err)
}
