// Package keys finds keys in the clear, key material in source, and ciphers that
// are used on labelled data past the zone's keys. [About] is its manual page.
//
// # How it looks
//
// Clear-text keysets: packages that exist to read and write them, and string
// constants that are one. Key material: private keys in PEM; and constants that
// decode (hex, base64) to 16, 24, 32, 48 or 64 bytes, or literals of so many
// bytes, where a name beside them says that it is a key and the bytes look drawn
// at random; and whatever constant is given as a key to a cipher. Ciphers and
// hashes of the standard library, golang.org/x/crypto and Tink that are given
// labelled data: a labelled field or scalar, a revealed identifier, or a local
// variable that one of them was assigned to.
//
// Test files are left alone: test vectors have keys in them. So are names that
// say example, test, vector or dummy.
//
// # Known misses
//
//   - Data that reaches a cipher through a function, a field or a writer.
//   - A password as a key.
//   - A key in a file that is embedded.
package keys

import "github.com/sekisho-go/sekisho/gen/zonevet/internal/check"

// About is the manual page of the check.
var About = &check.Check{
	ID:       "ZN6101",
	Name:     "keys",
	Title:    "keys are never in the clear, and only the zone's keys seal its data",
	Severity: check.Error,
	CWE:      "CWE-321",
	Why: "A key in the source is known to everybody who ever had the source, for ever. A record that is sealed by a cipher that the program set up " +
		"itself has no zone: nothing binds the ciphertext to its record, the key has no dates, no one counts its uses, and it cannot be rotated. " +
		"A hash of an identifier is the identifier, for whoever tries all of them.",
	Bad: `
func store(p *insured.Person) ([]byte, error) {
	block, err := aes.NewCipher([]byte("9f3aK2!xQ7pLm0Zs"))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return gcm.Seal(nil, nil, []byte(p.Note), nil), nil
}
`,
	Good: `
func store(k *crypto.Keys[zones.Ward], p *insured.Person) (crypto.Sealed[zones.Ward, string], error) {
	return crypto.Seal[string](k, []byte(p.Note), crypto.AppendAD(nil, "notes", p.City))
}
`,
	Remedy: "Create keys with sekisho keys create, keep the key-encryption key where it belongs, and open them with crypto.OpenKeyring. Let records " +
		"cross, or seal them with the keys of their zone.",
	Allow: "Allow the cipher that another party's format asks for, and say whose:\n\n\t//zone:allow keys the claims format of 2024 asks for AES-CBC, see its chapter 6",
}
