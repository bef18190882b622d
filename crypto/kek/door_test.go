package kek_test

import (
	"bytes"
	"context"
	"encoding"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/kek"
)

// doors returns one key-encryption key of each door, by name.
func doors(t *testing.T) map[string]tink.AEAD {
	t.Helper()
	file, path := newFile(t)
	pass, _ := newPassphrase(t)
	t.Setenv("KEK_TEST_FILE", path)
	return map[string]tink.AEAD{
		"file":       file,
		"passphrase": pass,
		"both":       mustBoth(t, fileKEK(t), pass),
		"any-two":    anyTwo(t, holders(t, 3)),
		"exec":       execKEK(t, "serve", 0),
	}
}

// TestDoorsOpenKeyrings makes and opens a keyring through each door, which puts
// each through the keyring's own test of associated data.
func TestDoorsOpenKeyrings(t *testing.T) {
	for name, k := range doors(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "keys")
			if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber"}, k); err != nil {
				t.Fatal(err)
			}
			r, err := crypto.OpenKeyring(os.DirFS(dir), k)
			if err != nil {
				t.Fatal(err)
			}
			if !r.Has("mynumber", crypto.UseSeal) {
				t.Error("the keyring has no keys")
			}
			if r, err := crypto.OpenKeyring(os.DirFS(dir), fileKEK(t)); err == nil || r != nil {
				t.Error("the keyring opens with another key")
			}
		})
	}
}

// TestDoorsAreClosed prints each key-encryption key in every way: none shows
// more than its name, and none is encoded.
func TestDoorsAreClosed(t *testing.T) {
	for name, k := range doors(t) {
		want := "kek(" + name + ")"
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, k); got != want {
				t.Errorf("%s of %s is %s, want %s", verb, name, got, want)
			}
			if got := fmt.Sprintf(verb, []any{k}); !strings.Contains(got, want) || len(got) > 60 {
				t.Errorf("%s of a list with %s is %s", verb, name, got)
			}
		}
		var buf bytes.Buffer
		slog.New(slog.NewJSONHandler(&buf, nil)).Info("opened", "kek", k)
		if !strings.Contains(buf.String(), `"kek":"`+want+`"`) {
			t.Errorf("slog of %s is %s", name, buf.String())
		}
		if _, err := json.Marshal(k); err == nil {
			t.Errorf("%s goes into JSON", name)
		}
		if err := gob.NewEncoder(&buf).Encode(k); err == nil {
			t.Errorf("%s goes into gob", name)
		}
		if _, err := k.(encoding.TextMarshaler).MarshalText(); err == nil {
			t.Errorf("%s goes into text", name)
		}
		if got := fmt.Sprintf("%T", k); !strings.HasPrefix(got, "*kek.") || !strings.HasSuffix(got, "KEK") {
			t.Errorf("the type of %s is called %s", name, got)
		}
	}
}

// TestFIPS runs the tests again in the two FIPS 140 modes of Go. In the strict
// one Tink's AES-GCM does not work; that must be said and not be mistaken.
func TestFIPS(t *testing.T) {
	if os.Getenv("KEK_TEST_FIPS") != "" {
		t.Skip("this is the process in that mode")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for mode, run := range map[string]string{
		"on":   "^(TestBoth|TestAnyTwo|TestDoorsOpenKeyrings)$",
		"only": "^TestInStrictMode$",
	} {
		cmd := exec.CommandContext(context.Background(), self, "-test.run", run, "-test.v")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140="+mode, "KEK_TEST_FIPS="+mode)
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS")) || bytes.Contains(out, []byte("--- SKIP")) {
			t.Errorf("fips140=%s: %v\n%s", mode, err, out)
		}
	}
}

// TestInStrictMode is a part of TestFIPS: it runs under GODEBUG=fips140=only.
func TestInStrictMode(t *testing.T) {
	if os.Getenv("KEK_TEST_FIPS") != "only" {
		t.Skip("TestFIPS runs this in the strict mode")
	}
	for name, create := range map[string]func(string) (tink.AEAD, error){
		"file":       kek.CreateFile,
		"passphrase": func(path string) (tink.AEAD, error) { return kek.CreatePassphrase(path, []byte(goodPassphrase), 0) },
	} {
		path := filepath.Join(t.TempDir(), "kek")
		got, err := create(path)
		e := wantReason(t, name, got, err, kek.ReasonMode)
		if !strings.Contains(e.Error(), "fips140=on") {
			t.Errorf("err = %v, want the remedy in it", e)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a file was written", name)
		}
	}
}
