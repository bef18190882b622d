package crypto

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/prf/aescmacprf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

// Use is what a keyset is for. A key has one use: the keys that seal never make
// tokens (NIST SP 800-57 part 1, 5.2: a single key shall be used for one purpose).
type Use uint8

// The uses a keyset can have. The zero value is no use at all.
const (
	UseUnknown Use = iota // no use
	UseSeal               // AES-256-GCM: sealed values ([Seal], [Open])
	UseToken              // AES-CMAC-PRF, 256-bit keys: tokens ([MakeToken], [MatchToken])
)

// kind is what this package knows about a use. A new use is a new line of kinds.
type kind struct {
	name      string // in file names and in associated data: never changes
	algorithm string // for people
	template  func() *tinkpb.KeyTemplate
	permits   func(key.Parameters) bool             // whether a key is of this use's algorithm
	attach    func(*zoneKeys, *keyset.Handle) error // resolves the primitives once, when a keyset is opened
}

var kinds = [...]kind{
	UseSeal: {
		name:      "seal",
		algorithm: "AES-256-GCM",
		template:  aead.AES256GCMKeyTemplate,
		permits:   permitsSeal,
		attach:    attachSeal,
	},
	UseToken: {
		name:      "token",
		algorithm: "AES-CMAC-PRF with 256-bit keys",
		template:  prf.AESCMACPRFKeyTemplate,
		permits:   permitsToken,
		attach:    attachToken,
	},
}

// String returns the name of the use as it stands in file names, "unknown" for
// a value that is no use.
func (u Use) String() string {
	if !u.valid() {
		return "unknown"
	}
	return kinds[u].name
}

func (u Use) valid() bool { return u > UseUnknown && int(u) < len(kinds) }

func parseUse(name string) (Use, bool) {
	for u := UseUnknown + 1; u.valid(); u++ {
		if kinds[u].name == name {
			return u, true
		}
	}
	return UseUnknown, false
}

// generate makes a keyset of one fresh key.
func (u Use) generate() (*keyset.Handle, error) {
	h, err := keyset.NewHandle(kinds[u].template())
	if err != nil {
		return nil, fmt.Errorf("generate a key for use %s: %v", u, err)
	}
	return h, nil
}

// check refuses a keyset that holds a key of another algorithm or strength,
// also one that is disabled at present: enabling it must not weaken anything.
func (u Use) check(h *keyset.Handle) error {
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return err
		}
		if !kinds[u].permits(e.Key().Parameters()) {
			return fmt.Errorf("key %d is not %s", e.KeyID(), kinds[u].algorithm)
		}
	}
	return nil
}

// permitsSeal wants the key id in front of each sealed value, so that a value
// finds its key after a rotation.
func permitsSeal(p key.Parameters) bool {
	g, ok := p.(*aesgcm.Parameters)
	return ok && g.KeySizeInBytes() == 32 && g.Variant() == aesgcm.VariantTink
}

func permitsToken(p key.Parameters) bool {
	c, ok := p.(*aescmacprf.Parameters)
	return ok && c.KeySizeInBytes() == 32
}

func attachSeal(z *zoneKeys, h *keyset.Handle) error {
	a, err := aead.New(h)
	if err != nil {
		return err
	}
	z.seal, z.open = a.Encrypt, a.Decrypt
	return nil
}

func attachToken(z *zoneKeys, h *keyset.Handle) error {
	set, err := prf.NewPRFSet(h)
	if err != nil {
		return err
	}
	z.tokens = make(map[uint32]prfFunc, len(set.PRFs))
	for id, p := range set.PRFs {
		z.tokens[id] = p.ComputePRF
	}
	z.tokenID, z.token = set.PrimaryID, z.tokens[set.PrimaryID]
	if z.token == nil {
		return fmt.Errorf("the keyset has no enabled primary key")
	}
	return nil
}
