package tenant

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/door"
)

// File is the file of a tenant, one that lives or a tombstone, as backups of
// package custody carry it. What is done with it needs a pass that only packages
// below crypto can make, and the key never leaves it in clear. As JSON it is what
// stands in the folder.
type File struct{ file }

// admitted refuses a pass that nobody issued.
func admitted(pass door.Pass) error {
	if !pass.Issued() {
		return &FileError{Reason: crypto.ReasonOption, Detail: "tenants' files as such are for package custody"}
	}
	return nil
}

// FileNames returns the names of the tenants' files in the root of fsys, sorted.
func FileNames(pass door.Pass, fsys fs.FS) ([]string, error) {
	if err := admitted(pass); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, &FileError{Reason: crypto.ReasonUnreadable, Detail: "the folder of the tenants", Err: err}
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// ReadFile reads the file of that name, without a key-encryption key. The error is
// a *[FileError], in which fs.ErrNotExist is when there is none.
func ReadFile(pass door.Pass, fsys fs.FS, name string) (*File, error) {
	if err := admitted(pass); err != nil {
		return nil, err
	}
	f, _, err := readFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return &File{*f}, nil
}

// readFile reads and decodes the file of that name.
func readFile(fsys fs.FS, name string) (*file, []byte, error) {
	in, err := fsys.Open(name)
	if err != nil {
		return nil, nil, &FileError{File: name, Reason: crypto.ReasonUnreadable, Err: err}
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, fileLimit+1))
	if err != nil {
		return nil, nil, &FileError{File: name, Reason: crypto.ReasonUnreadable, Err: err}
	}
	f, err := decode(name, data)
	return f, data, err
}

// Name returns the name of the file.
func (f *File) Name() string { return fileName(f.Tenant) }

// Facts returns what can be known without the key.
func (f *File) Facts() (policy string, t Tenant) {
	return f.Policy, Tenant{Name: f.Tenant, Created: f.Created, Destroyed: f.Destroyed}
}

// Bare returns the file without what is encrypted.
func (f *File) Bare() File {
	bare := *f
	bare.Keyset, bare.Seal = nil, nil
	return bare
}

// Check returns a *[FileError] for a file that no version of this package writes.
func (f *File) Check() error {
	if detail := f.wrong(); detail != "" || f.Format != formatNumber {
		return &FileError{Reason: crypto.ReasonMalformed, Detail: detail}
	}
	return nil
}

// Encode returns the file's bytes.
func (f *File) Encode() ([]byte, error) { return f.file.encode() }

// Same reports whether two files, each of which was opened, are of one key: they
// have the same header, and in it what the key made of the tenant's name.
func (f *File) Same(other *File) bool {
	return f.Policy == other.Policy && f.Tenant == other.Tenant && f.Created.Equal(other.Created) && f.Destroyed.IsZero() && bytes.Equal(f.Witness, other.Witness)
}

// Open checks that the key opens under kek, bound to ad, and is the one that was
// made; of a tombstone, that it was sealed. Nil is what binds files in a folder.
func (f *File) Open(pass door.Pass, kek tink.AEAD, ad []byte) error {
	if err := admitted(pass); err != nil {
		return err
	}
	if ad == nil {
		ad = f.associatedData()
	}
	if !f.Destroyed.IsZero() {
		return f.sealed(kek, ad)
	}
	_, err := f.decrypt(kek, ad)
	return err
}

// Move opens a file and encrypts it under another key-encryption key, bound to
// something else, and opens it again there. Nil is what binds files in a folder.
func (f *File) Move(pass door.Pass, from tink.AEAD, fromAD []byte, to tink.AEAD, toAD []byte) (*File, error) {
	if err := admitted(pass); err != nil {
		return nil, err
	}
	if fromAD == nil {
		fromAD = f.associatedData()
	}
	if toAD == nil {
		toAD = f.associatedData()
	}
	moved := *f
	if f.Destroyed.IsZero() {
		h, err := f.decrypt(from, fromAD)
		if err != nil {
			return nil, err
		}
		if err := moved.encrypt(h, to, toAD); err != nil {
			return nil, err
		}
	} else {
		if err := f.sealed(from, fromAD); err != nil {
			return nil, err
		}
		if err := moved.sealTomb(to, toAD); err != nil {
			return nil, err
		}
	}
	return &moved, moved.Open(pass, to, toAD)
}

// ErasedBefore returns the tombstone of a tenant of whose destruction there is a
// certificate in the folder, for when its file is not there or is damaged; nil when
// there is no certificate. A certificate that is none is an error: the tenant may
// have been destroyed.
func ErasedBefore(pass door.Pass, fsys fs.FS, policy, tenant string, kek tink.AEAD) (*File, error) {
	if err := admitted(pass); err != nil {
		return nil, err
	}
	name := certificateName(tenant)
	data, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &FileError{File: name, Reason: crypto.ReasonUnreadable, Err: err}
	}
	c, err := decodeCertificate(name, data)
	if err != nil {
		return nil, err
	}
	if c.Policy != policy {
		return nil, &FileError{File: name, Reason: crypto.ReasonPolicy, Detail: fmt.Sprintf("policy %q here, want %q", c.Policy, policy)}
	}
	tomb := &File{*c.tombstone()}
	return tomb, tomb.sealTomb(kek, tomb.associatedData())
}

// BackupRef names a backup that holds a tenant's key, with those who can open it.
type BackupRef struct {
	ID         string    `json:"id"`
	Made       time.Time `json:"made"`
	Custodians []string  `json:"custodians"`
}
