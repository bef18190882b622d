package stale

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// transit is what generated code declares about one type on one road.
type transit struct {
	route     string // name of the route's Go type
	typ, view string
	decisions []decision
}

// decision is one zone.Decision of a transit.
type decision struct {
	field, class, with, result string
	categories                 []string
	action                     classify.Action
	sealed                     string
}

// readTransits reads the declarations of a generated file.
func (c *comparer) readTransits(f *ast.File) []*transit {
	if !c.info.Generated[c.pass.Fset.Position(f.Package).Filename] {
		return nil
	}
	var all []*transit
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			for _, v := range spec.(*ast.ValueSpec).Values {
				if t := c.readTransit(v); t != nil {
					all = append(all, t)
				}
			}
		}
	}
	return all
}

// readTransit reads one call of zone.NewTransit[ROUTE](policy, type, view,
// digest, decisions...).
func (c *comparer) readTransit(e ast.Expr) *transit {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) < 4 {
		return nil
	}
	index, ok := call.Fun.(*ast.IndexExpr)
	if !ok {
		return nil
	}
	sel, ok := index.X.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	fn := c.pass.TypesInfo.Uses[sel.Sel]
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != labels.ZonePath || fn.Name() != "NewTransit" {
		return nil
	}
	route, ok := types.Unalias(c.pass.TypesInfo.TypeOf(index.Index)).(*types.Named)
	if !ok {
		return nil
	}
	t := &transit{route: route.Obj().Name(), typ: c.text(call.Args[1]), view: c.text(call.Args[2])}
	for _, arg := range call.Args[4:] {
		if lit, ok := arg.(*ast.CompositeLit); ok {
			t.decisions = append(t.decisions, c.readDecision(lit))
		}
	}
	return t
}

func (c *comparer) readDecision(lit *ast.CompositeLit) (d decision) {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch name, _ := kv.Key.(*ast.Ident); name.Name {
		case "Field":
			d.field = c.text(kv.Value)
		case "Class":
			d.class = c.text(kv.Value)
		case "With":
			d.with = c.text(kv.Value)
		case "Result":
			d.result = c.text(kv.Value)
		case "Sealed":
			d.sealed = c.text(kv.Value)
		case "Categories":
			if list, ok := kv.Value.(*ast.CompositeLit); ok {
				for _, e := range list.Elts {
					d.categories = append(d.categories, c.text(e))
				}
			}
		case "Action":
			if v := c.pass.TypesInfo.Types[kv.Value].Value; v != nil {
				n, _ := constant.Uint64Val(v)
				d.action = classify.Action(n)
			}
		}
	}
	return d
}

// text is a constant string, "" for anything else.
func (c *comparer) text(e ast.Expr) string {
	if v := c.pass.TypesInfo.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return ""
}

// routeOf finds the road that a transit is about.
func routeOf(r *record, t *transit, from string) *policy.Route {
	for _, route := range r.Policy.RoutesFrom(from) {
		if goname.RouteType(r.Policy.Policy, route) == t.route {
			return route
		}
	}
	return nil
}

// field is a field as it is labelled now.
type field struct {
	name  string
	pos   token.Pos
	label classify.Label
	tag   classify.Tag
	token bool // its type is a token: what a mask would do to it, dropping does
	shut  bool // its type cannot be followed, so it is dropped or refused
}

// fields are the labelled fields that hold plain data.
func (c *comparer) fields(p *labels.Policy, s *labels.Struct) []field {
	var all []field
	under := s.Type.Underlying().(*types.Struct)
	for i, l := range s.Labels {
		v := under.Field(i)
		if l == nil || c.holdsOthers(v.Type()) {
			continue
		}
		f := field{name: v.Name(), pos: v.Pos(), token: c.isCrypto(v.Type(), "Token"), shut: shut(v.Type())}
		tag, found, err := labels.TagOf(under, i)
		switch {
		case err != nil:
			continue // the check labels reports it
		case found:
			label, err := p.Resolve(tag)
			if err != nil {
				continue // likewise
			}
			f.label, f.tag = label, tag
		default: // the type of the field brings the label
			f.label = classify.Label{Class: l.Level, Categories: l.Categories, Integrity: 1, Availability: 1}
		}
		all = append(all, f)
	}
	return all
}

// holdsOthers reports whether a field holds records, or what was sealed: its
// decisions are theirs.
func (c *comparer) holdsOthers(t types.Type) bool {
	found := false
	walk(t, func(n *types.Named) {
		if c.info.Struct(n) != nil || labels.Is(n, labels.CryptoPath, "Sealed") || labels.Is(n, labels.CryptoPath, "Column") || labels.Is(n, labels.CryptoPath, "Index") {
			found = true
		}
	})
	return found
}

func (c *comparer) isCrypto(t types.Type, name string) bool {
	found := false
	walk(t, func(n *types.Named) { found = found || labels.Is(n, labels.CryptoPath, name) })
	return found
}

// walk visits the named types that a type is made of, not those below them.
func walk(t types.Type, visit func(*types.Named)) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		visit(t)
	case *types.Map:
		walk(t.Key(), visit)
		walk(t.Elem(), visit)
	case *types.Chan, *types.Signature, *types.Interface:
	case interface{ Elem() types.Type }:
		walk(t.Elem(), visit)
	}
}

// shut reports whether a type cannot be followed.
func shut(t types.Type) bool {
	switch types.Unalias(t).Underlying().(type) {
	case *types.Interface, *types.Signature, *types.Chan:
		return true
	}
	return false
}

// decide says what happens to a field now.
func decide(p *labels.Policy, route *policy.Route, f field) policy.Decision {
	d := p.Decide(route, f.label, f.tag)
	if f.token && (d.Action == classify.ActionMask || d.Action == classify.ActionGeneralise) {
		d.Action, d.Why = classify.ActionDrop, "it is a token, which cannot be masked"
	}
	if f.shut {
		d.Action = max(d.Action, classify.ActionDrop)
	}
	return d
}

// compareTransit compares the decisions about a type on a road with those of
// now.
func (c *comparer) compareTransit(r *record, t *transit) {
	route := routeOf(r, t, r.home())
	if route == nil {
		return // generated code would not compile
	}
	for _, f := range c.fields(r.Policy, r.Struct) {
		i := slices.IndexFunc(t.decisions, func(d decision) bool { return d.field == f.name })
		if i < 0 {
			c.say(f.pos, "%s.%s was not there, or had no label, when the way to %s was generated", r.named.Obj().Name(), f.name, route.To)
			continue
		}
		if why := differs(r.Policy, route, f, t.decisions[i]); why != "" {
			c.say(f.pos, "%s.%s crosses to %s by old code: %s", r.named.Obj().Name(), f.name, route.To, why)
		}
	}
}

// differs says how a generated decision differs from that of now, "" if it does
// not.
func differs(p *labels.Policy, route *policy.Route, f field, d decision) string {
	scale := p.Scale()
	if class := scale.Name(f.label.Class); class != d.class || !slices.Equal(f.label.Categories, d.categories) {
		return "it was labelled " + quoted(d.categories, d.class) + " then and is " + quoted(f.label.Categories, class) + " now"
	}
	now := decide(p, route, f)
	switch {
	case now.Action != d.action:
		return "the policy says " + now.Action.String() + clause(now) + ", the code does " + d.action.String()
	case now.Action < classify.ActionDrop && scale.Name(now.Result.Class) != d.result:
		return "what arrives is " + scale.Name(now.Result.Class) + " by the policy" + clause(now) + ", and " + d.result + " in the code"
	case now.With != "" && d.with != "" && now.With != d.with:
		return "the policy does it with " + now.With + clause(now) + ", the code with " + d.with
	}
	return ""
}

func quoted(categories []string, class string) string {
	return strings.Join(append(slices.Clone(categories), "class "+class), ", ")
}

func clause(d policy.Decision) string {
	if d.Clause == "" {
		return ""
	}
	return " (clause " + d.Clause + ")"
}

// compareViews follows the views of a type over further roads. What is found is
// reported at the field of the type, where there is one of that name.
func (c *comparer) compareViews(r *record) {
	type stop struct {
		typ  string // qualified name of the view's maker
		been []string
	}
	path := c.pass.Pkg.Path() + "."
	todo := []stop{{path + r.named.Obj().Name(), []string{r.home()}}}
	for seen := map[string]bool{}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		for _, t := range c.transits {
			route := routeOf(r, t, at.been[len(at.been)-1])
			if t.typ != at.typ || route == nil || slices.Contains(at.been, route.To) || seen[t.typ+t.route] {
				continue
			}
			seen[t.typ+t.route] = true
			if len(at.been) > 1 {
				c.compareView(r, t, route)
			}
			todo = append(todo, stop{path + t.view, append(slices.Clone(at.been), route.To)})
		}
	}
}

func (c *comparer) compareView(r *record, t *transit, route *policy.Route) {
	name := t.typ[strings.LastIndexByte(t.typ, '.')+1:]
	obj, ok := c.pass.Pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return
	}
	view := c.info.Struct(obj.Type())
	if view == nil {
		return
	}
	for _, f := range c.fields(r.Policy, view) {
		i := slices.IndexFunc(t.decisions, func(d decision) bool { return d.field == f.name })
		if i < 0 {
			continue
		}
		if why := differs(r.Policy, route, f, t.decisions[i]); why != "" {
			pos := r.pos
			for v := range r.under.Fields() {
				if v.Name() == f.name {
					pos = cmp.Or(v.Pos(), pos)
				}
			}
			c.say(pos, "%s of the view %s crosses to %s by old code: %s", f.name, name, route.To, why)
		}
	}
}
