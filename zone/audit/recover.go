package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// maxTail is more than a crash can leave half written: a batch, and the part of
// another that was there before.
const maxTail = 4 * (maxBatchBytes + maxEntry)

// recover finds out how far the log is good, and makes it good from there on.
//
// The log is good up to its last checkpoint that agrees with all entries before
// it. What stands behind that is a batch that a crash left half written, and
// nobody was told that it had been written, unless
//
//   - the number in the file "acknowledged" says otherwise, or
//   - more than one signed checkpoint stands there: a batch is begun only when
//     the one before it is durable.
//
// Then it is no matter of a crash, and the log is not touched.
func (w *writer) recover() error {
	if err := w.tidy(); err != nil {
		return err
	}
	numbers, err := w.sub.segments()
	if err != nil {
		return fmt.Errorf("audit: log %s: %w", w.sub.name, err)
	}
	if len(numbers) == 0 {
		return w.sub.damage(segmentName(0), 0, 0, errors.New("there is no segment"))
	}
	w.number = numbers[len(numbers)-1]
	tail, err := w.load()
	if err != nil {
		return err
	}
	acked, err := w.sub.root.OpenFile(ackedName, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("audit: log %s: %w", w.sub.name, err)
	}
	w.acked = w.opt.wrap(acked)
	if err := w.openSegment(); err != nil {
		return fmt.Errorf("audit: log %s: %w", w.sub.name, err)
	}
	if len(tail) > 0 {
		err = w.cut(tail)
	} else {
		err = w.settle()
	}
	if err == nil {
		err = w.rotate()
	}
	if err != nil {
		return fmt.Errorf("audit: log %s cannot be made good after a crash: %w", w.sub.name, err)
	}
	return nil
}

// tidy removes files that a crash left half made. They have names of their own
// until they are whole.
func (w *writer) tidy() error {
	list, err := fs.ReadDir(w.sub.root.FS(), ".")
	if err != nil {
		return fmt.Errorf("audit: log %s: %w", w.sub.name, err)
	}
	for _, e := range list {
		if strings.HasSuffix(e.Name(), tmpSuffix) {
			if err := w.sub.root.Remove(e.Name()); err != nil {
				return fmt.Errorf("audit: log %s: %w", w.sub.name, err)
			}
		}
	}
	return nil
}

// load reads the last segment and returns what stands behind its last good
// checkpoint.
func (w *writer) load() (tail []byte, err error) {
	acked, err := w.sub.acked()
	if err != nil {
		return nil, err
	}
	s, f, err := w.sub.scan(w.number, true)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	why := w.replay(s)
	if _, ok := errors.AsType[*DamageError](why); ok {
		return nil, why
	}
	if s.tree.size < acked {
		if why == io.EOF {
			why = errors.New("the segment ends")
		}
		return nil, w.sub.damage(segmentName(w.number), s.frames.offset, s.doubt(), fmt.Errorf("%d entries were acknowledged, but %w", acked, why))
	}
	if _, err := OpenCheckpoint(s.note, w.opt.Verifiers); err != nil {
		return nil, w.sub.damage(segmentName(w.number), s.end, s.tree.size, err)
	}
	w.offset, w.tree, w.note = s.end, s.tree, s.note
	tail, leftBy, err := w.sub.tail(f, s, w.opt.Verifiers)
	if err != nil {
		return nil, fmt.Errorf("audit: log %s: %w", w.sub.name, err)
	}
	if leftBy != nil {
		return nil, w.sub.damage(segmentName(w.number), s.frames.offset, s.doubt(), leftBy)
	}
	return tail, nil
}

// replay takes over the entries of the segment up to its last good checkpoint,
// and returns why it is the last.
func (w *writer) replay(s *scan) error {
	w.first, w.per, w.latest = s.header.tree.size, s.header.per, s.header.latest
	w.clock.last = s.header.last
	for {
		entries, err := s.batch()
		if err != nil {
			return err
		}
		for _, p := range entries {
			e, err := DecodeEntry(p.data)
			if err != nil {
				return w.sub.damage(segmentName(w.number), p.offset, p.number, err)
			}
			w.leaves = append(w.leaves, p.hash)
			w.latest, w.clock.last = later(w.latest, e.latest()), e.Time
		}
	}
}

// tail reads what stands behind the last good checkpoint of a segment, and says
// why no crash leaves that there, if so.
func (s *sublog) tail(f *os.File, sc *scan, keys note.Verifiers) (tail []byte, why, err error) {
	tail, err = io.ReadAll(io.NewSectionReader(f, sc.end, min(sc.size-sc.end, maxTail+1)))
	switch {
	case err != nil:
	case len(tail) > maxTail:
		why = errors.New("more than a crash leaves half written follows")
	case len(tail) > 0 && sc.full():
		why = errors.New("something follows the last entry of a full segment")
	case s.signed(tail, sc.tree.size, keys) > 1:
		why = errors.New("several signed checkpoints follow")
	}
	return tail, why, err
}

// signed counts the checkpoints of this log, over more entries than size, in
// what is left of a batch.
func (s *sublog) signed(tail []byte, size int64, keys note.Verifiers) int {
	count := 0
	begins := []byte(s.origin + "\n")
	for at := 0; ; at++ {
		i := bytes.Index(tail[at:], begins)
		if i < 0 {
			return count
		}
		at += i
		if at < 5 {
			continue
		}
		_, payload, err := newFrames(bytes.NewReader(tail[at-5:])).next()
		if err != nil {
			continue
		}
		if c, err := OpenCheckpoint(payload, keys); err == nil && c.Size > size {
			count++
		}
	}
}

// cut writes a recovery mark over the tail and then shortens the file to it. A
// crash in the middle of that leaves a tail again.
func (w *writer) cut(tail []byte) error {
	sum := sha256.Sum256(tail)
	now := later(w.opt.Clock().Round(0).UTC(), w.clock.last) // if it was set back, the next entry says so
	w.clock.last = now
	e := Entry{Time: now, Recovery: &RecoveryMark{Cut: int64(len(tail)), Digest: "sha256:" + hex.EncodeToString(sum[:])}}
	data, err := e.Encode()
	if err != nil {
		return err
	}
	d := draft{w.tree, w.latest}
	w.buf = w.buf[:0]
	if err := w.add(&d, data, now); err != nil {
		return err
	}
	if err := w.commit(d); err != nil {
		return err
	}
	return w.settle()
}

// settle makes the end of the segment the end of the file, and what is there
// acknowledged.
func (w *writer) settle() error {
	if err := w.file.Truncate(w.offset); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	if _, err := w.acked.WriteAt([]byte(ackedText(w.tree.size)), 0); err != nil {
		return err
	}
	return w.acked.Sync()
}
