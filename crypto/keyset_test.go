package crypto

import (
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// made is a keyset file of a test with its keys, so that the test can write it
// again in other states.
type made struct {
	*keyfile.File
	m *keyset.Manager
}

// begun is when the keys of tests are made.
var begun = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// makeKeys makes a keyset of zone a with a key for each line, in its state and with
// its dates. Lines may leave out what is the same for all.
func makeKeys(t testing.TB, use Use, lines ...keyfile.Key) *made {
	t.Helper()
	k := &made{&keyfile.File{Format: keyfile.FormatNumber, Policy: "kouki", Zone: "a", Use: use.String()}, keyset.NewManager()}
	for _, line := range lines {
		k.add(t, line)
	}
	return k
}

// add makes one key more.
func (k *made) add(t testing.TB, line keyfile.Key) uint32 {
	t.Helper()
	algorithm := line.Algorithm
	if algorithm == "" {
		algorithm = k.Kind().Algorithms[0].Name
	}
	if line.Created.IsZero() {
		line.Created = begun
	}
	id, err := k.AddKey(k.m, algorithm, line)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// set changes the header's line of a key.
func (k *made) set(id uint32, change func(*keyfile.Key)) { change(k.Key(id)) }

// handle returns the keys as the header says they are, nil when none is left.
func (k *made) handle(t testing.TB) *keyset.Handle {
	t.Helper()
	if len(k.Keys) == 0 || !slices.ContainsFunc(k.Keys, func(line keyfile.Key) bool { return line.State != keyfile.StateDestroyed }) {
		return nil
	}
	if err := k.m.SetPrimary(k.Active().ID); err != nil {
		t.Fatal(err)
	}
	for _, line := range k.Keys {
		var err error
		switch line.State {
		case keyfile.StateDisabled:
			err = k.m.Disable(line.ID)
		case keyfile.StateDestroyed:
			k.m.Delete(line.ID) // it may be gone already
		default:
			err = k.m.Enable(line.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return handleOf(t, k.m)
}

// file returns the keyset file.
func (k *made) file(t testing.TB, kek tink.AEAD) *fstest.MapFile {
	t.Helper()
	return encoded(t, k.File, k.handle(t), kek)
}

// public returns the file of the public halves, with the same ids and states.
func (k *made) public(t testing.TB, kek tink.AEAD) *fstest.MapFile {
	t.Helper()
	h, err := k.handle(t).Public()
	if err != nil {
		t.Fatal(err)
	}
	f := *k.File
	f.Use, f.Keys = k.Kind().Public, slices.Clone(k.Keys)
	for i := range f.Keys {
		f.Keys[i].Witness = nil
	}
	return encoded(t, &f, h, kek)
}

// ringOf opens a keyring of the keysets.
func ringOf(t testing.TB, kek tink.AEAD, opts []Option, keysets ...*made) *Keyring {
	t.Helper()
	m := make(fstest.MapFS)
	for _, k := range keysets {
		m[k.Name()] = k.file(t, kek)
	}
	return opened(t, m, kek, opts...)
}

func opened(t testing.TB, m fstest.MapFS, kek tink.AEAD, opts ...Option) *Keyring {
	t.Helper()
	r, err := OpenKeyring(m, kek, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func keysA(t testing.TB, r *Keyring) *Keys[zoneA] {
	t.Helper()
	k, err := KeysOf[zoneA](r)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func publicA(t testing.TB, r *Keyring) *PublicKeys[zoneA] {
	t.Helper()
	k, err := PublicKeysOf[zoneA](r)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock(at time.Time) *clock { return &clock{at: at} }

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) set(at time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.at = at }

func (c *clock) add(d time.Duration) { c.set(c.now().Add(d)) }

// warnings keeps what a keyring warns of.
type warnings struct {
	mu  sync.Mutex
	all []Warning
}

func (w *warnings) add(one Warning) { w.mu.Lock(); defer w.mu.Unlock(); w.all = append(w.all, one) }

// take returns the kinds of what came since the last call.
func (w *warnings) take() []WarningKind {
	w.mu.Lock()
	defer w.mu.Unlock()
	var kinds []WarningKind
	for _, one := range w.all {
		kinds = append(kinds, one.Kind)
	}
	w.all = nil
	return kinds
}

// The states of keys, in short.
var (
	active   = keyfile.Key{State: keyfile.StateActive}
	next     = keyfile.Key{State: keyfile.StateNext}
	retired  = keyfile.Key{State: keyfile.StateRetired}
	disabled = keyfile.Key{State: keyfile.StateDisabled}
)

// until is an active key with dates.
func until(produce, consume time.Time) keyfile.Key {
	return keyfile.Key{State: keyfile.StateActive, ProduceUntil: produce, ConsumeUntil: consume}
}
