package crypto

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/secretdata"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// wantErr fails unless err is an error of type E, and returns it.
func wantErr[E error](t testing.TB, what string, err error) (e E) {
	t.Helper()
	if !errors.As(err, &e) {
		t.Errorf("%s: err = %v, want a %T", what, err, e)
	}
	return e
}

// operation is one thing that is done with keys of a use: make makes something, and
// use opens, matches or verifies it.
type operation struct {
	use  Use
	what string
	make func(*Keyring) (any, error)
	open func(*Keyring, any) error
}

// operations is all of them. They ask for the keys themselves, as a crossing does.
var operations = []operation{
	{UseSeal, "Seal", producing(func(k *Keys[zoneA]) (any, error) { return Seal[int](k, []byte("value"), nil) }),
		consuming(func(k *Keys[zoneA], v any) error { return second(Open(k, v.(Sealed[zoneA, int]), nil)) })},
	{UseToken, "MakeToken", producing(func(k *Keys[zoneA]) (any, error) { return MakeToken[routeA](k, Scope{}, []byte("value")) }),
		consuming(func(k *Keys[zoneA], v any) error {
			return truth(MatchToken(k, Scope{}, []byte("value"), v.(Token[routeA])))
		})},
	{UseIndex, "MakeIndex", producing(func(k *Keys[zoneA]) (any, error) { return MakeIndex[int](k, Scope{}, []byte("value")) }),
		consuming(func(k *Keys[zoneA], v any) error {
			return truth(MatchIndex(k, Scope{}, []byte("value"), v.(Index[zoneA, int])))
		})},
	{UseIndex, "MakeIndex and Lookup", producing(func(k *Keys[zoneA]) (any, error) { return MakeIndex[int](k, Scope{}, []byte("value")) }),
		consuming(func(k *Keys[zoneA], v any) error {
			found, err := Lookup[int](k, Scope{}, []byte("value"))
			if err == nil && !slices.Contains(found, v.(Index[zoneA, int])) {
				err = errors.New("Lookup does not find the index")
			}
			return err
		})},
	{UseStream, "EncryptTo", producing(func(k *Keys[zoneA]) (any, error) {
		var buf bytes.Buffer
		w, err := EncryptTo(k, &buf, nil)
		if err != nil {
			return nil, err
		}
		io.WriteString(w, "value")
		return buf.Bytes, w.Close() // called when the buffer is complete
	}), consuming(func(k *Keys[zoneA], v any) error {
		r, err := DecryptFrom(k, bytes.NewReader(v.(func() []byte)()), nil)
		if err != nil {
			return err
		}
		return second(io.ReadAll(r))
	})},
	{UseBox, "SealBox", func(r *Keyring) (any, error) {
		k, err := PublicKeysOf[zoneA](r)
		if err != nil {
			return nil, err
		}
		return SealBox(k, []byte("value"), nil)
	}, consuming(func(k *Keys[zoneA], v any) error { return second(OpenBox(k, v.([]byte), nil)) })},
	{UseSign, "Sign", producing(func(k *Keys[zoneA]) (any, error) { return Sign(k, []byte("value")) }),
		func(r *Keyring, v any) error {
			k, err := PublicKeysOf[zoneA](r)
			if err != nil {
				return err
			}
			return Verify(k, v.([]byte), []byte("value"))
		}},
}

func second(_ []byte, err error) error { return err }

func truth(ok bool, err error) error {
	if !ok && err == nil {
		err = errors.New("it does not match")
	}
	return err
}

func producing(f func(*Keys[zoneA]) (any, error)) func(*Keyring) (any, error) {
	return func(r *Keyring) (any, error) {
		k, err := KeysOf[zoneA](r)
		if err != nil {
			return nil, err
		}
		return f(k)
	}
}

func consuming(f func(*Keys[zoneA], any) error) func(*Keyring, any) error {
	return func(r *Keyring, v any) error {
		k, err := KeysOf[zoneA](r)
		if err != nil {
			return err
		}
		return f(k, v)
	}
}

// TestPeriods lets the time of keys pass, use by use, without opening the keyring
// again: first nothing new is made, then nothing is opened.
func TestPeriods(t *testing.T) {
	produce, consume := begun.AddDate(2, 0, 0), begun.AddDate(5, 0, 0)
	for _, op := range operations {
		now := newClock(begun)
		r := ringOf(t, testAEAD(t), []Option{WithClock(now.now)}, makeKeys(t, op.use, until(produce, consume)))
		now.set(produce.Add(-time.Nanosecond))
		v, err := op.make(r)
		if err != nil {
			t.Fatalf("%s just before the end: %v", op.what, err)
		}
		now.set(produce)
		e := wantErr[*PeriodError](t, op.what+" when its time is over", second2(op.make(r)))
		if e != nil && (e.Consume || e.Use != op.use || e.Zone != "a" || !e.Until.Equal(produce) || !strings.Contains(e.Error(), "rotate")) {
			t.Errorf("%s: the error is %v", op.what, e)
		}
		now.set(consume.Add(-time.Nanosecond))
		if err := op.open(r, v); err != nil {
			t.Errorf("%s: what was made does not open before the end: %v", op.what, err)
		}
		if !r.Has("a", op.use) {
			t.Errorf("%s: Has is false before the end", op.what)
		}
		now.set(consume)
		e = wantErr[*PeriodError](t, op.what+": opening when that is over", op.open(r, v))
		if e != nil && (!e.Consume || e.Use != op.use || !e.Until.Equal(consume)) {
			t.Errorf("%s: the error is %v", op.what, e)
		}
		wantErr[*PeriodError](t, op.what+" when all is over", second2(op.make(r)))
		if r.Has("a", op.use) {
			t.Errorf("%s: Has is true when all is over", op.what)
		}
		now.set(consume.Add(-time.Second)) // the clock was wrong
		if err := op.open(r, v); err != nil {
			t.Errorf("%s: the clock was set back and what was made does not open: %v", op.what, err)
		}
		now.set(begun)
		if _, err := op.make(r); err != nil {
			t.Errorf("%s: the clock was set back: %v", op.what, err)
		}
	}
}

func second2(_ any, err error) error { return err }

// TestOlderKeyOutlives lets the primary's time be over while an older key still
// opens: nothing is made with the older one.
func TestOlderKeyOutlives(t *testing.T) {
	for _, op := range operations {
		kek, now := testAEAD(t), newClock(begun)
		k := makeKeys(t, op.use, active)
		old := k.Keys[0].ID
		v, err := op.make(ringOf(t, kek, nil, k))
		if err != nil {
			t.Fatal(err)
		}
		k.set(old, func(line *keyfile.Key) { line.State = keyfile.StateRetired })
		k.add(t, until(begun.AddDate(1, 0, 0), begun.AddDate(1, 0, 0)))
		r := ringOf(t, kek, []Option{WithClock(now.now)}, k)
		second, err := op.make(r)
		if err != nil {
			t.Fatal(err)
		}
		now.set(begun.AddDate(1, 0, 0))
		if err := op.open(r, v); err != nil {
			t.Errorf("%s: what the older key made does not open: %v", op.what, err)
		}
		e := wantErr[*PeriodError](t, op.what, second2(op.make(r)))
		if e != nil && e.KeyID == old {
			t.Errorf("%s: the error is about the older key", op.what)
		}
		if op.use == UseStream { // a stream does not name its key
			wantErr[*OpenError](t, op.what, op.open(r, second))
		} else if op.what == "MakeIndex and Lookup" {
			if err := op.open(r, second); err == nil {
				t.Error("Lookup gives the index of a key whose time is over")
			}
		} else {
			wantErr[*PeriodError](t, op.what, op.open(r, second))
		}
	}
}

// TestStates asks each state what its keys do.
func TestStates(t *testing.T) {
	for _, op := range operations {
		kek := testAEAD(t)
		k := makeKeys(t, op.use, active)
		old := k.Keys[0].ID
		before := ringOf(t, kek, nil, k)
		v, err := op.make(before)
		if err != nil {
			t.Fatal(err)
		}
		k.add(t, keyfile.Key{State: keyfile.StateRetired})
		now := k.Keys[1].ID
		for state, opens := range map[keyfile.State]bool{keyfile.StateNext: true, keyfile.StateRetired: true, keyfile.StateDisabled: false} {
			k.set(old, func(line *keyfile.Key) { line.State = state })
			k.set(now, func(line *keyfile.Key) { line.State = keyfile.StateActive })
			r := ringOf(t, kek, nil, k)
			if err := op.open(r, v); (err == nil) != opens {
				t.Errorf("%s: opening with a key that is %s: %v", op.what, state, err)
			}
			fresh, err := op.make(r)
			if err != nil || op.open(r, fresh) != nil {
				t.Errorf("%s beside a key that is %s: %v", op.what, state, err)
			}
			if keys := keysA(t, r); true {
				if id, ok := keys.Primary(op.use); !ok || id != now {
					t.Errorf("%s: Primary = %d, %t, want %d", op.what, id, ok, now)
				}
			}
			if op.use != UseStream && op.what != "MakeIndex and Lookup" {
				if err := op.open(before, fresh); err == nil {
					t.Errorf("%s: what is new is made with the key that is %s", op.what, state)
				}
			}
		}
		k.set(old, func(line *keyfile.Key) { line.State, line.Destroyed = keyfile.StateDestroyed, begun })
		if err := op.open(ringOf(t, kek, nil, k), v); err == nil {
			t.Errorf("%s: a destroyed key opens", op.what)
		}
	}
}

// TestUnknownKey asks for the error that says that the key is gone.
func TestUnknownKey(t *testing.T) {
	kek := testAEAD(t)
	token, index := makeKeys(t, UseToken, active, next), makeKeys(t, UseIndex, active, next)
	before := ringOf(t, kek, nil, token, index)
	tok, _ := MakeToken[routeA](keysA(t, before), Scope{}, []byte("value"))
	i, _ := MakeIndex[int](keysA(t, before), Scope{}, []byte("value"))
	for _, k := range []*made{token, index} {
		k.Keys[0].State, k.Keys[1].State = keyfile.StateDisabled, keyfile.StateActive
	}
	after := keysA(t, ringOf(t, kek, nil, token, index))
	_, err := MatchToken(after, Scope{}, []byte("value"), tok)
	if e := wantErr[*UnknownKeyError](t, "token", err); e != nil && (e.Use != UseToken || e.KeyID != tok.KeyID()) {
		t.Errorf("the error is %v", e)
	}
	_, err = MatchIndex(after, Scope{}, []byte("value"), i)
	if e := wantErr[*UnknownKeyError](t, "index", err); e != nil && (e.Use != UseIndex || e.KeyID != i.KeyID() || !strings.Contains(e.Error(), "the index is of another zone")) {
		t.Errorf("the error is %v", e)
	}
}

// Keys of several uses may have one id: what is over for one is not over for
// another, and not taken away from it.
func TestEqualIDsOfTwoUses(t *testing.T) {
	kek, now := testAEAD(t), newClock(begun)
	year := begun.AddDate(1, 0, 0)
	token := makeKeys(t, UseToken, until(year, year), retired)
	seal := makeKeys(t, UseSeal, until(year, year), retired)
	// The active token key and the older seal key have one id.
	p, err := seal.Kind().Algorithms[0].Parameters()
	if err != nil {
		t.Fatal(err)
	}
	twin, err := aesgcm.NewKey(secretdata.NewBytesFromData(make([]byte, 32), insecuresecretdataaccess.Token{}), token.Keys[0].ID, p.(*aesgcm.Parameters))
	if err != nil {
		t.Fatal(err)
	}
	if err := seal.m.Delete(seal.Keys[1].ID); err != nil {
		t.Fatal(err)
	}
	if seal.Keys[1].ID, err = seal.m.AddKey(twin); err != nil || seal.Keys[1].ID != token.Keys[0].ID {
		t.Fatal(seal.Keys[1].ID, err)
	}
	seal.Keys[0].State, seal.Keys[1].State = keyfile.StateRetired, keyfile.StateActive
	seal.Keys[1].ProduceUntil, seal.Keys[1].ConsumeUntil = time.Time{}, time.Time{}
	r := ringOf(t, kek, []Option{WithClock(now.now)}, seal, token)
	s, err := Seal[int](keysA(t, r), []byte("value"), nil)
	if err != nil {
		t.Fatal(err)
	}
	now.set(year)
	k := keysA(t, r)
	if got, err := Open(k, s, nil); string(got) != "value" || err != nil {
		t.Errorf("Open = %q, %v: the key of another use with the id is over", got, err)
	}
	if _, err = Seal[int](k, []byte("value"), nil); err != nil {
		t.Error(err)
	}
	_, err = Open(k, s, []byte("other"))
	wantErr[*OpenError](t, "Open with other associated data", err)
	_, err = MakeToken[routeA](k, Scope{}, nil)
	wantErr[*PeriodError](t, "MakeToken", err)
}

// TestPublicBesidePrivate holds the private keys of a zone and an older export of
// the public halves in one folder: the private keys are what counts.
func TestPublicBesidePrivate(t *testing.T) {
	kek, now := testAEAD(t), newClock(begun)
	year := begun.AddDate(1, 0, 0)
	for _, use := range []Use{UseBox, UseSign} {
		k := makeKeys(t, use, until(year, year))
		export := k.public(t, kek)
		old := k.Keys[0].ID
		k.set(old, func(line *keyfile.Key) {
			*line = keyfile.Key{ID: old, Algorithm: line.Algorithm, State: keyfile.StateRetired, Created: begun, Witness: line.Witness}
		})
		fresh := k.add(t, active)
		now.set(begun)
		r := opened(t, fstest.MapFS{k.Name(): k.file(t, kek), keyfile.FileName("a", k.Kind().Public): export}, kek, WithClock(now.now))
		for _, at := range []time.Time{begun, year, year.AddDate(1, 0, 0)} {
			now.set(at)
			keys, public := keysA(t, r), publicA(t, r)
			for _, u := range []Use{use, map[Use]Use{UseBox: UseBoxPublic, UseSign: UseVerify}[use]} {
				if id, ok := keys.Primary(u); !ok || id != fresh || !r.Has("a", u) {
					t.Errorf("Primary(%s) = %d, %t, want %d", u, id, ok, fresh)
				}
			}
			if use == UseBox {
				box, err := SealBox(public, []byte("value"), nil)
				if err != nil || KeyID(box) != fresh {
					t.Errorf("SealBox takes key %d, %v, want %d", KeyID(box), err, fresh)
				}
				if _, err := OpenBox(keys, box, nil); err != nil {
					t.Error(err)
				}
				continue
			}
			signature, err := Sign(keys, []byte("value"))
			if err != nil || Verify(public, signature, []byte("value")) != nil {
				t.Errorf("what the zone signs now does not verify: %v", err)
			}
		}
	}
}

// TestPublicOnly holds what another zone exported: it seals for the zone and
// verifies, and does nothing else.
func TestPublicOnly(t *testing.T) {
	kek, now := testAEAD(t), newClock(begun)
	xwing := active
	xwing.Algorithm = "HPKE-X-WING-AES-256-GCM"
	year, later := begun.AddDate(1, 0, 0), begun.AddDate(2, 0, 0)
	for _, line := range []keyfile.Key{active, xwing} {
		line.ProduceUntil, line.ConsumeUntil = year, later
		box, sign := makeKeys(t, UseBox, line), makeKeys(t, UseSign, until(year, later))
		now.set(begun)
		private := ringOf(t, kek, []Option{WithClock(now.now)}, box, sign)
		r := opened(t, fstest.MapFS{"a.box-public.keyset": box.public(t, kek), "a.verify.keyset": sign.public(t, kek)}, kek, WithClock(now.now))
		sealed, err := SealBox(publicA(t, r), []byte("value"), []byte("info"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenBox(keysA(t, private), sealed, []byte("info")); string(got) != "value" || err != nil || KeyID(sealed) != box.Keys[0].ID {
			t.Errorf("OpenBox = %q, %v", got, err)
		}
		signature, err := Sign(keysA(t, private), []byte("message"))
		if err != nil || Verify(publicA(t, r), signature, []byte("message")) != nil || KeyID(signature) != sign.Keys[0].ID {
			t.Errorf("Verify: %v", err)
		}
		_, err = KeysOf[zoneA](r)
		wantErr[*NoKeysError](t, "KeysOf a zone with public keys only", err)
		k := &Keys[zoneA]{z: publicA(t, r).z} // as if KeysOf had let it pass
		_, err = OpenBox(k, sealed, nil)
		wantErr[*NoKeysError](t, "OpenBox", err)
		_, err = Sign(k, nil)
		wantErr[*NoKeysError](t, "Sign", err)
		if diff := cmp.Diff([]string{"a"}, r.Zones()); diff != "" {
			t.Error(diff)
		}
		now.set(year)
		_, err = SealBox(publicA(t, r), nil, nil)
		wantErr[*PeriodError](t, "SealBox", err)
		if err := Verify(publicA(t, r), signature, []byte("message")); err != nil {
			t.Errorf("Verify after the time to sign: %v", err)
		}
		now.set(later)
		_, err = SealBox(publicA(t, r), nil, nil)
		wantErr[*PeriodError](t, "SealBox", err)
		wantErr[*PeriodError](t, "Verify", Verify(publicA(t, r), signature, []byte("message")))
		_, err = KeysOf[zoneA](r)
		wantErr[*NoKeysError](t, "KeysOf when public keys are over", err)
	}
}

// A zone all of whose keys are destroyed is none, and does not keep the others from
// being opened.
func TestAllDestroyed(t *testing.T) {
	kek := testAEAD(t)
	gone := makeKeys(t, UseSeal, active, retired)
	for i := range gone.Keys {
		gone.Keys[i].State, gone.Keys[i].Destroyed = keyfile.StateDestroyed, begun
	}
	r := ringOf(t, kek, nil, gone)
	if len(r.Zones()) != 0 || r.Has("a", UseSeal) || r.Policy() != "kouki" {
		t.Errorf("zones %v, policy %q, want no zone", r.Zones(), r.Policy())
	}
	_, err := KeysOf[zoneA](r)
	wantErr[*NoKeysError](t, "KeysOf", err)
	_, err = PublicKeysOf[zoneA](r)
	wantErr[*NoKeysError](t, "PublicKeysOf", err)

	r = ringOf(t, kek, nil, gone, makeKeys(t, UseToken, active))
	_, err = Seal[int](keysA(t, r), nil, nil)
	if e := wantErr[*NoKeysError](t, "Seal", err); e != nil && e.Use != UseSeal {
		t.Errorf("the error is %v", e)
	}
	if _, err := MakeToken[routeA](keysA(t, r), Scope{}, nil); err != nil {
		t.Error(err)
	}
	if id, ok := keysA(t, r).Primary(UseSeal); ok {
		t.Errorf("Primary of destroyed keys = %d", id)
	}
	if _, ok := keysA(t, r).Primary(UseUnknown); ok {
		t.Error("Primary of no use")
	}
}
