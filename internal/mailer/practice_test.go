package mailer

import (
	"bytes"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/templates"
)

// TestPracticeLetter: the author's words, no question, no thread, and a way to
// have no more of them.
func TestPracticeLetter(t *testing.T) {
	t.Parallel()
	composer, err := NewComposer(templates.FS, testHouse())
	if err != nil {
		t.Fatal(err)
	}
	l := testLetter(string(pacing.KindPractice), "walk", "Ann")
	stage := l.Course.Tracks[0].Stages[0]
	stage.Practice = []*course.Lesson{{ID: "walk", Texts: map[string]course.Text{"en": {Subject: "A walk", Title: "Half an hour", Body: "Walk, {{.Name | or \"reader\"}}.\n\n{{snippet \"footer\"}}\n"}}}}
	l.Thread = ""
	if _, err := composer.Compose(l); err == nil || !strings.Contains(err.Error(), "preferences link") {
		t.Errorf("without a way to have no more of them: %v", err)
	}
	l.Links.Preferences = "https://letters.example.org/me/aeaqabzx"
	raw, err := composer.Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	mail, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got := mail.GetHeader("Subject"); got != "A walk" || mail.GetHeader("In-Reply-To") != "" || mail.GetHeader("List-Unsubscribe") == "" {
		t.Errorf("subject %q, headers %v", got, mail.GetHeaderKeys())
	}
	for part, text := range map[string]string{"text": mail.Text, "html": mail.HTML} {
		for _, says := range []string{"Walk, Ann.", "No more practice letters", "https://letters.example.org/me/aeaqabzx#practice", "In danger?", "Stop these letters"} {
			if !strings.Contains(text, says) {
				t.Errorf("%s lacks %q:\n%s", part, says, text)
			}
		}
		if strings.Contains(text, "/checkin/") {
			t.Errorf("%s asks:\n%s", part, text)
		}
	}
}
