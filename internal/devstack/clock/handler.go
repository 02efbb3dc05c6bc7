package clock

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Handler answers POST /dev/clock: field advance is next, 24h or 168h. A browser
// is sent back to the mailbox (field to: the address that it shows); who accepts
// application/json gets {"now", "mails", "nothing_more"}.
func (a *Advancer) Handler(log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /dev/clock", func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
		var p Progress
		var err error
		switch advance := r.PostFormValue("advance"); advance {
		case "next":
			p, err = a.Next(r.Context())
		case "24h", "168h":
			d, _ := time.ParseDuration(advance)
			p, err = a.Advance(r.Context(), d)
		default:
			http.Error(w, "advance is one of next, 24h and 168h", http.StatusBadRequest)
			return
		}
		if err != nil {
			log.ErrorContext(r.Context(), "the clock could not be moved", "error", err)
			http.Error(w, "the clock could not be moved all the way: "+err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, r, p)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

func answer(w http.ResponseWriter, r *http.Request, p Progress) {
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(struct {
			Now         string `json:"now"`
			Mails       int    `json:"mails"`
			NothingMore bool   `json:"nothing_more"`
		}{p.Now.Format(time.RFC3339Nano), p.Mails, p.NothingMore})
		return
	}
	back := url.Values{}
	if to := r.PostFormValue("to"); to != "" {
		back.Set("to", to)
	}
	if p.Mails == 0 && p.NothingMore {
		back.Set("note", "nothing-due")
	}
	target := "/mailbox/"
	if len(back) > 0 {
		target += "?" + back.Encode()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}
