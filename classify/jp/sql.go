package jp

import (
	"database/sql/driver"
	"fmt"
	"log/slog"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
)

// SQLValue is an identifier in a zone, as an argument or a destination of
// package database/sql. It comes from the SQL method of the identifier, which
// it points to. It prints nothing of it.
type SQLValue struct {
	value classify.Value
	zone  classify.Zone
}

// Value implements [driver.Valuer]: the canonical form, or NULL when the
// identifier is absent. It fails without a zone.
func (v SQLValue) Value() (driver.Value, error) {
	if v.value == nil || v.zone == nil {
		return nil, fmt.Errorf("jp: SQL value without a zone: pass the zone of the database to SQL")
	}
	if s := v.value.Reveal(v.zone); s != "" {
		return s, nil
	}
	return nil, nil
}

// Scan implements the Scanner of package database/sql. The column is text in
// canonical form, followed by blanks where it is of fixed width; NULL and
// blanks alone make the identifier absent. On error the identifier is
// unchanged, and the error does not show the column.
func (v SQLValue) Scan(src any) error {
	if v.value == nil {
		return fmt.Errorf("jp: SQL value without an identifier: get it from the method SQL")
	}
	var s string
	switch src := src.(type) {
	case nil:
	case string:
		s = src
	case []byte:
		s = string(src)
	default:
		return fmt.Errorf("jp: cannot scan a %T: keep identifiers as text, for a number loses its leading zeros", src)
	}
	return v.value.Restore(v.zone, strings.TrimRight(s, " "))
}

// Format prints the name of the type under every verb.
func (v SQLValue) Format(s fmt.State, verb rune) { s.Write([]byte(v.String())) }

// String returns the name of the type.
func (v SQLValue) String() string { return "jp.SQLValue" }

// GoString returns the name of the type.
func (v SQLValue) GoString() string { return v.String() }

// LogValue returns the name of the type.
func (v SQLValue) LogValue() slog.Value { return slog.StringValue(v.String()) }
