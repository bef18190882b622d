package kek_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"github.com/sekisho-go/sekisho/crypto/kek"
)

func TestPassphrase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passphrase.kek")
	created, err := kek.CreatePassphrase(path, []byte(goodPassphrase), 0)
	if err != nil {
		t.Fatal(err)
	}
	wantAlone(t, path)
	given := []byte(goodPassphrase)
	opened, err := kek.OpenPassphrase(path, given)
	if err != nil || string(given) != goodPassphrase {
		t.Fatalf("err = %v, or the caller's passphrase was changed", err)
	}
	wantSameKey(t, created, opened)

	var f struct {
		Format     int    `json:"sekisho-kek-passphrase"`
		KDF        string `json:"kdf"`
		Iterations int    `json:"iterations"`
		Salt       []byte `json:"salt"`
	}
	if err := json.Unmarshal(readFile(t, path), &f); err != nil {
		t.Fatal(err)
	}
	if f.Format != 1 || f.KDF != "PBKDF2-HMAC-SHA-256" || f.Iterations != 600_000 || len(f.Salt) != 32 {
		t.Errorf("the file says %+v, want format 1, PBKDF2-HMAC-SHA-256, 600000, 32 bytes", f)
	}
	// The key is what NIST SP 800-132 says, computed here by its definition.
	key := pbkdf2([]byte(goodPassphrase), f.Salt, f.Iterations)
	a, err := subtle.NewAESGCM(key)
	if err != nil {
		t.Skip("no AES-GCM of Tink's in this mode: ", err)
	}
	ct, err := created.Encrypt([]byte("x"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := a.Decrypt(ct, []byte("ad")); err != nil || string(got) != "x" {
		t.Errorf("the key is not PBKDF2's: %v", err)
	}
}

// pbkdf2 is the function of NIST SP 800-132, 5.3, for one block.
func pbkdf2(passphrase, salt []byte, iterations int) []byte {
	mac := hmac.New(sha256.New, passphrase)
	mac.Write(salt)
	mac.Write([]byte{0, 0, 0, 1})
	u := mac.Sum(nil)
	key := bytes.Clone(u)
	for range iterations - 1 {
		mac.Reset()
		mac.Write(u)
		u = mac.Sum(u[:0])
		for i := range key {
			key[i] ^= u[i]
		}
	}
	return key
}

func TestPassphraseWrong(t *testing.T) {
	_, path := newPassphrase(t)
	for _, wrong := range []string{"correct horse battery stable", goodPassphrase + " ", "", goodPassphrase + "\n", strings.Repeat("a", 1025)} {
		got, err := kek.OpenPassphrase(path, []byte(wrong))
		e := wantReason(t, "a wrong passphrase", got, err, kek.ReasonPassphrase)
		if wrong != "" && strings.Contains(e.Error(), wrong) {
			t.Errorf("err = %v repeats the passphrase", e)
		}
	}
}

func TestPassphraseWeak(t *testing.T) {
	for _, tc := range []struct {
		passphrase string
		want       string // in the error; empty: it is good
	}{
		{"", "empty"},
		{"elevenchars", "11 characters, want 12"},
		{"twelve chars", ""},
		{"十一文字は短すぎます", "10 characters, want 12"},
		{"このくらい長ければよいのです", ""},
		{"a long passphrase from a file\n", "line end"},
		{"a long passphrase\r\n", "line end"},
		{"a long passphrase\x00", "NUL"},
		{strings.Repeat("long", 257), "1028 bytes, want 1024"},
	} {
		path := filepath.Join(t.TempDir(), "passphrase.kek")
		got, err := kek.CreatePassphrase(path, []byte(tc.passphrase), 0)
		if tc.want == "" {
			if err != nil {
				t.Errorf("%q: %v", tc.passphrase, err)
			}
			continue
		}
		e := wantReason(t, tc.passphrase, got, err, kek.ReasonWeak)
		if !strings.Contains(e.Error(), tc.want) {
			t.Errorf("%q: err = %v, want %q in it", tc.passphrase, e, tc.want)
		}
		if tc.passphrase != "" && strings.Contains(e.Error(), tc.passphrase) {
			t.Errorf("err = %v repeats the passphrase", e)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: a file was written", tc.passphrase)
		}
	}
}

func TestPassphraseCost(t *testing.T) {
	for _, iterations := range []int{-1, 1, 599_999, 10_000_001} {
		path := filepath.Join(t.TempDir(), "passphrase.kek")
		got, err := kek.CreatePassphrase(path, []byte(goodPassphrase), iterations)
		wantReason(t, "CreatePassphrase", got, err, kek.ReasonCost)
	}
	// Another cost and another salt make another key of one passphrase.
	path := filepath.Join(t.TempDir(), "passphrase.kek")
	created, err := kek.CreatePassphrase(path, []byte(goodPassphrase), 600_001)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := kek.OpenPassphrase(path, []byte(goodPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	wantSameKey(t, created, opened)
	ct, err := created.Encrypt([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := newPassphrase(t)
	got, err := other.Decrypt(ct, nil)
	wantReason(t, "another salt", got, err, kek.ReasonLocked)
}

// TestPassphraseMutations opens every damaged form of a passphrase file. All
// are found before anything is derived, so this takes no time.
func TestPassphraseMutations(t *testing.T) {
	_, path := newPassphrase(t)
	data := readFile(t, path)
	began := time.Now()
	mutations(data, func(what string, bad []byte) {
		overwrite(t, path, bad)
		got, err := kek.OpenPassphrase(path, []byte(goodPassphrase))
		var e *kek.Error
		if got != nil || !errors.As(err, &e) || e.Reason != kek.ReasonMalformed && e.Reason != kek.ReasonFormat {
			t.Fatalf("%s: err = %v, want ReasonMalformed or ReasonFormat", what, err)
		}
	})
	t.Logf("%d mutations in %v", 4*len(data)+5, time.Since(began))
}

func TestPassphraseIsNotOverwritten(t *testing.T) {
	_, path := newPassphrase(t)
	before := readFile(t, path)
	got, err := kek.CreatePassphrase(path, []byte(goodPassphrase), 0)
	wantReason(t, "CreatePassphrase", got, err, kek.ReasonExists)
	if !bytes.Equal(readFile(t, path), before) {
		t.Error("the file was changed")
	}
	wantAlone(t, path)
}
