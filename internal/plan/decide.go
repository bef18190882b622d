package plan

import (
	"fmt"
	"go/types"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// move decides what happens to one field on a crossing.
func (pl *planner) move(c *Crossing, f *Field) *Move {
	m := &Move{From: f, Action: classify.ActionPass}
	switch {
	case f.Group != nil:
		pl.moveGroup(c, m)
		return m
	case f.Held() != nil:
		pl.moveKeys(c, m)
		return m
	case !f.Labelled: // the loader reports fields without a label
		if held := f.Shape.onlyRecords(); held != nil && held.Home.Name == c.From.Home.Name {
			pl.report(c.From, f, fmt.Sprintf("%s holds %s inside of %s, which has no home: what becomes of it on %s is not known",
				f.Name, held.Root().Name, TypeString(f.Shape.Type), c.Route.Key()), "", "label the struct that holds it: give it a Home and tags")
		}
		m.Action = classify.ActionRefuse
		return m
	}
	if f.Shape.Kind == model.Index {
		m.Action, m.Why = classify.ActionDrop, "it serves who searches the column that it stands beside"
		return m
	}
	if f.Shape.Kind == model.Sealed {
		pl.sealedOn(c, m, f.Label, f.Shape.SealedZone)
		if own := f.Tag.Action; own >= classify.ActionDrop && own > m.Action { // the field's own say counts here, too
			m.Action, m.Decision.Action, m.Decision.Result = own, own, classify.Label{}
			m.Decision.By, m.Decision.Why = "field", "the field says action="+own.String()
			m.Why = m.Decision.Why
		}
		return m
	}
	m.Decision = pl.policy.Decide(c.Route, f.Label, f.Tag)
	m.Action = m.Decision.Action
	if byOption(m) {
		pl.report(c.From, f, fmt.Sprintf("on %s %s", c.Route.Key(), m.Decision.Why), clauseOf(m.Decision, c.Route),
			"take the option out of the tag, or let the rule of the policy name the function (with: …)")
	}
	switch f.Shape.Kind {
	case model.Token:
		if m.Action == classify.ActionMask || m.Action == classify.ActionGeneralise {
			m.Action, m.Why = classify.ActionDrop, "it is a token, which cannot be masked"
		}
	case model.Refused: // the loader reports it unless it is dropped
		m.Action = max(m.Action, classify.ActionDrop)
	}
	switch m.Action {
	case classify.ActionMask, classify.ActionGeneralise:
		pl.findFunc(c, m)
	case classify.ActionToken:
		if f.Shape.Leaf(Tokenisable) == nil {
			pl.report(c.From, f, fmt.Sprintf("a token is wanted on %s, but %s cannot be turned into one", c.Route.Key(), TypeString(f.Shape.Type)),
				c.Route.Clause, "use a string, an integer, bytes or a type with MarshalText, or let the rule say drop or encrypt")
			m.Action = classify.ActionPass // there is no leaf to make a token of; the plan is reported anyway
		}
	case classify.ActionDrop:
		if m.Why == "" {
			m.Why = m.Decision.Why
		}
	}
	return m
}

// byOption reports whether it is an option in the field's tag that refuses what
// the policy would let go changed. Nobody means that.
func byOption(m *Move) bool {
	t, rule := m.From.Tag, m.Decision.Rule
	option := t.Mask != "" || t.Generalise != "" || t.Action == classify.ActionMask || t.Action == classify.ActionGeneralise
	return m.Action == classify.ActionRefuse && option && rule != nil && rule.Action < classify.ActionDrop
}

// sealedOn decides a value that is sealed already. It travels on as it is or
// not at all.
func (pl *planner) sealedOn(c *Crossing, m *Move, label classify.Label, zone string) {
	m.Decision = pl.policy.DecideSealed(c.Route, label, zone)
	m.Action = m.Decision.Action
	switch m.Action {
	case classify.ActionEncrypt:
		m.Action = classify.ActionPass
	case classify.ActionDrop:
		m.Why = m.Decision.Why
	}
}

// moveGroup decides a sealed group by the strictest decision of its fields.
func (pl *planner) moveGroup(c *Crossing, m *Move) {
	for _, inner := range m.From.Group.Fields {
		one := &Move{From: inner}
		pl.sealedOn(c, one, inner.Label, m.From.Group.Home.Name)
		if one.Action >= m.Action {
			m.Action, m.Decision, m.Why = one.Action, one.Decision, one.Why
		}
	}
}

// moveKeys decides the keys of a map of records: they travel in clear or not
// at all, because a record without its key is a record lost.
func (pl *planner) moveKeys(c *Crossing, m *Move) {
	if !m.From.Labelled {
		return
	}
	m.Decision = pl.policy.Decide(c.Route, m.From.Label, m.From.Tag)
	switch m.Decision.Action {
	case classify.ActionPass:
	case classify.ActionDrop, classify.ActionRefuse:
		m.Action, m.Why = m.Decision.Action, m.Decision.Why
	default:
		m.Action, m.Why = classify.ActionDrop, "the keys of a map travel in clear or not at all, and this road would "+m.Decision.Action.String()+" them"
	}
}

const remedyFunc = "name a function of classify, or one of yours as import/path.Func"

// findFunc looks up the function of a mask or a generalisation and checks
// that it takes the field or the elements of it.
func (pl *planner) findFunc(c *Crossing, m *Move) {
	name := m.Decision.With
	fn, err := pl.funcs.Lookup(name)
	if err != nil {
		pl.report(c.From, m.From, err.Error(), c.Route.Clause, remedyFunc)
		m.Action = classify.ActionPass
		return
	}
	m.Func = fn
	if m.From.Shape.Leaf(fn.Accepts) == nil {
		pl.report(c.From, m.From, fmt.Sprintf("%s is to be changed by %s on %s, which takes %s, not %s",
			m.From.Name, name, c.Route.Key(), fn.Param, TypeString(m.From.Shape.Type)),
			c.Route.Clause, fmt.Sprintf("write a function func(%s) T and name it in the tag: %s=import/path.Func",
				TypeString(m.From.Shape.Type), m.Action))
		m.Func, m.Action = nil, classify.ActionPass
	}
}

// Leaf finds the part of s that a step applies to: s itself, or the elements
// behind pointers, slices and arrays. The keys of a map would stay in clear,
// so a map is never gone into.
func (s *Shape) Leaf(accepts func(*Shape) bool) *Shape {
	for seen := map[*Shape]bool{}; s != nil && !seen[s]; {
		if accepts(s) {
			return s
		}
		seen[s] = true // a slice of itself has no leaf
		switch s.Kind {
		case model.Pointer, model.Slice, model.Array:
			s = s.Elem
		default:
			return nil
		}
	}
	return nil
}

// onlyRecords returns a record that s holds where it holds records alone, in
// structs without labels. Of such a field the loader misses no label.
func (s *Shape) onlyRecords() (held *Record) {
	seen := map[*Shape]bool{}
	var walk func(*Shape) bool
	walk = func(s *Shape) bool {
		if s == nil || seen[s] {
			return true
		}
		seen[s] = true
		switch s.Kind {
		case model.Labelled:
			held = s.Record
			return true
		case model.Pointer, model.Slice, model.Array:
			return walk(s.Elem)
		case model.Struct:
			return !slices.ContainsFunc(s.Fields, func(f ShapeField) bool { return !walk(f.Shape) })
		}
		return false
	}
	if !walk(s) {
		return nil
	}
	return held
}

// arrived makes the field of the view for a field that is passed, masked,
// generalised or tokenised.
func (pl *planner) arrived(c *Crossing, m *Move) *Field {
	to := *m.From
	to.Label = m.Decision.Result
	switch {
	case m.From.Group != nil, m.Action == classify.ActionPass:
		to.Label = m.From.Label
		to.Embedded = m.From.Embedded && embeddedAs(m.From.Shape.Type) == m.From.Name
	case m.Action == classify.ActionToken:
		to.Embedded = false
		to.Shape = m.From.Shape.rebuild(func(*Shape) *Shape {
			return &Shape{Kind: model.Token, Type: tokenType(pl, c.Route)}
		}, Tokenisable)
		to.Tag = pl.tagOf(to.Label, m.From.Tag)
		to.Tag.Token = true
	case m.Func != nil:
		to.Embedded = false
		to.Shape = m.From.Shape.rebuild(func(*Shape) *Shape { return m.Func.Result }, m.Func.Accepts)
		to.Tag = pl.tagOf(to.Label, classify.Tag{})
	}
	return &to
}

// embeddedAs returns the name of a field that embeds a type. A field that embeds
// an alias is called after the alias, and keeps that name in a view.
func embeddedAs(e Expr) string {
	g, ok := e.(GoType)
	if !ok {
		return ""
	}
	t := g.Type
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(interface{ Obj() *types.TypeName }); ok {
		return n.Obj().Name()
	}
	return types.TypeString(t, nil)
}

// tagOf writes a label as a tag.
func (pl *planner) tagOf(l classify.Label, was classify.Tag) classify.Tag {
	class := pl.policy.Scale().Name(l.Class)
	t := classify.Tag{Names: l.Categories, ID: was.ID}
	if len(t.Names) == 0 {
		t.Names = []string{class}
	} else {
		t.Class = class
	}
	if l.Integrity > pl.policy.IntegrityScale().Lowest() {
		t.Integrity = pl.policy.IntegrityScale().Name(l.Integrity)
	}
	if l.Availability > pl.policy.AvailabilityScale().Lowest() {
		t.Availability = pl.policy.AvailabilityScale().Name(l.Availability)
	}
	return t
}

// Tokenisable reports whether a value has one canonical form that a token can
// be made of.
func Tokenisable(s *Shape) bool {
	switch s.Kind {
	case model.Basic:
		return IsString(s.Go) || isInteger(s.Go)
	case model.Bytes, model.Value, model.Text, model.Token:
		return true
	}
	return s.byteArray() // as a whole: a token for each byte could be guessed
}

// byteArray reports whether s is an array of bytes, such as a UUID.
func (s *Shape) byteArray() bool {
	if s.Kind != model.Array || s.Elem.Go == nil {
		return false
	}
	b, ok := types.Unalias(s.Elem.Go).(*types.Basic)
	return ok && b.Kind() == types.Byte
}

// endless reports whether s contains itself with no struct in between: code
// that goes through its levels would have no end.
func (s *Shape) endless() bool {
	open := map[*Shape]bool{}
	var walk func(*Shape) bool
	walk = func(s *Shape) bool {
		if s == nil || s.Kind == model.Struct {
			return false
		}
		if open[s] {
			return true
		}
		open[s] = true
		defer delete(open, s)
		return walk(s.Key) || walk(s.Elem)
	}
	return walk(s)
}

// encodable reports whether a field can be written into a sealed group, and
// says why not.
func (pl *planner) encodable(c *Crossing, f *Field) bool {
	seen := map[*Shape]bool{}
	var walk func(*Shape) string
	walk = func(s *Shape) string {
		if s == nil || seen[s] {
			return ""
		}
		seen[s] = true
		switch s.Kind {
		case model.Refused, model.Invalid:
			return s.Why
		case model.Labelled:
			return "it holds labelled records beside other values"
		}
		if s.endless() {
			return TypeString(s.Type) + " holds itself and no struct"
		}
		why := walk(s.Key)
		if why == "" {
			why = walk(s.Elem)
		}
		for _, sf := range s.Fields {
			if why == "" {
				why = walk(sf.Shape)
			}
		}
		return why
	}
	why := walk(f.Shape)
	if why == "" {
		return true
	}
	pl.report(c.From, f, fmt.Sprintf("%s is to be encrypted on %s, but cannot be written down: %s", f.Name, c.Route.Key(), why),
		c.Route.Clause, "give the type MarshalText and UnmarshalText, or let the rule say drop")
	return false
}

// clauseOf returns the clause that a decision stands on.
func clauseOf(d policy.Decision, r *policy.Route) string {
	if d.Clause != "" {
		return d.Clause
	}
	return r.Clause
}
