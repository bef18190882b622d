// Package forge finds values that claim to have crossed and did not: views and
// homes that hand-written code builds, and ways around the closed types. [About]
// is its manual page.
//
// # How it looks
//
// A view is a labelled struct that the generator declared: its type stands in
// zone_gen.go. Such a value comes out of a crossing or a parcel, and out of
// nothing else. Found are literals, new, conversions, variables that are filled
// by hand or by a decoder, reflection that makes or opens one, type parameters
// that make one out of nothing, types that are defined as one or embed one, and
// unsafe pointers to labelled and closed values. Literals, conversions and
// variables of zone.Home are found, too. Functions that teach an encoder another
// form of a labelled type (json.MarshalFunc for json.WithMarshalers, and the
// like) are found for every labelled and closed type.
//
// Generated files and tests are left alone. A zero view beside an error
// (return PersonLab{}, err) is what one returns in place of nothing, and quiet.
//
// # Known misses
//
//   - A view that came over a road and whose fields are overwritten afterwards.
//   - Reflection by a type that was computed somewhere else.
//   - A file of another package that is called zone_gen.go and was written by
//     hand: in its own package the check stale finds it.
package forge

import "github.com/sekisho-go/sekisho/gen/zonevet/internal/check"

// About is the manual page of the check.
var About = &check.Check{
	ID:       "ZN2001",
	Name:     "forge",
	Title:    "views and homes come from crossings, not from hands",
	Severity: check.Error,
	CWE:      "CWE-501",
	Why: "A view is the proof that a record took a road: every field was decided, the crossing counted it, and the audit log has it. An endpoint of " +
		"the far zone takes it for that reason. A view that was put together by hand has the type and none of the rest: it carries whatever " +
		"its maker put in, past the policy, the limits and the log.",
	Bad: `
func shortcut(p *insured.Person) *insured.PersonLab {
	return &insured.PersonLab{Name: p.Name, City: p.City}
}
`,
	Good: `
func crossed(x *zone.Crossing[zones.WardToLab], p *insured.Person) (*insured.PersonLab, error) {
	return p.ToLab(x)
}
`,
	Remedy: "Let the record cross by its generated method, or take the view out of a parcel. To keep a view in a database, keep the parcel, or the " +
		"columns of a hand-written labelled type of that zone.",
	Allow: "Allow one in a tool that moves stored views from one form to another and is itself part of the zone:\n\n\t//zone:allow forge moves views that crossed before the change of 2025-11",
}
