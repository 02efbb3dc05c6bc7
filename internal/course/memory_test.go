package course

import (
	"bytes"
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestFromFiles(t *testing.T) {
	t.Parallel()
	files := goodFiles(t)
	files["../escape"], files["/root"], files["."] = []byte("x"), []byte("x"), []byte("x")
	fsys := FromFiles(files)
	if err := fstest.TestFS(fsys, "course.yaml", "de/offender/01.md", "_data/help.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(FromFiles(nil)); err != nil {
		t.Fatal(err)
	}
	got, err := everything(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(files)-3 {
		t.Errorf("%d files, want %d", len(got), len(files)-3)
	}
	for name, text := range got {
		if !bytes.Equal(text, files[name]) {
			t.Errorf("%s is another file", name)
		}
	}
	if _, err := fs.Stat(fsys, "de/nothing"); err == nil {
		t.Error("what is not there is there")
	}
}
