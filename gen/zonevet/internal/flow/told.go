package flow

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
)

// endpoint begins the class of a sink that is an endpoint of a zone, as a policy
// tells.
const endpoint = "zone "

// told carries out what policies tell of a function, beside what it does by the
// tables or by its body: that comes first.
func (s *state) told(at *site, obj *types.Func) {
	if obj.Pkg() == nil {
		return
	}
	effects := s.table.Told(obj.Pkg().Path(), receiverName(obj), obj.Name())
	for i := range effects {
		e := &effects[i]
		switch e.Kind {
		case tables.Source:
			s.source(at, e)
		case tables.Clean:
			defer s.clean(at, e) // after everything that adds to the results
		case tables.Sink:
			if e.Zone != "" {
				e.Class = endpoint + e.Zone
			}
			fallthrough
		default:
			s.effects(at, effects[i:i+1])
			s.into(at, e)
		}
	}
}

// into puts what flows from arguments into arguments, where the flow has results
// too.
func (s *state) into(at *site, e *tables.Effect) {
	if e.Kind != tables.Flow {
		return
	}
	for _, x := range s.readArgs(at, *e) {
		for i := tables.Receiver; i < len(at.args); i++ {
			if e.To.Into(i) && at.arg(i) != nil {
				s.store(at.arg(i), x.data)
			}
		}
	}
}

// source gives results and arguments the label that a policy says they have.
func (s *state) source(at *site, e *tables.Effect) {
	id := strings.Join([]string{"source", at.callee, e.Label, e.Zone}, "\x00")
	l, ok := s.labels[id]
	if !ok {
		l = s.info.LabelOf(e.Policy, e.Label, e.Zone, at.callee)
		s.labels[id] = l
	}
	if l == nil {
		return
	}
	x := s.of(atom{kind: labelled, label: l, pos: at.pos})
	for i := range at.res {
		if e.To.Has(i) && (holdsData(at, i) || !e.To.All()) {
			at.res[i] = s.union(at.res[i], x)
		}
	}
	for i := tables.Receiver; i < len(at.args); i++ {
		if e.To.Into(i) && at.arg(i) != nil {
			s.store(at.arg(i), x)
		}
	}
}

// holdsData reports whether a result can be data: errors and truth values are
// not what a source yields.
func holdsData(at *site, i int) bool {
	if at.call == nil {
		return true
	}
	t := at.call.Common().Signature().Results().At(i).Type()
	b, basic := t.Underlying().(*types.Basic)
	return !types.Identical(t, types.Universe.Lookup("error").Type()) && !(basic && b.Info()&types.IsBoolean != 0)
}

// clean brings what came by the cleaned arguments down in the results. What the
// function around it was given is taken for clean: of which class it is, only
// its callers know.
func (s *state) clean(at *site, e *tables.Effect) {
	kept := map[uint32]bool{} // what came by other arguments
	for i := tables.Receiver; i < len(at.args); i++ {
		if v := at.arg(i); v != nil && !e.From.Has(i) {
			for _, id := range s.val(v) {
				kept[s.entries[id].atom] = true
			}
		}
	}
	for i := range at.res {
		if !e.To.Has(i) {
			continue
		}
		at.res[i] = s.each(at.res[i], func(p path, a atom) (path, atom, bool) {
			if kept[s.atom(a)] {
				return p, a, true
			}
			if a.kind != labelled {
				return p, a, false
			}
			a.label = s.lowered(a.label, e)
			return p, a, a.label != nil
		})
	}
}

// lowered is a label after a cleaner. Of what stays in its zone everything stays.
func (s *state) lowered(l *labels.Label, e *tables.Effect) *labels.Label {
	if e.Policy >= len(s.info.Policies) || l.Policy != s.info.Policies[e.Policy] {
		return l
	}
	for _, name := range l.Categories {
		if c, ok := l.Policy.Category(name); ok && c.Stays != "" {
			return l
		}
	}
	level, ok := l.Policy.Scale().Level(e.As)
	if !ok || level >= l.Level {
		return l
	}
	id := strings.Join([]string{"clean", labelKey(l), e.As}, "\x00")
	if known, ok := s.labels[id]; ok {
		return known
	}
	low := *l
	low.Class, low.Level = e.As, level
	s.labels[id] = &low
	return &low
}

// notAnalyzed is the class of code that nobody knows anything about, as a sink.
const notAnalyzed = "unanalyzed"

// unanalyzed is a call of something that nobody knows anything about. Where a
// policy is strict, data that is given to it is a finding.
func (s *state) unanalyzed(at *site) {
	if !s.strict || s.sum == nil || at.known {
		return
	}
	callee := at.callee
	if callee == "" {
		callee = "a function value"
	}
	for i := tables.Receiver; i < len(at.args); i++ {
		if v := at.arg(i); v != nil {
			s.sinkMode(at.pos, notAnalyzed, anyMode, callee+" at "+s.place(at.pos), "", s.read(v, anyMode, at.pos))
		}
	}
}

// isInput reports whether a value was given to the function.
func (s *state) isInput(v ssa.Value) bool {
	return slices.ContainsFunc(s.places(v), func(m memory) bool {
		_, ok := s.inputs[m.root]
		return ok
	})
}
