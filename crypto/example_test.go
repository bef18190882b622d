package crypto_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/sekisho-go/sekisho/crypto"
)

// A keyring is created once, by the security officer, and opened by each
// process. The key-encryption key is any Tink AEAD: here one in memory, at work
// one that a key management service or an HSM holds.
func Example() {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		log.Fatal(err)
	}
	kek, err := aead.New(handle)
	if err != nil {
		log.Fatal(err)
	}
	parent, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "keys")

	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber", "lgwan"}, kek); err != nil {
		log.Fatal(err)
	}
	ring, err := crypto.OpenKeyring(os.DirFS(dir), kek)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ring.Policy(), ring.Zones())

	// A file that is passed off as that of another zone is refused by name.
	os.Remove(filepath.Join(dir, "mynumber.seal.keyset"))
	os.Rename(filepath.Join(dir, "lgwan.seal.keyset"), filepath.Join(dir, "mynumber.seal.keyset"))
	_, err = crypto.OpenKeyring(os.DirFS(dir), kek)
	var refused *crypto.KeyringError
	if errors.As(err, &refused) {
		fmt.Println(refused.File, refused.Reason)
	}
	// Output:
	// kouki [lgwan mynumber]
	// mynumber.seal.keyset renamed
}

// What is sealed opens with the same keys, type and associated data only.
func ExampleSeal() {
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		log.Fatal(err)
	}
	keys, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	ad := func(id string) []byte { return crypto.AppendAD(nil, "kouki", "Insured", "LGWAN", id) }
	sealed, err := crypto.Seal[group](keys, []byte("a phone number"), ad("1"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sealed)

	value, err := crypto.Open(keys, sealed, ad("1"))
	fmt.Printf("%s, %v\n", value, err)

	_, err = crypto.Open(keys, sealed, ad("2"))
	fmt.Println(err)
	// Output:
	// sealed(mynumber)
	// a phone number, <nil>
	// crypto: the sealed value does not open in zone "mynumber": it was changed, belongs to another record, field, type or zone, or its key is gone
}

// Equal values of one scope have equal tokens, and the token of one scope says
// nothing about that of another.
func ExampleMakeToken() {
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		log.Fatal(err)
	}
	keys, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	number := crypto.NewScope("mynumber→lgwan", "Insured", "InsuredNumber")
	claim := crypto.NewScope("mynumber→lgwan", "Claim", "InsuredNumber")
	a, _ := crypto.MakeToken[toLGWAN](keys, number, []byte("01234567"))
	b, _ := crypto.MakeToken[toLGWAN](keys, number, []byte("01234567"))
	c, _ := crypto.MakeToken[toLGWAN](keys, claim, []byte("01234567"))
	fmt.Println(a, a == b, a == c)
	// Output:
	// token(mynumber→lgwan) true false
}

// MatchToken finds the key by the id in the token, so it holds also for tokens
// that were made before a rotation, which == does not.
func ExampleMatchToken() {
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		log.Fatal(err)
	}
	keys, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	scope := crypto.NewScope("mynumber→lgwan", "Insured", "InsuredNumber")
	token, _ := crypto.MakeToken[toLGWAN](keys, scope, []byte("01234567"))
	same, err := crypto.MatchToken(keys, scope, []byte("01234567"), token)
	other, _ := crypto.MatchToken(keys, scope, []byte("76543210"), token)
	fmt.Println(same, other, err)
	// Output:
	// true false <nil>
}

// The canonical form of a list of parts is not that of any other list.
func ExampleAppendAD() {
	fmt.Printf("%q\n", crypto.AppendAD(nil, "ab", "c"))
	fmt.Printf("%q\n", crypto.AppendAD(nil, "a", "bc"))
	// Output:
	// "\x02ab\x01c"
	// "\x01a\x02bc"
}
