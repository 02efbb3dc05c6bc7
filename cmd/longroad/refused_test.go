package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"longroad/internal/devstack/stacktest"
)

// The mail server refuses everything: a worker notices, pauses and says so, and
// goes on by itself when the server is back. What goes then is signed, and the
// records that longroad config tells of make it believed.
func TestMailServerRefusesEverything(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, stacktest.Postgres(t, migrated), stacktest.Redis(t))
	s.env = append(s.env, "LONGROAD_DKIM_KEY_FILE="+rsaFile(t, 0o600)+","+ed25519File(t), "LONGROAD_DKIM_SELECTOR=lr1,lr2")
	s.sink.change(func() { s.sink.shut = true })
	s.serve()
	worker := s.worker()
	s.signUp(readers("reader", 20)...)
	worker.await(`msg="the mail server refuses everything, sending pauses" code=451 status=4.3.2`)
	s.sink.change(func() { s.sink.shut = false })
	worker.await(`msg="the mail server takes mails again, sending goes on"`)
	var mail []byte
	s.sink.await("a mail", func(all []caught) bool {
		if len(all) > 0 {
			mail = all[0].raw
		}
		return mail != nil
	})

	var told struct{ DNS []dnsRecord }
	must(t, json.Unmarshal([]byte(longroad(t, t.TempDir(), s.env, "config", "--json")), &told))
	signatures, err := dkim.VerifyWithOptions(bytes.NewReader(mail), &dkim.VerifyOptions{LookupTXT: func(name string) (found []string, err error) {
		for _, r := range told.DNS {
			if r.Name == name && r.Type == "TXT" {
				found = append(found, r.Value)
			}
		}
		return found, nil
	}})
	must(t, err)
	if len(signatures) != 2 {
		t.Fatalf("%d signatures", len(signatures))
	}
	for _, v := range signatures {
		if v.Err != nil || v.Domain != "letters.example.org" {
			t.Errorf("a signature of %s: %v", v.Domain, v.Err)
		}
	}
}
