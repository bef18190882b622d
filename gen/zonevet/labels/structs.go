package labels

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
)

// structType checks a struct that is labelled or has a tag that labels. It
// returns the labelled struct, nil where it is none.
func (c *checker) structType(spec *ast.TypeSpec, lit *ast.StructType) *labels.Struct {
	t := c.pass.TypesInfo.TypeOf(spec.Name)
	under, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	homes, wrong := homesOf(under)
	s := c.info.Struct(t)
	switch {
	case wrong != nil:
		c.say(wrong.Pos(), "write zone.Home[ZONE] on a line of its own", "the home of %s is not embedded as a value, so it gives no zone", spec.Name.Name)
		return nil
	case homes > 1:
		c.say(spec.Name.Pos(), "keep one: a value lives in one zone, and gets to others as a view", "%s has %d homes", spec.Name.Name, homes)
		return nil
	case homes == 0:
		if (s == nil || !s.Foreign) && tagged(under) {
			c.say(spec.Name.Pos(), "embed zone.Home with the zone that its values live in", "%s has labels but no home, so they say nothing", spec.Name.Name)
		}
		return nil
	case s == nil || s.Policy == nil:
		c.say(spec.Name.Pos(), "use a zone of the generated zones package", "the home of %s is in a zone of no policy in sight", spec.Name.Name)
		return nil
	}
	c.fields(s, under, lit)
	return s
}

// homesOf counts the homes of a struct and finds one in the wrong form.
func homesOf(s *types.Struct) (n int, wrong *types.Var) {
	for f := range s.Fields() {
		t := types.Unalias(f.Type())
		p, pointer := t.(*types.Pointer)
		if pointer {
			t = types.Unalias(p.Elem())
		}
		if named, ok := t.(*types.Named); ok && labels.Is(named, labels.ZonePath, "Home") {
			if n++; pointer || !f.Embedded() {
				wrong = f
			}
		}
	}
	return n, wrong
}

func tagged(s *types.Struct) bool {
	for i := range s.NumFields() {
		if _, found, err := labels.TagOf(s, i); found || err != nil {
			return true
		}
	}
	return false
}

// fields checks the fields of a labelled struct.
func (c *checker) fields(s *labels.Struct, under *types.Struct, lit *ast.StructType) {
	at := tagPositions(lit)
	ids := 0
	for i := range under.NumFields() {
		f := under.Field(i)
		if f.Name() == "_" || isHome(f.Type()) {
			continue
		}
		if names := append(ways(s), fixed...); slices.Contains(names, f.Name()) {
			c.say(f.Pos(), "rename the field", "the field %s has the name of a generated method", f.Name())
		}
		tag, found, err := labels.TagOf(under, i)
		pos := f.Pos()
		if p := at[f.Pos()]; p.IsValid() {
			pos = p
		}
		switch {
		case err != nil:
			c.badTag(pos, err)
		case found:
			if tag.ID {
				if ids++; ids > 1 {
					c.say(pos, "keep one: join the two in a field if only both together identify a record", "%s has a second id", s.Name())
				}
			}
			c.tag(s, f, tag, pos)
		default:
			if part := c.bare(f.Type(), map[types.Type]bool{}); part != "" {
				c.say(f.Pos(), `say what it is, as in classify:"`+example(s.Policy)+`"`, "%s.%s has no label%s", s.Name(), f.Name(), part)
			}
		}
	}
}

func isHome(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && labels.Is(n, labels.ZonePath, "Home")
}

// tagPositions finds the tags of a struct by the positions of the names of its
// fields.
func tagPositions(lit *ast.StructType) map[token.Pos]token.Pos {
	at := map[token.Pos]token.Pos{}
	for _, f := range lit.Fields.List {
		if f.Tag == nil {
			continue
		}
		for _, name := range f.Names {
			at[name.Pos()] = f.Tag.Pos()
		}
		if len(f.Names) == 0 {
			at[embeddedName(f.Type)] = f.Tag.Pos()
		}
	}
	return at
}

// embeddedName is where go/types says that an embedded field stands.
func embeddedName(e ast.Expr) token.Pos {
	switch e := e.(type) {
	case *ast.StarExpr:
		return embeddedName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Pos()
	case *ast.IndexExpr:
		return embeddedName(e.X)
	}
	return e.Pos()
}

func example(p *labels.Policy) string {
	if len(p.Categories) > 0 {
		return p.Categories[0].Name
	}
	return p.Scale().Name(p.Scale().Lowest())
}

func (c *checker) badTag(pos token.Pos, err error) {
	msg := err.Error()
	if bad, ok := errors.AsType[*classify.TagError](err); ok {
		msg = bad.Msg
	}
	c.say(pos, `write a label as classify:"NAME[+NAME][,OPTION]"`, "the tag cannot be read: %s", msg)
}

// tag checks a tag that can be read.
func (c *checker) tag(s *labels.Struct, f *types.Var, tag classify.Tag, pos token.Pos) {
	label, err := s.Policy.Resolve(tag)
	if err != nil {
		c.problem(pos, err)
		return
	}
	for _, scalar := range c.scalars(f.Type(), map[types.Type]bool{}) {
		if own := (classify.Label{Class: scalar.Level, Categories: scalar.Categories, Integrity: 1, Availability: 1}); !label.AtLeast(own) {
			c.say(pos, "remove the tag, or name at least what the type names", "the tag of %s is looser than the label of its type %s (%s)", f.Name(), scalar.Of, scalar)
		}
	}
	if record := c.onlyRecord(f.Type()); record != nil && !tag.Column && tag.Action < classify.ActionDrop {
		c.say(pos, "remove the tag", "%s holds %s, which brings its own labels, and has a tag", f.Name(), record.Name())
	}
}

// scalars are the labels of the scalar types in a field.
func (c *checker) scalars(t types.Type, seen map[types.Type]bool) []*labels.Label {
	t = types.Unalias(t)
	if seen[t] {
		return nil
	}
	seen[t] = true
	if l := c.info.Scalar(t); l != nil {
		return []*labels.Label{l}
	}
	switch u := t.(type) {
	case *types.Map:
		return append(c.scalars(u.Key(), seen), c.scalars(u.Elem(), seen)...)
	case *types.Chan:
	case interface{ Elem() types.Type }:
		return c.scalars(u.Elem(), seen)
	}
	return nil
}

// onlyRecord is the labelled struct that a field holds and nothing beside it: a
// map has keys.
func (c *checker) onlyRecord(t types.Type) *labels.Struct {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if s := c.info.Struct(u); s != nil && s.Zone != "" {
			return s
		}
	case *types.Pointer:
		return c.onlyRecord(u.Elem())
	case *types.Slice:
		return c.onlyRecord(u.Elem())
	case *types.Array:
		return c.onlyRecord(u.Elem())
	}
	return nil
}

// bare says which part of a field without a tag has no label: " (PART)", or a
// blank for the whole, "" where all of it has.
func (c *checker) bare(t types.Type, seen map[types.Type]bool) string {
	t = types.Unalias(t)
	if seen[t] {
		return ""
	}
	seen[t] = true
	if n, ok := t.(*types.Named); ok {
		if c.info.Struct(n) != nil || c.info.Scalar(n) != nil || labels.Is(n, labels.CryptoPath, "Sealed") || n.TypeParams().Len() > n.TypeArgs().Len() {
			return ""
		}
		if s, ok := n.Underlying().(*types.Struct); ok {
			return c.bareStruct(n, s, seen)
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		if part := c.bare(u.Key(), seen); part != "" {
			return " (the keys of the map)"
		}
		return c.bare(u.Elem(), seen)
	case *types.Basic:
		if u.Kind() == types.Invalid {
			return "" // the generator has not run yet
		}
	case *types.Chan:
	case interface{ Elem() types.Type }:
		return c.bare(u.Elem(), seen)
	}
	return " at all"
}

// bareStruct looks at a struct without labels: the types of values, such as
// time.Time, hide what they have, so the field needs the label.
func (c *checker) bareStruct(n *types.Named, s *types.Struct, seen map[types.Type]bool) string {
	exported := false
	for f := range s.Fields() {
		if !f.Exported() {
			continue
		}
		exported = true
		if part := c.bare(f.Type(), seen); part != "" {
			return " (of " + n.Obj().Name() + "." + f.Name() + ")"
		}
	}
	if exported || s.NumFields() == 0 {
		return ""
	}
	return " at all"
}
