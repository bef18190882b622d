// Package placement finds packages of one zone that handle data or keys of
// another. [About] is its manual page.
//
// # How it looks
//
// A package says of which zone it is by the directive zone:package above its
// package clause; one that says nothing may handle anything. In a package of a
// zone every expression is asked for its type, so a value of another zone is
// seen however it came: by an alias, by a function of a third package, out of a
// map. Two things of other zones are at home all the same: the views into which
// the zone's own records cross on a road that leaves it, and public keys.
//
// A package exports its zone as a fact. Importing a package of another zone is
// found where there is nothing in it for the importer: no labelled type of the
// importer's zone. (The views of a zone stand beside the records of another.)
//
// Tests are left alone: they play all parts.
//
// # Known misses
//
//   - Values that an interface or a type parameter hides.
package placement

import "github.com/sekisho-go/sekisho/gen/zonevet/internal/check"

// About is the manual page of the check.
var About = &check.Check{
	ID:       "ZN3001",
	Name:     "placement",
	Title:    "a package of one zone handles the data and keys of that zone",
	Severity: check.Error,
	CWE:      "CWE-653",
	Why: "What is compiled into a program of a zone can be called there. The separation of zones is worth as much as the separation of the programs " +
		"in them: a front end that links the records and the keys of the inner zone needs one mistake to show them.",
	Bad: `
//zone:package lab
package lab

import "example.com/app/insured"

func list(people []*insured.Person) int {
	return len(people)
}
`,
	Good: `
//zone:package lab
package lab

import "example.com/app/insured"

func list(people []*insured.PersonLab) int {
	return len(people)
}
`,
	Remedy: "Use the view of the record in the package's own zone, and move what needs the other zone into a package of that zone.",
	Allow:  "Allow it in a package that joins two zones in one process, and say who decided that:\n\n\t//zone:allow placement the appliance runs both sides, decision 12 of the board",
}
