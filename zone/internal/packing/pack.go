package packing

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/sekisho-go/sekisho/zone/wire"
)

// maxDepth is how deep values may lie in others of their own type, as deep as
// records may when they cross.
const maxDepth = 1000

var (
	errNoPacker   = errors.New("packing: this Packer was not handed out by a parcel, and nothing can be packed with it")
	errNoUnpacker = errors.New("packing: this Unpacker was not handed out by a parcel, and nothing can be unpacked with it")
	errTooDeep    = fmt.Errorf("packing: more than %d values of one type lie in each other; does one hold itself?", maxDepth)
)

// Packable is what an Encoder packs: a pointer to a view.
type Packable interface {
	// Pack hands the fields to p.
	Pack(p *Packer) error
}

// Encoder packs one view after another into the same memory. The zero Encoder
// is ready to use, by one goroutine at a time.
type Encoder struct {
	w wire.Writer
	p Packer
}

// Encode returns the record of v. It is the Encoder's own memory, valid until
// the next call; Wipe clears it. The error says what could not be written and
// never holds a value.
func (e *Encoder) Encode(v Packable) ([]byte, error) {
	e.w.Reset()
	e.p = Packer{w: &e.w}
	err := v.Pack(&e.p)
	if err == nil {
		err = e.p.err
	}
	e.p = Packer{} // whoever kept it writes into nothing
	if err != nil {
		e.w.Reset()
		return nil, err
	}
	return e.w.Bytes(), nil
}

// Wipe clears what the last record left in memory and keeps the memory.
func (e *Encoder) Wipe() { e.w.Reset() }

// Format implements fmt.Formatter: every verb prints the type's name.
func (e Encoder) Format(s fmt.State, _ rune) { io.WriteString(s, "packing.Encoder") }

// LogValue implements slog.LogValuer: the type's name.
func (e Encoder) LogValue() slog.Value { return slog.StringValue("packing.Encoder") }

// Packer takes the fields of a view, in the order of its schema. It remembers
// its first error, and what comes afterwards is not written.
//
// A Packer is handed to the Pack method of a view and is of no use afterwards.
// The zero Packer fails.
type Packer struct {
	w     *wire.Writer
	err   error
	depth int
}

// Err returns the first error, or nil.
func (p *Packer) Err() error {
	if p.w == nil && p.err == nil {
		return errNoPacker
	}
	return p.err
}

func (p *Packer) ok() bool { return p.w != nil && p.err == nil }

// Enter begins a value that can hold another of its own type, and Leave ends
// it. The error, which also stays, is that values lie too deep in each other.
func (p *Packer) Enter() error {
	if p.depth++; p.depth > maxDepth && p.err == nil {
		p.err = errTooDeep
	}
	return p.Err()
}

// Leave ends what Enter began.
func (p *Packer) Leave() { p.depth-- }

// String takes a string of any bytes.
func (p *Packer) String(s string) {
	if p.ok() {
		p.w.String(s)
	}
}

// Blob takes a byte slice. Nil and empty ones are different.
func (p *Packer) Blob(b []byte) {
	if p.ok() {
		p.w.Blob(b)
	}
}

// Bool takes a truth value.
func (p *Packer) Bool(b bool) {
	if p.ok() {
		p.w.Bool(b)
	}
}

// Int takes a signed integer.
func (p *Packer) Int(v int64) {
	if p.ok() {
		p.w.Int(v)
	}
}

// Uint takes an unsigned integer.
func (p *Packer) Uint(v uint64) {
	if p.ok() {
		p.w.Uint(v)
	}
}

// Float takes a floating-point number.
func (p *Packer) Float(v float64) {
	if p.ok() {
		p.w.Float(v)
	}
}

// Complex takes a complex number: its real part, then its imaginary part.
func (p *Packer) Complex(v complex128) {
	p.Float(real(v))
	p.Float(imag(v))
}

// Time takes an instant with its offset from UTC.
func (p *Packer) Time(t time.Time) {
	if p.ok() {
		p.w.Time(t)
	}
}

// Count takes the number of elements that follow.
func (p *Packer) Count(n int) {
	if p.ok() {
		p.w.Count(n)
	}
}

// Present takes whether an optional value follows, and returns its argument.
// When nothing can be written any more it returns false.
func (p *Packer) Present(b bool) bool { return p.ok() && p.w.Present(b) }

// Text takes a value by its own text form.
func (p *Packer) Text(m encoding.TextMarshaler) {
	if p.ok() {
		p.err = p.w.Text(m)
	}
}

// Binary takes a value by its own binary form.
func (p *Packer) Binary(m encoding.BinaryMarshaler) {
	if p.ok() {
		p.err = p.w.Binary(m)
	}
}

// Format implements fmt.Formatter: every verb prints the type's name.
func (p Packer) Format(s fmt.State, _ rune) { io.WriteString(s, "zone.Packer") }

// LogValue implements slog.LogValuer: the type's name.
func (p Packer) LogValue() slog.Value { return slog.StringValue("zone.Packer") }
