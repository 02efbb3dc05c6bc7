// Package web is the pages and the API that readers meet: signing up,
// confirming, answering, stopping; and the operator's page. Its one
// rule: GET and HEAD change nothing, and nothing that a page shows tells
// whether an address is known or what anybody else does.
package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/crypto/bcrypt"

	"longroad/internal/token"
)

// Options are what the pages are built from. Road, Tokens, BaseURL, Log, Now,
// Templates and Ready are needed.
type Options struct {
	Road      Road
	Tokens    *token.Ring
	BaseURL   string // absolute, without a path: https://letters.example.org
	Log       *slog.Logger
	Now       func() time.Time // the clock of pacing; limits run on real time
	Templates fs.FS            // holds page/
	Ready     func(ctx context.Context) error

	// Contact is where a reader writes about what is kept, as the consent text
	// names it; empty points to the address at the foot of every mail.
	Contact string
	// OperatorPasswordHash is a bcrypt hash; empty keeps the operator's page shut.
	OperatorPasswordHash string
	// TrustedProxies may say in X-Forwarded-For where a request came from.
	TrustedProxies []netip.Prefix
	// Limits counts posts and sign-ups; nil lets everything through.
	Limits Limiter
	// Tries counts the passphrases that are tried; nil lets every one be.
	Tries Limiter
	// SignUpsAnHour is how many sign-ups one source may make in an hour; 0 means
	// the constant of that name.
	SignUpsAnHour int
	// Desk and Arrivals take what mail providers post; without them /inbound/ is shut.
	Desk     Desk
	Arrivals Arrivals
	// Metrics answers /metrics; nil keeps it shut.
	Metrics http.Handler
	// Observe is told of every answer, by the pattern of its route; it may be nil.
	Observe func(method, route string, status int, took time.Duration)
}

// site is the handlers and what they share.
type site struct {
	Options
	pages       *pages
	operator    *operator
	origin      origin
	secure      bool    // BaseURL is https
	smallPosts  *places // of providers, that are held at a time
	largePosts  *places
	passphrases chan struct{} // bounds how many are tried at a time
}

// New builds the handler of every public route and the operator's page.
func New(o Options) (http.Handler, error) {
	if o.Road == nil || o.Tokens == nil || o.Log == nil || o.Now == nil || o.Templates == nil || o.Ready == nil {
		return nil, errors.New("web: Road, Tokens, Log, Now, Templates and Ready are needed")
	}
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || base.Path != "" && base.Path != "/" {
		return nil, fmt.Errorf("base URL %q: write it like https://letters.example.org, without a path", o.BaseURL)
	}
	if o.OperatorPasswordHash != "" {
		if _, err := bcrypt.Cost([]byte(o.OperatorPasswordHash)); err != nil {
			return nil, fmt.Errorf("operator's password hash: %w: give a bcrypt hash, not the password", err)
		}
	}
	pages, err := loadPages(o.Templates)
	if err != nil {
		return nil, err
	}
	if o.Observe == nil {
		o.Observe = func(string, string, int, time.Duration) {}
	}
	if o.SignUpsAnHour == 0 {
		o.SignUpsAnHour = SignUpsAnHour
	}
	s := &site{Options: o, pages: pages, origin: origin{o.TrustedProxies}, secure: base.Scheme == "https",
		smallPosts: newPlaces(inboundSmalls, inboundSmalls/4), largePosts: newPlaces(inboundLarges, inboundLarges/2),
		passphrases: make(chan struct{}, triesAtOnce)}
	s.operator = newOperator(o.OperatorPasswordHash, s.origin)
	sameSite, err := crossOrigin(base)
	if err != nil {
		return nil, err
	}
	return s.guard(s.routes(sameSite)), nil
}

// route is one path and what answers it by method; GET answers HEAD too.
type route struct {
	path string
	get  page
	post page
	free bool // posts have no limit, or ask for it themselves
	own  bool // posts of another site's making are refused
}

// page answers a request or says why it could not; see site.fail.
type page func(w http.ResponseWriter, r *http.Request) error

// table is every path that there is.
func (s *site) table() []route {
	return []route{
		{path: "/{$}", get: s.home},
		{path: "/courses/{course}", get: s.signUpForm},
		// A browser that restores the page after the form asks for it with GET.
		{path: "/courses/{course}/subscriptions", get: s.signUpForm, post: s.signUpByForm, own: true},
		{path: "/courses/{course}/lines", get: s.lines},
		{path: "/lines", get: s.lines},
		{path: "/api/v1/subscriptions", post: s.signUpByAPI, free: true},
		{path: "/confirm/{token}", get: s.confirmPage, post: s.confirm},
		{path: "/choose/{token}", get: s.choosePage, post: s.choose},
		{path: "/checkin/{token}", get: s.checkInPage, post: s.checkIn},
		{path: "/undo/{token}", get: s.undoPage, post: s.undo},
		{path: "/me/{token}", get: s.mePage, post: s.change},
		{path: "/journal/{token}", get: s.journalPage, post: s.journal},
		{path: "/u/{token}", get: s.stopPage, post: s.stop, free: true},
		{path: "/inbound/{provider}", post: s.inboundPost, free: true},
		{path: "/healthz", get: s.health},
		{path: "/readyz", get: s.ready},
		{path: "/metrics", get: s.metrics},
		{path: "/operator", get: toOperator},
		{path: "/operator/{$}", get: s.overview},
		{path: "/operator/alerts", post: s.tend, own: true},
		{path: "/assets/{file}", get: s.asset},
		{path: "/favicon.ico", get: s.noIcon},
	}
}

// routes builds the mux. A method that a path does not know gets a page of ours
// with 405, not the bare answer of net/http.
func (s *site) routes(sameSite *http.CrossOriginProtection) http.Handler {
	mux := http.NewServeMux()
	for _, route := range s.table() {
		allow := ""
		if route.get != nil {
			mux.Handle("GET "+route.path, s.answer(route.get))
			allow = "GET, HEAD"
		}
		if route.post != nil {
			post := route.post
			if !route.free {
				post = s.paced(post)
			}
			h := s.answer(post)
			if route.own {
				h = s.fromHere(sameSite, h)
			}
			mux.Handle("POST "+route.path, h)
			if allow != "" {
				allow += ", "
			}
			allow += "POST"
		}
		mux.Handle(route.path, s.answer(wrongMethod(allow)))
	}
	mux.Handle("/", s.answer(s.notFound))
	return mux
}

// answer turns a page into a handler.
func (s *site) answer(p page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := p(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// Server is an http.Server for the handler with time limits that a slow or
// silent client cannot outlast. Its own error log is off: it would name addresses.
func Server(addr string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
}
