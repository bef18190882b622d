package crypto

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/signature"
	"github.com/tink-crypto/tink-go/v2/streamingaead"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Use is what a keyset is for. A key has one use: the keys that seal never make
// tokens (NIST SP 800-57 part 1, 5.2: a single key shall be used for one purpose).
type Use uint8

// The uses a keyset can have. The zero value is no use at all.
const (
	UseUnknown   Use = iota // no use
	UseSeal                 // AES-256-GCM: sealed values ([Seal], [Open])
	UseToken                // AES-CMAC-PRF, 256-bit keys: tokens ([MakeToken], [MatchToken])
	UseIndex                // AES-CMAC-PRF, 256-bit keys: search indexes ([MakeIndex], [Lookup])
	UseStream               // AES-256-GCM-HKDF: files and other streams ([EncryptTo], [DecryptFrom])
	UseBox                  // HPKE (RFC 9180), private keys: what others seal for the zone ([OpenBox])
	UseSign                 // Ed25519, private keys: what the zone signs ([Sign])
	UseBoxPublic            // HPKE, public keys of a zone elsewhere ([SealBox])
	UseVerify               // Ed25519, public keys of a zone elsewhere ([Verify])
	UseTenant               // HKDF-SHA256: keys from which those of tenants are derived
	uses                    // how many there are
)

// useNames are the names in file names and in associated data: they never change.
var useNames = [uses]string{"unknown", "seal", "token", "index", "stream", "box", "sign", "box-public", "verify", "tenant"}

// String returns the name of the use as it stands in file names, "unknown" for
// a value that is no use.
func (u Use) String() string {
	if !u.valid() {
		return useNames[UseUnknown]
	}
	return useNames[u]
}

// forbidden reports whether GODEBUG=fips140=only does not let keys of the use
// work. Some of them would fail in the middle of work only, so they are refused
// when they are opened.
func (u Use) forbidden() bool {
	return u == UseSeal || u == UseStream || u == UseBox || u == UseBoxPublic
}

func (u Use) valid() bool { return u > UseUnknown && u < uses }

// ParseUse returns the use of that name, as String gives it.
func ParseUse(name string) (Use, bool) {
	for u := UseUnknown + 1; u.valid(); u++ {
		if useNames[u] == name {
			return u, true
		}
	}
	return UseUnknown, false
}

// private returns the use of the keyset whose public halves keys of the use are,
// and the use itself for keys that are not public.
func (u Use) private() Use {
	switch u {
	case UseBoxPublic:
		return UseBox
	case UseVerify:
		return UseSign
	}
	return u
}

func (u Use) kind() *keyfile.Kind { return keyfile.KindOf(u.String()) }

// attach resolves the primitives of a keyset once, so that no operation looks
// anything up.
func (z *zoneKeys) attach(u Use, h *keyset.Handle) error {
	switch u {
	case UseSeal:
		return z.attachSeal(h)
	case UseToken:
		return z.token.attach(h)
	case UseIndex:
		return z.index.attach(h)
	case UseTenant:
		return z.tenant.attach(h)
	case UseStream:
		return z.attachStream(h)
	case UseBox:
		return z.attachBox(h)
	case UseSign:
		return z.attachSign(h)
	case UseBoxPublic:
		if z.openBox != nil {
			return nil // see holder
		}
		return z.attachBoxPublic(h)
	case UseVerify:
		if z.sign != nil {
			return nil
		}
		return z.attachVerify(h)
	}
	return fmt.Errorf("use %s is none", u)
}

func (z *zoneKeys) attachSeal(h *keyset.Handle) error {
	a, err := aead.New(h)
	if err != nil {
		return err
	}
	z.seal, z.open = a.Encrypt, a.Decrypt
	return nil
}

func (z *zoneKeys) attachStream(h *keyset.Handle) error {
	s, err := streamingaead.New(h)
	if err != nil {
		return err
	}
	z.encryptTo, z.decryptFrom = s.NewEncryptingWriter, s.NewDecryptingReader
	return nil
}

// attachBox also resolves the public half, so that a zone can seal for itself.
func (z *zoneKeys) attachBox(h *keyset.Handle) error {
	d, err := hybrid.NewHybridDecrypt(h)
	if err != nil {
		return err
	}
	public, err := h.Public()
	if err != nil {
		return err
	}
	z.openBox = d.Decrypt
	return z.attachBoxPublic(public)
}

func (z *zoneKeys) attachBoxPublic(h *keyset.Handle) error {
	e, err := hybrid.NewHybridEncrypt(h)
	if err != nil {
		return err
	}
	z.sealBox = e.Encrypt
	return nil
}

// attachSign also resolves the public half.
func (z *zoneKeys) attachSign(h *keyset.Handle) error {
	s, err := signature.NewSigner(h)
	if err != nil {
		return err
	}
	public, err := h.Public()
	if err != nil {
		return err
	}
	z.sign = s.Sign
	return z.attachVerify(public)
}

func (z *zoneKeys) attachVerify(h *keyset.Handle) error {
	v, err := signature.NewVerifier(h)
	if err != nil {
		return err
	}
	z.verify = v.Verify
	return nil
}

type prfFunc = func(input []byte, outputLength uint32) ([]byte, error)

// prfKeys is a keyset of pseudo-random functions.
type prfKeys struct {
	id    uint32             // of the primary key
	first prfFunc            // under the primary key; nil: no keyset
	all   map[uint32]prfFunc // under each enabled key
	order []uint32           // their ids, the primary key's first
}

func (p *prfKeys) attach(h *keyset.Handle) error {
	set, err := prf.NewPRFSet(h)
	if err != nil {
		return err
	}
	p.all = make(map[uint32]prfFunc, len(set.PRFs))
	for id, f := range set.PRFs {
		p.all[id] = f.ComputePRF
	}
	p.id, p.first = set.PrimaryID, p.all[set.PrimaryID]
	if p.first == nil {
		return fmt.Errorf("the keyset has no enabled primary key")
	}
	p.order = p.sorted()
	return nil
}
