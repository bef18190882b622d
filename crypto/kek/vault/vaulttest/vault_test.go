package vaulttest

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/builtin/logical/transit"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/sdk/logical"
	realvault "github.com/hashicorp/vault/vault"
	"github.com/tink-crypto/tink-go-hcvault/v2/integration/hcvault"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/crypto/kek/vault"
)

// running is a Vault, unsealed, with a transit engine.
type running struct {
	core     *realvault.Core
	shares   [][]byte
	listener net.Listener
	root     *api.Client
}

func start(t *testing.T) *running {
	t.Helper()
	v := new(running)
	var token string
	v.core, v.shares, token = realvault.TestCoreUnsealedWithConfig(t, &realvault.CoreConfig{
		LogicalBackends: map[string]logical.Factory{"transit": transit.Factory},
		Logger:          hclog.NewNullLogger(),
	})
	var address string
	v.listener, address = vaulthttp.TestServer(t, v.core)
	t.Cleanup(func() { v.listener.Close() })
	v.root = newClient(t, address, token)
	v.write(t, "sys/mounts/transit", map[string]any{"type": "transit"})
	v.write(t, "transit/keys/kouki", map[string]any{"type": "aes256-gcm96"})
	return v
}

func newClient(t *testing.T, address, token string) *api.Client {
	t.Helper()
	config := api.DefaultConfig()
	config.Address = address
	config.MaxRetries = 0
	c, err := api.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	c.SetToken(token)
	return c
}

func (v *running) write(t *testing.T, path string, data map[string]any) *api.Secret {
	t.Helper()
	s, err := v.root.Logical().Write(path, data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// as returns a client that has the permissions of an HCL policy and no others.
func (v *running) as(t *testing.T, policy string) *api.Client {
	t.Helper()
	v.write(t, "sys/policies/acl/"+t.Name()[4:], map[string]any{"policy": policy})
	s, err := v.root.Auth().Token().Create(&api.TokenCreateRequest{Policies: []string{t.Name()[4:]}})
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, v.root.Address(), s.Auth.ClientToken)
}

func open(t *testing.T, c *api.Client, key string) tink.AEAD {
	t.Helper()
	k, err := vault.Open(vault.Config{Key: key, Client: c})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func create(t *testing.T, k tink.AEAD) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber"}, k); err != nil {
		t.Fatal(err)
	}
	return dir
}

func wantReason(t *testing.T, what string, got []byte, err error, want kek.Reason) {
	t.Helper()
	var e *kek.Error
	if got != nil || !errors.As(err, &e) || e.Reason != want {
		t.Fatalf("%s: %d bytes, err = %v, want none and the reason %v", what, len(got), err, want)
	}
}

func TestKeyring(t *testing.T) {
	v := start(t)
	k := open(t, v.root, "kouki")
	dir := create(t, k)
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Fatal(err)
	}
	v.write(t, "transit/keys/other", nil)
	if _, err := crypto.OpenKeyring(os.DirFS(dir), open(t, v.root, "other")); err == nil {
		t.Error("the keyring opens with another key")
	}
}

// TestAssociatedData holds Vault to what the package says of it.
func TestAssociatedData(t *testing.T) {
	v := start(t)
	k := open(t, v.root, "kouki")
	ct, err := k.Encrypt([]byte("a keyset, in clear"), []byte("kouki seal"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Decrypt(ct, []byte("kouki seal")); err != nil || string(got) != "a keyset, in clear" {
		t.Fatalf("Decrypt = %q, %v", got, err)
	}
	for _, other := range []string{"", "kouki sign", "kouki sea", "kouki seal "} {
		got, err := k.Decrypt(ct, []byte(other))
		wantReason(t, "other associated data", got, err, kek.ReasonLocked)
	}
	for i := range ct {
		bad := bytes.Clone(ct)
		bad[i] ^= 1
		if got, err := k.Decrypt(bad, []byte("kouki seal")); err == nil || got != nil {
			t.Errorf("byte %d of %q changed: it opens", i, ct)
		}
		if got, err := k.Decrypt(ct[:i], []byte("kouki seal")); err == nil || got != nil {
			t.Errorf("%q cut to %d bytes: it opens", ct, i)
		}
	}
	if got, err := k.Encrypt(nil, nil); err != nil {
		t.Errorf("nothing: %v", err)
	} else if again, err := k.Decrypt(got, nil); err != nil || len(again) != 0 {
		t.Errorf("nothing: %d bytes, %v", len(again), err)
	}
}

// TestOtherTypes: a key that cannot bind associated data does not work, and
// Tink's older way of giving it, as context, is refused by the keyring.
func TestOtherTypes(t *testing.T) {
	v := start(t)
	v.write(t, "transit/keys/rsa", map[string]any{"type": "rsa-2048"})
	got, err := open(t, v.root, "rsa").Encrypt([]byte("x"), []byte("ad"))
	wantReason(t, "an RSA key", got, err, kek.ReasonEncrypt)

	v.write(t, "transit/keys/derived", map[string]any{"type": "aes256-gcm96", "derived": true})
	got, err = open(t, v.root, "derived").Encrypt([]byte("x"), []byte("ad"))
	wantReason(t, "a derived key", got, err, kek.ReasonEncrypt)

	v.write(t, "transit/keys/chacha", map[string]any{"type": "chacha20-poly1305"})
	create(t, open(t, v.root, "chacha"))

	legacy, err := hcvault.NewAEAD("/transit/keys/kouki", v.root.Logical(), hcvault.WithLegacyContextParamater())
	if err != nil {
		t.Fatal(err)
	}
	err = crypto.CreateKeyring(filepath.Join(t.TempDir(), "keys"), "kouki", []string{"mynumber"}, legacy)
	var e *crypto.KeyringError
	if !errors.As(err, &e) || e.Reason != crypto.ReasonUnbound && e.Reason != crypto.ReasonKEK {
		t.Fatalf("err = %v, want the key-encryption key refused", err)
	}
	t.Logf("Tink's legacy context parameter: %v", err)
}

// TestPermissions holds the permissions in the package's guide to be enough, and
// to be needed.
func TestPermissions(t *testing.T) {
	v := start(t)
	dir := create(t, open(t, v.root, "kouki"))
	user := v.as(t, `
		path "transit/decrypt/kouki" { capabilities = ["update"] }
		path "transit/encrypt/kouki" { capabilities = ["update"] }
		path "transit/encrypt/misspelt" { capabilities = ["update"] }`)
	k := open(t, user, "kouki")
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Fatal(err)
	}
	create(t, k)

	// Without "create", a misspelt name is an error and makes no key.
	got, err := open(t, user, "misspelt").Encrypt([]byte("x"), nil)
	var e *kek.Error
	if got != nil || !errors.As(err, &e) {
		t.Errorf("err = %v, want an *Error", err)
	}
	if s, err := v.root.Logical().Read("transit/keys/misspelt"); err != nil || s != nil {
		t.Errorf("a key was made: %v, %v", s, err)
	}

	reader := v.as(t, `path "transit/decrypt/kouki" { capabilities = ["update"] }`)
	k = open(t, reader, "kouki")
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Fatal(err)
	}
	got, err = k.Encrypt([]byte("x"), nil)
	wantReason(t, "encrypting", got, err, kek.ReasonDenied)
	got, err = open(t, reader, "other").Decrypt([]byte("vault:v1:AAAA"), nil)
	wantReason(t, "another key", got, err, kek.ReasonDenied)
	got, err = open(t, newClient(t, v.root.Address(), "hvs.nobody"), "kouki").Decrypt([]byte("vault:v1:AAAA"), nil)
	wantReason(t, "a token of nobody", got, err, kek.ReasonDenied)
}

func TestRotation(t *testing.T) {
	v := start(t)
	k := open(t, v.root, "kouki")
	dir := create(t, k)
	old, err := k.Encrypt([]byte("x"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	v.write(t, "transit/keys/kouki/rotate", nil)
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
	ct, err := k.Encrypt([]byte("x"), []byte("ad"))
	if err != nil || !bytes.HasPrefix(ct, []byte("vault:v2:")) {
		t.Errorf("after a rotation: %.9q, %v, want version 2", ct, err)
	}
	// One version passed off as the other does not open.
	got, err := k.Decrypt(bytes.Replace(ct, []byte("v2"), []byte("v1"), 1), []byte("ad"))
	wantReason(t, "the wrong version", got, err, kek.ReasonLocked)

	v.write(t, "transit/keys/kouki/config", map[string]any{"min_decryption_version": 2})
	got, err = k.Decrypt(old, []byte("ad"))
	wantReason(t, "a version that was retired", got, err, kek.ReasonLocked)
	if got, err := k.Decrypt(ct, []byte("ad")); err != nil || string(got) != "x" {
		t.Errorf("Decrypt = %q, %v", got, err)
	}
}

func TestOutage(t *testing.T) {
	v := start(t)
	k := open(t, v.root, "kouki")
	dir := create(t, k)
	ct, err := k.Encrypt([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	unavailable := func(when string) {
		t.Helper()
		got, err := k.Decrypt(ct, nil)
		wantReason(t, when+": decrypting", got, err, kek.ReasonUnavailable)
		got, err = k.Encrypt([]byte("x"), nil)
		wantReason(t, when+": encrypting", got, err, kek.ReasonUnavailable)
		if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err == nil {
			t.Errorf("%s: the keyring opens", when)
		}
	}
	if err := v.root.Sys().Seal(); err != nil {
		t.Fatal(err)
	}
	unavailable("sealed")
	for _, share := range v.shares {
		if _, err := realvault.TestCoreUnseal(v.core, share); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Errorf("unsealed again: %v", err)
	}
	v.listener.Close()
	k = open(t, newClient(t, v.root.Address(), v.root.Token()), "kouki")
	unavailable("down")
}

// TestCommand opens a keyring by way of the program, as a command does that does
// not link Vault's client.
func TestCommand(t *testing.T) {
	v := start(t)
	program := filepath.Join(t.TempDir(), "sekisho-kek-vault")
	build := exec.Command("go", "build", "-o", program, "./cmd/sekisho-kek-vault")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("VAULT_ADDR", v.root.Address())
	t.Setenv("VAULT_TOKEN", v.root.Token())
	k, err := kek.Open("exec:"+program+" -key kouki", kek.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := create(t, k)
	if _, err := crypto.OpenKeyring(os.DirFS(dir), open(t, v.root, "kouki")); err != nil {
		t.Error(err)
	}
	t.Setenv("VAULT_TOKEN", "hvs.nobody")
	got, err := k.Decrypt([]byte("vault:v1:AAAA"), nil)
	wantReason(t, "a token of nobody", got, err, kek.ReasonRefused)
	if !strings.Contains(err.Error(), "not allowed") {
		t.Errorf("err = %v, want the reason of the program in it", err)
	}
	k, err = kek.Exec(context.Background(), kek.Command{Name: program})
	if err != nil {
		t.Fatal(err)
	}
	got, err = k.Decrypt(nil, nil)
	wantReason(t, "no key", got, err, kek.ReasonProgram)
	if !strings.Contains(err.Error(), "want -key NAME") {
		t.Errorf("err = %v, want what the program said in it", err)
	}
}
