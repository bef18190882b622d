package load

import (
	"errors"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// findForeign makes the types that the policy labels and that were not met in
// the source of the module.
func (l *loader) findForeign() {
	for i := range l.labelled {
		entry := &l.labelled[i]
		if l.foreign[entry.Name] != nil || l.types[entry.Name] != nil || l.generic[entry.Name] {
			continue
		}
		dot := lastDot(entry.Name)
		if dot < 0 {
			l.report(policyPosition(entry.Pos), entry.Name, "write the import path, a dot and the name of the type", "%s is no qualified type name", entry.Name)
			continue
		}
		path, name := entry.Name[:dot], entry.Name[dot+1:]
		pkg := l.packageAt(path)
		if pkg == nil {
			l.checkPackagePath(entry, path)
			continue
		}
		l.addForeign(entry, pkg, name)
	}
}

// addForeign makes one type that the policy labels.
func (l *loader) addForeign(entry *policy.Type, pkg *types.Package, name string) {
	obj, _ := pkg.Scope().Lookup(name).(*types.TypeName)
	if obj == nil {
		if pkg.Complete() {
			l.report(policyPosition(entry.Pos), entry.Name, didYouMean(name, typeNames(pkg), "the package declares the types"),
				"package %s has no type %s", pkg.Path(), name)
		}
		return
	}
	named, ok := types.Unalias(obj.Type()).(*types.Named)
	if !ok {
		l.report(policyPosition(entry.Pos), entry.Name, "label the fields of its type", "%s is an alias for a type without a name", entry.Name)
		return
	}
	if _, ok := named.Underlying().(*types.Struct); !ok || named.TypeParams().Len() > 0 {
		l.report(policyPosition(entry.Pos), entry.Name, "only the fields of plain structs can be labelled in the policy", "%s is no struct, or a generic one", entry.Name)
		return
	}
	of := named.Obj().Pkg()
	t := &model.Type{
		Name: named.Obj().Name(), PkgPath: of.Path(), PkgName: of.Name(), Dir: filepath.Dir(l.position(obj.Pos()).Filename),
		Pos: l.position(obj.Pos()), Named: named, Foreign: true,
	}
	l.findMethods(t)
	l.origins[t] = &origin{code: pkg, entry: entry}
	l.foreign[objectKey(named.Obj())] = t // the entry may name an alias
}

// packageAt returns the package with an import path if it was read.
func (l *loader) packageAt(path string) *types.Package {
	for _, s := range l.tree.sources {
		if s.path == path && s.variant == "" {
			return s.types
		}
	}
	return l.tree.imports[path]
}

// checkPackagePath reports an entry whose package is certain not to exist. A
// policy may serve several modules, so a package that this one does not import
// is no error; one inside of this module that is not there is.
func (l *loader) checkPackagePath(entry *policy.Type, path string) {
	for _, s := range l.tree.sources {
		m := s.list.Module
		if !s.main || m == nil || m.Dir == "" {
			continue
		}
		rest, ok := strings.CutPrefix(path, m.Path+"/")
		if !ok {
			continue
		}
		if _, err := os.Stat(filepath.Join(m.Dir, filepath.FromSlash(rest))); errors.Is(err, os.ErrNotExist) {
			l.report(policyPosition(entry.Pos), entry.Name, "mend the import path, or remove the entry", "module %s has no package %s", m.Path, path)
		}
		return
	}
}

// fillForeign gives a type that the policy labels its fields.
func (l *loader) fillForeign(t *model.Type) {
	entry := l.origins[t].entry
	under := t.Named.Underlying().(*types.Struct)
	var names []string
	for v := range under.Fields() {
		names = append(names, v.Name())
	}
	for _, f := range entry.Fields {
		if !slices.Contains(names, f.Name) {
			l.report(policyPosition(f.Pos), entry.Name, didYouMean(f.Name, names, "the type has the fields"), "%s has no field %s", t.Name, f.Name)
		}
	}
	s := l.shaperFor(l.viewpoint(t))
	for v := range under.Fields() {
		if v.Name() == "_" {
			continue
		}
		f := l.newField(s, v)
		t.Fields = append(t.Fields, f)
		pos := policyPosition(entry.Pos)
		if i := slices.IndexFunc(entry.Fields, func(e policy.Field) bool { return e.Name == f.Name }); i >= 0 {
			pos = policyPosition(entry.Fields[i].Pos)
			tag, err := classify.ParseTag(entry.Fields[i].Tag)
			if err != nil {
				l.report(pos, t.Name+"."+f.Name, `write a label as "NAME[+NAME][,OPTION]"`, "%s", tagMessage(err))
				continue
			}
			f.Tag, f.HasTag = tag, true
		}
		l.checkForeignField(t, f, v, pos)
	}
}

// checkForeignField checks a field that the policy should label. Its problems
// are the policy's.
func (l *loader) checkForeignField(t *model.Type, f *model.Field, v *types.Var, pos token.Position) {
	at := *f
	at.Pos = pos
	c := &fieldCheck{loader: l, t: t, f: &at, v: v, path: t.Name + "." + f.Name, entry: &pos}
	c.check()
	fieldPos := f.Pos
	*f = at
	f.Pos = fieldPos
}

// viewpoint is where the code that takes a foreign type apart stands: in the
// packages that hold it, none of which is its own.
func (l *loader) viewpoint(t *model.Type) *types.Package {
	path := l.cfg.ZonesPath
	for _, s := range l.tree.sources {
		if s.main && s.list.Module != nil {
			path = s.list.Module.Path
			break
		}
	}
	if l.outside == nil {
		l.outside = types.NewPackage(path+"/(any)", "of the module")
	}
	return l.outside
}

func typeNames(pkg *types.Package) []string {
	var names []string
	for _, name := range pkg.Scope().Names() {
		if obj, ok := pkg.Scope().Lookup(name).(*types.TypeName); ok && obj.Exported() {
			names = append(names, name)
		}
	}
	return names
}

func tagMessage(err error) string {
	var te *classify.TagError
	if errors.As(err, &te) {
		return te.Msg
	}
	return err.Error()
}

func policyPosition(p policy.Pos) token.Position {
	return token.Position{Filename: p.File, Line: p.Line, Column: p.Col}
}

// findExternal makes the labelled type of another module that n is, or
// returns nil. Its Home and its tags are in the export data; its directives are
// not.
func (l *loader) findExternal(n *types.Named) *model.Type {
	pkg := n.Obj().Pkg()
	if pkg == nil || l.tree.main[pkg] || n.TypeArgs().Len() > 0 {
		return nil
	}
	under, ok := n.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var zone string
	found := false
	for v := range under.Fields() {
		if h, ok := isNamed(v.Type(), zonePath, "Home"); ok && v.Embedded() {
			found = true
			if z, ok := l.zoneOf(h.TypeArgs().At(0)); ok {
				zone = z.Name
			}
		}
	}
	if !found || zone == "" {
		return nil
	}
	pos := l.position(n.Obj().Pos())
	t := &model.Type{
		Name: n.Obj().Name(), PkgPath: pkg.Path(), PkgName: pkg.Name(), Dir: filepath.Dir(pos.Filename),
		Pos: pos, Named: n, Home: zone, Generated: isGenerated(pos.Filename),
	}
	l.findMethods(t)
	l.types[typeKey(t)] = t
	l.origins[t] = &origin{code: pkg}
	l.waiting = append(l.waiting, t)
	l.externalPackage(pkg, t.Dir).Types = append(l.externalPackage(pkg, t.Dir).Types, t)
	return t
}

// externalPackage returns the model's package for one of another module.
func (l *loader) externalPackage(pkg *types.Package, dir string) *model.Package {
	for _, p := range l.packages {
		if p.Path == pkg.Path() && !p.Test {
			return p
		}
	}
	p := &model.Package{Path: pkg.Path(), Name: pkg.Name(), Dir: dir, Scope: pkg.Scope(), GeneratedFile: filepath.Join(dir, model.GeneratedFile)}
	l.packages = append(l.packages, p)
	return p
}
