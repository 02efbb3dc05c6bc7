package course

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxDepth is how deep brackets or dashes may nest in a file.
const maxDepth = 16

// maxTokens is how many words and signs a file may have; the parser's time
// grows with their square. A course of 300 letters has about 2,000.
const maxTokens = 20_000

// yamlFile is one piece of YAML: a whole file, or the front matter of one. Its
// methods read a node as what it should be and report what it is not.
type yamlFile struct {
	name   string
	before int // lines of the file that stand before the piece
	report *Report
}

// parse reads the only document of the piece. The root is nil after a fault.
// Anchors, aliases, merges and tags are refused: course files have no use for
// them, and without them a small file stays a small course.
func (y *yamlFile) parse(source []byte) (root ast.Node) {
	start := place{y.name, y.before + 1, 1}
	// The parser is not ours; no file that an operator writes may end a process.
	defer func() {
		if p := recover(); p != nil {
			y.report.fail(start, "yaml-syntax", fmt.Sprintf("the YAML cannot be read (%v)", p), "write it more simply")
			root = nil
		}
	}()
	tokens := lexer.Tokenize(string(source))
	if !y.plain(tokens) {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		y.syntax(err, start)
		return nil
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) > 1 {
		y.report.fail(y.at(bodies[1]), "yaml-feature", "a second YAML document begins here", "write one document, without a second ---")
		return nil
	}
	if len(bodies) == 0 {
		y.report.fail(start, "empty-value", "there is nothing here", "write the keys that the README shows")
		return nil
	}
	return bodies[0]
}

func (y *yamlFile) syntax(err error, start place) {
	at, cause := start, ""
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) {
		cause = syntax.Message // err's own text shows the source around it too
		if syntax.Token != nil {
			at = y.position(syntax.Token)
		}
	} else {
		cause = err.Error()
	}
	y.report.fail(at, "yaml-syntax", firstLine(cause),
		`check indentation, quotes and brackets here and just above; a text with ": " or " #" in it needs quotes`)
}

// plain refuses what could make a small file big or deep, before it is parsed.
func (y *yamlFile) plain(tokens token.Tokens) bool {
	if len(tokens) > maxTokens {
		y.report.fail(y.position(tokens[maxTokens]), "too-large", "this is too much for one file", "split the course, or take out what is not needed")
		return false
	}
	depth, dashes, line := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.MappingKeyType, token.DirectiveType:
			y.report.fail(y.position(t), "yaml-feature", fmt.Sprintf("%s is a part of YAML that course files do without", quoted(t.Value)),
				"write the value out, in quotes if it begins with this character")
			return false
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			if t.Position.Line != line {
				dashes, line = 0, t.Position.Line
			}
			dashes++
		}
		if depth > maxDepth || dashes > maxDepth || t.Position.IndentLevel > 4*maxDepth {
			y.report.fail(y.position(t), "yaml-feature", "this is nested too deeply", "write it flatter")
			return false
		}
	}
	return true
}

func (y *yamlFile) position(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{y.name, y.before + 1, 1}
	}
	return place{y.name, y.before + max(1, t.Position.Line), max(1, t.Position.Column)}
}

// at is where a node begins; a block mapping begins at its first key.
func (y *yamlFile) at(n ast.Node) place {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return y.at(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return y.at(v.Key)
	}
	return y.position(n.GetToken())
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.BoolNode:
		return "true or false"
	}
	return "a single value"
}

func (y *yamlFile) wrongType(n ast.Node, want, remedy string) {
	if _, null := n.(*ast.NullNode); null {
		y.report.fail(y.at(n), "empty-value", "the value is empty", remedy)
		return
	}
	y.report.fail(y.at(n), "wrong-type", fmt.Sprintf("%s stands where %s should", kindOf(n), want), remedy)
}

// mapping is a YAML mapping with its known keys.
type mapping struct {
	*yamlFile
	where  place
	fields map[string]ast.Node
	keys   []word // in the order of the file, each once
}

// mapping reads a mapping whose keys may be anything once.
func (y *yamlFile) mapping(n ast.Node, what string) (*mapping, bool) {
	var values []*ast.MappingValueNode
	switch v := n.(type) {
	case *ast.MappingNode:
		values = v.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{v}
	default:
		y.wrongType(n, "a mapping", fmt.Sprintf("write %s as key: value", what))
		return nil, false
	}
	m := &mapping{yamlFile: y, where: y.at(n), fields: make(map[string]ast.Node, len(values))}
	for _, v := range values {
		key, ok := scalar(v.Key)
		if !ok {
			y.report.fail(y.at(v.Key), "wrong-type", "a key must be a single word", "write key: value")
			continue
		}
		if _, twice := m.fields[key]; twice {
			y.report.fail(y.at(v.Key), "duplicate-key", fmt.Sprintf("the key %s stands here a second time", quoted(key)), "keep one of the two")
			continue
		}
		m.fields[key] = v.Value
		m.keys = append(m.keys, word{key, y.at(v.Key)})
	}
	return m, true
}

// record reads a mapping with fixed keys; those of required must be there.
func (y *yamlFile) record(n ast.Node, what string, required, optional []string) (*mapping, bool) {
	m, ok := y.mapping(n, what)
	if !ok {
		return nil, false
	}
	known := slices.Concat(required, optional)
	meant := make(map[string]bool)
	for _, k := range m.keys {
		if !slices.Contains(known, k.text) {
			y.report.fail(k.at, "unknown-key", fmt.Sprintf("unknown key %s", quoted(k.text)), oneOf(k.text, known))
			meant[nearest(k.text, known)] = true
		}
	}
	for _, k := range required {
		// A mistyped key is one fault, not two.
		if _, ok := m.fields[k]; !ok && !meant[k] {
			y.report.fail(m.where, "missing-key", fmt.Sprintf("%s has no %q", what, k), fmt.Sprintf("add %s:", k))
		}
	}
	return m, true
}

// scalar gives a single value's text. A number counts as its own spelling, so
// that a title of 1984 needs no quotes.
func scalar(n any) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return strings.TrimRight(v.Value.Value, "\n"), true
	case *ast.IntegerNode:
		return v.GetToken().Value, true
	case *ast.FloatNode:
		return v.GetToken().Value, true
	}
	return "", false
}

// value reads any single value as text.
func (y *yamlFile) value(n ast.Node) (word, bool) {
	s, ok := scalar(n)
	if !ok {
		y.wrongType(n, "a text", "write a text, in quotes if it is special to YAML")
		return word{}, false
	}
	w := word{strings.TrimSpace(s), y.at(n)}
	if w.text == "" {
		y.report.fail(w.at, "empty-value", "the value is empty", "write a text, or leave the key out if it is optional")
		return word{}, false
	}
	return w, true
}

// text reads a key's value; ok is false when it is absent or at fault.
func (m *mapping) text(key string) (word, bool) {
	n, ok := m.fields[key]
	if !ok {
		return word{}, false
	}
	return m.value(n)
}

// line reads a text that must stay on one line, because it goes into a header
// or a heading. Its actions would not be run, so there may be none.
func (m *mapping) line(key string) (word, bool) {
	w, ok := m.text(key)
	if !ok {
		return word{}, false
	}
	if strings.ContainsFunc(w.text, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
		m.report.fail(w.at, "line-break", fmt.Sprintf("the %s holds a line break or a control character", key), "write it on one line")
		return word{}, false
	}
	if strings.Contains(w.text, "{{") {
		m.report.fail(w.at, "template-in-"+key, fmt.Sprintf("the %s holds a template action", key), "write plain words; actions work in the body only")
		return word{}, false
	}
	return w, true
}

// slug reads an id.
func (m *mapping) slug(key string) (word, bool) {
	w, ok := m.text(key)
	if !ok {
		return word{}, false
	}
	if !isSlug(w.text) {
		m.report.fail(w.at, "bad-id", fmt.Sprintf("%s is no id", quoted(w.text)), slugRemedy)
		return word{}, false
	}
	return w, true
}

// choice reads one of a few words.
func (m *mapping) choice(key string, known ...string) (word, bool) {
	w, ok := m.text(key)
	if !ok {
		return word{}, false
	}
	if !slices.Contains(known, w.text) {
		m.report.fail(w.at, "unknown-value", fmt.Sprintf("%s is no value of %s", quoted(w.text), key), oneOf(w.text, known))
		return word{}, false
	}
	return w, true
}

// span reads a span that must be longer than nothing when positive is set.
func (m *mapping) span(key string, positive bool) (Span, bool) {
	w, ok := m.text(key)
	if !ok {
		return Span{}, false
	}
	s, err := ParseSpan(w.text)
	if err != nil || positive && s.IsZero() {
		remedy := errSpan.Error()
		if err == nil {
			remedy = "write a longer one, such as 14d"
		}
		m.report.fail(w.at, "bad-span", fmt.Sprintf("%s is no span of time for %s", quoted(w.text), key), remedy)
		return Span{}, false
	}
	return s, true
}

// number reads a whole number between two bounds.
func (m *mapping) number(key string, least, most int) (int, bool) {
	w, ok := m.text(key)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(w.text)
	if err != nil || n < least || n > most {
		m.report.fail(w.at, "bad-number", fmt.Sprintf("%s is no number for %s", quoted(w.text), key),
			fmt.Sprintf("write a whole number from %d to %d", least, most))
		return 0, false
	}
	return n, true
}

// nodes reads a list that holds something.
func (m *mapping) nodes(key, example string) ([]ast.Node, bool) {
	n, ok := m.fields[key]
	if !ok {
		return nil, false
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		m.wrongType(n, "a list", "write a list, such as "+example)
		return nil, false
	}
	if len(list.Values) == 0 {
		m.report.fail(m.at(n), "empty-value", fmt.Sprintf("the list of %s is empty", key), "write at least one, such as "+example)
		return nil, false
	}
	return list.Values, true
}

// words reads a list of single values; ok is false when some are at fault.
func (m *mapping) words(key, example string) ([]word, bool) {
	nodes, ok := m.nodes(key, example)
	if !ok {
		return nil, false
	}
	words := make([]word, 0, len(nodes))
	for _, n := range nodes {
		if w, ok := m.value(n); ok {
			words = append(words, w)
		}
	}
	return words, len(words) == len(nodes)
}
