package web

import (
	"net"
	"net/http"
	"net/netip"
)

// metrics answers this machine, and whoever knows the operator's password.
func (s *site) metrics(w http.ResponseWriter, r *http.Request) error {
	if s.Metrics == nil {
		return refusal(http.StatusNotFound)
	}
	if !fromThisMachine(r) {
		if len(s.operator.hash) == 0 {
			return refusal(http.StatusNotFound)
		}
		if status := s.operator.admit(w, r); status != http.StatusOK {
			return refusal(status)
		}
	}
	s.Metrics.ServeHTTP(w, r)
	return nil
}

// fromThisMachine reports whether a request came straight from this machine. One
// that a proxy passed on did not, whether it is trusted or not.
func fromThisMachine(r *http.Request) bool {
	for _, passedOn := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip"} {
		if len(r.Header.Values(passedOn)) > 0 {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	at, err := netip.ParseAddr(host)
	return err == nil && at.Unmap().IsLoopback()
}
