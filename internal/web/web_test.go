package web

import (
	"os"
	"testing"
)

func TestTemplatesCompile(t *testing.T) {
	if _, err := loadPages(os.DirFS("../../templates")); err != nil {
		t.Fatal(err)
	}
}
