package audit_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/audit"
	"golang.org/x/mod/sumdb/note"
)

func TestKeyFile(t *testing.T) {
	file := newKeyFile(t)
	opt, err := fromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	crossings(t, open(t, dir, opt), 1)
	sound(t, dir, opt)
	if _, err := audit.CreateKey(file, origin); err == nil {
		t.Error("a key was written over")
	}
	if _, err := audit.CreateKey(filepath.Join(dir, "x"), "a b"); err == nil {
		t.Error("a key with a blank in its name")
	}
	secret, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		for _, mode := range []os.FileMode{0o640, 0o604, 0o620} {
			if err := os.Chmod(file, mode); err != nil {
				t.Fatal(err)
			}
			if _, err := audit.ReadKey(file); err == nil || !strings.Contains(err.Error(), "0600") {
				t.Errorf("mode %o: err = %v, want the mode that it should have", mode, err)
			}
		}
		if info, err := os.Stat(newKeyFile(t)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode of a new key: %v, %v", info.Mode(), err)
		}
	}
	os.Chmod(file, 0o600)
	for n := range secret[:len(secret)-1] {
		if err := os.WriteFile(file, secret[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := audit.ReadKey(file); err == nil {
			t.Errorf("%d bytes of a key were taken for one", n)
		} else if n > 50 && strings.Contains(err.Error(), string(secret[30:n])) {
			t.Errorf("%v holds the key", err)
		}
	}
	if _, err := audit.ReadKey(dir); err == nil {
		t.Error("a folder was taken for a key")
	}
}

type (
	ward    struct{}
	billing struct{}
)

func (ward) ZoneName() string    { return "ward" }
func (billing) ZoneName() string { return "billing" }

func TestZoneKeys(t *testing.T) {
	ring, err := crypto.EphemeralKeyring("hospital", "ward", "billing")
	if err != nil {
		t.Fatal(err)
	}
	keys, err1 := crypto.KeysOf[ward](ring)
	public, err2 := crypto.PublicKeysOf[ward](ring)
	others, err3 := crypto.PublicKeysOf[billing](ring)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	signer, err := audit.ZoneSigner(origin, keys)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err1 := audit.ZoneVerifier(origin, public)
	other, err2 := audit.ZoneVerifier(origin, others)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	dir := t.TempDir()
	opt := audit.Options{Origin: origin, Signer: signer, Verifiers: note.VerifierList(verifier), SegmentEntries: 4}
	l := open(t, dir, opt)
	crossings(t, l, 3)
	sound(t, dir, opt, l.Checkpoint())
	if signer.KeyHash() == other.KeyHash() {
		t.Error("two zones have one key hash")
	}
	if _, err := audit.OpenCheckpoint(l.Checkpoint(), note.VerifierList(other)); err == nil {
		t.Error("the checkpoint verifies with the keys of another zone")
	}
	// The signature is over more than the text, so that nothing else that the
	// zone signs can be a checkpoint.
	if bare, err := crypto.Sign(keys, []byte("text\n")); err != nil || verifier.Verify([]byte("text\n"), bare) {
		t.Errorf("a signature over the bare text verifies, %v", err)
	}
	if _, err := audit.ZoneSigner[ward](origin, nil); err == nil {
		t.Error("a signer without keys")
	}
	if _, err := audit.ZoneVerifier[ward](origin, nil); err == nil {
		t.Error("a verifier without keys")
	}
	if _, err := audit.ZoneSigner("a b", keys); err == nil {
		t.Error("a signer with a blank in its name")
	}
}
