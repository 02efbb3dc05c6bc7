package said

import (
	"strings"
	"testing"
	"time"
)

// FuzzReply holds that what comes out stood in the mail, line by line, in the
// same order; that it never takes long; that no marked line comes through.
func FuzzReply(f *testing.F) {
	for _, c := range replies {
		f.Add(c.mail)
	}
	for _, sentence := range sentences {
		f.Add("ready " + sentence + "\n> stop")
	}
	for _, block := range blocks {
		f.Add("ready\n" + block + "\nstop")
	}
	f.Fuzz(func(t *testing.T, mail string) {
		begin := time.Now()
		got := Reply(mail)
		if took := time.Since(begin); took > 2*time.Second {
			t.Fatalf("took %v", took)
		}
		subsequence(t, got, split(mail))
	})
}

// subsequence fails unless the reply's lines begin lines of the mail, in order.
func subsequence(t *testing.T, reply string, lines []line) {
	t.Helper()
	next := 0
	for want := range strings.SplitSeq(reply, "\n") {
		want = strings.TrimSpace(want)
		if want == "" {
			continue
		}
		for next < len(lines) && (lines[next].quoted || !strings.HasPrefix(strings.TrimSpace(lines[next].text), want)) {
			next++
		}
		if next == len(lines) {
			t.Fatalf("the line %q of %q is not in the mail, or not there", want, reply)
		}
		next++
	}
}

// FuzzFromHTML holds the same for HTML.
func FuzzFromHTML(f *testing.F) {
	f.Add(`<p>ready</p><div class="gmail_quote">On 3/3/26 Ann wrote:<blockquote>stop</div></blockquote><pre>a
b</pre><hr id=stopspelling>x`)
	f.Add("<div id=appendonsend><table><tr><td>a<td>b<li>c</table><b style='display:none'>x<title>y")
	f.Fuzz(func(t *testing.T, mail string) {
		begin := time.Now()
		got := FromHTML(mail)
		if took := time.Since(begin); took > 2*time.Second {
			t.Fatalf("took %v", took)
		}
		lines := flatten(mail, false)
		if visible(lines) == "" {
			lines = flatten(mail, true)
		}
		subsequence(t, got, lines)
	})
}

// FuzzWithout holds that nothing is added, that a text less itself says
// at most half a word, and that nothing sent takes
// nothing away.
func FuzzWithout(f *testing.F) {
	f.Add("not yet\n\n> "+letter7, letter7)
	f.Add("准备好了。这是课程的第七封信", "这是课程的第七封信请你们")
	f.Fuzz(func(t *testing.T, text, ours string) {
		got := Without(text, []string{ours})
		if len(got) > len(normalise(text)) {
			t.Fatalf("%q is longer than %q", got, text)
		}
		if got := Without(text, nil); got != normalise(text) {
			t.Fatalf("without nothing: %q", got)
		}
		if words := wordsOf(normalise(ours)); len(words) >= passage {
			if left := wordsOf(Without(ours, []string{ours})); len(left) > 1 {
				t.Fatalf("%q less itself leaves %d words", ours, len(left))
			}
		}
	})
}

// TestLinear reads mails of 256 KiB that are as bad as we know how.
func TestLinear(t *testing.T) {
	t.Parallel()
	const size = 1 << 18
	for name, piece := range map[string]string{
		"colons":       "On 3 Mar 2026 at 14:20 Ann:\n",
		"short colons": "a:\n", "one line": "On 3 March 14:20 wrote: ", "verbs": "wrote:", "digits": "1:", "spaces": " ", "blank": "\n", "marked": "> a\n",
		"delimiters": "--\n", "strict": "-- \n", "rules": "____________________\n", "from": "From: a\n", "keys": "From: a To: ", "to": "To: a\n\n", "dashes": "-", "long dashes": "—",
		"half dashes": "- -- ", "separators": "-----Message\n", "notice": "this email is confidential ", "notices": "confidential intended recipient\n\n",
		"name": "\n\n-Ann", "opened": "<\n", "closing": "> wrote:\n", "links": "> http://a\nb/c\n", "letters": "x", "wide": "発", "weekdays": "Mon 3 ", "starts": "On 3 ",
		"div": "<div>", "p": "<p>", "unclosed": "<blockquote><p>", "closed": "</div>", "region": "<div class=gmail_quote>", "attributes": "<a b=c ", "pre": "<pre>\n", "nested": "<b></i>",
	} {
		text := strings.Repeat(piece, size/len(piece))
		begin := time.Now()
		Reply(text)
		Reply(text + "\n> a")
		FromHTML(text)
		FromHTML(strings.ReplaceAll(text, "\n", "<br>"))
		Without(text, []string{text})
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s: five readings of 256 KiB took %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

// BenchmarkReply reads an ordinary mail: a short answer above a letter.
func BenchmarkReply(b *testing.B) {
	mail := "ok, I'm ready now, thanks!\n\nSent from my iPhone\n\n" + sentences["en Gmail wrapped"] + "\n\n> " + strings.Repeat(strings.ReplaceAll(letter7, "\n", "\n> "), 5)
	b.SetBytes(int64(len(mail)))
	for b.Loop() {
		Reply(mail)
	}
}

// BenchmarkReplyProse reads a mail of five thousand bytes that quotes nothing.
func BenchmarkReplyProse(b *testing.B) {
	mail := strings.Repeat(letter7+"\n\n", 13)
	b.SetBytes(int64(len(mail)))
	for b.Loop() {
		Reply(mail)
	}
}

func BenchmarkFromHTML(b *testing.B) {
	mail := `<html><body><div dir="ltr">not yet</div><div class="gmail_quote"><div class="gmail_attr">On 3/3/26 Ann wrote:</div><blockquote class="gmail_quote">` +
		strings.Repeat("<table><tr><td style=\"padding:1px\"><p>"+letter7+"</p></td></tr></table>", 10) + `</blockquote></div></body></html>`
	b.SetBytes(int64(len(mail)))
	for b.Loop() {
		FromHTML(mail)
	}
}

func BenchmarkWithout(b *testing.B) {
	mail := "not yet\n\n> " + strings.Repeat(strings.ReplaceAll(letter7, "\n", "\n> "), 5)
	b.SetBytes(int64(len(mail)))
	for b.Loop() {
		Without(mail, []string{letter7})
	}
}
