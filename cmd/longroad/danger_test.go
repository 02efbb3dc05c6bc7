package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"longroad/internal/pacing"
)

// A reader who asked for a link alone writes that they are in danger: the link
// comes and its page shows the lines; the operator is mailed, sees the alert,
// presses Seen and Release, and the letters go on.
func TestDangerRide(t *testing.T) {
	t.Parallel()
	r := newNewcomer(t)
	r.openForm()
	r.do(chromedp.SetValue("#time_zone", "Europe/London"), chromedp.Click(choice("what may come to this mailbox", "Only a link")))
	r.fillForm("I broke trust")
	r.confirm()
	r.openMail("A first letter", "Dear Ada")
	r.answer("I want to kill myself.", 1)
	r.openMail("Re: A first letter", "nobody has to carry it alone", "/courses/long-road/lines?country=GB")
	if text := r.read("//pre"); strings.Contains(text, "116 123") || strings.Contains(text, "kill") {
		t.Errorf("the mail holds more than a link:\n%s", text)
	}
	r.do(chromedp.Click(linkTo("/lines")), chromedp.WaitVisible(heading("Somebody to talk to")))
	if text := r.read("main"); !strings.Contains(text, "116 123") || !strings.Contains(text, "0808 2000 247") {
		t.Errorf("the page shows:\n%s", text)
	}
	r.quiet(strings.TrimPrefix(r.base, "http://"))
	if told := why(t, r.dir, nil, rider); told.Status != string(pacing.Halted) {
		t.Errorf("the way is %s", told.Status)
	}
	eventually(t, "the operator is mailed", func() bool { return strings.HasPrefix(strings.Join(r.toOperator(), ""), "Longroad: alarm") })

	password, err := os.ReadFile(filepath.Join(r.dir, ".longroad", "operator-password"))
	must(t, err)
	login := "Basic " + base64.StdEncoding.EncodeToString([]byte("operator:"+strings.TrimSpace(string(password))))
	_, err = chromedp.Call(r.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Authorization": login}})
	must(t, err)
	r.do(chromedp.Navigate(r.base+"/operator/"), chromedp.WaitVisible(heading("How things stand")))
	if text := r.read(`//section[@aria-label="Alerts"]`); !strings.Contains(text, "alarm") || !strings.Contains(text, "self-harm") || !strings.Contains(text, "sent") {
		t.Errorf("the alerts show:\n%s", text)
	}
	r.do(chromedp.Click(button("Seen")), chromedp.WaitVisible(`//td[contains(., "seen 20")]`),
		chromedp.Click(button("Release")), chromedp.WaitNotPresent(button("Release")))
	if told := why(t, r.dir, nil, rider); told.Status != string(pacing.Awaiting) {
		t.Errorf("released, the way is %s: %s", told.Status, told.Waits)
	}
	story := longroad(t, r.dir, nil, "why", rider)
	for _, s := range []string{"a worker halted it for safety", "an operator released it", "The mail with help lines"} {
		if !strings.Contains(story, s) {
			t.Errorf("the story does not tell %q:\n%s", s, story)
		}
	}
	if strings.Contains(story, "self-harm") || strings.Contains(story, "said resources") {
		t.Errorf("the story tells too much:\n%s", story)
	}
}

// toOperator lists the subjects of what the operator was mailed.
func (r *newcomer) toOperator() (subjects []string) {
	r.t.Helper()
	answer, err := http.Get(r.base + "/mailbox/messages.json?to=operator@longroad.example")
	must(r.t, err)
	defer answer.Body.Close()
	var mails []struct{ Subject string }
	must(r.t, json.NewDecoder(answer.Body).Decode(&mails))
	for _, m := range mails {
		subjects = append(subjects, m.Subject)
	}
	return subjects
}
