package crypto_test

import (
	"os"
	"testing"

	"github.com/sekisho-go/sekisho/crypto"
)

// What an earlier version wrote under the keys in testdata/kouki. These lines
// and files never change: data that exists has these forms.
const (
	goldenSealed    = "ASFVGhq82rUo7FokgbCPOTg7mD_Bed775u8xMiIDRFI6SzZoPxg18NlNwCCn"
	goldenPlaintext = "golden value"
	goldenToken     = "Z_86fdYofqZUiMXFj7l2TiHyS0E"
	goldenValue     = "0123456789"
)

func goldenAD() []byte { return crypto.AppendAD(nil, "kouki", "Insured", "1") }

func goldenScope() crypto.Scope {
	return crypto.NewScope("mynumber→lgwan", "Insured", "InsuredNumber")
}

func goldenKeys(t testing.TB) *crypto.Keys[myNumber] {
	t.Helper()
	r, err := crypto.OpenKeyring(os.DirFS("testdata/kouki"), zeroKEK{})
	if err != nil {
		t.Fatal(err)
	}
	return keysOf[myNumber](t, r)
}

func TestGolden(t *testing.T) {
	k := goldenKeys(t)
	var s sealed
	if err := s.UnmarshalText([]byte(goldenSealed)); err != nil {
		t.Fatal(err)
	}
	if got, err := crypto.Open(k, s, goldenAD()); err != nil || string(got) != goldenPlaintext {
		t.Errorf("Open = %q, %v, want %q", got, err, goldenPlaintext)
	}
	text, err := makeToken(t, k, goldenScope(), goldenValue).MarshalText()
	if err != nil || string(text) != goldenToken {
		t.Errorf("token = %s, %v, want %s", text, err, goldenToken)
	}
}
