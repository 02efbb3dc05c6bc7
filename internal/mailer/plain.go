package mailer

import (
	"html"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// plainWidth is where lines of the text part end, in columns of a terminal.
const plainWidth = 72

// leastWidth is left to the text however deep lists and quotations nest.
const leastWidth = 24

// lane parts what is said: the marks in the middle of a road, as above the letter.
const lane = "—  —  —"

// plainText writes a Markdown tree as text that is complete in itself: links
// keep their addresses, emphasis its stars. A quotation has a bar that is not
// ">", which readers' mail programs use for what they quote themselves.
func plainText(doc ast.Node, source []byte) string {
	p := plain{source: source}
	return strings.Join(p.blocks(doc, plainWidth), "\n")
}

type plain struct{ source []byte }

// blocks gives the lines of a node's children, a blank line between each two and
// two above a heading.
func (p plain) blocks(parent ast.Node, width int) []string {
	var lines []string
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		block := p.block(n, max(width, leastWidth))
		if len(block) == 0 {
			continue
		}
		if len(lines) > 0 && !isTight(n) {
			lines = append(lines, "")
			if _, heads := n.(*ast.Heading); heads {
				lines = append(lines, "")
			}
		}
		lines = append(lines, block...)
	}
	return lines
}

// isTight reports whether no blank line stands before the block: within a
// tight list, an item's text and the list under it follow each other.
func isTight(n ast.Node) bool {
	for up := n.Parent(); up != nil; up = up.Parent() {
		if list, ok := up.(*ast.List); ok {
			return list.IsTight
		}
	}
	return false
}

func (p plain) block(n ast.Node, width int) []string {
	switch n := n.(type) {
	case *ast.Heading:
		return heading(p.inline(n), n.Level, width)
	case *ast.Blockquote:
		return indent(p.blocks(n, width-2), "| ", "| ")
	case *ast.List:
		return p.list(n, width)
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		code := strings.TrimRight(string(n.Lines().Value(p.source)), "\n")
		return indent(strings.Split(code, "\n"), "    ", "    ")
	case *ast.ThematicBreak:
		return []string{lane}
	case *ast.HTMLBlock:
		return nil
	default: // a paragraph or the text of a tight item
		return wrap(p.inline(n), width)
	}
}

func (p plain) list(list *ast.List, width int) []string {
	var lines []string
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		if len(lines) > 0 && !list.IsTight {
			lines = append(lines, "")
		}
		body := p.blocks(item, width-len(mark))
		if len(body) == 0 {
			body = []string{""}
		}
		lines = append(lines, indent(body, mark, strings.Repeat(" ", len(mark)))...)
	}
	return lines
}

// heading sets a heading apart with a line under it, as wide as its words.
func heading(text string, level, width int) []string {
	lines := wrap(text, width)
	mark := map[int]string{1: "=", 2: "-", 3: "-"}[level]
	if mark == "" || len(lines) == 0 {
		return lines
	}
	widest := 0
	for _, l := range lines {
		widest = max(widest, columns(l))
	}
	return append(lines, strings.Repeat(mark, widest))
}

// inline gives a node's words on one line; a "\n" stands for a hard break.
func (p plain) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.WriteString(unescape(n.Value(p.source)))
			switch {
			case n.HardLineBreak():
				b.WriteString("\n")
			case n.SoftLineBreak():
				b.WriteString(" ")
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.CodeSpan:
			b.WriteString("`" + p.literal(n) + "`")
		case *ast.Emphasis:
			b.WriteString("*" + p.inline(n) + "*")
		case *ast.Link:
			b.WriteString(linked(p.inline(n), string(n.Destination)))
		case *ast.AutoLink:
			b.Write(n.Label(p.source))
		case *ast.RawHTML: // never passes
		default: // an image is its words
			b.WriteString(p.inline(n))
		}
	}
	return b.String()
}

// literal gives the text of a code span as it was written.
func (p plain) literal(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if t, ok := n.(*ast.Text); ok {
			b.WriteString(strings.ReplaceAll(string(t.Value(p.source)), "\n", " "))
		}
	}
	return b.String()
}

// linked writes a link as its words with the address behind, or only the
// address where the words are the same.
func linked(words, destination string) string {
	if destination == "" || isUnsafe(destination) {
		return words
	}
	shown := strings.TrimPrefix(strings.TrimPrefix(destination, "mailto:"), "tel:")
	if words == "" || words == shown || words == destination {
		return shown
	}
	return words + " (" + shown + ")"
}

// unescape resolves backslash escapes and character references in one pass,
// so that an escaped "&" never starts a reference.
func unescape(raw []byte) string {
	if !strings.ContainsAny(string(raw), `\&`) {
		return string(raw)
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		switch {
		case raw[i] == '\\' && i+1 < len(raw) && util.IsPunct(raw[i+1]):
			i++
			b.WriteByte(raw[i])
		case raw[i] == '&':
			end := strings.IndexByte(string(raw[i:]), ';')
			if end < 0 {
				b.WriteByte('&')
				continue
			}
			reference := string(raw[i : i+end+1])
			if resolved := html.UnescapeString(reference); resolved != reference {
				b.WriteString(resolved)
				i += end
				continue
			}
			b.WriteByte('&')
		default:
			b.WriteByte(raw[i])
		}
	}
	return b.String()
}
