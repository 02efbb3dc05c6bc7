package said

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	mostSignature = 12  // lines below "--"
	leastNotice   = 110 // bytes of a legal paragraph
	mostFooter    = 8   // lines below a mailing list's rule
	mostNotice    = 4000
	mostDevice    = 16 // words of a telephone's signature
	mostScanner   = 4  // lines of a virus scanner's footer
)

// markSignatures finds signatures, notices and footers in a run of the
// person's own lines.
func markSignatures(lines []line) {
	markParagraphs(lines)
	for i, l := range lines {
		switch {
		case l.state != own || l.blank():
		case l.signed:
			lines[i].state = weak
		case device(l.text), i > 0 && lines[i-1].state == footer && link(l.text):
			lines[i].state = footer
		}
	}
	markDelimited(lines)
	markName(lines)
	for i := len(lines) - 1; i >= 0 && (lines[i].blank() || lines[i].state != own || rule(lines[i].text)); i-- {
		if rule(lines[i].text) && lines[i].state == own {
			lines[i].state = weak
		}
	}
}

// markDelimited finds "--" and what stands below it.
func markDelimited(lines []line) {
	loose, strict, full := len(lines), len(lines), 0
	for i := len(lines) - 1; i >= 0; i-- {
		l := lines[i]
		if l.state != own || l.blank() {
			continue
		}
		if l.strict {
			strict = i
		} else if (l.text == "--" || l.text == "—") && full <= mostSignature {
			loose = i
		}
		full++
	}
	loose = min(loose, card(lines))
	for i := min(loose, strict); i < len(lines); i++ {
		if lines[i].state == own {
			lines[i].state = weak
		}
		if i >= strict {
			lines[i].state = footer
		}
	}
}

// card gives the line of a rule drawn above the sender's name and how to reach
// them, which end the text; or the number of lines.
func card(lines []line) int {
	at, full, reach := len(lines), 0, false
	for i := len(lines) - 1; i > 0 && full <= mostFooter; i-- {
		text := lines[i].text
		switch {
		case lines[i].state != own || text == "":
		case rule(text) && len(text) >= 5:
			if reach && lines[i-1].blank() {
				at = i
			}
			return at
		case len(strings.Fields(text)) > 9 || strings.ContainsAny(text[len(text)-1:], "?!"):
			return at
		default:
			full++
			reach = reach || contact(text)
		}
	}
	return at
}

// contact tells a line by which somebody can be reached: an address, a page, a
// number of at least six digits.
func contact(text string) bool {
	digits := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= 6 || hasAddress(text) || strings.Contains(text, "www.") || strings.Contains(text, "://")
}

// markName finds a name behind a dash in the last line: "-Ann Lee", "— Ann".
func markName(lines []line) {
	i := len(lines) - 1
	for i >= 0 && (lines[i].blank() || lines[i].state != own) {
		i--
	}
	if i < 1 || !lines[i-1].blank() {
		return
	}
	name := strings.TrimLeft(lines[i].text, "-–—~ ")
	if name == lines[i].text || strings.HasPrefix(lines[i].text, "- ") || strings.HasPrefix(lines[i].text, " ") {
		return
	}
	parts := strings.Fields(name)
	if len(parts) == 0 || len(parts) > 3 {
		return
	}
	for _, part := range parts {
		if first, _ := utf8.DecodeRuneInString(part); !unicode.IsUpper(first) || strings.ContainsAny(part, "!?:;") {
			return
		}
	}
	lines[i].state = weak
}

// markParagraphs finds legal notices and the footers of lists and services.
func markParagraphs(lines []line) {
	for i := 0; i < len(lines); {
		if lines[i].blank() {
			i++
			continue
		}
		end := i
		for end < len(lines) && !lines[end].blank() {
			end++
		}
		if begin := i + notice(lines[i:end], i > 0); begin < end {
			for j := begin; j < end; j++ {
				lines[j].state = footer
			}
			markRuleAbove(lines, begin)
		}
		for j := i; j < end; j++ {
			text := lines[j].text
			if rule(text) && len(text) >= 20 && listBelow(lines[j+1:]) {
				for k := j; k < len(lines); k++ {
					lines[k].state = footer
				}
				return
			}
			if end-j <= mostScanner && scanned(lines[j:end]) || len(text) >= 8 && anyPrefix(strings.ToLower(strings.TrimLeft(text[:min(len(text), 120)], " *_-[")), lexicon.footers) {
				for j > i && link(lines[j-1].text) {
					j--
				}
				for k := j; k < end; k++ {
					lines[k].state = footer
				}
				markRuleAbove(lines, j)
				break
			}
		}
		i = end
	}
}

// scanned tells the footer of a virus scanner in any language: a word for
// viruses and the scanner's name, on one line or two.
func scanned(lines []line) bool {
	text := lines[0].text
	if len(text) > 200 || text == "" {
		return false
	}
	lower := strings.ToLower(text)
	if !anyWithin(lower, lexicon.viruses) {
		return false
	}
	if len(lines) > 1 && len(lines[1].text) < 200 {
		lower += " " + strings.ToLower(lines[1].text)
	}
	return anyPart(lower, lexicon.scanners) && !strings.ContainsAny(text, "?") && len(strings.Fields(lower)) <= 24
}

// markRuleAbove drops a rule together with what it was drawn above.
func markRuleAbove(lines []line, i int) {
	for i--; i >= 0 && lines[i].blank(); i-- {
	}
	if i >= 0 && rule(lines[i].text) {
		lines[i].state = footer
	}
}

// listBelow says whether these lines, up to the end, are a mailing list's
// footer: few, with an address of the list.
func listBelow(lines []line) bool {
	full, address := 0, false
	for _, l := range lines {
		if l.blank() {
			continue
		}
		if full++; full > mostFooter {
			return false
		}
		address = address || strings.Contains(l.text, "://") || strings.Contains(l.text, "@") && strings.Contains(strings.ToLower(l.text), "list")
	}
	return address
}

// notice gives the line at which a legal notice begins in a paragraph, or the
// paragraph's length.
func notice(paragraph []line, apart bool) int {
	var joined strings.Builder
	for _, l := range paragraph {
		if joined.Len() > mostNotice {
			break
		}
		joined.WriteString(l.text)
		joined.WriteByte(' ')
	}
	lower := strings.ToLower(joined.String()[:min(joined.Len(), mostNotice)])
	bare := strings.TrimLeft(lower, " *_-=#\"'(")
	for _, head := range lexicon.heads {
		// "Disclaimer: I am late" is no notice yet.
		if strings.HasPrefix(bare, head) && (strings.Contains(head, " ") || lexicon.notices.in(bare[len(head):], 2) == 2) {
			return 0
		}
	}
	if len(lower) < leastNotice {
		return len(paragraph)
	}
	need := 2
	if len(lower) < 2*leastNotice {
		need = 3
	}
	if lexicon.notices.in(lower, need) < need {
		return len(paragraph)
	}
	if apart {
		return 0
	}
	// The mail's first paragraph may be a reply that runs into a notice.
	for i, l := range paragraph {
		if lexicon.notices.in(strings.ToLower(l.text), 1) > 0 {
			return i
		}
	}
	return len(paragraph)
}

// device says whether a line is what a telephone or a program signs with, or
// puts in a picture's place.
func device(text string) bool {
	if len(text) < 6 || len(text) > 160 {
		return false
	}
	lower := strings.ToLower(strings.Trim(unpointed(text), " \t*_-–—<>[]().…"))
	if strings.ContainsAny(text[len(text)-1:], "?!:;") || len(strings.Fields(lower)) > mostDevice {
		return false
	}
	if len(lower) > 7 && (strings.HasPrefix(lower, "image:") || strings.HasPrefix(lower, "cid:")) && text[0] == '[' && text[len(text)-1] == ']' {
		return true // what stands for a picture
	}
	phrase := anyPrefix(lower, lexicon.device)
	for i := 0; i < len(lexicon.device) && !phrase; i++ {
		phrase = strings.HasSuffix(lower, lexicon.device[i])
	}
	for i := 0; i < len(lexicon.deviceIn) && !phrase; i++ {
		phrase = strings.Contains(lower, lexicon.deviceIn[i])
	}
	if !phrase {
		return strings.Contains(lower, "outlook") && (strings.Contains(lower, "ios") || strings.Contains(lower, "android")) && len(lower) < 70
	}
	before, _, comma := strings.Cut(lower, ",")
	if named(before) {
		return true
	}
	// "Sent from a shed in Kent": people write their own.
	return !comma && strings.HasPrefix(lower, "sent from") && len(strings.Fields(lower)) <= 7 && !strings.HasSuffix(text, ".")
}

// unpointed takes the vowel marks off Arabic and Hebrew: programs write them
// or not.
func unpointed(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x064b && r <= 0x065f || r == 0x0640 || r == 0x0670 || r >= 0x0591 && r <= 0x05c7 && unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, text)
}

// named says whether a device or a program is named. Endings ("iPhone'umdan",
// "Galaxyから送信") do not hide it.
func named(lower string) bool {
	if strings.Contains(lower, "手机") || strings.Contains(lower, "手機") {
		return true
	}
	for _, word := range strings.FieldsFunc(lower, func(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == '\'' || r == '’' || unspaced(r) }) {
		if lexicon.devices[trimMarks(word)] {
			return true
		}
		for _, ending := range []string{"iphon", "ipad", "android", "samsung", "outlook"} {
			if strings.Contains(word, ending) {
				return true
			}
		}
	}
	return false
}
