package mailer

import (
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"pgregory.net/rapid"
)

func TestPlainText(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ markdown, want string }{
		"paragraphs":       {"One\ntwo.\n\nThree.", "One two.\n\nThree."},
		"hard break":       {"One  \ntwo\\\nthree", "One\ntwo\nthree"},
		"emphasis":         {"*a* **b** ***c***", "*a* *b* **c**"},
		"escapes":          {`\*not\* &amp; &#42; \&amp; &copy; &nosuch; & &#42`, "*not* & * &amp; © &nosuch; & &#42"},
		"code span":        {"see `a &amp; \\*b*` now", "see `a &amp; \\*b*` now"},
		"code block":       {"    a\n    > b", "    a\n    > b"},
		"headings":         {"# Größe\n\ntext\n\n### small", "Größe\n-----\n\ntext\n\n\nsmall"},
		"link":             {"[words](https://a.example/x?a=1&b=2)", "words (https://a.example/x?a=1&b=2)"},
		"bare link":        {"<https://a.example> [https://a.example](https://a.example)", "https://a.example https://a.example"},
		"mail link":        {"<a@b.example> [write](mailto:a@b.example) [a@b.example](mailto:a@b.example)", "a@b.example write (a@b.example) a@b.example"},
		"telephone":        {"[116 123](tel:116123)", "116 123 (116123)"},
		"dangerous link":   {"[click](javascript:alert)", "click"},
		"picture":          {"![a hill](https://a.example/x.png)", "a hill"},
		"tight list":       {"- a\n- b\n  - c\n- d", "- a\n- b\n  - c\n- d"},
		"loose list":       {"- a\n\n  more\n\n- b", "- a\n\n  more\n\n- b"},
		"numbers":          {"9. a\n10. b\n\n    c", "9. a\n\n10. b\n\n    c"},
		"empty item":       {"- a\n-\n- b", "- a\n-\n- b"},
		"quotation":        {"> a\n>\n> > b", "| a\n|\n| | b"},
		"rule":             {"a\n\n---\n\nb", "a\n\n—  —  —\n\nb"},
		"raw HTML":         {"<div>gone</div>\n\na <b>c</b>", "a c"},
		"list after words": {"a\n\n1. b", "a\n\n1. b"},
	}
	m := newMarkdown(light())
	for name, c := range cases {
		p := m.parse(c.markdown)
		if got := plainText(p.doc, p.source); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestHeadingsAreLifted(t *testing.T) {
	t.Parallel()
	m := newMarkdown(light())
	for source, want := range map[string]string{
		"### a\n\n#### b": "<h2><h3>",
		"# a\n\n###### b": "<h2><h6>",
	} {
		html, err := m.html(m.parse(source), "ltr")
		if err != nil {
			t.Fatal(err)
		}
		var tags strings.Builder
		for part := range strings.SplitSeq(string(html), "<h") {
			if part != "" {
				tags.WriteString("<h" + part[:1] + ">")
			}
		}
		if tags.String() != want {
			t.Errorf("%q has %s, not %s", source, &tags, want)
		}
	}
}

func TestEntitle(t *testing.T) {
	t.Parallel()
	m := newMarkdown(light())
	long := strings.TrimSpace(strings.Repeat("long ", 50))
	wrapped := strings.Join(wrap(long, plainWidth), "\n")
	const title = "\n\n\nTitle\n=====\n\n"
	for source, want := range map[string]string{
		"Dear Ann,\n\nHello.":                         "Dear Ann," + title + "Hello.",
		"Dear Ann,\n\nOne.\n\nTwo.":                   "Dear Ann,\n\nOne." + title + "Two.",
		"Dear Ann,\n\n" + long + "\n\nTwo.\n\nThree.": "Dear Ann,\n\n" + wrapped + title + "Two.\n\nThree.",
		"Dear Ann,\n\n- One.\n\nTwo.":                 "Dear Ann," + title + "- One.\n\nTwo.",
		"## Not a greeting\n\nHello.":                 "Title\n=====\n\n\nNot a greeting\n--------------\n\nHello.",
		"One\\\ntwo\n\nHello.":                        "One\ntwo" + title + "Hello.",
		long + "\n\nx\n\ny":                           wrapped + title + "x\n\ny",
		"":                                            "Title\n=====",
	} {
		p := m.parse(source)
		p.entitle("Title", 0)
		if got := plainText(p.doc, p.source); got != want {
			t.Errorf("%.40q gives\n%s", source, got)
		}
	}
	p := m.parse("Dear Ann,\n\nOne.\n\nTwo.")
	if p.entitle("Title", previewed); !strings.HasPrefix(plainText(p.doc, p.source), "Dear Ann,"+title+"One.") {
		t.Error("where enough was said before, the title does not follow the greeting")
	}
}

func TestQuotes(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		`"So," he said.`:                     `“So,” he said.`,
		`don't; the years' end; '90s`:        `don’t; the years’ end; ’90s`,
		`"'So' is a word."`:                  `“‘So’ is a word.”`,
		`*"so"* and "*so*" and **"so".**`:    `*“so”* and “*so*” and **“so”.**`,
		"> \"so\"\n> - \"so\"\n\"so\"":       "> “so”\n> - “so”\n“so”",
		`("so") "I lost …" x—"so"`:           `(“so”) “I lost …” x—“so”`,
		"`\"code\"` \"so\"":                  "`\"code\"` “so”",
		`[a "b"](https://x.example "c") "d"`: `[a “b”](https://x.example "c") “d”`,
		`<a href="x"> stays? \"and\" \é'`:    `<a href=”x”> stays? \"and\" \é’`,
		`<https://x.example/'a'> '`:          `<https://x.example/'a'> ‘`,
		"line\\\n\"so\"":                     "line\\\n“so”",
	} {
		if got := quotes("en-GB", from); got != want {
			t.Errorf("%s became %s, not %s", from, got, want)
		}
		if got := quotes("de", from); got != from {
			t.Errorf("in German %s became %s", from, got)
		}
	}
	plain := strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching("[\"'`*(\\]<> a1\\\\é]{0,60}")).Draw(t, "text")
		if got := quotes("en", text); plain.Replace(got) != plain.Replace(text) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func TestWrap(t *testing.T) {
	t.Parallel()
	address := "https://letters.example.org/" + strings.Repeat("x", 100)
	cases := map[string]struct {
		text string
		want []string
	}{
		"nothing":       {"", nil},
		"fits":          {"0123456789", []string{"0123456789"}},
		"breaks":        {"aaaa bbbb cccc", []string{"aaaa bbbb", "cccc"}},
		"long word":     {"abcdefghijklm", []string{"abcdefghij", "klm"}},
		"long address":  {"see " + address + " now", []string{"see", address, "now"}},
		"no-break":      {"aaaaaaa b\u00a0c", []string{"aaaaaaa", "b\u00a0c"}},
		"wide":          {"山田太郎山田太郎", []string{"山田太郎山", "田太郎"}},
		"one character": {strings.Repeat("👩‍👩‍👧‍👦", 6), []string{strings.Repeat("👩‍👩‍👧‍👦", 5), "👩‍👩‍👧‍👦"}},
	}
	for name, c := range cases {
		if got := wrap(c.text, 10); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestWrapLosesNothing: whatever is wrapped stays the same but for its blanks.
func TestWrapLosesNothing(t *testing.T) {
	t.Parallel()
	dense := strings.NewReplacer(" ", "", "\n", "", "\t", "", "\r", "")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		width := rapid.IntRange(2, 80).Draw(t, "width")
		lines := wrap(text, width)
		if got := dense.Replace(strings.Join(lines, "")); got != dense.Replace(text) {
			t.Fatalf("%q became %q", text, lines)
		}
		for _, l := range lines {
			if displaywidth.String(l) > width && !strings.Contains(l, "://") {
				t.Fatalf("%q is wider than %d", l, width)
			}
		}
	})
}

// TestPlainName holds for any name: one short line, and no address in it.
func TestPlainName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z.:/@ \r\n]{0,200}`)).Draw(t, "name")
		got := plainName(name)
		if strings.ContainsAny(got, "\r\n\t/\\@\u202e\u2066\u200b") || strings.Contains(got, "://") || strings.TrimSpace(got) != got {
			t.Fatalf("%q became %q", name, got)
		}
		for i, word := range strings.Fields(got) {
			if dot := strings.IndexByte(word, '.'); dot >= 0 && dot < len(word)-1 && !strings.HasSuffix(word, "…") && strings.Trim(word, ".:") != "" && strings.ContainsAny(word[dot+1:], "abcdefghijklmnopqrstuvwxyz") {
				t.Fatalf("%q keeps what looks like a domain in word %d: %q", name, i, word)
			}
		}
		if n := len([]rune(got)); n > (maxName+1)*maxRunes {
			t.Fatalf("%d runes", n)
		}
	})
	for name, want := range map[string]string{
		"J. R. Hartley": "J. R. Hartley", "J.R.": "J. R.", "O'Brien-Müller": "O'Brien-Müller",
		"evil.example": "evil. example", " \u200b ": "", "علی\u200cرضا": "علی\u200cرضا",
	} {
		if got := plainName(name); got != want {
			t.Errorf("%q became %q", name, got)
		}
	}
}
