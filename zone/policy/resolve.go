package policy

import (
	"fmt"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
)

// Resolve turns what a developer wrote on a field into a label. Each name is
// a category or a class; the class of the label is the highest of all of
// them, and so are its levels of integrity and availability (the lowest level
// where nothing is said). The options class=, integrity= and availability=
// may only raise. The one exception is a field that holds a token: class= may
// then name what a token rule of the policy brings it down to.
//
// The error is a *Problem without position: the caller knows where the tag
// stands.
func (p *Policy) Resolve(t classify.Tag) (classify.Label, error) {
	l := classify.Label{Integrity: 1, Availability: 1}
	if len(t.Names) == 0 {
		return classify.Label{}, tagProblem("the label names no category and no class", "name at least one")
	}
	for _, name := range t.Names {
		named, err := p.resolveName(name)
		if err != nil {
			return classify.Label{}, err
		}
		l = l.Join(named)
	}
	if t.Action == classify.ActionPass {
		return classify.Label{}, tagProblem("action=pass tightens nothing", "leave the option out; only the policy lets a value pass")
	}
	raise := func(option, value string, names []string, level *classify.Level) error {
		if value == "" {
			return nil
		}
		named := levelIn(names, value)
		switch {
		case named == classify.Unknown:
			return tagProblem(fmt.Sprintf("%s=%s does not exist", option, value), suggest(value, names, "a level"))
		case named < *level && !(option == "class" && t.Token && p.tokensAs(t.Names, named)):
			return tagProblem(fmt.Sprintf("%s=%s is lower than %s, which the names imply", option, value, names[*level-1]),
				"an option may only tighten: leave it out, or change the policy")
		}
		*level = named
		return nil
	}
	for _, err := range []error{
		raise("class", t.Class, p.Classes, &l.Class),
		raise("integrity", t.Integrity, p.integrity(), &l.Integrity),
		raise("availability", t.Availability, p.availability(), &l.Availability),
	} {
		if err != nil {
			return classify.Label{}, err
		}
	}
	return l, nil
}

// resolveName is the label of one category or class.
func (p *Policy) resolveName(name string) (classify.Label, error) {
	if c, ok := p.Category(name); ok {
		l := classify.Label{
			Class:        p.class(c.Class),
			Integrity:    max(1, levelIn(p.integrity(), c.Integrity)),
			Availability: max(1, levelIn(p.availability(), c.Availability)),
			Categories:   []string{name},
		}
		if l.Class == classify.Unknown {
			return l, tagProblem(fmt.Sprintf("category %q has no class", name), "give the category a class in the policy")
		}
		return l, nil
	}
	if level := p.class(name); level != classify.Unknown {
		return classify.Label{Class: level}, nil
	}
	known := slices.Clone(p.Classes)
	for _, q := range p.parts() {
		for i := range q.Categories {
			known = append(known, q.Categories[i].Name)
		}
	}
	slices.Sort(known)
	return classify.Label{}, tagProblem(fmt.Sprintf("the policy has neither a category nor a class %q", name),
		suggest(name, slices.Compact(known), "category"))
}

// tokensAs reports whether a token rule that can match one of the names brings
// it down to the class or lower. It is what makes a generated token field of a
// lower class than its category honest.
func (p *Policy) tokensAs(names []string, class classify.Level) bool {
	for _, q := range p.parts() {
		for i := range q.Routes {
			for j := range q.Routes[i].Rules {
				rule := &q.Routes[i].Rules[j]
				if rule.Action != classify.ActionToken || rule.As == "" || p.class(rule.As) > class {
					continue
				}
				if rule.Class != "" || slices.Contains(names, rule.Category) {
					return true
				}
			}
		}
	}
	return false
}

func tagProblem(msg, remedy string) error { return &Problem{Msg: msg, Remedy: remedy} }
