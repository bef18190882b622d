package custody

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// public is the public keys of a zone, on their way to who seals for it and
// verifies what it signed. Nothing in it is secret, and nothing vouches for it but
// its fingerprint.
type public struct {
	Format   int            `json:"sekisho-public"`
	Policy   string         `json:"policy"`
	Zone     string         `json:"zone"`
	Exported time.Time      `json:"exported"`
	By       string         `json:"by"`
	Keysets  []publicKeyset `json:"keysets"`
}

type publicKeyset struct {
	Use    string        `json:"use"`
	Keys   []keyfile.Key `json:"keys"`
	Keyset []byte        `json:"keyset"` // Tink's Keyset of public keys, binary
}

const publicLimit = 1 << 20 // bytes

// Export is the public keys of a zone, to be handed on.
type Export struct {
	Change
	Zone        string `json:"zone"`
	Fingerprint string `json:"fingerprint"` // see [Fingerprint]
	Data        []byte `json:"-"`           // the file
}

// Fingerprint returns the SHA-256 of an export in sixteen groups of four digits,
// to be read out over the telephone.
func Fingerprint(data []byte) string {
	sum := fmt.Sprintf("%x", sha256.Sum256(data))
	var groups []string
	for i := 0; i < len(sum); i += 4 {
		groups = append(groups, sum[i:i+4])
	}
	return strings.Join(groups, " ")
}

// plainFingerprint takes out what people put between the digits.
func plainFingerprint(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", ":", "", "\t", "").Replace(strings.TrimSpace(s)))
}

// ExportPublic returns the public halves of a zone's box and sign keys: the active
// ones, those that are staged, retired or disabled, and the lines of those that
// are destroyed. Whoever gets the file by one way and the fingerprint by another
// can import it. Export again after each change of these keys.
func (f *Folder) ExportPublic(act Act, zone string) (*Export, error) {
	e := &Export{Zone: zone}
	change, err := f.turn(act, "export-public", func(t *turn) error {
		p := &public{Format: formatNumber, Policy: t.policy, Zone: zone, Exported: t.now, By: act.By}
		for i := range keyfile.Kinds {
			kind := &keyfile.Kinds[i]
			if kind.Public == "" {
				continue
			}
			o, err := t.open(zone, kind.Name)
			if missing(err) || err == nil && o.keys == nil {
				continue
			}
			if err != nil {
				return err
			}
			if err := p.add(o, kind.Public); err != nil {
				return err
			}
		}
		if len(p.Keysets) == 0 {
			return &Error{What: fmt.Sprintf("zone %q", zone), Reason: ReasonNothing, Detail: "the folder holds no box or sign keys of it"}
		}
		data, err := encode(p)
		e.Data, e.Fingerprint = data, Fingerprint(data)
		return err
	})
	if err != nil {
		return nil, err
	}
	e.Change = *change
	return e, nil
}

// add puts the public halves of a keyset into the export.
func (p *public) add(o opened, use string) error {
	h, err := o.keys.Public()
	if err != nil {
		return &keyfile.Error{File: o.file.Name(), Reason: keyfile.Keys, Err: err}
	}
	var buf bytes.Buffer
	if err := h.WriteWithNoSecrets(keyset.NewBinaryWriter(&buf)); err != nil {
		return &keyfile.Error{File: o.file.Name(), Reason: keyfile.Keys, Err: err}
	}
	keys := slices.Clone(o.file.Keys)
	for i := range keys {
		keys[i].Witness = nil
	}
	p.Keysets = append(p.Keysets, publicKeyset{Use: use, Keys: keys, Keyset: buf.Bytes()})
	return nil
}

// Import is an export of another zone, and what vouches for it.
type Import struct {
	File io.Reader

	// Fingerprint is what the zone's people read out, in any grouping: see
	// [Fingerprint].
	Fingerprint string

	// FromPolicy is the name of the policy that the zone's people have, where it
	// is not that of the folder.
	FromPolicy string
}

// ImportPublic writes the public keys of a zone elsewhere as keysets of the
// folder, encrypted under the key-encryption key so that nobody without it can
// plant one. A file whose fingerprint is another is refused, as is one of a zone
// whose private keys are here.
//
// After a rotation at the other side its new export is imported over the old one.
// It must list every key that is known here, with the same public half and in no
// earlier state of its life: an export from before the rotation, or of somebody
// else's keys, is refused as older. A key that was disabled here stays so until it
// is enabled here.
func (f *Folder) ImportPublic(act Act, i Import) (*Change, error) {
	data, err := readAll("export", i.File, publicLimit)
	if err != nil {
		return nil, err
	}
	if want, got := plainFingerprint(i.Fingerprint), plainFingerprint(Fingerprint(data)); want != got {
		return nil, &Error{What: "export", Reason: ReasonFingerprint}
	}
	p, err := decodePublic(data)
	if err != nil {
		return nil, err
	}
	return f.turn(act, "import-public", func(t *turn) error {
		if err := t.needPolicy(); err != nil {
			return err
		}
		if want := i.FromPolicy; p.Policy != want && (want != "" || p.Policy != t.policy) {
			if want == "" {
				want = t.policy
			}
			return &Error{What: "export", Reason: ReasonPolicy, Detail: fmt.Sprintf("policy %q, want %q", p.Policy, want)}
		}
		if err := t.noPrivate(p.Zone); err != nil {
			return err
		}
		return t.importKeysets(p)
	})
}

// decodePublic reads an export.
func decodePublic(data []byte) (*public, error) {
	p, err := decode[public]("export", "sekisho-public", data)
	if err != nil {
		return nil, err
	}
	refuse := func(detail string) (*public, error) {
		return nil, &Error{What: "export", Reason: ReasonMalformed, Detail: detail}
	}
	if keyfile.CheckZone(p.Zone) != nil || keyfile.CheckPolicy(p.Policy) != nil || checkName(p.By) != "" {
		return refuse("a name in it is none")
	}
	seen := make(map[string]bool)
	for _, s := range p.Keysets {
		if k := keyfile.KindOf(s.Use); k == nil || !k.IsPublic || seen[s.Use] {
			return refuse("a keyset in it is not one of public keys, or is there twice")
		}
		seen[s.Use] = true
	}
	if len(seen) == 0 {
		return refuse("no keyset is in it")
	}
	return p, nil
}

// noPrivate refuses public keys of a zone whose private keys are here.
func (t *turn) noPrivate(zone string) error {
	for i := range keyfile.Kinds {
		k := &keyfile.Kinds[i]
		if _, err := t.root.Lstat(keyfile.FileName(zone, k.Name)); err == nil && !k.IsPublic {
			return &Error{What: keysetName(zone, k.Name), Reason: ReasonPrivate, Detail: "private keys of this zone are here"}
		}
	}
	return nil
}

// importKeysets decides about all keysets, then writes them.
func (t *turn) importKeysets(p *public) error {
	type step struct {
		before, after *keyfile.File
		keys          *keyset.Handle
	}
	var steps []step
	for i := range keyfile.Kinds {
		kind := &keyfile.Kinds[i]
		if !kind.IsPublic {
			continue
		}
		before, err := t.open(p.Zone, kind.Name)
		if err != nil && !missing(err) {
			return err
		}
		at := slices.IndexFunc(p.Keysets, func(s publicKeyset) bool { return s.Use == kind.Name })
		if at < 0 && before.file != nil {
			return &Error{What: keysetName(p.Zone, kind.Name), Reason: ReasonOlder, Detail: "the export does not have it"}
		}
		if at < 0 {
			continue
		}
		after, err := p.Keysets[at].open(t.policy, p.Zone)
		if err != nil {
			return err
		}
		if before.file != nil {
			if err := continues(before, &after); err != nil {
				return err
			}
		}
		if err := lock(after.file, after.keys, t.kek); err != nil {
			return err
		}
		steps = append(steps, step{before.file, after.file, after.keys})
	}
	for _, s := range steps {
		if err := t.replace(s.before, s.after, s.keys); err != nil {
			return err
		}
	}
	return nil
}

// open makes a keyset file of a keyset of the export.
func (s *publicKeyset) open(policy, zone string) (opened, error) {
	f := &keyfile.File{Format: keyfile.FormatNumber, Policy: policy, Zone: zone, Use: s.Use, Keys: slices.Clone(s.Keys)}
	h, err := keyset.ReadWithNoSecrets(keyset.NewBinaryReader(bytes.NewReader(s.Keyset)))
	if err != nil {
		return opened{}, &Error{What: "export", Reason: ReasonMalformed, Detail: "keyset " + s.Use + " is not one of public keys"}
	}
	for i := range f.Keys {
		if len(f.Keys[i].Witness) > 0 {
			return opened{}, &Error{What: "export", Reason: ReasonMalformed, Detail: "a public key with a witness"}
		}
	}
	return opened{f, h}, nil
}

// ages orders the states of a key's life. A disabled key can come back, so it is
// as old as a retired one.
var ages = map[keyfile.State]int{
	keyfile.StateNext: 1, keyfile.StateActive: 2, keyfile.StateRetired: 3, keyfile.StateDisabled: 3, keyfile.StateDestroyed: 4,
}

// continues says why an export is not a later one of the same keys. A key that
// was disabled here stays disabled.
func continues(before opened, after *opened) error {
	older := func(id uint32, detail string) error {
		return &Error{What: keysetName(before.file.Zone, before.file.Use), KeyID: id, Reason: ReasonOlder, Detail: detail}
	}
	for i := range before.file.Keys {
		old := &before.file.Keys[i]
		now := after.file.Key(old.ID)
		switch {
		case now == nil:
			return older(old.ID, "the export does not have it")
		case ages[now.State] < ages[old.State]:
			return older(old.ID, fmt.Sprintf("it is %s here and %s in the export", old.State, now.State))
		case now.State == keyfile.StateDestroyed || old.State == keyfile.StateDestroyed:
		case !sameKey(before.keys, after.keys, old.ID):
			return older(old.ID, "it is another key in the export")
		case old.State == keyfile.StateDisabled && now.State == keyfile.StateRetired:
			m := keyset.NewManagerFromHandle(after.keys)
			if err := m.Disable(old.ID); err != nil {
				return err
			}
			h, err := m.Handle()
			if err != nil {
				return err
			}
			after.keys, now.State = h, keyfile.StateDisabled
		}
	}
	return nil
}

// sameKey reports whether two keysets hold the same key under an id.
func sameKey(a, b *keyset.Handle, id uint32) bool {
	x, y := keyOf(a, id), keyOf(b, id)
	return x != nil && y != nil && x.Equal(y)
}

func keyOf(h *keyset.Handle, id uint32) key.Key {
	for i := 0; h != nil && i < h.Len(); i++ {
		if e, err := h.Entry(i); err == nil && e.KeyID() == id {
			return e.Key()
		}
	}
	return nil
}
