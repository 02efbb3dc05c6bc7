package web

import (
	"context"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// Courses tells which courses can be signed up for.
type Courses interface {
	// Courses lists the published courses.
	Courses(ctx context.Context) ([]*course.Course, error)
	// CurrentCourse gives a course's current version, or journey.ErrNotFound.
	CurrentCourse(ctx context.Context, id string) (*course.Course, error)
}

// SignUps takes what somebody filled in. The work is the same for every address.
type SignUps interface {
	SignUp(ctx context.Context, s journey.SignUp) error
}

// Subscriptions are what confirm and unsubscribe links point to. All methods
// give journey.ErrNotFound when there is no such subscription.
type Subscriptions interface {
	OpenSubscription(ctx context.Context, ref token.Ref) (journey.View, error)
	// OpenConfirmation is OpenSubscription; it knows too whether there is an
	// earlier way to go on with.
	OpenConfirmation(ctx context.Context, ref token.Ref) (journey.View, error)
	Confirm(ctx context.Context, ref token.Ref) (journey.View, pacing.Result, error)
	ConfirmAndGoOn(ctx context.Context, ref token.Ref) (journey.View, pacing.Result, error)
	// Stop ends a subscription; stopping twice is no error.
	Stop(ctx context.Context, ref token.Ref, by journey.Actor) (journey.View, error)
	// Return takes a stop back.
	Return(ctx context.Context, ref token.Ref) (journey.View, pacing.Result, error)
}

// Choices are what the mails ask that go to who is on one track and was signed up
// for another. Both methods give journey.ErrNotFound once a choice was let go.
type Choices interface {
	// OpenChoice shows a choice, by the mail that asks; it changes nothing.
	OpenChoice(ctx context.Context, ref token.Ref) (journey.Choice, error)
	// Choose lets the letters of one side come; what is so already stays as it is.
	Choose(ctx context.Context, ref token.Ref, side journey.Side) (journey.Choice, error)
}

// Wishes are what readers choose about how the letters come. Both methods give
// journey.ErrNotFound when there is no such subscription.
type Wishes interface {
	// Prefer changes preferences; it reports whether anything was changed.
	Prefer(ctx context.Context, ref token.Ref, change func(*journey.Preferences)) (journey.View, bool, error)
	// Turn takes slower, faster, pause and resume.
	Turn(ctx context.Context, ref token.Ref, e pacing.Event) (journey.View, pacing.Result, error)
}

// Deliveries are the mails whose check-in links are answered here. All methods
// give journey.ErrNotFound when there is no such delivery.
type Deliveries interface {
	OpenDelivery(ctx context.Context, ref token.Ref) (journey.View, error)
	Answer(ctx context.Context, ref token.Ref, a journey.Answer) (journey.View, pacing.Result, error)
	// TakeBack takes back what was just answered, by the view's Back.
	TakeBack(ctx context.Context, ref token.Ref, back string) (journey.View, journey.UndoState, error)
}

// Undos are what receipts' links take back. Both methods give journey.ErrNotFound
// for a receipt that changed nothing.
type Undos interface {
	// OpenUndo shows what would be taken back; it changes nothing.
	OpenUndo(ctx context.Context, ref token.Ref) (journey.Undoing, error)
	// Undo takes it back; undoing twice is no error.
	Undo(ctx context.Context, ref token.Ref) (journey.Undoing, error)
}

// Overviews shows an operator how things stand.
type Overviews interface {
	Overview(ctx context.Context) (journey.Overview, error)
	// Alerts lists mails that tell of danger, those that nobody has seen first.
	Alerts(ctx context.Context, limit int) ([]journey.Alert, error)
}

// Tending is what an operator does about alerts. Both methods give
// journey.ErrNotFound when there is no such thing.
type Tending interface {
	// SeeAlert notes that an operator has seen an alert.
	SeeAlert(ctx context.Context, ref token.Ref) error
	// Release ends a subscription's halt; it reports whether there was one.
	Release(ctx context.Context, ref token.Ref, by journey.Actor) (bool, error)
}

// Road is everything that the pages need from the rooms below.
type Road interface {
	Courses
	SignUps
	Subscriptions
	Choices
	Wishes
	Deliveries
	Undos
	Overviews
	Tending
	Journals
}
