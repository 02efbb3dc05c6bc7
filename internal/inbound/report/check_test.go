package report

import (
	"strings"
	"testing"

	"longroad/internal/inbound/mime"
)

// check holds what is true of every mail's report.
func check(t *testing.T, raw []byte) {
	t.Helper()
	m, err := mime.Parse(raw)
	if err != nil {
		return
	}
	r := Read(m)
	if r.Why == "" {
		t.Errorf("%s, and no rule says why", r.Kind)
	}
	if r.Type == Hard && (!r.Reason.Hard() || len(r.Recipients) == 0) {
		t.Errorf("hard for %s, and for %q", r.Reason, r.Recipients)
	}
	if (r.Kind == Bounce || r.Kind == Complaint) != (r.Type != "") {
		t.Errorf("%s has the type %q", r.Kind, r.Type)
	}
	for _, a := range r.Recipients {
		if !strings.Contains(a, "@") {
			t.Errorf("%q is no address", a)
		}
	}
}
