package crypto_test

import (
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
)

// Zones, routes and a type of sealed group, as the generator would write them.
type (
	myNumber struct{}
	lgwan    struct{}
	internet struct{}

	toLGWAN    struct{}
	toInternet struct{}

	group struct{ Name, Phone string }
)

func (myNumber) ZoneName() string    { return "mynumber" }
func (lgwan) ZoneName() string       { return "lgwan" }
func (internet) ZoneName() string    { return "internet" }
func (toLGWAN) RouteName() string    { return "mynumber→lgwan" }
func (toInternet) RouteName() string { return "mynumber→internet" }

func ephemeral(t testing.TB) *crypto.Keyring {
	t.Helper()
	r, err := crypto.EphemeralKeyring("kouki", "mynumber", "lgwan")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func keysOf[Z crypto.Zone](t testing.TB, r *crypto.Keyring) *crypto.Keys[Z] {
	t.Helper()
	k, err := crypto.KeysOf[Z](r)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func publicOf[Z crypto.Zone](t testing.TB, r *crypto.Keyring) *crypto.PublicKeys[Z] {
	t.Helper()
	k, err := crypto.PublicKeysOf[Z](r)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func seal[Z crypto.Zone](t testing.TB, k *crypto.Keys[Z], plaintext, ad []byte) crypto.Sealed[Z, group] {
	t.Helper()
	s, err := crypto.Seal[group](k, plaintext, ad)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func makeToken[Z crypto.Zone](t testing.TB, k *crypto.Keys[Z], scope crypto.Scope, value string) crypto.Token[toLGWAN] {
	t.Helper()
	tok, err := crypto.MakeToken[toLGWAN](k, scope, []byte(value))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// newKEK returns a key-encryption key that lives as long as the test.
func newKEK(t testing.TB) tink.AEAD {
	t.Helper()
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	a, err := aead.New(h)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
