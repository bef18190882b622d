package labels

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Policy is a policy in force, as the analyzer sees it.
type Policy struct {
	*policy.Policy
	Path string // import path of the zones package; "" of one that a flag gave

	json  string
	zones map[string]string // Go name to name
	types map[string]map[string]classify.Tag
}

// newPolicy decodes a compiled policy.
func newPolicy(path, json string) (*Policy, error) {
	decoded, err := policy.Decode([]byte(json))
	if err != nil {
		return nil, fmt.Errorf("the policy of %s cannot be read, regenerate it with this version of sekisho: %w", path, err)
	}
	p := &Policy{Policy: decoded, Path: path, json: json, zones: map[string]string{}, types: map[string]map[string]classify.Tag{}}
	for i := range decoded.Zones {
		p.zones[decoded.Zones[i].Go] = decoded.Zones[i].Name
	}
	for _, t := range decoded.LabelledTypes() {
		tags := map[string]classify.Tag{}
		for _, f := range t.Fields {
			if tag, err := classify.ParseTag(f.Tag); err == nil {
				tags[f.Name] = tag
			}
		}
		p.types[t.Name] = tags
	}
	return p, nil
}

// zoneName is the zone of a Go type; the type's name in small letters where
// the policy has none such, so that there is something to say.
func (p *Policy) zoneName(goName string) string {
	if name, ok := p.zones[goName]; ok {
		return name
	}
	return strings.ToLower(goName)
}

// resolve makes a label of a tag. A tag that the policy does not know gets the
// highest class: the check labels and the generator report it, and until it is
// mended nothing gets out.
func (p *Policy) resolve(tag classify.Tag) *Label {
	scale := p.Scale()
	l, err := p.Resolve(tag)
	if err != nil {
		l = classify.Label{Class: scale.Highest(), Categories: slices.Sorted(slices.Values(tag.Names))}
	}
	return &Label{Policy: p, Class: scale.Name(l.Class), Level: l.Class, Categories: l.Categories}
}

// Ceiling is the highest class that a sink may show: what the policy says of
// it, and the lowest class where it says nothing. Tests are the exception: the
// records they print are made up, so they have no ceiling unless the policy
// gives them one.
func (p *Policy) Ceiling(sink string) (class string, level classify.Level) {
	scale := p.Scale()
	if sink == "test" && !p.names(sink) {
		return scale.Name(scale.Highest()), scale.Highest()
	}
	class, _ = p.SinkCeiling(sink)
	level, _ = scale.Level(class)
	return class, level
}

// names reports whether the policy, or one it is met with, mentions a sink.
func (p *Policy) names(sink string) bool {
	var in func(q *policy.Policy) bool
	in = func(q *policy.Policy) bool {
		return slices.ContainsFunc(q.Sinks, func(s policy.Sink) bool { return s.Name == sink }) ||
			slices.ContainsFunc(q.Overlays, func(o *policy.Policy) bool { return o != nil && in(o) })
	}
	return in(p.Policy)
}

// CategoryOfCheck returns the label of the category whose values a function of
// a package checks, such as ParseIndividualNumber of classify/jp: what a closed
// identifier is that stands in no labelled field. It is nil where no policy in
// sight has one.
func (i *Info) CategoryOfCheck(pkgPath, function, of string) *Label {
	for _, p := range i.Policies {
		for k := range p.Categories {
			c := &p.Categories[k]
			if pkg, name, err := classify.CheckName(c.Check); err == nil && pkg == pkgPath && name == function {
				l := p.resolve(classify.Tag{Names: []string{c.Name}})
				l.Of = of
				return l
			}
		}
	}
	return nil
}

// LabelOf makes the label that the policy at an index of Policies gives to the
// data of a function, or nil when the tag cannot be read.
func (i *Info) LabelOf(index int, tag, zone, of string) *Label {
	if index >= len(i.Policies) {
		return nil
	}
	parsed, err := classify.ParseTag(tag)
	if err != nil {
		return nil
	}
	l := i.Policies[index].resolve(parsed)
	l.Zone, l.Of, l.Token = zone, of, parsed.Token
	return l
}

// Vet is what the policies in sight say of the work of the analyzer: the largest
// of their budgets, and whether one of them is strict.
func (i *Info) Vet() (budgets policy.VetBudgets, strict bool) {
	for _, p := range i.Policies {
		v := p.VetInForce()
		budgets.Function = max(budgets.Function, v.Budgets.Function)
		budgets.Package = max(budgets.Package, v.Budgets.Package)
		strict = strict || v.Strict.On
	}
	return budgets, strict
}
