package zonetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sekisho-go/sekisho/zone"
)

// Recorder is an audit log in memory. The zero Recorder is ready to use, by many
// goroutines at once. It implements [zone.Recorder] and [zone.History].
type Recorder struct {
	mu       sync.Mutex
	begins   []zone.BeginEntry
	ends     []zone.EndEntry
	refusals []zone.RefusalEntry
	failing  map[string]error
}

var (
	_ zone.Recorder = (*Recorder)(nil)
	_ zone.History  = (*Recorder)(nil)
)

// FailBegin makes Begin fail with err from now on; nil makes it work again.
func (r *Recorder) FailBegin(err error) { r.fail("begin", err) }

// FailEnd makes End fail with err from now on; nil makes it work again.
func (r *Recorder) FailEnd(err error) { r.fail("end", err) }

// FailRefuse makes Refuse fail with err from now on; nil makes it work again.
func (r *Recorder) FailRefuse(err error) { r.fail("refuse", err) }

// FailPast makes Past fail with err from now on; nil makes it work again.
func (r *Recorder) FailPast(err error) { r.fail("past", err) }

func (r *Recorder) fail(method string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failing == nil {
		r.failing = make(map[string]error)
	}
	r.failing[method] = err
}

// Begin implements [zone.Recorder]. Like a log on a disk it does not take an
// entry when the context is done.
func (r *Recorder) Begin(ctx context.Context, e zone.BeginEntry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.trouble(ctx, "begin"); err != nil {
		return err
	}
	r.begins = append(r.begins, e)
	return nil
}

// End implements [zone.Recorder].
func (r *Recorder) End(ctx context.Context, e zone.EndEntry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.trouble(ctx, "end"); err != nil {
		return err
	}
	r.ends = append(r.ends, e)
	return nil
}

// Refuse implements [zone.Recorder].
func (r *Recorder) Refuse(ctx context.Context, e zone.RefusalEntry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.trouble(ctx, "refuse"); err != nil {
		return err
	}
	r.refusals = append(r.refusals, e)
	return nil
}

// Past implements [zone.History] from the end entries, so that a second border
// with the same Recorder behaves as after a restart.
func (r *Recorder) Past(ctx context.Context, route string, since time.Time) ([]zone.Past, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.trouble(ctx, "past"); err != nil {
		return nil, err
	}
	var past []zone.Past
	for _, e := range r.ends {
		if e.Route == route && e.At.After(since) {
			past = append(past, zone.Past{At: e.At, Records: e.Records})
		}
	}
	return past, nil
}

func (r *Recorder) trouble(ctx context.Context, method string) error {
	if err := r.failing[method]; err != nil {
		return err
	}
	return ctx.Err()
}

// Begins returns the begin entries so far, in order.
func (r *Recorder) Begins() []zone.BeginEntry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.begins)
}

// Ends returns the end entries so far, in order.
func (r *Recorder) Ends() []zone.EndEntry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ends)
}

// Refusals returns the entries of refused crossings so far, in order.
func (r *Recorder) Refusals() []zone.RefusalEntry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.refusals)
}

// Unended returns the IDs of crossings that began and have no end, in order. A
// test that leaves one has forgotten Commit or Abort.
func (r *Recorder) Unended() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	for _, b := range r.begins {
		if !slices.ContainsFunc(r.ends, func(e zone.EndEntry) bool { return e.ID == b.ID }) {
			ids = append(ids, b.ID)
		}
	}
	return ids
}
