package custody_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
)

// twoSealKeys returns a folder whose first seal key of mynumber is retired, the
// ids of both, and a value under the first.
func twoSealKeys(t testing.TB, o custody.Options) (f *custody.Folder, dir string, first, second uint32, old crypto.Sealed[myNumber, group]) {
	t.Helper()
	f, dir = created(t, o)
	old = sealed(t, dir, "old")
	must(t)(f.Rotate(act(10), "mynumber", crypto.UseSeal))
	return f, dir, old.KeyID(), id(t, f, "mynumber", crypto.UseSeal, custody.StateActive), old
}

func TestDestroy(t *testing.T) {
	uses := func(policy, zone string, key uint32) (uint64, error) { return 1 << 20, nil }
	f, dir, first, second, old := twoSealKeys(t, custody.Options{Uses: uses})
	now := sealed(t, dir, "new")
	c, err := f.Destroy(act(20), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: first})
	if err != nil {
		t.Fatal(err)
	}
	opensNot(t, dir, old)
	opensTo(t, dir, now, "new")
	if got := states(t, f, "mynumber", crypto.UseSeal); got != "destroyed active" {
		t.Errorf("keys are %s", got)
	}
	if now.KeyID() != second {
		t.Errorf("the active key is %d, want %d", now.KeyID(), second)
	}

	n := uint64(1 << 20)
	want := &custody.Certificate{
		Format: 1, Method: c.Method, Policy: "kouki", Zone: "mynumber", Use: "seal", Key: first, Algorithm: "AES-256-GCM", Bits: 256,
		Created: day(0).UTC(), State: custody.StateRetired, Destroyed: day(20).UTC(), By: "k.sato", Header: c.Header, Uses: &n,
		Limits: c.Limits, Signer: id(t, f, "mynumber", crypto.UseSign, custody.StateActive), Signature: c.Signature,
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("certificate (-want +got):\n%s", diff)
	}
	if len(c.Header) != 64 || !c.Complete() || c.Last {
		t.Errorf("certificate: header %q, complete %t, last %t", c.Header, c.Complete(), c.Last)
	}

	// It stays in the folder, as it was returned.
	data, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if stored := contents(t, dir)["mynumber.seal."+itoa(first)+".erasure"]; stored != string(data) {
		t.Errorf("the certificate in the folder is %q", stored)
	}
	// Everybody who has the zone's public keys verifies it.
	public, err := crypto.PublicKeysOf[myNumber](ring(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := custody.VerifyCertificate(data, public); err != nil {
		t.Error(err)
	}
	if again, err := f.VerifyCertificate(data); err != nil || again.Key != first {
		t.Errorf("VerifyCertificate = %+v, %v", again, err)
	}
	other, err := crypto.PublicKeysOf[lgwan](ring(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	_, err = custody.VerifyCertificate(data, other)
	refused(t, err, custody.ReasonSignature)
}

func itoa(id uint32) string { b, _ := json.Marshal(id); return string(b) }

func TestDestroyRefuses(t *testing.T) {
	f, dir, first, second, _ := twoSealKeys(t, custody.Options{})
	before := contents(t, dir)
	destroy := func(id uint32, last string) error {
		_, err := f.Destroy(act(20), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: id, Last: last})
		return err
	}
	refused(t, destroy(second, ""), custody.ReasonActive)
	refused(t, destroy(second, "mynumber.seal"), custody.ReasonActive)
	refused(t, destroy(first+1, ""), custody.ReasonNoKey)
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the folder was changed (-before +after):\n%s", diff)
	}
	if err := destroy(first, ""); err != nil {
		t.Fatal(err)
	}
	refused(t, destroy(first, ""), custody.ReasonState)
	refused(t, destroy(second, ""), custody.ReasonLast)
	refused(t, destroy(second, "mynumber"), custody.ReasonLast)
	refused(t, destroy(second, "lgwan.seal"), custody.ReasonLast)
}

// The last key goes when its keyset is named; a rotation begins anew.
func TestDestroyLast(t *testing.T) {
	f, dir := created(t, custody.Options{})
	old := sealed(t, dir, "old")
	c, err := f.Destroy(act(1), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: old.KeyID(), Last: "mynumber.seal"})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Last || c.State != custody.StateActive {
		t.Errorf("certificate: last %t, state %s", c.Last, c.State)
	}
	opensNot(t, dir, old)
	_, err = f.Stage(act(2), "mynumber", crypto.UseSeal)
	refused(t, err, custody.ReasonState)
	must(t)(f.Rotate(act(2), "mynumber", crypto.UseSeal))
	opensTo(t, dir, sealed(t, dir, "new"), "new")
	opensNot(t, dir, old)
}

// A zone's only sign key does not sign that it is gone.
func TestDestroySignKeys(t *testing.T) {
	f, dir := created(t, custody.Options{})
	first := id(t, f, "mynumber", crypto.UseSign, custody.StateActive)
	must(t)(f.Rotate(act(1), "mynumber", crypto.UseSign))
	second := id(t, f, "mynumber", crypto.UseSign, custody.StateActive)
	c, err := f.Destroy(act(2), custody.Destruction{Zone: "mynumber", Use: crypto.UseSign, ID: first})
	if err != nil || c.Signer != second {
		t.Fatalf("certificate signed by %d, %v, want by %d", c.Signer, err, second)
	}
	c, err = f.Destroy(act(3), custody.Destruction{Zone: "mynumber", Use: crypto.UseSign, ID: second, Last: "mynumber.sign"})
	if err != nil || c.Signer != 0 || len(c.Signature) != 0 {
		t.Fatalf("certificate signed by %d, %v, want by nobody", c.Signer, err)
	}
	data, _ := c.Encode()
	claims, err := f.VerifyCertificate(data)
	refused(t, err, custody.ReasonSignature)
	if claims == nil || claims.Key != second || !strings.Contains(claims.Text(), "none") {
		t.Errorf("what it claims: %+v", claims)
	}
	ring(t, dir)
}

// A sign key whose time to produce is over signs nothing.
func TestLapsedSignKeyDoesNotSign(t *testing.T) {
	f, _, first, _, _ := twoSealKeys(t, custody.Options{})
	c, err := f.Destroy(act(800), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: first})
	if err != nil || c.Signer != 0 {
		t.Errorf("signed by %d, %v, want by nobody", c.Signer, err)
	}
}

func TestCertificateNamesBackups(t *testing.T) {
	f, _, first, _, _ := twoSealKeys(t, custody.Options{})
	var buf bytes.Buffer
	b1, err := f.Backup(act(11), &buf, backupKEK, []string{"sato", "suzuki"})
	if err != nil {
		t.Fatal(err)
	}
	b2, err := f.Backup(act(12), &buf, backupKEK, []string{"sato", "tanaka"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.BackupDestroyed(act(13), b1.ID); err != nil {
		t.Fatal(err)
	}
	c, err := f.Destroy(act(20), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: first})
	if err != nil {
		t.Fatal(err)
	}
	want := []custody.BackupRef{{ID: b2.ID, Made: day(12).UTC(), Custodians: []string{"sato", "tanaka"}}}
	if diff := cmp.Diff(want, c.Backups); diff != "" || c.Complete() {
		t.Errorf("backups of the certificate (-want +got):\n%s", diff)
	}
	for _, want := range []string{"STILL HOLD", b2.ID, "sato, tanaka", itoa(first)} {
		if !strings.Contains(c.Text(), want) {
			t.Errorf("the text lacks %q:\n%s", want, c.Text())
		}
	}
	_, err = f.BackupDestroyed(act(21), "NONE")
	refused(t, err, custody.ReasonNoBackup)
}

// A list of backups that was changed is found when it is needed.
func TestLedgerIsSealed(t *testing.T) {
	f, dir, first, _, _ := twoSealKeys(t, custody.Options{})
	if _, err := f.Backup(act(11), new(bytes.Buffer), backupKEK, []string{"sato", "suzuki"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "backups.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edited := bytes.Replace(data, []byte("suzuki"), []byte("yamada"), 1)
	if err := os.WriteFile(path, edited, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = f.Destroy(act(20), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: first})
	refused(t, err, custody.ReasonMalformed)
	if s, err := f.Status(day(20)); err != nil || len(s.Problems) != 1 || s.Verified {
		t.Errorf("status = %+v, %v, want a problem with the list", s, err)
	}
}

// What restoring kept aside of the keyset may hold the key, and goes with it.
func TestDestroyTakesWhatWasKeptAside(t *testing.T) {
	f, dir, first, _, _ := twoSealKeys(t, custody.Options{})
	data := backup(t, f, 11)
	for _, name := range []string{"mynumber.seal.keyset", "lgwan.seal.keyset"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := restore(t, dir, data); err != nil {
		t.Fatal(err)
	}
	aside := func() (list []string) {
		for name := range contents(t, dir) {
			if strings.HasSuffix(name, ".damaged") {
				list = append(list, name[:len(".mynumber.")])
			}
		}
		slices.Sort(list)
		return list
	}
	if got := aside(); len(got) != 2 {
		t.Fatalf("kept aside: %v", got)
	}
	if _, err := f.Destroy(act(40), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: first}); err != nil {
		t.Fatal(err)
	}
	if got := aside(); len(got) != 1 || got[0] != ".lgwan.sea" {
		t.Errorf("kept aside after the destruction: %v", got)
	}
}

func TestPublicKeysAreNotDestroyed(t *testing.T) {
	f, _ := imported(t)
	_, err := f.Destroy(act(5), custody.Destruction{Zone: "mynumber", Use: crypto.UseVerify, ID: id(t, f, "mynumber", crypto.UseVerify, custody.StateActive)})
	refused(t, err, custody.ReasonUse)
	_, err = f.Rotate(act(5), "mynumber", crypto.UseVerify)
	refused(t, err, custody.ReasonUse)
	_, err = f.Stage(act(5), "mynumber", crypto.UseVerify)
	refused(t, err, custody.ReasonUse)
}
