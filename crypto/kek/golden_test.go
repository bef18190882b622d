package kek_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

var update = flag.Bool("update", false, "write the files in testdata/golden anew, where they are missing")

// TestGolden opens what an earlier version wrote: whoever changes a stored form
// locks somebody's keys away. The keys in testdata/golden are public.
func TestGolden(t *testing.T) {
	file := golden(t, "tanaka.kek", func(path string) error { _, err := kek.CreateFile(path); return err }, kek.OpenFile)
	pass := golden(t, "suzuki.kek",
		func(path string) error { _, err := kek.CreatePassphrase(path, []byte(goodPassphrase), 0); return err },
		func(path string) (tink.AEAD, error) { return kek.OpenPassphrase(path, []byte(goodPassphrase)) })
	third := golden(t, "sato.kek", func(path string) error { _, err := kek.CreateFile(path); return err }, kek.OpenFile)
	all := anyTwo(t, []kek.Holder{{"tanaka", file}, {"suzuki", pass}, {"sato", third}})
	for name, k := range map[string]tink.AEAD{
		"file.sealed": file, "passphrase.sealed": pass, "both.sealed": mustBoth(t, file, pass), "any-two.sealed": all,
	} {
		path := filepath.Join("testdata", "golden", name)
		if *update {
			ct, err := k.Encrypt([]byte(name), []byte("golden"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Lstat(path); err != nil {
				overwrite(t, path, ct)
			}
		}
		if got, err := k.Decrypt(readFile(t, path), []byte("golden")); err != nil || string(got) != name {
			t.Errorf("%s: Decrypt = %q, %v, want its name", name, got, err)
		}
	}
	alone := anyTwo(t, []kek.Holder{{"sato", third}, {"suzuki", pass}, {Name: "tanaka"}})
	if got, err := alone.Decrypt(readFile(t, "testdata/golden/any-two.sealed"), []byte("golden")); err != nil || string(got) != "any-two.sealed" {
		t.Errorf("two of three: Decrypt = %q, %v", got, err)
	}
}

// golden opens a copy of a file in testdata/golden: git does not keep modes.
func golden(t *testing.T, name string, create func(string) error, open func(string) (tink.AEAD, error)) tink.AEAD {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if _, err := os.Lstat(path); err != nil && *update {
		if err := create(path); err != nil {
			t.Fatal(err)
		}
	}
	private := filepath.Join(t.TempDir(), name)
	overwrite(t, private, readFile(t, path))
	k, err := open(private)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
