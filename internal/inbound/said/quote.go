package said

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible applies all rules to the lines of a mail.
func visible(lines []line) string {
	markQuotes(lines)
	for from := 0; from < len(lines); {
		if lines[from].state != own {
			from++
			continue
		}
		to := from
		for to < len(lines) && lines[to].state == own {
			to++
		}
		markSignatures(lines[from:to])
		from = to
	}
	if text := join(lines, own); text != "" {
		return text
	}
	return join(lines, weak)
}

// join gives the lines up to this state. Blank lines below a quote go with
// it, blank lines above it stay.
func join(lines []line, most state) string {
	var out strings.Builder
	blanks, dropped := 0, false
	for _, l := range lines {
		switch {
		case l.state != own && l.state != most || rule(l.text) && out.Len() == 0:
			dropped = true
		case l.blank():
			if !dropped {
				blanks++
			}
		default:
			if out.Len() > 0 {
				out.WriteString(strings.Repeat("\n", blanks+1))
			}
			out.WriteString(l.text)
			blanks, dropped = 0, false
		}
	}
	return strings.TrimSpace(out.String())
}

// passedOn gives the quotes of a mail: those without marks, or else the marked
// ones, or else whatever there is.
func passedOn(lines []line) string {
	markQuotes(lines)
	for _, keep := range []func(l line) bool{
		func(l line) bool { return l.state == quote && !l.head && !l.quoted },
		func(l line) bool { return l.state == quote && !l.head },
		func(l line) bool { return true },
	} {
		var out strings.Builder
		for _, l := range lines {
			if keep(l) && !rule(l.text) {
				out.WriteString(strings.TrimSpace(strings.TrimLeft(l.text, "> ")) + "\n")
			}
		}
		if text := strings.TrimSpace(out.String()); text != "" {
			return text
		}
	}
	return ""
}

// markQuotes finds what others wrote, and its headers.
func markQuotes(lines []line) {
	floor, written := 0, false // where the person's lines begin; whether there are any
	for i := 0; i < len(lines); {
		l := &lines[i]
		if end, ok := angles(lines, i); ok {
			for j := i; j < end; j++ {
				lines[j].state, lines[j].head = quote, true
			}
			i = below(lines, end)
			floor = i
			continue
		}
		switch {
		case l.quoted || wrapped(lines, i):
			l.quoted, l.state = true, quote
			i++
			floor = i
			continue
		case l.blank():
			i++
			continue
		}
		head, end, ok := header(lines, i, floor)
		if !ok && anyPart(strings.ToLower(l.text[:min(len(l.text), 200)]), lexicon.above) && len(l.text) < 200 {
			head, end, ok = span{i, 0, i}, i+1, true
			if !written {
				l.state = quote
				i, floor = end, end
				continue
			}
		}
		if !ok {
			written = true
			i++
			continue
		}
		head.offset = max(head.offset, ownBefore(lines, head, floor, written))
		drop(lines, head, floor)
		for j := i; j < end; j++ {
			lines[j].state, lines[j].head = quote, true
		}
		if head.offset > 0 {
			lines[head.first].state = own
		}
		i = below(lines, end)
		floor = i
	}
}

// header finds a quote's header that ends with line i, or a block of them
// that begins there; end is the line below it.
func header(lines []line, i, floor int) (head span, end int, ok bool) {
	text := lines[i].text
	if at, ok := separator(text); ok {
		end = i + 1
		if next := nextFull(lines, end); next < len(lines) && !lines[next].quoted {
			if below, ok := block(lines, next); ok {
				end = below
			}
		}
		return span{i, at, i}, end, true
	}
	if end, ok := block(lines, i); ok {
		return span{i, 0, i}, end, true
	}
	if end, ok := stack(lines, i); ok {
		return span{i, 0, i}, end, true
	}
	if at, end, ok := lateBlock(lines, i); ok {
		return span{i, offset(text, at), i}, end, true
	}
	if at, ok := flatBlock(text); ok {
		return span{i, offset(text, at), i}, i + 1, true
	}
	if len(text) < 80 && lexicon.forward[strings.ToLower(strings.Trim(text, " \t:*：>"))] {
		return span{i, 0, i}, i + 1, true
	}
	head, ok = attribution(lines, i, floor)
	return head, i + 1, ok
}

// drop marks a header as quoted, with the rule drawn above it.
func drop(lines []line, head span, floor int) {
	for i := head.first; i <= head.last; i++ {
		lines[i].state, lines[i].head = quote, true
	}
	if head.offset > 0 {
		first := &lines[head.first]
		first.text = strings.TrimRight(first.text[:head.offset], " \t-_=*~([>")
		first.state = own
		return
	}
	for i := head.first - 1; i >= floor; i-- {
		if rule(lines[i].text) {
			lines[i].state = quote
		} else if !lines[i].blank() {
			return
		}
	}
}

// below marks what stands below a header and gives the line to go on with: a
// marked quote ends where its marks end, another never does.
func below(lines []line, from int) int {
	next := nextFull(lines, from)
	for i := next; i < len(lines) && strings.HasPrefix(lines[i].text, "|"); i++ {
		lines[i].quoted = true
	}
	if next < len(lines) && lines[next].quoted {
		return from
	}
	for i := from; i < len(lines); i++ {
		lines[i].state = quote
	}
	return len(lines)
}

// wrapped says whether an unmarked line is the rest of the quoted line above
// it, cut off by a program on the way.
func wrapped(lines []line, i int) bool {
	if i == 0 || !lines[i-1].quoted || lines[i].blank() {
		return false
	}
	above, text := lines[i-1].text, strings.TrimSpace(lines[i].text)
	if len(text) > 200 {
		return false
	}
	if link(text) && i+1 < len(lines) && lines[i+1].quoted {
		return true
	}
	if at := strings.LastIndex(above, "http"); at >= 0 && !strings.ContainsAny(above[at:], " )]>") {
		word, _, _ := strings.Cut(text, " ")
		if strings.ContainsAny(word, ")]>") || strings.ContainsAny(word, "/=&?%") {
			return true
		}
	}
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(above)
	ends := i+1 == len(lines) || lines[i+1].blank() || lines[i+1].quoted
	return ends && unicode.IsLower(first) && (unicode.IsLetter(last) || last == ',') && utf8.RuneCountInString(above) >= 68 && utf8.RuneCountInString(text) < 40
}

// link says whether a text is one address of a page, in brackets.
func link(text string) bool {
	text = strings.Trim(text, "()<>[] ")
	return (strings.HasPrefix(text, "http") || strings.HasPrefix(text, "mailto:")) && !strings.Contains(text, " ")
}
