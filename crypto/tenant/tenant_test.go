package tenant_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

const municipalities = 44

// All pairs of tenants and all uses: who made a thing opens it, and nobody else
// does, not even the zone.
func TestNoOtherTenantOpens(t *testing.T) {
	o := newOffice(t, "mynumber", "lgwan")
	ring := o.ring()
	s := o.set(ring)
	names := create(t, s, municipalities)
	var keys []*crypto.Keys[myNumber]
	var things []made
	tokens, indexes := make(map[crypto.Token[toLGWAN]]string), make(map[crypto.Index[myNumber, name]]string)
	for _, n := range names {
		k := keysOf[myNumber](t, keyring(t, s, n))
		m := makeAll(t, k)
		keys, things = append(keys, k), append(things, m)
		tokens[m.token], indexes[m.index] = n, n
	}
	if len(tokens) != len(names) || len(indexes) != len(names) {
		t.Errorf("%d tenants have %d tokens and %d indexes of one value, want one each", len(names), len(tokens), len(indexes))
	}
	for i, m := range things {
		for j, k := range keys {
			wantOpens(t, names[j]+" with what "+names[i]+" made", m, k, i == j)
		}
		wantOpens(t, "the zone with what "+names[i]+" made", m, keysOf[myNumber](t, ring), false)
	}
	zone := makeAll(t, keysOf[myNumber](t, ring))
	wantOpens(t, "a tenant with what the zone made", zone, keys[0], false)
}

// The keys of one tenant in two zones are two.
func TestZonesAreApart(t *testing.T) {
	o := newOffice(t, "mynumber", "lgwan")
	s := o.set(o.ring())
	ring := keyring(t, s, create(t, s, 1)[0])
	there, err := crypto.MakeToken[toLGWAN](keysOf[lgwan](t, ring), scope, value)
	if err != nil {
		t.Fatal(err)
	}
	here, err := crypto.MakeToken[toLGWAN](keysOf[myNumber](t, ring), scope, value)
	if err != nil {
		t.Fatal(err)
	}
	text := func(k crypto.Token[toLGWAN]) string { b, _ := k.MarshalText(); return string(b)[6:] }
	if text(here) == text(there) {
		t.Error("two zones make one token of a value")
	}
	if diff := cmp.Diff([]string{"lgwan", "mynumber"}, ring.Zones()); diff != "" {
		t.Errorf("zones (-want +got):\n%s", diff)
	}
}

// Boxes and signatures are the zone's, and a zone without tenant keys has none for
// tenants.
func TestWhatTenantsHaveNot(t *testing.T) {
	o := newOffice(t, "mynumber", "lgwan")
	if err := os.Remove(filepath.Join(o.keys, "lgwan.tenant.keyset")); err != nil {
		t.Fatal(err)
	}
	s := o.set(o.ring())
	ring := keyring(t, s, create(t, s, 1)[0])
	for u := crypto.UseSeal; u <= crypto.UseTenant; u++ {
		want := slices.Contains([]crypto.Use{crypto.UseSeal, crypto.UseToken, crypto.UseIndex, crypto.UseStream}, u)
		if got := ring.Has("mynumber", u); got != want {
			t.Errorf("Has(mynumber, %s) = %v, want %v", u, got, want)
		}
	}
	_, err := crypto.KeysOf[lgwan](ring)
	wantError[*crypto.NoKeysError](t, "a zone without tenant keys", err)
	_, err = crypto.Sign(keysOf[myNumber](t, ring), value)
	wantError[*crypto.NoKeysError](t, "a signature", err)
	_, err = tenant.Open(o.tenants, ring, o.kek)
	wantError[*crypto.NoKeysError](t, "tenants of a tenant", err)
}

// Another process, or this one after a restart, has the same keys.
func TestRestart(t *testing.T) {
	o := newOffice(t, "mynumber")
	first := o.set(o.ring())
	names := create(t, first, 3)
	for _, n := range names {
		m := makeAll(t, keysOf[myNumber](t, keyring(t, first, n)))
		k := keysOf[myNumber](t, keyring(t, o.set(o.ring()), n))
		wantOpens(t, "after a restart", m, k, true)
		again := makeAll(t, k)
		if again.token != m.token || again.index != m.index {
			t.Errorf("%s: token or index is another after a restart", n)
		}
	}
}

// Rotating the zone's tenant keys rotates the tenants: new things have the new id,
// old ones open until the old key is disabled or its time is over.
func TestRotation(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring(crypto.WithRefresh(time.Hour, 4*time.Hour))
	s := o.set(ring)
	r := keyring(t, s, create(t, s, 1)[0])
	k := keysOf[myNumber](t, r)
	old := makeAll(t, k)
	first, _ := k.Primary(crypto.UseSeal)
	if want := o.roots["mynumber"].file.Active().ID; first != want || old.sealed.KeyID() != want || old.token.KeyID() != want || old.index.KeyID() != want {
		t.Errorf("primary %d, sealed under %d: want the id of the zone's key, %d", first, old.sealed.KeyID(), want)
	}

	second := o.rotate("mynumber", nil)
	wantOpens(t, "before the refresh", makeAll(t, keysOf[myNumber](t, r)), k, true)
	o.clock.pass(time.Hour)
	k = keysOf[myNumber](t, r)
	young := makeAll(t, k)
	if young.sealed.KeyID() != second || young.token.KeyID() != second || young.index.KeyID() != second {
		t.Errorf("after the rotation key %d seals, want %d", young.sealed.KeyID(), second)
	}
	wantOpens(t, "old, after the rotation", old, k, true)
	wantOpens(t, "new, after the rotation", young, k, true)
	both, err := crypto.Lookup[name](k, scope, value)
	if diff := cmp.Diff(2, len(both)); err != nil || diff != "" || both[0] != young.index || both[1] != old.index {
		t.Errorf("Lookup = %v, %v, want the new index, then the old one", both, err)
	}
	out, changed, err := crypto.Reseal(k, old.sealed, ad)
	if err != nil || !changed || out.KeyID() != second {
		t.Errorf("Reseal: key %d, changed %v, %v, want key %d", out.KeyID(), changed, err, second)
	}

	o.change("mynumber", func(r *root) {
		r.file.Key(first).State = keyfile.StateDisabled
		if err := r.manager.Disable(first); err != nil {
			t.Fatal(err)
		}
	})
	o.clock.pass(time.Hour)
	k = keysOf[myNumber](t, r)
	wantOpens(t, "old, after its key was disabled", old, k, false)
	wantOpens(t, "new, after the old key was disabled", young, k, true)
}

// The dates of the zone's keys are those of the tenants'.
func TestDates(t *testing.T) {
	o := newOffice(t, "mynumber")
	o.change("mynumber", func(r *root) {
		r.file.Keys[0].ProduceUntil = keyfile.Now(o.clock.now().Add(time.Hour))
		r.file.Keys[0].ConsumeUntil = keyfile.Now(o.clock.now().Add(2 * time.Hour))
	})
	s := o.set(o.ring())
	r := keyring(t, s, create(t, s, 1)[0])
	m := makeAll(t, keysOf[myNumber](t, r))
	o.clock.pass(time.Hour)
	k := keysOf[myNumber](t, r)
	wantOpens(t, "after the time to produce", m, k, true)
	_, err := crypto.Seal[name](k, value, ad)
	if e := wantError[*crypto.PeriodError](t, "Seal after the time to produce", err); e != nil && e.Consume {
		t.Errorf("err = %v, want that it makes nothing new", e)
	}
	o.clock.pass(time.Hour)
	k = keysOf[myNumber](t, r)
	wantOpens(t, "after the time to consume", m, k, false)
	_, err = crypto.Open(k, m.sealed, ad)
	wantError[*crypto.PeriodError](t, "Open after the time to consume", err)
	_, err = crypto.MatchToken(k, scope, value, m.token)
	wantError[*crypto.PeriodError](t, "MatchToken after the time to consume", err)
	_, err = crypto.DecryptFrom(k, bytes.NewReader(m.stream), ad)
	wantError[*crypto.PeriodError](t, "DecryptFrom after the time to consume", err)
}

// One of 44 is destroyed: everything of it is refused, also with keys in hand, and
// the other 43 notice nothing.
func TestDestroy(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring(crypto.WithRefresh(time.Hour, 4*time.Hour))
	s, elsewhere := o.set(ring), o.set(ring)
	names := create(t, s, municipalities)
	var things []made
	for _, n := range names {
		things = append(things, makeAll(t, keysOf[myNumber](t, keyring(t, s, n))))
	}
	const gone = 17
	held := keyring(t, s, names[gone])
	inHand, there := keysOf[myNumber](t, held), keyring(t, elsewhere, names[gone])
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.Link(filepath.Join(o.tenants, names[gone]+".tenant"), copied); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	at := o.clock.now()
	certificate, err := s.Destroy(names[gone], "甲野 花子")
	if err != nil {
		t.Fatal(err)
	}

	_, err = s.Keyring(names[gone])
	if e := wantError[*tenant.DestroyedError](t, "Keyring", err); e != nil && (e.Tenant != names[gone] || !e.At.Equal(at)) {
		t.Errorf("err = %+v, want tenant %s at %v", e, names[gone], at)
	}
	_, err = o.set(ring).Keyring(names[gone])
	wantError[*tenant.DestroyedError](t, "Keyring of another set", err)
	wantError[*tenant.DestroyedError](t, "Create", s.Create(names[gone]))
	_, err = crypto.KeysOf[myNumber](held)
	wantError[*tenant.DestroyedError](t, "KeysOf a keyring that somebody holds", err)
	wantError[*crypto.StaleError](t, "KeysOf a keyring that somebody holds", err)
	refused(t, "keys that somebody holds", inHand, things[gone])

	wantOpens(t, "elsewhere before the refresh", things[gone], keysOf[myNumber](t, there), true)
	o.clock.pass(time.Hour)
	_, err = crypto.KeysOf[myNumber](there)
	wantError[*tenant.DestroyedError](t, "KeysOf elsewhere after the refresh", err)
	_, err = elsewhere.Keyring(names[gone])
	wantError[*tenant.DestroyedError](t, "Keyring elsewhere after the refresh", err)

	for i, n := range names {
		if i != gone {
			wantOpens(t, n, things[i], keysOf[myNumber](t, keyring(t, s, n)), true)
		}
	}
	after, err := os.ReadFile(copied)
	if err != nil || bytes.Equal(before, after) || len(before) != len(after) {
		t.Errorf("what the file held was not overwritten: %v", err)
	}
	again, err := o.set(ring).Destroy(names[gone], "somebody else")
	if diff := cmp.Diff(certificate, again); err != nil || diff != "" {
		t.Errorf("the second certificate: %v (-first +second):\n%s", err, diff)
	}
	if certificate.By != "甲野 花子" || certificate.Tenant != names[gone] || certificate.Digest != digest(before) || !certificate.Destroyed.Equal(at) {
		t.Errorf("certificate = %+v", certificate)
	}
	for _, part := range []string{names[gone], "甲野 花子", digest(before), "2026-04-01T00:00:00Z", tenant.Method, "not asked for"} {
		if !strings.Contains(certificate.Text(), part) {
			t.Errorf("%q does not say %q", certificate.Text(), part)
		}
	}
}

// refused fails the test unless every use of k is refused with a *StaleError.
func refused(t *testing.T, what string, k *crypto.Keys[myNumber], m made) {
	t.Helper()
	_, err := crypto.Open(k, m.sealed, ad)
	wantError[*crypto.StaleError](t, what+": Open", err)
	_, err = crypto.Seal[name](k, value, ad)
	wantError[*crypto.StaleError](t, what+": Seal", err)
	_, err = crypto.MakeToken[toLGWAN](k, scope, value)
	wantError[*crypto.StaleError](t, what+": MakeToken", err)
	_, err = crypto.MatchToken(k, scope, value, m.token)
	wantError[*crypto.StaleError](t, what+": MatchToken", err)
	_, err = crypto.Lookup[name](k, scope, value)
	wantError[*crypto.StaleError](t, what+": Lookup", err)
	_, err = crypto.EncryptTo(k, new(bytes.Buffer), ad)
	wantError[*crypto.StaleError](t, what+": EncryptTo", err)
	_, err = crypto.DecryptFrom(k, bytes.NewReader(m.stream), ad)
	wantError[*crypto.StaleError](t, what+": DecryptFrom", err)
}

// When the zones' keyring is too old, so are the tenants'.
func TestStaleness(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring(crypto.WithRefresh(time.Hour, 4*time.Hour))
	s := o.set(ring)
	names := create(t, s, 2)
	r := keyring(t, s, names[0])
	k := keysOf[myNumber](t, r)
	m := makeAll(t, k)
	o.kek.down.Store(true)
	o.clock.pass(3 * time.Hour)
	wantOpens(t, "within the grace", m, keysOf[myNumber](t, r), true)
	o.clock.pass(time.Hour)
	_, err := crypto.KeysOf[myNumber](r)
	e := wantError[*crypto.StaleError](t, "after the grace", err)
	if e != nil && !strings.Contains(e.Error(), errDown.Error()) {
		t.Errorf("err = %v, want that it says why", e)
	}
	refused(t, "keys in hand after the grace", k, m)
	_, err = s.Keyring(names[1])
	wantError[*crypto.StaleError](t, "a tenant that nobody asked for", err)
	o.kek.down.Store(false)
	o.clock.pass(time.Hour)
	wantOpens(t, "when the key management service is back", m, keysOf[myNumber](t, r), true)
}

// A tenant's file that cannot be read does not stop the tenant at once, and says so.
func TestUnreadableFile(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring(crypto.WithRefresh(time.Hour, 4*time.Hour))
	var warnings []string
	s := o.set(ring, tenant.WithWarnings(func(tenant string, w crypto.Warning) {
		if w.Kind == crypto.WarnStale {
			warnings = append(warnings, tenant+" until "+w.At.UTC().Format(time.Kitchen))
		}
	}))
	n := create(t, s, 1)[0]
	r := keyring(t, s, n)
	m := makeAll(t, keysOf[myNumber](t, r))
	path := filepath.Join(o.tenants, n+".tenant")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	o.clock.pass(time.Hour)
	second := o.rotate("mynumber", nil)
	o.clock.pass(time.Hour)
	k := keysOf[myNumber](t, r)
	wantOpens(t, "within the grace", m, k, true)
	if id, _ := k.Primary(crypto.UseSeal); id != second {
		t.Errorf("key %d seals, want the zone's new one, %d", id, second)
	}
	if len(warnings) == 0 || warnings[0] != n+" until 4:00AM" {
		t.Errorf("warnings = %q, want that %s works until 4:00AM", warnings, n)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	o.clock.pass(time.Hour)
	wantOpens(t, "when the file is back", m, keysOf[myNumber](t, r), true)
}

// Real time: what is derived ends with the grace of the zones' keyring, also while
// nobody asks.
func TestGraceEndsByItself(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring, err := crypto.OpenKeyring(os.DirFS(o.keys), o.kek, crypto.WithRefresh(time.Millisecond, 200*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	s := o.set(ring)
	k := keysOf[myNumber](t, keyring(t, s, create(t, s, 1)[0]))
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		if _, err := crypto.Seal[name](k, value, ad); err != nil {
			wantError[*crypto.StaleError](t, "Seal after the grace", err)
			return
		}
	}
	t.Error("keys in hand still seal 20 seconds after a grace of 200 ms")
}

// reserved remembers what was counted under which name.
type reserved struct {
	mu    sync.Mutex
	names map[string]int
}

func (l *reserved) Reserve(policy, zone string, key uint32, n uint64) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names[fmt.Sprint(zone, " ", key)]++
	return n, nil
}

// The keys of tenants have one id and are counted apart, and a keyring that was
// dropped and made again does not count anew.
func TestUsesAreCountedPerTenant(t *testing.T) {
	o := newOffice(t, "mynumber")
	ledger := &reserved{names: make(map[string]int)}
	s := o.set(o.ring(crypto.WithLedger(ledger)), tenant.WithCache(1))
	names := create(t, s, 5)
	for range 3 {
		for _, n := range names {
			makeAll(t, keysOf[myNumber](t, keyring(t, s, n)))
		}
	}
	want := make(map[string]int)
	for _, n := range names {
		want[fmt.Sprint(crypto.LedgerName("mynumber", n), " ", o.roots["mynumber"].file.Active().ID)] = 1
	}
	if diff := cmp.Diff(want, ledger.names); diff != "" {
		t.Errorf("reservations (-want +got):\n%s", diff)
	}
}

// The ledger of files takes the names, whatever the zone and the tenant are called.
func TestLedgerName(t *testing.T) {
	l, err := crypto.OpenLedger(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	long := strings.Repeat("z", 64)
	seen := make(map[string]bool)
	for _, pair := range [][2]string{{"a", "b"}, {"a-b", "c"}, {"a", "b-c"}, {long, long}, {long, long[:63]}, {long[:63], long}, {"Z", "0"}} {
		name := crypto.LedgerName(pair[0], pair[1])
		if seen[name] {
			t.Errorf("%q has the name of another pair", pair)
		}
		seen[name] = true
		if _, err := l.Reserve("kouki", name, 1, 1); err != nil {
			t.Errorf("%q: %v", pair, err)
		}
	}
}

// A keyring that is not kept any more works on, and Destroy reaches it.
func TestCacheIsBounded(t *testing.T) {
	o := newOffice(t, "mynumber")
	s := o.set(o.ring(), tenant.WithCache(2))
	names := create(t, s, 4)
	first := keyring(t, s, names[0])
	inHand := keysOf[myNumber](t, first)
	m := makeAll(t, inHand)
	if keyring(t, s, names[0]) != first {
		t.Error("a keyring that is kept is made again")
	}
	for _, n := range names {
		keyring(t, s, n)
	}
	if keyring(t, s, names[0]) == first {
		t.Error("four keyrings are kept, want two")
	}
	wantOpens(t, "a keyring that is not kept", m, keysOf[myNumber](t, first), true)
	if _, err := s.Destroy(names[0], "test"); err != nil {
		t.Fatal(err)
	}
	_, err := crypto.KeysOf[myNumber](first)
	wantError[*tenant.DestroyedError](t, "a keyring that is not kept", err)
	refused(t, "its keys", inHand, m)
}

func TestNames(t *testing.T) {
	o := newOffice(t, "mynumber")
	s := o.set(o.ring())
	for _, bad := range []string{"", "-a", "A", "a.b", "a/b", "..", "甲", " ", strings.Repeat("a", 65), "a\x00"} {
		if e := wantError[*tenant.FileError](t, "Create", s.Create(bad)); e != nil && e.Reason != crypto.ReasonName {
			t.Errorf("Create(%q): %v", bad, e)
		}
		_, err := s.Keyring(bad)
		wantError[*tenant.FileError](t, "Keyring", err)
		_, err = s.Destroy(bad, "test")
		wantError[*tenant.FileError](t, "Destroy", err)
	}
	if err := s.Create(strings.Repeat("a", 64)); err != nil {
		t.Error(err)
	}
	wantError[*tenant.ExistsError](t, "Create again", s.Create(strings.Repeat("a", 64)))
	_, err := s.Keyring("nobody")
	wantError[*tenant.UnknownError](t, "Keyring of nobody", err)
	_, err = s.Destroy("nobody", "test")
	wantError[*tenant.UnknownError](t, "Destroy of nobody", err)
	for _, bad := range []string{"", "a\nb", "\xff", strings.Repeat("a", 257)} {
		if _, err := s.Destroy(strings.Repeat("a", 64), bad); err == nil {
			t.Errorf("Destroy by %q does not fail", bad)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	o := newOffice(t, "mynumber")
	_, err := tenant.Open(o.tenants, nil, o.kek)
	wantError[*crypto.NoKeysError](t, "no keyring", err)
	_, err = tenant.Open(o.tenants, o.ring(), nil)
	wantError[*tenant.FileError](t, "no key-encryption key", err)
	_, err = tenant.Open(filepath.Join(o.tenants, "none"), o.ring(), o.kek)
	wantError[*tenant.FileError](t, "no folder", err)
	_, err = tenant.Open(o.tenants, o.ring(), o.kek, tenant.WithCache(0))
	wantError[*tenant.FileError](t, "no cache", err)
	if err := os.Remove(filepath.Join(o.keys, "mynumber.tenant.keyset")); err != nil {
		t.Fatal(err)
	}
	_, err = tenant.Open(o.tenants, o.ring(), o.kek)
	if e := wantError[*crypto.NoKeysError](t, "no tenant keys", err); e != nil && e.Use != crypto.UseTenant {
		t.Errorf("err = %v, want that it names the use", e)
	}
}

// deafKEK ignores associated data.
type deafKEK struct{ tink.AEAD }

func (k deafKEK) Encrypt(plaintext, _ []byte) ([]byte, error) { return k.AEAD.Encrypt(plaintext, nil) }
func (k deafKEK) Decrypt(ct, _ []byte) ([]byte, error)        { return k.AEAD.Decrypt(ct, nil) }

func TestKEKMustBind(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring()
	s, err := tenant.Open(o.tenants, ring, deafKEK{o.kek})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if e := wantError[*tenant.FileError](t, "Create", s.Create("a")); e != nil && e.Reason != crypto.ReasonUnbound {
		t.Errorf("Create: %v", e)
	}
	// A file that was written under it all the same is not opened.
	good := o.set(ring)
	if err := good.Create("a"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(o.tenants, "a.tenant"))
	if err != nil {
		t.Fatal(err)
	}
	data = relock(t, data, func(plaintext []byte) []byte { ct, _ := o.kek.Encrypt(plaintext, nil); return ct })
	if err := os.WriteFile(filepath.Join(o.tenants, "a.tenant"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = s.Keyring("a")
	if e := wantError[*tenant.FileError](t, "Keyring", err); e != nil && e.Reason != crypto.ReasonUnbound {
		t.Errorf("Keyring: %v", e)
	}
}

func TestList(t *testing.T) {
	o := newOffice(t, "mynumber")
	s := o.set(o.ring())
	create(t, s, 3)
	at := o.clock.now().UTC()
	o.clock.pass(time.Hour)
	if _, err := s.Destroy("130001", "test"); err != nil {
		t.Fatal(err)
	}
	o.kek.down.Store(true)
	want := []tenant.Tenant{{Name: "130000", Created: at}, {Name: "130001", Created: at, Destroyed: at.Add(time.Hour)}, {Name: "130002", Created: at}}
	got, err := s.List()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("List: %v (-want +got):\n%s", err, diff)
	}
	if err := os.WriteFile(filepath.Join(o.tenants, "130000.tenant"), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err = s.List()
	if e := wantError[*tenant.FileError](t, "List", err); e != nil && e.File != "130000.tenant" {
		t.Errorf("err = %v, want that it names the file", e)
	}
	if diff := cmp.Diff(want[1:], got); diff != "" {
		t.Errorf("the others (-want +got):\n%s", diff)
	}
}

// What is printed of a set and of a tenant's keyring names them and nothing else.
func TestClosed(t *testing.T) {
	o := newOffice(t, "mynumber")
	s := o.set(o.ring())
	r := keyring(t, s, create(t, s, 1)[0])
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		if got := fmt.Sprintf(verb, s); got != "tenants(kouki)" {
			t.Errorf("%s of a set: %q", verb, got)
		}
		if got := fmt.Sprintf(verb, r); got != "keyring(kouki)" {
			t.Errorf("%s of a keyring: %q", verb, got)
		}
	}
	if got := s.LogValue().String(); got != "tenants(kouki)" {
		t.Errorf("LogValue = %q", got)
	}
}

// Many ask for keys while tenants are destroyed and the zone's keys are rotated.
func TestConcurrently(t *testing.T) {
	o := newOffice(t, "mynumber")
	ring := o.ring(crypto.WithRefresh(time.Second, 1000*time.Hour))
	s := o.set(ring, tenant.WithCache(3))
	names := create(t, s, 8)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 60 {
				r, err := s.Keyring(names[(i+j)%len(names)])
				if err == nil {
					var k *crypto.Keys[myNumber]
					if k, err = crypto.KeysOf[myNumber](r); err == nil {
						_, err = crypto.Seal[name](k, value, ad)
					}
				}
				var destroyed *tenant.DestroyedError
				var stale *crypto.StaleError
				if err != nil && !errors.As(err, &destroyed) && !errors.As(err, &stale) {
					t.Error(err)
				}
				o.clock.pass(time.Second)
			}
		})
	}
	group.Go(func() {
		for _, n := range names[:4] {
			if _, err := s.Destroy(n, "test"); err != nil {
				t.Error(err)
			}
		}
	})
	group.Wait()
	for i, n := range names {
		if _, err := s.Keyring(n); (err != nil) != (i < 4) {
			t.Errorf("%s: %v", n, err)
		}
	}
}
