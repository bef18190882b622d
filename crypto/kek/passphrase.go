package kek

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	passphraseFormat = 1
	passphraseKDF    = "PBKDF2-HMAC-SHA-256"
	passphraseSalt   = 32         // bytes; NIST SP 800-132, 5.1 wants at least 16
	passphraseCheck  = 12 + 16    // bytes: nonce and tag of AES-GCM around nothing
	passphraseLimit  = 4 << 10    // bytes of the file
	passphraseMin    = 12         // characters
	passphraseMax    = 1 << 10    // bytes
	costMin          = 600_000    // iterations: OWASP's figure for HMAC-SHA-256
	costMax          = 10_000_000 // iterations: seconds, so that a planted file does not stop a program
)

// passphraseFile is what must be known, besides the passphrase, to derive the
// key-encryption key. Nothing in it is secret, but without it the passphrase is
// worth nothing: it belongs into every backup of the keys.
//
//	{
//	  "sekisho-kek-passphrase": 1,
//	  "kdf": "PBKDF2-HMAC-SHA-256",
//	  "iterations": 600000,
//	  "salt": "…",
//	  "check": "…",
//	  "digest": "…"
//	}
//
// The file has one spelling, the one encode writes.
type passphraseFile struct {
	Format     int    `json:"sekisho-kek-passphrase"`
	KDF        string `json:"kdf"`
	Iterations int    `json:"iterations"`
	Salt       []byte `json:"salt"`
	Check      []byte `json:"check"`  // nothing, sealed under the key: only the passphrase opens it
	Digest     []byte `json:"digest"` // SHA-256 of the rest: damage is not taken for a wrong passphrase
}

// CreatePassphrase derives a key-encryption key from passphrase, writes salt and
// cost into a new file at path, and returns the key. A file that is there is
// never overwritten, and a crash leaves the whole file or none.
//
// The key is PBKDF2 (NIST SP 800-132, RFC 8018) with HMAC-SHA-256, 32 bytes of
// random salt, and the given number of iterations; 0 stands for 600,000, which is
// the least. More than 10,000,000 are refused. HMAC, SHA-256 and AES-GCM are on
// the CRYPTREC list; functions that cost memory, such as Argon2, are not.
//
// The passphrase is taken as the bytes that it is: it is not normalised, so a
// passphrase that keyboards compose in two ways (é, が) may not open on another
// system. It needs at least 12 characters, and no line end, which a file or a
// pipe may have added. It is not cleared: that is for whoever owns it. Errors
// are *[Error].
func CreatePassphrase(path string, passphrase []byte, iterations int) (tink.AEAD, error) {
	d := passphraseFileAt(path)
	if iterations == 0 {
		iterations = costMin
	}
	if detail := checkCost(iterations); detail != "" {
		return nil, d.refuse(ReasonCost, detail, nil)
	}
	detail := checkPassphrase(passphrase)
	if n := utf8.RuneCount(passphrase); detail == "" && n < passphraseMin {
		detail = fmt.Sprintf("%d characters, want %d or more: four or five words that do not belong together are easy to remember", n, passphraseMin)
	}
	if detail != "" {
		return nil, d.refuse(ReasonWeak, detail, nil)
	}
	f := &passphraseFile{Format: passphraseFormat, KDF: passphraseKDF, Iterations: iterations, Salt: make([]byte, passphraseSalt)}
	rand.Read(f.Salt) // never fails: crypto/rand ends the program instead
	a, err := f.derive(path, passphrase)
	if err != nil {
		return nil, err
	}
	if f.Check, err = a.Encrypt(nil, f.associatedData()); err != nil {
		return nil, d.refuse(ReasonEncrypt, "", nil)
	}
	f.Digest = f.digest()
	data, err := f.encode()
	if err != nil {
		return nil, d.refuse(ReasonUnwritable, "", err)
	}
	if err := d.writeNew(data); err != nil {
		return nil, err
	}
	return &passphraseKEK{aeadDoor("passphrase", path, a)}, nil
}

// OpenPassphrase derives the key-encryption key from passphrase and the file at
// path, which [CreatePassphrase] wrote. A wrong passphrase is told apart from a
// damaged file, and both from keys that do not open: the *[Error] has
// ReasonPassphrase for the first and ReasonMalformed for the second. A file that
// asks for more than 10,000,000 iterations, or for fewer than 600,000, is
// refused before anything is computed.
func OpenPassphrase(path string, passphrase []byte) (tink.AEAD, error) {
	d := passphraseFileAt(path)
	data, err := d.read(anyFile)
	if err != nil {
		return nil, err
	}
	f, reason, detail := decodePassphraseFile(data)
	if f == nil {
		return nil, d.refuse(reason, detail, nil)
	}
	if detail := checkPassphrase(passphrase); detail != "" {
		return nil, d.refuse(ReasonPassphrase, detail, nil)
	}
	a, err := f.derive(path, passphrase)
	if err != nil {
		return nil, err
	}
	if _, err := a.Decrypt(f.Check, f.associatedData()); err != nil {
		return nil, d.refuse(ReasonPassphrase, "", nil)
	}
	return &passphraseKEK{aeadDoor("passphrase", path, a)}, nil
}

func passphraseFileAt(path string) disk {
	return disk{door: "passphrase", path: path, limit: passphraseLimit}
}

// checkPassphrase finds what makes a passphrase one that nobody types: it says
// what, or nothing.
func checkPassphrase(passphrase []byte) string {
	switch {
	case len(passphrase) == 0:
		return "it is empty"
	case len(passphrase) > passphraseMax:
		return fmt.Sprintf("%d bytes, want %d at most", len(passphrase), passphraseMax)
	case bytes.ContainsAny(passphrase, "\r\n\x00"):
		return "it has a line end or a NUL in it: cut off what the file or the pipe added"
	}
	return ""
}

func checkCost(iterations int) string {
	if iterations < costMin || iterations > costMax {
		return fmt.Sprintf("%d iterations, want %d to %d", iterations, costMin, costMax)
	}
	return ""
}

// derive computes the key. The standard library takes the passphrase as a
// string: that copy is the garbage collector's.
func (f *passphraseFile) derive(path string, passphrase []byte) (tink.AEAD, error) {
	key, err := pbkdf2.Key(sha256.New, string(passphrase), f.Salt, f.Iterations, keySize)
	if err != nil {
		return nil, &Error{Door: "passphrase", Path: path, Reason: ReasonEncrypt}
	}
	return gcm("passphrase", path, key)
}

// associatedData binds the check to what it is a check of. No keyset has this
// associated data.
func (f *passphraseFile) associatedData() []byte {
	return fmt.Appendf(nil, "sekisho-kek-passphrase\x00%d\x00%s\x00%d\x00%x", f.Format, f.KDF, f.Iterations, f.Salt)
}

func (f *passphraseFile) digest() []byte {
	sum := sha256.Sum256(append(f.associatedData(), f.Check...))
	return sum[:]
}

func (f *passphraseFile) encode() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// decodePassphraseFile decides everything that can be decided without the
// passphrase. A file that is refused is nil.
func decodePassphraseFile(data []byte) (f *passphraseFile, r Reason, detail string) {
	// The number is looked at first and alone: a file of a later format need
	// not have the fields of this one.
	var head struct {
		Format int `json:"sekisho-kek-passphrase"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Format < 1 {
		return nil, ReasonMalformed, `no JSON object with a "sekisho-kek-passphrase" number`
	}
	if head.Format != passphraseFormat {
		return nil, ReasonFormat, fmt.Sprintf("format %d, want %d", head.Format, passphraseFormat)
	}
	f = new(passphraseFile)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, ReasonMalformed, "a field has a wrong type"
	}
	if canonical, err := f.encode(); err != nil || !bytes.Equal(canonical, data) {
		return nil, ReasonMalformed, "a field is unknown, doubled or missing, or the spelling was changed"
	}
	if !bytes.Equal(f.Digest, f.digest()) {
		return nil, ReasonMalformed, "the digest is wrong"
	}
	if f.KDF != passphraseKDF {
		return nil, ReasonFormat, fmt.Sprintf("kdf %q, want %s", clip(f.KDF), passphraseKDF)
	}
	if len(f.Salt) != passphraseSalt {
		return nil, ReasonMalformed, fmt.Sprintf("a salt of %d bytes, want %d", len(f.Salt), passphraseSalt)
	}
	if len(f.Check) != passphraseCheck {
		return nil, ReasonMalformed, fmt.Sprintf("a check of %d bytes, want %d", len(f.Check), passphraseCheck)
	}
	if detail := checkCost(f.Iterations); detail != "" {
		return nil, ReasonCost, detail
	}
	return f, ReasonUnknown, ""
}
