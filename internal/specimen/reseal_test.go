package specimen_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/custody"
	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/shapes"
	"github.com/sekisho-go/sekisho/internal/specimen/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/zonetest"
	"github.com/sekisho-go/sekisho/zone/zonetest/zonecmp"
)

// folder is a folder of keys that a test rotates.
type folder struct {
	t   *testing.T
	dir string
	kek tink.AEAD
	at  *custody.Folder
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	kek, err := subtle.NewAESGCM(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	f := &folder{t: t, dir: t.TempDir() + "/keys", kek: kek}
	f.at, err = custody.Make(f.dir, kek, custody.Options{Policy: "specimen"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.at.Close() })
	if _, err := f.at.Create(f.act(), custody.Creation{Zones: []string{"mynumber", "lgwan"}}); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *folder) act() custody.Act { return custody.Act{By: "tester", At: time.Now()} }

func (f *folder) rotate(uses ...crypto.Use) {
	f.t.Helper()
	for _, use := range uses {
		if _, err := f.at.Rotate(f.act(), "mynumber", use); err != nil {
			f.t.Fatal(err)
		}
	}
}

// opened is the keyring as it is now, and crossings both ways under it.
type opened struct {
	keys *crypto.Keys[zones.MyNumber]
	out  *zone.Crossing[zones.MyNumberToLGWAN]
	back *zone.Crossing[zones.LGWANToMyNumber]
}

func (f *folder) open() opened {
	f.t.Helper()
	ring, err := crypto.OpenKeyring(os.DirFS(f.dir), f.kek)
	if err != nil {
		f.t.Fatal(err)
	}
	keys, err := crypto.KeysOf[zones.MyNumber](ring)
	if err != nil {
		f.t.Fatal(err)
	}
	border, _ := zonetest.Border(f.t, zones.Policy(), zone.WithKeys(ring))
	return opened{keys, zonetest.Cross[zones.MyNumberToLGWAN](f.t, border, zones.PurposeLevy), zonetest.Cross[zones.LGWANToMyNumber](f.t, border, zones.PurposeLevy)}
}

// TestReseal: what was sealed before a rotation is sealed anew and comes back by
// the return method, which knows nothing of it.
func TestReseal(t *testing.T) {
	f := newFolder(t)
	before := f.open()
	p := person()
	view, err := p.ToLGWAN(before.out)
	if err != nil {
		t.Fatal(err)
	}
	f.rotate(crypto.UseSeal)
	now := f.open()
	old := view.Sealed
	for _, want := range []bool{true, false} {
		changed, err := view.ResealMyNumber(zone.NewResealing(now.keys), p.InsuredNumber)
		if err != nil || changed != want {
			t.Fatalf("changed: %v, %v, want %v", changed, err, want)
		}
	}
	primary, _ := now.keys.Primary(crypto.UseSeal)
	if view.Sealed.KeyID() != primary || old.KeyID() == primary || view.Sealed.Equal(old) {
		t.Error("it is not sealed under the primary key")
	}
	got, err := view.ToMyNumber(now.back, p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, got, zonecmp.Closed()); diff != "" {
		t.Error(diff)
	}
	if _, err := view.ToMyNumber(before.back, p); err == nil {
		t.Error("it still opens under the key from before")
	}
}

// TestResealKnowsTheRecord: a seal is bound to its record, and resealing does not
// get round that, nor leave anything changed.
func TestResealKnowsTheRecord(t *testing.T) {
	f := newFolder(t)
	p := person()
	before := f.open()
	view, err := p.ToLGWAN(before.out)
	if err != nil {
		t.Fatal(err)
	}
	f.rotate(crypto.UseSeal)
	now := f.open()
	kept := *view
	_, err = view.ResealMyNumber(zone.NewResealing(now.keys), "87654321")
	var failed *zone.ResealError
	var open *crypto.OpenError
	if !errors.As(err, &failed) || !errors.As(err, &open) || failed.View != "specimen.PersonLGWAN" || failed.Field != "Sealed" {
		t.Errorf("got %v, want that Sealed does not open", err)
	}
	if err != nil && strings.Contains(err.Error(), "87654321") {
		t.Errorf("the error shows the id: %v", err)
	}
	inside := zone.ResealPart(zone.NewResealing(now.keys), "a.B.C", "1")
	for name, x := range map[string]*zone.Resealing[zones.MyNumber]{
		"in another record": inside, "without keys": zone.NewResealing[zones.MyNumber](nil), "without anything": nil,
		"of nothing": zone.ResealPart[zones.MyNumber](nil, "a.B.C", "1"),
	} {
		if _, err := view.ResealMyNumber(x, p.InsuredNumber); !errors.As(err, &failed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if !kept.Sealed.Equal(view.Sealed) {
		t.Error("after an error it is another ciphertext")
	}
}

// TestResealParts: what lies in a record is bound to its place there.
func TestResealParts(t *testing.T) {
	f := newFolder(t)
	all := &shapes.All{
		Number: "12345674", Secret: "secret",
		Tree:  &shapes.Tree{Name: "oak", Note: "a", Children: []*shapes.Tree{{Note: "b"}, nil, {Note: "c", Children: []*shapes.Tree{{Note: "d"}}}}},
		Trees: map[shapes.Code]shapes.Tree{"k": {Note: "e"}, "l": {Note: "f", Children: []*shapes.Tree{{Note: "g"}}}},
	}
	view, err := all.ToLGWAN(f.open().out)
	if err != nil {
		t.Fatal(err)
	}
	f.rotate(crypto.UseSeal)
	now := f.open()
	for _, want := range []bool{true, false} {
		if changed, err := view.ResealMyNumber(zone.NewResealing(now.keys), all.Number); err != nil || changed != want {
			t.Fatalf("changed: %v, %v, want %v", changed, err, want)
		}
	}
	primary, _ := now.keys.Primary(crypto.UseSeal)
	for path, id := range map[string]uint32{
		"Secret": view.Secret.KeyID(), "Tree": view.Tree.Sealed.KeyID(), "Tree.Children[0]": view.Tree.Children[0].Sealed.KeyID(),
		"Tree.Children[2].Children[0]": view.Tree.Children[2].Children[0].Sealed.KeyID(), "Trees[k]": view.Trees["k"].Sealed.KeyID(),
		"Trees[l].Children[0]": view.Trees["l"].Children[0].Sealed.KeyID(),
	} {
		if id != primary {
			t.Errorf("%s is not under the primary key", path)
		}
	}
	got, err := view.ToMyNumber(now.back, all)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, got, zonecmp.Closed()); diff != "" {
		t.Error(diff)
	}
}

// TestResealOneByOne: records with ids of their own are resealed by themselves,
// under the place that they have.
func TestResealOneByOne(t *testing.T) {
	f := newFolder(t)
	h := &specimen.Household{Head: *person(), Members: []specimen.Person{*person(), *person()}, Spouse: person(), ByRole: map[string]specimen.Person{"child": *person()}, Memo: "memo"}
	view, err := h.ToLGWAN(f.open().out)
	if err != nil {
		t.Fatal(err)
	}
	f.rotate(crypto.UseSeal)
	now := f.open()
	const of, id = "github.com/sekisho-go/sekisho/internal/specimen.Household.", "12345674"
	x := zone.NewResealing(now.keys)
	child := view.ByRole["child"]
	steps := []func() (bool, error){
		func() (bool, error) { return view.ResealMyNumber(x) },
		func() (bool, error) { return view.Head.ResealMyNumber(zone.ResealPart(x, of+"Head", ""), id) },
		func() (bool, error) {
			return view.Members[0].ResealMyNumber(zone.ResealPartAt(x, of+"Members", "", 0), id)
		},
		func() (bool, error) {
			return view.Members[1].ResealMyNumber(zone.ResealPartAt(x, of+"Members", "", 1), id)
		},
		func() (bool, error) { return view.Spouse.ResealMyNumber(zone.ResealPart(x, of+"Spouse", ""), id) },
		func() (bool, error) { return child.ResealMyNumber(zone.ResealPartKey(x, of+"ByRole", "", "child"), id) },
	}
	for i, step := range steps {
		if changed, err := step(); err != nil || !changed {
			t.Fatalf("step %d: changed: %v, %v", i, changed, err)
		}
	}
	if _, err := view.ToMyNumber(now.back, h); err != nil {
		t.Error(err)
	}
}

// TestResealOfWhatHoldsItself ends.
func TestResealOfWhatHoldsItself(t *testing.T) {
	f := newFolder(t)
	var loop shapes.TreeLGWAN // nothing in it is sealed, so every step succeeds
	loop.Children = []*shapes.TreeLGWAN{&loop}
	_, err := loop.ResealMyNumber(zone.NewResealing(f.open().keys))
	var failed *zone.ResealError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "holds itself") && !strings.Contains(err.Error(), "hold itself") {
		t.Errorf("got %v", err)
	}
}

// TestIndex: equal values are found, over a rotation too, and other values, other
// keys and other fields are not.
func TestIndex(t *testing.T) {
	f := newFolder(t)
	before := f.open()
	row := func(o opened, secret string) *shapes.AllLGWAN {
		t.Helper()
		v, err := (&shapes.All{Number: "12345674", Secret: secret}).ToLGWAN(o.out)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	rows := []*shapes.AllLGWAN{row(before, "a"), row(before, "b"), row(before, "a")}
	found := func(o opened, secret string, want ...int) {
		t.Helper()
		indexes, err := shapes.AllSecretLookup(o.keys, secret)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for i, r := range rows {
			if slices.Contains(indexes, r.SecretIndex) {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("looking for one of %d gives rows %v, want %v", len(rows), got, want)
		}
	}
	found(before, "a", 0, 2)
	found(before, "c")

	f.rotate(crypto.UseIndex)
	now := f.open()
	rows = append(rows, row(now, "a"))
	found(now, "a", 0, 2, 3)
	if rows[0].SecretIndex == rows[3].SecretIndex {
		t.Error("a rotation does not change the index")
	}
	sealed := rows[0].Secret
	for i, r := range rows {
		for _, want := range []bool{i < 3, false} {
			if changed, err := r.ResealMyNumber(zone.NewResealing(now.keys), "12345674"); err != nil || changed != want {
				t.Errorf("row %d, changed: %v, %v, want %v", i, changed, err, want)
			}
		}
	}
	if rows[0].SecretIndex != rows[3].SecretIndex || !sealed.Equal(rows[0].Secret) {
		t.Error("the index is not made anew, or more than the index is")
	}
	found(now, "a", 0, 2, 3)

	rows[1].SecretIndex = crypto.Index[zones.MyNumber, string]{} // a row from before there was an index
	if changed, err := rows[1].ResealMyNumber(zone.NewResealing(now.keys), "12345674"); err != nil || !changed {
		t.Error("no index is filled in: ", err)
	}
	found(now, "b", 1)
	if _, err := shapes.AllSecretLookup(nil, "a"); err == nil {
		t.Error("without keys something is looked for")
	}
}

// TestResealErrorsShowNothing: also an error from elsewhere is not quoted.
func TestResealErrorsShowNothing(t *testing.T) {
	err := zone.ResealFailed("a.B", "C", zone.ResealFailed("a.D", "E", fmt.Errorf("bad %q", "CANARY")))
	if err == nil || !strings.HasPrefix(err.Error(), "zone: a.B.C.E is not resealed: failed with a ") || strings.Contains(err.Error(), "CANARY") || errors.Unwrap(err) != nil {
		t.Errorf("got %v, want the type of the cause alone", err)
	}
	if zone.ResealFailed("a.B", "C", nil) != nil {
		t.Error("no error is an error")
	}
	f := newFolder(t)
	x := zone.NewResealing(f.open().keys)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, x); got != "zone.Resealing(mynumber)" {
			t.Errorf("%s shows %s", verb, got)
		}
	}
	if x.LogValue().String() != "zone.Resealing(mynumber)" {
		t.Error(x.LogValue())
	}
}
