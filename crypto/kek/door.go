package kek

import (
	"crypto/fips140"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// keySize is the length in bytes of every key this package makes: AES-256.
const keySize = 32

// sizeLimit bounds in bytes what is encrypted and the associated data of the
// doors that parse what they decrypt. A keyset file holds 256 KiB at most.
const sizeLimit = 1 << 20

// door is what all key-encryption keys here are made of. The key is behind two
// functions and not in a field, because the walkers that read unexported memory
// by reflection (fmt, spew, debug dumps) stop at a function.
type door struct {
	name             string // as in the errors
	encrypt, decrypt func(data, ad []byte) ([]byte, error)
}

// Each door has a type of its own: the self-test of the keyring names a
// key-encryption key by its type.
type (
	passphraseKEK struct{ door }
	keyFileKEK    struct{ door }
	bothKEK       struct{ door }
	anyTwoKEK     struct{ door }
	programKEK    struct{ door }
	envelopeKEK   struct{ door }
)

// Encrypt implements tink.AEAD.
func (d *door) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	return d.encrypt(plaintext, associatedData)
}

// Decrypt implements tink.AEAD.
func (d *door) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	return d.decrypt(ciphertext, associatedData)
}

// Format prints the name of the door for every verb.
func (d *door) Format(s fmt.State, _ rune) { io.WriteString(s, d.GoString()) }

// GoString returns the name of the door.
func (d *door) GoString() string { return "kek(" + d.name + ")" }

// LogValue logs the name of the door.
func (d *door) LogValue() slog.Value { return slog.StringValue(d.GoString()) }

var errClosed = errors.New("kek: a key-encryption key is never encoded: CreateFile and CreatePassphrase write what opens it again")

// MarshalText fails: key-encryption keys are never encoded.
func (d *door) MarshalText() ([]byte, error) { return nil, errClosed }

// MarshalBinary fails: key-encryption keys are never encoded.
func (d *door) MarshalBinary() ([]byte, error) { return nil, errClosed }

// gcm returns Tink's AES-256-GCM under key, without a prefix: twelve bytes of
// random nonce, the ciphertext, sixteen bytes of tag. It clears key.
func gcm(name, path string, key []byte) (tink.AEAD, error) {
	defer clear(key)
	a, err := subtle.NewAESGCM(key)
	switch {
	case err != nil && fips140.Enforced():
		return nil, &Error{Door: name, Path: path, Reason: ReasonMode}
	case err != nil:
		return nil, &Error{Door: name, Path: path, Reason: ReasonEncrypt}
	}
	return a, nil
}

// aeadDoor closes a, so that it does not print, and gives its refusals a reason.
func aeadDoor(name, path string, a tink.AEAD) door {
	return door{
		name: name,
		encrypt: func(plaintext, ad []byte) ([]byte, error) {
			ct, err := a.Encrypt(plaintext, ad)
			if err != nil { // the cause has seen the plaintext and stays here
				return nil, &Error{Door: name, Path: path, Reason: ReasonEncrypt}
			}
			return ct, nil
		},
		decrypt: func(ciphertext, ad []byte) ([]byte, error) {
			plaintext, err := a.Decrypt(ciphertext, ad)
			if err != nil {
				return nil, &Error{Door: name, Path: path, Reason: ReasonLocked}
			}
			return plaintext, nil
		},
	}
}
