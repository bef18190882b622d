package custody_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
)

func status(t testing.TB, f *custody.Folder, n int) *custody.Status {
	t.Helper()
	s, err := f.Status(day(n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// of returns the status of the first key of a keyset in a state.
func of(t testing.TB, s *custody.Status, zone, use string, state custody.State) custody.KeyStatus {
	t.Helper()
	for _, k := range s.Keys {
		if k.Zone == zone && k.Use == use && k.State == state {
			return k
		}
	}
	t.Fatalf("no key of %s.%s is %s", zone, use, state)
	return custody.KeyStatus{}
}

func TestStatusWithoutKEK(t *testing.T) {
	f, dir := created(t, custody.Options{})
	backup(t, f, 0)
	s := status(t, reopened(t, dir, nil), 1)
	k := of(t, s, "lgwan", "box", custody.StateActive)
	if s.Verified || s.Urgent() || len(s.Keys) != 12 || k.Witness != custody.WitnessPresent || len(k.Backups) != 1 || s.Policy != "kouki" {
		t.Errorf("status = %+v", s)
	}
	s = status(t, f, 1)
	if k := of(t, s, "lgwan", "box", custody.StateActive); !s.Verified || k.Witness != custody.WitnessOpens || k.Bits != 128 {
		t.Errorf("status = %+v", s)
	}
}

// What has to be done next, and by when.
func TestStatusNext(t *testing.T) {
	y2030 := time.Date(2030, 12, 31, 23, 59, 59, 0, time.UTC)
	var uses uint64
	listed := true
	o := custody.Options{
		Uses:  func(string, string, uint32) (uint64, error) { return uses, nil },
		Until: func(a string) (time.Time, time.Time, bool) { return time.Time{}, y2030, listed },
	}
	f, _, first, _, _ := twoSealKeys(t, o)
	must(t)(f.Stage(act(11), "mynumber", crypto.UseSeal))
	check := func(n int, state custody.State, do string, by time.Time, overdue bool) {
		t.Helper()
		k := of(t, status(t, f, n), "mynumber", "seal", state)
		if !strings.HasPrefix(k.Next.Do, do) || !k.Next.By.Equal(by) || k.Next.Overdue != overdue {
			t.Errorf("on day %d, of the key that is %s: %+v, want %q by %v, overdue %t", n, state, k.Next, do, by, overdue)
		}
	}
	check(12, custody.StateActive, "back up", time.Time{}, false)
	backup(t, f, 12)
	check(12, custody.StateActive, "rotate", day(10).AddDate(2, 0, 0), false)
	check(741, custody.StateActive, "rotate", day(10).AddDate(2, 0, 0), true)
	check(12, custody.StateNext, "rotate to put it to use", day(11).AddDate(2, 0, 0), false)
	check(12, custody.StateRetired, "reseal", y2030, false) // the algorithm falls out before the key does
	check(1800, custody.StateRetired, "reseal", y2030, true)
	uses = crypto.UseWarning
	check(12, custody.StateActive, "rotate: used about", time.Time{}, true)
	uses, listed = 0, false
	check(12, custody.StateActive, "rotate: the policy", time.Time{}, true)
	check(12, custody.StateRetired, "reseal and destroy: the policy", time.Time{}, true)
	check(12, custody.StateNext, "retire: the policy", time.Time{}, true)
	if s := status(t, f, 12); !s.Urgent() {
		t.Error("an algorithm that is not listed is not urgent")
	}
	listed = true
	must(t)(f.Disable(act(13), "mynumber", crypto.UseSeal, first))
	check(13, custody.StateDisabled, "enable or destroy", time.Time{}, false)
	if _, err := f.Destroy(act(14), custody.Destruction{Zone: "mynumber", Use: crypto.UseSeal, ID: first}); err != nil {
		t.Fatal(err)
	}
	check(14, custody.StateDestroyed, "destroy the backups", time.Time{}, false)
	for _, b := range status(t, f, 14).Backups {
		if _, err := f.BackupDestroyed(act(14), b.ID); err != nil {
			t.Fatal(err)
		}
	}
	if k := of(t, status(t, f, 14), "mynumber", "seal", custody.StateDestroyed); k.Next != (custody.Next{}) {
		t.Errorf("of the key that is gone everywhere: %+v", k.Next)
	}
	k := of(t, status(t, f, 14), "mynumber", "seal", custody.StateActive)
	if !k.FallsOut().Equal(y2030) || !k.StopsProducing().Equal(day(10).AddDate(2, 0, 0)) || k.Uses == nil {
		t.Errorf("falls out %v, stops producing %v", k.FallsOut(), k.StopsProducing())
	}
}

func TestStatusOfPublicKeys(t *testing.T) {
	f, _ := imported(t)
	k := of(t, status(t, f, 1), "mynumber", "verify", custody.StateActive)
	if k.Witness != custody.WitnessNone || k.Next.Do != "import the zone's next export" || !k.Next.By.Equal(day(0).AddDate(2, 0, 0)) {
		t.Errorf("status = %+v", k)
	}
}

// A damaged file does not hide the others.
func TestStatusWithDamage(t *testing.T) {
	_, dir := created(t, custody.Options{})
	files := contents(t, dir)
	files["lgwan.seal.keyset"] = files["lgwan.seal.keyset"][1:]
	files["lgwan.sign.keyset"] = strings.Replace(files["lgwan.sign.keyset"], `"created": "2026`, `"created": "2025`, 1)
	s := status(t, reopened(t, put(t, files), folderKEK), 1)
	if s.Verified || !s.Urgent() || len(s.Problems) != 2 || len(s.Keys) != 10 {
		t.Errorf("status = %+v", s)
	}
	for _, p := range s.Problems {
		if strings.Contains(p.Error, "\n") || p.File == "" {
			t.Errorf("problem = %+v", p)
		}
	}
}

func TestStatusFindsUnboundKEK(t *testing.T) {
	f, dir := created(t, custody.Options{})
	f.Close()
	_, err := reopened(t, dir, openDeafKEK{}).Status(day(1))
	broken(t, err, "", crypto.ReasonUnbound)
}

// openDeafKEK decrypts under any associated data: it knows them all.
type openDeafKEK struct{ fixedKEK }

func (openDeafKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	return folderKEK.Encrypt(plaintext, ad)
}

func (openDeafKEK) Decrypt(ct, ad []byte) ([]byte, error) {
	if pt, err := folderKEK.Decrypt(ct, ad); err == nil {
		return pt, nil
	}
	return bytes.Clone(ct), nil
}

// A file that is gone, and an older one that was put back, are found as long as a
// backup on record knows the keys.
func TestStatusFindsWhatIsLost(t *testing.T) {
	f, dir := created(t, custody.Options{})
	old := contents(t, dir)
	must(t)(f.Rotate(act(1), "mynumber", crypto.UseSeal))
	backup(t, f, 2)
	files := contents(t, dir)
	delete(files, "lgwan.seal.keyset")
	files["mynumber.seal.keyset"] = old["mynumber.seal.keyset"]
	s := status(t, reopened(t, put(t, files), folderKEK), 3)
	if len(s.Problems) != 2 || s.Problems[0].File != "lgwan.seal.keyset" || s.Problems[1].File != "mynumber.seal.keyset" || s.Verified || !s.Urgent() {
		t.Errorf("status = %+v, want two problems", s.Problems)
	}
}
