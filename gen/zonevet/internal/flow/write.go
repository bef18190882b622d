package flow

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/tables"
)

// write is data that is written to a writer. If the writer is a sink by its
// type, it has arrived; if it is made of another, it goes there; else the
// writer holds it from now on.
func (s *state) write(at *site, w ssa.Value, x set, seen []ssa.Value) {
	if w == nil || len(x) == 0 || len(seen) > maxPhi || slices.Contains(seen, w) {
		return
	}
	seen = append(seen, w)
	x = s.whole(x)
	if class := s.writerClass(w); class != "" {
		if s.sum != nil && class != "nothing" {
			callee := at.callee
			if callee == "" {
				callee = class
			}
			s.sinkMode(at.pos, class, printMode, callee+" at "+s.place(at.pos), "", x)
		}
		return
	}
	s.store(w, x)
	s.tell(w, x)
	switch w := w.(type) {
	case *ssa.MakeInterface:
		s.ownWriter(at, w, x)
		s.write(at, w.X, x, seen)
	case *ssa.ChangeInterface:
		s.write(at, w.X, x, seen)
	case *ssa.TypeAssert:
		s.write(at, w.X, x, seen)
	case *ssa.Phi:
		for _, e := range w.Edges {
			s.write(at, e, x, seen)
		}
	case *ssa.Extract:
		s.write(at, w.Tuple, x, seen)
	case *ssa.Call:
		s.writeMade(at, w, x, seen)
	case *ssa.UnOp:
		for _, v := range s.storedAt(w.X) {
			s.write(at, v, x, seen)
		}
	}
}

// writeMade writes to what a writer was made of, as bufio.NewWriter does.
func (s *state) writeMade(at *site, call *ssa.Call, x set, seen []ssa.Value) {
	common := call.Common()
	f := common.StaticCallee()
	if f == nil {
		return
	}
	obj, ok := f.Object().(*types.Func)
	if !ok {
		return
	}
	effects, ok := s.known(obj.Origin())
	if !ok {
		return
	}
	made := &site{args: s.flatten(common.Args, f.Signature.Variadic())}
	if f.Signature.Recv() != nil && len(common.Args) > 0 {
		made.recv, made.args = common.Args[0], common.Args[1:]
	}
	for _, e := range effects {
		if e.Kind != tables.Wrap {
			continue
		}
		for i := tables.Receiver; i < len(made.args); i++ {
			if e.From.Has(i) {
				s.write(at, made.arg(i), x, seen)
			}
		}
	}
}

// ownWriter writes to a writer that this module has a body of.
func (s *state) ownWriter(at *site, w *ssa.MakeInterface, x set) {
	obj, _, _ := types.LookupFieldOrMethod(w.X.Type(), false, nil, "Write")
	m, ok := obj.(*types.Func)
	if !ok || m.Pkg() == nil {
		return
	}
	if _, known := s.known(m.Origin()); known {
		return
	}
	args := []actual{{v: w.X}, {data: x}}
	inner := &site{pos: at.pos, callee: at.callee, res: make([]set, 2)}
	if f := s.pkg.Prog.FuncValue(m.Origin()); f != nil && s.local(f) != nil {
		s.apply(inner, s.summaries[s.local(f)], args, s.local(f))
		return
	}
	s.apply(inner, s.imports(m.Origin()), args, nil)
}

// tell tells callers what is written to a writer that they gave.
func (s *state) tell(w ssa.Value, x set) {
	if s.sum == nil {
		return
	}
	for _, m := range s.places(w) {
		i, ok := s.inputs[m.root]
		if !ok || m.path[2] != "" {
			continue
		}
		for _, it := range s.items(x) {
			if it.Input != i {
				s.sum.Stores = append(s.sum.Stores, Store{Input: i, Path: inputPath{m.path[0], m.path[1]}, Write: true, Item: it})
			}
		}
	}
}

// writers are types that are sinks when they are written to.
var writers = map[[2]string]string{
	{"net/http", "ResponseWriter"}: "http",
	{"net", "Conn"}:                "net",
	{"net", "TCPConn"}:             "net",
	{"net", "UDPConn"}:             "net",
	{"net", "UnixConn"}:            "net",
	{"crypto/tls", "Conn"}:         "net",
	{"log/syslog", "Writer"}:       "log",
	{"os", "File"}:                 "file",
}

// writerClass is the class of the sink that a writer is, "nothing" for one that
// drops everything, and "" for all others.
func (s *state) writerClass(w ssa.Value) string {
	if u, ok := w.(*ssa.UnOp); ok {
		if g, ok := u.X.(*ssa.Global); ok && g.Pkg != nil && g.Pkg.Pkg.Path() == "os" && (g.Name() == "Stdout" || g.Name() == "Stderr") {
			return "stdout"
		} else if ok && g.Pkg != nil && g.Pkg.Pkg.Path() == "io" && g.Name() == "Discard" {
			return "nothing"
		}
	}
	t := types.Unalias(w.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	return writers[[2]string{n.Obj().Pkg().Path(), n.Obj().Name()}]
}
