package wire

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"math"
	"time"
)

// Reader reads values in the order in which a [Writer] wrote them. Make one
// with [NewReader]; the zero Reader has nothing to read.
//
// A Reader is for one goroutine at a time.
type Reader struct {
	b   []byte
	off int
	err *Error
}

// NewReader returns a Reader of b, which it reads but neither keeps parts of
// nor changes.
func NewReader(b []byte) Reader { return Reader{b: b} }

// Err returns the first error, an [*Error], or nil.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Len returns the number of bytes that are not read yet.
func (r *Reader) Len() int { return r.left() }

// Close returns the first error; when there was none, it is an error that
// bytes are left, because then writer and reader did not mean the same record.
func (r *Reader) Close() error {
	if left := r.left(); left > 0 && r.err == nil {
		r.fail("Close", fmt.Sprintf("%d bytes are left over", left))
	}
	return r.Err()
}

// String reads what [Writer.String] wrote. After an error it returns "".
//
// It has the shape of fmt.Stringer but is none in effect: Format stands before
// it, so printing a Reader reads nothing.
func (r *Reader) String() string { return string(r.take("String", r.uvarint("String"))) }

// Blob reads what [Writer.Blob] wrote, as a copy. After an error it returns
// nil.
func (r *Reader) Blob() []byte {
	n := r.uvarint("Blob")
	if n == 0 {
		return nil
	}
	b := r.take("Blob", n-1)
	if r.err != nil {
		return nil
	}
	return append(make([]byte, 0, len(b)), b...)
}

// Bool reads what [Writer.Bool] wrote. After an error it returns false.
func (r *Reader) Bool() bool { return r.bool("Bool") }

// Present reads what [Writer.Present] wrote. After an error it returns false,
// so that an optional value is then taken as absent.
func (r *Reader) Present() bool { return r.bool("Present") }

// Int reads what [Writer.Int] wrote. After an error it returns 0.
func (r *Reader) Int() int64 { return r.varint("Int") }

// Uint reads what [Writer.Uint] wrote. After an error it returns 0.
func (r *Reader) Uint() uint64 { return r.uvarint("Uint") }

// Float reads what [Writer.Float] wrote. After an error it returns 0.
func (r *Reader) Float() float64 {
	b := r.take("Float", 8)
	if r.err != nil {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

// Time reads what [Writer.Time] wrote: the same instant, in UTC or at the same
// offset from it. After an error it returns the zero Time.
func (r *Reader) Time() time.Time {
	sec, nsec, offset := r.varint("Time"), r.uvarint("Time"), r.varint("Time")
	if r.err != nil {
		return time.Time{}
	}
	if nsec >= uint64(time.Second) {
		r.fail("Time", "the nanoseconds are not below one second")
		return time.Time{}
	}
	if offset < math.MinInt32 || offset > math.MaxInt32 {
		r.fail("Time", "the offset from UTC is out of range")
		return time.Time{}
	}
	t := time.Unix(sec, int64(nsec)).UTC()
	if offset != 0 {
		t = t.In(time.FixedZone("", int(offset)))
	}
	return t
}

// Count reads what [Writer.Count] wrote. It is never negative and never more
// than the bytes that are left; after an error it is 0.
func (r *Reader) Count() int {
	n := r.uvarint("Count")
	if left := r.left(); n > uint64(left) {
		r.fail("Count", fmt.Sprintf("more elements are announced than the %d bytes left can hold", left))
		return 0
	}
	return int(n)
}

// Text reads what [Writer.Text] wrote into u. After an error u is not called.
func (r *Reader) Text(u encoding.TextUnmarshaler) {
	r.unmarshal("Text", "UnmarshalText", u.UnmarshalText)
}

// Binary reads what [Writer.Binary] wrote into u. After an error u is not
// called.
func (r *Reader) Binary(u encoding.BinaryUnmarshaler) {
	r.unmarshal("Binary", "UnmarshalBinary", u.UnmarshalBinary)
}

// Fail makes err stick as the Reader's error unless there is one already, for
// values that generated code restores itself. Only the type of err is kept.
func (r *Reader) Fail(method string, err error) {
	if err != nil {
		r.fail(method, foreign(method, err))
	}
}

// unmarshal hands a string to f, which by the contract of its interface copies
// what it keeps.
func (r *Reader) unmarshal(op, method string, f func([]byte) error) {
	b := r.take(op, r.uvarint(op))
	if r.err != nil {
		return
	}
	if err := f(b); err != nil {
		r.fail(op, foreign(method, err))
	}
}

// left is the number of bytes not yet read.
func (r *Reader) left() int { return len(r.b) - r.off }

// fail keeps the first error only: what comes after it is a consequence.
func (r *Reader) fail(op, msg string) {
	if r.err == nil {
		r.err = &Error{Op: op, Offset: r.off, Msg: msg}
	}
}

// take returns the next n bytes without copying them. Its capacity ends where
// its length does, so that an append by somebody else cannot reach what follows.
func (r *Reader) take(op string, n uint64) []byte {
	if r.err != nil {
		return nil
	}
	if left := r.left(); n > uint64(left) {
		r.fail(op, fmt.Sprintf("it needs more than the %d bytes left", left))
		return nil
	}
	end := r.off + int(n)
	b := r.b[r.off:end:end]
	r.off = end
	return b
}

// bool reads one byte that is 0 or 1.
func (r *Reader) bool(op string) bool {
	b := r.take(op, 1)
	if r.err != nil {
		return false
	}
	if b[0] > 1 {
		r.off--
		r.fail(op, "the byte is neither 0 nor 1")
		return false
	}
	return b[0] == 1
}

// uvarint reads an unsigned number in its shortest form.
func (r *Reader) uvarint(op string) uint64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Uvarint(r.b[r.off:])
	switch {
	case n == 0:
		r.fail(op, "the bytes end within a number")
		return 0
	case n < 0:
		r.fail(op, "a number does not fit 64 bits")
		return 0
	case n > 1 && r.b[r.off+n-1] == 0:
		r.fail(op, "a number is not in its shortest form")
		return 0
	}
	r.off += n
	return v
}

// varint undoes the zigzag of binary.AppendVarint.
func (r *Reader) varint(op string) int64 {
	u := r.uvarint(op)
	v := int64(u >> 1)
	if u&1 != 0 {
		v = ^v
	}
	return v
}

// Format implements fmt.Formatter: every verb prints the type's name and reads
// nothing.
func (r Reader) Format(s fmt.State, _ rune) { io.WriteString(s, "wire.Reader") }

// LogValue implements slog.LogValuer: the type's name.
func (r Reader) LogValue() slog.Value { return slog.StringValue("wire.Reader") }
