package houserules

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// topLevel is what stands at the top of the repository, besides names that begin
// with a dot.
var topLevel = []string{
	"go.mod", "go.sum", "doc.go",
	"README.md", "README.ja.md", "LICENSE", "CONTRIBUTING.md", "SECURITY.md",
	"zone", "classify", "crypto", "gen", "examples", "internal", "benchmarks",
}

func strangers(names []string) []string {
	var problems []string
	for _, name := range names {
		if !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) {
			problems = append(problems, name+" has no place at the top of the repository")
		}
	}
	return problems
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	problems := strangers(names)
	for _, name := range []string{"go.mod", "go.sum", "doc.go", "README.md", "README.ja.md", "LICENSE", "CONTRIBUTING.md", "SECURITY.md", ".ci", ".gitignore", ".gitattributes"} {
		if !slices.Contains(names, name) {
			problems = append(problems, name+" is missing at the top of the repository")
		}
	}
	report(t, "the first look at the repository is its map (CONTRIBUTING.md, law 8)", problems)
}

func TestTopLevelFindsMistakes(t *testing.T) {
	expect(t, strangers([]string{".git", "zone", "utils"}), "utils has no place")
}

// badModFile finds what a module file must not say. The module of the benchmarks
// is the only one that may replace something: this module, by the folder above.
func badModFile(name string, data []byte) []string {
	f, err := modfile.Parse(name, data, nil)
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	for _, r := range f.Replace {
		home := path.Join(path.Dir(name), r.New.Path) // where it leads, from the top
		own := r.Old.Path == module && home == "." || r.Old.Path == module+"/"+home
		if f.Module.Mod.Path == module || !own {
			problems = append(problems, fmt.Sprintf("%s: replace %s", name, r.Old.Path))
		}
	}
	for _, r := range f.Exclude {
		problems = append(problems, fmt.Sprintf("%s: exclude %s", name, r.Mod.Path))
	}
	return problems
}

// modules are the folders that are modules of their own, and why: what they need
// is nothing that everybody should have to fetch.
var modules = map[string]string{
	"benchmarks":                 "the peers we compare with",
	"crypto/kek/awskms":          "the client of AWS",
	"crypto/kek/gcpkms":          "the client of Google Cloud",
	"crypto/kek/pkcs11":          "cgo, and the binding of PKCS #11",
	"crypto/kek/vault":           "the client of Vault",
	"crypto/kek/vault/vaulttest": "a whole Vault, for tests",
	"crypto/reseal/sqltest":      "databases, for tests",
	"gen/zonevet/golangci":       "what registers plugins of golangci-lint",
}

func TestModFiles(t *testing.T) {
	var problems []string
	err := walk(func(name string, d fs.DirEntry) error {
		if d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		if path.Base(name) != "go.mod" {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		problems = append(problems, badModFile(name, data)...)
		if dir := path.Dir(name); dir != "." && modules[dir] == "" {
			problems = append(problems, name+": a module of its own that is not on the list")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	report(t, "replace and exclude work on our machines and not on those of users, who get something else than we tested (CONTRIBUTING.md, law 8)", problems)
}

func TestModFilesFindsMistakes(t *testing.T) {
	expect(t, badModFile("go.mod", []byte("module "+module+"\n\nreplace a.example/b => ../b\n\nexclude a.example/c v1.0.0\n")), "replace a.example/b", "exclude a.example/c")
	expect(t, badModFile("benchmarks/go.mod", []byte("module "+module+"/benchmarks\n\nreplace "+module+" => ../\n")))
	expect(t, badModFile("benchmarks/go.mod", []byte("module "+module+"/benchmarks\n\nreplace a.example/b => ../b\n")), "replace a.example/b")
	expect(t, badModFile("crypto/kek/vault/go.mod", []byte("module "+module+"/crypto/kek/vault\n\nreplace "+module+" => ../../..\n")))
	expect(t, badModFile("crypto/kek/vault/go.mod", []byte("module "+module+"/crypto/kek/vault\n\nreplace "+module+" => ../..\n")), "replace "+module)
	expect(t, badModFile("a/b/go.mod", []byte("module "+module+"/a/b\n\nreplace "+module+"/a => ../\n")))
}
