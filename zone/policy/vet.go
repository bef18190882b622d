package policy

import (
	"encoding/json"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
)

// Vet is what a policy tells the analyzer beside labels and ceilings: functions
// that it cannot know, and how far it goes. All of it is in addition to what the
// analyzer knows by itself, and nothing of it changes a decision: a crossing
// never looks at it. It is part of the compiled policy and of its digest,
// because the analyzer reads the policy there, and because what is let through
// unseen is something that an organisation decides.
type Vet struct {
	Sources     []VetSource     `json:"sources,omitempty"`     // where labelled data comes from
	Sinks       []VetSink       `json:"sinks,omitempty"`       // where data leaves the program or goes into a zone
	Propagators []VetPropagator `json:"propagators,omitempty"` // what carries labels from arguments to results
	Cleaners    []VetCleaner    `json:"cleaners,omitempty"`    // what brings data down to a lower class
	Tests       VetTests        `json:"tests,omitzero"`        // whether findings in _test.go files count
	Strict      *Switch         `json:"strict,omitempty"`      // nil: off; on: labelled data handed to code that was not analysed is a finding
	Budgets     VetBudgets      `json:"budgets,omitzero"`
}

// Callee names functions or methods. Exactly one of Function and Matching is
// set.
type Callee struct {
	Package  string `json:"package"`            // import path; with /... at its end also all below it
	Receiver string `json:"receiver,omitempty"` // name of the type whose method it is, without pointer and type parameters, an interface too; empty for a function, AnyReceiver for both
	Function string `json:"function,omitempty"` // exact name
	Matching string `json:"matching,omitempty"` // regular expression (RE2) for names, from ^ to $
}

// AnyReceiver stands for every receiver and for none.
const AnyReceiver = "*"

// ReceiverArg is the position of the receiver of a method in lists of
// arguments. The arguments themselves count from 0; the position of a variadic
// parameter stands for all that is passed for it.
const ReceiverArg = -1

// MaxArg is the highest position of an argument or a result.
const MaxArg = 63

// VetSource is a function that yields labelled data.
type VetSource struct {
	Callee
	Results []int  `json:"results,omitempty"` // which results are labelled; all where neither Results nor Into is given
	Into    []int  `json:"into,omitempty"`    // arguments, or ReceiverArg, that it writes labelled data into
	Label   string `json:"label"`             // in the grammar of classify.ParseTag
	Zone    string `json:"zone,omitempty"`    // whose data it is; empty: that of the package that calls it
	Pos     Pos    `json:"-"`
}

// VetSink is a function by which data leaves. Exactly one of Sink and Zone is
// set.
type VetSink struct {
	Callee
	Args  []int  `json:"args,omitempty"`  // which arguments leave; all of them, and not the receiver, where none is given
	Reads string `json:"reads,omitempty"` // how it reads them, one of VetReads; empty: everything that is in them
	Sink  string `json:"sink,omitempty"`  // one of SinkClasses: its ceiling holds
	Zone  string `json:"zone,omitempty"`  // zone of which it is an endpoint: only data of that zone may go there
	Pos   Pos    `json:"-"`
}

// VetPropagator is a function whose results hold what its arguments held.
type VetPropagator struct {
	Callee
	Args    []int  `json:"args,omitempty"`    // whence; all arguments and the receiver where none is given
	Reads   string `json:"reads,omitempty"`   // how it reads them, one of VetReads; empty: everything that is in them
	Results []int  `json:"results,omitempty"` // where to; all results where neither Results nor Into is given
	Into    []int  `json:"into,omitempty"`    // arguments, or ReceiverArg, that it writes into
	Pos     Pos    `json:"-"`
}

// VetCleaner is a function that brings data down: what comes out of it has the
// class As at most. A category that stays in a zone is not brought down by any.
type VetCleaner struct {
	Callee
	Args    []int  `json:"args,omitempty"`    // of which arguments; all and the receiver where none is given. What comes by others keeps its label
	Results []int  `json:"results,omitempty"` // in which results; all where neither Results nor Into is given
	Into    []int  `json:"into,omitempty"`    // arguments, or ReceiverArg, that are clean after it
	As      string `json:"as"`                // class of what comes out
	Reason  string `json:"reason"`            // why that is so, for who audits it
	Pos     Pos    `json:"-"`
}

// VetTests says which checks count in _test.go files.
type VetTests struct {
	Leak    *Switch `json:"leak,omitempty"`    // labelled data at a sink; nil: off, as the records of tests are made up
	Literal *Switch `json:"literal,omitempty"` // identifiers that look real; nil: on, as they are in fixtures first of all
}

// VetBudgets bounds the work of the analyzer. Where a budget strikes, it says
// so. A step is a visit of one SSA instruction; each revisit counts.
type VetBudgets struct {
	Function int `json:"function,omitempty"` // steps in one function; 0: DefaultFunctionBudget
	Package  int `json:"package,omitempty"`  // steps in one package; 0: DefaultPackageBudget
	Pos      Pos `json:"-"`
}

// The budgets of a policy that gives none.
const (
	DefaultFunctionBudget = 2_000_000   // steps in one function
	DefaultPackageBudget  = 100_000_000 // steps in one package
)

// maxBudget is more steps than any machine does while somebody waits.
const maxBudget = 1_000_000_000_000

// Switch is a choice that a policy made: nil where it made none. In the
// compiled policy it is true or false.
type Switch struct {
	On  bool
	Pos Pos
}

// MarshalJSON writes true or false.
func (s Switch) MarshalJSON() ([]byte, error) { return strconv.AppendBool(nil, s.On), nil }

// UnmarshalJSON reads true or false.
func (s *Switch) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &s.On) }

// or is the choice, or what holds where none was made.
func (s *Switch) or(otherwise bool) bool {
	if s == nil {
		return otherwise
	}
	return s.On
}

// at is where the choice was made.
func (s *Switch) at() Pos {
	if s == nil {
		return Pos{}
	}
	return s.Pos
}

// SinkClasses lists the names of unzoned exits that a policy can speak of: in
// its ceilings ([Sink]), and of functions that are such exits ([VetSink]).
func SinkClasses() []string {
	return []string{
		"log",       // log lines
		"stdout",    // the terminal, and writers that nobody knows better
		"error",     // errors that leave the package's zone
		"panic",     // what a program says when it dies
		"file",      // files and their names
		"http",      // requests and responses
		"sql",       // text of queries, and values bound to handles without a zone
		"exec",      // arguments, environment and input of other programs
		"template",  // values given to templates
		"encode",    // encoders that show fields
		"net",       // connections, mail, remote calls
		"test",      // logs of tests; the records of tests are made up
		"telemetry", // attributes of traces and metrics, profiles
		"cloud",     // what is given to clients of cloud services
	}
}

// VetReads lists the ways in which a function reads what it is given. They
// decide which methods of a value count, and which fields are seen.
func VetReads() []string {
	return []string{
		"any",    // everything that is in it; where nothing is said
		"text",   // text, as it is
		"print",  // as fmt does by %v: Format, Error and String methods decide
		"format", // as fmt does: the first of the arguments is the format, and all behind it are its values
		"slog",   // as log/slog does: a LogValue method decides, then as print
		"json",   // as encoding/json does
		"xml",    // as encoding/xml does
		"gob",    // as encoding/gob does
	}
}

// String names the functions: import path, type and name, or the expression for
// names.
func (c Callee) String() string {
	s := c.Package + "."
	if c.Receiver != "" {
		s += c.Receiver + "."
	}
	return s + c.Function + c.Matching // one of the two is empty
}

// subtree is the path below which all packages are meant.
func (c Callee) subtree() (root string, ok bool) { return strings.CutSuffix(c.Package, "/...") }

// Matcher gives a function that reports whether a callee is meant, compiled
// once. It takes the import path, the name of the receiver's type without
// pointer and type arguments ("" for a function), and the name. The error says
// why the expression is none, which Check reports too.
func (c Callee) Matcher() (func(path, receiver, name string) bool, error) {
	named := func(name string) bool { return name == c.Function }
	if c.Matching != "" {
		if why := patternFault(c.Matching); why != "" {
			return nil, fmt.Errorf("policy: vet: the expression for names of %s %s", c.Package, why)
		}
		named = regexp.MustCompile(c.Matching).MatchString
	}
	root, tree := c.subtree()
	return func(path, receiver, name string) bool {
		in := path == root || tree && strings.HasPrefix(path, root+"/")
		return in && (receiver == c.Receiver || c.Receiver == AnyReceiver) && named(name)
	}, nil
}

// maxPattern is the longest expression for names, in bytes.
const maxPattern = 256

// patternFault says what is wrong with an expression for names, empty when
// nothing is. It speaks of whole names: what an expression matches that is open
// at an end, nobody sees.
func patternFault(pattern string) string {
	if len(pattern) > maxPattern {
		return fmt.Sprintf("has %d bytes", len(pattern))
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "cannot be read: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	}
	if n := len(parsed.Sub); parsed.Op != syntax.OpConcat || parsed.Sub[0].Op != syntax.OpBeginText || parsed.Sub[n-1].Op != syntax.OpEndText {
		return "does not reach from ^ to $"
	}
	return ""
}

// String names the function, what of it is labelled, and the zone whose data it
// is if it says so.
func (v VetSource) String() string {
	s := v.Callee.String() + positions(nil, v.Results, v.Into)
	if v.Zone != "" {
		s += ", of zone " + v.Zone
	}
	return s
}

// String names the function and what of it leaves.
func (v VetSink) String() string {
	return v.Callee.String() + positions(v.Args, nil, nil) + reads(v.Reads)
}

// String names the function, whence and where to.
func (v VetPropagator) String() string {
	return v.Callee.String() + positions(v.Args, v.Results, v.Into) + reads(v.Reads)
}

// reads says how arguments are read, where it is said.
func reads(how string) string {
	if how == "" || how == "any" {
		return ""
	}
	return ", read as " + how
}

// String names the function, of what and where it cleans.
func (v VetCleaner) String() string {
	return v.Callee.String() + positions(v.Args, v.Results, v.Into)
}

// To says where a sink leads: "log", or "zone ward".
func (v VetSink) To() string {
	if v.Zone != "" {
		return "zone " + v.Zone
	}
	return v.Sink
}

// positions writes lists of positions, in their order and not in that of the
// file: two entries that mean the same read the same.
func positions(args, results, into []int) string {
	var b strings.Builder
	for _, l := range []struct {
		what string
		list []int
	}{{"arguments", args}, {"results", results}, {"into", into}} {
		if len(l.list) == 0 {
			continue
		}
		var words []string
		for _, at := range sorted(l.list) {
			words = append(words, positionWord(at))
		}
		fmt.Fprintf(&b, ", %s %s", l.what, strings.Join(words, " "))
	}
	return b.String()
}

func positionWord(at int) string {
	if at == ReceiverArg {
		return "receiver"
	}
	return strconv.Itoa(at)
}

func sorted(list []int) []int {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// VetInForce gives what the policy and everything it is met with tell the
// analyzer: the sources, sinks and propagators of all, each once, and of a source
// what all say that it yields; the cleaners that every
// whole policy has, each with the highest class; what one of them switches on,
// on; the largest budgets. Every switch and every budget is set.
func (p *Policy) VetInForce() Vet {
	all := Vet{Tests: VetTests{Leak: new(Switch), Literal: new(Switch)}, Strict: new(Switch)}
	for i, part := range p.parts() {
		v, whole := part.Vet, i == 0 || !part.Overlay
		if v == nil {
			v = new(Vet)
		}
		all.Sources = append(all.Sources, v.Sources...)
		all.Sinks = append(all.Sinks, v.Sinks...)
		all.Propagators = append(all.Propagators, v.Propagators...)
		for _, s := range []struct {
			met, by   *Switch
			otherwise bool
		}{{all.Tests.Leak, v.Tests.Leak, false}, {all.Tests.Literal, v.Tests.Literal, whole}, {all.Strict, v.Strict, false}} {
			if !s.met.On && s.by.or(s.otherwise) {
				*s.met = Switch{true, s.by.at()}
			}
		}
		all.Budgets.Function = max(all.Budgets.Function, v.Budgets.function(whole))
		all.Budgets.Package = max(all.Budgets.Package, v.Budgets.pkg(whole))
		if i == 0 {
			all.Cleaners = slices.Clone(v.Cleaners)
			continue
		}
		all.Cleaners = p.joinCleaners(all.Cleaners, v.Cleaners, whole)
	}
	all.Budgets.Pos = p.Vet.budgetsAt()
	met := all.sorted()
	met.Sources = p.joinSources(met.Sources)
	met.Sinks = slices.CompactFunc(met.Sinks, func(a, b VetSink) bool { return sinkKey(a) == sinkKey(b) })
	met.Propagators = slices.CompactFunc(met.Propagators, func(a, b VetPropagator) bool { return a.String() == b.String() })
	return met
}

// joinSources makes one of sources that several policies give: what it yields
// has the names of all and the highest levels. They are sorted by what they name.
func (p *Policy) joinSources(list []VetSource) []VetSource {
	var joined []VetSource
	for _, v := range list {
		last := len(joined) - 1
		if last < 0 || joined[last].String() != v.String() {
			joined = append(joined, v)
			continue
		}
		a, err1 := classify.ParseTag(joined[last].Label)
		b, err2 := classify.ParseTag(v.Label)
		if err1 == nil && err2 == nil { // as they are in a policy that was checked
			joined[last].Label = p.joinTags(a, b).String()
		}
	}
	return joined
}

// joinCleaners leaves of the cleaners those that others agree on. An overlay
// that names one may raise its class; one that it does not name it leaves alone.
func (p *Policy) joinCleaners(ours, theirs []VetCleaner, whole bool) []VetCleaner {
	var both []VetCleaner
	for _, v := range ours {
		switch o := cleanerLike(theirs, v); {
		case o == nil && whole:
			continue
		case o == nil:
		case p.class(o.As) > p.class(v.As), p.class(o.As) == p.class(v.As) && o.Reason < v.Reason:
			v = *o // with its reason; of two for the same class the first, so that the order does not tell
		}
		both = append(both, v)
	}
	return both
}

// cleanerLike finds the cleaner of the same functions and positions.
func cleanerLike(list []VetCleaner, v VetCleaner) *VetCleaner {
	i := slices.IndexFunc(list, func(o VetCleaner) bool { return o.String() == v.String() })
	if i < 0 {
		return nil
	}
	return &list[i]
}

func (b VetBudgets) function(whole bool) int { return budget(b.Function, whole, DefaultFunctionBudget) }
func (b VetBudgets) pkg(whole bool) int      { return budget(b.Package, whole, DefaultPackageBudget) }

// budget is what a part says; where it says nothing, the default in a whole
// policy, and nothing in an overlay.
func budget(steps int, whole bool, otherwise int) int {
	if steps == 0 && whole {
		return otherwise
	}
	return steps
}

// budgetsAt is where the budgets are given.
func (v *Vet) budgetsAt() Pos {
	if v == nil {
		return Pos{}
	}
	return v.Budgets.Pos
}

// canonical is a copy in which all that has no order is sorted; nil when it
// says nothing.
func (v *Vet) canonical() *Vet {
	if v == nil || len(v.Sources)+len(v.Sinks)+len(v.Propagators)+len(v.Cleaners) == 0 && v.Tests == (VetTests{}) && v.Strict == nil && v.Budgets.Function == 0 && v.Budgets.Package == 0 {
		return nil
	}
	c := v.sorted()
	c.Budgets.Pos = Pos{} // else it would count as something that is said
	return &c
}

// sorted is a copy in the order of what the entries mean.
func (v *Vet) sorted() Vet {
	c := *v
	c.Sources = sortedBy(v.Sources, sourceKey)
	for i := range c.Sources {
		s := &c.Sources[i]
		s.Results, s.Into = sorted(s.Results), sorted(s.Into)
	}
	c.Sinks = sortedBy(v.Sinks, sinkKey)
	for i := range c.Sinks {
		c.Sinks[i].Args = sorted(c.Sinks[i].Args)
	}
	c.Propagators = sortedBy(v.Propagators, VetPropagator.String)
	for i := range c.Propagators {
		s := &c.Propagators[i]
		s.Args, s.Results, s.Into = sorted(s.Args), sorted(s.Results), sorted(s.Into)
	}
	c.Cleaners = sortedBy(v.Cleaners, func(v VetCleaner) string { return v.String() + "\x00" + v.As + "\x00" + v.Reason })
	for i := range c.Cleaners {
		s := &c.Cleaners[i]
		s.Args, s.Results, s.Into = sorted(s.Args), sorted(s.Results), sorted(s.Into)
	}
	return c
}

func sourceKey(v VetSource) string { return v.String() + "\x00" + v.Label }
func sinkKey(v VetSink) string     { return v.String() + "\x00" + v.Sink + "\x00" + v.Zone }
