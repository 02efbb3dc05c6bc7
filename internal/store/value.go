package store

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"
)

// nullTime writes a zero time as NULL.
func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// utc reads NULL as the zero time.
func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// plain makes a stranger's words fit for a text column.
func plain(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?") }

// times writes an array of times, NULLs among them.
func times(ts []*time.Time) any {
	texts := make([]*string, len(ts))
	for i, t := range ts {
		if t != nil {
			s := string(pq.FormatTimestamp(*t))
			texts[i] = &s
		}
	}
	return pq.Array(texts)
}

// byteas writes an array of byte strings.
func byteas(refs [][]byte) any { return pq.ByteaArray(refs) }

// isText tells what PostgreSQL takes as text: anything else would be an error each
// time that it is asked for.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
