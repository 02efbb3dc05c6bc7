package meant

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/goccy/go-yaml"
)

// everywhere is the language of words that every language shares.
const everywhere = "any"

// wordFile is a word list as people write it. Phrases are patterns (weaver).
type wordFile struct {
	Language  string              `yaml:"language"`
	Umlauts   bool                `yaml:"umlauts"`   // ä may be written ae
	DayFirst  bool                `yaml:"day-first"` // 3/4 is the third of April
	Polite    []string            `yaml:"polite"`
	Greetings []string            `yaml:"greetings"`
	Intents   map[string]phrasing `yaml:"intents"`
	Not       []string            `yaml:"not"`
	If        []string            `yaml:"if"`
	Says      []string            `yaml:"says"`
	Past      []string            `yaml:"past"`
	Asks      []string            `yaml:"asks"`
	May       []string            `yaml:"may"`
	WouldYou  []string            `yaml:"would-you"`
	But       []string            `yaml:"but"`
	Time      timeWords           `yaml:"time"`
	Ordinary  []string            `yaml:"ordinary"` // words near to a command, which are no slips
	Crisis    map[string][]string `yaml:"crisis"`
	Hints     map[string][]string `yaml:"hints"` // as Crisis, but never more than gentle: it may be ordinary pain
	Calm      calmWords           `yaml:"calm"`
	Short     map[string]string   `yaml:"short"` // what chats write short, and what it stands for where danger is heard

	// Sets give names to parts of patterns: with kin: wife|husband, "my ({kin})"
	// stands for two phrases. They hold within their file.
	Sets map[string]string `yaml:"sets"`

	name  string // of the file
	raw   []byte
	added bool // by an operator: it adds words and takes none of ours away
}

// phrasing says how an intent is put.
type phrasing struct {
	Plain []string `yaml:"plain"` // if nothing unknown stands beside it
	Clear []string `yaml:"clear"` // within a longer sentence, too
	Alone []string `yaml:"alone"` // if it is the whole text
}

type timeWords struct {
	Numbers  map[int][]string `yaml:"numbers"`
	Ordinals map[int][]string `yaml:"ordinals"` // of days in dates
	Units    map[int][]string `yaml:"units"`    // by days
	Until    []string         `yaml:"until"`
	Filler   []string         `yaml:"filler"` // between until, number, unit and date
	Months   [][]string       `yaml:"months"`
	Weekdays [][]string       `yaml:"weekdays"` // from Monday on
	Someday  []string         `yaml:"someday"`  // no end that we could know
	Relative map[int][]string `yaml:"relative"` // days from now
	After    []string         `yaml:"after"`    // beside until: the day after
	Next     map[int][]string `yaml:"next"`     // the next week, month or year, by its days
	Parts    map[int][]string `yaml:"parts"`    // of a month, by the day: beginning, middle, end
	Feasts   map[int][]string `yaml:"feasts"`   // by month and day: 1225
	Coming   []string         `yaml:"coming"`   // next, beside a weekday
}

// calmWords weaken a verdict of danger, or keep it from being weakened.
type calmWords struct {
	Not      []string `yaml:"not"`
	Past     []string `yaml:"past"`
	Still    []string `yaml:"still"`    // it is not past after all
	Affirms  []string `yaml:"affirms"`  // looks like a denial and is none: "can't stop"
	Behind   []string `yaml:"behind"`   // of Not, what may stand behind what it denies
	Turns    []string `yaml:"turns"`    // begins another clause, which no denial before it reaches
	Harmless []string `yaml:"harmless"` // looks like danger and is none
}

// language is what is known of one language.
type language struct {
	name     string
	dayFirst bool
	phrases  *trie[mark]
	times    *trie[mark]
	knows    map[int32]bool // words of the two
	danger   *trie[danger]  // threats, and what only looks like one
	calm     *trie[danger]  // what weakens a threat, and what only looks like that
	fears    map[int32]bool // words of the two
	short    map[int32][]int32
}

var intents = []string{Ready, NotYet, Slower, Faster, Hold, Resume, Repeat, Back, Stop, Help, Yes, No, Unsure, PracticeOff, PracticeOn}

// builder puts word lists together; files of all come first or last alike.
type builder struct {
	vocabulary *vocabulary
	files      []wordFile
}

func newBuilder() *builder { return &builder{vocabulary: newVocabulary()} }

// add takes a file in. An error names the file, and the line where it is known.
func (b *builder) add(name string, raw []byte, added bool) error {
	f := wordFile{name: name, raw: raw, added: added}
	if err := yaml.UnmarshalWithOptions(raw, &f, yaml.DisallowUnknownField()); err != nil {
		return f.unreadable(err)
	}
	if f.Language == "" {
		return f.fault("", errors.New("no language: write language: en, or "+everywhere+" for every language"))
	}
	for _, intent := range slices.Sorted(maps.Keys(f.Intents)) {
		if !slices.Contains(intents, intent) {
			return f.fault(intent+":", fmt.Errorf("unknown intent %q: one of %v", intent, intents))
		}
	}
	for _, category := range slices.Sorted(maps.Keys(f.Crisis)) {
		if severity(category) < 0 {
			return f.fault(category+":", fmt.Errorf("unknown category %q: one of %v", category, categories))
		}
	}
	if n := len(f.Time.Months); n != 0 && n != 12 {
		return f.fault("months:", fmt.Errorf("%d months, not twelve", n))
	}
	if n := len(f.Time.Weekdays); n != 0 && n != 7 {
		return f.fault("weekdays:", fmt.Errorf("%d weekdays, not seven", n))
	}
	for _, category := range slices.Sorted(maps.Keys(f.Hints)) {
		if severity(category) < 0 {
			return f.fault(category+":", fmt.Errorf("unknown category %q: one of %v", category, categories))
		}
	}
	if added && len(f.Short) > 0 {
		return f.fault("short:", errors.New("short forms cannot be added: they might calm an alarm"))
	}
	if added && len(f.Hints) > 0 { // a longer phrase hides a shorter one
		return f.fault("hints:", errors.New("hints cannot be added: they might calm an alarm; words under crisis can"))
	}
	if added && !f.Calm.empty() {
		return f.fault("calm:", errors.New("words that calm an alarm cannot be added: leave calm out; words under crisis can"))
	}
	b.files = append(b.files, f)
	return nil
}

// reader makes every language of its own files and those of all.
func (b *builder) reader() (*Reader, error) {
	languages := map[string]*language{}
	for _, f := range b.files {
		if f.Language != everywhere && languages[f.Language] == nil {
			languages[f.Language] = &language{
				name: f.Language, knows: map[int32]bool{}, fears: map[int32]bool{}, short: map[int32][]int32{},
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(languages)) { // every time alike
		l := languages[name]
		n := nets{newNet[mark](), newNet[mark](), newNet[danger](), newNet[danger]()}
		for _, f := range b.files {
			if f.Language != name && f.Language != everywhere {
				continue
			}
			l.dayFirst = l.dayFirst || f.DayFirst
			if f.added {
				if err := b.clashes(n.phrases.trie(), f); err != nil {
					return nil, err
				}
			}
			if err := b.fill(l, n, f); err != nil {
				return nil, err
			}
		}
		l.phrases, l.times = n.phrases.trie(), n.times.trie()
		l.danger, l.calm = n.danger.trie(), n.calm.trie()
	}
	r := &Reader{vocabulary: b.vocabulary}
	for _, l := range languages {
		r.languages = append(r.languages, l)
	}
	sort.Slice(r.languages, func(i, j int) bool { return r.languages[i].name < r.languages[j].name })
	return r, nil
}

// nets are what a language is woven of.
type nets struct {
	phrases, times *net[mark]
	danger, calm   *net[danger]
}

func (b *builder) fill(l *language, n nets, f wordFile) error {
	var errs []error
	put := func(n *net[mark], m mark, patterns []string) {
		w := weaver[mark]{vocabulary: b.vocabulary, net: n, umlauts: f.Umlauts, knows: l.knows, sets: f.Sets}
		for _, p := range patterns {
			errs = append(errs, f.fault(p, w.weave(p, m)))
		}
	}
	for _, list := range []struct {
		class    class
		patterns []string
	}{
		{polite, f.Polite}, {greeting, f.Greetings}, {not, f.Not}, {ifs, f.If}, {says, f.Says}, {past, f.Past},
		{asks, f.Asks}, {may, f.May}, {wouldYou, f.WouldYou}, {but, f.But},
	} {
		put(n.phrases, mark{class: list.class}, list.patterns)
	}
	for _, intent := range intents { // in this order: of two intents of a phrase the first counts
		how := f.Intents[intent]
		put(n.phrases, mark{class: plain, intent: intent}, how.Plain)
		put(n.phrases, mark{class: clear, intent: intent}, how.Clear)
		put(n.phrases, mark{class: alone, intent: intent}, how.Alone)
	}
	b.fillTime(f.Time, func(m mark, patterns []string) { put(n.times, m, patterns) })
	dangers := func(n *net[danger], m danger, patterns []string) {
		w := weaver[danger]{vocabulary: b.vocabulary, net: n, umlauts: f.Umlauts, knows: l.fears, sets: f.Sets}
		for _, p := range patterns {
			errs = append(errs, f.fault(p, w.weave(p, m)))
		}
	}
	for i, category := range categories {
		dangers(n.danger, danger{kind: threat, severity: i}, f.Crisis[category])
		dangers(n.danger, danger{kind: hint, severity: i}, f.Hints[category])
	}
	for _, short := range slices.Sorted(maps.Keys(f.Short)) {
		id := b.vocabulary.add(fold(short))
		l.fears[id], l.short[id] = true, b.vocabulary.idsOf(f.Short[short])
	}
	dangers(n.calm, danger{kind: denies}, f.Calm.Not)
	dangers(n.calm, danger{kind: gone}, f.Calm.Past)
	dangers(n.calm, danger{kind: still}, f.Calm.Still)
	dangers(n.calm, danger{kind: affirms}, f.Calm.Affirms)
	dangers(n.calm, danger{kind: behind}, f.Calm.Behind)
	dangers(n.calm, danger{kind: turns}, f.Calm.Turns)
	dangers(n.danger, danger{kind: harmless}, f.Calm.Harmless)
	ordinary := weaver[mark]{vocabulary: b.vocabulary, net: newNet[mark]()}
	for _, p := range f.Ordinary {
		errs = append(errs, f.fault(p, ordinary.weave(p, mark{})))
	}
	return errors.Join(errs...)
}

func (b *builder) fillTime(t timeWords, put func(mark, []string)) {
	for _, list := range []struct {
		class   class
		byValue map[int][]string
	}{
		{number, t.Numbers}, {ordinal, t.Ordinals}, {unit, t.Units}, {relative, t.Relative}, {period, t.Next}, {part, t.Parts}, {feast, t.Feasts},
	} {
		for _, value := range slices.Sorted(maps.Keys(list.byValue)) {
			put(mark{class: list.class, value: value}, list.byValue[value])
		}
	}
	put(mark{class: after}, t.After)
	put(mark{class: coming}, t.Coming)
	for i, patterns := range t.Months {
		put(mark{class: month, value: i + 1}, patterns)
		for _, p := range patterns {
			b.vocabulary.months[b.vocabulary.add(fold(p))] = true
		}
	}
	for i, patterns := range t.Weekdays {
		put(mark{class: weekday, value: (i + 1) % 7}, patterns)
	}
	put(mark{class: until}, t.Until)
	put(mark{class: filler}, t.Filler)
	put(mark{class: someday}, t.Someday)
}
