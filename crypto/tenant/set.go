package tenant

import (
	"container/list"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/door"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
	"github.com/sekisho-go/sekisho/internal/flock"
)

// Set is the tenants of one folder. It may be used by many goroutines. It is
// made by [Open].
type Set struct {
	_       [0]func() // not comparable
	root    *os.Root
	ring    *crypto.Keyring
	kek     func() tink.AEAD // a function, where walkers by reflection stop
	options options
	tested  atomic.Bool // that the key-encryption key binds associated data

	mu      sync.Mutex
	tenants map[string]*entry
	recent  list.List // of *entry that have a keyring, the last used first
}

// entry is a tenant of whom keys were asked for.
type entry struct {
	turn sync.Mutex // held by who derives the keys
	open func() (*crypto.Keyring, error)
	end  func(error)
	ring *crypto.Keyring // nil: not in memory; guarded by the set's mu
	at   *list.Element   // its place in recent; guarded by the set's mu
	gone error           // guarded by the set's mu
}

type options struct {
	cache int
	now   func() time.Time
	warn  func(tenant string, w crypto.Warning)

	backups func(tenant string) ([]BackupRef, error)
	asked   string // what certificates say of the backups they name
}

// Option changes how a set is opened.
type Option func(*options)

// WithCache keeps the keyrings of at most n tenants, those last asked for; without
// it 2,048. A keyring that somebody holds works on when it is not kept any more.
func WithCache(n int) Option { return func(o *options) { o.cache = n } }

// WithClock gives the set another clock than [time.Now], for tests. It sets the
// times in files and certificates; keys follow the clock of the keyring.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithWarnings hands warnings about a tenant's keys to f: that a key was used
// often, that a file could not be read again. Warnings about dates are those of
// the zone's keys and go where the keyring's go. f may be called by several
// goroutines at a time and must not call the set.
func WithWarnings(f func(tenant string, w crypto.Warning)) Option {
	return func(o *options) { o.warn = f }
}

// WithBackups lets certificates name the backups that still hold a tenant's key,
// and keeps Create from making a tenant anew whose file was lost: custody.Folder has
// the function, for the folder in which the tenants' files are. f is called while the
// folder is locked.
func WithBackups(f func(tenant string) ([]BackupRef, error)) Option {
	return func(o *options) { o.backups, o.asked = f, backupsAsked }
}

// Open opens the folder of the tenants' files, which must exist. Ring is the
// keyring of the zones, of which at least one has tenant keys; kek is the
// key-encryption key. Ring must be one that was opened with the package crypto, and
// not one that a Set returned. Close the set when no tenant's keys are used any
// more.
//
// The error is a *[crypto.NoKeysError] when no zone has tenant keys, a *[FileError]
// otherwise. No file is read before somebody asks for the tenant.
func Open(dir string, ring *crypto.Keyring, kek tink.AEAD, opts ...Option) (*Set, error) {
	if ring == nil || !hasTenants(ring) {
		return nil, &crypto.NoKeysError{Use: crypto.UseTenant}
	}
	if kek == nil {
		return nil, &FileError{Reason: crypto.ReasonKEK, Detail: "no key-encryption key was given"}
	}
	o := options{cache: 2048, now: time.Now, warn: func(string, crypto.Warning) {},
		backups: func(string) ([]BackupRef, error) { return nil, nil }, asked: backupsUnasked}
	for _, opt := range opts {
		opt(&o)
	}
	if o.cache < 1 {
		return nil, &FileError{Reason: crypto.ReasonOption, Detail: fmt.Sprintf("a cache of %d tenants: want at least one", o.cache)}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &FileError{Reason: crypto.ReasonUnreadable, Detail: "the folder of the tenants", Err: err}
	}
	return &Set{root: root, ring: ring, kek: func() tink.AEAD { return kek }, options: o, tenants: make(map[string]*entry)}, nil
}

func hasTenants(ring *crypto.Keyring) bool {
	for _, zone := range ring.Zones() {
		if ring.Has(zone, crypto.UseTenant) {
			return true
		}
	}
	return false
}

// Close closes the folder. Keyrings go on for as long as the keyring they are
// derived from may go without being opened again.
func (s *Set) Close() error { return s.root.Close() }

// Create makes a tenant: a random key of its own in a new file. The name is 1 to
// 64 of a-z, 0-9, - and _, not beginning with -, and names no person. kek is tested
// first, as [crypto.CreateKeyring] does. The error is an *[ExistsError], a
// *[DestroyedError] when the name was one of a tenant that was destroyed, or a
// *[FileError].
func (s *Set) Create(tenant string) error {
	if err := checkName(tenant); err != nil {
		return err
	}
	if err := s.test(); err != nil {
		return err
	}
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	switch f, _, err := s.read(tenant); {
	case err == nil && f.Destroyed.IsZero():
		return &ExistsError{Tenant: tenant}
	case err == nil:
		return s.destroyed(f)
	case !isUnknown(err):
		return err
	}
	backups, err := s.options.backups(tenant)
	if err != nil {
		return err
	}
	if len(backups) > 0 {
		return &FileError{File: fileName(tenant), Reason: crypto.ReasonUnreadable, Detail: "the tenant was there, and backup " + backups[0].ID + " holds its key: restore it"}
	}
	f := &file{Format: formatNumber, Policy: s.ring.Policy(), Tenant: tenant, Created: keyfile.Now(s.options.now())}
	if err := f.lock(s.kek()); err != nil {
		return err
	}
	return s.write(f)
}

// Keyring returns the tenant's keys in all zones that have tenant keys, opened.
// It is the same keyring for as long as it is kept ([WithCache]); it prints,
// refuses and is counted as the zones' keyring is. The error is an
// *[UnknownError], a *[DestroyedError], a *[FileError], or what the zones' keyring
// says when it is stale.
func (s *Set) Keyring(tenant string) (*crypto.Keyring, error) {
	e, err := s.entryOf(tenant)
	if err != nil {
		return nil, err
	}
	e.turn.Lock()
	defer e.turn.Unlock()
	if ring, err := s.kept(e); ring != nil || err != nil {
		return ring, err
	}
	ring, err := e.open()
	if err != nil {
		return nil, err
	}
	s.keep(e, ring)
	return ring, nil
}

// entryOf returns the entry of a tenant, a new one when it has a file.
func (s *Set) entryOf(tenant string) (*entry, error) {
	s.mu.Lock()
	e := s.tenants[tenant]
	s.mu.Unlock()
	if e != nil {
		return e, nil
	}
	if err := checkName(tenant); err != nil {
		return nil, err
	}
	if _, _, err := s.read(tenant); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.tenants[tenant]; e != nil {
		return e, nil
	}
	e = new(entry)
	warn := func(w crypto.Warning) { s.options.warn(tenant, w) }
	e.open, e.end = crypto.Derive(s.ring, door.NewPass(), tenant, func() (*keyset.Handle, bool, error) { return s.secret(tenant, e) }, warn)
	s.tenants[tenant] = e
	return e, nil
}

// kept returns the entry's keyring if there is one.
func (s *Set) kept(e *entry) (*crypto.Keyring, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.gone != nil {
		return nil, e.gone
	}
	if e.ring != nil {
		s.recent.MoveToFront(e.at)
	}
	return e.ring, nil
}

// keep puts the keyring in front of the others and drops the last if there are
// too many.
func (s *Set) keep(e *entry, ring *crypto.Keyring) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.gone != nil {
		return
	}
	e.ring, e.at = ring, s.recent.PushFront(e)
	if s.recent.Len() > s.options.cache {
		s.drop(s.recent.Back().Value.(*entry))
	}
}

// drop forgets the entry's keyring; s.mu is held.
func (s *Set) drop(e *entry) {
	if e.at != nil {
		s.recent.Remove(e.at)
	}
	e.ring, e.at = nil, nil
}

// forget refuses the tenant from now on.
func (s *Set) forget(e *entry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.gone = err
	s.drop(e)
}

// secret reads and decrypts a tenant's key. Gone is true for one that was
// destroyed.
func (s *Set) secret(tenant string, e *entry) (h *keyset.Handle, gone bool, err error) {
	f, _, err := s.read(tenant)
	if err != nil {
		return nil, false, err
	}
	if !f.Destroyed.IsZero() {
		err := s.destroyed(f)
		var destroyed *DestroyedError
		if gone = errors.As(err, &destroyed); gone {
			s.forget(e, err)
		}
		return nil, gone, err
	}
	if h, err = f.unlock(s.kek()); err != nil {
		return nil, false, err
	}
	if !s.tested.Load() {
		if !f.binds(s.kek()) {
			return nil, false, &FileError{File: fileName(tenant), Reason: crypto.ReasonUnbound, Detail: fmt.Sprintf("%T", s.kek())}
		}
		s.tested.Store(true)
	}
	return h, false, nil
}

// destroyed returns what is to be said about a tombstone.
func (s *Set) destroyed(f *file) error {
	if err := f.genuine(s.kek()); err != nil {
		return err
	}
	return &DestroyedError{Tenant: f.Tenant, At: f.Destroyed}
}

// Tenant is what can be known of a tenant without its key.
type Tenant struct {
	Name      string
	Created   time.Time
	Destroyed time.Time // zero for one that lives
}

// List returns all tenants by name, also those that were destroyed. It does not
// ask the key-encryption key. The error names every file that cannot be read; the
// others are returned all the same.
func (s *Set) List() ([]Tenant, error) {
	names, err := FileNames(door.NewPass(), s.root.FS())
	if err != nil {
		return nil, err
	}
	var tenants []Tenant
	var problems []error
	for _, name := range names {
		f, _, err := s.read(strings.TrimSuffix(name, suffix))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		tenants = append(tenants, Tenant{Name: f.Tenant, Created: f.Created, Destroyed: f.Destroyed})
	}
	return tenants, errors.Join(problems...)
}

// Format prints the type and the policy for every verb.
func (s *Set) Format(f fmt.State, _ rune) { io.WriteString(f, s.GoString()) }

// GoString returns the type and the policy.
func (s *Set) GoString() string { return "tenants(" + s.ring.Policy() + ")" }

// LogValue logs the type and the policy.
func (s *Set) LogValue() slog.Value { return slog.StringValue(s.GoString()) }

// read reads the file of a tenant and its bytes.
func (s *Set) read(tenant string) (*file, []byte, error) {
	name := fileName(tenant)
	f, data, err := readFile(s.root.FS(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, &UnknownError{Tenant: tenant}
	}
	if err == nil && f.Policy != s.ring.Policy() {
		err = &FileError{File: name, Reason: crypto.ReasonPolicy, Detail: fmt.Sprintf("policy %q here, want %q", f.Policy, s.ring.Policy())}
	}
	return f, data, err
}

func (s *Set) write(f *file) error {
	data, err := f.encode()
	if err == nil {
		err = keyfile.WriteFile(s.root, fileName(f.Tenant), data)
	}
	if err != nil {
		return &FileError{File: fileName(f.Tenant), Reason: crypto.ReasonUnwritable, Err: err}
	}
	return nil
}

// test tests the key-encryption key before anything is encrypted with it.
func (s *Set) test() error {
	err := keyfile.TestKEK(s.kek(), s.ring.Policy())
	var e *keyfile.Error
	if errors.As(err, &e) {
		return &FileError{Reason: crypto.Reason(e.Reason), Detail: e.Detail, Err: e.Err}
	}
	return err
}

// lock keeps others from changing the folder.
func (s *Set) lock() (unlock func() error, err error) {
	unlock, err = flock.Lock(s.root, ".lock")
	if err != nil {
		return nil, &FileError{Reason: crypto.ReasonUnwritable, Detail: "the lock of the folder", Err: err}
	}
	return unlock, nil
}

func isUnknown(err error) bool {
	var e *UnknownError
	return errors.As(err, &e)
}
