package keyfile

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

var errDisk = errors.New("disk failed")

// faulty is a disk that fails at the call number at, and counts.
type faulty struct {
	*os.Root
	at, calls int
}

func (d *faulty) fails() bool { d.calls++; return d.calls == d.at }

func (d *faulty) Open(name string) (*os.File, error) {
	if d.fails() {
		return nil, errDisk
	}
	return d.Root.Open(name)
}

// OpenFile opens the file for reading when it is to fail: writing to it does.
func (d *faulty) OpenFile(name string, flag int, perm os.FileMode) (*os.File, error) {
	if d.fails() {
		return nil, errDisk
	}
	f, err := d.Root.OpenFile(name, flag, perm)
	if err == nil && d.fails() {
		f.Close()
		return d.Root.Open(name)
	}
	return f, err
}

func (d *faulty) Rename(oldname, newname string) error {
	if d.fails() {
		return errDisk
	}
	return d.Root.Rename(oldname, newname)
}

func (d *faulty) Link(oldname, newname string) error {
	if d.fails() {
		return errDisk
	}
	return d.Root.Link(oldname, newname)
}

func (d *faulty) Lstat(name string) (fs.FileInfo, error) {
	if d.fails() {
		return nil, errDisk
	}
	return d.Root.Lstat(name)
}

func openRoot(t *testing.T) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func names(t *testing.T, root *os.Root) []string {
	t.Helper()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// TestReplaceFails lets the disk fail at each call in turn: there is the old file or
// the new one, and nothing else.
func TestReplaceFails(t *testing.T) {
	kek := testKEK(t)
	old, _ := fresh(t, "seal", kek)
	fresh, _ := fresh(t, "seal", kek)
	for at := 1; ; at++ {
		root := openRoot(t)
		if err := Replace(root, old); err != nil {
			t.Fatal(err)
		}
		d := &faulty{Root: root, at: at}
		err := Replace(d, fresh)
		if d.calls < at {
			if err != nil || at < 4 {
				t.Errorf("Replace makes %d calls, err = %v", d.calls, err)
			}
			return
		}
		refusedFor(t, "a disk that fails", err, Unwritable, old.Name())
		if got := names(t, root); !slices.Equal(got, []string{old.Name()}) {
			t.Errorf("failing at call %d: the folder holds %v", at, got)
		}
		f, err := Read(root.FS(), old.Name())
		if err != nil || f.Keys[0].ID != old.Keys[0].ID && f.Keys[0].ID != fresh.Keys[0].ID {
			t.Errorf("failing at call %d: the file is neither the old nor the new one: %v", at, err)
		}
	}
}

// TestStagingFails does the same for new files: all are there or none is.
func TestStagingFails(t *testing.T) {
	kek := testKEK(t)
	seal, _ := fresh(t, "seal", kek)
	token, _ := fresh(t, "token", kek)
	for at := 1; ; at++ {
		root := openRoot(t)
		d := &faulty{Root: root, at: at}
		s := NewStaging(d)
		err := s.Stage(seal)
		if err == nil {
			err = s.Stage(token)
		}
		if err == nil {
			err = s.Publish()
		}
		if d.calls < at {
			if err != nil || at < 8 {
				t.Errorf("Staging makes %d calls, err = %v", d.calls, err)
			}
			return
		}
		if err == nil {
			continue // a disk without links: files are renamed
		}
		if e, ok := err.(*Error); !ok || e.Reason != Unwritable {
			t.Errorf("failing at call %d: err = %v, want an *Error", at, err)
		}
		s.Abort()
		if got := names(t, root); len(got) != 0 {
			t.Errorf("failing at call %d: the folder holds %v", at, got)
		}
	}
}

// What could not be read again is not written.
func TestUnreadableIsNotWritten(t *testing.T) {
	f, _ := fresh(t, "seal", testKEK(t))
	root := openRoot(t)
	if err := Replace(root, f); err != nil {
		t.Fatal(err)
	}
	for what, edit := range map[string]func(f *File){
		"too long":           func(f *File) { f.Keys[0].Witness = make([]byte, Limit) },
		"not a header":       func(f *File) { f.Keys[0].State = "" },
		"a year of 5 digits": func(f *File) { f.Keys[0].Created = made.AddDate(8000, 0, 0) },
	} {
		g := clone(f)
		edit(g)
		if err := Replace(root, g); err == nil {
			t.Errorf("%s: it was written", what)
		}
		g.Zone = "b"
		refusedFor(t, what, NewStaging(root).Stage(g), Unwritable, "b.seal.keyset")
	}
	if again, err := Read(root.FS(), f.Name()); err != nil || again.Keys[0].ID != f.Keys[0].ID {
		t.Errorf("the file that was there is another: %v", err)
	}
	if _, err := Read(root.FS(), "none.seal.keyset"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v, want one that wraps fs.ErrNotExist", err)
	}
}

func TestReadAllRefuses(t *testing.T) {
	kek := testKEK(t)
	a, _ := fresh(t, "seal", kek)
	b := clone(a)
	b.Zone, b.Policy = "b", "zeimu"
	for what, tc := range map[string]struct {
		fsys   fs.FS
		reason Reason
		file   string
	}{
		"no folder":     {nil, Unreadable, ""},
		"a broken disk": {brokenFS{}, Unreadable, ""},
		"two policies":  {fstest.MapFS{a.Name(): {Data: encode(t, a)}, b.Name(): {Data: encode(t, b)}}, Policy, b.Name()},
		"a bad file":    {fstest.MapFS{a.Name(): {Data: []byte("{}")}}, Malformed, a.Name()},
		"a folder":      {fstest.MapFS{a.Name(): {Mode: fs.ModeDir}}, Unreadable, a.Name()},
	} {
		_, err := ReadAll(tc.fsys)
		refusedFor(t, what, err, tc.reason, tc.file)
		if err != nil && !strings.Contains(err.Error(), tc.file) {
			t.Errorf("%s: err = %v, want it to name %q", what, err, tc.file)
		}
	}
	left := fstest.MapFS{"." + a.Name() + ".x.tmp": {}, ".a" + Suffix: {}, "README": {}, a.Name(): {Data: encode(t, a)}}
	if files, err := ReadAll(left); err != nil || len(files) != 1 {
		t.Errorf("ReadAll = %d files, %v, want the keyset alone", len(files), err)
	}
}

type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return nil, errDisk }

// bent is a key-encryption key that is wrong in the way its fields say.
type bent struct {
	tink.AEAD
	encrypt, decrypt func(in, ad []byte) ([]byte, error)
}

func (b bent) Encrypt(in, ad []byte) ([]byte, error) {
	if b.encrypt != nil {
		return b.encrypt(in, ad)
	}
	return b.AEAD.Encrypt(in, ad)
}

func (b bent) Decrypt(in, ad []byte) ([]byte, error) {
	if b.decrypt != nil {
		return b.decrypt(in, ad)
	}
	return b.AEAD.Decrypt(in, ad)
}

func TestTestKEK(t *testing.T) {
	kek := testKEK(t)
	fail := func([]byte, []byte) ([]byte, error) { return nil, iotest.ErrTimeout }
	echo := func(in, _ []byte) ([]byte, error) { return in, nil }
	deaf := bent{AEAD: kek,
		encrypt: func(in, _ []byte) ([]byte, error) { return kek.Encrypt(in, nil) },
		decrypt: func(in, _ []byte) ([]byte, error) { return kek.Decrypt(in, nil) }}
	for what, tc := range map[string]struct {
		kek    tink.AEAD
		reason Reason
	}{
		"none":                           {nil, KEK},
		"one that does not encrypt":      {bent{AEAD: kek, encrypt: fail}, KEK},
		"one that does not decrypt":      {bent{AEAD: kek, decrypt: fail}, KEK},
		"one that hands back":            {bent{AEAD: kek, encrypt: echo, decrypt: echo}, KEK},
		"one that decrypts to another":   {bent{AEAD: kek, decrypt: echo}, KEK},
		"one that ignores what is bound": {deaf, Unbound},
	} {
		refusedFor(t, what, TestKEK(tc.kek, "kouki"), tc.reason, "")
	}
	if err := TestKEK(kek, "kouki"); err != nil {
		t.Errorf("a right one: %v", err)
	}
	f, h := fresh(t, "seal", deaf)
	if err := f.Lock(h, deaf); err != nil {
		t.Fatal(err)
	}
	if f.BindsAD(deaf) {
		t.Error("BindsAD of one that ignores what is bound")
	}
	if f.Lock(h, bent{AEAD: kek, encrypt: fail}) == nil {
		t.Error("Lock with one that does not encrypt")
	}
}

func TestNames(t *testing.T) {
	for what, tc := range map[string]struct {
		policy string
		zones  []string
	}{
		"no policy":       {"", []string{"a"}},
		"no zones":        {"kouki", nil},
		"a bad zone":      {"kouki", []string{"a", "b.c"}},
		"one name twice":  {"kouki", []string{"web", "Web"}},
		"an unprintable":  {"kou\u2028ki", []string{"a"}},
		"not UTF-8":       {"\xff", []string{"a"}},
		"a leading minus": {"kouki", []string{"-a"}},
	} {
		refusedFor(t, what, CheckNames(tc.policy, tc.zones), Name, "")
	}
	if err := CheckNames("国保 <1>", []string{"a", "A-b_9"}); err != nil {
		t.Error(err)
	}
}

// What a policy may be called stands in the file with escapes, and is found again.
func TestPolicyWithEscapes(t *testing.T) {
	kek := testKEK(t)
	f, h := fresh(t, "seal", kek)
	f.Policy = "国保 <1> & \"x\""
	if err := f.Lock(h, kek); err != nil {
		t.Fatal(err)
	}
	again, err := Decode(f.Name(), encode(t, f))
	if err != nil || again.Policy != f.Policy {
		t.Fatalf("Decode: %v", err)
	}
	if _, err := again.Unlock(kek); err != nil {
		t.Error(err)
	}
}

func TestAddKeyRefuses(t *testing.T) {
	for use, algorithm := range map[string]string{"seal": "AES-128-GCM", "box-public": boxX25519.Name} {
		f := &File{Use: use}
		if _, err := f.AddKey(keyset.NewManager(), algorithm, Key{}); err == nil {
			t.Errorf("a key of %s was made for use %s", algorithm, use)
		}
	}
	f, h := fresh(t, "seal", testKEK(t))
	if made, err := f.CheckWitness(h, f.Keys[0].ID^1); made || err != nil {
		t.Errorf("a key that is not in the header: CheckWitness = %t, %v", made, err)
	}
	other, _ := fresh(t, "seal", testKEK(t))
	if made, err := other.CheckWitness(h, other.Keys[0].ID); !made || err == nil {
		t.Errorf("a key that is not in the keyset: CheckWitness = %t, %v", made, err)
	}
}
