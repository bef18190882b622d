package tenant_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf/hkdfprf"
	"github.com/tink-crypto/tink-go/v2/prf/subtle"
	"github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/tenant"
)

func aesGCM() *tink_go_proto.KeyTemplate { return aead.AES256GCMKeyTemplate() }

// What an earlier version wrote under the keys in testdata/kouki, where 131016
// lives and 131024 was destroyed. These lines and files never change: data that
// exists has these forms.
const (
	goldenSealed = "Aa_y_h97ZrbrTk-3YeTRRdJx_UkNteUCAHKxugPFJwiYJg8Btnl8q2J3pA"
	goldenToken  = "r_L-HyoyADjsCFJQBWNyW74wPRk"
	goldenIndex  = "r_L-H6vq0eh5eSvysLBnvLAsaiE"
)

func TestGolden(t *testing.T) {
	ring, err := crypto.OpenKeyring(os.DirFS("testdata/kouki"), new(zeroKEK))
	if err != nil {
		t.Fatal(err)
	}
	s, err := tenant.Open("testdata/kouki", ring, new(zeroKEK))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	k := keysOf[myNumber](t, keyring(t, s, "131016"))
	var sealed crypto.Sealed[myNumber, name]
	if err := sealed.UnmarshalText([]byte(goldenSealed)); err != nil {
		t.Fatal(err)
	}
	if got, err := crypto.Open(k, sealed, ad); err != nil || !bytes.Equal(got, value) {
		t.Errorf("Open = %q, %v, want %q", got, err, value)
	}
	m := makeAll(t, k)
	token, _ := m.token.MarshalText()
	index, _ := m.index.MarshalText()
	if string(token) != goldenToken || string(index) != goldenIndex {
		t.Errorf("token %s, index %s, want %s, %s", token, index, goldenToken, goldenIndex)
	}
	_, err = s.Keyring("131024")
	wantError[*tenant.DestroyedError](t, "the tenant that was destroyed", err)
}

// The formula, computed by the standard library from the keys in clear.
func TestFormula(t *testing.T) {
	o := newOffice(t, "mynumber")
	s := o.set(o.ring())
	n := create(t, s, 1)[0]
	m := makeAll(t, keysOf[myNumber](t, keyring(t, s, n)))
	h, err := o.roots["mynumber"].manager.Handle()
	if err != nil {
		t.Fatal(err)
	}
	zone, own := clearKey(t, h), clearKey(t, o.own(n))
	derive := func(use string) []byte {
		info := crypto.AppendAD(nil, "sekisho tenant", "kouki", "mynumber", use, n)
		root, err1 := hkdf.Key(sha256.New, zone, nil, string(info), 32)
		key, err2 := hkdf.Key(sha256.New, own, nil, string(crypto.AppendAD(info, string(root))), 32)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		return key
	}
	block, err := aes.NewCipher(derive("seal"))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	ct := m.sealed.Bytes()[5:]
	if got, err := gcm.Open(nil, ct[:12], ct[12:], ad); err != nil || !bytes.Equal(got, value) {
		t.Errorf("AES-GCM under the key of the formula: %q, %v, want %q", got, err, value)
	}
	for use, made := range map[string]interface{ MarshalBinary() ([]byte, error) }{"token": m.token, "index": m.index} {
		cmac, err := subtle.NewAESCMACPRF(derive(use))
		if err != nil {
			t.Fatal(err)
		}
		want, err := cmac.ComputePRF(append(bytes.Clone(scope[:]), value...), 16)
		got, _ := made.MarshalBinary()
		if err != nil || !bytes.Equal(got[4:], want) {
			t.Errorf("%s is %x, %v, want %x", use, got[4:], err, want)
		}
	}
}

// own decrypts a tenant's own key.
func (o *office) own(tenant string) *keyset.Handle {
	o.t.Helper()
	data, err := os.ReadFile(filepath.Join(o.tenants, tenant+".tenant"))
	if err != nil {
		o.t.Fatal(err)
	}
	var head struct{ Keyset, Created string }
	if err := json.Unmarshal(data, &head); err != nil {
		o.t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(head.Keyset)
	if err != nil {
		o.t.Fatal(err)
	}
	bound := crypto.AppendAD(nil, "sekisho tenant", "kouki", tenant, head.Created, "lives")
	h, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(raw)), o.kek, bound)
	if err != nil {
		o.t.Fatal(err)
	}
	return h
}

func clearKey(t *testing.T, h *keyset.Handle) []byte {
	t.Helper()
	e, err := h.Primary()
	if err != nil {
		t.Fatal(err)
	}
	return e.Key().(*hkdfprf.Key).KeyBytes().Data(insecuresecretdataaccess.Token{})
}
