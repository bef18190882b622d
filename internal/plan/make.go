package plan

import (
	"cmp"
	"fmt"
	"go/token"
	"path"
	"slices"

	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Input is what a plan is made from.
type Input struct {
	Policy    *policy.Policy
	ZonesPath string
	ZonesName string           // of the package; the last element of its path by default
	Packages  []*model.Package // by import path
	Fset      *token.FileSet   // of the packages' scopes
	Funcs     *Funcs           // every function that policy and tags name
}

// Make lays the policy over the types. Problems do not stop it: they are all
// in the plan's Diagnostics, and a plan that has any must not be emitted.
func Make(in Input) *Plan {
	pl := &planner{
		policy:    in.Policy,
		funcs:     in.Funcs,
		plan:      &Plan{Policy: in.Policy, ZonesPath: in.ZonesPath, ZonesName: cmp.Or(in.ZonesName, path.Base(in.ZonesPath))},
		sources:   map[*model.Type]*Record{},
		foreign:   map[foreignKey]*Record{},
		crossings: map[hop]*Crossing{},
		returns:   map[hop]*Return{},
		roads:     map[string][]*policy.Route{},
	}
	ready, waiting := pl.addTypes(in)
	for len(ready) > 0 {
		pl.hops(ready)
		ready, waiting = pl.next(waiting)
	}
	for _, p := range pl.plan.Packages {
		for _, r := range p.Records {
			pl.finish(r)
			pl.idleFuncs(r)
		}
	}
	pl.dropUnusedForeign()
	for _, p := range pl.plan.Packages {
		for _, r := range p.Records {
			pl.clashes(r)
		}
		pl.hidden(p)
	}
	return pl.plan
}

// goNames are the names of Go itself that generated code uses.
var goNames = []string{
	"bool", "byte", "complex", "complex128", "error", "float64", "imag", "int64", "len", "make", "new", "nil", "real", "rune", "string", "uint64",
}

// hidden reports declarations of a package that hide names of Go itself:
// generated code says len and means it.
func (pl *planner) hidden(p *Package) {
	if p.scope == nil || len(p.Records) == 0 {
		return
	}
	for _, name := range goNames {
		if p.scope.Lookup(name) != nil {
			pl.report(p.Records[0], nil, fmt.Sprintf("package %s declares %s, which hides the %s of Go from the code that is generated into it", p.Name, name, name),
				"", "give it another name")
		}
	}
}

// planner holds the state of one call of Make.
type planner struct {
	policy    *policy.Policy
	funcs     *Funcs
	plan      *Plan
	sources   map[*model.Type]*Record
	foreign   map[foreignKey]*Record
	crossings map[hop]*Crossing
	returns   map[hop]*Return
	roads     map[string][]*policy.Route // by the zone that they leave
}

// routesFrom lists the roads out of a zone. A policy that is met with others
// makes its routes anew for whoever asks, and a hop is known by its route: so
// it is asked once.
func (pl *planner) routesFrom(zone string) []*policy.Route {
	routes, ok := pl.roads[zone]
	if !ok {
		routes = pl.policy.RoutesFrom(zone)
		pl.roads[zone] = routes
	}
	return routes
}

// hop names a way out of a record: there is at most one crossing or return
// for each.
type hop struct {
	from  *Record
	route *policy.Route
}

type foreignKey struct {
	pkg  *Package
	typ  *model.Type
	home string
}

// addTypes makes the records of hand-written types. Those that mention views
// have to wait until the views have names.
func (pl *planner) addTypes(in Input) (ready, waiting []*Record) {
	for _, mp := range in.Packages {
		p := &Package{
			Path: mp.Path, Name: mp.Name, Dir: mp.Dir,
			File:  mp.GeneratedFile,
			Root:  mp.Root,
			scope: mp.Scope, fset: in.Fset, names: map[string]bool{},
		}
		for _, t := range mp.Types {
			if t.Generated || t.Foreign || unknown(t, map[*model.Type]bool{}) {
				continue
			}
			home, ok := pl.policy.Zone(t.Home)
			if !ok {
				continue // the loader has reported it
			}
			r := &Record{Package: p, Name: t.Name, Home: home, Source: t}
			pl.sources[t] = r
			p.Records = append(p.Records, r)
			if mentionsGenerated(t) {
				waiting = append(waiting, r)
			} else {
				ready = append(ready, r)
			}
		}
		pl.plan.Packages = append(pl.plan.Packages, p)
	}
	for _, r := range slices.Clone(ready) {
		pl.fillFields(r)
	}
	for _, p := range pl.plan.Packages { // types of others, found while filling
		for _, r := range p.Records {
			if r.Foreign {
				ready = append(ready, r)
			}
		}
	}
	return ready, waiting
}

// next splits the records that wait for views into those whose views are
// planned by now, which get their fields, and the rest. Each layer of
// hand-written types over generated ones is planned after the one below.
func (pl *planner) next(waiting []*Record) (ready, rest []*Record) {
	for _, r := range waiting {
		known := true
		for _, f := range r.Source.Fields {
			f.Shape.Walk(func(s *model.Shape) bool {
				if t := s.Labelled; t != nil && s.Kind == model.Labelled && t.Generated {
					known = known && pl.viewNamed(t.PkgPath, t.Name) != nil
				}
				return true
			})
		}
		if !known {
			rest = append(rest, r)
			continue
		}
		ready = append(ready, r)
	}
	for _, r := range ready {
		pl.fillFields(r)
	}
	return ready, rest
}

// unknown reports whether a part of t is of a type that does not exist yet, so
// that nothing can be decided about it in this pass.
func unknown(t *model.Type, seen map[*model.Type]bool) (found bool) {
	if seen[t] {
		return false
	}
	seen[t] = true
	for _, f := range t.Fields {
		f.Shape.Walk(func(s *model.Shape) bool {
			found = found || s.Kind == model.Invalid || s.Kind == model.Labelled && unknown(s.Labelled, seen)
			return !found
		})
	}
	return found
}

// fillFields gives a hand-written record its fields.
func (pl *planner) fillFields(r *Record) {
	for _, mf := range r.Source.Fields {
		f := &Field{Name: mf.Name, Embedded: mf.Embedded, Pos: mf.Pos, Tag: mf.Tag, Labelled: mf.HasTag}
		f.Shape = pl.shape(r, mf.Shape)
		if mf.HasTag {
			label, err := pl.policy.Resolve(mf.Tag)
			if err != nil {
				continue // the loader has reported it
			}
			f.Label = label
		}
		if mf.Shape.Kind == model.Sealed && mf.Shape.Labelled != nil {
			f.Group = pl.groupOf(mf.Shape.Labelled)
		}
		r.Fields = append(r.Fields, f)
	}
}

// idleFuncs reports the functions that tags name, that no road makes use of,
// and that are not there: who wrote one believes that it does something.
func (pl *planner) idleFuncs(r *Record) {
	if r.Source == nil {
		return
	}
	for _, f := range r.Fields {
		for _, name := range []string{f.Tag.Mask, f.Tag.Generalise} {
			reported := slices.ContainsFunc(pl.plan.Diagnostics, func(d model.Diagnostic) bool { return d.Pos == f.Pos })
			if name == "" || reported {
				continue
			}
			if _, err := pl.funcs.Lookup(name); err != nil {
				pl.report(r, f, err.Error(), "", remedyFunc)
			}
		}
	}
}

// groupOf describes a sealed group that hand-written code mentions.
func (pl *planner) groupOf(t *model.Type) *Group {
	home, _ := pl.policy.Zone(t.Home)
	g := &Group{Name: t.Name, Home: home}
	for _, mf := range t.Fields {
		if label, err := pl.policy.Resolve(mf.Tag); err == nil && mf.HasTag {
			g.Fields = append(g.Fields, &Field{Name: mf.Name, Labelled: true, Tag: mf.Tag, Label: label, Pos: mf.Pos})
		}
	}
	return g
}

// shape translates the model's shape of a field of r.
func (pl *planner) shape(r *Record, m *model.Shape) *Shape {
	seen := map[*model.Shape]*Shape{}
	var walk func(*model.Shape) *Shape
	walk = func(m *model.Shape) *Shape {
		if m == nil {
			return nil
		}
		if s := seen[m]; s != nil {
			return s
		}
		s := &Shape{Kind: m.Kind, Type: GoType{m.Type}, Go: m.Type, Len: m.Len, SealedZone: m.SealedZone, Why: m.Why}
		seen[m] = s
		s.Key, s.Elem = walk(m.Key), walk(m.Elem)
		for _, f := range m.Fields {
			s.Fields = append(s.Fields, ShapeField{f.Name, walk(f.Shape)})
		}
		if m.Kind == model.Labelled {
			s.Record = pl.recordOf(r, m.Labelled)
		}
		return s
	}
	return walk(m)
}

// recordOf finds the record of a labelled type that a field of r holds.
func (pl *planner) recordOf(r *Record, t *model.Type) *Record {
	switch {
	case t.Foreign:
		key := foreignKey{r.Package, t, r.Home.Name}
		if f := pl.foreign[key]; f != nil {
			return f
		}
		f := &Record{Package: r.Package, Name: t.Name, Home: r.Home, Source: t, Foreign: true}
		pl.foreign[key] = f
		r.Package.Records = append(r.Package.Records, f)
		pl.fillFields(f)
		return f
	case t.Generated:
		return pl.viewNamed(t.PkgPath, t.Name)
	}
	return pl.sources[t]
}

// viewNamed finds a view that is planned already.
func (pl *planner) viewNamed(pkg, name string) *Record {
	for _, p := range pl.plan.Packages {
		if p.Path != pkg {
			continue
		}
		for _, r := range p.Records {
			if r.Made != nil && r.Name == name {
				return r
			}
		}
	}
	return nil
}

// mentionsGenerated reports whether a field of t is of a generated type.
func mentionsGenerated(t *model.Type) (found bool) {
	for _, f := range t.Fields {
		f.Shape.Walk(func(s *model.Shape) bool {
			found = found || s.Labelled != nil && s.Labelled.Generated
			return true
		})
	}
	return found
}

// report adds a diagnostic about a record or one of its fields.
func (pl *planner) report(r *Record, f *Field, msg, clause, remedy string) {
	d := model.Diagnostic{Path: r.Root().Name, Msg: msg, Clause: clause, Remedy: remedy}
	if s := r.Root().Source; s != nil {
		d.Pos = s.Pos
	}
	if f != nil {
		d.Path += "." + f.Name
		if f.Pos.IsValid() {
			d.Pos = f.Pos
		}
	}
	if !slices.Contains(pl.plan.Diagnostics, d) {
		pl.plan.Diagnostics = append(pl.plan.Diagnostics, d)
	}
}
