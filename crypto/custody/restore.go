package custody

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Restoration is what came back from a backup.
type Restoration struct {
	Change
	Backup   BackupInfo `json:"backup"`
	Restored []string   `json:"restored,omitempty"` // files of keysets and tenants that were missing
	Replaced []string   `json:"replaced,omitempty"` // files of keysets and tenants that were damaged; what they were is kept aside
	Erased   []KeyRef   `json:"erased,omitempty"`   // keys that the backup holds and that stay destroyed, for there are certificates

	ErasedTenants []string `json:"erased-tenants,omitempty"` // tenants whose keys the backup holds and that stay destroyed, for there are certificates
	Undone        []string `json:"undone,omitempty"`         // tenants that live here and that were destroyed before the backup was made: an older file was put back, destroy them again
}

// Restore brings back the keysets of a backup, encrypted under the folder's
// key-encryption key: into an empty folder, or what is missing or damaged in one.
// A good file is never touched, also when the backup has another: it may hold
// keys that the backup does not. A file that is whole but does not open under the
// folder's key-encryption key stops it, because it cannot be told from a good one
// under another key.
//
// Keys that the folder has a certificate of erasure for stay destroyed; if such a
// key was the active one, the youngest of the others takes its place: rotate then.
// Tenants come back by the same rules. The tombstone of one that was destroyed is a
// good file, so it stays; where it is gone or damaged, and its certificate is there,
// it is made anew.
//
// In an empty folder nothing is known of what was destroyed after the backup was
// made: compare Restoration.Keys and the tenants with the certificates, and destroy again.
func (f *Folder) Restore(act Act, r io.Reader, kek tink.AEAD) (*Restoration, error) {
	b, err := openBackup(r, kek)
	if err != nil {
		return nil, err
	}
	out := &Restoration{Backup: b.info()}
	change, err := f.turn(act, "restore", func(t *turn) error {
		if t.policy != "" && t.policy != b.Policy {
			return &Error{What: "backup " + b.ID, Reason: ReasonPolicy, Detail: fmt.Sprintf("policy %q, want %q", b.Policy, t.policy)}
		}
		t.policy, t.change.Policy = b.Policy, b.Policy
		tenants, err := t.planTenants(b, out)
		if err != nil {
			return err
		}
		staging := keyfile.NewStaging(t.disk)
		damaged, err := t.stageMissing(staging, b, out)
		if err == nil {
			err = staging.Publish()
		}
		if err != nil {
			staging.Abort()
			return err
		}
		for _, file := range damaged {
			if err := t.replaceDamaged(file); err != nil {
				return err
			}
		}
		if err := t.writeTenants(tenants); err != nil {
			return err
		}
		return t.restoreLedger(b)
	})
	if err != nil {
		return nil, err
	}
	out.Change = *change
	return out, nil
}

// stageMissing stages the files that are not there and returns those that are
// damaged.
func (t *turn) stageMissing(staging *keyfile.Staging, b *openedBackup, out *Restoration) (damaged []*keyfile.File, err error) {
	for i := range b.Files {
		name := b.Files[i].Name()
		state, err := t.condition(name)
		if err != nil {
			return nil, err
		}
		if state == fileGood {
			t.change.Kept = append(t.change.Kept, name)
			continue
		}
		file, erased, err := t.restored(b, i)
		if err != nil {
			return nil, err
		}
		out.Erased = append(out.Erased, erased...)
		t.change.record(nil, file)
		if state == fileDamaged {
			out.Replaced = append(out.Replaced, name)
			damaged = append(damaged, file)
			continue
		}
		out.Restored = append(out.Restored, name)
		if err := staging.Stage(file); err != nil {
			return nil, err
		}
	}
	return damaged, nil
}

const (
	fileMissing = iota
	fileGood
	fileDamaged
)

// condition says how a keyset file of the folder is.
func (t *turn) condition(name string) (int, error) {
	file, err := keyfile.Read(t.root.FS(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return fileMissing, nil
	}
	var e *keyfile.Error
	if errors.As(err, &e) && e.Reason != keyfile.Unreadable && e.Reason != keyfile.Format {
		return fileDamaged, nil
	}
	if err != nil {
		return 0, err
	}
	_, err = file.Unlock(t.kek)
	return fileGood, err
}

// restored makes the keyset file of a file of the backup.
func (t *turn) restored(b *openedBackup, i int) (*keyfile.File, []KeyRef, error) {
	file := clone(&b.Files[i])
	gone, err := t.erased(file)
	if err != nil {
		return nil, nil, err
	}
	o := opened{file, b.keys[i]}
	m, erased := o.manager(), []KeyRef(nil)
	for _, id := range gone {
		if file.Key(id).State == keyfile.StateDestroyed {
			continue
		}
		if err := drop(file, m, id); err != nil {
			return nil, nil, err
		}
		file.Key(id).Destroyed = t.destroyedAt(file, id)
		erased = append(erased, KeyRef{file.Zone, file.Use, id})
	}
	keys, err := handleOf(file, m)
	if err != nil {
		return nil, nil, err
	}
	return file, erased, lock(file, keys, t.kek)
}

// replaceDamaged puts a file in the place of a damaged one, which gets another
// name.
func (t *turn) replaceDamaged(file *keyfile.File) error {
	if err := t.keepAside(file.Name()); err != nil {
		return err
	}
	return keyfile.Replace(t.disk, file)
}

// keepAside gives a file that is about to be replaced a second name.
func (t *turn) keepAside(name string) error {
	if err := t.disk.Link(name, "."+name+"."+rand.Text()+damagedSuffix); err != nil {
		return &keyfile.Error{File: name, Reason: keyfile.Unwritable, Err: err}
	}
	return nil
}

// restoreLedger writes the list of backups, if the folder has none that is good,
// and puts this backup on it.
func (t *turn) restoreLedger(b *openedBackup) error {
	l, err := t.ledger()
	if err != nil { // damaged, or of another key-encryption key
		if err := t.keepAside(ledgerName); err != nil {
			return err
		}
	}
	if err != nil || l.Seal == nil {
		l = &ledger{Format: formatNumber, Policy: t.policy, Backups: b.Earlier}
	}
	if slices.ContainsFunc(l.Backups, func(r BackupRecord) bool { return r.ID == b.ID }) {
		return nil
	}
	l.Policy = t.policy
	l.Backups = append(l.Backups, *b.record(b.data))
	slices.SortStableFunc(l.Backups, func(x, y BackupRecord) int { return x.Made.Compare(y.Made) })
	return t.putLedger(l)
}
