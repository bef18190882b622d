package crypto

import (
	"bytes"
	"database/sql/driver"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Sealed is a value of type T, sealed under the keys of zone Z. It may travel
// and be stored anywhere; only who holds Keys[Z] can open it.
//
// A Sealed comes to exist by [Seal] or by decoding one that Seal made. The zero
// value is the absence of a sealed value: it does not open, is NULL in a
// database and empty as text. Sealing a value twice gives two different Sealed;
// Equal compares the ciphertexts and says nothing about what is in them.
//
// As bytes it is what Tink writes: 0x01, the id of the key as four bytes with
// the highest first, a nonce of 12 bytes, the ciphertext, a tag of 16 bytes.
// As text it is that in base64url without padding (RFC 4648, 5).
type Sealed[Z Zone, T any] struct {
	_  [0]*Z // Sealed of two zones do not convert into each other
	_  [0]*T // nor do Sealed of two types
	ct []byte
}

const (
	keyPrefix = 5                   // 0x01 and the key id
	sealedMin = keyPrefix + 12 + 16 // an empty plaintext
)

var encoding = base64.RawURLEncoding.Strict()

// Seal seals plaintext under the primary key of zone Z and binds ad, the
// associated data, which [Open] must be given again, byte by byte the same.
// Neither is changed or kept: both may be reused after the call. T is checked
// by the compiler only; name it in ad too (see [AppendAD]), so that it is also
// checked after the value was text in between.
//
// The error is a *[NoKeysError] when k holds no seal keys, a *[PeriodError] when
// the key's time to produce is over, a *[UsedUpError] when it has sealed as many
// values as one may, a *[LedgerError] when that cannot be counted.
func Seal[T any, Z Zone](k *Keys[Z], plaintext, ad []byte) (Sealed[Z, T], error) {
	z := k.held()
	if z == nil || z.seal == nil {
		return Sealed[Z, T]{}, z.missing(nameOf[Z](), UseSeal)
	}
	if err := z.mayProduce(UseSeal); err != nil {
		return Sealed[Z, T]{}, err
	}
	if err := z.count.take(); err != nil {
		return Sealed[Z, T]{}, err
	}
	ct, err := z.seal(plaintext, ad)
	if err != nil {
		// Tink fails here on a plaintext over 64 GiB only.
		return Sealed[Z, T]{}, fmt.Errorf("crypto: seal in zone %q: the value of %d bytes cannot be sealed in one piece", z.zone, len(plaintext))
	}
	return Sealed[Z, T]{ct: ct}, nil
}

// Open returns what was sealed in s. The error is an *[OpenError], the same for
// every cause that lies in s or ad, a *[NoKeysError] when k holds no seal keys, a
// *[PeriodError] when the time to consume of the key that s names is over, a
// *[StaleError] when the keys are older than their grace. Open never panics,
// whatever s was decoded from. What it returns is the caller's.
func Open[T any, Z Zone](k *Keys[Z], s Sealed[Z, T], ad []byte) ([]byte, error) {
	z := k.held()
	if z == nil || z.open == nil {
		return nil, z.missing(nameOf[Z](), UseSeal)
	}
	if err := z.stale(); err != nil {
		return nil, err
	}
	pt, err := z.open(s.ct, ad)
	if err != nil {
		return nil, z.whyNot(UseSeal, s.KeyID())
	}
	return pt, nil
}

// missing returns why there are no keys for the use: none at all, or the time to
// consume of all of them is over.
func (z *zoneKeys) missing(zone string, use Use) error {
	if z != nil {
		for _, u := range [...]Use{use, use.private()} {
			if e := z.gone[u]; e != nil {
				return e
			}
		}
	}
	return &NoKeysError{Zone: z.name(zone), Use: use}
}

// whyNot returns why something that names the key does not open.
func (z *zoneKeys) whyNot(use Use, key uint32) error {
	if e := z.lapsed[one{use, key}]; e != nil {
		return e
	}
	return &OpenError{Zone: z.zone}
}

// Reseal opens s and seals it again under the primary key of zone Z, with the
// same associated data, without showing what is in it; changed is false, and the
// result is s, when it is under the primary key already. Associated data holds
// nothing that a rotation changes, so it need not be known how s came about.
// Errors are those of [Open] and [Seal]. The absent value stays absent.
func Reseal[T any, Z Zone](k *Keys[Z], s Sealed[Z, T], ad []byte) (out Sealed[Z, T], changed bool, err error) {
	if primary, ok := k.Primary(UseSeal); s.IsZero() || ok && s.KeyID() == primary {
		return s, false, nil
	}
	plaintext, err := Open(k, s, ad)
	if err != nil {
		return s, false, err
	}
	defer clear(plaintext)
	out, err = Seal[T](k, plaintext, ad)
	if err != nil {
		return s, false, err
	}
	return out, true, nil
}

// IsZero reports whether s is absent.
func (s Sealed[Z, T]) IsZero() bool { return len(s.ct) == 0 }

// Equal reports whether s and t are the same ciphertext.
func (s Sealed[Z, T]) Equal(t Sealed[Z, T]) bool { return bytes.Equal(s.ct, t.ct) }

// KeyID returns the id of the key s was sealed under, 0 when s is absent. It is
// not authenticated until s is opened.
func (s Sealed[Z, T]) KeyID() uint32 {
	if len(s.ct) < keyPrefix {
		return 0
	}
	return binary.BigEndian.Uint32(s.ct[1:])
}

// Bytes returns a copy of the sealed bytes, nil when s is absent.
func (s Sealed[Z, T]) Bytes() []byte { return bytes.Clone(s.ct) }

// AppendBinary appends the sealed bytes to b. It does not fail.
func (s Sealed[Z, T]) AppendBinary(b []byte) ([]byte, error) { return append(b, s.ct...), nil }

// MarshalBinary returns the sealed bytes, empty when s is absent. It does not fail.
func (s Sealed[Z, T]) MarshalBinary() ([]byte, error) { return s.Bytes(), nil }

// UnmarshalBinary sets s to the sealed value data is the encoding of, absent
// when data is empty. The error is a *[MalformedError]; that data has the right
// form does not mean that it opens.
func (s *Sealed[Z, T]) UnmarshalBinary(data []byte) error {
	if len(data) == 0 {
		s.ct = nil
		return nil
	}
	if detail := checkSealed(data); detail != "" {
		return s.malformed(detail)
	}
	s.ct = bytes.Clone(data)
	return nil
}

// AppendText appends the text form to b. It does not fail.
func (s Sealed[Z, T]) AppendText(b []byte) ([]byte, error) {
	return encoding.AppendEncode(b, s.ct), nil
}

// MarshalText returns the text form, empty when s is absent. It does not fail.
func (s Sealed[Z, T]) MarshalText() ([]byte, error) { return s.AppendText(nil) }

// UnmarshalText sets s to the sealed value text is the text form of, absent
// when text is empty. The error is a *[MalformedError].
func (s *Sealed[Z, T]) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		s.ct = nil
		return nil
	}
	data, ok := decodeText(text)
	if !ok {
		return s.malformed("the text is not base64url without padding")
	}
	if detail := checkSealed(data); detail != "" {
		return s.malformed(detail)
	}
	s.ct = data
	return nil
}

// MarshalJSON returns the text form as a JSON string, null when s is absent. It
// does not fail.
func (s Sealed[Z, T]) MarshalJSON() ([]byte, error) {
	if s.IsZero() {
		return []byte("null"), nil
	}
	return appendQuoted(s.AppendText)
}

// UnmarshalJSON sets s to the sealed value of a JSON string, absent for null and
// for the empty string. The error is a *[MalformedError].
func (s *Sealed[Z, T]) UnmarshalJSON(data []byte) error {
	text, ok := unquoted(data)
	if !ok {
		return s.malformed("the JSON value is not a string of base64url and not null")
	}
	return s.UnmarshalText(text)
}

// Value stores s in a database as bytes, NULL when it is absent.
func (s Sealed[Z, T]) Value() (driver.Value, error) {
	if s.IsZero() {
		return nil, nil
	}
	return s.Bytes(), nil
}

// Scan reads s from a database column of bytes or of text; NULL is absent. An
// empty column that is not NULL was not written by Value and is refused. The
// error is a *[MalformedError].
func (s *Sealed[Z, T]) Scan(src any) error {
	var data []byte
	switch v := src.(type) {
	case nil:
		s.ct = nil
		return nil
	case []byte:
		data = v
	case string:
		data = []byte(v)
	default:
		return s.malformed(fmt.Sprintf("the column is a %T, want bytes or text", src))
	}
	if len(data) == 0 {
		return s.malformed("the column is empty, want NULL where there is no value")
	}
	// The first byte tells the forms apart: 0x01 is not a base64url digit.
	if data[0] == sealedVersion {
		return s.UnmarshalBinary(data)
	}
	return s.UnmarshalText(data)
}

// Format prints the type and the zone for every verb.
func (s Sealed[Z, T]) Format(f fmt.State, _ rune) { io.WriteString(f, s.GoString()) }

// GoString returns the type and the zone.
func (s Sealed[Z, T]) GoString() string { return "sealed(" + nameOf[Z]() + ")" }

// LogValue logs the type and the zone.
func (s Sealed[Z, T]) LogValue() slog.Value { return slog.StringValue(s.GoString()) }

func (s *Sealed[Z, T]) malformed(detail string) error {
	return &MalformedError{Kind: "sealed", Name: nameOf[Z](), Detail: detail}
}

// sealedVersion is the first byte of what Tink seals under a key with an id.
const sealedVersion = 0x01

// checkSealed returns what is wrong with the form of data, empty when nothing is.
func checkSealed(data []byte) string {
	switch {
	case len(data) < sealedMin:
		return fmt.Sprintf("%d bytes, want at least %d", len(data), sealedMin)
	case data[0] != sealedVersion:
		return fmt.Sprintf("the first byte is not %#02x", sealedVersion)
	}
	return ""
}

// decodeText is strict: one value has one text. Go's decoder skips line ends.
func decodeText(text []byte) ([]byte, bool) {
	if slices.Contains(text, '\n') || slices.Contains(text, '\r') {
		return nil, false
	}
	data, err := encoding.AppendDecode(nil, text)
	return data, err == nil
}

// appendQuoted returns the text as a JSON string. No text of this package has a
// character that JSON escapes.
func appendQuoted(text func([]byte) ([]byte, error)) ([]byte, error) {
	b, err := text([]byte{'"'})
	return append(b, '"'), err
}

// unquoted is the other way: null is the empty text.
func unquoted(data []byte) (text []byte, ok bool) {
	if string(data) == "null" {
		return nil, true
	}
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return nil, false
	}
	return data[1 : len(data)-1], true
}
