package mime

import (
	"strings"
	"testing"
)

func TestProse(t *testing.T) {
	t.Parallel()
	const flowed = "text/plain; charset=utf-8; format=flowed"
	for _, c := range []struct{ name, kind, body, want string }{
		{"no flow", "text/plain", "one \ntwo\n", "one \ntwo\n"},
		{"joined", flowed, "It was a long week \nand I need \nmore time.\nThanks\n", "It was a long week and I need more time.\nThanks\n"},
		{"capitals", `TEXT/PLAIN; Format="Flowed"`, "one \ntwo\n", "one two\n"},
		{"delsp", flowed + "; DelSp=Yes", "準備が \nできました\n", "準備ができました\n"},
		{"stuffed", flowed, " From here on\n > no quote\n  two\n", "From here on\n> no quote\n two\n"},
		{"quotes", flowed, "yes\n\nAnn wrote:\n> are you \n> ready \n>> or not \nno\n", "yes\n\nAnn wrote:\n> are you ready \n>> or not \nno\n"},
		{"signature", flowed, "ready \n-- \nAnn \nLee\n", "ready \n-- \nAnn Lee\n"},
		{"quoted signature", flowed, "> one \n> -- \n> Ann\n", "> one \n> -- \n> Ann\n"},
		{"an empty line ends", flowed, "one \n\ntwo \n \nthree\n", "one \n\ntwo \n\nthree\n"},
		{"html", "text/html; format=flowed", "<p>a \nb</p>", "<p>a \nb</p>"},
		{"open at the end", flowed, "one \n", "one \n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := Parse([]byte("Content-Type: " + c.kind + "\n\n" + c.body))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Root.Prose(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// FuzzProse holds that unflowing keeps every word in its order.
func FuzzProse(f *testing.F) {
	f.Add("one \n> two \n>> three\n-- \n \n four", true)
	f.Add("> \n>a \n> b", false)
	f.Fuzz(func(t *testing.T, text string, delSp bool) {
		got := unflow(text, delSp)
		bare := func(s string) string { return strings.NewReplacer(">", "", " ", "", "\n", "").Replace(s) }
		if bare(got) != bare(text) {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}
