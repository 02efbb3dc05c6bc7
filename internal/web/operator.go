package web

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/crypto/bcrypt"

	"longroad/internal/journey"
	"longroad/internal/pacing"
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
	Statuses []pacing.Status
	States   []string
}

// toOperator leads to the page's one address.
func toOperator(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/operator/", http.StatusMovedPermanently)
	return nil
}

// overview is read-only: what changes anything is a command's business.
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
	s.show(w, r, http.StatusOK, "operator", overviewPage{
		Overview: o, At: s.Now().UTC(),
		States: []string{"owed", "attempting", "retry", "unknown", "sent", "cancelled", "given-up"},
		Statuses: []pacing.Status{pacing.Pending, pacing.Active, pacing.Awaiting, pacing.Holding, pacing.Paused, pacing.Resting, pacing.Halted,
			pacing.Completed, pacing.Stopped, pacing.Suppressed},
	})
	return nil
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
