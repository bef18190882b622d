package keyfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

func testKEK(t testing.TB) tink.AEAD {
	t.Helper()
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	kek, err := aead.New(h)
	if err != nil {
		t.Fatal(err)
	}
	return kek
}

// fresh returns the file of one fresh key of zone a, and the key.
func fresh(t testing.TB, use string, kek tink.AEAD) (*File, *keyset.Handle) {
	t.Helper()
	f := &File{Format: FormatNumber, Policy: "kouki", Zone: "a", Use: use}
	m := keyset.NewManager()
	if _, err := f.AddKey(m, f.Kind().Algorithms[0].Name, Key{State: StateActive, Created: Now(time.Now())}); err != nil {
		t.Fatal(err)
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

func refusedFor(t testing.TB, what string, err error, reason Reason, file string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Reason != reason || e.File != file {
		t.Errorf("%s: err = %v, want an *Error for reason %d about %q", what, err, reason, file)
	}
}

// What Tink would accept around an encrypted keyset, and nothing authenticates,
// is not accepted.
func TestKeysetIsCanonical(t *testing.T) {
	good, _ := fresh(t, "seal", testKEK(t))
	for what, b := range map[string][]byte{
		"empty":                    {},
		"no keyset in it":          {0x1a, 0x00},
		"a keyset info":            append(bytes.Clone(good.Keyset), 0x1a, 0x02, 0x08, 0x01),
		"an unknown field":         append(bytes.Clone(good.Keyset), 0x28, 0x01),
		"the field twice":          append(bytes.Clone(good.Keyset), good.Keyset...),
		"a longer length encoding": append([]byte{0x92, 0x00}, good.Keyset[1:]...),
	} {
		f := *good
		f.Keyset = b
		data, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		_, err = Decode(f.Name(), data)
		refusedFor(t, what, err, Malformed, f.Name())
	}
}

func stagedIn(t *testing.T, dir string) *Staging {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	s, kek := NewStaging(root), testKEK(t)
	for _, use := range []string{"seal", "token"} {
		f, _ := fresh(t, use, kek)
		if err := s.Stage(f); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// On a file system without hard links files are renamed, and never over another.
func TestStagingWithoutLinks(t *testing.T) {
	dir := t.TempDir()
	s := stagedIn(t, dir)
	s.link = func(string, string) error { return errors.ErrUnsupported }
	if err := s.Publish(); err != nil {
		t.Fatal(err)
	}
	if files, err := ReadAll(os.DirFS(dir)); err != nil || len(files) != 2 {
		t.Errorf("ReadAll = %d files, %v, want 2", len(files), err)
	}
	late := &Staging{root: s.root, link: s.link, staged: []staged{{name: "a.seal.keyset", temp: "x"}}}
	refusedFor(t, "over a file that is there", late.Publish(), Exists, "a.seal.keyset")
}

// A file that appears while the others are being written is left alone, and
// everything of ours is taken back.
func TestStagingTakesBack(t *testing.T) {
	for _, link := range []string{"link", "rename"} {
		dir := t.TempDir()
		s := stagedIn(t, dir)
		if link == "rename" {
			s.link = func(string, string) error { return errors.ErrUnsupported }
		}
		theirs := filepath.Join(dir, "a.token.keyset")
		if err := os.WriteFile(theirs, []byte("theirs"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := s.Publish()
		refusedFor(t, link, err, Exists, "a.token.keyset")
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: err = %v, want it to wrap fs.ErrExist", link, err)
		}
		s.Abort()
		entries, _ := os.ReadDir(dir)
		if data, _ := os.ReadFile(theirs); len(entries) != 1 || string(data) != "theirs" {
			t.Errorf("%s: the folder holds %v and %q, want the other's file alone and as it was", link, entries, data)
		}
	}
}

// Replace changes a file that is there, and leaves nothing else.
func TestReplace(t *testing.T) {
	dir, kek := t.TempDir(), testKEK(t)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for range 2 {
		f, _ := fresh(t, "seal", kek)
		if err := Replace(root, f); err != nil {
			t.Fatal(err)
		}
		again, err := Read(root.FS(), f.Name())
		if err != nil || again.Keys[0].ID != f.Keys[0].ID {
			t.Errorf("after Replace the file is another: %v", err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder holds %v, want the file alone", entries)
	}
}

// TestWitness asks every use: the key that made a witness opens it, another key
// and a changed witness do not.
func TestWitness(t *testing.T) {
	kek := testKEK(t)
	for _, kind := range Kinds {
		if kind.IsPublic {
			continue
		}
		f, h := fresh(t, kind.Name, kek)
		id := f.Keys[0].ID
		if made, err := f.CheckWitness(h, id); !made || err != nil {
			t.Errorf("%s: CheckWitness = %t, %v, want the key to open its witness", kind.Name, made, err)
		}
		if _, err := f.CheckWitness(nil, id); err == nil {
			t.Errorf("%s: a key that is gone opens its witness", kind.Name)
		}
		other := *f
		other.Zone = "b"
		if _, err := other.CheckWitness(h, id); err == nil {
			t.Errorf("%s: the witness opens in another zone", kind.Name)
		}
		for i := range f.Keys[0].Witness {
			f.Keys[0].Witness[i] ^= 1
			if _, err := f.CheckWitness(h, id); err == nil {
				t.Errorf("%s: the witness opens with byte %d changed", kind.Name, i)
			}
			f.Keys[0].Witness[i] ^= 1
		}
	}
}

func TestKinds(t *testing.T) {
	seen := make(map[string]bool)
	for _, kind := range Kinds {
		if kind.Name == "" || seen[kind.Name] || len(kind.Algorithms) == 0 || KindOf(kind.Name) == nil {
			t.Errorf("use %q is not complete or there twice", kind.Name)
		}
		seen[kind.Name] = true
		if kind.Public != "" && (KindOf(kind.Public) == nil || !KindOf(kind.Public).IsPublic) {
			t.Errorf("use %s: its public halves are of no use", kind.Name)
		}
		for _, a := range kind.Algorithms {
			if a.Name == "" || a.Bits < 128 || a.permits == nil || kind.IsPublic != (a.Parameters == nil) {
				t.Errorf("use %s: algorithm %q is not complete", kind.Name, a.Name)
			}
		}
	}
}

// Every algorithm that a key may have can be made, and is recognised as itself
// and as no other.
func TestAlgorithms(t *testing.T) {
	for _, kind := range Kinds {
		for _, a := range kind.Algorithms {
			if kind.IsPublic {
				continue
			}
			p, err := a.Parameters()
			if err != nil {
				t.Fatal(err)
			}
			m := keyset.NewManager()
			id, err := m.AddNewKeyFromParameters(p)
			if err != nil {
				t.Fatal(err)
			}
			m.SetPrimary(id)
			h, err := m.Handle()
			if err != nil {
				t.Fatal(err)
			}
			e, _ := h.Entry(0)
			if got := kind.algorithmOf(e.Key()); got == nil || got.Name != a.Name {
				t.Errorf("use %s: a key of %s is taken for %v", kind.Name, a.Name, got)
			}
			if kind.Public == "" {
				continue
			}
			public, err := h.Public()
			if err != nil {
				t.Fatal(err)
			}
			e, _ = public.Entry(0)
			if got := kind.algorithmOf(e.Key()); got != nil {
				t.Errorf("use %s: a public key is taken for a private one", kind.Name)
			}
			if got := KindOf(kind.Public).algorithmOf(e.Key()); got == nil || got.Name != a.Name {
				t.Errorf("use %s: a public key of %s is taken for %v", kind.Public, a.Name, got)
			}
		}
	}
}

// A witness is neither made nor checked with keys of another use.
func TestWitnessOfAnotherUse(t *testing.T) {
	kek := testKEK(t)
	for _, kind := range Kinds {
		if kind.witness == nil {
			continue
		}
		for _, other := range Kinds {
			if _, sameWay := other.witness.(prfWitness); other.witness == nil || other.witness == kind.witness || sameWay && kind.witness == (prfWitness{}) {
				continue
			}
			f, h := fresh(t, other.Name, kek)
			if _, err := kind.witness.make(h, nil); err == nil {
				t.Errorf("a witness for %s was made with a key for %s", kind.Name, other.Name)
			}
			if err := kind.witness.check(h, f.Keys[0].Witness, f.witnessAD()); err == nil {
				t.Errorf("a witness for %s was checked with a key for %s", kind.Name, other.Name)
			}
		}
	}
}

// What opens, but to something else, is no witness.
func TestWitnessOfOtherText(t *testing.T) {
	f, h := fresh(t, "seal", testKEK(t))
	a, err := aead.New(h)
	if err != nil {
		t.Fatal(err)
	}
	if f.Keys[0].Witness, err = a.Encrypt([]byte("another text"), f.witnessAD()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.CheckWitness(h, f.Keys[0].ID); err == nil {
		t.Error("the witness opens to another text and passes")
	}
}
