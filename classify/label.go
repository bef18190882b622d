package classify

import "slices"

// Label says how a datum is classified: a level on each of the three axes of
// a policy, and what the datum is. The zero Label is that of no data at all:
// joining it changes nothing.
//
// A Level that is [Unknown] ranks below all others, so a Label must be
// complete before anything is decided by it.
type Label struct {
	Class        Level    // confidentiality, on the policy's class scale
	Integrity    Level    // on the policy's integrity scale
	Availability Level    // on the policy's availability scale
	Categories   []string // sorted, each once
}

// Join returns the label of l and m kept together: the highest level on each
// axis and the categories of both, sorted. Join is commutative, associative
// and idempotent, and its result is at least l and at least m.
//
// That a set takes the highest class of its members is what written policies
// say of files, media and systems that hold data of several classes.
func (l Label) Join(m Label) Label {
	return Label{
		Class:        max(l.Class, m.Class),
		Integrity:    max(l.Integrity, m.Integrity),
		Availability: max(l.Availability, m.Availability),
		Categories:   union(l.Categories, m.Categories),
	}
}

// AtLeast reports whether l ranks no lower than m on every axis and has all
// of its categories. It is a partial order: of two labels neither may be at
// least the other.
func (l Label) AtLeast(m Label) bool {
	if l.Class < m.Class || l.Integrity < m.Integrity || l.Availability < m.Availability {
		return false
	}
	for _, c := range m.Categories {
		if !slices.Contains(l.Categories, c) {
			return false
		}
	}
	return true
}

// Equal reports whether l and m are the same on every axis and have the same
// set of categories, in whatever order.
func (l Label) Equal(m Label) bool { return l.AtLeast(m) && m.AtLeast(l) }

// union returns the members of a and b, sorted, each once; nil when there are
// none. It never aliases its arguments.
func union(a, b []string) []string {
	if len(a)+len(b) == 0 {
		return nil
	}
	u := slices.Concat(a, b)
	slices.Sort(u)
	return slices.Compact(u)
}
