package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"longroad/internal/mailer"
)

// signer reads the keys that sign mails (DKIM); nil when there are none.
func (c config) signer() (*mailer.Signer, error) {
	files, selectors := list(c.DKIMKeyFile), list(c.DKIMSelector)
	switch {
	case len(files) == 0 && len(selectors) == 0:
		return nil, nil
	case len(files) != len(selectors):
		return nil, fmt.Errorf("LONGROAD_DKIM_KEY_FILE names %d and LONGROAD_DKIM_SELECTOR %d: write a selector for each file, by comma, in the same order", len(files), len(selectors))
	case c.domain() == "":
		return nil, errors.New("LONGROAD_DKIM_KEY_FILE: the letters are signed for the domain of LONGROAD_MAIL_FROM, which is not set")
	}
	keys := make([]mailer.Key, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("LONGROAD_DKIM_KEY_FILE: %w", err)
		}
		keys[i] = mailer.Key{Selector: selectors[i], PEM: text}
	}
	s, err := mailer.NewSigner(c.domain(), keys)
	if err != nil {
		return nil, fmt.Errorf("LONGROAD_DKIM_KEY_FILE: %w", err)
	}
	return s, nil
}

// dkimWarnings are what works and is not wise about the keys.
func (c config) dkimWarnings() []string {
	s, err := c.signer()
	if s == nil || err != nil {
		return nil // check says what is wrong
	}
	all := s.Warnings()
	for _, file := range list(c.DKIMKeyFile) {
		// The owner reads and writes, the group may read.
		if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o037 != 0 {
			all = append(all, fmt.Sprintf("%s may be read or changed by others (%#o): chmod 600", file, info.Mode().Perm()))
		}
	}
	return all
}

// dnsRecord is what must stand in the DNS.
type dnsRecord struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// dnsRecords are those that the signatures need.
func (c config) dnsRecords() []dnsRecord {
	all := []dnsRecord{}
	s, err := c.signer()
	if s == nil || err != nil {
		return all
	}
	records, err := s.Records()
	if err != nil {
		return all
	}
	for _, r := range records {
		all = append(all, dnsRecord{r.Name, "TXT", r.Value})
	}
	return all
}

// writeDNS tells an operator what to put into the DNS.
func writeDNS(w io.Writer, all []dnsRecord) {
	if len(all) > 0 {
		fmt.Fprintln(w, "\nThe DNS must hold, for mails to be believed:")
	}
	for _, r := range all {
		fmt.Fprintln(w, r.Name, r.Type, r.Value)
	}
}

// list parts a value at its commas.
func list(value string) []string {
	var all []string
	for _, one := range strings.Split(value, ",") {
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, one)
		}
	}
	return all
}
