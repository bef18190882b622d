package tenant_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// relock puts something else in the place of a file's ciphertext.
func relock(t *testing.T, data []byte, change func(plaintext []byte) []byte) []byte {
	t.Helper()
	var head struct {
		Keyset  string `json:"keyset"`
		Created string `json:"created"`
		Tenant  string `json:"tenant"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(head.Keyset)
	if err != nil {
		t.Fatal(err)
	}
	encrypted, err := keyset.NewBinaryReader(bytes.NewReader(raw)).ReadEncrypted()
	if err != nil {
		t.Fatal(err)
	}
	plaintext, err := new(zeroKEK).Decrypt(encrypted.GetEncryptedKeyset(), crypto.AppendAD(nil, "sekisho tenant", "kouki", head.Tenant, head.Created, "lives"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := keyset.NewBinaryWriter(&out).WriteEncrypted(&tink_go_proto.EncryptedKeyset{EncryptedKeyset: change(plaintext)}); err != nil {
		t.Fatal(err)
	}
	return bytes.Replace(data, []byte(head.Keyset), []byte(base64.StdEncoding.EncodeToString(out.Bytes())), 1)
}

// tampered puts data in the place of a tenant's file and returns what Keyring says.
func (o *office) tampered(ring *crypto.Keyring, name string, data []byte) error {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.tenants, name+".tenant"), data, 0o600); err != nil {
		o.t.Fatal(err)
	}
	_, err := o.set(ring).Keyring(name)
	return err
}

// Every change of a byte and every truncation of a tenant's file or of a tombstone
// is refused.
func TestMutations(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring()
	s := o.set(ring)
	names := create(t, s, 2)
	if _, err := s.Destroy(names[1], "甲野 花子"); err != nil {
		t.Fatal(err)
	}
	for i, n := range names {
		good, err := os.ReadFile(filepath.Join(o.tenants, n+".tenant"))
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, at int, bad []byte) {
			t.Helper()
			var e *tenant.FileError
			if err := o.tampered(ring, n, bad); !errors.As(err, &e) || e.File != n+".tenant" {
				t.Errorf("file %d, %s %d: err = %v, want a *FileError", i, what, at, err)
			}
		}
		for at := range good {
			for _, flip := range []byte{1, 0x20, 0x80} {
				bad := bytes.Clone(good)
				bad[at] ^= flip
				check("flipped byte", at, bad)
			}
			check("cut at", at, good[:at])
		}
		check("longer", len(good), append(bytes.Clone(good), '\n'))
		err = o.tampered(ring, n, good)
		var destroyed *tenant.DestroyedError
		if i == 0 && err != nil || i == 1 && !errors.As(err, &destroyed) {
			t.Errorf("file %d as it was: %v", i, err)
		}
	}
}

// A file under the name of another tenant is refused, also when its header was
// made to fit, and so is that of another policy or another key-encryption key.
func TestSwappedFiles(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring()
	s := o.set(ring)
	names := create(t, s, 2)
	data, err := os.ReadFile(filepath.Join(o.tenants, names[0]+".tenant"))
	if err != nil {
		t.Fatal(err)
	}
	edit := func(old, young string) []byte {
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("the file does not say %q", old)
		}
		return bytes.Replace(data, []byte(old), []byte(young), 1)
	}
	raw := func(plaintext []byte) []byte { ct, _ := new(zeroKEK).Encrypt(plaintext, nil); return ct }
	for _, c := range []struct {
		what string
		data []byte
		want crypto.Reason
	}{
		{"as it is", data, crypto.ReasonRenamed},
		{"with the header made to fit", edit(names[0], names[1]), crypto.ReasonLocked},
		{"of another policy", bytes.ReplaceAll(edit(names[0], names[1]), []byte("kouki"), []byte("kokuho")), crypto.ReasonPolicy},
		{"of a later format", edit(`"sekisho-tenant": 1`, `"sekisho-tenant": 2`), crypto.ReasonFormat},
		{"with other associated data", relock(t, data, raw), crypto.ReasonRenamed},
		{"that is long", bytes.Repeat([]byte(" "), 20<<10), crypto.ReasonMalformed},
		{"with fields of a tombstone", edit(`"keyset"`, "\"by\": \"x\",\n  \"keyset\""), crypto.ReasonMalformed},
	} {
		if e := wantError[*tenant.FileError](t, c.what, o.tampered(ring, names[1], c.data)); e != nil && e.Reason != c.want {
			t.Errorf("%s: %v (%v), want %v", c.what, e, e.Reason, c.want)
		}
	}
}

// A tombstone cannot be made by hand: data that is there is not taken for erased.
func TestForgedTombstone(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring()
	s := o.set(ring)
	names := create(t, s, 2)
	if _, err := s.Destroy(names[0], "test"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(o.tenants, names[0]+".tenant"))
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Replace(data, []byte(names[0]), []byte(names[1]), 1)
	if e := wantError[*tenant.FileError](t, "Keyring", o.tampered(ring, names[1], forged)); e != nil && e.Reason != crypto.ReasonLocked {
		t.Errorf("Keyring: %v", e)
	}
	_, err = s.Destroy(names[1], "test")
	wantError[*tenant.FileError](t, "a certificate for it", err)
}

// A keyset of another kind in the place of the tenant's key is refused.
func TestOtherKeys(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring()
	s := o.set(ring)
	n := create(t, s, 1)[0]
	path := filepath.Join(o.tenants, n+".tenant")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := keyset.NewHandle(aesGCM())
	if err != nil {
		t.Fatal(err)
	}
	bound := crypto.AppendAD(nil, "sekisho tenant", "kouki", n, "2026-04-01T00:00:00Z", "lives")
	var out bytes.Buffer
	if err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&out), o.kek, bound); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte(`"keyset": "`)) + len(`"keyset": "`)
	bad := append(bytes.Clone(data[:at]), base64.StdEncoding.EncodeToString(out.Bytes())+"\"\n}\n"...)
	if e := wantError[*tenant.FileError](t, "an AES-GCM key", o.tampered(ring, n, bad)); e != nil && e.Reason != crypto.ReasonKeys {
		t.Errorf("an AES-GCM key: %v", e)
	}
}

// Errors are one line and carry no key.
func TestErrorsAreOneLine(t *testing.T) {
	for _, err := range []error{
		&tenant.UnknownError{Tenant: "a"}, &tenant.ExistsError{Tenant: "a"}, &tenant.DestroyedError{Tenant: "a"},
		&tenant.FileError{File: "a.tenant", Reason: crypto.ReasonLocked, Detail: "d", Err: errors.New("two\nlines")},
		&tenant.FileError{},
	} {
		if text := err.Error(); strings.Contains(text, "\n") || !strings.HasPrefix(text, "tenant: ") {
			t.Errorf("%q", text)
		}
	}
}

// FuzzFile opens arbitrary bytes as a tenant's file: it is the one that was
// written, or it is refused.
func FuzzFile(f *testing.F) {
	golden := make(map[string][]byte)
	for _, name := range []string{"131016.tenant", "131024.tenant"} {
		data, err := os.ReadFile(filepath.Join("testdata/kouki", name))
		if err != nil {
			f.Fatal(err)
		}
		golden[name] = data
		f.Add(data)
	}
	dir := f.TempDir()
	ring, err := crypto.OpenKeyring(os.DirFS("testdata/kouki"), new(zeroKEK))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for name := range golden {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := tenant.Open(dir, ring, new(zeroKEK))
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Keyring(strings.TrimSuffix(name, ".tenant"))
			s.Close()
			var refused *tenant.FileError
			if !bytes.Equal(data, golden[name]) && (!errors.As(err, &refused) || refused.File != name) {
				t.Errorf("err = %v, want a *FileError about %s", err, name)
			}
		}
	})
}
