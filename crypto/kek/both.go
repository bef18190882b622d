package kek

import (
	"bytes"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// Both returns a key-encryption key that needs a and b: what a encrypts, b
// encrypts again. Two people who hold one each can open together what neither
// can open alone (split knowledge; NIST SP 800-57 part 1, 8.1.5.2.2.1). The
// order is part of the key. Each of the two gets the associated data of the
// whole, marked with its place.
//
// Why not Shamir's scheme: threshold schemes are on neither the CRYPTREC list
// nor in a NIST standard, and Tink has none, so it would be cryptography of our
// own. Two keys in sequence need nothing that is not on the lists. Where one of
// several people may be away, use [AnyTwo].
//
// Encrypting fails with ReasonSame when a and b are found to be one key. Errors
// are *[Error]; that of Decrypt says which of the two refused.
func Both(a, b tink.AEAD) (tink.AEAD, error) {
	for i, kek := range []tink.AEAD{a, b} {
		if kek == nil {
			return nil, &Error{Door: "both", Reason: ReasonMissing, Detail: fmt.Sprintf("the %s of two", ordinal[i])}
		}
	}
	p := pair{door: "both", first: a, second: b}
	return &bothKEK{door{name: "both", encrypt: p.encrypt, decrypt: p.decrypt}}, nil
}

var ordinal = [...]string{"first", "second"}

// pair is two key-encryption keys in sequence.
type pair struct {
	door          string
	first, second tink.AEAD
}

// place marks associated data with the place of a key in a pair. The marks have
// one length, so no two inputs give the same bytes.
func place(i int, ad []byte) []byte {
	return append([]byte{'s', 'e', 'k', 'i', 's', 'h', 'o', '-', 'p', 'a', 'i', 'r', '1' + byte(i), 0}, ad...)
}

func (p pair) encrypt(plaintext, ad []byte) ([]byte, error) {
	inner, err := p.first.Encrypt(plaintext, place(0, ad))
	if err != nil { // the cause has seen the plaintext and stays here
		return nil, &Error{Door: p.door, Reason: ReasonEncrypt, Detail: "the first of two"}
	}
	// A refusal is what is wanted here, for whatever reason it comes.
	if same, err := p.second.Decrypt(inner, place(0, ad)); err == nil {
		clear(same)
		return nil, &Error{Door: p.door, Reason: ReasonSame}
	}
	outer, err := p.second.Encrypt(inner, place(1, ad))
	if err != nil {
		return nil, &Error{Door: p.door, Reason: ReasonEncrypt, Detail: "the second of two"}
	}
	// Not encrypting at all is how a key-encryption key fails that was set up
	// wrongly: then the other one is all there is.
	if bytes.Equal(inner, plaintext) || bytes.Equal(outer, inner) {
		return nil, &Error{Door: p.door, Reason: ReasonEncrypt, Detail: "one of the two hands back what it is given"}
	}
	return outer, nil
}

func (p pair) decrypt(ciphertext, ad []byte) ([]byte, error) {
	inner, err := p.second.Decrypt(ciphertext, place(1, ad))
	if err != nil {
		return nil, &Error{Door: p.door, Reason: ReasonLocked, Detail: "the second of two", Err: err}
	}
	plaintext, err := p.first.Decrypt(inner, place(0, ad))
	if err != nil {
		return nil, &Error{Door: p.door, Reason: ReasonLocked, Detail: "the first of two", Err: err}
	}
	return plaintext, nil
}
