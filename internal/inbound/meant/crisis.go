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
)

// danger is what a phrase means for somebody's safety.
type danger struct {
	kind     dangerKind
	severity int
}

// nearby is how many words a denial reaches.
const nearby = 5

// crisis gives the gravest verdict over all languages and sentences, or nil.
// It listens everywhere, not only in the first words.
func (r *Reader) crisis(sentences []sentence) *Crisis {
	best := len(categories)
	gentle := len(categories)
	var ids []int32
	for _, s := range sentences {
		for _, l := range r.languages {
			ids = ids[:0]
			for _, t := range s.tokens {
				id := t.id
				if id < 0 {
					id = max(only(t.near, l.fears), id)
				}
				ids = append(ids, id)
			}
			a, g := l.dangers(s.tokens, ids)
			best, gentle = min(best, a), min(gentle, g)
		}
	}
	switch {
	case best < len(categories):
		return &Crisis{categories[best], Alarm}
	case gentle < len(categories):
		return &Crisis{categories[gentle], Gentle}
	}
	return nil
}

// dangers gives the gravest alarm and the gravest gentle verdict of a sentence
// in one language; len(categories) is none.
func (l *language) dangers(tokens []token, ids []int32) (alarm, gentle int) {
	none := len(categories)
	alarm, gentle = none, none
	denied := -nearby - 1 // where the last denial stands
	wasGone, isStill := false, false
	for i := 0; i < len(ids); {
		if tokens[i].apart {
			denied = -nearby - 1
		}
		n, marks := l.danger.stretched(ids[i:])
		if n == 0 {
			i++
			continue
		}
		worst := none
		for _, m := range marks {
			switch m.kind {
			case threat:
				worst = min(worst, m.severity)
			case denies:
				denied = i
			case gone:
				wasGone = true
			case still:
				isStill = true
			case harmless, affirms:
			}
		}
		if worst < none {
			quoted := tokens[i].quoted && tokens[i+n-1].quoted
			if i-denied <= nearby || quoted {
				gentle = min(gentle, worst)
			} else {
				alarm = min(alarm, worst)
			}
		}
		i += n
	}
	if wasGone && !isStill {
		return none, min(alarm, gentle)
	}
	return alarm, gentle
}
