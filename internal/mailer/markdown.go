package mailer

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown reads CommonMark without extensions: what an author types is what
// stands there. Raw HTML and pictures never pass, as nothing is loaded from
// elsewhere; a picture becomes its words.
type markdown struct {
	md     goldmark.Markdown
	styles map[string]map[ast.NodeKind]string // by direction
}

func newMarkdown(colours scheme) *markdown {
	return &markdown{
		md: goldmark.New(goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(guard{}, 1)))),
		styles: map[string]map[ast.NodeKind]string{
			"ltr": inlined(colours, "left"),
			"rtl": inlined(colours, "right"),
		},
	}
}

// inlined are the elements' styles where lines begin on the side start.
func inlined(colours scheme, start string) map[ast.NodeKind]string {
	link := fmt.Sprintf("color:%s;text-decoration:underline;", colours.Link)
	return map[ast.NodeKind]string{
		ast.KindParagraph:     "margin:0 0 18px 0;",
		ast.KindList:          fmt.Sprintf("margin:0 0 18px 0;margin-%s:22px;padding:0;", start), // Word knows no padding here
		ast.KindListItem:      "margin:0 0 8px 0;",
		ast.KindBlockquote:    fmt.Sprintf("margin:0 0 18px 0;padding:0;padding-%s:18px;border-%s:3px solid %s;", start, start, colours.Rule),
		ast.KindThematicBreak: fmt.Sprintf("margin:28px 0;border:0;border-top:1px solid %s;", colours.Rule),
		ast.KindLink:          link,
		ast.KindAutoLink:      link,
		ast.KindCodeSpan:      "font-family:SFMono-Regular,Menlo,Consolas,monospace;font-size:0.95em;",
	}
}

// piece is parsed Markdown, ready for both parts of a mail.
type piece struct {
	doc    ast.Node
	source []byte
}

// parse reads Markdown. Headings are lifted so that the highest is a second
// level: the first belongs to the letter's title.
func (m *markdown) parse(source string) piece {
	p := piece{source: []byte(source)}
	p.doc = m.md.Parser().Parse(text.NewReader(p.source))
	highest := 0
	eachHeading(p.doc, func(h *ast.Heading) {
		if highest == 0 || h.Level < highest {
			highest = h.Level
		}
	})
	eachHeading(p.doc, func(h *ast.Heading) { h.Level = min(h.Level-highest+2, 6) })
	return p
}

func eachHeading(doc ast.Node, do func(*ast.Heading)) {
	walk(doc, func(n ast.Node) {
		if h, ok := n.(*ast.Heading); ok {
			do(h)
		}
	})
}

func walk(doc ast.Node, visit func(ast.Node)) {
	// The visitor never fails, so neither does the walk.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			visit(n)
		}
		return ast.WalkContinue, nil
	})
}

// previewed is how many characters of a mail a lock screen or a list of mails
// may show.
const previewed = 200

// entitle puts the title under the greeting and the paragraphs after it, until
// enough stands before it that neither a lock screen nor a list of mails shows
// it; shown is how many characters come before the letter. It never ends a letter.
func (p piece) entitle(title string, shown int) {
	if title == "" {
		return
	}
	h := ast.NewHeading(1)
	words := ast.NewString([]byte(title))
	words.SetRaw(true)
	h.AppendChild(h, words)

	under := p.doc.FirstChild()
	for n := under; n != nil; n = n.NextSibling() {
		_, said := n.(*ast.Paragraph)
		text := plain{p.source}.inline(n)
		if !said || n.NextSibling() == nil || shown >= previewed && !(n == p.doc.FirstChild() && isGreeting(text)) {
			under = n
			break
		}
		shown += utf8.RuneCountInString(text)
	}
	if under == nil {
		p.doc.AppendChild(p.doc, h)
		return
	}
	p.doc.InsertBefore(p.doc, under, h)
}

// isGreeting tells "Dear reader," from a paragraph that already says something.
func isGreeting(words string) bool {
	return !strings.Contains(words, "\n") && utf8.RuneCountInString(words) <= 2*maxName
}

// html renders the piece with its styles inlined: many mail programs drop
// style sheets. What has a colour has a class too, for the dark scheme.
func (m *markdown) html(p piece, direction string) (template.HTML, error) {
	walk(p.doc, func(n ast.Node) {
		if style := m.style(n, direction); style != "" {
			n.SetAttributeString("style", []byte(style))
		}
		if class := darkens(n.Kind()); class != "" {
			n.SetAttributeString("class", []byte(class))
		}
	})
	var b bytes.Buffer
	if err := m.md.Renderer().Render(&b, p.source, p.doc); err != nil {
		return "", fmt.Errorf("render markdown: %w", err)
	}
	return template.HTML(b.String()), nil
}

func (m *markdown) style(n ast.Node, direction string) string {
	if h, ok := n.(*ast.Heading); ok {
		switch h.Level {
		case 1:
			return "margin:32px 0 16px 0;font-size:30px;line-height:1.25;font-weight:normal;"
		case 2:
			return "margin:32px 0 10px 0;font-size:20px;line-height:1.35;font-weight:bold;"
		}
		return "margin:24px 0 8px 0;font-size:18px;line-height:1.4;font-weight:bold;"
	}
	return m.styles[direction][n.Kind()]
}

// darkens is the layout's class of an element whose colour the dark scheme changes.
func darkens(kind ast.NodeKind) string {
	switch kind {
	case ast.KindLink, ast.KindAutoLink:
		return "link"
	case ast.KindBlockquote, ast.KindThematicBreak:
		return "rule"
	}
	return ""
}

// guard renders what must not pass: HTML as nothing, a picture as its words.
type guard struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (guard) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	nothing := func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
		return ast.WalkSkipChildren, nil
	}
	r.Register(ast.KindHTMLBlock, nothing)
	r.Register(ast.KindRawHTML, nothing)
	r.Register(ast.KindImage, func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
		return ast.WalkContinue, nil
	})
}

func isUnsafe(destination string) bool { return html.IsDangerousURL([]byte(destination)) }
