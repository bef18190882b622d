package plan

import (
	"fmt"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// status is what becomes of a record on a route. It only ever grows while the
// records of one hop are settled, so settling ends.
type status uint8

const (
	arrivesEmpty status = iota // nothing of it would arrive: there is no view
	arrives
	refused
)

// hops plans the crossings of the records, then those of the views they make,
// and so on until no road leads any further.
func (pl *planner) hops(records []*Record) {
	views := map[*Record][]*Record{} // by hand-written type, nearest first
	for len(records) > 0 {
		var made []*Record
		for _, c := range pl.settle(pl.leave(records)) {
			made = append(made, c.View)
			views[c.From.Root()] = append(views[c.From.Root()], c.View)
		}
		records = made
	}
	for _, p := range pl.plan.Packages {
		for _, r := range slices.Clone(p.Records) {
			if vs := views[r]; len(vs) > 0 {
				pl.nameViews(r, vs)
				at := slices.Index(p.Records, r) + 1
				p.Records = slices.Insert(p.Records, at, vs...)
				for _, v := range vs {
					pl.nameGroup(v.Made)
				}
			}
		}
	}
}

// leave makes a crossing for each road that leads out of the records' zones
// into one where their data has not been yet.
func (pl *planner) leave(records []*Record) []*Crossing {
	var out []*Crossing
	for _, r := range records {
		for _, route := range pl.routesFrom(r.Home.Name) {
			if r.visited(route.To) || !r.wanted(route) {
				continue
			}
			c := &Crossing{From: r, Route: route, Method: "To" + goname.Suffix(pl.policy, route)}
			for _, f := range r.Fields {
				c.Moves = append(c.Moves, pl.move(c, f))
			}
			pl.crossings[hop{r, route}] = c
			r.Crossings = append(r.Crossings, c)
			out = append(out, c)
		}
	}
	return out
}

// visited reports whether the data of r has been in the zone.
func (r *Record) visited(zone string) bool {
	for at := r; ; at = at.Made.From {
		if at.Home.Name == zone {
			return true
		}
		if at.Made == nil {
			return false
		}
	}
}

// wanted reports whether code is to be written for a route. A type may name
// the zones and the named roads that it needs (//zone:views).
func (r *Record) wanted(route *policy.Route) bool {
	src := r.Root().Source
	return !src.HasViews || slices.Contains(src.Views, route.To) || route.Name != "" && slices.Contains(src.Views, route.Name)
}

// settle finds out which crossings are refused and which would arrive empty,
// then makes the views of the others and returns these.
func (pl *planner) settle(cs []*Crossing) []*Crossing {
	for changed := true; changed; {
		changed = false
		for _, c := range cs {
			if s := pl.statusOf(c); s > c.status {
				c.status, changed = s, true
			}
		}
	}
	var ok []*Crossing
	for _, c := range cs {
		if c.status == arrives {
			c.View = &Record{Package: c.From.Package, Home: pl.zone(c.Route.To), Made: c}
			ok = append(ok, c)
		}
	}
	for _, c := range ok {
		pl.fillView(c)
	}
	return ok
}

// statusOf reckons the status of c from its moves and from what is known so
// far about the records it holds.
func (pl *planner) statusOf(c *Crossing) status {
	s := arrivesEmpty
	for _, m := range c.Moves {
		if r := m.From.Held(); r != nil && m.Action != classify.ActionDrop && m.Action != classify.ActionRefuse {
			if inner := pl.crossings[hop{r, c.Route}]; inner != nil {
				s = max(s, inner.status)
			}
			continue
		}
		switch m.Action {
		case classify.ActionRefuse:
			s = refused
		case classify.ActionDrop:
		default:
			s = max(s, arrives)
		}
	}
	return s
}

// Held returns the record that a field holds, or nil.
func (f *Field) Held() (r *Record) {
	f.Shape.records(func(held *Record) { r = held })
	return r
}

// fillView gives the view of c its fields and its group.
func (pl *planner) fillView(c *Crossing) {
	for _, m := range c.Moves {
		held := m.From.Held()
		if held != nil && m.Action != classify.ActionDrop {
			pl.moveRecords(c, m, held)
			continue
		}
		switch m.Action {
		case classify.ActionDrop:
		case classify.ActionEncrypt:
			pl.moveSealed(c, m)
		default:
			m.To = pl.arrived(c, m)
			c.View.Fields = append(c.View.Fields, m.To)
		}
	}
	if c.Group != nil {
		pl.addGroupField(c)
	}
}

// moveRecords lets a field of records cross as a field of their views.
func (pl *planner) moveRecords(c *Crossing, m *Move, held *Record) {
	inner := pl.crossings[hop{held, c.Route}]
	if inner == nil {
		pl.report(c.From, m.From, fmt.Sprintf("%s crosses to %s, but no view of %s is written there", c.From.Root().Name, c.Route.Key(), held.Root().Name),
			"", "name "+c.Route.To+" in //zone:views above "+held.Root().Name+" too")
		m.Action = classify.ActionDrop
		return
	}
	if inner.status != arrives {
		m.Action, m.Why = classify.ActionDrop, "nothing of "+held.Name+" may arrive"
		return
	}
	m.Nested = inner
	to := *m.From
	to.Shape = m.From.Shape.rebuild(
		func(*Shape) *Shape {
			return &Shape{Kind: model.Labelled, Type: RecordType{inner.View}, Record: inner.View}
		},
		func(s *Shape) bool { return s.Record != nil })
	m.To = &to
	c.View.Fields = append(c.View.Fields, m.To)
}

// moveSealed puts a field into the sealed group, or seals it alone when it is
// to stand in a database column of its own.
func (pl *planner) moveSealed(c *Crossing, m *Move) {
	if !pl.encodable(c, m.From) {
		m.Action = classify.ActionDrop // it is reported; nothing of it can be written
		return
	}
	inside := *m.From
	inside.Tag.Action, inside.Embedded = classify.ActionUnknown, false
	if m.From.Tag.Column {
		to := *m.From
		to.Embedded = false
		to.Shape = &Shape{Kind: model.Sealed, SealedZone: c.From.Home.Name, Type: sealedType(pl, c.From.Home, m.From.Shape.Type)}
		m.To = &to
		c.View.Fields = append(c.View.Fields, m.To)
		if m.From.Tag.Index {
			pl.addIndex(c, m)
		}
		return
	}
	if c.Group == nil {
		c.Group = &Group{Home: c.From.Home, Made: c}
	}
	m.Sealed = &inside
	c.Group.Fields = append(c.Group.Fields, m.Sealed)
}

// addIndex adds the field by which a sealed column is searched. It has the label
// of the column: who sees it sees which values are equal.
func (pl *planner) addIndex(c *Crossing, m *Move) {
	tag := m.From.Tag
	m.Index = &Field{
		Name: m.From.Name + "Index", Labelled: true, Label: m.From.Label, Pos: m.From.Pos,
		Tag: classify.Tag{Names: tag.Names, Class: tag.Class, Integrity: tag.Integrity, Availability: tag.Availability},
		Shape: &Shape{Kind: model.Index, SealedZone: c.From.Home.Name,
			Type: NamedType{cryptoPath, "Index", []Expr{NamedType{pl.plan.ZonesPath, c.From.Home.Go, nil}, m.From.Shape.Type}}},
	}
	if slices.ContainsFunc(c.From.Fields, func(f *Field) bool { return f.Name == m.Index.Name }) {
		pl.report(c.From, m.From, "the index beside the column "+m.From.Name+" would have the name of the field "+m.Index.Name, "", "rename that field")
	}
	c.View.Fields = append(c.View.Fields, m.Index)
}

// Indexed lists the fields of r that some road seals in a column that can be
// searched.
func (r *Record) Indexed() []*Field {
	var fields []*Field
	for _, c := range r.Crossings {
		for _, m := range c.Moves {
			if m.Index != nil && !slices.Contains(fields, m.From) {
				fields = append(fields, m.From)
			}
		}
	}
	return fields
}

// addGroupField adds the field that holds the sealed group.
func (pl *planner) addGroupField(c *Crossing) {
	name := "Sealed"
	for slices.ContainsFunc(c.View.Fields, func(f *Field) bool { return f.Name == name }) {
		name += "Fields"
	}
	c.View.Fields = append(c.View.Fields, &Field{
		Name:  name,
		Group: c.Group,
		Shape: &Shape{Kind: model.Sealed, SealedZone: c.From.Home.Name, Type: sealedType(pl, c.From.Home, GroupType{c.Group})},
	})
}

// nameGroup names the group of a crossing after the view it travels in.
func (pl *planner) nameGroup(c *Crossing) {
	name := goname.LowerFirst(c.From.Name) + c.Method
	if c.From.Foreign {
		c.Func = c.From.Package.unique(name)
		name += "Decisions"
	}
	c.Transit = c.From.Package.unique(name)
	if c.Group != nil {
		c.Group.Name = c.From.Package.unique(c.View.Name + c.GroupField().Name)
	}
}

const cryptoPath = "github.com/sekisho-go/sekisho/crypto"

func sealedType(pl *planner, z *policy.Zone, of Expr) Expr {
	return NamedType{cryptoPath, "Sealed", []Expr{NamedType{pl.plan.ZonesPath, z.Go, nil}, of}}
}

func tokenType(pl *planner, r *policy.Route) Expr {
	return NamedType{cryptoPath, "Token", []Expr{NamedType{pl.plan.ZonesPath, goname.RouteType(pl.policy, r), nil}}}
}

func (pl *planner) zone(name string) *policy.Zone {
	z, _ := pl.policy.Zone(name)
	return z
}
