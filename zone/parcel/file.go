package parcel

import (
	"context"
	"fmt"
	"io"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/internal/handover"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// chunkSize is the length of the records that a file is cut into, in bytes. With
// the length of the record they fill a piece four times, nearly.
const chunkSize = 256 << 10

// FileWriter writes a parcel with the bytes of one file. It is for one goroutine
// at a time.
type FileWriter struct {
	outgoing
	written int64
}

// CreateFile begins a parcel with one file of the class, for the far zone of the
// crossing. The file has no fields to be treated one by one, so the route must
// let its class pass: the error is a [*PolicyError] with the clause when it does
// not, or when the far zone does not hold the class. A file counts as one record
// of the crossing, of the type "file". Otherwise it is as [Create].
func CreateFile[R Way[From, To], From, To zone.Zone](x *zone.Crossing[R], f File, class string, dst io.Writer, opts ...CreateOption) (*FileWriter, error) {
	o, err := newCreateOptions(opts)
	if err != nil {
		return nil, err
	}
	c, ok := x.Handover(handover.NewPass())
	if !ok || c.Over {
		return nil, &StateError{"there is no crossing, or it is over: begin one with zone.Cross"}
	}
	if err := FilePasses(c.Policy, c.Digest, c.Route, class); err != nil {
		return nil, err
	}
	transit := zone.NewTransit[R](c.Policy.Name, "file", "file", c.Digest,
		zone.Decision{Field: "Content", Class: class, Action: classify.ActionPass, Result: class})
	if err := x.Admit(transit); err != nil {
		return nil, err
	}
	out, err := dispatch[From, To](x, fileHeader(f, class), dst, o)
	if err != nil {
		return nil, err
	}
	return &FileWriter{outgoing: *out}, nil
}

func fileHeader(f File, class string) *Header {
	return &Header{Payload: Bytes, File: &f, Class: class}
}

// FilePasses returns nil when bytes of a class may go over a route of the policy as
// they are. The error is a *[PolicyError] with the clause and the digest, which is
// that of the policy in force, overlays included.
func FilePasses(p *policy.Policy, digest string, route *policy.Route, class string) error {
	refuse := func(format string, args ...any) error {
		return &PolicyError{Policy: p.Name, Digest: digest, Clause: route.Clause, Detail: fmt.Sprintf(format, args...)}
	}
	level, ok := p.Scale().Level(class)
	if !ok {
		return refuse("the policy has no class %q: it has %q", class, p.Classes)
	}
	d := p.Decide(route, classify.Label{Class: level}, classify.Tag{})
	if d.Action != classify.ActionPass {
		return refuse("on route %s a file of class %s cannot pass as it is: %s", route.Key(), class, d.Why)
	}
	far, _ := p.Zone(route.To)
	if most, _ := p.Scale().Level(far.Holds); level > most {
		return refuse("class %s, and zone %s holds %s at most", class, route.To, far.Holds)
	}
	return nil
}

// Write adds bytes to the file.
func (w *FileWriter) Write(b []byte) (n int, err error) {
	if w.over {
		return 0, &StateError{"the parcel is over: nothing can be added"}
	}
	for len(b) > 0 {
		chunk := b[:min(len(b), chunkSize)]
		if err := w.body.add(chunk); err != nil {
			return n, err
		}
		b = b[len(chunk):]
		n += len(chunk)
		w.written += int64(len(chunk))
	}
	return n, nil
}

// ReadFrom adds all that src has, and makes io.Copy do so in large chunks.
func (w *FileWriter) ReadFrom(src io.Reader) (n int64, err error) {
	b := make([]byte, chunkSize)
	defer clear(b)
	for {
		m, err := fill(b, src)
		written, werr := w.Write(b[:m])
		n += int64(written)
		switch {
		case werr != nil:
			return n, werr
		case err == io.EOF:
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

// fill reads until b is full. Its error is that of src, and not io.ReadFull's: of
// that one nobody can tell the end of src from what a source says that was cut
// off, which is io.ErrUnexpectedEOF.
func fill(b []byte, src io.Reader) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = src.Read(b[n:])
		n += m
	}
	return n, err
}

// Close ends the parcel, see [Writer.Close]. It is also an error when the file
// has another size than the header says.
func (w *FileWriter) Close() error {
	if size := w.header.File.Size; !w.over && size != nil && *size != w.written {
		w.Abort()
		return &CountError{Announced: *size, Marked: -1, Read: w.written, Bytes: true}
	}
	return w.outgoing.Close()
}

// FileReader reads a parcel with one file. It is for one goroutine at a time.
type FileReader struct {
	incoming
	rest []byte // of the chunk at hand
	read int64
}

// OpenFile opens a parcel with a file that came over route R, in the zone that R
// enters. What Read returns is authentic, but only when it has returned io.EOF
// the file is whole. Otherwise it is as [Open].
func OpenFile[R Way[From, To], From, To zone.Zone](ctx context.Context, b *zone.Border, register Register, src io.Reader, opts ...OpenOption) (*FileReader, error) {
	in, err := arrive[R, From, To](ctx, b, register, src, Bytes, nil, opts)
	if err != nil {
		return nil, err
	}
	return &FileReader{incoming: *in}, nil
}

// Read implements io.Reader.
func (r *FileReader) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for !r.left() {
		if err := r.chunk(); err != nil {
			return 0, err
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// WriteTo writes all that is left to dst, and makes io.Copy do so without a
// buffer of its own.
func (r *FileReader) WriteTo(dst io.Writer) (n int64, err error) {
	for {
		if r.left() {
			m, err := entire{dst}.Write(r.rest)
			n += int64(m)
			r.rest = r.rest[m:]
			if err != nil {
				return n, err
			}
		}
		switch err := r.chunk(); {
		case err == io.EOF:
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

// left reports whether something is left of the chunk at hand. After Close the
// buffer that it is in may be another parcel's.
func (r *FileReader) left() bool { return len(r.rest) > 0 && r.body.err == nil }

// chunk gets the next chunk, and at the end holds the size against the header.
func (r *FileReader) chunk() error {
	chunk, err := r.next()
	if size := r.header.File.Size; err == io.EOF && size != nil && *size != r.read {
		err = &CountError{Announced: *size, Marked: -1, Read: r.read, Bytes: true}
		r.body.err = err
	}
	r.rest = chunk
	r.read += int64(len(chunk))
	return err
}
