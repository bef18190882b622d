package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// A record is one row of the file as it lies there: nothing decoded, nothing unescaped. Its bytes are valid until the
// next record is asked for.
//
// Comma, quote, CR and LF are never the second byte of a character in CP932 (40-7E, 80-FC) nor part of one in UTF-8, so
// records and cells are cut on bytes, and a cell with a broken character cannot spoil its neighbour.
type record struct {
	raw   []byte // every byte of it, with its line ending
	line  int    // its first physical line; the header is on line 1
	lines int    // how many physical lines it takes
	cells []cell // in raw; sound only when shape is whole
	shape shape
	blank bool // an empty line: no row
	long  bool // raw is only the beginning: splitter.rest has what follows
}

// A cell is where one cell lies in its record, without the quotes around it.
type cell struct {
	start, end int
	escaped    bool // it has doubled quotes inside
}

// A shape is what a record turned out to be.
type shape uint8

const (
	shapeUnknown shape = iota
	whole              // cut into cells by RFC 4180
	short              // more bytes are needed to know
	stray              // a quote in a cell that does not begin with one
	torn               // something other than a comma or a line end after a closing quote
	open               // a quote that is never closed
	bareCR             // a carriage return without line feed outside quotes
	hiding             // whole, but one of its lines is a complete row by itself
	tooLong            // no end within the longest permitted record
)

// A splitter cuts a stream into records. It holds no more than one window of the stream.
type splitter struct {
	src   *bufio.Reader
	cells []cell
	line  int // the physical lines that were consumed
	eof   bool
	err   error // why it stopped, other than the end of the file
}

func newSplitter(src io.Reader, window int) *splitter {
	return &splitter{src: bufio.NewReaderSize(src, window)}
}

// window returns what is buffered. At the end of the file it leaves out the end marks (bytes 1A) there.
func (s *splitter) window() []byte {
	b, _ := s.src.Peek(s.src.Buffered()) // cannot fail: no more than is buffered
	if s.eof {
		b = bytes.TrimRight(b, "\x1A")
	}
	return b
}

// more makes the window larger, or learns that the file ends with it. It returns false when the window has its full size
// or when reading failed.
func (s *splitter) more() bool {
	switch _, err := s.src.Peek(s.src.Buffered() + 1); {
	case err == nil:
		return true
	case errors.Is(err, io.EOF):
		s.eof = true
		return true
	case !errors.Is(err, bufio.ErrBufferFull):
		s.err = err
	}
	return false
}

// next returns the next record of a table that has so many columns; columns 0 accepts any number, for the header. It
// returns false at the end of the file and when reading failed (s.err).
func (s *splitter) next(columns int) (record, bool) {
	b := s.window()
	end, found := s.cut(b)
	// A broken record ends with its first line, so that line's end must be seen.
	for found == short || found != whole && !s.eof && bytes.IndexByte(b, '\n') < 0 {
		if !s.more() {
			if s.err != nil {
				return record{}, false
			}
			found = tooLong // the window is full
			break
		}
		b = s.window()
		end, found = s.cut(b)
	}
	if len(b) == 0 {
		return record{}, false
	}
	rec := record{line: s.line + 1, shape: found}
	switch {
	case found == whole:
		end = s.resolve(&rec, b, end, columns)
	case bytes.IndexByte(b, '\n') >= 0:
		first := bytes.IndexByte(b, '\n') + 1
		if found == tooLong || end >= first {
			rec.shape = open // only a quoted cell goes beyond its line
		}
		end = first // broken quoting ends with the line it began on
	default:
		end = len(b)
		rec.long = found == tooLong
	}
	rec.raw, rec.cells = b[:end], s.cells
	rec.blank = rec.shape == whole && len(bytes.Trim(rec.raw, "\r\n")) == 0
	s.consume(&rec)
	return rec, true
}

// resolve looks at a record that is cut soundly and goes over several lines, for a row that a missing quote made part of
// it (see Quoting in the package documentation). It returns where the record ends.
func (s *splitter) resolve(rec *record, b []byte, end, columns int) int {
	first := bytes.IndexByte(b[:end], '\n') + 1
	if columns < 2 || first == 0 || first == end || !hides(b[first:end], columns) {
		return end
	}
	if len(s.cells) == columns {
		rec.shape = hiding
		return end
	}
	rec.shape = open
	return first
}

// hides reports whether one of the lines of b begins a row that has the right number of columns and ends within b.
func hides(b []byte, columns int) bool {
	var cells []cell
	for len(b) > 0 {
		var found shape
		if cells, _, found = split(b, true, cells[:0]); found == whole && len(cells) == columns {
			return true
		}
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	return false
}

// consume counts the lines of the record and drops its bytes from the stream.
func (s *splitter) consume(rec *record) {
	feeds := bytes.Count(rec.raw, []byte("\n"))
	rec.lines = feeds
	if !bytes.HasSuffix(rec.raw, []byte("\n")) {
		rec.lines++
	}
	s.line += feeds
	s.src.Discard(len(rec.raw)) // cannot fail: all of it is buffered
}

// rest copies to w what follows a long record up to the end of its line. It returns an error of w; one of reading ends
// up in s.err.
func (s *splitter) rest(w io.Writer) error {
	for {
		b := s.window()
		end := bytes.IndexByte(b, '\n') + 1
		last := end > 0 || s.eof
		if end == 0 {
			end = len(b)
		}
		if _, err := w.Write(b[:end]); err != nil {
			return err
		}
		s.line += bytes.Count(b[:end], []byte("\n"))
		s.src.Discard(end) // cannot fail: all of it is buffered
		if last || !s.more() {
			return nil
		}
	}
}

// cut splits what b begins with, into the splitter's own cells.
func (s *splitter) cut(b []byte) (end int, found shape) {
	s.cells, end, found = split(b, s.eof, s.cells[:0])
	return end, found
}

// split cuts the record that b begins with into cells, by RFC 4180, section 2. When the shape found is whole, the end is
// that of the record with its line ending; otherwise it is where the cutting stopped.
func split(b []byte, atEOF bool, cells []cell) (_ []cell, end int, found shape) {
	for pos := 0; ; {
		var c cell
		if pos < len(b) && b[pos] == '"' {
			c, found = quoted(b, pos, atEOF)
			pos = c.end + 1 // behind the closing quote
		} else {
			c, found = plain(b, pos, atEOF)
			pos = c.end
		}
		if found != whole {
			return cells, c.end, found
		}
		cells = append(cells, c)
		switch {
		case pos >= len(b):
			return cells, len(b), whole
		case b[pos] == '\n':
			return cells, pos + 1, whole
		case b[pos] == '\r':
			return cells, pos + 2, whole // ends looked at the LF
		}
		pos++ // behind the comma
	}
}

// plain returns the cell without quotes that begins at pos.
func plain(b []byte, pos int, atEOF bool) (cell, shape) {
	i := pos
	for i < len(b) && b[i] != ',' && b[i] != '\n' && b[i] != '\r' && b[i] != '"' {
		i++
	}
	if i < len(b) && b[i] == '"' {
		return cell{end: i}, stray
	}
	return cell{start: pos, end: i}, ends(b, i, atEOF)
}

// quoted returns the cell whose opening quote is at pos.
func quoted(b []byte, pos int, atEOF bool) (cell, shape) {
	c := cell{start: pos + 1}
	for i := c.start; ; {
		j := bytes.IndexByte(b[i:], '"')
		switch {
		case j < 0 && atEOF:
			return c, open
		case j < 0:
			return c, short
		}
		i += j
		if i+1 < len(b) && b[i+1] == '"' {
			c.escaped = true
			i += 2
			continue
		}
		c.end = i
		return c, ends(b, i+1, atEOF)
	}
}

// ends says whether a cell may end at i: before a comma, a line ending or the end of the file.
func ends(b []byte, i int, atEOF bool) shape {
	switch {
	case i >= len(b) && !atEOF:
		return short
	case i >= len(b) || b[i] == ',' || b[i] == '\n':
		return whole
	case b[i] != '\r':
		return torn
	case i+1 < len(b) && b[i+1] == '\n':
		return whole
	case i+1 >= len(b) && !atEOF:
		return short
	}
	return bareCR
}
