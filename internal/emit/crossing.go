package emit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/internal/plan"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// crossing writes the method that takes a record over a route, and the
// declaration of what was decided.
func (f *file) crossing(c *plan.Crossing) {
	f.transit(c)
	f.associatedData(c)
	f.scopes(c)

	w := &crossingWriter{file: f, c: c}
	w.body()
	x := jen.Id("x").Op("*").Qual(zonePath, "Crossing").Types(f.route(c.Route))
	results := jen.Params(jen.Op("*").Add(f.record(c.View)), jen.Error())
	if c.From.Foreign {
		f.decl(f.crossingDoc(c, c.Func), jen.Func().Id(c.Func).Params(jen.Id("v").Op("*").Add(f.record(c.From)), x).Add(results).Block(w.code...))
		return
	}
	f.decl(f.crossingDoc(c, c.Method), jen.Func().Params(jen.Id("v").Op("*").Id(c.From.Name)).Id(c.Method).Params(x).Add(results).Block(w.code...))
}

// crossingDoc says, field by field, what crosses.
func (f *file) crossingDoc(c *plan.Crossing, name string) string {
	doc := fmt.Sprintf("%s takes v from %s to %s", name, c.Route.From, c.Route.To)
	if c.Route.Name != "" {
		doc += " by the road " + quote(c.Route.Name)
	}
	if c.Route.Clause != "" {
		doc += ", clause " + c.Route.Clause
	}
	by := map[classify.Action][]string{}
	for _, m := range c.Moves {
		by[m.Action] = append(by[m.Action], m.From.Name)
	}
	for _, a := range []struct {
		action classify.Action
		verb   string
	}{
		{classify.ActionGeneralise, "Generalised"}, {classify.ActionMask, "Masked"}, {classify.ActionToken, "As tokens"},
		{classify.ActionEncrypt, "Sealed for " + c.From.Home.Name}, {classify.ActionDrop, "Left behind"},
	} {
		if len(by[a.action]) > 0 {
			doc += ". " + a.verb + ": " + strings.Join(by[a.action], ", ")
		}
	}
	var indexed []string
	for _, m := range c.Moves {
		if m.Index != nil {
			indexed = append(indexed, m.From.Name)
		}
	}
	if len(indexed) > 0 {
		doc += ". With an index: " + strings.Join(indexed, ", ")
	}
	return doc + "."
}

// transit declares the decisions that the method was generated with. A border
// whose policy has become stricter refuses them.
func (f *file) transit(c *plan.Crossing) {
	var decisions []jen.Code
	for _, m := range c.Moves {
		decisions = append(decisions, f.decisions(m)...)
	}
	f.declareTransit(c.Transit, c.From, c.View.Name, c.Route.Key(), f.route(c.Route), decisions)
}

func (f *file) declareTransit(name string, from *plan.Record, into, route string, routeType jen.Code, decisions []jen.Code) {
	args := []jen.Code{jen.Line().Lit(f.policy.Name), jen.Lit(from.QualifiedName()), jen.Lit(into), f.qual(f.zones, "PolicyDigest")}
	for _, d := range decisions {
		args = append(args, jen.Line().Add(d))
	}
	args = append(args, jen.Line())
	f.decl(name+" holds what was decided about "+from.Name+" on "+route+".",
		jen.Var().Id(name).Op("=").Qual(zonePath, "NewTransit").Types(routeType).Call(args...))
}

// decisions writes the decisions about one field: about each field of a
// sealed group, none about a nested record, which has a transit of its own.
func (f *file) decisions(m *plan.Move) []jen.Code {
	if g := m.From.Group; g != nil {
		var out []jen.Code
		for _, inner := range g.Fields {
			out = append(out, f.decision(m.From.Name+"."+inner.Name, inner, asSealed(m.Action), policy.Decision{Result: inner.Label}, g.Home.Name))
		}
		return out
	}
	if !m.From.Labelled || m.From.Shape.Kind == model.Index { // an index never goes on
		return nil
	}
	action := m.Action
	if m.From.Shape.Kind == model.Sealed {
		action = asSealed(action)
	}
	return []jen.Code{f.decision(m.From.Name, m.From, action, m.Decision, m.From.Shape.SealedZone)}
}

// asSealed is the action under which a value that is sealed already travels
// on: the far side learns no more than if it had been encrypted here.
func asSealed(a classify.Action) classify.Action {
	if a == classify.ActionPass {
		return classify.ActionEncrypt
	}
	return a
}

func (f *file) decision(name string, fd *plan.Field, a classify.Action, d policy.Decision, sealedBy string) jen.Code {
	scale := f.policy.Scale()
	fields := []jen.Code{
		jen.Id("Field").Op(":").Lit(name),
		jen.Id("Class").Op(":").Lit(scale.Name(fd.Label.Class)),
	}
	if cats := fd.Label.Categories; len(cats) > 0 {
		fields = append(fields, jen.Id("Categories").Op(":").Index().String().ValuesFunc(func(g *jen.Group) {
			for _, c := range cats {
				g.Lit(c)
			}
		}))
	}
	fields = append(fields, jen.Id("Action").Op(":").Qual(classifyPath, "Action"+goname.Camel(a.String())))
	if (a == classify.ActionMask || a == classify.ActionGeneralise) && d.With != "" {
		fields = append(fields, jen.Id("With").Op(":").Lit(d.With))
	}
	if a == classify.ActionToken && d.Scope != "" {
		fields = append(fields, jen.Id("Scope").Op(":").Lit(d.Scope))
	}
	if f.loweredToken(fd) {
		fields = append(fields, jen.Id("Token").Op(":").True())
	}
	if sealedBy != "" {
		fields = append(fields, jen.Id("Sealed").Op(":").Lit(sealedBy))
	}
	if a < classify.ActionDrop {
		fields = append(fields, jen.Id("Result").Op(":").Lit(scale.Name(d.Result.Class)))
	}
	return jen.Qual(zonePath, "Decision").Values(fields...)
}

// loweredToken reports whether a field is a token of a lower class than its
// categories have.
func (f *file) loweredToken(fd *plan.Field) bool {
	if !fd.Tag.Token || len(fd.Label.Categories) == 0 {
		return false
	}
	l, err := f.policy.Resolve(classify.Tag{Names: fd.Label.Categories})
	return err == nil && l.Class > fd.Label.Class
}

// sealName is the variable that holds the associated data of a sealed field.
func (f *file) sealName(c *plan.Crossing, field string) string {
	return f.free("data "+c.Transit+"."+field, cmp.Or(c.Func, c.Transit)+goname.Camel(field)+"Data")[0]
}

// scopeName is the variable that separates the tokens of a field from others.
func (f *file) scopeName(c *plan.Crossing, field string) string {
	return f.free("scope "+c.Transit+"."+field, cmp.Or(c.Func, c.Transit)+goname.Camel(field)+"Scope")[0]
}

// associatedData declares what each seal is bound to.
func (f *file) associatedData(c *plan.Crossing) {
	declare := func(field string) {
		name := f.sealName(c, field)
		f.decl(name+" is what the seal is bound to, beside the record's id: a ciphertext that is moved elsewhere does not open.",
			jen.Var().Id(name).Op("=").Qual(zonePath, "NewAD").Call(
				jen.Lit(f.policy.Name), jen.Lit(c.From.QualifiedName()), jen.Lit(c.View.Name), jen.Lit(field)))
	}
	if c.Group != nil {
		declare(c.GroupField().Name)
	}
	for _, m := range c.Moves {
		if m.Action == classify.ActionEncrypt && m.To != nil {
			declare(m.To.Name)
		}
	}
}

// scopes declares what keeps the tokens of one field and road apart from all
// others.
func (f *file) scopes(c *plan.Crossing) {
	for _, m := range c.Moves {
		if m.Action != classify.ActionToken {
			continue
		}
		parts := []jen.Code{jen.Lit(f.policy.Name), jen.Lit(c.Route.Key()), jen.Lit(c.From.QualifiedName()), jen.Lit(m.From.Name)}
		doc := "keeps the tokens of this field and road apart from all others."
		if m.Decision.Scope == "category" {
			parts = append(parts[:2], jen.Lit("category"), jen.Lit(strings.Join(m.From.Label.Categories, "+")))
			doc = "keeps the tokens of this category and road apart from all others; equal values of other types match."
		}
		name := f.scopeName(c, m.From.Name)
		f.decl(name+" "+doc, jen.Var().Id(name).Op("=").Qual(cryptoPath, "NewScope").Call(parts...))
	}
}

// crossingWriter writes the body of a crossing.
type crossingWriter struct {
	*file
	c        *plan.Crossing
	code     []jen.Code
	fallible bool // an error variable is needed
}

func (w *crossingWriter) add(code ...jen.Code) { w.code = append(w.code, code...) }

func (w *crossingWriter) body() {
	c := w.c
	w.add(check(jen.Id("x").Dot("Admit").Call(jen.Id(c.Transit)), same))
	w.add(jen.Id("out").Op(":=").Op("&").Add(w.record(c.View)).Values(w.simple()...))
	head := len(w.code)
	if w.needsID() {
		w.add(w.id()...)
	}
	for _, m := range c.Moves { // what may fail or takes several lines
		switch {
		case m.Action == classify.ActionToken:
			w.add(w.token(m)...)
		case m.Nested != nil:
			w.add(w.nested(m)...)
		case m.Func != nil && !w.inline(m):
			w.add(w.call(m)...)
		case m.Action == classify.ActionEncrypt && m.To != nil:
			w.add(w.column(m)...)
		}
	}
	if c.Group != nil {
		w.add(w.seal()...)
	}
	w.add(jen.Return(jen.Id("out"), jen.Nil()))
	if fd := c.BoundID(); w.fallible && !(w.needsID() && fd != nil && marshalled(fd.Shape)) { // else the id brings err along
		w.code = slices.Insert(w.code, head, jen.Code(jen.Var().Err().Error()))
	}
}

// simple writes the fields that fit into the composite literal.
func (w *crossingWriter) simple() []jen.Code {
	var fields []jen.Code
	for _, m := range w.c.Moves {
		src := jen.Id("v").Dot(m.From.Name)
		switch {
		case m.Nested != nil || m.To == nil:
			continue
		case m.Action == classify.ActionPass:
		case m.Func != nil && w.inline(m):
			src = w.apply(m, m.From.Shape, src)
		default:
			continue
		}
		fields = append(fields, jen.Line().Id(m.To.GoName()).Op(":").Add(src))
	}
	if len(fields) > 0 {
		fields = append(fields, jen.Line())
	}
	return fields
}

// inline reports whether a function can be called inside the literal.
func (w *crossingWriter) inline(m *plan.Move) bool {
	return !m.Func.Err && m.Func.Accepts(m.From.Shape)
}

// apply calls the function of a mask or generalisation on a leaf.
func (w *crossingWriter) apply(m *plan.Move, leaf *plan.Shape, src *jen.Statement) *jen.Statement {
	fn := m.Func
	w.importName(fn.Path, fn.Package)
	if fn.Basic != 0 && leaf.Go != nil {
		src = w.convert(jen.Id(fn.Param), leaf.Go, fn.Param, src)
	}
	args := []jen.Code{src}
	if fn.AsOf {
		args = append(args, jen.Id("x").Dot("Time").Call())
	}
	return w.qual(fn.Path, fn.Go).Call(args...)
}

// call masks or generalises the elements of a field, or a field whose
// function can fail.
func (w *crossingWriter) call(m *plan.Move) []jen.Code {
	leafOf := m.From.Shape.Leaf(m.Func.Accepts)
	return w.each(m.From.Shape, m.To.Shape, jen.Id("v").Dot(m.From.Name), jen.Id("out").Dot(m.To.GoName()), m.Func.Accepts,
		func(src, dst *jen.Statement, _ place) []jen.Code {
			if !m.Func.Err {
				return []jen.Code{dst.Clone().Op("=").Add(w.apply(m, leafOf, src))}
			}
			w.fallible = true
			return []jen.Code{w.assign(dst, w.apply(m, leafOf, src), m.From.Name)}
		}, place{}, 0)
}

// assign sets dst to the first result of a call that may fail.
func (w *crossingWriter) assign(dst *jen.Statement, call jen.Code, field string) jen.Code {
	return jen.If(jen.List(dst.Clone(), jen.Err()).Op("=").Add(call), jen.Err().Op("!=").Nil()).Block(ret(w.wrap(field)(jen.Err())))
}

// wrap names the field in an error without showing its value.
func (w *crossingWriter) wrap(field string) func(jen.Code) jen.Code {
	return func(err jen.Code) jen.Code {
		return jen.Id(w.c.Transit).Dot("Fail").Call(jen.Lit(field), err)
	}
}

// failing writes the statement that gives up with an error.
type failing = func(err jen.Code) jen.Code

// fail gives up and names the field.
func (w *crossingWriter) fail(field string) failing {
	return func(err jen.Code) jen.Code { return ret(w.wrap(field)(err)) }
}

// token makes tokens of a field.
func (w *crossingWriter) token(m *plan.Move) []jen.Code {
	return w.each(m.From.Shape, m.To.Shape, jen.Id("v").Dot(m.From.Name), jen.Id("out").Dot(m.To.GoName()), plan.Tokenisable,
		func(src, dst *jen.Statement, _ place) []jen.Code {
			leaf := m.From.Shape.Leaf(plan.Tokenisable)
			pre, value := w.canonical(leaf, src, w.c.From.Home, w.fail(m.From.Name))
			if w.needsID() && m.From == w.c.BoundID() {
				pre, value = nil, jen.Id("id")
			}
			w.fallible = w.fallible || len(pre) == 0
			code := append(pre, w.assign(dst, jen.Qual(zonePath, "Token").Types(w.zone(w.c.From.Home)).
				Call(jen.Id("x"), jen.Id(w.scopeName(w.c, m.From.Name)), value), m.From.Name))
			if len(pre) > 0 && leaf == m.From.Shape {
				return []jen.Code{jen.Block(code...)} // the names in pre are used for other fields, too
			}
			return code
		}, place{}, 0)
}

// canonical writes the one form of a value that tokens and ids are made of.
func (f *file) canonical(leaf *plan.Shape, src *jen.Statement, home *policy.Zone, fail failing) (pre []jen.Code, value *jen.Statement) {
	switch leaf.Kind {
	case model.Basic:
		switch method, _ := wireKind(leaf.Go); method {
		case "Int":
			return nil, jen.Qual("strconv", "FormatInt").Call(f.convert(jen.Int64(), leaf.Go, "int64", src), jen.Lit(10))
		case "Uint":
			return nil, jen.Qual("strconv", "FormatUint").Call(f.convert(jen.Uint64(), leaf.Go, "uint64", src), jen.Lit(10))
		}
		return nil, f.convert(jen.String(), leaf.Go, "string", src)
	case model.Value:
		return nil, src.Clone().Dot("Reveal").Call(f.zone(home).Values())
	case model.Text, model.Token, model.Binary:
		return f.marshal("text", leaf, src, fail), jen.Id("text")
	case model.Array:
		return nil, src.Clone().Index(jen.Empty(), jen.Empty())
	}
	return nil, src // bytes
}

// marshalled reports whether the one form of a value is what it marshals to.
func marshalled(s *plan.Shape) bool {
	return s.Kind == model.Text || s.Kind == model.Token || s.Kind == model.Binary
}

// marshal declares a variable with what a value marshals to.
func (f *file) marshal(name string, s *plan.Shape, src *jen.Statement, fail failing) []jen.Code {
	method := "MarshalText"
	if s.Kind == model.Binary {
		method = "MarshalBinary"
	}
	return []jen.Code{
		jen.List(jen.Id(name), jen.Err()).Op(":=").Add(src.Clone()).Dot(method).Call(),
		jen.If(jen.Err().Op("!=").Nil()).Block(fail(jen.Err())),
	}
}

// nested takes the records that a field holds along.
func (w *crossingWriter) nested(m *plan.Move) []jen.Code {
	return w.each(m.From.Shape, m.To.Shape, jen.Id("v").Dot(m.From.Name), jen.Id("out").Dot(m.To.GoName()), oneRecord,
		func(src, dst *jen.Statement, at place) []jen.Code {
			return w.cross(m, at.x, src, dst)
		}, w.partOf("Part", w.c.From, m.From, w.c.From.Home, w.fail(m.From.Name)), 0)
}

// partOf writes the crossing, or what else part makes parts of, as the records in
// a field see it: bound to the type and the id of the record around them, the field, and their place in it.
func (f *file) partOf(part string, of *plan.Record, fd *plan.Field, home *policy.Zone, fail failing) place {
	call := func(name string, args ...jen.Code) jen.Code { return jen.Qual(zonePath, name).Call(args...) }
	field := jen.Lit(of.QualifiedName() + "." + fd.Name)
	first := call(part, jen.Id("x"), field, jen.Id("id"))
	return place{x: first, part: func(prev, at jen.Code, isKey bool) jen.Code {
		args := []jen.Code{prev, jen.Lit(""), jen.Lit("")}
		if prev == first {
			args = []jen.Code{jen.Id("x"), field, jen.Id("id")}
		}
		if !isKey {
			return call(part+"At", append(args, at)...)
		}
		return call(part+"Key", append(args, at)...)
	}, key: func(key *plan.Shape, k *jen.Statement, depth int) ([]jen.Code, jen.Code) {
		return f.mapKey(key, k, home, fail, depth)
	}}
}

// mapKey writes a map's key in the one form that binds what is sealed below
// it: no two keys have the same, whatever methods their type has.
func (f *file) mapKey(key *plan.Shape, k *jen.Statement, home *policy.Zone, fail failing, depth int) ([]jen.Code, jen.Code) {
	if key.Kind == model.Basic {
		switch method, _ := wireKind(key.Go); method {
		case "String":
			return nil, k
		case "Int", "Uint":
			_, value := f.canonical(key, k, home, fail)
			return nil, value
		}
	}
	name := numbered("key", depth)
	c := codec{f, home, jen.Id("w"), nil, fail}
	code := []jen.Code{jen.Id("w").Op(":=").New(jen.Qual(wirePath, "Writer"))}
	code = append(code, c.write(key, k, depth+1)...)
	return append(code, jen.Id(name).Op(":=").Id("w").Dot("Bytes").Call()), jen.Id(name)
}

// oneRecord reports whether s is a record or a pointer to one, which is what a
// nested crossing takes at a time.
func oneRecord(s *plan.Shape) bool {
	return s.Record != nil || s.Kind == model.Pointer && s.Elem.Record != nil
}

// recordLeaf finds the record, or the pointer to one, inside containers.
func recordLeaf(s *plan.Shape) *plan.Shape {
	for !oneRecord(s) {
		s = s.Elem
	}
	return s
}

// cross calls the crossing of one nested record, which may be behind a pointer.
func (w *crossingWriter) cross(m *plan.Move, part jen.Code, src, dst *jen.Statement) []jen.Code {
	leaf := recordLeaf(m.From.Shape)
	name := w.partName(m.Nested.From, w.c.Transit)
	isPointer := leaf.Kind == model.Pointer
	call := src.Clone().Dot(m.Nested.Method).Call(part)
	if m.Nested.From.Foreign {
		arg := src.Clone()
		if !isPointer {
			arg = jen.Op("&").Add(src.Clone())
		}
		call = jen.Id(m.Nested.Func).Call(arg, part)
	}
	result := jen.Op("*").Id(name)
	if isPointer {
		result = jen.Id(name)
	}
	code := []jen.Code{
		jen.List(jen.Id(name), jen.Err()).Op(":=").Add(call),
		jen.If(jen.Err().Op("!=").Nil()).Block(ret(w.wrap(m.From.Name)(jen.Err()))),
		dst.Clone().Op("=").Add(result),
	}
	if isPointer {
		return []jen.Code{jen.If(src.Clone().Op("!=").Nil()).Block(code...)}
	}
	return scoped(leaf == m.From.Shape, code)
}

// scoped puts statements that declare names into a block of their own where
// they do not stand in one already.
func scoped(bare bool, code []jen.Code) []jen.Code {
	if !bare {
		return code
	}
	return []jen.Code{jen.Block(code...)}
}

// needsID reports whether anything in the record is sealed or holds records.
func (w *crossingWriter) needsID() bool {
	if w.c.Group != nil {
		return true
	}
	for _, m := range w.c.Moves {
		if m.Nested != nil || m.Action == classify.ActionEncrypt {
			return true
		}
	}
	return false
}

// id sets the variable id to what the record is known by at home. Seals are
// bound to that: it is at hand again when they are opened, and no change of
// keys changes it.
func (w *crossingWriter) id() []jen.Code {
	if fd := w.c.BoundID(); fd != nil {
		return w.setID(jen.Id("v"), fd, w.c.From.Home, w.fail(fd.Name))
	}
	return noID()
}

// setID sets the variable id from the id field of a record.
func (f *file) setID(record *jen.Statement, fd *plan.Field, home *policy.Zone, fail failing) []jen.Code {
	return f.idOf(fd.Shape, record.Clone().Dot(fd.GoName()), home, fail)
}

// idOf sets the variable id from a value.
func (f *file) idOf(s *plan.Shape, src *jen.Statement, home *policy.Zone, fail failing) []jen.Code {
	if marshalled(s) {
		return f.marshal("id", s, src, fail)
	}
	_, value := f.canonical(s, src, home, fail)
	return []jen.Code{jen.Id("id").Op(":=").Add(value)}
}

func noID() []jen.Code {
	return []jen.Code{jen.Const().Id("id").Op("=").Lit("").Comment("no field identifies the record")}
}

// pad opens the scratch memory that a seal is prepared in.
func pad() []jen.Code {
	return []jen.Code{
		jen.Id("w").Op(":=").Qual(zonePath, "Scratch").Call(),
		jen.Defer().Id("w").Dot("Release").Call(),
	}
}

// seal writes the encrypted fields and closes them under one seal.
func (w *crossingWriter) seal() []jen.Code {
	code := pad()
	for _, m := range w.c.Moves {
		if m.Sealed != nil {
			code = append(code, w.codec(m.From.Name).write(m.From.Shape, jen.Id("v").Dot(m.From.Name), 0)...)
		}
	}
	g := w.c.GroupField()
	return append(code, w.sealCall(g.Name, w.typ(plan.GroupType{Group: w.c.Group}))...)
}

// column seals one field alone, for a database column.
func (w *crossingWriter) column(m *plan.Move) []jen.Code {
	code := append(pad(), w.codec(m.From.Name).write(m.From.Shape, jen.Id("v").Dot(m.From.Name), 0)...)
	if m.Index != nil {
		code = append(code, w.assign(jen.Id("out").Dot(m.Index.Name), jen.Qual(zonePath, "Index").Types(w.typ(m.From.Shape.Type), w.zone(w.c.From.Home)).
			Call(jen.Id("x"), jen.Id(w.indexName(w.c.From, m.From)), jen.Id("w")), m.From.Name))
	}
	code = append(code, w.sealCall(m.To.Name, w.typ(m.From.Shape.Type))...)
	return []jen.Code{jen.Block(code...)}
}

func (w *crossingWriter) codec(field string) codec {
	return codec{w.file, w.c.From.Home, jen.Op("&").Id("w").Dot("Writer"), jen.Op("&").Id("r"), w.fail(field)}
}

// sealCall closes what was written to the pad.
func (w *crossingWriter) sealCall(field string, of jen.Code) []jen.Code {
	w.fallible = true
	return []jen.Code{w.assign(jen.Id("out").Dot(field), jen.Qual(zonePath, "Seal").Types(of, w.zone(w.c.From.Home)).
		Call(jen.Id("x"), jen.Id(w.sealName(w.c, field)), jen.Id("id"), jen.Id("w")), field)}
}
