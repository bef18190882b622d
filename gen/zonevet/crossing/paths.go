package crossing

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/cfg"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/internal/model"
)

// step is what a node means for a way.
type step uint8

const (
	goOn step = iota // nothing: the way goes on
	stop             // the way is done and was good
	hit              // this is what was looked for
)

// walker follows all ways from a node to the ends of the function.
type walker struct {
	see    func(n ast.Node, fresh bool) step
	exit   func(n ast.Node) step // at a return, and at the end of the body
	err    types.Object          // the error that was set at the begin, or nil
	failed bool                  // follow the ways on which it is not nil, in place of the others
	wide   bool                  // through conditions that are not about the error

	f    *function
	seen map[state]bool
}

// state is a block, and whether err is still the error of the begin.
type state struct {
	block *cfg.Block
	fresh bool
}

// from walks from behind the node and reports whether there was a hit.
func (w *walker) from(n ast.Node) bool {
	if w.f.graph == nil {
		return false
	}
	w.seen = map[state]bool{}
	for _, b := range w.f.graph.Blocks {
		for i, have := range b.Nodes {
			if have == n || have.Pos() <= n.Pos() && n.End() <= have.End() {
				return w.nodes(b, i+1, true)
			}
		}
	}
	return false
}

func (w *walker) nodes(b *cfg.Block, from int, fresh bool) bool {
	for _, n := range b.Nodes[from:] {
		switch w.see(n, fresh) {
		case hit:
			return true
		case stop:
			return false
		}
		if fresh && w.err != nil && assigns(w.f.pass.TypesInfo, n, w.err) {
			fresh = false
		}
		if ret, ok := n.(*ast.ReturnStmt); ok {
			return w.exit(ret) == hit
		}
	}
	return w.successors(b, fresh)
}

func (w *walker) successors(b *cfg.Block, fresh bool) bool {
	failing := -1 // index of the successor on which the error is not nil
	if len(b.Succs) == 2 && fresh && w.err != nil && len(b.Nodes) > 0 {
		failing = failingBranch(w.f.pass.TypesInfo, b.Nodes[len(b.Nodes)-1], w.err)
	}
	if len(b.Succs) == 2 && failing < 0 && !w.wide {
		return false
	}
	for i, s := range b.Succs {
		if failing >= 0 && (i == failing) != w.failed {
			continue
		}
		next := state{s, fresh}
		if w.seen[next] {
			continue
		}
		w.seen[next] = true
		if w.nodes(s, 0, fresh) {
			return true
		}
	}
	return false
}

// failingBranch is the index of the branch of a condition on which err is not
// nil, -1 where the condition is not about that.
func failingBranch(info *types.Info, cond ast.Node, err types.Object) int {
	b, ok := cond.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ && b.Op != token.EQL {
		return -1
	}
	x, y := ast.Unparen(b.X), ast.Unparen(b.Y)
	if info.Types[x].IsNil() {
		x, y = y, x
	}
	if id, ok := x.(*ast.Ident); !ok || info.Uses[id] != err || !info.Types[y].IsNil() {
		return -1
	}
	if b.Op == token.NEQ {
		return 0
	}
	return 1
}

// assigns reports whether a node gives a variable a new value.
func assigns(info *types.Info, n ast.Node, v types.Object) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, e := range n.Lhs {
			if id, ok := ast.Unparen(e).(*ast.Ident); ok && info.ObjectOf(id) == v {
				return true
			}
		}
	case *ast.ValueSpec:
		for _, id := range n.Names {
			if info.Defs[id] == v {
				return true
			}
		}
	}
	return false
}

// reads reports whether a node reads a variable.
func reads(info *types.Info, n ast.Node, v types.Object) bool {
	found := false
	skip := map[ast.Node]bool{}
	if a, ok := n.(*ast.AssignStmt); ok && (a.Tok == token.ASSIGN || a.Tok == token.DEFINE) {
		for _, e := range a.Lhs {
			if id, ok := ast.Unparen(e).(*ast.Ident); ok {
				skip[id] = true
			}
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !skip[id] && info.Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

// read reports whether any way from the node reads the error in a variable. A
// named result and a variable that a closure knows are read.
func (f *function) read(n ast.Node, err types.Object) bool {
	if f.named(err) || f.captured(err) {
		return true
	}
	info := f.pass.TypesInfo
	w := walker{f: f, wide: true, exit: func(ast.Node) step { return stop }}
	w.see = func(n ast.Node, _ bool) step {
		switch {
		case reads(info, n, err):
			return hit
		case assigns(info, n, err):
			return stop
		}
		return goOn
	}
	return w.from(n)
}

// named reports whether a variable is a result of the function, or one of a
// function around it.
func (f *function) named(v types.Object) bool {
	if f.sig != nil {
		for i := range f.sig.Results().Len() {
			if f.sig.Results().At(i) == v {
				return true
			}
		}
	}
	return v.Pos() < f.body.Pos() || v.Pos() > f.body.End()
}

// captured reports whether a closure in the function mentions a variable.
func (f *function) captured(v types.Object) bool {
	found := false
	ast.Inspect(f.body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && reads(f.pass.TypesInfo, lit.Body, v) {
			found = true
		}
		return !found
	})
	return found
}

// ended checks that a crossing is ended on every way.
func (f *function) ended(n ast.Node, c *crossingCall, x, err types.Object) {
	if f.named(x) {
		return
	}
	info := f.pass.TypesInfo
	var out ast.Node
	w := walker{f: f, err: err, wide: true}
	w.see = func(n ast.Node, _ bool) step {
		switch {
		case f.ends(n, x):
			return stop
		case assigns(info, n, x):
			out = n
			return hit
		}
		return goOn
	}
	w.exit = func(n ast.Node) step { out = n; return hit }
	if w.from(n) {
		f.report.Report(analysis.Diagnostic{
			Pos: c.call.Pos(), End: c.call.End(),
			Message:        "the crossing " + x.Name() + " is neither committed nor aborted on every way out: write defer " + x.Name() + ".Abort() after the check of its error",
			Related:        []analysis.RelatedInformation{{Pos: out.Pos(), End: out.End(), Message: "here it is left open"}},
			SuggestedFixes: f.deferAbort(n, x),
		})
		return
	}
	if f.uses(x)&(used|committed|handedOver) == used {
		f.reportAt(c.call, "the crossing "+x.Name()+" is never committed: what crosses is in the audit log as given up")
	}
}

// ends reports whether a node ends a crossing or hands it over.
func (f *function) ends(n ast.Node, x types.Object) bool {
	return f.usesIn(n, x)&(closed|handedOver) != 0
}

// use is what becomes of a crossing, one bit each.
type use uint8

const (
	used       use = 1 << iota // something crosses under it
	committed                  // Commit is called
	aborted                    // Abort is called
	handedOver                 // somebody else may end it

	closed = committed | aborted
)

func (f *function) uses(x types.Object) use { return f.usesIn(f.body, x) }

// usesIn says what a node does with a crossing.
func (f *function) usesIn(root ast.Node, x types.Object) use {
	var found use
	var stack []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if id, ok := n.(*ast.Ident); ok && f.pass.TypesInfo.Uses[id] == x {
			found |= f.useOf(id, stack[:len(stack)-1])
		}
		return true
	})
	return found
}

// useOf says what is done with a crossing where it is mentioned. The stack ends
// with the parent of the mention.
func (f *function) useOf(id *ast.Ident, stack []ast.Node) use {
	inside := use(0)
	for _, n := range stack {
		if _, ok := n.(*ast.FuncLit); ok {
			inside = handedOver
		}
	}
	if len(stack) == 0 {
		return inside
	}
	switch parent := stack[len(stack)-1].(type) {
	case *ast.SelectorExpr:
		switch parent.Sel.Name {
		case "Commit":
			return inside | committed
		case "Abort":
			return inside | aborted
		}
		return inside
	case *ast.BinaryExpr:
		return inside
	case *ast.AssignStmt:
		for _, e := range parent.Lhs {
			if e == id {
				return inside
			}
		}
	case *ast.CallExpr:
		if f.neverEnds(parent) {
			return inside | used
		}
	}
	return inside | handedOver | used
}

// neverEnds reports whether a callee is known to leave a crossing open: the
// generated methods, and package zone.
func (f *function) neverEnds(call *ast.CallExpr) bool {
	callee := typeutil.StaticCallee(f.pass.TypesInfo, call)
	if callee == nil || callee.Pkg() == nil {
		return false
	}
	name := filepath.Base(f.pass.Fset.Position(callee.Pos()).Filename)
	return callee.Pkg().Path() == labels.ZonePath || name == model.GeneratedFile
}

// usedDespite checks that a result is not used before its error was looked at,
// nor when it was not nil.
func (f *function) usedDespite(n ast.Node, c *crossingCall, v, err types.Object) {
	info := f.pass.TypesInfo
	var where ast.Node
	harmless := func(n ast.Node) bool { return f.onlyAborts(n, v) || comparesNil(info, n, v) }
	before := walker{f: f, wide: true, exit: func(ast.Node) step { return stop }}
	before.see = func(n ast.Node, _ bool) step {
		switch {
		case reads(info, n, err) || assigns(info, n, v) || assigns(info, n, err):
			return stop
		case reads(info, n, v) && !harmless(n):
			where = n
			return hit
		}
		return goOn
	}
	if before.from(n) {
		f.reportAt(mention(info, where, v), v.Name()+" is used before anybody looked at the error of "+c.name)
		return
	}
	after := walker{f: f, err: err, failed: true, exit: func(ast.Node) step { return stop }}
	sure := false
	after.see = func(n ast.Node, fresh bool) step {
		_, returned := n.(*ast.ReturnStmt)
		switch {
		case failingBranch(info, n, err) >= 0 && fresh:
			sure = true
		case assigns(info, n, v) || endsTest(info, n):
			return stop
		case sure && reads(info, n, v) && !harmless(n) && !(returned && reads(info, n, err)):
			where = n
			return hit
		}
		return goOn
	}
	if after.from(n) {
		f.reportAt(mention(info, where, v), v.Name()+" is used although the error of "+c.name+" was not nil")
	}
}

// onlyAborts reports whether a node does nothing with a crossing but abort it,
// which a nil one takes.
func (f *function) onlyAborts(n ast.Node, v types.Object) bool {
	return isCrossing(v.Type()) && f.usesIn(n, v) == aborted
}

func comparesNil(info *types.Info, n ast.Node, v types.Object) bool {
	e, ok := n.(ast.Expr)
	return ok && failingBranch(info, e, v) >= 0
}

// mention is the first mention of a variable in a node.
func mention(info *types.Info, n ast.Node, v types.Object) ast.Node {
	found := n
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found != id && info.Uses[id] == v {
			if _, first := found.(*ast.Ident); !first {
				found = id
			}
		}
		return true
	})
	return found
}

// endsTest reports whether n calls a method of testing that does not return, which
// the control-flow graph does not know where it is called through testing.TB.
func endsTest(info *types.Info, n ast.Node) bool {
	stmt, _ := n.(*ast.ExprStmt)
	if stmt == nil {
		return false
	}
	call, _ := stmt.X.(*ast.CallExpr)
	if call == nil {
		return false
	}
	f := typeutil.Callee(info, call)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != "testing" {
		return false
	}
	switch f.Name() {
	case "Fatal", "Fatalf", "FailNow", "Skip", "Skipf", "SkipNow":
		return true
	}
	return false
}
