package meant

import (
	"slices"
	"time"
)

// Limits of how far into a text is read for intents.
const (
	mostSentences = 16
	shortText     = 60 // words; in a longer one only the first sentences count
	firstFew      = 3
)

// verdict is one language's understanding of a text.
type verdict struct {
	meaning Meaning
	known   int
}

// intent gives the understanding of the language that knows most of the words.
// Languages that know as much have to agree.
func (r *Reader) intent(sentences []sentence, now time.Time) Meaning {
	words := 0
	for _, s := range sentences {
		words += len(s.tokens)
	}
	if words == 0 {
		return Meaning{Why: "no words"}
	}
	sentences = slices.Clone(sentences[:min(len(sentences), mostSentences)])
	for i, s := range sentences {
		sentences[i].tokens = s.tokens[:min(len(s.tokens), 4*longSentence)]
	}
	var best []verdict
	for _, l := range r.languages {
		v := l.verdict(sentences, words, now)
		if len(best) > 0 && v.known < best[0].known {
			continue
		}
		if len(best) > 0 && v.known > best[0].known {
			best = best[:0]
		}
		best = append(best, v)
	}
	var m Meaning
	for _, v := range best {
		switch {
		case m.Intent == "":
			m = v.meaning
		case v.meaning.Intent != "" && v.meaning.Intent != m.Intent:
			return Meaning{Why: "two languages disagree"}
		case m.Pause == nil && v.meaning.Pause != nil:
			m = v.meaning
		}
	}
	return m
}

// verdict reads a text of that many words as one language.
func (l *language) verdict(sentences []sentence, words int, now time.Time) verdict {
	var v verdict
	all := make([]parsed, 0, len(sentences))
	for i, s := range sentences {
		p := l.parse(s, now)
		if i < firstFew {
			v.known += p.known
		}
		all = append(all, p)
	}
	if intent := l.wholly(sentences, now); intent != "" {
		v.meaning = Meaning{Intent: intent, Why: l.name + ": the whole text"}
		return v
	}
	c := l.collect(all, words)
	intent, why := c.resolve()
	v.meaning = Meaning{Intent: intent, Why: l.name + ": " + why}
	if intent == Hold {
		v.meaning.Pause = c.pause
	}
	return v
}

// wholly gives the intent of a text that is nothing but one phrase that needs to
// stand alone. Only about practice letters may it be said politely. A sign such as
// 👍 is a mail program's way to say "seen": it asks for nothing.
func (l *language) wholly(sentences []sentence, now time.Time) string {
	intent, courteous := "", false
	for _, s := range sentences {
		if s.question {
			return ""
		}
		for _, it := range l.items(s, now) {
			switch {
			case it.class == polite || it.class == greeting:
				courteous = true
			case it.class != alone || intent != "" && it.intent != intent:
				return ""
			default:
				intent = it.intent
			}
		}
	}
	if courteous && intent != PracticeOff && intent != PracticeOn {
		return ""
	}
	return intent
}

// collected is what all sentences together ask for.
type collected struct {
	heard  []string // in the order of the text
	turned []string
	pause  *Pause
	span   bool // beside a stop or a pause
	doubt  bool // a question or a but follows what was said
	late   bool // something grave was said, but not in the first words
	bare   bool // a stop was said in one word
}

// collect takes the intents that count where they stand.
func (l *language) collect(all []parsed, words int) collected {
	var c collected
	index := -1 // of sentences that say something
	for n, p := range all {
		if p.polite {
			continue
		}
		index++
		if index > 0 && len(c.heard) > 0 && (p.has[asks] || p.opening == but) {
			c.doubt = true
		}
		c.turned = append(c.turned, p.turned...)
		few := index < firstFew || words <= shortText
		holds := false
		for _, f := range p.found {
			switch {
			case careful(f.intent):
				if few && (f.strong || f.weak) {
					c.heard = append(c.heard, f.intent)
				}
			case grave(f.intent) && index == 0 && f.strong, !grave(f.intent) && few && f.strong,
				!grave(f.intent) && f.intent != No && index < 2 && f.weak, len(c.heard) > 0 && f.strong,
				grave(f.intent) && f.strong && words <= shortText && n > 0 && l.closes(all, n, f):
				c.heard = append(c.heard, f.intent)
				c.bare = c.bare || f.intent == Stop && f.bare && !p.has[polite]
			case f.strong:
				c.late = true
			}
			holds = holds || f.intent == Hold || f.intent == Stop
		}
		alsoSpan := p.span && len(p.found) == 0 && len(c.heard) > 0
		if c.pause == nil && (holds || alsoSpan) {
			c.pause = p.pause
		}
		c.span = c.span || p.span && holds
	}
	return c
}

// mostProse is how many sentences may go before what closes a text.
const mostProse = 3

// closes tells whether a grave intent that follows prose is as plain as one in
// the first words: alone in its sentence, which ends the text but for courtesies,
// after a few sentences that tell nothing of others, ask nothing and ask for
// nothing. "Stop." may be a word to anybody; who ends the letters so has to say a
// little more, such as please.
func (l *language) closes(all []parsed, at int, f found) bool {
	p := all[at]
	if !p.covered || p.asking || at > mostProse || f.intent == Stop && p.words < 2 || f.intent == Yes {
		return false
	}
	for i, other := range all {
		switch {
		case i == at || i > at && other.polite:
		case i > at, other.asking, len(other.found) > 0, len(other.turned) > 0,
			other.has[ifs], other.has[says], other.has[asks], other.has[but]:
			return false
		}
	}
	return true
}

// resolve gives the one intent of those heard, and the rule that chose it.
func (c collected) resolve() (intent, why string) {
	var set []string
	for _, i := range c.heard {
		if !slices.Contains(set, i) {
			set = append(set, i)
		}
	}
	has := func(i string) bool { return slices.Contains(set, i) }
	drop := func(i string) { set = slices.DeleteFunc(set, func(s string) bool { return s == i }) }
	if len(set) > 1 && !has(No) {
		drop(Yes)
	}
	if has(No) && has(Stop) && c.bare {
		return "", "no, and a bare stop"
	}
	if len(set) == 2 && has(No) && !has(Yes) && !has(Ready) && !has(Faster) && !has(Resume) {
		drop(No)
	}
	if has(Stop) && c.span {
		drop(Stop)
		set = append(set, Hold)
	}
	if len(set) == 2 && (has(Repeat) || has(Back)) {
		drop(NotYet)
	}
	if len(set) == 2 && has(Resume) && has(Ready) {
		drop(Ready) // "I'm back, let's continue"
	}
	if len(set) == 2 && has(Unsure) && has(Ready) {
		set = []string{NotYet}
	}
	switch {
	case len(set) == 0 && c.late:
		return "", "said too late in the text"
	case len(set) == 0 && len(c.turned) > 0:
		return "", "denied"
	case len(set) == 0:
		return "", "nothing plain"
	case len(set) == 1 && slices.Contains(c.turned, set[0]):
		return "", "said and denied"
	case len(set) == 1 && c.doubt && grave(set[0]):
		return "", "said and doubted"
	case len(set) == 1 && grave(set[0]) && len(c.turned) > 0 && !slices.Contains(c.turned, Stop):
		return "", "said beside a denial"
	case len(set) == 1:
		return set[0], rule(set[0])
	}
	if has(Stop) && !has(Hold) {
		return "", "stop and something else"
	}
	for _, i := range set {
		if careful(i) && (i == Hold || !has(Hold)) {
			return i, "the careful one of several"
		}
	}
	return "", "several at once"
}

func rule(intent string) string {
	switch {
	case grave(intent):
		return "plain in the first words"
	case careful(intent):
		return "clear, and careful"
	}
	return "clear"
}
