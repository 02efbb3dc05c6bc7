package mailer

import "html/template"

// scheme is the colours of one colour scheme, of mails and of pages alike: warm
// paper, ink, and the green of a pine. Every text colour keeps a contrast of at
// least 4.5:1 to what it stands on (WCAG 2.2, 1.4.3), an edge one of 3:1 (1.4.11).
type scheme struct {
	Paper, Tint        template.CSS // grounds: of the letter, of the question
	Text, Quiet, Link  template.CSS // on any of the grounds
	Button, ButtonText template.CSS
	Edge               template.CSS // round a button
	Rule               template.CSS // of lines; it carries no words
}

func light() scheme {
	return scheme{
		Paper: "#fbf8f1", Tint: "#f3ecdf",
		Text: "#24211c", Quiet: "#5f584c", Link: "#1f5256",
		Button: "#1f5256", ButtonText: "#ffffff",
		Edge: "#1f5256", Rule: "#ddd3c1",
	}
}

// dark is a scheme of its own, not the light one inverted: a lamp in the evening,
// with nothing on it that glares.
func dark() scheme {
	return scheme{
		Paper: "#191815", Tint: "#24221e",
		Text: "#e6e0d4", Quiet: "#b3ab9c", Link: "#a3d0ce",
		Button: "#2c5456", ButtonText: "#f1f7f5",
		Edge: "#a3d0ce", Rule: "#3b372f",
	}
}
