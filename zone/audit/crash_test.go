package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sekisho-go/sekisho/zone/audit"
)

// lazy is a disk that does not sync, so that a test can crash it thousands of
// times. It keeps the last write to a segment.
type lazy struct {
	*os.File
	last *write
}

type write struct {
	data []byte
	at   int64
}

func (d lazy) WriteAt(p []byte, at int64) (int, error) {
	if strings.HasSuffix(d.Name(), ".entries") {
		*d.last = write{bytes.Clone(p), at}
	}
	return d.File.WriteAt(p, at)
}

func (d lazy) Sync() error { return nil }

func lazily(opt audit.Options, last *write) audit.Options {
	return opt.WithDisk(func(f *os.File) audit.Disk { return lazy{f, last} })
}

// gate is a disk whose syncs wait for a word.
type gate struct {
	audit.Disk
	pass chan error
}

func (g gate) Sync() error {
	if err := <-g.pass; err != nil {
		return err
	}
	return g.Disk.Sync()
}

// batchOf writes a batch of n begins and returns the folder before it, and what
// was written.
func batchOf(t *testing.T, dir string, opt audit.Options, n int) (before snapshot, segment string, w write) {
	t.Helper()
	pass := make(chan error)
	var mu sync.Mutex
	gated := opt.WithDisk(func(f *os.File) audit.Disk {
		mu.Lock()
		defer mu.Unlock()
		d := lazy{f, &w}
		if strings.HasSuffix(f.Name(), ".entries") && before == nil {
			return gate{d, pass}
		}
		return d
	})
	go func() { pass <- nil }() // of opening
	l := open(t, dir, gated)
	var group sync.WaitGroup
	send := func(id string) {
		group.Go(func() {
			if err := l.Begin(context.Background(), begin(id)); err != nil {
				t.Error(err)
			}
		})
	}
	send("first")
	pass <- nil // it stands at the gate of the first batch, which is alone
	group.Wait()
	before = take(t, dir)
	send("second")
	for len(take(t, dir)[filepath.Join(l.Name(), "000000000000.entries")]) == len(before[filepath.Join(l.Name(), "000000000000.entries")]) {
		time.Sleep(time.Millisecond)
	}
	for i := range n {
		send(fmt.Sprint("batch", i))
	}
	for l.Queued() < n {
		time.Sleep(time.Millisecond)
	}
	pass <- nil
	pass <- nil
	group.Wait()
	closeLog(t, l)
	return before, filepath.Join(l.Name(), "000000000000.entries"), w
}

// A process ends while a batch is written: at every byte of it, and with every
// byte of it not what it should be.
func TestCrashAtEveryByte(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "log")
	var last write
	opt := options(t)
	opt.SegmentEntries = 32
	_, segment, w := batchOf(t, dir, opt, 2)
	opt = lazily(opt, &last)
	whole := take(t, dir)
	acked := filepath.Join(filepath.Dir(segment), "acknowledged")
	before := maps.Clone(whole)
	before[segment] = whole[segment][:w.at]
	before[acked] = []byte(audit.AckedText(2))
	before.lay(t, dir)
	kept := mustCheckpoint(t, dir, opt)

	crash := func(tail []byte, want string) {
		t.Helper()
		after := maps.Clone(before)
		after[segment] = append(bytes.Clone(before[segment]), tail...)
		after.lay(t, dir)
		if len(tail)%16 == 1 {
			if r := sound(t, dir, opt, kept); r.Logs[0].Size == 2 && r.Logs[0].Tail != int64(len(tail)) {
				t.Fatalf("tail = %d, want %d", r.Logs[0].Tail, len(tail))
			}
		}
		closeLog(t, open(t, dir, opt))
		if got := strings.Join(kinds(t, dir, opt), " "); got != want {
			t.Fatalf("%d bytes: entries %q, want %q", len(tail), got, want)
		}
		r := sound(t, dir, opt, kept)
		if r.Logs[0].Tail != 0 || r.Logs[0].Kept != 1 {
			t.Fatalf("%d bytes: tail %d, kept %d", len(tail), r.Logs[0].Tail, r.Logs[0].Kept)
		}
		for _, m := range r.Logs[0].Marks {
			if m.Recovery.Cut != int64(len(tail)) {
				t.Fatalf("%d bytes cut, mark says %d", len(tail), m.Recovery.Cut)
			}
		}
	}
	crash(nil, "begin begin")
	for n := 1; n < len(w.data); n++ {
		crash(w.data[:n], "begin begin recovery")
	}
	crash(w.data, "begin begin begin begin")
	for n := range w.data {
		garbled := bytes.Clone(w.data)
		garbled[n] ^= 1
		crash(garbled, "begin begin recovery")
		if clear(garbled[:n+1]); n%8 == 0 && !bytes.Equal(garbled, w.data) { // the end of it was on the disk before its beginning
			crash(garbled, "begin begin recovery")
		}
	}
}

// A process ends while it recovers, at every byte of what it writes then.
func TestCrashWhileRecovering(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "log")
	var last write
	opt := options(t)
	opt.SegmentEntries = 32
	_, segment, w := batchOf(t, dir, opt, 3)
	opt = lazily(opt, &last)
	before := take(t, dir)
	before[segment] = before[segment][:w.at+int64(len(w.data))-1] // a tail without its last byte
	before[filepath.Join(filepath.Dir(segment), "acknowledged")] = []byte(audit.AckedText(2))
	before.lay(t, dir)
	kept := mustCheckpoint(t, dir, opt)
	closeLog(t, open(t, dir, opt))
	mark := last
	if mark.at != w.at || len(mark.data) >= len(w.data) {
		t.Fatalf("the mark of %d bytes was written at %d, want it over the tail at %d", len(mark.data), mark.at, w.at)
	}
	for n := range len(mark.data) + 1 {
		after := maps.Clone(before)
		after[segment] = bytes.Clone(before[segment])
		copy(after[segment][mark.at:], mark.data[:n])
		after.lay(t, dir)
		closeLog(t, open(t, dir, opt))
		r := sound(t, dir, opt, kept)
		if marks := len(r.Logs[0].Marks); r.Logs[0].Tail != 0 || marks < 1 || marks > 2 {
			t.Fatalf("%d bytes: tail %d, %d marks", n, r.Logs[0].Tail, marks)
		}
	}
}

func mustCheckpoint(t *testing.T, dir string, opt audit.Options) []byte {
	t.Helper()
	r, err := audit.OpenReader(dir, reading(opt))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, err := r.Checkpoints()
	if err != nil || len(all) != 1 {
		t.Fatalf("%d checkpoints, %v", len(all), err)
	}
	for _, c := range all {
		return c
	}
	return nil
}

// A process ends between the steps of beginning a new segment.
func TestCrashWhileRotating(t *testing.T) {
	dir, opt := filepath.Join(t.TempDir(), "log"), options(t)
	l := open(t, dir, opt)
	crossings(t, l, 2) // fill the first segment
	kept := l.Checkpoint()
	closeLog(t, l)
	whole := take(t, dir)
	in := func(file string) string { return filepath.Join(l.Name(), file) }
	for name, change := range map[string]func(snapshot){
		"no segment": func(s snapshot) { delete(s, in("000000000001.entries")) },
		"no hashes":  func(s snapshot) { delete(s, in("000000000001.entries")); delete(s, in("000000000000.hashes")) },
		"half hashes": func(s snapshot) {
			delete(s, in("000000000001.entries"))
			s[in("000000000000.hashes.tmp")] = s[in("000000000000.hashes")][:7]
			delete(s, in("000000000000.hashes"))
		},
		"half a segment": func(s snapshot) {
			s[in("000000000001.entries.tmp")] = s[in("000000000001.entries")][:9]
			delete(s, in("000000000001.entries"))
		},
	} {
		after := maps.Clone(whole)
		change(after)
		after.lay(t, dir)
		sound(t, dir, opt, kept)
		closeLog(t, open(t, dir, opt))
		sound(t, dir, opt, kept)
		if diff := cmp.Diff(whole, take(t, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A process ends while it makes a log.
func TestCrashWhileCreating(t *testing.T) {
	dir, opt := t.TempDir(), options(t)
	half := filepath.Join(dir, ".new-half")
	if err := os.Mkdir(half, 0o700); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, opt)
	cross(t, l, "A", 1)
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Error("the half made log is still there")
	}
	sound(t, dir, opt)
}

// What is wrong before what a crash can have touched is not repaired.
func TestOpenRefusesDamage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "log")
	var last write
	opt := lazily(options(t), &last)
	opt.SegmentEntries = 32
	l := open(t, dir, opt)
	for _, id := range []string{"X0", "X1", "X2"} {
		if err := l.Refuse(context.Background(), refusal(id)); err != nil {
			t.Fatal(err)
		}
	}
	closeLog(t, l)
	whole := take(t, dir)
	segment, acked := filepath.Join(l.Name(), "000000000000.entries"), filepath.Join(l.Name(), "acknowledged")
	refused := func(s snapshot, what string) {
		t.Helper()
		s.lay(t, dir)
		var damage *audit.DamageError
		if l, err := audit.Open(dir, opt); err == nil {
			l.Close()
			t.Fatalf("%s: opened", what)
		} else if !errors.As(err, &damage) && !strings.Contains(what, "gone") {
			t.Fatalf("%s: %v, want a DamageError", what, err)
		}
		if !maps.EqualFunc(s, take(t, dir), bytes.Equal) {
			t.Fatalf("%s: the folder was changed", what)
		}
	}
	for n := range whole[segment] {
		s := maps.Clone(whole)
		s[segment] = bytes.Clone(whole[segment])
		s[segment][n] ^= 1
		refused(s, fmt.Sprint("byte ", n))
		s[segment] = whole[segment][:n]
		refused(s, fmt.Sprint("cut at ", n))
	}
	for n := range whole[acked] {
		s := maps.Clone(whole)
		s[acked] = bytes.Clone(whole[acked])
		s[acked][n] ^= 1
		refused(s, fmt.Sprint("byte of acknowledged ", n))
	}
	// After a power failure the number may be behind. Then two checkpoints after
	// the damage say that it is none of a crash.
	s := maps.Clone(whole)
	s[segment] = bytes.Clone(whole[segment])
	s[segment][bytes.Index(s[segment], []byte("X0"))] ^= 1
	s[acked] = []byte(audit.AckedText(0))
	refused(s, "damage before two checkpoints")

	for _, gone := range []string{segment, acked} {
		s := maps.Clone(whole)
		delete(s, gone)
		refused(s, gone+" gone")
	}
}

// failing is a disk on which something fails from a time on.
type failing struct {
	audit.Disk
	fail *string
}

var errDisk = errors.New("no space left on the disk")

func (d failing) WriteAt(p []byte, at int64) (int, error) {
	if *d.fail == "write" {
		n, _ := d.Disk.WriteAt(p[:len(p)/2], at)
		return n, errDisk
	}
	return d.Disk.WriteAt(p, at)
}

func (d failing) Sync() error {
	if *d.fail == "sync" {
		return errDisk
	}
	return d.Disk.Sync()
}

func TestDiskFails(t *testing.T) {
	for what, want := range map[string]string{"write": "begin end recovery begin end", "sync": "begin end begin begin end"} {
		dir, opt, fail := t.TempDir(), options(t), ""
		opt.SegmentEntries = 32
		l := open(t, dir, opt.WithDisk(func(f *os.File) audit.Disk {
			if strings.HasSuffix(f.Name(), "acknowledged") {
				return f
			}
			return failing{f, &fail}
		}))
		cross(t, l, "A", 1)
		kept := l.Checkpoint()
		if l.Err() != nil {
			t.Error(l.Err())
		}
		fail = what
		for _, id := range []string{"B", "C"} {
			err := l.Begin(context.Background(), begin(id))
			var failed *audit.FailedError
			if !errors.As(err, &failed) || !errors.Is(err, errDisk) || l.Err() != err {
				t.Errorf("%s: %v, and the log says %v", what, err, l.Err())
			}
			fail = "" // that the disk works again does not tell what is on it
		}
		if got := l.Checkpoint(); !bytes.Equal(got, kept) {
			t.Errorf("%s: the checkpoint went on to %q", what, got)
		}
		closeLog(t, l)
		cross(t, open(t, dir, opt), "D", 1)
		if got := strings.Join(kinds(t, dir, opt), " "); got != want {
			t.Errorf("%s: entries %q, want %q", what, got, want)
		}
		sound(t, dir, opt, kept)
	}
}

// A disk that takes long: who waits no longer is told so, and what was not
// begun to be written stays out of the log.
func TestDiskIsSlow(t *testing.T) {
	dir, opt, pass := t.TempDir(), options(t), make(chan error)
	go func() { pass <- nil }() // of opening
	l := open(t, dir, opt.WithDisk(func(f *os.File) audit.Disk {
		if strings.HasSuffix(f.Name(), "acknowledged") {
			return f
		}
		return gate{f, pass}
	}))
	first, second := make(chan error), make(chan error)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { first <- l.Begin(ctx, begin("A")) }()
	segment := filepath.Join(l.Name(), "000000000000.entries")
	for !bytes.Contains(take(t, dir)[segment], []byte(`"A"`)) {
		time.Sleep(time.Millisecond)
	}
	go func() { second <- l.Begin(ctx, begin("B")) }()
	for l.Queued() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	for what, c := range map[string]chan error{"may be in the log": first, "is not in the log": second} {
		if err := <-c; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), what) {
			t.Errorf("err = %v, want that the entry %s", err, what)
		}
	}
	close(pass)
	closeLog(t, l)
	r := sound(t, dir, opt)
	if r.Logs[0].Size != 1 || len(r.Incomplete) != 1 {
		t.Errorf("%d entries, %d incomplete, want one that is", r.Logs[0].Size, len(r.Incomplete))
	}
}

// failingWith wraps a disk whose failure a test says.
func failingWith(fail *string) func(*os.File) audit.Disk {
	return func(f *os.File) audit.Disk { return failing{f, fail} }
}
