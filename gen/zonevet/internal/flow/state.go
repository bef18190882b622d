package flow

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
)

// state is the analysis of one function: what each value holds, and what each
// piece of memory does.
type state struct {
	*Program
	f       *ssa.Function
	params  int               // inputs from here on are captured
	inputs  map[ssa.Value]int // parameters and captured variables
	blocks  []*ssa.BasicBlock // that can be reached, callers of others first
	live    map[*ssa.BasicBlock]bool
	vals    map[ssa.Value]set
	content map[ssa.Value]set          // what of that was stored, by the value that owns the memory
	stores  map[ssa.Value][]*ssa.Store // by the same
	grew    bool
	steps   int  // of this function
	spent   bool // its budget is
	stamps  map[ssa.CallInstruction]stamp

	// While the result is collected:
	sum    *Summary // nil otherwise
	report bool
}

func newState(p *Program, f *ssa.Function) *state {
	s := &state{
		Program: p, f: f, params: len(f.Params), inputs: map[ssa.Value]int{}, live: map[*ssa.BasicBlock]bool{},
		vals: map[ssa.Value]set{}, content: map[ssa.Value]set{}, stores: map[ssa.Value][]*ssa.Store{},
		stamps: map[ssa.CallInstruction]stamp{},
	}
	s.reach(f.Blocks[0])
	if f.Recover != nil && !s.live[f.Recover] {
		s.reach(f.Recover)
	}
	for i, v := range f.Params {
		s.inputs[v] = i
		s.vals[v] = s.of(atom{kind: input, input: i})
	}
	for i, v := range f.FreeVars {
		s.inputs[v] = s.params + i
		s.vals[v] = s.of(atom{kind: input, input: s.params + i})
	}
	for _, b := range s.blocks {
		for _, instr := range b.Instrs {
			if st, ok := instr.(*ssa.Store); ok {
				for _, at := range s.places(st.Addr) {
					s.stores[at.root] = append(s.stores[at.root], st)
				}
			}
		}
	}
	return s
}

// reach lists the blocks that can be reached. Conditions that are constant
// leave one side out.
func (s *state) reach(b *ssa.BasicBlock) {
	if s.live[b] {
		return
	}
	s.live[b] = true
	s.blocks = append(s.blocks, b)
	succs := b.Succs
	if cond, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If); ok {
		if c, ok := cond.Cond.(*ssa.Const); ok && c.Value != nil {
			if c.Value.ExactString() == "true" {
				succs = succs[:1]
			} else {
				succs = succs[1:]
			}
		}
	}
	for _, next := range succs {
		s.reach(next)
	}
}

// solve joins until nothing is added.
func (s *state) solve() {
	for range maxRounds {
		if limit := s.budgets.Function; limit > 0 && s.steps > limit {
			if !s.spent {
				s.spent = true
				s.notice(s.f.Pos(), fmt.Sprintf("the function %s takes more than %d steps to follow, which is its budget by the policy (vet: budgets: function): leaks in it may not be seen", s.f.Name(), limit))
			}
			return
		}
		s.grew = false
		for _, b := range s.blocks {
			s.steps += len(b.Instrs)
			s.Program.steps += len(b.Instrs)
			for _, instr := range b.Instrs {
				s.transfer(instr)
			}
		}
		if !s.grew {
			return
		}
	}
}

// collect goes through the function once more for what leaves it: results,
// stores, sinks. When report is set, findings are kept.
func (s *state) collect(report bool) *Summary {
	s.sum, s.report = &Summary{Results: make([][]Item, s.f.Signature.Results().Len())}, report
	defer func() { s.sum = nil }()
	for _, b := range s.blocks {
		for _, instr := range b.Instrs {
			s.transfer(instr)
			if ret, ok := instr.(*ssa.Return); ok {
				for i, v := range ret.Results {
					s.sum.Results[i] = append(s.sum.Results[i], s.items(s.val(v))...)
				}
			}
		}
	}
	s.collectStores()
	s.sum.sort()
	return s.sum
}

// items is a set as it is told to callers.
func (s *state) items(x set) []Item {
	var list []Item
	for _, id := range x {
		p, a := s.get(id)
		switch a.kind {
		case labelled:
			via := a.via
			if via == "" {
				via = s.place(a.pos)
			}
			list = append(list, Item{At: p, Input: -1, Label: a.label, Via: via, Errd: a.errd})
		case input:
			list = append(list, Item{At: p, Input: a.input, Path: a.path, Errd: a.errd})
		case typed: // what is inside an interface is told as labels; its methods are not
			for _, l := range s.info.Leaves(a.typ) {
				list = append(list, Item{At: p, Input: -1, Label: l, Via: s.f.Name(), Errd: a.errd})
			}
		}
	}
	return list
}

// collectStores tells what the memory of inputs holds that it did not before.
func (s *state) collectStores() {
	written := map[string]bool{}
	for _, st := range s.sum.Stores {
		written[storeKey(st)] = true
	}
	add := func(v ssa.Value, i int) {
		for _, id := range s.content[v] {
			p, a := s.get(id)
			if a.kind == input && a.input == i {
				continue // its own data, moved
			}
			for _, it := range s.items(set{id}) {
				it.At = path{p[2]}
				st := Store{Input: i, Path: inputPath{p[0], p[1]}, Item: it}
				if !written[storeKey(st)] {
					s.sum.Stores = append(s.sum.Stores, st)
				}
			}
		}
	}
	for i, v := range s.f.Params {
		add(v, i)
	}
	for i, v := range s.f.FreeVars {
		add(v, s.params+i)
	}
}

func storeKey(st Store) string {
	return string((&Summary{Stores: []Store{{Input: st.Input, Path: st.Path, Item: st.Item}}}).encode())
}

// val is what a value holds. What a pointer points to, it holds.
func (s *state) val(v ssa.Value) set {
	var x set
	switch v := v.(type) {
	case nil, *ssa.Const, *ssa.Builtin:
		return nil
	case *ssa.Global:
		x = s.globals[v]
	case *ssa.Function:
		if t, ok := s.newTarget(v, nil); ok {
			return s.calledLater(t, nil)
		}
		return nil
	default:
		x = s.vals[v]
	}
	if l := s.info.Scalar(v.Type()); l != nil {
		x = s.union(x, s.of(atom{kind: labelled, label: l, pos: v.Pos()}))
	}
	return x
}

// put adds to what a value holds.
func (s *state) put(v ssa.Value, x set) {
	old := s.vals[v]
	if next := s.union(old, x); len(next) != len(old) {
		s.vals[v] = next
		s.grew = true
	}
}

// place is memory: a part of what a value owns.
type memory struct {
	root ssa.Value
	path path
}

// places finds the memory that an address, or a pointer of any kind, means.
func (s *state) places(v ssa.Value) []memory { return s.placesIn(v, nil) }

func (s *state) placesIn(v ssa.Value, seen []ssa.Value) []memory {
	inner := func(x ssa.Value, sel string) []memory {
		list := s.placesIn(x, seen)
		if sel == "" {
			return list
		}
		out := make([]memory, len(list))
		for i, m := range list {
			out[i] = memory{m.root, m.path.append(sel)}
		}
		return out
	}
	switch v := v.(type) {
	case *ssa.FieldAddr:
		return inner(v.X, fieldOf(v.X.Type(), v.Field).Name())
	case *ssa.Field:
		return inner(v.X, fieldOf(v.X.Type(), v.Field).Name())
	case *ssa.IndexAddr:
		return inner(v.X, elementOf(v.X.Type()))
	case *ssa.Index:
		return inner(v.X, elementOf(v.X.Type()))
	case *ssa.Lookup:
		return inner(v.X, element)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return inner(v.X, "")
		}
	case *ssa.ChangeType:
		return inner(v.X, "")
	case *ssa.Convert:
		return inner(v.X, "")
	case *ssa.Slice:
		return inner(v.X, "")
	case *ssa.SliceToArrayPointer:
		return inner(v.X, "")
	case *ssa.MakeInterface:
		return inner(v.X, "")
	case *ssa.ChangeInterface:
		return inner(v.X, "")
	case *ssa.TypeAssert:
		return inner(v.X, "")
	case *ssa.Phi:
		return s.placesOfPhi(v, seen)
	case *ssa.Extract:
		if ta, ok := v.Tuple.(*ssa.TypeAssert); ok && v.Index == 0 {
			return inner(ta.X, "")
		}
	}
	return []memory{{root: v}}
}

// maxPhi bounds how many values that may be one are told apart.
const maxPhi = 8

func (s *state) placesOfPhi(v *ssa.Phi, seen []ssa.Value) []memory {
	if len(seen) > maxPhi {
		return []memory{{root: v}}
	}
	for _, x := range seen {
		if x == v {
			return nil
		}
	}
	list := []memory{{root: v}}
	for _, e := range v.Edges {
		list = append(list, s.placesIn(e, append(seen, v))...)
	}
	return list[:min(len(list), maxPhi)]
}

func (p path) append(sel string) path {
	for i := range p {
		if p[i] == "" {
			p[i] = sel
			break
		}
	}
	return p
}

// store puts a value into memory.
func (s *state) store(addr ssa.Value, x set) {
	if len(x) == 0 {
		return
	}
	for _, m := range s.places(addr) {
		y := x
		for i := len(m.path) - 1; i >= 0; i-- {
			if m.path[i] != "" {
				y = s.prefix(m.path[i], y)
			}
		}
		if g, ok := m.root.(*ssa.Global); ok {
			s.storeGlobal(g, y)
			continue
		}
		old := s.content[m.root]
		if next := s.union(old, y); len(next) != len(old) {
			s.content[m.root] = next
			s.grew = true
		}
		s.put(m.root, y)
	}
}

// storeGlobal puts data into a variable of the package. What inputs hold is
// known to callers only, and is not followed through variables.
func (s *state) storeGlobal(g *ssa.Global, x set) {
	if g.Pkg != s.pkg {
		return
	}
	old := s.globals[g]
	if next := s.union(old, s.without(input, x)); len(next) != len(old) {
		s.globals[g] = next
		s.grew, s.changed = true, true
		s.epoch++
	}
}

// fieldOf is a field of a struct, or of a pointer to one.
func fieldOf(t types.Type, i int) *types.Var {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	return structOf(t).Field(i)
}

// structOf is the struct that t is; of a type parameter, that of its types.
func structOf(t types.Type) *types.Struct {
	if st, ok := t.Underlying().(*types.Struct); ok {
		return st
	}
	if tp, ok := types.Unalias(t).(*types.TypeParam); ok {
		if iface, ok := tp.Constraint().Underlying().(*types.Interface); ok {
			for e := range iface.EmbeddedTypes() {
				if u, ok := e.(*types.Union); ok && u.Len() > 0 {
					return structOf(u.Term(0).Type())
				}
				return structOf(e)
			}
		}
	}
	return nil
}

// elementOf is the selector of elements; text has none, it is one value.
func elementOf(t types.Type) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	var e types.Type
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return ""
	case *types.Slice:
		e = u.Elem()
	case *types.Array:
		e = u.Elem()
	default:
		return element
	}
	if b, ok := e.Underlying().(*types.Basic); ok && (b.Kind() == types.Byte || b.Kind() == types.Rune) {
		return ""
	}
	return element
}

// fieldLabel is the label that a field has by its type.
func (s *state) fieldLabel(t types.Type, field int, pos token.Pos) (set, bool) {
	st := s.info.Struct(t)
	if st == nil || field >= len(st.Labels) || st.Labels[field] == nil {
		return nil, false
	}
	return s.of(atom{kind: labelled, label: st.Labels[field], pos: pos}), true
}

// field is what a field of x holds.
func (s *state) field(x ssa.Value, field int, pos token.Pos) set {
	in := s.part(fieldOf(x.Type(), field).Name(), s.val(x))
	if l, ok := s.fieldLabel(x.Type(), field, pos); ok {
		in = s.union(s.without(input, in), l) // the label says it all
	}
	return in
}

// step is what a part of a value of type t holds, and the type of the part.
func (s *state) step(x set, t types.Type, sel string, pos token.Pos) (set, types.Type) {
	part := s.part(sel, x)
	if t == nil {
		return part, nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i := range u.NumFields() {
			if u.Field(i).Name() != sel {
				continue
			}
			if l, ok := s.fieldLabel(t, i, pos); ok {
				part = s.union(s.without(input, part), l)
			}
			return part, u.Field(i).Type()
		}
	case *types.Map:
		if sel == key {
			return part, u.Key()
		}
		return part, u.Elem()
	case interface{ Elem() types.Type }:
		return part, u.Elem()
	}
	return part, nil
}

// labelOf is the label of data that a call has brought.
func (s *state) labelOf(it *Item, pos token.Pos) set {
	return s.of(atom{kind: labelled, errd: it.Errd, label: it.Label, pos: pos, via: it.Via})
}

// closed reports whether nothing can be read from the values of a type.
func closed(t types.Type) bool { return labels.Closed(t) }
