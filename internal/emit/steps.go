package emit

import (
	"go/types"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/internal/plan"
)

// ret is the statement that gives up: no view, and the error.
func ret(err jen.Code) jen.Code { return jen.Return(jen.Nil(), err) }

// check runs a call that may fail.
func check(call jen.Code, wrap func(jen.Code) jen.Code) jen.Code {
	return jen.If(jen.Err().Op(":=").Add(call), jen.Err().Op("!=").Nil()).Block(ret(wrap(jen.Err())))
}

// same leaves an error as it is.
func same(err jen.Code) jen.Code { return err }

// numbered returns a name for a loop variable at a depth.
func numbered(name string, depth int) string {
	if depth == 0 {
		return name
	}
	return name + strconv.Itoa(depth+1)
}

// place is where a leaf stands: the crossing that its container crosses under,
// which binds what is sealed below to that place.
type place struct {
	part func(prev jen.Code, at jen.Code, isKey bool) jen.Code
	key  func(key *plan.Shape, k *jen.Statement, depth int) (pre []jen.Code, at jen.Code)
	x    jen.Code
}

// under returns the place of an element.
func (p place) under(at jen.Code, isKey bool) place {
	if p.part == nil {
		return p
	}
	return place{p.part, p.key, p.part(p.x, at, isKey)}
}

// underKey returns the place of an element of a map, and the statements before
// it that write its key down.
func (p place) underKey(key *plan.Shape, k *jen.Statement, depth int) ([]jen.Code, place) {
	if p.part == nil {
		return nil, p
	}
	pre, at := p.key(key, k, depth)
	return pre, p.under(at, true)
}

// each applies step to every leaf of a value: the value itself, or what is
// behind its pointers, slices, arrays and map values. Nil stays nil.
func (f *file) each(from, to *plan.Shape, src, dst *jen.Statement, isLeaf func(*plan.Shape) bool,
	step func(src, dst *jen.Statement, at place) []jen.Code, at place, depth int) []jen.Code {
	if isLeaf(from) {
		return step(src, dst, at)
	}
	inner := func(src, dst *jen.Statement, at place) []jen.Code {
		return f.each(from.Elem, to.Elem, src, dst, isLeaf, step, at, depth+1)
	}
	i, k, e := numbered("i", depth), numbered("k", depth), numbered("e", depth)
	index := jen.Id(i)
	notNil := jen.If(src.Clone().Op("!=").Nil())
	switch from.Kind {
	case model.Pointer:
		body := []jen.Code{jen.Var().Id(e).Add(f.typ(to.Elem.Type))}
		body = append(body, inner(deref(from.Elem, src), jen.Id(e), at)...)
		body = append(body, dst.Clone().Op("=").Op("&").Id(e))
		return []jen.Code{notNil.Block(body...)}
	case model.Slice:
		return []jen.Code{notNil.Block(
			dst.Clone().Op("=").Make(f.typ(to.Type), jen.Len(src.Clone())),
			jen.For(jen.Id(i).Op(":=").Range().Add(src.Clone())).Block(
				inner(src.Clone().Index(index.Clone()), dst.Clone().Index(index.Clone()), at.under(index, false))...))}
	case model.Array:
		return []jen.Code{jen.For(jen.Id(i).Op(":=").Range().Add(src.Clone())).Block(
			inner(src.Clone().Index(index.Clone()), dst.Clone().Index(index.Clone()), at.under(index, false))...)}
	case model.Map:
		arrived := numbered("arrived", depth)
		loop, below := at.underKey(from.Key, jen.Id(k), depth)
		loop = append(loop, jen.Var().Id(arrived).Add(f.typ(to.Elem.Type)))
		loop = append(loop, inner(jen.Id(e), jen.Id(arrived), below)...)
		loop = append(loop, dst.Clone().Index(jen.Id(k)).Op("=").Id(arrived))
		return []jen.Code{notNil.Block(
			dst.Clone().Op("=").Make(f.typ(to.Type), jen.Len(src.Clone())),
			jen.For(jen.List(jen.Id(k), jen.Id(e)).Op(":=").Range().Add(src.Clone())).Block(loop...))}
	}
	panic("emit: internal error: a step does not reach the leaf of " + plan.TypeString(from.Type))
}

// convert writes a conversion where two types differ.
func (f *file) convert(to jen.Code, from types.Type, want string, src *jen.Statement) *jen.Statement {
	if from != nil && types.TypeString(types.Unalias(from), nil) == want {
		return src
	}
	return jen.Add(to).Call(src)
}
