package web

import (
	"net/http"
	"time"

	"longroad/internal/pacing"
	"longroad/internal/token"
)

// refOf reads the token in the path for one purpose.
func (s *site) refOf(r *http.Request, purpose token.Purpose) (token.Ref, error) {
	return s.Tokens.Verify(purpose, r.PathValue("token"))
}

// nextLetter is when the next letter comes at the earliest, in the reader's own
// zone; zero when that is not settled or already past.
func nextLetter(state pacing.State, now time.Time) time.Time {
	next, due := state.Ahead()
	if next == nil || next.Kind != pacing.KindLesson || !due.After(now) {
		return time.Time{}
	}
	return due.In(zoneOf(state))
}

func zoneOf(state pacing.State) *time.Location {
	if state.Reader.Zone == nil {
		return time.UTC
	}
	return state.Reader.Zone
}
