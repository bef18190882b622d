package crypto

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// What needs to look inside: keysets that no exported function makes.

type zoneA struct{}

func (zoneA) ZoneName() string { return "a" }

type routeA struct{}

func (routeA) RouteName() string { return "a→b" }

func testAEAD(t testing.TB) tink.AEAD {
	t.Helper()
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	kek, err := aead.New(h)
	if err != nil {
		t.Fatal(err)
	}
	return kek
}

// locked returns the keyset file of zone a with the keys of h, in the states in
// which they are.
func locked(t testing.TB, use Use, h *keyset.Handle, kek tink.AEAD) *fstest.MapFile {
	t.Helper()
	f := &keyfile.File{Format: keyfile.FormatNumber, Policy: "kouki", Zone: "a", Use: use.String()}
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			t.Fatal(err)
		}
		line := keyfile.Key{ID: e.KeyID(), Algorithm: use.kind().Algorithms[0].Name, Created: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), State: keyfile.StateRetired}
		if e.IsPrimary() {
			line.State = keyfile.StateActive
		} else if e.KeyStatus() == keyset.Disabled {
			line.State = keyfile.StateDisabled
		}
		f.Keys = append(f.Keys, line)
	}
	return encoded(t, f, h, kek)
}

func encoded(t testing.TB, f *keyfile.File, h *keyset.Handle, kek tink.AEAD) *fstest.MapFile {
	t.Helper()
	if err := f.Lock(h, kek); err != nil {
		t.Fatal(err)
	}
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: data}
}

// generate returns a keyset of one fresh key.
func generate(t testing.TB, u Use) *keyset.Handle {
	t.Helper()
	_, h, err := freshFile("kouki", "a", u, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// rotated returns h with one more key, which is the primary now, and the id of
// the key that was.
func rotated(t testing.TB, h *keyset.Handle, template *tinkpb.KeyTemplate) (*keyset.Manager, uint32) {
	t.Helper()
	old, err := h.Primary()
	if err != nil {
		t.Fatal(err)
	}
	m := keyset.NewManagerFromHandle(h)
	id, err := m.Add(template)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetPrimary(id); err != nil {
		t.Fatal(err)
	}
	return m, old.KeyID()
}

func openA(t testing.TB, seal, token *keyset.Handle, kek tink.AEAD) *Keys[zoneA] {
	t.Helper()
	r, err := OpenKeyring(fstest.MapFS{
		"a.seal.keyset":  locked(t, UseSeal, seal, kek),
		"a.token.keyset": locked(t, UseToken, token, kek),
	}, kek)
	if err != nil {
		t.Fatal(err)
	}
	k, err := KeysOf[zoneA](r)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func handleOf(t testing.TB, m *keyset.Manager) *keyset.Handle {
	t.Helper()
	h, err := m.Handle()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestRotation adds a key and makes it the primary, then takes the old one out
// of use: what is old opens and matches in between, and is refused after.
func TestRotation(t *testing.T) {
	kek := testAEAD(t)
	seal1, token1 := generate(t, UseSeal), generate(t, UseToken)
	before := openA(t, seal1, token1, kek)
	s, err := Seal[int](before, []byte("value"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := MakeToken[routeA](before, Scope{}, []byte("value"))
	if err != nil {
		t.Fatal(err)
	}

	sealM, oldSeal := rotated(t, seal1, aead.AES256GCMKeyTemplate())
	tokenM, oldToken := rotated(t, token1, prf.AESCMACPRFKeyTemplate())
	after := openA(t, handleOf(t, sealM), handleOf(t, tokenM), kek)
	if s.KeyID() != oldSeal || tok.KeyID() != oldToken {
		t.Errorf("key ids are %d and %d, want %d and %d", s.KeyID(), tok.KeyID(), oldSeal, oldToken)
	}
	if got, err := Open(after, s, nil); string(got) != "value" || err != nil {
		t.Errorf("after the rotation Open = %q, %v", got, err)
	}
	if ok, err := MatchToken(after, Scope{}, []byte("value"), tok); !ok || err != nil {
		t.Errorf("after the rotation MatchToken = %t, %v, want true", ok, err)
	}
	if ok, err := MatchToken(after, Scope{}, []byte("other"), tok); ok || err != nil {
		t.Errorf("after the rotation MatchToken of another value = %t, %v, want false", ok, err)
	}
	s2, _ := Seal[int](after, []byte("value"), nil)
	tok2, _ := MakeToken[routeA](after, Scope{}, []byte("value"))
	if s2.KeyID() == oldSeal || tok2.KeyID() == oldToken || tok2 == tok {
		t.Error("after the rotation the old key is still used for what is new")
	}
	var refused *OpenError
	if _, err := Open(before, s2, nil); !errors.As(err, &refused) {
		t.Errorf("a keyring of before the rotation: Open err = %v, want an *OpenError", err)
	}

	if err := errors.Join(sealM.Disable(oldSeal), tokenM.Disable(oldToken)); err != nil {
		t.Fatal(err)
	}
	retired := openA(t, handleOf(t, sealM), handleOf(t, tokenM), kek)
	if _, err := Open(retired, s, nil); !errors.As(err, &refused) {
		t.Errorf("with the key disabled: Open err = %v, want an *OpenError", err)
	}
	var unknown *UnknownKeyError
	if _, err := MatchToken(retired, Scope{}, []byte("value"), tok); !errors.As(err, &unknown) {
		t.Errorf("with the key disabled: MatchToken err = %v, want an *UnknownKeyError", err)
	}
}

// TestKeysetHoldsTheRightKeys writes keysets whose file says one thing and
// whose keys are another.
func TestKeysetHoldsTheRightKeys(t *testing.T) {
	kek := testAEAD(t)
	for _, tc := range []struct {
		what      string
		use       Use
		templates []*tinkpb.KeyTemplate // the last is the primary
	}{
		{"a key of 128 bits", UseSeal, []*tinkpb.KeyTemplate{aead.AES128GCMKeyTemplate()}},
		{"another cipher", UseSeal, []*tinkpb.KeyTemplate{aead.ChaCha20Poly1305KeyTemplate()}},
		{"values without a key id", UseSeal, []*tinkpb.KeyTemplate{aead.AES256GCMNoPrefixKeyTemplate()}},
		{"a weak key that is not the primary", UseSeal, []*tinkpb.KeyTemplate{aead.AES128GCMKeyTemplate(), aead.AES256GCMKeyTemplate()}},
		{"token keys", UseSeal, []*tinkpb.KeyTemplate{prf.AESCMACPRFKeyTemplate()}},
		{"seal keys", UseToken, []*tinkpb.KeyTemplate{aead.AES256GCMKeyTemplate()}},
		{"another function", UseToken, []*tinkpb.KeyTemplate{prf.HMACSHA256PRFKeyTemplate()}},
	} {
		m := keyset.NewManager()
		for _, template := range tc.templates {
			id, err := m.Add(template)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.SetPrimary(id); err != nil {
				t.Fatal(err)
			}
		}
		name := keyfile.FileName("a", tc.use.String())
		_, err := OpenKeyring(fstest.MapFS{name: locked(t, tc.use, handleOf(t, m), kek)}, kek)
		var e *KeyringError
		if !errors.As(err, &e) || e.File != name || e.Reason != ReasonKeys {
			t.Errorf("%s: err = %v, want a *KeyringError about the keys", tc.what, err)
		}
	}
}

func TestUses(t *testing.T) {
	seen := make(map[string]bool)
	for u := UseUnknown + 1; u.valid(); u++ {
		if u.String() == "" || seen[u.String()] || u.kind() == nil {
			t.Errorf("use %d: %q is not known, or twice", u, u)
		}
		seen[u.String()] = true
		if got, ok := ParseUse(u.String()); !ok || got != u {
			t.Errorf("ParseUse(%q) = %v, %t", u.String(), got, ok)
		}
	}
	if len(seen) != len(keyfile.Kinds) {
		t.Errorf("there are %d uses, and %d kinds of keyset files", len(seen), len(keyfile.Kinds))
	}
	if got := Use(200).String() + UseUnknown.String(); got != "unknownunknown" {
		t.Errorf("what is no use prints as %q", got)
	}
	if _, ok := ParseUse("unknown"); ok {
		t.Error("unknown is a use")
	}
	for r := range reasons {
		if reasons[r].name == "" || reasons[r].text == "" {
			t.Errorf("reason %d has no words", r)
		}
	}
	if got := Reason(200).String(); got != "unknown" || !strings.Contains((&KeyringError{Reason: 200}).Error(), "refused") {
		t.Errorf("what is no reason prints as %q", got)
	}
}

// TestTokenIsThePRF compares with Tink's own function over scope and value.
func TestTokenIsThePRF(t *testing.T) {
	h := generate(t, UseToken)
	set, err := prf.NewPRFSet(h)
	if err != nil {
		t.Fatal(err)
	}
	k := openA(t, generate(t, UseSeal), h, testAEAD(t))
	scope := NewScope("route", "type", "field")
	for _, n := range []int{0, 1, 16, 100, 1000} {
		value := bytes.Repeat([]byte{1}, n)
		want, err := set.ComputePrimaryPRF(append(scope[:], value...), 16)
		if err != nil {
			t.Fatal(err)
		}
		got, err := MakeToken[routeA](k, scope, value)
		if err != nil || !bytes.Equal(got.m.mac[:], want) || got.m.key != set.PrimaryID {
			t.Errorf("value of %d bytes: token %x of key %d, %v, want %x of %d", n, got.m.mac, got.m.key, err, want, set.PrimaryID)
		}
	}
}

// Scratch memory goes back empty: a value must not lie in it for others.
func TestScratchIsCleared(t *testing.T) {
	var seen []byte
	capture := func(in []byte, _ uint32) ([]byte, error) {
		seen = in
		return make([]byte, macSize), nil
	}
	for _, n := range []int{10, 1000} {
		if _, err := computeMAC(capture, &Scope{}, bytes.Repeat([]byte("v"), n)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(make([]byte, len(seen)), seen); diff != "" {
			t.Errorf("after a value of %d bytes (-want +left):\n%s", n, diff)
		}
	}
}

// TestAttachRefuses attaches keys to a use that they are not for: files are checked
// before, and this is the second lock.
func TestAttachRefuses(t *testing.T) {
	z := &zoneKeys{zone: "a", life: new(life)}
	for u := UseUnknown; u <= uses; u++ {
		for other := UseUnknown + 1; other.valid(); other++ {
			if other.kind().IsPublic || other == u || u == UseToken || u == UseIndex || u == UseTenant || u == UseBoxPublic && other == UseBox || u == UseVerify && other == UseSign {
				continue
			}
			if err := z.attach(u, generate(t, other)); err == nil {
				t.Errorf("keys for %s are taken for %s", other, u)
			}
		}
		if z.has(u) {
			t.Errorf("keys of other uses are now keys for %s", u)
		}
	}
	for _, u := range []Use{UseToken, UseIndex, UseTenant} {
		if err := z.attach(u, generate(t, UseSeal)); err == nil {
			t.Errorf("keys for seal are taken for %s", u)
		}
	}
}

// In whatever order the files of a zone come, the public halves of its private keys
// are what counts.
func TestPrivateBeforePublic(t *testing.T) {
	for private, public := range map[Use]Use{UseBox: UseBoxPublic, UseSign: UseVerify} {
		mine, export := generate(t, private), generate(t, private)
		other, err := export.Public()
		if err != nil {
			t.Fatal(err)
		}
		for _, publicFirst := range []bool{false, true} {
			z := &zoneKeys{zone: "a", life: new(life)}
			order := []func() error{func() error { return z.attach(private, mine) }, func() error { return z.attach(public, other) }}
			if publicFirst {
				slices.Reverse(order)
			}
			for _, attach := range order {
				if err := attach(); err != nil {
					t.Fatal(err)
				}
			}
			k, p := &Keys[zoneA]{z: z}, &PublicKeys[zoneA]{z: z}
			if private == UseBox {
				box, err := SealBox(p, []byte("value"), nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := OpenBox(k, box, nil); err != nil {
					t.Errorf("public keys first %t: the zone cannot open what was sealed for it: %v", publicFirst, err)
				}
				continue
			}
			signature, err := Sign(k, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := Verify(p, signature, nil); err != nil {
				t.Errorf("public keys first %t: what the zone signed does not verify: %v", publicFirst, err)
			}
		}
	}
}

// The reasons of keyset files are those of keyrings, by number.
func TestReasonsAgree(t *testing.T) {
	for from, want := range map[keyfile.Reason]Reason{
		keyfile.Unknown: ReasonUnknown, keyfile.Name: ReasonName, keyfile.Unreadable: ReasonUnreadable, keyfile.Empty: ReasonEmpty,
		keyfile.Malformed: ReasonMalformed, keyfile.Format: ReasonFormat, keyfile.BadUse: ReasonUse, keyfile.Renamed: ReasonRenamed,
		keyfile.Policy: ReasonPolicy, keyfile.Locked: ReasonLocked, keyfile.KEK: ReasonKEK, keyfile.Unbound: ReasonUnbound,
		keyfile.Keys: ReasonKeys, keyfile.Exists: ReasonExists, keyfile.Unwritable: ReasonUnwritable,
	} {
		var e *KeyringError
		if err := keyringError(&keyfile.Error{Reason: from}); !errors.As(err, &e) || e.Reason != want {
			t.Errorf("reason %d of a file is %v of a keyring, want %s", from, err, want)
		}
	}
	if err := keyringError(errDown); err != errDown || keyringError(nil) != nil {
		t.Error("errors that are not of keyset files do not stay what they are")
	}
}

// A zone without public keys has none to give.
func TestNoPublicKeys(t *testing.T) {
	r := ringOf(t, testAEAD(t), nil, makeKeys(t, UseSeal, active))
	_, err := PublicKeysOf[zoneA](r)
	if e := wantErr[*NoKeysError](t, "PublicKeysOf", err); e != nil && (e.Zone != "a" || e.Use != UseBoxPublic) {
		t.Errorf("the error is %v", e)
	}
	k := keysA(t, r)
	for u := UseToken; u.valid(); u++ {
		if _, ok := k.Primary(u); ok {
			t.Errorf("there is a primary key for %s", u)
		}
	}
}
