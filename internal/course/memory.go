package course

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// FromFiles makes a read-only file system of files by path, as Files gives
// them. Folders are there by their files. Names that no fs.FS may have are left
// out. The map must not be changed afterwards.
func FromFiles(files map[string][]byte) fs.FS {
	m := &memory{files: make(map[string][]byte), dirs: map[string][]fs.DirEntry{".": nil}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if fs.ValidPath(name) && name != "." {
			m.add(name, files[name])
		}
	}
	for _, entries := range m.dirs {
		slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return m
}

// memory is a file system of files in memory.
type memory struct {
	files map[string][]byte
	dirs  map[string][]fs.DirEntry
}

func (m *memory) add(name string, text []byte) {
	m.files[name] = text
	var entry fs.DirEntry = memoryInfo{path.Base(name), int64(len(text)), 0o444}
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		_, there := m.dirs[dir]
		m.dirs[dir] = append(m.dirs[dir], entry)
		if there || dir == "." {
			return
		}
		entry = memoryInfo{path.Base(dir), 0, fs.ModeDir | 0o555}
	}
}

// Open implements fs.FS.
func (m *memory) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if text, ok := m.files[name]; ok {
		return &memoryFile{memoryInfo{path.Base(name), int64(len(text)), 0o444}, bytes.NewReader(text)}, nil
	}
	if entries, ok := m.dirs[name]; ok {
		return &memoryDir{memoryInfo{path.Base(name), 0, fs.ModeDir | 0o555}, entries}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// memoryInfo is both fs.FileInfo and fs.DirEntry.
type memoryInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func (i memoryInfo) Name() string               { return i.name }
func (i memoryInfo) Size() int64                { return i.size }
func (i memoryInfo) Mode() fs.FileMode          { return i.mode }
func (i memoryInfo) Type() fs.FileMode          { return i.mode.Type() }
func (i memoryInfo) ModTime() time.Time         { return time.Time{} }
func (i memoryInfo) IsDir() bool                { return i.mode.IsDir() }
func (i memoryInfo) Sys() any                   { return nil }
func (i memoryInfo) Info() (fs.FileInfo, error) { return i, nil }
func (i memoryInfo) String() string             { return fs.FormatFileInfo(i) }

type memoryFile struct {
	info memoryInfo
	*bytes.Reader
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *memoryFile) Close() error               { return nil }

type memoryDir struct {
	info memoryInfo
	rest []fs.DirEntry
}

func (d *memoryDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *memoryDir) Close() error               { return nil }

func (d *memoryDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: fs.ErrInvalid}
}

// ReadDir implements fs.ReadDirFile.
func (d *memoryDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.rest)
	} else if len(d.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.rest))
	entries := d.rest[:n:n]
	d.rest = d.rest[n:]
	return entries, nil
}
