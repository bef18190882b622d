package kek

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"
)

const envelopeFormat = 1

// Envelope returns a key-encryption key that encrypts under a fresh AES-256-GCM
// key, which it lets service encrypt: for services that take small plaintexts
// only, such as AWS KMS (4 KiB). The service never sees a keyset, and is called
// once for each. Both the service and the data are given the associated data, so
// it is bound even if one of them should ignore it.
//
// Tink's own envelope gives the service no associated data, so that nothing of
// it is in the service's records; this is why there is another one here. Errors
// are *[Error], or those of service.
func Envelope(service tink.AEAD) (tink.AEAD, error) {
	if service == nil {
		return nil, &Error{Door: "envelope", Reason: ReasonMissing}
	}
	e := envelope{service}
	return &envelopeKEK{door{name: "envelope", encrypt: e.encrypt, decrypt: e.decrypt}}, nil
}

type envelope struct{ service tink.AEAD }

// envelopeBlob is JSON in one spelling, the one encode writes.
type envelopeBlob struct {
	Format int    `json:"sekisho-kek-envelope"`
	Key    []byte `json:"key"` // the data key, encrypted by the service
	Data   []byte `json:"data"`
}

func (b *envelopeBlob) encode() ([]byte, error) { return json.Marshal(b) }

// dataAD binds the data to the format and the wrapped key.
func (b *envelopeBlob) dataAD(ad []byte) []byte {
	return append(fmt.Appendf(nil, "sekisho-envelope\x00%d\x00%d\x00%s", b.Format, len(b.Key), b.Key), ad...)
}

func (e envelope) encrypt(plaintext, ad []byte) ([]byte, error) {
	refuse := func(r Reason, detail string) ([]byte, error) {
		return nil, &Error{Door: "envelope", Reason: r, Detail: detail}
	}
	if len(plaintext) > sizeLimit || len(ad) > sizeLimit {
		return refuse(ReasonTooLong, fmt.Sprintf("want at most %d bytes", sizeLimit))
	}
	key := make([]byte, keySize)
	defer clear(key)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	a, err := gcm("envelope", "", bytes.Clone(key))
	if err != nil {
		return nil, err
	}
	b := &envelopeBlob{Format: envelopeFormat}
	if b.Key, err = e.service.Encrypt(key, ad); err != nil {
		return nil, closedCause(err)
	}
	if len(b.Key) == 0 || len(b.Key) > wrappedLimit || bytes.Contains(b.Key, key) {
		return refuse(ReasonEncrypt, fmt.Sprintf("the service makes %d bytes of a key, or does not encrypt it", len(b.Key)))
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

// closedCause lets an *Error through, which has no plaintext in it, and nothing
// else that has seen a key.
func closedCause(err error) error {
	if e, ok := err.(*Error); ok {
		return e
	}
	return &Error{Door: "envelope", Reason: ReasonEncrypt}
}

func (e envelope) decrypt(ciphertext, ad []byte) ([]byte, error) {
	b, detail := decodeEnvelope(ciphertext)
	if b == nil {
		return nil, &Error{Door: "envelope", Reason: ReasonMalformed, Detail: detail}
	}
	key, err := e.service.Decrypt(b.Key, ad)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	if len(key) != keySize {
		return nil, &Error{Door: "envelope", Reason: ReasonMalformed, Detail: "the wrapped key has a wrong length"}
	}
	a, err := gcm("envelope", "", bytes.Clone(key))
	if err != nil {
		return nil, err
	}
	plaintext, err := a.Decrypt(b.Data, b.dataAD(ad))
	if err != nil {
		return nil, &Error{Door: "envelope", Reason: ReasonLocked, Detail: "the data"}
	}
	return plaintext, nil
}

// decodeEnvelope decides everything that can be decided without a key. What is
// refused is nil.
func decodeEnvelope(data []byte) (b *envelopeBlob, detail string) {
	if len(data) > blobLimit {
		return nil, fmt.Sprintf("longer than %d bytes", blobLimit)
	}
	b = new(envelopeBlob)
	if err := json.Unmarshal(data, b); err != nil {
		return nil, "not the JSON object that an envelope is"
	}
	if canonical, err := b.encode(); err != nil || !bytes.Equal(canonical, data) {
		return nil, "a field is unknown, doubled or missing, or the spelling was changed"
	}
	if b.Format != envelopeFormat {
		return nil, fmt.Sprintf("format %d, want %d", b.Format, envelopeFormat)
	}
	if len(b.Key) == 0 || len(b.Key) > wrappedLimit {
		return nil, fmt.Sprintf("a wrapped key of %d bytes, want 1 to %d", len(b.Key), wrappedLimit)
	}
	return b, ""
}
