package mailer

import (
	"html/template"
	"io/fs"
)

// readLayout reads the one layout of all mails. In it, word writes what only
// Outlook's Word engine reads: html/template would drop such a comment.
func readLayout(files fs.FS) (*template.Template, error) {
	return template.New("letter.html").Funcs(template.FuncMap{
		"word": func(html string) template.HTML { return template.HTML("<!--[if mso]>" + html + "<![endif]-->") },
	}).ParseFS(files, "mail/letter.html")
}

// Start is the side on which lines begin, for those who know no other words for it.
func (s sheet) Start() string {
	if s.Direction == "rtl" {
		return "right"
	}
	return "left"
}
