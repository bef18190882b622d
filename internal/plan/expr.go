package plan

import (
	"go/types"
	"strconv"

	"github.com/sekisho-go/sekisho/internal/model"
)

// Expr is a Go type as it is to be written down. A view is a type that does
// not exist yet, so go/types alone cannot name it.
type Expr interface{ expr() }

// The ways to write a type.
type (
	// GoType is a type that exists already.
	GoType struct{ Type types.Type }
	// NamedType is a type that is being generated, or one known by name only.
	NamedType struct {
		Path, Name string
		Args       []Expr
	}
	// RecordType is the type of a record.
	RecordType struct{ Record *Record }
	// GroupType is the type of a sealed group.
	GroupType struct{ Group *Group }
	// PointerType is *Elem.
	PointerType struct{ Elem Expr }
	// SliceType is []Elem.
	SliceType struct{ Elem Expr }
	// ArrayType is [Len]Elem.
	ArrayType struct {
		Len  int64
		Elem Expr
	}
	// MapType is map[Key]Elem.
	MapType struct{ Key, Elem Expr }
)

func (GoType) expr()      {}
func (NamedType) expr()   {}
func (RecordType) expr()  {}
func (GroupType) expr()   {}
func (PointerType) expr() {}
func (SliceType) expr()   {}
func (ArrayType) expr()   {}
func (MapType) expr()     {}

// Shape is how a field's type is built, as far as labels go through it. It is
// the model's shape with the types that are yet to be written added.
type Shape struct {
	Kind       model.Kind
	Type       Expr
	Go         types.Type // nil when the type is yet to be written
	Elem, Key  *Shape
	Len        int64
	Fields     []ShapeField
	Record     *Record // of a labelled struct
	SealedZone string
	Why        string
}

// ShapeField is a field of an unlabelled struct.
type ShapeField struct {
	Name  string
	Shape *Shape
}

// TypeString writes the type for messages and for comparing: full import
// paths, the spelling of [types.TypeString].
func TypeString(e Expr) string {
	switch e := e.(type) {
	case GoType:
		return types.TypeString(types.Unalias(e.Type), nil)
	case NamedType:
		s := e.Path + "." + e.Name
		for i, a := range e.Args {
			sep := ", "
			if i == 0 {
				sep = "["
			}
			s += sep + TypeString(a)
		}
		if len(e.Args) > 0 {
			s += "]"
		}
		return s
	case RecordType:
		return e.Record.QualifiedName()
	case GroupType:
		return e.Group.Made.From.Package.Path + "." + e.Group.Name
	case PointerType:
		return "*" + TypeString(e.Elem)
	case SliceType:
		return "[]" + TypeString(e.Elem)
	case ArrayType:
		return "[" + strconv.FormatInt(e.Len, 10) + "]" + TypeString(e.Elem)
	case MapType:
		return "map[" + TypeString(e.Key) + "]" + TypeString(e.Elem)
	}
	return "?"
}

// records calls yield for each record that a value of shape s holds.
func (s *Shape) records(yield func(*Record)) {
	seen := map[*Shape]bool{}
	var walk func(*Shape)
	walk = func(s *Shape) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		if s.Record != nil {
			yield(s.Record)
			return
		}
		walk(s.Elem) // a record as a key is reported by the loader
	}
	walk(s)
}

// HoldsRecords reports whether values of shape s hold records.
func (s *Shape) HoldsRecords() bool {
	found := false
	s.records(func(*Record) { found = true })
	return found
}

// rebuild returns s with its leaf replaced; containers stay as they are.
func (s *Shape) rebuild(leaf func(*Shape) *Shape, isLeaf func(*Shape) bool) *Shape {
	if isLeaf(s) {
		return leaf(s)
	}
	c := *s
	if s.Elem == nil {
		return &c // there is no leaf, and that is reported
	}
	c.Go = nil
	c.Elem = s.Elem.rebuild(leaf, isLeaf)
	switch s.Kind {
	case model.Pointer:
		c.Type = PointerType{c.Elem.Type}
	case model.Slice:
		c.Type = SliceType{c.Elem.Type}
	case model.Array:
		c.Type = ArrayType{s.Len, c.Elem.Type}
	case model.Map:
		c.Type = MapType{s.Key.Type, c.Elem.Type}
	}
	return &c
}
