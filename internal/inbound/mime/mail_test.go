package mime

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// outline writes a mail's tree in a line: types, and in quotes the texts.
func outline(p *Part) string {
	if len(p.Parts) == 0 {
		return fmt.Sprintf("%s %q", p.Type, p.Text())
	}
	var inner []string
	for _, child := range p.Parts {
		inner = append(inner, outline(child))
	}
	return p.Type + "(" + strings.Join(inner, ", ") + ")"
}

func TestParse(t *testing.T) {
	t.Parallel()
	mixed := "Content-Type: multipart/mixed; boundary=b\n\n"
	for name, c := range map[string]struct{ raw, want string }{
		"plain":                    {"A: b\n\ntext\n", `text/plain "text\n"`},
		"CRLF":                     {"A: b\r\n\r\none\r\ntwo\r\n", `text/plain "one\ntwo\n"`},
		"CR":                       {"A: b\r\rone\rtwo\r", `text/plain "one\ntwo\n"`},
		"CR CR LF":                 {"A: b\r\r\n\r\r\none\r\r\n", `text/plain "one\n"`},
		"mbox":                     {"From a@b.example Mon Mar  1 09:00:00 2027\nA: b\n\ntext", `text/plain "text"`},
		"byte order mark":          {"\ufeffA: b\n\ntext", `text/plain "text"`},
		"no body":                  {"A: b\n", `text/plain ""`},
		"header cut":               {"A: b\nSubj", `text/plain "Subj"`},
		"empty line left out":      {"A: b\nHello there,\nhow are you", `text/plain "Hello there,\nhow are you"`},
		"a line that is no field":  {"A: b\nnonsense\nC: d\n\ntext", `text/plain "text"`},
		"space in the empty line":  {"A: b\n \ntext", `text/plain "text"`},
		"quoted-printable":         {"Content-Transfer-Encoding: quoted-printable\n\na=C3=A9=\nb = c =zz=3D  \n", `text/plain "aéb = c =zz=  \n"`},
		"soft break and spaces":    {"Content-Transfer-Encoding: Quoted-Printable\n\na= \t\nb", `text/plain "ab"`},
		"base64":                   {"Content-Transfer-Encoding: base64\n\nY2Fm\nw6k=\n", `text/plain "café"`},
		"base64, dirty":            {"Content-Transfer-Encoding: base64\n\nY2Fmw6kg!Y2Fmw6kgY2Fmw6k=\n\n", `text/plain "café café café"`},
		"base64, cut":              {"Content-Transfer-Encoding: base64\n\nY2Fmw6", `text/plain "cafÃ"`},
		"base64, two runs":         {"Content-Transfer-Encoding: base64\n\nYQ==\nYg==\n", `text/plain "ab"`},
		"base64 that is text":      {"Content-Transfer-Encoding: base64\n\nHello, here is plain text. It is not encoded!\n", `text/plain "Hello, here is plain text. It is not encoded!\n"`},
		"unknown encoding":         {"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\nend\n", `text/plain "begin 644 a\nend\n"`},
		"latin 1":                  {"Content-Type: text/plain; charset=iso-8859-1\n\ncaf\xe9", `text/plain "café"`},
		"says ASCII, is UTF-8":     {"Content-Type: text/plain; charset=us-ascii\n\ncafé", `text/plain "café"`},
		"says latin 1, is UTF-8":   {"Content-Type: text/plain; charset=iso-8859-1\n\ncafé", `text/plain "café"`},
		"says UTF-8, is 1252":      {"Content-Type: text/plain; charset=utf-8\n\ncaf\xe9 \x93quoted\x94", `text/plain "café “quoted”"`},
		"UTF-8, cut":               {"Content-Type: text/plain; charset=utf-8\n\ncaf\xc3\xa9 caf\xc3", `text/plain "café caf` + "\ufffd" + `"`},
		"no charset":               {"A: b\n\ncaf\xe9", `text/plain "café"`},
		"unknown charset":          {"Content-Type: text/plain; charset=x-none\n\ncaf\xe9", `text/plain "café"`},
		"cyrillic":                 {"Content-Type: text/plain; charset=\"koi8-r\"\n\n\xc4\xc1", `text/plain "да"`},
		"japanese":                 {"Content-Type: text/plain; charset=ISO-2022-JP\n\n\x1b$B$O$$\x1b(B", `text/plain "はい"`},
		"japanese without a label": {"A: b\n\n\x1b$B$O$$\x1b(B", `text/plain "はい"`},
		"mixed":                    {mixed + "before\n--b\n\none\n--b\nContent-Type: text/html\n\n<p>\n--b--\nafter", `multipart/mixed(text/plain "one", text/html "<p>")`},
		"end left out":             {mixed + "--b\n\none\n--b\n\ntwo", `multipart/mixed(text/plain "one", text/plain "two")`},
		"longer boundary":          {mixed + "--b\n\none\n--bb\nstill one\n--b--", `multipart/mixed(text/plain "one\n--bb\nstill one")`},
		"boundary in a line":       {mixed + "--b\n\none --b\n--b--", `multipart/mixed(text/plain "one --b")`},
		"space after boundary":     {mixed + "--b \n\none\n--b-- \n", `multipart/mixed(text/plain "one")`},
		"boundary unsaid":          {"Content-Type: multipart/mixed\n\n--q\nContent-Type: text/plain\n\none\n--q--\n", `multipart/mixed(text/plain "one")`},
		"boundary wrong":           {"Content-Type: multipart/mixed; boundary=a\n\n--q\nContent-Type: text/plain\n\none\n--q--\n", `multipart/mixed(text/plain "one")`},
		"boundary nowhere":         {"Content-Type: multipart/mixed; boundary=a\n\nonly text\n", `text/plain "only text\n"`},
		"boundary, quote open":     {"Content-Type: multipart/mixed; boundary=\"b\n\n--b\n\none\n--b--", `multipart/mixed(text/plain "one")`},
		"inner end left out":       {mixed + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--", `multipart/mixed(multipart/alternative(text/plain "one"), text/plain "two")`},
		"part without header":      {mixed + "--b\nJust text here\nand more\n--b--", `multipart/mixed(text/plain "Just text here\nand more")`},
		"empty multipart":          {mixed + "--b--\n", `multipart/mixed ""`},
		"message":                  {"Content-Type: message/rfc822\n\nSubject: x\n\ninner", `message/rfc822(text/plain "inner")`},
		"message in base64":        {"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nUzogeAoKaW5uZXI=\n", `message/rfc822(text/plain "inner")`},
		"headers alone":            {"Content-Type: text/rfc822-headers\n\nSubject: x\nTo: y\n", `text/rfc822-headers(text/plain "")`},
		"digest":                   {"Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\n\none\n--b--", `multipart/digest(message/rfc822(text/plain "one"))`},
		"type without subtype":     {"Content-Type: text\n\nx", `text/plain "x"`},
		"semicolon left out":       {"Content-Type: multipart/mixed boundary=b\n\n--b\n\none\n--b--", `multipart/mixed(text/plain "one")`},
		"type of nonsense":         {"Content-Type: ;;\n\nx", `text/plain "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := Parse([]byte(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			if got := outline(m.Root); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, want string }{
		"plain":                 {"a letter", "a letter"},
		"folded":                {"a\n\t letter", "a letter"},
		"Q":                     {"=?utf-8?Q?caf=C3=A9_here?=", "café here"},
		"B":                     {"=?UTF-8?B?Y2Fmw6k=?=", "café"},
		"two words":             {"=?utf-8?Q?a?= \n =?utf-8?Q?b?=", "ab"},
		"words and text":        {"x =?utf-8?Q?a?= y", "x a y"},
		"a character cut":       {"=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café"},
		"in quotes":             {`"=?iso-8859-1?Q?Jos=E9?=" <j@example.net>`, `"José" <j@example.net>`},
		"next to text":          {"a=?utf-8?Q?b?=c", "abc"},
		"left open":             {"=?utf-8?Q?abc", "=?utf-8?Q?abc"},
		"unknown encoding":      {"=?utf-8?X?abc?= d", "=?utf-8?X?abc?= d"},
		"unknown charset":       {"=?x-none?Q?caf=E9?=", "café"},
		"language":              {"=?utf-8*en?Q?abc?=", "abc"},
		"raw UTF-8":             {"café", "café"},
		"raw latin 1":           {"caf\xe9", "café"},
		"space inside the word": {"=?utf-8?Q?a b?=", "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := Parse([]byte("subject : " + c.value + "\n\nx"))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Header.Get("Subject"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, want string }{
		"plain":          {`attachment; filename=a.txt`, "a.txt"},
		"quoted":         {`attachment; filename="a; b.txt"`, "a; b.txt"},
		"escaped":        {`attachment; filename="a\"b"`, `a"b`},
		"encoded word":   {`attachment; filename="=?utf-8?Q?caf=C3=A9?="`, "café"},
		"extended":       {`attachment; filename*=utf-8'en'caf%C3%A9`, "café"},
		"continued":      {`attachment; filename*0="caf"; filename*1="e"`, "cafe"},
		"twice":          {`attachment; filename=a; filename=b`, "a"},
		"spaces":         {`attachment ; filename = a.txt ;`, "a.txt"},
		"without a name": {`attachment; =a; filename=b`, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := Parse([]byte("Content-Disposition: " + c.value + "\n\nx"))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Root.Filename; got != c.want || m.Root.Disposition != "attachment" {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadable(t *testing.T) {
	t.Parallel()
	raw := `Content-Type: multipart/mixed; boundary=b

--b
Content-Type: multipart/alternative; boundary=c

--c

plain
--c
Content-Type: text/html

<p>html</p>
--c--
--b
Content-Disposition: attachment; filename=a.txt

attached
--b
Content-Type: multipart/alternative; boundary=d

--d

 
--d
Content-Type: text/html

<p>html alone</p>
--d--
--b
Content-Type: message/rfc822

Subject: x

embedded
--b

last
--b--
`
	m, err := Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range m.Readable() {
		got = append(got, strings.TrimSpace(p.Text()))
	}
	if want := []string{"plain", "<p>html alone</p>", "last"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	own, all := 0, 0
	for range m.Own() {
		own++
	}
	for range m.Walk() {
		all++
	}
	if own != 10 || all != 11 {
		t.Errorf("%d parts of its own and %d in all, want 10 and 11", own, all)
	}
}

func TestReadableAtLast(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  string
		want int
	}{
		"all is attached":    {"Content-Disposition: attachment\n\ntext", 1},
		"a strange type":     {"Content-Type: text/x-own\n\ntext", 1},
		"a file":             {"Content-Type: text/plain; name=list.txt\nContent-Disposition: attachment\n\ntext", 0},
		"an appointment":     {"Content-Type: text/calendar\n\nBEGIN:VCALENDAR", 0},
		"somebody else's":    {"Content-Type: message/rfc822\n\nSubject: x\n\ntext", 0},
		"nothing to be read": {"Content-Type: image/png\n\nx", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := Parse([]byte(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Readable(); len(got) != c.want {
				t.Errorf("%d parts, want %d", len(got), c.want)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"deep": strings.Repeat("Content-Type: multipart/mixed; boundary=x\n\n--x\n", 500),
		"many": "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n\na\n", 1000),
		"long": "A: b\n\n" + strings.Repeat("a", mostBytes+1),
		"both": strings.Repeat("Content-Type: message/rfc822\n\n", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := Parse([]byte(raw))
			if err != nil || !m.Cut {
				t.Fatalf("%v: it should be cut, and say so", err)
			}
			parts := 0
			for range m.Walk() {
				parts++
			}
			if parts > mostParts+1 {
				t.Errorf("%d parts", parts)
			}
		})
	}
}

func TestNoMail(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "\n\n\n", "words without a field", " : x\n\ny"} {
		if _, err := Parse([]byte(raw)); err != ErrNoMail {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

// TestCorpora reads every real mail beside the checkout: each must have a text
// or an attachment, if it has a body at all.
func TestCorpora(t *testing.T) {
	files, err := filepath.Glob("../../../../shared/corpora/mails/*/*.eml")
	if err != nil || len(files) == 0 {
		t.Skip("no corpora beside the checkout")
	}
	lost := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(raw)
		if err != nil {
			t.Logf("%s: %v", filepath.Base(file), err)
			continue
		}
		size := 0
		for p := range m.Walk() {
			size += len(p.Body)
		}
		_, body, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r", ""), "\n\n")
		if size == 0 && strings.TrimSpace(body) != "" {
			t.Logf("%s: its body is lost", filepath.Base(file))
			lost++
		}
	}
	t.Logf("%d mails, %d bodies lost", len(files), lost)
	if lost > 3 {
		t.Errorf("%d bodies lost", lost)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n"))
	f.Add([]byte("Subject: =?utf-8?Q?a?= =?utf-8?B?YQ==?=\nContent-Transfer-Encoding: base64\n\nYQ==\n"))
	f.Add([]byte("Content-Type: message/rfc822\n\nContent-Disposition: attachment; filename*0*=utf-8''a; filename*1=b\n\nx"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw)
		if err != nil {
			return
		}
		parts := 0
		for p := range m.Walk() {
			parts++
			if text := p.Text(); len(p.Body) > 0 && text == "" && string(p.Body) != "\ufeff" && !strings.ContainsAny(string(p.Body), "\x0e\x0f\x1b~\xfe\xff") && !strings.HasPrefix(p.Params["charset"], "utf-") {
				t.Errorf("the text of %q is lost", p.Body)
			}
		}
		if parts > mostParts+1 {
			t.Errorf("%d parts", parts)
		}
		for name := range m.Header.All() {
			_ = m.Header.Get(name)
		}
	})
}
