package main

import (
	"context"
	"sync"

	"github.com/sekisho-go/sekisho/zone"
)

// journal is what the example gives its borders as audit log. It keeps the
// entries in memory, which is enough for one run on a screen; a program that
// does this work for real gives its border a log that outlives it.
type journal struct {
	mu       sync.Mutex
	begins   int
	ends     []zone.EndEntry
	refusals int
}

// Begin takes the entry before the first record crosses.
func (j *journal) Begin(context.Context, zone.BeginEntry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begins++
	return nil
}

// End takes the entry with the counts.
func (j *journal) End(_ context.Context, e zone.EndEntry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ends = append(j.ends, e)
	return nil
}

// Refuse takes the entry of a crossing that did not begin.
func (j *journal) Refuse(context.Context, zone.RefusalEntry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.refusals++
	return nil
}

// entries counts what was recorded.
func (j *journal) entries() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.begins + len(j.ends) + j.refusals
}
