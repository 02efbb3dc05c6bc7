package meant

import (
	"strings"
	"testing"
)

// TestGrafts wraps short commands as people do. A command may be missed now and
// then; another grave one may never be heard.
func TestGrafts(t *testing.T) {
	t.Parallel()
	r := reader(t)
	type dress struct{ name, before, after string }
	plainly := []dress{{"bare", "", ""}, {"dot", "", "."}, {"shout", "", "!!!"}, {"smile", "", " :)"}, {"emoji", "", " 🙂🙏"}, {"spaces", "\n\n  ", "  \n"}, {"name", "", "\n\nAnna"}}
	tongues := map[string]struct {
		dresses  []dress
		commands map[string]string
	}{
		"en": {
			[]dress{{"hi", "Hi,\n\n", ""}, {"greeting with a name", "Dear Anna, ", ""}, {"thanks before", "Thanks! ", ""}, {"thanks after", "", ", thanks"}, {"please", "", " please"}, {"both", "Hello there,\n", ".\nThank you very much\nTom"}},
			map[string]string{"I'm ready": Ready, "ready": Ready, "not ready yet": NotYet, "not yet": NotYet, "slower": Slower, "faster": Faster, "pause for two weeks": Hold, "resume": Resume, "repeat": Repeat, "back": Back, "stop": Stop, "help": Help, "don't stop": "", "not faster": ""},
		},
		"de": {
			[]dress{{"hallo", "Hallo,\n\n", ""}, {"guten Tag", "Guten Tag, ", ""}, {"danke", "Danke! ", ""}, {"danke danach", "", ", vielen Dank"}, {"bitte", "", " bitte"}, {"gruß", "", "\n\nLiebe Grüße\nAnna"}},
			map[string]string{"ich bin bereit": Ready, "bereit": Ready, "noch nicht": NotYet, "noch nicht bereit": NotYet, "langsamer": Slower, "schneller": Faster, "zwei Wochen Pause": Hold, "fortsetzen": Resume, "noch einmal": Repeat, "zurück": Back, "stopp": Stop, "Hilfe": Help, "nicht stoppen": ""},
		},
		"fr": {
			[]dress{{"bonjour", "Bonjour,\n\n", ""}, {"merci", "", ", merci"}, {"svp", "", " svp"}, {"cordialement", "", "\n\nCordialement\nAnne"}},
			map[string]string{"je suis prête": Ready, "prêt": Ready, "pas encore": NotYet, "je ne suis pas prêt": NotYet, "plus lentement": Slower, "plus vite": Faster, "une pause": Hold, "reprendre": Resume, "encore une fois": Repeat, "en arrière": Back, "arrêter": Stop, "aide": Help, "ne pas arrêter": ""},
		},
		"es": {
			[]dress{{"hola", "Hola,\n\n", ""}, {"gracias", "", ", gracias"}, {"por favor", "", " por favor"}, {"saludos", "", "\n\nSaludos\nAna"}},
			map[string]string{"estoy lista": Ready, "no estoy listo": NotYet, "todavía no": NotYet, "más despacio": Slower, "más rápido": Faster, "una pausa": Hold, "reanudar": Resume, "otra vez": Repeat, "atrás": Back, "parar": Stop, "ayuda": Help, "no parar": ""},
		},
		"pt": {
			[]dress{{"olá", "Olá,\n\n", ""}, {"obrigada", "", ", obrigada"}, {"por favor", "", " por favor"}},
			map[string]string{"estou pronta": Ready, "não estou pronto": NotYet, "ainda não": NotYet, "mais devagar": Slower, "mais rápido": Faster, "uma pausa": Hold, "retomar": Resume, "outra vez": Repeat, "voltar": Back, "parar": Stop, "ajuda": Help, "não parar": ""},
		},
		"it": {
			[]dress{{"ciao", "Ciao,\n\n", ""}, {"grazie", "", ", grazie"}, {"per favore", "", " per favore"}},
			map[string]string{"sono pronta": Ready, "non sono pronto": NotYet, "non ancora": NotYet, "più lentamente": Slower, "più veloce": Faster, "una pausa": Hold, "riprendere": Resume, "di nuovo": Repeat, "indietro": Back, "basta": Stop, "aiuto": Help, "non smettere": ""},
		},
		"nl": {
			[]dress{{"hoi", "Hoi,\n\n", ""}, {"bedankt", "", ", bedankt"}, {"graag", "", " alstublieft"}, {"groet", "", "\n\nGroetjes\nAnna"}},
			map[string]string{"ik ben klaar": Ready, "nog niet klaar": NotYet, "nog niet": NotYet, "langzamer": Slower, "sneller": Faster, "een pauze": Hold, "hervatten": Resume, "nog een keer": Repeat, "terug": Back, "stoppen": Stop, "hulp": Help, "niet stoppen": ""},
		},
	}
	right, all := 0, 0
	for name, tongue := range tongues {
		for _, d := range append(tongue.dresses, plainly...) {
			for command, want := range tongue.commands {
				capital := strings.ToUpper(command[:1]) + command[1:]
				for _, text := range []string{command, capital, strings.ToUpper(command), slip(command)} {
					text = d.before + text + d.after
					got := r.Read(text, now).Intent
					all++
					switch {
					case got == want:
						right++
					case grave(got):
						t.Errorf("%s, %s: %q is %q, want %q", name, d.name, text, got, want)
					default:
						t.Logf("%s, %s: %q is %q, want %q", name, d.name, text, got, want)
					}
				}
			}
		}
	}
	share := 100 * float64(right) / float64(all)
	t.Logf("%.1f %% of %d grafts right", share, all)
	if share < 95 {
		t.Errorf("%.1f %% of %d grafts right, want 95", share, all)
	}
}

// slip changes two letters over in the longest word, if it is long and ASCII.
func slip(s string) string {
	words := strings.Fields(s)
	longest := 0
	for i, w := range words {
		if len(w) > len(words[longest]) {
			longest = i
		}
	}
	w := []byte(words[longest])
	for _, b := range w {
		if b >= 0x80 || b == '\'' || len(w) < 6 {
			return s
		}
	}
	w[2], w[3] = w[3], w[2]
	words[longest] = string(w)
	return strings.Join(words, " ")
}
