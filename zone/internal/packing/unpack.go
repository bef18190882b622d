package packing

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strconv"
	"time"

	"github.com/sekisho-go/sekisho/zone/wire"
)

// maxEmpty is how many values there may be that take no bytes: an array of
// empty structs is announced in one byte and has no end otherwise.
const maxEmpty = 1 << 16

// Unpackable is what a Decoder fills: a pointer to a view.
type Unpackable interface {
	// Unpack replaces the fields by those that u gives.
	Unpack(u *Unpacker) error
}

// Decoder unpacks one record after another. The zero Decoder is ready to use,
// by one goroutine at a time.
type Decoder struct {
	r wire.Reader
	u Unpacker
}

// Decode fills v from a record, which it reads but neither keeps parts of nor
// changes. All of the record must be used up. After an error, v may be half
// filled and is to be thrown away. The error says what could not be read and
// where, and never holds a value.
func (d *Decoder) Decode(record []byte, v Unpackable) error {
	d.r = wire.NewReader(record)
	d.u = Unpacker{r: &d.r}
	err := v.Unpack(&d.u)
	if err == nil {
		err = d.u.Err()
	}
	if err == nil {
		err = d.r.Close()
	}
	d.r, d.u = wire.Reader{}, Unpacker{} // whoever kept it reads nothing
	return err
}

// Format implements fmt.Formatter: every verb prints the type's name.
func (d Decoder) Format(s fmt.State, _ rune) { io.WriteString(s, "packing.Decoder") }

// LogValue implements slog.LogValuer: the type's name.
func (d Decoder) LogValue() slog.Value { return slog.StringValue("packing.Decoder") }

// Unpacker gives the fields of a view, in the order of its schema. It remembers
// its first error, and gives zero values afterwards.
//
// An Unpacker is handed to the Unpack method of a view and is of no use
// afterwards. The zero Unpacker fails.
type Unpacker struct {
	r     *wire.Reader
	err   error
	depth int
	empty int // values so far that took no bytes
}

// Err returns the first error, or nil.
func (u *Unpacker) Err() error {
	switch {
	case u.err != nil:
		return u.err
	case u.r == nil:
		return errNoUnpacker
	}
	return u.r.Err()
}

func (u *Unpacker) ok() bool { return u.r != nil && u.err == nil }

// Enter begins a value that can hold another of its own type, and Leave ends
// it. The error, which also stays, is that values lie too deep in each other.
func (u *Unpacker) Enter() error {
	if u.depth++; u.depth > maxDepth && u.ok() {
		u.err = errTooDeep
	}
	return u.Err()
}

// Leave ends what Enter began.
func (u *Unpacker) Leave() { u.depth-- }

// Fail makes err stay as the Unpacker's error unless there is one already. Only
// the type of err is kept.
func (u *Unpacker) Fail(method string, err error) {
	if u.ok() {
		u.r.Fail(method, err)
	}
}

// String gives a string.
//
// It has the shape of fmt.Stringer but is none in effect: Format stands before
// it, so printing an Unpacker reads nothing.
func (u *Unpacker) String() string {
	if !u.ok() {
		return ""
	}
	return u.r.String()
}

// Blob gives a byte slice of its own.
func (u *Unpacker) Blob() []byte {
	if !u.ok() {
		return nil
	}
	return u.r.Blob()
}

// Bool gives a truth value.
func (u *Unpacker) Bool() bool { return u.ok() && u.r.Bool() }

// Int gives a signed integer that fits bits, which counts as in
// strconv.ParseInt: 0 is an int.
func (u *Unpacker) Int(bits int) int64 {
	if !u.ok() {
		return 0
	}
	v := u.r.Int()
	if bits == 0 {
		bits = strconv.IntSize
	}
	if v>>(bits-1) != 0 && v>>(bits-1) != -1 {
		u.fits("Int", bits)
		return 0
	}
	return v
}

// Uint gives an unsigned integer that fits bits, which counts as in
// strconv.ParseUint: 0 is a uint.
func (u *Unpacker) Uint(bits int) uint64 {
	if !u.ok() {
		return 0
	}
	v := u.r.Uint()
	if bits == 0 {
		bits = strconv.IntSize
	}
	if bits < 64 && v>>bits != 0 {
		u.fits("Uint", bits)
		return 0
	}
	return v
}

// Float gives a floating-point number that loses nothing in bits, 32 or 64.
func (u *Unpacker) Float(bits int) float64 {
	if !u.ok() {
		return 0
	}
	v := u.r.Float()
	if bits == 32 && !math.IsNaN(v) && float64(float32(v)) != v {
		u.fits("Float", bits)
		return 0
	}
	return v
}

// Complex gives a complex number that loses nothing in bits, 64 or 128.
func (u *Unpacker) Complex(bits int) complex128 {
	re := u.Float(bits / 2)
	return complex(re, u.Float(bits/2))
}

func (u *Unpacker) fits(op string, bits int) {
	u.err = fmt.Errorf("packing: %s: the number does not fit %d bits", op, bits)
}

// Time gives an instant with its offset from UTC.
func (u *Unpacker) Time() time.Time {
	if !u.ok() {
		return time.Time{}
	}
	return u.r.Time()
}

// Count gives the number of elements that follow. Each takes least bytes or
// more, so that a number which cannot be is refused before memory is taken for
// it.
func (u *Unpacker) Count(least int) int {
	if !u.ok() {
		return 0
	}
	n := u.r.Uint()
	most := uint64(maxEmpty - u.empty)
	if least > 0 {
		most = uint64(u.r.Len() / least)
	}
	if n > most {
		u.err = fmt.Errorf("packing: Count: more elements are announced than the %d bytes left can hold", u.r.Len())
		return 0
	}
	if least == 0 {
		u.empty += int(n)
	}
	return int(n)
}

// Once checks that a map of n entries has become one of length got: that no key
// was there twice.
func (u *Unpacker) Once(n, got int) {
	if u.ok() && u.r.Err() == nil && n != got {
		u.err = errTwice
	}
}

var errTwice = errors.New("packing: a key is twice in a map")

// Present gives whether an optional value follows.
func (u *Unpacker) Present() bool { return u.ok() && u.r.Present() }

// Text fills a value from its own text form.
func (u *Unpacker) Text(m encoding.TextUnmarshaler) {
	if u.ok() {
		u.r.Text(m)
	}
}

// Binary fills a value from its own binary form.
func (u *Unpacker) Binary(m encoding.BinaryUnmarshaler) {
	if u.ok() {
		u.r.Binary(m)
	}
}

// Format implements fmt.Formatter: every verb prints the type's name and reads
// nothing.
func (u Unpacker) Format(s fmt.State, _ rune) { io.WriteString(s, "zone.Unpacker") }

// LogValue implements slog.LogValuer: the type's name.
func (u Unpacker) LogValue() slog.Value { return slog.StringValue("zone.Unpacker") }
