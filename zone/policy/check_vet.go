package policy

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
)

// vet checks what the analyzer is told.
func (c *checker) vet() {
	v := c.p.Vet
	if v == nil {
		return
	}
	given := vetGiven{}
	for i := range v.Sources {
		c.vetSource(given, &v.Sources[i], fmt.Sprintf("vet.sources[%d]", i))
	}
	for i := range v.Sinks {
		c.vetSink(given, &v.Sinks[i], fmt.Sprintf("vet.sinks[%d]", i))
	}
	for i := range v.Propagators {
		s, where := &v.Propagators[i], fmt.Sprintf("vet.propagators[%d]", i)
		c.callee(s.Callee, s.Pos, where)
		c.positions(s.Callee, s.Pos, where, s.Args, s.Results, s.Into)
		c.vetReads(s.Pos, where, s.Reads)
		c.once(given, s.Pos, where, "propagator", s.String())
	}
	for i := range v.Cleaners {
		c.vetCleaner(given, &v.Cleaners[i], fmt.Sprintf("vet.cleaners[%d]", i))
	}
	for _, b := range []struct {
		what  string
		steps int
	}{{"function", v.Budgets.Function}, {"package", v.Budgets.Package}} {
		if b.steps < 0 || b.steps > maxBudget {
			c.problem(v.Budgets.Pos, "vet.budgets."+b.what, fmt.Sprintf("a budget of %d steps", b.steps), fmt.Sprintf("write 1 to %d, or leave it out", maxBudget))
		}
	}
}

// vetGiven notices entries that are given twice.
type vetGiven map[string]Pos

func (c *checker) once(given vetGiven, pos Pos, where, what, entry string) {
	key := what + " " + entry
	if first, twice := given[key]; twice {
		c.addBoth(pos, first, c.prefix+where, fmt.Sprintf("the %s %s is given twice", what, entry), "keep one entry")
		return
	}
	given[key] = pos
}

func (c *checker) vetSource(given vetGiven, v *VetSource, where string) {
	c.callee(v.Callee, v.Pos, where)
	c.positions(v.Callee, v.Pos, where, nil, v.Results, v.Into)
	c.once(given, v.Pos, where, "source", v.String())
	c.vetZone(v.Pos, where, v.Zone)
	tag, err := classify.ParseTag(v.Label)
	bare := classify.Tag{Names: tag.Names, Class: tag.Class, Integrity: tag.Integrity, Availability: tag.Availability}
	switch {
	case err != nil:
		c.problem(v.Pos, where+".label", err.Error(), "name categories or classes, such as name or name+phone,class=2")
	case bare.String() != tag.String():
		c.problem(v.Pos, where+".label", fmt.Sprintf("the label %q says what happens to a field", v.Label), "a source has no fields: name categories, classes and levels only")
	case !c.alone():
		c.resolves(v.Pos, where+".label", tag)
	}
}

func (c *checker) vetSink(given vetGiven, v *VetSink, where string) {
	c.callee(v.Callee, v.Pos, where)
	c.positions(v.Callee, v.Pos, where, v.Args, nil, nil)
	c.vetReads(v.Pos, where, v.Reads)
	c.once(given, v.Pos, where, "sink", v.String()+", to "+v.To())
	c.vetZone(v.Pos, where, v.Zone)
	switch {
	case v.Sink == "" && v.Zone == "":
		c.problem(v.Pos, where, "the entry says neither which sink the function is nor an endpoint of which zone", "write sink: "+sinkWords()+"; or zone: and its name")
	case v.Sink != "" && v.Zone != "":
		c.problem(v.Pos, where+".zone", "the function is a sink and an endpoint of a zone", "keep one of sink and zone; write a second entry for the other")
	case v.Sink != "" && !slices.Contains(SinkClasses(), v.Sink):
		c.unknownSink(v.Pos, where+".sink", v.Sink)
	}
}

func (c *checker) unknownSink(pos Pos, where, name string) {
	c.problem(pos, where, fmt.Sprintf("there is no sink %q", name), "the sinks are "+sinkWords())
}

func sinkWords() string { return strings.Join(SinkClasses(), ", ") }

func (c *checker) vetCleaner(given vetGiven, v *VetCleaner, where string) {
	c.callee(v.Callee, v.Pos, where)
	c.positions(v.Callee, v.Pos, where, v.Args, v.Results, v.Into)
	c.once(given, v.Pos, where, "cleaner", v.String())
	c.wantClass(v.Pos, where+".as", v.As, false)
	c.text(v.Pos, where+".reason", v.Reason)
	if strings.TrimSpace(v.Reason) == "" {
		c.problem(v.Pos, where+".reason", "the cleaner has no reason", "say why nothing of a higher class is left in what it returns: somebody will ask")
	}
}

// vetZone checks the zone of a source or a sink, if it has one.
func (c *checker) vetZone(pos Pos, where, name string) {
	if name != "" && c.zone(name) == nil && !c.alone() {
		c.problem(pos, where+".zone", fmt.Sprintf("zone %q does not exist", name), suggest(name, c.zoneNames(), "zone"))
	}
}

func (c *checker) vetReads(pos Pos, where, how string) {
	if how != "" && !slices.Contains(VetReads(), how) {
		c.problem(pos, where+".reads", fmt.Sprintf("there is no way of reading %q", how), "write one of "+strings.Join(VetReads(), ", "))
	}
}

// callee checks which functions an entry names.
func (c *checker) callee(v Callee, pos Pos, where string) {
	if !importPath(v.Package) {
		c.problem(pos, where+".package", fmt.Sprintf("%q is not an import path", v.Package), "write it as in an import declaration; with /... at its end it is for all packages below too")
	}
	if v.Receiver != "" && v.Receiver != AnyReceiver && !token.IsIdentifier(v.Receiver) {
		c.problem(pos, where+".receiver", fmt.Sprintf("%q is not the name of a type", v.Receiver), `write the name alone, without package, pointer and type parameters; "*" for any and none`)
	}
	switch {
	case v.Function == "" && v.Matching == "":
		c.problem(pos, where, "the entry names no function", "write function: and its name, or matching: and an expression for names")
	case v.Function != "" && v.Matching != "":
		c.problem(pos, where+".matching", fmt.Sprintf("the entry names function %q and has an expression for names", v.Function), "keep one of the two")
	case v.Matching != "":
		if why := patternFault(v.Matching); why != "" {
			c.problem(pos, where+".matching", "the expression for names "+why, fmt.Sprintf("write at most %d bytes in the syntax of package regexp, from ^ to $, such as ^(Read|Load)[A-Z].*$", maxPattern))
		}
	case !token.IsIdentifier(v.Function):
		c.problem(pos, where+".function", fmt.Sprintf("%q is not the name of a function", v.Function), "write the name alone; the type of a method goes into receiver, an expression into matching")
	}
}

// importPath reports whether s is an import path, or the root of several.
func importPath(s string) bool {
	root, _ := Callee{Package: s}.subtree()
	if strings.ContainsAny(root, " \"'`\\*?[]{}()<>|:;,!#$%&^=") || !plainText(root) {
		return false
	}
	for element := range strings.SplitSeq(root, "/") {
		if strings.Trim(element, ".") == "" {
			return false
		}
	}
	return true
}

// positions checks lists of positions.
func (c *checker) positions(v Callee, pos Pos, where string, args, results, into []int) {
	for _, l := range []struct {
		what     string
		list     []int
		receiver bool
	}{{"args", args, true}, {"results", results, false}, {"into", into, true}} {
		for i, at := range l.list {
			path := fmt.Sprintf("%s.%s[%d]", where, l.what, i)
			switch {
			case at == ReceiverArg && l.receiver && v.Receiver == "":
				c.problem(pos, path, fmt.Sprintf("%s has no receiver", v), "name the type whose method it is under receiver, or take the position away")
			case at == ReceiverArg && l.receiver:
			case at < 0 || at > MaxArg:
				c.problem(pos, path, fmt.Sprintf("position %d is out of range", at), fmt.Sprintf("count from 0, up to %d", MaxArg))
			}
			if slices.Contains(l.list[:i], at) {
				c.problem(pos, path, fmt.Sprintf("position %s is given twice", positionWord(at)), "keep one")
			}
		}
	}
}

// looserVet finds what an overlay hides from the analyzer that the policy under
// it lets it see. Sources, sinks and propagators only add to what is found.
func (c *checker) looserVet(base *Policy) {
	v, under := c.p.Vet, base.Vet
	if v == nil {
		return
	}
	if under == nil {
		under = new(Vet)
	}
	for i := range v.Cleaners {
		o, where := &v.Cleaners[i], fmt.Sprintf("vet.cleaners[%d]", i)
		switch u := cleanerLike(under.Cleaners, *o); {
		case u == nil:
			c.problem(o.Pos, where, fmt.Sprintf("the overlay adds the cleaner %s", o), "an overlay only tightens: take it away here, or add it to the policy under it")
		case c.scale.class(o.As) < c.scale.class(u.As):
			c.looser(o.Pos, u.Pos, where+".as", fmt.Sprintf("what %s returns would be %q, and the policy says %q", o.Callee, o.As, u.As))
		}
	}
	for _, s := range []struct {
		what         string
		ours, theirs *Switch
		otherwise    bool
	}{{"tests.leak", v.Tests.Leak, under.Tests.Leak, false}, {"tests.literal", v.Tests.Literal, under.Tests.Literal, true}, {"strict", v.Strict, under.Strict, false}} {
		if s.ours == nil || s.ours.On || !s.theirs.or(s.otherwise) {
			continue
		}
		says := "the policy switches it on"
		if s.theirs == nil {
			says = "it is on unless a policy says otherwise"
		}
		c.looser(s.ours.Pos, s.theirs.at(), "vet."+s.what, fmt.Sprintf("the overlay switches off %s of the analyzer, and %s", s.what, says))
	}
	for _, b := range []struct {
		what                    string
		ours, theirs, otherwise int
	}{{"function", v.Budgets.Function, under.Budgets.Function, DefaultFunctionBudget}, {"package", v.Budgets.Package, under.Budgets.Package, DefaultPackageBudget}} {
		if theirs := cmp.Or(b.theirs, b.otherwise); b.ours > 0 && b.ours < theirs {
			c.looser(v.Budgets.Pos, under.Budgets.Pos, "vet.budgets."+b.what, fmt.Sprintf("the analyzer would give up a %s after %d steps, and by the policy after %d", b.what, b.ours, theirs))
		}
	}
}
