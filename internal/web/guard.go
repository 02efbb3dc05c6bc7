package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
)

// longest is how long a request may work before it is given up.
const longest = 10 * time.Second

// policy lets a page load its own style and script, send forms to us, and
// nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard stands around every route: headers, a time limit, the access log, and
// what is left of a panic.
func (s *site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		s.setHeaders(w.Header(), r.URL.Path)
		limit := longest
		if strings.HasPrefix(r.URL.Path, "/inbound/") {
			limit = inboundTakes
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		r = r.WithContext(ctx)
		seen := &watcher{ResponseWriter: w}
		defer func() {
			if what := recover(); what != nil {
				if what == http.ErrAbortHandler {
					panic(what)
				}
				// The value of a panic may hold what a reader wrote; its stack does not.
				s.Log.ErrorContext(ctx, "panic in a page", slog.String("route", r.Pattern), slog.String("stack", string(debug.Stack())))
				if seen.status == 0 {
					s.showError(seen, r, http.StatusInternalServerError)
				}
			}
			// The pattern, never the path: paths carry tokens.
			took := time.Since(began)
			s.Log.InfoContext(ctx, "request", slog.String("method", method(r)), slog.String("route", r.Pattern),
				slog.Int("status", seen.status), slog.Duration("took", took))
			s.Observe(method(r), r.Pattern, seen.status, took)
		}()
		next.ServeHTTP(seen, r)
	})
}

// setHeaders sets what every answer carries. Only the front pages may be found
// by a search engine; nothing but assets may be stored.
func (s *site) setHeaders(h http.Header, path string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if path != "/" && !strings.HasPrefix(path, "/courses/") {
		h.Set("X-Robots-Tag", "noindex, nofollow")
	}
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// method keeps made-up methods out of the log.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// watcher remembers the status that was written.
type watcher struct {
	http.ResponseWriter
	status int
}

func (w *watcher) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watcher) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController and http.MaxBytesReader reach the writer below.
func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// crossOrigin refuses forms that another site made a browser send.
func crossOrigin(base *url.URL) (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	return p, p.AddTrustedOrigin(base.Scheme + "://" + base.Host)
}

// fromHere guards the sign-up form and the operator's buttons, which a token
// guards too. The pages under a token need no such guard
// (who knows the token may post), and RFC 8058 section 3.2 posts come without
// an Origin.
func (s *site) fromHere(p *http.CrossOriginProtection, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Our own pages send no referrer, so an old browser, or any over plain HTTP,
		// posts "Origin: null" and no Sec-Fetch-Site: that says nothing either way.
		blind := r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "null"
		if err := p.Check(r); err != nil && !blind {
			s.showError(w, r, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
