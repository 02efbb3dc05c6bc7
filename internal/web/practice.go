package web

import (
	"net/http"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// practise hears whether practice letters are wanted.
func (s *site) practise(w http.ResponseWriter, r *http.Request, ref token.Ref, wish pacing.EventKind) error {
	v, result, err := s.Road.Turn(r.Context(), ref, pacing.Event{Kind: wish})
	if err != nil {
		return err
	}
	p := mePage{Section: "practice", Told: string(wish)}
	if result.Effect != pacing.Applied {
		p.Told = "unchanged"
	}
	s.showMe(w, r, v, p)
	return nil
}

// practice is what the page says of practice letters: on, off, or "" where there
// is nothing to choose.
func practice(v journey.View) string {
	switch v.State.Status {
	case pacing.Pending, pacing.Halted:
		return ""
	}
	switch {
	case v.Track == nil || !v.Track.Practises() || v.State.Status.Ended():
		return ""
	case v.State.Owed == "" && v.Track.Last(v.State.Lesson): // no letter is waited for
		return ""
	case v.State.Practice.Off:
		return "off"
	}
	return "on"
}
