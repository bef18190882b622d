package audit

import (
	"errors"
	"os"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// writer appends to the last segment of a log. It is used by one goroutine.
type writer struct {
	sub    *sublog
	opt    *Options
	file   disk
	acked  disk
	number int64       // of the segment
	first  int64       // number of its first entry
	per    int64       // entries of a full segment
	offset int64       // where the next batch goes
	tree   frontier    // of all entries
	leaves []tlog.Hash // of the entries in the segment
	latest time.Time   // latest time in an entry
	note   []byte      // the last checkpoint
	clock  clock
	buf    []byte
}

// draft is the log as it will be with a batch that is not written yet.
type draft struct {
	tree   frontier
	latest time.Time
}

// write makes the first entries of a batch durable, as many as the segment has
// room for, and returns how many.
func (w *writer) write(batch []*pending) (int, error) {
	now, mark := w.clock.now(w.opt.Clock(), w.opt.passed())
	if !validTime(now) {
		return 0, errors.New("the clock of the machine is outside the years 1 to 9999")
	}
	d := draft{w.tree, w.latest}
	w.buf = w.buf[:0]
	if mark != nil {
		e := Entry{Time: now, Clock: mark}
		data, err := e.Encode()
		if err != nil {
			return 0, err
		}
		if err := w.add(&d, data, now); err != nil {
			return 0, err
		}
	}
	n := 0
	for n < len(batch) && d.tree.size < w.first+w.per {
		p := batch[n]
		p.number = d.tree.size
		if err := w.add(&d, withTime(now, p.body), later(p.at, now)); err != nil {
			return 0, err
		}
		n++
	}
	return n, w.commit(d)
}

// add puts an entry into the draft.
func (w *writer) add(d *draft, data []byte, latest time.Time) error {
	h := tlog.RecordHash(data)
	if err := d.tree.add(h); err != nil {
		return err
	}
	w.leaves = append(w.leaves, h)
	w.buf = appendFrame(w.buf, frameEntry, data)
	d.latest = later(d.latest, latest)
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// commit writes a draft with its checkpoint and makes it durable. Only then is
// it noted as acknowledged; that note need not survive a power failure, because
// the checkpoint after it says as much.
func (w *writer) commit(d draft) error {
	root, err := d.tree.root()
	if err != nil {
		return err
	}
	signed, err := (Checkpoint{Origin: w.sub.origin, Size: d.tree.size, Root: root}).sign(w.opt.Signer)
	if err != nil {
		return err
	}
	w.buf = appendFrame(w.buf, frameCheckpoint, signed)
	if _, err := w.file.WriteAt(w.buf, w.offset); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	if _, err := w.acked.WriteAt([]byte(ackedText(d.tree.size)), 0); err != nil {
		return err
	}
	w.offset += int64(len(w.buf))
	w.tree, w.latest, w.note = d.tree, d.latest, signed
	return nil
}

// rotate begins a new segment when the last one is full. The hashes of the full
// one get a file of their own, so that proofs do not need its entries.
func (w *writer) rotate() error {
	if w.tree.size < w.first+w.per {
		return nil
	}
	hashes := make([]byte, 0, len(w.leaves)*tlog.HashSize)
	for _, h := range w.leaves {
		hashes = append(hashes, h[:]...)
	}
	if err := writeFile(w.sub.root, hashesName(w.number), hashes); err != nil {
		return err
	}
	h := header{origin: w.sub.origin, per: w.per, latest: w.latest, last: w.clock.last, tree: w.tree, note: w.note}
	frame := appendFrame(nil, frameHeader, h.encode())
	if err := writeFile(w.sub.root, segmentName(w.number+1), frame); err != nil {
		return err
	}
	if err := w.file.Close(); err != nil {
		return err
	}
	w.number, w.first, w.leaves, w.offset = w.number+1, w.tree.size, w.leaves[:0], int64(len(frame))
	return w.openSegment()
}

// openSegment opens the segment to append to.
func (w *writer) openSegment() error {
	f, err := w.sub.root.OpenFile(segmentName(w.number), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	w.file = w.opt.wrap(f)
	return nil
}

// close gives the files back.
func (w *writer) close() error {
	var errs []error
	if w.acked != nil {
		errs = append(errs, w.acked.Sync(), w.acked.Close())
	}
	if w.file != nil {
		errs = append(errs, w.file.Close())
	}
	return errors.Join(errs...)
}

// tolerance is how far a clock may be off before it was set rather than
// adjusted.
const tolerance = 2 * time.Second

// clock stamps entries. It watches the wall clock by the time that passes.
type clock struct {
	last   time.Time // last stamp
	wall   time.Time // wall clock at the last stamp of this process; zero before
	passed time.Time // the same by the clock that only runs forward
}

// now returns the stamp of the next entries, and a mark to write before them if
// the wall clock jumped.
func (c *clock) now(wall, passed time.Time) (time.Time, *ClockMark) {
	now := wall.Round(0).UTC()
	expected := c.last // after a restart, all that is known is where the log was
	jumped := expected.Sub(now) > tolerance
	if !c.wall.IsZero() {
		expected = c.wall.Add(passed.Sub(c.passed))
		jumped = now.Sub(expected).Abs() > tolerance
	}
	if expected.Before(c.last) {
		expected = c.last
	}
	c.wall, c.passed = now, passed
	if jumped {
		c.last = now
		return now, &ClockMark{Expected: expected, Found: now}
	}
	if now.Before(c.last) {
		now = c.last
	}
	c.last = now
	return now, nil
}
