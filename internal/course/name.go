package course

import (
	"fmt"
	"regexp"
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
	return "write one of " + strings.Join(known, ", ")
}

// nearest finds the known word that a typing slip away from it would give, or "".
func nearest(got string, known []string) string {
	got = fold(got)
	best, least := "", 1+max(1, min(len(got)/3, 3))
	for _, k := range known {
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

// distance counts the single-character edits between two words (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
