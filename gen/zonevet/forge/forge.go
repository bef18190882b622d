package forge

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/source"
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
	ours := pass.Pkg.Path() == labels.ModulePath || strings.HasPrefix(pass.Pkg.Path(), labels.ModulePath+"/") // there the doors are made
	if !ours && inSight(pass, info) {
		for _, f := range source.HandWritten(pass, info) {
			(&finder{pass: pass, info: info, report: report}).file(f)
		}
	}
	report.Finish()
	return nil, nil
}

// inSight reports whether the package can have to do with labelled types. A
// package that imports neither a policy nor the run time cannot.
func inSight(pass *analysis.Pass, info *labels.Info) bool {
	if len(info.Policies) > 0 {
		return true
	}
	for _, p := range pass.Pkg.Imports() {
		if p.Path() == labels.ZonePath || p.Path() == labels.JPPath || p.Path() == labels.CryptoPath {
			return true
		}
	}
	return false
}

// finder looks through one file.
type finder struct {
	pass   *analysis.Pass
	info   *labels.Info
	report *check.Reporter
	beside map[ast.Node]bool // literals that stand beside an error in a return
}

func (f *finder) file(file *ast.File) {
	f.beside = map[ast.Node]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			f.besideError(n)
		case *ast.CompositeLit:
			f.literal(n)
		case *ast.CallExpr:
			f.call(n)
		case *ast.TypeSpec:
			f.definition(n)
		case *ast.FuncDecl:
			if n.Body != nil {
				f.variables(n.Body)
			}
		case *ast.GenDecl:
			f.packageVariables(file, n)
		}
		return true
	})
}

func (f *finder) say(n ast.Node, message string) {
	f.report.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: message})
}

// forgeable names what t is if nobody may build it: a view, or a home.
func (f *finder) forgeable(t types.Type) string {
	if t == nil {
		return ""
	}
	if v := source.View(f.pass.Fset, f.info, t); v != nil {
		return "the view " + v.Name()
	}
	if isHome(t) {
		return "a zone.Home"
	}
	return ""
}

func isHome(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && labels.Is(n, labels.ZonePath, "Home")
}

// remedy is what every message ends with.
const remedy = ": let the record cross, or take it out of a parcel"

// besideError notes the empty literals of a return that also returns an error.
func (f *finder) besideError(ret *ast.ReturnStmt) {
	if len(ret.Results) < 2 {
		return
	}
	last := f.pass.TypesInfo.Types[ret.Results[len(ret.Results)-1]]
	if last.IsNil() || last.Type == nil || !types.Implements(last.Type, errorType) {
		return
	}
	for _, r := range ret.Results {
		if lit, ok := ast.Unparen(r).(*ast.CompositeLit); ok && len(lit.Elts) == 0 {
			f.beside[lit] = true
		}
	}
}

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

func (f *finder) literal(lit *ast.CompositeLit) {
	t := f.pass.TypesInfo.TypeOf(lit)
	if p, ok := t.(*types.Pointer); ok && lit.Type == nil { // &T is left out inside of a slice or map
		t = p.Elem()
	}
	if what := f.forgeable(t); what != "" && !f.beside[lit] {
		f.say(lit, what+" is built by hand"+remedy)
	}
}

func (f *finder) call(call *ast.CallExpr) {
	fun := f.pass.TypesInfo.Types[call.Fun]
	switch {
	case fun.IsType() && len(call.Args) == 1:
		f.conversion(call, fun.Type)
	case fun.IsBuiltin():
		if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && id.Name == "new" && len(call.Args) == 1 {
			if arg := f.pass.TypesInfo.Types[call.Args[0]]; arg.IsType() {
				if what := f.forgeable(arg.Type); what != "" {
					f.say(call, what+" is made by new"+remedy)
				}
			}
		}
	default:
		f.function(call)
	}
}

// conversion finds conversions into a view, and unsafe pointers to what is
// labelled or closed.
func (f *finder) conversion(call *ast.CallExpr, to types.Type) {
	from := f.pass.TypesInfo.TypeOf(call.Args[0])
	if from == nil || types.Identical(from, to) || f.pass.TypesInfo.Types[call.Args[0]].IsNil() {
		return
	}
	if isUnsafe(to) && f.guarded(elem(from)) != "" {
		f.say(call, "unsafe.Pointer leads around the type of "+f.guarded(elem(from))+": ask by zone for what is in it")
		return
	}
	if isUnsafe(from) && f.guarded(elem(to)) != "" {
		f.say(call, "unsafe.Pointer makes "+f.guarded(elem(to))+" of something else"+remedy)
		return
	}
	if what := f.forgeable(elem(to)); what != "" && f.forgeable(elem(from)) != what {
		f.say(call, what+" is made by a conversion"+remedy)
	}
}

// guarded names what an unsafe pointer must not lead to: labelled structs,
// closed values and the types of the run time.
func (f *finder) guarded(t types.Type) string {
	if t == nil {
		return ""
	}
	if s := f.info.Struct(t); s != nil {
		return s.Name()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	switch path := n.Obj().Pkg().Path(); {
	case labels.Closed(t), path == labels.ZonePath, path == labels.CryptoPath:
		return n.Obj().Pkg().Name() + "." + n.Obj().Name()
	}
	return ""
}

func isUnsafe(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.UnsafePointer
}

// elem is what a pointer points to, or the type itself.
func elem(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// definition finds types that are made of a view: they are values of its zone,
// too, and hold what nobody decided about.
func (f *finder) definition(spec *ast.TypeSpec) {
	if spec.Assign.IsValid() {
		return // an alias is the same type
	}
	if v := source.View(f.pass.Fset, f.info, f.pass.TypesInfo.TypeOf(spec.Type)); v != nil {
		f.say(spec.Type, "the type "+spec.Name.Name+" is defined as the view "+v.Name()+", so whatever converts into it lives in "+v.Zone+" without a road: hold the view in a field")
		return
	}
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range s.Fields.List {
		if len(field.Names) == 0 && isHome(f.pass.TypesInfo.TypeOf(field.Type)) {
			return // it lives somewhere by itself, and the labels of its fields are checked
		}
	}
	for _, field := range s.Fields.List {
		if v := source.View(f.pass.Fset, f.info, elem(f.pass.TypesInfo.TypeOf(field.Type))); v != nil && len(field.Names) == 0 {
			f.say(field, "the type "+spec.Name.Name+" embeds the view "+v.Name()+", so all of it lives in "+v.Zone+", also what nobody labelled: give the field a name")
		}
	}
}
