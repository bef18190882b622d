package policyfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/zone/policy"

	"github.com/sekisho-go/sekisho/internal/nearest"
)

// merge lays the files of a chain over one another, the first at the bottom.
// Each takes away what it removes, and then its entries replace the entries of
// the same name whole: an entry is always written in one place.
func (r *reader) merge(chain []*file) *policy.Policy {
	p := new(policy.Policy)
	for _, f := range chain {
		r.removeFrom(p, f)
		layOver(p, f)
	}
	return p
}

// layOver puts what f says over p.
func layOver(p *policy.Policy, f *file) {
	p.Format = f.Format
	// Each file says for itself who it is: two organisations that begin with the
	// same preset must not look alike in the audit log.
	p.Name, p.Edition, p.Overlay = f.Name, f.Edition, f.Overlay
	p.Go.Zones = cmp.Or(f.Go.Zones, p.Go.Zones)
	replaceList(&p.Classes, f.Classes)
	replaceList(&p.Integrity, f.Integrity)
	replaceList(&p.Availability, f.Availability)
	replace(&p.Categories, f.Categories, func(v policy.Category) string { return v.Name })
	replace(&p.Zones, f.Zones, func(v policy.Zone) string { return v.Name })
	replace(&p.Purposes, f.Purposes, func(v policy.Purpose) string { return v.Name })
	replace(&p.Routes, f.Routes, func(v policy.Route) roadKey { return roadKey{v.From, v.To, v.Name} })
	replace(&p.Closed, f.Closed, func(v policy.Closed) roadKey { return roadKey{v.From, v.To, ""} })
	replace(&p.Sinks, f.Sinks, func(v policy.Sink) string { return v.Name })
	replace(&p.Types, f.Types, func(v policy.Type) string { return v.Name })
	replace(&p.Mappings, f.Mappings, func(v policy.Mapping) string { return v.Scheme })
	layAlgorithms(p, f.Algorithms)
	layKeys(p, f.Keys)
	layVet(p, f.Vet)
}

// layAlgorithms puts what a file says of algorithms over p: the source as a
// whole, a period in the place of that for as many bits, an algorithm in the
// place of the one of its name.
func layAlgorithms(p *policy.Policy, by *policy.Algorithms) {
	if by == nil {
		return
	}
	laid := policy.Algorithms{}
	if p.Algorithms != nil {
		laid = *p.Algorithms
	}
	laid.Source, laid.Pos = cmp.Or(by.Source, laid.Source), by.Pos
	replace(&laid.Strength, by.Strength, func(v policy.Strength) int { return v.Bits })
	replace(&laid.Listed, by.Listed, func(v policy.Algorithm) string { return v.Name })
	p.Algorithms = &laid
}

// layKeys puts what a file says of keys over p, the periods of a use in the
// place of those of the same use.
func layKeys(p *policy.Policy, by *policy.Keys) {
	if by == nil {
		return
	}
	laid := policy.Keys{}
	if p.Keys != nil {
		laid = *p.Keys
	}
	laid.Box, laid.Pos = cmp.Or(by.Box, laid.Box), by.Pos
	replace(&laid.Periods, by.Periods, func(v policy.Period) string { return v.Use })
	p.Keys = &laid
}

// layVet puts what a file tells the analyzer over p. What a file says of a
// function, in a list, takes the place of all that was said of it there.
func layVet(p *policy.Policy, by *policy.Vet) {
	if by == nil {
		return
	}
	laid := policy.Vet{}
	if p.Vet != nil {
		laid = *p.Vet
	}
	supersede(&laid.Sources, by.Sources, func(v policy.VetSource) policy.Callee { return v.Callee })
	supersede(&laid.Sinks, by.Sinks, func(v policy.VetSink) policy.Callee { return v.Callee })
	supersede(&laid.Propagators, by.Propagators, func(v policy.VetPropagator) policy.Callee { return v.Callee })
	supersede(&laid.Cleaners, by.Cleaners, func(v policy.VetCleaner) policy.Callee { return v.Callee })
	laid.Tests.Leak, laid.Tests.Literal = cmp.Or(by.Tests.Leak, laid.Tests.Leak), cmp.Or(by.Tests.Literal, laid.Tests.Literal)
	laid.Strict = cmp.Or(by.Strict, laid.Strict)
	if by.Budgets.Function > 0 || by.Budgets.Package > 0 {
		laid.Budgets = policy.VetBudgets{Function: cmp.Or(by.Budgets.Function, laid.Budgets.Function), Package: cmp.Or(by.Budgets.Package, laid.Budgets.Package), Pos: by.Budgets.Pos}
	}
	p.Vet = &laid
}

// supersede takes away all entries with a key that new ones have, and puts
// these behind the rest.
func supersede[E any, K comparable](to *[]E, by []E, key func(E) K) {
	rest := slices.DeleteFunc(slices.Clone(*to), func(old E) bool {
		return slices.ContainsFunc(by, func(e E) bool { return key(e) == key(old) })
	})
	*to = append(rest, by...)
}

// removeVet takes away what the analyzer is told of functions.
func (r *reader) removeVet(p *policy.Policy, f *file) {
	if len(f.remove.vet) == 0 {
		return
	}
	laid := policy.Vet{}
	if p.Vet != nil {
		laid = *p.Vet
	}
	for _, name := range f.remove.vet {
		before := laid
		without(&laid.Sources, func(v policy.VetSource) bool { return v.Callee.String() == name.name })
		without(&laid.Sinks, func(v policy.VetSink) bool { return v.Callee.String() == name.name })
		without(&laid.Propagators, func(v policy.VetPropagator) bool { return v.Callee.String() == name.name })
		without(&laid.Cleaners, func(v policy.VetCleaner) bool { return v.Callee.String() == name.name })
		if count(before) == count(laid) {
			r.report(f, name, fmt.Sprintf("the analyzer is told nothing of %s that is inherited", quote(name.name)), "remove the entry, or write package, receiver and function as the inherited entry has them: example.com/app/db.Store.Load")
		}
	}
	p.Vet = &laid
}

func without[E any](from *[]E, gone func(E) bool) {
	*from = slices.DeleteFunc(slices.Clone(*from), gone)
}

func count(v policy.Vet) int {
	return len(v.Sources) + len(v.Sinks) + len(v.Propagators) + len(v.Cleaners)
}

// roadKey is what makes two routes the same.
type roadKey struct{ from, to, name string }

func (k roadKey) String() string {
	if k.name == "" {
		return k.from + "→" + k.to
	}
	return fmt.Sprintf("%s→%s (%s)", k.from, k.to, k.name)
}

// replaceList replaces a list as a whole, if there is something to replace it.
func replaceList(to *[]string, by []string) {
	if len(by) > 0 {
		*to = slices.Clone(by)
	}
}

// replace puts each entry in the place of the one with the same key, or at the
// end. Entries of one file are never put over one another: two of the same key
// stay two, for Check to complain about.
func replace[E any, K comparable](to *[]E, by []E, key func(E) K) {
	inherited := slices.Clone(*to)
	result := slices.Clone(*to)
	used := make(map[int]bool)
	for _, e := range by {
		i := slices.IndexFunc(inherited, func(old E) bool { return key(old) == key(e) })
		if i < 0 || used[i] {
			result = append(result, e)
			continue
		}
		result[i], used[i] = e, true
	}
	*to = result
}

// removeFrom takes away what f does not want of what it inherits.
func (r *reader) removeFrom(p *policy.Policy, f *file) {
	m := &f.remove
	zoneGone := make(map[string]bool)
	for _, name := range m.zones {
		zoneGone[name.name] = true
	}
	takeNames(r, f, "zone", m.zones, &p.Zones, func(v policy.Zone) string { return v.Name })
	takeNames(r, f, "category", m.categories, &p.Categories, func(v policy.Category) string { return v.Name })
	takeNames(r, f, "purpose", m.purposes, &p.Purposes, func(v policy.Purpose) string { return v.Name })
	takeNames(r, f, "sink", m.sinks, &p.Sinks, func(v policy.Sink) string { return v.Name })
	takeNames(r, f, "type", m.types, &p.Types, func(v policy.Type) string { return v.Name })
	takeNames(r, f, "mapping", m.mappings, &p.Mappings, func(v policy.Mapping) string { return v.Scheme })
	layAlgorithms(p, p.Algorithms) // a copy: the list still belongs to the file that it was read from
	var none []policy.Algorithm
	algorithms := &none
	if p.Algorithms != nil {
		algorithms = &p.Algorithms.Listed
	}
	takeNames(r, f, "algorithm", m.algorithms, algorithms, func(v policy.Algorithm) string { return v.Name })
	r.removeVet(p, f)
	take(r, f, "route", m.routes, &p.Routes, func(v policy.Route) roadKey { return roadKey{v.From, v.To, v.Name} })
	take(r, f, "closed road", m.closed, &p.Closed, func(v policy.Closed) roadKey { return roadKey{v.From, v.To, ""} })
	p.Routes = slices.DeleteFunc(p.Routes, func(v policy.Route) bool { return zoneGone[v.From] || zoneGone[v.To] })
	p.Closed = slices.DeleteFunc(p.Closed, func(v policy.Closed) bool { return zoneGone[v.From] || zoneGone[v.To] })
}

// takeNames takes away entries that are known by a name.
func takeNames[E any](r *reader, f *file, noun string, names []ref, from *[]E, key func(E) string) {
	for _, name := range names {
		i := slices.IndexFunc(*from, func(e E) bool { return key(e) == name.name })
		if i >= 0 {
			*from = slices.Delete(*from, i, i+1)
			continue
		}
		var known []string
		for _, e := range *from {
			known = append(known, key(e))
		}
		remedy := fmt.Sprintf("remove the entry; nothing that this file extends has %s of that name", article(noun))
		if meant := nearest.Word(name.name, known); meant != "" {
			remedy = fmt.Sprintf("did you mean %q?", meant)
		}
		r.report(f, name, fmt.Sprintf("there is no inherited %s %s to remove", noun, quote(name.name)), remedy)
	}
}

// article puts the indefinite article before a noun of the policy.
func article(noun string) string {
	if strings.HasPrefix(noun, "a") {
		return "an " + noun
	}
	return "a " + noun
}

// take takes away roads.
func take[E any](r *reader, f *file, noun string, roads []roadRef, from *[]E, key func(E) roadKey) {
	for _, road := range roads {
		want := roadKey{road.from, road.to, road.name}
		i := slices.IndexFunc(*from, func(e E) bool { return key(e) == want })
		if i >= 0 {
			*from = slices.Delete(*from, i, i+1)
			continue
		}
		var known []string
		for _, e := range *from {
			known = append(known, key(e).String())
		}
		remedy := "remove the entry; nothing is inherited that it could mean"
		if known != nil {
			remedy = "inherited are " + strings.Join(known, ", ")
		}
		r.report(f, ref{at: mark{pos: road.pos}}, fmt.Sprintf("there is no inherited %s %s to remove", noun, want), remedy)
	}
}

// complete fills in what follows from the rest and brings the lists whose
// order means nothing into the order of their names.
func complete(p *policy.Policy) {
	for i := range p.Zones {
		if z := &p.Zones[i]; z.Go == "" && !p.Overlay {
			z.Go = camel(z.Name)
		}
	}
	byName(p.Categories, func(v policy.Category) string { return v.Name })
	byName(p.Purposes, func(v policy.Purpose) string { return v.Name })
	byName(p.Sinks, func(v policy.Sink) string { return v.Name })
	byName(p.Types, func(v policy.Type) string { return v.Name })
	for _, t := range p.Types {
		byName(t.Fields, func(v policy.Field) string { return v.Name })
	}
	byName(p.Mappings, func(v policy.Mapping) string { return v.Scheme })
	if p.Algorithms != nil {
		byName(p.Algorithms.Listed, func(v policy.Algorithm) string { return v.Name })
	}
	if p.Keys != nil {
		byName(p.Keys.Periods, func(v policy.Period) string { return v.Use })
	}
}

func byName[E any](list []E, key func(E) string) {
	slices.SortStableFunc(list, func(a, b E) int { return strings.Compare(key(a), key(b)) })
}

// camel turns card-data into CardData.
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
