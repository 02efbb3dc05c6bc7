package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"longroad/internal/course"
)

// newcomer is a person on the way through the whole service: dev in a process of
// its own and a browser.
type newcomer struct {
	*browser
	dir, base string
}

func newNewcomer(t *testing.T) *newcomer {
	t.Helper()
	dir := folder(t)
	began := time.Now()
	dev := launch(t, dir, []string{"LONGROAD_HTTP_ADDR=127.0.0.1:0"}, "dev")
	base := dev.await(`Sign-up form +(http://\S+)/$`)[1]
	if took := time.Since(began); took > time.Minute {
		t.Errorf("dev was ready after %s", took)
	}
	if mailbox := dev.await(`Mailbox +(http://\S+)$`)[1]; mailbox != base+"/mailbox/" {
		t.Errorf("the mailbox is at %s, the form at %s", mailbox, base)
	}
	return &newcomer{browser: newBrowser(t), dir: dir, base: base}
}

// The whole way of either track, in a browser, by typing and clicking alone.
func TestRide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		track, choose, answer string
		lessons               [2]string
		first, second         string
	}{
		{"offender", "I broke trust", "ready", [2]string{"before-setting-off", "name-the-break"},
			"Before setting off", "Name the break"},
		{"hurt-partner", "I was hurt", "yes", [2]string{"you-may-stop-here", "what-broke-for-you"},
			"You may stop here", "What broke for you"},
	} {
		t.Run(c.track, func(t *testing.T) {
			t.Parallel()
			r := newNewcomer(t)
			_, err := chromedp.Call(r.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/London"})
			must(t, err)
			r.openForm()
			if zone, err := chromedp.Run(r.ctx, chromedp.Value("#time_zone")); err != nil || zone != "Europe/London" {
				t.Errorf("the form guesses the zone %q, %v", zone, err)
			}
			r.fillForm(c.choose)
			r.confirm()
			r.openMail("A first letter", "Dear Ada", c.first)
			r.do(chromedp.Click(linkTo("/checkin/")), chromedp.WaitVisible(heading("Your answer")),
				chromedp.Click(`//button[@value="`+c.answer+`"]`), chromedp.WaitVisible(heading("Noted")))
			r.nextLetter()
			r.openMail("A pen and fifteen minutes", "Dear Ada", c.second)
			r.quiet(strings.TrimPrefix(r.base, "http://"))
			r.explained(c.lessons, "reader:page")
		})
	}
}

// A reader with a phone whose browser runs no scripts answers by mail.
func TestRideOnAPhone(t *testing.T) {
	t.Parallel()
	r := newNewcomer(t)
	_, err := chromedp.Call(r.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	must(t, err)
	r.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	r.openForm()
	if zone, err := chromedp.Run(r.ctx, chromedp.Value("#time_zone")); err != nil || zone != "" {
		t.Errorf("a script guessed the zone %q, %v", zone, err)
	}
	r.do(chromedp.SendKeys("#time_zone", "London"))
	r.fillForm("I broke trust")
	r.confirm()
	r.openMail("A first letter", "Dear Ada")
	r.do(chromedp.SendKeys("//textarea", "ready"), chromedp.Click(button("Send the reply")), chromedp.WaitVisible(".note"))
	r.openMail("Re: A first letter", "Noted: ready.")
	r.nextLetter()
	r.openMail("A pen and fifteen minutes", "Dear Ada")
	r.quiet(strings.TrimPrefix(r.base, "http://"))
	r.explained([2]string{"before-setting-off", "name-the-break"}, "reader:mail")
}

const rider = "ada@example.org"

// openForm comes to the form as somebody does who was told the address.
func (r *newcomer) openForm() {
	r.t.Helper()
	r.do(chromedp.Navigate(r.base+"/"), chromedp.Click(link("Sign up")), chromedp.WaitVisible(heading("Sign up")))
}

// fillForm fills in all but the zone, and sends it.
func (r *newcomer) fillForm(track string) {
	r.t.Helper()
	r.do(chromedp.Click(choice("Which letters", track)),
		chromedp.SendKeys("#email", rider),
		chromedp.Click(choice("Who can open", "Only I")),
		chromedp.SendKeys("#name", "Ada"),
		chromedp.SendKeys("#country", "United Kingdom"),
		chromedp.Click(choice("Do you feel safe", "Yes")),
		chromedp.Click("#adult"),
		chromedp.Click("#consent"),
		chromedp.Click(button("Send me the mail")),
		chromedp.WaitVisible(heading("Look at your mailbox")))
}

// confirm follows the link of the mail that asks for it.
func (r *newcomer) confirm() {
	r.t.Helper()
	r.openMail("Please confirm your letters")
	r.do(chromedp.Click(linkTo("/confirm/")), chromedp.Click(button("Yes, send me the letters")),
		chromedp.WaitVisible(heading("You are in")))
}

// openMail waits until a mail is in the mailbox, opens it there and expects it
// to say certain things.
func (r *newcomer) openMail(subject string, says ...string) {
	r.t.Helper()
	eventually(r.t, "the mail “"+subject+"” has come", func() bool { return slices.Contains(r.subjects(), subject) })
	r.do(chromedp.Navigate(r.base+"/mailbox/"), chromedp.Click(link(subject)),
		chromedp.WaitVisible(heading(subject)), chromedp.WaitVisible("//iframe"))
	r.follow(link("Text"), "//pre")
	text := strings.Join(strings.Fields(r.read("//pre")), " ")
	for _, s := range append(says, "Long Road Letters", "1 Example Street") {
		if !strings.Contains(text, s) {
			r.t.Errorf("“%s” does not say %q:\n%s", subject, s, text)
		}
	}
}

// nextLetter moves the clock, on the mailbox's page, until a letter has come.
func (r *newcomer) nextLetter() {
	r.t.Helper()
	before := len(r.subjects())
	r.do(chromedp.Navigate(r.base+"/mailbox/"), chromedp.Click(button("To the next letter")),
		chromedp.WaitVisible(fmt.Sprintf("ul.letters li:nth-child(%d)", before+1)))
	if after := len(r.subjects()); after != before+1 {
		r.t.Errorf("%d mails came, want one", after-before)
	}
}

// subjects lists what the mailbox holds, the newest first.
func (r *newcomer) subjects() []string {
	r.t.Helper()
	answer, err := http.Get(r.base + "/mailbox/messages.json?to=" + rider)
	must(r.t, err)
	defer answer.Body.Close()
	var mails []struct{ Subject string }
	must(r.t, json.NewDecoder(answer.Body).Decode(&mails))
	var all []string
	for _, m := range mails {
		all = append(all, m.Subject)
	}
	return all
}

// explained asks `longroad why`, beside dev, to explain every letter: due when,
// sent when, answered what, tried how.
func (r *newcomer) explained(lessons [2]string, by string) {
	t := r.t
	t.Helper()
	told := why(t, r.dir, nil, rider)
	told.Letters = slices.DeleteFunc(told.Letters, func(l letter) bool { return l.Kind == "receipt" })
	if len(told.Letters) != 3 {
		t.Fatalf("%d letters are explained, want the confirmation and two", len(told.Letters))
	}
	for i, l := range told.Letters {
		if lesson := append([]string{""}, lessons[:]...)[i]; l.Lesson != lesson {
			t.Errorf("letter %d is %q, want %q", i, l.Lesson, lesson)
		}
		if late := l.SentAt.Sub(l.DueAt); l.State != "sent" || l.DueAt.IsZero() || late < 0 || late > time.Minute {
			t.Errorf("letter %d: %s, due %s, sent %s", i, l.State, l.DueAt, l.SentAt)
		}
		if l.tries() != "sent" || l.Attempts[0].Code != 250 {
			t.Errorf("letter %d: tried %+v", i, l.Attempts)
		}
	}
	first, second := told.Letters[1], told.Letters[2]
	if i := slices.IndexFunc(first.Moments, func(m moment) bool { return m.What == "ready" }); i < 0 || first.Moments[i].By != by {
		t.Errorf("the answer to the first letter is told as %+v", first.Moments)
	}
	london, err := time.LoadLocation("Europe/London")
	must(t, err)
	due := second.DueAt.In(london)
	if day := due.Weekday(); due.Format("15:04:05") != "09:00:00" || day != time.Tuesday && day != time.Saturday {
		t.Errorf("the second letter was due at %s", due)
	}
	if gap := due.Sub(first.SentAt); gap < 2*24*time.Hour || gap > 8*24*time.Hour {
		t.Errorf("the second letter was due %s after the first", gap)
	}
	page := longroad(t, r.dir, nil, "why", rider)
	for _, s := range append(lessons[:], "confirm", "250", course.Hour(9*60).String()) {
		if !strings.Contains(page, s) {
			t.Errorf("the story does not tell of %q:\n%s", s, page)
		}
	}
}
