package load

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/sekisho-go/sekisho/internal/model"
)

// maxDepth bounds how deep types may nest. Only generic types that grow with
// every instance get there.
const maxDepth = 100

// shaper follows types as seen from one package: where the generated code that
// takes them apart will stand.
type shaper struct {
	*loader
	from  *types.Package
	depth int

	shapes     typeutil.Map          // *types.Named to *model.Shape
	open       map[*model.Shape]bool // being followed
	unnameable map[*model.Shape]bool // refused for want of a name
}

// shaperFor returns the shaper of a package. Types of one package share their
// shapes.
func (l *loader) shaperFor(from *types.Package) *shaper {
	s := l.shapers[from]
	if s == nil {
		s = &shaper{loader: l, from: from, open: map[*model.Shape]bool{}, unnameable: map[*model.Shape]bool{}}
		l.shapers[from] = s
	}
	return s
}

// shape follows t. Named types are followed once, so every cycle closes at one.
func (s *shaper) shape(t types.Type) *model.Shape {
	out := &model.Shape{Type: t}
	if s.depth >= maxDepth {
		return refuse(out, "it nests too deep to be followed")
	}
	s.depth++
	defer func() { s.depth-- }()
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		s.structure(out, t)
		return out
	}
	alias := s.nameableAlias(t)
	if known, ok := s.shapes.At(n).(*model.Shape); ok && !(alias && s.unnameable[known]) {
		if s.open[known] {
			known.Recursive = true
		}
		return known
	}
	if !alias || s.nameable(n.Obj()) {
		out.Type = n
	}
	s.shapes.Set(n, out)
	s.open[out] = true
	s.named(out, n, alias)
	delete(s.open, out)
	return out
}

// nameableAlias reports whether t is an alias that generated code can write:
// packages give out types of internal ones that way.
func (s *shaper) nameableAlias(t types.Type) bool {
	a, ok := t.(*types.Alias)
	return ok && s.nameable(a.Obj())
}

func refuse(out *model.Shape, format string, args ...any) *model.Shape {
	out.Kind, out.Why = model.Refused, fmt.Sprintf(format, args...)
	return out
}

// named gives the shape of a named type: by what is known of it, by its
// methods, or else by what is beneath it.
func (s *shaper) named(out *model.Shape, n *types.Named, alias bool) {
	obj := n.Obj()
	switch {
	case s.fromCrypto(out, n):
	case !alias && !s.nameable(obj):
		s.unnameable[out] = true
		refuse(out, "%s cannot be named in package %s", s.typeName(n), s.from.Name())
	case s.labelled(out, n):
	case s.generic[objectKey(obj)]:
		refuse(out, "%s is labelled and generic", obj.Name())
	case obj.Pkg() != nil && obj.Pkg().Path() == "time" && obj.Name() == "Time":
		out.Kind = model.Time
	case isInterface(n):
		refuse(out, "%s is an interface: what is in it is not known before run time", s.typeName(n))
	case isValue(n):
		out.Kind = model.Value
	case encodes(n, textEncoder, textDecoder):
		out.Kind = model.Text
	case encodes(n, binaryEncoder, binaryDecoder):
		out.Kind = model.Binary
	default:
		s.structure(out, n)
	}
}

func isInterface(t types.Type) bool { return types.IsInterface(t) }

// fromCrypto knows tokens, sealed values and indexes.
func (s *shaper) fromCrypto(out *model.Shape, n *types.Named) bool {
	if n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != cryptoPath {
		return false
	}
	args := n.TypeArgs()
	switch {
	case n.Obj().Name() == "Token" && args.Len() == 1:
		out.Kind, out.Route = model.Token, s.routeKey(args.At(0))
	case n.Obj().Name() == "Sealed" && args.Len() == 2:
		out.Kind = model.Sealed
		if z, ok := s.zoneOf(args.At(0)); ok {
			out.SealedZone = z.Name
		}
		if isInvalid(args.At(1)) {
			out.Kind = model.Invalid
		}
		if inner, ok := types.Unalias(args.At(1)).(*types.Named); ok {
			out.Labelled = s.lookUp(inner)
		}
	case n.Obj().Name() == "Index" && args.Len() == 2:
		out.Kind = model.Index
		if z, ok := s.zoneOf(args.At(0)); ok {
			out.SealedZone = z.Name
		}
		if isInvalid(args.At(1)) {
			out.Kind = model.Invalid
		}
	default:
		return false
	}
	return true
}

// labelled knows labelled structs.
func (s *shaper) labelled(out *model.Shape, n *types.Named) bool {
	t := s.lookUp(n)
	if t == nil {
		return false
	}
	out.Kind, out.Labelled = model.Labelled, t
	return true
}

// lookUp returns the labelled type with the name of n, or nil.
func (l *loader) lookUp(n *types.Named) *model.Type {
	key := objectKey(n.Obj())
	if t := l.types[key]; t != nil {
		return t
	}
	if t := l.foreign[key]; t != nil {
		return t
	}
	return l.findExternal(n)
}

// structure gives the shape of what is beneath a type.
func (s *shaper) structure(out *model.Shape, t types.Type) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		s.basic(out, u)
	case *types.Pointer:
		out.Kind, out.Elem = model.Pointer, s.shape(u.Elem())
	case *types.Slice:
		if isByte(u.Elem()) {
			out.Kind = model.Bytes
			return
		}
		out.Kind, out.Elem = model.Slice, s.shape(u.Elem())
	case *types.Array:
		out.Kind, out.Len, out.Elem = model.Array, u.Len(), s.shape(u.Elem())
	case *types.Map:
		out.Kind, out.Key, out.Elem = model.Map, s.shape(u.Key()), s.shape(u.Elem())
	case *types.Struct:
		s.fields(out, t, u)
	case *types.Interface:
		name := "an interface"
		if u.NumMethods() == 0 {
			name = "any"
		}
		if _, ok := types.Unalias(t).(*types.TypeParam); ok {
			name = "a type parameter"
		}
		refuse(out, "%s can hold anything: what is in it is not known before run time", name)
	case *types.Signature:
		refuse(out, "a func is no data")
	case *types.Chan:
		refuse(out, "a channel is no data")
	default:
		refuse(out, "%s cannot be followed", t)
	}
}

func (s *shaper) basic(out *model.Shape, b *types.Basic) {
	switch b.Kind() {
	case types.Invalid:
		out.Kind = model.Invalid
	case types.UnsafePointer:
		refuse(out, "an unsafe.Pointer cannot be followed")
	case types.Uintptr:
		refuse(out, "a uintptr is an address, not data")
	default:
		out.Kind = model.Basic
	}
}

// fields gives the shape of an unlabelled struct.
func (s *shaper) fields(out *model.Shape, t types.Type, u *types.Struct) {
	out.Kind = model.Struct
	for f := range u.Fields() {
		if f.Name() == "_" {
			continue
		}
		if !f.Exported() && f.Pkg().Path() != s.from.Path() {
			refuse(out, "%s has the unexported field %s, which package %s cannot read%s",
				s.typeName(t), f.Name(), s.from.Name(), promotedHint(t))
			return
		}
		out.Fields = append(out.Fields, model.ShapeField{Name: f.Name(), Shape: s.shape(f.Type())})
	}
}

// nameable reports whether generated code can write the name of a type.
func (s *shaper) nameable(obj *types.TypeName) bool {
	pkg := obj.Pkg()
	if pkg == nil || pkg.Path() == s.from.Path() {
		return true
	}
	if !obj.Exported() || obj.Parent() != nil && obj.Parent() != pkg.Scope() {
		return false
	}
	return importable(pkg.Path(), s.from.Path())
}

// importable applies the go command's rule for internal packages, and the one
// for packages of the standard library's own.
func importable(path, from string) bool {
	if strings.HasPrefix(path, "vendor/") {
		return false
	}
	elems := strings.Split(path, "/")
	for i := len(elems) - 1; i >= 0; i-- {
		if elems[i] == "internal" {
			parent := strings.Join(elems[:i], "/")
			return parent != "" && (from == parent || strings.HasPrefix(from, parent+"/"))
		}
	}
	return true
}

// typeName writes a type as code in the package would.
func (s *shaper) typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == s.from {
			return ""
		}
		return p.Name()
	})
}

func isByte(t types.Type) bool {
	b, ok := types.Unalias(t).(*types.Basic)
	return ok && b.Kind() == types.Byte
}

func isInvalid(t types.Type) bool {
	b, ok := types.Unalias(t).(*types.Basic)
	return ok && b.Kind() == types.Invalid
}

// routeKey finds the route that a route type of the zones package stands for.
func (l *loader) routeKey(t types.Type) string {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != l.cfg.ZonesPath {
		return ""
	}
	return l.words.routes[n.Obj().Name()]
}
