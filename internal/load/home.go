package load

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"

	"github.com/sekisho-go/sekisho/internal/model"
)

// home is what was found of the embedded zone.Home of a struct.
type home struct {
	found   bool
	count   int
	zone    string // name in the policy, "" when there is none such
	pos     token.Position
	problem string
	remedy  string
	missing string // the type error when Home itself does not resolve
}

// homeOf looks for the Home of a struct.
func (l *loader) homeOf(c *candidate, s *types.Struct) home {
	var h home
	for i := range s.NumFields() {
		f := s.Field(i)
		t := f.Type()
		ptr, isPtr := types.Unalias(t).(*types.Pointer)
		if isPtr {
			t = ptr.Elem()
		}
		n, ok := isNamed(t, zonePath, "Home")
		if !ok {
			if f.Embedded() && f.Name() == "Home" && types.Unalias(f.Type()) == types.Typ[types.Invalid] {
				l.missingHome(&h, c, f)
			}
			continue
		}
		h.found = true
		h.count++
		if h.count > 1 {
			continue
		}
		h.pos = l.position(f.Pos())
		switch {
		case isPtr:
			h.problem, h.remedy = "zone.Home is embedded as a pointer", "embed zone.Home itself: it takes no room"
		case !f.Embedded():
			h.problem, h.remedy = "zone.Home is the type of the field "+f.Name()+" and says nothing there", "embed it: write the type without a name before it"
		}
		l.resolveHome(&h, n, f)
	}
	return h
}

// resolveHome finds the zone that the type argument of Home means.
func (l *loader) resolveHome(h *home, n *types.Named, f *types.Var) {
	if n.TypeArgs().Len() != 1 {
		return
	}
	arg := n.TypeArgs().At(0)
	if _, ok := types.Unalias(arg).(*types.TypeParam); ok {
		return // the generic struct is refused as such
	}
	if z, ok := l.zoneOf(arg); ok {
		h.zone = z.Name
		return
	}
	if h.problem == "" {
		h.problem = "the policy " + l.policy.Name + " has no zone " + types.TypeString(arg, func(p *types.Package) string { return p.Name() })
		h.remedy = "use a zone type of the package " + l.cfg.ZonesPath
	}
}

// missingHome explains a Home that does not resolve: most often it names a zone
// that the zones package, made of the policy, does not have.
func (l *loader) missingHome(h *home, c *candidate, f *types.Var) {
	h.found, h.pos = true, l.position(f.Pos())
	pkg, zone := l.zoneArgument(f)
	if zone == "" || !importsAs(c.file.syntax, l.cfg.ZonesPath, pkg) || slices.Contains(l.words.goZones, zone) {
		h.missing = l.missing(c.source, f)
		return
	}
	h.problem = "the policy " + l.policy.Name + " has no zone " + zone
	h.remedy = didYouMean(zone, l.words.goZones, "the policy has")
}

// zoneArgument is how the developer wrote the zone of a Home: a package and a
// name in it.
func (l *loader) zoneArgument(f *types.Var) (pkg, name string) {
	field := l.fieldSyntax(f)
	if field == nil {
		return "", ""
	}
	ix, ok := field.Type.(*ast.IndexExpr)
	if !ok {
		return "", ""
	}
	sel, ok := ix.Index.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return id.Name, sel.Sel.Name
}

// importsAs reports whether a file imports a package under a name. The name of
// a generated package is the last element of its path.
func importsAs(file *ast.File, pkgPath, name string) bool {
	for _, spec := range file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != pkgPath {
			continue
		}
		if spec.Name != nil && spec.Name.Name == name || spec.Name == nil && path.Base(pkgPath) == name {
			return true
		}
	}
	return false
}

// missing says why the type of a field does not resolve.
func (l *loader) missing(s *source, f *types.Var) string {
	from, to := f.Pos(), f.Pos()
	if field := l.fieldSyntax(f); field != nil {
		from, to = field.Type.Pos(), field.Type.End()
	}
	if s != nil {
		if msg := s.errorWithin(from, to); msg != "" {
			return msg
		}
	}
	return "its type does not resolve"
}

// reportHome reports what is wrong with the Home of t.
func (l *loader) reportHome(t *model.Type, h home) {
	switch {
	case !h.found && !t.Generated:
		l.report(t.Pos, t.Name, "embed zone.Home with the zone that its values live in", "%s has labels but no home", t.Name)
	case h.missing != "":
		l.unresolved = append(l.unresolved, Unresolved{Type: t, Diagnostic: model.Diagnostic{
			Pos: h.pos, Path: t.Name + ".Home", Msg: h.missing + ": the home of " + t.Name + " is unknown",
			Remedy: "import " + zonePath + " and a zone of " + l.cfg.ZonesPath + ": records live in the zones of one policy",
		}})
	case h.count > 1:
		l.report(h.pos, t.Name, "keep one: a value lives in one zone, and gets to others as a view", "%s has %d homes", t.Name, h.count)
	case h.problem != "":
		l.report(h.pos, t.Name, h.remedy, "%s", h.problem)
	}
}

// reportGeneric refuses a labelled generic struct.
func (l *loader) reportGeneric(t *model.Type, s *types.Struct) {
	l.generic[typeKey(t)] = true
	at, pos := t.Name, t.Pos
	what := "%s is labelled and generic: code cannot be generated for all its instances"
	for i := range s.NumFields() {
		if f := s.Field(i); !isHome(f.Type()) && mentionsTypeParam(f.Type(), 0) {
			at, pos = t.Name+"."+f.Name(), l.position(f.Pos())
			what = "%s is labelled and has a field of a type parameter: what it will hold is not known"
			break
		}
	}
	l.report(pos, at, "label a struct for each instance that is needed, or leave the labels to the types that it is instantiated with", what, t.Name)
}

func isHome(t types.Type) bool {
	_, ok := isNamed(t, zonePath, "Home")
	return ok
}

// mentionsTypeParam reports whether a type parameter occurs in t.
func mentionsTypeParam(t types.Type, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Named:
		for a := range t.TypeArgs().Types() {
			if mentionsTypeParam(a, depth+1) {
				return true
			}
		}
	case *types.Map:
		return mentionsTypeParam(t.Key(), depth+1) || mentionsTypeParam(t.Elem(), depth+1)
	case *types.Struct:
		for f := range t.Fields() {
			if mentionsTypeParam(f.Type(), depth+1) {
				return true
			}
		}
	case interface{ Elem() types.Type }:
		return mentionsTypeParam(t.Elem(), depth+1)
	}
	return false
}
