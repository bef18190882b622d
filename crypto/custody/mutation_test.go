package custody_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
)

// mutations hands out every change of one bit of data, every cut, and every byte
// left out or doubled.
func mutations(data []byte, try func(what string, at int, mutated []byte)) {
	for i := range data {
		for bit := range 8 {
			mutated := bytes.Clone(data)
			mutated[i] ^= 1 << bit
			try("bit changed", i, mutated)
		}
		try("cut", i, data[:i])
		try("byte left out", i, append(bytes.Clone(data[:i]), data[i+1:]...))
		try("byte doubled", i, append(bytes.Clone(data[:i+1]), data[i:]...))
	}
	try("byte added", len(data), append(bytes.Clone(data), '\n'))
}

// small returns a folder with one seal key and one sign key.
func small(t testing.TB) (*custody.Folder, string) {
	t.Helper()
	f, dir := far(t, custody.Options{Plan: twoYears})
	must(t)(f.Create(act(0), custody.Creation{Zones: []string{"mynumber"}, Uses: []crypto.Use{crypto.UseSeal, crypto.UseSign}}))
	return f, dir
}

func typed(t *testing.T, what string, at int, err error) {
	t.Helper()
	var e *custody.Error
	var k *crypto.KeyringError
	if !errors.As(err, &e) && !errors.As(err, &k) {
		t.Errorf("%s at %d: err = %v, want a typed one", what, at, err)
	}
}

func TestBackupMutations(t *testing.T) {
	f, _ := small(t)
	mutations(backup(t, f, 1), func(what string, at int, mutated []byte) {
		_, err := custody.Drill(act(1), bytes.NewReader(mutated), backupKEK, nil, nil)
		typed(t, what, at, err)
	})
}

func TestCertificateMutations(t *testing.T) {
	f, dir := small(t)
	must(t)(f.Rotate(act(1), "mynumber", crypto.UseSeal))
	backup(t, f, 2)
	c, err := f.Destroy(act(3), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: id(t, f, "mynumber", crypto.UseSeal, custody.StateRetired)})
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	public, err := crypto.PublicKeysOf[myNumber](ring(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := custody.VerifyCertificate(data, public); err != nil {
		t.Fatal(err)
	}
	mutations(data, func(what string, at int, mutated []byte) {
		_, err := custody.VerifyCertificate(mutated, public)
		typed(t, what, at, err)
	})
}

func TestExportMutations(t *testing.T) {
	f, _ := small(t)
	e := export(t, f, "mynumber", 1)
	there, dir := far(t, custody.Options{})
	mutations(e.Data, func(what string, at int, mutated []byte) {
		_, err := there.ImportPublic(act(1), custody.Import{File: bytes.NewReader(mutated), Fingerprint: e.Fingerprint})
		refused(t, err, custody.ReasonFingerprint)
	})
	if got := contents(t, dir); len(got) > 0 {
		t.Errorf("files are left: %s", names(got))
	}
}

func TestLedgerMutations(t *testing.T) {
	f, dir := small(t)
	backup(t, f, 1)
	path := filepath.Join(dir, "backups.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	mutations(data, func(what string, at int, mutated []byte) {
		if n++; n%5 != 0 {
			return // each try is a turn of the folder; a fifth of them meets every byte twice
		}
		if err := os.WriteFile(path, mutated, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := f.Backups(act(2))
		typed(t, what, at, err)
	})
}
