package audit

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// FindingKind says what kind of thing is wrong with a log.
type FindingKind string

// What can be wrong with a log.
const (
	Changed  FindingKind = "changed"  // bytes are not those that were acknowledged
	Missing  FindingKind = "missing"  // something that was there is not
	Forked   FindingKind = "forked"   // the log is not the one that a kept checkpoint is about
	Unsigned FindingKind = "unsigned" // no known key signed a checkpoint
	Unlikely FindingKind = "unlikely" // entries that a log does not write in this order
	Strange  FindingKind = "strange"  // a file that no log writes
)

// Finding is one thing that is wrong with a log, and where.
type Finding struct {
	Kind   FindingKind
	Log    string // name of the log in its folder
	File   string // in the log's own folder, or empty
	Offset int64  // in the file, in bytes
	Entry  int64  // number of the first entry that is in doubt
	Text   string // one line, without anything from the log
}

// String returns the finding on one line.
func (f Finding) String() string {
	at := f.Log
	if f.File != "" {
		at += fmt.Sprintf(" %s byte %d", f.File, f.Offset)
	}
	return fmt.Sprintf("%s: %s: entry %d: %s", at, f.Kind, f.Entry, f.Text)
}

// Verified is one log after verification.
type Verified struct {
	Name       string
	Origin     string
	Size       int64  // entries under the last checkpoint
	Checkpoint []byte // the last checkpoint, signed
	Tail       int64  // bytes behind it: a process is writing them, or a crash left them
	Kept       int    // kept checkpoints that the log was proved to go on from
	Marks      []Record
}

// Report is what the verification of a folder found.
type Report struct {
	Logs       []Verified
	Findings   []Finding
	Incomplete []Record // begins of crossings without an end, those still open included
}

// Err returns nil when nothing is wrong, and else the first finding and how
// many there are.
func (r *Report) Err() error {
	if len(r.Findings) == 0 {
		return nil
	}
	return fmt.Errorf("audit: the log does not verify: %d findings, the first: %s", len(r.Findings), r.Findings[0])
}

// Verify reads a folder from the first byte to the last: see [Reader.Verify].
func Verify(ctx context.Context, dir string, opt ReadOptions, kept ...[]byte) (*Report, error) {
	r, err := OpenReader(dir, opt)
	if err != nil {
		return nil, err
	}
	report, err := r.Verify(ctx, kept...)
	return report, errors.Join(err, r.Close())
}

// Verify reads all logs of the folder from the first byte to the last and
// reports everything that is not as it was acknowledged, and the crossings
// without an end.
//
// Against kept checkpoints, each signed and of one log, it proves that nothing
// was changed, removed or reordered since they were made. Without them, a log
// that was replaced whole, cut at a checkpoint or removed is not noticed by
// anything in the folder, when whoever did it holds the key.
//
// The error says that the folder cannot be read; what is wrong with the log is
// in the report.
func (r *Reader) Verify(ctx context.Context, kept ...[]byte) (*Report, error) {
	older := make(map[string][]Checkpoint)
	for i, k := range kept {
		c, err := OpenCheckpoint(k, r.opt.Verifiers)
		if err != nil {
			return nil, fmt.Errorf("kept checkpoint %d: %w", i+1, err)
		}
		older[c.Origin] = append(older[c.Origin], c)
	}
	names, err := r.Logs()
	if err != nil {
		return nil, err
	}
	report := new(Report)
	for _, name := range names {
		err := r.with(name, func(s *sublog) error {
			v := &verification{log: s, opt: r.opt, report: report, open: make(map[string]Record)}
			v.result = Verified{Name: name, Origin: s.origin}
			err := v.run(ctx, older[s.origin])
			report.Logs = append(report.Logs, v.result)
			return err
		})
		if err != nil {
			return nil, err
		}
		delete(older, originOf(r.opt.Origin, name))
	}
	for _, origin := range slices.Sorted(maps.Keys(older)) {
		report.Findings = append(report.Findings, Finding{Kind: Missing, Log: logPrefix + origin[strings.LastIndex(origin, "/")+1:],
			Text: "a kept checkpoint is about a log that is not in the folder"})
	}
	slices.SortStableFunc(report.Incomplete, func(a, b Record) int {
		return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.Log, b.Log), cmp.Compare(a.Number, b.Number))
	})
	return report, nil
}

// verification is the verification of one log.
type verification struct {
	log    *sublog
	opt    ReadOptions
	report *Report
	result Verified

	per    int64
	tree   frontier  // of what was read
	latest time.Time // that an entry told
	last   time.Time // that the log took an entry
	open   map[string]Record
	broken bool // entries are missing from the walk, so that not everything can be judged
}

// find notes a finding.
func (v *verification) find(kind FindingKind, file string, offset, entry int64, text string) {
	v.report.Findings = append(v.report.Findings, Finding{kind, v.log.name, file, offset, entry, text})
}

// run verifies the log.
func (v *verification) run(ctx context.Context, kept []Checkpoint) error {
	acked, err := v.log.acked() // before the segments, so that they have as much
	if err != nil {
		kind := Changed
		if errors.Is(err, os.ErrNotExist) {
			kind = Missing
		}
		v.find(kind, ackedName, 0, 0, "the number of acknowledged entries cannot be read")
	}
	numbers, err := v.log.segments()
	if err != nil {
		return err
	}
	count := int64(1)
	if len(numbers) > 0 {
		count = numbers[len(numbers)-1] + 1
	}
	if err := v.names(count); err != nil {
		return err
	}
	for n := range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.segment(n, n == count-1, acked); err != nil {
			return err
		}
	}
	for _, c := range kept {
		v.against(c)
	}
	v.report.Incomplete = slices.AppendSeq(v.report.Incomplete, maps.Values(v.open))
	return nil
}

// names finds files that no log writes.
func (v *verification) names(count int64) error {
	list, err := fs.ReadDir(v.log.root.FS(), ".")
	if err != nil {
		return err
	}
	known := map[string]bool{lockName: true, lockName + ".held": true, ackedName: true}
	for n := range count {
		known[segmentName(n)], known[hashesName(n)] = true, true
	}
	for _, e := range list {
		if name := e.Name(); !known[name] && !strings.HasSuffix(name, tmpSuffix) {
			v.find(Strange, name, 0, 0, "no log writes a file of this name")
		}
	}
	return nil
}

// segment verifies one segment.
func (v *verification) segment(number int64, last bool, acked int64) error {
	file := segmentName(number)
	s, f, err := v.log.scan(number, true)
	if err != nil {
		v.broken = true
		if damage, ok := errors.AsType[*DamageError](err); ok {
			v.find(Changed, file, damage.Offset, v.tree.size, damage.Why)
			return nil
		}
		if errors.Is(err, os.ErrNotExist) {
			v.find(Missing, file, 0, v.tree.size, "the segment is not there")
			return nil
		}
		return err
	}
	defer f.Close()
	v.header(s, file)
	leaves := v.hashes(s, number, last)
	var why error
	for why == nil {
		var entries []placed
		if entries, why = s.batch(); why == nil {
			v.batch(s, file, entries, leaves)
		}
	}
	v.result.Size, v.result.Checkpoint = s.tree.size, s.note
	v.tree = s.tree
	least := s.header.tree.size + s.header.per
	if last {
		least = acked
	}
	switch {
	case s.tree.size < least:
		v.broken = true
		v.short(s, file, why, leaves)
	case last:
		_, strange, err := v.log.tail(f, s, v.opt.Verifiers)
		if err != nil {
			return err
		}
		if strange != nil {
			v.find(Changed, file, s.frames.offset, s.doubt(), strange.Error())
		}
		v.result.Tail = s.size - s.end
	case why != io.EOF:
		v.find(Changed, file, s.frames.offset, s.tree.size, "something follows the last entry of a full segment")
	}
	return nil
}

// header compares what a segment begins with to what was read so far.
func (v *verification) header(s *scan, file string) {
	h := s.header
	if _, err := OpenCheckpoint(h.note, v.opt.Verifiers); err != nil {
		v.find(Unsigned, file, 0, h.tree.size, "no known key signed the checkpoint in the header")
	}
	if !v.broken && (h.tree.size != v.tree.size || !slices.Equal(h.tree.edge(), v.tree.edge()) || !h.latest.Equal(v.latest) || !h.last.Equal(v.last) ||
		v.per != 0 && (h.per != v.per || !bytes.Equal(h.note, v.result.Checkpoint))) {
		v.find(Changed, file, 0, h.tree.size, "the header does not go on from the segment before")
	}
	v.per, v.tree, v.latest, v.last = h.per, h.tree, h.latest, h.last
}

// hashes reads the hashes that were written when the segment was full. Entries
// are compared with them one by one, because the checkpoint behind a batch does
// not tell which entry of it is wrong.
func (v *verification) hashes(s *scan, number int64, last bool) []tlog.Hash {
	data, err := v.log.root.ReadFile(hashesName(number))
	switch {
	case err != nil && !last:
		v.find(Missing, hashesName(number), 0, s.header.tree.size, "the hashes of the segment cannot be read")
		return nil
	case err != nil:
		return nil
	case int64(len(data)) != s.header.per*tlog.HashSize:
		v.find(Changed, hashesName(number), 0, s.header.tree.size, "the file does not have a hash for each entry")
		return nil
	}
	return splitHashes(data)
}

// batch verifies entries and the checkpoint behind them, with which they agree.
func (v *verification) batch(s *scan, file string, entries []placed, leaves []tlog.Hash) {
	if _, err := OpenCheckpoint(s.note, v.opt.Verifiers); err != nil {
		v.find(Unsigned, file, entries[0].offset, entries[0].number, "no known key signed the checkpoint behind the entry")
	}
	for _, p := range entries {
		i := p.number - s.header.tree.size
		if leaves != nil && leaves[i] != p.hash {
			v.find(Changed, hashesName(s.header.tree.size/s.header.per), i*tlog.HashSize, p.number, "the hash is not that of the entry")
		}
		e, err := DecodeEntry(p.data)
		if err != nil {
			v.find(Changed, file, p.offset, p.number, "it is no entry that a log writes")
			continue
		}
		v.entry(file, p, e)
	}
}

// short notes that entries are not there, or not as they were, and which is the
// first.
func (v *verification) short(s *scan, file string, why error, leaves []tlog.Hash) {
	if why == io.EOF || why == errShort {
		v.find(Missing, file, s.frames.offset, s.doubt(), "entries that were acknowledged are not there: "+reason(why).Error())
		return
	}
	offset, entry := s.frames.offset, s.doubt()
	for _, p := range s.left {
		if i := p.number - s.header.tree.size; leaves != nil && leaves[i] != p.hash {
			offset, entry = p.offset, p.number
			break
		}
	}
	v.find(Changed, file, offset, entry, why.Error())
}

// entry verifies that an entry can stand where it stands.
func (v *verification) entry(file string, p placed, e Entry) {
	r := Record{v.log.name, p.number, e}
	if e.Time.Before(v.last) && e.Clock == nil {
		v.find(Unlikely, file, p.offset, p.number, "it was taken before the entry before it, and no mark says that the clock was set")
	}
	v.last, v.latest = e.Time, later(v.latest, e.latest())
	switch {
	case e.Begin != nil:
		if _, twice := v.open[e.Begin.ID]; twice {
			v.find(Unlikely, file, p.offset, p.number, "a crossing begins that began already")
		}
		v.open[e.Begin.ID] = r
	case e.End != nil:
		b, ok := v.open[e.End.ID]
		if !v.broken && (!ok || b.Number != e.End.Began || b.Begin.Route != e.End.Route || b.Begin.Principal.ID != e.End.Principal ||
			b.Begin.Principal.Organisation != e.End.Organisation) {
			v.find(Unlikely, file, p.offset, p.number, "a crossing ends that did not begin as the end says")
		}
		delete(v.open, e.End.ID)
	default:
		if e.Refusal == nil {
			v.result.Marks = append(v.result.Marks, r)
		}
	}
}

// against proves that the log goes on from a checkpoint that somebody kept.
func (v *verification) against(c Checkpoint) {
	if c.Size > v.tree.size {
		v.find(Missing, "", 0, v.tree.size, fmt.Sprintf("a kept checkpoint is about %d entries, and the log has %d", c.Size, v.tree.size))
		return
	}
	if !v.goesOnFrom(c) {
		v.find(Forked, "", 0, 0, fmt.Sprintf("the first %d entries are not those that a kept checkpoint is about", c.Size))
		return
	}
	v.result.Kept++
}

func (v *verification) goesOnFrom(c Checkpoint) bool {
	if c.Size == 0 {
		empty, err := new(frontier).root()
		return err == nil && empty == c.Root
	}
	root, err := v.tree.root()
	if err != nil {
		return false
	}
	proof, err := tlog.ProveTree(v.tree.size, c.Size, &hashes{log: v.log})
	return err == nil && tlog.CheckTree(proof, v.tree.size, root, c.Size, c.Root) == nil
}
