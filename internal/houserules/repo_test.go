package houserules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// module is the path of this module.
const module = "github.com/sekisho-go/sekisho"

// root is the folder of the repository as seen from here.
const root = "../.."

// goPackage is what the go command says about a package.
type goPackage struct {
	Dir          string
	ImportPath   string
	Name         string
	Standard     bool
	Imports      []string
	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string
}

// packages returns everything that the module and its tests are made of, by
// import path.
var packages = sync.OnceValues(func() (map[string]*goPackage, error) {
	cmd := exec.Command("go", "list", "-e", "-deps", "-test", "-json=Dir,ImportPath,Name,Standard,Imports,GoFiles,TestGoFiles,XTestGoFiles", "./...")
	cmd.Dir = root
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	list := make(map[string]*goPackage)
	for dec := json.NewDecoder(&stdout); ; {
		p := new(goPackage)
		if err := dec.Decode(p); err == io.EOF {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		// Variants for tests ("a [a.test]", "a.test") have imports of their own.
		if !strings.Contains(p.ImportPath, " [") && !strings.HasSuffix(p.ImportPath, ".test") {
			list[p.ImportPath] = p
		}
	}
})

func allPackages(t *testing.T) map[string]*goPackage {
	t.Helper()
	list, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// sourceFile is one Go file of the repository.
type sourceFile struct {
	name      string // slash-separated, from the root
	test      bool
	generated bool
	data      []byte
	fset      *token.FileSet
	ast       *ast.File
}

// position gives a place as file:line.
func (f *sourceFile) position(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.name, f.fset.Position(n.Pos()).Line)
}

// sources returns all Go files that the go command would look at: not those
// below testdata, nor in folders that begin with a dot or an underscore.
var sources = sync.OnceValues(func() ([]*sourceFile, error) {
	var list []*sourceFile
	fset := token.NewFileSet()
	err := walk(func(name string, d fs.DirEntry) error {
		base := path.Base(name)
		if d.IsDir() && (base == "testdata" || strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".")) && name != "." {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasPrefix(base, "_") {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		f, err := parseSource(fset, name, data)
		list = append(list, f)
		return err
	})
	return list, err
})

func allSources(t *testing.T) []*sourceFile {
	t.Helper()
	list, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func parseSource(fset *token.FileSet, name string, data []byte) (*sourceFile, error) {
	file, err := parser.ParseFile(fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &sourceFile{name: name, test: strings.HasSuffix(name, "_test.go"), generated: ast.IsGenerated(file), data: data, fset: fset, ast: file}, nil
}

// mustParse makes a source file for a rule to be tried on.
func mustParse(t *testing.T, name, src string) *sourceFile {
	t.Helper()
	f, err := parseSource(token.NewFileSet(), name, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// walk visits everything in the repository except what belongs to git. Names
// are slash-separated, from the root.
func walk(visit func(name string, d fs.DirEntry) error) error {
	return fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name == ".git" {
			return fs.SkipDir
		}
		return visit(name, d)
	})
}

// within says whether an import path matches a pattern, in which "/..." at the
// end stands for the package itself and everything below it.
func within(importPath, pattern string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "/..."); ok {
		return importPath == prefix || strings.HasPrefix(importPath, prefix+"/")
	}
	return importPath == pattern
}

// report fails the test once for each problem, and says why the law exists.
func report(t *testing.T, why string, problems []string) {
	t.Helper()
	slices.Sort(problems)
	for _, p := range slices.Compact(problems) {
		t.Error(p)
	}
	if len(problems) > 0 {
		t.Log("why: " + why)
	}
}

// expect tries a rule on something that breaks it.
func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("the rule found %d problems, want %d: %q", len(got), len(want), got)
		return
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("problem %d is %q, want it to contain %q", i, got[i], want[i])
		}
	}
}
