package literal

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/source"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Analyzer is the check.
var Analyzer = &analysis.Analyzer{
	Name: About.Name, Doc: About.Doc(), URL: About.URL(),
	Requires: []*analysis.Analyzer{labels.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	info := pass.ResultOf[labels.Analyzer].(*labels.Info)
	if info.Std {
		return nil, nil
	}
	report := check.NewReporter(pass, About, info.Allowances)
	var policies []*policy.Policy
	tests := false
	for _, p := range info.Policies {
		policies = append(policies, p.Policy)
		tests = tests || p.VetInForce().Tests.Literal.On
	}
	if numbers := NewNumbers(policies); numbers.Any() {
		for _, f := range pass.Files {
			if info.Generated[pass.Fset.Position(f.Package).Filename] || source.IsTest(pass.Fset, f) && !tests {
				continue
			}
			(&reader{pass: pass, report: report, numbers: numbers}).file(f)
		}
	}
	report.Finish()
	return nil, nil
}

// reader reads one file.
type reader struct {
	pass     *analysis.Pass
	report   *check.Reporter
	numbers  *Numbers
	comments map[int]string // text by the line that it is about: its own and the next
	stack    []ast.Node
}

func (r *reader) line(p token.Pos) int { return r.pass.Fset.Position(p).Line }

func (r *reader) file(f *ast.File) {
	r.comments = map[int]string{}
	for _, g := range f.Comments {
		text := g.Text()
		for line := r.line(g.Pos()); line <= r.line(g.End())+1; line++ {
			r.comments[line] += text
		}
		r.say(g.Pos(), text, "")
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			r.stack = r.stack[:len(r.stack)-1]
			return true
		}
		r.stack = append(r.stack, n)
		switch n := n.(type) {
		case *ast.BinaryExpr, *ast.BasicLit:
			e := n.(ast.Expr)
			if v := r.pass.TypesInfo.Types[e].Value; v != nil {
				switch {
				case v.Kind() == constant.String:
					r.say(e.Pos(), constant.StringVal(v), r.context(e))
				case v.Kind() == constant.Int && isLiteral(e):
					r.say(e.Pos(), v.ExactString(), r.context(e))
				}
				if _, ok := e.(*ast.BinaryExpr); ok && v.Kind() == constant.String {
					r.stack = r.stack[:len(r.stack)-1]
					return false
				}
			}
		case *ast.ImportSpec:
			r.stack = r.stack[:len(r.stack)-1]
			return false
		}
		return true
	})
}

func isLiteral(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.INT
}

// context is what stands near an expression: comments, and the names of what it
// is given to.
func (r *reader) context(e ast.Expr) string {
	words := []string{r.comments[r.line(e.Pos())]}
	child := ast.Node(e)
	for _, n := range slices.Backward(r.stack[:len(r.stack)-1]) {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			words = append(words, name(n.Key))
		case *ast.CallExpr:
			if child != n.Fun {
				words = append(words, name(n.Fun))
			}
		case *ast.BinaryExpr:
			words = append(words, name(n.X), name(n.Y))
		case *ast.ValueSpec:
			for _, id := range n.Names {
				words = append(words, id.Name)
			}
			return strings.Join(words, "\n")
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if len(n.Lhs) != len(n.Rhs) || i < len(n.Rhs) && n.Rhs[i] == child {
					words = append(words, name(lhs))
				}
			}
			return strings.Join(words, "\n")
		case ast.Stmt:
			return strings.Join(words, "\n")
		}
		child = n
	}
	return strings.Join(words, "\n")
}

// name is what an expression is called, its text where it is a string.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return name(e.X) + "\n" + name(e.Index)
	case *ast.BasicLit:
		return e.Value
	case *ast.CallExpr:
		return name(e.Fun)
	}
	return ""
}

func (r *reader) say(pos token.Pos, text, context string) {
	for _, found := range r.numbers.Find(text, context) {
		r.report.Report(analysis.Diagnostic{Pos: pos, Message: fmt.Sprintf(
			"what looks like a real %s (class %s) stands in the source: make one up and say so, or use a known example", found.Category, found.Class)})
	}
}
