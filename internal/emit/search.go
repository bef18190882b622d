package emit

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/plan"
)

// indexName is the variable of a field that can be searched.
func (f *file) indexName(r *plan.Record, fd *plan.Field) string {
	return f.free("index "+r.QualifiedName()+"."+fd.Name, goname.LowerFirst(r.Name)+goname.Camel(fd.Name)+"Indexed")[0]
}

// lookups declares the fields of a record that can be searched and writes the
// functions by which its home searches for them.
func (f *file) lookups(r *plan.Record) {
	for _, fd := range r.Indexed() {
		indexed := f.indexName(r, fd)
		args := []jen.Code{jen.Lit(f.policy.Name), jen.Lit(r.QualifiedName()), jen.Lit(fd.Name), jen.Lit(f.policy.Scale().Name(fd.Label.Class))}
		for _, c := range fd.Label.Categories {
			args = append(args, jen.Lit(c))
		}
		f.decl(indexed+" keeps the indexes of this field apart from all others, and is what the policy in force is asked about.",
			jen.Var().Id(indexed).Op("=").Qual(zonePath, "NewIndexed").Call(args...))

		name := f.free("lookup "+r.QualifiedName()+"."+fd.Name, r.Name+goname.Camel(fd.Name)+"Lookup")[0]
		typ := jen.Qual(cryptoPath, "Index").Types(f.zone(r.Home), f.typ(fd.Shape.Type))
		c := codec{f, r.Home, jen.Op("&").Id("w").Dot("Writer"), nil, ret}
		code := append(pad(), c.write(fd.Shape, jen.Id("value"), 0)...)
		code = append(code, jen.Return(jen.Qual(zonePath, "Lookup").Types(f.typ(fd.Shape.Type)).Call(jen.Id("k"), jen.Id(indexed), jen.Id("w"))))
		f.decl(fmt.Sprintf("%s returns what to search the index of %s for to find value: WHERE index IN (…). There is more than one while index keys are being rotated.", name, fd.Name),
			jen.Func().Id(name).Params(jen.Id("k").Op("*").Qual(cryptoPath, "Keys").Types(f.zone(r.Home)), jen.Id("value").Add(f.typ(fd.Shape.Type))).
				Params(jen.Index().Add(typ), jen.Error()).Block(code...))
	}
}
