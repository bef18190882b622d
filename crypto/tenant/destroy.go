package tenant

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Destroy destroys the tenant's own key, and thereby erases everything that was
// sealed with its keys; the other tenants are not touched. Operator is the person
// or the procedure that does it, 1 to 256 bytes, and stands in the certificate
// and in the tombstone.
//
// The file is replaced by the tombstone, whole and durable, then what it held is
// overwritten where it was; drives may keep a copy all the same, which is
// encrypted with the key-encryption key. Keys of the tenant that somebody holds in
// this process do nothing any more.
//
// The certificate is kept beside the tombstone too. It names the backups that
// still hold the key when the set was opened [WithBackups].
//
// Destroying again returns the certificate of the first time, with the backups
// there are now, for a process that ended in between. The error is an
// *[UnknownError], a *[FileError] or what the list of backups said; an error means
// that the key may still be there.
func (s *Set) Destroy(tenant, operator string) (Certificate, error) {
	if err := checkName(tenant); err != nil {
		return Certificate{}, err
	}
	if err := checkOperator(operator); err != nil {
		return Certificate{}, err
	}
	unlock, err := s.lock()
	if err != nil {
		return Certificate{}, err
	}
	defer unlock()
	f, data, err := s.read(tenant)
	if err != nil {
		return Certificate{}, err
	}
	backups, err := s.options.backups(tenant)
	if err != nil {
		return Certificate{}, err
	}
	if f.Destroyed.IsZero() {
		f, err = s.bury(f, data, operator)
	} else if err = f.genuine(s.kek()); err == nil {
		err = s.write(f) // perhaps it was not durable
	}
	if err != nil {
		return Certificate{}, err
	}
	s.stop(f)
	c := f.certificate()
	c.Backups, c.Limits = backups, append(slices.Clone(eraseLimits), s.options.asked)
	if data, err = c.Encode(); err == nil {
		err = keyfile.WriteFile(s.root, certificateName(tenant), data)
	}
	if err != nil {
		return Certificate{}, &FileError{File: certificateName(tenant), Reason: crypto.ReasonUnwritable, Detail: "the key is gone: destroy again for the certificate", Err: err}
	}
	return c, nil
}

// bury replaces the file by its tombstone.
func (s *Set) bury(f *file, data []byte, operator string) (*file, error) {
	sum := sha256.Sum256(data)
	tomb := &file{
		Format: formatNumber, Policy: f.Policy, Tenant: f.Tenant, Created: f.Created,
		Destroyed: keyfile.Now(s.options.now()), By: operator, Digest: hex.EncodeToString(sum[:]),
	}
	if err := tomb.sealTomb(s.kek(), tomb.associatedData()); err != nil {
		return nil, err
	}
	if err := s.sweep(fileName(f.Tenant)); err != nil {
		return nil, &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonUnwritable, Detail: "what a crash left of it, or restoring kept aside", Err: err}
	}
	// What was open before the name went to the tombstone is the old file after it.
	old, err := s.root.OpenFile(fileName(f.Tenant), os.O_WRONLY, 0)
	if err != nil {
		return nil, &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonUnwritable, Err: err}
	}
	if err := s.write(tomb); err != nil {
		old.Close()
		if now, _, e := s.read(f.Tenant); e == nil && !now.Destroyed.IsZero() {
			s.stop(now) // the tombstone stands, though perhaps not durably
		}
		return nil, err
	}
	s.stop(tomb)
	return tomb, overwrite(old, len(data))
}

// sweep removes what a crash left of a file and what restoring kept aside: it may
// hold the key.
func (s *Set) sweep(name string) error {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "."+name+".") {
			if err := s.root.Remove(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// overwrite puts random bytes in the place of a file that has no name any more.
func overwrite(old *os.File, length int) error {
	noise := make([]byte, length)
	rand.Read(noise)
	_, err := old.Write(noise)
	if err := errors.Join(err, old.Sync(), old.Close()); err != nil {
		return &FileError{Reason: crypto.ReasonUnwritable, Detail: "the tombstone stands, what the file held before was not overwritten: destroy again for the certificate", Err: err}
	}
	return nil
}

// stop ends the tenant's keys in this process.
func (s *Set) stop(f *file) {
	err := &DestroyedError{Tenant: f.Tenant, At: f.Destroyed}
	s.mu.Lock()
	e := s.tenants[f.Tenant]
	s.mu.Unlock()
	if e != nil {
		s.forget(e, err)
		e.end(err)
	}
}
