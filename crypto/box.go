package crypto

import (
	"encoding/binary"
	"fmt"
)

// SealBox seals plaintext for zone Z with its public key (HPKE, RFC 9180, base
// mode, one shot), so that only who holds the zone's private keys can open it.
// Info says what it is and for whom; it is bound, not stored, and [OpenBox] must
// be given it again. It is for keys and other short things: parcels carry the
// rest. It says nothing about who sealed it: [Sign] does.
//
// The result begins with 0x01 and the id of the key as four bytes, the highest
// first. The error is a *[NoKeysError] when k holds no public box keys, a
// *[PeriodError] when the key's time to produce is over.
func SealBox[Z Zone](k *PublicKeys[Z], plaintext, info []byte) ([]byte, error) {
	z := k.held()
	if z == nil || z.sealBox == nil {
		return nil, z.missing(nameOf[Z](), UseBoxPublic)
	}
	if err := z.mayProduce(z.holder(UseBoxPublic)); err != nil {
		return nil, err
	}
	box, err := z.sealBox(plaintext, info)
	if err != nil {
		return nil, fmt.Errorf("crypto: box for zone %q: %d bytes cannot be sealed", z.zone, len(plaintext))
	}
	return box, nil
}

// OpenBox returns what was sealed in the box for zone Z. The error is an
// *[OpenError], the same for every cause that lies in box or info, a
// *[NoKeysError] when k holds no private box keys, a *[PeriodError] when the time
// to consume of the key that the box names is over, a *[StaleError] when the keys
// are older than their grace.
func OpenBox[Z Zone](k *Keys[Z], box, info []byte) ([]byte, error) {
	z := k.held()
	if z == nil || z.openBox == nil {
		return nil, z.missing(nameOf[Z](), UseBox)
	}
	if err := z.stale(); err != nil {
		return nil, err
	}
	plaintext, err := z.openBox(box, info)
	if err != nil {
		return nil, z.whyNot(UseBox, KeyID(box))
	}
	return plaintext, nil
}

// Sign signs the message with the key of zone Z (Ed25519, RFC 8032). Begin the
// message with what it is, so that a signature for one thing is none for another.
//
// The result begins with 0x01 and the id of the key as four bytes, the highest
// first. The error is a *[NoKeysError] when k holds no sign keys, a *[PeriodError]
// when the key's time to produce is over.
func Sign[Z Zone](k *Keys[Z], message []byte) ([]byte, error) {
	z := k.held()
	if z == nil || z.sign == nil {
		return nil, z.missing(nameOf[Z](), UseSign)
	}
	if err := z.mayProduce(UseSign); err != nil {
		return nil, err
	}
	signature, err := z.sign(message)
	if err != nil {
		return nil, fmt.Errorf("crypto: sign in zone %q: the message of %d bytes cannot be signed", z.zone, len(message))
	}
	return signature, nil
}

// Verify returns nil when the signature is one of zone Z over the message. The
// error is a *[SignatureError] when it is not, a *[NoKeysError] when k holds no
// public keys for it, a *[PeriodError] when the time to consume of the key that
// the signature names is over, a *[StaleError] when the keys are older than their
// grace.
func Verify[Z Zone](k *PublicKeys[Z], signature, message []byte) error {
	z := k.held()
	if z == nil || z.verify == nil {
		return z.missing(nameOf[Z](), UseVerify)
	}
	if err := z.stale(); err != nil {
		return err
	}
	if err := z.verify(signature, message); err != nil {
		if e := z.lapsed[one{z.holder(UseVerify), KeyID(signature)}]; e != nil {
			return e
		}
		return &SignatureError{Zone: z.zone}
	}
	return nil
}

// KeyID returns the id of the key that a sealed value, a box or a signature names,
// 0 when b is none of them. It is not authenticated.
func KeyID(b []byte) uint32 {
	if len(b) < keyPrefix || b[0] != sealedVersion {
		return 0
	}
	return binary.BigEndian.Uint32(b[1:])
}
