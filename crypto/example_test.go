package crypto_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
)

// A keyring is created once, by the security officer, and opened by each
// process. The key-encryption key is any Tink AEAD: here one in memory, at work
// one that a key management service or an HSM holds.
func Example() {
	kek := memoryKEK()
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

// memoryKEK is a key-encryption key that is lost with the process. At work it is in
// a file, a key management service or an HSM: see package kek.
func memoryKEK() tink.AEAD {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		log.Fatal(err)
	}
	kek, err := aead.New(handle)
	if err != nil {
		log.Fatal(err)
	}
	return kek
}

// A program that runs for long opens the folder again every few minutes, so that
// what the officer rotated, disabled or destroyed is in force without a restart. A
// ledger counts what the keys sealed, over starts and processes.
func ExampleOpenKeyring() {
	parent, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	dir, kek := filepath.Join(parent, "keys"), memoryKEK()
	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber"}, kek); err != nil {
		log.Fatal(err)
	}

	ledger, err := crypto.OpenLedger(filepath.Join(parent, "uses"), 1)
	if err != nil {
		log.Fatal(err)
	}
	defer ledger.Close()
	ring, err := crypto.OpenKeyring(os.DirFS(dir), kek,
		crypto.WithRefresh(5*time.Minute, 4*time.Hour),
		crypto.WithLedger(ledger),
		crypto.WithWarnings(func(w crypto.Warning) { log.Println(w) }))
	if err != nil {
		log.Fatal(err)
	}

	keys, err := crypto.KeysOf[myNumber](ring) // for each crossing, not once for ever
	if err != nil {
		log.Fatal(err)
	}
	sealed, err := crypto.Seal[group](keys, []byte("a phone number"), nil)
	if err != nil {
		log.Fatal(err)
	}
	uses, err := ledger.Uses("kouki", "mynumber", sealed.KeyID())
	fmt.Println(uses, "uses are reserved of", uint64(crypto.UseLimit), err)
	// Output:
	// 1048576 uses are reserved of 4294967296 <nil>
}

// A table that is written by hand: a column of sealed values, and beside it one of
// indexes to search it by.
func ExampleColumn() {
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		log.Fatal(err)
	}
	keys, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	type Phone struct{} // a type of its own for each column
	phones := crypto.NewColumn[myNumber, Phone]("kouki", "insured", "phone")

	value, err := phones.Seal(keys, "row-1", []byte("0312345678"))
	if err != nil {
		log.Fatal(err)
	}
	index, err := phones.Index(keys, []byte("0312345678"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("INSERT INTO insured VALUES", "row-1", value, index) // value and index print as what they are

	opened, err := phones.Open(keys, "row-1", value)
	fmt.Printf("%s %v\n", opened, err)
	_, err = phones.Open(keys, "row-2", value)
	var refused *crypto.OpenError
	fmt.Println(errors.As(err, &refused))
	// Output:
	// INSERT INTO insured VALUES row-1 sealed(mynumber) index(mynumber)
	// 0312345678 <nil>
	// true
}

// A search asks for all indexes that a value has: one, and while keys are being
// rotated one more for each older key.
func ExampleLookup() {
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		log.Fatal(err)
	}
	keys, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	scope := crypto.NewScope("kouki", "insured", "phone")
	inRow, err := crypto.MakeIndex[group](keys, scope, []byte("0312345678"))
	if err != nil {
		log.Fatal(err)
	}

	wanted, err := crypto.Lookup[group](keys, scope, []byte("0312345678"))
	if err != nil {
		log.Fatal(err)
	}
	query := "SELECT … WHERE phone_index IN (?" + strings.Repeat(", ?", len(wanted)-1) + ")"
	fmt.Println(query, slices.Contains(wanted, inRow))
	// Output:
	// SELECT … WHERE phone_index IN (?) true
}

// Whoever has the public keys of a zone can seal for it, and not open.
func ExampleSealBox() {
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		log.Fatal(err)
	}
	public, err := crypto.PublicKeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	info := crypto.AppendAD(nil, "kouki", "key of a parcel", "2026-04-01")
	box, err := crypto.SealBox(public, []byte("a key"), info)
	if err != nil {
		log.Fatal(err)
	}

	keys, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	plaintext, err := crypto.OpenBox(keys, box, info)
	fmt.Printf("%s %v\n", plaintext, err)
	// Output:
	// a key <nil>
}

// A signature says which zone a message is from.
func ExampleSign() {
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		log.Fatal(err)
	}
	keys, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	message := crypto.AppendAD(nil, "kouki", "list of the insured", "2026-04-01")
	signature, err := crypto.Sign(keys, message)
	if err != nil {
		log.Fatal(err)
	}

	public, err := crypto.PublicKeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(crypto.Verify(public, signature, message))
	fmt.Println(crypto.Verify(public, signature, message[1:]))
	// Output:
	// <nil>
	// crypto: the signature is not one of zone "mynumber": the message or the signature was changed, somebody else signed it, or the key is gone
}

// A backup of any length, in the memory of one segment.
func ExampleEncryptTo() {
	ring, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		log.Fatal(err)
	}
	keys, err := crypto.KeysOf[myNumber](ring)
	if err != nil {
		log.Fatal(err)
	}
	ad := crypto.AppendAD(nil, "kouki", "backup", "2026-04-01")
	var file bytes.Buffer // at work a file
	out, err := crypto.EncryptTo(keys, &file, ad)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := io.Copy(out, strings.NewReader("many rows")); err != nil {
		log.Fatal(err)
	}
	if err := out.Close(); err != nil { // complete only now
		log.Fatal(err)
	}

	in, err := crypto.DecryptFrom(keys, &file, ad)
	if err != nil {
		log.Fatal(err)
	}
	rows, err := io.ReadAll(in) // believe what was read when err is nil
	fmt.Printf("%s %v\n", rows, err)
	// Output:
	// many rows <nil>
}
