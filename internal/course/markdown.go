package course

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// linkSchemes are those of links that work in a mail, wherever it is opened.
var linkSchemes = []string{"https", "http", "mailto", "tel", "sms"}

// checkMarkdown warns of what a mail would leave out or could not follow: HTML,
// pictures, links that lead nowhere. The place is where the text begins.
func checkMarkdown(body string, start place, report *Report) {
	source := []byte(body)
	doc := goldmark.DefaultParser().Parse(text.NewReader(source))
	warn := func(n ast.Node, code, cause, remedy string) {
		report.warn(spotOf(body, n.Pos()).from(start), code, cause, remedy)
	}
	// The visitor never fails, so neither does the walk.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock:
			if n.HTMLBlockType != ast.HTMLBlockType2 { // a comment is meant to be left out
				warn(n, "html", "HTML stands here, and mails leave it out with all that is in it", "write it as Markdown")
			}
		case *ast.RawHTML:
			if tag := string(n.Segments.Value(source)); !strings.HasPrefix(tag, "<!--") && !strings.HasPrefix(tag, "</") {
				warn(n, "html", fmt.Sprintf("HTML stands here, %s, and mails leave it out", quoted(tag)), "write it as Markdown, such as **strong** or *soft*")
			}
		case *ast.Image:
			warn(n, "picture", "a picture stands here, and mails show only its words", "take it away: nothing is loaded from elsewhere")
		case *ast.Link:
			if to := string(n.Destination); !leads(to) {
				warn(n, "dead-link", fmt.Sprintf("the link to %s leads nowhere in a mail", quoted(to)), "write the whole address, such as https://example.org/page")
			}
		}
		return ast.WalkContinue, nil
	})
}

// leads reports whether a link can be followed out of a mail.
func leads(to string) bool {
	u, err := url.Parse(to)
	if err != nil || !slices.Contains(linkSchemes, u.Scheme) {
		return false
	}
	return u.Host != "" || u.Opaque != "" && !strings.HasPrefix(u.Scheme, "http")
}
