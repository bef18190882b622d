package policyfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/policyfile"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// tree makes a file system of file names and texts.
func tree(pairs ...string) fs.FS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func mustLoad(t *testing.T, pairs ...string) *policy.Policy {
	t.Helper()
	p, err := policyfile.LoadFS(tree(pairs...), "sekisho.yaml")
	if err != nil {
		t.Fatal("\n" + policyfile.Render(err))
	}
	return p
}

const base = `sekisho: 1
name: base
edition: "1"
classes: [low, high]
categories:
  name: {class: high, mask: last4, title: {en: name}}
  phone: {class: low}
zones:
  ward: {holds: high, title: {en: ward}}
  lab: {holds: high}
  web: {holds: low}
purposes: {care: care, study: study}
routes:
  - {from: ward, to: lab, clause: 1, rules: [{class: high, action: encrypt}, {class: low, action: pass}], require: {purpose: [care]}}
  - {from: ward, to: lab, name: study, clause: 2, rules: [{class: high, action: drop}, {class: low, action: pass}], require: {purpose: [study]}}
  - {from: lab, to: web, rules: [{class: high, action: refuse}, {class: low, action: pass}]}
closed:
  - {from: ward, to: web, clause: 3}
`

// An entry of a child takes the place of the parent's whole; nothing of the
// old one shines through.
func TestExtendsReplacesWhole(t *testing.T) {
	p := mustLoad(t, "base.yaml", base, "sekisho.yaml", `sekisho: 1
name: child
extends: [./base.yaml]
categories:
  name: {class: high}
zones:
  lab: {go: Laboratory, holds: high}
  archive: {holds: high}
routes:
  - {from: ward, to: lab, rules: [{class: high, action: drop}, {class: low, action: drop}]}
`)
	if p.Name != "child" || p.Edition != "" {
		t.Errorf("name %q, edition %q: a child says for itself who it is", p.Name, p.Edition)
	}
	name, _ := p.Category("name")
	want := &policy.Category{Name: "name", Class: "high"}
	if diff := cmp.Diff(want, name, cmpopts.IgnoreTypes(policy.Pos{})); diff != "" {
		t.Errorf("category name (-want +got):\n%s", diff)
	}
	var zones, routes []string
	for _, z := range p.Zones {
		zones = append(zones, z.Name+" "+z.Go)
	}
	for _, r := range p.Routes {
		routes = append(routes, r.Key()+" "+r.Clause)
	}
	if diff := cmp.Diff([]string{"ward Ward", "lab Laboratory", "web Web", "archive Archive"}, zones); diff != "" {
		t.Errorf("zones keep their places, new ones come last (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ward→lab ", "ward→lab (study) 2", "lab→web "}, routes); diff != "" {
		t.Errorf("routes match by from, to and name (-want +got):\n%s", diff)
	}
}

func TestExtendsListsReplace(t *testing.T) {
	p := mustLoad(t,
		"a.yaml", "sekisho: 1\nclasses: [a, b, c]\nintegrity: [x, y]\n",
		"b.yaml", "sekisho: 1\nclasses: [low, high]\n",
		"sekisho.yaml", "sekisho: 1\nname: child\nextends: [./a.yaml, ./b.yaml]\nzones: {ward: {holds: high}}\n")
	if diff := cmp.Diff([]string{"low", "high"}, p.Classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"x", "y"}, p.Integrity); diff != "" {
		t.Errorf("integrity (-want +got):\n%s", diff)
	}
}

// A file that is reached twice counts where it is reached first: what came in
// between keeps what it changed.
func TestExtendsDiamond(t *testing.T) {
	p := mustLoad(t,
		"words.yaml", "sekisho: 1\nclasses: [low, high]\ncategories: {name: {class: low}, phone: {class: low}}\n",
		"strict.yaml", "sekisho: 1\nextends: [./words.yaml]\ncategories: {name: {class: high}}\n",
		"ours.yaml", "sekisho: 1\nextends: [words.yaml]\ncategories: {fax: {class: high}}\n",
		"sekisho.yaml", "sekisho: 1\nname: child\nextends: [./strict.yaml, ./ours.yaml]\nzones: {ward: {holds: high}}\n")
	got := map[string]string{}
	for _, c := range p.Categories {
		got[c.Name] = c.Class
	}
	if diff := cmp.Diff(map[string]string{"name": "high", "phone": "low", "fax": "high"}, got); diff != "" {
		t.Errorf("categories (-want +got):\n%s", diff)
	}
}

func TestRemove(t *testing.T) {
	p := mustLoad(t, "base.yaml", base, "sekisho.yaml", `sekisho: 1
name: child
extends: [./base.yaml]
remove:
  categories: [phone]
  zones: [web]
  purposes: [study]
  routes: [{from: ward, to: lab, name: study}]
`)
	if len(p.Categories) != 1 || len(p.Zones) != 2 || len(p.Purposes) != 1 {
		t.Errorf("%d categories, %d zones, %d purposes are left, want 1, 2, 1", len(p.Categories), len(p.Zones), len(p.Purposes))
	}
	if len(p.Routes) != 1 || len(p.Closed) != 0 {
		t.Errorf("%d routes and %d closed roads are left, want 1 and 0: roads go with their zones", len(p.Routes), len(p.Closed))
	}
}

// What is removed and written again is new: nothing of the old entry is left,
// and it stands at the end.
func TestRemoveAndWriteAgain(t *testing.T) {
	p := mustLoad(t, "base.yaml", base, "sekisho.yaml", `sekisho: 1
name: child
extends: [./base.yaml]
remove: {zones: [lab]}
zones: {lab: {holds: low}}
`)
	if last := p.Zones[len(p.Zones)-1]; last.Name != "lab" || last.Holds != "low" {
		t.Errorf("the last zone is %q holding %q, want lab holding low", last.Name, last.Holds)
	}
	if len(p.Routes) != 0 {
		t.Errorf("%d routes are left, want none", len(p.Routes))
	}
}

func TestOverlayTightens(t *testing.T) {
	files := []string{"sekisho.yaml", base + "overlays: [./strict/standard.yaml]\n", "strict/standard.yaml", `sekisho: 1
name: standard
overlay: true
routes:
  - {from: ward, to: lab, rules: [{category: phone, action: drop}], require: {mfa: true}}
`}
	p := mustLoad(t, files...)
	if len(p.Overlays) != 1 || p.Overlays[0].Name != "standard" {
		t.Fatalf("overlays: %+v", p.Overlays)
	}
	r, ok := p.Route("ward", "lab", "")
	if !ok || !r.Require.MFA {
		t.Errorf("route %+v: want it to ask for a second factor", r)
	}
	label, err := p.Resolve(classify.Tag{Names: []string{"phone"}})
	if err != nil {
		t.Fatal(err)
	}
	if d := p.Decide(r, label, classify.Tag{}); d.Action != classify.ActionDrop || d.By != "standard" {
		t.Errorf("phone: %v by %q, want drop by standard", d.Action, d.By)
	}
}

// The overlays of a parent bind its children.
func TestOverlayIsInherited(t *testing.T) {
	p := mustLoad(t,
		"union/base.yaml", base+"overlays: [./standard.yaml]\n",
		"union/standard.yaml", "sekisho: 1\nname: standard\noverlay: true\nzones: {lab: {holds: low, carries: high}}\n",
		"sekisho.yaml", "sekisho: 1\nname: child\nextends: [./union/base.yaml]\n")
	if z, _ := p.Zone("lab"); z == nil || z.Holds != "low" {
		t.Errorf("lab holds %+v, want low", z)
	}
}

func TestPositions(t *testing.T) {
	p := mustLoad(t, "sekisho.yaml", base)
	pos := func(line, col int) policy.Pos { return policy.Pos{File: "sekisho.yaml", Line: line, Col: col} }
	for _, test := range []struct {
		what string
		got  policy.Pos
		want policy.Pos
	}{
		{"category name", p.Categories[0].Pos, pos(6, 3)},
		{"zone lab", p.Zones[1].Pos, pos(10, 3)},
		{"purpose care", p.Purposes[0].Pos, pos(12, 12)},
		{"route ward→lab", p.Routes[0].Pos, pos(14, 5)},
		{"its second rule", p.Routes[0].Rules[1].Pos, pos(14, 78)},
		{"closed ward→web", p.Closed[0].Pos, pos(18, 5)},
	} {
		if test.got != test.want {
			t.Errorf("%s is at %v, want %v", test.what, test.got, test.want)
		}
	}
}

func TestReadKnowsItsFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "lib", "base.yaml"), base)
	path := filepath.Join(dir, "sekisho.yaml")
	write(t, path, "sekisho: 1\nname: child\nextends: [lib/base.yaml]\nzones:\n  病棟 # a comment\n")
	if _, err := policyfile.Read(path); err == nil {
		t.Fatal("loads, and should not")
	}
	write(t, path, "\uFEFFsekisho: 1\r\nname: child\r\nextends: [lib/base.yaml]\r\nzones: {lab: {holds: high, title: 検査}, 'x-ray': {holds: high}}\r\n")
	f, err := policyfile.Read(path)
	if err != nil {
		t.Fatal("\n" + policyfile.Render(err))
	}
	if diff := cmp.Diff([]string{path, filepath.Join(dir, "lib", "base.yaml")}, f.Paths); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	xray, _ := f.Policy.Zone("x-ray")
	want := "    4 | zones: {lab: {holds: high, title: 検査}, 'x-ray': {holds: high}}\n" +
		"      |                                          ^^^^^^^\n"
	if diff := cmp.Diff(want, f.Excerpt(xray.Pos)); diff != "" {
		t.Errorf("excerpt (-want +got):\n%s", diff)
	}
	if got := f.Excerpt(policy.Pos{}); got != "" {
		t.Errorf("excerpt of no position: %q", got)
	}
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := policyfile.Load(filepath.Join(dir, "sekisho.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v, want fs.ErrNotExist", err)
	}
	if _, err := policyfile.Load(dir); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("a folder: %v, want an error on one line", err)
	}
	_, err := policyfile.LoadPreset("jp/omega")
	if err == nil || !strings.Contains(err.Error(), "jp/alpha") {
		t.Errorf("no such preset: %v, want the presets to be named", err)
	}
	if _, err := policyfile.LoadPreset("jp/classes-5"); err == nil {
		t.Error("jp/classes-5 loads alone: it is a part and has no zones")
	}
}

func TestErrorUnwraps(t *testing.T) {
	_, err := policyfile.LoadFS(tree("sekisho.yaml", "sekisho: 1\ncolour: red\nsize: 7\n"), "sekisho.yaml")
	var first *policyfile.Problem
	if !errors.As(err, &first) || first.Pos.Line != 2 || first.Line != "colour: red" {
		t.Fatalf("first problem %+v", first)
	}
	if got, want := err.Error(), ` (and 1 more)`; !strings.HasSuffix(got, want) {
		t.Errorf("%q does not end with %q", got, want)
	}
	if got := policyfile.Render(errors.New("other")); got != "other\n" {
		t.Errorf("another error is drawn as %q", got)
	}
	if got := policyfile.Render(nil); got != "" {
		t.Errorf("no error is drawn as %q", got)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
