package kek

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	anyTwoFormat = 1
	holdersMin   = 3
	holdersMax   = 5
	holderName   = 32            // bytes
	wrappedLimit = 8 << 10       // bytes of a wrapped data key
	blobLimit    = 2 * sizeLimit // bytes of what AnyTwo and Envelope write
)

// Holder is a person, or a place, that has one of the keys of [AnyTwo].
type Holder struct {
	Name string    // 1 to 32 of a-z, 0-9, - and _; stands readable in what is encrypted
	KEK  tink.AEAD // nil when the holder is not there
}

// AnyTwo returns a key-encryption key that any two of three to five holders can
// use together, and none alone. It encrypts under a fresh AES-256-GCM key, which
// it wraps once for each pair of holders as [Both] does; so encrypting needs all
// of them, and decrypting any two, the others having a nil KEK. The names of the
// holders and all wrapped keys are bound to the data: a change of any byte
// refuses the whole, whoever opens it.
//
// To give a holder's place to another person, decrypt and encrypt again under
// the new list. Errors are *[Error].
func AnyTwo(holders ...Holder) (tink.AEAD, error) {
	c := circle(slices.Clone(holders))
	var names []string
	for _, h := range c {
		names = append(names, h.Name)
	}
	if detail := checkHolders(names); detail != "" {
		return nil, &Error{Door: "any-two", Reason: ReasonNames, Detail: detail}
	}
	if present := c.present(names); len(present) < 2 {
		return nil, tooFew(present, names)
	}
	return &anyTwoKEK{door{name: "any-two", encrypt: c.encrypt, decrypt: c.decrypt}}, nil
}

func checkHolders(names []string) string {
	if len(names) < holdersMin || len(names) > holdersMax {
		return fmt.Sprintf("%d holders, want %d to %d", len(names), holdersMin, holdersMax)
	}
	seen := make(map[string]bool)
	for _, name := range names {
		ok := name != "" && len(name) <= holderName
		for _, c := range []byte(name) {
			ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_')
		}
		if !ok {
			return fmt.Sprintf("holder %q: want 1 to %d of a-z, 0-9, - and _", clip(name), holderName)
		}
		if seen[name] {
			return fmt.Sprintf("holder %q is there twice", name)
		}
		seen[name] = true
	}
	return ""
}

func tooFew(present, names []string) error {
	return &Error{Door: "any-two", Reason: ReasonMissing,
		Detail: fmt.Sprintf("%d of the holders %s there, want two", len(present), strings.Join(names, ", "))}
}

// circle is the holders of an AnyTwo.
type circle []Holder

func (c circle) holder(name string) tink.AEAD {
	for _, h := range c {
		if h.Name == name {
			return h.KEK
		}
	}
	return nil
}

// present returns those of names whose holders are there.
func (c circle) present(names []string) []string {
	var present []string
	for _, name := range names {
		if c.holder(name) != nil {
			present = append(present, name)
		}
	}
	return present
}

// anyTwoBlob is what AnyTwo encrypts to: JSON in one spelling, the one encode
// writes.
type anyTwoBlob struct {
	Format  int      `json:"sekisho-kek-any-two"`
	Holders []string `json:"holders"`
	Keys    [][]byte `json:"keys"` // the data key, wrapped for each pair: 1 and 2, 1 and 3, …, 2 and 3, …
	Data    []byte   `json:"data"`
}

// pairs returns the pairs of n holders in the order of the wrapped keys.
func pairs(n int) [][2]int {
	var list [][2]int
	for i := range n {
		for j := i + 1; j < n; j++ {
			list = append(list, [2]int{i, j})
		}
	}
	return list
}

func (b *anyTwoBlob) encode() ([]byte, error) { return json.Marshal(b) }

// wrapAD binds a wrapped key to its pair, to the list of holders and to the
// associated data of the whole. Names have no comma, and the lists end in NUL.
func (b *anyTwoBlob) wrapAD(p [2]int, ad []byte) []byte {
	return append(fmt.Appendf(nil, "sekisho-any-two-key\x00%d\x00%s\x00%s,%s\x00", b.Format,
		strings.Join(b.Holders, ","), b.Holders[p[0]], b.Holders[p[1]]), ad...)
}

// dataAD binds the data to everything else, with lengths before what is of any
// length.
func (b *anyTwoBlob) dataAD(ad []byte) []byte {
	out := fmt.Appendf(nil, "sekisho-any-two-data\x00%d\x00%s\x00", b.Format, strings.Join(b.Holders, ","))
	for _, key := range b.Keys {
		out = fmt.Appendf(out, "%d\x00%s", len(key), key)
	}
	return append(out, ad...)
}

func (c circle) encrypt(plaintext, ad []byte) ([]byte, error) {
	refuse := func(r Reason, detail string) ([]byte, error) {
		return nil, &Error{Door: "any-two", Reason: r, Detail: detail}
	}
	b := &anyTwoBlob{Format: anyTwoFormat}
	for _, h := range c {
		b.Holders = append(b.Holders, h.Name)
		if h.KEK == nil {
			return refuse(ReasonMissing, fmt.Sprintf("holder %s; encrypting needs all", h.Name))
		}
	}
	if len(plaintext) > sizeLimit || len(ad) > sizeLimit {
		return refuse(ReasonTooLong, fmt.Sprintf("want at most %d bytes", sizeLimit))
	}
	key := make([]byte, keySize)
	defer clear(key)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	a, err := gcm("any-two", "", bytes.Clone(key))
	if err != nil {
		return nil, err
	}
	for _, p := range pairs(len(c)) {
		wrapped, err := c.pair(b, p).encrypt(key, b.wrapAD(p, ad))
		if err != nil {
			return nil, err
		}
		if len(wrapped) > wrappedLimit {
			return refuse(ReasonTooLong, fmt.Sprintf("a wrapped key of %d bytes, want at most %d", len(wrapped), wrappedLimit))
		}
		b.Keys = append(b.Keys, wrapped)
	}
	if b.Data, err = a.Encrypt(plaintext, b.dataAD(ad)); err != nil {
		return refuse(ReasonEncrypt, "")
	}
	out, err := b.encode()
	if err != nil {
		return refuse(ReasonEncrypt, "")
	}
	return out, nil
}

func (c circle) pair(b *anyTwoBlob, p [2]int) pair {
	return pair{door: "any-two", first: c.holder(b.Holders[p[0]]), second: c.holder(b.Holders[p[1]])}
}

func (c circle) decrypt(ciphertext, ad []byte) ([]byte, error) {
	b, detail := decodeAnyTwo(ciphertext)
	if b == nil {
		return nil, &Error{Door: "any-two", Reason: ReasonMalformed, Detail: detail}
	}
	present := c.present(b.Holders)
	if len(present) < 2 {
		return nil, tooFew(present, b.Holders)
	}
	var last error
	for i, p := range pairs(len(b.Holders)) {
		if c.holder(b.Holders[p[0]]) == nil || c.holder(b.Holders[p[1]]) == nil {
			continue
		}
		plaintext, err := b.open(c.pair(b, p), p, b.Keys[i], ad)
		if err == nil {
			return plaintext, nil
		}
		last = err
	}
	return nil, &Error{Door: "any-two", Reason: ReasonLocked, Detail: "with " + strings.Join(present, ", "), Err: last}
}

func (b *anyTwoBlob) open(two pair, p [2]int, wrapped, ad []byte) ([]byte, error) {
	key, err := two.decrypt(wrapped, b.wrapAD(p, ad))
	if err != nil {
		return nil, err
	}
	defer clear(key)
	if len(key) != keySize {
		return nil, &Error{Door: "any-two", Reason: ReasonMalformed, Detail: "a wrapped key has a wrong length"}
	}
	a, err := gcm("any-two", "", bytes.Clone(key))
	if err != nil {
		return nil, err
	}
	plaintext, err := a.Decrypt(b.Data, b.dataAD(ad))
	if err != nil {
		return nil, &Error{Door: "any-two", Reason: ReasonLocked, Detail: "the data"}
	}
	return plaintext, nil
}

// decodeAnyTwo decides everything that can be decided without a key. What is
// refused is nil.
func decodeAnyTwo(data []byte) (b *anyTwoBlob, detail string) {
	if len(data) > blobLimit {
		return nil, fmt.Sprintf("longer than %d bytes", blobLimit)
	}
	b = new(anyTwoBlob)
	if err := json.Unmarshal(data, b); err != nil {
		return nil, "not the JSON object that any-two writes"
	}
	if canonical, err := b.encode(); err != nil || !bytes.Equal(canonical, data) {
		return nil, "a field is unknown, doubled or missing, or the spelling was changed"
	}
	if b.Format != anyTwoFormat {
		return nil, fmt.Sprintf("format %d, want %d", b.Format, anyTwoFormat)
	}
	if detail := checkHolders(b.Holders); detail != "" {
		return nil, detail
	}
	if want := len(pairs(len(b.Holders))); len(b.Keys) != want {
		return nil, fmt.Sprintf("%d wrapped keys, want %d", len(b.Keys), want)
	}
	for _, key := range b.Keys {
		if len(key) == 0 || len(key) > wrappedLimit {
			return nil, fmt.Sprintf("a wrapped key of %d bytes, want 1 to %d", len(key), wrappedLimit)
		}
	}
	return b, ""
}
