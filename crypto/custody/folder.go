package custody

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
	"github.com/sekisho-go/sekisho/internal/flock"
)

// Plan is what is wanted of a fresh key.
type Plan struct {
	Algorithm    string    // as keyset files name it; empty: the first that keys of the use may have
	ProduceUntil time.Time // last instant of making something new with it; zero: no end is set
	ConsumeUntil time.Time // last instant of using what it made; zero: no end is set
}

// Options is what a folder needs to know besides its keys. The zero value makes
// keys without an end.
type Options struct {
	// Policy is the name of the policy that the keys belong to. It is needed
	// where the folder holds no keys yet; elsewhere a folder of another policy is
	// refused. Empty: that of the folder.
	Policy string

	// Plan gives algorithm and dates of a key that is made at a time. Nil: the
	// first algorithm of the use, without an end.
	Plan func(use crypto.Use, created time.Time) (Plan, error)

	// Until gives the last instants at which an algorithm may make something new,
	// and at which what it made may be used; the zero time where no end is set.
	// Listed is false for an algorithm that is not permitted at all. Nil: it is
	// not known when an algorithm falls out.
	Until func(algorithm string) (produce, consume time.Time, listed bool)

	// Uses gives how often a key was used: see [crypto.FileLedger.Uses]. Nil: it
	// is not known.
	Uses func(policy, zone string, key uint32) (uint64, error)
}

// Folder is a keyring's folder, in the hands of who looks after it. Several
// processes, and several goroutines, may work on one folder.
type Folder struct {
	root    *os.Root
	disk    keyfile.Disk // root; tests have one that fails
	kek     tink.AEAD
	options Options
}

// Open opens the folder dir, which must be there. Kek, the key-encryption key of
// its keysets, may be nil: then there is the status only. It is tested before
// anything is written: it must refuse other associated data.
func Open(dir string, kek tink.AEAD, o Options) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &crypto.KeyringError{Reason: crypto.ReasonUnreadable, Err: err}
	}
	return &Folder{root: root, disk: root, kek: kek, options: o}, nil
}

// Make is [Open] for a folder that may not be there yet: it is made, readable by
// its owner only, if its parent exists.
func Make(dir string, kek tink.AEAD, o Options) (*Folder, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, &crypto.KeyringError{Reason: crypto.ReasonUnwritable, Err: err}
	}
	return Open(dir, kek, o)
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Policy returns the name of the policy whose keys these are: that of the files,
// or of the options where there is none. Of files of two policies it returns an
// error.
func (f *Folder) Policy() (string, error) {
	name, from := f.options.Policy, "the options"
	names, err := keyfile.Names(f.root.FS())
	if err != nil {
		return "", keyringError(err)
	}
	for _, n := range names {
		file, err := keyfile.Read(f.root.FS(), n)
		if err != nil {
			continue // a damaged file says nothing; who needs it will find out
		}
		if name != "" && file.Policy != name {
			return "", &crypto.KeyringError{File: n, Reason: crypto.ReasonPolicy, Detail: fmt.Sprintf("policy %q here, %q in %s", file.Policy, name, from)}
		}
		name, from = file.Policy, n
	}
	return name, nil
}

// turn is one change in the making, under the lock.
type turn struct {
	*Folder
	now    time.Time // of the act, as files have it
	policy string    // empty where neither the folder nor the options know one
	change *Change
}

// turn locks the folder and does something. What an earlier one left unfinished
// is finished first.
func (f *Folder) turn(act Act, action string, do func(*turn) error) (*Change, error) {
	if err := act.check(); err != nil {
		return nil, err
	}
	if f.kek == nil {
		return nil, &crypto.KeyringError{Reason: crypto.ReasonKEK, Detail: "no key-encryption key was given"}
	}
	unlock, err := flock.Lock(f.root, ".lock")
	if err != nil {
		return nil, &Error{Reason: ReasonLock, Err: err}
	}
	defer unlock()
	policy, err := f.Policy()
	if err != nil {
		return nil, err
	}
	if err := keyfile.TestKEK(f.kek, policy); err != nil {
		return nil, keyringError(err)
	}
	if err := f.finish(); err != nil {
		return nil, &Error{Reason: ReasonLock, Err: err}
	}
	t := &turn{Folder: f, now: keyfile.Now(act.At), policy: policy}
	t.change = &Change{Action: action, Policy: policy, At: t.now, By: act.By}
	if err := do(t); err != nil {
		return nil, keyringError(err)
	}
	return t.change, nil
}

// needPolicy is for what writes keysets where there may be none yet.
func (t *turn) needPolicy() error {
	if t.policy == "" {
		return &crypto.KeyringError{Reason: crypto.ReasonName, Detail: "the folder holds no keyset that names its policy, and no policy was given"}
	}
	return nil
}

// opened is a keyset file and its keys.
type opened struct {
	file *keyfile.File
	keys *keyset.Handle // nil: all are destroyed
}

// open reads and decrypts a keyset file.
func (t *turn) open(zone, use string) (opened, error) {
	if err := keyfile.CheckZone(zone); err != nil {
		return opened{}, &crypto.KeyringError{Reason: crypto.ReasonName, Detail: err.Error()}
	}
	if keyfile.KindOf(use) == nil {
		return opened{}, &Error{What: keysetName(zone, use), Reason: ReasonUse, Detail: "the use is unknown"}
	}
	file, err := keyfile.Read(t.root.FS(), keyfile.FileName(zone, use))
	if errors.Is(err, fs.ErrNotExist) {
		return opened{}, &Error{What: keysetName(zone, use), Reason: ReasonNoKeyset}
	}
	if err != nil {
		return opened{}, err
	}
	for i := range file.Keys {
		if t.now.Before(file.Keys[i].Created) {
			return opened{}, &Error{What: keysetName(zone, use), KeyID: file.Keys[i].ID, Reason: ReasonClock,
				Detail: fmt.Sprintf("it is %s, and the key was made at %s", t.now.Format(time.RFC3339), file.Keys[i].Created.Format(time.RFC3339))}
		}
	}
	keys, err := file.Unlock(t.kek)
	return opened{file, keys}, err
}

// manager returns what changes the keys.
func (o opened) manager() *keyset.Manager {
	if o.keys == nil {
		return keyset.NewManager()
	}
	return keyset.NewManagerFromHandle(o.keys)
}

// clone returns a copy of a file whose header can be changed.
func clone(f *keyfile.File) *keyfile.File {
	c := *f
	c.Keys = slices.Clone(f.Keys)
	return &c
}

// lock encrypts the keys into the file and reads it back, as whoever opens it
// will: what does not open again never takes the place of what does.
func lock(f *keyfile.File, keys *keyset.Handle, kek tink.AEAD) error {
	if err := f.Lock(keys, kek); err != nil {
		return &keyfile.Error{File: f.Name(), Reason: keyfile.KEK, Err: err}
	}
	data, err := f.Encode()
	if err != nil {
		return &keyfile.Error{File: f.Name(), Reason: keyfile.Unwritable, Err: err}
	}
	again, err := keyfile.Decode(f.Name(), data)
	if err != nil {
		return err
	}
	h, err := again.Unlock(kek)
	if err != nil {
		return err
	}
	return witnessed(again, h)
}

// witnessed checks that every key opens its witness.
func witnessed(f *keyfile.File, h *keyset.Handle) error {
	for i := range f.Keys {
		if f.Keys[i].State == keyfile.StateDestroyed {
			continue
		}
		if _, err := f.CheckWitness(h, f.Keys[i].ID); err != nil {
			return &keyfile.Error{File: f.Name(), Reason: keyfile.Keys, Detail: err.Error()}
		}
	}
	return nil
}

// replace puts a changed keyset in the place of the one it was.
func (t *turn) replace(before, after *keyfile.File, keys *keyset.Handle) error {
	if err := lock(after, keys, t.kek); err != nil {
		return err
	}
	if err := keyfile.Replace(t.disk, after); err != nil {
		return err
	}
	t.change.record(before, after)
	return nil
}

// finish ends what a crash left unfinished: see [Folder.Destroy]. Temporary files
// of keysets that are there belong to nobody, because the lock is ours; those of
// keysets that are not may be of a crypto.CreateKeyring that is at work.
func (f *Folder) finish() error {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	there := make(map[string]bool)
	for _, e := range entries {
		there[e.Name()] = true
	}
	for _, e := range entries {
		if name, ok := leftover(e.Name(), ".tmp"); ok && (there[name] || !strings.HasSuffix(name, keyfile.Suffix)) {
			if err := f.disk.Remove(e.Name()); err != nil {
				return err
			}
		}
		if strings.HasPrefix(e.Name(), ".") && strings.HasSuffix(e.Name(), pendingSuffix) {
			if err := f.settle(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// leftover takes apart ".<name>.<random><suffix>".
func leftover(file, suffix string) (name string, ok bool) {
	rest, ok := strings.CutSuffix(file, suffix)
	if !ok || !strings.HasPrefix(rest, ".") {
		return "", false
	}
	dot := strings.LastIndexByte(rest, '.')
	return rest[1:max(1, dot)], dot > 1
}
