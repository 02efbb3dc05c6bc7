package token

import (
	"strings"
	"testing"
)

func ring(t *testing.T, secrets ...string) *Ring {
	t.Helper()
	g, err := NewRing(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestTokenRoundTrip(t *testing.T) {
	g := ring(t, "a secret of some length")
	ref := NewRef()
	tok := g.Sign(CheckIn, ref)
	if len(tok) != Length || tok != strings.ToLower(tok) {
		t.Fatalf("token %q: want %d lower-case characters", tok, Length)
	}
	for _, form := range []string{tok, strings.ToUpper(tok), tok[:7] + strings.ToUpper(tok[7:])} {
		if got, err := g.Verify(CheckIn, form); err != nil || got != ref {
			t.Errorf("Verify(%q) = %v, %v", form, got, err)
		}
	}
}

func TestTokenRefused(t *testing.T) {
	g := ring(t, "a secret of some length")
	tok := g.Sign(CheckIn, NewRef())
	for i := range tok {
		changed := []byte(tok)
		if changed[i]++; tok[i] == 'z' {
			changed[i] = 'a'
		} else if tok[i] == '7' {
			changed[i] = '2'
		}
		if _, err := g.Verify(CheckIn, string(changed)); err == nil {
			t.Errorf("character %d changed: accepted", i)
		}
	}
	for _, p := range []Purpose{Confirm, Preferences, Unsubscribe, Reply, Bounce} {
		if _, err := g.Verify(p, tok); err == nil {
			t.Errorf("purpose %d: accepted a token for %d", p, CheckIn)
		}
	}
	for _, bad := range []string{"", tok[1:], tok + "a", strings.Repeat("1", Length)} {
		if _, err := g.Verify(CheckIn, bad); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
	if _, err := ring(t, "another secret of length").Verify(CheckIn, tok); err == nil {
		t.Error("another key's ring accepted it")
	}
}

func TestTokenRotation(t *testing.T) {
	old := ring(t, "the old secret, now retired")
	ref := NewRef()
	tok := old.Sign(Unsubscribe, ref)
	both := ring(t, "the new secret, in use", "the old secret, now retired")
	if got, err := both.Verify(Unsubscribe, tok); err != nil || got != ref {
		t.Fatalf("a retired key must go on verifying: %v", err)
	}
	if both.Sign(Unsubscribe, ref) == tok {
		t.Error("the new key must sign")
	}
}
