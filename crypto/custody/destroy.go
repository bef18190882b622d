package custody

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Destruction is which key is to be destroyed. There is no way back.
type Destruction struct {
	Zone string
	Use  crypto.Use
	ID   uint32

	// Last names the keyset, as "mynumber.seal", when the key is the last one that
	// lives in it: all that is sealed under the keyset is lost then. It is
	// not needed otherwise.
	Last string
}

// Destroy takes a key out of its keyset and certifies that. The line about it
// stays, without its witness. The active key is destroyed as the last one only.
//
// The certificate is written into the folder first, under a name that says that
// it is not yet true, and gets its own when the key is gone: after a crash the
// next change settles which it is. When that last step fails, the error has
// ReasonStored and the certificate is returned too.
func (f *Folder) Destroy(act Act, d Destruction) (*Certificate, error) {
	var c *Certificate
	_, err := f.turn(act, "destroy", func(t *turn) error {
		o, err := t.open(d.Zone, d.Use.String())
		if err != nil {
			return err
		}
		if err := d.allowed(o.file); err != nil {
			return err
		}
		after, m := clone(o.file), o.manager()
		if err := drop(after, m, d.ID); err != nil {
			return err
		}
		keys, err := handleOf(after, m)
		if err != nil {
			return err
		}
		after.Key(d.ID).Destroyed = t.now
		if c, err = t.certify(o, d.ID); err != nil {
			return err
		}
		return t.destroy(o, after, keys, c)
	})
	if err != nil && !stored(err) {
		return nil, err
	}
	return c, err
}

// stored reports whether err says that a thing was done all the same.
func stored(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Reason == ReasonStored
}

// allowed says why the key must not be destroyed.
func (d Destruction) allowed(file *keyfile.File) error {
	what := keysetName(d.Zone, d.Use.String())
	refuse := func(r Reason, detail string) error {
		return &Error{What: what, KeyID: d.ID, Reason: r, Detail: detail}
	}
	k := file.Key(d.ID)
	if k == nil {
		return refuse(ReasonNoKey, "")
	}
	if file.Kind().IsPublic {
		return refuse(ReasonUse, "public keys are no secret: disable a key that is not to be trusted any more")
	}
	if k.State == keyfile.StateDestroyed {
		return refuse(ReasonState, "it is destroyed already; its certificate is "+certificateName(d.Zone, d.Use.String(), d.ID))
	}
	others := 0
	for i := range file.Keys {
		if file.Keys[i].ID != d.ID && file.Keys[i].State != keyfile.StateDestroyed {
			others++
		}
	}
	if others > 0 && k.State == keyfile.StateActive {
		return refuse(ReasonActive, "")
	}
	if others == 0 && d.Last != what {
		return refuse(ReasonLast, fmt.Sprintf("want %q", what))
	}
	return nil
}

// drop takes a key out of a keyset. When it is the active one, the youngest of
// those that open takes its place.
func drop(file *keyfile.File, m *keyset.Manager, id uint32) error {
	k := file.Key(id)
	wasActive := k.State == keyfile.StateActive
	k.State, k.Witness = keyfile.StateDestroyed, nil
	live := false
	for i := len(file.Keys) - 1; i >= 0 && wasActive; i-- {
		heir := &file.Keys[i]
		live = live || heir.State != keyfile.StateDestroyed
		if heir.State == keyfile.StateRetired || heir.State == keyfile.StateNext {
			heir.State = keyfile.StateActive
			if err := m.SetPrimary(heir.ID); err != nil {
				return err
			}
			wasActive = false
		}
	}
	if !wasActive {
		return m.Delete(id)
	}
	if live {
		return &Error{What: keysetName(file.Zone, file.Use), KeyID: id, Reason: ReasonActive, Detail: "the other keys are disabled"}
	}
	return nil // the keyset is empty now, which Tink has no word for
}

// handleOf returns the keys, nil when all are destroyed.
func handleOf(file *keyfile.File, m *keyset.Manager) (*keyset.Handle, error) {
	if file.Active() == nil {
		return nil, nil
	}
	keys, err := m.Handle()
	if err != nil {
		return nil, &keyfile.Error{File: file.Name(), Reason: keyfile.Keys, Err: err}
	}
	return keys, nil
}

// destroy writes the certificate and the keyset without the key.
func (t *turn) destroy(before opened, after *keyfile.File, keys *keyset.Handle, c *Certificate) error {
	data, err := encode(c)
	if err != nil {
		return err
	}
	if err := lock(after, keys, t.kek); err != nil {
		return err
	}
	if err := t.sweep(after.Name()); err != nil {
		return &keyfile.Error{File: after.Name(), Reason: keyfile.Unwritable, Err: err}
	}
	pending := "." + c.name() + pendingSuffix
	if err := keyfile.WriteFile(t.disk, pending, data); err != nil {
		return &keyfile.Error{File: c.name(), Reason: keyfile.Unwritable, Err: err}
	}
	if err := keyfile.Replace(t.disk, after); err != nil {
		// It may have its name and not be known to be durable: settling looks.
		return errors.Join(err, t.settle(pending))
	}
	t.change.record(before.file, after)
	if err := t.settle(pending); err != nil {
		return &Error{What: keysetName(c.Zone, c.Use), KeyID: c.Key, Reason: ReasonStored, Err: err}
	}
	return nil
}

// sweep removes what restoring kept aside of a keyset: it may hold the key.
func (f *Folder) sweep(name string) error {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if of, ok := leftover(e.Name(), damagedSuffix); ok && of == name {
			if err := f.disk.Remove(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	certificateSuffix = ".erasure"
	pendingSuffix     = certificateSuffix + ".pending"
	damagedSuffix     = ".damaged"
)

// settle gives a certificate its name when its key is gone, and removes it when
// the key is there.
func (f *Folder) settle(pending string) error {
	data, err := f.root.ReadFile(pending)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := decodeCertificate(data)
	if err != nil || "."+c.name()+pendingSuffix != pending {
		return f.disk.Remove(pending) // cut by a crash, so the key was not touched
	}
	file, err := keyfile.Read(f.root.FS(), keyfile.FileName(c.Zone, c.Use))
	if err != nil {
		return nil // nobody can say yet: it must not be in the way of restoring the keyset
	}
	if k := file.Key(c.Key); k == nil || k.State != keyfile.StateDestroyed {
		return f.disk.Remove(pending)
	}
	if err := keyfile.WriteFile(f.disk, c.name()+certificateSuffix, data); err != nil {
		return err
	}
	return f.disk.Remove(pending)
}

// certify writes the certificate for a key that is about to be destroyed.
func (t *turn) certify(o opened, id uint32) (*Certificate, error) {
	k := o.file.Key(id)
	line, err := json.Marshal(k)
	if err != nil {
		return nil, err
	}
	c := &Certificate{
		Format: formatNumber, Method: eraseMethod,
		Policy: o.file.Policy, Zone: o.file.Zone, Use: o.file.Use, Key: id, Algorithm: k.Algorithm, Bits: o.file.Kind().Algorithm(k.Algorithm).Bits,
		Created: k.Created, State: State(k.State), Destroyed: t.now, By: t.change.By, Header: digest(line),
		Last: len(live(o.file)) == 1, Limits: eraseLimits,
	}
	if t.options.Uses != nil && o.file.Use == crypto.UseSeal.String() {
		n, err := t.options.Uses(c.Policy, c.Zone, id)
		if err != nil {
			return nil, err
		}
		c.Uses = &n
	}
	l, err := t.ledger()
	if err != nil {
		return nil, err
	}
	for _, b := range l.Backups {
		if b.Destroyed.IsZero() && b.holds(KeyRef{c.Zone, c.Use, id}) {
			c.Backups = append(c.Backups, BackupRef{ID: b.ID, Made: b.Made, Custodians: b.Custodians})
		}
	}
	return c, t.sign(c)
}

// live returns the lines of the keys that are not destroyed.
func live(f *keyfile.File) []*keyfile.Key {
	var list []*keyfile.Key
	for i := range f.Keys {
		if f.Keys[i].State != keyfile.StateDestroyed {
			list = append(list, &f.Keys[i])
		}
	}
	return list
}

// erased returns the ids of the keys of a keyset that there are certificates for.
func (f *Folder) erased(file *keyfile.File) ([]uint32, error) {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var ids []uint32
	for i := range file.Keys {
		name := certificateName(file.Zone, file.Use, file.Keys[i].ID) + certificateSuffix
		for _, e := range entries {
			if strings.EqualFold(e.Name(), name) {
				ids = append(ids, file.Keys[i].ID)
			}
		}
	}
	return ids, nil
}

// destroyedAt returns when a key was destroyed, by its certificate; now when that
// cannot be read.
func (t *turn) destroyedAt(file *keyfile.File, id uint32) time.Time {
	data, err := t.root.ReadFile(certificateName(file.Zone, file.Use, id) + certificateSuffix)
	if err == nil {
		if c, err := decodeCertificate(data); err == nil && !c.Destroyed.IsZero() && c.Destroyed.Equal(keyfile.Now(c.Destroyed)) {
			return keyfile.Now(c.Destroyed)
		}
	}
	return t.now
}
