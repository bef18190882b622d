package vault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/crypto/kek/vault"
)

// These tests use a server that speaks just enough of Vault's protocol to be
// wrong in one way each. The real Vault is in the module vaulttest.

// server answers like transit's encrypt and decrypt. before sees each request
// and may answer it in its stead.
func server(t *testing.T, before func(w http.ResponseWriter, body map[string]string) bool) *api.Client {
	t.Helper()
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	a, err := aead.New(h)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]string
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Errorf("%s: %v", r.URL, err)
		}
		if before != nil && before(w, body) {
			return
		}
		ad := []byte(body["associated_data"])
		switch r.URL.Path {
		case "/v1/transit/encrypt/kouki":
			ct, _ := a.Encrypt([]byte(body["plaintext"]), ad)
			answer(w, "ciphertext", "vault:v1:"+text(ct))
		case "/v1/transit/decrypt/kouki":
			plaintext, err := a.Decrypt(raw(strings.TrimPrefix(body["ciphertext"], "vault:v1:")), ad)
			if err != nil {
				fail(w, 400, "cipher: message authentication failed")
				return
			}
			answer(w, "plaintext", string(plaintext))
		default:
			fail(w, 404, "no handler for route "+r.URL.Path)
		}
	}))
	t.Cleanup(s.Close)
	return client(t, s.URL)
}

func client(t *testing.T, address string) *api.Client {
	t.Helper()
	config := api.DefaultConfig()
	config.Address = address
	config.MaxRetries = 0
	c, err := api.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	c.SetToken("a-token-of-nobody")
	return c
}

func text(b []byte) string { s, _ := json.Marshal(b); return strings.Trim(string(s), `"`) }

func raw(s string) (b []byte) { json.Unmarshal([]byte(`"`+s+`"`), &b); return b }

func answer(w http.ResponseWriter, field, value string) {
	json.NewEncoder(w).Encode(map[string]any{"data": map[string]string{field: value}})
}

func fail(w http.ResponseWriter, code int, text string) {
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]any{"errors": []string{text, "and a second\nline"}})
}

func open(t *testing.T, c *api.Client) tink.AEAD {
	t.Helper()
	k, err := vault.Open(vault.Config{Key: "kouki", Client: c})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func wantReason(t *testing.T, what string, got []byte, err error, want kek.Reason) *kek.Error {
	t.Helper()
	var e *kek.Error
	if got != nil || !errors.As(err, &e) || e.Reason != want || e.Door != "vault" {
		t.Fatalf("%s: %d bytes, err = %v, want none and the reason %v", what, len(got), err, want)
	}
	return e
}

func TestKeyring(t *testing.T) {
	k := open(t, server(t, nil))
	dir := filepath.Join(t.TempDir(), "keys")
	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber"}, k); err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%+v %v", k, k); got != "kek(vault) kek(vault)" {
		t.Errorf("prints as %s", got)
	}
}

// TestAssociatedDataIgnored is a Vault before 1.12: the keyring refuses it by name.
func TestAssociatedDataIgnored(t *testing.T) {
	k := open(t, server(t, func(_ http.ResponseWriter, body map[string]string) bool {
		delete(body, "associated_data")
		return false
	}))
	err := crypto.CreateKeyring(filepath.Join(t.TempDir(), "keys"), "kouki", []string{"mynumber"}, k)
	var e *crypto.KeyringError
	if !errors.As(err, &e) || e.Reason != crypto.ReasonUnbound || !strings.Contains(err.Error(), "*vault.transitKEK") {
		t.Errorf("err = %v, want ReasonUnbound and the type in it", err)
	}
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		code int
		want kek.Reason // when decrypting
	}{
		{400, kek.ReasonLocked}, {403, kek.ReasonDenied}, {401, kek.ReasonDenied}, {404, kek.ReasonLocked},
		{429, kek.ReasonUnavailable}, {500, kek.ReasonUnavailable}, {503, kek.ReasonUnavailable},
	} {
		k := open(t, server(t, func(w http.ResponseWriter, body map[string]string) bool {
			fail(w, tc.code, "no: "+body["plaintext"])
			return true
		}))
		got, err := k.Decrypt([]byte("vault:v1:AAAA"), []byte("ad"))
		if e := wantReason(t, "decrypting", got, err, tc.want); strings.Contains(e.Error(), "\n") {
			t.Errorf("%d: err = %q, want one line", tc.code, e)
		}
		want := tc.want
		if want == kek.ReasonLocked {
			want = kek.ReasonEncrypt
		}
		got, err = k.Encrypt([]byte("a keyset, in clear"), []byte("ad"))
		if e := wantReason(t, "encrypting", got, err, want); strings.Contains(e.Error(), text([]byte("a keyset, in clear"))) || e.Err != nil {
			t.Errorf("%d: err = %q repeats the plaintext", tc.code, e)
		}
	}
	got, err := open(t, client(t, "http://127.0.0.1:1")).Decrypt([]byte("vault:v1:AAAA"), nil)
	wantReason(t, "nobody there", got, err, kek.ReasonUnavailable)

	slow := server(t, func(http.ResponseWriter, map[string]string) bool { time.Sleep(time.Second); return false })
	slow.SetClientTimeout(10 * time.Millisecond)
	got, err = open(t, slow).Decrypt([]byte("vault:v1:AAAA"), nil)
	wantReason(t, "a slow Vault", got, err, kek.ReasonUnavailable)
}

// TestSpelling: a ciphertext has one spelling, whatever Vault would accept, and
// others are refused here.
func TestSpelling(t *testing.T) {
	k := open(t, server(t, func(w http.ResponseWriter, body map[string]string) bool {
		if c := body["ciphertext"]; c != "" && c != "vault:v1:AAA=" {
			t.Errorf("%q was sent", c)
		}
		answer(w, "plaintext", "eA==")
		return true
	}))
	if got, err := k.Decrypt([]byte("vault:v1:AAA="), nil); err != nil || !bytes.Equal(got, []byte("x")) {
		t.Errorf("Decrypt = %q, %v", got, err)
	}
	for _, bad := range []string{"", "AAA=", "vault:v1:", "vault:v1:AAA", "vault:v1:AAB=", "vault:v1:AA\nA=", "vault:v01:AAA=", "vault:v0:AAA=", "vault:v1:AAA=\n", "Vault:v1:AAA=", "vault:v1::AAA="} {
		got, err := k.Decrypt([]byte(bad), nil)
		wantReason(t, bad, got, err, kek.ReasonMalformed)
	}
}

func TestOpenRefuses(t *testing.T) {
	c := client(t, "http://127.0.0.1:1")
	for name, config := range map[string]vault.Config{
		"no key":       {Client: c},
		"a path":       {Client: c, Key: "../sys/seal"},
		"a mount":      {Client: c, Key: "kouki", Mount: "a//b"},
		"dots":         {Client: c, Key: "kouki", Mount: "a/../b"},
		"a clear road": {Client: client(t, "http://vault.example"), Key: "kouki"},
		"a clear IP":   {Client: client(t, "http://192.0.2.1:8200"), Key: "kouki"},
	} {
		k, err := vault.Open(config)
		if k != nil {
			t.Errorf("%s: it opens", name)
		}
		wantReason(t, name, nil, err, kek.ReasonConfig)
	}
	for _, address := range []string{"https://vault.example", "http://localhost:8200", "http://[::1]:8200"} {
		if _, err := vault.Open(vault.Config{Client: client(t, address), Key: "kouki", Mount: "a/transit"}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	t.Setenv("VAULT_ADDR", "https://vault.example")
	t.Setenv("VAULT_TOKEN", "")
	t.Setenv("HOME", t.TempDir())
	_, err := vault.Open(vault.Config{Key: "kouki"})
	wantReason(t, "no token", nil, err, kek.ReasonConfig)
	t.Setenv("VAULT_TOKEN", "a-token-of-nobody")
	if _, err := vault.Open(vault.Config{Key: "kouki"}); err != nil {
		t.Error(err)
	}
	t.Setenv("VAULT_CACERT", "/nothing/there")
	_, err = vault.Open(vault.Config{Key: "kouki"})
	wantReason(t, "no certificate", nil, err, kek.ReasonConfig)
}
