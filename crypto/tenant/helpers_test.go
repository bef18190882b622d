package tenant_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

// Zones and a route, as the generator would write them.
type (
	myNumber struct{}
	lgwan    struct{}
	toLGWAN  struct{}
	name     struct{}
)

func (myNumber) ZoneName() string { return "mynumber" }
func (lgwan) ZoneName() string    { return "lgwan" }
func (toLGWAN) RouteName() string { return "mynumber→lgwan" }

// zeroKEK is the key-encryption key of the tests: AES-256-GCM under 32 zero bytes.
// It fails while it is down.
type zeroKEK struct{ down atomic.Bool }

var errDown = errors.New("the key management service is down")

func gcm() cipher.AEAD {
	block, _ := aes.NewCipher(make([]byte, 32))
	gcm, _ := cipher.NewGCMWithRandomNonce(block)
	return gcm
}

func (k *zeroKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	if k.down.Load() {
		return nil, errDown
	}
	return gcm().Seal(nil, nil, plaintext, ad), nil
}

func (k *zeroKEK) Decrypt(ct, ad []byte) ([]byte, error) {
	if k.down.Load() {
		return nil, errDown
	}
	return gcm().Open(nil, nil, ct, ad)
}

// clock is a clock that goes when it is told to.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.at.Store(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC).Unix())
	return c
}

func (c *clock) now() time.Time           { return time.Unix(c.at.Load(), 0) }
func (c *clock) pass(after time.Duration) { c.at.Add(int64(after / time.Second)) }

// office is a folder of keysets and one of tenants, below a key-encryption key.
type office struct {
	t             testing.TB
	keys, tenants string
	kek           *zeroKEK
	clock         *clock
	roots         map[string]*root
}

// root is the tenant keyset of a zone, in clear.
type root struct {
	file    *keyfile.File
	manager *keyset.Manager
}

func newOffice(t testing.TB, zones ...string) *office {
	t.Helper()
	o := &office{t: t, keys: t.TempDir(), tenants: t.TempDir(), kek: new(zeroKEK), clock: newClock(), roots: make(map[string]*root)}
	if err := crypto.CreateKeyring(o.keys, "kouki", zones, o.kek); err != nil {
		t.Fatal(err)
	}
	for _, zone := range zones {
		o.roots[zone] = &root{
			file:    &keyfile.File{Format: keyfile.FormatNumber, Policy: "kouki", Zone: zone, Use: "tenant"},
			manager: keyset.NewManager(),
		}
		o.rotate(zone, nil)
	}
	return o
}

// rotate adds an active tenant key to a zone, retiring the one before, and lets
// change see to all of them. It returns the id.
func (o *office) rotate(zone string, change func(*root)) uint32 {
	o.t.Helper()
	r := o.roots[zone]
	for i := range r.file.Keys {
		if r.file.Keys[i].State == keyfile.StateActive {
			r.file.Keys[i].State = keyfile.StateRetired
		}
	}
	id, err := r.file.AddKey(r.manager, "HKDF-SHA256-PRF", keyfile.Key{State: keyfile.StateActive, Created: keyfile.Now(o.clock.now())})
	if err != nil {
		o.t.Fatal(err)
	}
	o.change(zone, change)
	return id
}

// change writes a zone's tenant keyset after something was done to it.
func (o *office) change(zone string, change func(*root)) {
	o.t.Helper()
	r := o.roots[zone]
	if change != nil {
		change(r)
	}
	h, err := r.manager.Handle()
	if err != nil {
		o.t.Fatal(err)
	}
	if err := r.file.Lock(h, o.kek); err != nil {
		o.t.Fatal(err)
	}
	folder, err := os.OpenRoot(o.keys)
	if err != nil {
		o.t.Fatal(err)
	}
	defer folder.Close()
	if err := keyfile.Replace(folder, r.file); err != nil {
		o.t.Fatal(err)
	}
}

// ring opens the zones' keyring.
func (o *office) ring(opts ...crypto.Option) *crypto.Keyring {
	o.t.Helper()
	r, err := crypto.OpenKeyring(os.DirFS(o.keys), o.kek, append([]crypto.Option{crypto.WithClock(o.clock.now)}, opts...)...)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// set opens the tenants over a keyring.
func (o *office) set(ring *crypto.Keyring, opts ...tenant.Option) *tenant.Set {
	o.t.Helper()
	s, err := tenant.Open(o.tenants, ring, o.kek, append([]tenant.Option{tenant.WithClock(o.clock.now)}, opts...)...)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { s.Close() })
	return s
}

// create makes n tenants and returns their names.
func create(t testing.TB, s *tenant.Set, n int) []string {
	t.Helper()
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("13%04d", i))
		if err := s.Create(names[i]); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func keyring(t testing.TB, s *tenant.Set, name string) *crypto.Keyring {
	t.Helper()
	r, err := s.Keyring(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func keysOf[Z crypto.Zone](t testing.TB, r *crypto.Keyring) *crypto.Keys[Z] {
	t.Helper()
	k, err := crypto.KeysOf[Z](r)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var (
	ad    = crypto.AppendAD(nil, "kouki", "Insured", "1")
	scope = crypto.NewScope("mynumber→lgwan", "Insured", "InsuredNumber")
	value = []byte("0123456789")
)

// made is one thing of each use, made of the same value for everybody.
type made struct {
	sealed crypto.Sealed[myNumber, name]
	token  crypto.Token[toLGWAN]
	index  crypto.Index[myNumber, name]
	stream []byte
}

func makeAll(t testing.TB, k *crypto.Keys[myNumber]) made {
	t.Helper()
	var m made
	var err [5]error
	m.sealed, err[0] = crypto.Seal[name](k, value, ad)
	m.token, err[1] = crypto.MakeToken[toLGWAN](k, scope, value)
	m.index, err[2] = crypto.MakeIndex[name](k, scope, value)
	var b bytes.Buffer
	var w io.WriteCloser
	if w, err[3] = crypto.EncryptTo(k, &b, ad); err[3] == nil {
		_, err[3] = w.Write(value)
		err[4] = w.Close()
	}
	m.stream = b.Bytes()
	if e := errors.Join(err[:]...); e != nil {
		t.Fatal(e)
	}
	return m
}

// opens reports for each use whether k opens or matches what was made.
func (m made) opens(k *crypto.Keys[myNumber]) map[string]bool {
	can := make(map[string]bool)
	got, err := crypto.Open(k, m.sealed, ad)
	can["seal"] = err == nil && bytes.Equal(got, value)
	can["token"], _ = crypto.MatchToken(k, scope, value, m.token)
	can["index"], _ = crypto.MatchIndex(k, scope, value, m.index)
	if r, err := crypto.DecryptFrom(k, bytes.NewReader(m.stream), ad); err == nil {
		got, err = io.ReadAll(r)
		can["stream"] = err == nil && bytes.Equal(got, value)
	}
	return can
}

// wantOpens fails the test unless k opens all of m, or nothing of it.
func wantOpens(t testing.TB, who string, m made, k *crypto.Keys[myNumber], want bool) {
	t.Helper()
	for use, can := range m.opens(k) {
		if can != want {
			t.Errorf("%s: %s: opens is %v, want %v", who, use, can, want)
		}
	}
}

// wantError fails the test unless err is an E.
func wantError[E error](t testing.TB, what string, err error) (e E) {
	t.Helper()
	if !errors.As(err, &e) {
		t.Errorf("%s: err = %v, want a %T", what, err, e)
	}
	return e
}
