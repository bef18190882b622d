package keyfile

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"
)

var made = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// several returns a file with keys in every state and with every date, and its
// keys.
func several(t testing.TB, use string, kek tink.AEAD) (*File, *keyset.Handle) {
	t.Helper()
	f, m := &File{Format: FormatNumber, Policy: "kouki", Zone: "a", Use: use}, keyset.NewManager()
	for _, line := range []Key{
		{State: StateDestroyed, Destroyed: made.AddDate(5, 0, 0)},
		{State: StateRetired, ProduceUntil: made.AddDate(2, 0, 0), ConsumeUntil: made.AddDate(2, 0, 0)},
		{State: StateActive, ProduceUntil: made.AddDate(2, 0, 0), ConsumeUntil: made.AddDate(5, 0, 0)},
		{State: StateDisabled},
		{State: StateNext, ProduceUntil: made.AddDate(4, 0, 0)},
	} {
		line.Created = made
		id, err := f.AddKey(m, f.Kind().Algorithms[0].Name, line)
		if err != nil {
			t.Fatal(err)
		}
		switch line.State {
		case StateDisabled:
			err = m.Disable(id)
		case StateActive:
			err = m.Delete(f.Keys[0].ID) // it cannot be the primary any more
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	h, err := m.Handle()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Lock(h, kek); err != nil {
		t.Fatal(err)
	}
	return f, h
}

// clone returns a copy that can be changed.
func clone(f *File) *File {
	g := *f
	g.Keys = slices.Clone(f.Keys)
	return &g
}

func encode(t testing.TB, f *File) []byte {
	t.Helper()
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func wantRefusal(t testing.TB, what string, err error, reason Reason, detail string) {
	t.Helper()
	refusedFor(t, what, err, reason, "a.seal.keyset")
	if e, ok := err.(*Error); ok && !strings.Contains(e.Detail, detail) {
		t.Errorf("%s: the detail is %q, want %q in it", what, e.Detail, detail)
	}
}

func TestDecode(t *testing.T) {
	f, _ := several(t, "seal", testKEK(t))
	again, err := Decode(f.Name(), encode(t, f))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encode(t, again), encode(t, f)) {
		t.Error("what was decoded encodes as something else")
	}
	if again.Active().ID != f.Keys[2].ID || again.Key(f.Keys[3].ID).State != StateDisabled || again.Key(1<<31) != nil && again.Key(1) != nil {
		t.Error("Active or Key finds another line")
	}
}

// TestDecodeRefuses changes a header that is right in one way each: what stands in
// the list is written as Encode writes it.
func TestDecodeRefuses(t *testing.T) {
	good, _ := several(t, "seal", testKEK(t))
	const destroyed, retired, active, disabled, next = 0, 1, 2, 3, 4
	local := time.FixedZone("", 9*60*60)
	for _, tc := range []struct {
		what   string
		edit   func(f *File)
		reason Reason
		detail string
	}{
		{"a later format", func(f *File) { f.Format = 2 }, Format, "format 2, want 1"},
		{"format zero", func(f *File) { f.Format = 0 }, Malformed, "number"},
		{"a negative format", func(f *File) { f.Format = -1 }, Malformed, "number"},
		{"no policy", func(f *File) { f.Policy = "" }, Malformed, "policy name"},
		{"a policy of two lines", func(f *File) { f.Policy = "a\nb" }, Malformed, "policy name"},
		{"a long policy", func(f *File) { f.Policy = strings.Repeat("p", 129) }, Malformed, "policy name"},
		{"no zone", func(f *File) { f.Zone = "" }, Malformed, "zone name"},
		{"a zone that is a path", func(f *File) { f.Zone = "../a" }, Malformed, "zone name"},
		{"a very long zone", func(f *File) { f.Zone = strings.Repeat("z", 1000) }, Malformed, "zzz…"},
		{"no use", func(f *File) { f.Use = "" }, BadUse, `use ""`},
		{"another use", func(f *File) { f.Use = "later" }, BadUse, `use "later"`},
		{"another zone", func(f *File) { f.Zone = "b" }, Renamed, `want the name "b.seal.keyset"`},
		{"no lines", func(f *File) { f.Keys = nil }, Malformed, "no key is named"},
		{"an empty list of lines", func(f *File) { f.Keys = []Key{} }, Malformed, "no key is named"},
		{"no id", func(f *File) { f.Keys[next].ID = 0 }, Malformed, "has no id"},
		{"an id twice", func(f *File) { f.Keys[next].ID = f.Keys[destroyed].ID }, Malformed, "named twice"},
		{"no state", func(f *File) { f.Keys[next].State = "" }, Malformed, "a state that is not one"},
		{"another state", func(f *File) { f.Keys[next].State = "Active" }, Malformed, "a state that is not one"},
		{"no active key", func(f *File) { f.Keys[active].State = StateRetired }, Malformed, "0 keys are active"},
		{"two active keys", func(f *File) { f.Keys[next].State = StateActive }, Malformed, "2 keys are active"},
		{"no algorithm", func(f *File) { f.Keys[active].Algorithm = "" }, Malformed, "not AES-256-GCM"},
		{"the algorithm of another use", func(f *File) { f.Keys[active].Algorithm = "Ed25519" }, Malformed, "not AES-256-GCM"},
		{"no time of creation", func(f *File) { f.Keys[active].Created = time.Time{} }, Malformed, "lacks the time"},
		{"a destroyed key without its time", func(f *File) { f.Keys[destroyed].Destroyed = time.Time{} }, Malformed, "lacks the time"},
		{"a live key with the time of its end", func(f *File) { f.Keys[retired].Destroyed = made }, Malformed, "one too many"},
		{"a time in parts of seconds", func(f *File) { f.Keys[active].Created = made.Add(1) }, Malformed, "whole seconds"},
		{"a time of another zone", func(f *File) { f.Keys[active].ProduceUntil = made.In(local) }, Malformed, "whole seconds of UTC"},
		{"an end of opening in parts of seconds", func(f *File) { f.Keys[active].ConsumeUntil = made.AddDate(9, 0, 0).Add(1) }, Malformed, "whole seconds"},
		{"a destruction in parts of seconds", func(f *File) { f.Keys[destroyed].Destroyed = made.Add(1) }, Malformed, "whole seconds"},
		{"opening ends before sealing", func(f *File) { f.Keys[active].ConsumeUntil = f.Keys[active].ProduceUntil.Add(-time.Second) }, Malformed, "stops opening before it stops sealing"},
		{"opening ends and sealing does not", func(f *File) { f.Keys[active].ProduceUntil = time.Time{} }, Malformed, "stops opening before it stops sealing"},
		{"no keyset", func(f *File) { f.Keyset = nil }, Malformed, "the header names 4 keys that are not destroyed"},
		{"a keyset of nothing", func(f *File) { f.Keys = f.Keys[:1] }, Malformed, "the header names 0 keys that are not destroyed"},
		{"a keyset that is none", func(f *File) { f.Keyset = []byte("keyset") }, Malformed, "not an encrypted Tink keyset"},
		{"a file that is too long", func(f *File) { f.Keys[active].Witness = make([]byte, Limit) }, Malformed, "longer than"},
	} {
		f := clone(good)
		tc.edit(f)
		got, err := Decode("a.seal.keyset", encode(t, f))
		wantRefusal(t, tc.what, err, tc.reason, tc.detail)
		if got != nil {
			t.Errorf("%s: Decode returns a file with the error", tc.what)
		}
	}
	if _, err := Decode(good.Name(), encode(t, good)); err != nil {
		t.Fatal(err) // the cases have not changed what they share
	}
}

// TestDecodeSpelling writes a right header in another way.
func TestDecodeSpelling(t *testing.T) {
	good, _ := several(t, "seal", testKEK(t))
	data := string(encode(t, good))
	compact := new(bytes.Buffer)
	if err := json.Compact(compact, []byte(data)); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"nothing":                "",
		"null":                   "null",
		"a list":                 "[]",
		"an empty object":        "{}",
		"the format as text":     strings.Replace(data, `"sekisho-keyset": 1`, `"sekisho-keyset": "1"`, 1),
		"the format as fraction": strings.Replace(data, `"sekisho-keyset": 1`, `"sekisho-keyset": 1.0`, 1),
		"a policy that is none":  strings.Replace(data, `"kouki"`, `1`, 1),
		"keys that are none":     strings.Replace(data, `"keys": [`, `"keys": 1, "x": [`, 1),
		"a time that is none":    strings.Replace(data, `"2026-04-01T00:00:00Z"`, `"yesterday"`, 1),
		"base64 that is none":    strings.Replace(data, `"keyset": "`, `"keyset": "!`, 1),
		"without white space":    compact.String(),
		"no last line end":       strings.TrimSuffix(data, "\n"),
		"a second object":        data + data,
		"a name in capitals":     strings.Replace(data, `"policy"`, `"POLICY"`, 1),
		"a field twice":          strings.Replace(data, `"policy"`, `"policy": "zeimu", "policy"`, 1),
		"an unknown field":       strings.Replace(data, `"policy"`, `"x": 1, "policy"`, 1),
		"an unknown key field":   strings.Replace(data, `"algorithm"`, `"x": 1, "algorithm"`, 1),
		"an escape":              strings.Replace(data, `"kouki"`, `"\u006bouki"`, 1),
		"a zero date":            strings.Replace(data, `"state": "next",`, `"state": "next", "consume-until": "0001-01-01T00:00:00Z",`, 1),
		"an offset":              strings.Replace(data, `"2026-04-01T00:00:00Z"`, `"2026-04-01T00:00:00+00:00"`, 1),
		"another offset":         strings.Replace(data, `"2026-04-01T00:00:00Z"`, `"2026-04-01T09:00:00+09:00"`, 1),
		"an empty witness":       strings.Replace(data, `"state": "next",`, `"state": "next", "witness": "",`, 1),
		"a null keyset":          data[:strings.Index(data, `"keyset"`)] + "\"keyset\": null\n}\n",
	} {
		if text == data {
			t.Fatalf("%s: the case changes nothing", what)
		}
		_, err := Decode(good.Name(), []byte(text))
		wantRefusal(t, what, err, Malformed, "")
	}
}

// A file of destroyed keys alone has no keyset, and opens to nothing.
func TestAllDestroyed(t *testing.T) {
	f, _ := several(t, "seal", testKEK(t))
	for i := range f.Keys {
		f.Keys[i].State, f.Keys[i].Destroyed = StateDestroyed, made
	}
	if err := f.Lock(nil, nil); err != nil {
		t.Fatal(err)
	}
	again, err := Decode(f.Name(), encode(t, f))
	if err != nil {
		t.Fatal(err)
	}
	if h, err := again.Unlock(nil); h != nil || err != nil || again.Active() != nil {
		t.Errorf("Unlock = %v, %v, want nothing and no error", h, err)
	}
	if again.BindsAD(testKEK(t)) {
		t.Error("a key-encryption key that was asked nothing binds associated data")
	}
}

// TestHeaderIsBound changes what the header says to something else that could be,
// in the spelling of Encode: only the key-encryption key can tell, and does.
func TestHeaderIsBound(t *testing.T) {
	kek := testKEK(t)
	index, _ := several(t, "index", kek)
	box, _ := several(t, "box", kek)
	later := func(at *time.Time) { *at = at.Add(time.Second) }
	for _, tc := range []struct {
		what string
		file *File
		edit func(f *File)
	}{
		{"policy", index, func(f *File) { f.Policy = "zeimu" }},
		{"zone", index, func(f *File) { f.Zone = "b" }},
		{"use", index, func(f *File) { f.Use = "token" }},
		{"id of a live key", index, func(f *File) { f.Keys[1].ID ^= 1 }},
		{"id of a destroyed key", index, func(f *File) { f.Keys[0].ID ^= 1 }},
		{"algorithm", box, func(f *File) { f.Keys[2].Algorithm = boxXWing.Name }},
		{"algorithm of a destroyed key", box, func(f *File) { f.Keys[0].Algorithm = boxXWing.Name }},
		{"retired to next", index, func(f *File) { f.Keys[1].State = StateNext }},
		{"next to retired", index, func(f *File) { f.Keys[4].State = StateRetired }},
		{"disabled to retired", index, func(f *File) { f.Keys[3].State = StateRetired }},
		{"retired to disabled", index, func(f *File) { f.Keys[1].State = StateDisabled }},
		{"another active key", index, func(f *File) { f.Keys[2].State, f.Keys[4].State = StateRetired, StateActive }},
		{"live to destroyed", index, func(f *File) { f.Keys[1].State, f.Keys[1].Destroyed = StateDestroyed, made }},
		{"destroyed to live", index, func(f *File) { f.Keys[0].State, f.Keys[0].Destroyed = StateRetired, time.Time{} }},
		{"created", index, func(f *File) { later(&f.Keys[2].Created) }},
		{"produce until", index, func(f *File) { later(&f.Keys[2].ProduceUntil) }},
		{"no produce until", index, func(f *File) { f.Keys[4].ProduceUntil = time.Time{} }},
		{"consume until", index, func(f *File) { later(&f.Keys[2].ConsumeUntil) }},
		{"no consume until", index, func(f *File) { f.Keys[2].ConsumeUntil = time.Time{} }},
		{"a new consume until", index, func(f *File) { f.Keys[4].ConsumeUntil = f.Keys[4].ProduceUntil }},
		{"destroyed", index, func(f *File) { later(&f.Keys[0].Destroyed) }},
		{"witness", index, func(f *File) { f.Keys[1].Witness = []byte("witness") }},
		{"no witness", index, func(f *File) { f.Keys[1].Witness = nil }},
		{"witness of another key", index, func(f *File) { f.Keys[1].Witness = f.Keys[2].Witness }},
		{"no destroyed key", index, func(f *File) { f.Keys = f.Keys[1:] }},
		{"no disabled key", index, func(f *File) { f.Keys = slices.Delete(f.Keys, 3, 4) }},
		{"one more key", index, func(f *File) {
			f.Keys = append(f.Keys, Key{ID: 1, Algorithm: f.Keys[0].Algorithm, State: StateRetired, Created: made})
		}},
		{"order", index, func(f *File) { f.Keys[3], f.Keys[4] = f.Keys[4], f.Keys[3] }},
	} {
		f := clone(tc.file)
		tc.edit(f)
		decoded, err := Decode(f.Name(), encode(t, f))
		if err != nil {
			t.Errorf("%s: Decode: %v, want the change to be one that could be", tc.what, err)
			continue
		}
		h, err := decoded.Unlock(kek)
		refusedFor(t, tc.what, err, Locked, f.Name())
		if h != nil {
			t.Errorf("%s: Unlock returns keys with the error", tc.what)
		}
	}
	for _, f := range []*File{index, box} {
		if h, err := f.Unlock(kek); h == nil || err != nil || !f.BindsAD(kek) {
			t.Errorf("%s does not open unchanged: %v", f.Name(), err)
		}
	}
}

// TestMutations changes every bit of a file of several keys in several states, and
// cuts it at every length.
func TestMutations(t *testing.T) {
	kek := testKEK(t)
	f, _ := several(t, "token", kek)
	data := encode(t, f)
	opens := func(mutated []byte) bool {
		g, err := Decode(f.Name(), mutated)
		if err == nil {
			_, err = g.Unlock(kek)
		}
		return err == nil
	}
	for i := range data {
		for bit := range 8 {
			data[i] ^= 1 << bit
			if opens(data) {
				t.Errorf("bit %d of byte %d changed: the file opens", bit, i)
			}
			data[i] ^= 1 << bit
		}
		if opens(data[:i]) {
			t.Errorf("cut to %d bytes: the file opens", i)
		}
	}
	if !opens(data) {
		t.Error("the file does not open unchanged")
	}
}

// TestAgrees locks keysets under headers that say something else: whoever holds the
// key-encryption key can do that, by mistake.
func TestAgrees(t *testing.T) {
	kek := testKEK(t)
	seal, sealKeys := several(t, "seal", kek)
	box, boxKeys := several(t, "box", kek)
	index, indexKeys := several(t, "index", kek)
	for _, tc := range []struct {
		what   string
		file   *File
		keys   *keyset.Handle
		edit   func(f *File)
		detail string
	}{
		{"a key too few", seal, sealKeys, func(f *File) { f.Keys = f.Keys[:4] }, "holds 4 keys, the header names 3"},
		{"a key too many", seal, sealKeys, func(f *File) {
			f.Keys = append(f.Keys, Key{ID: 1, Algorithm: "AES-256-GCM", State: StateRetired, Created: made})
		}, "holds 4 keys, the header names 5"},
		{"another key", seal, sealKeys, func(f *File) { f.Keys[1].ID ^= 1 }, "not in the header"},
		{"a key that is said to be destroyed", seal, sealKeys, func(f *File) { f.Keys[0].ID, f.Keys[1].ID = f.Keys[1].ID, f.Keys[0].ID }, "not in the header"},
		{"a disabled key that is enabled", seal, sealKeys, func(f *File) { f.Keys[3].State = StateRetired }, "is not retired"},
		{"an enabled key that is disabled", seal, sealKeys, func(f *File) { f.Keys[1].State = StateDisabled }, "is not disabled"},
		{"another primary key", seal, sealKeys, func(f *File) { f.Keys[1].State, f.Keys[2].State = StateActive, StateRetired }, "not the primary"},
		{"another algorithm of the use", box, boxKeys, func(f *File) { f.Keys[1].Algorithm = boxXWing.Name }, "is HPKE-X25519"},
		{"keys of another use", index, indexKeys, func(f *File) {
			f.Use = "seal"
			for i := range f.Keys {
				f.Keys[i].Algorithm = "AES-256-GCM"
			}
		}, "is not AES-256-GCM"},
		{"private keys as public ones", box, boxKeys, func(f *File) { f.Use = "box-public" }, "is not HPKE"},
	} {
		f := clone(tc.file)
		tc.edit(f)
		if err := f.Lock(tc.keys, kek); err != nil {
			t.Fatal(err)
		}
		f, err := Decode(f.Name(), encode(t, f))
		if err != nil {
			t.Errorf("%s: %v", tc.what, err)
			continue
		}
		_, err = f.Unlock(kek)
		refusedFor(t, tc.what, err, Keys, f.Name())
		if e, ok := err.(*Error); ok && !strings.Contains(e.Detail, tc.detail) {
			t.Errorf("%s: the detail is %q, want %q in it", tc.what, e.Detail, tc.detail)
		}
	}
}

// FuzzDecode decodes arbitrary bytes: what is accepted is written in the one way
// there is, and belongs to its name.
func FuzzDecode(f *testing.F) {
	kek := testKEK(f)
	for _, use := range []string{"seal", "box"} {
		file, _ := several(f, use, kek)
		f.Add(file.Name(), encode(f, file))
		for i := range file.Keys {
			file.Keys[i].State, file.Keys[i].Destroyed = StateDestroyed, made
		}
		file.Keyset = nil
		f.Add(file.Name(), encode(f, file))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		file, err := Decode(name, data)
		if err != nil {
			if e, ok := err.(*Error); !ok || e.File != name || e.Reason == Unknown || file != nil {
				t.Errorf("err = %v, want an *Error about %q", err, name)
			}
			return
		}
		if again, err := file.Encode(); err != nil || !bytes.Equal(again, data) || file.Name() != name {
			t.Errorf("%q is accepted and not as it would be written: %v", name, err)
		}
		if _, err := file.AssociatedData(); err != nil {
			t.Errorf("%q is accepted and has no associated data: %v", name, err)
		}
		file.Unlock(kek) // must not panic
	})
}

// A keyset that has one id twice does not pass for two keys.
func TestAgreesWithTwins(t *testing.T) {
	kek := testKEK(t)
	f, h := several(t, "seal", kek)
	ks := insecurecleartextkeyset.KeysetMaterial(h)
	for _, k := range ks.Key {
		if k.KeyId == f.Keys[4].ID {
			k.KeyId = f.Keys[1].ID
		}
	}
	var plain, locked bytes.Buffer
	if err := keyset.NewBinaryWriter(&plain).Write(ks); err != nil {
		t.Fatal(err)
	}
	ad, err := f.AssociatedData()
	if err != nil {
		t.Fatal(err)
	}
	ct, err := kek.Encrypt(plain.Bytes(), ad)
	if err != nil {
		t.Fatal(err)
	}
	if err := keyset.NewBinaryWriter(&locked).WriteEncrypted(&tinkpb.EncryptedKeyset{EncryptedKeyset: ct}); err != nil {
		t.Fatal(err)
	}
	f.Keyset = locked.Bytes()
	if _, err := f.Unlock(kek); err == nil {
		t.Error("a keyset that has one key twice and lacks another opens")
	}
}
