package said

import (
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What counts as a passage of ours: so many words in the same order. In
// scripts without spaces a character counts as half a word.
const (
	passage = 12 // in half words
	aside   = 6  // a whole sentence beside a passage may be shorter
)

var seed = maphash.MakeSeed()

// Without gives text less what we really sent: passages of ours (a letter's
// plain text, its footer) of at least six words, wherever they stand, wrapped
// anew or behind ">". Shorter sentences go only beside such a passage: a
// reader may answer with words that a letter suggested, such as "not yet".
func Without(text string, ours []string) string {
	text = normalise(text)
	passages, sentences := index(ours)
	if len(passages) == 0 {
		return text
	}
	words := wordsOf(text)
	own := make([]bool, len(words)) // whether we sent the word
	for i := range words {
		if hash, end := window(words, i); end > i && passages[hash] {
			// What an earlier passage has marked needs no second look.
			for j := end - 1; j >= i && !own[j]; j-- {
				own[j] = true
			}
		}
	}
	markAsides(words, own, sentences)
	return cut(text, words, own)
}

// word is a word of a text: its bytes, its hash, and whether it ends a
// sentence.
type word struct {
	from, to int
	hash     uint64
	weight   int
	stop     bool
}

// wordsOf cuts a text into words, without the marks of quotes.
func wordsOf(text string) []word {
	words := make([]word, 0, len(text)/6)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !wordRune(r) {
			if len(words) > 0 && (strings.ContainsRune(".!?:;。！？：", r) || r == '\n' && strings.HasPrefix(text[i:], "\n\n")) {
				words[len(words)-1].stop = true
			}
			i += size
			continue
		}
		end, weight := i+size, 1
		if !unspaced(r) {
			for weight = 2; end < len(text); {
				next, n := utf8.DecodeRuneInString(text[end:])
				if !wordRune(next) || unspaced(next) {
					break
				}
				end += n
			}
		}
		words = append(words, word{i, end, maphash.String(seed, strings.ToLower(text[i:end])), weight, false})
		i = end
	}
	return words
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// index gives the hashes of all passages and sentences that we sent.
func index(ours []string) (passages, sentences map[uint64]bool) {
	passages, sentences = map[uint64]bool{}, map[uint64]bool{}
	for _, text := range ours {
		words := wordsOf(normalise(text))
		for i, begin := 0, 0; i < len(words); i++ {
			if hash, end := window(words, i); end > i {
				passages[hash] = true
			}
			if words[i].stop || i == len(words)-1 {
				sentences[mix(words[begin:i+1])] = true
				begin = i + 1
			}
		}
	}
	return passages, sentences
}

// window gives the hash of the passage that begins with word i and the word
// after it; i itself where too few words are left.
func window(words []word, i int) (uint64, int) {
	weight := 0
	for end := i; end < len(words); end++ {
		if weight += words[end].weight; weight >= passage {
			return mix(words[i : end+1]), end + 1
		}
	}
	return 0, i
}

// mix is the hash of words in their order.
func mix(words []word) uint64 {
	hash := uint64(14695981039346656037)
	for _, w := range words {
		hash = (hash ^ w.hash) * 1099511628211
		hash ^= hash >> 29
	}
	return hash
}

// markAsides marks whole sentences of ours beside marked passages, and the
// words at both ends of one that a sentence's bounds leave over.
func markAsides(words []word, own []bool, sentences map[uint64]bool) {
	begin := 0
	for i := range words {
		if !words[i].stop && i != len(words)-1 && own[i] == own[i+1] {
			continue
		}
		if !own[i] && sentences[mix(words[begin:i+1])] {
			before, after := begin > 0 && own[begin-1], i+1 < len(words) && own[i+1]
			weight := 0
			for _, w := range words[begin : i+1] {
				weight += w.weight
			}
			if before && after || (before || after) && weight >= aside {
				for j := begin; j <= i; j++ {
					own[j] = true
				}
			}
		}
		begin = i + 1
	}
}

// cut removes the marked words with the marks between them. A line of which
// nothing but marks is left goes with them.
func cut(text string, words []word, own []bool) string {
	var out strings.Builder
	next := 0 // word
	begin := 0
	for line := range strings.Lines(text) {
		end := begin + len(line)
		var kept strings.Builder
		at, removed := begin, false
		for ; next < len(words) && words[next].from < end; next++ {
			if !own[next] {
				continue
			}
			if !removed || next > 0 && !own[next-1] {
				kept.WriteString(text[at:words[next].from])
			}
			at, removed = min(words[next].to, end), true
			if next+1 == len(words) || !own[next+1] {
				// The mark that ends a removed passage goes with it.
				for at < end && strings.IndexByte(".!?:;,)", text[at]) >= 0 {
					at++
				}
			}
		}
		kept.WriteString(text[at:end])
		rest := kept.String()
		switch empty := strings.IndexFunc(rest, sayable) < 0; {
		case removed && !empty:
			out.WriteString(strings.Join(strings.Fields(rest), " ") + "\n")
		case removed, empty && strings.TrimSpace(rest) != "" && amid(own, next):
		default:
			out.WriteString(rest)
		}
		begin = end
	}
	if !strings.HasSuffix(text, "\n") {
		return strings.TrimSuffix(out.String(), "\n")
	}
	return out.String()
}

// amid says whether the words on both sides of this place are ours.
func amid(own []bool, next int) bool {
	return next > 0 && own[next-1] && (next == len(own) || own[next])
}

// sayable tells letters, digits and signs such as emoji.
func sayable(r rune) bool { return wordRune(r) || unicode.Is(unicode.So, r) }
