package course

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"
)

var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// maxSlug keeps an id fit for a file name, a header and a column of a table.
const maxSlug = 64

const slugRemedy = `write lower-case letters, digits and single hyphens, such as "name-the-break", at most 64 characters`

func isSlug(s string) bool { return len(s) <= maxSlug && slug.MatchString(s) }

// canonicalLanguage gives the canonical form of a BCP 47 tag, or "".
func canonicalLanguage(s string) string {
	tag, err := language.Parse(s)
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

// canonicalCountry gives the ISO 3166 code that a code stands for, or "".
func canonicalCountry(s string) string {
	region, err := language.ParseRegion(s)
	if err != nil || !region.IsCountry() {
		return ""
	}
	return region.Canonicalize().String()
}

// quoted shows text that an author wrote, cut to what fits a message.
func quoted(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// oneOf says which words are right, and which one was probably meant.
func oneOf(got string, known []string) string {
	if near := nearest(got, known); near != "" {
		return fmt.Sprintf("write %q", near)
	}
	switch len(known) {
	case 0:
		return "there is none yet"
	case 1:
		return fmt.Sprintf("write %q", known[0])
	}
	if len(known) > 12 {
		known = append(slices.Clone(known[:12]), "…")
	}
	return "write one of " + strings.Join(known, ", ")
}

// mostKnown is among how many words a suggestion is looked for or listed.
const mostKnown = 200

// nearest finds the known word that a typing slip away from it would give, or "".
func nearest(got string, known []string) string {
	got = fold(got)
	best, least := "", 1+max(1, min(len(got)/3, 3))
	for _, k := range known[:min(len(known), mostKnown)] {
		if longer := len(k) - len(got); longer >= least || -longer >= least {
			continue
		}
		if d := distance(got, fold(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsSpace(r) {
			return '-'
		}
		return unicode.ToLower(r)
	}, s)
	return s[:min(len(s), maxSlug)]
}

// distance counts the slips between two words: a character too many, too few
// or wrong, or two neighbours swapped (optimal string alignment).
func distance(a, b string) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
