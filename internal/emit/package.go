package emit

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/plan"
)

// Package writes the generated file of one package. It returns nil when there
// is nothing to write.
func Package(p *plan.Plan, pkg *plan.Package) ([]byte, error) {
	if len(pkg.Records) == 0 {
		return nil, nil
	}
	f := newFile(pkg.Path, pkg.Name, p.ZonesPath, p.Policy, pkg)
	f.importName(p.ZonesPath, p.ZonesName)
	for _, r := range pkg.Records {
		if r.Made != nil {
			f.view(r)
		}
		if !r.Foreign {
			f.closed(r.Name, r.Home.Name, f.class(r.Fields))
		}
		switch {
		case r.Made != nil:
			f.packing(r)
			for _, rs := range r.Reseals() {
				f.reseal(rs)
			}
		case r.EmbedsView():
			f.noPacking(r)
		}
		f.lookups(r)
		for _, c := range r.Crossings {
			f.crossing(c)
		}
		for _, ret := range r.Returns {
			f.returns(ret)
			f.returning(ret)
		}
		for _, ref := range r.Refusals {
			f.refusal(ref)
		}
	}
	for _, code := range f.helperCode {
		f.Add(code)
	}
	return f.render("")
}

// view declares the type of a view and of the group that is sealed in it.
func (f *file) view(r *plan.Record) {
	c := r.Made
	doc := fmt.Sprintf("%s is %s as it may be in %s", r.Name, c.From.Name, r.Home.Name)
	if c.Route.Clause != "" {
		doc += ", by clause " + c.Route.Clause
	}
	doc += "."
	if why := r.Unpackable(); why != "" {
		doc += " No parcel carries it: " + why + "."
	}
	if left := r.LeftSealed(); len(left) > 0 {
		doc += " What is sealed in " + strings.Join(left, ", ") + " is sealed anew record by record: the ids it is bound to are not here."
	}
	f.decl(doc, jen.Type().Id(r.Name).Struct(f.fields(r.Home.Go, r.Fields)...))
	if g := c.Group; g != nil {
		f.decl(fmt.Sprintf("%s is what travels sealed in %s. It opens in %s alone.", g.Name, r.Name, g.Home.Name),
			jen.Type().Id(g.Name).Struct(f.fields(g.Home.Go, g.Fields)...))
		f.closed(g.Name, g.Home.Name, f.class(g.Fields))
	}
}

// fields writes the fields of a generated struct.
func (f *file) fields(home string, fields []*plan.Field) []jen.Code {
	out := []jen.Code{jen.Qual(zonePath, "Home").Types(f.qual(f.zones, home))}
	for _, fd := range fields {
		s := f.typ(fd.Shape.Type)
		if !fd.Embedded {
			s = jen.Id(fd.Name).Add(s)
		}
		if fd.Labelled {
			s.Op("`classify:" + quote(fd.Tag.String()) + "`")
		}
		out = append(out, s)
	}
	return out
}

// refusal writes a method that cannot be called. The compiler names its
// parameter, and so the clause, to whoever tries.
func (f *file) refusal(r *plan.Refusal) {
	doc := r.Method + " does not exist"
	if r.Clause != "" {
		doc += ". Clause " + r.Clause
	}
	doc += ": " + r.Why + "."
	f.decl(doc, jen.Func().Params(jen.Op("*").Id(r.Record.Name)).Id(r.Method).Params(f.qual(f.zones, r.Type)).Block())
}
