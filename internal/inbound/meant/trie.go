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
)

// mark is what a phrase stands for.
type mark struct {
	class  class
	intent string // plain, clear, alone
	value  int    // number, unit (days), month, weekday, relative
}

// gap in a phrase stands for up to mostGap words.
const (
	gap     int32 = 0
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

// stretched gives the longest phrase as longest does, but lets a gap in a
// phrase swallow up to mostGap words.
func (t *trie[T]) stretched(words []int32) (int, []T) {
	return t.stretch(0, words, 0)
}

func (t *trie[T]) stretch(node int32, words []int32, at int) (length int, found []T) {
	if m := t.marks[node]; m != nil {
		length, found = at, m
	}
	try := func(n int32, from int) {
		if l, m := t.stretch(n, words, from); l > length {
			length, found = l, m
		}
	}
	if at < len(words) {
		if n, ok := t.next[edge(node, words[at])]; ok && words[at] > gap {
			try(n, at+1)
		}
	}
	if n, ok := t.next[edge(node, gap)]; ok {
		for skip := 0; skip <= mostGap && at+skip < len(words); skip++ {
			if after, ok := t.next[edge(n, words[at+skip])]; ok && words[at+skip] > gap {
				try(after, at+skip+1)
			}
		}
	}
	return length, found
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
