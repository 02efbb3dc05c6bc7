package stacktest

import (
	"fmt"
	"os/exec"
	"testing"

	"longroad/internal/devstack"
)

// Postfix returns a Postfix of the test's own, whose log is shown when the test
// fails.
func Postfix(t testing.TB, o devstack.PostfixOptions) *devstack.Postfix {
	t.Helper()
	p, err := devstack.StartPostfix(t.Context(), o)
	settle(t, "postfix", err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Postfix said:\n%s", p.Log())
		}
		p.Stop()
	})
	return p
}

// Swaks returns the path of swaks, a program that sends mails.
func Swaks(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("swaks")
	if err != nil {
		err = fmt.Errorf("swaks is %w: install it (Debian, Ubuntu: apt install swaks)", devstack.ErrMissing)
	}
	settle(t, "swaks", err)
	return path
}
