package crypto_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// prelude is what the programs in testdata/compile share.
const prelude = `package p

type (
	MyNumber   struct{}
	LGWAN      struct{}
	ToLGWAN    struct{}
	ToInternet struct{}
	Group      struct{ Name string }
	Other      struct{ Name string }
)

func (MyNumber) ZoneName() string    { return "mynumber" }
func (LGWAN) ZoneName() string       { return "lgwan" }
func (ToLGWAN) RouteName() string    { return "mynumber→lgwan" }
func (ToInternet) RouteName() string { return "mynumber→internet" }
`

var wanted = regexp.MustCompile(`^/\* ERROR "(.*)" \*/$`)

// TestMustNotCompile type-checks the programs in testdata/compile. A comment
// /* ERROR "rx" */ wants exactly one error on its line, which rx matches; where
// there is no comment, no error is wanted.
func TestMustNotCompile(t *testing.T) {
	pkg := loadCrypto(t)
	files, err := filepath.Glob("testdata/compile/*.go")
	if err != nil || len(files) < 4 {
		t.Fatalf("found the programs %v, %v, want at least 4", files, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range checkProgram(t, pkg, name, string(src)) {
				t.Error(problem)
			}
		})
	}
}

// The check itself finds an error that nobody wanted, and a wanted one that
// does not come.
func TestMustNotCompileFinds(t *testing.T) {
	pkg := loadCrypto(t)
	for reason, src := range map[string]string{
		"an error that is not wanted": "package p\nvar x int = \"\"\n",
		"an error that does not come": "package p\nvar x int /* ERROR \"x\" */\n",
		"an error of another text":    "package p\nvar x int = \"\" /* ERROR \"undefined\" */\n",
		"a comment that is misspelt":  "package p\nvar x int /* ERROR x */\n",
	} {
		if len(checkProgram(t, pkg, "x.go", src)) == 0 {
			t.Errorf("%s is not found", reason)
		}
	}
}

func loadCrypto(t *testing.T) *types.Package {
	t.Helper()
	list, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile}, ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || len(list[0].Errors) > 0 {
		t.Fatalf("this package does not load: %v", list)
	}
	return list[0].Types
}

// importOne imports this package from memory and anything else as usual.
type importOne struct {
	types.Importer
	pkg *types.Package
}

func (i importOne) Import(path string) (*types.Package, error) {
	if path == i.pkg.Path() {
		return i.pkg, nil
	}
	return i.Importer.Import(path)
}

// checkProgram returns what is not as the comments of src say.
func checkProgram(t *testing.T, pkg *types.Package, name, src string) []string {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for name, src := range map[string]string{"prelude.go": prelude, name: src} {
		f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	want, problems := wantedErrors(fset, files)
	config := types.Config{
		Importer: importOne{importer.Default(), pkg},
		Error: func(err error) {
			var e types.Error
			errors.As(err, &e)
			line := place(fset, e.Pos)
			rx := want[line]
			if rx == nil || !rx.MatchString(e.Msg) {
				problems = append(problems, fmt.Sprintf("%s: %s: not wanted", line, e.Msg))
			}
			delete(want, line)
		},
	}
	config.Check("p", fset, files, nil) // the errors went to config.Error
	for _, line := range slices.Sorted(maps.Keys(want)) {
		problems = append(problems, fmt.Sprintf("%s: compiles, want an error that matches %q", line, want[line]))
	}
	return problems
}

func wantedErrors(fset *token.FileSet, files []*ast.File) (map[string]*regexp.Regexp, []string) {
	want := make(map[string]*regexp.Regexp)
	var problems []string
	for _, f := range files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if !strings.HasPrefix(c.Text, "/* ERROR") {
					continue
				}
				line := place(fset, c.Pos())
				m := wanted.FindStringSubmatch(c.Text)
				if m == nil {
					problems = append(problems, line+": not of the form /* ERROR \"rx\" */")
					continue
				}
				want[line] = regexp.MustCompile(m[1])
			}
		}
	}
	return want, problems
}

func place(fset *token.FileSet, pos token.Pos) string {
	p := fset.Position(pos)
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}
