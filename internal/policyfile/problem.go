package policyfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// A Problem is one thing that is wrong in a policy file.
type Problem struct {
	Pos    policy.Pos // where it is wrong; the zero Pos where no file is to blame
	Len    int        // how many characters from Pos on are wrong; at least 1
	Msg    string     // what is wrong, and what was wanted
	Remedy string     // what to do about it; may be empty
	Line   string     // the line that Pos points into, without its end

	Also     policy.Pos // a second place that has to do with it, if there is one
	AlsoLine string     // the line that Also points into
}

// Error is the problem on one line: position, message and remedy.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(place(p.Pos))
	b.WriteString(p.Msg)
	if p.Remedy != "" {
		b.WriteString("; ")
		b.WriteString(p.Remedy)
	}
	return b.String()
}

// Error is everything that is wrong with a policy: a file is read to its end
// before anything is reported. The problems are in the order of the files and,
// in a file, in the order of its lines.
type Error struct {
	Problems []*Problem
}

// Error is the first problem on one line and how many more there are. Render
// shows all of them.
func (e *Error) Error() string {
	switch len(e.Problems) {
	case 0:
		return "policy file: internal error: an error without a problem"
	case 1:
		return e.Problems[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", e.Problems[0].Error(), len(e.Problems)-1)
}

// Unwrap returns the problems, for errors.As and errors.Is.
func (e *Error) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		errs[i] = p
	}
	return errs
}

// Render draws an error of this package for people: for each problem the
// position, the message, the line itself with the wrong place marked under it,
// and the remedy. Any other error is its own text. The result ends with a line
// feed; for a nil error it is empty.
func Render(err error) string {
	if err == nil {
		return ""
	}
	var all *Error
	if !errors.As(err, &all) {
		return err.Error() + "\n"
	}
	var b strings.Builder
	for i, p := range all.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		p.render(&b)
	}
	return b.String()
}

// render draws one problem.
func (p *Problem) render(b *strings.Builder) {
	fmt.Fprintf(b, "%s%s\n", place(p.Pos), p.Msg)
	b.WriteString(excerpt(p.Pos, p.Len, p.Line))
	if p.AlsoLine != "" {
		fmt.Fprintf(b, "  and %s\n", strings.TrimSuffix(place(p.Also), " "))
		b.WriteString(excerpt(p.Also, 1, p.AlsoLine))
	}
	if p.Remedy != "" {
		fmt.Fprintf(b, "  fix: %s\n", p.Remedy)
	}
}

// place is the beginning of a message about a position: "file:line:col: ".
func place(pos policy.Pos) string {
	switch {
	case pos.File == "" && pos.Line == 0:
		return ""
	case pos.Line == 0:
		return pos.File + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", pos.File, pos.Line, pos.Col)
}

// maxExcerpt is how many columns of a line are shown. Rules in flow style make
// lines that no terminal holds, so a longer line is cut on both sides of the
// place it is shown for.
const maxExcerpt = 100

// excerpt draws a line and, under it, carets under the length characters from
// the column of pos on. Without a line there is nothing to draw.
func excerpt(pos policy.Pos, length int, line string) string {
	if pos.Line == 0 || strings.TrimSpace(line) == "" {
		return ""
	}
	runes := []rune(strings.ToValidUTF8(line, "\uFFFD"))
	at := min(max(pos.Col-1, 0), len(runes))
	end := min(at+max(length, 1), max(len(runes), at+1))
	runes, at, end = crop(runes, at, end)

	var text, mark strings.Builder
	for i, r := range runes {
		if r == '\t' {
			r = ' ' // a tab would move the caret away from its place
		}
		if !unicode.IsPrint(r) && r != '\u3000' {
			r = '\uFFFD' // a terminal would obey it
		}
		text.WriteRune(r)
		if i < at {
			mark.WriteString(strings.Repeat(" ", columns(r)))
		}
	}
	carets := 0
	for _, r := range runes[at:min(end, len(runes))] {
		carets += columns(r)
	}
	mark.WriteString(strings.Repeat("^", max(carets, 1)))
	number := fmt.Sprintf("%5d", pos.Line)
	return fmt.Sprintf("%s | %s\n%*s | %s\n", number, strings.TrimRight(text.String(), " "), len(number), "", mark.String())
}

// crop cuts a long line to what surrounds [at, end).
func crop(line []rune, at, end int) ([]rune, int, int) {
	if len(line) <= maxExcerpt {
		return line, at, end
	}
	from := max(0, at-maxExcerpt/2)
	to := min(len(line), from+maxExcerpt)
	cut := slices.Clone(line[from:to])
	if from > 0 {
		cut[0] = '…'
	}
	if to < len(line) {
		cut[len(cut)-1] = '…'
	}
	return cut, at - from, min(end, to) - from
}

// columns is how many columns of a terminal a character takes: Japanese takes
// two, and a caret under it must know.
func columns(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// problems collects what is wrong while files are read.
type problems struct {
	list []*Problem
	seen map[Problem]bool
	full bool // more than maxProblems were found in one file
}

// maxProblems is how many problems of one policy are kept. Whoever feeds us a
// picture instead of a policy needs no more.
const maxProblems = 100

func (ps *problems) add(p Problem) {
	if ps.full || ps.seen[p] {
		return
	}
	if ps.seen == nil {
		ps.seen = make(map[Problem]bool)
	}
	ps.seen[p] = true
	if len(ps.list) == maxProblems {
		ps.full = true
		p.Msg, p.Remedy, p.Len = fmt.Sprintf("more than %d problems; the rest is not shown", maxProblems), "repair the ones above first", 1
	}
	ps.list = append(ps.list, &p)
}

// err is the collected problems as an error, nil if there are none. order gives
// the rank of each file.
func (ps *problems) err(order map[string]int) error {
	if len(ps.list) == 0 {
		return nil
	}
	slices.SortStableFunc(ps.list, func(a, b *Problem) int {
		if a.Pos.File != b.Pos.File {
			return cmp.Compare(order[a.Pos.File], order[b.Pos.File])
		}
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return &Error{Problems: ps.list}
}

// source is one file that was read.
type source struct {
	name  string // as in policy.Pos
	data  []byte
	lines []string
}

func newSource(name string, data []byte) *source {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")) // some editors begin files with a byte order mark
	s := &source{name: name, data: data}
	for line := range strings.Lines(string(data)) {
		s.lines = append(s.lines, strings.TrimRight(line, "\r\n"))
	}
	return s
}

// line returns line n, counted from 1, and nothing for a line that is not there.
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// at makes a position in the source, pulled back to the text where the parser
// points past its end.
func (s *source) at(line, col int) policy.Pos {
	line = max(line, 1)
	if line > len(s.lines) && len(s.lines) > 0 {
		line = len(s.lines)
		col = utf8.RuneCountInString(s.lines[line-1]) + 1
	}
	return policy.Pos{File: s.name, Line: line, Col: max(col, 1)}
}

// problem makes a problem with the line it is about.
func (s *source) problem(pos policy.Pos, length int, msg, remedy string) Problem {
	return Problem{Pos: pos, Len: max(length, 1), Msg: msg, Remedy: remedy, Line: s.line(pos.Line)}
}
