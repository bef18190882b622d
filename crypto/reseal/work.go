package reseal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/sekisho-go/sekisho/crypto"
)

// Work is one thing to do with each row. [Sealed] and [Index] make it for the
// columns of package crypto; other values, such as the sealed groups of generated
// views, have a Work of their own.
type Work struct {
	// Name says what is done, for checkpoints: "seal name_sealed". It does not
	// change between runs.
	Name string
	// Begin is called before each batch, so that keys are asked for again and not
	// held for hours. Target names the state that rows are brought to, such as the
	// id of the primary key: when it changes, rows that were done are not done any
	// more, and the run begins anew.
	Begin func(ctx context.Context) (target string, change Change, err error)
}

// Change changes the values of a row in place. It does nothing when they are as
// they should be, and gives the same result however often it is called. Values
// are replaced and not written into. An error that is about this row alone is one
// of those that [Options.Aside] says; any other stops the run.
type Change func(row Row) error

// RowError wraps the error of a [Change] that is about one row alone.
type RowError struct{ Err error }

// Error implements error.
func (e *RowError) Error() string { return "reseal: the row cannot be changed: " + e.Err.Error() }

// Unwrap returns the error of the change.
func (e *RowError) Unwrap() error { return e.Err }

// ofRow reports whether an error is about one row alone: other rows may do.
func ofRow(err error) bool {
	var (
		row       *RowError
		open      *crypto.OpenError
		malformed *crypto.MalformedError
		period    *crypto.PeriodError
	)
	return errors.As(err, &row) || errors.As(err, &open) || errors.As(err, &malformed) || errors.As(err, &period) && period.Consume
}

// id is what values of a row are bound to.
func id(of func(Key) string, key Key) (string, error) {
	if of != nil {
		return of(key), nil
	}
	if len(key) != 1 {
		return "", fmt.Errorf("reseal: the key of a row has %d parts: say which id its values are bound to", len(key))
	}
	return key[0], nil
}

// target is the primary key of a use.
func target[Z crypto.Zone](k *crypto.Keys[Z], use crypto.Use) (string, error) {
	primary, ok := k.Primary(use)
	if !ok {
		var z Z
		return "", &crypto.NoKeysError{Zone: z.ZoneName(), Use: use}
	}
	return fmt.Sprintf("%s %d", use, primary), nil
}

// Sealed seals the values of a column again under the primary seal key: c is the
// column as the application has it, column its name in the store. Of is the id
// that the value was bound to, the row's key when it is nil.
func Sealed[Z crypto.Zone, T any](ring *crypto.Keyring, c *crypto.Column[Z, T], column string, of func(Key) string) Work {
	begin := func(context.Context) (string, Change, error) {
		k, err := crypto.KeysOf[Z](ring)
		if err != nil {
			return "", nil, err
		}
		to, err := target(k, crypto.UseSeal)
		change := func(row Row) error {
			id, err := id(of, row.Key)
			if err != nil {
				return err
			}
			var s crypto.Sealed[Z, T]
			if err := scan(&s, row, column); err != nil {
				return err
			}
			out, changed, err := c.Reseal(k, id, s)
			if err != nil || !changed {
				return err
			}
			return put(out, row, column)
		}
		return to, change, err
	}
	return Work{Name: "seal " + column, Begin: begin}
}

// Index fills the index column of a sealed one under the primary index key: a new
// index, or one that is being rotated. What is in the column index is replaced
// unless it is under the primary key.
func Index[Z crypto.Zone, T any](ring *crypto.Keyring, c *crypto.Column[Z, T], sealed, index string, of func(Key) string) Work {
	begin := func(context.Context) (string, Change, error) {
		k, err := crypto.KeysOf[Z](ring)
		if err != nil {
			return "", nil, err
		}
		to, err := target(k, crypto.UseIndex)
		change := func(row Row) error {
			id, err := id(of, row.Key)
			if err != nil {
				return err
			}
			var s crypto.Sealed[Z, T]
			var i crypto.Index[Z, T]
			if err := errors.Join(scan(&s, row, sealed), scan(&i, row, index)); err != nil {
				return err
			}
			out, changed, err := c.Reindex(k, id, s, i)
			if err != nil || !changed {
				return err
			}
			return put(out, row, index)
		}
		return to, change, err
	}
	return Work{Name: "index " + sealed + " " + index, Begin: begin}
}

// scan reads a column of the row.
func scan(into interface{ Scan(any) error }, row Row, column string) error {
	value, ok := row.Values[column]
	if !ok {
		return fmt.Errorf("reseal: the store has no column %q: name it there too", column)
	}
	return into.Scan(value)
}

// put writes a value into a column of the row, in the form that was there: some
// drivers give text as bytes.
func put(v interface {
	driver.Valuer
	MarshalText() ([]byte, error)
	MarshalBinary() ([]byte, error)
}, row Row, column string) error {
	value, err := v.Value()
	if old := row.Values[column]; value != nil && old != nil {
		_, isText := old.(string)
		raw, _ := old.([]byte)
		switch {
		case isText:
			var text []byte
			text, err = v.MarshalText()
			value = string(text)
		case isTextual(raw):
			value, err = v.MarshalText()
		default:
			value, err = v.MarshalBinary()
		}
	}
	if err != nil {
		return err
	}
	row.Values[column] = value
	return nil
}

// isTextual tells the forms of package crypto apart: what is sealed begins with
// 0x01, an index and a token have 20 bytes, and no text of theirs does or has.
func isTextual(b []byte) bool { return len(b) > 0 && b[0] != 1 && len(b) != 20 }
