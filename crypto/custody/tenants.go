package custody

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/door"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

// pass is for the tenants' files.
var pass = door.NewPass()

// TenantStatus is one tenant of the folder.
type TenantStatus struct {
	Name      string    `json:"name"`
	Created   time.Time `json:"created"`
	Destroyed time.Time `json:"destroyed,omitzero"`
	Backups   []string  `json:"backups,omitempty"` // ids of the backups on record that hold its key
	Next      Next      `json:"next"`
}

// DrillTenant is what the backup has of one tenant's key.
type DrillTenant struct {
	Tenant      string `json:"tenant"`
	Result      Result `json:"result"`
	Consequence string `json:"consequence,omitempty"` // what would follow if the folder were lost today
}

const tenantConsequence = "if the folder is lost, all data of the tenant is lost for ever; such a loss is itself a reportable event"

// TenantBackups returns the backups on record, not destroyed, that hold the key of
// a tenant: give it to [tenant.WithBackups] when the tenants' files are in this
// folder. The list is checked with the key-encryption key.
func (f *Folder) TenantBackups(name string) ([]tenant.BackupRef, error) {
	if f.kek == nil {
		return nil, &crypto.KeyringError{Reason: crypto.ReasonKEK, Detail: "no key-encryption key was given"}
	}
	policy, err := f.Policy()
	if err != nil {
		return nil, err
	}
	// The folder is locked by who asks, and the list is always whole.
	l, err := readLedger(f.root.FS(), policy)
	if err == nil {
		err = l.sealed(f.kek)
	}
	if err != nil {
		return nil, err
	}
	var refs []tenant.BackupRef
	for _, b := range l.Backups {
		if b.Destroyed.IsZero() && slices.Contains(b.Tenants, name) {
			refs = append(refs, tenant.BackupRef{ID: b.ID, Made: b.Made, Custodians: b.Custodians})
		}
	}
	return refs, nil
}

// readTenants reads the files of all tenants of a folder. What cannot be read, or
// is of another policy, is handed to problem, whose error stops it.
func readTenants(fsys fs.FS, policy string, problem func(file string, err error) error) ([]*tenant.File, error) {
	names, err := tenant.FileNames(pass, fsys)
	if err != nil {
		return nil, err
	}
	var files []*tenant.File
	for _, name := range names {
		f, err := tenant.ReadFile(pass, fsys, name)
		if err == nil {
			err = tenantPolicy(f, policy)
		}
		if err == nil {
			files = append(files, f)
		} else if err := problem(name, err); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// tenantPolicy refuses the file of a tenant of another policy.
func tenantPolicy(f *tenant.File, policy string) error {
	if of, _ := f.Facts(); policy != "" && of != policy {
		return &tenant.FileError{File: f.Name(), Reason: crypto.ReasonPolicy, Detail: fmt.Sprintf("policy %q here, want %q", of, policy)}
	}
	return nil
}

// fillTenants puts the tenants' files into the backup, without what is encrypted,
// and returns what encrypts them when the header is known.
func (t *turn) fillTenants(b *backup) (func(kek tink.AEAD, ad func(string) []byte) error, error) {
	files, err := readTenants(t.root.FS(), t.policy, func(_ string, err error) error { return err })
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		b.Tenants = append(b.Tenants, f.Bare())
	}
	return func(kek tink.AEAD, ad func(string) []byte) error {
		for i, f := range files {
			moved, err := f.Move(pass, t.kek, nil, kek, ad(f.Name()))
			if err != nil {
				return err
			}
			b.Tenants[i] = *moved
		}
		return nil
	}, nil
}

// openTenants checks that the key of every tenant opens and is the one that was
// made.
func (b *backup) openTenants(kek tink.AEAD, ad func(string) []byte) error {
	for i := range b.Tenants {
		err := b.Tenants[i].Open(pass, kek, ad(b.Tenants[i].Name()))
		var e *tenant.FileError
		if errors.As(err, &e) && e.Reason == crypto.ReasonLocked {
			return &Error{What: "backup " + b.ID, Reason: ReasonLocked, Err: e.Err}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkTenants decides what can be decided without a key.
func (b *backup) checkTenants() bool {
	seen := make(map[string]bool)
	for i := range b.Tenants {
		f := &b.Tenants[i]
		if policy, _ := f.Facts(); f.Check() != nil || policy != b.Policy || seen[f.Name()] {
			return false
		}
		seen[f.Name()] = true
	}
	return true
}

// tenants returns the names of the tenants that live in the backup.
func (b *backup) tenants() []string {
	var names []string
	for i := range b.Tenants {
		if _, t := b.Tenants[i].Facts(); t.Destroyed.IsZero() {
			names = append(names, t.Name)
		}
	}
	return names
}

// tenantPlan is a tenant's file that is to be written.
type tenantPlan struct {
	file    *tenant.File
	damaged bool // there is one, which is to be kept aside
}

// planTenants decides what comes back, and encrypts it for the folder.
func (t *turn) planTenants(b *openedBackup, out *Restoration) ([]tenantPlan, error) {
	var plan []tenantPlan
	for i := range b.Tenants {
		saved := &b.Tenants[i]
		_, facts := saved.Facts()
		state, here, err := t.tenantCondition(saved.Name())
		if err != nil {
			return nil, err
		}
		if state == fileGood {
			t.change.Kept = append(t.change.Kept, saved.Name())
			if here.Destroyed.IsZero() && !facts.Destroyed.IsZero() {
				out.Undone = append(out.Undone, facts.Name)
			}
			continue
		}
		file, err := t.restoredTenant(b, saved, out)
		if err != nil {
			return nil, err
		}
		plan = append(plan, tenantPlan{file, state == fileDamaged})
		if state == fileDamaged {
			out.Replaced = append(out.Replaced, saved.Name())
		} else {
			out.Restored = append(out.Restored, saved.Name())
		}
	}
	return plan, nil
}

// restoredTenant makes the file of a tenant: a tombstone, where there is a
// certificate of its erasure.
func (t *turn) restoredTenant(b *openedBackup, saved *tenant.File, out *Restoration) (*tenant.File, error) {
	_, facts := saved.Facts()
	if facts.Destroyed.IsZero() {
		tomb, err := tenant.ErasedBefore(pass, t.root.FS(), b.Policy, facts.Name, t.kek)
		if tomb != nil && err == nil {
			out.ErasedTenants = append(out.ErasedTenants, facts.Name)
		}
		if tomb != nil || err != nil {
			return tomb, err
		}
	}
	return saved.Move(pass, b.kek, b.ad(saved.Name()), t.kek, nil)
}

// tenantCondition says how a tenant's file in the folder is.
func (t *turn) tenantCondition(name string) (int, tenant.Tenant, error) {
	file, err := tenant.ReadFile(pass, t.root.FS(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return fileMissing, tenant.Tenant{}, nil
	}
	var e *tenant.FileError
	if errors.As(err, &e) && e.Reason != crypto.ReasonUnreadable && e.Reason != crypto.ReasonFormat {
		return fileDamaged, tenant.Tenant{}, nil
	}
	if err == nil {
		err = tenantPolicy(file, t.policy)
	}
	if err != nil {
		return 0, tenant.Tenant{}, err
	}
	_, facts := file.Facts()
	return fileGood, facts, file.Open(pass, t.kek, nil)
}

// writeTenants writes what was planned, each file whole.
func (t *turn) writeTenants(plan []tenantPlan) error {
	for _, p := range plan {
		name := p.file.Name()
		data, err := p.file.Encode()
		if err != nil {
			return err
		}
		if p.damaged {
			if err := t.keepAside(name); err != nil {
				return err
			}
		}
		if err := keyfile.WriteFile(t.disk, name, data); err != nil {
			return &tenant.FileError{File: name, Reason: crypto.ReasonUnwritable, Err: err}
		}
	}
	return nil
}

// tenants holds the key of every tenant of the folder against the backup. That of
// one who was destroyed is not missed.
func (r *DrillReport) tenants(b *openedBackup, folder fs.FS) error {
	saved := make(map[string]*tenant.File)
	var files []*tenant.File
	for i := range b.Tenants {
		saved[b.Tenants[i].Name()] = &b.Tenants[i]
		files = append(files, &b.Tenants[i])
	}
	if folder != nil {
		var err error
		files, err = readTenants(folder, b.Policy, func(file string, err error) error {
			r.Problems = append(r.Problems, Problem{File: file, Error: err.Error()})
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, f := range files {
		_, facts := f.Facts()
		if !facts.Destroyed.IsZero() {
			continue
		}
		one := DrillTenant{Tenant: facts.Name, Result: ResultOpens}
		if s := saved[f.Name()]; s == nil {
			one.Result, one.Consequence = ResultMissing, tenantConsequence
		} else if !s.Same(f) {
			one.Result, one.Consequence = ResultFails, tenantConsequence
		}
		r.Tenants = append(r.Tenants, one)
	}
	return nil
}

// tenants adds the tenants of the folder, and those that are lost.
func (s *Status) tenants(fsys fs.FS, kek tink.AEAD) error {
	problem := func(file string, err error) error {
		s.problem(file, err)
		return nil
	}
	files, err := readTenants(fsys, s.Policy, problem)
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for _, p := range s.Problems {
		known[p.File] = true
	}
	for _, f := range files {
		known[f.Name()] = true
		if kek != nil {
			if err := f.Open(pass, kek, nil); err != nil {
				s.problem(f.Name(), err)
				continue
			}
		}
		_, facts := f.Facts()
		one := TenantStatus{Name: facts.Name, Created: facts.Created, Destroyed: facts.Destroyed}
		for _, b := range s.Backups {
			if slices.Contains(b.Tenants, facts.Name) {
				one.Backups = append(one.Backups, b.ID)
			}
		}
		switch {
		case !facts.Destroyed.IsZero() && len(one.Backups) > 0:
			one.Next.Do = "destroy the backups that still hold its key, and say so"
		case facts.Destroyed.IsZero() && len(one.Backups) == 0:
			one.Next.Do = "back up: no backup on record holds its key"
		}
		s.Tenants = append(s.Tenants, one)
	}
	for _, b := range s.Backups {
		for _, name := range b.Tenants {
			if file := name + tenantSuffix; !known[file] {
				known[file] = true
				s.problem(file, &Error{What: "tenant " + name, Reason: ReasonLost, Detail: "backup " + b.ID + " holds it"})
			}
		}
	}
	slices.SortFunc(s.Tenants, func(a, b TenantStatus) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

const tenantSuffix = ".tenant"
