package crossing

import (
	"go/ast"
	"go/constant"
	"go/types"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
)

// evidence checks the evidence that the function writes down. That a service
// gives its own name is how it should be; a person is somebody who signed in,
// and whether by more than one factor is not for the code that crosses to say.
func (f *function) evidence(begins bool) {
	f.inspect(func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		named, ok := types.Unalias(f.pass.TypesInfo.TypeOf(lit)).(*types.Named)
		if !ok {
			return true
		}
		switch {
		case labels.Is(named, labels.ZonePath, "Principal"):
			if id := f.constant(field(lit, "ID", 0)); id != nil && constant.StringVal(id) != "" && f.isPerson(field(lit, "Kind", 2)) {
				f.reportAt(lit, "a person is made up on the spot: take the principal from where it was authenticated")
			}
		case labels.Is(named, labels.ZonePath, "Evidence"):
			if mfa := f.constant(field(lit, "MFA", 1)); begins && mfa != nil && constant.BoolVal(mfa) {
				f.reportAt(lit, "the function that crosses says itself that more than one factor was verified: let the code that verified them put the evidence into the context")
			}
		}
		return true
	})
}

// field is the value of a field in a literal, by name or by place.
func field(lit *ast.CompositeLit, name string, at int) ast.Expr {
	for i, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok && i == at {
			return e
		}
		if id, isID := keyOf(kv); isID && id.Name == name {
			return kv.Value
		}
	}
	return nil
}

func keyOf(kv *ast.KeyValueExpr) (*ast.Ident, bool) {
	if kv == nil {
		return nil, false
	}
	id, ok := kv.Key.(*ast.Ident)
	return id, ok
}

func (f *function) constant(e ast.Expr) constant.Value {
	if e == nil {
		return nil
	}
	return f.pass.TypesInfo.Types[e].Value
}

func (f *function) isPerson(e ast.Expr) bool {
	var id *ast.Ident
	switch e := e.(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	}
	if id == nil {
		return false
	}
	c, ok := f.pass.TypesInfo.Uses[id].(*types.Const)
	return ok && c.Name() == "Person" && c.Pkg() != nil && c.Pkg().Path() == labels.ZonePath
}
