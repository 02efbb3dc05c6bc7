package mailer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/net/html"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// everyLetter composes each kind of mail for each name and language there is.
func everyLetter(t *testing.T, check func(t *testing.T, l Letter, raw []byte)) {
	for _, kind := range kinds() {
		for _, lesson := range []string{"name-the-break", "is-it-safe", "only-read"} {
			for name, said := range hostileNames() {
				for _, language := range []string{"en", "ar"} {
					t.Run(fmt.Sprint(kind, "/", lesson, "/", name, "/", language), func(t *testing.T) {
						t.Parallel()
						l := testLetter(kind, lesson, said)
						if account(kind) {
							l.Lesson = ""
						}
						l.Language = language
						check(t, l, compose(t, l))
					})
				}
			}
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	everyLetter(t, func(t *testing.T, l Letter, raw []byte) {
		checkLines(t, raw)
		mail, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range mail.Errors {
			t.Errorf("enmime: %v", fault)
		}
		root := mail.Root
		if root.ContentType != "multipart/alternative" || root.FirstChild == nil ||
			root.FirstChild.ContentType != "text/plain" || root.FirstChild.NextSibling.ContentType != "text/html" ||
			root.FirstChild.NextSibling.NextSibling != nil {
			t.Fatal("the parts are not text and then HTML")
		}
		text := strings.ReplaceAll(string(root.FirstChild.Content), "\r\n", "\n")
		checkText(t, text)
		page := readPage(t, root.FirstChild.NextSibling.Content)
		checkWeight(t, root.FirstChild.NextSibling.Content)
		checkPage(t, page, mail.GetHeader("Subject"))
		for _, href := range page.links {
			if !strings.Contains(text, strings.TrimPrefix(href, "mailto:")) {
				t.Errorf("the text lacks the link %s", href)
			}
		}
		checkWays(t, l, page)
	})
}

// checkLines: RFC 5322, section 2.1.1, and RFC 2045, section 6.7.
func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) > 998 || len(line) > 78 && bytes.Contains(bytes.TrimSpace(line), []byte(" ")) {
			t.Errorf("the header line %q could be folded", line)
		}
	}
	for line := range bytes.SplitSeq(body, []byte("\r\n")) {
		if len(line) > 76 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("the line %q is longer than 76 or broken", line)
		}
	}
	if i := bytes.IndexFunc(raw, func(r rune) bool { return r > '~' }); i >= 0 {
		t.Errorf("octet %d is outside ASCII", i)
	}
}

func checkText(t *testing.T, text string) {
	t.Helper()
	if !strings.HasPrefix(text, "Long Road Letters\n") {
		t.Errorf("the text begins with %.40q", text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if displaywidth.String(line) > plainWidth && !strings.Contains(line, "://") {
			t.Errorf("the line %q is too wide", line)
		}
		if strings.HasPrefix(line, ">") {
			t.Errorf("the line %q looks quoted", line)
		}
		if strings.TrimRight(line, " \t") != line {
			t.Errorf("the line %q ends in blanks", line)
		}
	}
}

// checkWeight: Gmail cuts what is over 102 KB; a bad line wants far less.
func checkWeight(t *testing.T, html []byte) {
	t.Helper()
	if len(html) > 30<<10 {
		t.Errorf("the HTML has %d octets", len(html))
	}
}

// page is what there is to know of an HTML part.
type page struct {
	root                *html.Node
	lang, dir, title    string
	elements            map[string]int
	links, buttons, css []string
	headings            []string
	bareTables          int
	words               string // what a reader sees, in order
}

func readPage(t *testing.T, raw []byte) page {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	p := page{root: root, elements: map[string]int{}}
	var words strings.Builder
	var visit func(n *html.Node)
	visit = func(n *html.Node) {
		switch {
		case n.Type == html.ElementNode:
			p.element(n)
		case n.Type == html.CommentNode && strings.HasPrefix(n.Data, "[if mso]><") && strings.HasSuffix(n.Data, "><![endif]"):
			p.css = append(p.css, n.Data) // what Outlook's Word engine alone reads; it has no words
		case n.Type == html.CommentNode:
			p.elements["comment"]++
		case n.Type == html.TextNode && n.Parent.Data == "style":
			p.css = append(p.css, n.Data)
		case n.Type == html.TextNode && n.Parent.Data == "title":
			p.title = n.Data
		case n.Type == html.TextNode:
			words.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(root)
	p.words = strings.Join(strings.Fields(words.String()), " ")
	return p
}

func (p *page) element(n *html.Node) {
	p.elements[n.Data]++
	attribute := map[string]string{}
	for _, a := range n.Attr {
		attribute[a.Key] = a.Val
		p.elements["@"+a.Key]++
	}
	p.css = append(p.css, attribute["style"])
	switch n.Data {
	case "html":
		p.lang, p.dir = attribute["lang"], attribute["dir"]
	case "a":
		p.links = append(p.links, attribute["href"])
		if slices.Contains(strings.Fields(attribute["class"]), "button") {
			p.buttons = append(p.buttons, attribute["href"])
		}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		p.headings = append(p.headings, n.Data)
	case "table":
		if attribute["role"] != "presentation" {
			p.bareTables++
		}
	}
}

func checkPage(t *testing.T, p page, subject string) {
	t.Helper()
	known := []string{
		"html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "p", "span", "strong", "em", "br", "a",
		"h1", "h2", "h3", "ol", "ul", "li", "blockquote", "pre", "code", "hr",
		"@lang", "@dir", "@charset", "@name", "@content", "@class", "@style", "@role", "@width", "@cellpadding", "@cellspacing", "@border", "@align", "@href", "@start",
		"@aria-label",
	}
	for e := range p.elements {
		if !slices.Contains(known, e) {
			t.Errorf("the HTML holds %s", e)
		}
	}
	for _, css := range p.css {
		if strings.Contains(css, "url(") || strings.Contains(css, "@import") || strings.Contains(css, "display:none") || strings.Contains(css, "ZgotmplZ") {
			t.Errorf("the style %q loads, hides or was refused", css)
		}
	}
	for _, href := range p.links {
		if !strings.HasPrefix(href, "https://letters.example.org/") && href != "https://help.example.net/page?a=1&b=2" && href != "https://findahelpline.com" {
			t.Errorf("there is a link to %s", href)
		}
	}
	if p.lang == "" || p.dir != direction(p.lang) || p.title != subject || p.bareTables > 0 {
		t.Errorf("lang %q, dir %q, title %q, %d tables without a role", p.lang, p.dir, p.title, p.bareTables)
	}
	if !strings.HasPrefix(p.words, "Long Road Letters ") {
		t.Errorf("the first words are %.40q", p.words)
	}
	at := "h1"
	for _, h := range p.headings {
		if h > at && h[1]-at[1] > 1 {
			t.Errorf("the headings jump: %v", p.headings)
		}
		at = h
	}
}

// checkWays: what each kind of mail lets its reader do.
func checkWays(t *testing.T, l Letter, p page) {
	t.Helper()
	answers := map[string][]string{"name-the-break": {"ready", "not-yet"}, "is-it-safe": {"yes", "no", "unsure"}}
	var want []string
	for _, a := range answers[l.Lesson] {
		want = append(want, l.Links.CheckIn+"?answer="+a)
	}
	switch l.Kind {
	case KindConfirm:
		want = []string{l.Links.Confirm}
	case KindChoice:
		want = []string{l.Links.Choose}
	case KindReceipt:
		want = []string{l.Links.Undo}
	case string(pacing.KindEnd):
		want = nil
		if !slices.Contains(p.links, l.Links.CheckIn) {
			t.Error("no way leads back to the last letter")
		}
	}
	if !slices.Equal(p.buttons, want) {
		t.Errorf("the buttons are %v, not %v", p.buttons, want)
	}
	if account(l.Kind) == slices.Contains(p.links, l.Links.Unsubscribe) {
		t.Error("the line that stops the letters is missing, or stands in an account mail")
	}
	if !strings.Contains(p.words, "1 Example Street") {
		t.Error("the postal address is missing")
	}
}

// TestNames: what a hostile name comes to, in the words that a reader sees.
func TestNames(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"plain":     "Dear Ann,",
		"empty":     "Dear reader,",
		"newlines":  "Dear Ann Bcc: victim example. net <b>body< b>,",
		"html":      `Dear <script>alert("x")< script><img src=https: evil. example x.…,`,
		"markdown":  "Dear **Ann** [x](https: evil. example) ![y](https: evil. example…,",
		"template":  `Dear {{. Name}} {{snippet "footer"}} {{printf "%s" 1}} ${x},`,
		"rtl":       "Dear evil עֲנָת x,",
		"emoji":     "Dear 👩‍👩‍👧‍👦 Zoë 🏳️‍🌈,",
		"zalgo":     "Dear A" + strings.Repeat("\u0301", 9) + ",",
		"controls":  "Dear A[31mn n,",
		"not utf-8": "Dear An,",
		"cjk":       "Dear 山田太郎,",
	}
	for name, greeting := range want {
		l := testLetter(string(pacing.KindLesson), "name-the-break", hostileNames()[name])
		mail, err := enmime.ReadEnvelope(bytes.NewReader(compose(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(mail.Text, greeting) {
			t.Errorf("%s: the text greets with %q", name, strings.Split(mail.Text, "\n")[4])
		}
		if p := readPage(t, []byte(mail.HTML)); !strings.Contains(p.words, greeting) {
			t.Errorf("%s: the HTML says %.300q", name, p.words)
		}
	}
}

// TestRawHTMLNeverPasses is about authors: their HTML and pictures stay out too.
func TestRawHTMLNeverPasses(t *testing.T) {
	t.Parallel()
	l := testLetter(string(pacing.KindLesson), "only-read", "Ann")
	l.Course.Tracks[0].Stages[0].Lessons[2].Texts["en"] = course.Text{Subject: "x", Body: `Dear reader,

<script>alert(1)</script>

<img src="https://evil.example/p.gif"> and ![a picture](https://evil.example/q.gif) and <b onclick="x()">bold</b>

[click](javascript:alert(1)) [data](data:text/html,x) <!-- comment -->

<iframe src="https://evil.example"></iframe>
`}
	mail, err := enmime.ReadEnvelope(bytes.NewReader(compose(t, l)))
	if err != nil {
		t.Fatal(err)
	}
	p := readPage(t, []byte(mail.HTML))
	p.links = slices.DeleteFunc(p.links, func(href string) bool { return href == "" }) // a dangerous one is emptied
	checkPage(t, p, "x")
	for _, part := range []string{mail.Text, mail.HTML} {
		for _, bad := range []string{"evil.example", "script>", "javascript", "onclick", "iframe", "data:"} {
			if strings.Contains(part, bad) {
				t.Errorf("%q passed", bad)
			}
		}
		if !strings.Contains(part, "a picture") {
			t.Error("a picture's words are missing")
		}
	}
}
