package parcel

import (
	"bytes"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/byname"
)

// Who signed is who the label says: the keys of another zone verify nothing,
// though that zone did sign the label.
func TestVerifySomebodyElse(t *testing.T) {
	ring := must[*crypto.Keyring](t)(crypto.EphemeralKeyring("hospital", "ward", "billing"))
	own := must[*crypto.Keys[billing]](t)(crypto.KeysOf[billing](ring))
	e := endsOf(t, ring, ring)
	e.s = newSender("ward", "billing", own, must[*crypto.PublicKeys[billing]](t)(crypto.PublicKeysOf[billing](ring)))
	in := must[*Inspection](t)(Inspect(bytes.NewReader(e.seal(t, []byte("x")))))
	if in.Header.From != "ward" {
		t.Fatalf("from %q", in.Header.From)
	}
	wantError[*SenderError](t, "keys of billing", Verify(in, must[*crypto.PublicKeys[billing]](t)(crypto.PublicKeysOf[billing](ring))))
	wantError[*SenderError](t, "keys of ward", Verify(in, must[*crypto.PublicKeys[ward]](t)(crypto.PublicKeysOf[ward](ring))))
	if err := Verify(in, new(crypto.PublicKeys[billing])); err == nil {
		t.Error("no keys verify it")
	}

	in = must[*Inspection](t)(Inspect(bytes.NewReader(newEndsOf(t, ring).seal(t, []byte("x")))))
	if err := Verify(in, must[*crypto.PublicKeys[ward]](t)(crypto.PublicKeysOf[ward](ring))); err != nil {
		t.Error(err)
	}
	if err := Verify(in, must[*crypto.PublicKeys[byname.Zone]](t)(byname.PublicKeys(ring, "ward"))); err != nil {
		t.Error(err)
	}
}

func newEndsOf(t *testing.T, ring *crypto.Keyring) *ends { return endsOf(t, ring, ring) }

// A sender cannot make the register of a receiver remember for ever.
func TestLifetimeOfOthers(t *testing.T) {
	e := newEnds(t)
	h := testHeader()
	o := must[*createOptions](t)(newCreateOptions(nil))
	o.lifetime = maxLifetime
	var dst bytes.Buffer
	if _, err := e.s.begin(t.Context(), h, monday, &dst, o); err != nil {
		t.Fatalf("a year: %v", err)
	}
	o.lifetime = maxLifetime + 1e9
	_, err := e.s.begin(t.Context(), testHeader(), monday, &dst, o)
	wantError[*MalformedError](t, "a second longer", err)
}
