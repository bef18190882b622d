package plan

import (
	"slices"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Reseal is the method that seals anew what one zone sealed in a view.
type Reseal struct {
	View   *Record
	Zone   *policy.Zone
	Method string
	Made   *Crossing // that sealed it: the one of the view's chain that leaves the zone
	Fields []ResealField
	Parts  []ResealPart // records inside that are done along with the view
	Left   []ResealPart // records inside that are not, because the view does not have their ids
	ID     *Field       // of the record in the zone: what seals are bound to, or nil
	Has    *Field       // field of the view that has the same value; nil where it has not
}

// ResealField is a sealed field of the view.
type ResealField struct {
	Field  *Field
	Sealed string // its name in the view that was sealed first
	Move   *Move  // of the column that it is; nil for a group
	Index  *Field // that stands beside it, or nil
}

// ResealPart is a field of the view that holds records.
type ResealPart struct {
	Field *Field // in the view
	From  *Field // in the record that was sealed
	Of    *Reseal
}

// NeedsID reports whether the id of the record has to be handed over: seals are
// bound to it and the view has something else in its place.
func (r *Reseal) NeedsID() bool { return r.ID != nil && r.Has == nil }

// BoundID returns the field whose value seals are bound to, or nil. A record
// whose id is itself sealed is not known until the seal is open.
func (c *Crossing) BoundID() *Field {
	for _, m := range c.Moves {
		if m.From.Labelled && m.From.Tag.ID && m.Action != classify.ActionEncrypt {
			return m.From
		}
	}
	return nil
}

// Reseals lists what a view can be resealed for, the zone that sealed first in
// front.
func (r *Record) Reseals() []*Reseal {
	return slices.DeleteFunc(r.sealings(), func(rs *Reseal) bool { return len(rs.Fields)+len(rs.Parts) == 0 })
}

// LeftSealed lists the fields of a view in which there is something sealed that
// the view has no method for: they hold records with ids of their own.
func (r *Record) LeftSealed() (fields []string) {
	for _, rs := range r.sealings() {
		for _, p := range rs.Left {
			if name := p.Field.GoName(); len(rs.Fields)+len(rs.Parts) == 0 && !slices.Contains(fields, name) {
				fields = append(fields, name)
			}
		}
	}
	return fields
}

// sealings plans a resealing for each zone that sealed something in a view.
func (r *Record) sealings() []*Reseal {
	var all []*Reseal
	for _, c := range r.Chain() {
		if rs := r.resealOf(c, map[*Record]*Reseal{}); rs != nil {
			all = append(all, rs)
		}
	}
	return all
}

// resealOf plans the resealing of what crossing c sealed in r, nil where nothing
// is. Records that hold each other meet themselves in known.
func (r *Record) resealOf(c *Crossing, known map[*Record]*Reseal) *Reseal {
	if rs, ok := known[r]; ok {
		return rs
	}
	if !r.sealedBy(c, map[*Record]bool{}) {
		return nil
	}
	rs := &Reseal{View: r, Zone: c.From.Home, Method: "Reseal" + c.From.Home.Go, Made: c, ID: c.BoundID()}
	known[r] = rs
	for _, m := range c.Moves {
		if m.From == rs.ID && m.From != nil && m.To != nil && m.Action == classify.ActionPass {
			rs.Has = r.followed(c, m.To)
		}
	}
	for _, f := range c.View.Fields {
		now := r.followed(c, f)
		if now == nil {
			continue
		}
		switch m := c.moveTo(f); {
		case f.Group == c.Group && c.Group != nil:
			rs.Fields = append(rs.Fields, ResealField{Field: now, Sealed: f.Name})
		case m != nil && m.Action == classify.ActionEncrypt:
			field := ResealField{Field: now, Sealed: f.Name, Move: m}
			if m.Index != nil {
				field.Index = r.followed(c, m.Index)
			}
			rs.Fields = append(rs.Fields, field)
		case m != nil && m.Nested != nil:
			rs.addPart(now, m, known)
		}
	}
	return rs
}

// addPart adds a field that holds records, where their ids are at hand.
func (rs *Reseal) addPart(now *Field, m *Move, known map[*Record]*Reseal) {
	held := now.Held()
	if held == nil {
		return
	}
	of := held.resealOf(m.Nested, known)
	switch {
	case of == nil:
	case of.NeedsID():
		rs.Left = append(rs.Left, ResealPart{Field: now, From: m.From, Of: of})
	default:
		rs.Parts = append(rs.Parts, ResealPart{Field: now, From: m.From, Of: of})
	}
}

// moveTo returns the move that made a field of the view, or nil.
func (c *Crossing) moveTo(f *Field) *Move {
	for _, m := range c.Moves {
		if m.To == f {
			return m
		}
	}
	return nil
}

// followed returns what became of a field of the view of c in r, which was made
// of that view, where nothing changed it; nil where something did.
func (r *Record) followed(c *Crossing, f *Field) *Field {
	chain := r.Chain()
	for _, next := range chain[slices.Index(chain, c)+1:] {
		i := slices.IndexFunc(next.Moves, func(m *Move) bool { return m.From == f })
		if i < 0 || next.Moves[i].To == nil || next.Moves[i].Action != classify.ActionPass {
			return nil
		}
		f = next.Moves[i].To
	}
	return f
}

// sealedBy reports whether r, or a record that it holds, has something that c
// sealed, or the crossing of the record inside.
func (r *Record) sealedBy(c *Crossing, seen map[*Record]bool) bool {
	if seen[r] || !slices.Contains(r.Chain(), c) {
		return false
	}
	seen[r] = true
	for _, f := range c.View.Fields {
		now := r.followed(c, f)
		if now == nil {
			continue
		}
		m := c.moveTo(f)
		switch {
		case f.Group == c.Group && c.Group != nil, m != nil && m.Action == classify.ActionEncrypt:
			return true
		case m != nil && m.Nested != nil && now.Held() != nil && now.Held().sealedBy(m.Nested, seen):
			return true
		}
	}
	return false
}
