package flow

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
)

func constantString(c *ssa.Const) string {
	if c.Value.Kind() != constant.String {
		return ""
	}
	return constant.StringVal(c.Value)
}

// read is what a function that reads a value in a mode gets to see. The value
// is looked at through the interface that it was put into, because its type
// decides what printing and encoding show.
func (s *state) read(v ssa.Value, mode tables.Mode, pos token.Pos) set {
	return s.readIn(v, mode, pos, 0)
}

func (s *state) readIn(v ssa.Value, mode tables.Mode, pos token.Pos, depth int) set {
	switch x := v.(type) {
	case *ssa.MakeInterface:
		return s.readTyped(x.X, mode, pos)
	case *ssa.ChangeInterface:
		return s.readIn(x.X, mode, pos, depth)
	case *ssa.Phi:
		if depth < 3 {
			var all set
			for i, e := range x.Edges {
				if s.live[x.Block().Preds[i]] {
					all = s.union(all, s.readIn(e, mode, pos, depth+1))
				}
			}
			return all
		}
	}
	if types.IsInterface(v.Type()) {
		return s.shown(s.whole(s.val(v)), mode)
	}
	return s.readTyped(v, mode, pos)
}

// shown replaces values inside interfaces by what their types show.
func (s *state) shown(x set, mode tables.Mode) set {
	var out set
	for _, id := range x {
		p, a := s.get(id)
		if a.kind != typed {
			out = s.union(out, set{id})
			continue
		}
		for _, l := range s.exposed(a.typ, mode) {
			out = s.union(out, set{s.entry(entry{p, s.atom(atom{kind: labelled, errd: a.errd, label: l, pos: a.pos})})})
		}
	}
	return out
}

// readTyped reads a value whose type is known.
func (s *state) readTyped(v ssa.Value, mode tables.Mode, pos token.Pos) set {
	t := v.Type()
	if closed(t) {
		return nil
	}
	x := s.val(v)
	if m := mask(t, mode); m != nil {
		return s.whole(s.masked(m, x, t, pos))
	}
	x = s.visible(x, t, mode)
	if s.info.Scalar(t) == nil {
		for _, l := range s.exposed(t, mode) {
			x = s.union(x, s.of(atom{kind: labelled, label: l, pos: v.Pos()}))
		}
	}
	return s.shown(s.whole(x), mode)
}

// masks are the methods that decide what a reader gets, the first that a type
// has.
var maskNames = map[tables.Mode][]string{
	tables.Print: {"Format", "Error", "String"},
	tables.Slog:  {"LogValue", "Format", "Error", "String"},
	tables.JSON:  {"MarshalJSON", "MarshalText"},
	tables.XML:   {"MarshalXML", "MarshalText"},
	tables.Gob:   {"GobEncode", "MarshalBinary"},
}

// mask returns the method of a type that a reader asks in its place, or nil.
func mask(t types.Type, mode tables.Mode) *types.Func {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return nil
	}
	for _, name := range maskNames[mode] {
		obj, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
		if m, ok := obj.(*types.Func); ok && !types.IsInterface(m.Signature().Recv().Type()) {
			return m.Origin()
		}
	}
	return nil
}

// masked is what a method shows of its receiver.
func (s *state) masked(m *types.Func, recv set, t types.Type, pos token.Pos) set {
	if effects, ok := s.known(m); ok {
		if slices.ContainsFunc(effects, func(e tables.Effect) bool { return e.Kind == tables.Flow && e.From.Has(tables.Receiver) }) {
			return recv
		}
		return nil
	}
	if isRuntime(m.Pkg()) {
		return nil
	}
	if s.std(m.Pkg()) {
		return recv // the standard library hides nothing
	}
	var sum *Summary
	if f := s.pkg.Prog.FuncValue(m); f != nil && s.local(f) != nil {
		sum = s.summaries[s.local(f)]
	} else {
		sum = s.imports(m)
	}
	if sum == nil {
		return nil
	}
	var x set
	take := func(it *Item) {
		if it.Label != nil {
			x = s.union(x, s.labelOf(it, pos))
		} else if it.Input == 0 {
			y, u := recv, t
			for _, sel := range it.Path {
				if sel != "" {
					y, u = s.step(y, u, sel, pos)
				}
			}
			x = s.union(x, y)
		}
	}
	for _, items := range sum.Results {
		for i := range items {
			take(&items[i])
		}
	}
	for i := range sum.Stores {
		if sum.Stores[i].Input > 0 {
			take(&sum.Stores[i].Item)
		}
	}
	return x
}

// visible leaves out what a reader does not get to see of a value: parts that
// have a mask of their own, that the encoder passes over, or that the labels of
// their type speak for.
func (s *state) visible(x set, t types.Type, mode tables.Mode) set {
	return s.each(x, func(p path, a atom) (path, atom, bool) { return p, a, s.sees(p, t, mode) })
}

func (s *state) sees(p path, t types.Type, mode tables.Mode) bool {
	open := true // methods are asked as long as all fields on the way are exported
	for i, sel := range p {
		if t == nil {
			return true
		}
		if closed(t) {
			return false
		}
		if i > 0 && open {
			if m := mask(t, mode); m != nil && (sel == "" || s.info.Struct(t) != nil) {
				return !isClean(s, m)
			}
		}
		if sel == "" {
			return true
		}
		if s.info.Struct(t) != nil {
			return false // its labels say what is in it
		}
		if ptr, ok := t.Underlying().(*types.Pointer); ok {
			t = ptr.Elem()
		}
		switch u := t.Underlying().(type) {
		case *types.Struct:
			f, tag := fieldNamed(u, sel)
			if f == nil {
				return true
			}
			if hidden(f, tag, mode) {
				return false
			}
			open = open && f.Exported()
			t = f.Type()
		case *types.Map:
			t = u.Elem()
			if sel == key {
				t = u.Key()
			}
		case interface{ Elem() types.Type }:
			t = u.Elem()
		default:
			t = nil
		}
	}
	return true
}

// isClean reports whether a mask shows nothing of its receiver.
func isClean(s *state, m *types.Func) bool {
	probe := s.of(atom{kind: input, input: 1 << 20})
	return len(s.masked(m, probe, nil, token.NoPos)) == 0
}

func fieldNamed(st *types.Struct, name string) (*types.Var, string) {
	for i := range st.NumFields() {
		if st.Field(i).Name() == name {
			return st.Field(i), st.Tag(i)
		}
	}
	return nil, ""
}

// hidden reports whether an encoder passes a field over.
func hidden(f *types.Var, tag string, mode tables.Mode) bool {
	switch mode {
	case tables.JSON:
		return !f.Exported() && !f.Embedded() || hasTag(tag, "json", "-")
	case tables.XML:
		return !f.Exported() && !f.Embedded() || hasTag(tag, "xml", "-")
	case tables.Gob:
		return !f.Exported()
	}
	return false
}

func hasTag(tag, key, value string) bool {
	return strings.Contains(tag, key+":\""+value+"\"")
}

type maskKey struct {
	typ  types.Type
	mode tables.Mode
}

// exposed are the labels of what a reader gets to see of a value by its type.
func (s *state) exposed(t types.Type, mode tables.Mode) []*labels.Label {
	leaves := s.info.Leaves(t)
	if len(leaves) == 0 || mode == tables.Any || mode == tables.Text {
		return leaves
	}
	w := exposure{state: s, mode: mode, seen: map[types.Type]bool{}}
	w.visit(t, 0, true)
	slices.SortStableFunc(w.found, labels.Higher)
	return slices.CompactFunc(w.found, func(a, b *labels.Label) bool { return a.Of == b.Of })
}

// exposure walks a type as a printer or an encoder does.
type exposure struct {
	*state
	mode  tables.Mode
	seen  map[types.Type]bool
	found []*labels.Label
}

// visit looks at a type. It is open while methods are asked, which is as long
// as all fields on the way are exported.
func (w *exposure) visit(t types.Type, depth int, open bool) {
	t = types.Unalias(t)
	if closed(t) || w.seen[t] && !open {
		return
	}
	w.seen[t] = true
	if depth > 12 {
		return
	}
	if open {
		if m := mask(t, w.mode); m != nil {
			w.ask(m, t)
			return
		}
	}
	if l := w.info.Scalar(t); l != nil {
		if _, pointer := t.(*types.Pointer); !pointer {
			w.found = append(w.found, l)
			return
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if depth > 0 && w.mode <= tables.Slog {
			return // an address
		}
		w.visit(u.Elem(), depth+1, open)
	case *types.Map:
		w.visit(u.Key(), depth+1, open)
		w.visit(u.Elem(), depth+1, open)
	case *types.Slice:
		w.visit(u.Elem(), depth+1, open)
	case *types.Array:
		w.visit(u.Elem(), depth+1, open)
	case *types.Struct:
		w.fields(t, u, depth, open)
	}
}

func (w *exposure) fields(t types.Type, u *types.Struct, depth int, open bool) {
	st := w.info.Struct(t)
	for i := range u.NumFields() {
		f := u.Field(i)
		if hidden(f, u.Tag(i), w.mode) {
			continue
		}
		asked := open && f.Exported()
		if st != nil && st.Labels[i] != nil && !closed(f.Type()) {
			if m := mask(f.Type(), w.mode); m == nil || !asked || !isClean(w.state, m) {
				w.found = append(w.found, st.Labels[i])
			}
			continue
		}
		w.visit(f.Type(), depth+1, asked)
	}
}

// ask finds what a mask shows of a value by the labels of its type.
func (w *exposure) ask(m *types.Func, t types.Type) {
	for _, id := range w.masked(m, nil, t, token.NoPos) {
		if _, a := w.get(id); a.kind == labelled {
			w.found = append(w.found, a.label)
		}
	}
}
