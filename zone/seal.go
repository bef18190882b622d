package zone

import (
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/wire"
)

// Bytes is how generated code hands over record ids and values to tokenise:
// as they are, so that neither form needs a copy.
type Bytes interface{ ~string | ~[]byte }

// AD is the part of the associated data that is the same for every record:
// policy, type, view, and field or group. A ciphertext that was moved to
// another of them does not open.
type AD struct{ prefix []byte }

// NewAD returns the associated data of a field, or of the group of encrypted
// fields, of a view: a package variable of generated code.
func NewAD(policy, typ, view, field string) *AD {
	return &AD{prefix: crypto.AppendAD(nil, policy, typ, view, field)}
}

// appendPart appends one part of canonical associated data in the form of
// [crypto.AppendAD], without turning bytes into a string first.
func appendPart[B Bytes](b []byte, part B) []byte {
	if len(part) < 0x80 { // one byte of length, as nearly every part has
		return append(append(b, byte(len(part))), part...)
	}
	return append(binary.AppendUvarint(b, uint64(len(part))), part...)
}

// appendAD appends the associated data of one record: the prefix, the record's
// id, and the path of what it is part of. Every part has its length in front,
// so no two lists of parts give the same bytes.
func appendAD[I Bytes](b []byte, ad *AD, id I, path []byte) []byte {
	b = append(b, ad.prefix...)
	b = appendPart(b, id)
	return append(b, path...)
}

// Part returns the crossing as the labelled struct in a field of a record sees
// it: Admit compares its type with the policy but does not count it against
// limits, and what is sealed under it is bound to the outer record's id and the
// field. Field is qualified by the outer record's type, as generated code writes
// it: two types may have fields of one name and records of one id.
func Part[R Route, I Bytes](x *Crossing[R], field string, id I) *Crossing[R] {
	return PartKey(x, field, id, "")
}

// PartAt is [Part] for an element of a slice or array: what is sealed under it
// is bound to its index too, so elements cannot change places.
func PartAt[R Route, I Bytes](x *Crossing[R], field string, id I, index int) *Crossing[R] {
	var digits [20]byte
	return PartKey(x, field, id, strconv.AppendInt(digits[:0], int64(index), 10))
}

// PartKey is [Part] for an element of a map: what is sealed under it is bound to
// its key too.
func PartKey[R Route, I, K Bytes](x *Crossing[R], field string, id I, key K) *Crossing[R] {
	p := &Crossing[R]{part: true}
	if x == nil {
		return p
	}
	p.core, p.deep = x.core, x.deep+1
	path := appendPart(p.room[:0], field)
	path = appendPart(path, id)
	path = appendPart(path, key)
	p.path = append(path, x.path...)
	return p
}

// Pad is scratch memory in which generated code prepares one record: what it
// writes is what [Seal] encrypts. Get one from [Scratch] and Release it; nothing
// of it may be used afterwards.
type Pad struct {
	wire.Writer
	id, aside wire.Writer
	ad        []byte
	released  bool
}

// maxPooled is the largest Pad kept for reuse, in bytes, so that one huge record
// does not hold its memory for ever.
const maxPooled = 64 << 10

var pads = sync.Pool{New: func() any { return new(Pad) }}

// Scratch returns an empty Pad.
func Scratch() *Pad {
	w := pads.Get().(*Pad)
	w.released = false
	return w
}

// Release wipes the Pad and gives it back. Releasing it again does nothing.
func (w *Pad) Release() {
	if w.released {
		return
	}
	w.Writer.Reset()
	w.id.Reset()
	w.aside.Reset()
	clear(w.ad)
	w.ad = w.ad[:0]
	w.released = true
	if w.Writer.Cap()+w.id.Cap()+w.aside.Cap()+cap(w.ad) <= maxPooled {
		pads.Put(w)
	}
}

// ID returns an empty writer beside the record, for a record id that is not a
// string already: a number, a time, several fields. Its Bytes stay valid until
// ID is called again.
func (w *Pad) ID() *wire.Writer {
	w.id.Reset()
	return &w.id
}

// Aside returns another empty writer, for a value to tokenise that is not a
// string already. Its Bytes stay valid until Aside is called again.
func (w *Pad) Aside() *wire.Writer {
	w.aside.Reset()
	return &w.aside
}

// Format implements fmt.Formatter: every verb prints the type's name.
func (w Pad) Format(s fmt.State, _ rune) { io.WriteString(s, "zone.Pad") }

// LogValue implements slog.LogValuer: the type's name.
func (w Pad) LogValue() slog.Value { return slog.StringValue("zone.Pad") }

// Seal encrypts what was written to w with the keys of zone Z, which the
// crossing leaves, for the view group or field T. It is bound to ad, to the
// record's id and, under [Part], to the records around it. The error is a
// [*RefusalError] without a value.
func Seal[T any, Z Zone, R Leaving[Z], I Bytes](x *Crossing[R], ad *AD, id I, w *Pad) (crypto.Sealed[Z, T], error) {
	k, err := leaving[Z](x)
	if err != nil {
		return crypto.Sealed[Z, T]{}, err
	}
	w.ad = appendAD(w.ad[:0], ad, id, x.path)
	s, err := crypto.Seal[T](k, w.Bytes(), w.ad)
	if err != nil {
		return crypto.Sealed[Z, T]{}, x.core.keyTrouble(err)
	}
	return s, nil
}

// Open decrypts what was sealed in zone Z, which the crossing enters, and
// returns a reader of it. Ad, id and the records around it must be those it was
// sealed with; otherwise, and when a bit of it was changed, the error is a
// [*crypto.OpenError].
func Open[T any, Z Zone, R Entering[Z], I Bytes](x *Crossing[R], ad *AD, id I, s crypto.Sealed[Z, T]) (wire.Reader, error) {
	k, err := entering[Z](x)
	if err != nil {
		return wire.Reader{}, err
	}
	w := Scratch()
	defer w.Release()
	w.ad = appendAD(w.ad[:0], ad, id, x.path)
	plain, err := crypto.Open[T](k, s, w.ad)
	if err != nil {
		return wire.Reader{}, err
	}
	return wire.NewReader(plain), nil
}

// tokenRoom is the length up to which a value to tokenise is copied to the stack
// only. Longer ones cost an allocation.
const tokenRoom = 128

// Token returns the keyed pseudonym of a value under the token keys of zone Z,
// which the crossing leaves. Scope tells the tokens of different roads and
// fields apart. The error is a [*RefusalError] without the value.
func Token[Z Zone, R Leaving[Z], V Bytes](x *Crossing[R], scope crypto.Scope, value V) (crypto.Token[R], error) {
	k, err := leaving[Z](x)
	if err != nil {
		return crypto.Token[R]{}, err
	}
	var room [tokenRoom]byte
	t, err := crypto.MakeToken[R](k, scope, append(room[:0], value...))
	if err != nil {
		return crypto.Token[R]{}, x.core.keyTrouble(err)
	}
	return t, nil
}

// Match checks that a view which comes back was made of the record at hand:
// value, of the record, must give the token tok, of the view. Back enters the
// zone that Out left. The error is a [*RefusalError], with [ReasonRecord] when
// it is another record.
func Match[Z Zone, Back Entering[Z], Out Leaving[Z], V Bytes](x *Crossing[Back], scope crypto.Scope, value V, tok crypto.Token[Out]) error {
	k, err := entering[Z](x)
	if err != nil {
		return err
	}
	var room [tokenRoom]byte
	same, err := crypto.MatchToken[Out](k, scope, append(room[:0], value...), tok)
	if err != nil {
		return x.core.keyTrouble(err)
	}
	if !same {
		return x.core.refuse("", otherRecord)
	}
	return nil
}

// leaving returns the keys of the zone that the crossing leaves.
func leaving[Z Zone, R Leaving[Z]](x *Crossing[R]) (*crypto.Keys[Z], error) {
	if x == nil || x.core == nil {
		return nil, nameOf[R]().refusal(neverBegan)
	}
	return keysIn[Z](x.core, &x.core.from)
}

// entering returns the keys of the zone that the crossing enters.
func entering[Z Zone, R Entering[Z]](x *Crossing[R]) (*crypto.Keys[Z], error) {
	if x == nil || x.core == nil {
		return nil, nameOf[R]().refusal(neverBegan)
	}
	return keysIn[Z](x.core, &x.core.to)
}

// keysIn asserts typed keys back. That this fails although there are keys is
// impossible, since R's own Road put them there, and is treated as no keys.
func keysIn[Z Zone](c *crossing, own *ownKeys) (*crypto.Keys[Z], error) {
	if c.tally.Load() < 0 {
		return nil, c.ended("")
	}
	if k, ok := own.typed.(*crypto.Keys[Z]); ok {
		return k, nil
	}
	if own.err != nil {
		return nil, c.keyTrouble(own.err)
	}
	var z Z
	return nil, c.refuse("", Reason{ReasonKeys, "the border has no keys of zone " + z.ZoneName(),
		"open the border with zone.WithKeys and a keyring that has them"})
}

// keyTrouble wraps an error of the keys, which never hold a value.
func (c *crossing) keyTrouble(err error) error {
	var why reasons
	why.fail(ReasonKeys, "the keys do not do it", "see to the keyring", err)
	e := c.refuse("", why.list...)
	e.causes = why.causes
	return e
}
