package course

import (
	"bytes"
	"html"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	raw "github.com/yuin/goldmark/renderer/html"
	"pgregory.net/rapid"
)

// permissive is Markdown with all that could turn a name into something else.
var permissive = goldmark.New(
	goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList),
	goldmark.WithRendererOptions(raw.WithUnsafe()),
)

func renderHTML(t rapid.TB, markdown string) string {
	var b bytes.Buffer
	if err := permissive.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// around are the places where a name may stand, with the HTML around it.
var around = []struct{ body, before, after string }{
	{"{{.Name}}", "<p>", "</p>\n"},
	{"Dear {{.Name}}, hello", "<p>Dear ", ", hello</p>\n"},
	{"Dear\n{{.Name}}\nhello", "<p>Dear\n", "\nhello</p>\n"},
	{"# {{.Name}}", "<h1>", "</h1>\n"},
	{"- {{.Name}}", "<ul>\n<li>", "</li>\n</ul>\n"},
	{"> {{.Name}}", "<blockquote>\n<p>", "</p>\n</blockquote>\n"},
	{"a|b\n-|-\n{{.Name}}|c", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>", "</td>\n<td>c</td>\n</tr>\n</tbody>\n</table>\n"},
	{"<div>{{.Name}}</div>", "<div>", "</div>"},
	{"<a title=\"{{.Name}}\">x</a>", "<p><a title=\"", "\">x</a></p>\n"},
}

// literally checks that a name shows as itself wherever it stands.
func literally(t rapid.TB, name string) {
	c := &Course{Language: "en"}
	for _, a := range around {
		markdown, err := c.Render(Text{File: "x.md", Body: a.body}, Rendering{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		got := renderHTML(t, markdown)
		middle, ok := strings.CutPrefix(got, a.before)
		middle, ok2 := strings.CutSuffix(middle, a.after)
		if !ok || !ok2 || strings.ContainsAny(middle, "<>") || html.UnescapeString(middle) != tidy(name) {
			t.Fatalf("name %q in %q\nmarkdown %q\nhtml %q", name, a.body, markdown, got)
		}
	}
}

func TestNamesShowLiterally(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Ada", "O'Brien", "Jean-Luc P. d'Arc", "Æsir Ünal-Şahin", "नरेश", "李雷",
		"<b>x</b>", "<script>alert(1)</script>", "{{.}}", `{{snippet "footer"}}`, "[x](http://evil)", "![x](y)", "# x", "#", "1. x", "1) x", "- x", "* x", "+ x", "> x",
		"**x**", "_x_", "`x`", "```", "~~~", "~~x~~", "www.evil.example", "https://evil.example/", "a@evil.example", "&amp;", "&#60;b&#62;", `\`, `\<b>`, "---", "===", "a\n\n# b",
		"  code\tx ", "x\u202eevil", "x\u0000y", "[^1]", "[ ] x", "x | y", `" onclick="x`, "' x='", ": x", "<!-- x", "]]>", "x  ", "www.x", "1986.", "J. 1. x", "&lt", "&lt;", "a&b", "<",
	} {
		literally(t, name)
	}
}

func TestAnyNameShowsLiterally(t *testing.T) {
	t.Parallel()
	markup := rapid.StringOf(rapid.RuneFrom([]rune("ab1 .-'\"#*_`[]()<>!&;:/\\|~=+@{}^$\n\tä\u202e")))
	// A name that is nothing when tidied leaves an empty structure behind.
	shown := func(s string) bool { return tidy(s) != "" }
	rapid.Check(t, func(t *rapid.T) {
		literally(t, rapid.OneOf(markup, rapid.String()).Filter(shown).Draw(t, "name"))
	})
}

func TestTidy(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"  a \r\n b\u2028c\u00a0d ": "a b c d",
		"\u202ea\u200bb\ufeff":      "ab",
		"\u200d\u200c ":             "",
		"क\u094d\u200dष":            "क\u094d\u200dष",
		"\x00\x1b[31m":              "[31m",
		"a\xffb":                    "ab",
	} {
		if got := tidy(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		got := tidy(rapid.String().Draw(t, "text"))
		if strings.ContainsFunc(got, unicode.IsControl) || tidy(got) != got || strings.TrimSpace(got) != got {
			t.Fatalf("%q is not tidy", got)
		}
	})
}

func TestRender(t *testing.T) {
	t.Parallel()
	c := good(t)
	newer := map[string][]HelpLine{"": {{For: "A*B", Contact: "112 (or 110)"}, {For: "Web", Contact: "https://help.example/a_b"}}}
	for _, test := range []struct {
		name, body string
		in         Rendering
		want       string
	}{
		{"or by a pipe", `{{.Name | or "reader"}}`, Rendering{}, "reader"},
		{"or by a pipe, named", `{{.Name | or "reader"}}`, Rendering{Name: "Ada"}, "Ada"},
		{"or plainly", `{{or .Name "reader"}}`, Rendering{}, "reader"},
		{"or plainly, named", `{{or .Name "reader"}}`, Rendering{Name: "Ada"}, "Ada"},
		{"or the other way round", `{{or "reader" .Name}}`, Rendering{Name: "Ada"}, "Ada"},
		{"or with words in brackets", `{{or (.Name | or "x") "y"}}`, Rendering{}, "x"},
		{"words of the author are not escaped", `{{.Name | or "*you*"}}`, Rendering{}, "*you*"},
		{"white space is no name", `{{.Name | or "reader"}}`, Rendering{Name: " \n\u200d"}, "reader"},
		{"if", `{{if .Name}}{{.Name}}!{{else}}Hello.{{end}}`, Rendering{}, "Hello."},
		{"if, named", `{{if .Name}}{{.Name}}, hello{{else}}Hello.{{end}}`, Rendering{Name: "<Ada>"}, "&lt;Ada&gt;, hello"},
		{"solo", `{{if .Solo}}by yourself{{else}}together{{end}}`, Rendering{Solo: true}, "by yourself"},
		{"not solo", `{{if .Solo}}by yourself{{else}}together{{end}}`, Rendering{}, "together"},
		{"else if", `{{if .Name}}a{{else if .Solo}}b{{else}}c{{end}}`, Rendering{Solo: true}, "b"},
		{"comment", `a{{/* note */}}b`, Rendering{}, "ab"},
		{"snippet in the default language", `{{snippet "footer"}}`, Rendering{Country: "GB", Language: "fr"}, "If you are not safe, stop reading.\n\n- Emergency: 999\n- Domestic abuse: 0808 2000 247"},
		{"snippet in another language", `{{snippet "footer"}}`, Rendering{Language: "de"}, "Wenn du nicht sicher bist, lies nicht weiter.\n\n- Elsewhere: <https://findahelpline.com>"},
		{"newer help lines", `{{helplines}}`, Rendering{Country: "GB", Help: newer}, "- A&#42;B: 112 &#40;or 110&#41;\n- Web: <https://help.example/a_b>"},
	} {
		got, err := c.Render(Text{File: test.name, Body: test.body}, test.in)
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v; want %q", test.name, got, err, test.want)
		}
	}
	for _, body := range []string{"{{.Nick}}", "{{", `{{snippet "none"}}`, "{{call .Name}}", "{{html .Name}}"} {
		if got, err := c.Render(Text{File: "x.md", Body: body}, Rendering{}); err == nil || !strings.Contains(err.Error(), "x.md") {
			t.Errorf("%s: got %q, %v; want an error that names the file", body, got, err)
		}
	}
}

// TestRenderTogether is for the race detector: one course serves every worker.
func TestRenderTogether(t *testing.T) {
	t.Parallel()
	c := good(t)
	text := c.Tracks[0].Stages[0].Lessons[0].Texts["en"]
	for _, name := range []string{"Ada", "Bob", "Cid", "Dee"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 100 {
				got, err := c.Render(text, Rendering{Name: name, Country: "GB", Language: "de"})
				if err != nil || !strings.HasPrefix(got, "Dear "+name+",") || !strings.Contains(got, "nicht sicher") {
					t.Fatal(got, err)
				}
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	c := good(b)
	text := c.Tracks[0].Stages[0].Lessons[0].Texts["en"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Render(text, Rendering{Name: "Ada", Country: "GB", Language: "en"}); err != nil {
			b.Fatal(err)
		}
	}
}
