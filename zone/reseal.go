package zone

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/wire"
)

// What is sealed is stored for years, and keys are rotated. Generated code gives
// each view a method for each zone that something in it is sealed for:
//
//	x := zone.NewResealing(keys) // of the zone: *crypto.Keys[zones.MyNumber]
//	changed, err := view.ResealMyNumber(x, person.InsuredNumber)
//
// It opens what is not under the zone's primary key, seals it under that, and
// makes the indexes beside it anew. The program sees no plaintext. What a seal
// is bound to holds nothing that a rotation changes, so the view opens as before.

// Resealing seals again under the primary keys of zone Z, and binds what lies in
// a record as the crossing did that sealed it. Make one with [NewResealing]. Many
// goroutines may use it at once.
type Resealing[Z Zone] struct {
	_    [0]*Z // what reseals for one zone does not convert into what does for another
	keys *crypto.Keys[Z]
	deep int    // how many records the one at hand lies in
	path []byte // canonical associated data of all that it is part of
}

// NewResealing returns what reseals with the keys of a zone.
func NewResealing[Z Zone](k *crypto.Keys[Z]) *Resealing[Z] { return &Resealing[Z]{keys: k} }

// ResealPart returns x for the record in a field of another, as [Part] does with
// the crossing that sealed it: id is what the outer record is known by in zone Z,
// and field its field there, qualified by its type.
func ResealPart[Z Zone, I Bytes](x *Resealing[Z], field string, id I) *Resealing[Z] {
	return ResealPartKey(x, field, id, "")
}

// ResealPartAt is [ResealPart] for an element of a slice or array.
func ResealPartAt[Z Zone, I Bytes](x *Resealing[Z], field string, id I, index int) *Resealing[Z] {
	var digits [20]byte
	return ResealPartKey(x, field, id, strconv.AppendInt(digits[:0], int64(index), 10))
}

// ResealPartKey is [ResealPart] for an element of a map.
func ResealPartKey[Z Zone, I, K Bytes](x *Resealing[Z], field string, id I, key K) *Resealing[Z] {
	p := new(Resealing[Z])
	if x == nil {
		return p
	}
	p.keys, p.deep = x.keys, x.deep+1
	path := appendPart(nil, field)
	path = appendPart(path, id)
	path = appendPart(path, key)
	p.path = append(path, x.path...)
	return p
}

// Enter fails where records lie deeper in each other than they may when they
// cross: most likely one of them holds itself.
func (x *Resealing[Z]) Enter() error {
	if x != nil && x.deep > maxDeep {
		return errResealDeep
	}
	return nil
}

var errResealDeep = fmt.Errorf("zone: more than %d records lie in each other; does one hold itself?", maxDeep)

// Format prints the type and the zone for every verb.
func (x *Resealing[Z]) Format(s fmt.State, _ rune) {
	var z Z
	io.WriteString(s, "zone.Resealing("+z.ZoneName()+")")
}

// LogValue implements slog.LogValuer with the text of Format.
func (x *Resealing[Z]) LogValue() slog.Value {
	var z Z
	return slog.StringValue("zone.Resealing(" + z.ZoneName() + ")")
}

// Reseal replaces s by the same sealed under the primary key, unless it is
// already, and reports whether it did. Ad and id are those it was sealed with.
// What is absent stays absent. After an error s is as it was.
//
// The error is a [*crypto.OpenError] when s does not open: under these keys, or
// because ad, id or the records around it are others. Else it says why keys are
// not to be had.
func Reseal[T any, Z Zone, I Bytes](x *Resealing[Z], ad *AD, id I, s *crypto.Sealed[Z, T]) (bool, error) {
	k, bound := x.bound(), Scratch()
	defer bound.Release()
	bound.ad = appendAD(bound.ad[:0], ad, id, x.around())
	out, changed, err := crypto.Reseal[T](k, *s, bound.ad)
	if err != nil {
		return false, err
	}
	*s = out
	return changed, nil
}

// ResealIndexed is [Reseal] of a column that can be searched: index is made anew
// when it is not under the primary index key, also where there is none yet, and
// taken away where there is no value any more. After an error neither has changed.
func ResealIndexed[T any, Z Zone, I Bytes](x *Resealing[Z], ad *AD, id I, s *crypto.Sealed[Z, T], of *Indexed, index *crypto.Index[Z, T]) (bool, error) {
	if s.IsZero() {
		left := !index.IsZero()
		*index = crypto.Index[Z, T]{}
		return left, nil
	}
	k, bound := x.bound(), Scratch()
	defer bound.Release()
	bound.ad = appendAD(bound.ad[:0], ad, id, x.around())
	out, changed, err := crypto.Reseal[T](k, *s, bound.ad)
	if err != nil {
		return false, err
	}
	if primary, ok := k.Primary(crypto.UseIndex); !ok || index.IsZero() || index.KeyID() != primary {
		plain, err := crypto.Open[T](k, *s, bound.ad)
		if err != nil {
			return false, err
		}
		defer clear(plain)
		made, err := crypto.MakeIndex[T](k, of.scope, plain)
		if err != nil {
			return false, err
		}
		*index, changed = made, true
	}
	*s = out
	return changed, nil
}

// bound returns the keys, nil where there are none: their use says so.
func (x *Resealing[Z]) bound() *crypto.Keys[Z] {
	if x == nil {
		return nil
	}
	return x.keys
}

func (x *Resealing[Z]) around() []byte {
	if x == nil {
		return nil
	}
	return x.path
}

// ResealError says which field of which view was not resealed, and why.
type ResealError struct {
	View  string // package and name of the view
	Field string // the field, with dots into views inside

	cause error
}

// ResealFailed wraps what went wrong with one field of a view. It is nil when err
// is nil. Of an error inside a view that the field holds, the whole way is kept.
func ResealFailed(view, field string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := err.(*ResealError); ok {
		return &ResealError{View: view, Field: field + "." + inner.Field, cause: inner.cause}
	}
	return &ResealError{View: view, Field: field, cause: err}
}

// Error implements error: "zone: insured.PersonLGWAN.Sealed is not resealed:
// cause". Of a cause that may quote a value there is the type only.
func (e *ResealError) Error() string {
	at := "zone: " + e.View + "." + e.Field + " is not resealed: "
	if mayShow(e.cause) {
		return at + e.cause.Error()
	}
	return at + fmt.Sprintf("failed with a %T, whose text is left out because it may quote the value", e.cause)
}

// Unwrap returns the cause where it is one that never holds a value.
func (e *ResealError) Unwrap() error {
	if mayShow(e.cause) {
		return e.cause
	}
	return nil
}

// mayShow reports whether an error never holds a value.
func mayShow(err error) bool {
	switch err.(type) {
	case *wire.Error, *crypto.OpenError, *crypto.NoKeysError, *crypto.UnknownKeyError, *crypto.MalformedError,
		*crypto.PeriodError, *crypto.StaleError, *crypto.UsedUpError, *crypto.LedgerError:
		return true
	}
	return err == errResealDeep
}
