package crypto

import (
	"crypto/fips140"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// CreateKeyring writes a keyset of one fresh key for each zone and use into the
// folder dir, encrypted with kek, the key-encryption key: files called
// <zone>.<use>.keyset, readable by their owner only. The folder is made if its
// parent exists. It may hold keysets of other zones of the same policy; nothing
// in it is ever overwritten. The keys have no end: package custody makes keys
// with the dates of a policy and looks after them.
//
// All files are written and synced under temporary names before the first gets
// its own, and a failure takes everything back. A crash may leave temporary
// files, which are encrypted and which nothing reads, or some of the keysets,
// each of them whole.
//
// kek is tested first: it must decrypt what it encrypts and must refuse other
// associated data. Errors are *[KeyringError].
func CreateKeyring(dir, policy string, zones []string, kek tink.AEAD) error {
	if err := keyfile.CheckNames(policy, zones); err != nil {
		return keyringError(err)
	}
	if err := keyfile.TestKEK(kek, policy); err != nil {
		return keyringError(err)
	}
	made := true
	if err := os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
		made = false
	} else if err != nil {
		return &KeyringError{Reason: ReasonUnwritable, Err: err}
	}
	err := createIn(dir, policy, zones, kek)
	if err != nil && made {
		os.Remove(dir) // it is empty: createIn took its files back
	}
	return keyringError(err)
}

func createIn(dir, policy string, zones []string, kek tink.AEAD) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return &KeyringError{Reason: ReasonUnwritable, Err: err}
	}
	defer root.Close()
	there, err := keyfile.ReadAll(root.FS())
	if err != nil {
		return err
	}
	if len(there) > 0 && there[0].Policy != policy {
		return &KeyringError{File: there[0].Name(), Reason: ReasonPolicy, Detail: fmt.Sprintf("policy %q here, want %q", there[0].Policy, policy)}
	}
	staging := keyfile.NewStaging(root)
	if err := stageAll(staging, policy, zones, kek); err != nil {
		staging.Abort()
		return err
	}
	if err := staging.Publish(); err != nil {
		staging.Abort()
		return err
	}
	return nil
}

func stageAll(staging *keyfile.Staging, policy string, zones []string, kek tink.AEAD) error {
	now := time.Now()
	for _, zone := range zones {
		for u := UseUnknown + 1; u.valid(); u++ {
			if u.kind().Optional {
				continue
			}
			if fips140.Enforced() && u.forbidden() {
				return &KeyringError{File: keyfile.FileName(zone, u.String()), Reason: ReasonMode}
			}
			f, h, err := freshFile(policy, zone, u, now)
			if err != nil {
				return &KeyringError{File: keyfile.FileName(zone, u.String()), Reason: ReasonKeys, Err: err}
			}
			if err := f.Lock(h, kek); err != nil {
				return &KeyringError{File: f.Name(), Reason: ReasonKEK, Err: err}
			}
			if err := staging.Stage(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// freshFile returns a keyset file of one fresh key, and the key.
func freshFile(policy, zone string, u Use, now time.Time) (*keyfile.File, handle, error) {
	f := &keyfile.File{Format: keyfile.FormatNumber, Policy: policy, Zone: zone, Use: u.String()}
	m := keyset.NewManager()
	line := keyfile.Key{State: keyfile.StateActive, Created: keyfile.Now(now)}
	if _, err := f.AddKey(m, u.kind().Algorithms[0].Name, line); err != nil {
		return nil, nil, err
	}
	h, err := m.Handle()
	return f, h, err
}
