package tenant_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

// Two municipalities share a system, and one of them leaves.
func Example() {
	dir, err := os.MkdirTemp("", "tenants")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		fmt.Println(err)
		return
	}
	kek, err := aead.New(handle) // in earnest: a door of package kek
	if err != nil {
		fmt.Println(err)
		return
	}
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber") // in earnest: crypto.OpenKeyring
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := tenant.Open(dir, ring, kek)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer set.Close()
	if err := errors.Join(set.Create("131016"), set.Create("131024")); err != nil {
		fmt.Println(err)
		return
	}

	names := crypto.NewColumn[myNumber, name]("kouki", "insured", "name")
	keys := func(tenant string) *crypto.Keys[myNumber] {
		ring, err := set.Keyring(tenant)
		if err != nil {
			fmt.Println("refused:", tenant)
			return nil
		}
		k, err := crypto.KeysOf[myNumber](ring)
		if err != nil {
			fmt.Println(err)
		}
		return k
	}
	sealed, err := names.Seal(keys("131016"), "1", []byte("甲野 花子"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = names.Open(keys("131024"), "1", sealed)
	fmt.Println("the neighbour:", err)
	plaintext, err := names.Open(keys("131016"), "1", sealed)
	fmt.Println("the owner:", string(plaintext), err)

	certificate, err := set.Destroy("131016", "system administrator")
	fmt.Println(certificate.Tenant, certificate.Method, err)
	keys("131016")
	// Output:
	// the neighbour: crypto: the sealed value does not open in zone "mynumber": it was changed, belongs to another record, field, type or zone, or its key is gone
	// the owner: 甲野 花子 <nil>
	// 131016 cryptographic erase: the tenant's key was overwritten by a tombstone (NIST SP 800-88 rev. 1, 2.6) <nil>
	// refused: 131016
}
