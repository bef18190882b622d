package zone

import (
	"fmt"
	"io"
	"log/slog"
)

// ClosedError is why an encoder got nothing from a labelled value. Diagnostics
// print a closed value as type, zone and class; encoders fail, because a
// silent mask in a path that carries data loses data.
type ClosedError struct {
	Type   string // as Go code names it: "insured.Insured"
	Zone   string // where the value lives
	Format string // "json", "xml", "gob", "text", "binary" …
}

// Error implements error: what is closed and which way is open.
func (e *ClosedError) Error() string {
	return fmt.Sprintf("zone: %s lives in zone %s and is closed to %s: "+
		"hand it to an endpoint of zone %s, or cross it first and hand over the view",
		e.Type, e.Zone, e.Format, e.Zone)
}

// FormatClosed carries out the Format method of a closed value: every verb,
// with any flag, prints type, zone and class, as in
// "insured.Insured(mynumber, 3B)".
//
// Generated code calls it in a method with a value receiver, so that the value
// is closed as well as a pointer to it; fmt prints a nil pointer as "<nil>".
//
// There are two verbs for which fmt calls no method and shows the fields: %p of
// a value that is no pointer, and %w of what is no error or outside of
// fmt.Errorf. No type can help that; the analyzer reports both.
func FormatClosed(s fmt.State, _ rune, typ, zoneName, class string) {
	for _, part := range [...]string{typ, "(", zoneName, ", ", class, ")"} {
		io.WriteString(s, part)
	}
}

// GoStringClosed carries out the GoString method of a closed value with the
// text of [FormatClosed].
func GoStringClosed(typ, zoneName, class string) string {
	return typ + "(" + zoneName + ", " + class + ")"
}

// LogClosed carries out the LogValue method of a closed value with the text of
// [FormatClosed].
func LogClosed(typ, zoneName, class string) slog.Value {
	return slog.StringValue(GoStringClosed(typ, zoneName, class))
}

// EncodeClosed carries out the MarshalJSON, MarshalText, MarshalBinary,
// MarshalXML and GobEncode methods of a closed value: it returns a
// [*ClosedError]. Format is the encoder's name.
func EncodeClosed(typ, zoneName, format string) error {
	return &ClosedError{Type: typ, Zone: zoneName, Format: format}
}
