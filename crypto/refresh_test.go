package crypto

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// serviceKEK is a key-encryption key in a service that can be down.
type serviceKEK struct {
	tink.AEAD
	down  atomic.Bool
	calls atomic.Int64
}

var errDown = errors.New("key service: 503")

func (k *serviceKEK) Decrypt(ct, ad []byte) ([]byte, error) {
	k.calls.Add(1)
	if k.down.Load() {
		return nil, errDown
	}
	return k.AEAD.Decrypt(ct, ad)
}

// folder is a folder of keysets that is changed while a keyring is open. Each file
// is replaced whole, as custody does.
type folder struct {
	fstest.MapFS
}

func (f folder) put(t testing.TB, kek tink.AEAD, keysets ...*made) {
	t.Helper()
	for _, k := range keysets {
		f.MapFS[k.Name()] = k.file(t, kek)
	}
}

// TestOutage lets the service be down: the keys work within their grace, and not a
// moment longer, also for who took them before; then the service is back.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kek := &serviceKEK{AEAD: testAEAD(t)}
		seal, sign := makeKeys(t, UseSeal, active), makeKeys(t, UseSign, active)
		stream, token, index, box := makeKeys(t, UseStream, active), makeKeys(t, UseToken, active), makeKeys(t, UseIndex, active), makeKeys(t, UseBox, active)
		var said warnings
		r := ringOf(t, kek, []Option{WithRefresh(time.Hour, 24*time.Hour), WithWarnings(said.add)}, seal, sign, stream, token, index, box)
		first := keysA(t, r)
		s, err := Seal[int](first, []byte("value"), nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // refreshed once
		early, public := keysA(t, r), publicA(t, r)
		kek.down.Store(true)
		time.Sleep(23*time.Hour - time.Second)
		if kinds := said.take(); len(kinds) != 0 {
			t.Errorf("warnings before anything failed: %v", kinds)
		}
		if _, err := Open(first, s, nil); err != nil {
			t.Errorf("a second before the grace is over: %v", err)
		}
		if _, err := Open(keysA(t, r), s, nil); err != nil {
			t.Errorf("during the outage: %v", err)
		}
		if diff := cmp.Diff([]WarningKind{WarnStale}, said.take()); diff != "" {
			t.Errorf("warnings of the outage (-want +got):\n%s", diff)
		}
		before := kek.calls.Load()
		keysA(t, r)
		if kek.calls.Load() != before {
			t.Error("a service that is down is asked at every call")
		}

		var file bytes.Buffer
		writing, err := EncryptTo(early, &file, nil)
		if err != nil {
			t.Fatal(err)
		}
		reading := whileOpen(t, early)
		time.Sleep(time.Second)
		synctest.Wait()
		_, err = Open(first, s, nil)
		wantErr[*StaleError](t, "keys of before the refresh", err)
		if _, err := Open(early, s, nil); err != nil {
			t.Errorf("keys of the refresh: %v", err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		wantStale(t, early, public, s)
		_, err = io.WriteString(writing, "more")
		wantErr[*StaleError](t, "a stream that is being written", err)
		wantErr[*StaleError](t, "a stream that is being written", writing.Close())
		_, err = io.ReadAll(reading)
		wantErr[*StaleError](t, "a stream that is being read", err)
		_, err = KeysOf[zoneA](r)
		if e := wantErr[*StaleError](t, "KeysOf", err); e != nil && (!strings.Contains(e.Error(), "503") || e.Since.IsZero() || !errors.Is(err, e.Err)) {
			t.Errorf("the error is %v, want why and since when", e)
		}
		_, err = KeysOf[zoneA](r) // nobody asks the service again so soon
		if e := wantErr[*StaleError](t, "KeysOf again", err); e != nil && e.Err == nil {
			t.Errorf("the error is %v, want why", e)
		}
		_, err = PublicKeysOf[zoneA](r)
		wantErr[*StaleError](t, "PublicKeysOf", err)

		kek.down.Store(false)
		time.Sleep(time.Second)
		if got, err := Open(keysA(t, r), s, nil); string(got) != "value" || err != nil {
			t.Errorf("after the outage: %v", err)
		}
		_, err = Open(early, s, nil)
		wantErr[*StaleError](t, "keys of before the outage", err)
	})
}

// whileOpen returns a reader of a stream that was not read yet.
func whileOpen(t *testing.T, k *Keys[zoneA]) io.Reader {
	t.Helper()
	var file bytes.Buffer
	w, err := EncryptTo(k, &file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "value"); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	r, err := DecryptFrom(k, &file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantStale wants every operation to fail.
func wantStale(t *testing.T, k *Keys[zoneA], public *PublicKeys[zoneA], s Sealed[zoneA, int]) {
	t.Helper()
	_, seal := Seal[int](k, nil, nil)
	_, open := Open(k, s, nil)
	_, make1 := MakeToken[routeA](k, Scope{}, nil)
	_, match1 := MatchToken(k, Scope{}, nil, Token[routeA]{})
	_, make2 := MakeIndex[int](k, Scope{}, nil)
	_, match2 := MatchIndex(k, Scope{}, nil, Index[zoneA, int]{})
	_, lookup := Lookup[int](k, Scope{}, nil)
	_, write := EncryptTo(k, io.Discard, nil)
	_, read := DecryptFrom(k, strings.NewReader(""), nil)
	_, box := SealBox(public, nil, nil)
	_, unbox := OpenBox(k, nil, nil)
	_, sign := Sign(k, nil)
	verify := Verify(public, nil, nil)
	for what, err := range map[string]error{
		"Seal": seal, "Open": open, "MakeToken": make1, "MatchToken": match1, "MakeIndex": make2, "MatchIndex": match2,
		"Lookup": lookup, "EncryptTo": write, "DecryptFrom": read, "SealBox": box, "OpenBox": unbox, "Sign": sign, "Verify": verify,
	} {
		wantErr[*StaleError](t, what, err)
	}
}

// TestRefresh changes the folder while the keyring is open.
func TestRefresh(t *testing.T) {
	kek, now := testAEAD(t), newClock(begun)
	var said warnings
	k := makeKeys(t, UseSeal, active)
	old := k.Keys[0].ID
	f := folder{make(fstest.MapFS)}
	f.put(t, kek, k)
	r := opened(t, f.MapFS, kek, WithRefresh(time.Minute, time.Hour), WithClock(now.now), WithWarnings(said.add))
	s, err := Seal[int](keysA(t, r), []byte("value"), nil)
	if err != nil {
		t.Fatal(err)
	}

	k.set(old, func(line *keyfile.Key) { line.State = keyfile.StateRetired })
	fresh := k.add(t, active)
	f.put(t, kek, k)
	now.add(time.Minute - 1)
	if id, _ := keysA(t, r).Primary(UseSeal); id != old {
		t.Errorf("before it is time the primary key is %d, want %d", id, old)
	}
	now.add(1)
	if id, _ := keysA(t, r).Primary(UseSeal); id != fresh {
		t.Errorf("after a rotation the primary key is %d, want %d", id, fresh)
	}
	if _, err := Open(keysA(t, r), s, nil); err != nil {
		t.Error(err)
	}

	k.set(old, func(line *keyfile.Key) { line.State, line.Destroyed = keyfile.StateDestroyed, begun })
	f.put(t, kek, k)
	now.add(time.Minute)
	_, err = Open(keysA(t, r), s, nil)
	wantErr[*OpenError](t, "with the key destroyed", err)

	other := *k.File
	other.Policy = "zeimu"
	f.MapFS[k.Name()] = encoded(t, &other, k.handle(t), kek)
	now.add(time.Minute)
	if _, err := Seal[int](keysA(t, r), nil, nil); err != nil {
		t.Errorf("with the folder of another policy, within the grace: %v", err)
	}
	now.add(time.Hour)
	_, err = KeysOf[zoneA](r)
	wantErr[*StaleError](t, "with the folder of another policy", err)
	if e := wantErr[*KeyringError](t, "with the folder of another policy", err); e != nil && e.Reason != ReasonPolicy {
		t.Errorf("the error is %v", e)
	}
	if kinds := said.take(); len(kinds) != 2 || kinds[0] != WarnStale {
		t.Errorf("warnings %v, want two that the folder does not open", kinds)
	}
	for name := range f.MapFS {
		delete(f.MapFS, name)
	}
	now.add(time.Hour)
	_, err = KeysOf[zoneA](r)
	if e := wantErr[*KeyringError](t, "with the folder empty", err); e != nil && e.Reason != ReasonEmpty {
		t.Errorf("the error is %v", e)
	}
}

// The grace is over once it is over: a clock that is set back does not undo it, and
// opening the folder does.
func TestClockGoesBack(t *testing.T) {
	kek, now := &serviceKEK{AEAD: testAEAD(t)}, newClock(begun)
	r := ringOf(t, kek, []Option{WithRefresh(time.Minute, time.Hour), WithClock(now.now)}, makeKeys(t, UseSeal, active))
	kek.down.Store(true)
	now.add(2 * time.Hour)
	_, err := KeysOf[zoneA](r)
	wantErr[*StaleError](t, "after the grace", err)
	now.set(begun.Add(time.Second))
	_, err = KeysOf[zoneA](r)
	wantErr[*StaleError](t, "after the clock was set back", err)
	kek.down.Store(false)
	now.set(begun.Add(3 * time.Hour))
	if _, err := Seal[int](keysA(t, r), nil, nil); err != nil {
		t.Error(err)
	}
}

// How old keys are by the monotonic clock counts, and by the wall when that is all
// there is. (A time that has both, set apart, cannot be made.)
func TestAge(t *testing.T) {
	at := time.Now()
	s := &state{opened: at, life: new(life)}
	if got := s.age(at.Add(time.Hour)); got != time.Hour {
		t.Errorf("age = %v, want an hour", got)
	}
	if got := s.age(at.Round(0).Add(time.Hour)); got != time.Hour {
		t.Errorf("age by the wall alone = %v, want an hour", got)
	}
	if got := s.age(at.Round(0).Add(-time.Hour)); got != -time.Hour {
		t.Errorf("age by a wall that was set back = %v, want minus an hour", got)
	}
}

// A period that ends between two refreshes is seen without opening the folder, also
// while it does not open.
func TestPeriodDuringOutage(t *testing.T) {
	kek, now := &serviceKEK{AEAD: testAEAD(t)}, newClock(begun)
	r := ringOf(t, kek, []Option{WithRefresh(time.Minute, time.Hour), WithClock(now.now)}, makeKeys(t, UseSeal, until(begun.Add(90*time.Second), time.Time{})))
	s, err := Seal[int](keysA(t, r), []byte("value"), nil)
	if err != nil {
		t.Fatal(err)
	}
	kek.down.Store(true)
	now.add(90 * time.Second)
	k := keysA(t, r)
	_, err = Seal[int](k, nil, nil)
	wantErr[*PeriodError](t, "Seal", err)
	if _, err := Open(k, s, nil); err != nil {
		t.Error(err)
	}
	now.add(time.Hour)
	_, err = KeysOf[zoneA](r)
	wantErr[*StaleError](t, "looking again does not make keys younger", err)
	_, err = Open(k, s, nil)
	wantErr[*StaleError](t, "for who holds them", err)
}

// Warnings come thirty days before nothing new can be made, at each refresh.
func TestPeriodWarning(t *testing.T) {
	kek, now := testAEAD(t), newClock(begun)
	var said warnings
	k := makeKeys(t, UseSeal, until(begun.AddDate(0, 0, 31), time.Time{}))
	r := ringOf(t, kek, []Option{WithRefresh(time.Hour, time.Hour), WithClock(now.now), WithWarnings(said.add)}, k)
	now.add(24 * time.Hour)
	keysA(t, r)
	if len(said.all) != 0 {
		t.Errorf("30 days before: %v", said.all)
	}
	now.add(24 * time.Hour)
	keysA(t, r)
	want := []Warning{{Kind: WarnPeriod, Zone: "a", Use: UseSeal, KeyID: k.Keys[0].ID, At: begun.AddDate(0, 0, 31)}}
	if diff := cmp.Diff(want, said.all); diff != "" {
		t.Errorf("29 days before (-want +got):\n%s", diff)
	}
}

// TestRefreshIsConcurrent changes the folder under many goroutines that use it.
func TestRefreshIsConcurrent(t *testing.T) {
	kek := &serviceKEK{AEAD: testAEAD(t)}
	dir := t.TempDir()
	k := makeKeys(t, UseSeal, active)
	write := func() {
		temp := filepath.Join(dir, "temp")
		if err := errors.Join(os.WriteFile(temp, k.file(t, kek.AEAD).Data, 0o600), os.Rename(temp, filepath.Join(dir, k.Name()))); err != nil {
			t.Error(err)
		}
	}
	write()
	r, err := OpenKeyring(os.DirFS(dir), kek, WithRefresh(time.Microsecond, time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Seal[int](keysA(t, r), []byte("value"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				keys, err := KeysOf[zoneA](r)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := Open(keys, s, nil); err != nil {
					t.Error(err)
				}
				if _, err := Seal[int](keys, nil, nil); err != nil {
					t.Error(err)
				}
				if !r.Has("a", UseSeal) {
					t.Error("the zone is gone")
				}
			}
		})
	}
	for i := range 20 {
		kek.down.Store(i%3 == 1)
		k.set(k.Active().ID, func(line *keyfile.Key) { line.State = keyfile.StateRetired })
		k.add(t, active)
		write()
	}
	kek.down.Store(false)
	group.Wait()
	time.Sleep(time.Millisecond) // after a failure it is tried again after a while
	if id, _ := keysA(t, r).Primary(UseSeal); id != k.Active().ID {
		t.Errorf("the primary key is %d, want the last one, %d", id, k.Active().ID)
	}
}

func TestOptionsRefused(t *testing.T) {
	kek := testAEAD(t)
	m := fstest.MapFS{"a.seal.keyset": makeKeys(t, UseSeal, active).file(t, kek)}
	for what, o := range map[string]Option{
		"no clock":           WithClock(nil),
		"no ledger":          WithLedger(nil),
		"no warnings":        WithWarnings(nil),
		"a shorter grace":    WithRefresh(time.Hour, time.Minute),
		"a grace alone":      WithRefresh(0, time.Hour),
		"no grace":           WithRefresh(time.Hour, 0),
		"a refresh below 0":  WithRefresh(-1, time.Hour),
		"everything below 0": WithRefresh(-2, -1),
	} {
		r, err := OpenKeyring(m, kek, o)
		if e := wantErr[*KeyringError](t, what, err); r != nil || e != nil && e.Reason != ReasonOption {
			t.Errorf("%s: err = %v", what, err)
		}
	}
	if _, err := OpenKeyring(m, kek, WithRefresh(0, 0)); err != nil {
		t.Errorf("no refresh: %v", err)
	}
}

func TestWarningsRead(t *testing.T) {
	for _, tc := range []struct {
		w    Warning
		want string
	}{
		{Warning{}, "nothing"},
		{Warning{Kind: WarnUses, Zone: "a", Use: UseSeal, KeyID: 7, Uses: 5 << 20}, `key 7 (seal of zone "a") has sealed about 5242880 values of at most 4294967296: rotate it`},
		{Warning{Kind: WarnPeriod, Zone: "a", Use: UseSign, KeyID: 7, At: begun}, `key 7 (sign of zone "a") makes nothing new from 2026-04-01T00:00:00Z on: rotate it`},
		{Warning{Kind: WarnStale, At: begun, Err: errors.New("two\nlines")}, `the keyring cannot be opened again, its keys work until 2026-04-01T00:00:00Z: two lines`},
		{Warning{Kind: WarnStale, At: begun}, `the keyring cannot be opened again, its keys work until 2026-04-01T00:00:00Z`},
	} {
		if got := tc.w.String(); got != tc.want {
			t.Errorf("warning = %s\nwant      %s", got, tc.want)
		}
	}
}

// hangingKEK is a key-encryption key in a service that does not answer while the
// gate is shut.
type hangingKEK struct {
	tink.AEAD
	gate atomic.Pointer[chan struct{}]
}

func (k *hangingKEK) Decrypt(ct, ad []byte) ([]byte, error) {
	if gate := k.gate.Load(); gate != nil {
		<-*gate
	}
	return k.AEAD.Decrypt(ct, ad)
}

// TestHangs lets the service not answer at all: one goroutine waits for it, and no
// other with it, neither within the grace nor afterwards.
func TestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kek := &hangingKEK{AEAD: testAEAD(t)}
		f := folder{fstest.MapFS{}}
		f.put(t, kek, makeKeys(t, UseSeal, active))
		r, err := OpenKeyring(f, kek, WithRefresh(time.Minute, time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		gate := make(chan struct{})
		kek.gate.Store(&gate)
		time.Sleep(2 * time.Minute)
		first := make(chan error, 1)
		go func() {
			_, err := KeysOf[zoneA](r)
			first <- err
		}()
		synctest.Wait()
		if _, err := KeysOf[zoneA](r); err != nil {
			t.Errorf("within the grace: %v", err)
		}
		time.Sleep(time.Hour)
		for range 3 {
			began, stale := time.Now(), (*StaleError)(nil)
			if _, err := KeysOf[zoneA](r); !errors.As(err, &stale) || !strings.Contains(err.Error(), "has not ended") {
				t.Errorf("after the grace: err = %v, want a *StaleError that says why", err)
			}
			if waited := time.Since(began); waited > 10*time.Second {
				t.Errorf("after the grace it took %v, want 10 seconds at most", waited)
			}
		}
		kek.gate.Store(nil)
		close(gate)
		if err := <-first; err != nil {
			t.Errorf("who asked the service: %v", err)
		}
		if _, err := KeysOf[zoneA](r); err != nil {
			t.Errorf("when it answers again: %v", err)
		}
	})
}
