package placement

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/source"
	"github.com/sekisho-go/sekisho/internal/directive"
)

// Analyzer is the check.
var Analyzer = &analysis.Analyzer{
	Name: About.Name, Doc: About.Doc(), URL: About.URL(),
	Requires:  []*analysis.Analyzer{labels.Analyzer},
	FactTypes: []analysis.Fact{new(Placed)},
	Run:       run,
}

// Placed is the zone that a package says it is of.
type Placed struct{ Zone string }

// AFact marks a fact.
func (*Placed) AFact() {}

// String names the zone, for people who debug.
func (p *Placed) String() string { return "of zone " + p.Zone }

func run(pass *analysis.Pass) (any, error) {
	info := pass.ResultOf[labels.Analyzer].(*labels.Info)
	if info.Std {
		return nil, nil
	}
	p := &placer{pass: pass, info: info, report: check.NewReporter(pass, About, info.Allowances)}
	if p.readZone(); p.zone != "" {
		pass.ExportPackageFact(&Placed{p.zone})
		for _, f := range source.HandWritten(pass, info) {
			p.imports(f)
			p.values(f)
		}
	}
	p.report.Finish()
	return nil, nil
}

// placer checks one package.
type placer struct {
	pass   *analysis.Pass
	info   *labels.Info
	report *check.Reporter
	zone   string // of the package, "" where it says none
}

func (p *placer) say(n ast.Node, format string, args ...any) {
	p.report.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: fmt.Sprintf(format, args...)})
}

// readZone finds the directive of the package. Two that differ are reported, and
// the first counts.
func (p *placer) readZone() {
	for _, f := range p.pass.Files {
		for _, g := range f.Comments {
			for _, c := range g.List {
				d, ok, err := directive.Parse(c.Text)
				switch {
				case c.Pos() > f.Package || err != nil || !ok || d.Kind != directive.Package:
				case p.zone == "":
					p.zone = d.Zone
				case p.zone != d.Zone:
					p.say(c, "the package is of zone %s by another file: a package is of one zone", p.zone)
				}
			}
		}
	}
}

// byName is the package that gets keys by the name of a zone.
const byName = labels.CryptoPath + "/byname"

// imports checks the packages that a file imports.
func (p *placer) imports(f *ast.File) {
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if path == byName {
			p.say(spec, "package byname gets the keys of every zone, and this package is of zone %s: use crypto.KeysOf with the type of the zone", p.zone)
			continue
		}
		for _, imported := range p.pass.Pkg.Imports() {
			var placed Placed
			if imported.Path() == path && p.pass.ImportPackageFact(imported, &placed) && placed.Zone != p.zone && !p.hasOwn(imported) {
				p.say(spec, "package %s is of zone %s and has nothing for zone %s, of which this package is: move what both need into a package of no zone",
					path, placed.Zone, p.zone)
			}
		}
	}
}

// hasOwn reports whether a package declares something that lives in the zone.
func (p *placer) hasOwn(pkg *types.Package) bool {
	for _, name := range pkg.Scope().Names() {
		if obj, ok := pkg.Scope().Lookup(name).(*types.TypeName); ok && obj.Exported() {
			if s := p.info.Struct(obj.Type()); s != nil && s.Zone == p.zone {
				return true
			}
		}
	}
	return false
}

// values checks the types of all expressions. A type is reported where a file
// first has it.
func (p *placer) values(f *ast.File) {
	seen := map[string]bool{}
	say := func(n ast.Node, message string) {
		if !seen[message] {
			seen[message] = true
			p.say(n, "%s", message)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		t := p.typeOf(e)
		if t == nil {
			return true
		}
		p.walk(t, 0, func(n *types.Named) {
			if message := p.misplaced(n); message != "" {
				say(e, message)
			}
		})
		return true
	})
}

// typeOf is the type of an expression, or of what an identifier declares.
func (p *placer) typeOf(e ast.Expr) types.Type {
	if id, ok := e.(*ast.Ident); ok {
		if obj := p.pass.TypesInfo.ObjectOf(id); obj != nil && obj.Pos() != token.NoPos {
			return obj.Type()
		}
	}
	return p.pass.TypesInfo.TypeOf(e)
}

// walk visits the named types that a value is made of. What a type argument or
// a field has is seen where it is used.
func (p *placer) walk(t types.Type, depth int, visit func(*types.Named)) {
	if depth > 6 {
		return
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		visit(t)
	case *types.Tuple:
		for v := range t.Variables() {
			p.walk(v.Type(), depth+1, visit)
		}
	case *types.Map:
		p.walk(t.Key(), depth+1, visit)
		p.walk(t.Elem(), depth+1, visit)
	case interface{ Elem() types.Type }:
		p.walk(t.Elem(), depth+1, visit)
	}
}

// misplaced says why a type has no place in the package, "" if it has.
func (p *placer) misplaced(n *types.Named) string {
	if labels.Is(n, labels.CryptoPath, "Keys") && n.TypeArgs().Len() == 1 {
		if zone := p.zoneOf(n.TypeArgs().At(0)); zone != "" && zone != p.zone {
			return fmt.Sprintf("the keys are those of zone %s, and this package is of zone %s: hand it what was opened or sealed, not the keys", zone, p.zone)
		}
		return ""
	}
	s := p.info.Struct(n)
	if s == nil || s.Zone == "" || s.Zone == p.zone || p.handedOut(s) {
		return ""
	}
	if _, known := s.Policy.Zone(p.zone); !known {
		return "" // another policy's matter
	}
	return fmt.Sprintf("%s lives in zone %s, and this package is of zone %s: use its view there, or move this into a package of %s", s.Name(), s.Zone, p.zone, s.Zone)
}

// handedOut reports whether a type is a view into which records of the package's
// zone cross on a road that leaves it.
func (p *placer) handedOut(s *labels.Struct) bool {
	if source.View(p.pass.Fset, p.info, s.Type) == nil {
		return false
	}
	if obj, _, _ := types.LookupFieldOrMethod(s.Type, true, s.Type.Obj().Pkg(), "Pack"); obj == nil {
		return false // what was sealed, opened again
	}
	for _, r := range s.Policy.RoutesFrom(p.zone) {
		if r.To == s.Zone {
			return true
		}
	}
	return false
}

// zoneOf is the name of the zone that a type stands for.
func (p *placer) zoneOf(t types.Type) string {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	for _, policy := range p.info.Policies {
		if policy.Path != n.Obj().Pkg().Path() {
			continue
		}
		for i := range policy.Zones {
			if policy.Zones[i].Go == n.Obj().Name() {
				return policy.Zones[i].Name
			}
		}
	}
	return ""
}
