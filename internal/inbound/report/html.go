package report

import (
	"html"
	"strings"
)

func looksLikeHTML(text string) bool {
	head := strings.ToLower(strings.TrimSpace(text[:min(len(text), 200)]))
	return strings.HasPrefix(head, "<html") || strings.HasPrefix(head, "<!doctype html")
}

// plain turns a machine's HTML into lines. It is enough for reports: quotes and
// styles are of no concern here.
func plain(text string) string {
	var b strings.Builder
	for text != "" {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			b.WriteString(text)
			break
		}
		b.WriteString(text[:open])
		text = text[open:]
		name := tagName(text)
		if name == "" { // an address in angle brackets, or a lone sign
			b.WriteByte('<')
			text = text[1:]
			continue
		}
		end := strings.IndexByte(text, '>')
		if end < 0 {
			break
		}
		text = text[end+1:]
		switch name {
		case "style", "script", "head", "title":
			if _, after, ok := cutFold(text, "</"+name); ok {
				text = after
			}
		case "br", "p", "/p", "div", "/div", "tr", "/tr", "li", "table", "/table", "h1", "h2", "h3", "/h1", "/h2", "/h3", "blockquote", "/blockquote", "pre", "/pre", "hr":
			b.WriteByte('\n')
		case "td", "th":
			b.WriteByte(' ')
		}
	}
	return strings.ReplaceAll(html.UnescapeString(b.String()), "\u00a0", " ")
}

// tagName gives the name of the tag that text begins with, in lower case.
func tagName(text string) string {
	end := 1
	for end < len(text) && end < 20 {
		c := text[end] | 0x20
		if c >= 'a' && c <= 'z' || end > 1 && text[end] >= '0' && text[end] <= '9' || end == 1 && (text[1] == '/' || text[1] == '!' || text[1] == '?') {
			end++
			continue
		}
		break
	}
	if end == 1 || end < len(text) && strings.IndexByte(" \t\n/>-:[", text[end]) < 0 {
		return ""
	}
	if text[1] == '!' || text[1] == '?' {
		return "!"
	}
	return strings.ToLower(text[1:end])
}

// cutFold cuts text after the tag that begins with mark, ASCII case ignored.
func cutFold(text, mark string) (before, after string, ok bool) {
	for from := 0; ; {
		i := strings.Index(text[from:], mark[:2])
		if i < 0 {
			return text, "", false
		}
		i += from
		if len(text)-i >= len(mark) && strings.EqualFold(text[i:i+len(mark)], mark) {
			rest := text[i:]
			if end := strings.IndexByte(rest, '>'); end >= 0 {
				return text[:i], rest[end+1:], true
			}
			return text[:i], "", true
		}
		from = i + 2
	}
}
