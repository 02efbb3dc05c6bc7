package meant

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	yamltoken "github.com/goccy/go-yaml/token"
)

// Operators may add words of their own, and a language. They cannot make one of
// our phrases mean something else, nor calm an alarm.

// fault says where in the file an error lies: at the first line that holds
// near. nil stays nil.
func (f *wordFile) fault(near string, err error) error {
	if err == nil {
		return nil
	}
	if at := bytes.Index(f.raw, []byte(near)); near != "" && at >= 0 {
		return fmt.Errorf("word list %s:%d: %w", f.name, 1+bytes.Count(f.raw[:at], []byte("\n")), err)
	}
	return fmt.Errorf("word list %s: %w", f.name, err)
}

// unreadable is fault for what is no word list at all.
func (f *wordFile) unreadable(err error) error {
	var at interface {
		GetToken() *yamltoken.Token
		GetMessage() string
	}
	if errors.As(err, &at) && at.GetToken() != nil && at.GetToken().Position != nil {
		return fmt.Errorf("word list %s:%d: %s", f.name, at.GetToken().Position.Line, at.GetMessage())
	}
	return fmt.Errorf("word list %s: %w", f.name, err)
}

func (c calmWords) empty() bool {
	return len(c.Not)+len(c.Past)+len(c.Still)+len(c.Affirms)+len(c.Harmless)+len(c.Behind)+len(c.Turns) == 0
}

// clashes tells which phrase of an operator's file is one of ours that means
// something else.
func (b *builder) clashes(ours *trie[mark], f wordFile) error {
	var errs []error
	for _, intent := range intents {
		how := f.Intents[intent]
		for _, patterns := range [][]string{how.Plain, how.Clear, how.Alone} {
			for _, p := range patterns {
				n := newNet[mark]()
				w := weaver[mark]{vocabulary: b.vocabulary, net: n, umlauts: f.Umlauts, sets: f.Sets}
				if w.weave(p, mark{class: plain, intent: intent}) != nil {
					continue // fill tells it
				}
				if phrase := n.trie().shared(ours, func(marks []mark) bool { return !means(marks, intent) }); phrase != nil {
					errs = append(errs, f.fault(p, fmt.Errorf("%q has another meaning already: it cannot be %s", b.vocabulary.phrase(phrase), intent)))
				}
			}
		}
	}
	return errors.Join(errs...)
}

func means(marks []mark, intent string) bool {
	for _, m := range marks {
		if m.intent == intent {
			return true
		}
	}
	return false
}

// shared gives the first phrase that both hold and whose marks in the other fit.
func (t *trie[T]) shared(other *trie[T], fit func(marks []T) bool) []int32 {
	type step struct{ node, word int32 }
	next := map[int32][]step{}
	for key, to := range t.next {
		from := int32(uint32(key >> 32))
		next[from] = append(next[from], step{to, int32(uint32(key))})
	}
	for _, steps := range next { // the same phrase every time
		slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.word, b.word) })
	}
	var path []int32
	var walk func(node, there int32) bool
	walk = func(node, there int32) bool {
		if t.marks[node] != nil && other.marks[there] != nil && fit(other.marks[there]) {
			return true
		}
		for _, s := range next[node] {
			if to, ok := other.next[edge(there, s.word)]; ok {
				path = append(path, s.word)
				if walk(s.node, to) {
					return true
				}
				path = path[:len(path)-1]
			}
		}
		return false
	}
	if walk(0, 0) {
		return path
	}
	return nil
}

// phrase writes words out.
func (v *vocabulary) phrase(ids []int32) string {
	words := make([]string, 0, len(ids))
	for _, id := range ids {
		if id > 0 {
			words = append(words, v.words[id])
		}
	}
	return strings.Join(words, " ")
}
