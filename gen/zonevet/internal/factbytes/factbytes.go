// Package factbytes writes and reads the bytes of facts. A fact is one byte
// string, because the go command compares facts as bytes: the same source must
// give the same bytes at every run, and the gob of a map does not.
package factbytes

import (
	"encoding/binary"
	"errors"
)

// ErrBroken is returned for bytes that were not written by this version. The
// go command never mixes versions of a tool, so it means damage.
var ErrBroken = errors.New("fact: broken encoding")

// Writer appends to a fact. Strings are interned: one that is written again
// takes a byte or two. The zero Writer is ready.
type Writer struct {
	bytes   []byte
	strings map[string]uint64
}

// Uint appends a number.
func (w *Writer) Uint(n uint64) { w.bytes = binary.AppendUvarint(w.bytes, n) }

// Bool appends a truth value.
func (w *Writer) Bool(b bool) {
	if b {
		w.Uint(1)
	} else {
		w.Uint(0)
	}
}

// String appends a string.
func (w *Writer) String(s string) {
	if i, ok := w.strings[s]; ok {
		w.Uint(i)
		return
	}
	if w.strings == nil {
		w.strings = map[string]uint64{}
	}
	w.strings[s] = uint64(len(w.strings)) + 1
	w.Uint(0)
	w.Uint(uint64(len(s)))
	w.bytes = append(w.bytes, s...)
}

// Strings appends a list.
func (w *Writer) Strings(list []string) {
	w.Uint(uint64(len(list)))
	for _, s := range list {
		w.String(s)
	}
}

// Bytes returns what was written.
func (w *Writer) Bytes() []byte { return w.bytes }

// Reader reads what a Writer wrote, in the same order. After the first error
// everything reads as zero, and Err says so.
type Reader struct {
	rest    []byte
	strings []string
	err     error
}

// NewReader returns a reader of a fact.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Err returns nil, or [ErrBroken].
func (r *Reader) Err() error { return r.err }

// Done reports whether everything was read, without an error.
func (r *Reader) Done() bool { return r.err == nil && len(r.rest) == 0 }

// Uint reads a number.
func (r *Reader) Uint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || r.err != nil {
		r.err = ErrBroken
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// Len reads the number of things that follow, each of one byte at least.
func (r *Reader) Len() int {
	n := r.Uint()
	if n > uint64(len(r.rest)) {
		r.err = ErrBroken
		return 0
	}
	return int(n)
}

// Bool reads a truth value.
func (r *Reader) Bool() bool { return r.Uint() != 0 }

// String reads a string.
func (r *Reader) String() string {
	i := r.Uint()
	switch {
	case r.err != nil:
		return ""
	case i == 0:
		n := r.Len()
		s := string(r.rest[:n])
		r.rest = r.rest[n:]
		r.strings = append(r.strings, s)
		return s
	case i > uint64(len(r.strings)):
		r.err = ErrBroken
		return ""
	}
	return r.strings[i-1]
}

// Strings reads a list.
func (r *Reader) Strings() []string {
	var list []string
	for range r.Len() {
		list = append(list, r.String())
	}
	return list
}
