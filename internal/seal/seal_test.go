package seal

import (
	"bytes"
	"errors"
	"testing"
)

func box(t *testing.T, secrets ...string) *Box {
	t.Helper()
	b, err := NewBox(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBox(t *testing.T) {
	old, both, other := box(t, "old"), box(t, "new", "old"), box(t, "other")
	plain, row := []byte("I need more time"), []byte("row 1")
	sealed := old.Seal(plain, row)
	if bytes.Contains(sealed, plain) {
		t.Fatal("the text lies open")
	}
	if bytes.Equal(sealed, old.Seal(plain, row)) {
		t.Error("sealing twice gave the same bytes")
	}
	for name, b := range map[string]*Box{"same key": old, "after rotation": both} {
		if got, err := b.Open(sealed, row); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, try := range map[string]func() ([]byte, error){
		"another key":   func() ([]byte, error) { return other.Open(sealed, row) },
		"another row":   func() ([]byte, error) { return old.Open(sealed, []byte("row 2")) },
		"changed bytes": func() ([]byte, error) { return old.Open(changed, row) },
		"nothing":       func() ([]byte, error) { return old.Open(nil, row) },
		"key id alone":  func() ([]byte, error) { return old.Open(sealed[:1], row) },
	} {
		if got, err := try(); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestHasher(t *testing.T) {
	a, err := NewHasher("secret a")
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewHasher("secret b")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Address("x@example.org"), a.Address("x@example.org")) {
		t.Error("the same address hashed differently")
	}
	if bytes.Equal(a.Address("x@example.org"), b.Address("x@example.org")) {
		t.Error("another key gave the same hash")
	}
	if bytes.Equal(a.Fingerprint(), b.Fingerprint()) {
		t.Error("another key has the same fingerprint")
	}
}
