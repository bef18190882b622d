package benchmarks_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
)

// A zone, a route and a sealed group, as the generator would write them.
type (
	myNumber struct{}
	toLGWAN  struct{}
	group    struct{}
)

func (myNumber) ZoneName() string { return "mynumber" }
func (toLGWAN) RouteName() string { return "mynumber→lgwan" }

// sizes are those of one field, of the four encrypted fields of the record all
// numbers are given for, and of a document's page, in bytes.
var sizes = []int{16, 136, 4096}

// The associated data of a record: what generated code binds.
var ad = crypto.AppendAD(nil, "kouki", "example.com/app/insured.Insured", "LGWAN", "sealed", "000123")

func newKeys(tb testing.TB) *crypto.Keys[myNumber] {
	tb.Helper()
	r, err := crypto.EphemeralKeyring("kouki", "mynumber")
	if err != nil {
		tb.Fatal(err)
	}
	k, err := crypto.KeysOf[myNumber](r)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func newTinkAEAD(tb testing.TB) tink.AEAD {
	tb.Helper()
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		tb.Fatal(err)
	}
	a, err := aead.New(h)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func newTinkPRF(tb testing.TB, template *tinkpb.KeyTemplate) *prf.Set {
	tb.Helper()
	h, err := keyset.NewHandle(template)
	if err != nil {
		tb.Fatal(err)
	}
	set, err := prf.NewPRFSet(h)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// newGCM returns the cipher under a fresh key: the limit of both others.
func newGCM(tb testing.TB) cipher.AEAD {
	tb.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		tb.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		tb.Fatal(err)
	}
	return gcm
}

func BenchmarkSeal(b *testing.B) {
	for _, size := range sizes {
		plaintext := make([]byte, size)
		b.Run(fmt.Sprintf("bytes=%d/by=sekisho", size), func(b *testing.B) {
			k := newKeys(b)
			begin(b, size)
			for b.Loop() {
				if _, err := crypto.Seal[group](k, plaintext, ad); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("bytes=%d/by=tink", size), func(b *testing.B) {
			a := newTinkAEAD(b)
			begin(b, size)
			for b.Loop() {
				if _, err := a.Encrypt(plaintext, ad); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("bytes=%d/by=raw", size), func(b *testing.B) {
			gcm, dst := newGCM(b), make([]byte, 12, size+28)
			begin(b, size)
			for b.Loop() {
				rand.Read(dst) // the others draw a nonce for each value too
				gcm.Seal(dst, dst, plaintext, ad)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, size := range sizes {
		plaintext := make([]byte, size)
		b.Run(fmt.Sprintf("bytes=%d/by=sekisho", size), func(b *testing.B) {
			k := newKeys(b)
			s, err := crypto.Seal[group](k, plaintext, ad)
			if err != nil {
				b.Fatal(err)
			}
			begin(b, size)
			for b.Loop() {
				if _, err := crypto.Open(k, s, ad); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("bytes=%d/by=tink", size), func(b *testing.B) {
			a := newTinkAEAD(b)
			ct, err := a.Encrypt(plaintext, ad)
			if err != nil {
				b.Fatal(err)
			}
			begin(b, size)
			for b.Loop() {
				if _, err := a.Decrypt(ct, ad); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("bytes=%d/by=raw", size), func(b *testing.B) {
			gcm, dst, nonce := newGCM(b), make([]byte, 0, size), make([]byte, 12)
			ct := gcm.Seal(nil, nonce, plaintext, ad)
			begin(b, size)
			for b.Loop() {
				if _, err := gcm.Open(dst, nonce, ct, ad); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The peers compute over the same bytes, scope and value, from a buffer that is
// ready. The standard library has no CMAC, so that Tink's is the limit here;
// HMAC-SHA256 (by=tink-hmac) is what a program takes that does not look for it.
func BenchmarkToken(b *testing.B) {
	scope, value := crypto.NewScope("mynumber→lgwan", "Insured", "InsuredNumber"), []byte("0123456789")
	b.Run("by=sekisho", func(b *testing.B) {
		k := newKeys(b)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := crypto.MakeToken[toLGWAN](k, scope, value); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, peer := range []struct {
		by       string
		template *tinkpb.KeyTemplate
	}{
		{"tink", prf.AESCMACPRFKeyTemplate()},
		{"tink-hmac", prf.HMACSHA256PRFKeyTemplate()},
	} {
		b.Run("by="+peer.by, func(b *testing.B) {
			set := newTinkPRF(b, peer.template)
			in := bytes.Join([][]byte{scope[:], value}, nil)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := set.ComputePrimaryPRF(in, 16); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func begin(b *testing.B, size int) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
}

// TestSameWork holds the benchmarks to their claim: all three make ciphertexts
// of the same plaintext and bind the same associated data, and differ by the
// five bytes in front that name the key.
func TestSameWork(t *testing.T) {
	for _, size := range sizes {
		plaintext := make([]byte, size)
		s, err := crypto.Seal[group](newKeys(t), plaintext, ad)
		if err != nil {
			t.Fatal(err)
		}
		ct, err := newTinkAEAD(t).Encrypt(plaintext, ad)
		if err != nil {
			t.Fatal(err)
		}
		raw := newGCM(t).Seal(make([]byte, 12), make([]byte, 12), plaintext, ad)
		if got := len(s.Bytes()); got != len(ct) || got != len(raw)+5 {
			t.Errorf("%d bytes: sealed by sekisho %d bytes, by tink %d, raw %d", size, got, len(ct), len(raw))
		}
	}
}
