package jp

import (
	"database/sql/driver"
	"fmt"
	"log/slog"

	"github.com/sekisho-go/sekisho/classify"
)

// phantom is a type that stands for a kind of identifier.
type phantom interface {
	comparable
	kind() kind
}

// number is what the identifier types have in common. The parameter keeps
// them from being converted into one another.
type number[K phantom] struct {
	_     [0]K
	block concealed
}

// typeName returns the name of the type, as fmt's %T has it.
func (n number[K]) typeName() string {
	var k K
	return "jp." + kinds[k.kind()].name
}

// closed is the error of the encoder or decoder that is named.
func (n number[K]) closed(to string) error {
	return fmt.Errorf("%s is closed to %s: ask by zone (Reveal, Restore, SQL), or let a view of a zone cross", n.typeName(), to)
}

// IsZero reports whether the identifier is absent.
func (n number[K]) IsZero() bool { return n.block == concealed{} }

// Reveal returns the identifier in canonical form, ASCII digits alone, for use
// in zone z. It returns "" when the identifier is absent or z is nil.
func (n number[K]) Reveal(z classify.Zone) string {
	if z == nil {
		return ""
	}
	var k K
	return n.block.reveal(k.kind())
}

// Restore sets the identifier from its canonical form, in zone z; "" makes it
// absent. When the form is not canonical or the identifier not valid it fails
// with a [*ParseError], when z is nil with another error, and changes nothing.
func (n *number[K]) Restore(z classify.Zone, canonical string) error {
	if z == nil {
		return fmt.Errorf("%s: no zone to restore it in: pass the zone the value is in", n.typeName())
	}
	if canonical == "" {
		*n = number[K]{}
		return nil
	}
	restored, err := restore[K](canonical)
	if err != nil {
		return err
	}
	*n = restored
	return nil
}

// SQL returns an argument or a destination for package database/sql that holds
// the identifier in zone z: db.Exec(query, n.SQL(z)), row.Scan(n.SQL(z)).
// In the database it is text in canonical form, NULL when absent.
func (n *number[K]) SQL(z classify.Zone) SQLValue { return SQLValue{n, z} }

// Format prints the name of the type under every verb.
func (n number[K]) Format(s fmt.State, verb rune) { s.Write([]byte(n.typeName())) }

// String returns the name of the type.
func (n number[K]) String() string { return n.typeName() }

// GoString returns the name of the type.
func (n number[K]) GoString() string { return n.typeName() }

// LogValue returns the name of the type.
func (n number[K]) LogValue() slog.Value { return slog.StringValue(n.typeName()) }

// MarshalJSON fails: the type is closed.
func (n number[K]) MarshalJSON() ([]byte, error) { return nil, n.closed("JSON") }

// UnmarshalJSON fails: the type is closed.
func (n *number[K]) UnmarshalJSON([]byte) error { return n.closed("JSON") }

// MarshalText fails, and with it every encoder that is content with text, such
// as those of XML, YAML and JSON object keys: the type is closed.
func (n number[K]) MarshalText() ([]byte, error) { return nil, n.closed("text encoders") }

// UnmarshalText fails: the type is closed.
func (n *number[K]) UnmarshalText([]byte) error { return n.closed("text decoders") }

// MarshalBinary fails: the type is closed.
func (n number[K]) MarshalBinary() ([]byte, error) { return nil, n.closed("binary encoders") }

// UnmarshalBinary fails: the type is closed.
func (n *number[K]) UnmarshalBinary([]byte) error { return n.closed("binary decoders") }

// GobEncode fails: the type is closed.
func (n number[K]) GobEncode() ([]byte, error) { return nil, n.closed("gob") }

// GobDecode fails: the type is closed.
func (n *number[K]) GobDecode([]byte) error { return n.closed("gob") }

// Value fails: the type is closed. Use SQL.
func (n number[K]) Value() (driver.Value, error) { return nil, n.closed("databases") }

// Scan fails: the type is closed. Use SQL.
func (n *number[K]) Scan(any) error { return n.closed("databases") }
