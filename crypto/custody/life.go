package custody

import (
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// Rotate makes another key of the keyset active, and retires the one that was:
// the staged key if there is one, a fresh key otherwise. A keyset whose keys are
// all destroyed gets a fresh key.
func (f *Folder) Rotate(act Act, zone string, use crypto.Use) (*Change, error) {
	return f.edit(act, "rotate", zone, use, func(t *turn, file *keyfile.File, m *keyset.Manager) error {
		if file.Kind().IsPublic {
			return &Error{What: keysetName(zone, use.String()), Reason: ReasonUse, Detail: "public keys are rotated by the zone that has the private ones: import its export"}
		}
		former, staged := uint32(0), uint32(0)
		for i := range file.Keys {
			switch file.Keys[i].State {
			case keyfile.StateActive:
				former = file.Keys[i].ID
			case keyfile.StateNext:
				staged = file.Keys[i].ID
			}
		}
		if staged == 0 {
			if _, err := t.addKey(file, m, keyfile.StateActive, act.At); err != nil {
				return err
			}
		} else if err := t.promote(file, m, staged); err != nil {
			return err
		}
		if former != 0 {
			file.Key(former).State = keyfile.StateRetired
		}
		return nil
	})
}

// promote makes the staged key active.
func (t *turn) promote(file *keyfile.File, m *keyset.Manager, id uint32) error {
	k := file.Key(id)
	if !k.ProduceUntil.IsZero() && !t.now.Before(k.ProduceUntil) {
		return &Error{What: keysetName(file.Zone, file.Use), KeyID: id, Reason: ReasonPlan,
			Detail: fmt.Sprintf("the time to produce of the staged key is over since %s: retire it", k.ProduceUntil.Format(time.RFC3339))}
	}
	k.State = keyfile.StateActive
	return m.SetPrimary(id)
}

// Stage adds a fresh key that opens and makes nothing yet, so that every process,
// and every zone that imports the public half, has it before it is used: the next
// Rotate makes it active. Its dates count from now.
func (f *Folder) Stage(act Act, zone string, use crypto.Use) (*Change, error) {
	return f.edit(act, "stage", zone, use, func(t *turn, file *keyfile.File, m *keyset.Manager) error {
		refuse := func(r Reason, id uint32, detail string) error {
			return &Error{What: keysetName(zone, use.String()), KeyID: id, Reason: r, Detail: detail}
		}
		if file.Kind().IsPublic {
			return refuse(ReasonUse, 0, "public keys are staged by the zone that has the private ones")
		}
		if file.Active() == nil {
			return refuse(ReasonState, 0, "all keys are destroyed: rotate, and there is a first one again")
		}
		for i := range file.Keys {
			if file.Keys[i].State == keyfile.StateNext {
				return refuse(ReasonStaged, file.Keys[i].ID, "")
			}
		}
		_, err := t.addKey(file, m, keyfile.StateNext, act.At)
		return err
	})
}

// Retire lets a key open only: a staged key that shall not come into use, or a
// disabled one that shall open again. The active key is retired by Rotate.
func (f *Folder) Retire(act Act, zone string, use crypto.Use, id uint32) (*Change, error) {
	return f.move(act, "retire", zone, use, id, keyfile.StateRetired, keyfile.StateNext, keyfile.StateDisabled)
}

// Disable suspends a key that is staged or retired: it does nothing until Enable,
// and what it made does not open. It is for a key that may be known to others, and
// for seeing whether a key is still needed before it is destroyed.
func (f *Folder) Disable(act Act, zone string, use crypto.Use, id uint32) (*Change, error) {
	return f.move(act, "disable", zone, use, id, keyfile.StateDisabled, keyfile.StateNext, keyfile.StateRetired)
}

// Enable lets a disabled key open again. It is retired then.
func (f *Folder) Enable(act Act, zone string, use crypto.Use, id uint32) (*Change, error) {
	return f.move(act, "enable", zone, use, id, keyfile.StateRetired, keyfile.StateDisabled)
}

// move brings a key from one of some states to another.
func (f *Folder) move(act Act, action, zone string, use crypto.Use, id uint32, to keyfile.State, from ...keyfile.State) (*Change, error) {
	return f.edit(act, action, zone, use, func(t *turn, file *keyfile.File, m *keyset.Manager) error {
		k := file.Key(id)
		if k == nil {
			return &Error{What: keysetName(zone, use.String()), KeyID: id, Reason: ReasonNoKey}
		}
		if k.State == keyfile.StateActive {
			return &Error{What: keysetName(zone, use.String()), KeyID: id, Reason: ReasonActive}
		}
		for _, s := range from {
			if k.State != s {
				continue
			}
			k.State = to
			if to == keyfile.StateDisabled {
				return m.Disable(id)
			}
			return m.Enable(id)
		}
		return &Error{What: keysetName(zone, use.String()), KeyID: id, Reason: ReasonState, Detail: fmt.Sprintf("it is %s", k.State)}
	})
}

// edit changes one keyset: do changes the header and the keys alike.
func (f *Folder) edit(act Act, action, zone string, use crypto.Use, do func(*turn, *keyfile.File, *keyset.Manager) error) (*Change, error) {
	return f.turn(act, action, func(t *turn) error {
		o, err := t.open(zone, use.String())
		if err != nil {
			return err
		}
		after, m := clone(o.file), o.manager()
		if err := do(t, after, m); err != nil {
			return err
		}
		keys, err := m.Handle()
		if err != nil {
			return &keyfile.Error{File: after.Name(), Reason: keyfile.Keys, Err: err}
		}
		return t.replace(o.file, after, keys)
	})
}
