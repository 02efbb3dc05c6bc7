package meant

import "time"

// item is a phrase of a sentence, or a word that no list knows.
type item struct {
	mark
	from, to int
	pause    *Pause // of a span with an end
	quoted   bool
}

// segment is what stands between commas.
type segment struct {
	items   []item
	covered bool // nothing in it is unknown or a blocker
	has     [filler]bool
}

// found is an intent in a sentence.
type found struct {
	intent string
	strong bool // plain, and nothing unknown before it
	weak   bool // good enough for what is careful
	bare   bool // nothing but one word
}

// parsed is a sentence as one language reads it.
type parsed struct {
	found   []found
	turned  []string // intents that were denied
	has     [filler]bool
	span    bool
	pause   *Pause
	known   int // words
	polite  bool
	opening class // what the sentence begins with
	words   int
	covered bool // nothing in it is unknown or a blocker
	asking  bool // it is a question
}

// Limits of a sentence that may hold an intent at all, in words, and of the
// unknown words that may follow a plain one.
const (
	longSentence = 28
	mostUnknown  = 12
)

// items cuts a sentence into phrases that the language knows.
func (l *language) items(s sentence, now time.Time) []item {
	ids := make([]int32, len(s.tokens))
	for i, t := range s.tokens {
		ids[i] = t.id
		if t.id < 0 {
			ids[i] = only(t.near, l.knows)
		}
	}
	// From the end on: the reading that leaves the fewest words unknown, and
	// of those the one with the fewest phrases.
	const dear = 1000
	cost := make([]int, len(ids)+1)
	best := make([]item, len(ids))
	for i := len(ids) - 1; i >= 0; i-- {
		cost[i], best[i] = dear+cost[i+1], item{from: i, to: i + 1}
		if n, pause := l.time(s.tokens[i:], ids[i:], now); n > 0 {
			cost[i], best[i] = 1+cost[i+n], item{mark: mark{class: span}, from: i, to: i + n, pause: pause}
		}
		l.phrases.each(ids[i:], func(n int, marks []mark) {
			c := 1 + cost[i+n]
			courtesy := marks[0].class <= greeting && len(marks) == 1
			if c < cost[i] || c == cost[i] && !(courtesy && best[i].class == span) {
				m := choose(marks, i+n == len(ids) || s.tokens[i+n].apart)
				cost[i], best[i] = c, item{mark: m, from: i, to: i + n}
			}
		})
		best[i].quoted = s.tokens[i].quoted
	}
	var items []item
	for i := 0; i < len(ids); i = best[i].to {
		items = append(items, best[i])
	}
	return items
}

// requests tells whether a sentence holds a request in the form of a question,
// also within a longer phrase.
func (l *language) requests(s sentence, p *parsed) {
	ids := make([]int32, len(s.tokens))
	for i, t := range s.tokens {
		ids[i] = t.id
	}
	for i := range ids {
		l.phrases.each(ids[i:], func(_ int, marks []mark) {
			for _, m := range marks {
				if m.class == may || m.class == wouldYou {
					p.has[m.class] = true
				}
			}
		})
	}
}

// only gives the one word of near that is known, or -1.
func only(near []int32, known map[int32]bool) int32 {
	one := int32(-1)
	for _, id := range near {
		if known[id] {
			if one >= 0 {
				return -1
			}
			one = id
		}
	}
	return one
}

// choose takes one of a phrase's marks. A word that is both an answer and a
// negation ("no") is an answer where nothing follows it.
func choose(marks []mark, ends bool) mark {
	best := marks[0]
	for _, m := range marks[1:] {
		switch {
		case best.class == alone, best.class <= greeting && m.class > greeting && m.class != alone:
			best = m
		case m.class == not && best.class == plain && !ends, m.class == plain && best.class == not && ends:
			best = m
		case m.class == clear && best.class == plain, m.class >= ifs && best.class < ifs && m.class != span:
			best = m
		}
	}
	return best
}

// parse reads a sentence.
func (l *language) parse(s sentence, now time.Time) parsed {
	p := parsed{words: len(s.tokens), asking: s.question}
	items := l.items(s, now)
	segments := l.segments(s, items)
	p.opening, p.polite = items[0].class, true
	unknowns := 0
	for _, it := range items {
		p.has[it.class] = true
		switch {
		case it.class == unknown:
			unknowns++
		case it.class == span:
			p.span = true
			if p.pause == nil {
				p.pause = it.pause
			}
		}
		if it.class != unknown {
			p.known += it.to - it.from
		}
	}
	l.requests(s, &p)
	open := len(s.tokens) <= longSentence && unknowns <= mostUnknown
	blocked := p.has[ifs] || p.has[says] || p.has[asks] || p.has[but]
	before := true // all segments so far are covered
	for _, g := range segments {
		p.polite = p.polite && g.covered && !p.span
		before = before && g.covered
		for _, it := range g.items {
			if it.intent == "" || it.class == alone {
				continue
			}
			p.polite = false
			if g.has[not] {
				if it.intent == Ready && !g.has[past] && !g.has[says] && !p.has[asks] && open {
					p.found = append(p.found, found{intent: NotYet, weak: true})
				}
				p.turned = append(p.turned, it.intent)
				before = false
				continue
			}
			f := found{intent: it.intent, bare: it.to-it.from == 1}
			f.strong = open && before && !blocked
			f.weak = open && (g.covered || it.class == clear && !it.quoted && !g.has[past] && !g.has[says]) && !p.has[asks] && (!p.has[ifs] || it.intent == NotYet && it.class == clear)
			f = l.asked(s, p, f)
			p.found = append(p.found, f)
		}
	}
	p.covered = before
	return p
}

// asked weighs an intent in a question. One that we are asked for politely
// counts; what advances or ends counts only if we are asked to do it.
func (l *language) asked(s sentence, p parsed, f found) found {
	switch {
	case p.has[wouldYou]:
	case p.has[may]:
		if grave(f.intent) && f.intent != Faster && f.intent != Resume { // "can we go faster?" asks us for it
			f.strong, f.weak = false, false
		}
	case s.question && f.intent != Help && !(careful(f.intent) && p.span):
		f.strong, f.weak = false, false
	}
	return f
}

// segments cuts items at commas and at words such as but, and tells which
// segments are covered. A name may follow a greeting, or end a sentence.
func (l *language) segments(s sentence, items []item) []segment {
	var all []segment
	for i, it := range items {
		if i == 0 || s.tokens[it.from].apart || it.class == but {
			all = append(all, segment{})
		}
		g := &all[len(all)-1]
		g.items = append(g.items, it)
		g.has[it.class] = true
	}
	for n := range all {
		g := &all[n]
		g.covered = true
		named := 0
		for i, it := range g.items {
			switch it.class {
			case unknown:
				named++
				afterGreeting := named <= 3 && g.items[0].class == greeting && i == named
				signature := n > 0 && n == len(all)-1 && len(g.items) <= 2 && s.tokens[it.from].name
				g.covered = g.covered && (afterGreeting || signature)
			case ifs, says, past, asks:
				g.covered = false
			}
		}
		if g.items[0].class == greeting && named > 0 && len(g.items) > named+1 {
			g.covered = g.covered && !g.has[plain] && !g.has[clear]
		}
	}
	return all
}

// careful tells an intent that harms nobody if it is heard wrongly.
func careful(intent string) bool { return intent == NotYet || intent == Slower || intent == Hold }

// grave tells an intent that advances or ends something.
func grave(intent string) bool {
	switch intent {
	case Ready, Faster, Resume, Stop, Yes:
		return true
	}
	return false
}
