package mailer

import (
	"bytes"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"
)

// What answers a mail that tells of danger, whole: with help lines, by a link, and
// in a country that has no lines of its own.
func TestResources(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, country string
		told          Told
		says, lacks   []string
	}{
		{"resources-full", "GB", ToldResources, []string{"999", "call the emergency number first"}, []string{"/lines"}},
		{"resources-link", "GB", ToldResourcesLink, []string{"https://letters.example.org/lines?country=GB"}, []string{"999"}},
		{"resources-no-lines", "GB", ToldResources, []string{"findahelpline.com"}, []string{"999"}},
		{"resources-elsewhere", "JP", ToldResources, []string{"findahelpline.com"}, []string{"999"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := testLetter(KindReceipt, "name-the-break", "Ann")
			*l.Receipt = Receipt{Told: c.told, Answered: "answered@mail.example.com"}
			l.Country, l.Links.Undo = c.country, ""
			if c.name == "resources-no-lines" {
				l.Course.Help = nil
			}
			raw := compose(t, l)
			file := filepath.Join("testdata", c.name+".eml")
			if *update {
				if err := os.WriteFile(file, raw, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(file); err != nil || !bytes.Equal(raw, want) {
				t.Errorf("%s differs (%v); run the test with -update and read the difference", file, err)
			}
			envelope, err := enmime.ReadEnvelope(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{envelope.Text, envelope.HTML} {
				text = strings.Join(strings.Fields(text), " ")
				for _, word := range append(c.says, "Nobody watches replies for emergencies", "The letters can wait") {
					if !strings.Contains(text, word) {
						t.Errorf("it lacks %q:\n%s", word, text)
					}
				}
				for _, word := range append(c.lacks, "alarm", "alert", "halt") {
					if strings.Contains(strings.ToLower(text), word) {
						t.Errorf("it holds %q:\n%s", word, text)
					}
				}
			}
		})
	}
}

// Who sees a list of mails, or their headers, cannot tell such a mail from any
// other receipt.
func TestResourcesLookLikeAnyReceipt(t *testing.T) {
	t.Parallel()
	heads := map[string]string{}
	for _, told := range []Told{"ready", ToldHelp, ToldResources, ToldResourcesLink} {
		l := testLetter(KindReceipt, "name-the-break", "Ann")
		l.Receipt.Told = told
		msg, err := mail.ReadMessage(bytes.NewReader(compose(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		var head strings.Builder
		for _, name := range []string{"From", "To", "Reply-To", "Subject", "Auto-Submitted", "X-Auto-Response-Suppress", "Feedback-ID", "List-Id",
			"List-Unsubscribe", "List-Unsubscribe-Post", "In-Reply-To", "References", "Content-Language"} {
			head.WriteString(name + ": " + msg.Header.Get(name) + "\n")
		}
		heads[head.String()] = string(told)
		if got := msg.Header.Get("Auto-Submitted"); got != "auto-replied" {
			t.Errorf("%s: Auto-Submitted is %q", told, got)
		}
	}
	if len(heads) != 1 {
		t.Errorf("they differ: %v", heads)
	}
}
