package web

import (
	"html/template"
	"regexp"
	"strings"
)

// contact is a help line's contact, with its first number or its site as
// something to press.
type contact struct {
	Href template.URL // "" where there is nothing to press
	Text string       // what is pressed
	Rest string
}

var (
	leadingNumber = regexp.MustCompile(`^[0-9]([0-9 -]*[0-9])?`)
	wholeSite     = regexp.MustCompile(`^(https://)?([a-z0-9-]+\.)+[a-z]{2,}/?$`)
)

// readContact reads a contact as the course's files write it. The files are the
// operator's, and both patterns leave nothing in an address that could act.
func readContact(s string) contact {
	if wholeSite.MatchString(s) {
		site := strings.TrimPrefix(s, "https://")
		return contact{Href: template.URL("https://" + site), Text: site}
	}
	number := leadingNumber.FindString(s)
	if number == "" {
		return contact{Rest: s}
	}
	dial := strings.NewReplacer(" ", "", "-", "").Replace(number)
	return contact{Href: template.URL("tel:" + dial), Text: number, Rest: s[len(number):]}
}
