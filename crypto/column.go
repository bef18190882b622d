package crypto

import "errors"

// Column seals the values of one column of a table, for tables that are written
// by hand; generated views bind what they seal to their own type and field. Each
// value is bound to policy, table, column and the id of its row: one that was
// moved to another row, column, table or policy does not open. A Column is made
// by [NewColumn], once, and may be used by many goroutines; the zero value is no
// column, and every operation with it fails.
type Column[Z Zone, T any] struct {
	_      [0]*Z // Columns of two zones do not convert into each other
	_      [0]*T // nor do Columns of two types
	prefix []byte
	scope  Scope
}

// NewColumn returns the column of that name, whose values have type T: a type of
// its own for each column keeps the compiler on your side. Policy, table and column
// are part of what every value is bound to, and of the [Scope] of its index: to
// rename one of them is to seal the column again. The database need not know the
// names, but nothing may be called by the names of something else.
func NewColumn[Z Zone, T any](policy, table, column string) *Column[Z, T] {
	return &Column[Z, T]{
		prefix: AppendAD(nil, policy, "column", table, column),
		scope:  NewScope(policy, "column", table, column),
	}
}

var errNoColumn = errors.New("crypto: a column without a name binds nothing: make it with NewColumn")

// ad is the associated data of one row's value.
func (c *Column[Z, T]) ad(id string) ([]byte, error) {
	if c == nil || c.prefix == nil {
		return nil, errNoColumn
	}
	return AppendAD(c.prefix[:len(c.prefix):len(c.prefix)], id), nil
}

// Seal seals the value of the row id, which must be known before the row is
// written and never change: take an id of your own, not a number that the database
// gives. An absent value, for NULL, is the zero Sealed and needs no sealing. Errors
// are those of the function [Seal].
func (c *Column[Z, T]) Seal(k *Keys[Z], id string, value []byte) (Sealed[Z, T], error) {
	ad, err := c.ad(id)
	if err != nil {
		return Sealed[Z, T]{}, err
	}
	return Seal[T](k, value, ad)
}

// Open returns the value of the row id; nil and no error for an absent one, which
// a database has as NULL. Errors are those of the function [Open].
func (c *Column[Z, T]) Open(k *Keys[Z], id string, s Sealed[Z, T]) ([]byte, error) {
	if s.IsZero() {
		return nil, nil
	}
	ad, err := c.ad(id)
	if err != nil {
		return nil, err
	}
	return Open(k, s, ad)
}

// Reseal seals the value of the row id again under the primary key: see the
// function [Reseal].
func (c *Column[Z, T]) Reseal(k *Keys[Z], id string, s Sealed[Z, T]) (out Sealed[Z, T], changed bool, err error) {
	ad, err := c.ad(id)
	if err != nil {
		return s, false, err
	}
	return Reseal(k, s, ad)
}

// Index returns the index of a value, for the column beside this one. It is bound
// to the column and not to the row: equal values are to be found. See [MakeIndex].
func (c *Column[Z, T]) Index(k *Keys[Z], value []byte) (Index[Z, T], error) {
	if c == nil || c.prefix == nil {
		return Index[Z, T]{}, errNoColumn
	}
	return MakeIndex[T](k, c.scope, value)
}

// Lookup returns what to search the index column for: see the function [Lookup].
func (c *Column[Z, T]) Lookup(k *Keys[Z], value []byte) ([]Index[Z, T], error) {
	if c == nil || c.prefix == nil {
		return nil, errNoColumn
	}
	return Lookup[T](k, c.scope, value)
}

// Reindex returns the index of the sealed value of the row id under the primary
// index key, without showing the value: the back-fill of a rotation. An index that
// is under the primary key is taken to be right, without opening the value:
// changed is false, and the result is i. The absent value has the absent index.
func (c *Column[Z, T]) Reindex(k *Keys[Z], id string, s Sealed[Z, T], i Index[Z, T]) (out Index[Z, T], changed bool, err error) {
	if primary, ok := k.Primary(UseIndex); s.IsZero() && i.IsZero() || !s.IsZero() && ok && i.KeyID() == primary {
		return i, false, nil
	}
	if s.IsZero() {
		return Index[Z, T]{}, true, nil
	}
	value, err := c.Open(k, id, s)
	if err != nil {
		return i, false, err
	}
	defer clear(value)
	out, err = c.Index(k, value)
	if err != nil {
		return i, false, err
	}
	return out, out != i, nil
}
