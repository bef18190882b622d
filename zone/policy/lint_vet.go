package policy

import (
	"fmt"
	"slices"
)

// vet finds what the analyzer is told not to see.
func (l *linter) vet() {
	top := l.p.Scale().Highest()
	for _, part := range l.p.parts() {
		for i := range part.Sinks {
			v := &part.Sinks[i]
			if class, _ := l.p.SinkCeiling(v.Name); l.p.class(class) == top && top > 1 {
				l.add(KindBlind, v.Pos, fmt.Sprintf("sinks[%d].ceiling", i), "", fmt.Sprintf("sink %q takes the highest class: the analyzer finds nothing there", v.Name), "lower its ceiling, and allow what must be with //zone:allow, which says why")
			}
		}
		v := part.Vet
		if v == nil {
			continue
		}
		if s := v.Tests.Literal; s != nil && !s.On {
			l.add(KindBlind, s.Pos, "vet.tests.literal", "", "identifiers that look real are not looked for in tests", "leave it on: real ones come into a repository by fixtures first of all")
		}
		for i := range v.Cleaners {
			l.cleaner(part, &v.Cleaners[i], fmt.Sprintf("vet.cleaners[%d]", i))
		}
	}
}

// cleaner looks at one cleaner.
func (l *linter) cleaner(part *Policy, v *VetCleaner, path string) {
	_, tree := v.subtree()
	match, err := v.Matcher()
	switch {
	case tree:
		l.add(KindCleaner, v.Pos, path, "", fmt.Sprintf("the cleaner %s is for packages that are not written yet", v.Callee), "name the packages")
	case err == nil && match(v.Package, v.Receiver, "Q") && match(v.Package, v.Receiver, "zZ9_"):
		l.add(KindCleaner, v.Pos, path, "", fmt.Sprintf("the cleaner %s is for functions of any name", v.Callee), "name the functions")
	}
	for i := range part.Vet.Sources {
		if s := &part.Vet.Sources[i]; s.Callee == v.Callee {
			l.add(KindCleaner, v.Pos, path, "", fmt.Sprintf("%s is a cleaner and a source", v.Callee), "take one of the entries away")
		}
	}
	if slices.ContainsFunc(part.Vet.Propagators, func(s VetPropagator) bool { return s.Callee == v.Callee && len(v.Args) == 0 }) {
		l.add(KindCleaner, v.Pos, path, "", fmt.Sprintf("%s cleans all its arguments and propagates some", v.Callee), "say of which arguments each of the entries is")
	}
}
