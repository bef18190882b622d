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

// Writer appends values to a buffer. The zero Writer is ready to use; Reset
// makes one ready for the next record without giving up its memory.
//
// A Writer is for one goroutine at a time.
type Writer struct {
	buf   []byte
	depth int
}

// maxDepth is how deep values may lie in each other. Deeper ones are taken for
// values that hold themselves, which have no end.
const maxDepth = 10_000

// Enter begins a value that can hold another of its own type, and Leave ends
// it. Enter fails where values lie deeper in each other than any record's do:
// most likely one of them holds itself.
func (w *Writer) Enter() error {
	if w.depth++; w.depth > maxDepth {
		return &Error{Op: "Enter", Offset: len(w.buf), Msg: fmt.Sprintf("more than %d values lie in each other; does one hold itself?", maxDepth)}
	}
	return nil
}

// Leave ends what Enter began.
func (w *Writer) Leave() { w.depth-- }

// Reset wipes what was written and keeps the memory.
func (w *Writer) Reset() {
	clear(w.buf)
	w.buf = w.buf[:0]
	w.depth = 0
}

// Bytes returns what was written. It is the Writer's own memory: valid until
// the next call of another method.
func (w *Writer) Bytes() []byte { return w.buf }

// Len returns the number of bytes written.
func (w *Writer) Len() int { return len(w.buf) }

// Cap returns the number of bytes that the memory held can take.
func (w *Writer) Cap() int { return cap(w.buf) }

// String writes a string of any bytes: its length, then the bytes.
func (w *Writer) String(s string) {
	if len(s) < 0x80 { // one byte of length, as nearly every field has
		w.buf = append(append(w.buf, byte(len(s))), s...)
		return
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(len(s)))
	w.buf = append(w.buf, s...)
}

// Blob writes a byte slice. A nil slice and an empty one are different values
// and read back as such: zero stands for nil, length plus one for the others.
func (w *Writer) Blob(b []byte) {
	if b == nil {
		w.buf = append(w.buf, 0)
		return
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(len(b))+1)
	w.buf = append(w.buf, b...)
}

// Bool writes a truth value as one byte.
func (w *Writer) Bool(b bool) {
	v := byte(0)
	if b {
		v = 1
	}
	w.buf = append(w.buf, v)
}

// Int writes a signed integer in as few bytes as it needs.
func (w *Writer) Int(v int64) { w.buf = binary.AppendVarint(w.buf, v) }

// Uint writes an unsigned integer in as few bytes as it needs.
func (w *Writer) Uint(v uint64) { w.buf = binary.AppendUvarint(w.buf, v) }

// Float writes the bits of a float64 (IEEE 754) in eight bytes. A float32
// converted to float64 and back is unchanged.
func (w *Writer) Float(v float64) {
	w.buf = binary.BigEndian.AppendUint64(w.buf, math.Float64bits(v))
}

// Time writes the instant and the offset from UTC in seconds, so that the
// calendar day reads back as it was written; the name of the location and a
// monotonic clock reading are left out. The zero Time reads back as the zero
// Time.
func (w *Writer) Time(t time.Time) {
	_, offset := t.Zone()
	w.Int(t.Unix())
	w.Uint(uint64(t.Nanosecond()))
	w.Int(int64(offset))
}

// Count writes the number of elements that follow. Each of them must write at
// least one byte, which lets a Reader refuse a count that cannot be. A negative
// n is written as 0.
func (w *Writer) Count(n int) { w.Uint(uint64(max(n, 0))) }

// Present writes whether an optional value (a pointer, a slice that may be
// nil) follows, and returns its argument so that the caller can ask and write
// in one line:
//
//	if w.Present(v.Moved != nil) {
//		w.Time(*v.Moved)
//	}
func (w *Writer) Present(b bool) bool {
	w.Bool(b)
	return b
}

// Text writes a value by its own text form, its AppendText where it has one.
// The error is an [*Error] without the text of the marshaler's own error. A
// nil pointer inside m is the caller's to exclude, see [Writer.Present].
func (w *Writer) Text(m encoding.TextMarshaler) error {
	if a, ok := m.(encoding.TextAppender); ok {
		return w.append("Text", "AppendText", a.AppendText)
	}
	return w.marshal("Text", "MarshalText", m.MarshalText)
}

// Binary writes a value by its own binary form, its AppendBinary where it has
// one. Errors are as those of [Writer.Text].
func (w *Writer) Binary(m encoding.BinaryMarshaler) error {
	if a, ok := m.(encoding.BinaryAppender); ok {
		return w.append("Binary", "AppendBinary", a.AppendBinary)
	}
	return w.marshal("Binary", "MarshalBinary", m.MarshalBinary)
}

// marshal writes what f returns as a string.
func (w *Writer) marshal(op, method string, f func() ([]byte, error)) error {
	b, err := f()
	if err != nil {
		return &Error{Op: op, Offset: len(w.buf), Msg: foreign(method, err)}
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(len(b)))
	w.buf = append(w.buf, b...)
	return nil
}

// append lets f append to the buffer itself and then slips the length in front
// of what it wrote, which saves the intermediate slice.
func (w *Writer) append(op, method string, f func([]byte) ([]byte, error)) error {
	start := len(w.buf)
	b, err := f(w.buf)
	if err != nil {
		clear(w.buf[start:cap(w.buf)])
		return &Error{Op: op, Offset: start, Msg: foreign(method, err)}
	}
	if len(b) < start {
		return &Error{Op: op, Offset: start, Msg: method + " of the value returned fewer bytes than it was given"}
	}
	size := len(b) - start
	var prefix [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(prefix[:], uint64(size))
	b = append(b, prefix[:n]...)
	copy(b[start+n:], b[start:start+size])
	copy(b[start:], prefix[:n])
	w.buf = b
	return nil
}

// Format implements fmt.Formatter: every verb prints the type's name.
func (w Writer) Format(s fmt.State, _ rune) { io.WriteString(s, "wire.Writer") }

// LogValue implements slog.LogValuer: the type's name.
func (w Writer) LogValue() slog.Value { return slog.StringValue("wire.Writer") }
