package audit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// header is what a segment begins with: enough to go on from here without a
// look at the segments before.
type header struct {
	origin string
	per    int64     // entries of a full segment, a power of two
	latest time.Time // latest time that an entry before this segment tells; zero in the first
	last   time.Time // when the log took the last of them; zero in the first
	tree   frontier  // of all entries before
	note   []byte    // the signed checkpoint of them
}

const headerTitle = "sekisho audit segment 1"

// encode spells the header.
func (h header) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%s\n%d\n%d\n%s\n%s\n", headerTitle, h.origin, h.tree.size, h.per, spell(h.latest), spell(h.last))
	for _, hash := range h.tree.edge() {
		b.WriteString(base64.StdEncoding.EncodeToString(hash[:]) + "\n")
	}
	b.WriteString("\n")
	b.Write(h.note)
	return b.Bytes()
}

// spell spells a time, or that there is none.
func spell(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// decodeHeader reads a header. It takes one spelling, and the hashes must be
// those of the tree that the checkpoint is about.
func decodeHeader(data []byte) (header, error) {
	malformed := errors.New("the header of the segment is not one")
	top, signed, ok := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(top), "\n")
	if !ok || len(lines) < 6 || lines[0] != headerTitle {
		return header{}, malformed
	}
	first, err1 := strconv.ParseInt(lines[2], 10, 64)
	per, err2 := strconv.ParseInt(lines[3], 10, 64)
	if err1 != nil || err2 != nil || first < 0 || !validPer(per) || first%per != 0 {
		return header{}, malformed
	}
	h := header{origin: lines[1], per: per, note: bytes.Clone(signed)}
	h.latest, _ = time.Parse(time.RFC3339Nano, lines[4]) // what is no time is spelled differently below
	h.last, _ = time.Parse(time.RFC3339Nano, lines[5])
	var edge []tlog.Hash
	for _, line := range lines[6:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return header{}, malformed
		}
		edge = append(edge, hash)
	}
	if h.tree, err1 = edgeOf(first, edge); err1 != nil {
		return header{}, err1
	}
	if !bytes.Equal(h.encode(), data) {
		return header{}, malformed
	}
	return h, h.tree.matches(h.origin, h.note)
}

// matches compares the tree with the checkpoint that was written of it. It does
// not look at signatures.
func (f *frontier) matches(origin string, signed []byte) error {
	text, err := noteText(signed)
	if err != nil {
		return err
	}
	root, err := f.root()
	if err != nil {
		return err
	}
	if text != (Checkpoint{Origin: origin, Size: f.size, Root: root}).Text() {
		return errors.New("the entries are not those that the checkpoint behind them is about")
	}
	return nil
}

// validPer reports whether a segment may have so many entries.
func validPer(n int64) bool { return n >= 2 && n <= 1<<20 && n&(n-1) == 0 }

// placed is an entry and where it stands.
type placed struct {
	number int64
	offset int64 // in its segment
	data   []byte
	hash   tlog.Hash
}

// scan is a walk through one segment, from checkpoint to checkpoint.
type scan struct {
	frames *frames
	header header
	size   int64     // of the file
	end    int64     // behind the last checkpoint, in bytes
	tree   frontier  // at the last checkpoint
	note   []byte    // the last checkpoint
	begun  *frontier // ahead of it, while a batch is read
	left   []placed  // of a batch that failed

	keep bool // hold on to the data of entries
}

// newScan reads the header of a segment.
func newScan(r io.Reader, number int64, origin string, keep bool) (*scan, error) {
	s := &scan{frames: newFrames(r), keep: keep}
	kind, payload, err := s.frames.next()
	if err == io.EOF {
		err = errShort
	}
	if err != nil {
		return nil, err
	}
	if kind != frameHeader {
		return nil, errors.New("the segment does not begin with a header")
	}
	if s.header, err = decodeHeader(payload); err != nil {
		return nil, err
	}
	if s.header.origin != origin {
		return nil, errors.New("the segment belongs to another log")
	}
	if s.header.tree.size != number*s.header.per {
		return nil, errors.New("the segment has the number of another")
	}
	s.end, s.tree, s.note = s.frames.offset, s.header.tree, s.header.note
	return s, nil
}

// batch returns the entries up to the next checkpoint. The error is io.EOF
// behind the last checkpoint if nothing follows it. After an error the scan
// stands at the last checkpoint that was good.
func (s *scan) batch() ([]placed, error) {
	entries, err := s.next()
	if err != nil {
		s.left = entries
		return nil, err
	}
	return entries, nil
}

// next is batch, with what there was of a batch that failed.
func (s *scan) next() ([]placed, error) {
	var entries []placed
	tree := s.tree
	s.begun = &tree
	for {
		at := s.frames.offset
		kind, payload, err := s.frames.next()
		if err != nil {
			if err == io.EOF && len(entries) > 0 {
				err = errShort
			}
			return entries, err
		}
		switch kind {
		case frameEntry:
			if tree.size >= s.header.tree.size+s.header.per {
				return entries, s.back(at, "there are more entries than a segment has")
			}
			e := placed{number: tree.size, offset: at, hash: tlog.RecordHash(payload)}
			if s.keep {
				e.data = bytes.Clone(payload)
			}
			entries = append(entries, e)
			if err := tree.add(e.hash); err != nil {
				return entries, err
			}
		case frameCheckpoint:
			if len(entries) == 0 {
				return nil, s.back(at, "a checkpoint follows no entries")
			}
			if err := tree.matches(s.header.origin, payload); err != nil {
				s.begun = nil // any of them may be the wrong one
				return entries, s.back(entries[0].offset, err.Error())
			}
			s.end, s.tree, s.note, s.begun = s.frames.offset, tree, bytes.Clone(payload), nil
			return entries, nil
		default:
			return entries, s.back(at, "a frame is neither an entry nor a checkpoint")
		}
	}
}

// back puts the offset where the trouble is.
func (s *scan) back(at int64, why string) error {
	s.frames.offset = at
	return errors.New(why)
}

// full reports whether the segment has all the entries that it can have.
func (s *scan) full() bool { return s.tree.size == s.header.tree.size+s.header.per }

// doubt returns the number of the entry at which a failed batch is wrong.
func (s *scan) doubt() int64 {
	if s.begun != nil {
		return s.begun.size
	}
	return s.tree.size
}
