package crypto

import (
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/crypto/internal/keyfile"
)

// TestFIPSOnly runs TestUnderFIPSOnly in a process of its own, under the mode.
func TestFIPSOnly(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("this process runs under the mode itself")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestUnderFIPSOnly$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestUnderFIPSOnly") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestUnderFIPSOnly says what GODEBUG=fips140=only lets keys do: tokens, indexes
// and signatures work, and whatever seals is refused when it is opened and not in
// the middle of work.
func TestUnderFIPSOnly(t *testing.T) {
	if !fips140.Enforced() {
		t.Skip("it is for a process under GODEBUG=fips140=only: TestFIPSOnly starts one")
	}
	_, err := EphemeralKeyring("kouki", "a")
	var refused *KeyringError
	if !errors.As(err, &refused) || refused.Reason != ReasonMode {
		t.Errorf("EphemeralKeyring err = %v, want it refused for the mode", err)
	}
	r := newRing("kouki")
	var opened []openedFile
	for _, u := range []Use{UseToken, UseIndex, UseSign, UseTenant} {
		f, h, err := freshFile("kouki", "a", u, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		opened = append(opened, openedFile{f, u, func() handle { return h }})
	}
	s, err := r.newState(opened, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r.put(s)
	k, err := KeysOf[zoneA](&Keyring{r: r})
	if err != nil {
		t.Fatal(err)
	}
	tok, err := MakeToken[routeA](k, Scope{}, []byte("value"))
	if err != nil {
		t.Error(err)
	}
	if ok, err := MatchToken(k, Scope{}, []byte("value"), tok); !ok || err != nil {
		t.Errorf("MatchToken = %t, %v", ok, err)
	}
	if _, err := MakeIndex[int](k, Scope{}, []byte("value")); err != nil {
		t.Error(err)
	}
	if _, err := Sign(k, []byte("message")); err != nil {
		t.Error(err)
	}
	for _, u := range []Use{UseSeal, UseStream, UseBox} {
		f := &keyfile.File{Policy: "kouki", Zone: "a", Use: u.String()}
		_, err := r.newState([]openedFile{{f, u, func() handle { return nil }}}, time.Now())
		if !errors.As(err, &refused) || refused.Reason != ReasonMode || !strings.Contains(err.Error(), "fips140=on") {
			t.Errorf("%s keys: err = %v, want them refused for the mode", u, err)
		}
	}
}
