package keyfile

import (
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/hybrid/hpke"
	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/prf/aescmacprf"
	"github.com/tink-crypto/tink-go/v2/prf/hkdfprf"
	"github.com/tink-crypto/tink-go/v2/signature/ed25519"
	"github.com/tink-crypto/tink-go/v2/streamingaead/aesgcmhkdf"
)

// Kind is what is known about a use of keys.
type Kind struct {
	Name       string      // in file names and in associated data: never changes
	Public     string      // the use of the public halves; empty for keys that have none
	Algorithms []Algorithm // the first is the one a fresh key has
	IsPublic   bool        // public keys: they are imported, never made
	Optional   bool        // made when asked for only
	witness    witness
}

// Algorithm is an algorithm that keys of a use may have.
type Algorithm struct {
	Name       string // as policies and reports have it
	Bits       int    // strength in bits (NIST SP 800-57 part 1, 5.6.1)
	Parameters func() (key.Parameters, error)
	permits    func(key.Key) bool
}

// Kinds is every use, in the order in which keys are made and shown.
var Kinds = []Kind{
	{Name: "seal", Algorithms: []Algorithm{aes256GCM}, witness: sealWitness{}},
	{Name: "token", Algorithms: []Algorithm{aes256CMAC}, witness: prfWitness{}},
	{Name: "index", Algorithms: []Algorithm{aes256CMAC}, witness: prfWitness{}},
	{Name: "stream", Algorithms: []Algorithm{aes256GCMStream}, witness: streamWitness{}},
	{Name: "box", Public: "box-public", Algorithms: []Algorithm{boxX25519, boxXWing}, witness: boxWitness{}},
	{Name: "sign", Public: "verify", Algorithms: []Algorithm{signEd25519}, witness: signWitness{}},
	{Name: "box-public", Algorithms: []Algorithm{publicOf(boxX25519), publicOf(boxXWing)}, IsPublic: true, Optional: true},
	{Name: "verify", Algorithms: []Algorithm{publicOf(signEd25519)}, IsPublic: true, Optional: true},
	{Name: "tenant", Algorithms: []Algorithm{hkdfPRF}, Optional: true, witness: prfWitness{}},
}

// KindOf returns the use of that name, nil when there is none.
func KindOf(name string) *Kind {
	for i := range Kinds {
		if Kinds[i].Name == name {
			return &Kinds[i]
		}
	}
	return nil
}

// Algorithm returns the algorithm of that name that keys of the use may have,
// nil when there is none.
func (k *Kind) Algorithm(name string) *Algorithm {
	for i := range k.Algorithms {
		if k.Algorithms[i].Name == name {
			return &k.Algorithms[i]
		}
	}
	return nil
}

// algorithmOf returns the algorithm that the key is of, nil when keys of this
// use may not have it.
func (k *Kind) algorithmOf(of key.Key) *Algorithm {
	for i := range k.Algorithms {
		if k.Algorithms[i].permits(of) {
			return &k.Algorithms[i]
		}
	}
	return nil
}

func (k *Kind) names() string {
	var names []string
	for _, a := range k.Algorithms {
		names = append(names, a.Name)
	}
	return strings.Join(names, " or ")
}

// aes256GCM wants the key id in front of each sealed value, so that a value
// finds its key after a rotation (NIST SP 800-38D).
var aes256GCM = Algorithm{
	Name: "AES-256-GCM", Bits: 256,
	Parameters: func() (key.Parameters, error) {
		return aesgcm.NewParameters(aesgcm.ParametersOpts{KeySizeInBytes: 32, IVSizeInBytes: 12, TagSizeInBytes: 16, Variant: aesgcm.VariantTink})
	},
	permits: func(k key.Key) bool {
		p, ok := k.Parameters().(*aesgcm.Parameters)
		return ok && p.KeySizeInBytes() == 32 && p.Variant() == aesgcm.VariantTink
	},
}

// aes256CMAC is NIST SP 800-38B, RFC 4493 with a key of 256 bits.
var aes256CMAC = Algorithm{
	Name: "AES-256-CMAC-PRF", Bits: 256,
	Parameters: func() (key.Parameters, error) {
		p, err := aescmacprf.NewParameters(32)
		return &p, err
	},
	permits: func(k key.Key) bool {
		p, ok := k.Parameters().(*aescmacprf.Parameters)
		return ok && p.KeySizeInBytes() == 32
	},
}

// segment is the length of a segment of a stream: what a reader holds in memory.
const segment = 1 << 20

var aes256GCMStream = Algorithm{
	Name: "AES-256-GCM-HKDF-SHA256", Bits: 256,
	Parameters: func() (key.Parameters, error) {
		return aesgcmhkdf.NewParameters(aesgcmhkdf.ParametersOpts{
			KeySizeInBytes: 32, DerivedKeySizeInBytes: 32, HKDFHashType: aesgcmhkdf.SHA256, SegmentSizeInBytes: segment})
	},
	permits: func(k key.Key) bool {
		p, ok := k.Parameters().(*aesgcmhkdf.Parameters)
		return ok && p.KeySizeInBytes() == 32 && p.DerivedKeySizeInBytes() == 32 &&
			p.HKDFHashType() == aesgcmhkdf.SHA256 && p.SegmentSizeInBytes() == segment
	},
}

// boxX25519 is DHKEM(X25519, HKDF-SHA256) of RFC 9180.
var boxX25519 = box("HPKE-X25519-HKDF-SHA256-AES-256-GCM", 128, hpke.DHKEM_X25519_HKDF_SHA256)

// boxXWing is X25519 and ML-KEM-768 (FIPS 203) together: it holds as long as one
// of the two does (draft-connolly-cfrg-xwing-kem).
var boxXWing = box("HPKE-X-WING-AES-256-GCM", 128, hpke.X_WING)

func box(name string, bits int, kem hpke.KEMID) Algorithm {
	return Algorithm{
		Name: name, Bits: bits,
		Parameters: func() (key.Parameters, error) {
			return hpke.NewParameters(hpke.ParametersOpts{KEMID: kem, KDFID: hpke.HKDFSHA256, AEADID: hpke.AES256GCM, Variant: hpke.VariantTink})
		},
		permits: func(k key.Key) bool {
			_, private := k.(*hpke.PrivateKey)
			return private && permitsBox(k, kem)
		},
	}
}

func permitsBox(k key.Key, kem hpke.KEMID) bool {
	p, ok := k.Parameters().(*hpke.Parameters)
	return ok && p.KEMID() == kem && p.KDFID() == hpke.HKDFSHA256 && p.AEADID() == hpke.AES256GCM && p.Variant() == hpke.VariantTink
}

// signEd25519 is EdDSA over edwards25519 (RFC 8032, FIPS 186-5).
var signEd25519 = Algorithm{
	Name: "Ed25519", Bits: 128,
	Parameters: func() (key.Parameters, error) {
		p, err := ed25519.NewParameters(ed25519.VariantTink)
		return &p, err
	},
	permits: func(k key.Key) bool {
		_, private := k.(*ed25519.PrivateKey)
		return private && permitsSign(k)
	},
}

func permitsSign(k key.Key) bool {
	p, ok := k.Parameters().(*ed25519.Parameters)
	return ok && p.Variant() == ed25519.VariantTink
}

// publicOf is the algorithm of the public halves.
func publicOf(private Algorithm) Algorithm {
	permits := func(k key.Key) bool { _, ok := k.(*ed25519.PublicKey); return ok && permitsSign(k) }
	switch private.Name {
	case boxX25519.Name:
		permits = func(k key.Key) bool {
			_, ok := k.(*hpke.PublicKey)
			return ok && permitsBox(k, hpke.DHKEM_X25519_HKDF_SHA256)
		}
	case boxXWing.Name:
		permits = func(k key.Key) bool { _, ok := k.(*hpke.PublicKey); return ok && permitsBox(k, hpke.X_WING) }
	}
	return Algorithm{Name: private.Name, Bits: private.Bits, permits: permits}
}

// hkdfPRF is HKDF with SHA-256 (RFC 5869, NIST SP 800-56C) as a function that
// keys of tenants are derived with.
var hkdfPRF = Algorithm{
	Name: "HKDF-SHA256-PRF", Bits: 256,
	Parameters: func() (key.Parameters, error) {
		return hkdfprf.NewParameters(32, hkdfprf.SHA256, nil)
	},
	permits: func(k key.Key) bool {
		p, ok := k.Parameters().(*hkdfprf.Parameters)
		return ok && p.KeySizeInBytes() == 32 && p.HashType() == hkdfprf.SHA256 && len(p.Salt()) == 0
	},
}
