package crypto_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
)

func sealBox[Z crypto.Zone](t testing.TB, k *crypto.PublicKeys[Z], plaintext, info string) []byte {
	t.Helper()
	box, err := crypto.SealBox(k, []byte(plaintext), []byte(info))
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func TestBox(t *testing.T) {
	r := ephemeral(t)
	k, public := keysOf[myNumber](t, r), publicOf[myNumber](t, r)
	for _, plaintext := range []string{"", "v", string(pattern(100_000))} {
		box := sealBox(t, public, plaintext, "info")
		if got, err := crypto.OpenBox(k, box, []byte("info")); string(got) != plaintext || err != nil {
			t.Errorf("%d bytes: OpenBox gives %d, %v", len(plaintext), len(got), err)
		}
		if id, _ := k.Primary(crypto.UseBox); crypto.KeyID(box) != id {
			t.Errorf("KeyID = %d, want %d", crypto.KeyID(box), id)
		}
	}
	box := sealBox(t, public, "a value", "info")
	if bytes.Equal(box, sealBox(t, public, "a value", "info")) {
		t.Error("sealing twice gives the same box")
	}
	refused := func(what string, box, info []byte) {
		t.Helper()
		got, err := crypto.OpenBox(k, box, info)
		wantOpenError(t, what, got, err)
	}
	for i := range box {
		for bit := range 8 {
			box[i] ^= 1 << bit
			refused("bit changed", box, []byte("info"))
			box[i] ^= 1 << bit
		}
		refused("cut", box[:i], []byte("info"))
	}
	refused("a byte more", append(bytes.Clone(box), 0), []byte("info"))
	for _, info := range []string{"", "inf", "info ", "Info"} {
		refused("info "+info, box, []byte(info))
	}
	refused("another zone's", sealBox(t, publicOf[lgwan](t, r), "a value", "info"), []byte("info"))
}

func TestSign(t *testing.T) {
	r := ephemeral(t)
	k, public := keysOf[myNumber](t, r), publicOf[myNumber](t, r)
	for _, message := range []string{"", "m", string(pattern(100_000))} {
		signature, err := crypto.Sign(k, []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		if err := crypto.Verify(public, signature, []byte(message)); err != nil {
			t.Errorf("%d bytes: %v", len(message), err)
		}
		if id, _ := k.Primary(crypto.UseSign); crypto.KeyID(signature) != id || len(signature) != 5+64 {
			t.Errorf("a signature of %d bytes under key %d", len(signature), crypto.KeyID(signature))
		}
	}
	signature, err := crypto.Sign(k, []byte("a message"))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, public *crypto.PublicKeys[myNumber], signature []byte, message string) {
		t.Helper()
		var e *crypto.SignatureError
		if err := crypto.Verify(public, signature, []byte(message)); !errors.As(err, &e) || e.Zone != "mynumber" {
			t.Errorf("%s: err = %v, want a *SignatureError", what, err)
		}
	}
	for i := range signature {
		for bit := range 8 {
			signature[i] ^= 1 << bit
			refused("bit changed", public, signature, "a message")
			signature[i] ^= 1 << bit
		}
		refused("cut", public, signature[:i], "a message")
	}
	refused("a byte more", public, append(bytes.Clone(signature), 0), "a message")
	for _, message := range []string{"", "a messag", "a message ", "A message"} {
		refused(message, public, signature, message)
	}
	far, err := crypto.Sign(keysOf[lgwan](t, r), []byte("a message"))
	if err != nil {
		t.Fatal(err)
	}
	refused("another zone's", public, far, "a message")
	refused("another keyring", publicOf[myNumber](t, ephemeral(t)), signature, "a message")
}

func TestKeyID(t *testing.T) {
	for _, tc := range []struct {
		b    []byte
		want uint32
	}{
		{nil, 0}, {[]byte{1}, 0}, {[]byte{1, 0, 0, 1}, 0},
		{[]byte{1, 0, 0, 1, 2}, 258}, {[]byte{1, 0xff, 0xff, 0xff, 0xff, 7}, 1<<32 - 1},
		{[]byte{0, 0, 0, 1, 2, 3}, 0}, {[]byte{2, 0, 0, 1, 2, 3}, 0},
	} {
		if got := crypto.KeyID(tc.b); got != tc.want {
			t.Errorf("KeyID(%x) = %d, want %d", tc.b, got, tc.want)
		}
	}
	s := seal(t, keysOf[myNumber](t, ephemeral(t)), nil, nil)
	if crypto.KeyID(s.Bytes()) != s.KeyID() {
		t.Errorf("KeyID of the bytes is %d, of the value %d", crypto.KeyID(s.Bytes()), s.KeyID())
	}
}

// FuzzBoxAndSignature opens and verifies arbitrary bytes.
func FuzzBoxAndSignature(f *testing.F) {
	k, public := goldenKeys(f), publicOf[myNumber](f, goldenRing(f))
	signature := goldenBytes(f, goldenSignature)
	boxes := [][]byte{goldenBytes(f, goldenBox), goldenBytes(f, goldenXWing)}
	for _, b := range append(boxes, signature, nil) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		opens := bytes.Equal(data, boxes[0]) || bytes.Equal(data, boxes[1])
		if got, err := crypto.OpenBox(k, data, []byte(goldenInfo)); (err == nil) != opens || opens && string(got) != goldenPlaintext {
			t.Errorf("OpenBox = %q, %v", got, err)
		}
		if err := crypto.Verify(public, data, []byte(goldenMessage)); (err == nil) != bytes.Equal(data, signature) {
			t.Errorf("Verify: %v", err)
		}
	})
}
