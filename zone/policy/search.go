package policy

import (
	"fmt"

	"github.com/sekisho-go/sekisho/classify"
)

// An IndexError says why no search index may be made of a field.
type IndexError struct {
	Category string // the category that forbids it; empty when the label itself is wrong
	By       string // name of the policy or overlay that says so
	Clause   string // of the rule that keeps the category from travelling, where one is cited
	Pos      Pos    // of the category
	Why      string // one line for people
	Remedy   string // what to do about it
}

// Error gives one line: why, by which clause, what to do.
func (e *IndexError) Error() string {
	if e.Clause != "" {
		return fmt.Sprintf("policy: %s [%s]: %s", e.Why, e.Clause, e.Remedy)
	}
	return fmt.Sprintf("policy: %s: %s", e.Why, e.Remedy)
}

// MayIndex reports whether a search index may be made of a field with a label,
// by the policy and everything it is met with: a keyed value beside a sealed
// column by which equal values are found. The error is an [*IndexError].
//
// It may not where a category stays in a zone, as nothing is derived from it;
// and where a category is guessable, as whoever can query may then try all
// values: the key does not help against the one who may use it. A label
// without categories says nothing of its values, so it forbids nothing.
func (p *Policy) MayIndex(l classify.Label) error {
	if l.Class == classify.Unknown || int(l.Class) > len(p.Classes) {
		return &IndexError{By: p.Name, Why: "the label has no class of this policy", Remedy: "resolve the label by the policy that is asked"}
	}
	for _, name := range l.Categories {
		if _, ok := p.Category(name); !ok {
			return &IndexError{Category: name, By: p.Name, Why: fmt.Sprintf("the policy has no category %q", name), Remedy: "add it to the policy"}
		}
	}
	for _, part := range p.parts() {
		for _, name := range l.Categories {
			if k := part.ownCategory(name); k != nil && k.Stays != "" {
				return &IndexError{Category: name, By: part.Name, Clause: part.keepingClause(name), Pos: k.Pos,
					Why:    fmt.Sprintf("category %q stays in %s, and an index is derived from it", name, k.Stays),
					Remedy: "take the index option away, and search by something else"}
			}
		}
	}
	for _, part := range p.parts() {
		for _, name := range l.Categories {
			if k := part.ownCategory(name); k != nil && k.Guessable {
				return &IndexError{Category: name, By: part.Name, Pos: k.Pos,
					Why:    fmt.Sprintf("category %q is guessable: whoever can query an index of it may try all values", name),
					Remedy: "take the index option away, and search by something else"}
			}
		}
	}
	return nil
}

// keepingClause is the clause of the first rule that drops or refuses a
// category.
func (p *Policy) keepingClause(category string) string {
	for i := range p.Routes {
		for _, rule := range p.Routes[i].Rules {
			if rule.Category == category && rule.Action >= classify.ActionDrop && rule.Clause != "" {
				return rule.Clause
			}
		}
	}
	return ""
}
