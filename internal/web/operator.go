package web

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/crypto/bcrypt"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// operatorName is the user name of the operator's page.
const operatorName = "operator"

// operator guards the operator's page.
type operator struct {
	hash     []byte // bcrypt; empty keeps the page shut
	origin   origin
	throttle *throttle
	trying   chan struct{} // bounds how many passwords are checked at once: bcrypt is slow on purpose
}

func newOperator(hash string, from origin) *operator {
	return &operator{hash: []byte(hash), origin: from, throttle: newThrottle(), trying: make(chan struct{}, 2)}
}

// overviewPage is what operator.html shows.
type overviewPage struct {
	journey.Overview
	At       time.Time
	Alerts   []alertRow // those that nobody has seen first
	Statuses []pacing.Status
	States   []string
}

// toOperator leads to the page's one address.
func toOperator(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/operator/", http.StatusMovedPermanently)
	return nil
}

// alertRow is an alert with the tokens of its buttons; "" for no button. A token
// is known to this page alone, so that no other site's form can press one.
type alertRow struct {
	journey.Alert
	See, Release string
}

// mostAlerts is how many alerts the page lists.
const mostAlerts = 100

// overview shows how things stand. What tells of danger comes first and is the
// only thing that can be changed here (tend): that an alert was seen, and the end
// of a halt. All else that changes anything is a command's business.
func (s *site) overview(w http.ResponseWriter, r *http.Request) error {
	if len(s.operator.hash) == 0 {
		s.show(w, r, http.StatusNotFound, "shut", nil)
		return nil
	}
	status := s.operator.admit(w, r)
	if status != http.StatusOK {
		return refusal(status)
	}
	o, err := s.Road.Overview(r.Context())
	if err != nil {
		return err
	}
	alerts, err := s.alerts(r)
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, "operator", overviewPage{
		Overview: o, At: s.Now().UTC(), Alerts: alerts,
		States: []string{"owed", "attempting", "retry", "unknown", "sent", "cancelled", "given-up"},
		Statuses: []pacing.Status{pacing.Pending, pacing.Active, pacing.Awaiting, pacing.Holding, pacing.Paused, pacing.Resting, pacing.Halted,
			pacing.Completed, pacing.Stopped, pacing.Suppressed},
	})
	return nil
}

func (s *site) alerts(r *http.Request) ([]alertRow, error) {
	alerts, err := s.Road.Alerts(r.Context(), mostAlerts)
	if err != nil {
		return nil, err
	}
	rows := make([]alertRow, len(alerts))
	offered := map[token.Ref]bool{}
	for i, a := range alerts {
		rows[i].Alert = a
		if a.SeenAt.IsZero() {
			rows[i].See = s.Tokens.Sign(token.See, a.Ref)
		}
		if sub := a.Subscription; sub != nil && a.Halted && !offered[*sub] { // one button a subscription
			rows[i].Release, offered[*sub] = s.Tokens.Sign(token.Release, *sub), true
		}
	}
	return rows, nil
}

// tend hears the operator's buttons: an alert was seen, a halt is over. Pressing
// one twice changes nothing more.
func (s *site) tend(w http.ResponseWriter, r *http.Request) error {
	if len(s.operator.hash) == 0 {
		return refusal(http.StatusNotFound)
	}
	if status := s.operator.admit(w, r); status != http.StatusOK {
		return refusal(status)
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if form.Has("see") {
		ref, err := s.Tokens.Verify(token.See, form.Get("see"))
		if err != nil {
			return err
		}
		err = s.Road.SeeAlert(r.Context(), ref)
		return s.backToOverview(w, r, err)
	}
	ref, err := s.Tokens.Verify(token.Release, form.Get("release"))
	if err != nil {
		return err
	}
	_, err = s.Road.Release(r.Context(), ref, journey.ByOperator)
	return s.backToOverview(w, r, err)
}

func (s *site) backToOverview(w http.ResponseWriter, r *http.Request, err error) error {
	if err == nil {
		http.Redirect(w, r, "/operator/", http.StatusSeeOther)
	}
	return err
}

// admit checks the password of a request: 200, 401, or 429 with the time to wait.
func (o *operator) admit(w http.ResponseWriter, r *http.Request) int {
	source := o.origin.source(r)
	if wait := o.throttle.wait(source); wait > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(wait/time.Second)+1))
		return http.StatusTooManyRequests
	}
	name, password, given := r.BasicAuth()
	if given && o.matches(r, name, password) {
		o.throttle.passed(source)
		return http.StatusOK
	}
	if given {
		o.throttle.failed(source)
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="Long Road Letters", charset="UTF-8"`)
	return http.StatusUnauthorized
}

// matches does the same work for a wrong name as for a wrong password.
func (o *operator) matches(r *http.Request, name, password string) bool {
	select {
	case o.trying <- struct{}{}:
		defer func() { <-o.trying }()
	case <-r.Context().Done():
		return false
	}
	right := bcrypt.CompareHashAndPassword(o.hash, []byte(password)) == nil
	return subtle.ConstantTimeCompare([]byte(name), []byte(operatorName)) == 1 && right
}
