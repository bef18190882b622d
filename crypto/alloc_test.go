package crypto_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
)

// TestAllocs holds the hot paths to their allocations: what Tink returns, and
// nothing of ours.
func TestAllocs(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	plaintext, ad, scope := make([]byte, sealedSize), make([]byte, 64), crypto.NewScope("a")
	s, tok := seal(t, k, plaintext, ad), makeToken(t, k, scope, "0123456789")
	buf, value := make([]byte, 0, 512), []byte("0123456789")
	for _, tc := range []struct {
		what string
		max  float64
		f    func()
	}{
		{"Seal", 1, func() { crypto.Seal[group](k, plaintext, ad) }},
		{"Open", 1, func() { crypto.Open(k, s, ad) }},
		{"MakeToken", 1, func() { crypto.MakeToken[toLGWAN](k, scope, value) }},
		{"MatchToken", 1, func() { crypto.MatchToken(k, scope, value, tok) }},
		{"AppendAD", 0, func() { crypto.AppendAD(buf, "kouki", "Insured", "LGWAN", "sealed") }},
		{"Token.Append", 0, func() { tok.Append(buf) }},
		{"Token.AppendText", 0, func() { tok.AppendText(buf) }},
		{"Sealed.AppendText", 0, func() { s.AppendText(buf) }},
		{"Sealed.AppendBinary", 0, func() { s.AppendBinary(buf) }},
	} {
		if got := testing.AllocsPerRun(200, tc.f); got > tc.max {
			t.Errorf("%s allocates %v times, want at most %v", tc.what, got, tc.max)
		}
	}
}
