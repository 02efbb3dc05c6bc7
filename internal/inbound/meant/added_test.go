package meant

import (
	"strings"
	"testing"
	"testing/fstest"
)

func files(name, text string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text)}} }

// TestAdded has words of an operator's own.
func TestAdded(t *testing.T) {
	t.Parallel()
	r, err := New(fstest.MapFS{
		"house.yaml":  {Data: []byte("language: en\nintents:\n  ready: {plain: [full steam ahead, ready to rumble]}\n  stop: {plain: [over and out]}\ncrisis:\n  fear:\n    - (he|she) has the red book\n")},
		"danish.yaml": {Data: []byte("language: da\npolite: [tak]\nintents:\n  ready: {plain: [jeg er klar, klar]}\n  not-yet: {clear: [ikke endnu]}\nnot: [ikke]\n")},
		"readme.txt":  {Data: []byte("no word list")},
	})
	if err != nil {
		t.Fatal(err)
	}
	plain := reader(t)
	for text, want := range map[string]string{"Full steam ahead!": Ready, "over and out, thanks": Stop, "jeg er klar, tak": Ready, "ikke endnu": NotYet, "ready": Ready, "stop": Stop, "not yet": NotYet, "noch nicht": NotYet} {
		if got := r.Read(text, now).Intent; got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if m := r.Read("she has the red book", now); m.Crisis == nil || m.Crisis.Category != Fear {
		t.Errorf("the added danger: %v", m.Crisis)
	}
	for _, text := range []string{"Full steam ahead!", "jeg er klar, tak"} {
		if got := plain.Read(text, now).Intent; got != "" {
			t.Errorf("without the added words %q is %q", text, got)
		}
	}
	for line := range textLines(t, "testdata/danger.txt") {
		text := line[strings.LastIndexByte(line, '|')+1:]
		if got, want := r.Read(text, now).Crisis, plain.Read(text, now).Crisis; got == nil || *got != *want {
			t.Errorf("added words change %q to %v", text, got)
		}
	}
}

// TestAddedFaults names the file and the line.
func TestAddedFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"no language":      {"polite: [tak]\n", "word list x.yaml: no language"},
		"unknown intent":   {"language: en\nintents:\n  go: {plain: [x]}\n", "word list x.yaml:3: unknown intent \"go\""},
		"unknown category": {"language: en\ncrisis:\n  gloom: [x]\n", "word list x.yaml:3: unknown category \"gloom\""},
		"unknown field":    {"language: en\nwords: [x]\n", "word list x.yaml:2: "},
		"no YAML":          {"language: en\npolite: [x\n", "word list x.yaml:"},
		"open bracket":     {"language: en\npolite:\n  - fine\n  - (so|very good\n", "word list x.yaml:4: pattern \"(so|very good\": missing \")\""},
		"nothing left":     {"language: en\npolite:\n  - <so>\n", "word list x.yaml:3: pattern \"<so>\": all of it may be left out"},
		"no such set":      {"language: en\npolite: [\"({kin})\"]\n", "word list x.yaml:2: pattern \"({kin})\": no set \"kin\""},
		"months":           {"language: en\ntime:\n  months: [[jan]]\n", "word list x.yaml:3: 1 months"},
		"calm":             {"language: en\ncalm:\n  harmless: [kill myself]\n", "word list x.yaml:2: words that calm an alarm cannot be added"},
		"short":            {"language: en\nshort: {kill: hug}\n", "word list x.yaml:2: short forms cannot be added"},
		"hints":            {"language: en\nhints:\n  self-harm: [kill myself tonight]\n", "word list x.yaml:2: hints cannot be added"},
		"another intent":   {"language: en\nintents:\n  ready:\n    plain: [onwards, please stop]\n", "word list x.yaml:4: \"please stop\" has another meaning already: it cannot be ready"},
		"within a bracket": {"language: any\nintents:\n  stop: {plain: [(so|thanks|enough)]}\n", "word list x.yaml:3: \"thanks\" has another meaning already: it cannot be stop"},
		"a language's":     {"language: de\nintents:\n  ready: {clear: [noch nicht]}\n", "word list x.yaml:3: \"noch nicht\" has another meaning already: it cannot be ready"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(files("x.yaml", c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
