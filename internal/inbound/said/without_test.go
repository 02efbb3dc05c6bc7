package said

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const letter7 = `Dear Ann,

Hello again. This is the seventh letter of the course, and it asks you to sit down together for half an hour.
If you are afraid, write to us. Never stay where you are not safe.

When you have done so, answer with "I am ready" or "not yet". One word is enough.

Longroad · Write stop to stop.`

func TestWithout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"nothing of ours", "I am ready now.\n", "I am ready now.\n"},
		{"all ours", letter7, ""},
		{"ours below", "not yet\n\n" + letter7, "not yet"},
		{"marked", "not yet\n\n> " + strings.ReplaceAll(letter7, "\n", "\n> "), "not yet"},
		{"wrapped anew", "not yet\n\nThis is the seventh letter of the\ncourse, and it asks you to\n> sit down together for half\n> an hour. No!", "not yet\n\n> No!"},
		{"around ours", "You say: This is the seventh letter of the course. I am lost.", "You say: I am lost."},
		{"a suggested answer stays", "I am ready", "I am ready"},
		{"a suggested word stays", "stop", "stop"},
		{"a short sentence beside a passage goes", "Hello again. This is the seventh letter of the course\nfine", "fine"},
		{"other case and marks", "*THIS is the seventh* letter -- of the course\nfine", "fine"},
		{"emoji stays", "👍\nOne word is enough. Longroad · Write stop to stop.", "👍"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Without(c.text, []string{letter7, ""}); strings.TrimSpace(got) != strings.TrimSpace(c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := Without("准备好了\n这是课程的第七封信请你们一起坐下来半个小时", []string{"你好。这是课程的第七封信请你们一起坐下来半个小时。准备好了"}); strings.TrimSpace(got) != "准备好了" {
		t.Errorf("Chinese: got %q", got)
	}
}

// TestWithoutWrapped wraps and quotes a letter in every way.
func TestWithoutWrapped(t *testing.T) {
	t.Parallel()
	words := strings.Fields(letter7)
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(words)-12).Draw(t, "from")
		var text strings.Builder
		text.WriteString("todavía no\n\n")
		for _, w := range words[from:] {
			text.WriteString(w)
			text.WriteString(rapid.SampledFrom([]string{" ", "\n", "\n> ", "\r\n>> ", "  "}).Draw(t, "gap"))
		}
		if got := strings.TrimSpace(Without(text.String(), []string{letter7})); got != "todavía no" {
			t.Fatalf("got %q", got)
		}
	})
}
