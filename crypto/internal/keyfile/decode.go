package keyfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
)

// Decode reads the file called name. It decides everything that can be decided
// without the key-encryption key; errors are *Error.
func Decode(name string, data []byte) (*File, error) {
	refuse := func(r Reason, format string, args ...any) (*File, error) {
		return nil, &Error{File: name, Reason: r, Detail: fmt.Sprintf(format, args...)}
	}
	if len(data) > Limit {
		return refuse(Malformed, "longer than %d bytes", Limit)
	}
	// The number is looked at first and alone: a file of a later format need
	// not have the fields of this one.
	var head struct {
		Format int `json:"sekisho-keyset"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Format < 1 {
		return refuse(Malformed, "no JSON object with a \"sekisho-keyset\" number")
	}
	if head.Format != FormatNumber {
		return refuse(Format, "format %d, want %d", head.Format, FormatNumber)
	}
	f := new(File)
	if err := json.Unmarshal(data, f); err != nil {
		return refuse(Malformed, "a field has a wrong type")
	}
	if canonical, err := f.Encode(); err != nil || !bytes.Equal(canonical, data) {
		return refuse(Malformed, "a field is unknown, doubled or missing, or the spelling was changed")
	}
	if err := CheckPolicy(f.Policy); err != nil {
		return refuse(Malformed, "%v", err)
	}
	if err := CheckZone(f.Zone); err != nil {
		return refuse(Malformed, "%v", err)
	}
	if f.Kind() == nil {
		return refuse(BadUse, "use %q", f.Use)
	}
	if err := f.checkKeys(); err != nil {
		return refuse(Malformed, "%v", err)
	}
	if want := f.Name(); name != want {
		return refuse(Renamed, "the header says zone %q, use %q: want the name %q", f.Zone, f.Use, want)
	}
	return f, nil
}

// checkKeys checks the header's lines about keys for themselves.
func (f *File) checkKeys() error {
	if len(f.Keys) == 0 {
		return fmt.Errorf("no key is named")
	}
	live, active := 0, 0
	seen := make(map[uint32]bool)
	for i := range f.Keys {
		k := &f.Keys[i]
		if k.ID == 0 || seen[k.ID] {
			return fmt.Errorf("key %d is named twice or has no id", k.ID)
		}
		seen[k.ID] = true
		if err := k.check(f.Kind()); err != nil {
			return err
		}
		if k.State != StateDestroyed {
			live++
		}
		if k.State == StateActive {
			active++
		}
	}
	if live > 0 && active != 1 {
		return fmt.Errorf("%d keys are active, want one", active)
	}
	if (live > 0) != (f.Keyset != nil) {
		return fmt.Errorf("the header names %d keys that are not destroyed, and the keyset is another", live)
	}
	if f.Keyset != nil && !canonicalKeyset(f.Keyset) {
		return fmt.Errorf("the keyset is not an encrypted Tink keyset")
	}
	return nil
}

func (k *Key) check(kind *Kind) error {
	if _, ok := k.State.status(); !ok {
		return fmt.Errorf("key %d has a state that is not one", k.ID)
	}
	if kind.Algorithm(k.Algorithm) == nil {
		return fmt.Errorf("key %d has an algorithm that is not %s", k.ID, kind.names())
	}
	for _, t := range []time.Time{k.Created, k.ProduceUntil, k.ConsumeUntil, k.Destroyed} {
		if !t.IsZero() && !t.Equal(Now(t)) || t.Location() != time.UTC {
			return fmt.Errorf("key %d has a time that is not in whole seconds of UTC", k.ID)
		}
	}
	if k.Created.IsZero() || k.Destroyed.IsZero() != (k.State != StateDestroyed) {
		return fmt.Errorf("key %d lacks the time it was created or destroyed, or has one too many", k.ID)
	}
	if !k.ConsumeUntil.IsZero() && (k.ProduceUntil.IsZero() || k.ConsumeUntil.Before(k.ProduceUntil)) {
		return fmt.Errorf("key %d stops opening before it stops sealing", k.ID)
	}
	return nil
}

// canonicalKeyset reports whether b is an EncryptedKeyset as Tink writes it:
// fields that nothing authenticates do not ride along.
func canonicalKeyset(b []byte) bool {
	encrypted, err := keyset.NewBinaryReader(bytes.NewReader(b)).ReadEncrypted()
	if err != nil || len(encrypted.GetEncryptedKeyset()) == 0 {
		return false
	}
	var again bytes.Buffer
	err = keyset.NewBinaryWriter(&again).WriteEncrypted(encrypted)
	return err == nil && bytes.Equal(again.Bytes(), b)
}
