package mailer

import "fmt"

// Text gives the plain text of a mail, the same that Compose writes: what an
// answer to it may quote.
func (c *Composer) Text(l Letter) (string, error) {
	content, err := c.content(l)
	if err != nil {
		return "", fmt.Errorf("text of %s: %w", l.Kind, err)
	}
	s, err := c.sheet(l, content)
	if err != nil {
		return "", fmt.Errorf("text of %s: %w", l.Kind, err)
	}
	return s.text(), nil
}
