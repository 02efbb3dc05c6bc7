package seal

import (
	"bytes"
	"errors"
	"testing"
)

func TestDiary(t *testing.T) {
	t.Parallel()
	const passphrase = "a horse, a battery"
	d, err := NewDiary(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	entry := []byte("It has been a hard week.")
	sealed, err := d.Write(entry)
	if err != nil || bytes.Contains(sealed, entry) || bytes.Contains(d.Locked, []byte(passphrase)) {
		t.Fatalf("sealed as %q, %v", sealed, err)
	}
	read, err := d.Open(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := read(sealed); err != nil || !bytes.Equal(got, entry) {
		t.Errorf("it reads %q, %v", got, err)
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := read(sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("an entry that was changed: %v", err)
	}
	for _, wrong := range []string{"", "a horse, a batterY", passphrase + " "} {
		if _, err := d.Open(wrong); !errors.Is(err, ErrPassphrase) {
			t.Errorf("%q opens it: %v", wrong, err)
		}
	}
	if _, err := (Diary{Public: d.Public}).Open(passphrase); !errors.Is(err, ErrPassphrase) {
		t.Errorf("without its locked half: %v", err)
	}
	other, err := NewDiary(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := other.Write(entry)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(theirs); !errors.Is(err, ErrSealed) {
		t.Errorf("another person's entry: %v", err)
	}
	if _, err := NewDiary("ten chars"); err == nil {
		t.Error("a short passphrase is taken")
	}
}
