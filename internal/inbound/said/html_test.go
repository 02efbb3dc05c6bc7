package said

import (
	"strings"
	"testing"
)

func TestFromHTML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, mail, want string }{
		{"plain", "<p>ready</p>", "ready"},
		{"two paragraphs", "<html><head><title>stop</title><style>p{}</style></head><body><p>not yet</p><p>sorry</p></body></html>", "not yet\n\nsorry"},
		{"lines", "<div>not yet</div><div><br></div><div>sorry &amp; thanks&nbsp;</div>", "not yet\n\nsorry & thanks"},
		{"space between tags", "<b>not</b> <i>yet</i>", "not yet"},
		{"Gmail", `<div dir="ltr">ready</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Tue, Mar 3, 2026 at 2:20 PM Ann &lt;<a href="mailto:ann@example.org">ann@example.org</a>&gt; wrote:<br></div><blockquote class="gmail_quote"><div>stop</div></blockquote></div>`, "ready"},
		{"Gmail, in between", `<div class="gmail_quote"><div class="gmail_attr">Am Di. schrieb Ann:</div><blockquote>Wie geht's?</blockquote><div>Gut.</div><blockquote>Weiter?</blockquote></div><div>Noch nicht.</div>`, "Gut.\nNoch nicht."},
		{"Gmail, forward", `<div>voilà</div><div class="gmail_quote"><div>---------- Message transféré ---------<br>De : Ann</div>stop</div>`, "voilà"},
		{"Gmail, unknown words", `<div>yes</div><div class="gmail_quote">Xyzzy 7 plugh:<br>stop</div>`, "yes"},
		{"Thunderbird", `<p>fertig</p><div class="moz-cite-prefix">Am 03.03.26 um 14:20 schrieb Ann:<br></div><blockquote type="cite" cite="mid:7@example.org"><p>stop</p></blockquote><div class="moz-signature">-- <br>Bea<br>Halt GmbH</div>`, "fertig"},
		{"Thunderbird, below", `<div class="moz-cite-prefix">On 3/3/26 14:20, Ann wrote:</div><blockquote type="cite">stop</blockquote><p>ready</p>`, "ready"},
		{"Outlook on the web", `<div>ready</div><div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg"><b>Von:</b> Ann<br><b>Wann:</b> heute</div><div>stop</div>`, "ready"},
		{"Outlook on the web, read again", `<div>ready</div><div id="x_divRplyFwdMsg">Ann</div><div>stop</div>`, "ready"},
		{"Outlook", `<div class=WordSection1><p class=MsoNormal>not yet<o:p></o:p></p><p class=MsoNormal>Ann</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>Xyzzy:</b> Bert</p></div><p class=MsoNormal>stop</p></div>`, "not yet\nAnn"},
		{"Outlook, headers only", `<p class=MsoNormal>klaar</p><p class=MsoNormal><b>Van:</b> Ann &lt;ann@example.org&gt;<br><b>Verzonden:</b> dinsdag 3 maart 2026 14:20<br><b>Aan:</b> Bea<br><b>Onderwerp:</b> x</p><p class=MsoNormal>stop</p>`, "klaar"},
		{"Hotmail", `<div>pronta</div><hr id="stopSpelling">Date: ieri<br>stop`, "pronta"},
		{"Yahoo", `<div>lista</div><div id="ymail_android_signature">Enviado desde Yahoo Mail con Android</div><div class="yahoo_quoted"><div>El martes, Ana escribió:</div>stop</div>`, "lista"},
		{"Proton", `<div>ready</div><div class="protonmail_signature_block">Sent with Proton Mail secure email.</div><div class="protonmail_quote">On Tuesday Ann wrote:<blockquote>stop</blockquote></div>`, "ready"},
		{"GMX", `<div>fertig</div><div name="quote" style="margin:10px"><div><b>Gesendet:</b> Dienstag</div>stop</div>`, "fertig"},
		{"Apple", `ready<br><div>Sent from my iPhone</div><div><br><blockquote type="cite">On 3 Mar 2026, at 14:20, Ann wrote:<br></blockquote></div><blockquote type="cite"><div>stop</div></blockquote>`, "ready"},
		{"nested quotes", `a<blockquote>b<blockquote>c</blockquote>d</blockquote>e`, "a\ne"},
		{"indented by the writer", `<div>not</div><blockquote style="margin: 0 0 0 40px; border: none; padding: 0px"><div>yet</div></blockquote>`, "not\nyet"},
		{"quote never closed", `ready<blockquote>stop<p>stop`, "ready"},
		{"closed twice", `ready</div></blockquote><blockquote>stop</blockquote>still`, "ready\nstill"},
		{"hidden", `<div style="display: none">stop</div>ready<script>stop</script><!-- stop -->`, "ready"},
		{"table", `<table><tr><td>not</td><td>yet</td></tr><tr><td>Ann</td></tr></table>`, "not yet\nAnn"},
		{"list", `<ul><li>one<li>two</ul>`, "one\ntwo"},
		{"preformatted", "<pre>not yet\n\n&gt; stop\nsorry</pre>", "not yet\n\nsorry"},
		{"emoji", `ready <img alt="👍" src="cid:1">`, "ready 👍"},
		{"a signature by name", `<div name="messageBodySection">ready</div><div name="messageSignatureSection">Ann</div><div>On 3/3/26 14:20, Bea wrote:<blockquote type="cite">stop</blockquote></div>`, "ready"},
		{"a quote by any name", `<div>ready</div><div class="xyzzy_quote"><div>Plugh 7</div>stop</div>`, "ready"},
		{"Zimbra", `<div>prête</div><hr data-marker="__DIVIDER__"><div data-marker="__QUOTED_TEXT__">stop</div>`, "prête"},
		{"signature alone", `<div class="gmail_signature">Ann</div>`, "Ann"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := FromHTML(c.mail); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestFromHTMLGrafts puts the headers of all programs into HTML without any
// of its marks.
func TestFromHTMLGrafts(t *testing.T) {
	t.Parallel()
	escape := strings.NewReplacer("<", "&lt;", ">", "&gt;", "\n", "<br>\n")
	for name, sentence := range sentences {
		if sentence[0] == '>' || name == "unknown language" {
			continue
		}
		mail := "<div>not yet</div><div><br></div><div>" + escape.Replace(sentence) + "</div><div>" + escape.Replace(strings.Join(contrary, "\n")) + "</div>"
		if got := FromHTML(mail); got != "not yet" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	for name, block := range blocks {
		mail := "<p>not yet</p><p>" + escape.Replace(block) + "</p><p>" + escape.Replace(strings.Join(contrary, "\n")) + "</p>"
		if got := FromHTML(mail); got != "not yet" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
