package mailer

import "html/template"

// scheme is the colours of one colour scheme. Every text colour keeps a
// contrast of at least 4.5:1 to what it stands on (WCAG 2.2, 1.4.3).
type scheme struct {
	Page, Card, Box    template.CSS // grounds: around the letter, of it, of the question
	Text, Quiet, Link  template.CSS // on any of the grounds
	Button, ButtonText template.CSS
	Rule               template.CSS // of lines; it carries no words
}

func light() scheme {
	return scheme{
		Page: "#f3f1ec", Card: "#ffffff", Box: "#eef2f6",
		Text: "#1f2933", Quiet: "#4d5966", Link: "#1a4f8b",
		Button: "#1f4e79", ButtonText: "#ffffff",
		Rule: "#c9ced4",
	}
}

func dark() scheme {
	return scheme{
		Page: "#14171a", Card: "#1d2125", Box: "#272d33",
		Text: "#e8eaec", Quiet: "#b4bcc4", Link: "#9cc3f5",
		Button: "#9cc3f5", ButtonText: "#10151b",
		Rule: "#48515a",
	}
}
