package wire

import "fmt"

// Error says what could not be written or read and where. It never holds a
// value, nor the text of an error that a marshaler of somebody else returned,
// because such texts like to quote their input.
type Error struct {
	Op     string // the method: "String", "Time", "Close" …
	Offset int    // byte offset at which it was called
	Msg    string // what was wrong
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("wire: %s at byte %d: %s", e.Op, e.Offset, e.Msg)
}

// foreign describes an error of a marshaler by its type alone.
func foreign(method string, err error) string {
	return fmt.Sprintf("%s of the value failed with a %T, whose text is left out because it may quote the value", method, err)
}
