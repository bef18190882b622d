package flow

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
)

// target is a function that a value may be, and what it has captured.
type target struct {
	f        *ssa.Function // nil where it belongs to another package
	obj      *types.Func   // then this is it
	sig      *types.Signature
	bindings []ssa.Value
	bound    bool // the first binding is the receiver of a method value
}

// newTarget is the function that a function value was made of.
func (s *state) newTarget(fn *ssa.Function, bindings []ssa.Value) (target, bool) {
	t := target{bindings: bindings, bound: isBound(fn), sig: fn.Signature}
	if t.f = s.local(fn); t.f != nil {
		t.sig = t.f.Signature
		return t, true
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok || isRuntime(obj.Pkg()) {
		return t, false
	}
	t.obj = obj.Origin()
	if t.bound {
		t.sig = t.obj.Signature()
	}
	return t, true
}

// inputs is the number of inputs without what is captured.
func (t target) inputs() int {
	n := t.sig.Params().Len()
	if t.sig.Recv() != nil {
		n++
	}
	if t.f != nil {
		n = len(t.f.Params)
	}
	return n
}

// summaryOf is what is known of a target, or nil.
func (s *state) summaryOf(t target) *Summary {
	if t.f != nil {
		return s.summaries[t.f]
	}
	return s.imports(t.obj)
}

func isBound(f *ssa.Function) bool { return strings.HasPrefix(f.Synthetic, "bound method") }

// actuals are the inputs of a call of the target.
func (t target) actuals(args []actual) []actual {
	var captured []actual
	for _, b := range t.bindings {
		captured = append(captured, actual{v: b})
	}
	if t.bound {
		return opened(append(captured, args...), t.sig)
	}
	args = opened(slices.Clone(args), t.sig)
	n := t.inputs()
	for len(args) < n {
		args = append(args, actual{})
	}
	return append(args[:n:n], captured...)
}

// functions are the functions of the package that a value may be.
func (s *state) functions(v ssa.Value, seen []ssa.Value) []target {
	if v == nil || len(seen) > maxPhi || slices.Contains(seen, v) {
		return nil
	}
	seen = append(seen, v)
	var list []target
	many := func(vs []ssa.Value) []target {
		for _, x := range vs {
			list = append(list, s.functions(x, seen)...)
		}
		return list
	}
	switch v := v.(type) {
	case *ssa.Function:
		if t, ok := s.newTarget(v, nil); ok {
			return []target{t}
		}
	case *ssa.MakeClosure:
		if t, ok := s.newTarget(v.Fn.(*ssa.Function), v.Bindings); ok {
			return []target{t}
		}
	case *ssa.ChangeType:
		return s.functions(v.X, seen)
	case *ssa.MakeInterface:
		return s.functions(v.X, seen)
	case *ssa.TypeAssert:
		return s.functions(v.X, seen)
	case *ssa.Phi:
		return many(v.Edges)
	case *ssa.UnOp:
		if g, ok := v.X.(*ssa.Global); ok {
			return many(s.stored[g])
		}
		return many(s.storedAt(v.X))
	case *ssa.Field, *ssa.Extract, *ssa.Lookup, *ssa.Index:
		return many(s.storedAt(v))
	}
	return list
}

// applyTarget calls what a function value may be.
func (s *state) applyTarget(at *site, t target, args []actual) {
	if t.obj != nil {
		if _, ok := s.known(t.obj); ok {
			for i, a := range args {
				s.feed(at, t, i, s.dataOf(a))
			}
			return
		}
	}
	s.apply(at, s.summaryOf(t), t.actuals(args), t.f)
}

// feed calls a function with data for one parameter. What comes of it is
// reported in the function, if that is here.
func (s *state) feed(at *site, t target, param int, x set) {
	if len(x) == 0 {
		return
	}
	if t.obj != nil {
		if effects, ok := s.known(t.obj); ok {
			for _, e := range effects {
				if e.Kind == tables.Sink && e.From.Has(param) {
					s.exit(&site{pos: at.pos, callee: funcName(t.obj)}, e.Class, argument{s.whole(x), printMode})
				}
			}
			return
		}
	}
	args := make([]actual, param+1)
	args[param] = actual{data: x}
	inner := &site{pos: at.pos, res: make([]set, t.sig.Results().Len()), feeds: true}
	s.apply(inner, s.summaryOf(t), t.actuals(args), t.f)
}

// feedCallbacks gives the elements of the other arguments to functions that are
// given to the standard library, as slices.IndexFunc and strings.Map do.
func (s *state) feedCallbacks(at *site, obj *types.Func) {
	for _, v := range at.args {
		if v == nil {
			continue
		}
		if _, ok := v.Type().Underlying().(*types.Signature); !ok {
			continue
		}
		for _, t := range s.functions(v, nil) {
			for _, other := range append([]ssa.Value{at.recv}, at.args...) {
				if other == nil || other == v {
					continue
				}
				x := s.union(s.element(other, elementOf(other.Type())), s.part(key, s.val(other)))
				for i := range t.inputs() {
					s.feed(at, t, i, x)
				}
			}
		}
	}
}

// transferClosure makes a function value. What it has captured it may use at any
// time, so its effects on that are carried out here.
func (s *state) transferClosure(v *ssa.MakeClosure) {
	t, ok := s.newTarget(v.Fn.(*ssa.Function), v.Bindings)
	if !ok {
		return
	}
	sum := s.summaryOf(t)
	if sum == nil {
		return
	}
	args := t.actuals(nil)
	at := &site{pos: v.Pos()}
	for i := range sum.Stores {
		s.applyStore(at, &sum.Stores[i], args)
	}
	for i := range sum.Calls {
		s.applyCall(at, &sum.Calls[i], args)
	}
	if s.sum != nil && !t.bound {
		for i := range sum.Sinks {
			if sum.Sinks[i].Input >= t.inputs() {
				s.applyExit(at, &sum.Sinks[i], args, true)
			}
		}
	}
	s.put(v, s.calledLater(t, args))
}

// calledLater is what a function value gives to whoever calls it: its results,
// and what it passes to the functions that it is called with.
func (s *state) calledLater(t target, args []actual) set {
	sum := s.summaryOf(t)
	if sum == nil {
		return nil
	}
	at := &site{}
	var x set
	for i, items := range sum.Results {
		for k := range items {
			x = s.union(x, s.prefix(returned(i), s.instance(&items[k], args, at)))
		}
	}
	for i := range sum.Calls {
		if c := &sum.Calls[i]; c.Input < t.inputs() {
			x = s.union(x, s.prefix(yielded, s.instance(&c.Item, args, at)))
		}
	}
	return x
}
