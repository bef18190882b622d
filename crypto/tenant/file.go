package tenant

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/prf/hkdfprf"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

const (
	suffix        = ".tenant"
	formatNumber  = 1
	fileLimit     = 16 << 10
	nameLimit     = 64
	operatorLimit = 256
	witnessSize   = 16
)

// file is a tenant's file: of one that lives, with its key; of one that was
// destroyed, a tombstone.
type file struct {
	Format    int       `json:"sekisho-tenant"`
	Policy    string    `json:"policy"`
	Tenant    string    `json:"tenant"`
	Created   time.Time `json:"created"`
	Destroyed time.Time `json:"destroyed,omitzero"`
	By        string    `json:"by,omitempty"`      // who destroyed it
	Digest    string    `json:"sha256,omitempty"`  // of the file that was destroyed, in hex
	Witness   []byte    `json:"witness,omitempty"` // something made with the key, which proves of a copy that it is the same
	Keyset    []byte    `json:"keyset,omitempty"`  // Tink's EncryptedKeyset, binary, without its unauthenticated KeysetInfo
	Seal      []byte    `json:"seal,omitempty"`    // nothing, encrypted: it authenticates a tombstone
}

func fileName(tenant string) string { return tenant + suffix }

// checkName wants a name that is a file name everywhere, one also where A is a.
func checkName(tenant string) error {
	ok := tenant != "" && len(tenant) <= nameLimit && tenant[0] != '-'
	for _, c := range []byte(tenant) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}
	if !ok {
		return &FileError{Reason: crypto.ReasonName, Detail: fmt.Sprintf("want 1 to %d of a-z, 0-9, - and _, not beginning with -", nameLimit)}
	}
	return nil
}

// checkOperator wants a printable line.
func checkOperator(name string) error {
	if name == "" || len(name) > operatorLimit || !utf8.ValidString(name) ||
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fmt.Errorf("tenant: the name of the operator is not 1 to %d bytes of printable UTF-8: say who destroys the key", operatorLimit)
	}
	return nil
}

func (f *file) encode() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	return append(b, '\n'), err
}

// decode reads the file of that name. It decides everything that can be decided
// without the key-encryption key.
func decode(name string, data []byte) (*file, error) {
	refuse := func(r crypto.Reason, format string, args ...any) (*file, error) {
		return nil, &FileError{File: name, Reason: r, Detail: fmt.Sprintf(format, args...)}
	}
	if len(data) > fileLimit {
		return refuse(crypto.ReasonMalformed, "longer than %d bytes", fileLimit)
	}
	var head struct {
		Format int `json:"sekisho-tenant"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Format < 1 {
		return refuse(crypto.ReasonMalformed, "no JSON object with a \"sekisho-tenant\" number")
	}
	if head.Format != formatNumber {
		return refuse(crypto.ReasonFormat, "format %d, want %d", head.Format, formatNumber)
	}
	f := new(file)
	if err := json.Unmarshal(data, f); err != nil {
		return refuse(crypto.ReasonMalformed, "a field has a wrong type")
	}
	if canonical, err := f.encode(); err != nil || !bytes.Equal(canonical, data) {
		return refuse(crypto.ReasonMalformed, "a field is unknown, doubled or missing, or the spelling was changed")
	}
	if detail := f.wrong(); detail != "" {
		return refuse(crypto.ReasonMalformed, "%s", detail)
	}
	if want := fileName(f.Tenant); name != want {
		return refuse(crypto.ReasonRenamed, "the header says %q", want)
	}
	return f, nil
}

// wrong returns what is wrong with the fields for themselves, empty when nothing.
func (f *file) wrong() string {
	for _, t := range []time.Time{f.Created, f.Destroyed} {
		if t.Location() != time.UTC || !t.Equal(keyfile.Now(t)) {
			return "a time is not in whole seconds of UTC"
		}
	}
	if keyfile.CheckPolicy(f.Policy) != nil || checkName(f.Tenant) != nil || f.Created.IsZero() {
		return "policy, tenant or the time of creation cannot be"
	}
	digest, err := hex.DecodeString(f.Digest)
	switch {
	case f.Destroyed.IsZero() && (f.By != "" || f.Digest != "" || f.Seal != nil):
		return "it is no tombstone and has fields of one"
	case f.Destroyed.IsZero() && len(f.Witness) != witnessSize:
		return "the witness is none"
	case f.Destroyed.IsZero() && !canonicalKeyset(f.Keyset):
		return "the keyset is not an encrypted Tink keyset"
	case f.Destroyed.IsZero():
		return ""
	case f.Keyset != nil || f.Witness != nil || len(f.Seal) == 0 || checkOperator(f.By) != nil:
		return "it is a tombstone and lacks a field or has a key"
	case err != nil || len(digest) != sha256.Size || f.Digest != hex.EncodeToString(digest):
		return "the digest is not SHA-256 in hex"
	}
	return ""
}

// canonicalKeyset reports whether b is an EncryptedKeyset as Tink writes it, with
// nothing beside it that is not authenticated.
func canonicalKeyset(b []byte) bool {
	encrypted, err := keyset.NewBinaryReader(bytes.NewReader(b)).ReadEncrypted()
	if err != nil || len(encrypted.GetEncryptedKeyset()) == 0 {
		return false
	}
	var again bytes.Buffer
	err = keyset.NewBinaryWriter(&again).WriteEncrypted(encrypted)
	return err == nil && bytes.Equal(again.Bytes(), b)
}

// associatedData is what the key-encryption key binds. That of a zone's keyset
// has four parts and begins with the name of the policy.
func (f *file) associatedData() []byte {
	parts := []string{"sekisho tenant", f.Policy, f.Tenant, f.Created.Format(time.RFC3339), "lives"}
	if !f.Destroyed.IsZero() {
		parts = append(parts[:4], "destroyed", f.Destroyed.Format(time.RFC3339), f.By, f.Digest)
	}
	return keyfile.AppendAD(nil, parts...)
}

// lock makes a fresh key and encrypts it into the file. What the key-encryption
// key says when it fails is not passed on: it has seen the key.
func (f *file) lock(kek tink.AEAD) error {
	parameters, err := hkdfprf.NewParameters(32, hkdfprf.SHA256, nil)
	if err != nil {
		return &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKeys, Err: err}
	}
	m := keyset.NewManager()
	id, err := m.AddNewKeyFromParameters(parameters)
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err != nil {
		return &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKeys, Err: err}
	}
	h, err := m.Handle()
	if err != nil {
		return &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKeys, Err: err}
	}
	if f.Witness, err = f.witness(h); err != nil {
		return &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKeys, Err: err}
	}
	return f.encrypt(h, kek, f.associatedData())
}

// encrypt encrypts the key into the file.
func (f *file) encrypt(h *keyset.Handle, kek tink.AEAD, ad []byte) error {
	var buf bytes.Buffer
	if err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&buf), kek, ad); err != nil {
		return &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKEK, Detail: "it refused to encrypt the key"}
	}
	f.Keyset = buf.Bytes()
	return nil
}

// witness is what the key makes of its tenant's name. Nothing else is made of
// what begins like that.
func (f *file) witness(h *keyset.Handle) ([]byte, error) {
	set, err := prf.NewPRFSet(h)
	if err != nil {
		return nil, err
	}
	return set.ComputePrimaryPRF(keyfile.AppendAD(nil, "sekisho tenant witness", f.Policy, f.Tenant), witnessSize)
}

// unlock decrypts the tenant's key. The file of a destroyed tenant has none.
func (f *file) unlock(kek tink.AEAD) (*keyset.Handle, error) {
	return f.decrypt(kek, f.associatedData())
}

// decrypt decrypts the key, which is bound to ad.
func (f *file) decrypt(kek tink.AEAD, ad []byte) (*keyset.Handle, error) {
	h, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(f.Keyset)), kek, ad)
	if err != nil {
		return nil, &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonLocked, Err: err}
	}
	e, err := h.Primary()
	if err != nil || h.Len() != 1 {
		return nil, &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKeys, Detail: "want one key"}
	}
	p, ok := e.Key().Parameters().(*hkdfprf.Parameters)
	if !ok || p.KeySizeInBytes() != 32 || p.HashType() != hkdfprf.SHA256 || len(p.Salt()) != 0 {
		return nil, &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKeys, Detail: "want HKDF-SHA256 with 32 bytes"}
	}
	if made, err := f.witness(h); err != nil || !bytes.Equal(made, f.Witness) {
		return nil, &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKeys, Detail: "it does not make its witness again", Err: err}
	}
	return h, nil
}

// binds reports whether kek, which has just opened the file, refuses it under
// other associated data.
func (f *file) binds(kek tink.AEAD) bool {
	encrypted, err := keyset.NewBinaryReader(bytes.NewReader(f.Keyset)).ReadEncrypted()
	if err != nil {
		return false
	}
	other := f.associatedData()
	other[len(other)-1] ^= 1
	for _, wrong := range [][]byte{other, nil} {
		if plaintext, err := kek.Decrypt(encrypted.GetEncryptedKeyset(), wrong); err == nil {
			clear(plaintext)
			return false
		}
	}
	return true
}

// sealTomb authenticates a tombstone.
func (f *file) sealTomb(kek tink.AEAD, ad []byte) (err error) {
	if f.Seal, err = kek.Encrypt(tombText, ad); err != nil {
		return &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKEK, Detail: "it refused to seal the tombstone", Err: err}
	}
	return nil
}

var tombText = []byte("destroyed")

// genuine reports whether the tombstone is one that Destroy wrote.
func (f *file) genuine(kek tink.AEAD) error { return f.sealed(kek, f.associatedData()) }

// sealed reports whether the tombstone was sealed by kek and is bound to ad.
func (f *file) sealed(kek tink.AEAD, ad []byte) error {
	if text, err := kek.Decrypt(f.Seal, ad); err != nil || !bytes.Equal(text, tombText) {
		return &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonLocked, Detail: "the tombstone", Err: err}
	}
	return nil
}
