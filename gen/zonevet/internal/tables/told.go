package tables

import (
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// tell adds what a policy says of functions.
func (t *Table) tell(index int, v *policy.Vet) error {
	add := func(c policy.Callee, e Effect) error {
		matches, err := c.Matcher()
		if err != nil {
			return err
		}
		e.Policy = index
		t.told = append(t.told, told{c, matches, []Effect{e}})
		return nil
	}
	for i := range v.Sources {
		s := &v.Sources[i]
		if err := add(s.Callee, Effect{Kind: Source, To: target(s.Results, s.Into), Label: s.Label, Zone: s.Zone}); err != nil {
			return err
		}
	}
	for i := range v.Sinks {
		s := &v.Sinks[i]
		if err := add(s.Callee, Effect{Kind: Sink, Class: s.Sink, Zone: s.Zone, From: given(s.Args, false), Mode: modes[s.Reads]}); err != nil {
			return err
		}
	}
	for i := range v.Propagators {
		p := &v.Propagators[i]
		if err := add(p.Callee, Effect{Kind: Flow, From: given(p.Args, true), To: target(p.Results, p.Into), Mode: modes[p.Reads]}); err != nil {
			return err
		}
	}
	for i := range v.Cleaners {
		c := &v.Cleaners[i]
		if err := add(c.Callee, Effect{Kind: Clean, From: given(c.Args, true), To: target(c.Results, c.Into), As: c.As}); err != nil {
			return err
		}
	}
	return nil
}

// given are the arguments of an entry; all of them where it lists none.
func given(list []int, receiver bool) Args {
	switch {
	case len(list) > 0:
		return Args{list: list, from: -1}
	case receiver:
		return Args{list: []int{Receiver}, from: 0}
	}
	return Args{from: 0}
}

// target are the results and arguments that an entry is about; all results
// where it lists none. Arguments are told by Into.
func target(results, into []int) Args {
	switch {
	case len(results) > 0:
		return Args{list: results, from: -1, results: true, into: into}
	case len(into) > 0:
		return Args{from: -1, results: true, into: into}
	}
	return Args{from: 0, results: true, all: true}
}

// Told returns what the policies tell of a function, beside what the rows and
// its body say.
func (t *Table) Told(pkg, receiver, name string) (effects []Effect) {
	for i := range t.told {
		if t.told[i].matches(pkg, receiver, name) {
			effects = append(effects, t.told[i].effects...)
		}
	}
	return effects
}

// Names reports whether a policy names functions of a package, by its path.
func (t *Table) Names(pkg string) bool {
	return slices.ContainsFunc(t.told, func(c told) bool { return c.callee.Package == pkg })
}

// Unmatched lists the entries of the policies for functions of one package, by
// its path, that none of the functions of the package matches. Each function is
// given by receiver and name. Entries for several packages are not among them.
func (t *Table) Unmatched(pkg string, functions [][2]string) (list []policy.Callee) {
	for i := range t.told {
		c := &t.told[i]
		if c.callee.Package != pkg || strings.HasSuffix(pkg, "/...") || slices.Contains(list, c.callee) {
			continue
		}
		if !slices.ContainsFunc(functions, func(f [2]string) bool { return c.matches(pkg, f[0], f[1]) }) {
			list = append(list, c.callee)
		}
	}
	return list
}
