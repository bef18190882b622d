package load

import (
	"go/token"
	"go/types"
)

// encoder is a pair of methods by which a value writes or reads itself.
type encoder struct {
	method string
	iface  *types.Interface
}

// The pairs of package encoding, made here so that they need no import graph
// with that package in it.
var (
	textEncoder   = encoder{"MarshalText", methodInterface("MarshalText", nil, []types.Type{bytesType, errorType})}
	textDecoder   = encoder{"UnmarshalText", methodInterface("UnmarshalText", []types.Type{bytesType}, []types.Type{errorType})}
	binaryEncoder = encoder{"MarshalBinary", methodInterface("MarshalBinary", nil, []types.Type{bytesType, errorType})}
	binaryDecoder = encoder{"UnmarshalBinary", methodInterface("UnmarshalBinary", []types.Type{bytesType}, []types.Type{errorType})}

	bytesType = types.NewSlice(types.Typ[types.Byte])
	errorType = types.Universe.Lookup("error").Type()
)

func methodInterface(name string, params, results []types.Type) *types.Interface {
	tuple := func(ts []types.Type) *types.Tuple {
		var vars []*types.Var
		for _, t := range ts {
			vars = append(vars, types.NewVar(token.NoPos, nil, "", t))
		}
		return types.NewTuple(vars...)
	}
	sig := types.NewSignatureType(nil, nil, nil, tuple(params), tuple(results), false)
	return types.NewInterfaceType([]*types.Func{types.NewFunc(token.NoPos, nil, name, sig)}, nil).Complete()
}

// encodes reports whether values of n write and read themselves by methods of
// their own. Methods that an embedded field lends do not count: they would
// lose the other fields.
func encodes(n *types.Named, out, in encoder) bool {
	return own(n, out.method) && own(n, in.method) && implements(n, out.iface) && implements(n, in.iface)
}

// own reports whether *n has the method for all that it holds: declared on it,
// or lent by an embedded field that is its only one.
func own(n *types.Named, method string) bool {
	_, index, _ := types.LookupFieldOrMethod(n, true, nil, method)
	return len(index) > 0 && alone(n, index)
}

// alone reports whether each field on the way to a method is the only one of
// its struct, blank ones apart.
func alone(t types.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			return false
		}
		for f := range s.Fields() {
			if f != s.Field(i) && f.Name() != "_" {
				return false
			}
		}
		t = s.Field(i).Type()
	}
	return true
}

func implements(n *types.Named, iface *types.Interface) bool {
	return types.Implements(types.NewPointer(n), iface)
}

// promotedHint explains why a struct with MarshalText is not taken as text.
func promotedHint(t types.Type) string {
	n, ok := types.Unalias(t).(*types.Named)
	if ok && implements(n, textEncoder.iface) && implements(n, textDecoder.iface) {
		return " (its MarshalText is that of an embedded field, which knows nothing of the others)"
	}
	return ""
}

// isValue reports whether n keeps the protocol of classify.Value: Reveal on
// the value, Restore on the pointer.
func isValue(n *types.Named) bool {
	reveal, ok := method(n, false, "Reveal")
	if !ok || !signature(reveal, 1, 1) || !isClassifyZone(reveal.Params().At(0).Type()) || !isString(reveal.Results().At(0).Type()) {
		return false
	}
	restore, ok := method(n, true, "Restore")
	return ok && signature(restore, 2, 1) && isClassifyZone(restore.Params().At(0).Type()) &&
		isString(restore.Params().At(1).Type()) && types.Identical(restore.Results().At(0).Type(), errorType)
}

// method returns the signature of a method that n has for all that it holds, of
// the value or of the pointer.
func method(n *types.Named, pointer bool, name string) (*types.Signature, bool) {
	obj, index, indirect := types.LookupFieldOrMethod(n, pointer, nil, name)
	f, ok := obj.(*types.Func)
	if !ok || !alone(n, index) || indirect {
		return nil, false
	}
	return f.Signature(), true
}

func signature(s *types.Signature, params, results int) bool {
	return s.Params().Len() == params && s.Results().Len() == results && !s.Variadic()
}

func isClassifyZone(t types.Type) bool {
	_, ok := isNamed(t, classifyPath, "Zone")
	return ok
}

func isString(t types.Type) bool { return types.Identical(t, types.Typ[types.String]) }
