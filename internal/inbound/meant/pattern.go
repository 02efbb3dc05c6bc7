package meant

import (
	"fmt"
	"strings"
)

// umlaut writes German umlauts as keyboards without them do.
var umlaut = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue")

// weaver puts a pattern of the word lists into a net. In a pattern,
// "(i am|im) ready <now>" stands for four phrases; brackets nest; "*" is a gap
// of up to mostGap words; "^" is the beginning of a sentence, "$" its end, "/"
// the end of a clause. "{kin}" is the set of that name. Every bracket ends a
// word.
type weaver[T any] struct {
	vocabulary *vocabulary
	net        *net[T]
	umlauts    bool
	knows      map[int32]bool // takes the words
	sets       map[string]string
	pattern    string
	rest       string
}

// weave adds all phrases of the pattern with what they stand for.
func (w *weaver[T]) weave(pattern string, m T) error {
	whole, err := w.insert(pattern)
	if err != nil {
		return fmt.Errorf("pattern %q: %w", pattern, err)
	}
	w.pattern, w.rest = pattern, whole
	ends, err := w.choice([]int32{0})
	if err == nil && w.rest != "" {
		err = fmt.Errorf("a bracket is closed that was never opened")
	}
	if err != nil {
		return fmt.Errorf("pattern %q: %w", pattern, err)
	}
	for _, end := range ends {
		if end == 0 {
			return fmt.Errorf("pattern %q: all of it may be left out", pattern)
		}
		w.net.marks[end] = append(w.net.marks[end], m)
	}
	return nil
}

// insert puts sets in their places.
func (w *weaver[T]) insert(pattern string) (string, error) {
	if !strings.Contains(pattern, "{") {
		return pattern, nil
	}
	var out strings.Builder
	for {
		before, rest, open := strings.Cut(pattern, "{")
		out.WriteString(before)
		if !open {
			return out.String(), nil
		}
		name, after, _ := strings.Cut(rest, "}")
		set, ok := w.sets[name]
		if !ok {
			return "", fmt.Errorf("no set %q in this file", name)
		}
		out.WriteString(set)
		pattern = after
	}
}

// choice weaves alternatives, up to a closing bracket or the end, on to each of
// the nodes, and gives the nodes where they end.
func (w *weaver[T]) choice(from []int32) ([]int32, error) {
	var ends []int32
	for {
		some, err := w.sequence(from)
		if err != nil {
			return nil, err
		}
		ends = union(ends, some)
		if !strings.HasPrefix(w.rest, "|") {
			return ends, nil
		}
		w.rest = w.rest[1:]
	}
}

func (w *weaver[T]) sequence(from []int32) ([]int32, error) {
	for w.rest != "" {
		if end := strings.IndexAny(w.rest, "()<>|"); end != 0 {
			if end < 0 {
				end = len(w.rest)
			}
			from = w.words(from, w.rest[:end])
			w.rest = w.rest[end:]
			continue
		}
		open := w.rest[0]
		if open != '(' && open != '<' {
			break
		}
		w.rest = w.rest[1:]
		ends, err := w.choice(from)
		if err != nil {
			return nil, err
		}
		closing := ")"
		if open == '<' {
			closing, ends = ">", union(ends, from)
		}
		if !strings.HasPrefix(w.rest, closing) {
			return nil, fmt.Errorf("missing %q", closing)
		}
		w.rest, from = w.rest[1:], ends
	}
	return from, nil
}

// words weaves a plain stretch of a pattern, cut as a text is cut.
func (w *weaver[T]) words(from []int32, text string) []int32 {
	for _, piece := range strings.Fields(text) {
		if sign, ok := signs[piece]; ok {
			from = []int32{w.net.on(from, sign)}
			continue
		}
		to := w.piece(from, piece)
		if other := umlaut.Replace(piece); w.umlauts && other != piece {
			to = union(to, w.piece(from, other))
		}
		from = to
	}
	return from
}

func (w *weaver[T]) piece(from []int32, piece string) []int32 {
	c := &cutter{v: w.vocabulary, collect: func(word string) {
		id := w.vocabulary.add(word)
		if w.knows != nil {
			w.knows[id] = true
		}
		from = []int32{w.net.on(from, id)}
	}}
	c.line(piece)
	return from
}

// idsOf gives the numbers of a text's words, which become known by it.
func (v *vocabulary) idsOf(text string) []int32 {
	var ids []int32
	c := &cutter{v: v, collect: func(word string) { ids = append(ids, v.add(word)) }}
	c.line(text)
	return ids
}

// signs are what stands in patterns for something else than a word.
var signs = map[string]int32{"*": gap, "^": begins, "$": ends, "/": breaks}

func union(a, b []int32) []int32 {
	for _, n := range b {
		known := false
		for _, m := range a {
			known = known || m == n
		}
		if !known {
			a = append(a[:len(a):len(a)], n)
		}
	}
	return a
}
