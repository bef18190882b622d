package crypto

import (
	"bytes"
	"slices"
	"testing"
	"testing/quick"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// rotate retires the active key and makes another.
func (k *made) rotate(t testing.TB) {
	t.Helper()
	k.set(k.Active().ID, func(line *keyfile.Key) { line.State = keyfile.StateRetired })
	k.add(t, active)
}

// TestReseal seals again what an older key sealed, with any value and associated
// data: the associated data stays the same, and what was is not touched.
func TestReseal(t *testing.T) {
	kek := testAEAD(t)
	keyset := makeKeys(t, UseSeal, active)
	before := keysA(t, ringOf(t, kek, nil, keyset))
	keyset.rotate(t)
	after := keysA(t, ringOf(t, kek, nil, keyset))
	keyset.set(keyset.Keys[0].ID, func(line *keyfile.Key) { line.State = keyfile.StateDisabled })
	alone := keysA(t, ringOf(t, kek, nil, keyset))
	holds := func(value, ad []byte) bool {
		s, err := Seal[int](before, value, ad)
		if err != nil {
			return false
		}
		kept := s.Bytes()
		out, changed, err := Reseal(after, s, ad)
		if err != nil || !changed || out.KeyID() != keyset.Keys[1].ID || !bytes.Equal(s.Bytes(), kept) {
			return false
		}
		if got, err := Open(after, s, ad); err != nil || !bytes.Equal(got, value) {
			return false // what was still opens, until its key is gone
		}
		got, err := Open(alone, out, ad)
		if err != nil || !bytes.Equal(got, value) {
			return false
		}
		again, changed, err := Reseal(after, out, ad)
		return err == nil && !changed && again.Equal(out)
	}
	if err := quick.Check(holds, nil); err != nil {
		t.Error(err)
	}
}

// TestResealFails keeps the old value whenever there is no new one.
func TestResealFails(t *testing.T) {
	kek := testAEAD(t)
	keyset := makeKeys(t, UseSeal, active)
	s, err := Seal[int](keysA(t, ringOf(t, kek, nil, keyset)), []byte("value"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	keyset.rotate(t)
	after := keysA(t, ringOf(t, kek, nil, keyset))
	kept := func(what string, out Sealed[zoneA, int], changed bool) {
		t.Helper()
		if changed || !out.Equal(s) {
			t.Errorf("%s: Reseal gives back another value than the one it was given", what)
		}
	}
	out, changed, err := Reseal(after, s, []byte("other"))
	wantErr[*OpenError](t, "other associated data", err)
	kept("other associated data", out, changed)

	out, changed, err = Reseal((*Keys[zoneA])(nil), s, []byte("ad"))
	wantErr[*NoKeysError](t, "no keys", err)
	kept("no keys", out, changed)

	stuck := keysA(t, ringOf(t, kek, []Option{WithLedger(new(scriptedLedger))}, keyset))
	out, changed, err = Reseal(stuck, s, []byte("ad"))
	wantErr[*LedgerError](t, "a ledger that fails", err)
	kept("a ledger that fails", out, changed)

	out, changed, err = Reseal(after, Sealed[zoneA, int]{}, nil)
	if !out.IsZero() || changed || err != nil {
		t.Errorf("the absent value: Reseal = %v, %t, %v", out, changed, err)
	}
}

// TestResealClears looks at the plaintext that was in between.
func TestResealClears(t *testing.T) {
	kek := testAEAD(t)
	keyset := makeKeys(t, UseSeal, active)
	s, err := Seal[int](keysA(t, ringOf(t, kek, nil, keyset)), []byte("value"), nil)
	if err != nil {
		t.Fatal(err)
	}
	keyset.rotate(t)
	k := keysA(t, ringOf(t, kek, nil, keyset))
	var seen []byte
	open := k.z.open
	k.z.open = func(b, ad []byte) ([]byte, error) {
		var err error
		seen, err = open(b, ad)
		return seen, err
	}
	if _, _, err := Reseal(k, s, nil); err != nil || len(seen) != 5 {
		t.Fatalf("Reseal: %v, opened %d bytes", err, len(seen))
	}
	if !bytes.Equal(seen, make([]byte, 5)) {
		t.Errorf("after Reseal the plaintext is still in memory: %q", seen)
	}
	index := makeKeys(t, UseIndex, active)
	k = keysA(t, ringOf(t, kek, nil, keyset, index))
	c := NewColumn[zoneA, int]("kouki", "table", "column")
	value, err := c.Seal(k, "1", []byte("value"))
	if err != nil {
		t.Fatal(err)
	}
	k.z.open, open = func(b, ad []byte) ([]byte, error) {
		var err error
		seen, err = open(b, ad)
		return seen, err
	}, k.z.open
	if _, _, err := c.Reindex(k, "1", value, Index[zoneA, int]{}); err != nil || !bytes.Equal(seen, make([]byte, 5)) {
		t.Errorf("after Reindex the plaintext is still in memory: %q, %v", seen, err)
	}
}

// TestLookupAcrossRotation reads rows of before and after, until the old key is
// disabled.
func TestLookupAcrossRotation(t *testing.T) {
	kek := testAEAD(t)
	seals, indexes := makeKeys(t, UseSeal, active), makeKeys(t, UseIndex, active)
	c := NewColumn[zoneA, int]("kouki", "table", "column")
	open := func() *Keys[zoneA] { return keysA(t, ringOf(t, kek, nil, seals, indexes)) }
	var rows []Index[zoneA, int]
	var first Sealed[zoneA, int]
	for range 3 {
		k := open()
		i, err := c.Index(k, []byte("value"))
		if err != nil {
			t.Fatal(err)
		}
		if first.IsZero() {
			if first, err = c.Seal(k, "1", []byte("value")); err != nil {
				t.Fatal(err)
			}
		}
		rows = append(rows, i)
		indexes.rotate(t)
	}
	k := open()
	found, err := c.Lookup(k, []byte("value"))
	if err != nil || len(found) != 4 {
		t.Fatalf("Lookup gives %d indexes, %v, want 4", len(found), err)
	}
	if id, _ := k.Primary(UseIndex); found[0].KeyID() != id || slices.Contains(rows, found[0]) {
		t.Errorf("the first index is under key %d, want the primary one, %d", found[0].KeyID(), id)
	}
	if !slices.IsSortedFunc(found[1:], func(a, b Index[zoneA, int]) int { return int(int64(a.KeyID()) - int64(b.KeyID())) }) {
		t.Error("the other indexes are not in the order of their keys")
	}
	for n, row := range rows {
		if !slices.Contains(found, row) {
			t.Errorf("row %d is not found", n)
		}
		if ok, err := MatchIndex(k, c.scope, []byte("value"), row); !ok || err != nil {
			t.Errorf("row %d: MatchIndex = %t, %v", n, ok, err)
		}
		out, changed, err := c.Reindex(k, "1", first, row)
		if out != found[0] || !changed || err != nil {
			t.Errorf("row %d: Reindex = %t, %v, want the index under the primary key", n, changed, err)
		}
	}
	for i := range 3 {
		indexes.Keys[i].State = keyfile.StateDisabled
	}
	k = open()
	if found, err := c.Lookup(k, []byte("value")); len(found) != 1 || err != nil {
		t.Errorf("with the old keys disabled Lookup gives %d indexes, %v, want 1", len(found), err)
	}
	_, err = MatchIndex(k, c.scope, []byte("value"), rows[0])
	wantErr[*UnknownKeyError](t, "with the old keys disabled", err)
}

// TestReindexFails keeps the old index whenever there is no new one.
func TestReindexFails(t *testing.T) {
	kek := testAEAD(t)
	seals, indexes := makeKeys(t, UseSeal, active), makeKeys(t, UseIndex, active)
	c := NewColumn[zoneA, int]("kouki", "table", "column")
	k := keysA(t, ringOf(t, kek, nil, seals, indexes))
	i, _ := c.Index(k, []byte("value"))
	s, _ := c.Seal(k, "1", []byte("value"))
	out, changed, err := c.Reindex(keysA(t, ringOf(t, kek, nil, seals)), "1", s, i)
	wantErr[*NoKeysError](t, "no index keys", err)
	if out != i || changed {
		t.Error("without index keys Reindex gives back another index")
	}
}

// TestPrimitivesFail has primitives of Tink fail, which no input of a test
// brings about.
func TestPrimitivesFail(t *testing.T) {
	k := keysA(t, ringOf(t, testAEAD(t), nil, makeKeys(t, UseSeal, active), makeKeys(t, UseToken, active), makeKeys(t, UseIndex, active), makeKeys(t, UseBox, active), makeKeys(t, UseSign, active)))
	secret := "what must not be in an error"
	fails := func([]byte, uint32) ([]byte, error) { return nil, errDown }
	k.z.seal = func([]byte, []byte) ([]byte, error) { return nil, errDown }
	k.z.sealBox, k.z.sign = k.z.seal, func([]byte) ([]byte, error) { return nil, errDown }
	tok, err := MakeToken[routeA](k, Scope{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	i, err := MakeIndex[int](k, Scope{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	k.z.token.first = fails
	for id := range k.z.index.all {
		k.z.index.all[id] = fails
	}
	_, err1 := Seal[int](k, []byte(secret), nil)
	_, err2 := SealBox(&PublicKeys[zoneA]{z: k.z}, []byte(secret), nil)
	_, err3 := Sign(k, []byte(secret))
	_, err4 := MakeToken[routeA](k, Scope{}, []byte(secret))
	_, err5 := MatchToken(k, Scope{}, []byte(secret), tok)
	_, err6 := MakeIndex[int](k, Scope{}, []byte(secret))
	_, err7 := MatchIndex(k, Scope{}, []byte(secret), i)
	_, err8 := Lookup[int](k, Scope{}, []byte(secret))
	for n, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8} {
		if err == nil || !bytes.Contains([]byte(err.Error()), []byte(`zone "a"`)) || bytes.Contains([]byte(err.Error()), []byte(secret)) {
			t.Errorf("operation %d: err = %v, want one that names the zone and nothing of the value", n, err)
		}
	}
}
