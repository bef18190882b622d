package kek

import "github.com/tink-crypto/tink-go/v2/tink"

// Service is a key-encryption key that a service or a device holds, closed to
// fmt, slog and encoders like the doors of this package. Doors outside this
// package embed it in a type of their own, whose name the keyring shows when it
// refuses one:
//
//	type transitKEK struct{ *kek.Service }
//
// It implements tink.AEAD. Services are made by [NewService].
type Service struct{ door }

// NewService returns a, whose refusals become *[Error] with the name of the door,
// the path (what the service calls the key) and the reason that reason finds in
// the cause. ReasonUnknown stands for ReasonEncrypt and ReasonLocked. The cause
// itself is wrapped when decrypting only: when encrypting it has seen the
// plaintext and might repeat it. What is an *[Error] already goes through as it
// is.
func NewService(name, path string, a tink.AEAD, reason func(error) Reason) *Service {
	refuse := func(err error, otherwise Reason) *Error {
		if e, ok := err.(*Error); ok {
			return e
		}
		r := reason(err)
		if r == ReasonUnknown {
			r = otherwise
		}
		return &Error{Door: name, Path: path, Reason: r}
	}
	return &Service{door{
		name: name,
		encrypt: func(plaintext, ad []byte) ([]byte, error) {
			ct, err := a.Encrypt(plaintext, ad)
			if err != nil {
				return nil, refuse(err, ReasonEncrypt)
			}
			return ct, nil
		},
		decrypt: func(ciphertext, ad []byte) ([]byte, error) {
			plaintext, err := a.Decrypt(ciphertext, ad)
			if err != nil {
				e := refuse(err, ReasonLocked)
				if error(e) != err {
					e.Err = err
				}
				return nil, e
			}
			return plaintext, nil
		},
	}}
}
