package emit

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/internal/plan"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// returns writes the method that brings a view back to the record that it was
// made of.
func (f *file) returns(ret *plan.Return) {
	f.returnTransit(ret)
	w := &returnWriter{file: f, r: ret}
	w.body()
	params := []jen.Code{jen.Id("x").Op("*").Qual(zonePath, "Crossing").Types(f.route(ret.Route))}
	if ret.Kept {
		params = append(params, jen.Id("kept").Op("*").Add(f.record(ret.Into)))
	}
	f.decl(f.returnDoc(ret), jen.Func().Params(jen.Id("v").Op("*").Id(ret.View.Name)).Id(ret.Method).Params(params...).
		Params(jen.Op("*").Add(f.record(ret.Into)), jen.Error()).Block(w.code...))
}

func (f *file) returnDoc(ret *plan.Return) string {
	doc := fmt.Sprintf("%s brings v back from %s to %s", ret.Method, ret.Route.From, ret.Route.To)
	if ret.Route.Clause != "" {
		doc += ", clause " + ret.Route.Clause
	}
	doc += "."
	var kept, hidden []string
	for _, rs := range ret.Restore {
		switch rs.From {
		case plan.FromKept:
			kept = append(kept, rs.Into.Name+" ("+rs.Why+")")
		case plan.Hidden:
			hidden = append(hidden, rs.Into.Name)
		}
	}
	if ret.Kept {
		doc += " Kept is the record that stayed there; it is not changed."
		if len(kept) > 0 {
			doc += " The result takes from it what does not come back: " + strings.Join(kept, ", ") + "."
		}
	}
	if len(hidden) > 0 {
		doc += " What " + ret.Into.Source.PkgName + " hides comes back empty: " + strings.Join(hidden, ", ") + "."
	}
	if ret.Uncarried != "" {
		doc += " No parcel carries v back: " + ret.Uncarried + "."
	}
	return doc
}

// returnTransit declares the decisions about the way back. What comes out of
// a seal travelled sealed, so the far road never saw it.
func (f *file) returnTransit(ret *plan.Return) {
	var decisions []jen.Code
	for _, rs := range ret.Restore {
		m := rs.Move
		switch {
		case rs.From == plan.FromKept || rs.From == plan.Hidden || !m.From.Labelled: // of records: the keys of their map
		case rs.From == plan.FromGroup:
			decisions = append(decisions, f.decision(ret.View.Made.GroupField().Name+"."+m.Sealed.Name, m.Sealed, classify.ActionPass, policy.Decision{Result: m.Sealed.Label}, ret.Route.To))
		case m.To.Shape.Kind == model.Sealed:
			decisions = append(decisions, f.decision(m.To.Name, m.To, classify.ActionPass, policy.Decision{Result: m.To.Label}, m.To.Shape.SealedZone))
		default:
			decisions = append(decisions, f.decision(m.To.Name, m.To, classify.ActionPass, policy.Decision{Result: m.To.Label}, ""))
		}
	}
	f.declareTransit(ret.Transit, ret.View, ret.Into.Name, ret.Route.Key(), f.route(ret.Route), decisions)
}

// returnWriter writes the body of a return.
type returnWriter struct {
	*file
	r    *plan.Return
	code []jen.Code
}

func (w *returnWriter) add(code ...jen.Code) { w.code = append(w.code, code...) }

func (w *returnWriter) wrap(field string) func(jen.Code) jen.Code {
	return func(err jen.Code) jen.Code {
		return jen.Id(w.r.Transit).Dot("Fail").Call(jen.Lit(field), err)
	}
}

// fail gives up and names the field.
func (w *returnWriter) fail(field string) failing {
	return func(err jen.Code) jen.Code { return ret(w.wrap(field)(err)) }
}

func (w *returnWriter) body() {
	w.add(check(jen.Id("x").Dot("Admit").Call(jen.Id(w.r.Transit)), same))
	if w.r.Kept {
		w.add(jen.If(jen.Id("kept").Op("==").Nil()).Block(ret(jen.Id("x").Dot("NotKept").Call(jen.Id(w.r.Transit)))))
	}
	id := w.idMove()
	if w.needsID() || w.r.Kept && id != nil && (id.Action == classify.ActionToken || id.Action == classify.ActionPass && marshalled(id.From.Shape)) {
		w.add(w.id()...)
	}
	if w.r.Kept && id != nil {
		w.add(w.sameRecord(id)...)
	}
	w.add(w.begin()...)
	for _, rs := range w.r.Restore {
		w.add(w.restore(rs)...)
	}
	if w.r.Open {
		w.add(w.open()...)
	}
	w.add(w.sameSealed()...)
	w.add(jen.Return(jen.Id("out"), jen.Nil()))
}

// begin makes the result: with what is taken from the record that stayed, but
// nothing else of it, so that what comes back empty is empty, and with what
// fits into the literal.
func (w *returnWriter) begin() []jen.Code {
	var fields []jen.Code
	for _, rs := range w.r.Restore {
		switch {
		case rs.From == plan.FromKept:
			fields = append(fields, jen.Line().Id(rs.Into.Name).Op(":").Id("kept").Dot(rs.Into.Name))
		case asItIs(rs):
			fields = append(fields, jen.Line().Id(rs.Into.Name).Op(":").Id("v").Dot(rs.Move.To.GoName()))
		}
	}
	if len(fields) > 0 {
		fields = append(fields, jen.Line())
	}
	return []jen.Code{jen.Id("out").Op(":=").Op("&").Add(w.record(w.r.Into)).Values(fields...)}
}

// asItIs reports whether a field comes back as it stands in the view.
func asItIs(rs *plan.Restore) bool {
	return rs.From == plan.FromView && rs.Nested == nil && rs.Move.Action != classify.ActionEncrypt
}

// idMove returns the move of the field that identifies the record on the far
// side, or nil.
func (w *returnWriter) idMove() *plan.Move {
	for _, m := range w.r.View.Made.Moves {
		if m.From.Labelled && m.From.Tag.ID && m.To != nil {
			return m
		}
	}
	return nil
}

// id sets the variable id to what the record is known by at home: from the
// record that stayed, or from the view where that has all of it.
func (w *returnWriter) id() []jen.Code {
	fd := w.r.View.Made.BoundID()
	switch {
	case fd == nil:
		return noID()
	case w.r.Kept:
		return w.setID(jen.Id("kept"), fd, w.r.Into.Home, w.fail(fd.Name))
	}
	return w.setID(jen.Id("v"), w.idMove().To, w.r.View.Home, w.fail(fd.Name))
}

func (w *returnWriter) needsID() bool {
	for _, rs := range w.r.Restore {
		if rs.Nested != nil || rs.From == plan.FromGroup || rs.From == plan.FromView && rs.Move.Action == classify.ActionEncrypt {
			return true
		}
	}
	return false
}

// sameRecord checks that the kept record is the one that the view was made of.
func (w *returnWriter) sameRecord(m *plan.Move) []jen.Code {
	kept, view := jen.Id("kept").Dot(m.From.Name), jen.Id("v").Dot(m.To.GoName())
	switch {
	case m.Action == classify.ActionToken:
		call := jen.Qual(zonePath, "Match").Types(w.zone(w.r.Into.Home)).Call(jen.Id("x"), jen.Id(w.scopeName(w.r.View.Made, m.From.Name)), jen.Id("id"), view)
		return []jen.Code{check(call, w.wrap(m.From.Name))}
	case m.Action != classify.ActionPass:
		return nil
	case marshalled(m.From.Shape):
		return append(w.marshal("same", m.From.Shape, view, w.fail(m.From.Name)), w.differs(jen.String().Call(jen.Id("id")), jen.String().Call(jen.Id("same"))))
	}
	return []jen.Code{w.differs(kept, view)}
}

// sameSealed checks the same where the id itself travelled sealed, so that it
// is known only now.
func (w *returnWriter) sameSealed() []jen.Code {
	for _, rs := range w.r.Restore {
		fd := rs.Into
		if !w.r.Kept || !fd.Labelled || !fd.Tag.ID || rs.Move.Action != classify.ActionEncrypt || rs.From == plan.FromKept {
			continue
		}
		kept, out := jen.Id("kept").Dot(fd.Name), jen.Id("out").Dot(fd.Name)
		if !marshalled(fd.Shape) {
			return []jen.Code{w.differs(kept, out)}
		}
		code := append(w.marshal("id", fd.Shape, kept, w.fail(fd.Name)), w.marshal("same", fd.Shape, out, w.fail(fd.Name))...)
		return []jen.Code{jen.Block(append(code, w.differs(jen.String().Call(jen.Id("id")), jen.String().Call(jen.Id("same"))))...)}
	}
	return nil
}

// differs refuses the record that stayed when two forms of its id differ.
func (w *returnWriter) differs(a, b *jen.Statement) jen.Code {
	return jen.If(a.Op("!=").Add(b)).Block(ret(jen.Id("x").Dot("OtherRecord").Call(jen.Id(w.r.Transit))))
}

// restore writes one field that comes back in the view itself.
func (w *returnWriter) restore(rs *plan.Restore) []jen.Code {
	if rs.From != plan.FromView {
		return nil
	}
	if asItIs(rs) {
		return nil // it stands in the literal
	}
	m := rs.Move
	view, out := jen.Id("v").Dot(m.To.GoName()), jen.Id("out").Dot(m.From.Name)
	switch {
	case rs.Nested != nil:
		return w.each(m.To.Shape, m.From.Shape, view, out, oneRecord,
			func(src, dst *jen.Statement, at place) []jen.Code {
				return w.bring(rs, at.x, src, dst)
			}, w.partOf("Part", w.r.Into, m.From, w.r.View.Home, w.fail(m.From.Name)), 0)
	case m.Action == classify.ActionEncrypt:
		read := w.codec().read(m.From.Shape, out, 0)
		return []jen.Code{jen.Block(w.unseal(m.To.Name, w.typ(m.From.Shape.Type), read)...)}
	}
	return []jen.Code{out.Op("=").Add(view)}
}

// bring calls the return of one nested record.
func (w *returnWriter) bring(rs *plan.Restore, part jen.Code, src, dst *jen.Statement) []jen.Code {
	leaf := recordLeaf(rs.Move.From.Shape)
	isPointer := leaf.Kind == model.Pointer
	name := w.partName(rs.Nested.Into, w.r.Transit)
	args := []jen.Code{part}
	if rs.Nested.Kept {
		kept := jen.Op("&").Id("kept").Dot(rs.Into.Name)
		if isPointer {
			kept = jen.Id("kept").Dot(rs.Into.Name)
		}
		args = append(args, kept)
	}
	result := jen.Op("*").Id(name)
	if isPointer {
		result = jen.Id(name)
	}
	code := []jen.Code{
		jen.List(jen.Id(name), jen.Err()).Op(":=").Add(src.Clone()).Dot(rs.Nested.Method).Call(args...),
		jen.If(jen.Err().Op("!=").Nil()).Block(ret(w.wrap(rs.Into.Name)(jen.Err()))),
		dst.Clone().Op("=").Add(result),
	}
	if isPointer {
		return []jen.Code{jen.If(src.Clone().Op("!=").Nil()).Block(code...)}
	}
	return scoped(leaf == rs.Move.From.Shape, code)
}

// open takes the encrypted fields out of the group. Fields that the road back
// does not carry are read past.
func (w *returnWriter) open() []jen.Code {
	c := w.r.View.Made
	var reads []jen.Code
	for _, rs := range w.r.Restore {
		m := rs.Move
		if m.Sealed == nil {
			continue
		}
		if rs.From == plan.FromGroup {
			reads = append(reads, w.codec().read(m.From.Shape, jen.Id("out").Dot(m.From.Name), 0)...)
			continue
		}
		skip := "left" + goname.Camel(m.From.Name)
		reads = append(reads, jen.Var().Id(skip).Add(w.typ(m.From.Shape.Type)).Comment(rs.Why))
		reads = append(reads, w.codec().read(m.From.Shape, jen.Id(skip), 0)...)
		reads = append(reads, jen.Id("_").Op("=").Id(skip))
	}
	return w.unseal(c.GroupField().Name, w.typ(plan.GroupType{Group: c.Group}), reads)
}

func (w *returnWriter) codec() codec {
	return codec{w.file, w.r.Into.Home, jen.Op("&").Id("w").Dot("Writer"), jen.Op("&").Id("r"), nil}
}

// unseal opens one seal and reads it.
func (w *returnWriter) unseal(field string, of jen.Code, reads []jen.Code) []jen.Code {
	code := []jen.Code{
		jen.List(jen.Id("r"), jen.Err()).Op(":=").Qual(zonePath, "Open").Types(of, w.zone(w.r.Into.Home)).
			Call(jen.Id("x"), jen.Id(w.sealName(w.r.View.Made, field)), jen.Id("id"), jen.Id("v").Dot(field)),
		jen.If(jen.Err().Op("!=").Nil()).Block(ret(w.wrap(field)(jen.Err()))),
	}
	code = append(code, reads...)
	return append(code, check(jen.Id("r").Dot("Close").Call(), w.wrap(field)))
}

// returning writes the method that admits a view to the road back before a
// parcel carries it there.
func (f *file) returning(ret *plan.Return) {
	if ret.Carried == nil {
		return // the comment of the return says so
	}
	args := []jen.Code{jen.Id("x"), jen.Id("v")}
	for _, c := range ret.Carried {
		args = append(args, jen.Id(f.carriedTransit(ret, c)))
	}
	doc := fmt.Sprintf("Returning%s admits v to the road from %s to %s", ret.Method, ret.Route.From, ret.Route.To)
	if ret.Route.Clause != "" {
		doc += ", clause " + ret.Route.Clause
	}
	doc += ". A parcel carries it there as it is, and " + ret.Method + " brings it back."
	f.decl(doc, jen.Func().Params(jen.Id("v").Op("*").Id(ret.View.Name)).Id("Returning"+ret.Method).
		Params(jen.Id("x").Op("*").Qual(zonePath, "Crossing").Types(f.route(ret.Route))).
		Params(jen.Qual(zonePath, "Returning").Types(f.route(ret.Route), jen.Op("*").Id(ret.View.Name)), jen.Error()).
		Block(jen.Return(jen.Qual(zonePath, "Return").Types(f.zone(ret.View.Home)).Call(args...))))
}

// carriedTransit returns the name of the variable with the decisions about a
// view that takes a road back as it is, and declares it when it is first needed.
func (f *file) carriedTransit(ret *plan.Return, c *plan.Carried) string {
	key := "returning " + c.View.QualifiedName() + " " + ret.Route.Key()
	name := f.free(key, goname.LowerFirst(c.View.Name)+"Returning"+ret.Method)[0]
	if f.helpers[key] {
		return name
	}
	f.helpers[key] = true
	var decisions []jen.Code
	for _, fd := range c.Fields {
		decisions = append(decisions, f.decision(fd.Name, fd.Field, fd.Action, policy.Decision{Result: fd.Field.Label}, fd.Sealed))
	}
	f.declareTransit(name, c.View, c.View.Name, ret.Route.Key(), f.route(ret.Route), decisions)
	return name
}
