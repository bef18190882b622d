package reseal

import (
	"context"
	"fmt"

	"github.com/sekisho-go/sekisho/crypto"
)

// Form is what is in a column.
type Form uint8

// The forms of columns. The zero value is none.
const (
	FormUnknown Form = iota // no form
	FormSealed              // crypto.Sealed
	FormToken               // crypto.Token
	FormIndex               // crypto.Index
)

// Column is a column of a store that is to be counted.
type Column struct {
	Name string
	Form Form
	// Of is the column that this one must not be without, such as the sealed
	// column of an index: rows that have a value there and none here are counted
	// as missing. It may be empty.
	Of string
}

// Census is how many values are under which key.
type Census struct {
	Rows    int64
	Columns map[string]Counts
}

// Counts is about one column.
type Counts struct {
	Keys      map[uint32]int64 // by the id of the key, as the values say: nothing is opened
	Null      int64            // rows without a value
	Missing   int64            // rows without a value that should have one
	Malformed int64            // values that are none
}

// Left returns how many rows are not done: under another key than the primary one,
// missing or malformed. A key may be retired when every column that uses it says 0
// for the key that came after it.
func (c Counts) Left(primary uint32) int64 {
	left := c.Missing + c.Malformed
	for id, n := range c.Keys {
		if id != primary {
			left += n
		}
	}
	return left
}

// Count takes a census of the columns of a store, without keys. Of opts it uses
// Batch and RowsPerSecond. A row that is written while it counts is counted as it
// was or as it is.
func Count(ctx context.Context, store Store, columns []Column, opts Options) (Census, error) {
	census := Census{Columns: make(map[string]Counts)}
	for _, c := range columns {
		if c.Form == FormUnknown || c.Form > FormIndex {
			return Census{}, fmt.Errorf("reseal: column %q has no form: say what is in it", c.Name)
		}
		census.Columns[c.Name] = Counts{Keys: make(map[uint32]int64)}
	}
	work := Work{Name: "count", Begin: func(context.Context) (string, Change, error) {
		return "", func(row Row) error { return census.count(columns, row) }, nil
	}}
	_, err := Run(ctx, store, []Work{work}, nil, Options{Batch: opts.Batch, RowsPerSecond: opts.RowsPerSecond})
	return census, err
}

func (c *Census) count(columns []Column, row Row) error {
	c.Rows++
	for _, column := range columns {
		value, ok := row.Values[column.Name]
		if !ok {
			return fmt.Errorf("reseal: the store has no column %q: name it there too", column.Name)
		}
		counts := c.Columns[column.Name]
		switch {
		case value == nil:
			counts.Null++
			of, ok := row.Values[column.Of]
			if column.Of != "" && !ok {
				return fmt.Errorf("reseal: the store has no column %q: name it there too", column.Of)
			}
			if of != nil {
				counts.Missing++
			}
		default:
			if id, ok := keyID(column.Form, value); ok {
				counts.Keys[id]++
			} else {
				counts.Malformed++
			}
		}
		c.Columns[column.Name] = counts
	}
	return nil
}

// place stands for a zone and a route in the types of values whose key alone is
// asked for.
type place struct{}

func (place) ZoneName() string  { return "" }
func (place) RouteName() string { return "" }

// keyID returns the id of the key that a value names.
func keyID(form Form, value any) (uint32, bool) {
	var v interface {
		Scan(any) error
		KeyID() uint32
	}
	switch form {
	case FormSealed:
		v = new(crypto.Sealed[place, place])
	case FormToken:
		v = new(crypto.Token[place])
	case FormIndex:
		v = new(crypto.Index[place, place])
	}
	if err := v.Scan(value); err != nil {
		return 0, false
	}
	return v.KeyID(), true
}
