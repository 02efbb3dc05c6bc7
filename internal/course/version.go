package course

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// hash names a version: lower-case hex of a SHA-256 over the path and the
// text of every file, help lines excepted, in the order of their paths.
func hash(files map[string][]byte) string {
	sum := sha256.New()
	part := func(b []byte) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(b)))
		sum.Write(size[:])
		sum.Write(b)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name != HelpFile {
			part([]byte(name))
			part(files[name])
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Files gives the files that make a course's version, and its help lines, by
// path: what must be kept so that Load(FromFiles(files)) gives the same course
// with the same Hash. A course with errors is refused. Line ends are plain and
// byte order marks are gone.
func Files(fsys fs.FS) (map[string][]byte, error) {
	l := &loader{folder: folder{fsys: fsys, report: &Report{}, files: make(map[string][]byte)}}
	l.load()
	if err := l.report.sorted().Err(); err != nil {
		return nil, fmt.Errorf("gather a course's files: %w", err)
	}
	return l.files, nil
}
