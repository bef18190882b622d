package parcel

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

// bodyReader reads the pieces of a parcel. It is for one goroutine at a time,
// and only that one reads src; others decrypt.
type bodyReader struct {
	ctx     context.Context
	src     io.Reader
	key     *bodyKey
	depth   int // how many pieces may be at work; 1: the caller opens them
	longest int // record, in bytes
	queue   []*piece
	free    []*piece
	cur     *piece
	pos     int    // in cur.plain
	place   uint64 // of the next frame to read
	taken   uint64 // place of the next piece to use
	stop    error  // why no more frames are read, io.EOF after the last piece
	spill   []byte // a record that spans pieces
	count   int64
	marked  int64 // what the end mark says, -1 before it
	err     error // sticks
}

func newBodyReader(ctx context.Context, src io.Reader, key *bodyKey, asked, longest int) *bodyReader {
	return &bodyReader{ctx: ctx, src: src, key: key, depth: workers(asked), longest: longest, marked: -1}
}

// next returns the next record, which is valid until the next call. After the
// last one it returns io.EOF, once the end mark and the end of src are as they
// must be.
func (r *bodyReader) next() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	record, err := r.record()
	if err != nil {
		r.close(err)
		return nil, err
	}
	r.count++
	return record, nil
}

func (r *bodyReader) record() ([]byte, error) {
	head, err := r.bytes(4)
	if err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head)
	if length == endMark {
		return nil, r.end()
	}
	if int64(length) > int64(r.longest) {
		return nil, &RecordError{Record: r.count, Detail: fmt.Sprintf("it has %d bytes, and at most %d are accepted", length, r.longest)}
	}
	return r.bytes(int(length))
}

// bytes returns the next n bytes of plaintext: as they lie in the piece, or
// gathered where they span pieces. They are valid until the next call.
func (r *bodyReader) bytes(n int) ([]byte, error) {
	if r.cur != nil {
		if end := r.pos + n; end <= len(r.cur.buf) {
			b := r.cur.buf[r.pos:end:end]
			r.pos = end
			return b, nil
		}
	}
	if n > cap(r.spill) {
		clear(r.spill[:cap(r.spill)])
		r.spill = make([]byte, 0, max(n, smallBuffer))
	}
	r.spill = r.spill[:0]
	for len(r.spill) < n {
		if r.cur == nil || r.pos == len(r.cur.buf) {
			if err := r.advance(); err != nil {
				return nil, err
			}
		}
		m := min(n-len(r.spill), len(r.cur.buf)-r.pos)
		r.spill = append(r.spill, r.cur.buf[r.pos:r.pos+m]...)
		r.pos += m
	}
	return r.spill, nil
}

// end checks that the parcel ends here, and that it says so itself.
func (r *bodyReader) end() error {
	b, err := r.bytes(8)
	if err != nil {
		return err
	}
	if n := binary.BigEndian.Uint64(b); n <= 1<<62 {
		r.marked = int64(n)
	} else {
		return &MalformedError{"body", "the end mark has an impossible count"}
	}
	if r.pos != len(r.cur.buf) || !r.cur.frame.final {
		return &MalformedError{"body", "something follows the end mark"}
	}
	if r.marked != r.count {
		return &CountError{Announced: -1, Marked: r.marked, Read: r.count}
	}
	if err := r.trailing(); err != nil {
		return err
	}
	return io.EOF
}

// trailing wants src to be at its end.
func (r *bodyReader) trailing() error {
	var more [1]byte
	switch n, err := io.ReadFull(r.src, more[:]); {
	case n > 0:
		return &TrailingError{}
	case err != io.EOF:
		return reading(err)
	}
	return nil
}

// advance makes the next piece the current one.
func (r *bodyReader) advance() error {
	if err := r.ctx.Err(); err != nil {
		return fmt.Errorf("parcel: not read: %w", err)
	}
	if r.cur != nil {
		r.free = append(r.free, r.cur)
		r.cur, r.pos = nil, 0
	}
	for len(r.queue) < r.depth && r.stop == nil {
		p := pop(&r.free)
		if r.stop = r.fetch(p); r.stop != nil && r.stop != io.EOF {
			r.free = append(r.free, p)
			break
		}
		r.queue = append(r.queue, p)
		if r.depth > 1 {
			p.start(p.open, r.key)
		} else {
			p.open(r.key)
		}
	}
	if len(r.queue) == 0 {
		if r.stop == io.EOF {
			return &MalformedError{"body", "the last piece has no end mark"}
		}
		return r.stop
	}
	p := r.queue[0]
	r.queue = append(r.queue[:0], r.queue[1:]...)
	if r.depth > 1 {
		p.wait()
	}
	return r.use(p)
}

// use makes p, which is open or was found not to be authentic, the current
// piece.
func (r *bodyReader) use(p *piece) error {
	place := r.taken
	r.taken++
	if p.err != nil {
		r.free = append(r.free, p)
		return &AlteredError{Part: PartPiece, Piece: place}
	}
	if p.frame.index != place {
		r.free = append(r.free, p)
		return &OrderError{Place: place, Piece: p.frame.index}
	}
	r.cur, r.pos = p, 0
	return nil
}

// fetch reads one frame and its ciphertext. It returns io.EOF with the last
// piece.
func (r *bodyReader) fetch(p *piece) error {
	place := r.place
	r.place++
	if _, err := io.ReadFull(r.src, p.head[:]); err != nil {
		return cut(err, place)
	}
	var ok bool
	if p.frame, ok = parseFrame(p.head[:]); !ok {
		return &AlteredError{Part: PartFrame, Piece: place}
	}
	p.resize(p.frame.length)
	if _, err := io.ReadFull(r.src, p.buf); err != nil {
		return cut(err, place)
	}
	if p.frame.final {
		return io.EOF
	}
	return nil
}

// cut is the error of a piece that is not there as a whole.
func cut(err error, place uint64) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &TruncatedError{Piece: place}
	}
	return reading(err)
}

// reading wraps what the source said.
func reading(err error) error { return fmt.Errorf("parcel: not read: %w", err) }

// close wipes the pieces; err is what every later call gets.
func (r *bodyReader) close(err error) {
	if r.err == nil {
		r.err = err
	}
	for _, p := range r.queue {
		if r.depth > 1 {
			p.wait()
		}
		p.release()
	}
	for _, p := range r.free {
		p.release()
	}
	if r.cur != nil {
		r.cur.release()
	}
	clear(r.spill[:cap(r.spill)])
	r.queue, r.free, r.cur, r.spill = nil, nil, nil, nil
}
