package audit_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/zone/audit"
	"golang.org/x/mod/sumdb/tlog"
)

// small is a log of some crossings and a refusal, and a checkpoint after each
// entry.
func small(t *testing.T, perSegment, crossings int) (dir string, opt audit.Options, name string, kept [][]byte) {
	t.Helper()
	dir, opt = filepath.Join(t.TempDir(), "log"), options(t)
	opt.SegmentEntries = perSegment
	l := open(t, dir, opt)
	kept = append(kept, l.Checkpoint())
	for i := range crossings {
		id := fmt.Sprint("X", i)
		if err := l.Begin(context.Background(), begin(id)); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, l.Checkpoint())
		if err := l.End(context.Background(), end(id, int64(i))); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, l.Checkpoint())
	}
	if err := l.Refuse(context.Background(), refusal("R")); err != nil {
		t.Fatal(err)
	}
	kept = append(kept, l.Checkpoint())
	closeLog(t, l)
	return dir, opt, l.Name(), kept
}

// Every byte of every file counts, and the finding says where.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	dir, opt, _, _ := small(t, 2, 2)
	sound(t, dir, opt)
	whole := take(t, dir)
	for _, file := range slices.Sorted(maps.Keys(whole)) {
		for n := range whole[file] {
			s := maps.Clone(whole)
			s[file] = bytes.Clone(whole[file])
			s[file][n] ^= 1
			s.only(t, dir, file)
			r := verify(t, dir, opt)
			in := func(f audit.Finding) bool {
				return f.Log+"/"+f.File == filepath.ToSlash(file) && f.Offset <= int64(n) && f.Kind != ""
			}
			if r.Err() == nil || !slices.ContainsFunc(r.Findings, in) {
				t.Fatalf("%s byte %d of %d: findings %v", file, n, len(s[file]), r.Findings)
			}
		}
		whole.only(t, dir, file)
	}
}

// only writes one file of the snapshot.
func (s snapshot) only(t *testing.T, dir, file string) {
	t.Helper()
	snapshot{file: s[file]}.write(t, dir)
}

// splitFrames returns the frames of a segment.
func splitFrames(data []byte) [][]byte {
	var frames [][]byte
	for len(data) > 0 {
		n := int(binary.BigEndian.Uint32(data))
		n += 9 // length, kind, sum
		frames = append(frames, data[:n])
		data = data[n:]
	}
	return frames
}

// Somebody who repairs the sums of what he changes.
func TestTampering(t *testing.T) {
	dir, opt, name, kept := small(t, 4, 4)
	whole := take(t, dir)
	first, last := filepath.Join(name, "000000000000.entries"), filepath.Join(name, "000000000002.entries")
	second, hashes := filepath.Join(name, "000000000001.entries"), filepath.Join(name, "000000000000.hashes")
	frames := splitFrames(whole[first])
	payload := func(i int) []byte { return frames[i][5 : len(frames[i])-4] }
	join := func(f ...[]byte) []byte { return bytes.Join(f, nil) }
	// header, then an entry and its checkpoint four times
	changed := audit.Frame('E', bytes.Replace(payload(3), []byte(`"records":0`), []byte(`"records":7`), 1))
	for _, c := range []struct {
		what   string
		change func(snapshot)
		kind   audit.FindingKind
		entry  int64
	}{
		{"an entry says something else", func(s snapshot) {
			s[first] = join(join(frames[:3]...), changed, join(frames[4:]...))
		}, audit.Changed, 1},
		{"two entries change places", func(s snapshot) {
			s[first] = join(frames[0], frames[3], frames[2], frames[1], join(frames[4:]...))
		}, audit.Changed, 0},
		{"an entry is gone", func(s snapshot) {
			s[first] = join(frames[0], join(frames[3:]...))
		}, audit.Changed, 0},
		{"an entry is there twice", func(s snapshot) {
			s[first] = join(join(frames[:2]...), join(frames[1:]...))
		}, audit.Changed, 1},
		{"the end of a full segment is gone", func(s snapshot) {
			s[first] = join(frames[:7]...)
		}, audit.Missing, 3},
		{"a full segment goes on", func(s snapshot) {
			s[first] = join(whole[first], frames[7])
		}, audit.Changed, 4},
		{"a signature is another's", func(s snapshot) {
			text, _, _ := bytes.Cut(payload(4), []byte("\n\n"))
			s[first] = join(join(frames[:4]...), audit.Frame('C', append(bytes.Clone(text), "\n\n— x AAAA\n"...)), join(frames[5:]...))
		}, audit.Unsigned, 1},
		{"a frame of no kind", func(s snapshot) {
			s[first] = join(frames[0], audit.Frame('X', payload(1)), join(frames[2:]...))
		}, audit.Changed, 0},
		{"the last entries change, and the number of acknowledged ones with them", func(s snapshot) {
			delete(s, second)
			delete(s, last)
			delete(s, hashes)
			delete(s, filepath.Join(name, "000000000001.hashes"))
			s[first] = join(frames[0], audit.Frame('E', payload(3)), join(frames[2:]...))
			s[filepath.Join(name, "acknowledged")] = []byte(audit.AckedText(0))
		}, audit.Changed, 0},
		{"a segment is gone", func(s snapshot) { delete(s, first) }, audit.Missing, 0},
		{"segments change places", func(s snapshot) { s[first], s[second] = s[second], s[first] }, audit.Changed, 0},
		{"the last segment is gone", func(s snapshot) { delete(s, last) }, audit.Missing, 8},
		{"hashes are gone", func(s snapshot) { delete(s, hashes) }, audit.Missing, 0},
		{"hashes are too few", func(s snapshot) { s[hashes] = s[hashes][:32] }, audit.Changed, 0},
		{"all but the lock is gone", func(s snapshot) {
			maps.DeleteFunc(s, func(f string, _ []byte) bool { return !strings.HasSuffix(f, ".lock") })
		}, audit.Missing, 0},
		{"the log is gone", func(s snapshot) {
			maps.DeleteFunc(s, func(f string, _ []byte) bool { return strings.HasPrefix(f, name) })
		}, audit.Missing, 0},
		{"a file too many", func(s snapshot) { s[filepath.Join(name, "x")] = nil }, audit.Strange, 0},
	} {
		s := maps.Clone(whole)
		c.change(s)
		s.lay(t, dir)
		r := verify(t, dir, opt, kept[3])
		if !slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Kind == c.kind && f.Entry == c.entry && f.Log == name }) {
			t.Errorf("%s: findings %v, want %s at entry %d", c.what, r.Findings, c.kind, c.entry)
		}
	}
}

// Somebody who holds the key, or a log laid back from a backup: only a
// checkpoint that was kept elsewhere tells.
func TestForkAndRollback(t *testing.T) {
	dir, opt := filepath.Join(t.TempDir(), "log"), options(t)
	l := open(t, dir, opt)
	crossings(t, l, 3)
	early := l.Checkpoint()
	closeLog(t, l)
	before := take(t, dir)
	l = open(t, dir, opt)
	cross(t, l, "A", 1)
	kept := l.Checkpoint()
	closeLog(t, l)
	sound(t, dir, opt, early, kept)

	before.lay(t, dir)
	sound(t, dir, opt, early)
	if r := verify(t, dir, opt, kept); len(r.Findings) != 1 || r.Findings[0].Kind != audit.Missing {
		t.Errorf("laid back: findings %v, want that entries are missing", r.Findings)
	}
	l = open(t, dir, opt)
	cross(t, l, "B", 1)
	cross(t, l, "C", 1)
	sound(t, dir, opt, early)
	if r := verify(t, dir, opt, early, kept); len(r.Findings) != 1 || r.Findings[0].Kind != audit.Forked || r.Logs[0].Kept != 1 {
		t.Errorf("forked: findings %v, want a fork", r.Findings)
	}
	other := options(t)
	if _, err := audit.Verify(context.Background(), dir, reading(opt), mustSign(t, other)); err == nil {
		t.Error("a checkpoint that somebody else signed was taken")
	}
}

// mustSign returns a checkpoint of a log with another key.
func mustSign(t *testing.T, opt audit.Options) []byte {
	t.Helper()
	return open(t, t.TempDir(), opt).Checkpoint()
}

// Each log of each size goes on from each of its checkpoints, and has each of
// its entries, by the proofs that others can check without the log.
func TestProofs(t *testing.T) {
	dir, opt := t.TempDir(), options(t)
	l := open(t, dir, opt)
	var trees []audit.Checkpoint
	var kept [][]byte
	for i := range 13 {
		if i > 0 {
			crossings(t, l, 1)
		}
		c, err := audit.OpenCheckpoint(l.Checkpoint(), opt.Verifiers)
		if err != nil {
			t.Fatal(err)
		}
		trees, kept = append(trees, c), append(kept, l.Checkpoint())
	}
	if r := sound(t, dir, opt, kept...); r.Logs[0].Kept != len(kept) {
		t.Errorf("%d of %d kept checkpoints proved", r.Logs[0].Kept, len(kept))
	}
	r, err := audit.OpenReader(dir, reading(opt))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var leaves []tlog.Hash
	for _, e := range records(t, dir, opt) {
		data, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, tlog.RecordHash(data))
	}
	for i, newer := range trees[1:] {
		for _, older := range trees[1 : i+2] {
			p, err := r.ProveTree(l.Name(), newer.Size, older.Size)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(p, newer.Size, newer.Root, older.Size, older.Root); err != nil {
				t.Errorf("from %d to %d entries: %v", older.Size, newer.Size, err)
			}
		}
		for n := range newer.Size {
			p, err := r.ProveEntry(l.Name(), newer.Size, n)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(p, newer.Size, newer.Root, n, leaves[n]); err != nil {
				t.Errorf("entry %d of %d: %v", n, newer.Size, err)
			}
		}
	}
	if _, err := r.ProveTree(l.Name(), 100, 1); err == nil {
		t.Error("a proof about entries that are not there")
	}
}

// A key that took over from another: the log verifies with both.
func TestKeyChange(t *testing.T) {
	dir, opt, next := t.TempDir(), options(t), options(t)
	l := open(t, dir, opt)
	crossings(t, l, 3)
	kept := l.Checkpoint()
	closeLog(t, l)
	next.Verifiers = both{opt, next}
	l = open(t, dir, next)
	crossings(t, l, 3)
	sound(t, dir, next, kept)
	if r := verify(t, dir, opt, kept); r.Err() == nil || r.Findings[0].Kind != audit.Unsigned {
		t.Errorf("findings %v, want that the first key did not sign", r.Findings)
	}
}
