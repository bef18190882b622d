package crypto

// Column seals the values of one column of a table, for tables that are written
// by hand; generated views bind what they seal to their own type and field. Each
// value is bound to policy, table, column and the id of its row: one that was
// moved to another row, column, table or policy does not open. A Column is made
// by [NewColumn], once.
type Column[Z Zone, T any] struct {
	prefix []byte
	scope  Scope
}

// NewColumn returns the column of that name. Policy, table and column are part of
// what every value is bound to: to rename one of them is to seal the column
// again.
func NewColumn[Z Zone, T any](policy, table, column string) *Column[Z, T] {
	return &Column[Z, T]{
		prefix: AppendAD(nil, policy, "column", table, column),
		scope:  NewScope(policy, "column", table, column),
	}
}

// ad is the associated data of one row's value.
func (c *Column[Z, T]) ad(id string) []byte {
	return AppendAD(c.prefix[:len(c.prefix):len(c.prefix)], id)
}

// Seal seals the value of the row id. An absent value, for NULL, is the zero
// Sealed and needs no sealing. Errors are those of the function [Seal].
func (c *Column[Z, T]) Seal(k *Keys[Z], id string, value []byte) (Sealed[Z, T], error) {
	return Seal[T](k, value, c.ad(id))
}

// Open returns the value of the row id; nil and no error for an absent one, which
// a database has as NULL. Errors are those of the function [Open].
func (c *Column[Z, T]) Open(k *Keys[Z], id string, s Sealed[Z, T]) ([]byte, error) {
	if s.IsZero() {
		return nil, nil
	}
	return Open(k, s, c.ad(id))
}

// Reseal seals the value of the row id again under the primary key: see the
// function [Reseal].
func (c *Column[Z, T]) Reseal(k *Keys[Z], id string, s Sealed[Z, T]) (out Sealed[Z, T], changed bool, err error) {
	return Reseal(k, s, c.ad(id))
}

// Index returns the index of a value, for the column beside this one. It is bound
// to the column and not to the row: equal values are to be found. See [MakeIndex].
func (c *Column[Z, T]) Index(k *Keys[Z], value []byte) (Index[Z, T], error) {
	return MakeIndex[T](k, c.scope, value)
}

// Lookup returns what to search the index column for: see the function [Lookup].
func (c *Column[Z, T]) Lookup(k *Keys[Z], value []byte) ([]Index[Z, T], error) {
	return Lookup[T](k, c.scope, value)
}

// Reindex returns the index of the sealed value of the row id under the primary
// index key, without showing the value: the back-fill of a rotation. Changed is
// false when i is that already. The absent value has the absent index.
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
