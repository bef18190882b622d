package emit

import (
	"go/types"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/internal/plan"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// packing writes the methods by which a parcel carries a view.
func (f *file) packing(r *plan.Record) {
	if r.Unpackable() != "" {
		return // the comment of the view says so
	}
	schema := f.free("schema "+r.Name, goname.LowerFirst(r.Name)+"Packing")[0]
	f.decl(schema+" describes "+r.Name+" as parcels carry it.",
		jen.Var().Id(schema).Op("=").Qual(zonePath, "NewSchema").Call(f.schema(r)))
	f.decl("Packing describes what Pack writes.",
		jen.Func().Params(jen.Op("*").Id(r.Name)).Id("Packing").Params().Op("*").Qual(zonePath, "Schema").Op("{").Return(jen.Id(schema)).Op("}"))

	c := packCode{f, r.Home}
	packs, unpacks := entered(r.Recursive(), "p", jen.Return(jen.Err())), entered(r.Recursive(), "u", jen.Return(jen.Err()))
	unpacks = append([]jen.Code{jen.Op("*").Id("v").Op("=").Id(r.Name).Values()}, unpacks...)
	for _, fd := range r.Fields {
		at := jen.Id("v").Dot(fd.GoName())
		packs = append(packs, c.pack(fd.Shape, at, 0)...)
		unpacks = append(unpacks, c.unpack(fd.Shape, at, 0)...)
	}
	f.decl("Pack hands v to a parcel. Only a parcel has the Packer for it.",
		jen.Func().Params(jen.Id("v").Op("*").Id(r.Name)).Id("Pack").Params(jen.Id("p").Op("*").Qual(zonePath, "Packer")).Error().
			Block(append(packs, jen.Return(jen.Id("p").Dot("Err").Call()))...))
	f.decl("Unpack takes v out of a parcel. After an error v is half filled.",
		jen.Func().Params(jen.Id("v").Op("*").Id(r.Name)).Id("Unpack").Params(jen.Id("u").Op("*").Qual(zonePath, "Unpacker")).Error().
			Block(append(unpacks, jen.Return(jen.Id("u").Dot("Err").Call()))...))
}

// noPacking hides the methods that a view lends to a record which embeds it.
func (f *file) noPacking(r *plan.Record) {
	f.decl("Packing hides the one of the view that "+r.Name+" embeds: a parcel would carry that and leave the rest behind.",
		jen.Func().Params(jen.Op("*").Id(r.Name)).Id("Packing").Params().Block())
}

// entered counts how deep values lie in others of their type.
func entered(recursive bool, coder string, fail jen.Code) []jen.Code {
	if !recursive {
		return nil
	}
	return []jen.Code{
		jen.If(jen.Err().Op(":=").Id(coder).Dot("Enter").Call(), jen.Err().Op("!=").Nil()).Block(fail),
		jen.Defer().Id(coder).Dot("Leave").Call(),
	}
}

// packCode writes the code that hands fields to a Packer and takes them from an
// Unpacker. Both remember their first error.
type packCode struct {
	*file
	home *policy.Zone // the zone in which closed values are revealed
}

// pack returns the statements that hand src to p.
func (c packCode) pack(s *plan.Shape, src *jen.Statement, depth int) []jen.Code {
	p := jen.Id("p")
	switch s.Kind {
	case model.Basic:
		method, wide, _ := packKind(s.Go)
		return []jen.Code{p.Dot(method).Call(c.convert(jen.Id(wide), s.Go, wide, src))}
	case model.Bytes:
		return []jen.Code{p.Dot("Blob").Call(src)}
	case model.Time:
		return []jen.Code{p.Dot("Time").Call(src)}
	case model.Value:
		return []jen.Code{p.Dot("String").Call(src.Clone().Dot("Reveal").Call(c.zone(c.home).Values()))}
	case model.Text, model.Binary, model.Token, model.Sealed, model.Index, model.Struct:
		return []jen.Code{c.packAt(s, jen.Op("&").Add(src))}
	case model.Pointer:
		present := jen.If(p.Dot("Present").Call(src.Clone().Op("!=").Nil()))
		if byPointer(s.Elem) {
			return []jen.Code{present.Block(c.packAt(s.Elem, src))}
		}
		return []jen.Code{present.Block(c.pack(s.Elem, pointee(s.Elem, src), depth)...)}
	case model.Slice, model.Array:
		i := numbered("i", depth)
		loop := jen.For(jen.Id(i).Op(":=").Range().Add(src.Clone())).Block(c.pack(s.Elem, src.Clone().Index(jen.Id(i)), depth+1)...)
		if s.Kind == model.Array {
			return []jen.Code{loop}
		}
		return []jen.Code{p.Dot("Count").Call(jen.Len(src.Clone())), loop}
	case model.Map:
		k, e := numbered("k", depth), numbered("e", depth)
		body := append(c.pack(s.Key, jen.Id(k), depth+1), c.pack(s.Elem, jen.Id(e), depth+1)...)
		return []jen.Code{
			p.Dot("Count").Call(jen.Len(src.Clone())),
			jen.For(jen.List(jen.Id(k), jen.Id(e)).Op(":=").Range().Add(src.Clone())).Block(body...),
		}
	case model.Labelled:
		return []jen.Code{jen.If(jen.Err().Op(":=").Add(src.Clone()).Dot("Pack").Call(jen.Id("p")), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))}
	}
	panic("emit: internal error: " + plan.TypeString(s.Type) + " cannot be packed")
}

// byPointer reports whether values of shape s are packed and unpacked by a
// pointer to them: what goes into an interface by value takes memory each time.
func byPointer(s *plan.Shape) bool {
	switch s.Kind {
	case model.Text, model.Binary, model.Token, model.Sealed, model.Index, model.Struct:
		return true
	}
	return false
}

// packAt hands what at points to over to p.
func (c packCode) packAt(s *plan.Shape, at jen.Code) jen.Code {
	switch s.Kind {
	case model.Struct:
		pack, _ := c.helper(s)
		return jen.Id(pack).Call(jen.Id("p"), at)
	case model.Text:
		return jen.Id("p").Dot("Text").Call(at)
	}
	return jen.Id("p").Dot("Binary").Call(at)
}

// unpackAt takes what at points to from u.
func (c packCode) unpackAt(s *plan.Shape, at jen.Code) jen.Code {
	switch s.Kind {
	case model.Struct:
		_, unpack := c.helper(s)
		return jen.Id(unpack).Call(jen.Id("u"), at)
	case model.Text:
		return jen.Id("u").Dot("Text").Call(at)
	}
	return jen.Id("u").Dot("Binary").Call(at)
}

// unpack returns the statements that take dst from u.
func (c packCode) unpack(s *plan.Shape, dst *jen.Statement, depth int) []jen.Code {
	u := jen.Id("u")
	set := func(value jen.Code) []jen.Code { return []jen.Code{dst.Clone().Op("=").Add(value)} }
	switch s.Kind {
	case model.Basic:
		return set(c.basic(s))
	case model.Bytes:
		return set(c.convert(c.typ(s.Type), s.Go, "[]byte", u.Dot("Blob").Call()))
	case model.Time:
		return set(u.Dot("Time").Call())
	case model.Value:
		return []jen.Code{jen.If(jen.Err().Op(":=").Add(dst.Clone()).Dot("Restore").Call(c.zone(c.home).Values(), jen.Id("u").Dot("String").Call()),
			jen.Err().Op("!=").Nil()).Block(jen.Id("u").Dot("Fail").Call(jen.Lit("Restore"), jen.Err()))}
	case model.Text, model.Binary, model.Token, model.Sealed, model.Index, model.Struct:
		return []jen.Code{c.unpackAt(s, jen.Op("&").Add(dst))}
	case model.Pointer:
		body := []jen.Code{dst.Clone().Op("=").New(c.typ(s.Elem.Type))}
		if byPointer(s.Elem) {
			body = append(body, c.unpackAt(s.Elem, dst))
		} else {
			body = append(body, c.unpack(s.Elem, pointee(s.Elem, dst), depth)...)
		}
		return []jen.Code{jen.If(u.Dot("Present").Call()).Block(body...)}
	case model.Slice:
		i, n := numbered("i", depth), numbered("n", depth)
		return []jen.Code{jen.If(jen.Id(n).Op(":=").Add(u).Dot("Count").Call(jen.Lit(least(s.Elem))), jen.Id(n).Op(">").Lit(0)).Block(
			dst.Clone().Op("=").Make(c.typ(s.Type), jen.Id(n)),
			jen.For(jen.Id(i).Op(":=").Range().Add(dst.Clone())).Block(c.unpack(s.Elem, dst.Clone().Index(jen.Id(i)), depth+1)...))}
	case model.Array:
		i := numbered("i", depth)
		return []jen.Code{jen.For(jen.Id(i).Op(":=").Range().Add(dst.Clone())).Block(c.unpack(s.Elem, dst.Clone().Index(jen.Id(i)), depth+1)...)}
	case model.Map:
		return c.unpackMap(s, dst, depth)
	case model.Labelled:
		return []jen.Code{jen.If(jen.Err().Op(":=").Add(dst.Clone()).Dot("Unpack").Call(jen.Id("u")), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))}
	}
	panic("emit: internal error: " + plan.TypeString(s.Type) + " cannot be unpacked")
}

func (c packCode) unpackMap(s *plan.Shape, dst *jen.Statement, depth int) []jen.Code {
	k, e, n := numbered("k", depth), numbered("e", depth), numbered("n", depth)
	body := []jen.Code{jen.Var().Id(k).Add(c.typ(s.Key.Type)), jen.Var().Id(e).Add(c.typ(s.Elem.Type))}
	body = append(body, c.unpack(s.Key, jen.Id(k), depth+1)...)
	body = append(body, c.unpack(s.Elem, jen.Id(e), depth+1)...)
	body = append(body, dst.Clone().Index(jen.Id(k)).Op("=").Id(e))
	return []jen.Code{jen.If(jen.Id(n).Op(":=").Id("u").Dot("Count").Call(jen.Lit(min(least(s.Key)+least(s.Elem), mostLeast))), jen.Id(n).Op(">").Lit(0)).Block(
		dst.Clone().Op("=").Make(c.typ(s.Type), jen.Id(n)),
		jen.For(jen.Range().Id(n)).Block(body...),
		jen.Id("u").Dot("Once").Call(jen.Id(n), jen.Len(dst.Clone())))}
}

// basic takes a basic value from u.
func (c packCode) basic(s *plan.Shape) *jen.Statement {
	method, wide, bits := packKind(s.Go)
	call := jen.Id("u").Dot(method).Call()
	if bits >= 0 {
		call = jen.Id("u").Dot(method).Call(jen.Lit(bits))
	}
	return c.convert(c.typ(s.Type), s.Go, wide, call)
}

// packKind says how a basic type is packed: the method, the type that it takes,
// and the bits that a number must fit, 0 for an int and -1 where it is none.
func packKind(t types.Type) (method, wide string, bits int) {
	b := t.Underlying().(*types.Basic)
	method, kind := wireKind(t)
	if method == "" {
		method, kind = "Complex", types.Complex128
	}
	bits = -1
	switch b.Kind() {
	case types.Int, types.Uint, types.Uintptr:
		bits = 0
	case types.Int8, types.Uint8:
		bits = 8
	case types.Int16, types.Uint16:
		bits = 16
	case types.Int32, types.Uint32, types.Float32:
		bits = 32
	case types.Int64, types.Uint64, types.Float64, types.Complex64:
		bits = 64
	case types.Complex128:
		bits = 128
	}
	return method, types.Typ[kind].Name(), bits
}

// pointee is what a pointer points to, as its code takes it: a view goes by the
// pointer itself.
func pointee(elem *plan.Shape, p *jen.Statement) *jen.Statement {
	if elem.Kind == model.Labelled {
		return p.Clone()
	}
	return deref(elem, p)
}

// mostLeast bounds least, which arrays multiply.
const mostLeast = 1 << 20

// least is how few bytes a value of shape s has when it is packed.
func least(s *plan.Shape) int {
	sum := 0
	switch s.Kind {
	case model.Basic:
		switch method, _, _ := packKind(s.Go); method {
		case "Float":
			return 8
		case "Complex":
			return 16
		}
		return 1
	case model.Time:
		return 3
	case model.Array:
		if n := least(s.Elem); n > 0 {
			return n * int(min(s.Len, int64(mostLeast/n)))
		}
		return 0
	case model.Struct:
		for _, f := range s.Fields {
			sum += least(f.Shape)
		}
		return min(sum, mostLeast)
	case model.Labelled:
		for _, f := range s.Record.Fields {
			sum += least(f.Shape)
		}
		return min(sum, mostLeast)
	}
	return 1
}

// helper returns the names of the functions that pack and unpack an unlabelled
// struct, and writes these functions when they are first needed.
func (c packCode) helper(s *plan.Shape) (pack, unpack string) {
	key := "packing " + c.home.Name + " " + plan.TypeString(s.Type)
	name := "Fields"
	if named, ok := types.Unalias(s.Go).(*types.Named); ok {
		name = goname.Camel(named.Obj().Name())
	}
	names := c.free(key, "pack"+name, "unpack"+name)
	pack, unpack = names[0], names[1]
	if c.helpers[key] {
		return pack, unpack
	}
	c.helpers[key] = true

	packs, unpacks := entered(recursive(s), "p", jen.Return()), entered(recursive(s), "u", jen.Return())
	for _, sf := range s.Fields {
		packs = append(packs, c.pack(sf.Shape, jen.Id("v").Dot(sf.Name), 0)...)
		unpacks = append(unpacks, c.unpack(sf.Shape, jen.Id("v").Dot(sf.Name), 0)...)
	}
	c.helperCode = append(c.helperCode,
		jen.Line().Comment("// "+pack+" hands the fields of v to a parcel; p remembers errors.").Line().
			Func().Id(pack).Params(jen.Id("p").Op("*").Qual(zonePath, "Packer"), jen.Id("v").Op("*").Add(c.typ(s.Type))).Block(packs...),
		jen.Line().Comment("// "+unpack+" takes the fields of v from a parcel; u remembers errors.").Line().
			Func().Id(unpack).Params(jen.Id("u").Op("*").Qual(zonePath, "Unpacker"), jen.Id("v").Op("*").Add(c.typ(s.Type))).Block(unpacks...))
	return pack, unpack
}
