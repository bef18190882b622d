package parcel

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// MaxRecord is the length in bytes of the longest record that a parcel carries.
// Writer and reader hold one record in memory beside the pieces.
const MaxRecord = 64 << 20

// endMark stands where the length of a record would, after the last one. The
// number of records follows.
const endMark = math.MaxUint32

// entire wants w to take all or to say why not: a parcel that lacks a part must not
// be one whose crossing is committed.
type entire struct{ w io.Writer }

func (w entire) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	return n, err
}

// body writes the pieces of a parcel. It is for one goroutine at a time, and
// only that one writes to dst; others encrypt.
type bodyWriter struct {
	ctx    context.Context
	dst    io.Writer
	key    *bodyKey
	depth  int // how many pieces may be at work; 0: none but the caller's
	queue  []*piece
	free   []*piece
	cur    *piece
	next   uint64 // index of cur
	count  int64
	err    error // sticks
	ending bool
}

func newBodyWriter(ctx context.Context, dst io.Writer, key *bodyKey, asked int) *bodyWriter {
	w := &bodyWriter{ctx: ctx, dst: dst, key: key}
	w.cur = w.take()
	if n := workers(asked); n > 1 {
		w.depth = n + 2
	}
	return w
}

// add writes one record, which it does not keep.
func (w *bodyWriter) add(record []byte) error {
	if w.err != nil {
		return w.err
	}
	if len(record) > MaxRecord {
		return &RecordError{Record: w.count, Detail: fmt.Sprintf("it has %d bytes, and at most %d travel: split it", len(record), MaxRecord)}
	}
	if w.cur.record(record) { // nearly every one
		w.count++
		return nil
	}
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(record)))
	if err := w.write(length[:]); err != nil {
		return err
	}
	if err := w.write(record); err != nil {
		return err
	}
	w.count++
	return nil
}

// write cuts b into pieces. A full piece is sealed when more follows, because
// only then is it known not to be the last.
func (w *bodyWriter) write(b []byte) error {
	for len(b) > 0 {
		if w.cur.full() {
			if err := w.flush(); err != nil {
				return err
			}
		}
		b = w.cur.fill(b)
	}
	return nil
}

// flush hands on a full piece that is not the last, and takes an empty one.
func (w *bodyWriter) flush() error {
	if err := w.ctx.Err(); err != nil {
		return w.fail(err)
	}
	p := w.cur
	p.frame = frame{index: w.next, length: sealedLen(len(p.plain()))}
	w.next++
	if w.depth == 0 {
		if err := w.key.seal(w.dst, p.frame, p.plain()); err != nil {
			return w.fail(err)
		}
		p.empty()
		return nil
	}
	p.start(p.seal, w.key)
	w.queue = append(w.queue, p)
	w.cur = nil
	if len(w.queue) >= w.depth {
		if err := w.emit(); err != nil {
			return err
		}
	}
	w.cur = w.take()
	return nil
}

// take returns an empty piece.
func (w *bodyWriter) take() *piece {
	p := pop(&w.free)
	p.empty()
	return p
}

// emit writes the oldest piece at work to dst.
func (w *bodyWriter) emit() error {
	p := w.queue[0]
	w.queue = append(w.queue[:0], w.queue[1:]...)
	p.wait()
	err := p.err
	if err == nil {
		_, err = w.dst.Write(p.sealed())
	}
	w.free = append(w.free, p)
	if err != nil {
		return w.fail(err)
	}
	return nil
}

// finish writes everything but the last piece and leaves that one ready. After
// it nothing but dst can fail.
func (w *bodyWriter) finish() error {
	if w.err != nil {
		return w.err
	}
	var mark [12]byte
	binary.BigEndian.PutUint32(mark[:], endMark)
	binary.BigEndian.PutUint64(mark[4:], uint64(w.count))
	if err := w.write(mark[:]); err != nil {
		return err
	}
	for len(w.queue) > 0 {
		if err := w.emit(); err != nil {
			return err
		}
	}
	if err := w.ctx.Err(); err != nil {
		return w.fail(err)
	}
	p := w.cur
	p.frame = frame{index: w.next, length: sealedLen(len(p.plain())), final: true}
	p.seal(w.key)
	if p.err != nil {
		return w.fail(p.err)
	}
	w.ending = true
	return nil
}

// end writes the last piece, which finish left, and is over.
func (w *bodyWriter) end() error {
	if w.err != nil {
		return w.err
	}
	if !w.ending {
		return w.fail(&StateError{"the last piece is not ready"})
	}
	if _, err := w.dst.Write(w.cur.sealed()); err != nil {
		return w.fail(err)
	}
	w.close(&StateError{"the parcel is finished: nothing can be added"})
	return nil
}

// fail makes the parcel one that never opens.
func (w *bodyWriter) fail(err error) error {
	switch err.(type) {
	case *StateError, *RecordError:
	default:
		err = fmt.Errorf("parcel: not written: %w", err)
	}
	w.close(err)
	return err
}

// close wipes the pieces; err is what every later call gets.
func (w *bodyWriter) close(err error) {
	if w.err == nil {
		w.err = err
	}
	for _, p := range w.queue {
		p.wait()
		p.release()
	}
	for _, p := range w.free {
		p.release()
	}
	if w.cur != nil {
		w.cur.release()
	}
	w.queue, w.free, w.cur = nil, nil, nil
}
