package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/sekisho-go/sekisho/classify"
)

// AtLeast reports whether d is known to tell the far side no more than e: a
// stricter action; or the same action with a result labelled at least as
// high, a function that is the same or known to be tighter, and a scope that
// matches no more. It is what code that was generated under e needs to know
// of the policy in force, and it is false where two functions do not compare.
// A function that e leaves open is any.
func (d Decision) AtLeast(e Decision) bool {
	if d.Action != e.Action {
		return d.Action > e.Action
	}
	return d.Result.AtLeast(e.Result) &&
		(e.With == "" || tighter(d.With, e.With)) &&
		(d.Scope == e.Scope || d.Scope != ScopeCategory)
}

// ChangeKind says in which direction something changed.
type ChangeKind uint8

// The kinds of changes.
const (
	ChangeUnknown ChangeKind = iota // none; invalid
	Looser                          // the far side may learn more, or with less evidence
	Stricter                        // it may learn less, or with more evidence
	Other                           // neither is known: another function, another title
	New                             // it was not there; a new route is an opening
	Gone                            // it is there no more
)

// String names the kind.
func (k ChangeKind) String() string {
	names := [...]string{"unknown", "looser", "stricter", "other", "new", "gone"}
	if int(k) < len(names) {
		return names[k]
	}
	return names[0]
}

// A Change is one difference between two policies in what they decide or ask
// for. Where the same is said in another way there is no change.
type Change struct {
	Kind    ChangeKind
	Opens   bool   // somebody should approve it: something may be learnt, or done with less, that could not before
	Route   string // Key of the route, empty when it is not about one
	Subject string // class "3B", category "name", zone "ward", require ...
	Old     string // what it was, in words; empty for New
	New     string // what it is; empty for Gone
	OldPos  Pos
	NewPos  Pos
	Clause  string // that speaks now, else that spoke
}

// String gives one line.
func (c Change) String() string {
	s := c.Kind.String() + ": "
	if c.Route != "" {
		s += c.Route + ": "
	}
	s += c.Subject
	switch {
	case c.Old != "" && c.New != "":
		s += ": " + c.Old + " is now " + c.New
	case c.Old != "" || c.New != "":
		s += ": " + c.Old + c.New
	}
	return s
}

// Diff lists what changed between two policies: scales, zones, categories,
// sinks, algorithms, keys, what the analyzer is told, then every route with the
// evidence it asks for and its decision for every class and category, in the
// order of the new policy and what is gone behind. Neither needs to pass Check; what cannot be decided is refused.
func Diff(old, new *Policy) []Change {
	d := &differ{old: old, new: new, oldSubjects: old.subjects(), newSubjects: new.subjects()}
	d.scales()
	d.zones()
	d.categories()
	d.sinks()
	d.algorithms()
	d.keys()
	d.vet()
	d.routes()
	return d.changes
}

// differ collects the changes.
type differ struct {
	old, new                 *Policy
	oldSubjects, newSubjects []subject
	changes                  []Change
}

func (d *differ) add(c Change) { d.changes = append(d.changes, c) }

// graded adds a change of a value that has an order: sign > 0 when the new one
// permits more.
func (d *differ) graded(c Change, sign int) {
	switch {
	case sign > 0:
		c.Kind, c.Opens = Looser, true
	case sign < 0:
		c.Kind = Stricter
	default:
		c.Kind, c.Opens = Other, true
	}
	d.add(c)
}

// scales compares the lists of classes and levels. Classes that change places
// change the meaning of everything below.
func (d *differ) scales() {
	for _, s := range []struct {
		name     string
		old, new []string
	}{
		{"classes", d.old.Classes, d.new.Classes},
		{"integrity", d.old.integrity(), d.new.integrity()},
		{"availability", d.old.availability(), d.new.availability()},
	} {
		if !slices.Equal(s.old, s.new) {
			d.add(Change{Kind: Other, Opens: true, Subject: s.name, Old: quoted(s.old), New: quoted(s.new)})
		}
	}
}

// rank compares two classes on the new scale, else on the old one; ok is false
// where neither has both.
func (d *differ) rank(old, new string) (sign int, ok bool) {
	for _, names := range [][]string{d.new.Classes, d.old.Classes} {
		a, b := levelIn(names, old), levelIn(names, new)
		if a != classify.Unknown && b != classify.Unknown {
			return int(b) - int(a), true
		}
	}
	return 0, false
}

// class adds the change of a class. up says whether a higher class permits
// more (a ceiling) or less (a label).
func (d *differ) class(c Change, old, new string, up int) {
	if old == new {
		return
	}
	c.Old, c.New = strconv.Quote(old), strconv.Quote(new)
	sign, _ := d.rank(old, new)
	d.graded(c, sign*up)
}

const (
	higherPermits   = 1
	higherRestrains = -1
)

func (d *differ) zones() {
	for i := range d.new.Zones {
		name := d.new.Zones[i].Name
		z, _ := d.new.Zone(name)
		c := Change{Subject: fmt.Sprintf("zone %q", name), NewPos: z.Pos}
		before, ok := d.old.Zone(name)
		if !ok {
			c.Kind, c.New = New, fmt.Sprintf("holds %q", z.Holds)
			d.add(c)
			continue
		}
		c.OldPos = before.Pos
		subject := c.Subject
		c.Subject = subject + " holds"
		d.class(c, before.Holds, z.Holds, higherPermits)
		c.Subject = subject + " carries"
		d.class(c, before.CarriesClass(), z.CarriesClass(), higherPermits)
		if !slices.Equal(before.Networks, z.Networks) {
			c.Kind, c.Opens, c.Subject, c.Old, c.New = Other, true, subject+" networks", nameList(before.Networks, "not named"), nameList(z.Networks, "not named")
			d.add(c)
		}
	}
	for i := range d.old.Zones {
		if z := &d.old.Zones[i]; d.new.ownZone(z.Name) == nil {
			d.add(Change{Kind: Gone, Subject: fmt.Sprintf("zone %q", z.Name), OldPos: z.Pos})
		}
	}
}

// categories compares what labels mean. A category that is gone opens nothing:
// code that names it does not build.
func (d *differ) categories() {
	for _, name := range d.new.allCategories() {
		k, _ := d.new.Category(name)
		c := Change{Subject: fmt.Sprintf("category %q", name), NewPos: k.Pos}
		before, ok := d.old.Category(name)
		if !ok {
			c.Kind, c.New = New, fmt.Sprintf("class %q", k.Class)
			d.add(c)
			continue
		}
		c.OldPos = before.Pos
		subject := c.Subject
		c.Subject = subject + " class"
		d.class(c, before.Class, k.Class, higherRestrains)
		d.stays(subject, name, before.Pos, k.Pos)
		if before.Guessable != k.Guessable {
			c.Subject, c.Old, c.New = subject+" guessable", strconv.FormatBool(before.Guessable), strconv.FormatBool(k.Guessable)
			d.graded(c, number(before.Guessable)-number(k.Guessable))
		}
		if before.Check != k.Check {
			c.Subject, c.Old, c.New = subject+" check", strconv.Quote(before.Check), strconv.Quote(k.Check)
			d.graded(c, 0)
		}
		for _, level := range []struct {
			what, old, new string
			names          []string
		}{
			{"integrity", before.Integrity, k.Integrity, d.new.integrity()},
			{"availability", before.Availability, k.Availability, d.new.availability()},
		} {
			old, new := cmp.Or(level.old, level.names[0]), cmp.Or(level.new, level.names[0])
			if old != new {
				c.Subject, c.Old, c.New = subject+" "+level.what, strconv.Quote(old), strconv.Quote(new)
				d.graded(c, int(levelIn(level.names, old))-int(levelIn(level.names, new)))
			}
		}
	}
	for _, name := range d.old.allCategories() {
		if _, ok := d.new.Category(name); !ok {
			k, _ := d.old.Category(name)
			d.add(Change{Kind: Gone, Subject: fmt.Sprintf("category %q", name), OldPos: k.Pos})
		}
	}
}

// stays compares the zones that a category does not leave, by all parts.
func (d *differ) stays(subject, name string, oldPos, newPos Pos) {
	zones := func(p *Policy) (list []string) {
		for _, part := range p.parts() {
			if k := part.ownCategory(name); k != nil && k.Stays != "" && !slices.Contains(list, k.Stays) {
				list = append(list, k.Stays)
			}
		}
		slices.Sort(list)
		return list
	}
	old, new := zones(d.old), zones(d.new)
	if slices.Equal(old, new) {
		return
	}
	c := Change{Kind: Looser, Opens: true, Subject: subject + " stays", Old: nameList(old, "nowhere"), New: nameList(new, "nowhere"), OldPos: oldPos, NewPos: newPos}
	if !slices.ContainsFunc(old, func(z string) bool { return !slices.Contains(new, z) }) {
		c.Kind, c.Opens = Stricter, false
	}
	d.add(c)
}

// sinks compares the ceilings of unzoned exits, by all parts.
func (d *differ) sinks() {
	names := map[string]bool{}
	for _, p := range []*Policy{d.old, d.new} {
		for _, part := range p.parts() {
			for i := range part.Sinks {
				names[part.Sinks[i].Name] = true
			}
		}
	}
	for _, name := range sortedKeys(names) {
		old, oldPos := d.old.SinkCeiling(name)
		new, newPos := d.new.SinkCeiling(name)
		d.class(Change{Subject: fmt.Sprintf("sink %q", name), OldPos: oldPos, NewPos: newPos}, old, new, higherPermits)
	}
}

// SinkCeiling is the highest class that an unzoned exit may take, and where it
// is said: the lowest ceiling of all parts of the policy, and the lowest class
// for an exit that the policy does not name.
func (p *Policy) SinkCeiling(name string) (class string, at Pos) {
	for _, part := range p.parts() {
		for i := range part.Sinks {
			v := &part.Sinks[i]
			if v.Name == name && (class == "" || p.class(v.Ceiling) < p.class(class)) {
				class, at = v.Ceiling, v.Pos
			}
		}
	}
	if class == "" && len(p.Classes) > 0 {
		class = p.Classes[0]
	}
	return class, at
}

// openRoutes lists the routes that are open, as all parts leave them.
func (p *Policy) openRoutes() []*Route {
	var list []*Route
	for i := range p.Routes {
		if r, shut := p.effective(&p.Routes[i]); shut == nil {
			list = append(list, r)
		}
	}
	return list
}

func (d *differ) routes() {
	for _, r := range d.new.openRoutes() {
		before, ok := d.old.Route(r.From, r.To, r.Name)
		if !ok {
			d.add(Change{Kind: New, Opens: true, Route: r.Key(), Subject: "route", NewPos: r.Pos, Clause: r.Clause})
			continue
		}
		d.evidence(before, r)
		d.decisions(before, r)
	}
	for _, r := range d.old.openRoutes() {
		if _, ok := d.new.Route(r.From, r.To, r.Name); !ok {
			d.add(Change{Kind: Gone, Route: r.Key(), Subject: "route", OldPos: r.Pos, Clause: r.Clause})
		}
	}
}

// evidence compares what a crossing must show.
func (d *differ) evidence(old, new *Route) {
	base := Change{Route: new.Key(), OldPos: old.Pos, NewPos: new.Pos, Clause: new.Clause}
	change := func(subject, was, is string, sign int) {
		c := base
		c.Subject, c.Old, c.New = subject, was, is
		d.graded(c, sign)
	}
	for _, e := range []struct {
		subject  string
		old, new int
	}{
		{"require principal", number(old.Require.Principal), number(new.Require.Principal)},
		{"require mfa", number(old.Require.MFA), number(new.Require.MFA)},
		{"require approvals", old.Require.Approvals, new.Require.Approvals},
	} {
		if e.old != e.new {
			change(e.subject, strconv.Itoa(e.old), strconv.Itoa(e.new), e.old-e.new)
		}
	}
	wider := func(old, new []string) int { return subsetSign(old, new, func(a, b string) bool { return a == b }) }
	if !sameSet(old.Require.Purpose, new.Require.Purpose) {
		change("require purpose", nameList(old.Require.Purpose, "any"), nameList(new.Require.Purpose, "any"), wider(old.Require.Purpose, new.Require.Purpose))
	}
	if !sameSet(old.Endpoints, new.Endpoints) {
		change("endpoints", endpointText(old.Endpoints), endpointText(new.Endpoints), subsetSign(old.Endpoints, new.Endpoints, Endpoint.within))
	}
	if old.Until != new.Until {
		sign := -1
		if new.Until == "" || old.Until != "" && new.Until > old.Until {
			sign = 1
		}
		change("until", cmp.Or(old.Until, "no date"), cmp.Or(new.Until, "no date"), sign)
	}
	d.limit(base, old.Limit, new.Limit)
}

// limit compares two limits. Where one has fewer records in a shorter period
// neither is known to be the tighter.
func (d *differ) limit(c Change, old, new *Limit) {
	if old == nil && new == nil || old != nil && new != nil && old.Records == new.Records && old.period() == new.period() {
		return // also for 24h and 1440m
	}
	sign := 0
	switch both := tighterLimit(old, new); {
	case old == nil || new != nil && both.Records == new.Records && both.period() == new.period():
		sign = -1
	case new == nil || both.Records == old.Records && both.period() == old.period():
		sign = 1
	}
	c.Subject, c.Old, c.New = "limit", limitText(old), limitText(new)
	d.graded(c, sign)
}

func limitText(l *Limit) string {
	if l == nil {
		return "none"
	}
	return fmt.Sprintf("%d records per %s", l.Records, l.Per)
}

// nameList quotes names, or says in words that there is none.
func nameList(s []string, none string) string {
	if len(s) == 0 {
		return none
	}
	return quoted(s)
}

func endpointText(s []Endpoint) string {
	var list []string
	for _, e := range s {
		list = append(list, fmt.Sprintf("%s:%d", e.Address, e.Port))
	}
	return nameList(list, "any")
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func sameSet[T comparable](a, b []T) bool {
	return !slices.ContainsFunc(a, func(x T) bool { return !slices.Contains(b, x) }) &&
		!slices.ContainsFunc(b, func(x T) bool { return !slices.Contains(a, x) })
}

// subsetSign is 1 when the new list permits more than the old one, -1 when it
// permits less, 0 when neither is known. The empty list permits all.
func subsetSign[T any](old, new []T, within func(a, b T) bool) int {
	covers := func(outer, inner []T) bool {
		if len(outer) == 0 || len(inner) == 0 {
			return len(outer) == 0
		}
		return !slices.ContainsFunc(inner, func(x T) bool {
			return !slices.ContainsFunc(outer, func(y T) bool { return within(x, y) })
		})
	}
	narrower, wider := covers(old, new), covers(new, old)
	return number(wider) - number(narrower)
}

// decisions compares what happens to every class and category on a route.
func (d *differ) decisions(old, new *Route) {
	for _, s := range d.newSubjects {
		i := slices.IndexFunc(d.oldSubjects, func(o subject) bool { return o.name == s.name })
		if i < 0 {
			continue // the class or category is new, and said to be
		}
		d.decision(s.name, d.old.decideLabel(old, d.oldSubjects[i].label), d.new.decideLabel(new, s.label))
	}
}

// decision adds the change of one decision.
func (d *differ) decision(name string, before, after Decision) {
	old, new := before.words(d.old), after.words(d.new)
	if old == new {
		return
	}
	aligned := before
	aligned.Result = d.aligned(before.Result)
	c := Change{Route: after.Route.Key(), Subject: name, Old: old, New: new, OldPos: before.pos(), NewPos: after.pos(), Clause: after.Clause}
	if c.Clause == "" {
		c.Clause = before.Clause
	}
	d.graded(c, number(aligned.AtLeast(after))-number(after.AtLeast(aligned)))
}

// aligned is a label of the old policy with its class looked up on the new
// scale, where that has it.
func (d *differ) aligned(l classify.Label) classify.Label {
	if class := d.new.class(d.old.className(l.Class)); class != classify.Unknown {
		l.Class = class
	}
	return l
}

// pos is where a decision is written: its rule, else the route that has none.
func (d *Decision) pos() Pos {
	if d.Rule != nil {
		return d.Rule.Pos
	}
	return d.Route.Pos
}

// words says what a decision does: "mask with last4 as 2".
func (d *Decision) words(p *Policy) string {
	s := d.Action.String()
	if d.With != "" {
		s += " with " + d.With
	}
	switch d.Action {
	case classify.ActionGeneralise, classify.ActionMask, classify.ActionToken:
		s += " as " + p.className(d.Result.Class)
	}
	if d.Scope == ScopeCategory {
		s += ", matching by category"
	}
	return s
}
