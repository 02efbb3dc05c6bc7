package journey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// onTrack signs somebody up for a track and sends its first letter.
func (p *post) onTrack(email, track string) (store.Subscription, store.Delivery) {
	p.t.Helper()
	p.signUp(email, track)
	p.send()
	_, _, err := p.road.Confirm(p.t.Context(), p.subscription(email).Ref)
	must(p.t, err)
	p.send()
	sub := p.subscription(email)
	return sub, p.last(sub)
}

// receipts is what the receipts of a subscription would tell now, and what a
// worker would send of them.
func (p *post) receipts(sub store.Subscription) (told []mailer.Told, jobs []journey.Job) {
	p.t.Helper()
	all, err := p.road.Store.DeliveriesOf(p.t.Context(), sub.ID)
	must(p.t, err)
	var ids []int64
	for _, d := range all {
		if d.Kind() == store.ReceiptStep {
			ids = append(ids, d.ID)
		}
	}
	jobs, err = p.road.Take(p.t.Context(), "w", ids)
	must(p.t, err)
	for _, j := range jobs {
		told = append(told, j.Receipt.Told)
	}
	return told, jobs
}

// Whatever is said to a safety question, its receipt is the same, and nobody can
// take it back by it.
func TestSafetyReceipts(t *testing.T) {
	t.Parallel()
	var first mailer.Receipt
	for _, answer := range []string{"yes", "no", "unsure"} {
		p := newPost(t)
		sub, letter := p.onTrack("ann@example.org", "hurt-partner")
		p.writes(letter, "", answer)
		if got := p.subscription("ann@example.org").Safe; got != answer {
			t.Errorf("%s: the answer is kept as %q", answer, got)
		}
		told, jobs := p.receipts(sub)
		if len(jobs) != 1 || told[0] != mailer.ToldSafety || jobs[0].Undo {
			t.Fatalf("%s: %v", answer, told)
		}
		kept, err := p.road.Store.Receipt(t.Context(), jobs[0].Delivery.ID)
		must(t, err)
		if kept.Answer != journey.SafetyAnswered || kept.Effect != "" || kept.EventID != 0 {
			t.Errorf("%s: kept is %+v", answer, kept)
		}
		now := *jobs[0].Receipt
		now.Open = false // it says only what the page would ask, and no receipt on safety shows that
		if answer == "yes" {
			first = now
		} else if now != first {
			t.Errorf("%s tells %+v, yes told %+v", answer, now, first)
		}
		if _, err := p.road.OpenUndo(t.Context(), jobs[0].Delivery.Ref); err == nil {
			t.Errorf("%s can be taken back", answer)
		}
	}
}

// What a reader allows by mail holds for receipts too.
func TestReceiptsAndWishes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wish, track, text string
		want              []mailer.Told
	}{
		{store.CrisisFull, "offender", "help", []mailer.Told{mailer.ToldHelp}},
		{store.CrisisLink, "offender", "help", []mailer.Told{mailer.ToldHelpLink}},
		{store.CrisisNone, "offender", "help", []mailer.Told{mailer.ToldHelpLink}},
		{store.CrisisLink, "hurt-partner", "no", []mailer.Told{mailer.ToldSafety}},
		{store.CrisisNone, "hurt-partner", "no", nil},
		{store.CrisisNone, "hurt-partner", "yes", nil},
		{store.CrisisFull, "offender", "He hit me last night.", nil}, // the help lines are the answer
		{store.CrisisFull, "offender", "not yet. I am not afraid of him any more.", []mailer.Told{"not-yet"}},
	} {
		t.Run(c.wish+" "+c.text, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			sub, letter := p.onTrack("ann@example.org", c.track)
			p.wants(sub, c.wish)
			p.writes(letter, "", c.text)
			if told, _ := p.receipts(sub); !slices.Equal(told, c.want) {
				t.Errorf("told %v, want %v", told, c.want)
			}
		})
	}
}

// Who has not confirmed gets no receipt, nor who is on another way.
func TestNobodyToAnswer(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.signUp("ann@example.org", "offender")
	p.send()
	sub := p.subscription("ann@example.org")
	p.writes(p.last(sub), "", "yes please")
	if told, _ := p.receipts(sub); told != nil {
		t.Errorf("to who has not confirmed: %v", told)
	}
	old, letter := p.onTrack("bo@example.org", "offender")
	p.stands(old, pacing.Completed)
	p.writes(letter, "", "ready")
	if told, _ := p.receipts(old); !slices.Equal(told, []mailer.Told{mailer.ToldCompleted}) {
		t.Errorf("at the end: %v", told)
	}
	p.onTrack("bo@example.org", "offender")
	p.writes(letter, "Message-ID: <again@example.org>\n", "slower")
	if told, _ := p.receipts(old); told != nil {
		t.Errorf("on a way that ended before another: %v", told)
	}
}

// onOther publishes another course, of the lessons named, and brings a reader to
// its first letter.
func (p *post) onOther(email string, lessons ...string) (store.Subscription, store.Delivery) {
	p.t.Helper()
	files := fstest.MapFS{
		"course.yaml": {Data: []byte("course: other\ntitle: Other\nlanguage: en\nsender: Other Letters\nwindow: {days: [mon], at: \"09:00\", until: \"20:00\"}\n" +
			"tracks:\n  one:\n    title: One\n    stages:\n      - {id: only, title: Only, gap: 3d, gate: ready, lessons: [" + strings.Join(lessons, ", ") + "]}\n")},
		"_snippets/footer.md": {Data: []byte("Be safe.\n")},
	}
	for _, id := range lessons {
		files["one/"+id+".md"] = &fstest.MapFile{Data: []byte("---\nid: " + id + "\nsubject: A letter\ncheck_in: {question: Ready?}\n---\nHello. {{snippet \"footer\"}}\n")}
	}
	c, report := course.Load(files)
	must(p.t, report.Err())
	kept, err := course.Files(files)
	must(p.t, err)
	_, err = p.road.Publish(p.t.Context(), c, kept, "test")
	must(p.t, err)
	must(p.t, p.road.SignUp(p.t.Context(), journey.SignUp{Course: "other", Track: "one", Email: email, TimeZone: "Europe/London",
		ConsentVersion: "1", AdultVersion: "1", How: "form"}))
	must(p.t, p.road.Decide(p.t.Context(), p.told.intakes[len(p.told.intakes)-1]))
	p.send()
	sub := p.subscription(email)
	_, _, err = p.road.Confirm(p.t.Context(), sub.Ref)
	must(p.t, err)
	p.send()
	return sub, p.last(sub)
}

// The answers to the last letter promise no other.
func TestReceiptsOfTheLastLetter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		said string
		want mailer.Told
		asks bool // when it is asked again
	}{
		{"ready", mailer.ToldLast, false},
		{"not yet", "not-yet", true},
		{"slower", "slower", false},
		{"thank you for all of this", mailer.ToldHeard, false},
	} {
		t.Run(c.said, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			sub, letter := p.onOther("ann@example.org", "only")
			p.writes(letter, "", c.said)
			told, jobs := p.receipts(sub)
			if !slices.Equal(told, []mailer.Told{c.want}) || len(jobs) != 1 {
				t.Fatalf("told %v", told)
			}
			if r := jobs[0].Receipt; !r.Next.IsZero() || r.Asked.IsZero() == c.asks {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A person gets three a day, over all that comes to them.
func TestReceiptsOfAPerson(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	first, letter := p.onTrack("ann@example.org", "offender")
	second, other := p.onOther("ann@example.org", "a", "b")
	for i := range 3 {
		id := fmt.Sprintf("Message-ID: <%d@example.org>\n", i)
		p.writes(letter, id, []string{"slower", "faster"}[i%2])
		p.writes(other, id, []string{"slower", "faster"}[i%2])
	}
	one, _ := p.receipts(first)
	two, _ := p.receipts(second)
	if len(one)+len(two) != 3 {
		t.Errorf("%v and %v", one, two)
	}
	if _, why := p.story(second); !strings.HasPrefix(why, "no answer to that mail") {
		t.Errorf("the story ends with %q", why)
	}
	p.now = time.Date(p.now.Year(), p.now.Month(), p.now.Day()+1, 0, 1, 0, 0, time.UTC)
	p.writes(letter, "Message-ID: <4@example.org>\n", "faster")
	if told, _ := p.receipts(first); len(told) != 1 {
		t.Errorf("on the next day: %v", told)
	}
}

// Two presses at once take back once.
func TestUndoTwiceAtOnce(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub, letter := p.onTrack("ann@example.org", "offender")
	p.writes(letter, "", "slower")
	_, jobs := p.receipts(sub)
	done := make(chan journey.Undoing, 2)
	for range cap(done) {
		go func() {
			u, err := p.road.Undo(t.Context(), jobs[0].Delivery.Ref)
			if err != nil {
				t.Error(err)
			}
			done <- u
		}()
	}
	a, b := <-done, <-done
	if a.JustNow == b.JustNow || a.Stands != journey.UndoDone || b.Stands != journey.UndoDone {
		t.Errorf("%v %s, %v %s", a.JustNow, a.Stands, b.JustNow, b.Stands)
	}
	if kinds, _ := p.story(sub); strings.Count(strings.Join(kinds, " "), "undo") != 1 {
		t.Errorf("the story: %v", kinds)
	}
}

// An answer on a page can be taken back by what the page kept of it, once, from
// the same letter's page, while nothing else has happened.
func TestTakeBack(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub, letter := p.onTrack("ann@example.org", "offender")
	_, strange := p.onTrack("bo@example.org", "offender")
	before := p.subscription("ann@example.org").State
	answer := func(kind pacing.EventKind) string {
		t.Helper()
		v, _, err := p.road.Answer(t.Context(), letter.Ref, journey.Answer{Event: pacing.Event{Kind: kind}})
		must(t, err)
		return v.Back
	}
	takeBack := func(d store.Delivery, back string, want journey.UndoState) {
		t.Helper()
		_, stands, err := p.road.TakeBack(t.Context(), d.Ref, back)
		must(t, err)
		if stands != want {
			t.Errorf("it is %q, want %q", stands, want)
		}
	}
	back := answer(pacing.Repeat)
	for _, never := range []string{"", "x", back[:len(back)-2], back + "x", strings.ToLower(back)} {
		takeBack(letter, never, journey.UndoGone)
	}
	takeBack(strange, back, journey.UndoGone)
	takeBack(letter, back, journey.UndoDone)
	if now := p.subscription("ann@example.org").State; now.Status != before.Status || !now.DueAt.Equal(before.DueAt) || now.Occasion != before.Occasion {
		t.Errorf("stands at %+v, stood at %+v", now, before)
	}
	takeBack(letter, back, journey.UndoGone)
	back = answer(pacing.Slower)
	answer(pacing.NotYet)
	takeBack(letter, back, journey.UndoGone)
	if now := p.subscription("ann@example.org").State; now.Pace != 1.5 || now.Status != pacing.Holding {
		t.Errorf("what came later is lost: %+v", now)
	}
	for _, kind := range []pacing.EventKind{pacing.NotYet, pacing.Help, pacing.Stop} {
		if back := answer(kind); back != "" {
			t.Errorf("%s can be taken back", kind)
		}
	}
	if kinds, _ := p.story(sub); strings.Count(strings.Join(kinds, " "), "undo") != 1 {
		t.Errorf("the story: %v", kinds)
	}
}
