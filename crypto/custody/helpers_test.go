package custody_test

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
)

type (
	myNumber struct{}
	lgwan    struct{}
	group    struct{}
)

func (myNumber) ZoneName() string { return "mynumber" }
func (lgwan) ZoneName() string    { return "lgwan" }

// fixedKEK is AES-256-GCM under a key of one repeated byte, which protects
// nothing. Different bytes are different keys.
type fixedKEK byte

func (k fixedKEK) gcm() cipher.AEAD {
	block, _ := aes.NewCipher([]byte(strings.Repeat(string(rune(k)), 32)))
	gcm, _ := cipher.NewGCMWithRandomNonce(block)
	return gcm
}

func (k fixedKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	return k.gcm().Seal(nil, nil, plaintext, ad), nil
}

func (k fixedKEK) Decrypt(ct, ad []byte) ([]byte, error) { return k.gcm().Open(nil, nil, ct, ad) }

// The key-encryption keys of the folder and of backups.
const (
	folderKEK fixedKEK = 'f'
	backupKEK fixedKEK = 'b'
)

// day is n days after the keys are made.
func day(n int) time.Time {
	return time.Date(2026, 4, 1, 9, 30, 0, 0, time.FixedZone("JST", 9*3600)).AddDate(0, 0, n)
}

func act(n int) custody.Act { return custody.Act{By: "k.sato", At: day(n)} }

// twoYears plans two years of producing and three more of consuming.
func twoYears(use crypto.Use, created time.Time) (custody.Plan, error) {
	return custody.Plan{ProduceUntil: created.AddDate(2, 0, 0), ConsumeUntil: created.AddDate(5, 0, 0)}, nil
}

// created returns a folder with the keys of mynumber and lgwan.
func created(t testing.TB, o custody.Options) (*custody.Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	o.Policy = "kouki"
	if o.Plan == nil {
		o.Plan = twoYears
	}
	f, err := custody.Make(dir, folderKEK, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	must(t)(f.Create(act(0), custody.Creation{Zones: []string{"mynumber", "lgwan"}}))
	return f, dir
}

// reopened opens a folder as another process would.
func reopened(t testing.TB, dir string, kek tink.AEAD) *custody.Folder {
	t.Helper()
	f, err := custody.Open(dir, kek, custody.Options{Plan: twoYears, Policy: "kouki"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func must(t testing.TB) func(*custody.Change, error) *custody.Change {
	t.Helper()
	return func(c *custody.Change, err error) *custody.Change {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// keys returns the keys of a keyset as "state id", in their order.
func keys(t testing.TB, f *custody.Folder, zone string, use crypto.Use) (states []string, ids []uint32) {
	t.Helper()
	s, err := f.Status(day(0))
	if err != nil {
		t.Fatal(err)
	}
	if !s.Verified {
		t.Fatalf("the folder does not verify: %+v", s.Problems)
	}
	for _, k := range s.Keys {
		if k.Zone == zone && k.Use == use.String() {
			states, ids = append(states, string(k.State)), append(ids, k.ID)
		}
	}
	return states, ids
}

func states(t testing.TB, f *custody.Folder, zone string, use crypto.Use) string {
	t.Helper()
	s, _ := keys(t, f, zone, use)
	return strings.Join(s, " ")
}

func id(t testing.TB, f *custody.Folder, zone string, use crypto.Use, state custody.State) uint32 {
	t.Helper()
	s, ids := keys(t, f, zone, use)
	at := slices.Index(s, string(state))
	if at < 0 {
		t.Fatalf("no key of %s.%s is %s: %v", zone, use, state, s)
	}
	return ids[at]
}

// ring opens the folder as a program does.
func ring(t testing.TB, dir string) *crypto.Keyring {
	t.Helper()
	r, err := crypto.OpenKeyring(os.DirFS(dir), folderKEK, crypto.WithClock(func() time.Time { return day(0) }))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func keysOf[Z crypto.Zone](t testing.TB, dir string) *crypto.Keys[Z] {
	t.Helper()
	k, err := crypto.KeysOf[Z](ring(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sealed seals a value as a program does.
func sealed(t testing.TB, dir, value string) crypto.Sealed[myNumber, group] {
	t.Helper()
	s, err := crypto.Seal[group](keysOf[myNumber](t, dir), []byte(value), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func opensTo(t testing.TB, dir string, s crypto.Sealed[myNumber, group], want string) {
	t.Helper()
	got, err := crypto.Open(keysOf[myNumber](t, dir), s, []byte("ad"))
	if err != nil || string(got) != want {
		t.Errorf("Open = %q, %v, want %q", got, err, want)
	}
}

func opensNot(t testing.TB, dir string, s crypto.Sealed[myNumber, group]) {
	t.Helper()
	var refused *crypto.OpenError
	var none *crypto.NoKeysError
	if _, err := crypto.Open(keysOf[myNumber](t, dir), s, []byte("ad")); !errors.As(err, &refused) && !errors.As(err, &none) {
		t.Errorf("Open: err = %v, want a refusal", err)
	}
}

// refused fails unless err is an *Error for the reason, in one line.
func refused(t testing.TB, err error, reason custody.Reason) {
	t.Helper()
	var e *custody.Error
	if !errors.As(err, &e) || e.Reason != reason {
		t.Fatalf("err = %v, want one for reason %s", err, reason)
	}
	if strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("err = %q, want one line", err)
	}
}

// broken fails unless err is a *crypto.KeyringError for the reason.
func broken(t testing.TB, err error, file string, reason crypto.Reason) {
	t.Helper()
	var e *crypto.KeyringError
	if !errors.As(err, &e) || e.Reason != reason || e.File != file {
		t.Fatalf("err = %v, want one about %q for reason %s", err, file, reason)
	}
}

// contents reads a folder, without the lock.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]string)
	for _, e := range entries {
		if e.Name() == ".lock" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		m[e.Name()] = string(data)
	}
	return m
}

// put writes files into a fresh folder.
func put(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(m map[string]string) string {
	var list []string
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return fmt.Sprint(list)
}
