// Package seal encrypts what must not lie open at rest, and hashes addresses
// that must be recognised and not read. Its one rule: what one key sealed opens
// only with that key and for the row that it was sealed for.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
)

// ErrSealed means that no key at hand opens it: another key, another row, or
// bytes that were changed.
var ErrSealed = errors.New("sealed with a key that is not at hand")

// Box seals and opens with AES-256-GCM. The newest key seals, every key opens.
type Box struct{ keys []boxKey }

type boxKey struct {
	id   byte
	aead cipher.AEAD
}

// NewBox derives its keys from the secrets, newest first.
func NewBox(secrets ...string) (*Box, error) {
	if len(secrets) == 0 {
		return nil, errors.New("a secret key is needed")
	}
	box := &Box{}
	for _, s := range secrets {
		key, err := derive(s, "longroad seal")
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("seal: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("seal: %w", err)
		}
		box.keys = append(box.keys, boxKey{id: sha256.Sum256(key)[0], aead: aead})
	}
	return box, nil
}

// Seal encrypts plain for the row that context names.
func (b *Box) Seal(plain, context []byte) []byte {
	k := b.keys[0]
	return k.aead.Seal([]byte{k.id}, nil, plain, context)
}

// Open decrypts what Seal made for the same context. Its error is ErrSealed.
func (b *Box) Open(sealed, context []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, ErrSealed
	}
	for _, k := range b.keys {
		if k.id != sealed[0] {
			continue
		}
		if plain, err := k.aead.Open(nil, nil, sealed[1:], context); err == nil {
			return plain, nil
		}
	}
	return nil, ErrSealed
}

// Hasher hashes normalised addresses for the suppression list. Its key is never
// rotated, or nobody's address would be recognised any more.
type Hasher struct{ key []byte }

// NewHasher derives its key from the secret.
func NewHasher(secret string) (*Hasher, error) {
	key, err := derive(secret, "longroad address")
	if err != nil {
		return nil, err
	}
	return &Hasher{key: key}, nil
}

// Address hashes a normalised address.
func (h *Hasher) Address(normalised string) []byte {
	m := hmac.New(sha256.New, h.key)
	m.Write([]byte(normalised))
	return m.Sum(nil)
}

// Fingerprint names the key without telling it, so that a changed key is noticed.
func (h *Hasher) Fingerprint() []byte { return h.Address("\x00fingerprint")[:8] }

func derive(secret, purpose string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return key, nil
}
