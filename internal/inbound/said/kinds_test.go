package said

import "testing"

// TestKinds has a case for each kind of header, quote, signature and footer that
// is known by its shape rather than by its words.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, mail, want string }{
		{"a verb with a second ending", "спасибо\n\nAnn Lee писал(а) 2026-03-03 14:20:\n> stop", "спасибо"},
		{"a time before the date", "pronta\n\nÀs 14:20 de 03/03/2026, Ann Lee escreveu:\n> stop", "pronta"},
		{"a reply with a number before the date", "see you\n\nroom 7 then On 3/3/26 14:20, Ann wrote:\n> stop", "see you\n\nroom 7 then"},
		{"an unknown word and an address", "klaar\n\nXyzzy Ann Lee <ann@example.org>:\n\n> stop", "klaar"},
		{"an address in prose", "Write to Ann Lee <ann@example.org>:\nshe knows.", "Write to Ann Lee <ann@example.org>:\nshe knows."},
		{"all on one line, the verb first", "noch nicht Am 03.03.2026 um 14:20 schrieb Ann <ann@example.org>: bereit? stopp", "noch nicht"},
		{"headers without colons", "bereit\n\n\n\nAnn Lee <ann@example.org> \n03.03.2026 14:20\n\nAn\n<bea@example.org>\nKopie\n\nThema\nBrief 3\n\n\nstopp\n", "bereit"},
		{"a sender and a date without headers", "I met Ann <ann@example.org>\n3 March 2026 14:20\nand then we ate.", "I met Ann <ann@example.org>\n3 March 2026 14:20\nand then we ate."},
		{"angles around the sender", "ready\n\n>>> Ann Lee <ann@example.org> 03/03/2026 2:20 PM >>>\nDear Bea,\n\nstop", "ready"},
		{"angles, wrapped", "ready\n\n>>> Ann Lee <ann@example.org> 03/03/2026 2:20 PM\n>>>\nDear Bea,\n\nstop", "ready"},
		{"angles are quotes else", "ready\n>>> stop\nor not", "ready\nor not"},
		{"bars", "lista\n\n| Hola:\n|\n| stop", "lista"},
		{"a table", "| a | b |\n| 1 | 2 |\n| 3 | 4 |", "| a | b |\n| 1 | 2 |\n| 3 | 4 |"},
		{"a card below a rule", "Nog niet.\n\nGroetjes,\nAnn\n\n______________\nAnn Lee\nTel. 020 555 0000\nwww.example.org", "Nog niet.\n\nGroetjes,\nAnn"},
		{"prose below a rule", "Nog niet.\n\n______________\nWant ik ben ziek.", "Nog niet.\n\n______________\nWant ik ben ziek."},
		{"a scanner's footer", "pronta\n\nMail priva di virus. www.avast.com", "pronta"},
		{"a scanner's footer of two lines", "klar\n\n---\nDenna e-post är fri från virus\noch kontrollerad av Norton", "klar"},
		{"a link above a scanner's footer", "ready\n\n<https://www.avast.com/sig?x=1>\nVirus-free.\nwww.avast.com", "ready"},
		{"a virus in prose", "I have a virus and lie in bed.\n\nNot yet.", "I have a virus and lie in bed.\n\nNot yet."},
		{"a pointed device line", "شكرا\n\nمُرسل من الـ iPhone", "شكرا"},
		{"a start word twice", "lepo\n\nV V pon., 3. mar. 2026 ob 14:20 je oseba Ann <ann@example.org> napisala:\n\n> stop", "lepo"},
		{"an unknown weekday", "fallegt\n\nxyz., 3. mar. 2026 kl. 14:20 skrifaði Ann <ann@example.org>:\n\n> stop", "fallegt"},
		{"neither verb nor colon", "ready\n\n\"Ann Lee\" ann@example.org – March 3, 2026 2:20 PM\n\n> stop", "ready"},
		{"hyphens of another kind", "ready\n\n‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Tuesday, March 3, 2026 2:20 PM, Ann <ann@example.org> wrote:\n\n> stop", "ready"},
		{"a link below a device line", "fertig\n\nGesendet mit Aqua Mail für Android\nhttps://www.aqua-mail.com", "fertig"},
		{"a link of one's own", "ready\nhttps://example.org/photo", "ready\nhttps://example.org/photo"},
		{"a header and its quote on one line", "nog niet\nOp 3-3-2026 om 14:20 schreef Ann Lee: klaar? stop", "nog niet"},
		{"a date in prose", "I read it on Mar 3, 2026 at 2:20 PM and wrote:\n\nhope is slow", "I read it on Mar 3, 2026 at 2:20 PM and wrote:\n\nhope is slow"},
		{"a date, a time and a verb first", "Op 3-3-2026 om 14:20 schreef ik je al: nog niet", "Op 3-3-2026 om 14:20 schreef ik je al: nog niet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Reply(c.mail); got != c.want {
				t.Errorf("%q\ngave %q\nwant %q", c.mail, got, c.want)
			}
		})
	}
}
