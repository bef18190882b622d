// Package tables says what functions do with labelled data whose bodies the
// analyzer does not read: the standard library and well-known modules. It is
// data; the engine that follows values is elsewhere.
//
// A row names functions by package, receiver and name, and has effects in a
// small language:
//
//	sink CLASS ARGS MODE    the arguments leave the program by a sink
//	flow ARGS -> ARGS MODE  what is in the first is in the second afterwards
//	write ARG ARGS MODE     the arguments are written to the writer ARG
//	wrap ARGS               what is written to the result is written to ARGS
//	clean                   results hold nothing, whatever the arguments are
//
// ARGS are numbers from 0 without the receiver, "N.." for N and all behind it,
// R for the receiver, rN for a result, "r*" for all results that can hold text.
// Several are joined by commas. The MODE says how a value is read; see [Mode].
// Several effects of one row are separated by semicolons.
package tables

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// Mode is how a function reads a value that it is given.
type Mode uint8

// The modes. Any is the zero one: everything that is in the value, whatever
// its methods say.
const (
	Any    Mode = iota // everything in the value
	Text               // the value is text and is taken as it is
	Print              // as fmt does by %v: Format, Error and String methods decide
	Format             // as fmt does: the first argument is the format
	Slog               // as log/slog does: a LogValue method decides, then as Print
	JSON               // as encoding/json does
	XML                // as encoding/xml does
	Gob                // as encoding/gob does
)

var modes = map[string]Mode{"": Any, "any": Any, "text": Text, "print": Print, "format": Format, "slog": Slog, "json": JSON, "xml": XML, "gob": Gob}

// Kind tells effects apart.
type Kind uint8

// The kinds of effects; see the package comment.
const (
	Sink   Kind = iota + 1 // data leaves
	Flow                   // data goes from arguments to results or arguments
	Write                  // data is written to a writer
	Wrap                   // a writer is made of another
	Clean                  // results hold nothing, or less
	Source                 // results and arguments hold data from here on; of policies only
)

// Receiver is the position of the receiver among arguments.
const Receiver = -1

// Args are positions of arguments, or of results.
type Args struct {
	list    []int
	from    int // and all from here on, if not negative
	results bool
	all     bool  // all results that can hold text
	into    []int // arguments, beside results
}

// Into reports whether an argument is among them, beside results.
func (a Args) Into(i int) bool { return slices.Contains(a.into, i) }

// Results reports whether these are results.
func (a Args) Results() bool { return a.results }

// All reports whether these are all results that can hold text.
func (a Args) All() bool { return a.all }

// First is the lowest position.
func (a Args) First() int {
	if len(a.list) > 0 {
		return a.list[0]
	}
	return a.from
}

// Has reports whether a position is among them.
func (a Args) Has(i int) bool { return slices.Contains(a.list, i) || a.from >= 0 && i >= a.from }

// Effect is one thing that a function does.
type Effect struct {
	Kind     Kind
	Class    string // of a sink
	From, To Args
	Mode     Mode

	// Of the entries of policies:
	Policy int    // index of the policy
	Label  string // of a source, as a tag
	Zone   string // of a source: whose data it is; of a sink: of which zone it is an endpoint
	As     string // of a cleaner: class of what comes out; "" for nothing that has one
}

// Entry is a row: functions and what they do.
type Entry struct {
	Package  string // import path without a major version at its end; "path/..." for all below too
	Receiver string // name of the type, without a star; "" for functions, "*" for any or none
	Names    string // names with blanks between them, or "*"
	Effects  string // in the language of the package comment
}

// Table answers what functions do.
type Table struct {
	exact    map[[3]string][]Effect
	prefixes []prefix
	told     []told
}

type prefix struct {
	path     string
	receiver string
	names    []string
	effects  []Effect
}

// told is an entry of a policy.
type told struct {
	callee  policy.Callee
	matches func(path, receiver, name string) bool
	effects []Effect
}

// New returns the table of what everybody uses, and what the policies tell of
// functions beside it. The error names the entry that is wrong.
func New(policies ...policy.Vet) (*Table, error) {
	t := &Table{exact: map[[3]string][]Effect{}}
	for _, e := range slices.Concat(standard, wellKnown) {
		effects, err := parse(e.Effects)
		if err != nil {
			return nil, fmt.Errorf("%s %s.%s: %w", e.Package, e.Receiver, e.Names, err)
		}
		if below, ok := strings.CutSuffix(e.Package, "/..."); ok {
			t.prefixes = append(t.prefixes, prefix{below, e.Receiver, strings.Fields(e.Names), effects})
			continue
		}
		for _, name := range strings.Fields(e.Names) {
			key := [3]string{e.Package, e.Receiver, name}
			t.exact[key] = append(t.exact[key], effects...)
		}
	}
	for i := range policies {
		if err := t.tell(i, &policies[i]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Of returns what a function does by the rows of this package, and whether they
// know it.
func (t *Table) Of(pkg, receiver, name string) ([]Effect, bool) {
	pkg = withoutMajor(pkg)
	for _, key := range [...][3]string{{pkg, receiver, name}, {pkg, receiver, "*"}, {pkg, "*", name}, {pkg, "*", "*"}} {
		if effects, ok := t.exact[key]; ok {
			return effects, true
		}
	}
	for i := range t.prefixes {
		p := &t.prefixes[i]
		if (pkg == p.path || strings.HasPrefix(pkg, p.path+"/")) && (p.receiver == "*" || p.receiver == receiver) &&
			(p.names[0] == "*" || slices.Contains(p.names, name)) {
			return p.effects, true
		}
	}
	return nil, false
}

// withoutMajor drops the major version at the end of an import path, so that a
// row is for all of them.
func withoutMajor(p string) string {
	base := path.Base(p)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		return path.Dir(p)
	}
	if dot := strings.LastIndex(base, ".v"); dot > 0 && strings.HasPrefix(p, "gopkg.in/") {
		return p[:len(p)-len(base)+dot]
	}
	return p
}

func parse(text string) (effects []Effect, err error) {
	for part := range strings.SplitSeq(text, ";") {
		e, err := parseEffect(strings.Fields(part))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", strings.TrimSpace(part), err)
		}
		effects = append(effects, e)
	}
	return effects, nil
}

func parseEffect(words []string) (e Effect, err error) {
	take := func() string {
		if len(words) == 0 {
			return ""
		}
		w := words[0]
		words = words[1:]
		return w
	}
	var from, to string
	switch word := take(); word {
	case "sink":
		e.Kind, e.Class, from = Sink, take(), take()
	case "flow":
		e.Kind, from = Flow, take()
		if take() != "->" {
			return e, fmt.Errorf("want -> after the arguments of flow")
		}
		to = take()
	case "write":
		e.Kind, to, from = Write, take(), take()
	case "wrap":
		e.Kind, from = Wrap, take()
	case "clean":
		e.Kind = Clean
		return e, nil
	default:
		return e, fmt.Errorf("unknown effect %q, want sink, flow, write, wrap or clean", word)
	}
	mode, ok := modes[take()]
	if !ok || len(words) > 0 {
		return e, fmt.Errorf("want one of the modes any, text, print, format, slog, json, xml and gob, and nothing behind it")
	}
	e.Mode = mode
	if e.From, err = parseArgs(from); err != nil {
		return e, err
	}
	if to != "" {
		e.To, err = parseArgs(to)
	}
	return e, err
}

func parseArgs(text string) (a Args, err error) {
	a.from = -1
	for part := range strings.SplitSeq(text, ",") {
		switch rest, isResult := strings.CutPrefix(part, "r"); {
		case part == "R":
			a.list = append(a.list, Receiver)
			continue
		case part == "r*":
			a.results, a.all = true, true
			continue
		case isResult:
			a.results, part = true, rest
		}
		number, open := strings.CutSuffix(part, "..")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n > 99 {
			return a, fmt.Errorf("%q is no position: want a number, N.., R, rN or r*", part)
		}
		if open {
			a.from = n
		} else {
			a.list = append(a.list, n)
		}
	}
	return a, nil
}
