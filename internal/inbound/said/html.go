package said

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	mostOpen = 2000 // open elements that are kept in mind
	drawn    = "________________________________"
)

// flatten turns HTML into lines: quotes and signatures are marked by what mail
// programs call them. It reads tokens, never a tree: markup may be as broken
// as it likes. With indents, a blockquote that no program has marked as a quote
// is none.
func flatten(text string, indents bool) []line {
	f := &flattener{closers: map[string]int{}, indents: indents}
	tokens := html.NewTokenizer(strings.NewReader(text))
	for {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			f.close(0)
			f.end()
			return f.lines
		case html.TextToken:
			if f.hidden == 0 {
				f.text(string(tokens.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := tokens.TagName()
			el := element{name: string(name)}
			attributes := map[string]string{}
			for more {
				var key, value []byte
				key, value, more = tokens.TagAttr()
				attributes[string(key)] = strings.ToLower(string(value))
			}
			f.open(el, attributes)
		case html.EndTagToken:
			name, _ := tokens.TagName()
			f.closeTag(string(name))
		}
	}
}

// element is an open element and what it means for the text in it.
type element struct {
	name   string
	quote  bool // all in it is a quote
	region bool // a quote if no marked one is found in it
	signed bool // a signature
	flush  bool // a paragraph without space around it
	hidden bool // never seen
	first  int  // the line at which a region begins
	marked bool // a marked quote was found in this region
}

type flattener struct {
	lines   []line
	line    strings.Builder
	space   bool // a space is due before the next word
	stack   []element
	closers map[string]int // open elements by name
	quotes  int
	signs   int
	hidden  int
	pre     int
	tail    bool // all that follows is a quote
	indents bool // a blockquote without a program's mark is no quote
}

// end closes the line that is being written.
func (f *flattener) end() {
	text := strings.TrimRight(f.line.String(), " ")
	f.line.Reset()
	f.space = false
	text = strings.TrimRight(normalise(text), " \t\n")
	for part := range strings.SplitSeq(text, "\n") {
		f.lines = append(f.lines, line{text: part, quoted: f.tail || f.quotes > 0 || marked(part), signed: f.signs > 0})
	}
}

// fresh starts a new line unless one was just started.
func (f *flattener) fresh() {
	if f.line.Len() > 0 {
		f.end()
	}
	f.space = false
}

// gap is fresh, with a blank line.
func (f *flattener) gap() {
	f.fresh()
	if len(f.lines) > 0 && !f.lines[len(f.lines)-1].blank() {
		f.end()
	}
}

func (f *flattener) text(text string) {
	if f.pre > 0 {
		for i, part := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
			if i > 0 {
				f.end()
			}
			f.line.WriteString(part)
		}
		return
	}
	for i, word := range strings.FieldsFunc(text, htmlSpace) {
		if i > 0 || f.space || htmlSpace(rune(text[0])) {
			if f.line.Len() > 0 {
				f.line.WriteByte(' ')
			}
		}
		f.space = false
		f.line.WriteString(word)
	}
	if text != "" && htmlSpace(rune(text[len(text)-1])) {
		f.space = f.line.Len() > 0
	}
}

func htmlSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }

// flush says whether a paragraph stands without space around it.
func flush(attributes map[string]string) bool {
	style := strings.ReplaceAll(attributes["style"], " ", "")
	return strings.Contains(attributes["class"], "msonormal") || strings.Contains(style, "margin:0") || strings.Contains(style, "margin-top:0")
}

// open takes a start tag.
func (f *flattener) open(el element, attributes map[string]string) {
	if len(f.stack) > 0 && f.stack[len(f.stack)-1].name == el.name && unclosed(el.name) {
		f.closeTag(el.name)
	}
	tag := atom.Lookup([]byte(el.name))
	switch tag {
	case atom.Br:
		f.end()
		return
	case atom.Hr:
		f.fresh()
		if attributes["id"] == "stopspelling" {
			f.tail = true
		}
		f.line.WriteString(drawn)
		f.end()
		return
	case atom.Img:
		if alt := attributes["alt"]; f.hidden == 0 && len(alt) < 16 && alt != "" && !letter(rune(alt[0])) {
			f.text(alt) // an emoji
		}
		return
	case atom.P, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4:
		if flush(attributes) {
			f.fresh()
		} else {
			f.gap()
		}
	case atom.Td, atom.Th:
		f.space = f.line.Len() > 0
	default:
		if blockTag(tag) {
			f.fresh()
		}
	}
	if voidTag(el.name) {
		return
	}
	el.flush = flush(attributes)
	f.classify(&el, tag, attributes)
	if len(f.stack) >= mostOpen {
		// What is nested deeper than any person's mail counts as quoted.
		f.tail = f.tail || el.quote || el.region
		return
	}
	f.push(el, tag)
}

func (f *flattener) push(el element, tag atom.Atom) {
	el.first = len(f.lines)
	if el.quote {
		f.quotes++
		for i := len(f.stack) - 1; i >= 0 && i >= len(f.stack)-20; i-- {
			if f.stack[i].region && tag == atom.Blockquote {
				f.stack[i].marked = true
				break
			}
		}
	}
	if el.signed {
		f.signs++
	}
	if el.hidden {
		f.hidden++
	}
	if tag == atom.Pre || tag == atom.Textarea {
		f.pre++
	}
	f.stack = append(f.stack, el)
	f.closers[el.name]++
}

// closeTag takes an end tag: it closes what was left open in its element.
func (f *flattener) closeTag(name string) {
	if name == "br" {
		f.end()
		return
	}
	if f.closers[name] == 0 {
		return
	}
	at := len(f.stack) - 1
	for f.stack[at].name != name {
		at--
	}
	f.close(at)
}

// close closes the elements from index at on.
func (f *flattener) close(at int) {
	for len(f.stack) > at {
		el := f.stack[len(f.stack)-1]
		tag := atom.Lookup([]byte(el.name))
		if blockTag(tag) {
			f.fresh()
		}
		if tag == atom.P && !el.hidden && !el.flush {
			f.gap()
		}
		f.stack = f.stack[:len(f.stack)-1]
		f.closers[el.name]--
		if el.quote {
			f.quotes--
		}
		if el.signed {
			f.signs--
		}
		if el.hidden {
			f.hidden--
		}
		if tag == atom.Pre || tag == atom.Textarea {
			f.pre--
		}
		if el.region && !el.marked {
			for i := el.first; i < len(f.lines); i++ {
				f.lines[i].quoted = true
			}
		}
	}
}

// classify says what an element is by the names that mail programs give it.
func (f *flattener) classify(el *element, tag atom.Atom, attributes map[string]string) {
	id, class := strings.TrimPrefix(attributes["id"], "x_"), attributes["class"]
	style := strings.ReplaceAll(attributes["style"], " ", "")
	switch tag {
	case atom.Head, atom.Style, atom.Script, atom.Title, atom.Noscript, atom.Template, atom.Svg, atom.Object:
		el.hidden = true
		return
	case atom.Blockquote:
		// Without a border, or by this name, it is what the writer indented.
		el.quote = attributes["type"] == "cite" || !f.indents && !strings.Contains(style, "border:none") && !strings.Contains(class, "webkit-indent-blockquote")
	}
	if strings.Contains(style, "display:none") || strings.Contains(style, "mso-hide:all") {
		el.hidden = true
	}
	if tailIDs[id] || border(style) && tag == atom.Div {
		f.fresh()
		f.tail = true
	}
	if attributes["name"] == "quote" || quoteIDs[id] || attributes["data-marker"] == "__quoted_text__" {
		el.quote = true
	}
	if tag != atom.A && tag != atom.Body && tag != atom.Html {
		for _, name := range []string{id, class, attributes["name"]} {
			el.signed = el.signed || strings.Contains(name, "signature")
			el.region = el.region || strings.Contains(name, "_quote") || strings.Contains(name, "-quote")
		}
	}
	for name := range strings.FieldsSeq(class) {
		name = strings.TrimPrefix(name, "x_")
		el.quote = el.quote || quoteClasses[name]
		el.region = el.region || regionClasses[name]
		el.signed = el.signed || signatureClasses[name]
	}
	el.signed = el.signed || signatureIDs[id]
}

// border tells the line that Outlook draws above a quote's headers.
func border(style string) bool {
	at := strings.Index(style, "border-top:solid")
	return at >= 0 && (strings.Contains(style[at:], "#e1e1e1") || strings.Contains(style[at:], "#b5c4df")) &&
		(strings.Contains(style, "border:none") || strings.Contains(style, "padding:3.0pt"))
}

// The names by which mail programs mark what is not the writer's.
var (
	tailIDs = set([]string{"appendonsend", "divrplyfwdmsg", "mail-editor-reference-message-container", "ms-outlook-mobile-body-separator-line",
		"stopspelling", "reply-intro", "olk_src_body_section", "isforwardcontent", "isreplycontent", "outlookmessageheader"})
	quoteIDs = set([]string{"yahoo_quoted", "yiv_quoted", "mailreplyquote", "replybody", "replyblockquote", "quoted_content", "orimsghtmlseperator"})

	quoteClasses = set([]string{"gmail_attr", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "zmail_extra", "quoted-text",
		"front-blockquote", "mail-quote-collapse", "bloop_original_html", "outlookmessageheader", "mailquote", "yahoo-quoted-begin",
		"cafe_quote", "reply-quote", "quoted-email", "hubspot_quote", "wordsection-quote", "missive_quote", "airmail_ext_on", "gmail_quote_attribution"})
	regionClasses    = set([]string{"gmail_quote", "gmail_quote_container", "shortwave_quote", "superhuman_quote", "zmail_quote"})
	signatureClasses = set([]string{"gmail_signature", "moz-signature", "protonmail_signature_block", "bloop_sign", "applemailsignature", "ms-outlook-mobile-signature", "yahoo-signature"})
	signatureIDs     = set([]string{"signature", "applemailsignature", "ms-outlook-mobile-signature", "composer_signature", "linebreakatbeginningofsignature", "skypesig", "sig"})
)

// unclosed tells elements that another of their name closes.
func unclosed(name string) bool {
	switch name {
	case "p", "li", "td", "th", "tr", "dd", "dt", "option":
		return true
	}
	return false
}

func voidTag(name string) bool {
	switch name {
	case "br", "hr", "img", "meta", "link", "input", "area", "base", "col", "embed", "source", "track", "wbr", "param":
		return true
	}
	return false
}

func blockTag(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.Div, atom.Blockquote, atom.Table, atom.Tr, atom.Ul, atom.Ol, atom.Li, atom.Pre, atom.H1, atom.H2, atom.H3, atom.H4,
		atom.H5, atom.H6, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Center, atom.Body, atom.Form, atom.Fieldset, atom.Dl, atom.Dt, atom.Dd, atom.Address:
		return true
	}
	return false
}
