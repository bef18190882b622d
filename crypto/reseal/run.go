package reseal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
)

// Options change how a run goes. The zero value is good.
type Options struct {
	// Batch is how many rows are read, written and held in memory at a time; 500
	// when it is 0. With [SQL] a batch is one transaction, which holds the locks
	// of the rows it writes.
	Batch int
	// RowsPerSecond bounds how fast rows are visited, for the sake of others who
	// use the database; 0 is as fast as it goes.
	RowsPerSecond int
	// Aside is called for a row that cannot be changed while others may do: what
	// is in it is damaged, belongs elsewhere, or its key is gone (*crypto.OpenError,
	// *crypto.MalformedError, *crypto.PeriodError about consuming, *[RowError]).
	// The run goes on after it returns nil. It may be called twice for one row, by
	// two runs. Nil stops the run at the first such row.
	Aside func(ctx context.Context, key Key, err error) error
	// Progress is called after each batch.
	Progress func(Report)
}

// Report says what was done, since the beginning of the table, in numbers only.
type Report struct {
	Rows    int64 // that were visited
	Changed int64 // that were written
	Again   int64 // that somebody else changed meanwhile, each time they did, and that were done again
	Gone    int64 // that were deleted meanwhile
	Aside   int64 // that were set aside
	Done    bool  // the table is through
	Resumed bool  // the run went on where another had ended
}

// StoppedError says at which row a run stopped, and why. It does not name the row:
// see [Options.Aside].
type StoppedError struct {
	Position int64 // of the row in the order of keys, from 1, as far as the table has not changed
	Err      error
}

// Error implements error.
func (e *StoppedError) Error() string {
	return fmt.Sprintf("reseal: stopped at row %d: %v", e.Position, e.Err)
}

// Unwrap returns why.
func (e *StoppedError) Unwrap() error { return e.Err }

// TargetError says that the state that rows are brought to changed during the
// run, for example that a key was rotated once more. Run again: it begins anew.
type TargetError struct{}

// Error implements error.
func (e *TargetError) Error() string {
	return "reseal: a primary key changed during the run: run again, which begins anew with the new one"
}

// errBusy is why a run stops at a row that somebody changes all the time.
var errBusy = errors.New("somebody else changes it faster than it can be done: run again when it is quieter")

const (
	batchSize = 500
	attempts  = 100
	jobSize   = sha256.Size
)

// Run does the work with every row of the store, in the order of their keys, and
// saves after each batch how far it is. A run that finds the checkpoint of one
// that did the same and did not end goes on after it; any other checkpoint is
// replaced and the run begins anew. At may be nil: then nothing is saved.
//
// It ends when no row is left, with Done set; when ctx does, with its cause; at
// the first error. The report is right as far as the run came. Errors are a
// *[StoppedError] about a row, a *[TargetError], a *[CheckpointError], and what
// the store and the keys say.
func Run(ctx context.Context, store Store, work []Work, at Checkpoint, opts Options) (Report, error) {
	r := &runner{store: store, work: work, at: at, opts: opts}
	if r.opts.Batch <= 0 {
		r.opts.Batch = batchSize
	}
	if err := r.resume(ctx); err != nil {
		return r.state.Report, err
	}
	for !r.state.Report.Done {
		began := time.Now()
		n, err := r.batch(ctx)
		if err == nil {
			err = r.save(ctx)
		}
		if err != nil {
			return r.saved, err
		}
		if opts.Progress != nil {
			opts.Progress(r.saved)
		}
		if err := r.rest(ctx, n, time.Since(began)); err != nil {
			return r.saved, err
		}
	}
	return r.saved, nil
}

// runner is a run.
type runner struct {
	store   Store
	work    []Work
	at      Checkpoint
	opts    Options
	state   State
	saved   Report // as of the last batch that was finished
	changes []Change
}

// resume begins where another run ended, or anew.
func (r *runner) resume(ctx context.Context) error {
	job, err := r.begin(ctx)
	if err != nil {
		return err
	}
	r.state = State{Job: job}
	if r.at == nil {
		return nil
	}
	s, ok, err := r.at.Load(ctx)
	if err != nil {
		return err
	}
	if ok && s.Job == job && !s.Report.Done && s.After != nil {
		r.state = s
		r.state.Report.Resumed = true
	}
	r.saved = r.state.Report
	return nil
}

// begin asks every work for its change and returns the name of what is done.
func (r *runner) begin(ctx context.Context) (job string, err error) {
	if err := ctx.Err(); err != nil {
		return "", context.Cause(ctx)
	}
	parts := []string{r.store.Name()}
	r.changes = r.changes[:0]
	for _, w := range r.work {
		target, change, err := w.Begin(ctx)
		if err != nil {
			return "", fmt.Errorf("reseal: %s: %w", w.Name, err)
		}
		parts, r.changes = append(parts, w.Name, target), append(r.changes, change)
	}
	sum := sha256.Sum256(crypto.AppendAD(nil, parts...))
	return hex.EncodeToString(sum[:]), nil
}

// batch does the next rows and returns how many.
func (r *runner) batch(ctx context.Context) (int, error) {
	job, err := r.begin(ctx)
	if err != nil {
		return 0, err
	}
	if job != r.state.Job {
		return 0, &TargetError{}
	}
	rows, err := r.store.Next(ctx, r.state.After, r.opts.Batch)
	if err != nil {
		return 0, err
	}
	if len(rows) == 0 {
		r.state.After, r.state.Report.Done = nil, true
		return 0, nil
	}
	if last := rows[len(rows)-1].Key; slices.Equal(last, r.state.After) {
		return 0, errors.New("reseal: the store gives a row again that was done: its key must be unique and sorted by")
	}
	var updates []Update
	var positions []int64
	for _, row := range rows {
		r.state.Report.Rows++
		u, ok, err := r.change(ctx, row)
		if err != nil {
			return 0, &StoppedError{Position: r.state.Report.Rows, Err: err}
		}
		if ok {
			updates, positions = append(updates, u), append(positions, r.state.Report.Rows)
		}
	}
	if err := r.swap(ctx, updates, positions); err != nil {
		return 0, err
	}
	r.state.After = rows[len(rows)-1].Key
	return len(rows), nil
}

// change does one row in memory; ok is false when nothing is to be written.
func (r *runner) change(ctx context.Context, row Row) (u Update, ok bool, err error) {
	before := maps.Clone(row.Values)
	for _, change := range r.changes {
		err := change(row)
		switch {
		case err == nil:
		case r.opts.Aside == nil || !ofRow(err):
			return Update{}, false, err
		default:
			r.state.Report.Aside++
			return Update{}, false, r.opts.Aside(ctx, row.Key, err)
		}
	}
	u, ok = update(before, row)
	return u, ok, nil
}

// swap writes the updates of a batch, those that somebody else was faster with
// again until it is done.
func (r *runner) swap(ctx context.Context, updates []Update, positions []int64) error {
	if len(updates) == 0 {
		return nil
	}
	written, err := r.store.Swap(ctx, updates)
	if err != nil {
		return err
	}
	if len(written) != len(updates) {
		return fmt.Errorf("reseal: the store answers for %d of %d updates", len(written), len(updates))
	}
	for i, ok := range written {
		if ok {
			r.state.Report.Changed++
			continue
		}
		if err := r.again(ctx, updates[i].Key); err != nil {
			return &StoppedError{Position: positions[i], Err: err}
		}
	}
	return nil
}

// again does a row that was changed meanwhile.
func (r *runner) again(ctx context.Context, key Key) error {
	for range attempts {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.state.Report.Again++
		row, ok, err := r.store.Get(ctx, key)
		if err != nil {
			return err
		}
		if !ok {
			r.state.Report.Gone++
			return nil
		}
		u, ok, err := r.change(ctx, row)
		if err != nil || !ok {
			return err
		}
		written, err := r.store.Swap(ctx, []Update{u})
		if err != nil {
			return err
		}
		if len(written) == 1 && written[0] {
			r.state.Report.Changed++
			return nil
		}
	}
	return errBusy
}

// save makes durable how far the run is.
func (r *runner) save(ctx context.Context) error {
	if r.at != nil {
		if err := r.at.Save(ctx, r.state); err != nil {
			return err
		}
	}
	r.saved = r.state.Report
	return nil
}

// rest waits as long as n rows may take.
func (r *runner) rest(ctx context.Context, n int, took time.Duration) error {
	if r.opts.RowsPerSecond <= 0 || n == 0 {
		return nil
	}
	wait := time.Duration(float64(n)/float64(r.opts.RowsPerSecond)*float64(time.Second)) - took
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
