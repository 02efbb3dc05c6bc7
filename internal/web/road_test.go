package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// fakeRoad is one subscription in memory, moved by the real pacing. It counts
// its calls and, where a test says so, fails on every write.
type fakeRoad struct {
	t        *testing.T
	readOnly bool
	err      error // what every call gives, when set
	panics   bool

	mu      sync.Mutex
	course  *course.Course
	now     time.Time
	sub     token.Ref
	letter  token.Ref
	lesson  *course.Lesson // of the letter
	state   pacing.State
	country string
	signUps []journey.SignUp
	calls   []string
	stopBy  journey.Actor
	answers []journey.Answer
	view    journey.Overview
	alerts  []journey.Alert
	tended  []string // what the operator pressed
	wishes  journey.Preferences
	earlier *pacing.State // how a way before this one ended
	before  *pacing.State // what was said, and where the way stood before it
	said    pacing.EventKind
	undo    journey.UndoState
	side    journey.Side // of the choice; a second way was begun once it has been Second
	begun   bool
	diary   diary
}

func (f *fakeRoad) call(name string, write bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	if write && f.readOnly {
		f.t.Errorf("%s was called, which writes", name)
	}
	if f.panics {
		panic("anna@example.org broke it")
	}
	return f.err
}

func (f *fakeRoad) Courses(context.Context) ([]*course.Course, error) {
	return []*course.Course{f.course}, f.call("Courses", false)
}

func (f *fakeRoad) CurrentCourse(_ context.Context, id string) (*course.Course, error) {
	if err := f.call("CurrentCourse", false); err != nil {
		return nil, err
	}
	if id != f.course.ID {
		return nil, fmt.Errorf("course: %w", journey.ErrNotFound)
	}
	return f.course, nil
}

func (f *fakeRoad) SignUp(_ context.Context, s journey.SignUp) error {
	f.signUps = append(f.signUps, s)
	return f.call("SignUp", true)
}

func (f *fakeRoad) viewOf(withLetter bool) journey.View {
	v := journey.View{Course: f.course, Track: f.course.Track(f.state.Track), Country: f.country, State: f.state, Subscription: f.sub, Preferences: f.wishes}
	if withLetter {
		v.Lesson = f.lesson
	}
	return v
}

func (f *fakeRoad) OpenSubscription(_ context.Context, ref token.Ref) (journey.View, error) {
	if err := f.call("OpenSubscription", false); err != nil {
		return journey.View{}, err
	}
	if ref != f.sub {
		return journey.View{}, fmt.Errorf("subscription: %w", journey.ErrNotFound)
	}
	return f.viewOf(false), nil
}

func (f *fakeRoad) step(e pacing.Event) pacing.Result {
	result, err := pacing.Step(f.course, f.state, e, f.now)
	if err != nil {
		f.t.Fatal(err)
	}
	f.state = result.State
	return result
}

func (f *fakeRoad) Confirm(_ context.Context, ref token.Ref) (journey.View, pacing.Result, error) {
	if err := f.call("Confirm", true); err != nil {
		return journey.View{}, pacing.Result{}, err
	}
	if ref != f.sub {
		return journey.View{}, pacing.Result{}, journey.ErrNotFound
	}
	result := f.step(pacing.Event{Kind: pacing.Confirm})
	return f.viewOf(false), result, nil
}

func (f *fakeRoad) OpenConfirmation(ctx context.Context, ref token.Ref) (journey.View, error) {
	v, err := f.OpenSubscription(ctx, ref)
	v.Earlier = f.earlier != nil && v.State.Status == pacing.Pending
	return v, err
}

func (f *fakeRoad) ConfirmAndGoOn(_ context.Context, ref token.Ref) (journey.View, pacing.Result, error) {
	if err := f.call("ConfirmAndGoOn", true); err != nil {
		return journey.View{}, pacing.Result{}, err
	}
	if ref != f.sub {
		return journey.View{}, pacing.Result{}, journey.ErrNotFound
	}
	result := f.step(pacing.Event{Kind: pacing.Confirm, After: f.earlier})
	return f.viewOf(false), result, nil
}

func (f *fakeRoad) OpenChoice(_ context.Context, ref token.Ref) (journey.Choice, error) {
	if err := f.call("OpenChoice", false); err != nil {
		return journey.Choice{}, err
	}
	return f.choice(ref)
}

// choice is between both tracks of the course. The second way is in memory by
// its side alone.
func (f *fakeRoad) choice(ref token.Ref) (journey.Choice, error) {
	if ref != f.letter {
		return journey.Choice{}, fmt.Errorf("choice: %w", journey.ErrNotFound)
	}
	c := journey.Choice{View: f.viewOf(false), On: f.side, Begun: f.begun, ChangeUntil: f.now.Add(journey.KeepChoices)}
	if f.state.Status.Ended() {
		c.On = journey.Neither
		return c, nil
	}
	c.FirstTrack, c.SecondTrack = f.course.Tracks[0], f.course.Tracks[1]
	if c.On == journey.Second {
		c.Track, c.State = c.SecondTrack, pacing.NewState(c.SecondTrack.ID)
	}
	return c, nil
}

func (f *fakeRoad) Choose(_ context.Context, ref token.Ref, side journey.Side) (journey.Choice, error) {
	if err := f.call("Choose", true); err != nil {
		return journey.Choice{}, err
	}
	before, err := f.choice(ref)
	if err != nil || before.On == journey.Neither {
		return before, err
	}
	f.side, f.begun = side, f.begun || side == journey.Second
	c, err := f.choice(ref)
	c.JustChanged = before.On != side
	return c, err
}

func (f *fakeRoad) Stop(_ context.Context, ref token.Ref, by journey.Actor) (journey.View, error) {
	if err := f.call("Stop", true); err != nil {
		return journey.View{}, err
	}
	if ref != f.sub {
		return journey.View{}, journey.ErrNotFound
	}
	f.stopBy = by
	f.step(pacing.Event{Kind: pacing.Stop})
	return f.viewOf(false), nil
}

func (f *fakeRoad) Return(_ context.Context, ref token.Ref) (journey.View, pacing.Result, error) {
	if err := f.call("Return", true); err != nil {
		return journey.View{}, pacing.Result{}, err
	}
	if ref != f.sub {
		return journey.View{}, pacing.Result{}, journey.ErrNotFound
	}
	result := f.step(pacing.Event{Kind: pacing.Return})
	return f.viewOf(false), result, nil
}

func (f *fakeRoad) Prefer(_ context.Context, ref token.Ref, change func(*journey.Preferences)) (journey.View, bool, error) {
	if err := f.call("Prefer", true); err != nil {
		return journey.View{}, false, err
	}
	if ref != f.sub {
		return journey.View{}, false, journey.ErrNotFound
	}
	before := fmt.Sprintf("%+v", f.wishes)
	change(&f.wishes)
	return f.viewOf(false), before != fmt.Sprintf("%+v", f.wishes), nil
}

func (f *fakeRoad) Turn(_ context.Context, ref token.Ref, e pacing.Event) (journey.View, pacing.Result, error) {
	if err := f.call("Turn", true); err != nil {
		return journey.View{}, pacing.Result{}, err
	}
	if ref != f.sub {
		return journey.View{}, pacing.Result{}, journey.ErrNotFound
	}
	result := f.step(e)
	return f.viewOf(false), result, nil
}

func (f *fakeRoad) OpenDelivery(_ context.Context, ref token.Ref) (journey.View, error) {
	if err := f.call("OpenDelivery", false); err != nil {
		return journey.View{}, err
	}
	if ref != f.letter {
		return journey.View{}, journey.ErrNotFound
	}
	return f.viewOf(true), nil
}

func (f *fakeRoad) Answer(_ context.Context, ref token.Ref, a journey.Answer) (journey.View, pacing.Result, error) {
	if err := f.call("Answer", true); err != nil {
		return journey.View{}, pacing.Result{}, err
	}
	f.answers = append(f.answers, a)
	before := f.state
	result := f.step(a.Event)
	v := f.viewOf(true)
	if result.Effect == pacing.Applied && a.Safety == "" && a.Kind != pacing.Stop {
		f.before, v.Back = &before, "kept of "+string(a.Kind)
	}
	return v, result, nil
}

func (f *fakeRoad) TakeBack(_ context.Context, ref token.Ref, back string) (journey.View, journey.UndoState, error) {
	if err := f.call("TakeBack", true); err != nil {
		return journey.View{}, "", err
	}
	if ref != f.letter {
		return journey.View{}, "", journey.ErrNotFound
	}
	if f.before == nil || !strings.HasPrefix(back, "kept of ") {
		return f.viewOf(true), journey.UndoGone, nil
	}
	f.step(pacing.Event{Kind: pacing.Undo, Before: f.before})
	f.before = nil
	return f.viewOf(true), journey.UndoDone, nil
}

func (f *fakeRoad) Alerts(context.Context, int) ([]journey.Alert, error) {
	return f.alerts, f.call("Alerts", false)
}

func (f *fakeRoad) SeeAlert(_ context.Context, ref token.Ref) error {
	f.tended = append(f.tended, "seen "+ref.String())
	return f.call("SeeAlert", true)
}

func (f *fakeRoad) Release(_ context.Context, ref token.Ref, by journey.Actor) (bool, error) {
	f.tended = append(f.tended, "released "+ref.String()+" by "+string(by))
	return true, f.call("Release", true)
}

// toUndo is what the letter's ref, taken for that of a receipt, takes back.
func (f *fakeRoad) toUndo(ref token.Ref) (journey.Undoing, error) {
	if ref != f.letter || f.before == nil {
		return journey.Undoing{}, fmt.Errorf("undo: %w", journey.ErrNotFound)
	}
	return journey.Undoing{View: f.viewOf(true), Word: f.said, Stands: f.undo, CheckIn: f.letter}, nil
}

func (f *fakeRoad) OpenUndo(_ context.Context, ref token.Ref) (journey.Undoing, error) {
	if err := f.call("OpenUndo", false); err != nil {
		return journey.Undoing{}, err
	}
	return f.toUndo(ref)
}

func (f *fakeRoad) Undo(_ context.Context, ref token.Ref) (journey.Undoing, error) {
	if err := f.call("Undo", true); err != nil {
		return journey.Undoing{}, err
	}
	before, err := f.toUndo(ref)
	if err != nil || before.Stands != journey.UndoOpen {
		return before, err
	}
	f.step(pacing.Event{Kind: pacing.Undo, Before: f.before})
	f.undo = journey.UndoDone
	u, err := f.toUndo(ref)
	u.JustNow = true
	return u, err
}

func (f *fakeRoad) Overview(context.Context) (journey.Overview, error) {
	return f.view, f.call("Overview", false)
}

// house is a site with a fake road, and what a test needs to walk it.
type house struct {
	*fakeRoad
	tokens  *token.Ring
	handler http.Handler
	log     *strings.Builder
}

const password = "a long enough password"
