package course

import (
	"os"
	"testing"
)

func TestLoadGood(t *testing.T) {
	t.Parallel()
	c, report := Load(os.DirFS("testdata/good"))
	if len(report) > 0 {
		t.Fatalf("faults in a good course:\n%s", report)
	}
	md, err := c.Render(c.Tracks[0].Stages[0].Lessons[0].Texts["de"], Rendering{Name: "<b>x</b> O'Brien", Country: "GB", Language: "de"})
	t.Log(md, err, c.Hash)
}
