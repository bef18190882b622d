package tenant

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Certificate says that a tenant's key was destroyed, for the record of disposals.
type Certificate struct {
	Policy    string    `json:"policy"`
	Tenant    string    `json:"tenant"`
	Created   time.Time `json:"created"`
	Destroyed time.Time `json:"destroyed"`
	Operator  string    `json:"operator"` // who destroyed it, as given to Destroy
	Method    string    `json:"method"`
	Digest    string    `json:"sha-256"` // of the file that held the key, in hex: any copy that is left has it
}

// Method is how a tenant's data is erased.
const Method = "cryptographic erase (NIST SP 800-88)"

// String returns the certificate in one line.
func (c Certificate) String() string {
	return fmt.Sprintf("%s: the key of tenant %s (policy %s, created %s) was destroyed at %s by %s; copies of the file with SHA-256 %s are to be destroyed too",
		c.Method, c.Tenant, c.Policy, c.Created.UTC().Format(time.RFC3339), c.Destroyed.UTC().Format(time.RFC3339), c.Operator, c.Digest)
}

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
// Destroying again returns the certificate of the first time, for a process that
// ended in between. The error is an *[UnknownError] or a *[FileError]; an error
// means that the key may still be there.
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
	if f.Destroyed.IsZero() {
		f, err = s.bury(f, data, operator)
	} else if err = f.genuine(s.kek()); err == nil {
		err = s.write(f) // perhaps it was not durable
	}
	if err != nil {
		return Certificate{}, err
	}
	s.stop(f)
	return Certificate{
		Policy: f.Policy, Tenant: f.Tenant, Created: f.Created, Destroyed: f.Destroyed,
		Operator: f.Operator, Method: Method, Digest: f.Digest,
	}, nil
}

// bury replaces the file by its tombstone.
func (s *Set) bury(f *file, data []byte, operator string) (*file, error) {
	sum := sha256.Sum256(data)
	tomb := &file{
		Format: formatNumber, Policy: f.Policy, Tenant: f.Tenant, Created: f.Created,
		Destroyed: keyfile.Now(s.options.now()), Operator: operator, Digest: hex.EncodeToString(sum[:]),
	}
	seal, err := s.kek().Encrypt([]byte("destroyed"), tomb.associatedData())
	if err != nil {
		return nil, &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonKEK, Detail: "it refused to seal the tombstone", Err: err}
	}
	tomb.Seal = seal
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
