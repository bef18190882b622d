package crypto_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
)

// created returns the folder of a fresh keyring of mynumber and lgwan.
func created(t testing.TB, kek tink.AEAD) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber", "lgwan"}, kek); err != nil {
		t.Fatal(err)
	}
	return dir
}

// folder reads dir into memory, where files are easily changed.
func folder(t testing.TB, dir string) fstest.MapFS {
	t.Helper()
	m := make(fstest.MapFS)
	for _, name := range list(t, dir) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		m[name] = &fstest.MapFile{Data: data}
	}
	return m
}

func list(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// wantReason fails unless err is a *KeyringError about the file for the reason,
// in one line.
func wantReason(t testing.TB, err error, file string, reason crypto.Reason) {
	t.Helper()
	var e *crypto.KeyringError
	if !errors.As(err, &e) {
		t.Fatalf("err = %v, want a *KeyringError", err)
	}
	if e.File != file || e.Reason != reason {
		t.Errorf("err = %v: it is about %q for reason %s, want %q for reason %s", err, e.File, e.Reason, file, reason)
	}
	if strings.ContainsAny(err.Error(), "\n\r") || !strings.Contains(err.Error(), file) {
		t.Errorf("err = %q, want one line that names %q", err, file)
	}
}

func TestKeyringRoundTrip(t *testing.T) {
	kek := newKEK(t)
	dir := created(t, kek)

	var before, after []byte
	var text string
	{
		r, err := crypto.OpenKeyring(os.DirFS(dir), kek)
		if err != nil {
			t.Fatal(err)
		}
		k := keysOf[myNumber](t, r)
		s := seal(t, k, []byte("value"), []byte("ad"))
		before, text = s.Bytes(), fmt.Sprintln(r.Policy(), r.Zones())
		after = makeToken(t, k, crypto.Scope{}, "value").Append(nil)
	}
	r, err := crypto.OpenKeyring(os.DirFS(dir), kek)
	if err != nil {
		t.Fatal(err)
	}
	if want := "kouki [lgwan mynumber]\n"; text != want {
		t.Errorf("policy and zones = %s, want %s", text, want)
	}
	k := keysOf[myNumber](t, r)
	var s crypto.Sealed[myNumber, group]
	if err := s.UnmarshalBinary(before); err != nil {
		t.Fatal(err)
	}
	if got, err := crypto.Open(k, s, []byte("ad")); err != nil || string(got) != "value" {
		t.Errorf("after opening the keyring again Open = %q, %v, want %q", got, err, "value")
	}
	if again := makeToken(t, k, crypto.Scope{}, "value").Append(nil); !bytes.Equal(again, after) {
		t.Error("after opening the keyring again the same value has another token")
	}
}

func TestCreateKeyringFiles(t *testing.T) {
	dir := created(t, newKEK(t))
	var want []string
	for _, zone := range []string{"lgwan", "mynumber"} {
		for _, use := range []string{"box", "index", "seal", "sign", "stream", "token"} {
			want = append(want, zone+"."+use+".keyset")
		}
	}
	if diff := cmp.Diff(want, list(t, dir)); diff != "" {
		t.Errorf("files (-want +got), no temporary one may be left:\n%s", diff)
	}
	for _, name := range want {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", name, info.Mode())
		}
	}
}

func TestCreateKeyringAddsZones(t *testing.T) {
	kek := newKEK(t)
	dir := created(t, kek)
	before := folder(t, dir)
	if err := crypto.CreateKeyring(dir, "kouki", []string{"internet"}, kek); err != nil {
		t.Fatal(err)
	}
	r, err := crypto.OpenKeyring(os.DirFS(dir), kek)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"internet", "lgwan", "mynumber"}, r.Zones()); diff != "" {
		t.Errorf("zones (-want +got):\n%s", diff)
	}
	for name, file := range before {
		if data, _ := os.ReadFile(filepath.Join(dir, name)); !bytes.Equal(data, file.Data) {
			t.Errorf("%s was changed by adding another zone", name)
		}
	}
}

func TestCreateKeyringRefuses(t *testing.T) {
	kek := newKEK(t)
	long := strings.Repeat("z", 65)
	for _, tc := range []struct {
		name   string
		policy string
		zones  []string
		kek    tink.AEAD
		file   string
		reason crypto.Reason
	}{
		{"a file that exists", "kouki", []string{"internet", "lgwan"}, kek, "lgwan.seal.keyset", crypto.ReasonExists},
		{"another policy", "zeimu", []string{"internet"}, kek, "lgwan.box.keyset", crypto.ReasonPolicy},
		{"no policy name", "", []string{"internet"}, kek, "", crypto.ReasonName},
		{"a line end in the policy", "a\nb", []string{"internet"}, kek, "", crypto.ReasonName},
		{"invalid UTF-8 in the policy", "\xff", []string{"internet"}, kek, "", crypto.ReasonName},
		{"a long policy name", strings.Repeat("p", 129), []string{"internet"}, kek, "", crypto.ReasonName},
		{"no zones", "kouki", nil, kek, "", crypto.ReasonName},
		{"an empty zone name", "kouki", []string{""}, kek, "", crypto.ReasonName},
		{"a way out of the folder", "kouki", []string{"../x"}, kek, "", crypto.ReasonName},
		{"a dot in a zone name", "kouki", []string{"a.seal"}, kek, "", crypto.ReasonName},
		{"a name like an option", "kouki", []string{"-a"}, kek, "", crypto.ReasonName},
		{"a long zone name", "kouki", []string{long}, kek, "", crypto.ReasonName},
		{"one zone twice", "kouki", []string{"a", "a"}, kek, "", crypto.ReasonName},
		{"two zones of one file name", "kouki", []string{"web", "Web"}, kek, "", crypto.ReasonName},
		{"no KEK", "kouki", []string{"internet"}, nil, "", crypto.ReasonKEK},
		{"a KEK that ignores associated data", "kouki", []string{"internet"}, newLooseKEK(kek, deaf), "", crypto.ReasonUnbound},
		{"a KEK that checks associated data only when there is some", "kouki", []string{"internet"}, newLooseKEK(kek, optional), "", crypto.ReasonUnbound},
		{"a KEK that checks the length only", "kouki", []string{"internet"}, newLooseKEK(kek, lengthOnly), "", crypto.ReasonUnbound},
		{"a KEK that does not encrypt", "kouki", []string{"internet"}, plainKEK{}, "", crypto.ReasonKEK},
		{"a KEK that only encrypts", "kouki", []string{"internet"}, &failingKEK{AEAD: kek, decrypts: 0, encrypts: 99}, "", crypto.ReasonKEK},
		{"a KEK that only decrypts", "kouki", []string{"internet"}, &failingKEK{AEAD: kek, decrypts: 99, encrypts: 0}, "", crypto.ReasonKEK},
		{"a KEK that fails in between", "kouki", []string{"internet"}, &failingKEK{AEAD: kek, decrypts: 99, encrypts: 2}, "internet.token.keyset", crypto.ReasonKEK},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := created(t, kek)
			before := folder(t, dir)
			wantReason(t, crypto.CreateKeyring(dir, tc.policy, tc.zones, tc.kek), tc.file, tc.reason)
			if diff := cmp.Diff(before, folder(t, dir)); diff != "" {
				t.Errorf("the folder was changed (-before +after):\n%s", diff)
			}
		})
	}
}

// TestCreateKeyringTakesBack fails at each call of the key-encryption key in
// turn: nothing is left, not even the folder.
func TestCreateKeyringTakesBack(t *testing.T) {
	kek := newKEK(t)
	for encrypts := range 5 {
		dir := filepath.Join(t.TempDir(), "keys")
		err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber", "lgwan"}, &failingKEK{AEAD: kek, encrypts: encrypts, decrypts: 99})
		var e *crypto.KeyringError
		if !errors.As(err, &e) || e.Reason != crypto.ReasonKEK {
			t.Errorf("after %d encryptions: err = %v, want a *KeyringError", encrypts, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after %d encryptions: the folder is still there: %v", encrypts, err)
		}
	}
}

func TestCreateKeyringNeedsAParent(t *testing.T) {
	err := crypto.CreateKeyring(filepath.Join(t.TempDir(), "a", "b"), "kouki", []string{"z"}, newKEK(t))
	wantReason(t, err, "", crypto.ReasonUnwritable)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v, want it to wrap fs.ErrNotExist", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantReason(t, crypto.CreateKeyring(file, "kouki", []string{"z"}, newKEK(t)), "", crypto.ReasonUnwritable)
	dir := created(t, newKEK(t))
	if err := os.WriteFile(filepath.Join(dir, "a.seal.keyset"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantReason(t, crypto.CreateKeyring(dir, "kouki", []string{"z"}, newKEK(t)), "a.seal.keyset", crypto.ReasonMalformed)
}

// TestCreateKeyringOnce lets several programs create the same keyring: one of
// them does, and what it wrote opens.
func TestCreateKeyringOnce(t *testing.T) {
	kek, dir := newKEK(t), filepath.Join(t.TempDir(), "keys")
	errs := make([]error, 8)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = crypto.CreateKeyring(dir, "kouki", []string{"mynumber", "lgwan"}, kek) })
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		var e *crypto.KeyringError
		if err == nil {
			won++
		} else if !errors.As(err, &e) {
			t.Errorf("err = %v, want a *KeyringError", err)
		}
	}
	if won > 1 {
		t.Fatalf("%d of %d creations say that they wrote the keyring, want at most one", won, len(errs))
	}
	if won == 1 {
		if _, err := crypto.OpenKeyring(os.DirFS(dir), kek); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenKeyringRefuses(t *testing.T) {
	kek := newKEK(t)
	other := folder(t, created(t, newKEK(t)))
	for _, tc := range []struct {
		name   string
		edit   func(fstest.MapFS)
		kek    tink.AEAD
		file   string
		reason crypto.Reason
	}{
		{"nothing", func(m fstest.MapFS) { clear(m) }, kek, "", crypto.ReasonEmpty},
		{"another KEK", func(fstest.MapFS) {}, newKEK(t), "lgwan.box.keyset", crypto.ReasonLocked},
		{"no KEK", func(fstest.MapFS) {}, nil, "", crypto.ReasonKEK},
		{"a file under another KEK", func(m fstest.MapFS) { m["mynumber.seal.keyset"] = other["mynumber.seal.keyset"] }, kek, "mynumber.seal.keyset", crypto.ReasonLocked},
		{"renamed to another zone", rename("lgwan.seal.keyset", "mynumber.seal.keyset"), kek, "mynumber.seal.keyset", crypto.ReasonRenamed},
		{"renamed to another use", rename("lgwan.seal.keyset", "lgwan.token.keyset"), kek, "lgwan.token.keyset", crypto.ReasonRenamed},
		{"renamed to a free name", rename("lgwan.seal.keyset", "a.seal.keyset"), kek, "a.seal.keyset", crypto.ReasonRenamed},
		{"renamed, the header too", recast("lgwan.seal.keyset", "mynumber.seal.keyset", `"zone": "lgwan"`, `"zone": "mynumber"`), kek, "mynumber.seal.keyset", crypto.ReasonLocked},
		{"another use, the header too", recast("lgwan.index.keyset", "lgwan.token.keyset", `"use": "index"`, `"use": "token"`), kek, "lgwan.token.keyset", crypto.ReasonLocked},
		{"another use of another algorithm", recast("lgwan.seal.keyset", "lgwan.token.keyset", `"use": "seal"`, `"use": "token"`), kek, "lgwan.token.keyset", crypto.ReasonMalformed},
		{"all files given another policy", func(m fstest.MapFS) {
			for name := range m {
				recast(name, name, `"kouki"`, `"zeimu"`)(m)
			}
		}, kek, "lgwan.box.keyset", crypto.ReasonLocked},
		{"one file given another policy", recast("lgwan.token.keyset", "lgwan.token.keyset", `"kouki"`, `"zeimu"`), kek, "lgwan.token.keyset", crypto.ReasonPolicy},
		{"another date", recast("lgwan.seal.keyset", "lgwan.seal.keyset", `"created": "2`, `"created": "3`), kek, "lgwan.seal.keyset", crypto.ReasonLocked},
		{"an added date", recast("lgwan.seal.keyset", "lgwan.seal.keyset", "Z\",\n      \"witness\"", "Z\",\n      \"produce-until\": \"2099-01-01T00:00:00Z\",\n      \"witness\""), kek, "lgwan.seal.keyset", crypto.ReasonLocked},
		{"a later format", recast("lgwan.seal.keyset", "lgwan.seal.keyset", `"sekisho-keyset": 1`, `"sekisho-keyset": 2, "new": true`), kek, "lgwan.seal.keyset", crypto.ReasonFormat},
		{"a later use", recast("lgwan.seal.keyset", "lgwan.later.keyset", `"seal"`, `"later"`), kek, "lgwan.later.keyset", crypto.ReasonUse},
		{"an unknown field", recast("lgwan.seal.keyset", "lgwan.seal.keyset", `"use"`, `"also": 1, "use"`), kek, "lgwan.seal.keyset", crypto.ReasonMalformed},
		{"a doubled field", recast("lgwan.seal.keyset", "lgwan.seal.keyset", `"use"`, `"zone": "lgwan", "use"`), kek, "lgwan.seal.keyset", crypto.ReasonMalformed},
		{"more white space", recast("lgwan.seal.keyset", "lgwan.seal.keyset", "}\n", "}\n\n"), kek, "lgwan.seal.keyset", crypto.ReasonMalformed},
		{"line ends of another system", recast("lgwan.seal.keyset", "lgwan.seal.keyset", "\n", "\r\n"), kek, "lgwan.seal.keyset", crypto.ReasonMalformed},
		{"a zone name that is a path", recast("lgwan.seal.keyset", "lgwan.seal.keyset", `"lgwan"`, `"../lgwan"`), kek, "lgwan.seal.keyset", crypto.ReasonMalformed},
		{"an endless file", func(m fstest.MapFS) { m["a.seal.keyset"] = &fstest.MapFile{Data: make([]byte, 1<<20)} }, kek, "a.seal.keyset", crypto.ReasonMalformed},
		{"a folder called like a file", func(m fstest.MapFS) { m["a.seal.keyset"] = &fstest.MapFile{Mode: fs.ModeDir} }, kek, "a.seal.keyset", crypto.ReasonUnreadable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := folder(t, created(t, kek))
			tc.edit(m)
			r, err := crypto.OpenKeyring(m, tc.kek)
			if r != nil {
				t.Error("OpenKeyring returns a keyring with the error")
			}
			wantReason(t, err, tc.file, tc.reason)
		})
	}
}

func rename(from, to string) func(fstest.MapFS) {
	return func(m fstest.MapFS) { m[to] = m[from]; delete(m, from) }
}

// recast renames a file and edits its text, as somebody would who wants to pass
// it off as another.
func recast(from, to, old, new string) func(fstest.MapFS) {
	return func(m fstest.MapFS) {
		data := bytes.ReplaceAll(m[from].Data, []byte(old), []byte(new))
		delete(m, from)
		m[to] = &fstest.MapFile{Data: data}
	}
}

// A key-encryption key that was strict when the keyring was created and is not
// any more: another service, another version, another setting.
func TestOpenKeyringRefusesLooseKEK(t *testing.T) {
	for name, loose := range map[string]func(bound, given []byte) bool{"deaf": deaf, "optional": optional, "length only": lengthOnly} {
		t.Run(name, func(t *testing.T) {
			kek := newLooseKEK(newKEK(t), strict)
			dir := created(t, kek)
			if _, err := crypto.OpenKeyring(os.DirFS(dir), kek); err != nil {
				t.Fatal(err)
			}
			kek.loose = loose
			_, err := crypto.OpenKeyring(os.DirFS(dir), kek)
			wantReason(t, err, "lgwan.box.keyset", crypto.ReasonUnbound)
			if !strings.Contains(err.Error(), "*crypto_test.looseKEK") {
				t.Errorf("err = %v, want it to name the key-encryption key by its type", err)
			}
		})
	}
}

func TestOpenKeyringUnreadable(t *testing.T) {
	kek := newKEK(t)
	_, err := crypto.OpenKeyring(os.DirFS(filepath.Join(t.TempDir(), "none")), kek)
	wantReason(t, err, "", crypto.ReasonUnreadable)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v, want it to wrap fs.ErrNotExist", err)
	}
	_, err = crypto.OpenKeyring(nil, kek)
	wantReason(t, err, "", crypto.ReasonUnreadable)
	_, err = crypto.OpenKeyring(brokenFS{folder(t, created(t, kek))}, kek)
	wantReason(t, err, "lgwan.box.keyset", crypto.ReasonUnreadable)
}

// brokenFS fails in the middle of every file.
type brokenFS struct{ fstest.MapFS }

func (b brokenFS) Open(name string) (fs.File, error) {
	f, err := b.MapFS.Open(name)
	if name == "." || err != nil {
		return f, err
	}
	return brokenFile{f}, nil
}

type brokenFile struct{ fs.File }

func (b brokenFile) Read(p []byte) (int, error) {
	n, _ := b.File.Read(p[:1])
	return n, iotest.ErrTimeout
}

// TestKeysetFileMutations changes every bit of a keyset file and cuts it at
// every length.
func TestKeysetFileMutations(t *testing.T) {
	kek := newKEK(t)
	good := folder(t, created(t, kek))
	const name = "mynumber.seal.keyset"
	data := good[name].Data
	refused := func(what string, at int, mutated []byte) {
		r, err := crypto.OpenKeyring(fstest.MapFS{name: {Data: mutated}}, kek)
		var e *crypto.KeyringError
		if !errors.As(err, &e) || e.File != name || r != nil {
			t.Errorf("%s at %d: keyring %v, err = %v, want a *KeyringError about the file", what, at, r, err)
		}
	}
	for i := range data {
		for bit := range 8 {
			mutated := bytes.Clone(data)
			mutated[i] ^= 1 << bit
			refused("bit changed", i, mutated)
		}
		refused("cut", i, data[:i])
		refused("byte left out", i, append(bytes.Clone(data[:i]), data[i+1:]...))
		refused("byte doubled", i, append(bytes.Clone(data[:i+1]), data[i:]...))
	}
	refused("byte added", len(data), append(bytes.Clone(data), ' '))
}

func TestHas(t *testing.T) {
	kek := newKEK(t)
	m := folder(t, created(t, kek))
	delete(m, "lgwan.token.keyset")
	delete(m, "mynumber.seal.keyset")
	r, err := crypto.OpenKeyring(m, kek)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(r.Has("lgwan", crypto.UseSeal), r.Has("lgwan", crypto.UseToken), r.Has("mynumber", crypto.UseSeal),
		r.Has("mynumber", crypto.UseToken), r.Has("internet", crypto.UseSeal), r.Has("lgwan", crypto.UseUnknown))
	if want := "true false false true false false"; got != want {
		t.Errorf("Has = %s, want %s", got, want)
	}
	// What is missing is said by name when it is used.
	var missing *crypto.NoKeysError
	if _, err := crypto.Seal[group](keysOf[myNumber](t, r), nil, nil); !errors.As(err, &missing) || missing.Use != crypto.UseSeal {
		t.Errorf("Seal without seal keys: err = %v, want a *NoKeysError for the use", err)
	}
	if _, err := crypto.MakeToken[toLGWAN](keysOf[lgwan](t, r), crypto.Scope{}, nil); !errors.As(err, &missing) || missing.Use != crypto.UseToken {
		t.Errorf("MakeToken without token keys: err = %v, want a *NoKeysError for the use", err)
	}
}

func TestEphemeralKeyring(t *testing.T) {
	a, b := ephemeral(t), ephemeral(t)
	s := seal(t, keysOf[myNumber](t, a), []byte("x"), nil)
	var refused *crypto.OpenError
	if _, err := crypto.Open(keysOf[myNumber](t, b), s, nil); !errors.As(err, &refused) {
		t.Errorf("another ephemeral keyring opens the value: err = %v", err)
	}
	_, err := crypto.EphemeralKeyring("kouki", "a/b")
	wantReason(t, err, "", crypto.ReasonName)
}

func TestKeysOf(t *testing.T) {
	r := ephemeral(t)
	var missing *crypto.NoKeysError
	if _, err := crypto.KeysOf[internet](r); !errors.As(err, &missing) || missing.Zone != "internet" {
		t.Errorf("KeysOf a zone without keys: err = %v, want a *NoKeysError", err)
	}
	if _, err := crypto.KeysOf[myNumber](nil); !errors.As(err, &missing) {
		t.Errorf("KeysOf no keyring: err = %v, want a *NoKeysError", err)
	}
	// Types that are no zone types, though they compile.
	if _, err := crypto.KeysOf[crypto.Zone](r); !errors.As(err, &missing) {
		t.Errorf("KeysOf an interface: err = %v, want a *NoKeysError", err)
	}
	if _, err := crypto.KeysOf[*myNumber](r); !errors.As(err, &missing) {
		t.Errorf("KeysOf a pointer: err = %v, want a *NoKeysError", err)
	}
}

// The zero value and nil are not keys, and say so instead of panicking.
func TestNoKeys(t *testing.T) {
	var missing *crypto.NoKeysError
	for _, r := range []*crypto.Keyring{nil, new(crypto.Keyring)} {
		_, err1 := crypto.KeysOf[myNumber](r)
		_, err2 := crypto.PublicKeysOf[myNumber](r)
		if !errors.As(err1, &missing) || !errors.As(err2, &missing) {
			t.Errorf("err = %v, %v, want a *NoKeysError", err1, err2)
		}
	}
	if r := (crypto.Keyring{}); r.Policy() != "" || r.Zones() != nil || r.Has("mynumber", crypto.UseSeal) {
		t.Error("the zero keyring holds keys")
	}
	if r := ephemeral(t); r.Has("internet", crypto.UseSeal) || r.Has("mynumber", crypto.UseUnknown) || !r.Has("mynumber", crypto.UseVerify) {
		t.Error("Has finds keys that are not there, or does not find those that are")
	}
	for _, k := range []*crypto.PublicKeys[myNumber]{nil, new(crypto.PublicKeys[myNumber])} {
		_, err1 := crypto.SealBox(k, nil, nil)
		for _, err := range []error{err1, crypto.Verify(k, nil, nil)} {
			if !errors.As(err, &missing) || missing.Zone != "mynumber" {
				t.Errorf("err = %v, want a *NoKeysError of the zone", err)
			}
		}
	}
	for _, k := range []*crypto.Keys[myNumber]{nil, new(crypto.Keys[myNumber])} {
		_, err1 := crypto.Seal[group](k, nil, nil)
		_, err2 := crypto.Open(k, crypto.Sealed[myNumber, group]{}, nil)
		_, err3 := crypto.MakeToken[toLGWAN](k, crypto.Scope{}, nil)
		_, err4 := crypto.MatchToken(k, crypto.Scope{}, nil, crypto.Token[toLGWAN]{})
		_, err5 := crypto.MakeIndex[group](k, crypto.Scope{}, nil)
		_, err6 := crypto.MatchIndex(k, crypto.Scope{}, nil, index{})
		_, err7 := crypto.Lookup[group](k, crypto.Scope{}, nil)
		_, err8 := crypto.EncryptTo(k, nil, nil)
		_, err9 := crypto.DecryptFrom(k, nil, nil)
		_, err10 := crypto.OpenBox(k, nil, nil)
		_, err11 := crypto.Sign(k, nil)
		if _, ok := k.Primary(crypto.UseSeal); ok {
			t.Error("no keys have a primary key")
		}
		for _, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11} {
			if !errors.As(err, &missing) || missing.Zone != "mynumber" {
				t.Errorf("err = %v, want a *NoKeysError of the zone", err)
			}
		}
	}
}

// TestTypeStandsForName shows what the package does not promise: that a type of
// one's own with the name of a zone has no keys of it.
func TestTypeStandsForName(t *testing.T) {
	r, err := crypto.EphemeralKeyring("kouki", "mynumber", "lgwan")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.KeysOf[homemade](r); err != nil {
		t.Errorf("KeysOf a type that says the name of a zone: %v", err)
	}
}

type homemade struct{}

func (homemade) ZoneName() string { return "mynumber" }
