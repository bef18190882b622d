package policy

import (
	"fmt"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
)

// maxOverlays bounds how deep overlays have overlays.
const maxOverlays = 8

// overlays checks everything that the part is met with.
func (c *checker) overlays() {
	for i, o := range c.p.Overlays {
		where := fmt.Sprintf("overlays[%d]", i)
		if o == nil {
			c.problem(Pos{}, where, "the overlay is empty", "take it away")
			continue
		}
		c.overlay(o, where)
	}
}

// overlay checks one policy that the part is met with.
func (c *checker) overlay(o *Policy, where string) {
	if depth(o) > maxOverlays {
		c.problem(Pos{}, where, fmt.Sprintf("overlays are nested deeper than %d", maxOverlays), "list them side by side")
		return
	}
	for _, scale := range []struct {
		name         string
		theirs, ours []string
	}{
		{"classes", o.Classes, c.scale.Classes},
		{"integrity", o.Integrity, c.scale.integrity()},
		{"availability", o.Availability, c.scale.availability()},
	} {
		if len(scale.theirs) > 0 && !slices.Equal(scale.theirs, scale.ours) && len(scale.ours) > 0 {
			c.problem(Pos{}, where+"."+scale.name, fmt.Sprintf("%s of %q are not those of %q", scale.name, o.Name, c.p.Name), "leave them out or list the same; another scheme is joined through a mapping")
			return
		}
	}
	sub := &checker{p: o, scale: c.scale, prefix: c.prefix + where + "."}
	sub.policy()
	if o.Overlay && len(sub.problems) == 0 {
		sub.loosening(c.p)
	}
	c.problems = append(c.problems, sub.problems...)
}

// depth is how deep the overlays of p nest, 1 for none.
func depth(p *Policy) int {
	deepest := 0
	for _, o := range p.Overlays {
		if o != nil {
			deepest = max(deepest, depth(o))
		}
	}
	return deepest + 1
}

// loosening finds what an overlay says that is looser than what the policy
// under it says. Nothing of it would take effect, because the stricter
// decision wins; but somebody meant it to, so it is an error.
func (c *checker) loosening(base *Policy) {
	for i := range c.p.Zones {
		c.looserZone(base, i)
	}
	for i := range c.p.Categories {
		c.looserCategory(base, i)
	}
	for i := range c.p.Purposes {
		v := &c.p.Purposes[i]
		if !slices.ContainsFunc(base.Purposes, func(o Purpose) bool { return o.Name == v.Name }) {
			c.problem(v.Pos, fmt.Sprintf("purposes[%d]", i), fmt.Sprintf("the overlay adds purpose %q", v.Name), "add it to the policy, or take it away here")
		}
	}
	for i := range c.p.Sinks {
		c.looserSink(base, i)
	}
	for i := range c.p.Types {
		c.looserType(base, i)
	}
	for i := range c.p.Routes {
		c.looserRoute(base, i)
	}
	c.looserAlgorithms(base)
	c.looserKeys(base)
	c.looserVet(base)
}

// looser adds a problem that names both lines.
func (c *checker) looser(pos, under Pos, where, msg string) {
	c.addBoth(pos, under, c.prefix+where, msg, "an overlay only tightens: take it away here, or change the policy under it")
}

func (c *checker) looserZone(base *Policy, i int) {
	z := &c.p.Zones[i]
	where := fmt.Sprintf("zones[%d]", i)
	under := base.ownZone(z.Name)
	if under == nil {
		c.problem(z.Pos, where, fmt.Sprintf("the overlay adds zone %q", z.Name), "add it to the policy, or take it away here")
		return
	}
	if c.scale.class(z.Holds) > c.scale.class(under.Holds) {
		c.looser(z.Pos, under.Pos, where+".holds", fmt.Sprintf("zone %q would hold %q, and the policy says %q", z.Name, z.Holds, under.Holds))
	}
	if c.scale.class(z.Carries) > c.scale.class(under.CarriesClass()) {
		c.looser(z.Pos, under.Pos, where+".carries", fmt.Sprintf("zone %q would carry %q, and the policy says %q", z.Name, z.Carries, under.CarriesClass()))
	}
	if z.Go != "" && z.Go != under.Go {
		c.looser(z.Pos, under.Pos, where+".go", fmt.Sprintf("zone %q has another Go name than in the policy", z.Name))
	}
	if len(z.Networks) > 0 && len(under.Networks) > 0 && !slices.Equal(z.Networks, under.Networks) {
		c.looser(z.Pos, under.Pos, where+".networks", fmt.Sprintf("zone %q has other networks than in the policy", z.Name))
	}
}

func (c *checker) looserCategory(base *Policy, i int) {
	k := &c.p.Categories[i]
	under := base.ownCategory(k.Name)
	if under == nil {
		if k.Class == "" {
			c.problem(k.Pos, fmt.Sprintf("categories[%d].class", i), fmt.Sprintf("the overlay adds category %q without a class", k.Name), "give it a class")
		}
		return
	}
	for _, axis := range []struct {
		what, ours, theirs string
		names              []string
	}{
		{"class", k.Class, under.Class, c.scale.Classes},
		{"becomes", k.Becomes, under.Becomes, c.scale.Classes},
		{"integrity", k.Integrity, under.Integrity, c.scale.integrity()},
		{"availability", k.Availability, under.Availability, c.scale.availability()},
	} {
		if axis.ours != "" && levelIn(axis.names, axis.ours) < levelIn(axis.names, axis.theirs) {
			c.looser(k.Pos, under.Pos, fmt.Sprintf("categories[%d].%s", i, axis.what), fmt.Sprintf("category %q would have %s %q, and the policy says %q", k.Name, axis.what, axis.ours, axis.theirs))
		}
	}
	for _, f := range []struct{ what, ours, theirs string }{
		{"mask", k.Mask, under.Mask}, {"generalise", k.Generalise, under.Generalise},
	} {
		if knownLooser(f.ours, f.theirs) {
			c.looser(k.Pos, under.Pos, fmt.Sprintf("categories[%d].%s", i, f.what), fmt.Sprintf("category %q would have %s %q, which tells more than the policy's %q", k.Name, f.what, f.ours, f.theirs))
		}
	}
}

// knownLooser reports whether f is known to tell more than g.
func knownLooser(f, g string) bool {
	return f != "" && g != "" && f != g && tighter(g, f)
}

func (c *checker) looserSink(base *Policy, i int) {
	v := &c.p.Sinks[i]
	ceiling, pos := base.lowestClass(), Pos{}
	for j := range base.Sinks {
		if base.Sinks[j].Name == v.Name {
			ceiling, pos = base.Sinks[j].Ceiling, base.Sinks[j].Pos
		}
	}
	if c.scale.class(v.Ceiling) > c.scale.class(ceiling) {
		c.looser(v.Pos, pos, fmt.Sprintf("sinks[%d].ceiling", i), fmt.Sprintf("sink %q would take %q, and the policy says %q", v.Name, v.Ceiling, ceiling))
	}
}

func (p *Policy) lowestClass() string { return p.className(1) }

// looserType compares the labels of a field that both label.
func (c *checker) looserType(base *Policy, i int) {
	t := &c.p.Types[i]
	both := base.joined(c.p)
	for _, under := range base.Types {
		for j, f := range t.Fields {
			k := slices.IndexFunc(under.Fields, func(o Field) bool { return o.Name == f.Name && under.Name == t.Name })
			if k < 0 {
				continue
			}
			if !both.labelOf(f.Tag).AtLeast(both.labelOf(under.Fields[k].Tag)) {
				c.looser(f.Pos, under.Fields[k].Pos, fmt.Sprintf("types[%d].fields[%d].tag", i, j), fmt.Sprintf("field %s.%s would have label %q, and the policy says %q", t.Name, f.Name, f.Tag, under.Fields[k].Tag))
			}
		}
	}
}

// labelOf is the label of a tag that was checked; the label of nothing for one
// that is wrong.
func (p *Policy) labelOf(text string) classify.Label {
	tag, _ := classify.ParseTag(text)
	l, _ := p.Resolve(tag)
	return l
}

// looserRoute compares one route of the overlay with the policy's.
func (c *checker) looserRoute(base *Policy, i int) {
	r := &c.p.Routes[i]
	where := fmt.Sprintf("routes[%d]", i)
	under := base.ownRoute(r.From, r.To, r.Name)
	if under == nil {
		pos := Pos{}
		if shut, ok := base.ClosedRoad(r.From, r.To); ok {
			pos = shut.Pos
		}
		c.looser(r.Pos, pos, where, fmt.Sprintf("the overlay opens the road %s, which the policy does not have", r.Key()))
		return
	}
	c.looserEvidence(r, under, where)
	alone := *base
	alone.Overlays = []*Policy{c.p}
	for j := range r.Rules {
		c.looserRule(&alone, r, under, j, fmt.Sprintf("%s.rules[%d]", where, j))
	}
}

// looserEvidence compares what two routes ask for. What an overlay leaves out
// it leaves alone.
func (c *checker) looserEvidence(r, under *Route, where string) {
	if n := r.Require.Approvals; n > 0 && n < under.Require.Approvals {
		c.looser(r.Pos, under.Pos, where+".require.approvals", fmt.Sprintf("%s would ask for %d approvals, and the policy asks for %d", r.Key(), n, under.Require.Approvals))
	}
	for i, purpose := range r.Require.Purpose {
		if len(under.Require.Purpose) > 0 && !slices.Contains(under.Require.Purpose, purpose) {
			c.looser(r.Pos, under.Pos, fmt.Sprintf("%s.require.purpose[%d]", where, i), fmt.Sprintf("%s would be open for purpose %q, for which the policy does not open it", r.Key(), purpose))
		}
	}
	for i, e := range r.Endpoints {
		if len(under.Endpoints) > 0 && !slices.ContainsFunc(under.Endpoints, e.within) {
			c.looser(r.Pos, under.Pos, fmt.Sprintf("%s.endpoints[%d]", where, i), fmt.Sprintf("%s would talk to an endpoint that the policy does not list", r.Key()))
		}
	}
	if both := tighterLimit(under.Limit, r.Limit); r.Limit != nil && under.Limit != nil && *both == *under.Limit && *r.Limit != *under.Limit {
		c.looser(r.Pos, under.Pos, where+".limit", fmt.Sprintf("%s would have a limit of %d records per %s, and the policy says %d per %s", r.Key(), r.Limit.Records, r.Limit.Per, under.Limit.Records, under.Limit.Per))
	}
	if r.Until != "" && under.Until != "" && r.Until > under.Until {
		c.looser(r.Pos, under.Pos, where+".until", fmt.Sprintf("%s would be open until %s, and the policy closes it after %s", r.Key(), r.Until, under.Until))
	}
}

// looserRule compares one rule of the overlay with what the policy under it
// decides for the same category or class. both is the policy with the overlay.
func (c *checker) looserRule(both *Policy, r, under *Route, at int, where string) {
	rule := &r.Rules[at]
	label, err := both.resolveName(rule.Category + rule.Class) // one of the two is empty
	if from := both.ownZone(r.From); err != nil || from != nil && both.class(from.Holds) < label.Class {
		return // it cannot be there
	}
	q := &question{p: both, route: under, label: label, assume: true}
	category := c.p.ownCategory(rule.Category)
	if category == nil && rule.Category != "" {
		category, _ = both.Category(rule.Category)
	}
	ours := q.opine(c.p, r, at, category, label.Class)
	base := *both
	base.Overlays = nil
	opinions := q.ask(nil, &base)
	theirs := strongest(opinions)
	o := outcome{action: theirs.action}
	o.merge(q, opinions)
	q.settle(&o, opinions)
	pos := under.Pos
	if theirs.rule != nil {
		pos = theirs.rule.Pos
	}
	subject := fmt.Sprintf("class %q", rule.Class)
	if rule.Category != "" {
		subject = fmt.Sprintf("category %q", rule.Category)
	}
	switch {
	case ours.action < o.action:
		c.looser(rule.Pos, pos, where+".action", fmt.Sprintf("%s says %s for %s, and the policy says %s", r.Key(), ours.action, subject, o.action))
	case ours.action > o.action || o.action >= classify.ActionEncrypt || o.action == classify.ActionPass:
	case rule.As != "" && ours.result < o.result:
		c.looser(rule.Pos, pos, where+".as", fmt.Sprintf("%s brings %s down to %q, and the policy to %q", r.Key(), subject, rule.As, c.scale.className(o.result)))
	case knownLooser(ours.with, o.with):
		c.looser(rule.Pos, pos, where+".with", fmt.Sprintf("%s has %s with %q for %s, which tells more than the policy's %q", r.Key(), rule.Action, ours.with, subject, o.with))
	case rule.Scope == ScopeCategory && o.scope == ScopeField:
		c.looser(rule.Pos, pos, where+".scope", fmt.Sprintf("%s lets tokens of %s match across fields, and the policy does not", r.Key(), subject))
	}
}
