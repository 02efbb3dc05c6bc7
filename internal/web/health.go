package web

import (
	"log/slog"
	"net/http"
)

// health says that the process lives, and asks nobody else.
func (s *site) health(w http.ResponseWriter, _ *http.Request) error {
	return plain(w, http.StatusOK, "ok\n")
}

// ready says whether requests can be served. Its reason is a code: the error
// itself may tell too much of the inside.
func (s *site) ready(w http.ResponseWriter, r *http.Request) error {
	if err := s.Ready(r.Context()); err != nil {
		s.Log.WarnContext(r.Context(), "not ready", slog.Any("error", err))
		return plain(w, http.StatusServiceUnavailable, "database\n")
	}
	return plain(w, http.StatusOK, "ready\n")
}

func plain(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a client who has gone needs no answer
	return nil
}
