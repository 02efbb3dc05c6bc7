package pacing

import "time"

// undo takes back what a reader's word has changed: the way stands again as it
// did before, as far as time allows. What was to come later than now comes when
// it was to come; for all else the time is found anew. Never taken back are an
// end, a halt, an answer on safety, and anything since which a mail has gone.
func (w *walk) undo(before *State) (Effect, error) {
	s := &w.s
	switch {
	case s.Status == Stopped || s.Status == Suppressed:
		return Ended, nil
	case before == nil || s.Status == Halted || s.Unsafe && !before.Unsafe:
		return Unchanged, nil
	case before.Status == Halted || before.Status == Stopped || before.Status == Suppressed:
		return Unchanged, nil
	case w.movedSince(*before):
		return Stale, nil
	}
	next, due := before.Ahead()
	reader, practice := s.Reader, s.Practice
	practice.Off = before.Practice.Off
	*s = *before
	s.Reader, s.Practice = reader, practice
	s.Practice.Behind, s.Practice.BehindAt = nil, time.Time{}
	s.Sending = nil // it was withdrawn or cancelled, and is owed anew
	w.inWindow = due.Before(w.now)
	if err := w.settle(); err != nil {
		return "", err
	}
	if s.Next != nil && next != nil && *s.Next == *next && due.After(w.now) {
		s.DueAt = due
	}
	return Applied, nil
}

// movedSince reports whether a mail of the way has gone or was let go since, or is
// about to go, or whether the way has only begun since.
func (w *walk) movedSince(before State) bool {
	s := w.s
	return s.Sending != nil || s.Track != before.Track || s.From.IsZero() != before.From.IsZero() ||
		s.Lesson != before.Lesson || s.Goodbye != before.Goodbye || !s.SentAt.Equal(before.SentAt) || !s.MailedAt.Equal(before.MailedAt)
}
