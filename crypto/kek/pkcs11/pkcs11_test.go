package pkcs11_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	raw "github.com/miekg/pkcs11"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/kek"
	"github.com/sekisho-go/sekisho/crypto/kek/pkcs11"
)

var _ tink.AEAD = (*pkcs11.KEK)(nil)

const pin, soPIN = "user-pin-1234", "so-pin-1234"

// softhsm is the library, or empty with the reason why there is none.
var softhsm, missing string

// TestMain makes a fresh SoftHSM with three tokens, two of which have one label.
// The library reads its configuration once for each process.
func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "softhsm")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	missing = setup(dir)
	if missing != "" && os.Getenv("SEKISHO_CI") == "1" {
		fmt.Fprintln(os.Stderr, missing)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func setup(dir string) string {
	for _, path := range []string{os.Getenv("SOFTHSM2_MODULE"), "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(path); path != "" && err == nil {
			softhsm = path
			break
		}
	}
	if softhsm == "" {
		return "no SoftHSM here: apt-get install softhsm2, or set SOFTHSM2_MODULE to the path of libsofthsm2.so"
	}
	config := filepath.Join(dir, "softhsm2.conf")
	if err := os.WriteFile(config, []byte("directories.tokendir = "+dir+"\nobjectstore.backend = file\nlog.level = ERROR\n"), 0o600); err != nil {
		return err.Error()
	}
	os.Setenv("SOFTHSM2_CONF", config)
	for _, label := range []string{"kouki", "twin", "twin"} {
		out, err := exec.Command("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", soPIN).CombinedOutput()
		if err != nil {
			return fmt.Sprintf("softhsm2-util: %v: %s", err, out)
		}
	}
	return ""
}

func config(t testing.TB, key string) pkcs11.Config {
	t.Helper()
	if missing != "" {
		t.Skip(missing)
	}
	return pkcs11.Config{Module: softhsm, Token: "kouki", Key: key, PIN: func() ([]byte, error) { return []byte(pin), nil }}
}

func create(t testing.TB, key string) *pkcs11.KEK {
	t.Helper()
	k, err := pkcs11.Create(config(t, key))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

var labels atomic.Int32

// newLabel returns a label that no key has: the token lives as long as the
// process, and a test may run more than once in it.
func newLabel(t testing.TB) string { return fmt.Sprintf("%s-%d", t.Name(), labels.Add(1)) }

// wantReason looks at interfaces and pointers: nothing may come with an error.
func wantReason(t testing.TB, what string, nothing bool, err error, want kek.Reason) *kek.Error {
	t.Helper()
	var e *kek.Error
	if !nothing || !errors.As(err, &e) || e.Reason != want || e.Door != "pkcs11" {
		t.Fatalf("%s: err = %v, want nothing and the reason %v", what, err, want)
	}
	if strings.Contains(e.Error(), pin) {
		t.Fatalf("%s: err = %v has the PIN in it", what, e)
	}
	return e
}

// session is the bare interface, logged in, for doing to the token what others do.
func session(t testing.TB) (*raw.Ctx, uint, raw.SessionHandle) {
	t.Helper()
	config(t, "")
	ctx := raw.New(softhsm)
	if err := ctx.Initialize(); err != nil && err != raw.Error(raw.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		t.Fatal(err)
	}
	slots, err := ctx.GetSlotList(true)
	if err != nil {
		t.Fatal(err)
	}
	for _, slot := range slots {
		if info, err := ctx.GetTokenInfo(slot); err == nil && info.Label == "kouki" {
			s, err := ctx.OpenSession(slot, raw.CKF_SERIAL_SESSION|raw.CKF_RW_SESSION)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { ctx.CloseSession(s) })
			if err := ctx.Login(s, raw.CKU_USER, pin); err != nil && err != raw.Error(raw.CKR_USER_ALREADY_LOGGED_IN) {
				t.Fatal(err)
			}
			return ctx, slot, s
		}
	}
	t.Fatal("no token called kouki")
	return nil, 0, 0
}

func TestKeyring(t *testing.T) {
	label := newLabel(t)
	k := create(t, label)
	dir := filepath.Join(t.TempDir(), "keys")
	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber"}, k); err != nil {
		t.Fatal(err)
	}
	again, err := pkcs11.Open(config(t, label))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := crypto.OpenKeyring(os.DirFS(dir), again); err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.OpenKeyring(os.DirFS(dir), create(t, newLabel(t))); err == nil {
		t.Error("the keyring opens with another key")
	}
	if got := fmt.Sprintf("%v %+v", k, k); got != "kek(pkcs11) kek(pkcs11)" {
		t.Errorf("prints as %s", got)
	}
}

func TestAssociatedData(t *testing.T) {
	label := newLabel(t)
	k := create(t, label)
	for _, plaintext := range [][]byte{[]byte("a keyset, in clear"), {}, make([]byte, 64<<10)} {
		ct, err := k.Encrypt(plaintext, []byte("kouki seal"))
		if err != nil || len(ct) != len(plaintext)+28 {
			t.Fatalf("Encrypt = %d bytes, %v, want 28 more than %d", len(ct), err, len(plaintext))
		}
		if got, err := k.Decrypt(ct, []byte("kouki seal")); err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("Decrypt = %d bytes, %v", len(got), err)
		}
		for _, other := range []string{"", "kouki sign", "kouki sea", "kouki seal "} {
			got, err := k.Decrypt(ct, []byte(other))
			wantReason(t, "other associated data", got == nil, err, kek.ReasonLocked)
		}
	}
	ct, err := k.Encrypt([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Decrypt(ct, nil); err != nil || string(got) != "x" {
		t.Errorf("Decrypt = %q, %v", got, err)
	}
	got, err := k.Decrypt(ct, []byte("ad"))
	wantReason(t, "associated data where there was none", got == nil, err, kek.ReasonLocked)
}

func TestMutations(t *testing.T) {
	label := newLabel(t)
	k := create(t, label)
	ct, err := k.Encrypt([]byte("a keyset, in clear"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range ct {
		bad := bytes.Clone(ct)
		bad[i] ^= 1
		for _, bad := range [][]byte{bad, ct[:i], append(bytes.Clone(ct), ct[:i+1]...)} {
			got, err := k.Decrypt(bad, []byte("ad"))
			wantReason(t, fmt.Sprintf("byte %d", i), got == nil, err, kek.ReasonLocked)
		}
	}
	if got, err := k.Decrypt(ct, []byte("ad")); err != nil || string(got) != "a keyset, in clear" {
		t.Errorf("after all this, Decrypt = %q, %v", got, err)
	}
}

// TestNonces: each has its own, and the token has used the one that is stored.
func TestNonces(t *testing.T) {
	label := newLabel(t)
	k := create(t, label)
	seen := make(map[string]bool)
	for range 100 {
		ct, err := k.Encrypt([]byte("x"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := string(ct[:12]); seen[n] || n == strings.Repeat("\x00", 12) {
			t.Fatalf("nonce %x came twice or is nothing", n)
		} else {
			seen[n] = true
		}
	}
}

func TestConcurrent(t *testing.T) {
	label := newLabel(t)
	k := create(t, label)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			ad := []byte{byte(i)}
			for range 20 {
				ct, err := k.Encrypt(ad, ad)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := k.Decrypt(ct, ad); err != nil || !bytes.Equal(got, ad) {
					t.Errorf("Decrypt = %x, %v, want %x", got, err, ad)
				}
				if _, err := k.Decrypt(ct, []byte("ad")); err == nil {
					t.Error("it opens with other associated data")
				}
			}
		})
	}
	group.Wait()
}

// TestLostSession takes the session away, as a token does that was reset.
func TestLostSession(t *testing.T) {
	label := newLabel(t)
	asked := 0
	c := config(t, label)
	c.PIN = func() ([]byte, error) { asked++; return []byte(pin), nil }
	k, err := pkcs11.Create(c)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	ct, err := k.Encrypt([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, slot, _ := session(t)
	if err := ctx.CloseAllSessions(slot); err != nil {
		t.Fatal(err)
	}
	if got, err := k.Decrypt(ct, nil); err != nil || string(got) != "x" || asked != 2 {
		t.Errorf("after the sessions were closed: %q, %v, asked %d times for the PIN, want 2", got, err, asked)
	}
	_, _, s := session(t)
	if err := ctx.Logout(s); err != nil {
		t.Fatal(err)
	}
	if got, err := k.Decrypt(ct, nil); err != nil || string(got) != "x" {
		t.Errorf("after a logout: %q, %v", got, err)
	}
}

// TestWrongPIN: it is tried once, also when the session is lost later.
func TestWrongPIN(t *testing.T) {
	label := newLabel(t)
	right, asked := true, 0
	c := config(t, label)
	c.PIN = func() ([]byte, error) {
		asked++
		if right {
			return []byte(pin), nil
		}
		return []byte("not-the-pin"), nil
	}
	k, err := pkcs11.Create(c)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	ct, err := k.Encrypt([]byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, slot, _ := session(t)
	if err := ctx.CloseAllSessions(slot); err != nil {
		t.Fatal(err)
	}
	right, asked = false, 0
	for range 3 {
		got, err := k.Decrypt(ct, nil)
		wantReason(t, "a wrong PIN", got == nil, err, kek.ReasonDenied)
	}
	if asked != 1 {
		t.Errorf("the wrong PIN was tried %d times, want once", asked)
	}
	other, err := pkcs11.Open(c)
	wantReason(t, "opening with a wrong PIN", other == nil, err, kek.ReasonDenied)

	errAway := errors.New("the operator went away")
	c.PIN = func() ([]byte, error) { return nil, errAway }
	other, err = pkcs11.Open(c)
	if e := wantReason(t, "no PIN", other == nil, err, kek.ReasonDenied); !errors.Is(e, errAway) {
		t.Errorf("err = %v, want what the function returned", e)
	}
	handed := []byte(pin)
	c.PIN = func() ([]byte, error) { return handed, nil }
	other, err = pkcs11.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	other.Close()
	if string(handed) != strings.Repeat("\x00", len(pin)) {
		t.Error("the PIN was not cleared")
	}
}

func TestClose(t *testing.T) {
	label := newLabel(t)
	k := create(t, label)
	for range 2 {
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := k.Encrypt([]byte("x"), nil)
	wantReason(t, "after Close", got == nil, err, kek.ReasonMissing)
	again, err := pkcs11.Open(config(t, label))
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestOpenRefuses(t *testing.T) {
	label := newLabel(t)
	create(t, label)
	change := func(f func(*pkcs11.Config)) pkcs11.Config {
		c := config(t, label)
		f(&c)
		return c
	}
	for name, c := range map[string]pkcs11.Config{
		"nothing":       {},
		"no library":    change(func(c *pkcs11.Config) { c.Module = filepath.Join(t.TempDir(), "none.so") }),
		"not a library": change(func(c *pkcs11.Config) { c.Module = os.Args[0] }),
		"no PIN":        change(func(c *pkcs11.Config) { c.PIN = nil }),
		"no token":      change(func(c *pkcs11.Config) { c.Token = "nobody" }),
		"two tokens":    change(func(c *pkcs11.Config) { c.Token = "twin" }),
		"no key":        change(func(c *pkcs11.Config) { c.Key = "nobody" }),
	} {
		k, err := pkcs11.Open(c)
		wantReason(t, name, k == nil, err, kek.ReasonConfig)
	}
	k, err := pkcs11.Create(config(t, label))
	wantReason(t, "a key that is there", k == nil, err, kek.ReasonExists)
}

// TestKeysOfOthers opens keys that were made otherwise, each wrong in one way.
func TestKeysOfOthers(t *testing.T) {
	ctx, _, s := session(t)
	for _, tc := range []struct {
		name   string
		change func(map[uint]any)
		count  int
		want   string // in the error; empty: it opens
	}{
		{"a good one", func(map[uint]any) {}, 1, ""},
		{"two of one label", func(map[uint]any) {}, 2, "2 AES keys"},
		{"a short one", func(a map[uint]any) { a[raw.CKA_VALUE_LEN] = 16 }, 1, "128 bits, want 256"},
		{"extractable", func(a map[uint]any) { a[raw.CKA_EXTRACTABLE] = true }, 1, "read out"},
		{"not sensitive", func(a map[uint]any) { a[raw.CKA_SENSITIVE] = false }, 1, "read out"},
		{"encrypts only", func(a map[uint]any) { a[raw.CKA_DECRYPT] = false }, 1, "both encrypt and decrypt"},
		{"decrypts only", func(a map[uint]any) { a[raw.CKA_ENCRYPT] = false }, 1, "both encrypt and decrypt"},
	} {
		label := newLabel(t)
		a := map[uint]any{
			raw.CKA_LABEL: label, raw.CKA_VALUE_LEN: 32, raw.CKA_TOKEN: true, raw.CKA_PRIVATE: true,
			raw.CKA_SENSITIVE: true, raw.CKA_EXTRACTABLE: false, raw.CKA_ENCRYPT: true, raw.CKA_DECRYPT: true,
		}
		tc.change(a)
		var list []*raw.Attribute
		for name, value := range a {
			list = append(list, raw.NewAttribute(name, value))
		}
		for range tc.count {
			if _, err := ctx.GenerateKey(s, []*raw.Mechanism{raw.NewMechanism(raw.CKM_AES_KEY_GEN, nil)}, list); err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
		}
		k, err := pkcs11.Open(config(t, label))
		if tc.want == "" {
			if err != nil {
				t.Errorf("%s: %v", tc.name, err)
			} else {
				k.Close()
			}
			continue
		}
		if e := wantReason(t, tc.name, k == nil, err, kek.ReasonConfig); !strings.Contains(e.Error(), tc.want) {
			t.Errorf("%s: err = %v, want %q in it", tc.name, e, tc.want)
		}
	}
}

// TestCreatedKey asks the token what Create has made.
func TestCreatedKey(t *testing.T) {
	label := newLabel(t)
	create(t, label)
	ctx, _, s := session(t)
	if err := ctx.FindObjectsInit(s, []*raw.Attribute{raw.NewAttribute(raw.CKA_LABEL, label)}); err != nil {
		t.Fatal(err)
	}
	keys, _, err := ctx.FindObjects(s, 10)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v, want 1", len(keys), err)
	}
	ctx.FindObjectsFinal(s)
	for name, want := range map[uint]byte{
		raw.CKA_TOKEN: 1, raw.CKA_PRIVATE: 1, raw.CKA_SENSITIVE: 1, raw.CKA_EXTRACTABLE: 0, raw.CKA_ALWAYS_SENSITIVE: 1,
		raw.CKA_NEVER_EXTRACTABLE: 1, raw.CKA_MODIFIABLE: 0, raw.CKA_WRAP: 0, raw.CKA_UNWRAP: 0, raw.CKA_DERIVE: 0,
	} {
		got, err := ctx.GetAttributeValue(s, keys[0], []*raw.Attribute{raw.NewAttribute(name, nil)})
		if err != nil || len(got[0].Value) != 1 || got[0].Value[0] != want {
			t.Errorf("attribute %#x: %v, %v, want %d", name, got, err, want)
		}
	}
	if v, err := ctx.GetAttributeValue(s, keys[0], []*raw.Attribute{raw.NewAttribute(raw.CKA_VALUE, nil)}); err == nil {
		t.Errorf("the key can be read: %d bytes", len(v[0].Value))
	}
}

// TestCommand opens a keyring by way of the program, as a command does that does
// not link cgo.
func TestCommand(t *testing.T) {
	label := newLabel(t)
	config(t, "")
	program := filepath.Join(t.TempDir(), "sekisho-kek-pkcs11")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/sekisho-kek-pkcs11").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("SEKISHO_KEK_PIN", pin)
	run := exec.Command(program, "-module", softhsm, "-token", "kouki", "-key", label, "-create")
	if out, err := run.CombinedOutput(); err != nil || len(out) != 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	spec := "exec:" + program + " -module " + softhsm + " -token kouki -key " + label
	k, err := kek.Open(spec, kek.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "keys")
	if err := crypto.CreateKeyring(dir, "kouki", []string{"mynumber"}, k); err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pin")
	if err := os.WriteFile(file, []byte(pin+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SEKISHO_KEK_PIN", "not-the-pin")
	k, err = kek.Open(spec+" -pin-file "+file, kek.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := crypto.OpenKeyring(os.DirFS(dir), k); err != nil {
		t.Errorf("with a file for the PIN: %v", err)
	}
	k, err = kek.Open(spec, kek.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e *kek.Error
	if got, err := k.Decrypt([]byte("x"), nil); got != nil || !errors.As(err, &e) || !strings.Contains(err.Error(), "the PIN") || strings.Contains(err.Error(), "not-the-pin") {
		t.Errorf("err = %v, want what the program said of the PIN, and not the PIN", err)
	}
}
