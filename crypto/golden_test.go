package crypto_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
)

// What an earlier version wrote under the keys in testdata/kouki. These lines
// and files never change: data that exists has these forms.
const (
	goldenSealed    = "ASFVGhq82rUo7FokgbCPOTg7mD_Bed775u8xMiIDRFI6SzZoPxg18NlNwCCn"
	goldenPlaintext = "golden value"
	goldenToken     = "Z_86fdYofqZUiMXFj7l2TiHyS0E"
	goldenValue     = "0123456789"

	goldenIndex      = "QFEyic8Ykm4_yhB0BavTdFW_rT8"
	goldenIndexValue = "0312345678"

	goldenInfo   = "golden info" // of boxes, and the associated data of the stream
	goldenStream = "KDfpth0Tslj14-CzulASClW0OvqEO5OqyspJi2mNiTOaW1nMVeR_4fAKlyco5A6jm_Yw8MPFg83M5oAbPIEcIASCSSg"
	goldenBox    = "AZkV70P8T5Mqs1mQrM6r3LM9j-cZN8N5qsMeAhyRqOpaZI1pe9JrGxQRVD5pCMgkBptT_5VRonBx37rCTaSaAnA"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            // X25519
	goldenXWing  = "AXp-ZTQ3t5PnHLgJRFJD0__O15OvPdtDCpseTr1INBLmGHzwmdHdczMWqcIaMOGM_gnEkCYCVZpSniJX7vxLKeCME7rozo6qHfoAaoySdUdEqs45IyKUPXeWy5tbXdQZhOr4QluyMb9jRIELxq7n775t_LrDFsqY1TsLG2BGEbQr4zsG8proOVA22n1MjVWLYV1ujIY5pCGOMOaODEmjvzT38e10azEgkRBxEm-5CdeBri5N-bbNXgKmZ6nIrnSnnhfDrEGILCGSQsGTGfQRSKOE1vFDIOivzfhR2mRPpUMIlP7IOuuhZsdXw_LKuwC-8SExZ0Eh9UPEDkFBve2bQLGeNUdE68N5PFhsnNS1k_MJ21_VBCRFBXuEXeprvvM7mk9W5_ojugaK5ch0ssfPWZSjzNKVwBq8ofa5619XrOmX3bNTnBZ-27xhJJ6Uesos9-U2OD4Ep_a5Y-SkAl1Qewj-cBe8rLi3ESmjdzC_ufp6OduYatYXWXL7vpcGt0_dxGFbWNnxMxnPgR8hOWYrG7N86lenUfMeHus0rB7hsoPJe8-broNTqwQOOxheXk7DF3-nR0RiQ0qULAQcpxvbuwxvgL-MHaM4anqbCqUJaGbtJEksKSJTkV-Vgs6kEkgD4CrTPZz-sRz_VQ7kOf-qA1NncUZW7ff3JCrDmMmDzxHm91T4_J1peX18cwaCCwf3qLWLtoT0a0FU2B_bv16_kMsEOHdgY3QNsosQC0qG_PfjhXUPYUTJf9V__dac8_iQndigSz4NOmNeC5077EH8nhtsmxPDw4jra5fK1dZFAbzm8dPAeg6UzQ0FBWtQfr_D0BYaUYmjV10XsNm1QACNhoGsC_4_KP86HZfF4C8LyoI3UBDRWh3N6XBo7jKbktbUkrjRVNI6IpZgXlL1Dn-4H8yPJ_C9OGe5zg08kXZtVKlBGbm0bCsxQwYVXaeid2tJjCZHE_niljarbAQQJzk9rou_PJlMnrPMWIIFJ4-rGtj5YzmztkFj5wdjcDf1HTzw7ec3q9i6zWfhVJlGL1nc-GxRsGtnNZJbcPTX5bQ876aMDwDdMQT-sYen-LFfwHQHcjNsMPRg2r1hZBKtVYAQmkD_mvmqglqzZYLxEB_9YEoON5FU0RBAc7YdPE1mrilmvTfZBxktvzgO92gQDLXnLOnJ4YdMDQvC_aWjGIoGrBN1EDvF8TZFn2OCZSC40ajbZ8YtZKnxPCTiixU8-ncnodZmZwsW8eKY_xQTpbyncTpkQMrg7pnoZX1Y2e045nE2D06uNF6LiETXNXKY1cs4somh163-tDuTBB1V6-lgKmwLIC3v2JwBc8SZESt032FiDk5oNUe_R7zJlXTu4OI7xYUDedDZwlCJP3WPWa19eWLx3cjQRnxzFCAs7Wy19CUcF1IrUIk9yMsheoGvRIVNf-4cIwlrzfl64VLdlr32xH1g_rTvA6QSJh97vaHcI7vJdbP08TgPrTVr7ucFV4Lwxx3GSyk-9LwJAZwtEPm0IYt0ybpMH-HThBjrjZ3wFoEiyg" // under the next key

	goldenMessage        = "golden message"
	goldenSignature      = "ATsnSlRK8xDjKV68gy3Ev7cC5_yvwB1D88yj_H3dkraGaK7XQedT_64hzKHdftmElfvuDqc01fMp3fiNV1f43hNzF4UO"
	goldenLGWANSignature = "AS27QicDJIoeudTWZwZ-wmZWReroCF9pRAdY6Qbb3SDJ7QtReWMltE9F251nae-1UjZz3Lf2MMZDvZsBflRWg8U-kI8O"
)

// goldenLookup is the index under the active key, then under the retired one and
// the next one; those of the disabled and of the destroyed key are not in it.
var goldenLookup = []string{
	goldenIndex,
	"G1AzbaDQUcNqecIXaaauhETI2EI",
	"P_-P86eEoLQGJ1MXU19Ycc0cGms",
}

func goldenAD() []byte { return crypto.AppendAD(nil, "kouki", "Insured", "1") }

func goldenScope() crypto.Scope {
	return crypto.NewScope("mynumber→lgwan", "Insured", "InsuredNumber")
}

func goldenRing(t testing.TB) *crypto.Keyring {
	t.Helper()
	r, err := crypto.OpenKeyring(os.DirFS("testdata/kouki"), zeroKEK{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func goldenKeys(t testing.TB) *crypto.Keys[myNumber] {
	t.Helper()
	return keysOf[myNumber](t, goldenRing(t))
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

func TestGoldenIndex(t *testing.T) {
	found, err := crypto.NewColumn[myNumber, group]("kouki", "insured", "phone").Lookup(goldenKeys(t), []byte(goldenIndexValue))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, i := range found {
		text, _ := i.MarshalText()
		texts = append(texts, string(text))
	}
	if diff := cmp.Diff(goldenLookup, texts); diff != "" {
		t.Errorf("indexes (-want +got):\n%s", diff)
	}
}

func TestGoldenStreamAndBoxes(t *testing.T) {
	k := goldenKeys(t)
	r, err := crypto.DecryptFrom(k, bytes.NewReader(goldenBytes(t, goldenStream)), []byte(goldenInfo))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != goldenPlaintext {
		t.Errorf("the stream holds %q, %v, want %q", got, err, goldenPlaintext)
	}
	for what, box := range map[string]string{"X25519": goldenBox, "X-Wing": goldenXWing} {
		if got, err := crypto.OpenBox(k, goldenBytes(t, box), []byte(goldenInfo)); err != nil || string(got) != goldenPlaintext {
			t.Errorf("%s: the box holds %q, %v, want %q", what, got, err, goldenPlaintext)
		}
	}
}

func TestGoldenSignatures(t *testing.T) {
	r := goldenRing(t)
	signature, err := crypto.Sign(keysOf[myNumber](t, r), []byte(goldenMessage))
	if err != nil || !bytes.Equal(signature, goldenBytes(t, goldenSignature)) {
		t.Errorf("Sign = %x, %v, want the golden signature: Ed25519 has one for each message", signature, err)
	}
	if err := crypto.Verify(publicOf[myNumber](t, r), signature, []byte(goldenMessage)); err != nil {
		t.Error(err)
	}
	if err := crypto.Verify(publicOf[lgwan](t, r), goldenBytes(t, goldenLGWANSignature), []byte(goldenMessage)); err != nil {
		t.Error(err)
	}
	if _, err := crypto.SealBox(publicOf[lgwan](t, r), nil, nil); err != nil {
		t.Error(err)
	}
}

// Every use is in the golden folder, and each is used or at least opened.
func TestGoldenUses(t *testing.T) {
	r := goldenRing(t)
	for u := crypto.UseSeal; u <= crypto.UseTenant; u++ {
		if !r.Has("mynumber", u) {
			t.Errorf("there is no golden keyset for use %s", u)
		}
	}
}
