// Package memcheck type-checks Go source that is held in memory against
// packages that the go command has compiled.
//
// It is what makes a hundred small modules cheap: the packages they import are
// read once from export data, and no compiler runs for the modules themselves.
// The messages are those of go/types, which the Go compiler shares.
//
//	fset := token.NewFileSet()
//	im := memcheck.NewImporter(fset, root)
//	src := memcheck.Source{Module: "example.com/app", Files: files}
//	if err := im.Load(src.Imports()...); err != nil { … }
//	for _, e := range memcheck.Check(fset, im, src) { … }
package memcheck

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Source is the Go source of one module.
type Source struct {
	Module string            // module path, such as example.com/app
	Files  map[string][]byte // by slash-separated path from the module root; what is not Go source is left alone
}

// Error is one complaint of the parser or the type checker.
type Error struct {
	Pos token.Position // Filename is the path from the module root
	Msg string         // may have several lines
}

// Error gives the complaint with its position.
func (e Error) Error() string { return fmt.Sprintf("%s: %s", e.Pos, e.Msg) }

// Imports returns the import paths that the module needs from outside, sorted.
// Files that do not parse are passed over: Check reports them.
func (s Source) Imports() []string {
	var paths []string
	for _, name := range s.goFiles() {
		file, err := parser.ParseFile(token.NewFileSet(), name, s.Files[name], parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, spec := range file.Imports {
			if p, err := strconv.Unquote(spec.Path.Value); err == nil && !s.local(p) {
				paths = append(paths, p)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// local says whether an import path belongs to the module.
func (s Source) local(p string) bool {
	return p == s.Module || strings.HasPrefix(p, s.Module+"/")
}

// goFiles returns the names of the files that a build would compile, sorted.
func (s Source) goFiles() []string {
	var names []string
	for name, data := range s.Files {
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && built(name, data) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// built evaluates the build constraint of a file for this machine, as the go
// command would without tags.
func built(name string, data []byte) bool {
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "package ") {
			break
		}
		if !constraint.IsGoBuild(line) {
			continue
		}
		expr, err := constraint.Parse(line)
		return err != nil || expr.Eval(func(tag string) bool {
			return tag == runtime.GOOS || tag == runtime.GOARCH || tag == "gc" || slices.Contains(build.Default.ReleaseTags, tag)
		})
	}
	return true
}

// Check parses and type-checks every package of the module and returns all
// complaints in the order of their positions. Clarifications that go/types adds
// to an error (they begin with a tab) are part of no list: they have no meaning
// of their own.
func Check(fset *token.FileSet, im types.Importer, src Source) []Error {
	c := &checker{fset: fset, outside: im, src: src, dirs: make(map[string][]*ast.File), done: make(map[string]*types.Package)}
	for _, name := range src.goFiles() {
		file, err := parser.ParseFile(fset, name, src.Files[name], parser.SkipObjectResolution)
		if err != nil {
			c.parseErrors(err)
		}
		if file != nil {
			dir := path.Dir(name)
			c.dirs[dir] = append(c.dirs[dir], file)
		}
	}
	dirs := make([]string, 0, len(c.dirs))
	for dir := range c.dirs {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		c.check(dir)
	}
	slices.SortStableFunc(c.errs, func(a, b Error) int {
		if a.Pos.Filename != b.Pos.Filename {
			return strings.Compare(a.Pos.Filename, b.Pos.Filename)
		}
		return a.Pos.Offset - b.Pos.Offset
	})
	return c.errs
}

// checker is the state of one Check.
type checker struct {
	fset    *token.FileSet
	outside types.Importer
	src     Source
	dirs    map[string][]*ast.File
	done    map[string]*types.Package // by folder; nil while a package is being checked
	errs    []Error
}

func (c *checker) parseErrors(err error) {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		c.errs = append(c.errs, Error{Msg: err.Error()})
		return
	}
	for _, e := range list {
		c.errs = append(c.errs, Error{Pos: e.Pos, Msg: e.Msg})
	}
}

// check type-checks the package in one folder, once.
func (c *checker) check(dir string) *types.Package {
	if pkg, started := c.done[dir]; started {
		return pkg
	}
	c.done[dir] = nil
	conf := types.Config{
		Importer: c,
		Sizes:    types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) {
			var e types.Error
			if te, ok := err.(types.Error); ok {
				e = te
			}
			if !strings.HasPrefix(e.Msg, "\t") {
				c.errs = append(c.errs, Error{Pos: c.fset.Position(e.Pos), Msg: e.Msg})
			}
		},
	}
	// The error is the first of those that the function above has collected.
	pkg, _ := conf.Check(path.Join(c.src.Module, dir), c.fset, c.dirs[dir], nil)
	c.done[dir] = pkg
	return pkg
}

// Import serves the module's own packages from memory and all others from
// export data. A local package with errors is served as far as it goes, so that
// one mistake is reported once.
func (c *checker) Import(p string) (*types.Package, error) {
	if !c.src.local(p) {
		return c.outside.Import(p)
	}
	dir := "."
	if p != c.src.Module {
		dir = strings.TrimPrefix(p, c.src.Module+"/")
	}
	if _, ok := c.dirs[dir]; !ok {
		return nil, fmt.Errorf("no Go files in folder %s of module %s", dir, c.src.Module)
	}
	pkg := c.check(dir)
	if pkg == nil {
		return nil, fmt.Errorf("import cycle through %s", p)
	}
	return pkg, nil
}
