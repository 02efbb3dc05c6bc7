package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"longroad/internal/inbound/meant"
	"longroad/internal/journey"
	"longroad/internal/pacing"
)

// A reader who answers in words of their own: not yet, and the next letter waits;
// ready, taken back, and ready once more; and it comes. Each word has its receipt.
func TestReplyRide(t *testing.T) {
	t.Parallel()
	r := newNewcomer(t)
	r.openForm()
	r.do(chromedp.SetValue("#time_zone", "Europe/London"))
	r.fillForm("I broke trust")
	r.confirm()
	r.openMail("A first letter", "Dear Ada")
	r.answer("not yet, sorry, it's been a hard week", 1)
	r.openMail("Re: A first letter", "Noted: not yet.", "The question is asked again, not before", "education, not therapy", "/undo/")
	if text := r.read("//pre"); strings.Contains(text, "hard week") {
		t.Errorf("the receipt repeats what was written:\n%s", text)
	}

	r.nextLetter() // the question, and no letter
	if newest := r.subjects()[0]; newest != "A note about your letters" {
		t.Errorf("after a not yet comes %q", newest)
	}
	r.openMail("A note about your letters", "not yet")
	r.answer("ok, I'm ready now", 2)
	r.openMail("Re: A first letter", "Noted: ready.", "The next letter comes not before")
	r.do(chromedp.Click(linkTo("/undo/")), chromedp.WaitVisible(heading("Take it back?")))
	r.quiet(strings.TrimPrefix(r.base, "http://"))
	r.do(chromedp.Click(button("Take it back")), chromedp.WaitVisible(heading("Taken back")))
	if told := why(t, r.dir, nil, rider); told.Status != string(pacing.Awaiting) {
		t.Errorf("a ready that was taken back leaves the way %s: %s", told.Status, told.Waits)
	}

	r.openMail("A note about your letters", "not yet")
	r.answer("ok, I'm ready now", 3)
	r.nextLetter()
	r.openMail("A pen and fifteen minutes", "Dear Ada")
	page := longroad(t, r.dir, nil, "why", rider)
	for _, s := range []string{
		"the reader answered not yet by mail", "the reader answered ready by mail", "the reader took it back on a page",
		"The short answer to a reply to before-setting-off, which said not yet", "which said ready",
	} {
		if !strings.Contains(page, s) {
			t.Errorf("the story does not tell %q:\n%s", s, page)
		}
	}
}

// answer replies to the mail that is open, and waits for as many receipts in all.
func (r *newcomer) answer(text string, receipts int) {
	r.t.Helper()
	r.do(chromedp.SendKeys("//textarea", text), chromedp.Click(button("Send the reply")), chromedp.WaitVisible(".note"))
	eventually(r.t, "the answer to “"+text+"” has come", func() bool {
		n := 0
		for _, subject := range r.subjects() {
			if strings.HasPrefix(subject, "Re: ") {
				n++
			}
		}
		return n == receipts
	})
}

// write lets the reader answer the newest mail that is no receipt, and a worker
// read it and answer.
func (b *bench) write(text string, want bool) {
	b.t.Helper()
	b.reply(ada, text)
	for _, id := range b.replies {
		b.must(b.road.Read(b.t.Context(), id))
	}
	b.replies = nil
	if _, err := b.road.Sweep(b.t.Context(), 10); err != nil {
		b.t.Fatal(err)
	}
	if want != (len(b.deliveries) == 1) {
		b.t.Fatalf("after %q %d mails are owed", text, len(b.deliveries))
	}
	if want {
		b.sent()
	}
}

// The story tells what was answered, what went back, and what was taken back.
func TestWhyTellsReceipts(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	meaning, err := meant.New(nil)
	b.must(err)
	b.road.Meaning = meaning
	b.at("2027-03-01 10:00")
	b.signUp(ada)
	b.sent()
	_, _, err = b.road.Confirm(t.Context(), b.subscription(ada).Ref)
	b.must(err)
	b.claim()
	b.sent()
	b.at("2027-03-01 11:00")
	b.write("not yet", true)
	b.at("2027-03-01 11:10")
	_, err = b.road.Undo(t.Context(), b.last(ada).Ref)
	b.must(err)
	b.at("2027-03-01 11:20")
	b.write("It was a long talk, and we cried.", true)
	b.at("2027-03-01 11:30")
	b.write("pause for two weeks", true)
	b.at("2027-03-01 11:40")
	b.write("resume", false)
	got := try(t, b.env, "why", ada)
	if got.code != exitFine || strings.Contains(got.out, "cried") {
		t.Fatalf("%+v", got)
	}
	golden(t, "why-receipts.txt", got.out)
	if got := b.subscription(ada).State.Status; got != pacing.Awaiting {
		t.Errorf("in the end it is %s", got)
	}
	events, err := b.store.EventsOf(t.Context(), b.subscription(ada).ID)
	b.must(err)
	if last := events[len(events)-1]; last.Kind != journey.KindReceipt {
		t.Errorf("the story ends with %+v", last)
	}
}
