package mailer

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
)

// relay is the server that takes our mail, as LONGROAD_SMTP_URL names it.
type relay struct {
	host           string
	port           int
	user, password string
	security       security
	connections    int
}

// security says how the connection is protected.
type security string

const (
	securityNone     security = "none"     // for a server on the same machine or a private network
	securitySTARTTLS security = "starttls" // demanded, not only tried (RFC 3207)
	securityTLS      security = "tls"      // from the first byte (RFC 8314)
)

const (
	defaultConnections = 4
	mostConnections    = 1000
)

// parseRelay reads smtp://user:pass@host:port?tls=none|starttls|tls&connections=8.
// Its errors never show the URL: a password stands in it.
func parseRelay(raw string) (relay, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return relay{}, errors.New("the SMTP URL cannot be read; write smtp://user:password@host:587, with special characters of the password as %XX")
	}
	switch {
	case u.Scheme != "smtp":
		return relay{}, errors.New("the SMTP URL must begin with smtp://")
	case u.Hostname() == "":
		return relay{}, errors.New("the SMTP URL names no host")
	case u.Path != "" && u.Path != "/", u.Fragment != "":
		return relay{}, errors.New("the SMTP URL ends after the host and port; special characters of the password must be written as %XX")
	}
	r := relay{host: u.Hostname(), security: securitySTARTTLS, connections: defaultConnections, user: u.User.Username()}
	r.password, _ = u.User.Password()
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return relay{}, errors.New("the SMTP URL's part after ? cannot be read")
	}
	for key := range query {
		if key != "tls" && key != "connections" {
			return relay{}, errors.New("the SMTP URL takes only tls and connections after the ?")
		}
	}
	if query.Has("tls") {
		r.security = security(query.Get("tls"))
	}
	ports := map[security]int{securityNone: 25, securitySTARTTLS: 587, securityTLS: 465}
	if r.port = ports[r.security]; r.port == 0 {
		return relay{}, errors.New("the SMTP URL's tls is none, starttls or tls")
	}
	if u.Port() != "" {
		if r.port, err = strconv.Atoi(u.Port()); err != nil || r.port < 1 || r.port > 65535 {
			return relay{}, errors.New("the SMTP URL's port is a number from 1 to 65535")
		}
	}
	if query.Has("connections") {
		r.connections, err = strconv.Atoi(query.Get("connections"))
		if err != nil || r.connections < 1 || r.connections > mostConnections {
			return relay{}, fmt.Errorf("the SMTP URL's connections is a number from 1 to %d", mostConnections)
		}
	}
	return r, nil
}
