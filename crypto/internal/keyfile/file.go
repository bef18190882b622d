package keyfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	// FormatNumber is the format that this package writes and reads.
	FormatNumber = 1

	// Limit is how long a file may be, in bytes: a keyset of a thousand keys is
	// below it, of a hundred where their public halves are long.
	Limit = 512 << 10
)

// File is a keyset file.
type File struct {
	Format int    `json:"sekisho-keyset"`
	Policy string `json:"policy"`
	Zone   string `json:"zone"`
	Use    string `json:"use"`
	Keys   []Key  `json:"keys"`             // by age, the oldest first
	Keyset []byte `json:"keyset,omitempty"` // Tink's EncryptedKeyset, binary, without its unauthenticated KeysetInfo; absent when all keys are destroyed
}

// Key is what the header says of one key. Times are UTC, in whole seconds.
type Key struct {
	ID           uint32    `json:"id"`
	Algorithm    string    `json:"algorithm"`
	State        State     `json:"state"`
	Created      time.Time `json:"created"`
	ProduceUntil time.Time `json:"produce-until,omitzero"` // no new value is made with it from then on; zero: no end is set
	ConsumeUntil time.Time `json:"consume-until,omitzero"` // nothing is opened with it from then on; zero: no end is set
	Destroyed    time.Time `json:"destroyed,omitzero"`     // when it was, for StateDestroyed
	Witness      []byte    `json:"witness,omitempty"`      // something made with it, which a restored key must open or make again
}

// State is where a key is in its life (NIST SP 800-57 part 1, 7: key states).
type State string

// The states of a key.
const (
	StateNext      State = "next"      // pre-activation: opens already, makes nothing yet
	StateActive    State = "active"    // makes what is new, and opens
	StateRetired   State = "retired"   // deactivated: opens only
	StateDisabled  State = "disabled"  // suspended: does nothing, can come back
	StateDestroyed State = "destroyed" // gone: this line is what is left
)

// status is the state as Tink's keyset holds it; unknown for a key that is not
// in it any more.
func (s State) status() (keyset.KeyStatus, bool) {
	switch s {
	case StateNext, StateActive, StateRetired:
		return keyset.Enabled, true
	case StateDisabled:
		return keyset.Disabled, true
	}
	return keyset.Unknown, s == StateDestroyed
}

// Now returns the time as keyset files have it.
func Now(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }

// AssociatedData is what the key-encryption key binds: policy, zone and use,
// then the header's lines about the keys. A keyset that is passed off as that of
// another policy, zone or use, or with other states or dates, does not open.
func (f *File) AssociatedData() ([]byte, error) {
	keys, err := json.Marshal(f.Keys)
	if err != nil {
		return nil, err
	}
	return AppendAD(nil, f.Policy, f.Zone, f.Use, string(keys)), nil
}

// Name returns the name that the file must have.
func (f *File) Name() string { return FileName(f.Zone, f.Use) }

// Kind returns what is known about the file's use, nil for one that is unknown.
func (f *File) Kind() *Kind { return KindOf(f.Use) }

// Key returns the header's line about a key, nil when there is none.
func (f *File) Key(id uint32) *Key {
	for i := range f.Keys {
		if f.Keys[i].ID == id {
			return &f.Keys[i]
		}
	}
	return nil
}

// Active returns the line of the active key, nil when there is none.
func (f *File) Active() *Key {
	for i := range f.Keys {
		if f.Keys[i].State == StateActive {
			return &f.Keys[i]
		}
	}
	return nil
}

// Encode returns the file's bytes.
func (f *File) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// checked is Encode for what is going to be written: a file that could not be read
// again does not take the place of one that can.
func (f *File) checked() ([]byte, error) {
	data, err := f.Encode()
	if err != nil {
		return nil, err
	}
	_, err = Decode(f.Name(), data)
	return data, err
}

// Lock encrypts h into the file, whose header must be complete: it is bound. A
// nil handle is for a file all of whose keys are destroyed. What the
// key-encryption key says when it fails is not passed on: it has seen the keys
// in clear and might repeat them.
func (f *File) Lock(h *keyset.Handle, kek tink.AEAD) error {
	if h == nil {
		f.Keyset = nil
		return nil
	}
	ad, err := f.AssociatedData()
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&buf), kek, ad); err != nil {
		return fmt.Errorf("it refused to encrypt the keyset")
	}
	f.Keyset = buf.Bytes()
	return nil
}

// Unlock decrypts the keyset and compares it with the header. The error is an
// *Error; the handle is nil when all keys are destroyed.
func (f *File) Unlock(kek tink.AEAD) (*keyset.Handle, error) {
	if f.Keyset == nil {
		return nil, nil
	}
	ad, err := f.AssociatedData()
	if err != nil {
		return nil, f.refuse(Malformed, "%v", err)
	}
	return f.UnlockWith(kek, ad)
}

// UnlockWith is Unlock for a keyset that is bound to ad, as it is in a backup.
func (f *File) UnlockWith(kek tink.AEAD, ad []byte) (*keyset.Handle, error) {
	if f.Keyset == nil {
		return nil, nil
	}
	h, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(f.Keyset)), kek, ad)
	if err != nil {
		return nil, &Error{File: f.Name(), Reason: Locked, Err: err}
	}
	if err := f.agrees(h); err != nil {
		return nil, f.refuse(Keys, "%v", err)
	}
	return h, nil
}

// agrees compares the header with the keys themselves: each is there, in the
// state and of the algorithm that the header says, and the active one is the
// primary.
func (f *File) agrees(h *keyset.Handle) error {
	missing := make(map[uint32]bool)
	for i := range f.Keys {
		if f.Keys[i].State != StateDestroyed {
			missing[f.Keys[i].ID] = true
		}
	}
	if h.Len() != len(missing) {
		return fmt.Errorf("the keyset holds %d keys, the header names %d", h.Len(), len(missing))
	}
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return err
		}
		k := f.Key(e.KeyID())
		if k == nil || !missing[k.ID] {
			return fmt.Errorf("key %d is not in the header, or is there twice", e.KeyID())
		}
		delete(missing, k.ID)
		if want, _ := k.State.status(); e.KeyStatus() != want {
			return fmt.Errorf("key %d is not %s", k.ID, k.State)
		}
		if e.IsPrimary() != (k.State == StateActive) {
			return fmt.Errorf("key %d: the active key is not the primary", k.ID)
		}
		a := f.Kind().algorithmOf(e.Key())
		if a == nil {
			return fmt.Errorf("key %d is not %s", k.ID, f.Kind().names())
		}
		if a.Name != k.Algorithm {
			return fmt.Errorf("key %d is %s, the header says another algorithm", k.ID, a.Name)
		}
	}
	return nil
}

// BindsAD reports whether kek, which has just opened the file, refuses it under
// associated data that differs in one bit and under none. Opening is all it
// asks: at run time a program often has no right to encrypt.
func (f *File) BindsAD(kek tink.AEAD) bool {
	encrypted, err := keyset.NewBinaryReader(bytes.NewReader(f.Keyset)).ReadEncrypted()
	if err != nil || len(encrypted.GetEncryptedKeyset()) == 0 {
		return false // nothing was opened with it
	}
	ad, err := f.AssociatedData()
	return err == nil && refusesOther(kek, encrypted.GetEncryptedKeyset(), ad)
}

// refusesOther reports whether kek refuses ct under other associated data than
// ad, which it was encrypted with and which is not empty.
func refusesOther(kek tink.AEAD, ct, ad []byte) bool {
	other := bytes.Clone(ad)
	other[len(other)-1] ^= 1
	for _, wrong := range [][]byte{other, nil} {
		if plaintext, err := kek.Decrypt(ct, wrong); err == nil {
			clear(plaintext)
			return false
		}
	}
	return true
}

func (f *File) refuse(r Reason, format string, args ...any) *Error {
	return &Error{File: f.Name(), Reason: r, Detail: fmt.Sprintf(format, args...)}
}
