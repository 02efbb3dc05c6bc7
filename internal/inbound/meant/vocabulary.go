package meant

import "strings"

// A slip of the finger is forgiven in words of at least this many letters; in
// those of at least the second number only if two neighbours changed places.
const (
	shortestSlip = 5
	shortestSwap = 3
)

// longestWord is more than any word of the lists has.
const longestWord = 40

// vocabulary gives every word of the lists a number.
type vocabulary struct {
	ids    map[string]int32 // from 1 on
	words  []string
	months map[int32]bool // words that are a month in some language
	slips  map[string][]int32
	swaps  map[string][]int32 // short words with two neighbours changed over
}

func newVocabulary() *vocabulary {
	return &vocabulary{ids: map[string]int32{}, words: []string{""}, months: map[int32]bool{}, slips: map[string][]int32{}, swaps: map[string][]int32{}}
}

func (v *vocabulary) add(word string) int32 {
	if id, ok := v.ids[word]; ok {
		return id
	}
	id := int32(len(v.words))
	v.ids[word], v.words = id, append(v.words, word)
	if len(word) >= shortestSwap && len(word) < shortestSlip {
		for i := 1; i < len(word); i++ {
			swapped := word[:i-1] + word[i:i+1] + word[i-1:i] + word[i+1:]
			v.swaps[swapped] = append(v.swaps[swapped], id)
		}
	}
	if len(word) >= shortestSlip {
		v.slips[word] = append(v.slips[word], id)
		for i := range word {
			if i > 0 && word[i] == word[i-1] {
				continue
			}
			less := word[:i] + word[i+1:]
			v.slips[less] = append(v.slips[less], id)
		}
	}
	return id
}

// look finds a word, or words one slip away from it if there is none. Letters
// held down ("readyyyy") are let go.
func (v *vocabulary) look(word string) (int32, []int32) {
	if id, ok := v.ids[word]; ok {
		return id, nil
	}
	if len(word) > longestWord {
		return -1, nil
	}
	for _, most := range []int{2, 1} {
		if short := squeeze(word, most); short != word {
			if id, ok := v.ids[short]; ok {
				return id, nil
			}
		}
	}
	if len(word) < shortestSlip {
		near := v.swaps[word]
		if len(word) < shortestSlip-1 || len(near) > 0 {
			return -1, near
		}
	}
	var near []int32
	consider := func(ids []int32) {
		for _, id := range ids {
			if !oneSlip(word, v.words[id]) {
				continue
			}
			known := false
			for _, n := range near {
				known = known || n == id
			}
			if !known {
				near = append(near, id)
			}
		}
	}
	consider(v.slips[word])
	var buffer [longestWord]byte
	for i := range len(word) {
		less := append(append(buffer[:0], word[:i]...), word[i+1:]...)
		consider(v.slips[string(less)])
	}
	return -1, near
}

// squeeze lets a letter that stands three times or more in a row stand most
// times.
func squeeze(word string, most int) string {
	var b strings.Builder
	for i := 0; i < len(word); {
		end := i
		for end < len(word) && word[end] == word[i] {
			end++
		}
		n := end - i
		if n >= 3 {
			n = most
		}
		b.WriteString(word[i : i+n])
		i = end
	}
	return b.String()
}

// oneSlip tells whether a becomes b by one letter more, less, other, or two
// neighbours changed over.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case len(b) == len(a)+1:
		return a[i:] == b[i+1:]
	case len(b) != len(a) || i == len(a):
		return false
	case a[i+1:] == b[i+1:]:
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
