package mime

import "strings"

// Prose is Text with the soft line breaks of format=flowed undone (RFC 3676,
// section 4): lines that a mail program broke at its own width are whole again,
// quoted ones too.
func (p *Part) Prose() string {
	text := p.Text()
	if p.Type != "text/plain" || !strings.EqualFold(strings.TrimSpace(p.Params["format"]), "flowed") {
		return text
	}
	return unflow(text, strings.EqualFold(strings.TrimSpace(p.Params["delsp"]), "yes"))
}

// unflow joins flowed lines. A line of other quote depth, and an empty one, end
// a paragraph even where a sender that errs left it open (section 4.5).
func unflow(text string, delSp bool) string {
	var out strings.Builder
	out.Grow(len(text))
	open, depth := false, 0 // a paragraph that goes on, and how deeply it is quoted
	first := true
	for line := range strings.SplitSeq(text, "\n") {
		marks := len(line) - len(strings.TrimLeft(line, ">"))
		bare := strings.TrimPrefix(line[marks:], " ") // space-stuffed, section 4.4
		signature := bare == "-- "
		if open && (marks != depth || signature || strings.TrimSpace(bare) == "") {
			open = false
		}
		if !open {
			if !first {
				out.WriteByte('\n')
			}
			if marks > 0 {
				out.WriteString(line[:marks] + " ")
			}
		}
		first = false
		open = strings.HasSuffix(bare, " ") && strings.TrimSpace(bare) != "" && !signature
		depth = marks
		if open && delSp {
			bare = bare[:len(bare)-1]
		}
		out.WriteString(bare)
	}
	return out.String()
}
