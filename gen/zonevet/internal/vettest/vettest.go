// Package vettest runs a check over fixtures. A fixture is one txtar file,
// testdata/NAME.txtar, that holds a module: its policy and its sources, in which
// comments say what is to be found ("// want" and a regular expression, as
// package analysistest has it). The zones and views are generated when the test
// runs, so fixtures never lag behind the generator.
//
// Files below then/ are written after that: they stand for sources that were
// changed since, and a policy among them for one whose zones package alone was
// generated again.
//
// Three files have a meaning of their own. manual/bad/bad.go and manual/good/good.go hold
// the two programs of the check's manual page: the page is compared with them,
// so what it says is found is found, and what it calls right is quiet. A file
// NAME.go.golden is what the suggested fixes make of NAME.go.
package vettest

import (
	"context"
	_ "embed"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/txtar"

	"github.com/sekisho-go/sekisho/gen"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
)

// Run runs an analyzer over the fixture of its check, with suggested fixes where
// the fixture has golden files.
func Run(t *testing.T, about *check.Check, a *analysis.Analyzer) {
	t.Helper()
	files := Files(t, filepath.Join("testdata", about.Name+".txtar"))
	Manual(t, about, files)
	dir := Module(t, files)
	run := analysistest.Run
	if slices.ContainsFunc(slices.Collect(maps.Keys(files)), func(name string) bool { return strings.HasSuffix(name, ".golden") }) {
		run = analysistest.RunWithSuggestedFixes
	}
	run(t, dir, a, "./...")
}

// base is the policy and the record of fixtures that bring no policy.
//
//go:embed base.txtar
var base []byte

// Files reads a txtar file. One without a policy gets that of base.txtar, and
// the record of an insured person under it.
func Files(t testing.TB, name string) map[string]string {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	if files["sekisho.yaml"] == "" {
		for _, f := range txtar.Parse(base).Files {
			if _, own := files[f.Name]; !own {
				files[f.Name] = string(f.Data)
			}
		}
	}
	return files
}

var (
	want    = regexp.MustCompile(`[ \t]*// want .*`)
	finding = regexp.MustCompile("// want [`\"]") // not of a fact
)

// Manual compares the examples of a manual page with the fixture.
func Manual(t *testing.T, about *check.Check, files map[string]string) {
	t.Helper()
	files = maps.Clone(files)
	for name, data := range files {
		if rest, ok := strings.CutPrefix(name, "then/"); ok {
			files[rest] = data
		}
	}
	for name, example := range map[string]string{"manual/bad/bad.go": about.Bad, "manual/good/good.go": about.Good} {
		if !strings.Contains(want.ReplaceAllString(files[name], ""), strings.Trim(example, "\n")) {
			t.Errorf("%s does not have the example of the manual page:\n%s", name, example)
		}
	}
	if !finding.MatchString(files["manual/bad/bad.go"]) || finding.MatchString(files["manual/good/good.go"]) {
		t.Error("manual/bad/bad.go must be found, and manual/good/good.go must not")
	}
}

// Module writes a module that stands on this repository into a new folder,
// generates what its policies ask for, and returns the folder.
func Module(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files = maps.Clone(files)
	root := Root(t)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	then := map[string]string{}
	for name, data := range files {
		if rest, ok := strings.CutPrefix(name, "then/"); ok {
			then[rest] = data
			delete(files, name)
		}
	}
	files["go.mod"], files["go.sum"] = standOn(t, root, mod, files["go.mod"]), string(sum)
	Write(t, dir, files)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if filepath.Base(name) == "sekisho.yaml" {
			Generate(t, filepath.Join(dir, filepath.Dir(name)))
		}
	}
	Write(t, dir, then)
	for _, name := range slices.Sorted(maps.Keys(then)) {
		if filepath.Base(name) == "sekisho.yaml" {
			Zones(t, filepath.Join(dir, filepath.Dir(name)))
		}
	}
	return dir
}

// Zones writes the zones package of the policy in a folder.
func Zones(t testing.TB, dir string) {
	t.Helper()
	zones, err := gen.Zones(filepath.Join(dir, "sekisho.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := zones.Write(); err != nil {
		t.Fatal(err)
	}
}

// Generate writes the zones package and the views of the module in a folder.
func Generate(t testing.TB, dir string) {
	t.Helper()
	Zones(t, dir)
	res, err := gen.Generate(context.Background(), gen.Config{Dir: dir, Patterns: []string{"./..."}})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Diagnostics) > 0 {
		t.Fatal(gen.Render(dir, res.Diagnostics))
	}
	if _, err := res.Write(); err != nil {
		t.Fatal(err)
	}
}

// Write puts files into a folder.
func Write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// standOn gives a module file the requirements of this repository, and the
// repository itself.
func standOn(t testing.TB, root string, repository []byte, present string) string {
	t.Helper()
	from, err := modfile.Parse("go.mod", repository, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse("go.mod", []byte(present), nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Module == nil {
		f.AddModuleStmt("example.com/app")
	}
	f.AddGoStmt(from.Go.Version)
	f.AddRequire(from.Module.Mod.Path, "v0.0.0")
	f.AddReplace(from.Module.Mod.Path, "", root, "")
	for _, r := range from.Require {
		f.AddRequire(r.Mod.Path, r.Mod.Version)
	}
	out, err := f.Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Root is the folder of this repository.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}
