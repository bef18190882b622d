package keyfile

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// TestKEK sends a random value of no meaning through kek: it must decrypt what
// it encrypts and must refuse other associated data. What kek says when it fails
// may be shown here: it has not seen a key.
func TestKEK(kek tink.AEAD, policy string) error {
	refuse := func(r Reason, detail string, err error) error {
		return &Error{Reason: r, Detail: detail, Err: err}
	}
	if kek == nil {
		return refuse(KEK, "no key-encryption key was given", nil)
	}
	probe, ad := []byte(rand.Text()), AppendAD(nil, policy, "self-test")
	ct, err := kek.Encrypt(probe, ad)
	if err != nil {
		return refuse(KEK, "it does not encrypt", err)
	}
	again, err := kek.Decrypt(ct, ad)
	if err != nil {
		return refuse(KEK, "it does not decrypt what it encrypted", err)
	}
	if !bytes.Equal(again, probe) || strings.Contains(string(ct), string(probe)) {
		return refuse(KEK, fmt.Sprintf("%T does not encrypt", kek), nil)
	}
	if !refusesOther(kek, ct, ad) {
		return refuse(Unbound, fmt.Sprintf("%T", kek), nil)
	}
	return nil
}
