package crypto

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keyring is the keys of one policy's zones, opened. It does not change after
// it is made and may be used by many goroutines. It is closed to fmt, slog and
// encoders. Keyrings are made by [OpenKeyring] and, for tests and
// demonstrations, by [EphemeralKeyring].
type Keyring struct {
	closed
	policy string
	zones  map[string]*zoneKeys // a map also makes keyrings incomparable
}

// zoneKeys is the keys of one zone, resolved to the functions that use them.
// They are functions and not Tink's objects, because the walkers that read
// unexported memory by reflection (fmt, spew, debug dumps) stop at a function.
type zoneKeys struct {
	zone       string
	seal, open func(b, ad []byte) ([]byte, error) // nil: no seal keyset
	token      prfFunc                            // under the primary key; nil: no token keyset
	tokenID    uint32                             // the primary key's id
	tokens     map[uint32]prfFunc                 // under each enabled key
}

type prfFunc = func(input []byte, outputLength uint32) ([]byte, error)

// OpenKeyring opens every *.keyset file of the root of fsys with kek, the
// key-encryption key: any AEAD, in a file, an HSM or a key management service.
// kek is called once for each file and twice more for a self-test: it must
// refuse associated data other than what was bound, or the keyring is refused.
//
// A file that does not open, was renamed, moved, edited or damaged refuses the
// whole keyring: the error is a *[KeyringError] that names the file.
func OpenKeyring(fsys fs.FS, kek tink.AEAD) (*Keyring, error) {
	if kek == nil {
		return nil, &KeyringError{Reason: ReasonKEK, Detail: "no key-encryption key was given"}
	}
	names, err := keysetNames(fsys)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, &KeyringError{Reason: ReasonEmpty}
	}
	r := newKeyring("")
	for i, name := range names {
		data, err := readFile(fsys, name)
		if err != nil {
			return nil, err
		}
		f, use, err := decodeFile(name, data)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			r.policy = f.Policy
		}
		if f.Policy != r.policy {
			return nil, &KeyringError{File: name, Reason: ReasonPolicy, Detail: fmt.Sprintf("policy %q here, %q in %q", f.Policy, r.policy, names[0])}
		}
		h, err := f.unlock(kek)
		if err != nil {
			return nil, &KeyringError{File: name, Reason: ReasonLocked, Err: err}
		}
		if i == 0 && !f.bindsAD(kek) {
			return nil, &KeyringError{File: name, Reason: ReasonUnbound, Detail: fmt.Sprintf("%T", kek)}
		}
		if err := r.attach(f.Zone, use, h); err != nil {
			return nil, &KeyringError{File: name, Reason: ReasonKeys, Detail: err.Error()}
		}
	}
	return r, nil
}

// EphemeralKeyring makes a keyring of fresh keys that are in memory only: what
// is sealed with it is lost with the process. It is for tests and
// demonstrations. The error is a *[KeyringError] for a name that no keyset file
// could have.
func EphemeralKeyring(policy string, zones ...string) (*Keyring, error) {
	if err := checkNames(policy, zones); err != nil {
		return nil, err
	}
	r := newKeyring(policy)
	for _, zone := range zones {
		for use := UseUnknown + 1; use.valid(); use++ {
			h, err := use.generate()
			if err == nil {
				err = r.attach(zone, use, h)
			}
			if err != nil {
				return nil, &KeyringError{File: fileName(zone, use), Reason: ReasonKeys, Detail: err.Error()}
			}
		}
	}
	return r, nil
}

// Policy returns the name of the policy whose keys these are.
func (r *Keyring) Policy() string { return r.policy }

// Zones returns the names of the zones the keyring holds keys of, sorted.
func (r *Keyring) Zones() []string { return slices.Sorted(maps.Keys(r.zones)) }

// Has reports whether the keyring holds a keyset of the zone for the use, so
// that a program can refuse to start instead of failing at the first record.
func (r *Keyring) Has(zone string, use Use) bool {
	z := r.zones[zone]
	if z == nil {
		return false
	}
	switch use {
	case UseSeal:
		return z.seal != nil
	case UseToken:
		return z.token != nil
	}
	return false
}

// Format prints the type and the policy for every verb.
func (r Keyring) Format(s fmt.State, _ rune) { io.WriteString(s, r.GoString()) }

// GoString returns the type and the policy.
func (r Keyring) GoString() string { return "keyring(" + r.policy + ")" }

// LogValue logs the type and the policy.
func (r Keyring) LogValue() slog.Value { return slog.StringValue(r.GoString()) }

func newKeyring(policy string) *Keyring {
	return &Keyring{policy: policy, zones: make(map[string]*zoneKeys)}
}

func (r *Keyring) attach(zone string, use Use, h *keyset.Handle) error {
	if err := use.check(h); err != nil {
		return err
	}
	z := r.zones[zone]
	if z == nil {
		z = &zoneKeys{zone: zone}
		r.zones[zone] = z
	}
	return kinds[use].attach(z, h)
}

func keysetNames(fsys fs.FS) ([]string, error) {
	if fsys == nil {
		return nil, &KeyringError{Reason: ReasonUnreadable, Detail: "no folder was given"}
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, &KeyringError{Reason: ReasonUnreadable, Err: err}
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), fileSuffix) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// readFile reads at most one byte more than a keyset file can have.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, &KeyringError{File: name, Reason: ReasonUnreadable, Err: err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, fileLimit+1))
	if err != nil {
		return nil, &KeyringError{File: name, Reason: ReasonUnreadable, Err: err}
	}
	return data, nil
}

func checkNames(policy string, zones []string) error {
	if err := checkPolicyName(policy); err != nil {
		return &KeyringError{Reason: ReasonName, Detail: err.Error()}
	}
	if len(zones) == 0 {
		return &KeyringError{Reason: ReasonName, Detail: "no zone was named"}
	}
	seen := make(map[string]string)
	for _, zone := range zones {
		if err := checkZoneName(zone); err != nil {
			return &KeyringError{Reason: ReasonName, Detail: err.Error()}
		}
		// Two names that differ in case only are one file on some systems.
		folded := strings.ToLower(zone)
		if first, ok := seen[folded]; ok {
			return &KeyringError{Reason: ReasonName, Detail: fmt.Sprintf("zones %q and %q have one file name", first, zone)}
		}
		seen[folded] = zone
	}
	return nil
}

// closed makes what embeds it fail in every encoder: keys that leave through an
// encoder by mistake are lost, and a silent omission would hide the mistake.
type closed struct{}

var errClosed = errors.New("crypto: keys are never encoded: CreateKeyring writes them encrypted, OpenKeyring reads them")

// MarshalText fails: keys are never encoded.
func (closed) MarshalText() ([]byte, error) { return nil, errClosed }

// MarshalBinary fails: keys are never encoded.
func (closed) MarshalBinary() ([]byte, error) { return nil, errClosed }

// MarshalJSON fails: keys are never encoded.
func (closed) MarshalJSON() ([]byte, error) { return nil, errClosed }

// MarshalYAML fails: keys are never encoded.
func (closed) MarshalYAML() (any, error) { return nil, errClosed }

// GobEncode fails: keys are never encoded.
func (closed) GobEncode() ([]byte, error) { return nil, errClosed }

// UnmarshalText fails: keys are never decoded.
func (closed) UnmarshalText([]byte) error { return errClosed }

// UnmarshalBinary fails: keys are never decoded.
func (closed) UnmarshalBinary([]byte) error { return errClosed }

// UnmarshalJSON fails: keys are never decoded.
func (closed) UnmarshalJSON([]byte) error { return errClosed }

// GobDecode fails: keys are never decoded.
func (closed) GobDecode([]byte) error { return errClosed }
