package load_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sekisho-go/sekisho/internal/load"
	"github.com/sekisho-go/sekisho/internal/model"
)

func TestPolicyIsValid(t *testing.T) {
	if err := testPolicy().Check(); err != nil {
		t.Fatal(err)
	}
}

// TestArchives loads every archive and compares what was found (want.model)
// and what was reported (want.problems), both whole.
func TestArchives(t *testing.T) {
	for _, kind := range []string{"model", "problems"} {
		for _, file := range archives(t, kind) {
			t.Run(kind+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				t.Parallel()
				a, err := txtar.ParseFile(file)
				if err != nil {
					t.Fatal(err)
				}
				m := newModule(t, a)
				r := m.load(t)
				found, reported := "", m.complaints(r)
				if kind == "model" {
					found = m.describe(r)
				}
				if *update {
					setWant(t, file, a, "want.model", found)
					setWant(t, file, a, "want.problems", reported)
					return
				}
				if diff := cmp.Diff(want(a, "want.model"), found); diff != "" {
					t.Errorf("model, want -, got +:\n%s", diff)
				}
				if diff := cmp.Diff(want(a, "want.problems"), reported); diff != "" {
					t.Errorf("problems, want -, got +:\n%s", diff)
				}
			})
		}
	}
}

// ward is a package with one labelled type that another of the laboratory
// would like to hold a view of.
const ward = `
-- p/p.go --
package p

import (
	"example.com/app/zones"

	"github.com/sekisho-go/sekisho/zone"
)

type Patient struct {
	zone.Home[zones.Ward]
	Name string ` + "`classify:\"name\"`" + `
}

type Basket struct {
	zone.Home[zones.Lab]
	Items []PatientLab
}

func Send(p *Patient) PatientLab { v, _ := p.ToLab(nil); return *v }
`

// view is what the generator would write for it.
const view = `//go:build !sekisho_gen

package p

import (
	"example.com/app/zones"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
)

type PatientLab struct {
	zone.Home[zones.Lab]
	Sealed crypto.Sealed[zones.Ward, PatientLabSealed]
}

type PatientLabSealed struct {
	Name string ` + "`classify:\"name\"`" + `
}

func (*Patient) Format() {}

func (*Patient) ToLab(x *zone.Crossing[zones.WardToLab]) (*PatientLab, error) { return nil, nil }
`

// TestPasses loads a module that holds a view: first without, then with the
// generated code.
func TestPasses(t *testing.T) {
	for name, onDisk := range map[string]string{
		"missing":  "",
		"present":  view,
		"stale":    "//go:build !sekisho_gen\n\npackage p\n\ntype Patient struct{ Any any }\n\ntype PatientLab int\n",
		"broken":   "//go:build !sekisho_gen\n\npackage p\n\nfunc (",
		"untagged": "package p\n\nfunc (",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newModule(t, txtar.Parse([]byte(ward)))
			generated := filepath.Join(m.dir, "p", model.GeneratedFile)
			if onDisk != "" {
				write(t, generated, []byte(onDisk))
			}
			wantProblems := "p/p.go:16:2: unresolved Basket.Items: undefined: PatientLab [mend the type, or remove the field if it stands for a view that is no longer generated]\n"
			first := m.load(t)
			if diff := cmp.Diff(wantProblems, m.complaints(first)); diff != "" {
				t.Errorf("first pass, want -, got +:\n%s", diff)
			}

			given := []byte(view)
			m.cfg.Overlay[generated] = given
			second := m.load(t)
			if got := m.complaints(second); got != "" {
				t.Errorf("second pass reports:\n%s", got)
			}
			wantModel := `package example.com/app/p -> p/zone_gen.go
  type Patient in ward
    Name [name] basic string
  type Basket in lab
    Items [-] slice of labelled PatientLab
  type PatientLab in lab, generated
    Sealed [-] sealed in ward, labelled
  type PatientLabSealed in , generated
    Name [name] basic string
`
			if diff := cmp.Diff(wantModel, m.describe(second)); diff != "" {
				t.Errorf("second pass, want -, got +:\n%s", diff)
			}
			if methods := second.Packages[0].Types[0].Methods; len(methods) > 0 {
				t.Errorf("generated methods pass for hand-written ones: %v", methods)
			}
			if !bytes.Equal(given, []byte(view)) {
				t.Error("the overlay of the caller was changed")
			}
			if _, err := os.Stat(filepath.Join(m.dir, "zones")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the zones package must exist in the overlay alone: %v", err)
			}
		})
	}
}

// TestDeterministic loads the same module again and again.
func TestDeterministic(t *testing.T) {
	for _, file := range []string{"testdata/model/definitions.txtar", "testdata/problems/types.txtar"} {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := newModule(t, a)
		r := m.load(t)
		want := m.describe(r) + m.complaints(r)
		for range 4 {
			r := m.load(t)
			if diff := cmp.Diff(want, m.describe(r)+m.complaints(r)); diff != "" {
				t.Fatalf("%s: another result:\n%s", file, diff)
			}
		}
	}
}

// TestPatterns asks for one of two packages: the other is read all the same,
// and not asked for.
func TestPatterns(t *testing.T) {
	a, err := txtar.ParseFile("testdata/model/shapes.txtar")
	if err != nil {
		t.Fatal(err)
	}
	m := newModule(t, a)
	m.cfg.Patterns = []string{"./p"}
	roots := map[string]bool{}
	for _, p := range m.load(t).Packages {
		roots[p.Path] = p.Root
	}
	want := map[string]bool{"example.com/app/p": true, "example.com/app/other": false}
	if diff := cmp.Diff(want, roots); diff != "" {
		t.Errorf("packages and whether they were asked for, want -, got +:\n%s", diff)
	}
}

// TestErrors is about what keeps the loader from reading at all.
func TestErrors(t *testing.T) {
	m := newModule(t, txtar.Parse([]byte(ward)))
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tc := range []struct {
		name     string
		ctx      context.Context
		patterns []string
		want     string
	}{
		{"no such folder", context.Background(), []string{"./nowhere"}, "nowhere"},
		{"no such package", context.Background(), []string{"example.com/app/nowhere"}, "example.com/app/nowhere"},
		{"pattern without match", context.Background(), []string{"example.com/none/..."}, "no packages match"},
		{"context is done", done, []string{"./..."}, "context canceled"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := m.cfg
			cfg.Patterns = tc.patterns
			_, err := load.Load(tc.ctx, cfg)
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %q", err, tc.want)
			}
		})
	}
}

// TestTests reads test files, too. Their types get generated files of their
// own, and the types of the package itself stay where they are.
func TestTests(t *testing.T) {
	a, err := txtar.ParseFile("testdata/tests.txtar")
	if err != nil {
		t.Fatal(err)
	}
	m := newModule(t, a)
	m.cfg.Tests = true
	r := m.load(t)
	want := `package example.com/app/p in ward -> p/zone_gen.go
  scalar Name: name
  type Patient in ward
    Name [inherited name] basic p.Name
package example.com/app/p in ward -> p/zone_gen_test.go
  type fixture in ward
    patients (unexported) [-] slice of pointer of labelled Patient
    other (unexported) [inherited name] basic p.Name
    free (unexported) [-] basic string
package example.com/app/p_test -> p/zone_gen_ext_test.go
  type Outside in ward
    Patient [-] labelled Patient
    Name [inherited name] basic p.Name
package example.com/app/q -> q/zone_gen.go
  type Broken in 
    A [name] basic string
`
	if diff := cmp.Diff(want, m.describe(r)); diff != "" {
		t.Errorf("model, want -, got +:\n%s", diff)
	}
	want = `p/p_test.go:15:2: fixture.free: free has no label [say what it is, as in classify:"birth-date"]
q/q.go:3:6: Broken: Broken has labels but no home [embed zone.Home with the zone that its values live in]
`
	if diff := cmp.Diff(want, m.complaints(r)); diff != "" {
		t.Errorf("problems, want -, got +:\n%s", diff)
	}
}

// TestLinks reaches a module by a link that its overlay does not know of, and
// the other way round.
func TestLinks(t *testing.T) {
	m := newModule(t, txtar.Parse([]byte(ward)))
	m.cfg.Overlay[filepath.Join(m.dir, "p", model.GeneratedFile)] = []byte(view)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(m.dir, link); err != nil {
		t.Skip(err)
	}
	through := map[string][]byte{}
	for name, text := range m.cfg.Overlay {
		rel, err := filepath.Rel(m.dir, name)
		if err != nil {
			t.Fatal(err)
		}
		through[filepath.Join(link, rel)] = text
	}
	for name, cfg := range map[string]load.Config{
		"folder":  {Dir: link, Overlay: m.cfg.Overlay},
		"overlay": {Dir: m.dir, Overlay: through},
		"both":    {Dir: link, Overlay: through},
	} {
		cfg.Patterns, cfg.Policy, cfg.ZonesPath, cfg.Env = m.cfg.Patterns, m.cfg.Policy, m.cfg.ZonesPath, m.cfg.Env
		r, err := load.Load(context.Background(), cfg)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := m.complaints(r); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}
