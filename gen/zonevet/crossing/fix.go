package crossing

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// placeOf finds a statement in the list that it stands in.
func (f *function) placeOf(s ast.Stmt) (place, bool) {
	if f.lists == nil {
		f.lists = map[ast.Stmt]place{}
		add := func(list []ast.Stmt) {
			for i, s := range list {
				f.lists[s] = place{list, i}
			}
		}
		f.inspect(func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BlockStmt:
				add(n.List)
			case *ast.CaseClause:
				add(n.Body)
			case *ast.CommClause:
				add(n.Body)
			}
			return true
		})
	}
	p, ok := f.lists[s]
	return p, ok
}

// indent is the white space before a statement. Go source is indented by tabs.
func (f *function) indent(s ast.Stmt) string {
	return strings.Repeat("\t", f.pass.Fset.Position(s.Pos()).Column-1)
}

// deferAbort puts defer x.Abort() behind the check of the error. It is safe in
// bulk: an Abort after Commit does nothing. It is offered only where the check
// follows at once and leaves, and where nothing else ends the crossing later
// than the function does.
func (f *function) deferAbort(n ast.Node, x types.Object) []analysis.SuggestedFix {
	s, ok := n.(ast.Stmt)
	if !ok {
		return nil
	}
	p, ok := f.placeOf(s)
	if !ok || p.at+1 >= len(p.list) || f.uses(x)&handedOver != 0 {
		return nil
	}
	check, ok := p.list[p.at+1].(*ast.IfStmt)
	if !ok || check.Else != nil || check.Init != nil || len(check.Body.List) == 0 || !leaves(check.Body.List[len(check.Body.List)-1]) {
		return nil
	}
	if b, ok := check.Cond.(*ast.BinaryExpr); !ok || b.Op != token.NEQ || !f.pass.TypesInfo.Types[b.Y].IsNil() || !isError(f.pass.TypesInfo.TypeOf(b.X)) {
		return nil
	}
	if f.inLoop(s) {
		return nil // a deferred call would wait for the function, not for the turn
	}
	return []analysis.SuggestedFix{{
		Message:   "defer " + x.Name() + ".Abort()",
		TextEdits: []analysis.TextEdit{{Pos: check.End(), End: check.End(), NewText: []byte("\n" + f.indent(s) + "defer " + x.Name() + ".Abort()")}},
	}}
}

func leaves(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok != token.FALLTHROUGH
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && id.Name == "panic"
	}
	return false
}

func (f *function) inLoop(s ast.Stmt) bool {
	found := false
	f.inspect(func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			found = found || n.Pos() <= s.Pos() && s.End() <= n.End()
		}
		return true
	})
	return found
}

// returnError hands a dropped error of Commit to the caller, where the function
// returns an error and its other results have a value that can be written.
func (f *function) returnError(s ast.Stmt, c *crossingCall) []analysis.SuggestedFix {
	if !c.commit || f.sig == nil || f.sig.Results().Len() == 0 {
		return nil
	}
	if _, ok := f.placeOf(s); !ok {
		return nil
	}
	var values []string
	for i := range f.sig.Results().Len() - 1 {
		zero, ok := zeroOf(f.sig.Results().At(i).Type())
		if !ok {
			return nil
		}
		values = append(values, zero)
	}
	if !isError(f.sig.Results().At(f.sig.Results().Len() - 1).Type()) {
		return nil
	}
	in := f.indent(s)
	text := "if err := " + types.ExprString(c.call) + "; err != nil {\n" + in + "\treturn " + strings.Join(append(values, "err"), ", ") + "\n" + in + "}"
	return []analysis.SuggestedFix{{
		Message:   "return the error of Commit",
		TextEdits: []analysis.TextEdit{{Pos: s.Pos(), End: s.End(), NewText: []byte(text)}},
	}}
}

// zeroOf writes the zero value of a type, where that needs no name of another
// package.
func zeroOf(t types.Type) (string, bool) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return "false", true
		case u.Info()&types.IsNumeric != 0:
			return "0", true
		case u.Info()&types.IsString != 0:
			return `""`, true
		}
	case *types.Interface:
		_, param := types.Unalias(t).(*types.TypeParam)
		return "nil", !param
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature:
		return "nil", true
	}
	return "", false
}
