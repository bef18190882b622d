package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// String gives file:line:col, leaving out what is not known. The zero Pos
// gives the empty string.
func (p Pos) String() string {
	if p == (Pos{}) {
		return ""
	}
	file := p.File
	if file == "" {
		file = "policy"
	}
	switch {
	case p.Line == 0:
		return file
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", file, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", file, p.Line, p.Col)
}

// IsZero reports whether p says nothing.
func (p Pos) IsZero() bool { return p == Pos{} }

// A Problem is one thing that is wrong with a policy, or with a label that is
// read against it. It names rules and labels, never data.
type Problem struct {
	Pos    Pos    // where it stands; zero when the policy was not read from a file
	Path   string // the place inside the policy: routes[2].rules[0].category
	Msg    string // what is wrong, in lower case and without a full stop
	Remedy string // what to do about it
	Also   Pos    // the other line that is involved, when there are two
}

// Error gives one line: where, what, remedy. Where the position is not known
// the path stands in for it.
func (p *Problem) Error() string {
	where := p.Pos.String()
	if where == "" {
		where = p.Path
	}
	var parts []string
	for _, part := range []string{where, p.Msg, p.Remedy} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Errors is every problem that was found, sorted by position and path. It is
// what [Policy.Check], [Policy.With] and [Meet] return; errors.As reaches it.
type Errors struct {
	Problems []Problem // at least one
}

// Error gives the first problem and how many more there are, in one line.
func (e *Errors) Error() string {
	switch len(e.Problems) {
	case 0:
		return "no problem"
	case 1:
		return e.Problems[0].Error()
	case 2:
		return e.Problems[0].Error() + " (and 1 more problem)"
	}
	return fmt.Sprintf("%s (and %d more problems)", e.Problems[0].Error(), len(e.Problems)-1)
}

// Unwrap gives the problems one by one, as *Problem.
func (e *Errors) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i := range e.Problems {
		errs[i] = &e.Problems[i]
	}
	return errs
}

// collector gathers problems so that all of them can be reported at once.
type collector struct {
	problems []Problem
}

// add records a problem. The remedy is written by the caller because only the
// caller knows what the writer of the policy wanted.
func (c *collector) add(pos Pos, path, msg, remedy string) {
	c.problems = append(c.problems, Problem{Pos: pos, Path: path, Msg: msg, Remedy: remedy})
}

// addBoth records a problem that two lines make together.
func (c *collector) addBoth(pos, also Pos, path, msg, remedy string) {
	if !also.IsZero() {
		msg += " (" + also.String() + ")"
	}
	c.problems = append(c.problems, Problem{Pos: pos, Path: path, Msg: msg, Remedy: remedy, Also: also})
}

// err returns the problems as *Errors in a fixed order, or nil.
func (c *collector) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
			comparePaths(a.Path, b.Path),
			cmp.Compare(a.Msg, b.Msg),
		)
	})
	c.problems = slices.CompactFunc(c.problems, func(a, b Problem) bool { return a == b })
	return &Errors{Problems: c.problems}
}

// comparePaths orders routes[2] before routes[10]: shorter runs of digits are
// smaller numbers.
func comparePaths(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			if c := cmp.Or(cmp.Compare(na, nb), cmp.Compare(a[:na], b[:nb])); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits is the length of the run of digits that s starts with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// quoted lists names for a message: "a", "b" and "c".
func quoted(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	if len(q) < 2 {
		return strings.Join(q, "")
	}
	return strings.Join(q[:len(q)-1], ", ") + " and " + q[len(q)-1]
}

// suggest writes the remedy for a name that does not exist: the nearest one
// that does, or all of them.
func suggest(name string, known []string, what string) string {
	best, distance := "", 3
	for _, k := range known[:min(len(known), 500)] { // a policy with more has other worries
		if d := editDistance(name, k); d < distance && d < max(len(name), len(k)) {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("write %q, or add %s %q to the policy", best, what, name)
	case len(known) == 0:
		return fmt.Sprintf("add %s %q to the policy", what, name)
	case len(known) > 12:
		return fmt.Sprintf("add %s %q to the policy, or write one of the %d that it has", what, name, len(known))
	}
	return fmt.Sprintf("the policy has %s; write one of these, or add %q", quoted(known), name)
}

// editDistance is the Levenshtein distance of two short names, in bytes.
func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
