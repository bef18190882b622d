// Package kek opens doors to key-encryption keys: the one key that all keysets
// of a keyring are encrypted with. Each door returns a tink.AEAD, which is what
// crypto.CreateKeyring and crypto.OpenKeyring take.
//
//	key, err := kek.OpenFile("keys.kek")
//	ring, err := crypto.OpenKeyring(os.DirFS("keys"), key)
//
// # Which door
//
//	where the key is                         door
//	in an HSM or a smart card                crypto/kek/pkcs11
//	in HashiCorp Vault's transit engine      crypto/kek/vault
//	in AWS KMS, in Google Cloud KMS          crypto/kek/awskms, crypto/kek/gcpkms
//	in any of these, without linking it      Exec, with the command of that package
//	in a person's head                       CreatePassphrase, OpenPassphrase
//	in a file that the operating system or   CreateFile, OpenFile
//	a secret store guards
//
// Take the highest line that is there. The packages named by their path are
// modules of their own, so that nobody pays for the dependencies of a door that
// is not used. [Parse] and [Open] read a door from a command line.
//
// For a backup, or wherever one person alone must not be enough:
//
//	two people, both needed                  Both
//	three to five people, any two of them    AnyTwo
//
// [Envelope] is for services that take small plaintexts only. [Service] is for
// those who write a door to another service.
//
// # What a key-encryption key must do
//
// It must refuse a ciphertext under other associated data than it was encrypted
// with: that binds a keyset to its policy, zone and use. All doors here do.
// crypto.CreateKeyring and crypto.OpenKeyring test it of every key-encryption key
// they are given, with a random value, and refuse by its type one that does not;
// there is no second test here.
//
// # Files
//
// A key file is one line, mode 0600; see [CreateFile]. A passphrase file is a
// small JSON object with the name of the function, its cost, the salt, and a
// check that only the passphrase opens; see [CreatePassphrase]. It is not
// secret, but the passphrase is worth nothing without it. Both have one spelling
// and a checksum: a changed byte is told apart from a wrong key. Neither is ever
// overwritten.
//
// # The protocol between Exec and Serve
//
// A program is started for each request. It reads one JSON object from its
// standard input, to the end, and writes one to its standard output:
//
//	{"sekisho-kek":1,"op":"encrypt","data":"c2VjcmV0","associated-data":"a291a2k="}
//	{"sekisho-kek":1,"data":"…"}
//
// op is encrypt or decrypt. Bytes are in padded base64 (RFC 4648, section 4); at
// most 1 MiB each. A refusal is an answer too, of printable text without any of
// the data:
//
//	{"sekisho-kek":1,"error":"permission denied on key kouki"}
//
// The order of the fields and white space are free; a field that is missing,
// doubled, unknown or nested refuses the whole. The exit code is 0 with data, 1
// with a refusal, and 2 when there was no request or nothing works; data with
// another exit code than 0 is not taken. [Serve] is the program's side in Go.
//
// # What is not promised
//
//   - Whoever holds the key-encryption key and the keyset files has all keys.
//   - The security of a passphrase is that of its choice. The cost makes each
//     guess expensive for somebody who has the file; it does not make twelve
//     letters of a proverb into a key.
//   - Keys and passphrases are cleared where this package owns the memory. The
//     standard library takes a passphrase as a string, and Tink keeps the key:
//     those copies are the garbage collector's. Core dumps and swap are for the
//     operating system to forbid.
//   - On systems other than Unix a key file's access list is not looked at.
//   - Outages of a service are not bridged here; the keyring does that.
//   - Under GODEBUG=fips140=only nothing here encrypts, nor does a keyring: Tink
//     draws the nonce of AES-GCM itself, and that mode leaves it to the standard
//     library alone. PBKDF2 works there. Under fips140=on everything does.
package kek
