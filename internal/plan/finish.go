package plan

import (
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// finish says for every other zone how r gets there: by a crossing, by a
// return, or not at all and why.
func (pl *planner) finish(r *Record) {
	for i := range pl.policy.Zones {
		z := &pl.policy.Zones[i]
		if z.Name == r.Home.Name {
			continue
		}
		routes := pl.routes(r.Home.Name, z.Name)
		switch {
		case r.Made != nil && r.Made.From.Home.Name == z.Name:
			for _, route := range routes {
				if r.wantedBack(route) {
					pl.addReturn(r, route)
				}
			}
			if len(routes) == 0 {
				pl.refuseZone(r, z)
			}
		case len(routes) == 0:
			if wantedZone(r, z) {
				pl.refuseZone(r, z)
			}
		case r.visited(z.Name): // the record came from there: the one that stayed is the one to use
		default:
			for _, route := range routes {
				if c := pl.crossings[hop{r, route}]; c != nil && c.status != arrives {
					clause, why := pl.reason(c, map[*Crossing]bool{})
					pl.refuse(r, z, route, clause, why)
				}
			}
		}
	}
	r.Crossings = slices.DeleteFunc(r.Crossings, func(c *Crossing) bool { return c.status != arrives })
}

// wantedBack reports whether a return is to be written for a route. A type that
// names its views has to name the exceptions that it comes back by, too.
func (r *Record) wantedBack(route *policy.Route) bool {
	src := r.Root().Source
	return route.Name == "" || !src.HasViews || slices.Contains(src.Views, route.Name)
}

// clashes reports methods and fields of r that have the name of a method that
// leads to another zone.
func (pl *planner) clashes(r *Record) {
	names := map[string]bool{}
	for _, c := range r.Crossings {
		names[c.Method] = true
	}
	for _, ret := range r.Returns {
		names[ret.Method] = true
	}
	for _, ref := range r.Refusals {
		names[ref.Method] = true
	}
	if r.EmbedsView() {
		names["Packing"] = true
	}
	if r.Source != nil && !r.Foreign {
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if pos, ok := r.Source.Methods[name]; ok {
				pl.plan.Diagnostics = append(pl.plan.Diagnostics, model.Diagnostic{Pos: pos, Path: r.Name + "." + name,
					Msg:    "the method " + name + " of " + r.Name + " would clash with the generated one, which leads to another zone",
					Remedy: "rename it"})
			}
		}
	}
	own := r.viewMethods()
	for _, f := range r.Fields {
		switch {
		case r.Foreign:
		case names[f.GoName()]:
			pl.report(r, f, "the field "+f.Name+" has the name of a generated method, which leads to another zone", "", "rename the field")
		case own[f.GoName()] != "":
			pl.report(r, f, "the field "+f.Name+" has the name of a generated method of "+r.Name+", by which "+own[f.GoName()], "", "rename the field")
		}
	}
}

func wantedZone(r *Record, z *policy.Zone) bool {
	src := r.Root().Source
	return !src.HasViews || slices.Contains(src.Views, z.Name)
}

// routes returns the roads between two zones, in the order of the policy.
func (pl *planner) routes(from, to string) []*policy.Route {
	var out []*policy.Route
	for _, r := range pl.routesFrom(from) {
		if r.To == to {
			out = append(out, r)
		}
	}
	return out
}

// refuseZone adds the refusal for a zone that no road leads to.
func (pl *planner) refuseZone(r *Record, z *policy.Zone) {
	clause, why := "", "the policy has no route from "+r.Home.Name+" to "+z.Name
	if closed, ok := pl.policy.ClosedRoad(r.Home.Name, z.Name); ok {
		clause, why = closed.Clause, "the road from "+r.Home.Name+" to "+z.Name+" is closed"
		if t := title(closed.Title); t != "" {
			why += ": " + t
		}
	}
	pl.refuse(r, z, nil, clause, why)
}

// title picks the text that stands in generated comments: English where there
// is one, else the first language by tag, so that output never varies.
func title(t policy.Text) string {
	if en := t["en"]; en != "" {
		return en
	}
	var tags []string
	for tag := range t {
		tags = append(tags, tag)
	}
	if len(tags) == 0 {
		return ""
	}
	return t[slices.Min(tags)]
}

func (pl *planner) refuse(r *Record, z *policy.Zone, route *policy.Route, clause, why string) {
	if r.Foreign {
		return // its package takes no methods
	}
	ref := &Refusal{Record: r, To: z, Route: route, Clause: clause, Why: why, Method: "To" + z.Go}
	if route != nil {
		ref.Method = "To" + goname.Suffix(pl.policy, route)
	}
	switch {
	case clause != "":
		ref.Type = goname.RefusedByClause(clause)
	case route != nil:
		ref.Type = goname.RefusedOnRoute(pl.policy, route)
	default:
		ref.Type = goname.RefusedNoRoute(r.Home, z)
	}
	r.Refusals = append(r.Refusals, ref)
}

// reason says why a crossing is refused or arrives empty, and by which clause.
func (pl *planner) reason(c *Crossing, seen map[*Crossing]bool) (clause, why string) {
	if c.status == arrivesEmpty {
		return c.Route.Clause, "nothing of it may arrive in " + c.Route.To
	}
	seen[c] = true
	for _, m := range c.Moves {
		if m.Action == classify.ActionRefuse {
			return clauseOf(m.Decision, c.Route), pl.labelled(m.From) + ": " + m.Decision.Why
		}
	}
	for _, m := range c.Moves {
		held := m.From.Held()
		if held == nil {
			continue
		}
		if inner := pl.crossings[hop{held, c.Route}]; inner != nil && inner.status == refused && !seen[inner] {
			clause, why := pl.reason(inner, seen)
			return clause, m.From.Name + "." + why
		}
	}
	return c.Route.Clause, "a record that it holds is refused"
}

// labelled names a field with its label, for people.
func (pl *planner) labelled(f *Field) string {
	names := append(slices.Clone(f.Label.Categories), pl.policy.Scale().Name(f.Label.Class))
	return f.Name + " (" + strings.Join(names, ", ") + ")"
}

// addReturn plans the way back over one route.
func (pl *planner) addReturn(v *Record, route *policy.Route) {
	if m, d := pl.refusedBack(v, route); m != nil {
		pl.refuse(v, pl.zone(route.To), route, clauseOf(d, route), pl.labelled(m)+": "+d.Why)
		return
	}
	if ret := pl.planReturn(v, route); !slices.Contains(v.Returns, ret) {
		v.Returns = append(v.Returns, ret)
	}
}

// refusedBack finds a field of v, or of a record that it holds, that may not
// take the route.
func (pl *planner) refusedBack(v *Record, route *policy.Route) (*Field, policy.Decision) {
	for _, c := range pl.carried(v, route) {
		for _, f := range c.Fields {
			if f.Action == classify.ActionRefuse {
				return f.Field, pl.decideBack(f, route)
			}
		}
	}
	return nil, policy.Decision{}
}

// carried says of every field of v, and of the records that it holds, what
// becomes of it when the view takes the route as it is.
func (pl *planner) carried(v *Record, route *policy.Route) []*Carried {
	var all []*Carried
	seen := map[*Record]bool{}
	var walk func(*Record)
	walk = func(v *Record) {
		if seen[v] {
			return
		}
		seen[v] = true
		c := &Carried{View: v}
		all = append(all, c)
		add := func(name string, f *Field, sealed string) {
			at := CarriedField{Name: name, Field: f, Sealed: sealed}
			at.Action = pl.decideBack(at, route).Action
			c.Fields = append(c.Fields, at)
		}
		for _, f := range v.Fields {
			switch {
			case f.Group != nil:
				for _, g := range f.Group.Fields {
					add(f.GoName()+"."+g.Name, g, f.Shape.SealedZone)
				}
			case f.Labelled:
				add(f.GoName(), f, f.Shape.SealedZone)
			}
			if held := f.Held(); held != nil {
				walk(held)
			}
		}
	}
	walk(v)
	return all
}

// decideBack decides about a field of a view that takes a road as it is.
func (pl *planner) decideBack(f CarriedField, route *policy.Route) policy.Decision {
	if f.Sealed != "" {
		return pl.policy.DecideSealed(route, f.Field.Label, f.Sealed)
	}
	return pl.policy.Decide(route, f.Field.Label, classify.Tag{})
}

// carryBack lets a parcel carry a view back where the road lets all of it
// through as it is.
func (pl *planner) carryBack(ret *Return) {
	all := pl.carried(ret.View, ret.Route)
	for _, c := range all {
		for _, f := range c.Fields {
			if f.Action == classify.ActionPass || f.Action == classify.ActionEncrypt && f.Sealed != "" {
				continue
			}
			ret.Uncarried = f.Name + " does not take that road as it is: " + pl.decideBack(f, ret.Route).Why
			if c.View != ret.View {
				ret.Uncarried = c.View.Name + "." + ret.Uncarried
			}
			return
		}
	}
	for _, c := range all {
		if why := c.View.Unpackable(); why != "" {
			ret.Uncarried = why
			return
		}
	}
	ret.Carried = all
}

// planReturn plans a return that is known not to be refused.
func (pl *planner) planReturn(v *Record, route *policy.Route) *Return {
	key := hop{v, route}
	if ret := pl.returns[key]; ret != nil {
		return ret
	}
	ret := &Return{View: v, Into: v.Made.From, Route: route, Method: "To" + goname.Suffix(pl.policy, route)}
	pl.returns[key] = ret
	ret.Kept = pl.keeps(v, route, map[*Record]bool{})
	ret.Transit = v.Package.unique(goname.LowerFirst(v.Name) + ret.Method)
	for _, m := range v.Made.Moves {
		rs := pl.restore(v, route, m)
		if rs.Nested != nil && rs.Nested.Kept && !reachedByPointer(m.From.Shape) {
			rs.From, rs.Nested = FromKept, nil
			rs.Why = "its elements cannot be matched with those that stayed"
		}
		if rs.From == FromGroup {
			ret.Open = true
		}
		ret.Restore = append(ret.Restore, rs)
	}
	pl.carryBack(ret)
	return ret
}

// keeps reports whether something of v, or of a record that it holds, does
// not come back, so that the record that stayed is needed.
func (pl *planner) keeps(v *Record, route *policy.Route, seen map[*Record]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	for _, m := range v.Made.Moves {
		if m.Nested != nil {
			if pl.keeps(m.Nested.View, route, seen) || !pl.keysComeBack(route, m, &Restore{}) {
				return true
			}
			continue
		}
		if pl.restore(v, route, m).From == FromKept {
			return true
		}
	}
	return false
}

// restore says where a field comes back from.
func (pl *planner) restore(v *Record, route *policy.Route, m *Move) *Restore {
	rs := &Restore{Into: m.From, Move: m}
	hidden := v.Made.From.Foreign && !token.IsExported(m.From.Name)
	back := func(f *Field) bool {
		d := pl.policy.Decide(route, f.Label, classify.Tag{})
		if m.Action == classify.ActionEncrypt || f.Shape.Kind == model.Sealed {
			d = pl.policy.DecideSealed(route, f.Label, route.To)
		}
		rs.Why = d.Why
		return d.Action == classify.ActionPass
	}
	switch {
	case m.Nested != nil:
		if pl.keysComeBack(route, m, rs) {
			rs.From, rs.Nested = FromView, pl.planReturn(m.Nested.View, route)
		}
	case m.From.Group != nil && m.To != nil:
		rs.From = FromView
	case m.Sealed != nil && back(m.Sealed):
		rs.From = FromGroup
	case m.To != nil && (m.Action == classify.ActionPass || m.Action == classify.ActionEncrypt) && back(m.To):
		rs.From = FromView
	case m.To != nil && m.Action != classify.ActionPass && m.Action != classify.ActionEncrypt:
		rs.Why = map[classify.Action]string{
			classify.ActionMask: "it was masked", classify.ActionGeneralise: "it was generalised", classify.ActionToken: "it became a token",
		}[m.Action]
	case hidden:
		rs.From, rs.Why = Hidden, "its package hides it"
	case m.To == nil && m.Sealed == nil:
		rs.Why = "it was dropped"
	}
	return rs
}

// keysComeBack reports whether the keys of a map of records, whose label is
// that of the field, take the route, and notes why not. Records come back with
// their keys or not at all.
func (pl *planner) keysComeBack(route *policy.Route, m *Move, rs *Restore) bool {
	if m.To == nil || !m.To.Labelled {
		return true
	}
	d := pl.policy.Decide(route, m.To.Label, classify.Tag{})
	rs.Why = d.Why
	return d.Action == classify.ActionPass
}

// reachedByPointer reports whether a field holds one record, directly or
// behind pointers.
func reachedByPointer(s *Shape) bool {
	for s.Kind == model.Pointer {
		s = s.Elem
	}
	return s.Record != nil
}

// dropUnusedForeign takes out the views of foreign types that no record of
// the package needs.
func (pl *planner) dropUnusedForeign() {
	used := map[*Record]bool{}
	var use func(c *Crossing)
	use = func(c *Crossing) {
		if used[c.View] {
			return
		}
		used[c.View] = true
		for _, m := range c.Moves {
			if m.Nested != nil {
				use(m.Nested)
			}
		}
	}
	for _, p := range pl.plan.Packages {
		for _, r := range p.Records {
			if !r.Root().Foreign {
				for _, c := range r.Crossings {
					use(c)
				}
			}
		}
	}
	for _, p := range pl.plan.Packages {
		p.Records = slices.DeleteFunc(p.Records, func(r *Record) bool {
			return r.Root().Foreign && r.Made != nil && !used[r]
		})
		for _, r := range p.Records {
			if r.Root().Foreign {
				r.Crossings = slices.DeleteFunc(r.Crossings, func(c *Crossing) bool { return !used[c.View] })
			}
		}
	}
}
