// Package zonecmp lets tests compare labelled values with go-cmp and keeps the
// values out of what the tests print. It stands apart from zonetest so that
// only tests that want go-cmp depend on it.
package zonecmp

import (
	"reflect"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/zone"
)

// Closed is an option for cmp.Diff and cmp.Equal under which labelled values
// are compared by all their fields and shown by none: a difference names the
// fields that differ and nothing of what is in them. Without it cmp reads the
// exported fields of labelled values and prints them into the test's output.
func Closed() cmp.Option {
	return cmp.FilterValues(
		func(x, y zone.Labelled) bool { return true },
		cmp.Transformer("zonecmp.Closed", closeRecord))
}

// closedRecord is a labelled value as a difference shows it.
type closedRecord struct {
	Type   string
	Fields map[string]closedValue
	Whole  closedValue // unexported fields, too
}

// closedValue holds a value where no printer follows: behind a function.
type closedValue struct{ get func() any }

// Equal makes cmp compare the values and not the functions.
func (c closedValue) Equal(d closedValue) bool {
	return cmp.Equal(c.get(), d.get(), cmp.Exporter(func(reflect.Type) bool { return true }))
}

func closeRecord(v zone.Labelled) closedRecord {
	at := reflect.ValueOf(v)
	out := closedRecord{Type: at.Type().String(), Fields: map[string]closedValue{}, Whole: closedValue{func() any { return open(v) }}}
	for at.Kind() == reflect.Pointer && !at.IsNil() {
		at = at.Elem()
	}
	if at.Kind() != reflect.Struct {
		return out
	}
	for i := range at.NumField() {
		if f := at.Type().Field(i); f.IsExported() {
			field := at.Field(i)
			out.Fields[f.Name] = closedValue{field.Interface}
		}
	}
	return out
}

// open returns the value as something that is not labelled any more, so that
// comparing it does not come back here: cmp compares structs field by field.
func open(v zone.Labelled) any { return struct{ V any }{v} }
