package mailer

import "context"

// Probe is what a server said to a visitor who brought no mail.
type Probe struct {
	Extensions []string // those of its EHLO that matter here
	Secure     bool     // the connection is encrypted, with a certificate that holds
}

// Probe opens a connection, signs in as for a mail, and leaves. Its error says
// why a mail would not get that far.
func (s *SMTP) Probe(ctx context.Context) (Probe, error) {
	session, err := s.open(ctx)
	if err != nil {
		return Probe{}, err
	}
	defer session.quit()
	p := Probe{Secure: s.relay.security != securityNone}
	for _, name := range []string{"SIZE", "8BITMIME", "SMTPUTF8", "DSN", "PIPELINING", "CHUNKING"} {
		if ok, _ := session.client.Extension(name); ok {
			p.Extensions = append(p.Extensions, name)
		}
	}
	return p, nil
}
