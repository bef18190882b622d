package labels

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/internal/directive"
	"github.com/sekisho-go/sekisho/internal/goname"
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
	c := &checker{pass: pass, info: info, report: check.NewReporter(pass, About, info.Allowances)}
	if len(info.Policies) > 0 {
		c.entries()
		for _, f := range pass.Files {
			if !info.Generated[pass.Fset.Position(f.Package).Filename] {
				c.file(f)
			}
		}
	}
	c.report.Finish()
	return nil, nil
}

// checker checks one package.
type checker struct {
	pass   *analysis.Pass
	info   *labels.Info
	report *check.Reporter
	placed map[token.Pos]bool // directives that stand where they mean something
}

// say reports what is wrong and what to do about it.
func (c *checker) say(pos token.Pos, remedy, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if remedy != "" {
		message += ": " + remedy
	}
	c.report.Report(analysis.Diagnostic{Pos: pos, Message: message})
}

func (c *checker) file(f *ast.File) {
	c.placed = map[token.Pos]bool{}
	for _, g := range f.Comments {
		for _, comment := range g.List {
			if d, ok, err := directive.Parse(comment.Text); err == nil && ok && d.Kind == directive.Package && comment.Pos() < f.Package {
				c.placed[comment.Pos()] = true
				c.zoneNamed(comment.Pos(), d.Zone)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			for _, spec := range n.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					doc := spec.Doc
					if doc == nil && !n.Lparen.IsValid() {
						doc = n.Doc
					}
					c.typeSpec(spec, doc)
				}
			}
		case *ast.FuncDecl:
			c.method(n)
		}
		return true
	})
	c.misplaced(f)
}

// zoneNamed checks the zone that a package says it is of.
func (c *checker) zoneNamed(pos token.Pos, zone string) {
	for _, p := range c.info.Policies {
		if _, ok := p.Zone(zone); ok {
			return
		}
	}
	c.say(pos, "name a zone of the policy", "no policy in sight has a zone %s", zone)
}

// misplaced reports directives that stand above nothing that they could mean: a
// label that goes unseen is worse than none.
func (c *checker) misplaced(f *ast.File) {
	for _, g := range f.Comments {
		for _, comment := range g.List {
			d, ok, err := directive.Parse(comment.Text)
			if err != nil || !ok || c.placed[comment.Pos()] {
				continue
			}
			switch d.Kind {
			case directive.Label:
				c.say(comment.Pos(), "write it in the comment of a named type that is no struct; fields of structs take tags", "//%s labels nothing here", d.Kind)
			case directive.Views:
				c.say(comment.Pos(), "write it in the comment of a labelled struct", "//%s means nothing here", d.Kind)
			case directive.Package:
				c.say(comment.Pos(), "write it above the package clause", "//%s means nothing here", d.Kind)
			}
		}
	}
}

// directives are those of a kind in the comment of a type.
func (c *checker) directives(doc *ast.CommentGroup, kind directive.Kind) (list []directive.Directive, pos token.Pos) {
	if doc == nil {
		return nil, token.NoPos
	}
	for _, comment := range doc.List {
		if d, ok, err := directive.Parse(comment.Text); err == nil && ok && d.Kind == kind {
			c.placed[comment.Pos()] = true
			list, pos = append(list, d), comment.Pos()
		}
	}
	return list, pos
}

// typeSpec checks one declaration of a type.
func (c *checker) typeSpec(spec *ast.TypeSpec, doc *ast.CommentGroup) {
	obj, ok := c.pass.TypesInfo.Defs[spec.Name].(*types.TypeName)
	if !ok || spec.Assign.IsValid() {
		return
	}
	lit, isStruct := ast.Unparen(spec.Type).(*ast.StructType)
	if isStruct {
		if s := c.structType(spec, lit); s != nil {
			c.views(s, doc)
		}
		return
	}
	given, pos := c.directives(doc, directive.Label)
	if len(given) > 0 {
		c.scalar(obj, given[0].Tag, pos)
		return
	}
	c.redefined(spec)
}

// scalar checks the label of a named scalar type.
func (c *checker) scalar(obj *types.TypeName, tag classify.Tag, pos token.Pos) {
	switch obj.Type().Underlying().(type) {
	case *types.Struct, *types.Map, *types.Interface, *types.Chan, *types.Signature, *types.Pointer:
		if _, text, _ := types.LookupFieldOrMethod(types.NewPointer(obj.Type()), false, obj.Pkg(), "MarshalText"); text == nil {
			c.say(pos, "label the fields that are of the type", "%s is no scalar: //%s is for named strings, numbers, bytes and types with a text form", obj.Name(), directive.Label)
			return
		}
	}
	if tag.ID || tag.Token {
		c.say(pos, "write the option on the field", "id and token are for fields: not every %s is one", obj.Name())
	}
	var first error
	for _, p := range c.info.Policies {
		_, err := p.Resolve(tag)
		if err == nil {
			return
		}
		if first == nil {
			first = err
		}
	}
	c.problem(pos, first)
}

// problem reports what the policy says of a tag.
func (c *checker) problem(pos token.Pos, err error) {
	if p, ok := errors.AsType[*policy.Problem](err); ok {
		c.say(pos, p.Remedy, "%s", p.Msg)
		return
	}
	c.say(pos, "", "%v", err)
}

// redefined reports a type that is defined as a labelled one and loses the
// label. One that embeds a Home keeps it.
func (c *checker) redefined(spec *ast.TypeSpec) {
	from := c.pass.TypesInfo.TypeOf(spec.Type)
	if _, ok := types.Unalias(from).(*types.Named); !ok {
		return
	}
	if l := c.info.Scalar(from); l != nil {
		c.say(spec.Type.Pos(), "write //classify:label above it, or make it an alias", "the type %s is defined as %s and does not have its label (%s)", spec.Name.Name, l.Of, l)
	}
	if s := c.info.Struct(from); s != nil && s.Foreign {
		c.say(spec.Type.Pos(), "make it an alias, or list it under types: as well", "the type %s is defined as %s, which the policy labels, and is not labelled itself", spec.Name.Name, s.Name())
	}
}

// views checks the zones and roads that a type wants views for.
func (c *checker) views(s *labels.Struct, doc *ast.CommentGroup) {
	list, pos := c.directives(doc, directive.Views)
	for _, d := range list {
		for _, name := range d.Views {
			_, zone := s.Policy.Zone(name)
			road := slices.ContainsFunc(s.Policy.Routes, func(r policy.Route) bool { return r.Name == name })
			if !zone && !road {
				c.say(pos, "name zones and named routes", "the policy %s has neither a zone nor a named route %s", s.Policy.Name, name)
			}
		}
	}
}

// fixed are the methods that every labelled type is given.
var fixed = []string{"Format", "String", "GoString", "LogValue", "MarshalJSON", "MarshalText", "MarshalBinary", "MarshalXML", "GobEncode"}

// method reports a hand-written method of a labelled type that has the name of a
// generated one.
func (c *checker) method(d *ast.FuncDecl) {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return
	}
	s := c.info.Struct(c.pass.TypesInfo.TypeOf(d.Recv.List[0].Type))
	if s == nil || s.Foreign || s.Policy == nil {
		return
	}
	switch name := d.Name.Name; {
	case slices.Contains(fixed, name):
		c.say(d.Name.Pos(), "remove it: labelled types are closed, and open by endpoints of their zone", "the method %s of %s would clash with the generated one", name, s.Name())
	case slices.Contains(ways(s), name):
		c.say(d.Name.Pos(), "rename it", "the method %s of %s would clash with the generated one, which leads to another zone", name, s.Name())
	}
}

// ways are the names of the methods that lead from the home of a type.
func ways(s *labels.Struct) []string {
	var names []string
	for i := range s.Policy.Zones {
		if z := &s.Policy.Zones[i]; z.Name != s.Zone {
			names = append(names, "To"+z.Go)
		}
	}
	for _, r := range s.Policy.RoutesFrom(s.Zone) {
		names = append(names, "To"+goname.Suffix(s.Policy.Policy, r))
	}
	return names
}

// entries reports what the policy labels (types:) and does not exist, where the
// package is this one or imported by it.
func (c *checker) entries() {
	at := map[string]token.Pos{c.pass.Pkg.Path(): token.NoPos}
	if len(c.pass.Files) > 0 {
		at[c.pass.Pkg.Path()] = c.pass.Files[0].Name.Pos()
	}
	for _, f := range c.pass.Files {
		for _, spec := range f.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil && at[path] == token.NoPos {
				at[path] = spec.Pos()
			}
		}
	}
	packages := map[string]*types.Package{c.pass.Pkg.Path(): c.pass.Pkg}
	for _, p := range c.pass.Pkg.Imports() {
		packages[p.Path()] = p
	}
	for _, p := range c.info.Policies {
		for _, t := range p.LabelledTypes() {
			dot := strings.LastIndexByte(t.Name, '.')
			if dot < 0 {
				continue
			}
			pkg, pos := packages[t.Name[:dot]], at[t.Name[:dot]]
			if pkg != nil && pkg.Complete() && pos.IsValid() {
				c.entry(p, pkg, t, t.Name[dot+1:], pos)
			}
		}
	}
}

func (c *checker) entry(p *labels.Policy, pkg *types.Package, t policy.Type, name string, pos token.Pos) {
	obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		c.say(pos, "correct the entry under types:, or remove it", "the policy %s labels %s, and package %s has no such type", p.Name, t.Name, pkg.Path())
		return
	}
	s, ok := obj.Type().Underlying().(*types.Struct)
	if !ok {
		c.say(pos, "only fields of structs can be labelled in the policy", "the policy %s labels %s, which is no struct", p.Name, t.Name)
		return
	}
	for _, f := range t.Fields {
		found := false
		for v := range s.Fields() {
			found = found || v.Name() == f.Name
		}
		if !found {
			c.say(pos, "correct the entry under types:, or remove it", "the policy %s labels the field %s of %s, which has none of that name", p.Name, f.Name, t.Name)
		}
	}
}
