package intake

import (
	"fmt"
	"strings"
)

// Reason says what is wrong with a row or with one of its cells. Reasons are few and fixed, so that they can be counted.
type Reason uint8

const (
	ReasonUnknown Reason = iota // invalid: no fault has it
	Quoting                     // the row's quotes are broken, or it may hide another row
	Columns                     // the row does not have the header's number of columns
	TooLong                     // the row does not end within Config.MaxRecord
	Undecodable                 // a byte of the cell is no character in the stated charset
	Overlong                    // the cell has more characters than its column allows
	Unprintable                 // the cell has a control character, or a line break where none is allowed
	Empty                       // the cell is empty and must not be
	NotADate                    // the cell is not a date
	NotANumber                  // the cell is not a whole number
	NotAChoice                  // the cell is none of the values its column can have
	NotKatakana                 // the cell has something other than kana in it
	Refused                     // the parser of the cell's type refused it, for one a wrong check digit
	Inconsistent                // the caller's own check failed (Row.Fail)
)

var reasonNames = [...]string{
	"unknown", "quoting", "columns", "too long", "undecodable", "overlong", "unprintable", "empty", "not a date", "not a number",
	"not a choice", "not katakana", "refused", "inconsistent",
}

// String returns the reason in a word or two, for tables.
func (r Reason) String() string {
	if int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return reasonNames[ReasonUnknown]
}

// A Fault is one thing that is wrong with a row. It never contains a byte of the row.
type Fault struct {
	Column string // the layout's name of the column; "" when the whole row is meant
	Place  int    // which column of the file it is, from 1; 0 when the whole row is meant
	Reason Reason
	Text   string // what is wrong, as the rest of a sentence that begins with the column's name
}

// String returns one line: the column, its place and what is wrong.
func (f Fault) String() string {
	if f.Column == "" {
		return f.Text
	}
	return fmt.Sprintf("%s (column %d) %s", f.Column, f.Place, f.Text)
}

// A RowError says why a row was set aside. It never contains a byte of the row.
type RowError struct {
	Line      int     // the row's first physical line in the file; the header begins on line 1
	Lines     int     // how many physical lines it takes; more than one when a quoted cell has line breaks
	AsideLine int     // its first line in the file for correction
	Faults    []Fault // all that was found, in the order of the layout, then the caller's own
}

// Error returns one line with all faults.
func (e *RowError) Error() string {
	texts := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		texts[i] = f.String()
	}
	return fmt.Sprintf("line %d: %s", e.Line, strings.Join(texts, "; "))
}
