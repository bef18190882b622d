package houserules

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/internal/scenario/memcheck"
)

// byFolder groups the files that are no tests.
func byFolder(files []*sourceFile) map[string][]*sourceFile {
	folders := make(map[string][]*sourceFile)
	for _, f := range files {
		if !f.test {
			folders[path.Dir(f.name)] = append(folders[path.Dir(f.name)], f)
		}
	}
	return folders
}

// packageDocs finds packages that do not have exactly one package comment.
func packageDocs(files []*sourceFile) []string {
	var problems []string
	for folder, files := range byFolder(files) {
		var with []string
		for _, f := range files {
			if f.ast.Doc != nil && strings.TrimSpace(f.ast.Doc.Text()) != "" {
				with = append(with, path.Base(f.name))
			}
		}
		if len(with) != 1 {
			problems = append(problems, fmt.Sprintf("%s: package comment in %d files %v, want exactly one", folder, len(with), with))
		}
	}
	return problems
}

func TestPackageDocs(t *testing.T) {
	report(t, "the package comment is the guide to a package; two are a guide and a rumour (CONTRIBUTING.md, law 7)", packageDocs(allSources(t)))
}

func TestPackageDocsFindsMistakes(t *testing.T) {
	expect(t, packageDocs([]*sourceFile{mustParse(t, "a/a.go", "package a"), mustParse(t, "a/a_test.go", "// Package a.\npackage a")}), "a: package comment in 0 files")
	expect(t, packageDocs([]*sourceFile{mustParse(t, "a/a.go", "// Package a.\npackage a"), mustParse(t, "a/b.go", "// Package a.\npackage a")}), "a: package comment in 2 files [a.go b.go]")
	expect(t, packageDocs([]*sourceFile{mustParse(t, "a/a.go", "// Package a.\npackage a")}))
}

// undocumented finds exported names without a comment: types, functions,
// methods of exported types, methods of interfaces, and each constant and
// variable of a group for itself.
func undocumented(f *sourceFile) []string {
	var problems []string
	miss := func(n ast.Node, name string) {
		problems = append(problems, fmt.Sprintf("%s: %s has no comment", f.position(n), name))
	}
	if f.test || f.ast.Name.Name == "main" {
		return nil
	}
	for _, decl := range f.ast.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && empty(d.Doc) && exportedReceiver(d) {
				miss(d, "func "+d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				undocumentedSpec(d, spec, miss)
			}
		}
	}
	return problems
}

func undocumentedSpec(d *ast.GenDecl, spec ast.Spec, miss func(ast.Node, string)) {
	alone := !d.Lparen.IsValid() // then the comment is the declaration's
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if !s.Name.IsExported() {
			return
		}
		if empty(s.Doc) && (!alone || empty(d.Doc)) {
			miss(s, "type "+s.Name.Name)
		}
		if i, ok := s.Type.(*ast.InterfaceType); ok {
			for _, m := range i.Methods.List {
				if len(m.Names) == 1 && m.Names[0].IsExported() && empty(m.Doc) && empty(m.Comment) {
					miss(m, "method "+s.Name.Name+"."+m.Names[0].Name)
				}
			}
		}
	case *ast.ValueSpec:
		exported := slices.IndexFunc(s.Names, (*ast.Ident).IsExported)
		if exported >= 0 && empty(s.Doc) && empty(s.Comment) && (!alone || empty(d.Doc)) {
			miss(s, s.Names[exported].Name)
		}
	}
}

func empty(g *ast.CommentGroup) bool { return g == nil || strings.TrimSpace(g.Text()) == "" }

// exportedReceiver says whether a function has no receiver or an exported one.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	return ast.IsExported(receiverName(d.Recv.List[0].Type))
}

func receiverName(expr ast.Expr) string {
	switch x := expr.(type) {
	case *ast.StarExpr:
		return receiverName(x.X)
	case *ast.ParenExpr:
		return receiverName(x.X)
	case *ast.IndexExpr:
		return receiverName(x.X)
	case *ast.IndexListExpr:
		return receiverName(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

func TestExportedNamesAreDocumented(t *testing.T) {
	var problems []string
	for _, f := range allSources(t) {
		problems = append(problems, undocumented(f)...)
	}
	report(t, "every exported name says what it takes and returns, in which units, and where its rule comes from (CONTRIBUTING.md, law 7)", problems)
}

func TestExportedNamesFindsMistakes(t *testing.T) {
	expect(t, undocumented(mustParse(t, "a.go", `package a
func F() {}
type T[X any] struct{}
func (*T[X]) M() {}
func (t) M() {}
type t int
// Group.
const (
	A = 1
	B = 2 // documented
	// C is documented.
	C = 3
	d = 4
)
// V is documented.
var V int
// I is documented.
type I interface { M(); m(); N() // documented
}
`)), "a.go:2: func F", "a.go:3: type T", "a.go:4: func M", "a.go:9: A", "a.go:18: method I.M")
}

// docPackage is a package whose comments are checked for links that lead nowhere.
type docPackage struct {
	files   []*sourceFile
	imports map[string]string // package name to import path, as the files import them
	names   func(importPath string) (func(name string) bool, error)
}

// badDocLinks finds links to what is not there: [Name], [Type.Method],
// [pkg.Name] and [pkg.Type.Method].
func (d docPackage) badDocLinks() []string {
	var asts []*ast.File
	for _, f := range d.files {
		asts = append(asts, f.ast)
	}
	p, err := doc.NewFromFiles(d.files[0].fset, asts, "x", doc.AllDecls|doc.PreserveAST)
	if err != nil {
		return []string{err.Error()}
	}
	own := p.Parser().LookupSym
	var problems []string
	for _, f := range d.files {
		for _, group := range docComments(f.ast) {
			for _, link := range d.links(group.Text()) {
				if link.ImportPath == "" {
					if len(link.Name) > 1 && !own(link.Recv, link.Name) { // "In[Z]" and "[]" are Go, not links
						problems = append(problems, fmt.Sprintf("%s: [%s] leads nowhere", f.position(group), symbol(link)))
					}
					continue
				}
				has, err := d.names(link.ImportPath)
				if err != nil {
					problems = append(problems, fmt.Sprintf("%s: [%s.%s]: %v", f.position(group), link.ImportPath, symbol(link), err))
				} else if link.Name != "" && !has(symbol(link)) {
					problems = append(problems, fmt.Sprintf("%s: [%s.%s] leads nowhere", f.position(group), link.ImportPath, symbol(link)))
				}
			}
		}
	}
	return problems
}

func symbol(link *comment.DocLink) string {
	if link.Recv != "" {
		return link.Recv + "." + link.Name
	}
	return link.Name
}

// links returns everything in a comment that has the form of a link.
func (d docPackage) links(text string) []*comment.DocLink {
	parser := comment.Parser{
		LookupSym: func(recv, name string) bool { return true },
		LookupPackage: func(name string) (string, bool) {
			if p, ok := d.imports[name]; ok {
				return p, true
			}
			return name, strings.Contains(text, "["+name+".") // [foo] alone is a word in brackets
		},
	}
	var found []*comment.DocLink
	var inText func(list []comment.Text)
	inText = func(list []comment.Text) {
		for _, t := range list {
			switch t := t.(type) {
			case *comment.DocLink:
				found = append(found, t)
			case *comment.Link:
				inText(t.Text)
			}
		}
	}
	var inBlocks func(list []comment.Block)
	inBlocks = func(list []comment.Block) {
		for _, b := range list {
			switch b := b.(type) {
			case *comment.Heading:
				inText(b.Text)
			case *comment.Paragraph:
				inText(b.Text)
			case *comment.List:
				for _, item := range b.Items {
					inBlocks(item.Content)
				}
			}
		}
	}
	inBlocks(parser.Parse(text).Content)
	return found
}

// docComments returns the comments of a file that documentation is made of.
func docComments(file *ast.File) []*ast.CommentGroup {
	var groups []*ast.CommentGroup
	add := func(g *ast.CommentGroup) {
		if g != nil {
			groups = append(groups, g)
		}
	}
	add(file.Doc)
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			add(d.Doc)
		case *ast.GenDecl:
			add(d.Doc)
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					add(s.Doc)
				case *ast.ValueSpec:
					add(s.Doc)
				}
			}
		}
	}
	return groups
}

// typeNames answers from compiled packages: does a package have this name, or
// this method?
func typeNames(im *memcheck.Importer) func(string) (func(string) bool, error) {
	return func(importPath string) (func(string) bool, error) {
		if err := im.Load(importPath); err != nil {
			return nil, err
		}
		pkg, err := im.Import(importPath)
		if err != nil {
			return nil, err
		}
		return func(name string) bool {
			recv, method, ok := strings.Cut(name, ".")
			obj := pkg.Scope().Lookup(recv)
			if obj == nil || !ok {
				return obj != nil
			}
			found, _, _ := types.LookupFieldOrMethod(obj.Type(), true, pkg, method)
			return found != nil
		}, nil
	}
}

func TestDocLinks(t *testing.T) {
	list := allPackages(t)
	names := typeNames(memcheck.NewImporter(token.NewFileSet(), root))
	var problems []string
	for folder, files := range byFolder(allSources(t)) {
		d := docPackage{files: files, imports: make(map[string]string), names: names}
		own := list[path.Join(module, folder)]
		if own == nil {
			continue // a module of its own
		}
		for _, p := range own.Imports {
			if imported := list[p]; imported != nil {
				d.imports[imported.Name] = p
			}
		}
		problems = append(problems, d.badDocLinks()...)
	}
	report(t, "a link that leads nowhere is a promise of something that was renamed or never built (CONTRIBUTING.md, law 7)", problems)
}

func TestDocLinksFindsMistakes(t *testing.T) {
	d := docPackage{
		files: []*sourceFile{mustParse(t, "a.go", `// Package a has [F], [T.M], [*T] and [Gone]; [gone] is a word, F[X] an instance.
package a

import "fmt"

// T is not [T.Gone], but [fmt.Stringer] and [fmt.Stringer.String].
type T int

// M is [fmt.Gone] and [fmt.Stringer.Gone].
func (T) M() {}

// F is [foo.Bar].
func F() {}
`)},
		imports: map[string]string{"fmt": "fmt"},
		names:   typeNames(memcheck.NewImporter(token.NewFileSet(), root)),
	}
	expect(t, d.badDocLinks(), "a.go:1: [Gone]", "a.go:6: [T.Gone]", "a.go:9: [fmt.Gone]", "a.go:9: [fmt.Stringer.Gone]", "a.go:12: [foo.Bar]")
}
