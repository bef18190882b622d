package crypto

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	fileFormat  = 1
	fileSuffix  = ".keyset"
	fileLimit   = 256 << 10 // bytes; a keyset of a thousand keys is under 100 KiB
	nameLimit   = 64        // bytes of a zone name
	policyLimit = 128       // bytes of a policy name
)

// keysetFile is a keyset file: a readable header around Tink's encrypted keyset.
//
//	{
//	  "sekisho-keyset": 1,
//	  "policy": "kouki",
//	  "zone": "mynumber",
//	  "use": "seal",
//	  "metadata": {
//	    "created": "2026-04-01T00:00:00Z"
//	  },
//	  "keyset": "…"
//	}
//
// The file has one spelling, the one encode writes: a change of any byte is
// found, also in white space. Everything but the format number is
// authenticated by the key-encryption key (see associatedData).
type keysetFile struct {
	Format   int               `json:"sekisho-keyset"`
	Policy   string            `json:"policy"`
	Zone     string            `json:"zone"`
	Use      string            `json:"use"`
	Metadata map[string]string `json:"metadata,omitempty"` // informs; what must be obeyed takes a new format number
	Keyset   []byte            `json:"keyset"`             // Tink's EncryptedKeyset, binary, without its unauthenticated KeysetInfo
}

// associatedData is what the key-encryption key binds: policy, zone and use,
// then names and values of the metadata in the order of the names. A keyset
// that is passed off as that of another policy, zone or use does not open.
func (f *keysetFile) associatedData() []byte {
	ad := AppendAD(nil, f.Policy, f.Zone, f.Use)
	for _, name := range slices.Sorted(maps.Keys(f.Metadata)) {
		ad = AppendAD(ad, name, f.Metadata[name])
	}
	return ad
}

func (f *keysetFile) encode() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// lock encrypts h into the file. What the key-encryption key says when it fails
// is not passed on: it has seen the keys in clear and might repeat them.
func (f *keysetFile) lock(h *keyset.Handle, kek tink.AEAD) error {
	var buf bytes.Buffer
	if err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&buf), kek, f.associatedData()); err != nil {
		return fmt.Errorf("it refused to encrypt the keyset")
	}
	f.Keyset = buf.Bytes()
	return nil
}

func (f *keysetFile) unlock(kek tink.AEAD) (*keyset.Handle, error) {
	return keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(f.Keyset)), kek, f.associatedData())
}

// bindsAD reports whether kek, which has just opened the file, refuses it under
// associated data that differs in one bit and under none. Opening is all it
// asks: at run time a program often has no right to encrypt.
func (f *keysetFile) bindsAD(kek tink.AEAD) bool {
	encrypted, err := keyset.NewBinaryReader(bytes.NewReader(f.Keyset)).ReadEncrypted()
	if err != nil {
		return false
	}
	return refusesOther(kek, encrypted.GetEncryptedKeyset(), f.associatedData())
}

// refusesOther reports whether kek refuses ct under other associated data than
// ad, which it was encrypted with and which is not empty.
func refusesOther(kek tink.AEAD, ct, ad []byte) bool {
	other := bytes.Clone(ad)
	other[len(other)-1] ^= 1
	for _, wrong := range [][]byte{other, nil} {
		if plaintext, err := kek.Decrypt(ct, wrong); err == nil {
			clear(plaintext)
			return false
		}
	}
	return true
}

// decodeFile reads the file called name. It decides everything that can be
// decided without the key-encryption key; errors are *KeyringError.
func decodeFile(name string, data []byte) (*keysetFile, Use, error) {
	refuse := func(r Reason, format string, args ...any) (*keysetFile, Use, error) {
		return nil, UseUnknown, &KeyringError{File: name, Reason: r, Detail: fmt.Sprintf(format, args...)}
	}
	if len(data) > fileLimit {
		return refuse(ReasonMalformed, "longer than %d bytes", fileLimit)
	}
	// The number is looked at first and alone: a file of a later format need
	// not have the fields of this one.
	var head struct {
		Format int `json:"sekisho-keyset"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Format < 1 {
		return refuse(ReasonMalformed, "no JSON object with a \"sekisho-keyset\" number")
	}
	if head.Format != fileFormat {
		return refuse(ReasonFormat, "format %d, want %d", head.Format, fileFormat)
	}
	f := new(keysetFile)
	if err := json.Unmarshal(data, f); err != nil {
		return refuse(ReasonMalformed, "a field has a wrong type")
	}
	if canonical, err := f.encode(); err != nil || !bytes.Equal(canonical, data) {
		return refuse(ReasonMalformed, "a field is unknown, doubled or missing, or the spelling was changed")
	}
	if err := checkPolicyName(f.Policy); err != nil {
		return refuse(ReasonMalformed, "%v", err)
	}
	if err := checkZoneName(f.Zone); err != nil {
		return refuse(ReasonMalformed, "%v", err)
	}
	if !canonicalKeyset(f.Keyset) {
		return refuse(ReasonMalformed, "the keyset is not an encrypted Tink keyset")
	}
	use, ok := parseUse(f.Use)
	if !ok {
		return refuse(ReasonUse, "use %q", f.Use)
	}
	if want := fileName(f.Zone, use); name != want {
		return refuse(ReasonRenamed, "the header says zone %q, use %q: want the name %q", f.Zone, f.Use, want)
	}
	return f, use, nil
}

// canonicalKeyset reports whether b is an EncryptedKeyset as Tink writes it:
// fields that nothing authenticates do not ride along.
func canonicalKeyset(b []byte) bool {
	encrypted, err := keyset.NewBinaryReader(bytes.NewReader(b)).ReadEncrypted()
	if err != nil || len(encrypted.GetEncryptedKeyset()) == 0 {
		return false
	}
	var again bytes.Buffer
	err = keyset.NewBinaryWriter(&again).WriteEncrypted(encrypted)
	return err == nil && bytes.Equal(again.Bytes(), b)
}

func fileName(zone string, use Use) string { return zone + "." + use.String() + fileSuffix }

// checkZoneName wants a name that is a file name everywhere and has no dot,
// which separates the zone from the use.
func checkZoneName(name string) error {
	ok := name != "" && len(name) <= nameLimit && name[0] != '-'
	for _, c := range []byte(name) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}
	if !ok {
		return fmt.Errorf("zone name %q: want 1 to %d of a-z, A-Z, 0-9, - and _, not beginning with -", clip(name), nameLimit)
	}
	return nil
}

func checkPolicyName(name string) error {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if name == "" || len(name) > policyLimit || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return fmt.Errorf("policy name %q: want 1 to %d bytes of printable UTF-8", clip(name), policyLimit)
	}
	return nil
}

// clip keeps a name that is far too long from filling the error.
func clip(name string) string {
	if len(name) > policyLimit {
		return name[:policyLimit] + "…"
	}
	return name
}
