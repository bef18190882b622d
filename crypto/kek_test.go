package crypto_test

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// Key-encryption keys that are wrong in one way each.

// looseKEK opens under associated data that is not what was bound, where loose
// says so.
type looseKEK struct {
	tink.AEAD
	loose func(bound, given []byte) bool
	bound map[string][]byte // by ciphertext
}

func newLooseKEK(kek tink.AEAD, loose func(bound, given []byte) bool) *looseKEK {
	return &looseKEK{AEAD: kek, loose: loose, bound: make(map[string][]byte)}
}

// Three ways to be loose.
func deaf([]byte, []byte) bool            { return true }
func optional(_, given []byte) bool       { return given == nil }
func lengthOnly(bound, given []byte) bool { return len(bound) == len(given) }

func strict([]byte, []byte) bool { return false }

func (k *looseKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	ct, err := k.AEAD.Encrypt(plaintext, ad)
	k.bound[string(ct)] = ad
	return ct, err
}

func (k *looseKEK) Decrypt(ct, ad []byte) ([]byte, error) {
	if bound, ok := k.bound[string(ct)]; ok && k.loose(bound, ad) {
		ad = bound
	}
	return k.AEAD.Decrypt(ct, ad)
}

// plainKEK hands back what it is given.
type plainKEK struct{}

func (plainKEK) Encrypt(plaintext, _ []byte) ([]byte, error) { return plaintext, nil }
func (plainKEK) Decrypt(ct, _ []byte) ([]byte, error)        { return ct, nil }

// failingKEK works a number of times, then fails as a key service on the
// network does. Its answers have two lines.
type failingKEK struct {
	tink.AEAD
	encrypts, decrypts int
}

var errService = errors.New("key service: 503\nplease come again")

func (k *failingKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	if k.encrypts--; k.encrypts < 0 {
		return nil, errService
	}
	return k.AEAD.Encrypt(plaintext, ad)
}

func (k *failingKEK) Decrypt(ct, ad []byte) ([]byte, error) {
	if k.decrypts--; k.decrypts < 0 {
		return nil, errService
	}
	return k.AEAD.Decrypt(ct, ad)
}

// zeroKEK is the key-encryption key of the files in testdata: AES-256-GCM under
// a key of zeros, which protects nothing.
type zeroKEK struct{}

func (zeroKEK) gcm() cipher.AEAD {
	block, _ := aes.NewCipher(make([]byte, 32))
	gcm, _ := cipher.NewGCMWithRandomNonce(block)
	return gcm
}

func (k zeroKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	return k.gcm().Seal(nil, nil, plaintext, ad), nil
}

func (k zeroKEK) Decrypt(ct, ad []byte) ([]byte, error) { return k.gcm().Open(nil, nil, ct, ad) }
