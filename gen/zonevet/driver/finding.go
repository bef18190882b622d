package driver

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
)

// Finding is one thing that is wrong.
type Finding struct {
	Check    string         // name of the check or of the analyzer of go vet
	ID       string         // ZNnnnn; "" of go vet's own
	Severity check.Severity // in the words of SARIF
	URL      string         // page of the check; "" of go vet's own
	Package  string         // import path
	Object   string         // enclosing declaration: "(*T).Method", "T.Field", "F"; "" outside of all
	Place    Place
	Message  string
	Steps    []Step // on the way there, in their order
	Fix      string // what "sekisho vet -fix" would do, "" where it cannot
	Known    bool   // in the baseline

	key key
}

// Place is where something stands.
type Place struct {
	File         string // relative to the working directory where it is below it
	Line, Column int    // from 1
}

// String returns file:line:column.
func (p Place) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Step is a place on the way to a finding.
type Step struct {
	Place   Place
	Message string
}

func newFinding(pkg, name string, d diagnostic) *Finding {
	pkg, _, _ = strings.Cut(pkg, " [") // the variant with tests
	f := &Finding{Check: name, ID: d.Category, Severity: check.Warning, Package: pkg, Place: parsePlace(d.Posn), Message: d.Message}
	if c := checkNamed(name); c != nil {
		f.ID, f.Severity, f.URL = cmp.Or(d.Category, c.ID), c.Severity, c.URL()
	}
	for _, r := range d.Related {
		f.Steps = append(f.Steps, Step{parsePlace(r.Posn), r.Message})
	}
	if len(d.Fixes) > 0 {
		f.Fix = d.Fixes[0].Message
	}
	return f
}

// parsePlace reads file:line:column. A file may have colons in its name.
func parsePlace(s string) (p Place) {
	rest := s
	for _, to := range []*int{&p.Column, &p.Line} {
		i := strings.LastIndexByte(rest, ':')
		if i < 0 {
			break
		}
		n, err := strconv.Atoi(rest[i+1:])
		if err != nil {
			break
		}
		*to, rest = n, rest[:i]
	}
	p.File = rest
	return p
}

// unique sorts findings and leaves out those that are there twice: a package is
// analyzed with its tests and, in some builds, without.
func unique(found []*Finding) []*Finding {
	slices.SortStableFunc(found, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(a.Place.File, b.Place.File), cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Column, b.Place.Column),
			cmp.Compare(a.Check, b.Check), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Package, b.Package))
	})
	return slices.CompactFunc(found, func(a, b *Finding) bool {
		return a.Place == b.Place && a.Check == b.Check && a.Message == b.Message
	})
}

// complete adds what needs the source, and makes paths relative.
func complete(dir string, found []*Finding) {
	files := map[string]*declarations{}
	seen := map[key]int{}
	for _, f := range found {
		if files[f.Place.File] == nil {
			files[f.Place.File] = readDeclarations(f.Place.File)
		}
		f.Object = files[f.Place.File].at(f.Place.Line)
		f.Place.File = relative(dir, f.Place.File)
		for i := range f.Steps {
			f.Steps[i].Place.File = relative(dir, f.Steps[i].Place.File)
		}
		f.key = key{f.Check, f.Package, f.Object, withoutPlaces(f.Message), 0}
		seen[f.key]++
		f.key.Ordinal = seen[f.key]
	}
}

// relative shortens a path below a folder, with slashes on every system.
func relative(dir, path string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return path
	}
	for _, base := range []string{abs, resolved(abs)} {
		if rel, err := filepath.Rel(base, path); err == nil && !strings.HasPrefix(rel, "..") {
			return filepath.ToSlash(rel)
		}
	}
	return path
}

func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// place is a line number, or a place in a file, in a message.
var place = regexp.MustCompile(`:\d+(:\d+)?\b|\bline \d+`)

// withoutPlaces takes the line numbers out of a message.
func withoutPlaces(message string) string { return place.ReplaceAllString(message, "") }

// declarations are the declarations of a file by lines.
type declarations struct{ list []declared }

type declared struct {
	from, to int
	name     string
}

// readDeclarations reads a file; one that cannot be read has none.
func readDeclarations(name string) *declarations {
	d := &declarations{}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
	if f == nil || err != nil {
		return d
	}
	add := func(n ast.Node, name string) {
		d.list = append(d.list, declared{fset.Position(n.Pos()).Line, fset.Position(n.End()).Line, name})
	}
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			if decl.Recv != nil && len(decl.Recv.List) > 0 {
				name = "(" + receiver(decl.Recv.List[0].Type) + ")." + name
			}
			add(decl, name)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec, spec.Name.Name)
					if s, ok := spec.Type.(*ast.StructType); ok {
						for _, field := range s.Fields.List {
							for _, id := range field.Names {
								add(field, spec.Name.Name+"."+id.Name)
							}
						}
					}
				case *ast.ValueSpec:
					add(spec, spec.Names[0].Name)
				}
			}
		}
	}
	return d
}

// receiver writes the type of a receiver without its type parameters.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return "*" + receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// at is the innermost declaration that a line belongs to.
func (d *declarations) at(line int) string {
	name, size := "", 1<<30
	for _, x := range d.list {
		if x.from <= line && line <= x.to && x.to-x.from < size {
			name, size = x.name, x.to-x.from
		}
	}
	return name
}
