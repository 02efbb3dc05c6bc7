package main

import (
	"encoding/json"
	"strings"
	"testing"

	"longroad/internal/doctor"
)

// TestDoctor prints the records to paste without looking anywhere, and finds
// fault with a server that is not there.
func TestDoctor(t *testing.T) {
	t.Parallel()
	c := config{SMTPURL: "smtp://127.0.0.1:1?tls=none", BaseURL: "http://127.0.0.1:1", MailFrom: "letters@letters.example", PostalAddress: "1 Long Road"}
	c.tidy()
	env := testEnvironment()
	env.Config = func() (config, error) { return c, nil }
	got := try(t, env, "doctor", "--offline", "--json", "--ip", "192.0.2.1")
	var r doctor.Report
	if err := json.Unmarshal([]byte(got.out), &r); err != nil || got.code != exitFine || len(r.Findings) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(r.Records) == 0 || r.Records[0].Value != "v=spf1 ip4:192.0.2.1 -all" {
		t.Errorf("%+v", r.Records)
	}
	if got := try(t, env, "doctor", "--offline"); !strings.Contains(got.out, `letters.example. MX 10 `) || !strings.Contains(got.out, `"v=DMARC1; p=none`) {
		t.Errorf("%+v", got)
	}
	if got := try(t, env, "doctor", "--ip", "somewhere"); got.code != exitMisuse {
		t.Errorf("%+v", got)
	}
	c.MailFrom = ""
	if got := try(t, env, "doctor", "--offline"); got.code != exitFault || !strings.Contains(got.errors, "LONGROAD_MAIL_FROM") {
		t.Errorf("%+v", got)
	}
	long := quoteTXT(strings.Repeat("x", 300))
	if long != `"`+strings.Repeat("x", 255)+`" "`+strings.Repeat("x", 45)+`"` {
		t.Error(long)
	}
}
