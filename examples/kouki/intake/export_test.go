package intake

import "bytes"

// Record returns a copy of the bytes of the row that was read last, good or bad.
func (r *Reader[T]) Record() []byte { return bytes.Clone(r.in.current.raw) }

// Header returns a copy of the header's bytes, with a byte order mark if there is one; only before a row is set aside.
func (r *Reader[T]) Header() []byte { return bytes.Clone(r.in.aside.header) }
