package model

import "go/types"

// Kind is how the values of a type are built, as far as labels and codecs go.
type Kind uint8

// The kinds of shapes.
const (
	Invalid  Kind = iota // the type did not resolve
	Basic                // bool, number or string, also named; [types.Basic] beneath
	Bytes                // []byte, also named
	Time                 // time.Time
	Value                // a closed value type that is asked by zone, see classify.Value
	Text                 // opaque, written and read through its own text form
	Binary               // opaque, written and read through its own binary form
	Labelled             // a labelled struct
	Struct               // an unlabelled struct whose fields can all be reached
	Pointer              // *Elem
	Slice                // []Elem
	Array                // [Len]Elem
	Map                  // map[Key]Elem
	Token                // crypto.Token
	Sealed               // crypto.Sealed
	Index                // crypto.Index
	Refused              // what cannot be followed: any, interfaces, funcs, channels, structs with hidden fields
)

// kindNames are the names of the kinds for messages and tests.
var kindNames = [...]string{
	"invalid", "basic", "bytes", "time", "value", "text", "binary", "labelled", "struct",
	"pointer", "slice", "array", "map", "token", "sealed", "index", "refused",
}

// String returns the name of the kind in small letters.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[Invalid]
}

// Shape is how one type is built. Shapes of recursive types are cycles of
// pointers: whoever walks them remembers where he has been (see Recursive), or
// uses [Shape.Walk].
type Shape struct {
	Kind       Kind
	Type       types.Type   // without an alias on top, unless only the alias can be named
	Elem       *Shape       // of a pointer, slice, array or map
	Key        *Shape       // of a map
	Len        int64        // of an array
	Fields     []ShapeField // of a struct, blank ones left out
	Labelled   *Type        // of a labelled struct, and of a Sealed that holds one
	Route      string       // of a token: the route, as policy.Route.Key spells it
	SealedZone string       // of a sealed value: the zone whose key opens it; of an index: the zone that makes it
	Why        string       // of a refused shape: the reason, for people
	Recursive  bool         // the shape contains itself; each cycle has one, of a named type
}

// ShapeField is a field of an unlabelled struct.
type ShapeField struct {
	Name  string
	Shape *Shape
}

// Walk calls yield for s and for the shapes below it, each once, keys before
// elements and fields in order. It does not go below a shape for which yield
// returns false, nor into the fields of labelled types.
func (s *Shape) Walk(yield func(*Shape) bool) {
	seen := map[*Shape]bool{}
	var walk func(*Shape)
	walk = func(s *Shape) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		if !yield(s) {
			return
		}
		walk(s.Key)
		walk(s.Elem)
		for _, f := range s.Fields {
			walk(f.Shape)
		}
	}
	walk(s)
}
