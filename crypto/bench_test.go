package crypto_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"io"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/signature"
	"github.com/tink-crypto/tink-go/v2/streamingaead"

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
		set, err := prf.NewPRFSet(tinkHandle(b, prf.AESCMACPRFKeyTemplate()))
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

func BenchmarkIndex(b *testing.B) {
	scope, value := crypto.NewScope("kouki", "column", "insured", "phone"), []byte("0312345678")
	b.Run("by=sekisho", func(b *testing.B) {
		k := keysOf[myNumber](b, ephemeral(b))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := crypto.MakeIndex[group](k, scope, value); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=tink", func(b *testing.B) {
		set, err := prf.NewPRFSet(tinkHandle(b, prf.AESCMACPRFKeyTemplate()))
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

// A box holds a key of 32 bytes: what parcels use it for.
func BenchmarkBox(b *testing.B) {
	plaintext, info := make([]byte, 32), make([]byte, 64)
	b.Run("by=sekisho", func(b *testing.B) {
		r := ephemeral(b)
		k, public := keysOf[myNumber](b, r), publicOf[myNumber](b, r)
		b.ReportAllocs()
		for b.Loop() {
			box, err := crypto.SealBox(public, plaintext, info)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := crypto.OpenBox(k, box, info); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=tink", func(b *testing.B) {
		h := tinkHandle(b, hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template())
		public, err := h.Public()
		if err != nil {
			b.Fatal(err)
		}
		e, err1 := hybrid.NewHybridEncrypt(public)
		d, err2 := hybrid.NewHybridDecrypt(h)
		if err := errors.Join(err1, err2); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			box, err := e.Encrypt(plaintext, info)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := d.Decrypt(box, info); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSign(b *testing.B) {
	message := make([]byte, 1024)
	b.Run("by=sekisho", func(b *testing.B) {
		r := ephemeral(b)
		k, public := keysOf[myNumber](b, r), publicOf[myNumber](b, r)
		b.ReportAllocs()
		for b.Loop() {
			signature, err := crypto.Sign(k, message)
			if err != nil {
				b.Fatal(err)
			}
			if err := crypto.Verify(public, signature, message); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by=tink", func(b *testing.B) {
		h := tinkHandle(b, signature.ED25519KeyTemplate())
		public, err := h.Public()
		if err != nil {
			b.Fatal(err)
		}
		s, err1 := signature.NewSigner(h)
		v, err2 := signature.NewVerifier(public)
		if err := errors.Join(err1, err2); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			signature, err := s.Sign(message)
			if err != nil {
				b.Fatal(err)
			}
			if err := v.Verify(signature, message); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A stream of 8 MiB, there and back. The peer has the segments of 1 MiB that this
// package's streams have.
func BenchmarkStream(b *testing.B) {
	plaintext := make([]byte, 8<<20)
	run := func(b *testing.B, encrypt func(io.Writer, []byte) (io.WriteCloser, error), decrypt func(io.Reader, []byte) (io.Reader, error)) {
		var buf bytes.Buffer
		buf.Grow(9 << 20)
		b.SetBytes(int64(len(plaintext)))
		b.ReportAllocs()
		for b.Loop() {
			buf.Reset()
			w, err := encrypt(&buf, nil)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := w.Write(plaintext); err != nil || w.Close() != nil {
				b.Fatal(err)
			}
			r, err := decrypt(&buf, nil)
			if err != nil {
				b.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, r); n != int64(len(plaintext)) || err != nil {
				b.Fatal(n, err)
			}
		}
	}
	b.Run("by=sekisho", func(b *testing.B) {
		k := keysOf[myNumber](b, ephemeral(b))
		run(b, func(w io.Writer, ad []byte) (io.WriteCloser, error) { return crypto.EncryptTo(k, w, ad) },
			func(r io.Reader, ad []byte) (io.Reader, error) { return crypto.DecryptFrom(k, r, ad) })
	})
	b.Run("by=tink", func(b *testing.B) {
		s, err := streamingaead.New(tinkHandle(b, streamingaead.AES256GCMHKDF1MBKeyTemplate()))
		if err != nil {
			b.Fatal(err)
		}
		run(b, s.NewEncryptingWriter, s.NewDecryptingReader)
	})
}

// BenchmarkKeysOf is what a crossing pays for keys that are in force now.
func BenchmarkKeysOf(b *testing.B) {
	r := ephemeral(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := crypto.KeysOf[myNumber](r); err != nil {
			b.Fatal(err)
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
	a, err := aead.New(tinkHandle(b, aead.AES256GCMKeyTemplate()))
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func tinkHandle(b *testing.B, template *tinkpb.KeyTemplate) *keyset.Handle {
	b.Helper()
	h, err := keyset.NewHandle(template)
	if err != nil {
		b.Fatal(err)
	}
	return h
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
