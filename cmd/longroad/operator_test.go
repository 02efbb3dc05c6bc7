package main

import (
	"strings"
	"testing"
)

func TestOperatorIsChecked(t *testing.T) {
	const long = "a secret for the webhook, long enough"
	for _, c := range []struct{ mail, webhook, secret, fault string }{
		{"", "", "", ""},
		{"operator@example.org", "https://example.org/x?y=z", long, ""},
		{"", "http://127.0.0.1:9000/x", long, ""},
		{"Op <operator@example.org>", "", "", "LONGROAD_OPERATOR_MAIL is no bare address"},
		{"operator", "", "", "LONGROAD_OPERATOR_MAIL is no bare address"},
		{"", "http://example.org/", long, "http to another machine"},
		{"", "ftp://example.org/", long, "is no web address"},
		{"", "https://", long, "is no web address"},
		{"", "https://user:word@example.org/", long, "is no web address"},
		{"", "https://example.org/", "short", "LONGROAD_OPERATOR_WEBHOOK_SECRET is shorter"},
		{"", "https://example.org/", "", "LONGROAD_OPERATOR_WEBHOOK_SECRET is shorter"},
	} {
		err := config{OperatorMail: c.mail, OperatorWebhook: c.webhook, OperatorHookSecret: c.secret}.checkOperator()
		if c.fault == "" && err != nil || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%+v: %v", c, err)
		}
		if err != nil && (strings.Contains(err.Error(), "example.org/") || strings.Contains(err.Error(), "short\"")) {
			t.Errorf("the fault repeats the value: %v", err)
		}
	}
	if got := strings.Join(config{}.operatorWarnings(), "\n"); !strings.Contains(got, "LONGROAD_OPERATOR_MAIL") || !strings.Contains(got, "shut") {
		t.Errorf("warnings %q", got)
	}
	if got := (config{OperatorMail: "operator@example.org", OperatorPasswordHash: "x"}).operatorWarnings(); got != nil {
		t.Errorf("warnings %q", got)
	}
	env := testEnvironment()
	env.Config = func() (config, error) {
		return loadWith(t, map[string]string{"LONGROAD_OPERATOR_WEBHOOK": "https://hooks.example.org/hush", "LONGROAD_OPERATOR_WEBHOOK_SECRET": "hush" + long})
	}
	if got := try(t, env, "config"); got.code != exitFine || strings.Contains(got.out+got.errors, "hush") || !strings.Contains(got.errors, "LONGROAD_OPERATOR_MAIL is not set") {
		t.Errorf("%+v", got)
	}
}
