package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/sekisho-go/sekisho/zone"
	"golang.org/x/mod/sumdb/note"
)

// Options are how a log is opened.
type Options struct {
	// Origin names the folder in its checkpoints, such as
	// "city.example/audit/levy": 1 to 128 printable ASCII characters without
	// blanks and plus signs, the same ones whenever the folder is opened.
	Origin string

	// Signer signs the checkpoints. See [ReadKey] and [ZoneSigner].
	Signer note.Signer

	// Verifiers knows the key of the signer, and those that signed before it.
	Verifiers note.Verifiers

	// Clock replaces time.Now, for tests. How much time passes in truth is
	// taken from the machine all the same.
	Clock func() time.Time

	// SegmentEntries is how many entries a file has at most: a power of two from
	// 2 to 1,048,576, or 0 for 65,536. A log keeps the number it was made with.
	SegmentEntries int

	// Batch is how many entries are made durable by one fsync at most: 0 for
	// 1,024, 1 for an fsync each.
	Batch int

	wrap   func(*os.File) disk // for tests: a disk that fails
	passed func() time.Time    // for tests: the clock that only runs forward
}

// disk is what a log needs of the file it writes.
type disk interface {
	WriteAt(p []byte, off int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// check fills in what is not given.
func (o *Options) check() error {
	if o.SegmentEntries == 0 {
		o.SegmentEntries = 1 << 16
	}
	if o.Batch == 0 {
		o.Batch = 1024
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.passed == nil {
		o.passed = time.Now
	}
	if o.wrap == nil {
		o.wrap = func(f *os.File) disk { return f }
	}
	switch {
	case !validOrigin(o.Origin):
		return errors.New("audit: the origin is not 1 to 128 printable ASCII characters without blanks and plus signs")
	case o.Signer == nil:
		return errors.New("audit: no log without a key that signs its checkpoints: give a signer")
	case o.Verifiers == nil:
		return errors.New("audit: no log without the key that verifies its checkpoints: give the verifiers")
	case !validPer(int64(o.SegmentEntries)):
		return fmt.Errorf("audit: %d entries in a segment, want a power of two from 2 to %d", o.SegmentEntries, 1<<20)
	case o.Batch < 0:
		return fmt.Errorf("audit: %d entries in a batch, want at least 1", o.Batch)
	}
	if _, err := o.Verifiers.Verifier(o.Signer.Name(), o.Signer.KeyHash()); err != nil {
		return fmt.Errorf("audit: the verifiers do not know the key %q of the signer: give it too", o.Signer.Name())
	}
	return nil
}

// Log is the log of one process in a folder. It implements [zone.Recorder] and
// [zone.History] and is safe for use by many goroutines at once; the more of
// them wait, the more entries one fsync makes durable.
type Log struct {
	opt     Options
	folder  *os.Root
	sub     *sublog
	release func() error

	mu     sync.Mutex
	queue  []*pending
	open   map[string]begun // crossings that began in this process and have no end
	failed *FailedError
	closed bool
	note   []byte // the last checkpoint
	wake   chan struct{}
	done   chan struct{}

	w writer // of the goroutine that commits
}

var (
	_ zone.Recorder = (*Log)(nil)
	_ zone.History  = (*Log)(nil)
)

// begun is what the end entry of a crossing says of its begin.
type begun struct {
	number                  int64
	principal, organisation string
}

// Open opens the audit log in a folder, which it makes if it is not there. The
// process gets a log of its own in it, that of a process that has ended or a
// new one, and nobody else writes it until Close.
//
// What a crash left behind the last complete entry is cut off, and a recovery
// mark in the log says so. It is a [*DamageError] when anything else is not as
// it was acknowledged, in the part of the log that opening it reads: the last
// segment. [Verify] reads everything.
func Open(dir string, opt Options) (*Log, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	root, err := makeFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("audit: the folder of the log: %w", err)
	}
	sub, release, err := claim(root, &opt)
	if err != nil {
		root.Close()
		return nil, fmt.Errorf("audit: no log for this process: %w", err)
	}
	l := &Log{
		opt: opt, folder: root, sub: sub, release: release,
		open: make(map[string]begun), wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	l.w = writer{sub: sub, opt: &l.opt}
	if err := l.w.recover(); err != nil {
		l.w.close()
		release()
		sub.root.Close()
		root.Close()
		return nil, err
	}
	l.note = l.w.note
	go l.run()
	return l, nil
}

// Name returns the name of this process's log in the folder.
func (l *Log) Name() string { return l.sub.name }

// Origin returns the origin of this process's log, as its checkpoints have it.
func (l *Log) Origin() string { return l.sub.origin }

// Checkpoint returns the signed checkpoint over all entries that are durable.
// Who keeps it elsewhere can prove later that none of them was changed.
func (l *Log) Checkpoint() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]byte(nil), l.note...)
}

// Err returns why the log takes no entries any more, a [*FailedError], or nil.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return l.failed
	}
	return nil
}

// Close writes what was handed in before and gives the log back, for another
// process to go on with. Crossings that have no end by then do not get one.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.mu.Unlock()
	l.signal()
	<-l.done
	err := errors.Join(l.w.close(), l.release(), l.sub.root.Close(), l.folder.Close())
	if err != nil {
		return fmt.Errorf("audit: closing log %s: %w", l.sub.name, err)
	}
	return nil
}

// Begin implements [zone.Recorder]: it returns when the entry is durable. When
// ctx is done first, the entry may be in the log all the same, as a crossing
// without an end.
func (l *Log) Begin(ctx context.Context, e zone.BeginEntry) error {
	body, err := Entry{Begin: &e}.body()
	if err != nil {
		return err
	}
	number, err := l.submit(ctx, e.At, body)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[e.ID] = begun{number, e.Principal.ID, e.Principal.Organisation}
	return nil
}

// End implements [zone.Recorder]. It is an error when the crossing did not
// begin in this log or has its end.
func (l *Log) End(ctx context.Context, e zone.EndEntry) error {
	l.mu.Lock()
	b, ok := l.open[e.ID]
	delete(l.open, e.ID)
	l.mu.Unlock()
	if !ok {
		return &EntryError{"id", "is not that of a crossing that began in this log and has no end"}
	}
	body, err := Entry{End: &End{EndEntry: e, Began: b.number, Principal: b.principal, Organisation: b.organisation}}.body()
	if err != nil {
		return err
	}
	_, err = l.submit(ctx, e.At, body)
	return err
}

// Refuse implements [zone.Recorder].
func (l *Log) Refuse(ctx context.Context, e zone.RefusalEntry) error {
	body, err := Entry{Refusal: &e}.body()
	if err != nil {
		return err
	}
	_, err = l.submit(ctx, e.At, body)
	return err
}
