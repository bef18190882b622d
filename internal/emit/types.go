package emit

import (
	"go/types"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/plan"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// typ writes a planned type.
func (f *file) typ(e plan.Expr) *jen.Statement {
	switch e := e.(type) {
	case plan.GoType:
		return f.goType(e.Type)
	case plan.NamedType:
		s := f.qual(e.Path, e.Name)
		if len(e.Args) > 0 {
			var args []jen.Code
			for _, a := range e.Args {
				args = append(args, f.typ(a))
			}
			s.Types(args...)
		}
		return s
	case plan.RecordType:
		return f.record(e.Record)
	case plan.GroupType:
		return f.qual(e.Group.Made.From.Package.Path, e.Group.Name)
	case plan.PointerType:
		return jen.Op("*").Add(f.typ(e.Elem))
	case plan.SliceType:
		return jen.Index().Add(f.typ(e.Elem))
	case plan.ArrayType:
		return jen.Index(jen.Lit(int(e.Len))).Add(f.typ(e.Elem))
	case plan.MapType:
		return jen.Map(f.typ(e.Key)).Add(f.typ(e.Elem))
	}
	panic("emit: internal error: unknown kind of type")
}

// record writes the type of a record.
func (f *file) record(r *plan.Record) *jen.Statement {
	if r.Foreign {
		f.importName(r.Source.PkgPath, r.Source.PkgName)
		return f.qual(r.Source.PkgPath, r.Source.Name)
	}
	f.importName(r.Package.Path, r.Package.Name)
	return f.qual(r.Package.Path, r.Name)
}

func (f *file) qual(path, name string) *jen.Statement {
	return jen.Qual(path, name)
}

// zone writes the type of a zone.
func (f *file) zone(z *policy.Zone) *jen.Statement { return f.qual(f.zones, z.Go) }

// route writes the type of a route.
func (f *file) route(r *policy.Route) *jen.Statement {
	return f.qual(f.zones, goname.RouteType(f.policy, r))
}

// goType writes a type that exists.
func (f *file) goType(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return jen.Qual("unsafe", "Pointer")
		}
		return jen.Id(t.Name())
	case *types.Alias:
		if o := t.Obj(); !o.Exported() && o.Pkg() != nil && (f.pkg == nil || o.Pkg().Path() != f.pkg.Path) {
			return f.goType(types.Unalias(t)) // a name that cannot be written here
		}
		return f.object(t.Obj(), t.TypeArgs())
	case *types.Named:
		return f.object(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return jen.Op("*").Add(f.goType(t.Elem()))
	case *types.Slice:
		return jen.Index().Add(f.goType(t.Elem()))
	case *types.Array:
		return jen.Index(jen.Lit(int(t.Len()))).Add(f.goType(t.Elem()))
	case *types.Map:
		return jen.Map(f.goType(t.Key())).Add(f.goType(t.Elem()))
	case *types.Struct:
		return f.structType(t)
	case *types.Interface: // this and the next two only as arguments of generic types
		return f.interfaceType(t)
	case *types.Signature:
		return jen.Func().Add(f.signature(t))
	case *types.Chan:
		switch t.Dir() {
		case types.SendOnly:
			return jen.Chan().Op("<-").Add(f.goType(t.Elem()))
		case types.RecvOnly:
			return jen.Op("<-").Chan().Add(f.goType(t.Elem()))
		}
		return jen.Chan().Parens(f.goType(t.Elem()))
	}
	// Type parameters, unions and tuples are no types of fields.
	panic("emit: internal error: type " + t.String() + " cannot be written")
}

func (f *file) object(o *types.TypeName, args *types.TypeList) *jen.Statement {
	s := jen.Id(o.Name())
	if o.Pkg() != nil {
		f.importName(o.Pkg().Path(), o.Pkg().Name())
		s = f.qual(o.Pkg().Path(), o.Name())
	}
	if args.Len() > 0 {
		var list []jen.Code
		for a := range args.Types() {
			list = append(list, f.goType(a))
		}
		s.Types(list...)
	}
	return s
}

func (f *file) interfaceType(t *types.Interface) *jen.Statement {
	if t.Empty() {
		return jen.Id("any")
	}
	var elems []jen.Code
	for m := range t.ExplicitMethods() {
		elems = append(elems, jen.Id(m.Name()).Add(f.signature(m.Signature())))
	}
	for e := range t.EmbeddedTypes() {
		elems = append(elems, f.goType(e))
	}
	return jen.Interface(elems...)
}

// signature writes parameters and results, without names.
func (f *file) signature(t *types.Signature) *jen.Statement {
	var params, results []jen.Code
	for i := range t.Params().Len() {
		p := t.Params().At(i).Type()
		if s, ok := p.(*types.Slice); ok && t.Variadic() && i == t.Params().Len()-1 {
			params = append(params, jen.Op("...").Add(f.goType(s.Elem())))
			continue
		}
		params = append(params, f.goType(p))
	}
	for v := range t.Results().Variables() {
		results = append(results, f.goType(v.Type()))
	}
	s := jen.Params(params...)
	if len(results) > 0 {
		s.Params(results...)
	}
	return s
}

func (f *file) structType(t *types.Struct) *jen.Statement {
	var fields []jen.Code
	for i := range t.NumFields() {
		v := t.Field(i)
		s := f.goType(v.Type())
		if !v.Embedded() {
			s = jen.Id(v.Name()).Add(s)
		}
		if tag := t.Tag(i); tag != "" {
			s.Op(rawString(tag))
		}
		fields = append(fields, s)
	}
	return jen.Struct(fields...)
}
