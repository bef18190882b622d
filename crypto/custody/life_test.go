package custody_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
)

func TestCreate(t *testing.T) {
	f, dir := created(t, custody.Options{})
	want := "[lgwan.box.keyset lgwan.index.keyset lgwan.seal.keyset lgwan.sign.keyset lgwan.stream.keyset lgwan.token.keyset " +
		"mynumber.box.keyset mynumber.index.keyset mynumber.seal.keyset mynumber.sign.keyset mynumber.stream.keyset mynumber.token.keyset]"
	if got := names(contents(t, dir)); got != want {
		t.Errorf("files = %s\nwant    %s", got, want)
	}
	s, err := f.Status(day(1))
	if err != nil {
		t.Fatal(err)
	}
	k := s.Keys[0]
	if k.Created != day(0).UTC() || k.ProduceUntil != day(0).AddDate(2, 0, 0).UTC() || k.ConsumeUntil != day(0).AddDate(5, 0, 0).UTC() {
		t.Errorf("the dates of the key are %v, %v and %v", k.Created, k.ProduceUntil, k.ConsumeUntil)
	}
	opensTo(t, dir, sealed(t, dir, "value"), "value")

	// Again: everything is there and stays.
	before := contents(t, dir)
	c := must(t)(f.Create(act(1), custody.Creation{Zones: []string{"lgwan"}}))
	if len(c.Keys) != 0 || len(c.Kept) != 6 {
		t.Errorf("creating again did %+v", c)
	}
	c = must(t)(f.Create(act(1), custody.Creation{Zones: []string{"lgwan"}, Uses: []crypto.Use{crypto.UseTenant, crypto.UseTenant}}))
	if len(c.Keys) != 1 || c.Keys[0].Use != "tenant" || c.Keys[0].To != custody.StateActive || c.By != "k.sato" || c.Policy != "kouki" {
		t.Errorf("creating the tenant key did %+v", c)
	}
	after := contents(t, dir)
	delete(after, "lgwan.tenant.keyset")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("creating more changed what was there (-before +after):\n%s", diff)
	}
}

// A keyset that was lost is not hidden by a fresh one unless that is asked for.
func TestCreateMissing(t *testing.T) {
	f, dir := created(t, custody.Options{})
	os.Remove(filepath.Join(dir, "lgwan.seal.keyset"))
	_, err := f.Create(act(1), custody.Creation{Zones: []string{"lgwan"}})
	refused(t, err, custody.ReasonIncomplete)
	c := must(t)(f.Create(act(1), custody.Creation{Zones: []string{"lgwan"}, Missing: true}))
	if len(c.Keys) != 1 || c.Keys[0].Use != "seal" {
		t.Errorf("creating what is missing did %+v", c)
	}
}

func TestCreateRefuses(t *testing.T) {
	ended := func(_ crypto.Use, created time.Time) (custody.Plan, error) {
		return custody.Plan{ProduceUntil: created.Add(-time.Second)}, nil
	}
	for _, tc := range []struct {
		name string
		o    custody.Options
		a    custody.Act
		c    custody.Creation
		want func(error)
	}{
		{"no operator", custody.Options{}, custody.Act{At: day(0)}, custody.Creation{Zones: []string{"a"}}, func(err error) { refused(t, err, custody.ReasonOperator) }},
		{"an operator with a blank", custody.Options{}, custody.Act{By: "k sato", At: day(0)}, custody.Creation{Zones: []string{"a"}}, func(err error) { refused(t, err, custody.ReasonOperator) }},
		{"an operator that is not ASCII", custody.Options{}, custody.Act{By: "佐藤", At: day(0)}, custody.Creation{Zones: []string{"a"}}, func(err error) { refused(t, err, custody.ReasonOperator) }},
		{"a long operator", custody.Options{}, custody.Act{By: strings.Repeat("s", 65), At: day(0)}, custody.Creation{Zones: []string{"a"}}, func(err error) { refused(t, err, custody.ReasonOperator) }},
		{"no time", custody.Options{}, custody.Act{By: "s"}, custody.Creation{Zones: []string{"a"}}, func(err error) { refused(t, err, custody.ReasonClock) }},
		{"no zone", custody.Options{}, act(0), custody.Creation{}, func(err error) { broken(t, err, "", crypto.ReasonName) }},
		{"a path for a zone", custody.Options{}, act(0), custody.Creation{Zones: []string{"../a"}}, func(err error) { broken(t, err, "", crypto.ReasonName) }},
		{"public keys", custody.Options{}, act(0), custody.Creation{Zones: []string{"a"}, Uses: []crypto.Use{crypto.UseVerify}}, func(err error) { refused(t, err, custody.ReasonUse) }},
		{"no use", custody.Options{}, act(0), custody.Creation{Zones: []string{"a"}, Uses: []crypto.Use{crypto.UseUnknown}}, func(err error) { refused(t, err, custody.ReasonUse) }},
		{"a plan that fails", custody.Options{Plan: func(crypto.Use, time.Time) (custody.Plan, error) { return custody.Plan{}, errors.New("no") }}, act(0), custody.Creation{Zones: []string{"a"}}, func(err error) { refused(t, err, custody.ReasonPlan) }},
		{"a plan that has ended", custody.Options{Plan: ended}, act(0), custody.Creation{Zones: []string{"a"}}, func(err error) { refused(t, err, custody.ReasonPlan) }},
		{"an algorithm of another use", custody.Options{Plan: func(crypto.Use, time.Time) (custody.Plan, error) { return custody.Plan{Algorithm: "Ed25519"}, nil }}, act(0), custody.Creation{Zones: []string{"a"}}, func(err error) { refused(t, err, custody.ReasonPlan) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			tc.o.Policy = "kouki"
			f, err := custody.Open(dir, folderKEK, tc.o)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			_, err = f.Create(tc.a, tc.c)
			tc.want(err)
			if got := contents(t, dir); len(got) > 0 {
				t.Errorf("files are left: %s", names(got))
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	_, err := custody.Open(filepath.Join(t.TempDir(), "none"), folderKEK, custody.Options{})
	broken(t, err, "", crypto.ReasonUnreadable)
	_, err = custody.Make(filepath.Join(t.TempDir(), "no", "parent"), folderKEK, custody.Options{})
	broken(t, err, "", crypto.ReasonUnwritable)

	f, dir := created(t, custody.Options{})
	other, err := custody.Open(dir, folderKEK, custody.Options{Policy: "zeimu"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, err = other.Rotate(act(1), "mynumber", crypto.UseSeal)
	broken(t, err, "lgwan.box.keyset", crypto.ReasonPolicy)
	_, err = reopened(t, dir, nil).Rotate(act(1), "mynumber", crypto.UseSeal)
	broken(t, err, "", crypto.ReasonKEK)
	_, err = reopened(t, dir, backupKEK).Rotate(act(1), "mynumber", crypto.UseSeal)
	broken(t, err, "mynumber.seal.keyset", crypto.ReasonLocked)
	_, err = reopened(t, dir, deafKEK{}).Rotate(act(1), "mynumber", crypto.UseSeal)
	broken(t, err, "", crypto.ReasonUnbound)
	_, err = f.Rotate(act(-1), "mynumber", crypto.UseSeal)
	refused(t, err, custody.ReasonClock)
	_, err = f.Rotate(act(1), "internet", crypto.UseSeal)
	refused(t, err, custody.ReasonNoKeyset)
	_, err = f.Rotate(act(1), "../x", crypto.UseSeal)
	broken(t, err, "", crypto.ReasonName)
	_, err = f.Rotate(act(1), "mynumber", crypto.UseUnknown)
	refused(t, err, custody.ReasonUse)
}

// deafKEK ignores associated data.
type deafKEK struct{}

func (deafKEK) Encrypt(plaintext, _ []byte) ([]byte, error) { return folderKEK.Encrypt(plaintext, nil) }
func (deafKEK) Decrypt(ct, _ []byte) ([]byte, error)        { return folderKEK.Decrypt(ct, nil) }

func TestRotate(t *testing.T) {
	f, dir := created(t, custody.Options{})
	old := sealed(t, dir, "old")
	first := id(t, f, "mynumber", crypto.UseSeal, custody.StateActive)
	c := must(t)(f.Rotate(act(700), "mynumber", crypto.UseSeal))
	second := id(t, f, "mynumber", crypto.UseSeal, custody.StateActive)
	want := []custody.KeyChange{
		{Zone: "mynumber", Use: "seal", ID: first, Algorithm: "AES-256-GCM", From: custody.StateActive, To: custody.StateRetired,
			ProduceUntil: day(0).AddDate(2, 0, 0).UTC(), ConsumeUntil: day(0).AddDate(5, 0, 0).UTC()},
		{Zone: "mynumber", Use: "seal", ID: second, Algorithm: "AES-256-GCM", To: custody.StateActive,
			ProduceUntil: day(700).AddDate(2, 0, 0).UTC(), ConsumeUntil: day(700).AddDate(5, 0, 0).UTC()},
	}
	if diff := cmp.Diff(want, c.Keys); diff != "" || c.Action != "rotate" || !c.At.Equal(day(700)) {
		t.Errorf("rotating did %+v (-want +got):\n%s", c, diff)
	}
	opensTo(t, dir, old, "old")
	if s := sealed(t, dir, "new"); s.KeyID() != second {
		t.Errorf("what is new is sealed under key %d, want %d", s.KeyID(), second)
	}
	if got := states(t, f, "lgwan", crypto.UseSeal); got != "active" {
		t.Errorf("the other zone's keys are %s", got)
	}
}

// Every use that is made can be rotated, and every primitive goes on working.
func TestRotateEveryUse(t *testing.T) {
	f, dir := created(t, custody.Options{})
	must(t)(f.Create(act(0), custody.Creation{Zones: []string{"mynumber"}, Uses: []crypto.Use{crypto.UseTenant}}))
	for _, u := range []crypto.Use{crypto.UseSeal, crypto.UseToken, crypto.UseIndex, crypto.UseStream, crypto.UseBox, crypto.UseSign, crypto.UseTenant} {
		must(t)(f.Stage(act(1), "mynumber", u))
		must(t)(f.Rotate(act(2), "mynumber", u))
		must(t)(f.Rotate(act(3), "mynumber", u))
		if got := states(t, f, "mynumber", u); got != "retired retired active" {
			t.Errorf("%s: keys are %s", u, got)
		}
	}
	ring(t, dir)
}

func TestStage(t *testing.T) {
	f, dir := created(t, custody.Options{})
	must(t)(f.Stage(act(1), "mynumber", crypto.UseSeal))
	if got := states(t, f, "mynumber", crypto.UseSeal); got != "active next" {
		t.Fatalf("keys are %s", got)
	}
	staged := id(t, f, "mynumber", crypto.UseSeal, custody.StateNext)
	if s := sealed(t, dir, "x"); s.KeyID() == staged {
		t.Error("the staged key seals")
	}
	_, err := f.Stage(act(2), "mynumber", crypto.UseSeal)
	refused(t, err, custody.ReasonStaged)

	stale := ring(t, dir) // a process that read the folder before the rotation
	must(t)(f.Rotate(act(3), "mynumber", crypto.UseSeal))
	if got := id(t, f, "mynumber", crypto.UseSeal, custody.StateActive); got != staged {
		t.Errorf("rotating made key %d active, want the staged %d", got, staged)
	}
	k, err := crypto.KeysOf[myNumber](stale)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := crypto.Open(k, sealed(t, dir, "new"), []byte("ad")); err != nil || string(got) != "new" {
		t.Errorf("a process that has the staged key does not open what is new: %v", err)
	}
}

func TestStagedTooLong(t *testing.T) {
	f, _ := created(t, custody.Options{})
	must(t)(f.Stage(act(1), "mynumber", crypto.UseSeal))
	_, err := f.Rotate(act(800), "mynumber", crypto.UseSeal)
	refused(t, err, custody.ReasonPlan)
	must(t)(f.Retire(act(800), "mynumber", crypto.UseSeal, id(t, f, "mynumber", crypto.UseSeal, custody.StateNext)))
	must(t)(f.Rotate(act(800), "mynumber", crypto.UseSeal))
	if got := states(t, f, "mynumber", crypto.UseSeal); got != "retired retired active" {
		t.Errorf("keys are %s", got)
	}
}

func TestDisableAndEnable(t *testing.T) {
	f, dir := created(t, custody.Options{})
	old := sealed(t, dir, "old")
	must(t)(f.Rotate(act(1), "mynumber", crypto.UseSeal))
	must(t)(f.Disable(act(2), "mynumber", crypto.UseSeal, old.KeyID()))
	opensNot(t, dir, old)
	c := must(t)(f.Enable(act(3), "mynumber", crypto.UseSeal, old.KeyID()))
	if len(c.Keys) != 1 || c.Keys[0].From != custody.StateDisabled || c.Keys[0].To != custody.StateRetired {
		t.Errorf("enabling did %+v", c.Keys)
	}
	opensTo(t, dir, old, "old")
}

// TestWays tries every way out of every state.
func TestWays(t *testing.T) {
	type way func(*custody.Folder, uint32) error
	const zone, use = "mynumber", crypto.UseSeal
	ways := map[string]way{
		"retire":  func(f *custody.Folder, id uint32) error { _, err := f.Retire(act(9), zone, use, id); return err },
		"disable": func(f *custody.Folder, id uint32) error { _, err := f.Disable(act(9), zone, use, id); return err },
		"enable":  func(f *custody.Folder, id uint32) error { _, err := f.Enable(act(9), zone, use, id); return err },
		"destroy": func(f *custody.Folder, id uint32) error {
			_, err := f.Destroy(act(9), custody.Destruction{Zone: zone, Use: use, ID: id})
			return err
		},
	}
	const no, active = custody.ReasonState, custody.ReasonActive
	allowed := custody.ReasonUnknown
	want := map[custody.State]map[string]custody.Reason{
		custody.StateNext:      {"retire": allowed, "disable": allowed, "enable": no, "destroy": allowed},
		custody.StateActive:    {"retire": active, "disable": active, "enable": active, "destroy": active},
		custody.StateRetired:   {"retire": no, "disable": allowed, "enable": no, "destroy": allowed},
		custody.StateDisabled:  {"retire": allowed, "disable": no, "enable": allowed, "destroy": allowed},
		custody.StateDestroyed: {"retire": no, "disable": no, "enable": no, "destroy": no},
	}
	good := inAllStates(t)
	for state, row := range want {
		for name, reason := range row {
			f := reopened(t, put(t, good), folderKEK)
			key := id(t, f, zone, use, state)
			err := ways[name](f, key)
			if reason == allowed && err != nil {
				t.Errorf("%s of a key that is %s: %v", name, state, err)
			}
			if reason != allowed {
				refused(t, err, reason)
			}
		}
	}
	f := reopened(t, put(t, good), folderKEK)
	for name, w := range ways {
		if err := w(f, 1); err == nil {
			t.Errorf("%s of a key that is not there: no error", name)
		}
	}
}

// inAllStates returns a folder with seal keys of mynumber in all states.
func inAllStates(t testing.TB) map[string]string {
	t.Helper()
	const zone, use = "mynumber", crypto.UseSeal
	f, dir := created(t, custody.Options{})
	var ids []uint32
	for i := range 3 {
		ids = append(ids, id(t, f, zone, use, custody.StateActive))
		must(t)(f.Rotate(act(i), zone, use))
	}
	must(t)(f.Disable(act(4), zone, use, ids[1]))
	if _, err := f.Destroy(act(5), custody.Destruction{Zone: zone, Use: use, ID: ids[0]}); err != nil {
		t.Fatal(err)
	}
	must(t)(f.Stage(act(6), zone, use))
	if got := states(t, f, zone, use); got != "destroyed disabled retired active next" {
		t.Fatalf("keys are %s", got)
	}
	return contents(t, dir)
}

// TestConcurrentRotation lets readers open the keyring and writers rotate at the
// same time: a reader always sees a whole keyring, and no rotation is lost.
func TestConcurrentRotation(t *testing.T) {
	f, dir := created(t, custody.Options{})
	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r, err := crypto.OpenKeyring(os.DirFS(dir), folderKEK)
				if err != nil {
					t.Error(err)
					return
				}
				if !r.Has("mynumber", crypto.UseSeal) || !r.Has("lgwan", crypto.UseSign) {
					t.Error("a reader saw a part of the keyring")
					return
				}
			}
		})
	}
	const each = 12
	for range 2 {
		writers.Go(func() {
			g := reopened(t, dir, folderKEK)
			for range each {
				if _, err := g.Rotate(act(1), "mynumber", crypto.UseSeal); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if got, _ := keys(t, f, "mynumber", crypto.UseSeal); len(got) != 2*each+1 {
		t.Errorf("%d keys after %d rotations", len(got), 2*each)
	}
}

// What is written is read back before it takes the place of what was.
func TestReadsBack(t *testing.T) {
	f, dir := created(t, custody.Options{})
	f.Close()
	before := contents(t, dir)
	for n := range 3 {
		g := reopened(t, dir, &lyingKEK{honest: n})
		if _, err := g.Rotate(act(1), "mynumber", crypto.UseSeal); (err == nil) != (n == 2) {
			t.Errorf("after %d honest encryptions the key-encryption key writes nonsense: err = %v", n, err)
		}
		if n == 2 {
			if got := states(t, reopened(t, dir, folderKEK), "mynumber", crypto.UseSeal); got != "retired active" {
				t.Errorf("keys are %s after an honest rotation", got)
			}
			continue
		}
		if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
			t.Errorf("the folder was changed (-before +after):\n%s", diff)
		}
	}
}

// lyingKEK encrypts so that nobody decrypts it, after some honest encryptions.
type lyingKEK struct{ honest int }

func (k *lyingKEK) Encrypt(plaintext, ad []byte) ([]byte, error) {
	k.honest--
	if k.honest < 0 {
		return backupKEK.Encrypt(plaintext, ad)
	}
	return folderKEK.Encrypt(plaintext, ad)
}

func (k *lyingKEK) Decrypt(ct, ad []byte) ([]byte, error) { return folderKEK.Decrypt(ct, ad) }
