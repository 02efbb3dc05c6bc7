package course

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"golang.org/x/text/language"
)

// The bounds of a letter, its safety footer not counted.
const (
	fewestWords  = 250
	mostWords    = 700
	hardestGrade = 9.0 // school years that it takes to read it easily
)

// LintProse warns of lessons that are short or long, and of letters in English
// that are hard to read: above grade 9 by Flesch and Kincaid. What a letter says
// is a person's to judge.
func LintProse(c *Course) Report {
	report := &Report{}
	for _, t := range c.Tracks {
		for _, s := range t.Stages {
			for i, l := range slices.Concat(s.Lessons, s.Practice) {
				for _, tag := range slices.Sorted(maps.Keys(l.Texts)) {
					c.lintProse(l.Texts[tag], tag, i < len(s.Lessons), report)
				}
			}
		}
	}
	return report.sorted()
}

// lintProse looks at a letter as either kind of reader gets it.
func (c *Course) lintProse(t Text, tag string, lesson bool, report *Report) {
	start := place{t.File, t.Line, 1}
	base, _ := language.Make(tag).Base()
	for _, in := range []Rendering{{Language: tag}, {Language: tag, Solo: true}} {
		p, err := c.prose(t, in)
		if err != nil {
			continue // an error of Load
		}
		whose := ""
		if in.Solo {
			whose = " for readers on their own"
		}
		found := len(*report)
		if lesson && spaced(base.String()) {
			switch {
			case p.words < fewestWords:
				report.warn(start, "short-letter", fmt.Sprintf("the letter has %d words%s", p.words, whose), fmt.Sprintf("write at least %d", fewestWords))
			case p.words > mostWords:
				report.warn(start, "long-letter", fmt.Sprintf("the letter has %d words%s", p.words, whose), fmt.Sprintf("write at most %d", mostWords))
			}
		}
		if grade := p.grade(); base.String() == "en" && grade > hardestGrade {
			report.warn(start, "hard-letter", fmt.Sprintf("the letter takes %.1f years of school to read%s", grade, whose),
				fmt.Sprintf("write shorter sentences and plainer words, down to grade %.0f", hardestGrade))
		}
		if len(*report) > found {
			return // once a letter
		}
	}
}

// prose counts a letter without its safety footer.
func (c *Course) prose(t Text, in Rendering) (prose, error) {
	markdown, err := c.Render(t, in)
	if err != nil {
		return prose{}, err
	}
	footer, err := c.Render(Text{File: footerSnippet, Body: `{{snippet "` + footerSnippet + `"}}`}, in)
	if err == nil { // a course without one has none to take away
		markdown = strings.TrimSuffix(strings.TrimSpace(markdown), strings.TrimSpace(footer))
	}
	return proseOf(markdown), nil
}

// spaced reports whether a language writes spaces between its words.
func spaced(base string) bool {
	return !slices.Contains([]string{"ja", "km", "lo", "my", "th", "zh"}, base)
}

// prose is what there is to count in a text; long words have three syllables or more.
type prose struct{ words, long, sentences, syllables int }

// grade is the reading grade by Flesch and Kincaid, for English.
func (p prose) grade() float64 {
	if p.words == 0 {
		return 0
	}
	return 0.39*float64(p.words)/float64(max(p.sentences, 1)) + 11.8*float64(p.syllables)/float64(p.words) - 15.59
}

// age is the age, in years, at which a text in English is understood wholly: five
// on top of the SMOG grade (McLaughlin, 1969), which counts the long words of
// thirty sentences. The grade by Flesch and Kincaid is lower: it is enough for
// understanding most of a text.
func (p prose) age() float64 {
	return 5 + 3.1291 + 1.043*math.Sqrt(30*float64(p.long)/float64(max(p.sentences, 1)))
}

// proseOf counts a Markdown text. A sentence ends with its sign or its block.
func proseOf(markdown string) prose {
	source := []byte(markdown)
	var p prose
	var block strings.Builder
	end := func() {
		p.count(block.String())
		block.Reset()
	}
	// The visitor never fails, so neither does the walk.
	_ = ast.Walk(goldmark.DefaultParser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				block.Write(n.Segment.Value(source))
				if n.SoftLineBreak() || n.HardLineBreak() {
					block.WriteByte(' ')
				}
			}
		default:
			if n.Type() == ast.TypeBlock {
				end()
			}
		}
		return ast.WalkContinue, nil
	})
	return p
}

func (p *prose) count(block string) {
	open := false // words stand in a sentence that has not ended
	for _, field := range strings.Fields(block) {
		word := strings.TrimFunc(field, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if word != "" {
			n := syllables(word)
			p.words++
			p.syllables += n
			if n >= 3 {
				p.long++
			}
			open = true
		}
		if open && endsSentence(field) {
			p.sentences++
			open = false
		}
	}
	if open {
		p.sentences++
	}
}

func endsSentence(field string) bool {
	field = strings.TrimRight(field, "\"'”’»)]")
	return strings.HasSuffix(field, ".") || strings.HasSuffix(field, "!") || strings.HasSuffix(field, "?") || strings.HasSuffix(field, "…")
}

// syllables counts an English word's, as well as spelling can tell.
func syllables(word string) (n int) {
	for part := range strings.FieldsFuncSeq(strings.ToLower(word), func(r rune) bool { return r == '-' || r == '–' || r == '/' }) {
		n += max(1, sounded(part))
	}
	return n
}

// sounded counts the groups of vowels of a simple word, silent endings left out.
func sounded(word string) (n int) {
	const vowels = "aeiouyé"
	word, _, _ = strings.Cut(strings.ReplaceAll(word, "’", "'"), "'")
	inside := false
	for _, r := range word {
		vowel := strings.ContainsRune(vowels, r)
		if vowel && !inside {
			n++
		}
		inside = vowel
	}
	end := func(suffix string) bool { return len(word) > len(suffix)+1 && strings.HasSuffix(word, suffix) }
	before := func(cut int) byte { return word[len(word)-cut-1] }
	consonant := func(cut int) bool { return !strings.ContainsRune(vowels, rune(before(cut))) }
	switch {
	case end("e") && consonant(1) && !(before(1) == 'l' && !strings.ContainsRune(vowels, rune(before(2)))): // came, but not little
		n--
	case end("ed") && consonant(2) && before(2) != 't' && before(2) != 'd': // walked, but not wanted
		n--
	case end("es") && consonant(2) && !strings.ContainsRune("sxzhcg", rune(before(2))): // times, but not houses
		n--
	}
	return n
}
