package intake

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/classify/jp"
)

// A Row is how a build function gets at the cells of one row. It belongs to the reader and is only valid during the call.
//
// A method that cannot give what it is asked for notes the fault and returns the zero value; the build function simply
// goes on, so that all faults of a row are found at once, and its result is thrown away. The first fault of a column is
// the one that counts.
//
// It shows nothing to fmt and to loggers but its line.
type Row struct {
	layout Layout
	place  []int          // of each column of the layout: its index in the file
	column map[string]int // of each name: its index in the layout
	line   int
	text   []byte   // all cells, decoded
	cells  [][2]int // of each column of the layout: where in text
	faults []Fault
	faulty []bool // of each column of the layout
	misuse error  // the build function asked for something that does not exist
}

// constant is the type of texts that must be constants of the program: nobody outside can convert a variable to it, so
// no cell ends up in a message.
type constant string

// Line returns the physical line the row begins on. The header begins on line 1.
func (r *Row) Line() int { return r.line }

// Has reports whether the cell has more in it than blanks, and no fault so far.
func (r *Row) Has(column string) bool {
	i, ok := r.find(column)
	return ok && strings.TrimSpace(r.at(i)) != ""
}

// Text returns the cell as it was delivered, except that CRLF inside it is LF. It must not be empty; blanks alone, also
// ideographic ones, are empty.
func (r *Row) Text(column string) string {
	_, s, _ := r.filled(column)
	return s
}

// Optional is Text for a cell that may be empty.
func (r *Row) Optional(column string) string {
	i, ok := r.find(column)
	if !ok {
		return ""
	}
	return r.at(i)
}

// Kana returns the cell as full-width katakana, whatever its width in the file (see [Katakana]). It must not be empty and
// must be kana throughout ([IsKatakana]).
func (r *Row) Kana(column string) string {
	i, s, ok := r.filled(column)
	if !ok {
		return ""
	}
	if s = Katakana(s); !IsKatakana(s) {
		r.fault(i, NotKatakana, "has characters other than kana")
		return ""
	}
	return s
}

// Date returns the day in the cell, at midnight UTC, in any of the forms of [ParseDate]. It must not be empty.
func (r *Row) Date(column string) time.Time {
	i, s, ok := r.filled(column)
	if !ok {
		return time.Time{}
	}
	t, err := ParseDate(s)
	if err != nil {
		r.fault(i, NotADate, err.Error())
	}
	return t
}

// OptionalDate is Date for a cell that may be empty; it then returns the zero time.
func (r *Row) OptionalDate(column string) time.Time {
	if !r.Has(column) {
		return time.Time{}
	}
	return r.Date(column)
}

// Int returns the whole number in the cell, such as an amount in yen: digits (full-width ones too) with an optional minus
// sign, without separators, at most 18 digits. It must not be empty.
func (r *Row) Int(column string) int64 {
	i, s, ok := r.filled(column)
	if !ok {
		return 0
	}
	unsigned, negative := strings.CutPrefix(narrowDigits(s), "-")
	n, ok := digits(unsigned, 1, 18)
	switch {
	case !ok:
		r.fault(i, NotANumber, "is no whole number: want at most 18 digits, with a minus sign where it is negative")
		return 0
	case negative:
		return int64(-n)
	}
	return int64(n)
}

// OneOf returns the cell, which must be one of the values given.
func (r *Row) OneOf(column string, values ...string) string {
	i, s, ok := r.filled(column)
	if !ok {
		return ""
	}
	for _, v := range values {
		if s == v {
			return v
		}
	}
	r.fault(i, NotAChoice, "is none of "+strings.Join(values, ", "))
	return ""
}

// Fail notes that the build function's own check failed, for one between two columns. The text continues a sentence that
// begins with the column's name; it can only be a constant.
func (r *Row) Fail(column string, text constant) {
	if i, ok := r.find(column); ok {
		r.fault(i, Inconsistent, string(text))
	}
}

// Value returns what parse makes of the cell, such as an identifier of classify/jp. The cell must not be empty.
//
// The text of an error of parse is not passed on, since most of them quote what they could not read (those of strconv do).
// Two kinds are known to hold none of it and say why: [*jp.ParseError] and what [Refuse] returns.
func Value[V any](r *Row, column string, parse func(string) (V, error)) V {
	var none V
	i, s, ok := r.filled(column)
	if !ok {
		return none
	}
	v, err := parse(s)
	if err != nil {
		r.fault(i, Refused, refusal(err))
		return none
	}
	return v
}

// Refuse returns an error for a parse function of [Value] to return. The text continues a sentence that begins with the
// column's name; it can only be a constant.
func Refuse(text constant) error { return refusalError(text) }

// A refusalError is what Refuse returns.
type refusalError constant

// Error returns the constant.
func (e refusalError) Error() string { return string(e) }

// refusal says why a parser refused a cell, in words that are not the cell's.
func refusal(err error) string {
	if own := refusalError(""); errors.As(err, &own) {
		return own.Error()
	}
	if number := (*jp.ParseError)(nil); errors.As(err, &number) {
		return "is refused: " + number.Reason.String()
	}
	return "is refused by its parser"
}

// Format prints the line of the row, whatever the verb.
func (r Row) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "intake.Row(line %d)", r.line) }

// LogValue returns the line of the row.
func (r Row) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(r)) }

// find returns the index of a column in the layout, and whether its cell can be used.
func (r *Row) find(column string) (int, bool) {
	i, ok := r.column[column]
	if !ok && r.misuse == nil {
		r.misuse = fmt.Errorf("intake: the build function asks for column %q, which the layout does not have: add it to Config.Layout", column)
	}
	return i, ok && !r.faulty[i]
}

// filled returns the cell of a column that must not be empty.
func (r *Row) filled(column string) (int, string, bool) {
	i, ok := r.find(column)
	if !ok {
		return i, "", false
	}
	s := r.at(i)
	if strings.TrimSpace(s) == "" {
		r.fault(i, Empty, "is empty")
		return i, "", false
	}
	return i, s, true
}

// at returns a copy of the cell of column i.
func (r *Row) at(i int) string { return string(r.text[r.cells[i][0]:r.cells[i][1]]) }

// fault notes what is wrong with column i. From then on find says that its cell cannot be used.
func (r *Row) fault(i int, reason Reason, text string) {
	r.faulty[i] = true
	r.faults = append(r.faults, Fault{Column: r.layout[i].Name, Place: r.place[i] + 1, Reason: reason, Text: text})
}

// newRow returns a row for a file in which each column of the layout has the place given.
func newRow(layout Layout, place []int) Row {
	column := make(map[string]int, len(layout))
	for i, c := range layout {
		column[c.Name] = i
	}
	return Row{layout: layout, place: place, column: column, cells: make([][2]int, len(layout)), faulty: make([]bool, len(layout))}
}

// reset makes the row ready for the record.
func (r *Row) reset(line int) {
	r.line = line
	r.text = r.text[:0]
	r.faults = nil // they went out with a RowError
	r.misuse = nil
	clear(r.faulty)
}

// fill decodes the cells of a record and checks what the layout says about them.
func (r *Row) fill(c Charset, rec *record) {
	r.reset(rec.line)
	for i, column := range r.layout {
		at := rec.cells[r.place[i]]
		raw := rec.raw[at.start:at.end]
		if at.escaped {
			raw = bytes.ReplaceAll(raw, []byte(`""`), []byte(`"`))
		}
		if bytes.IndexByte(raw, '\n') >= 0 && column.Lines {
			raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
		}
		start := len(r.text)
		text, bad := c.decode(r.text, raw)
		if bad >= 0 {
			r.fault(i, Undecodable, c.undecodable(raw, bad))
			text = text[:start]
		}
		r.text, r.cells[i] = text, [2]int{start, len(text)}
		r.check(i, column, text[start:])
	}
}

// check applies to a decoded cell what the layout says about its column.
func (r *Row) check(i int, column Column, text []byte) {
	if len(text) > column.Max && utf8.RuneCount(text) > column.Max {
		r.fault(i, Overlong, fmt.Sprintf("has more than %d characters", column.Max))
		return
	}
	for at := 0; at < len(text); {
		c, size := rune(text[at]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRune(text[at:])
		}
		switch {
		case !unprintable(c) || c == '\n' && column.Lines:
		case c == '\n' || c == '\r':
			r.fault(i, Unprintable, "has a line break, which its column does not allow")
			return
		default:
			r.fault(i, Unprintable, "has a control or invisible character")
			return
		}
		at += size
	}
}
