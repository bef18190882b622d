package emit

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/internal/plan"
)

// reseal writes the method that seals anew what one zone sealed in a view. The
// receiver of an id is named after what it is: id where it is the one form that
// seals are bound to already.
func (f *file) reseal(rs *plan.Reseal) {
	params := []jen.Code{jen.Id("x").Op("*").Qual(zonePath, "Resealing").Types(f.zone(rs.Zone))}
	if rs.NeedsID() {
		params = append(params, jen.Id(idParam(rs.ID.Shape)).Add(f.typ(rs.ID.Shape.Type)))
	}
	w := &resealWriter{file: f, rs: rs}
	w.body()
	f.decl(f.resealDoc(rs), jen.Func().Params(jen.Id("v").Op("*").Id(rs.View.Name)).Id(rs.Method).Params(params...).
		Params(jen.Id("changed").Bool(), jen.Err().Error()).Block(w.code...))
}

// idParam is the name of the parameter for the id of the record at home.
func idParam(s *plan.Shape) string {
	if s.Kind == model.Bytes || s.Go != nil && types.Identical(types.Unalias(s.Go), types.Typ[types.String]) {
		return "id"
	}
	return "kept"
}

func (f *file) resealDoc(rs *plan.Reseal) string {
	doc := fmt.Sprintf("%s seals anew what is not under the primary key of %s yet", rs.Method, rs.Zone.Name)
	var fields []string
	for _, fd := range rs.Fields {
		fields = append(fields, fd.Field.GoName())
	}
	for _, p := range rs.Parts {
		fields = append(fields, "what "+p.Field.GoName()+" holds")
	}
	doc += ": " + strings.Join(fields, ", ") + "."
	if rs.NeedsID() {
		doc += " " + strings.ToUpper(idParam(rs.ID.Shape)[:1]) + idParam(rs.ID.Shape)[1:] + " is the " + rs.ID.Name + " of the record that stayed, to which the seals are bound."
	}
	return doc + left(rs)
}

// left says what is not resealed along with a view, and how it is.
func left(rs *plan.Reseal) string {
	var fields []string
	for _, p := range rs.Left {
		fields = append(fields, p.Field.GoName())
	}
	doc := ""
	if len(fields) > 0 {
		doc = " What " + strings.Join(fields, ", ") + " holds is left, because v has not its ids: reseal each record by itself, under" +
			" zone.ResealPart of x where " + rs.Made.Method + " has zone.Part."
	}
	seen := map[*plan.Reseal]bool{rs: true}
	var inside func(*plan.Reseal, string)
	inside = func(rs *plan.Reseal, path string) {
		for _, p := range rs.Parts {
			if seen[p.Of] {
				continue
			}
			seen[p.Of] = true
			for _, l := range p.Of.Left {
				doc += " What " + path + p.Field.GoName() + "." + l.Field.GoName() + " holds is left, too."
			}
			inside(p.Of, path+p.Field.GoName()+".")
		}
	}
	inside(rs, "")
	return doc
}

// resealWriter writes the body of a resealing.
type resealWriter struct {
	*file
	rs   *plan.Reseal
	code []jen.Code
}

func (w *resealWriter) add(code ...jen.Code) { w.code = append(w.code, code...) }

// wrap names the field in an error.
func (w *resealWriter) wrap(field string, err jen.Code) jen.Code {
	return jen.Qual(zonePath, "ResealFailed").Call(jen.Lit(w.pkg.Name+"."+w.rs.View.Name), jen.Lit(field), err)
}

func (w *resealWriter) fail(field string) failing {
	return func(err jen.Code) jen.Code { return jen.Return(jen.Id("changed"), w.wrap(field, err)) }
}

func (w *resealWriter) body() {
	if w.rs.View.Recursive() {
		w.add(jen.If(jen.Err().Op(":=").Id("x").Dot("Enter").Call(), jen.Err().Op("!=").Nil()).Block(
			jen.Return(jen.False(), jen.Err())))
	}
	w.add(w.id()...)
	if len(w.rs.Fields) == 1 && len(w.rs.Parts) == 0 {
		fd := w.rs.Fields[0]
		w.add(jen.List(jen.Id("changed"), jen.Err()).Op("=").Add(w.call(fd)),
			jen.Return(jen.Id("changed"), w.wrap(fd.Field.GoName(), jen.Err())))
		return
	}
	for _, fd := range w.rs.Fields {
		w.add(w.done(fd.Field.GoName(), w.call(fd)))
	}
	for _, p := range w.rs.Parts {
		at := w.partOf("ResealPart", w.rs.Made.From, p.From, w.rs.Made.From.Home, w.fail(p.Field.GoName()))
		w.add(w.each(p, p.Field.Shape, jen.Id("v").Dot(p.Field.GoName()), at, 0)...)
	}
	w.add(jen.Return(jen.Id("changed"), jen.Nil()))
}

// id sets the variable id to what the record is known by in the zone.
func (w *resealWriter) id() []jen.Code {
	rs := w.rs
	switch {
	case rs.ID == nil:
		return noID()
	case rs.Has != nil:
		return w.setID(jen.Id("v"), rs.Has, rs.View.Home, w.fail(rs.Has.GoName()))
	case idParam(rs.ID.Shape) == "id":
		return nil
	}
	return w.idOf(rs.ID.Shape, jen.Id("kept"), rs.Zone, w.fail(rs.ID.Name))
}

// call reseals one field, and makes the index beside it anew.
func (w *resealWriter) call(fd plan.ResealField) jen.Code {
	at := jen.Op("&").Id("v").Dot(fd.Field.GoName())
	args := []jen.Code{jen.Id("x"), jen.Id(w.sealName(w.rs.Made, fd.Sealed)), jen.Id("id"), at}
	if fd.Index == nil {
		return jen.Qual(zonePath, "Reseal").Call(args...)
	}
	args = append(args, jen.Id(w.indexName(w.rs.Made.From, fd.Move.From)), jen.Op("&").Id("v").Dot(fd.Index.GoName()))
	return jen.Qual(zonePath, "ResealIndexed").Call(args...)
}

// done runs a call that reports whether it changed something.
func (w *resealWriter) done(field string, call jen.Code) jen.Code {
	return jen.If(jen.List(jen.Id("done"), jen.Err()).Op(":=").Add(call), jen.Err().Op("!=").Nil()).Block(
		w.fail(field)(jen.Err()),
	).Else().If(jen.Id("done")).Block(jen.Id("changed").Op("=").True())
}

// each reseals every record below a value, where it stands.
func (w *resealWriter) each(p plan.ResealPart, s *plan.Shape, src *jen.Statement, at place, depth int) []jen.Code {
	if s.Record != nil {
		return []jen.Code{w.done(p.Field.GoName(), src.Clone().Dot(p.Of.Method).Call(at.x))}
	}
	i, k, e := numbered("i", depth), numbered("k", depth), numbered("e", depth)
	switch s.Kind {
	case model.Pointer:
		return []jen.Code{jen.If(src.Clone().Op("!=").Nil()).Block(w.each(p, s.Elem, pointee(s.Elem, src), at, depth)...)}
	case model.Slice, model.Array:
		return []jen.Code{jen.For(jen.Id(i).Op(":=").Range().Add(src.Clone())).Block(
			w.each(p, s.Elem, src.Clone().Index(jen.Id(i)), at.under(jen.Id(i), false), depth+1)...)}
	case model.Map:
		body, below := at.underKey(s.Key, jen.Id(k), depth)
		body = append(body, w.each(p, s.Elem, jen.Id(e), below, depth+1)...)
		body = append(body, src.Clone().Index(jen.Id(k)).Op("=").Id(e))
		return []jen.Code{jen.For(jen.List(jen.Id(k), jen.Id(e)).Op(":=").Range().Add(src.Clone())).Block(body...)}
	}
	panic("emit: internal error: " + plan.TypeString(s.Type) + " holds no records")
}
