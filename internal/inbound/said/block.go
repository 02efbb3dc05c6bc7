package said

import "strings"

// kind is the kind of a line in a header block ("From: Ann"). A word may be
// of two kinds in two languages.
type kind int

const (
	fromKey kind = 1 << iota
	dateKey
	toKey
	subjectKey
	otherKey
)

const (
	mostKeyBytes  = 48
	mostWrapped   = 3  // lines on which a header's value may go on
	mostBlockSize = 30 // lines of a header block
)

// keyOf gives the kind of a header line, or 0.
func keyOf(text string) kind {
	text = strings.TrimLeft(text, " \t*_|")
	head := text[:min(len(text), mostKeyBytes)]
	end := strings.IndexByte(head, ':')
	if wide := strings.Index(head, "："); wide >= 0 && (end < 0 || wide < end) {
		end = wide
	}
	if end <= 0 {
		return 0
	}
	return lexicon.keys[strings.ToLower(strings.TrimRight(head[:end], " \t*_"))]
}

// block finds a header block that begins with line i. It gives the line after
// the block's last header.
func block(lines []line, i int) (end int, ok bool) {
	first := keyOf(lines[i].text)
	if first&^otherKey == 0 {
		return 0, false
	}
	var seen [5]kind
	count, wrapped, address := 0, 0, false
	for j := i; j < len(lines) && j < i+mostBlockSize && count < len(seen); j++ {
		if lines[j].quoted && !lines[i].quoted {
			break
		}
		text := lines[j].text
		key := keyOf(text)
		switch {
		case key != 0:
			seen[count], wrapped, end = key, 0, j+1
			count++
			address = address || hasAddress(text)
		case text == "":
			if next := nextFull(lines, j); next == len(lines) || keyOf(lines[next].text) == 0 || next > j+2 {
				return end, isBlock(seen[:count], address)
			}
		default:
			if wrapped++; wrapped > mostWrapped {
				return end, isBlock(seen[:count], address)
			}
			address = address || hasAddress(text)
		}
	}
	return end, isBlock(seen[:count], address)
}

// mostStackSize is how many lines a stack of headers takes, blank ones and all.
const mostStackSize = 24

// stack finds headers without colons: a sender, a date on a line of its own,
// then words such as "To" and "Subject", each above its value (Notes).
func stack(lines []line, i int) (end int, ok bool) {
	date := nextFull(lines, i+1)
	if !hasAddress(lines[i].text) || date > i+2 || date == len(lines) || !onlyDate(lines[date].text) {
		return 0, false
	}
	var all kind
	for j := date + 1; j < len(lines) && j < date+mostStackSize && !lines[j].quoted; j++ {
		key := lexicon.keys[strings.ToLower(strings.TrimSpace(lines[j].text))]
		if key == 0 {
			continue
		}
		all |= key
		if key&subjectKey != 0 {
			return min(nextFull(lines, j+1)+1, len(lines)), all&toKey != 0
		}
		end = j + 1
	}
	return end, all&toKey != 0 && all != toKey
}

// onlyDate tells a line that holds a date with its time, and little else.
func onlyDate(text string) bool {
	date, clock := dates(text)
	return date && clock && len(strings.Fields(text)) <= 6 && !strings.Contains(text, "@")
}

// angles tells ">>> Ann <ann@example.org> 03/03/2026 2:20 PM >>>", below which
// quotes have no marks (GroupWise); it may be wrapped.
func angles(lines []line, i int) (end int, ok bool) {
	text := strings.TrimSpace(lines[i].text)
	if !strings.HasPrefix(text, ">>>") || strings.HasPrefix(text, ">>>>") {
		return 0, false
	}
	end = i + 1
	if !strings.HasSuffix(text, ">>>") && end < len(lines) {
		text += " " + strings.TrimSpace(lines[end].text)
		end++
	}
	date, clock := dates(text)
	return end, date && clock && len(text) < mostHeaderBytes && strings.HasSuffix(text, ">>>")
}

// lateBlock finds a header block whose first line stands on a reply's own
// line; it gives the byte at which it starts and the line below it.
func lateBlock(lines []line, i int) (at, end int, ok bool) {
	if next := nextFull(lines, i+1); next > i+2 || next == len(lines) || keyOf(lines[next].text) == 0 && (next+1 == len(lines) || keyOf(lines[next+1].text) == 0) {
		return 0, 0, false
	}
	text := lines[i].text
	for at = len(text) - 1; at > 0; at-- {
		if text[at-1] != ' ' || keyOf(text[at:])&fromKey == 0 {
			continue
		}
		window := append([]line{{text: text[at:]}}, lines[i+1:min(len(lines), i+mostBlockSize)]...)
		end, ok = block(window, 0)
		return at, i + end, ok
	}
	return 0, 0, false
}

// isBlock says whether lines of these kinds are a mail's headers. A person may
// write "Date: Monday" or "From: Bonn, To: Rome": that is none.
func isBlock(seen []kind, address bool) bool {
	if len(seen) < 2 {
		return false
	}
	var all kind
	for _, k := range seen {
		all |= k
	}
	has := func(k kind) bool { return all&k != 0 }
	switch {
	case has(fromKey) && has(dateKey) && (has(toKey) || has(subjectKey)):
		return true
	case has(fromKey) && has(subjectKey) && has(toKey):
		return true
	case address:
		return has(fromKey) && (has(dateKey) || has(toKey) || has(subjectKey)) || has(dateKey) && has(toKey) || has(subjectKey) && has(toKey)
	}
	return has(dateKey) && has(toKey) && has(subjectKey)
}

// flatBlock finds a header block that was written into one line; it gives the
// byte at which it starts.
func flatBlock(text string) (int, bool) {
	if strings.Count(text, ":")+strings.Count(text, "：") < 3 {
		return 0, false
	}
	begin, count := -1, 0
	var all kind
	for at := 0; at < len(text); at++ {
		if at > 0 && text[at-1] != ' ' && text[at-1] != '*' {
			continue
		}
		key := keyOf(text[at:])
		switch {
		case key == 0:
		case begin < 0 && key&fromKey != 0:
			begin, all, count = at, key, 1
		case begin >= 0 && key&all == 0:
			all |= key
			count++
		}
		if begin >= 0 && at-begin > 1000 {
			begin, count = -1, 0
		}
		if count >= 3 {
			return begin, true
		}
	}
	return 0, false
}

// rule says whether a line is drawn: dashes, underscores and the like only.
func rule(text string) bool {
	bare := strings.Trim(text, " \t-_=*~—–─━‐‑‒―")
	return bare == "" && len(text) >= 3 && strings.TrimLeft(text, " \t") != ""
}

// separator finds "-----Original Message-----" and what else programs put
// between dashes. It gives the byte at which it starts.
func separator(text string) (int, bool) {
	if strings.HasPrefix(text, "‐‐") || strings.HasPrefix(text, "――") || strings.HasPrefix(text, "––") {
		text = hyphens.Replace(text)
	}
	if inner := strings.TrimSpace(text); len(inner) < 60 && strings.HasPrefix(inner, ">") && strings.HasSuffix(inner, "<") &&
		anyWord(strings.ToLower(inner), lexicon.message) {
		return 0, true // ">Messaggio originale<"
	}
	if inner := strings.Trim(text, " *"); len(text) < 60 && strings.HasPrefix(text, "***") && strings.HasSuffix(text, "***") &&
		len(strings.Fields(inner)) <= 3 && anyWord(strings.ToLower(inner), lexicon.message) {
		return 0, true // "***** Original message *****"
	}
	begin := strings.IndexAny(text, "-_=—─")
	for begin >= 0 && dashes(text[begin:]) < 2 {
		next := strings.IndexAny(text[begin+1:], "-_=—─")
		if next < 0 {
			return 0, false
		}
		begin += next + 1
	}
	if begin < 0 || begin > 0 && dashes(text[begin:]) < 4 {
		return 0, false
	}
	inner := strings.Trim(text[begin:], " \t-_=—─*>")
	if inner == "" || len(inner) > 120 || len(strings.Trim(text[:begin], " \t*")) > 0 && !strings.HasSuffix(text, "--") {
		return 0, false
	}
	lower := strings.ToLower(strings.TrimSuffix(inner, ":"))
	size := len(strings.Fields(inner))
	if lexicon.forward[lower] || size <= 5 && anyWord(lower, lexicon.message) && (dashes(text[begin:]) >= 4 || strings.HasSuffix(text, "--")) {
		return offset(text, begin), true
	}
	closed := strings.HasSuffix(strings.TrimSpace(text), "--")
	if at := strings.LastIndexByte(lower, ' '); closed && at > 0 && size <= 6 && lexicon.verbs[lower[at+1:]] {
		return offset(text, begin), true
	}
	return 0, false
}

// hyphens makes one kind of all.
var hyphens = strings.NewReplacer("‐", "-", "―", "-", "–", "-")

// dashes counts the marks of a rule that a text begins with.
func dashes(text string) int {
	n := 0
	for _, r := range text {
		if !strings.ContainsRune("-_=—─", r) {
			break
		}
		n++
	}
	return n
}
