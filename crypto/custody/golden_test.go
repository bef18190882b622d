package custody_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
)

var update = flag.Bool("update", false, "write the golden files anew: only for a new format, never for an old one")

// The golden files are what this version writes, under keys that protect nothing:
// later versions must read them.
const golden = "testdata"

func TestGolden(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	dir := put(t, contents(t, filepath.Join(golden, "keys")))
	f := reopened(t, dir, folderKEK)
	s, err := f.Status(day(40))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "status.json", append(text, '\n'))

	c, err := f.VerifyCertificate(read(t, "certificate.json"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "certificate.txt", []byte(c.Text()))

	// Destroyed again, a tenant has the certificate it had.
	again := destroyTenant(t, tenants(t, f, dir, folderKEK, 50), "131024")
	data, err := again.Encode()
	if err != nil || string(data) != string(read(t, "keys/131024.tenant.erasure")) {
		t.Errorf("the certificate of a tenant is now\n%s, %v", data, err)
	}
	same(t, "tenant-certificate.txt", []byte(again.Text()))

	r, err := custody.Drill(act(50), bytes.NewReader(read(t, "backup.json")), backupKEK, os.DirFS(filepath.Join(golden, "keys")), bytes.NewReader(read(t, "samples.jsonl")))
	if err != nil || !r.OK() || len(r.Samples) != 1 || len(r.Tenants) != 1 {
		t.Errorf("drill = %+v, %v", r, err)
	}
	there, _ := far(t, custody.Options{})
	must(t)(there.ImportPublic(act(50), custody.Import{File: bytes.NewReader(read(t, "public.json")), Fingerprint: string(read(t, "public.fingerprint"))}))
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(golden, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// same compares with a golden file, or writes it.
func same(t testing.TB, name string, got []byte) {
	t.Helper()
	if *update {
		write(t, name, got)
	}
	if diff := cmp.Diff(string(read(t, name)), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	path := filepath.Join(golden, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// writeGolden writes a folder in which everything has happened once.
func writeGolden(t testing.TB) {
	t.Helper()
	f, dir := small(t)
	must(t)(f.Create(act(0), custody.Creation{Zones: []string{"mynumber"}, Uses: []crypto.Use{crypto.UseBox, crypto.UseToken, crypto.UseTenant}}))
	s13 := tenants(t, f, dir, folderKEK, 13)
	if err := errors.Join(s13.Create("131016"), s13.Create("131024"), s13.Create("131032")); err != nil {
		t.Fatal(err)
	}
	destroyTenant(t, s13, "131032")
	first := id(t, f, "mynumber", crypto.UseSeal, custody.StateActive)
	must(t)(f.Rotate(act(10), "mynumber", crypto.UseSeal))
	s := sealed(t, dir, "golden")
	must(t)(f.Rotate(act(12), "mynumber", crypto.UseSeal))
	must(t)(f.Disable(act(13), "mynumber", crypto.UseSeal, s.KeyID()))
	must(t)(f.Stage(act(14), "mynumber", crypto.UseSign))
	write(t, "backup.json", backup(t, f, 15))
	destroyTenant(t, tenants(t, f, dir, folderKEK, 19), "131024")
	c, err := f.Destroy(act(20), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: first})
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	write(t, "certificate.json", data)
	text, _ := s.MarshalText()
	write(t, "samples.jsonl", fmt.Appendf(nil, `{"zone":"mynumber","use":"seal","sealed":%q,"ad":"YWQ="}`+"\n", text))
	e := export(t, f, "mynumber", 30)
	write(t, "public.json", e.Data)
	write(t, "public.fingerprint", []byte(e.Fingerprint+"\n"))
	for name, data := range contents(t, dir) {
		if !strings.HasPrefix(name, ".") {
			write(t, filepath.Join("keys", name), []byte(data))
		}
	}
}
