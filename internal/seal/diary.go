package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// A Diary is one person's key pair (X25519, by age). What is written into it is
// sealed with the public half; the private half stands locked behind a
// passphrase that only its owner knows. Whoever runs the service can add to it,
// and cannot read it; where the locked half is destroyed, nobody can.
type Diary struct {
	Public string // age1…
	Locked []byte // the private half, locked (age, scrypt)
}

// LeastPassphrase is how many characters a passphrase has at least.
const LeastPassphrase = 10

// ErrPassphrase means that a passphrase does not open the diary.
var ErrPassphrase = errors.New("the passphrase does not open it")

// diaryWork is scrypt's cost as a power of two: about a tenth of a second and
// 32 MB, so that a stolen database is slow to guess at and a page is not.
const diaryWork = 15

// NewDiary makes a key pair and locks it behind the passphrase.
func NewDiary(passphrase string) (Diary, error) {
	if len([]rune(passphrase)) < LeastPassphrase {
		return Diary{}, fmt.Errorf("a passphrase has at least %d characters", LeastPassphrase)
	}
	pair, err := age.GenerateX25519Identity()
	if err != nil {
		return Diary{}, fmt.Errorf("diary: %w", err)
	}
	lock, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return Diary{}, fmt.Errorf("diary: %w", err)
	}
	lock.SetWorkFactor(diaryWork)
	locked, err := encrypt([]byte(pair.String()), lock)
	if err != nil {
		return Diary{}, err
	}
	return Diary{Public: pair.Recipient().String(), Locked: locked}, nil
}

// Write seals an entry. It needs no passphrase.
func (d Diary) Write(entry []byte) ([]byte, error) {
	public, err := age.ParseX25519Recipient(d.Public)
	if err != nil {
		return nil, fmt.Errorf("diary: %w", err)
	}
	return encrypt(entry, public)
}

// Open unlocks the diary and gives what reads its entries. Its error is
// ErrPassphrase.
func (d Diary) Open(passphrase string) (read func(sealed []byte) ([]byte, error), err error) {
	lock, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, ErrPassphrase
	}
	lock.SetMaxWorkFactor(diaryWork)
	private, err := decrypt(d.Locked, lock)
	if err != nil {
		return nil, ErrPassphrase
	}
	pair, err := age.ParseX25519Identity(string(private))
	if err != nil {
		return nil, ErrPassphrase
	}
	return func(sealed []byte) ([]byte, error) { return decrypt(sealed, pair) }, nil
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("diary: %w", err)
	}
	return out.Bytes(), nil
}

func decrypt(sealed []byte, by age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), by)
	if err != nil {
		return nil, ErrSealed
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
