package check

import (
	"errors"
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/internal/directive"
)

// Allowance is a finding that the source accepts: one //zone:allow.
type Allowance struct {
	Check  string // the check that is allowed
	Reason string // why, never empty
	Pos    token.Pos
	File   string // name of the file
	// From and To are the first and the last line it speaks for.
	From, To int
	// used says that it allowed something.
	used bool
}

// Trouble is a directive that cannot be read.
type Trouble struct {
	Pos token.Pos
	Msg string // what is wrong and what is wanted
}

// Allowances reads the allowances of files, in their order, and the directives
// that cannot be read.
//
// An allowance at the end of a line speaks for the statement that begins on
// it. One on a line of its own speaks for the statement, field or declaration
// that begins on the next line. In the comment of a declaration it speaks for
// the whole declaration, and above the package clause for the whole file. Of a
// statement that has a body it speaks for the lines before the body only.
func Allowances(fset *token.FileSet, files []*ast.File) (list []*Allowance, troubles []Trouble) {
	for _, f := range files {
		spans := (*spans)(nil)
		for _, g := range f.Comments {
			for _, c := range g.List {
				d, ok, err := directive.Parse(c.Text)
				if err != nil {
					troubles = append(troubles, trouble(c, err))
				}
				if !ok || d.Kind != directive.Allow {
					continue
				}
				if spans == nil {
					spans = newSpans(fset, f)
				}
				a := &Allowance{Check: d.Check, Reason: d.Reason, Pos: c.Pos(), File: fset.Position(f.Package).Filename}
				a.From, a.To = spans.of(g, c)
				list = append(list, a)
			}
		}
	}
	return list, troubles
}

func trouble(c *ast.Comment, err error) Trouble {
	if bad, ok := errors.AsType[*directive.Error](err); ok {
		return Trouble{c.Pos() + token.Pos(bad.Offset), bad.Msg}
	}
	return Trouble{c.Pos(), err.Error()}
}

// spans answers for which lines of a file a comment speaks.
type spans struct {
	fset    *token.FileSet
	file    *ast.File
	byLine  map[int][2]int               // first line of a statement to the lines it has
	comment map[*ast.CommentGroup][2]int // comments of declarations
	code    map[int]bool                 // lines on which a statement begins or ends
}

func newSpans(fset *token.FileSet, f *ast.File) *spans {
	s := &spans{fset, f, map[int][2]int{}, map[*ast.CommentGroup][2]int{}, map[int]bool{}}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			s.add(n, n.Doc, n.End())
		case *ast.GenDecl:
			s.add(n, n.Doc, n.End())
		case *ast.Field:
			s.add(n, n.Doc, n.End())
		case *ast.ValueSpec:
			s.add(n, n.Doc, n.End())
		case *ast.TypeSpec:
			s.add(n, n.Doc, n.End())
		case *ast.ImportSpec:
			s.add(n, n.Doc, n.End())
		case *ast.BlockStmt:
		case ast.Stmt:
			s.add(n, nil, head(n))
		case *ast.KeyValueExpr:
			s.add(n, nil, n.End())
		}
		return true
	})
	return s
}

// head is where the part of a statement that an allowance speaks for ends.
func head(n ast.Stmt) token.Pos {
	switch n := n.(type) {
	case *ast.IfStmt:
		return n.Body.Lbrace
	case *ast.ForStmt:
		return n.Body.Lbrace
	case *ast.RangeStmt:
		return n.Body.Lbrace
	case *ast.SwitchStmt:
		return n.Body.Lbrace
	case *ast.TypeSwitchStmt:
		return n.Body.Lbrace
	case *ast.SelectStmt:
		return n.Body.Lbrace
	case *ast.CaseClause:
		return n.Colon
	case *ast.CommClause:
		return n.Colon
	}
	return n.End()
}

func (s *spans) line(p token.Pos) int { return s.fset.Position(p).Line }

// add takes a node. Of several that begin on one line the outermost counts,
// which is the first that is met.
func (s *spans) add(n ast.Node, doc *ast.CommentGroup, end token.Pos) {
	from, to := s.line(n.Pos()), s.line(end)
	if doc != nil {
		s.comment[doc] = [2]int{from, to}
	}
	if _, ok := s.byLine[from]; !ok {
		s.byLine[from] = [2]int{from, to}
	}
	s.code[from], s.code[to] = true, true
}

// of returns the lines that a comment of a group speaks for.
func (s *spans) of(g *ast.CommentGroup, c *ast.Comment) (from, to int) {
	if lines, ok := s.comment[g]; ok {
		return lines[0], lines[1]
	}
	if c.Pos() < s.file.Package {
		return 0, 1 << 30
	}
	at := s.line(c.Pos())
	if lines, ok := s.byLine[at]; ok { // at the end of a line
		return lines[0], lines[1]
	}
	if s.code[at] {
		return at, at
	}
	next := s.line(g.End()) + 1
	if lines, ok := s.byLine[next]; ok {
		return lines[0], lines[1]
	}
	return at, next
}

// Reporter reports the findings of one check in one package.
type Reporter struct {
	pass       *analysis.Pass
	check      *Check
	allowances []*Allowance
	seen       map[string]bool
}

// NewReporter returns a reporter for a check. The allowances are all of the
// package; those of other checks are passed over.
func NewReporter(pass *analysis.Pass, c *Check, allowances []*Allowance) *Reporter {
	r := &Reporter{pass: pass, check: c, seen: map[string]bool{}}
	for _, a := range allowances {
		if a.Check == c.Name {
			r.allowances = append(r.allowances, a)
		}
	}
	return r
}

// Report reports a finding, unless it is allowed or was reported before at the
// same place in the same words. It sets the category and the page.
func (r *Reporter) Report(d analysis.Diagnostic) {
	at := r.pass.Fset.Position(d.Pos)
	key := at.String() + "\x00" + d.Message
	if r.seen[key] {
		return
	}
	r.seen[key] = true
	for _, a := range r.allowances {
		if a.File == at.Filename && a.From <= at.Line && at.Line <= a.To {
			a.used = true
			return
		}
	}
	d.Category, d.URL = r.check.ID, r.check.URL()
	r.pass.Report(d)
}

// Finish reports the allowances of the check that allowed nothing. Call it
// after the last finding, and only where the check looked at the whole package.
func (r *Reporter) Finish() {
	for _, a := range r.allowances {
		if !a.used {
			r.pass.Report(analysis.Diagnostic{
				Pos: a.Pos, Category: r.check.ID, URL: r.check.URL(),
				Message: "this allows a finding of " + a.Check + ", but there is none: remove it, " +
					"so that it does not allow the next one (its reason was: " + strings.TrimSuffix(a.Reason, ".") + ")",
			})
		}
	}
}
