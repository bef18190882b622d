package flow

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
)

// actual is what a call gives for one input. The value is nil where only the
// data is known.
type actual struct {
	v    ssa.Value
	data set
	open bool // the parameter is of an interface or of a type parameter: the callee cannot see what the type says
}

// site is a call as effects need it.
type site struct {
	call   ssa.CallInstruction // nil for what is not a call
	pos    token.Pos
	callee string      // as messages name it
	recv   ssa.Value   // or nil
	args   []ssa.Value // without the receiver, the variadic ones one by one
	res    []set
	feeds  bool // it is the call of a callback by somebody else
	known  bool // a policy says what the function does
}

// stamp tells whether anything that a call depends on has changed. Sets only
// grow, so their sizes do.
type stamp struct {
	epoch int
	sizes int
}

// unchanged reports whether a call would do what it did the last time.
func (s *state) unchanged(instr ssa.CallInstruction) bool {
	common := instr.Common()
	if s.sum != nil {
		return false
	}
	now := stamp{epoch: s.epoch, sizes: 1}
	for _, v := range append([]ssa.Value{common.Value}, common.Args...) {
		switch v.(type) {
		case *ssa.MakeClosure:
			return false // it depends on what is captured
		case *ssa.Global:
			continue // the epoch
		}
		if _, ok := v.Type().Underlying().(*types.Signature); ok && v != common.Value {
			return false
		}
		now.sizes += len(s.vals[v])
	}
	if s.stamps[instr] == now {
		return true
	}
	s.stamps[instr] = now
	return false
}

// call carries out a call, also one by go or defer.
func (s *state) call(instr ssa.CallInstruction) {
	if s.unchanged(instr) {
		return
	}
	common := instr.Common()
	at := &site{call: instr, pos: common.Pos(), res: make([]set, common.Signature().Results().Len())}
	if !at.pos.IsValid() {
		at.pos = s.f.Pos()
	}
	switch callee := common.Value.(type) {
	case *ssa.Builtin:
		s.builtin(at, callee.Name(), common.Args)
		return
	default:
		if common.IsInvoke() {
			s.invoke(at, common)
		} else {
			s.callValue(at, common)
		}
	}
	if v := instr.Value(); v != nil {
		if len(at.res) == 1 {
			s.put(v, at.res[0])
			return
		}
		for i, r := range at.res {
			s.put(v, s.prefix(nth(i), r))
		}
	}
}

func (s *state) builtin(at *site, name string, args []ssa.Value) {
	var x set
	switch name {
	case "append", "min", "max":
		for _, a := range args {
			x = s.union(x, s.val(a))
		}
		if name == "append" && len(args) > 0 {
			s.put(at.call.Value(), x)
			return
		}
	case "copy":
		s.store(args[0], s.val(args[1]))
	case "print", "println":
		for _, a := range args {
			s.sink(at.pos, "stdout", "", s.read(a, anyMode, at.pos))
		}
	}
	if v := at.call.Value(); v != nil && len(x) > 0 {
		if b, ok := v.Type().Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			s.put(v, x)
		}
	}
}

// callValue carries out a call of a function or of a function value.
func (s *state) callValue(at *site, common *ssa.CallCommon) {
	if f := common.StaticCallee(); f != nil {
		s.static(at, f, common)
		return
	}
	args := make([]actual, len(common.Args))
	for i, v := range common.Args {
		args[i] = actual{v: v}
	}
	targets := s.functions(common.Value, nil)
	for _, t := range targets {
		s.applyTarget(at, t, args)
	}
	if len(targets) > 0 {
		return
	}
	value := s.val(common.Value)
	for i := range at.res {
		at.res[i] = s.union(at.res[i], s.part(returned(i), value))
	}
	if len(targets) == 0 && !s.isInput(common.Value) {
		at.args = common.Args
		s.unanalyzed(at)
	}
	given := s.part(yielded, value)
	for _, a := range args { // an iterator gives what it has to the body of the loop
		for _, t := range s.functions(a.v, nil) {
			for i := range t.inputs() {
				s.feed(at, t, i, given)
			}
		}
	}
	s.passOn(common.Value, inputPath{}, args)
}

// passOn tells callers what is given to a function that they gave.
func (s *state) passOn(fn ssa.Value, at inputPath, args []actual) {
	if s.sum == nil {
		return
	}
	for _, m := range s.places(fn) {
		i, ok := s.inputs[m.root]
		if !ok || m.path[2] != "" {
			continue
		}
		for k, a := range args {
			for _, it := range s.items(s.dataOf(a)) {
				s.sum.Calls = append(s.sum.Calls, Call{Input: i, Path: inputPath{m.path[0], m.path[1]}, Arg: k, Item: it})
			}
		}
	}
}

func (s *state) dataOf(a actual) set {
	if a.v == nil {
		return a.data
	}
	x := s.val(a.v)
	if a.open && !types.IsInterface(a.v.Type()) {
		x = s.boxed(a.v)
	}
	return x
}

// static carries out a call of a known function: by the tables, or by its
// summary, and by what policies tell of it besides.
func (s *state) static(at *site, f *ssa.Function, common *ssa.CallCommon) {
	obj, _ := f.Object().(*types.Func)
	if obj == nil {
		s.staticBody(at, f, nil, common)
		return
	}
	obj = obj.Origin()
	at.callee = funcName(obj)
	if f.Signature.Recv() != nil && len(common.Args) > 0 {
		at.recv, at.args = common.Args[0], s.flatten(common.Args[1:], f.Signature.Variadic())
	} else {
		at.args = s.flatten(common.Args, f.Signature.Variadic())
		if mc, ok := common.Value.(*ssa.MakeClosure); ok && isBound(f) {
			at.recv = mc.Bindings[0]
		}
	}
	if obj.Pkg() != nil {
		at.known = len(s.table.Told(obj.Pkg().Path(), receiverName(obj), obj.Name())) > 0
	}
	switch effects, ok := s.known(obj); {
	case ok:
		s.effects(at, effects)
		s.feedCallbacks(at, obj)
	case isRuntime(obj.Pkg()):
		s.runtime(at, obj)
	default:
		s.staticBody(at, f, obj, common)
	}
	s.told(at, obj)
}

// staticBody carries out a call by the summary of the function.
func (s *state) staticBody(at *site, f *ssa.Function, obj *types.Func, common *ssa.CallCommon) {
	args := make([]actual, 0, len(common.Args)+len(f.FreeVars))
	for _, v := range common.Args {
		args = append(args, actual{v: v})
	}
	if mc, ok := common.Value.(*ssa.MakeClosure); ok {
		if t, ok := s.newTarget(f, mc.Bindings); ok {
			s.applyTarget(at, t, args)
		}
		return
	}
	if g := s.local(f); g != nil {
		s.apply(at, s.summaries[g], opened(args, g.Signature), g)
		return
	}
	if obj == nil {
		return
	}
	if sum := s.imports(obj); sum != nil {
		s.apply(at, sum, opened(args, obj.Signature()), nil)
	} else if s.std(obj.Pkg()) {
		s.unanalyzed(at)
	}
}

// opened marks the arguments whose type the callee cannot see.
func opened(args []actual, sig *types.Signature) []actual {
	shift := 0
	if sig.Recv() != nil {
		shift = 1
	}
	for i := range args {
		k := i - shift
		if k < 0 || k >= sig.Params().Len() {
			continue
		}
		t := sig.Params().At(k).Type()
		if sig.Variadic() && k == sig.Params().Len()-1 {
			if sl, ok := t.Underlying().(*types.Slice); ok {
				t = sl.Elem()
			}
		}
		_, param := types.Unalias(t).(*types.TypeParam)
		args[i].open = param || types.IsInterface(t)
	}
	return args
}

// known returns what the tables say of a function.
func (p *Program) known(obj *types.Func) ([]tables.Effect, bool) {
	if obj.Pkg() == nil {
		return nil, false
	}
	return p.table.Of(obj.Pkg().Path(), receiverName(obj), obj.Name())
}

func receiverName(obj *types.Func) string {
	recv := obj.Signature().Recv()
	if recv == nil {
		return ""
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// funcName names a function for people: log.Println, store.DB.Put.
func funcName(obj *types.Func) string {
	name := obj.Name()
	if r := receiverName(obj); r != "" {
		name = r + "." + name
	}
	if obj.Pkg() != nil {
		name = obj.Pkg().Name() + "." + name
	}
	return name
}

func isRuntime(pkg *types.Package) bool {
	return pkg != nil && IsRuntime(pkg.Path())
}

// IsRuntime reports whether a package is one of the run time: what takes
// labelled data there keeps it, or makes something of it that has its own type.
func IsRuntime(path string) bool {
	for _, root := range [...]string{labels.ZonePath, labels.CryptoPath, labels.ClassifyPath} {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

// runtime carries out a call into the run time. Only one thing there gives data
// in clear: Reveal of a closed identifier.
func (s *state) runtime(at *site, obj *types.Func) {
	if obj.Pkg().Path() != labels.JPPath || obj.Name() != "Reveal" || at.recv == nil || len(at.res) != 1 {
		return
	}
	x := s.whole(s.val(at.recv))
	if len(s.without(input, x)) == 0 {
		if n := identifier(at.recv); n != nil {
			if l := s.revealed(n); l != nil {
				x = s.union(x, s.of(atom{kind: labelled, label: l, pos: at.pos}))
			}
		}
	}
	at.res[0] = x
}

// identifier is the closed type that Reveal was called on, by way of the type
// that its identifiers embed.
func identifier(v ssa.Value) *types.Named {
	for {
		t := types.Unalias(v.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if n, ok := t.(*types.Named); ok && n.Obj().Exported() {
			return n
		}
		switch x := v.(type) {
		case *ssa.UnOp:
			v = x.X
		case *ssa.Field:
			v = x.X
		case *ssa.FieldAddr:
			v = x.X
		default:
			return nil
		}
	}
}

// revealed is the label of an identifier that stands in no labelled field: that
// of the category which has its check.
func (p *Program) revealed(n *types.Named) *labels.Label {
	of := n.Obj().Pkg().Name() + "." + n.Obj().Name()
	if l, ok := p.labels[of]; ok {
		return l
	}
	l := p.info.CategoryOfCheck(n.Obj().Pkg().Path(), "Parse"+n.Obj().Name(), of)
	p.labels[of] = l
	return l
}

// flatten gives the arguments one by one, where a call has packed the last ones
// into a slice.
func (s *state) flatten(args []ssa.Value, variadic bool) []ssa.Value {
	if !variadic || len(args) == 0 {
		return args
	}
	last := args[len(args)-1]
	if pieces, ok := pieces(last); ok {
		return append(slices.Clone(args[:len(args)-1]), pieces...)
	}
	return args
}

// pieces are the elements of a slice that was made for a variadic call.
func pieces(v ssa.Value) ([]ssa.Value, bool) {
	if c, ok := v.(*ssa.Const); ok && c.Value == nil {
		return nil, true
	}
	sl, ok := v.(*ssa.Slice)
	if !ok {
		return nil, false
	}
	alloc, ok := sl.X.(*ssa.Alloc)
	if !ok || alloc.Comment != "varargs" {
		return nil, false
	}
	array, ok := alloc.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array)
	if !ok {
		return nil, false
	}
	list := make([]ssa.Value, array.Len())
	for _, r := range *alloc.Referrers() {
		ia, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		c, ok := ia.Index.(*ssa.Const)
		if !ok {
			return nil, false
		}
		for _, u := range *ia.Referrers() {
			if st, ok := u.(*ssa.Store); ok && st.Addr == ia && c.Int64() < int64(len(list)) {
				list[c.Int64()] = st.Val
			}
		}
	}
	return list, true
}

// storedAt are the values that this function stores to a place.
func (s *state) storedAt(addr ssa.Value) (list []ssa.Value) {
	for _, m := range s.places(addr) {
		for _, st := range s.stores[m.root] {
			for _, at := range s.places(st.Addr) {
				if at == m {
					list = append(list, st.Val)
				}
			}
		}
	}
	return list[:min(len(list), maxPhi)]
}

// apply carries out a call by the summary of what is called. The function is
// nil where it belongs to another package.
func (s *state) apply(at *site, sum *Summary, args []actual, f *ssa.Function) {
	if sum == nil {
		return
	}
	if at.callee == "" && f != nil {
		at.callee = s.nameOf(f)
	}
	for i, items := range sum.Results {
		if i >= len(at.res) {
			break
		}
		for k := range items {
			at.res[i] = s.union(at.res[i], s.instance(&items[k], args, at))
		}
	}
	for i := range sum.Stores {
		s.applyStore(at, &sum.Stores[i], args)
	}
	for i := range sum.Calls {
		s.applyCall(at, &sum.Calls[i], args)
	}
	if s.sum != nil {
		for i := range sum.Sinks {
			x := &sum.Sinks[i]
			if f != nil && x.Input >= len(f.Params) {
				continue // what is captured was looked at where the function is made
			}
			s.applyExit(at, x, args, false)
		}
	}
}

// instance is an item of a summary as this call makes it.
func (s *state) instance(it *Item, args []actual, at *site) set {
	x := s.itemData(it, args, at)
	for i := len(it.At) - 1; i >= 0; i-- {
		if it.At[i] != "" {
			x = s.prefix(it.At[i], x)
		}
	}
	return x
}

func (s *state) itemData(it *Item, args []actual, at *site) set {
	if it.Label != nil {
		return s.labelOf(it, at.pos)
	}
	if it.Input < 0 || it.Input >= len(args) {
		return nil
	}
	x := s.at(args[it.Input], it.Path, at.pos)
	if it.Errd {
		x = s.asError(x)
	}
	return x
}

// at is what an input holds at a path.
func (s *state) at(a actual, p inputPath, pos token.Pos) set {
	x := s.dataOf(a)
	var t types.Type
	if a.v != nil {
		t = a.v.Type()
	}
	for _, sel := range p {
		if sel != "" {
			x, t = s.step(x, t, sel, pos)
		}
	}
	return x
}

// asError marks data that is part of an error by now.
func (s *state) asError(x set) set {
	return s.each(x, func(p path, a atom) (path, atom, bool) {
		a.errd = true
		return p, a, true
	})
}

func (s *state) applyStore(at *site, st *Store, args []actual) {
	if st.Input >= len(args) || args[st.Input].v == nil {
		return
	}
	x := s.instance(&st.Item, args, at)
	if len(x) == 0 {
		return
	}
	v := args[st.Input].v
	if st.Write && st.Path == (inputPath{}) {
		s.write(at, v, x, nil)
		return
	}
	if st.Write {
		for _, w := range s.storedUnder(v, st.Path) {
			s.write(at, w, x, nil)
		}
	}
	for i := len(st.Path) - 1; i >= 0; i-- {
		if st.Path[i] != "" {
			x = s.prefix(st.Path[i], x)
		}
	}
	s.store(v, x)
}

// storedUnder are the values that this function stores to a part of what a
// value owns.
func (s *state) storedUnder(v ssa.Value, p inputPath) (list []ssa.Value) {
	for _, m := range s.places(v) {
		want := m.path
		for _, sel := range p {
			if sel != "" {
				want = want.append(sel)
			}
		}
		for _, st := range s.stores[m.root] {
			for _, at := range s.places(st.Addr) {
				if at.root == m.root && at.path == want {
					list = append(list, st.Val)
				}
			}
		}
	}
	return list[:min(len(list), maxPhi)]
}

// applyCall passes what a function gives to a callback on to the callback.
func (s *state) applyCall(at *site, c *Call, args []actual) {
	if c.Input >= len(args) || args[c.Input].v == nil {
		return
	}
	x := s.instance(&c.Item, args, at)
	if len(x) == 0 {
		return
	}
	fn := args[c.Input].v
	if c.Path == (inputPath{}) {
		for _, t := range s.functions(fn, nil) {
			s.feed(at, t, c.Arg, x)
		}
		s.passOn(fn, c.Path, append(make([]actual, c.Arg), actual{data: x}))
		return
	}
	for _, v := range s.storedUnder(fn, c.Path) {
		for _, t := range s.functions(v, nil) {
			s.feed(at, t, c.Arg, x)
		}
	}
}

// applyExit carries out that an input of what is called reaches a sink.
func (s *state) applyExit(at *site, x *Exit, args []actual, captured bool) {
	if x.Input >= len(args) || at.known && x.Class == notAnalyzed {
		return
	}
	a := args[x.Input]
	var data set
	if x.Path == (inputPath{}) && a.v != nil {
		data = s.readAll(a, x.Mode, at.pos)
	} else {
		data = s.whole(s.at(a, x.Path, at.pos))
	}
	if x.Errd {
		data = s.asError(data)
	}
	pos, where := at.pos, x.Where
	if (captured || at.feeds) && x.pos.IsValid() {
		pos, where = x.pos, afterFirst(x)
	} else if at.callee != "" {
		where = at.callee + ", " + x.Where
	}
	s.sink(pos, x.Class, where, data)
}

// afterFirst leaves the sink itself out of a description that is shown at the
// sink.
func afterFirst(x *Exit) string {
	if i := strings.Index(x.Where, ", "); i >= 0 {
		return x.Where
	}
	return ""
}

// readAll reads an argument, the variadic ones one by one.
func (s *state) readAll(a actual, mode tables.Mode, pos token.Pos) set {
	if list, ok := pieces(a.v); ok {
		var x set
		for _, v := range list {
			x = s.union(x, s.read(v, mode, pos))
		}
		return x
	}
	if a.open && !types.IsInterface(a.v.Type()) {
		return s.readTyped(a.v, mode, pos)
	}
	return s.read(a.v, mode, pos)
}

func (p *Program) nameOf(f *ssa.Function) string {
	if obj, ok := f.Object().(*types.Func); ok && f.Parent() == nil {
		return funcName(obj)
	}
	return "the function at " + p.place(f.Pos())
}
