package meant

import (
	"fmt"
	"slices"
)

// Classes of phrases in a sentence that may hold an intent.
type class uint8

const (
	unknown  class = iota // an item that no list knows
	polite                // greetings, thanks, small words: they change nothing
	greeting              // as polite, and a name may follow
	plain                 // an intent, if nothing unknown stands beside it
	clear                 // an intent even within a longer sentence
	alone                 // an intent only if it is the whole text
	not                   // turns an intent round
	ifs                   // a condition
	says                  // somebody else's words
	past                  // no longer so
	asks                  // a question about oneself
	may                   // a request in the form of a question: "can I"
	wouldYou              // a request to us: "could you please"
	but                   // takes back what was said before
	span                  // how long, until when
	number                // in the trie of time only, from here on
	unit
	until
	filler
	month
	weekday
	someday
	relative
	after  // the day after the one that is named
	period // the next week, month or year
	part   // the end of a month
	feast  // a day with a name: month*100 + day
	coming // next, beside a weekday
	ordinal
)

// mark is what a phrase stands for.
type mark struct {
	class  class
	intent string // plain, clear, alone
	value  int    // number, unit (days), month, weekday, relative
}

// Signs of a phrase, which are no words. A gap stands for up to mostGap words;
// the others take none.
const (
	gap     int32 = 0
	begins  int32 = -2 // a sentence begins here
	ends    int32 = -3 // a sentence ends here
	breaks  int32 = -4 // a clause ends here
	mostGap       = 3
)

// net holds patterns as they are woven: from a node, one word may lead on to
// several others.
type net[T any] struct {
	next  []map[int32][]int32 // by node and word
	marks map[int32][]T
}

func newNet[T any]() *net[T] {
	return &net[T]{next: []map[int32][]int32{nil}, marks: map[int32][]T{}}
}

// on adds a node that the word leads to from each of the others.
func (n *net[T]) on(from []int32, word int32) int32 {
	to := int32(len(n.next))
	n.next = append(n.next, nil)
	for _, f := range from {
		if n.next[f] == nil {
			n.next[f] = map[int32][]int32{}
		}
		n.next[f][word] = append(n.next[f][word], to)
	}
	return to
}

// trie holds phrases as sequences of word ids, each leading to one next node.
type trie[T any] struct {
	next  map[uint64]int32
	marks map[int32][]T
}

func edge(node, word int32) uint64 { return uint64(uint32(node))<<32 | uint64(uint32(word)) }

// trie makes of the net one in which every word leads to one node only: the set
// of nodes that it led to.
func (n *net[T]) trie() *trie[T] {
	t := &trie[T]{next: map[uint64]int32{}, marks: map[int32][]T{}}
	known := map[string]int32{}
	sets := [][]int32{{0}}
	for at := 0; at < len(sets); at++ {
		merged := map[int32][]int32{}
		for _, node := range sets[at] {
			t.marks[int32(at)] = append(t.marks[int32(at)], n.marks[node]...)
			for word, to := range n.next[node] {
				merged[word] = append(merged[word], to...)
			}
		}
		if len(t.marks[int32(at)]) == 0 {
			delete(t.marks, int32(at))
		}
		for word, to := range merged {
			slices.Sort(to)
			to = slices.Compact(to)
			key := fmt.Sprint(to)
			id, ok := known[key]
			if !ok {
				id = int32(len(sets))
				known[key], sets = id, append(sets, to)
			}
			t.next[edge(int32(at), word)] = id
		}
	}
	return t
}

// longest gives the longest phrase that begins with the first of words: how
// many words it has, and its marks; 0 if there is none.
func (t *trie[T]) longest(words []int32) (int, []T) {
	node, length := int32(0), 0
	var found []T
	for i, w := range words {
		n, ok := t.next[edge(node, w)]
		if !ok {
			break
		}
		node = n
		if m := t.marks[node]; m != nil {
			length, found = i+1, m
		}
	}
	return length, found
}

// match is a phrase found by stretched.
type match[T any] struct {
	length  int    // in words; 0 is none
	skipped uint64 // the words that gaps have swallowed, by bit
	marks   []T
}

// stretched gives the longest phrase that begins with word at of a sentence. A
// gap in a phrase swallows up to mostGap words; apart tells whether a comma
// stands before a word.
func (t *trie[T]) stretched(words []int32, at int, apart func(word int) bool) match[T] {
	s := stretcher[T]{trie: t, words: words[at:min(len(words), at+mostPhrase)], from: at, all: len(words), apart: apart}
	s.stretch(0, 0, 0)
	return s.best
}

// mostPhrase bounds a phrase with its gaps, in words.
const mostPhrase = 24

type stretcher[T any] struct {
	*trie[T]
	words     []int32
	from, all int // where the words begin in their sentence, and how many it has
	apart     func(word int) bool
	best      match[T]
}

func (s *stretcher[T]) stretch(node int32, at int, skipped uint64) {
	if m := s.marks[node]; m != nil && at > s.best.length {
		s.best = match[T]{at, skipped, m}
	} else if m != nil && at == s.best.length {
		s.best.marks = append(s.best.marks[:len(s.best.marks):len(s.best.marks)], m...)
		s.best.skipped &= skipped
	}
	if s.from+at == 0 {
		s.sign(node, begins, at, skipped)
	}
	if s.from+at == s.all {
		s.sign(node, ends, at, skipped)
		s.sign(node, breaks, at, skipped)
	} else if s.apart(s.from + at) {
		s.sign(node, breaks, at, skipped)
	}
	if at < len(s.words) && s.words[at] > 0 {
		if n, ok := s.next[edge(node, s.words[at])]; ok {
			s.stretch(n, at+1, skipped)
		}
	}
	n, ok := s.next[edge(node, gap)]
	for skip := 0; ok && skip <= mostGap && at+skip < len(s.words); skip++ {
		if word := s.words[at+skip]; word > 0 {
			if after, ok := s.next[edge(n, word)]; ok {
				s.stretch(after, at+skip+1, skipped)
			}
		}
		skipped |= 1 << (at + skip)
	}
}

func (s *stretcher[T]) sign(node, sign int32, at int, skipped uint64) {
	if n, ok := s.next[edge(node, sign)]; ok {
		s.stretch(n, at, skipped)
	}
}

// each calls do with every phrase that begins with the first of words, the
// shortest first.
func (t *trie[T]) each(words []int32, do func(length int, marks []T)) {
	node := int32(0)
	for i, w := range words {
		n, ok := t.next[edge(node, w)]
		if !ok {
			return
		}
		node = n
		if m := t.marks[node]; m != nil {
			do(i+1, m)
		}
	}
}
