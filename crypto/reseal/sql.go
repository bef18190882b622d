package reseal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/crypto"
)

// Kind is the type of a column of a table's key.
type Kind uint8

// The kinds of key columns. The zero value is none.
const (
	KindUnknown Kind = iota // no kind
	Integer                 // any integer of up to 64 bits
	Text                    // characters, and what the database writes as such, such as uuid
	Bytes                   // bytes: in a Key they are in hex
)

// KeyColumn is a column of a table's primary or unique key, which is not NULL.
type KeyColumn struct {
	Name string
	Kind Kind
}

// Match is a column that must have a value: only such rows are visited, for
// example those of one tenant.
type Match struct {
	Column string
	Value  any // as the driver takes it; not nil
}

// Dialect is how SQL is written.
type Dialect uint8

// The dialects. Both write names in double quotes, so that they are taken exactly
// as they are given, upper and lower case too.
const (
	Question Dialect = iota // placeholders are ?: SQLite, and others in a mode that quotes names with "
	Dollar                  // placeholders are $1: PostgreSQL
)

// SQL is a [Store] over a table of a database, in SQL that is as plain as can be.
// Rows are read by key, a batch at a time, and no cursor or transaction is open in
// between. A batch is written in one transaction, at the isolation level read
// committed or a stricter one that the database has by itself.
type SQL struct {
	DB      *sql.DB
	Dialect Dialect
	Schema  string      // may be empty
	Table   string      //
	Key     []KeyColumn // in the order of the key's index
	Columns []string    // what is read, compared and written: bytes or characters
	Where   []Match     // all of them; may be empty
}

// Name implements [Store].
func (s SQL) Name() string {
	parts := []string{"sql", s.Schema, s.Table, strconv.Itoa(len(s.Key))}
	for _, k := range s.Key {
		parts = append(parts, k.Name)
	}
	parts = append(append(parts, strconv.Itoa(len(s.Columns))), s.Columns...)
	for _, m := range s.Where {
		parts = append(parts, m.Column, fmt.Sprint(m.Value))
	}
	sum := sha256.Sum256(crypto.AppendAD(nil, parts...))
	return hex.EncodeToString(sum[:])
}

// Next implements [Store].
func (s SQL) Next(ctx context.Context, after Key, n int) ([]Row, error) {
	q, err := s.query()
	if err != nil {
		return nil, err
	}
	q.match()
	if after != nil {
		args, err := s.arguments(after)
		if err != nil {
			return nil, err
		}
		q.after(args)
	}
	q.order(n)
	return s.rows(ctx, q)
}

// Get implements [Store].
func (s SQL) Get(ctx context.Context, key Key) (Row, bool, error) {
	q, err := s.query()
	if err != nil {
		return Row{}, false, err
	}
	args, err := s.arguments(key)
	if err != nil {
		return Row{}, false, err
	}
	q.match()
	q.key(args)
	rows, err := s.rows(ctx, q)
	if err != nil || len(rows) == 0 {
		return Row{}, false, err
	}
	if len(rows) > 1 {
		return Row{}, false, errors.New("reseal: sql: the key is not unique: name all of its columns")
	}
	return rows[0], true, nil
}

// Swap implements [Store]: all of it is one transaction.
func (s SQL) Swap(ctx context.Context, updates []Update) ([]bool, error) {
	var options sql.TxOptions
	if s.Dialect == Dollar {
		options.Isolation = sql.LevelReadCommitted
	}
	tx, err := s.DB.BeginTx(ctx, &options)
	if err != nil {
		return nil, fmt.Errorf("reseal: sql: %w", err)
	}
	defer tx.Rollback() // after Commit it does nothing
	statements := make(map[string]*sql.Stmt)
	written := make([]bool, len(updates))
	for i, u := range updates {
		q, err := s.swap(u)
		if err != nil {
			return nil, err
		}
		statement := statements[q.text.String()]
		if statement == nil {
			if statement, err = tx.PrepareContext(ctx, q.text.String()); err != nil {
				return nil, fmt.Errorf("reseal: sql: %w", err)
			}
			defer statement.Close()
			statements[q.text.String()] = statement
		}
		result, err := statement.ExecContext(ctx, q.args...)
		if err != nil {
			return nil, fmt.Errorf("reseal: sql: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return nil, fmt.Errorf("reseal: sql: %w", err)
		}
		if n > 1 {
			return nil, errors.New("reseal: sql: the key is not unique: name all of its columns")
		}
		written[i] = n == 1
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("reseal: sql: %w", err)
	}
	return written, nil
}

// query is a statement that is being written.
type query struct {
	s     SQL
	text  strings.Builder
	args  []any
	where bool // something follows WHERE already
}

func (q *query) write(parts ...string) {
	for _, p := range parts {
		q.text.WriteString(p)
	}
}

// place writes a placeholder for the argument.
func (q *query) place(arg any) {
	q.args = append(q.args, arg)
	if q.s.Dialect == Dollar {
		q.write("$", strconv.Itoa(len(q.args)))
	} else {
		q.write("?")
	}
}

// and begins a condition.
func (q *query) and() {
	if q.where {
		q.write(" AND ")
	} else {
		q.write(" WHERE ")
	}
	q.where = true
}

// query begins a SELECT of the key and the columns.
func (s SQL) query() (*query, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	q := &query{s: s}
	q.write("SELECT ")
	for i, name := range s.selected() {
		if i > 0 {
			q.write(", ")
		}
		q.write(quote(name))
	}
	q.write(" FROM ", s.table())
	return q, nil
}

// selected returns what a SELECT reads.
func (s SQL) selected() []string {
	var names []string
	for _, k := range s.Key {
		names = append(names, k.Name)
	}
	return append(names, s.Columns...)
}

func (s SQL) table() string {
	if s.Schema == "" {
		return quote(s.Table)
	}
	return quote(s.Schema) + "." + quote(s.Table)
}

func (q *query) match() {
	for _, m := range q.s.Where {
		q.and()
		q.write(quote(m.Column), " = ")
		q.place(m.Value)
	}
}

// key writes that the key is the given one.
func (q *query) key(args []any) {
	for i, k := range q.s.Key {
		q.and()
		q.write(quote(k.Name), " = ")
		q.place(args[i])
	}
}

// after writes that the key comes after the given one, for a key of several
// columns without the comparison of rows, which not every database has:
// (a > ? OR (a = ? AND b > ?)).
func (q *query) after(args []any) {
	q.and()
	q.write("(")
	for i, k := range q.s.Key {
		if i > 0 {
			q.write(" OR (")
			for j, before := range q.s.Key[:i] {
				q.write(quote(before.Name), " = ")
				q.place(args[j])
				q.write(" AND ")
			}
		}
		q.write(quote(k.Name), " > ")
		q.place(args[i])
		if i > 0 {
			q.write(")")
		}
	}
	q.write(")")
}

func (q *query) order(n int) {
	q.write(" ORDER BY ")
	for i, k := range q.s.Key {
		if i > 0 {
			q.write(", ")
		}
		q.write(quote(k.Name))
	}
	q.write(" LIMIT ", strconv.Itoa(n))
}

// swap writes the UPDATE of a row that must still be what it was. NULL is equal
// to nothing in SQL and has a condition of its own.
func (s SQL) swap(u Update) (*query, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	args, err := s.arguments(u.Key)
	if err != nil {
		return nil, err
	}
	q := &query{s: s}
	q.write("UPDATE ", s.table())
	separator := " SET "
	for _, c := range s.Columns {
		if same(u.Old[c], u.New[c]) {
			continue
		}
		q.write(separator, quote(c), " = ")
		q.place(u.New[c])
		separator = ", "
	}
	q.match()
	q.key(args)
	for _, c := range s.Columns {
		q.and()
		if u.Old[c] == nil {
			q.write(quote(c), " IS NULL")
			continue
		}
		q.write(quote(c), " = ")
		q.place(u.Old[c])
	}
	return q, nil
}

// check refuses what cannot be, before anything is sent.
func (s SQL) check() error {
	if s.DB == nil || len(s.Key) == 0 || len(s.Columns) == 0 || s.Dialect > Dollar {
		return errors.New("reseal: sql: want a database, a key, columns and a dialect")
	}
	names := append(s.selected(), s.Table)
	if s.Schema != "" {
		names = append(names, s.Schema)
	}
	for _, m := range s.Where {
		names = append(names, m.Column)
		if m.Value == nil {
			return fmt.Errorf("reseal: sql: column %q is to match NULL: want a value", m.Column)
		}
	}
	for _, name := range names {
		if !isName(name) {
			return fmt.Errorf("reseal: sql: %q is not a name: want 1 to 128 letters, digits, _ and $, not beginning with a digit", name)
		}
	}
	selected := s.selected()
	slices.Sort(selected)
	if len(slices.Compact(selected)) != len(s.Key)+len(s.Columns) {
		return errors.New("reseal: sql: a column is named twice: the key is not changed")
	}
	for _, k := range s.Key {
		if k.Kind == KindUnknown || k.Kind > Bytes {
			return fmt.Errorf("reseal: sql: key column %q has no kind", k.Name)
		}
	}
	return nil
}

// isName wants what a database calls a regular identifier, in any script.
func isName(name string) bool {
	if name == "" || len(name) > 128 || !utf8.ValidString(name) {
		return false
	}
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || r != '$' && !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return false
		}
	}
	return true
}

// quote writes a name so that no word is reserved. A name has no quote in it.
func quote(name string) string { return `"` + name + `"` }

// arguments returns the parts of a key as the driver takes them.
func (s SQL) arguments(key Key) ([]any, error) {
	if len(key) != len(s.Key) {
		return nil, fmt.Errorf("reseal: sql: the key of a row has %d parts, want %d: is it the checkpoint of another table?", len(key), len(s.Key))
	}
	args := make([]any, len(key))
	for i, k := range s.Key {
		var err error
		switch k.Kind {
		case Integer:
			args[i], err = strconv.ParseInt(key[i], 10, 64)
		case Bytes:
			args[i], err = hex.DecodeString(key[i])
		default:
			args[i] = key[i]
		}
		if err != nil {
			return nil, fmt.Errorf("reseal: sql: key column %q: the part of the key is of another kind", k.Name)
		}
	}
	return args, nil
}

// part returns a part of a key as text.
func (k KeyColumn) part(value any) (string, error) {
	switch v := value.(type) {
	case int64:
		if k.Kind == Integer {
			return strconv.FormatInt(v, 10), nil
		}
	case string:
		return k.part([]byte(v))
	case []byte:
		switch k.Kind {
		case Text:
			return string(v), nil
		case Bytes:
			return hex.EncodeToString(v), nil
		case Integer: // some drivers give numbers as text
			if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
				return strconv.FormatInt(n, 10), nil
			}
		}
	}
	return "", fmt.Errorf("reseal: sql: key column %q holds a %T, which is not of its kind", k.Name, value)
}

// rows runs the query.
func (s SQL) rows(ctx context.Context, q *query) ([]Row, error) {
	in, err := s.DB.QueryContext(ctx, q.text.String(), q.args...)
	if err != nil {
		return nil, fmt.Errorf("reseal: sql: %w", err)
	}
	defer in.Close()
	values := make([]any, len(s.Key)+len(s.Columns))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	var rows []Row
	for in.Next() {
		if err := in.Scan(into...); err != nil {
			return nil, fmt.Errorf("reseal: sql: %w", err)
		}
		row := Row{Values: make(map[string]any, len(s.Columns))}
		for i, k := range s.Key {
			part, err := k.part(values[i])
			if err != nil {
				return nil, err
			}
			row.Key = append(row.Key, part)
		}
		for i, c := range s.Columns {
			switch v := values[len(s.Key)+i].(type) {
			case nil, []byte, string:
				row.Values[c] = v
			default:
				return nil, fmt.Errorf("reseal: sql: column %q holds a %T, want bytes or characters", c, v)
			}
		}
		rows = append(rows, row)
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("reseal: sql: %w", err)
	}
	return rows, nil
}
