package emit

import (
	"go/types"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/internal/plan"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// codec writes the code that puts the fields of a sealed group into bytes and
// takes them out again.
type codec struct {
	*file
	home *policy.Zone // the zone in which closed values are revealed
	// writer and reader are how these are handed to a helper: by address where
	// they are variables, as they are inside a helper.
	writer, reader jen.Code
	// fail is what to do with an error while writing; readers remember theirs.
	fail func(err jen.Code) jen.Code
}

// wireKind says how a basic type travels: the method of wire.Writer and
// wire.Reader, and the type that it takes.
func wireKind(t types.Type) (method string, wide types.BasicKind) {
	b := t.Underlying().(*types.Basic)
	switch info := b.Info(); {
	case info&types.IsString != 0:
		return "String", types.String
	case info&types.IsBoolean != 0:
		return "Bool", types.Bool
	case info&types.IsUnsigned != 0:
		return "Uint", types.Uint64
	case info&types.IsInteger != 0:
		return "Int", types.Int64
	case info&types.IsFloat != 0:
		return "Float", types.Float64
	}
	return "", types.Invalid // complex: two floats
}

// write returns the statements that append src to the writer w.
func (c codec) write(s *plan.Shape, src *jen.Statement, depth int) []jen.Code {
	w := jen.Id("w")
	try := func(method string, arg *jen.Statement) []jen.Code {
		return []jen.Code{jen.If(jen.Err().Op(":=").Add(w.Clone()).Dot(method).Call(arg), jen.Err().Op("!=").Nil()).Block(c.fail(jen.Err()))}
	}
	switch s.Kind {
	case model.Basic:
		return c.writeBasic(s, src)
	case model.Bytes:
		return []jen.Code{w.Dot("Blob").Call(src)}
	case model.Time:
		return []jen.Code{w.Dot("Time").Call(src)}
	case model.Value:
		return []jen.Code{w.Dot("String").Call(src.Clone().Dot("Reveal").Call(c.zone(c.home).Values()))}
	case model.Text, model.Token, model.Sealed, model.Index:
		return try("Text", addressed(s, src, "MarshalText"))
	case model.Binary:
		return try("Binary", addressed(s, src, "MarshalBinary"))
	case model.Pointer:
		if s.Elem.Kind == model.Struct {
			return []jen.Code{jen.If(w.Dot("Present").Call(src.Clone().Op("!=").Nil())).Block(c.writeStruct(s.Elem, src)...)}
		}
		return []jen.Code{jen.If(w.Dot("Present").Call(src.Clone().Op("!=").Nil())).Block(
			c.write(s.Elem, deref(s.Elem, src), depth+1)...)}
	case model.Slice:
		i := numbered("i", depth)
		return []jen.Code{
			w.Clone().Dot("Count").Call(jen.Len(src.Clone())),
			jen.For(jen.Id(i).Op(":=").Range().Add(src.Clone())).Block(c.write(s.Elem, src.Clone().Index(jen.Id(i)), depth+1)...),
		}
	case model.Array:
		i := numbered("i", depth)
		return []jen.Code{jen.For(jen.Id(i).Op(":=").Range().Add(src.Clone())).Block(
			c.write(s.Elem, src.Clone().Index(jen.Id(i)), depth+1)...)}
	case model.Map:
		k, e := numbered("k", depth), numbered("e", depth)
		body := append(c.write(s.Key, jen.Id(k), depth+1), c.write(s.Elem, jen.Id(e), depth+1)...)
		return []jen.Code{
			w.Clone().Dot("Count").Call(jen.Len(src.Clone())),
			jen.For(jen.List(jen.Id(k), jen.Id(e)).Op(":=").Range().Add(src.Clone())).Block(body...),
		}
	case model.Struct:
		return c.writeStruct(s, jen.Op("&").Add(src.Clone()))
	}
	panic("emit: internal error: " + plan.TypeString(s.Type) + " cannot be written down")
}

// writeStruct calls the helper that writes the struct that p points to.
func (c codec) writeStruct(s *plan.Shape, p *jen.Statement) []jen.Code {
	write, _ := c.helper(s)
	return []jen.Code{jen.If(jen.Err().Op(":=").Id(write).Call(c.writer, p), jen.Err().Op("!=").Nil()).Block(c.fail(jen.Err()))}
}

// readStruct calls the helper that reads the struct that p points to.
func (c codec) readStruct(s *plan.Shape, p *jen.Statement) jen.Code {
	_, read := c.helper(s)
	return jen.Id(read).Call(c.reader, p)
}

func (c codec) writeBasic(s *plan.Shape, src *jen.Statement) []jen.Code {
	method, wide := wireKind(s.Go)
	if method == "" {
		return []jen.Code{
			jen.Id("w").Dot("Float").Call(jen.Float64().Call(jen.Real(src.Clone()))),
			jen.Id("w").Dot("Float").Call(jen.Float64().Call(jen.Imag(src.Clone()))),
		}
	}
	name := types.Typ[wide].Name()
	return []jen.Code{jen.Id("w").Dot(method).Call(c.convert(jen.Id(name), s.Go, name, src))}
}

// deref follows a pointer; parentheses only where something is picked from
// the result.
func deref(elem *plan.Shape, p *jen.Statement) *jen.Statement {
	star := jen.Op("*").Add(p.Clone())
	switch elem.Kind {
	case model.Basic, model.Bytes, model.Time:
		return star
	}
	return jen.Parens(star)
}

// addressed takes the address of src when the method needs it.
func addressed(s *plan.Shape, src *jen.Statement, method string) *jen.Statement {
	if s.Go != nil && types.NewMethodSet(s.Go).Lookup(nil, method) == nil {
		return jen.Op("&").Add(src.Clone())
	}
	return src
}

// read returns the statements that take dst from the reader r. Readers
// remember the first error, so nothing is checked here.
func (c codec) read(s *plan.Shape, dst *jen.Statement, depth int) []jen.Code {
	r := jen.Id("r")
	switch s.Kind {
	case model.Basic:
		return c.readBasic(s, dst)
	case model.Bytes:
		return []jen.Code{dst.Clone().Op("=").Add(c.convert(c.typ(s.Type), s.Go, "[]byte", r.Dot("Blob").Call()))}
	case model.Time:
		return []jen.Code{dst.Clone().Op("=").Add(r).Dot("Time").Call()}
	case model.Value:
		return []jen.Code{jen.If(jen.Err().Op(":=").Add(dst.Clone()).Dot("Restore").Call(c.zone(c.home).Values(), r.Clone().Dot("String").Call()),
			jen.Err().Op("!=").Nil()).Block(r.Clone().Dot("Fail").Call(jen.Lit("Restore"), jen.Err()))}
	case model.Text, model.Token, model.Sealed, model.Index:
		return []jen.Code{r.Dot("Text").Call(jen.Op("&").Add(dst.Clone()))}
	case model.Binary:
		return []jen.Code{r.Dot("Binary").Call(jen.Op("&").Add(dst.Clone()))}
	case model.Pointer:
		inner := []jen.Code{}
		if s.Elem.Kind == model.Struct {
			inner = append(inner, c.readStruct(s.Elem, dst.Clone()))
		} else {
			inner = c.read(s.Elem, deref(s.Elem, dst), depth+1)
		}
		body := append([]jen.Code{dst.Clone().Op("=").New(c.typ(s.Elem.Type))}, inner...)
		return []jen.Code{jen.If(r.Dot("Present").Call()).Block(body...)}
	case model.Slice:
		i := numbered("i", depth)
		n := numbered("n", depth)
		return []jen.Code{jen.If(jen.Id(n).Op(":=").Add(r).Dot("Count").Call(), jen.Id(n).Op(">").Lit(0)).Block(
			dst.Clone().Op("=").Make(c.typ(s.Type), jen.Id(n)),
			jen.For(jen.Id(i).Op(":=").Range().Add(dst.Clone())).Block(c.read(s.Elem, dst.Clone().Index(jen.Id(i)), depth+1)...))}
	case model.Array:
		i := numbered("i", depth)
		return []jen.Code{jen.For(jen.Id(i).Op(":=").Range().Add(dst.Clone())).Block(
			c.read(s.Elem, dst.Clone().Index(jen.Id(i)), depth+1)...)}
	case model.Map:
		return c.readMap(s, dst, depth)
	case model.Struct:
		return []jen.Code{c.readStruct(s, jen.Op("&").Add(dst.Clone()))}
	}
	panic("emit: internal error: " + plan.TypeString(s.Type) + " cannot be read back")
}

func (c codec) readBasic(s *plan.Shape, dst *jen.Statement) []jen.Code {
	method, wide := wireKind(s.Go)
	if method == "" {
		pair := jen.Complex(jen.Id("r").Dot("Float").Call(), jen.Id("r").Dot("Float").Call())
		return []jen.Code{dst.Clone().Op("=").Add(c.convert(c.typ(s.Type), s.Go, "complex128", pair))}
	}
	got := jen.Id("r").Dot(method).Call()
	if name := types.Typ[wide].Name(); types.TypeString(types.Unalias(s.Go), nil) != name {
		got = c.typ(s.Type).Call(got)
	}
	return []jen.Code{dst.Clone().Op("=").Add(got)}
}

func (c codec) readMap(s *plan.Shape, dst *jen.Statement, depth int) []jen.Code {
	k, e, n := numbered("k", depth), numbered("e", depth), numbered("n", depth)
	body := []jen.Code{jen.Var().Id(k).Add(c.typ(s.Key.Type)), jen.Var().Id(e).Add(c.typ(s.Elem.Type))}
	body = append(body, c.read(s.Key, jen.Id(k), depth+1)...)
	body = append(body, c.read(s.Elem, jen.Id(e), depth+1)...)
	body = append(body, dst.Clone().Index(jen.Id(k)).Op("=").Id(e))
	return []jen.Code{jen.If(jen.Id(n).Op(":=").Id("r").Dot("Count").Call(), jen.Id(n).Op(">").Lit(0)).Block(
		dst.Clone().Op("=").Make(c.typ(s.Type), jen.Id(n)),
		jen.For(jen.Range().Id(n)).Block(body...))}
}

// helper returns the names of the functions that write and read an unlabelled
// struct, and writes these functions when they are first needed. Functions of
// their own let structs refer to themselves.
func (c codec) helper(s *plan.Shape) (write, read string) {
	key := "codec " + c.home.Name + " " + plan.TypeString(s.Type)
	name := "Fields"
	if named, ok := types.Unalias(s.Go).(*types.Named); ok {
		name = goname.Camel(named.Obj().Name())
	}
	names := c.free(key, "write"+name, "read"+name)
	write, read = names[0], names[1]
	if c.helpers[key] {
		return write, read
	}
	c.helpers[key] = true

	in := codec{c.file, c.home, jen.Id("w"), jen.Id("r"), func(err jen.Code) jen.Code { return jen.Return(err) }}
	var writes, reads []jen.Code
	for _, sf := range s.Fields {
		writes = append(writes, in.write(sf.Shape, jen.Id("v").Dot(sf.Name), 0)...)
		reads = append(reads, in.read(sf.Shape, jen.Id("v").Dot(sf.Name), 0)...)
	}
	writes = append(writes, jen.Return(jen.Nil()))
	if recursive(s) {
		writes = append([]jen.Code{
			jen.If(jen.Err().Op(":=").Id("w").Dot("Enter").Call(), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err())),
			jen.Defer().Id("w").Dot("Leave").Call(),
		}, writes...)
	}
	c.helperCode = append(c.helperCode,
		jen.Line().Comment("// "+write+" appends the fields of v to a sealed group.").Line().
			Func().Id(write).Params(jen.Id("w").Op("*").Qual(wirePath, "Writer"), jen.Id("v").Op("*").Add(c.typ(s.Type))).Error().Block(writes...),
		jen.Line().Comment("// "+read+" takes the fields of v from a sealed group; r remembers errors.").Line().
			Func().Id(read).Params(jen.Id("r").Op("*").Qual(wirePath, "Reader"), jen.Id("v").Op("*").Add(c.typ(s.Type))).Block(reads...))
	return write, read
}

// recursive reports whether a value of shape s can hold another of its shape.
func recursive(s *plan.Shape) bool {
	seen := map[*plan.Shape]bool{}
	var reaches func(*plan.Shape) bool
	reaches = func(at *plan.Shape) bool {
		if at == nil || seen[at] {
			return at == s
		}
		seen[at] = true
		found := reaches(at.Key) || reaches(at.Elem)
		for _, f := range at.Fields {
			found = found || reaches(f.Shape)
		}
		return found
	}
	seen[s] = true
	found := reaches(s.Key) || reaches(s.Elem)
	for _, f := range s.Fields {
		found = found || reaches(f.Shape)
	}
	return found
}
