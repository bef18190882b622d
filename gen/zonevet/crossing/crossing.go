package crossing

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/cfg"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
)

// Analyzer is the check.
var Analyzer = &analysis.Analyzer{
	Name: About.Name, Doc: About.Doc(), URL: About.URL(),
	Requires: []*analysis.Analyzer{labels.Analyzer, ctrlflow.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	info := pass.ResultOf[labels.Analyzer].(*labels.Info)
	if info.Std {
		return nil, nil
	}
	report := check.NewReporter(pass, About, info.Allowances)
	if len(info.Policies) > 0 || imports(pass.Pkg, labels.ZonePath) {
		cfgs := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
		for _, f := range pass.Files {
			name := pass.Fset.Position(f.Package).Filename
			if strings.HasSuffix(name, "_test.go") || info.Generated[name] {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					if n.Body != nil {
						sig, _ := pass.TypesInfo.Defs[n.Name].Type().(*types.Signature)
						newFunction(pass, report, sig, n.Body, cfgs.FuncDecl(n)).check()
					}
				case *ast.FuncLit:
					sig, _ := pass.TypesInfo.TypeOf(n).(*types.Signature)
					newFunction(pass, report, sig, n.Body, cfgs.FuncLit(n)).check()
				}
				return true
			})
		}
	}
	report.Finish()
	return nil, nil
}

func imports(pkg *types.Package, path string) bool {
	return slices.ContainsFunc(pkg.Imports(), func(p *types.Package) bool { return p.Path() == path })
}

// function is the check of one function body.
type function struct {
	pass   *analysis.Pass
	report *check.Reporter
	sig    *types.Signature
	body   *ast.BlockStmt
	graph  *cfg.CFG
	lists  map[ast.Stmt]place // of statements in blocks
}

// place is where a statement stands.
type place struct {
	list []ast.Stmt
	at   int
}

func newFunction(pass *analysis.Pass, report *check.Reporter, sig *types.Signature, body *ast.BlockStmt, graph *cfg.CFG) *function {
	return &function{pass: pass, report: report, sig: sig, body: body, graph: graph}
}

// inspect visits what the function itself does, closures left out.
func (f *function) inspect(visit func(ast.Node) bool) {
	ast.Inspect(f.body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		return n == nil || visit(n)
	})
}

// check checks the calls of the function. A function that has nothing to do with
// crossings costs one walk.
func (f *function) check() {
	begins := false
	f.inspect(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ExprStmt:
			f.statement(n, n.X, "")
		case *ast.DeferStmt:
			f.statement(n, n.Call, "deferred, so ")
		case *ast.GoStmt:
			f.statement(n, n.Call, "in a goroutine, so ")
		case *ast.AssignStmt:
			if len(n.Rhs) == 1 {
				begins = f.assigned(n, n.Lhs, n.Rhs[0]) || begins
			}
		case *ast.ValueSpec:
			if len(n.Values) == 1 {
				var lhs []ast.Expr
				for _, name := range n.Names {
					lhs = append(lhs, name)
				}
				begins = f.assigned(n, lhs, n.Values[0]) || begins
			}
		}
		return true
	})
	f.evidence(begins)
}

// crossingCall is a call that has to do with a crossing.
type crossingCall struct {
	call   *ast.CallExpr
	name   string // of what is called, for people
	begins int    // index of the result that is a crossing, or -1
	err    int    // index of the result that is an error, or -1
	of     ast.Expr
	commit bool
}

// crossingCall says what a call has to do with a crossing, nil if nothing.
func (f *function) crossingCall(e ast.Expr) *crossingCall {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	tv := f.pass.TypesInfo.Types[call.Fun]
	sig, ok := tv.Type.(*types.Signature)
	if !ok || tv.IsType() {
		return nil
	}
	c := &crossingCall{call: call, name: types.ExprString(call.Fun), begins: -1, err: -1}
	callee := typeutil.StaticCallee(f.pass.TypesInfo, call)
	own := callee != nil && callee.Pkg() != nil && callee.Pkg().Path() == labels.ZonePath
	for i := range sig.Results().Len() {
		switch t := sig.Results().At(i).Type(); {
		case isCrossing(t) && (!own || callee.Name() == "Cross"):
			c.begins = i
		case isError(t) && i == sig.Results().Len()-1:
			c.err = i
		}
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && own && callee.Name() == "Commit" && isCrossing(f.pass.TypesInfo.TypeOf(sel.X)) {
		c.commit, c.of = true, sel.X
	}
	for _, arg := range call.Args {
		if isCrossing(f.pass.TypesInfo.TypeOf(arg)) {
			c.of = arg
		}
	}
	if c.begins < 0 && (c.err < 0 || c.of == nil) {
		return nil
	}
	if c.begins >= 0 {
		c.name = strings.Split(c.name, "[")[0]
	}
	return c
}

// isCrossing reports whether t is *zone.Crossing of any route.
func isCrossing(t types.Type) bool {
	if t == nil {
		return false
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && labels.Is(n, labels.ZonePath, "Crossing")
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// statement checks a call whose results nobody takes.
func (f *function) statement(n ast.Stmt, e ast.Expr, how string) {
	c := f.crossingCall(e)
	if c == nil {
		return
	}
	if c.begins >= 0 {
		f.reportAt(c.call, "the crossing that "+c.name+" begins is "+how+"thrown away: nobody can commit or abort it")
		return
	}
	d := analysis.Diagnostic{Pos: c.call.Pos(), End: c.call.End(), Message: "the call is " + how + "without anybody to look at its error: " + c.why()}
	if how == "" {
		d.Message = "the error of " + c.name + " is dropped: " + c.why()
		d.SuggestedFixes = f.returnError(n, c)
	}
	f.report.Report(d)
}

// why says what a dropped error costs.
func (c *crossingCall) why() string {
	if c.commit {
		return "when it is not nil the audit log has no end of the crossing, and nothing of it may be handed over"
	}
	return "when it is not nil nothing crossed"
}

func (f *function) reportAt(n ast.Node, message string) {
	f.report.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: message})
}

// assigned checks a call whose results go into variables. It returns whether a
// crossing begins.
func (f *function) assigned(n ast.Node, lhs []ast.Expr, rhs ast.Expr) bool {
	c := f.crossingCall(rhs)
	if c == nil || len(lhs) != max(1, f.results(c)) {
		return c != nil && c.begins >= 0
	}
	var errVar types.Object
	if c.err >= 0 {
		if blank(lhs[c.err]) {
			d := analysis.Diagnostic{Pos: c.call.Pos(), End: c.call.End(), Message: "the error of " + c.name + " is dropped: " + c.why()}
			if s, ok := n.(ast.Stmt); ok && c.commit {
				d.SuggestedFixes = f.returnError(s, c)
			}
			f.report.Report(d)
		} else if errVar = f.variable(lhs[c.err]); errVar != nil && !f.read(n, errVar) {
			f.reportAt(c.call, "nobody looks at the error of "+c.name+" in "+errVar.Name()+": "+c.why())
			errVar = nil
		}
	}
	for i, e := range lhs {
		v := f.variable(e)
		switch {
		case i == c.begins && blank(e):
			f.reportAt(c.call, "the crossing that "+c.name+" begins is thrown away: nobody can commit or abort it")
		case i == c.begins && v != nil:
			f.ended(n, c, v, errVar)
		}
		if v != nil && i != c.err && errVar != nil {
			f.usedDespite(n, c, v, errVar)
		}
	}
	return c.begins >= 0
}

func (f *function) results(c *crossingCall) int {
	if t, ok := f.pass.TypesInfo.TypeOf(c.call).(*types.Tuple); ok {
		return t.Len()
	}
	return 1
}

func blank(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "_"
}

// variable is the local variable that an expression on the left stands for, nil
// for the blank identifier, a field and a package variable.
func (f *function) variable(e ast.Expr) types.Object {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := f.pass.TypesInfo.ObjectOf(id).(*types.Var)
	if !ok || v.Parent() == f.pass.Pkg.Scope() {
		return nil
	}
	return v
}
