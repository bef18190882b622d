package specimen_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/prf/subtle"

	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// person is the record of the measurements: its encrypted fields have 136
// bytes.
func person() *specimen.Person {
	return &specimen.Person{
		InsuredNumber: "12345674",
		Name:          "国立 花子、国立 花子様",
		Kana:          "コクリツ　ハナコ",
		Address:       "茨城県朝霧市一丁目２番３号",
		Account:       "0130-1234567-普通-コクリツハナコ",
		Phone:         "029-301-0000",
		BirthDate:     time.Date(1945, 3, 14, 0, 0, 0, 0, time.UTC),
		Municipality:  "朝霧市",
	}
}

// border is a border with keys and a purpose that the road allows.
func border(tb testing.TB) *zone.Crossing[zones.MyNumberToLGWAN] {
	tb.Helper()
	b, _ := zonetest.Border(tb, zones.Policy())
	return zonetest.Cross[zones.MyNumberToLGWAN](tb, b, zones.PurposeLevy)
}

// TestSealedBytes keeps the record what the measurements say it is.
func TestSealedBytes(t *testing.T) {
	p := person()
	if n := len(p.Name) + len(p.Kana) + len(p.Address) + len(p.Account); n != 136 {
		t.Errorf("the encrypted fields have %d bytes, want 136", n)
	}
}

func BenchmarkCross(b *testing.B) {
	x, p := border(b), person()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.ToLGWAN(x); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCrossParallel(b *testing.B) {
	x, p := border(b), person()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := p.ToLGWAN(x); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLimit is what the cryptography of one record costs at least: one
// AES-256-GCM call into a reused buffer and one AES-CMAC.
func BenchmarkLimit(b *testing.B) {
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		b.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	cmac, err := subtle.NewAESCMACPRF(key)
	if err != nil {
		b.Fatal(err)
	}
	plain, ad, number := make([]byte, 140), make([]byte, 100), make([]byte, 24)
	nonce, dst := make([]byte, gcm.NonceSize()), make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		rand.Read(nonce)
		dst = gcm.Seal(dst[:0], nonce, plain, ad)
		if _, err := cmac.ComputePRF(number, 16); err != nil {
			b.Fatal(err)
		}
	}
}
