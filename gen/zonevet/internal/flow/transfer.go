package flow

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// transfer carries out one instruction.
func (s *state) transfer(instr ssa.Instruction) {
	switch v := instr.(type) {
	case *ssa.Store:
		s.transferStore(v)
	case *ssa.MapUpdate:
		s.transferMapUpdate(v)
	case *ssa.Send:
		s.store(v.Chan, s.prefix(element, s.val(v.X)))
	case *ssa.Panic:
		s.sink(v.Pos(), "panic", "", s.read(v.X, printMode, v.Pos()))
	case ssa.CallInstruction:
		s.call(v)
	case *ssa.MakeClosure:
		s.transferClosure(v)
	case *ssa.Select:
		s.transferSelect(v)
	case ssa.Value:
		s.transferValue(v)
	}
}

// transferValue carries out an instruction that only makes a value.
func (s *state) transferValue(v ssa.Value) {
	switch v := v.(type) {
	case *ssa.UnOp:
		s.transferUnOp(v)
	case *ssa.BinOp:
		s.transferBinOp(v)
	case *ssa.FieldAddr:
		s.put(v, s.field(v.X, v.Field, v.Pos()))
	case *ssa.Field:
		s.put(v, s.field(v.X, v.Field, v.Pos()))
	case *ssa.IndexAddr:
		s.put(v, s.element(v.X, elementOf(v.X.Type())))
	case *ssa.Index:
		s.put(v, s.element(v.X, elementOf(v.X.Type())))
	case *ssa.Lookup:
		s.put(v, s.tuple(v.CommaOk, s.element(v.X, elementOf(v.X.Type()))))
	case *ssa.Range:
		s.put(v, s.val(v.X))
	case *ssa.Next:
		s.transferNext(v)
	case *ssa.Extract:
		s.put(v, s.part(nth(v.Index), s.val(v.Tuple)))
	case *ssa.Phi:
		for i, e := range v.Edges {
			if s.live[v.Block().Preds[i]] {
				s.put(v, s.val(e))
			}
		}
	case *ssa.ChangeType:
		s.put(v, s.union(s.val(v.X), s.lostLabels(v.X.Type(), v.Type(), v.Pos())))
	case *ssa.Convert:
		s.put(v, s.val(v.X))
	case *ssa.MultiConvert:
		s.put(v, s.val(v.X))
	case *ssa.ChangeInterface:
		s.put(v, s.val(v.X))
	case *ssa.Slice:
		s.put(v, s.val(v.X))
	case *ssa.SliceToArrayPointer:
		s.put(v, s.val(v.X))
	case *ssa.MakeInterface:
		s.put(v, s.boxed(v.X))
	case *ssa.TypeAssert:
		x := s.val(v.X)
		if !types.IsInterface(v.AssertedType) {
			x = s.without(typed, x) // the type says it
		}
		s.put(v, s.tuple(v.CommaOk, x))
	}
}

// boxed is a value inside an interface: what it holds, and what its type says.
func (s *state) boxed(v ssa.Value) set {
	t := v.Type()
	if closed(t) {
		return nil
	}
	x := s.val(v)
	if !types.IsInterface(t) && s.info.Scalar(t) == nil && len(s.info.Leaves(t)) > 0 {
		x = s.union(x, s.of(atom{kind: typed, typ: t}))
	}
	return x
}

// element is what the elements of a container hold; of text, the text.
func (s *state) element(v ssa.Value, sel string) set {
	if sel == "" {
		return s.val(v)
	}
	return s.part(sel, s.val(v))
}

// nth is the selector of a result of a tuple.
func nth(i int) string { return fmt.Sprintf("#%d", i) }

// tuple is a value as the first of two results, if there are two.
func (s *state) tuple(two bool, x set) set {
	if two {
		return s.prefix(nth(0), x)
	}
	return x
}

func (s *state) transferUnOp(v *ssa.UnOp) {
	switch v.Op {
	case token.MUL:
		s.put(v, s.load(v))
	case token.ARROW:
		s.put(v, s.tuple(v.CommaOk, s.part(element, s.val(v.X))))
	case token.SUB, token.XOR:
		s.put(v, s.val(v.X))
	}
}

// transferBinOp: text that is joined holds both. A number is followed through
// arithmetic with constants only: a sum over people is about nobody.
func (s *state) transferBinOp(v *ssa.BinOp) {
	b, ok := v.Type().Underlying().(*types.Basic)
	switch {
	case !ok || b.Info()&types.IsBoolean != 0:
	case b.Info()&types.IsString != 0:
		s.put(v, s.union(s.val(v.X), s.val(v.Y)))
	case isConst(v.X):
		s.put(v, s.val(v.Y))
	case isConst(v.Y):
		s.put(v, s.val(v.X))
	}
}

func isConst(v ssa.Value) bool {
	_, ok := v.(*ssa.Const)
	return ok
}

func (s *state) transferNext(v *ssa.Next) {
	r, ok := v.Iter.(*ssa.Range)
	if !ok {
		return
	}
	x := s.val(r)
	if v.IsString {
		s.put(v, s.prefix(nth(2), x))
		return
	}
	s.put(v, s.union(s.prefix(nth(1), s.part(key, x)), s.prefix(nth(2), s.part(element, x))))
}

func (s *state) transferMapUpdate(v *ssa.MapUpdate) {
	s.store(v.Map, s.union(s.prefix(key, s.val(v.Key)), s.prefix(element, s.val(v.Value))))
	if isNamed(v.Map.Type(), "net/http", "Header") {
		s.sink(v.Pos(), "http", "", s.union(s.read(v.Key, anyMode, v.Pos()), s.read(v.Value, anyMode, v.Pos())))
	}
}

func (s *state) transferSelect(v *ssa.Select) {
	received := 2
	for _, st := range v.States {
		if st.Dir == types.SendOnly {
			s.store(st.Chan, s.prefix(element, s.val(st.Send)))
			continue
		}
		s.put(v, s.prefix(nth(received), s.part(element, s.val(st.Chan))))
		received++
	}
}

// lostLabels is what a conversion to a type without labels takes from fields:
// the labels that the type before gave them.
func (s *state) lostLabels(from, to types.Type, pos token.Pos) set {
	st := s.info.Struct(from)
	if st == nil || s.info.Struct(to) != nil {
		return nil
	}
	var x set
	under := st.Type.Underlying().(*types.Struct)
	for i := range st.Labels {
		if l, ok := s.fieldLabel(from, i, pos); ok {
			x = s.union(x, s.prefix(under.Field(i).Name(), l))
		}
	}
	return x
}

// transferStore carries out a store, and looks whether it is one into a field
// of a lower class, or into something that is as good as a sink.
func (s *state) transferStore(v *ssa.Store) {
	x := s.val(v.Val)
	s.store(v.Addr, x)
	if g, ok := v.Addr.(*ssa.Global); ok {
		s.storeFunction(g, v.Val)
	}
	addr, ok := v.Addr.(*ssa.FieldAddr)
	if !ok || s.sum == nil {
		return
	}
	if isNamed(addr.X.Type(), "os/exec", "Cmd") {
		switch fieldOf(addr.X.Type(), addr.Field).Name() {
		case "Path", "Args", "Env", "Dir", "Stdin":
			s.sink(v.Pos(), "exec", "", s.read(v.Val, anyMode, v.Pos()))
		}
	}
	s.downgrade(addr, x, v.Pos())
}

// storeFunction remembers functions that stand in package variables.
func (s *state) storeFunction(g *ssa.Global, v ssa.Value) {
	if _, ok := g.Type().(*types.Pointer).Elem().Underlying().(*types.Signature); !ok || g.Pkg != s.pkg {
		return
	}
	for _, known := range s.stored[g] {
		if known == v {
			return
		}
	}
	s.stored[g] = append(s.stored[g], v)
	s.changed = true
}

// downgrade reports data that is put into a labelled field of a lower class.
func (s *state) downgrade(addr *ssa.FieldAddr, x set, pos token.Pos) {
	st := s.info.Struct(addr.X.Type())
	if st == nil || st.Labels[addr.Field] == nil || !s.report {
		return
	}
	into := st.Labels[addr.Field]
	if closed(fieldOf(addr.X.Type(), addr.Field).Type()) {
		return
	}
	for _, id := range x {
		p, a := s.get(id)
		if a.kind == labelled && p == (path{}) && a.label.Policy == into.Policy && a.label.Level > into.Level {
			f := s.finding(findingKey{pos, "field", into.Of}, a)
			f.Into, f.Ceiling, f.Where = into, into.Class, ""
		}
	}
}

func isNamed(t types.Type, pkg, name string) bool {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg
}

// load reads memory. Where every way to here has last stored to just this place,
// it holds what was stored there; else what the place holds at any time.
func (s *state) load(v *ssa.UnOp) set {
	all := s.val(v.X)
	at := s.places(v.X)
	if len(all) == 0 || len(at) != 1 || len(s.stores[at[0].root]) == 0 {
		return all
	}
	d := defs{state: s, at: at[0], seen: map[*ssa.BasicBlock]bool{}}
	b := v.Block()
	if !d.back(b, indexOf(b, v)) {
		return all
	}
	var x set
	harmless := true
	for _, st := range d.found {
		x = s.union(x, s.val(st.Val))
		harmless = harmless && s.harmless(st.Val, 0)
	}
	if fa, ok := v.X.(*ssa.FieldAddr); ok && !harmless {
		if l, ok := s.fieldLabel(fa.X.Type(), fa.Field, v.Pos()); ok {
			x = s.union(x, l) // whatever is in the field is what its label says
		}
	}
	return x
}

func indexOf(b *ssa.BasicBlock, v ssa.Instruction) int {
	for i, instr := range b.Instrs {
		if instr == v {
			return i
		}
	}
	return 0
}

// defs goes back from a load to the stores that it reads.
type defs struct {
	*state
	at    memory
	found []*ssa.Store
	seen  map[*ssa.BasicBlock]bool
	steps int
}

// maxSteps bounds how far a load looks back.
const maxSteps = 400

// back looks through a block from an instruction upwards. It is false when
// something on the way may have changed the place in another way.
func (d *defs) back(b *ssa.BasicBlock, from int) bool {
	for i := from - 1; i >= 0; i-- {
		d.steps++
		if d.steps > maxSteps {
			return false
		}
		switch instr := b.Instrs[i].(type) {
		case *ssa.Store:
			switch exact, other := d.touches(instr); {
			case exact:
				d.found = append(d.found, instr)
				return true
			case other:
				return false
			}
		case ssa.CallInstruction:
			if d.escapes(instr) {
				return false
			}
		case *ssa.Alloc:
			if instr == d.at.root {
				return true // nothing was stored on this way: it is zero
			}
		}
	}
	if len(b.Preds) == 0 {
		return false // it comes from outside
	}
	for _, p := range b.Preds {
		if !d.live[p] || d.seen[p] {
			continue
		}
		d.seen[p] = true
		if !d.back(p, len(p.Instrs)) {
			return false
		}
	}
	return true
}

// touches reports whether a store writes exactly the place, or something that
// overlaps with it.
func (d *defs) touches(st *ssa.Store) (exact, other bool) {
	at := d.places(st.Addr)
	for _, m := range at {
		if m.root != d.at.root {
			continue
		}
		if m.path == d.at.path {
			return len(at) == 1 && !m.path.has(element), true
		}
		overlap := true
		for i := range m.path {
			if m.path[i] != "" && d.at.path[i] != "" && m.path[i] != d.at.path[i] {
				overlap = false
			}
		}
		other = other || overlap
	}
	return false, other
}

// escapes reports whether a call is given the memory, or may know it because
// somebody captured it.
func (d *defs) escapes(call ssa.CallInstruction) bool {
	common := call.Common()
	for _, v := range append([]ssa.Value{common.Value}, common.Args...) {
		for _, m := range d.places(v) {
			if m.root == d.at.root {
				return true
			}
		}
	}
	if refs := d.at.root.Referrers(); refs != nil {
		for _, r := range *refs {
			if _, ok := r.(*ssa.MakeClosure); ok {
				return true
			}
		}
	}
	return false
}

// harmless reports whether a value cannot be data: a constant, or what a mask
// has made of data.
func (s *state) harmless(v ssa.Value, depth int) bool {
	if depth > maxPhi {
		return false
	}
	switch v := v.(type) {
	case *ssa.Const:
		return true
	case *ssa.Convert:
		return s.harmless(v.X, depth+1)
	case *ssa.ChangeType:
		return s.harmless(v.X, depth+1)
	case *ssa.BinOp:
		return s.harmless(v.X, depth+1) && s.harmless(v.Y, depth+1)
	case *ssa.Phi:
		for _, e := range v.Edges {
			if !s.harmless(e, depth+1) {
				return false
			}
		}
		return true
	case *ssa.Call:
		return s.cleans(v.Common())
	}
	return false
}
