package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// tree is the listed packages, and what becomes of them: those that are read
// from source, and those that come from export data.
type tree struct {
	fset    *token.FileSet
	overlay map[string][]byte
	sources []*source // in an order in which each comes after what it imports
	byID    map[string]*source
	imports map[string]*types.Package // from export data, by path
	main    map[*types.Package]bool   // of the main module
}

// source is a package that is read from source.
type source struct {
	list    *packages.Package
	path    string
	variant string // of a package compiled for a test: the ID; "" otherwise
	root    bool   // asked for
	main    bool   // of the main module: labels are looked for
	files   []*sourceFile
	types   *types.Package
	errs    []types.Error // of the type checker, by position
}

// sourceFile is a file of a package.
type sourceFile struct {
	name   string
	syntax *ast.File
	err    error // of the parser or the file system
	hints  bool  // the text mentions labels, so its syntax is worth walking
}

// newTree sorts out which packages are read from source: those of the main
// module, those without export data, and those that import one of them.
func newTree(cfg Config, list []*packages.Package) *tree {
	t := &tree{
		fset:    token.NewFileSet(),
		overlay: cfg.Overlay,
		byID:    map[string]*source{},
		imports: map[string]*types.Package{},
		main:    map[*types.Package]bool{},
	}
	roots := map[*packages.Package]bool{}
	for _, p := range list {
		roots[p] = true
	}
	packages.Visit(list, nil, func(p *packages.Package) {
		if p.PkgPath == "unsafe" || strings.HasSuffix(p.ID, ".test") {
			return
		}
		main := p.Module != nil && p.Module.Main || p.PkgPath == "command-line-arguments"
		fromSource := main || p.ExportFile == ""
		for _, dep := range p.Imports {
			fromSource = fromSource || t.byID[dep.ID] != nil
		}
		if !fromSource {
			return
		}
		s := &source{list: p, path: p.PkgPath, root: roots[p] && main, main: main}
		if p.ID != p.PkgPath {
			s.variant = p.ID
		}
		t.byID[p.ID] = s
		t.sources = append(t.sources, s)
	})
	return t
}

// check parses and type-checks all sources.
func (t *tree) check(ctx context.Context) error {
	t.parse(ctx)
	for _, s := range t.sources {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.checkSource(s)
	}
	return ctx.Err()
}

// parse parses the files of all sources, as many at a time as there are
// processors. A file that two variants of a package share is parsed twice:
// the type checker needs a tree for each.
func (t *tree) parse(ctx context.Context) {
	work := make(chan *sourceFile)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for f := range work {
				t.parseFile(f)
			}
		})
	}
	for _, s := range t.sources {
		for _, name := range slices.Sorted(slices.Values(s.list.CompiledGoFiles)) {
			if _, given := t.overlay[name]; isGenerated(name) && !given || ctx.Err() != nil {
				continue
			}
			f := &sourceFile{name: name}
			s.files = append(s.files, f)
			work <- f
		}
	}
	close(work)
	workers.Wait()
}

func (t *tree) parseFile(f *sourceFile) {
	text, given := t.overlay[f.name]
	if !given {
		text, f.err = os.ReadFile(f.name)
		if f.err != nil {
			return
		}
	}
	f.hints = mentionsLabels(text)
	f.syntax, f.err = parser.ParseFile(t.fset, f.name, text, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
}

// checkSource type-checks the declarations of one package. Errors do not stop
// it: they matter only where a label depends on what is missing.
func (t *tree) checkSource(s *source) {
	s.types = types.NewPackage(s.path, s.list.Name)
	t.main[s.types] = s.main
	cfg := &types.Config{
		IgnoreFuncBodies: true,
		FakeImportC:      true,
		Sizes:            s.list.TypesSizes,
		Importer:         importerFunc(func(path string) (*types.Package, error) { return t.importFor(s, path) }),
		Error: func(err error) {
			var te types.Error
			if errors.As(err, &te) {
				s.errs = append(s.errs, te)
			}
		},
	}
	if m := s.list.Module; m != nil && m.GoVersion != "" {
		cfg.GoVersion = "go" + m.GoVersion
	}
	var files []*ast.File
	for _, f := range s.files {
		if f.syntax != nil {
			files = append(files, f.syntax)
		}
	}
	_ = types.NewChecker(cfg, t.fset, s.types, nil).Files(files) // all errors were collected
	slices.SortStableFunc(s.errs, func(a, b types.Error) int { return cmp.Compare(a.Pos, b.Pos) })
}

type importerFunc func(path string) (*types.Package, error)

// Import implements [types.Importer].
func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// importFor finds a package that s imports.
func (t *tree) importFor(s *source, path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	p := s.list.Imports[path]
	if p == nil {
		return nil, fmt.Errorf("package %s is not known to the go command", path)
	}
	if src := t.byID[p.ID]; src != nil {
		if src.types == nil {
			return nil, fmt.Errorf("import cycle through %s", path)
		}
		return src.types, nil
	}
	if pkg := t.imports[p.PkgPath]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	return t.readExport(p)
}

// readExport reads the export data that the go command made of a package.
func (t *tree) readExport(p *packages.Package) (*types.Package, error) {
	f, err := os.Open(p.ExportFile)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", p.PkgPath, err)
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", p.PkgPath, err)
	}
	pkg, err := gcexportdata.Read(r, t.fset, t.imports, p.PkgPath)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", p.PkgPath, err)
	}
	return pkg, nil
}

// errorWithin returns the first message of the type checker about the code
// between two positions, "" if there is none.
func (s *source) errorWithin(from, to token.Pos) string {
	for _, e := range s.errs {
		if from <= e.Pos && e.Pos <= to {
			return firstLine(e.Msg)
		}
	}
	return ""
}

// parseErrors are the errors of all files, one for each line at most.
func (s *source) parseErrors() []*scanner.Error {
	var out []*scanner.Error
	for _, f := range s.files {
		var list scanner.ErrorList
		switch {
		case errors.As(f.err, &list):
			list.RemoveMultiples()
			out = append(out, list...)
		case f.err != nil:
			out = append(out, &scanner.Error{Pos: token.Position{Filename: f.name}, Msg: f.err.Error()})
		}
	}
	return out
}

// dir returns the folder of the package, also of one that has no files on
// disk.
func (s *source) dir() string {
	if s.list.Dir != "" {
		return s.list.Dir
	}
	for _, f := range s.files {
		return filepath.Dir(f.name)
	}
	return ""
}
