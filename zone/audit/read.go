package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ReadOptions are how a folder is read.
type ReadOptions struct {
	Origin    string         // of the folder, as it was written with
	Verifiers note.Verifiers // the keys that may have signed its checkpoints
}

// Reader reads the logs of a folder as one. It changes nothing and takes no
// lock, so it reads also while processes write; it then sees what is durable.
// It is for one goroutine.
type Reader struct {
	root *os.Root
	opt  ReadOptions
}

// Record is an entry and where it stands.
type Record struct {
	Log    string // name of the log in the folder
	Number int64  // of the entry in its log, from 0
	Entry
}

// OpenReader opens a folder to read. Close it.
func OpenReader(dir string, opt ReadOptions) (*Reader, error) {
	if !validOrigin(opt.Origin) {
		return nil, errors.New("audit: the origin is not 1 to 128 printable ASCII characters without blanks and plus signs")
	}
	if opt.Verifiers == nil {
		return nil, errors.New("audit: no keys to verify the log with")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("audit: the folder of the log: %w", err)
	}
	return &Reader{root, opt}, nil
}

// Close closes the folder.
func (r *Reader) Close() error { return r.root.Close() }

// Logs returns the names of the logs in the folder, sorted.
func (r *Reader) Logs() ([]string, error) {
	names, err := sublogs(r.root)
	if err != nil {
		return nil, fmt.Errorf("audit: the folder of the log: %w", err)
	}
	return names, nil
}

// Checkpoints returns the last signed checkpoint of each log, by name of the
// log. What somebody else is given of them, [Reader.Verify] holds the logs
// against later.
func (r *Reader) Checkpoints() (map[string][]byte, error) {
	names, err := r.Logs()
	if err != nil {
		return nil, err
	}
	all := make(map[string][]byte)
	for _, name := range names {
		err := r.with(name, func(s *sublog) error {
			signed, err := s.head()
			if err != nil {
				return err
			}
			all[name] = signed
			_, err = OpenCheckpoint(signed, r.opt.Verifiers)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// with opens a log for f.
func (r *Reader) with(name string, f func(*sublog) error) error {
	s, err := openSublog(r.root, r.opt.Origin, name)
	if err != nil {
		return fmt.Errorf("audit: log %s: %w", name, err)
	}
	return errors.Join(f(s), s.root.Close())
}

// head returns the last checkpoint of a log.
func (s *sublog) head() ([]byte, error) {
	numbers, err := s.segments()
	if err != nil {
		return nil, err
	}
	if len(numbers) == 0 {
		return nil, s.damage(segmentName(0), 0, 0, errors.New("there is no segment"))
	}
	sc, f, err := s.scan(numbers[len(numbers)-1], false)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for {
		if _, err := sc.batch(); err != nil {
			return sc.note, nil
		}
	}
}

// Records returns the entries of all logs, merged by time; those of one log stay
// in their order. Memory is bounded by one batch of each log. The signatures
// are not looked at: [Reader.Verify] does that. An error ends the sequence; it is
// a [*DamageError] when entries that were acknowledged cannot be read.
func (r *Reader) Records(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		names, err := r.Logs()
		if err != nil {
			yield(Record{}, err)
			return
		}
		var heads []*head
		defer func() {
			for _, h := range heads {
				h.stop()
			}
		}()
		for _, name := range names {
			h := new(head)
			h.next, h.stop = iter.Pull2(r.recordsOf(ctx, name))
			heads = append(heads, h)
			h.advance()
		}
		for {
			least := earliest(heads)
			if least == nil {
				return
			}
			if !yield(least.record, least.err) || least.err != nil {
				return
			}
			least.advance()
		}
	}
}

// head is the next entry of one log.
type head struct {
	next   func() (Record, error, bool)
	stop   func()
	record Record
	err    error
	ok     bool
}

func (h *head) advance() { h.record, h.err, h.ok = h.next() }

// earliest returns the head to go on with, or nil at the end. An error comes
// first: what follows it would be out of order.
func earliest(heads []*head) *head {
	var least *head
	for _, h := range heads {
		switch {
		case !h.ok:
		case h.err != nil:
			return h
		case least == nil || h.record.Time.Before(least.record.Time):
			least = h
		}
	}
	return least
}

// recordsOf returns the entries of one log.
func (r *Reader) recordsOf(ctx context.Context, name string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		stopped := errors.New("stopped")
		err := r.with(name, func(s *sublog) error {
			acked, err := s.acked()
			if err != nil {
				return err
			}
			numbers, err := s.segments()
			if err != nil {
				return err
			}
			for i, n := range numbers {
				least := int64(full)
				if i == len(numbers)-1 {
					least = acked
				}
				if n != int64(i) {
					return s.damage(segmentName(int64(i)), 0, 0, errors.New("the segment is not there"))
				}
				sc, f, err := s.scan(n, true)
				if err != nil {
					return err
				}
				err = s.each(sc, n, least, func(p placed, e Entry) error {
					if err := ctx.Err(); err != nil {
						return err
					}
					if !yield(Record{name, p.number, e}, nil) {
						return stopped
					}
					return nil
				})
				f.Close()
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(Record{}, err)
		}
	}
}

// ProveTree returns the proof that a log of newer entries begins with the same
// entries as when it had older ones (RFC 6962 section 2.1.2), for
// [golang.org/x/mod/sumdb/tlog.CheckTree].
func (r *Reader) ProveTree(log string, newer, older int64) (p tlog.TreeProof, err error) {
	err = r.with(log, func(s *sublog) error {
		p, err = tlog.ProveTree(newer, older, &hashes{log: s})
		return err
	})
	return p, err
}

// ProveEntry returns the proof that an entry is in a log of size entries (RFC
// 6962 section 2.1.1), for [golang.org/x/mod/sumdb/tlog.CheckRecord] with the
// hash of what [Entry.Encode] returns.
func (r *Reader) ProveEntry(log string, size, number int64) (p tlog.RecordProof, err error) {
	err = r.with(log, func(s *sublog) error {
		p, err = tlog.ProveRecord(size, number, &hashes{log: s})
		return err
	})
	return p, err
}

// hashes reads the hashes of a log's tree: of small subtrees from the segment
// that they are in, of larger ones from the headers of segments. A proof takes
// a few files, however big the log is.
type hashes struct {
	log    *sublog
	per    int64 // entries of a segment
	number int64 // of the segment that leaves are of
	leaves []tlog.Hash
}

// ReadHashes implements tlog.HashReader.
func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	if h.per == 0 {
		first, err := h.header(0)
		if err != nil {
			return nil, err
		}
		h.per = first.per
	}
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		var err error
		if out[i], err = h.hash(level, n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (h *hashes) header(number int64) (header, error) {
	s, f, err := h.log.scan(number, false)
	if err != nil {
		return header{}, err
	}
	return s.header, f.Close()
}

// hash returns the hash of a complete subtree.
func (h *hashes) hash(level int, n int64) (tlog.Hash, error) {
	width := int64(1) << level
	if width >= h.per && n%2 == 0 { // then it is on the edge of the tree that ends with it
		next, err := h.header((n + 1) * width / h.per)
		if err == nil {
			return next.tree.at[level], nil
		}
	}
	if width > h.per {
		left, err := h.hash(level-1, 2*n)
		if err != nil {
			return tlog.Hash{}, err
		}
		right, err := h.hash(level-1, 2*n+1)
		return tlog.NodeHash(left, right), err
	}
	number, at := n*width/h.per, n*width%h.per
	if h.leaves == nil || h.number != number {
		leaves, err := h.log.leaves(number)
		if err != nil {
			return tlog.Hash{}, err
		}
		h.number, h.leaves = number, leaves
	}
	if at+width > int64(len(h.leaves)) {
		return tlog.Hash{}, io.ErrUnexpectedEOF
	}
	return subtree(h.leaves[at : at+width]), nil
}
