package course

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// helpAge is how many days a help line may go unchecked.
const helpAge = 180

// readHelp reads _data/help.yaml: lists of help lines by country; those under
// the key "" are for every country that has no own.
func (l *loader) readHelp() {
	text, ok := l.read(HelpFile)
	if !ok {
		_, l.helpAtFault = l.files[HelpFile]
		return
	}
	l.helpAtFault = true
	y := &yamlFile{name: HelpFile, report: l.report}
	root := y.parse(text)
	if root == nil {
		return
	}
	m, ok := y.mapping(root, "help lines by country")
	if !ok {
		return
	}
	l.course.Help = make(map[string][]HelpLine)
	for _, key := range m.keys {
		if country, ok := m.country(key); ok {
			l.course.Help[country] = m.helpLines(key.text)
		}
	}
	if _, ok := l.course.Help[""]; !ok {
		l.report.warn(m.where, "no-default-help", "readers in other countries get no help lines", `add "": with lines that help anywhere`)
	}
}

func (m *mapping) country(key word) (string, bool) {
	if key.text == "" {
		return "", true
	}
	switch canonical := canonicalCountry(key.text); canonical {
	case key.text:
		return canonical, true
	case "":
		m.report.fail(key.at, "bad-country", fmt.Sprintf("%s is no country", quoted(key.text)), `write an ISO 3166 code such as GB, or "" for every other country`)
	default:
		m.report.fail(key.at, "bad-country", fmt.Sprintf("%s is not how this country is written", quoted(key.text)), fmt.Sprintf("write %s", canonical))
	}
	return "", false
}

func (m *mapping) helpLines(country string) []HelpLine {
	nodes, _ := m.nodes(country, `- {for: Emergency, contact: "112", source: …, checked: 2026-11-01}`)
	var lines []HelpLine
	for _, n := range nodes {
		if line, ok := m.helpLine(n); ok {
			lines = append(lines, line)
		}
	}
	return lines
}

func (m *mapping) helpLine(n ast.Node) (HelpLine, bool) {
	r, ok := m.record(n, "the help line", []string{"for", "contact", "source", "checked"}, nil)
	if !ok {
		return HelpLine{}, false
	}
	purpose, _ := r.line("for")
	contact, _ := r.line("contact")
	source, _ := r.line("source")
	checked, ok := r.text("checked")
	if _, err := time.Parse(time.DateOnly, checked.text); ok && err != nil {
		m.report.fail(checked.at, "bad-date", fmt.Sprintf("%s is no date", quoted(checked.text)), "write the day on which the line was checked, such as 2026-11-01")
	}
	return HelpLine{purpose.text, contact.text, source.text, checked.text, checked.at}, true
}

// LintHelp warns of help lines that nobody has checked for 180 days, or that
// claim to have been checked after now.
func LintHelp(c *Course, now time.Time) Report {
	report := Report{}
	for country, lines := range c.Help {
		if country == "" {
			country = "other countries"
		}
		for _, line := range lines {
			checked, err := time.Parse(time.DateOnly, line.Checked)
			if err != nil {
				continue // an error of Load
			}
			what := fmt.Sprintf("the help line %q of %s", line.For, country)
			// A day of grace: somewhere the date is ahead of UTC.
			switch age := now.Sub(checked); {
			case age > (helpAge+1)*24*time.Hour:
				report.warn(line.where, "stale-help", fmt.Sprintf("%s was last checked on %s", what, line.Checked), "check it at its source and write today's date")
			case age < -24*time.Hour:
				report.warn(line.where, "stale-help", fmt.Sprintf("%s claims a check in the future", what), "write the day on which it was checked")
			}
		}
	}
	return report.sorted()
}
