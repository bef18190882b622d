package crypto_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
)

// TestAllocs holds the hot paths to their allocations: what Tink returns, and
// nothing of ours.
func TestAllocs(t *testing.T) {
	ring := ephemeral(t)
	k := keysOf[myNumber](t, ring)
	plaintext, ad, scope := make([]byte, sealedSize), make([]byte, 64), crypto.NewScope("a")
	s, tok := seal(t, k, plaintext, ad), makeToken(t, k, scope, "0123456789")
	i, row := makeIndex(t, k, scope, "0123456789"), phones()
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
		{"MakeIndex", 1, func() { crypto.MakeIndex[group](k, scope, value) }},
		{"MatchIndex", 1, func() { crypto.MatchIndex(k, scope, value, i) }},
		{"Lookup", 2, func() { crypto.Lookup[group](k, scope, value) }},
		{"Column.Seal", 2, func() { row.Seal(k, "1", plaintext) }},
		{"Column.Index", 1, func() { row.Index(k, value) }},
		{"KeysOf", 1, func() { crypto.KeysOf[myNumber](ring) }},
		{"Index.AppendText", 0, func() { i.AppendText(buf) }},
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
