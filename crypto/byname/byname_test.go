package byname_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/byname"
)

type myNumber struct{}

func (myNumber) ZoneName() string { return "mynumber" }

// Keys by name are the keys of the zone type of that name.
func TestKeys(t *testing.T) {
	r, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		t.Fatal(err)
	}
	typed, err := crypto.KeysOf[myNumber](r)
	if err != nil {
		t.Fatal(err)
	}
	s, err := crypto.Seal[int](typed, []byte("value"), nil)
	if err != nil {
		t.Fatal(err)
	}
	k, err := byname.Keys(r, "mynumber")
	if err != nil {
		t.Fatal(err)
	}
	var moved crypto.Sealed[byname.Zone, int]
	if err := moved.UnmarshalBinary(s.Bytes()); err != nil {
		t.Fatal(err)
	}
	if got, err := crypto.Open(k, moved, nil); string(got) != "value" || err != nil {
		t.Errorf("Open = %q, %v", got, err)
	}
	public, err := byname.PublicKeys(r, "mynumber")
	if err != nil {
		t.Fatal(err)
	}
	signature, err := crypto.Sign(k, []byte("message"))
	if err != nil || crypto.Verify(public, signature, []byte("message")) != nil {
		t.Errorf("Sign and Verify: %v", err)
	}
	if got := fmt.Sprint(k, public); got != "keys(mynumber) public-keys(mynumber)" {
		t.Errorf("the keys print as %s, want the name of the zone", got)
	}
}

func TestKeysRefuses(t *testing.T) {
	r, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		t.Fatal(err)
	}
	var missing *crypto.NoKeysError
	for _, name := range []string{"lgwan", "", "MyNumber"} {
		if _, err := byname.Keys(r, name); !errors.As(err, &missing) || missing.Zone != name {
			t.Errorf("Keys(%q) err = %v, want a *NoKeysError", name, err)
		}
		if _, err := byname.PublicKeys(r, name); !errors.As(err, &missing) || missing.Zone != name {
			t.Errorf("PublicKeys(%q) err = %v, want a *NoKeysError", name, err)
		}
	}
	if _, err := byname.Keys(nil, "mynumber"); !errors.As(err, &missing) {
		t.Errorf("Keys of no keyring: err = %v", err)
	}
	// The type alone names no zone.
	if _, err := crypto.KeysOf[byname.Zone](r); !errors.As(err, &missing) {
		t.Errorf("KeysOf[byname.Zone] err = %v, want a *NoKeysError", err)
	}
}

// zero makes a value of the second parameter's type, whatever that is.
func zero[R, P, S, K any](func(R, P, S) (K, error)) (p P) { return p }

// The pass that a type parameter can be made to give opens nothing.
func TestZeroPass(t *testing.T) {
	r, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		t.Fatal(err)
	}
	var none *crypto.NoKeysError
	if k, err := crypto.KeysByName(r, zero(crypto.KeysByName), "mynumber"); k != nil || !errors.As(err, &none) {
		t.Errorf("KeysByName with a pass that nobody issued = %v, %v, want a *NoKeysError", k, err)
	}
	if k, err := crypto.PublicKeysByName(r, zero(crypto.PublicKeysByName), "mynumber"); k != nil || !errors.As(err, &none) {
		t.Errorf("PublicKeysByName with a pass that nobody issued = %v, %v, want a *NoKeysError", k, err)
	}
}
