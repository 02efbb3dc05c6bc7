package meant

import "slices"

var categories = []string{SelfHarm, ChildAtRisk, ViolenceByOther, ViolenceBySelf, Fear}

// severity gives a category's place; the first wins. -1 is none.
func severity(category string) int { return slices.Index(categories, category) }

type dangerKind uint8

const (
	threat dangerKind = iota
	harmless
	affirms
	denies
	gone
	still
	hint   // a threat that may well be ordinary pain: never more than gentle
	behind // a denial that may also stand behind
	turns
)

// danger is what a phrase means for somebody's safety.
type danger struct {
	kind     dangerKind
	severity int
}

// nearby is how many words a denial reaches.
const nearby = 5

// crisis gives the gravest verdict over all sentences, in every language that
// the text may be in, or nil. It listens everywhere, not only in the first
// words.
func (r *Reader) crisis(sentences []sentence) *Crisis {
	none := len(categories)
	best, gentle := none, none
	heard := r.plausible(sentences)
	for _, s := range sentences {
		for _, l := range heard {
			tokens := l.writtenOut(s.tokens)
			a, g := l.dangers(tokens, l.fearsOf(tokens, r.vocabulary.words))
			best, gentle = min(best, a), min(gentle, g)
		}
	}
	switch {
	case best < none:
		return &Crisis{categories[best], Alarm}
	case gentle < none:
		return &Crisis{categories[gentle], Gentle}
	}
	return nil
}

// A text of at least so many known words is in no language that knows less than
// a half of what another knows of it.
const enoughWords = 5

// plausible gives the languages that a text may be in: "cache" in an English
// mail is not French. In a short text all are heard.
func (r *Reader) plausible(sentences []sentence) []*language {
	known, most := make([]int, len(r.languages)), 0
	for _, s := range sentences {
		for _, t := range s.tokens {
			if t.id < 0 {
				continue
			}
			for i, l := range r.languages {
				if l.knows[t.id] || l.fears[t.id] {
					known[i]++
				}
			}
		}
	}
	for _, n := range known {
		most = max(most, n)
	}
	if most < enoughWords {
		return r.languages
	}
	var heard []*language
	for i, l := range r.languages {
		if 2*known[i] >= most {
			heard = append(heard, l)
		}
	}
	return heard
}

// writtenOut gives the words with what is short in chats written out ("qro":
// quiero).
func (l *language) writtenOut(tokens []token) []token {
	var out []token
	for i, t := range tokens {
		long, short := l.short[t.id]
		if t.id < 0 || !short {
			if out != nil {
				out = append(out, t)
			}
			continue
		}
		if out == nil {
			out = append(make([]token, 0, len(tokens)+4), tokens[:i]...)
		}
		for _, id := range long {
			t.id = id
			out = append(out, t)
			t.apart = false
		}
	}
	if out == nil {
		return tokens
	}
	return out
}

// fearsOf gives the ids of words, a slip in a word of danger forgiven unless it
// is in the first letter ("talked", "stalked"). Of two that may be meant
// ("slapd": slaps, slapped) one will do.
func (l *language) fearsOf(tokens []token, words []string) []int32 {
	ids := make([]int32, len(tokens))
	for i, t := range tokens {
		ids[i] = t.id
		if t.id < 0 && len(t.near) > 0 {
			for _, near := range t.near {
				if l.fears[near] && words[near][0] == t.first {
					ids[i] = near
					break
				}
			}
		}
	}
	return ids
}

// dangers gives the gravest alarm and the gravest gentle verdict of a sentence
// in one language; len(categories) is none.
func (l *language) dangers(tokens []token, ids []int32) (alarm, gentle int) {
	none := len(categories)
	alarm, gentle = none, none
	apart := func(i int) bool { return tokens[i].apart }
	var c *calming
	for i := 0; i < len(ids); {
		m := l.danger.stretched(ids, i, apart)
		if m.length == 0 {
			i++
			continue
		}
		worst := none
		for _, d := range m.marks {
			switch d.kind {
			case threat:
				worst = min(worst, d.severity)
			case hint:
				gentle = min(gentle, d.severity)
			case harmless, affirms, denies, gone, still, behind, turns:
			}
		}
		end := i + m.length
		if worst < none {
			if c == nil {
				c = l.calming(tokens, ids, apart)
			}
			if c.denied(tokens, i, m) || tokens[i].quoted && tokens[end-1].quoted {
				gentle = min(gentle, worst)
			} else {
				alarm = min(alarm, worst)
			}
		}
		i = end
	}
	if c != nil && c.gone && !c.still {
		return none, min(alarm, gentle)
	}
	return alarm, gentle
}

// calming is what a sentence holds that may weaken a threat.
type calming struct {
	denies      []bool // by word: a denial begins here
	behind      []bool // one that may stand behind what it denies
	turns       []bool // another clause begins here
	gone, still bool
}

func (l *language) calming(tokens []token, ids []int32, apart func(int) bool) *calming {
	c := &calming{denies: make([]bool, len(tokens)), behind: make([]bool, len(tokens)), turns: make([]bool, len(tokens))}
	for i := 0; i < len(ids); {
		m := l.calm.stretched(ids, i, apart)
		for _, d := range m.marks {
			switch d.kind {
			case denies:
				c.denies[i] = true
			case gone:
				c.gone = true
			case still:
				c.still = true
			case behind:
				c.behind[i] = true
			case turns:
				c.turns[i] = true
			case threat, hint, harmless, affirms:
			}
		}
		i += max(1, m.length)
	}
	return c
}

// denied tells whether a threat is denied: in its clause up to nearby words
// before it, in one of its gaps ("hat mich nie geschlagen"), or by the very next
// word ("schlägt mich nicht").
func (c *calming) denied(tokens []token, at int, m match[danger]) bool {
	for i := at; i > max(0, at-nearby) && !tokens[i].apart && !c.turns[i]; i-- {
		if c.denies[i-1] {
			return true
		}
	}
	for skipped, i := m.skipped, at; skipped != 0; skipped, i = skipped>>1, i+1 {
		if skipped&1 != 0 && c.denies[i] {
			return true
		}
	}
	next := at + m.length
	return next < len(tokens) && !tokens[next].apart && c.behind[next]
}
