package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
)

// A Column is what the two offices agreed on about one column of the file.
type Column struct {
	Name  string // its header, exactly
	Max   int    // the most characters a cell may have (characters, not bytes)
	Lines bool   // whether a cell may have line breaks, as addresses with a building in a second line do
}

// A Layout is the agreed columns. Their order in the file is free: the header says which is which.
type Layout []Column

// Config says what file is expected. Charset, Layout and Aside must be given.
type Config struct {
	Charset Charset
	Layout  Layout

	// Aside gets the header and every row that could not be understood, byte for byte. It receives what the rows hold,
	// so it must be a file in the same zone. Nothing is written while no row is bad. Nobody else closes it.
	Aside io.Writer

	// Report, if not nil, is called for each row set aside, in the order of the file.
	Report func(*RowError)

	// MaxRecord is the most bytes a row may have, and the memory a reader takes: 65536 when it is 0, at least 1024.
	MaxRecord int
}

const (
	defaultMaxRecord = 64 << 10
	leastMaxRecord   = 1 << 10
)

// Counts is what became of the rows of a file. Rows = Good + Aside.
type Counts struct {
	Rows  int64 // all rows, without the header
	Good  int64 // handed over
	Aside int64 // set aside
	Blank int64 // empty lines: they are no rows and hold nothing
	Lines int   // physical lines read so far, with the header
}

// A Reader makes values of type T out of the rows of a file. It is for one goroutine.
type Reader[T any] struct {
	in    input
	build func(*Row) T
}

// input is all of a Reader that does not depend on T.
type input struct {
	config  Config
	split   *splitter
	current record
	row     Row
	aside   aside
	counts  Counts
	err     error
}

// NewReader reads the header of src and returns a reader of the rows below it. The build function makes one value out of
// one row; it may be called for rows that then turn out bad, so it should do nothing else.
//
// It fails when the Config is not complete, when the file is empty or in another charset than the one stated, and when
// the header does not have each column of the layout exactly once and no other; nothing has been handed over or written
// then. The error never contains what stands in the file: where a file comes without a header, its first line is somebody.
func NewReader[T any](src io.Reader, config Config, build func(*Row) T) (*Reader[T], error) {
	if config.MaxRecord == 0 {
		config.MaxRecord = defaultMaxRecord
	}
	if err := config.check(build == nil); err != nil {
		return nil, err
	}
	r := &Reader[T]{in: input{config: config, split: newSplitter(src, config.MaxRecord)}, build: build}
	if err := r.in.header(); err != nil {
		return nil, err
	}
	return r, nil
}

// check finds what is missing in a Config.
func (c *Config) check(noBuild bool) error {
	switch {
	case c.Charset != CP932 && c.Charset != UTF8:
		return errors.New("intake: no charset: state Config.Charset, the reader does not guess")
	case len(c.Layout) == 0:
		return errors.New("intake: no columns: state Config.Layout")
	case c.Aside == nil:
		return errors.New("intake: nowhere to set bad rows aside: give Config.Aside a file in the zone of the rows")
	case c.MaxRecord < leastMaxRecord:
		return fmt.Errorf("intake: Config.MaxRecord is %d: want 0 or at least %d", c.MaxRecord, leastMaxRecord)
	case noBuild:
		return errors.New("intake: no build function")
	}
	seen := map[string]bool{}
	for i, column := range c.Layout {
		switch {
		case column.Name == "":
			return fmt.Errorf("intake: column %d of the layout has no name", i+1)
		case seen[column.Name]:
			return fmt.Errorf("intake: column %q is twice in the layout", column.Name)
		case column.Max <= 0:
			return fmt.Errorf("intake: column %q of the layout has no Max: state the most characters a cell may have", column.Name)
		}
		seen[column.Name] = true
	}
	return nil
}

// Rows yields what the build function made of the good rows, in the order of the file. Bad rows are set aside and reported
// on the way. It ends at the end of the file or when reading or setting aside fails; Err tells which. A loop that was left
// early may be taken up again with another call.
func (r *Reader[T]) Rows() iter.Seq[T] {
	return func(yield func(T) bool) {
		for r.in.next() {
			v := r.build(&r.in.row)
			if r.in.accept() && !yield(v) {
				return
			}
		}
	}
}

// Err returns why Rows ended before the end of the file: an error of the source or of Config.Aside, or a build function
// that asks for a column the layout does not have. It is nil after a file that was read to its end.
func (r *Reader[T]) Err() error { return r.in.err }

// Counts returns what became of the rows read so far.
func (r Reader[T]) Counts() Counts {
	c := r.in.counts
	c.Rows = c.Good + c.Aside
	c.Lines = r.in.split.line
	return c
}

// Format prints the counts, whatever the verb: what the reader holds is somebody's row.
func (r Reader[T]) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "intake.Reader(%d rows, %d set aside)", r.Counts().Rows, r.in.counts.Aside)
}

// next goes to the next row that can be cut into the right number of cells and sets aside those before it.
func (in *input) next() bool {
	for in.err == nil {
		rec, ok := in.split.next(len(in.config.Layout))
		if !ok {
			if in.split.err != nil {
				in.err = fmt.Errorf("intake: reading after line %d: %w", in.split.line, in.split.err)
			}
			return false
		}
		if rec.blank {
			in.counts.Blank++
			continue
		}
		in.current = rec
		if reason, text := in.structure(&rec); reason != ReasonUnknown {
			in.setAside([]Fault{{Reason: reason, Text: text}})
			continue
		}
		in.row.fill(in.config.Charset, &rec)
		return true
	}
	return false
}

// accept counts the row the build function has just seen, or sets it aside.
func (in *input) accept() bool {
	if in.row.misuse != nil {
		in.err = in.row.misuse
		return false
	}
	if len(in.row.faults) > 0 {
		in.setAside(in.row.faults)
		return false
	}
	in.counts.Good++
	return true
}

// structure says what is wrong with a record as a whole.
func (in *input) structure(rec *record) (Reason, string) {
	switch rec.shape {
	case whole:
		if columns := len(in.config.Layout); len(rec.cells) != columns {
			return Columns, fmt.Sprintf("the row has %d columns: want %d, as the header has", len(rec.cells), columns)
		}
		return ReasonUnknown, ""
	case stray:
		return Quoting, "the row has a quote in a cell that does not begin with one"
	case torn:
		return Quoting, "the row has a cell that goes on after its closing quote"
	case open:
		return Quoting, "the row has a quote that is never closed"
	case hiding:
		return Quoting, "the row has a quoted cell with a complete row in it: a quote is missing before it, or it was slipped in"
	case bareCR:
		return Quoting, "the row has a carriage return without a line feed"
	}
	return TooLong, fmt.Sprintf("the row does not end within %d bytes", in.config.MaxRecord)
}

// setAside writes the current record to the file for correction and reports it.
func (in *input) setAside(faults []Fault) {
	rec := &in.current
	e := &RowError{Line: rec.line, Lines: rec.lines, AsideLine: in.aside.line + 1, Faults: faults}
	_, err := in.aside.Write(rec.raw)
	if err == nil && rec.long {
		err = in.split.rest(&in.aside)
	}
	if err != nil {
		in.err = fmt.Errorf("intake: setting aside line %d: %w", rec.line, err)
		return
	}
	in.counts.Aside++
	if in.config.Report != nil {
		in.config.Report(e)
	}
}

// An aside is the file for correction.
type aside struct {
	dst    io.Writer
	header []byte // still to be written, before the first row
	line   int    // the lines written, the header's counted from the start
}

func newAside(dst io.Writer, header []byte) aside {
	return aside{dst: dst, header: header, line: bytes.Count(header, []byte("\n"))}
}

// Write writes bytes of a row as they are.
func (a *aside) Write(raw []byte) (int, error) {
	if a.header != nil {
		if _, err := a.dst.Write(a.header); err != nil {
			return 0, err
		}
		a.header = nil
	}
	a.line += bytes.Count(raw, []byte("\n"))
	return a.dst.Write(raw)
}
