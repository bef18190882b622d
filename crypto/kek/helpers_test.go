package kek_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

const goodPassphrase = "correct horse battery staple"

func newFile(t testing.TB) (tink.AEAD, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.kek")
	k, err := kek.CreateFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return k, path
}

func fileKEK(t testing.TB) tink.AEAD {
	t.Helper()
	k, _ := newFile(t)
	return k
}

// madePassphrase is made once: a derivation takes a tenth of a second, and a
// second under the race detector.
var madePassphrase = sync.OnceValues(func() (tink.AEAD, []byte) {
	dir, err := os.MkdirTemp("", "kek")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "passphrase.kek")
	k, err := kek.CreatePassphrase(path, []byte(goodPassphrase), 0)
	if err != nil {
		panic(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return k, data
})

// newPassphrase returns a copy of one passphrase file for goodPassphrase.
func newPassphrase(t testing.TB) (tink.AEAD, string) {
	t.Helper()
	k, data := madePassphrase()
	path := filepath.Join(t.TempDir(), "passphrase.kek")
	overwrite(t, path, data)
	return k, path
}

// wantReason checks that nothing came back, and an *kek.Error with the reason.
func wantReason(t testing.TB, what string, got any, err error, want kek.Reason) *kek.Error {
	t.Helper()
	var e *kek.Error
	if !errors.As(err, &e) || e.Reason != want {
		t.Fatalf("%s: err = %v, want the reason %v", what, err, want)
	}
	switch got := got.(type) {
	case nil:
	case []byte:
		if got != nil {
			t.Fatalf("%s: bytes came back with an error", what)
		}
	default:
		t.Fatalf("%s: %T came back with an error", what, got)
	}
	return e
}

// wantSameKey checks that b opens what a encrypts, and only under the same
// associated data, and that not one byte of it may be changed.
func wantSameKey(t testing.TB, a, b tink.AEAD) {
	t.Helper()
	plaintext, ad := []byte("a keyset, in clear"), []byte("kouki seal")
	ct, err := a.Encrypt(plaintext, ad)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(ct, plaintext) {
		t.Fatal("the ciphertext has the plaintext in it")
	}
	got, err := b.Decrypt(ct, ad)
	if err != nil || !bytes.Equal(got, plaintext) {
		t.Fatalf("Decrypt = %d bytes, %v, want what was encrypted", len(got), err)
	}
	for _, other := range [][]byte{nil, {}, []byte("kouki seam"), []byte("kouki sea"), []byte("kouki seal ")} {
		got, err := b.Decrypt(ct, other)
		wantError(t, "other associated data", got, err)
	}
	for i := range ct {
		bad := bytes.Clone(ct)
		bad[i] ^= 1
		got, err := b.Decrypt(bad, ad)
		wantError(t, "a changed ciphertext", got, err)
		got, err = b.Decrypt(ct[:i], ad)
		wantError(t, "a cut ciphertext", got, err)
	}
	got, err = b.Decrypt(append(bytes.Clone(ct), 0), ad)
	wantError(t, "a longer ciphertext", got, err)
}

func wantError(t testing.TB, what string, got []byte, err error) {
	t.Helper()
	var e *kek.Error
	if got != nil || !errors.As(err, &e) {
		t.Fatalf("%s: %d bytes, err = %v, want none and an *Error", what, len(got), err)
	}
}

// mutations calls try with every file that differs from data in one byte, by
// three differences, with every shorter one, and with some longer ones.
func mutations(data []byte, try func(what string, bad []byte)) {
	for i := range data {
		for _, diff := range []byte{1, 0x20, 0x80} {
			bad := bytes.Clone(data)
			bad[i] ^= diff
			try("a changed byte", bad)
		}
		try("a cut file", data[:i])
	}
	for _, tail := range []string{"\n", " ", "x", "\x00"} {
		try("a longer file", append(bytes.Clone(data), tail...))
	}
	try("a doubled file", append(bytes.Clone(data), data...))
}

func overwrite(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// wantAlone checks that the file is all there is in its folder: no temporary
// file was left.
func wantAlone(t testing.TB, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("the folder holds %v, %v, want %s alone", entries, err, filepath.Base(path))
	}
}
