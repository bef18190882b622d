package crypto_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"github.com/sekisho-go/sekisho/crypto"
)

// Each benchmark has one line for this package (by=sekisho), one for the peer it
// stands on (by=tink) and, where there is one, the limit that no wrapper can
// beat (by=raw: the cipher itself with every buffer reused). Compare with
// benchstat -col /by.

// sealedSize is the four encrypted fields of the record in DESIGN section 10.
const sealedSize = 136

func BenchmarkSeal(b *testing.B) {
	plaintext, ad := make([]byte, sealedSize), make([]byte, 64)
	b.Run("by=sekisho", func(b *testing.B) {
		k := keysOf[myNumber](b, ephemeral(b))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := crypto.Seal[group](k, plaintext, ad); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=tink", func(b *testing.B) {
		a := tinkAEAD(b)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := a.Encrypt(plaintext, ad); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=raw", func(b *testing.B) {
		gcm, dst := rawGCM(b), make([]byte, 0, sealedSize+28)
		b.ReportAllocs()
		for b.Loop() {
			nonce := dst[:12]
			rand.Read(nonce)
			gcm.Seal(nonce, nonce, plaintext, ad)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	plaintext, ad := make([]byte, sealedSize), make([]byte, 64)
	b.Run("by=sekisho", func(b *testing.B) {
		k := keysOf[myNumber](b, ephemeral(b))
		s := seal(b, k, plaintext, ad)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := crypto.Open(k, s, ad); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=tink", func(b *testing.B) {
		a := tinkAEAD(b)
		ct, err := a.Encrypt(plaintext, ad)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := a.Decrypt(ct, ad); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=raw", func(b *testing.B) {
		gcm, dst := rawGCM(b), make([]byte, 0, sealedSize)
		nonce := make([]byte, 12)
		ct := gcm.Seal(nil, nonce, plaintext, ad)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := gcm.Open(dst, nonce, ct, ad); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The peer computes over the same bytes, scope and value, from a buffer that is
// ready: what is measured is the price of putting them side by side.
func BenchmarkToken(b *testing.B) {
	scope, value := crypto.NewScope("mynumber→lgwan", "Insured", "InsuredNumber"), []byte("0123456789")
	b.Run("by=sekisho", func(b *testing.B) {
		k := keysOf[myNumber](b, ephemeral(b))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := crypto.MakeToken[toLGWAN](k, scope, value); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=tink", func(b *testing.B) {
		h, err := keyset.NewHandle(prf.AESCMACPRFKeyTemplate())
		if err != nil {
			b.Fatal(err)
		}
		set, err := prf.NewPRFSet(h)
		if err != nil {
			b.Fatal(err)
		}
		in := bytes.Join([][]byte{scope[:], value}, nil)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := set.ComputePrimaryPRF(in, 16); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkMatchToken(b *testing.B) {
	scope, value := crypto.NewScope("mynumber→lgwan", "Insured", "InsuredNumber"), []byte("0123456789")
	k := keysOf[myNumber](b, ephemeral(b))
	t, err := crypto.MakeToken[toLGWAN](k, scope, value)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := crypto.MatchToken(k, scope, value, t); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkAppendAD(b *testing.B) {
	buf := make([]byte, 0, 128)
	b.ReportAllocs()
	for b.Loop() {
		buf = crypto.AppendAD(buf[:0], "kouki", "example.com/app/insured.Insured", "LGWAN", "sealed", "000123")
	}
}

func tinkAEAD(b *testing.B) interface {
	Encrypt(plaintext, ad []byte) ([]byte, error)
	Decrypt(ct, ad []byte) ([]byte, error)
} {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		b.Fatal(err)
	}
	a, err := aead.New(h)
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func rawGCM(b *testing.B) cipher.AEAD {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	return gcm
}
