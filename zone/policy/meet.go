package policy

import (
	"fmt"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
)

// Meet gives the policy of the first organisation met with that of the second:
// a road is open when both open it, each decision is the stricter of the two,
// and a crossing shows the evidence of both. The result keeps the name, the
// zones and the routes of a; its decisions are the same as those of
// Meet(b, a).
//
// Where the two have different classes, one of them must have a mapping from
// its own to the other's, under the other's name or as its only one that fits.
// The joint classes are those of the policy with the mapping, the finer one,
// and each of them means to the coarser policy what the mapping says:
//
//   - what the coarser policy says of a class, it says of every finer class
//     that maps to it; that includes the ceilings of its zones,
//   - a category that both know has the lowest class that is low enough for
//     neither; one that only the coarser knows has the highest that maps to its
//     class,
//   - a result is the highest class that maps to the one that is named.
//
// Labels are then written in the joint classes.
func Meet(a, b *Policy) (*Policy, error) {
	c := &collector{}
	for _, p := range []*Policy{a, b} {
		switch {
		case p == nil:
			c.add(Pos{}, "", "there is no policy to meet", "give two")
		case p.Overlay:
			c.add(Pos{}, "overlay", fmt.Sprintf("policy %q is an overlay", p.Name), "add it to its policy first")
		default:
			if err := p.Check(); err != nil {
				c.problems = append(c.problems, err.(*Errors).Problems...) // Check returns nothing else
			}
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	a, b, err := oneScheme(a, b)
	if err != nil {
		return nil, err
	}
	met := a.joined(b)
	if err := met.Check(); err != nil {
		return nil, err
	}
	return met, nil
}

// oneScheme translates one of two policies into the classes of the other.
func oneScheme(a, b *Policy) (*Policy, *Policy, error) {
	c := &collector{}
	for _, axis := range []struct {
		name         string
		ours, theirs []string
	}{{"integrity", a.integrity(), b.integrity()}, {"availability", a.availability(), b.availability()}} {
		if !slices.Equal(axis.ours, axis.theirs) {
			c.add(Pos{}, axis.name, fmt.Sprintf("%q and %q have different levels of %s", a.Name, b.Name, axis.name), "only classes can be mapped: agree on the levels")
		}
	}
	if err := c.err(); err != nil {
		return nil, nil, err
	}
	if slices.Equal(a.Classes, b.Classes) {
		return a, b, nil
	}
	ab, abErr := a.mappingTo(b)
	ba, baErr := b.mappingTo(a)
	switch {
	case ab != nil && (ba == nil || finer(a, b)):
		return a, (&translation{fine: a, coarse: b, mapping: ab.Classes}).policy(b), nil
	case ba != nil:
		return (&translation{fine: b, coarse: a, mapping: ba.Classes}).policy(a), b, nil
	}
	c.problems = append(c.problems, *abErr, *baErr)
	return nil, nil, c.err()
}

// finer says whose classes are the joint ones where each maps to the other.
// The two lists are of one length then, so it is only a matter of not
// depending on the order of the arguments.
func finer(a, b *Policy) bool {
	if a.Name != b.Name {
		return a.Name < b.Name
	}
	return slices.Compare(a.Classes, b.Classes) < 0
}

// mappingTo finds p's mapping into the classes of another policy.
func (p *Policy) mappingTo(other *Policy) (*Mapping, *Problem) {
	var fitting []*Mapping
	var unfit *Problem
	for i := range p.Mappings {
		m := &p.Mappings[i]
		why := p.misfit(m, other)
		switch {
		case m.Scheme == other.Name && why == "":
			return m, nil
		case m.Scheme == other.Name:
			unfit = &Problem{Pos: m.Pos, Path: fmt.Sprintf("mappings[%d]", i), Msg: fmt.Sprintf("the mapping of %q to %q %s", p.Name, other.Name, why), Remedy: "map every class to one of " + quoted(other.Classes) + ", in order, and leave none of these out"}
		case why == "":
			fitting = append(fitting, m)
		}
	}
	switch {
	case unfit != nil:
		return nil, unfit
	case len(fitting) == 1:
		return fitting[0], nil
	case len(fitting) > 1:
		return nil, &Problem{Pos: fitting[1].Pos, Path: "mappings", Msg: fmt.Sprintf("%q has more than one mapping that fits the classes of %q", p.Name, other.Name), Remedy: fmt.Sprintf("write one under the name %q", other.Name)}
	}
	return nil, &Problem{Path: "mappings", Msg: fmt.Sprintf("%q has no mapping to the classes of %q", p.Name, other.Name), Remedy: fmt.Sprintf("write one under the name %q", other.Name)}
}

// misfit says why a mapping does not translate into the classes of another
// policy: it must map every class, never a higher one to a lower, and reach
// every class of the other.
func (p *Policy) misfit(m *Mapping, other *Policy) string {
	last, reached := classify.Unknown, 0
	for _, class := range p.Classes {
		theirs := other.class(m.Classes[class])
		switch {
		case theirs == classify.Unknown:
			return fmt.Sprintf("maps %q to no class of it", class)
		case theirs < last:
			return fmt.Sprintf("maps %q lower than the class below it", class)
		case theirs > last:
			reached++
		}
		last = theirs
	}
	if reached != len(other.Classes) {
		return "does not reach every class of it"
	}
	return ""
}

// A translation writes a coarser policy in finer classes, along a mapping from
// the finer to the coarser ones.
type translation struct {
	fine, coarse *Policy
	mapping      map[string]string
}

// highest is the highest finer class that maps to a coarser one; "" to "".
func (t *translation) highest(class string) string {
	best := ""
	for _, c := range t.fine.Classes {
		if class != "" && t.mapping[c] == class {
			best = c
		}
	}
	return best
}

// atMost is the lower of two finer classes.
func (t *translation) atMost(class, limit string) string {
	if class != "" && t.fine.class(class) > t.fine.class(limit) {
		return limit
	}
	return class
}

// category is the finer class of a category of the coarser policy: what the
// finer policy says of it where that means the same to the coarser one; the
// lowest that is high enough where the finer policy says less; else the
// highest that maps to its class.
func (t *translation) category(k *Category) string {
	own, ok := t.fine.Category(k.Name)
	if !ok {
		return t.highest(k.Class)
	}
	switch theirs := t.coarse.class(t.mapping[own.Class]); {
	case theirs == t.coarse.class(k.Class):
		return own.Class
	case theirs > t.coarse.class(k.Class):
		return t.highest(k.Class)
	}
	i := slices.IndexFunc(t.fine.Classes, func(c string) bool { return t.mapping[c] == k.Class })
	return t.fine.Classes[i]
}

// policy translates one policy and everything it is met with.
func (t *translation) policy(p *Policy) *Policy {
	n := *p
	n.Mappings = nil // they speak of classes that are gone
	if len(p.Classes) > 0 {
		n.Classes = slices.Clone(t.fine.Classes)
	}
	n.Categories = slices.Clone(p.Categories)
	for i := range n.Categories {
		k := &n.Categories[i]
		if k.Class != "" {
			k.Class = t.category(k)
			k.Becomes = t.atMost(t.highest(k.Becomes), k.Class)
		} else {
			k.Becomes = t.highest(k.Becomes)
		}
	}
	n.Zones = slices.Clone(p.Zones)
	for i := range n.Zones {
		n.Zones[i].Holds, n.Zones[i].Carries = t.highest(n.Zones[i].Holds), t.highest(n.Zones[i].Carries)
	}
	n.Sinks = slices.Clone(p.Sinks)
	for i := range n.Sinks {
		n.Sinks[i].Ceiling = t.highest(n.Sinks[i].Ceiling)
	}
	n.Types = slices.Clone(p.Types)
	for i := range n.Types {
		n.Types[i].Fields = t.fields(n.Types[i].Fields)
	}
	n.Vet = t.vet(p.Vet)
	n.Routes = slices.Clone(p.Routes)
	for i := range n.Routes {
		n.Routes[i].Rules = t.rules(n.Routes[i].Rules)
	}
	n.Overlays = nil
	for _, o := range p.Overlays {
		n.Overlays = append(n.Overlays, t.policy(o))
	}
	return &n
}

// vet translates the classes that the analyzer is told.
func (t *translation) vet(v *Vet) *Vet {
	if v == nil {
		return nil
	}
	n := *v
	n.Sources = slices.Clone(v.Sources)
	for i := range n.Sources {
		n.Sources[i].Label = t.label(n.Sources[i].Label)
	}
	n.Cleaners = slices.Clone(v.Cleaners)
	for i := range n.Cleaners {
		n.Cleaners[i].As = t.highest(n.Cleaners[i].As)
	}
	return &n
}

// rules writes a rule for a class once for every finer class.
func (t *translation) rules(rules []Rule) []Rule {
	list := make([]Rule, 0, len(rules))
	for _, rule := range rules {
		as := t.highest(rule.As)
		if rule.Category != "" {
			if k, ok := t.coarse.Category(rule.Category); ok {
				rule.As = t.atMost(as, t.category(k))
			}
			list = append(list, rule)
			continue
		}
		for _, c := range t.fine.Classes {
			if t.mapping[c] == rule.Class {
				finer := rule
				finer.Class, finer.As = c, t.atMost(as, c)
				list = append(list, finer)
			}
		}
	}
	return list
}

// fields translates the classes in labels.
func (t *translation) fields(fields []Field) []Field {
	list := slices.Clone(fields)
	for i := range list {
		list[i].Tag = t.label(list[i].Tag)
	}
	return list
}

// label translates the classes in one label.
func (t *translation) label(text string) string {
	tag, _ := classify.ParseTag(text) // the policy was checked
	for j, name := range tag.Names {
		if t.coarse.class(name) != classify.Unknown {
			tag.Names[j] = t.highest(name)
		}
	}
	tag.Class = t.highest(tag.Class)
	return tag.String()
}
