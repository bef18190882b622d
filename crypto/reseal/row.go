package reseal

import (
	"bytes"
	"context"
	"maps"
)

// Key is the key of a row, one part for each column of the table's key, as text:
// numbers in decimal, bytes in hex, text as it is.
type Key []string

// Row is a row as a store gives it: its key, and what is in the store's columns,
// by name. A value is nil for NULL, []byte or string.
type Row struct {
	Key    Key
	Values map[string]any
}

// Update is a row that is to be written, if it is still what it was.
type Update struct {
	Key      Key
	Old, New map[string]any // all columns of the store; they differ in at least one
}

// Store is a table, seen from here. [SQL] is one.
type Store interface {
	// Name says which table and columns it is, for checkpoints. It does not change
	// between runs.
	Name() string
	// Next returns the first n rows, or fewer at the end, of those whose key comes
	// after the given one, which is nil at the beginning, in the order of their
	// keys.
	Next(ctx context.Context, after Key, n int) ([]Row, error)
	// Get returns one row as it is now; ok is false when there is none any more.
	Get(ctx context.Context, key Key) (row Row, ok bool, err error)
	// Swap writes those of the updates whose row still has the old values, each
	// as one step that nothing comes between, and reports for each whether it was
	// written. Those it reports are durable when it returns without an error.
	Swap(ctx context.Context, updates []Update) (written []bool, err error)
}

// same reports whether two values of a column are the same.
func same(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case string:
		b, ok := b.(string)
		return ok && a == b
	}
	return false
}

// update returns what is to be written of a row that was before; ok is false when
// nothing changed.
func update(before map[string]any, row Row) (u Update, ok bool) {
	return Update{Key: row.Key, Old: before, New: row.Values}, !maps.EqualFunc(before, row.Values, same)
}
