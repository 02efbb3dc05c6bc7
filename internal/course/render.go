package course

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"unicode"
)

// Rendering is what a text is rendered for. Every field may be empty.
type Rendering struct {
	Name     string // as the reader gave it; nothing in it is markup
	Country  string // upper-case ISO 3166 code, for the help lines
	Language string // of the snippets; those that lack it come in the default
	Solo     bool   // the last answer to a safety question was another than yes

	// Help are the help lines to use, as they are published apart from versions;
	// nil means the course's own.
	Help map[string][]HelpLine
}

// The bounds of one rendering: snippets may name snippets, but not for ever.
const (
	mostSnippets  = 100
	deepestNest   = 8
	mostRendered  = 1 << 20
	footerSnippet = "footer"
)

var (
	errTooDeep   = errors.New("snippets name each other without end")
	errTooBig    = errors.New("the text grows too big")
	errNoSnippet = errors.New("there is no such snippet")
)

// Render gives a text's Markdown for a reader. What the reader wrote stands in
// it escaped for Markdown and HTML alike, mostly as character references
// (&#42;): whoever turns the Markdown into plain text must resolve those, as any
// Markdown library does. It is safe for concurrent use.
func (c *Course) Render(text Text, in Rendering) (string, error) {
	t := text.compiled
	if t == nil {
		var report Report
		if t = compile(text.Body, place{text.File, max(1, text.Line), 1}, &report); t == nil {
			return "", fmt.Errorf("render %s: %w", text.File, report.Err())
		}
	}
	s := &session{course: c, in: in}
	markdown, err := s.render(t)
	if err != nil {
		return "", fmt.Errorf("render %s: %w", text.File, err)
	}
	return markdown, nil
}

// session is one rendering under way.
type session struct {
	course *Course
	in     Rendering
	depth  int
	count  int
	size   int
	footer bool // the footer was part of it
}

// readerText is text that a reader wrote; printing it escapes it.
type readerText string

// String escapes the text.
func (r readerText) String() string { return escape(string(r)) }

func (s *session) render(c *compiled) (string, error) {
	t, err := c.template.Clone()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	data := struct {
		Name readerText
		Solo bool
	}{readerText(tidy(s.in.Name)), s.in.Solo}
	if err := t.Funcs(s.functions()).Execute(&bounded{s, &out}, data); err != nil {
		return "", err
	}
	return out.String(), nil
}

// bounded counts what a rendering writes, its snippets included.
type bounded struct {
	session *session
	out     *strings.Builder
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.session.size += len(p); b.session.size > mostRendered {
		return 0, errTooBig
	}
	return b.out.Write(p)
}

func (s *session) functions() template.FuncMap {
	return template.FuncMap{"or": firstSaid, "snippet": s.snippet, "helplines": s.helplines}
}

// firstSaid is the function or: what the reader said, if anything; else the
// author's words. It does not matter on which side of a pipe they stand, so that
// both {{.Name | or "reader"}} and {{or .Name "reader"}} do what they say.
func firstSaid(values ...any) any {
	var fallback any = ""
	for _, v := range values {
		switch v := v.(type) {
		case readerText:
			if v != "" {
				return v
			}
		case string:
			if fallback == "" {
				fallback = v
			}
		}
	}
	return fallback
}

// snippet renders a shared piece within the text.
func (s *session) snippet(name string) (string, error) {
	s.depth++
	s.count++
	defer func() { s.depth-- }()
	if s.depth > deepestNest {
		return "", errTooDeep
	}
	if s.count > mostSnippets {
		return "", errTooBig
	}
	c := s.course.snippet(name, s.in.Language)
	if c == nil {
		return "", fmt.Errorf("snippet %q: %w", name, errNoSnippet)
	}
	if name == footerSnippet {
		s.footer = true
	}
	markdown, err := s.render(c)
	return strings.Trim(markdown, "\n"), err
}

// snippet finds a snippet in a language or in the default one, or nil.
func (c *Course) snippet(name, language string) *compiled {
	for _, l := range []string{language, c.Language} {
		if found := c.snippets[name][l]; found != nil {
			return found
		}
		if source, ok := c.Snippets[name][l]; ok {
			return compile(source, place{name, 1, 1}, new(Report))
		}
	}
	return nil
}

// helplines renders the help lines of the reader's country as a Markdown list;
// a country without any gets those for everywhere else.
func (s *session) helplines() string {
	help := s.in.Help
	if help == nil {
		help = s.course.Help
	}
	lines, ok := help[s.in.Country]
	if !ok {
		lines = help[""]
	}
	items := make([]string, len(lines))
	for i, l := range lines {
		items[i] = fmt.Sprintf("- %s: %s", escape(l.For), contact(l.Contact))
	}
	return strings.Join(items, "\n")
}

// contact makes a link of a web address and leaves the rest as text.
func contact(s string) string {
	if (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.ContainsAny(s, " <>\"\\") {
		return "<" + s + ">"
	}
	return escape(s)
}

// tidy makes one line of a text: white space becomes single spaces, and what
// cannot be seen but steers (controls, changes of writing direction) goes. The
// joiners stay: names in several scripts need them.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200c' || r == '\u200d':
			return r
		case r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, s)
	if strings.Trim(s, " \u200c\u200d") == "" {
		return ""
	}
	return strings.Join(strings.Fields(s), " ")
}

// escape writes text so that neither Markdown nor HTML sees anything in it but
// text. Character references do for both: they never open a structure
// (CommonMark 0.31, section 2.5), in raw HTML as little as in Markdown. What is
// harmless where it stands is left alone, so that O'Brien and Jean-Luc stay
// readable in the source.
func escape(s string) string {
	runes := []rune(tidy(s))
	inWord := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	var b strings.Builder
	for i, r := range runes {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&quot;")
		case r > unicode.MaxASCII || r == ' ' || r == ',' || inWord(i):
			b.WriteRune(r)
		case (r == '-' || r == '\'') && inWord(i-1) && inWord(i+1):
			b.WriteRune(r)
		case r == '.' && i > 0 && unicode.IsLetter(runes[i-1]) && (i+1 == len(runes) || runes[i+1] == ' '):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}
