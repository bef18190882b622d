package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// pending is an entry that somebody waits for.
type pending struct {
	body   []byte
	at     time.Time // of the entry, by the clock of the border
	number int64
	err    error
	done   chan struct{} // closed when number or err is set
}

// errClosed is the error of entries after Close.
var errClosed = errors.New("audit: the log is closed")

// submit hands an entry to the goroutine that commits, and waits. It returns
// the number of the entry once that is durable.
func (l *Log) submit(ctx context.Context, at time.Time, body []byte) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if len(body)+64 > maxEntry {
		return 0, &EntryError{"counts", "make it longer than 256 KiB"}
	}
	p := &pending{body: body, at: at, done: make(chan struct{})}
	l.mu.Lock()
	switch {
	case l.failed != nil:
		defer l.mu.Unlock()
		return 0, l.failed
	case l.closed:
		defer l.mu.Unlock()
		return 0, errClosed
	}
	l.queue = append(l.queue, p)
	l.mu.Unlock()
	l.signal()
	select {
	case <-p.done:
		return p.number, p.err
	case <-ctx.Done():
		return 0, l.withdraw(p, ctx.Err())
	}
}

// withdraw takes an entry back that nobody waits for any more, if it is not
// being written already.
func (l *Log) withdraw(p *pending, cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.queue, p)
	if i < 0 {
		return fmt.Errorf("audit: the entry was not durable in time, and may be in the log: %w", cause)
	}
	l.queue = slices.Delete(l.queue, i, i+1)
	return fmt.Errorf("audit: the entry was not durable in time, and is not in the log: %w", cause)
}

// signal wakes the goroutine that commits.
func (l *Log) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run commits what is in the queue until the log is closed. While one batch is
// on its way to the disk, the next one gathers.
func (l *Log) run() {
	defer close(l.done)
	for range l.wake {
		for {
			batch, over := l.take()
			if over {
				return
			}
			if len(batch) == 0 {
				break
			}
			l.commit(batch)
		}
	}
}

// maxBatchBytes bounds a batch, whatever the number of its entries, so that it
// is known how much a crash can leave half written.
const maxBatchBytes = 1 << 20

// take takes the next batch from the queue.
func (l *Log) take() (batch []*pending, over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, bytes := 0, 0
	for n < len(l.queue) && n < l.opt.Batch && bytes < maxBatchBytes {
		bytes += len(l.queue[n].body)
		n++
	}
	batch = slices.Clone(l.queue[:n])
	l.queue = slices.Delete(l.queue, 0, n)
	return batch, l.closed && n == 0
}

// commit makes a batch durable and tells those who wait. When that fails, the
// log takes nothing from then on: after a failed fsync nobody knows what is on
// the disk.
func (l *Log) commit(batch []*pending) {
	for len(batch) > 0 {
		n, err := l.w.write(batch)
		if err != nil {
			l.fail(batch, err)
			return
		}
		l.mu.Lock()
		l.note = l.w.note
		l.mu.Unlock()
		for _, p := range batch[:n] {
			close(p.done)
		}
		batch = batch[n:]
		if err := l.w.rotate(); err != nil {
			l.fail(batch, err)
			return
		}
	}
}

// fail lets everybody who waits know that the log takes nothing any more.
func (l *Log) fail(batch []*pending, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = &FailedError{Log: l.sub.name, Cause: cause}
	for _, p := range append(batch, l.queue...) {
		p.err = l.failed
		close(p.done)
	}
	l.queue = nil
}
