package load

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/internal/model"
)

// find makes the labelled types without their fields: these may mention each
// other in any order.
func (l *loader) find() {
	sources := slices.Clone(l.tree.sources)
	slices.SortFunc(sources, func(a, b *source) int { return strings.Compare(a.list.ID, b.list.ID) })
	for _, s := range sources {
		if !s.main {
			continue
		}
		for _, e := range s.list.Errors {
			if len(s.files) == 0 {
				break // all of it is generated
			}
			if isGenerated(listPosition(s, e).Filename) {
				continue // it is not read, whatever is in it
			}
			// What the compiler says of missing generated code begins
			// with the name of the package behind a number sign.
			if msg := strings.TrimSuffix(firstLine(e.Msg), " in "+s.dir()); !strings.HasPrefix(msg, "# ") {
				l.report(listPosition(s, e), s.path, "mend the package: labels in it may go unseen", "%s", msg)
			}
		}
		for _, e := range s.parseErrors() {
			l.report(e.Pos, s.path, "mend the file: labels in it may go unseen", "%s", firstLine(e.Msg))
		}
		l.findIn(s)
	}
	l.shareZones()
	l.findForeign()
}

// shareZones lets the test files of a package be of the package's zone.
func (l *loader) shareZones() {
	zones := map[string]string{}
	for _, p := range l.packages {
		if !p.Test {
			zones[p.Path] = p.Zone
		} else if p.Zone == "" {
			p.Zone = zones[p.Path] // its own comes first in the order of IDs
		}
	}
}

// findIn finds the labelled types of one package.
func (l *loader) findIn(s *source) {
	p := &model.Package{
		Path: s.path, Name: s.list.Name, Dir: s.dir(), Root: s.root, Test: s.variant != "",
		Scope: s.types.Scope(),
	}
	p.GeneratedFile = filepath.Join(p.Dir, generatedFile(s))
	imports := map[string]bool{}
	for _, f := range s.files {
		if f.syntax == nil || p.Test && !strings.HasSuffix(f.name, "_test.go") {
			continue
		}
		if !isGenerated(f.name) {
			p.Files = append(p.Files, f.name)
			for _, spec := range f.syntax.Imports {
				imports[strings.Trim(spec.Path.Value, "`\"")] = true
			}
		}
		l.findInFile(s, p, f)
	}
	for path := range imports {
		p.Imports = append(p.Imports, path)
	}
	slices.Sort(p.Imports)
	l.packages = append(l.packages, p)
}

// generatedFile is the name of the file that holds the generated code of a
// package, of its tests, or of the tests outside of it.
func generatedFile(s *source) string {
	switch {
	case s.variant == "":
		return model.GeneratedFile
	case strings.HasSuffix(s.list.Name, "_test"):
		return model.GeneratedExternalTestFile
	}
	return model.GeneratedTestFile
}

// findInFile finds the labelled types of one file, in source order.
func (l *loader) findInFile(s *source, p *model.Package, f *sourceFile) {
	if !p.Root {
		l.owner = p.Path + "." // nobody asked for the package, and this is no type in it
		defer func() { l.owner = "" }()
	}
	var notes *notes
	if f.hints {
		l.indexFile(f)
		notes = l.readNotes(f)
		l.setZone(p, notes)
	}
	for _, decl := range f.syntax.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			spec, ok := spec.(*ast.TypeSpec)
			if !ok || spec.Assign.IsValid() {
				continue
			}
			// Of a name declared twice, which does not compile, the type
			// checker keeps one.
			obj, ok := s.types.Scope().Lookup(spec.Name.Name).(*types.TypeName)
			if !ok || obj.Pos() != spec.Name.Pos() {
				continue
			}
			doc := spec.Doc
			if doc == nil && !gen.Lparen.IsValid() {
				doc = gen.Doc
			}
			l.findType(&candidate{source: s, pkg: p, file: f, spec: spec, doc: doc, notes: notes, obj: obj})
		}
	}
	notes.reportUnused(l)
}

// candidate is a type declaration that may be labelled.
type candidate struct {
	source *source
	pkg    *model.Package
	file   *sourceFile
	spec   *ast.TypeSpec
	doc    *ast.CommentGroup
	notes  *notes
	obj    *types.TypeName
}

// findType adds the declared type to the model if it is labelled.
func (l *loader) findType(c *candidate) {
	named, ok := c.obj.Type().(*types.Named)
	if !ok {
		return
	}
	defer func(file string) { l.owner = file }(l.owner)
	l.owner = objectKey(c.obj)
	switch under := named.Underlying().(type) {
	case *types.Struct:
		l.findStruct(c, named, under)
	case *types.Basic:
		if under.Kind() == types.Invalid {
			l.unresolvedType(c)
			return
		}
		l.findScalar(c, named)
	default:
		l.findScalar(c, named)
	}
}

// unresolvedType notes a definition over a type that does not exist: it may be
// labelled once that exists.
func (l *loader) unresolvedType(c *candidate) {
	t := &model.Type{Name: c.obj.Name(), PkgPath: c.pkg.Path, PkgName: c.pkg.Name, Dir: c.pkg.Dir, Pos: l.position(c.obj.Pos())}
	why := c.source.errorWithin(c.spec.Pos(), c.spec.End())
	if why == "" {
		why = "its definition does not resolve"
	}
	l.unresolved = append(l.unresolved, Unresolved{Type: t, Diagnostic: model.Diagnostic{
		Pos: t.Pos, Path: t.Name, Msg: why + ": " + t.Name + " may be a labelled type",
		Remedy: "mend the definition, or remove it if it stands for a view that is no longer generated",
	}})
}

// findStruct adds a struct that has a Home, labels, or an entry in the policy.
func (l *loader) findStruct(c *candidate, named *types.Named, under *types.Struct) {
	home := l.homeOf(c, under)
	tagged := isTagged(under)
	entry := l.entries[objectKey(c.obj)]
	if !home.found && !tagged && entry == nil {
		l.findScalar(c, named)
		return
	}
	t := &model.Type{
		Name: c.obj.Name(), PkgPath: c.pkg.Path, PkgName: c.pkg.Name, Dir: c.pkg.Dir,
		Pos:       l.position(c.obj.Pos()),
		Doc:       strings.TrimSpace(c.doc.Text()),
		Named:     named,
		Home:      home.zone,
		HomePos:   home.pos,
		Generated: isGenerated(l.position(c.obj.Pos()).Filename),
	}
	l.findMethods(t)
	l.origins[t] = &origin{source: c.source, code: c.source.types, spec: c.spec}
	switch {
	case named.TypeParams().Len() > 0:
		l.reportGeneric(t, under)
		return
	case entry != nil && !home.found && !tagged:
		t.Foreign = true
		l.foreign[typeKey(t)] = t
		l.origins[t].entry = entry
		return
	case entry != nil:
		l.report(policyPosition(entry.Pos), t.Name, "remove the entry, or the Home and the tags", "%s is labelled twice: by the policy's types section and in the source at %s", entry.Name, short(t.Pos))
	}
	l.reportHome(t, home)
	l.readViews(t, c)
	l.types[typeKey(t)] = t
	c.pkg.Types = append(c.pkg.Types, t)
}

// isTagged reports whether a field of the struct has a label of its own.
func isTagged(s *types.Struct) bool {
	for i := range s.NumFields() {
		if hasClassifyKey(s.Tag(i)) {
			return true
		}
	}
	return false
}

// findMethods notes the hand-written methods of t.
func (l *loader) findMethods(t *model.Type) {
	t.Methods = map[string]token.Position{}
	for m := range t.Named.Methods() {
		if pos := l.position(m.Pos()); !isGenerated(pos.Filename) {
			t.Methods[m.Name()] = pos
		}
	}
}
