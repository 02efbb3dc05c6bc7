package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"

	"longroad/internal/journey"
	"longroad/internal/token"
)

// refusal is a fault of the request, which is answered and not logged.
type refusal int

func (e refusal) Error() string { return http.StatusText(int(e)) }

// errBadLink means that a token is not ours, or that its row is gone.
var errBadLink = errors.New("the link does not work")

// statusOf is the one way from an error to a status.
func statusOf(err error) int {
	var refused refusal
	var early tooMany
	var tooLarge *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &refused):
		return int(refused)
	case errors.As(err, &early):
		return http.StatusTooManyRequests
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errBadLink), errors.Is(err, token.ErrInvalid), errors.Is(err, journey.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// fail answers an error: with a page, or for a program an object, that says
// nothing of the inside, and a log line where the fault is ours.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the reader has gone
	}
	status := statusOf(err)
	if status >= http.StatusInternalServerError {
		s.Log.ErrorContext(r.Context(), "a request failed", slog.String("route", r.Pattern), slog.Any("error", err))
	}
	if isLink(r) && status == http.StatusNotFound {
		s.show(w, r, status, "error", errorPage{BadLink: true})
		return
	}
	setRetryAfter(w, err)
	s.showError(w, r, status)
}

// setRetryAfter says how long to wait, where an error knows.
func setRetryAfter(w http.ResponseWriter, err error) {
	var early tooMany
	if errors.As(err, &early) {
		w.Header().Set("Retry-After", strconv.Itoa(early.seconds()))
	}
}

// errorPage is what error.html shows.
type errorPage struct {
	Status  int
	BadLink bool
	Minutes int // to wait, with 429; rounded up
}

func (s *site) showError(w http.ResponseWriter, r *http.Request, status int) {
	p := errorPage{Status: status}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", "60")
		}
		seconds, _ := strconv.Atoi(w.Header().Get("Retry-After")) // it is ours
		p.Minutes = (seconds + 59) / 60
	}
	if isAPI(r) {
		s.showJSON(w, status, map[string]string{"error": apiSentence(status)})
		return
	}
	s.show(w, r, status, "error", p)
}

// isLink reports whether the request came by a link with a token.
func isLink(r *http.Request) bool { return r.PathValue("token") != "" }

func (s *site) notFound(http.ResponseWriter, *http.Request) error {
	return refusal(http.StatusNotFound)
}

// wrongMethod answers 405 with the methods that a path knows (RFC 9110 section 15.5.6).
func wrongMethod(allow string) page {
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Allow", allow)
		return refusal(http.StatusMethodNotAllowed)
	}
}
