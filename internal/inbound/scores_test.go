package inbound

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"longroad/internal/inbound/meant"
	"longroad/internal/inbound/mime"
	"longroad/internal/inbound/report"
	"longroad/internal/inbound/said"
)

// corpora is a folder of real mails beside the checkout, not part of it.
const corpora = "../../../shared/corpora"

// score is a line of the table: how many were right, and the share in percent
// that has to be.
type score struct {
	name       string
	right, all int
	floor      float64
}

func (s *score) add(right bool) bool {
	if s.all++; right {
		s.right++
	}
	return right
}

func (s score) percent() float64 { return 100 * float64(s.right) / float64(max(1, s.all)) }

// TestScores reads the open corpora and prints a short table of all scores:
//
//	go test ./internal/inbound/ -run TestScores -v
//
// The floors are a little below what is reached. Each room's own test names
// the mails that fail.
func TestScores(t *testing.T) {
	meaning, err := meant.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Meaning: meaning, Now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}
	table := append(scoreReplies(t, o), scoreMails(t, o)...)
	for _, s := range table {
		t.Logf("%-42s %6.1f %%  (%d of %d; at least %.0f)", s.name, s.percent(), s.right, s.all, s.floor)
		if s.percent() < s.floor {
			t.Errorf("%s: %.1f %%, less than %.1f", s.name, s.percent(), s.floor)
		}
	}
}

// lines calls do with every line of a file of the corpora.
func lines(t *testing.T, name string, do func(line []byte)) {
	t.Helper()
	file, err := os.Open(filepath.Join(corpora, name))
	if err != nil {
		t.Skip("no corpora beside the checkout, nothing is scored: ", err)
	}
	defer file.Close()
	for all := bufio.NewScanner(file); all.Scan(); {
		do(all.Bytes())
	}
}

// commands are what is grafted onto real quoted tails.
var commands = map[string]string{
	"I'm ready": meant.Ready, "ready": meant.Ready, "Not yet.": meant.NotYet, "not ready yet, sorry": meant.NotYet, "Slower please": meant.Slower, "Could we go faster?": meant.Faster,
	"pause for two weeks": meant.Hold, "Please resume": meant.Resume, "repeat": meant.Repeat, "go back one": meant.Back, "Stop": meant.Stop, "please stop, thanks": meant.Stop, "help": meant.Help,
	"Ich bin bereit": meant.Ready, "noch nicht": meant.NotYet, "Bitte langsamer": meant.Slower, "zwei Wochen Pause": meant.Hold, "stopp": meant.Stop,
	"Je suis prête": meant.Ready, "pas encore": meant.NotYet, "plus lentement": meant.Slower, "une pause de deux semaines": meant.Hold, "Arrêtez": meant.Stop,
	"Estoy listo": meant.Ready, "todavía no": meant.NotYet, "más despacio": meant.Slower, "Quiero darme de baja": meant.Stop,
	"Estou pronta": meant.Ready, "ainda não": meant.NotYet, "uma pausa de duas semanas": meant.Hold, "parar": meant.Stop,
	"Sono pronto": meant.Ready, "non ancora": meant.NotYet, "più lentamente": meant.Slower, "basta": meant.Stop,
	"Ik ben klaar": meant.Ready, "nog niet": meant.NotYet, "langzamer graag": meant.Slower, "stoppen": meant.Stop,
	"the blue one": "", "don't stop": "", "Am I ready?": "",
}

// scoreReplies scores the reply's text, and the meaning of commands on the
// tails of the replies.
func scoreReplies(t *testing.T, o Options) []score {
	exact := score{name: "reply text exact", floor: 94}
	graft := score{name: "intent of a command above a real tail", floor: 97}
	steady := score{name: "nothing read from the quote", floor: 99}
	calm := score{name: "replies without a crisis verdict", floor: 97}
	lines(t, "replies.jsonl", func(line []byte) {
		var c struct{ ID, Input, Expected string }
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		text := said.Reply(c.Input)
		exact.add(unsigned(text) == unsigned(c.Expected))
		if m := o.Meaning.Read(text, o.Now); !calm.add(m.Crisis == nil) {
			t.Logf("%s: %s", c.ID, *m.Crisis)
		}
		_, tail, ok := strings.Cut(c.Input, strings.TrimSpace(c.Expected))
		if !ok || strings.TrimSpace(c.Expected) == "" || strings.TrimSpace(tail) == "" {
			return
		}
		for command, want := range commands {
			got := o.Meaning.Read(said.Reply(command+tail), o.Now).Intent
			if !graft.add(got == want) {
				t.Logf("%s below %q: %q, want %q", c.ID, command, got, want)
			}
			steady.add(got == want || got == "")
		}
	})
	return []score{exact, graft, steady, calm}
}

// scoreMails scores whole mails: what they are, whether a person's words are
// kept, how often danger is heard, and how long it takes.
func scoreMails(t *testing.T, o Options) []score {
	read := score{name: "mails read", floor: 98}
	quick := score{name: "mails read within half a second", floor: 100}
	bounce := score{name: "bounces told", floor: 98}
	complaint := score{name: "complaints told", floor: 80}
	human := score{name: "unlabelled mail not taken for a report", floor: 90} // some of it is one
	kept := score{name: "people's mails that keep their text", floor: 100}
	calm := score{name: "people's mails without a crisis verdict", floor: 97}
	silent := score{name: "people's mails without a crisis alarm", floor: 99}
	lines(t, "mails.jsonl", func(line []byte) {
		var c struct{ File, Kind string }
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(filepath.Join(corpora, c.File))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		e, err := Explain(raw, o)
		took := time.Since(began)
		if !quick.add(took < 500*time.Millisecond) {
			t.Logf("%s: %v", c.File, took)
		}
		if !read.add(err == nil) {
			return
		}
		switch c.Kind {
		case "bounce", "delivered":
			bounce.add(e.Kind == report.Bounce)
		case "complaint":
			complaint.add(e.Kind == report.Complaint)
		default:
			if !human.add(e.Kind != report.Bounce && e.Kind != report.Complaint) {
				t.Logf("%s: %s", c.File, e.Kind)
			}
			if e.Kind != report.Human {
				return
			}
			if hasText(raw) && !kept.add(e.Reply.Text != "") {
				t.Logf("%s: the text is lost", c.File)
			}
			danger := e.Reply.Crisis
			silent.add(danger == nil || danger.Level != meant.Alarm)
			if !calm.add(danger == nil) {
				t.Logf("%s: %s", c.File, *danger)
			}
		}
	})
	return []score{read, quick, bounce, complaint, human, kept, calm, silent}
}

// hasText tells a mail with a text of its own: letters outside of tags.
func hasText(raw []byte) bool {
	mail, err := mime.Parse(raw)
	if err != nil {
		return false
	}
	for _, p := range mail.Readable() {
		text := p.Text()
		if p.Type == "text/html" {
			text = tags.ReplaceAllString(text, "")
		}
		if strings.IndexFunc(text, unicode.IsLetter) >= 0 {
			return true
		}
	}
	return false
}

var tags = regexp.MustCompile(`(?is)<(style|title|head|script).*?</[a-z]+>|<[^>]*>`)

// unsigned drops what corpora disagree about: trailing space and signatures.
func unsigned(text string) string {
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "--" {
			break
		}
		if strings.HasPrefix(line, "Sent from ") && !strings.Contains(line, ",") || len(line) < 30 && len(line) > 2 && line[0] == '-' && line[1] >= 'A' && line[1] <= 'Z' {
			continue
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}
