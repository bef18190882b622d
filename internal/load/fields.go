package load

import (
	"go/types"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/model"
)

// fill gives all labelled types their fields and checks them. Following the
// fields may bring up labelled types of other modules; these are filled last.
func (l *loader) fill() {
	for _, p := range l.packages {
		for _, s := range p.Scalars {
			l.owner = s.PkgPath + "." + s.Name
			l.checkScalar(s, l.shaperFor(s.Named.Obj().Pkg()).shape(s.Named))
		}
	}
	for _, p := range l.packages {
		for _, t := range p.Types {
			l.owner = typeKey(t)
			l.fillType(t)
			l.checkType(t)
		}
	}
	l.owner = ""
	for _, t := range l.sortedForeign() {
		l.fillForeign(t)
	}
	for len(l.waiting) > 0 {
		t := l.waiting[0]
		l.waiting = l.waiting[1:]
		l.fillType(t)
	}
}

// fillType gives a struct with a Home or tags its fields.
func (l *loader) fillType(t *model.Type) {
	o := l.origins[t]
	s := l.shaperFor(o.code)
	under := t.Named.Underlying().(*types.Struct)
	for i := range under.NumFields() {
		v := under.Field(i)
		if v.Name() == "_" || isHomeField(v) {
			continue
		}
		f := l.newField(s, v)
		f.StructTag = under.Tag(i)
		t.Fields = append(t.Fields, f)
		tag, found, err := classify.LookupTag(f.StructTag)
		if err != nil {
			if o.source != nil {
				l.reportTag(t, v, err)
			}
			continue
		}
		f.Tag, f.HasTag = tag, found
		c := &fieldCheck{loader: l, t: t, f: f, v: v, path: t.Name + "." + f.Name, quiet: t.Generated || o.source == nil}
		c.check()
	}
}

// isHomeField reports whether a field is the Home of its struct, also in the
// wrong form and when the type does not resolve.
func isHomeField(v *types.Var) bool {
	t := types.Unalias(v.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	return isHome(t) || v.Embedded() && v.Name() == "Home" && isInvalid(t)
}

func (l *loader) newField(s *shaper, v *types.Var) *model.Field {
	f := &model.Field{
		Name: v.Name(), Embedded: v.Embedded(), Exported: v.Exported(),
		Type: v.Type(), Pos: l.position(v.Pos()),
	}
	f.Shape = s.shape(v.Type())
	return f
}

// leaf is a part of a field's type that holds data.
type leaf struct {
	path  string
	shape *model.Shape
	key   bool // in the key of a map
}

// leaves lists what a shape holds, with the first path that leads there.
// Pointers, slices, arrays and maps add nothing to a path. Each container is
// entered once: types with many ways through them would have more paths than
// anybody can read.
func leaves(shape *model.Shape, path string) []leaf {
	var out []leaf
	type visit struct {
		shape *model.Shape
		key   bool
	}
	seen := map[visit]bool{}
	var walk func(s *model.Shape, path string, key bool)
	walk = func(s *model.Shape, path string, key bool) {
		switch s.Kind {
		case model.Pointer, model.Slice, model.Array, model.Map, model.Struct:
			if seen[visit{s, key}] {
				return
			}
			seen[visit{s, key}] = true
		default:
			out = append(out, leaf{path, s, key})
			return
		}
		if s.Key != nil {
			walk(s.Key, path, true)
		}
		if s.Elem != nil {
			walk(s.Elem, path, key)
		}
		for _, f := range s.Fields {
			walk(f.Shape, path+"."+f.Name, key)
		}
	}
	walk(shape, path, false)
	return out
}

// scalarOf returns the labelled scalar type that a leaf is of, or nil.
func (l *loader) scalarOf(s *model.Shape) *model.Scalar {
	t := types.Unalias(s.Type)
	if s.Kind == model.Sealed {
		if n, ok := t.(*types.Named); ok && n.TypeArgs().Len() == 2 {
			t = types.Unalias(n.TypeArgs().At(1))
		}
	}
	n, ok := t.(*types.Named)
	if !ok {
		return nil
	}
	return l.scalars[objectKey(n.Obj())]
}

// scalarsOf returns the labelled scalar types among leaves, each once.
func (l *loader) scalarsOf(leaves []leaf) []*model.Scalar {
	var out []*model.Scalar
	for _, lf := range leaves {
		if s := l.scalarOf(lf.shape); s != nil && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
