// Package labels finds labels that are missing, that mean nothing or less than
// they should, and methods that stand where generated ones will. [About] is its
// manual page. It is the generator's first half in the editor: whoever vets on
// saving sees there what "sekisho gen" would refuse.
//
// # How it looks
//
// Tags and directives are read by the one parser of all tools, and their names
// are resolved by the policy in sight. A struct is looked at when it embeds
// zone.Home, has a classify tag, or is defined as a type that has a label. What
// the policy labels (types:) is compared with the packages that are at hand.
//
// # Known misses
//
//   - What depends on the whole module is the generator's to find: options that
//     do not fit the type of a field, records of other zones, clashes of views.
//   - An entry of types: about a package that nobody imports.
package labels

import "github.com/sekisho-go/sekisho/gen/zonevet/internal/check"

// About is the manual page of the check.
var About = &check.Check{
	ID:       "ZN4001",
	Name:     "labels",
	Title:    "every field of a labelled type has a label that the policy knows",
	Severity: check.Error,
	Why: "All else follows from labels: which fields stay, what is masked, what the other checks look for. A field without one would have to be " +
		"given a default, and any default is wrong for somebody's data. A name that the policy does not know decides nothing; a type that is " +
		"defined as a labelled one and has no label of its own is a way out for the data.",
	Bad: `
type Insured struct {
	zone.Home[zones.Ward]
	Number string ` + "`classify:\"numbr,id\"`" + `
	Phone  string
}
`,
	Good: `
type Insured struct {
	zone.Home[zones.Ward]
	Number string ` + "`classify:\"number,id\"`" + `
	Phone  string ` + "`classify:\"secret\"`" + `
}
`,
	Remedy: "Say what the field is: a category of the policy where there is one, else a class.",
	Allow: "What is not labelled cannot be generated, so there is little to allow: a type that mirrors a labelled one for a while.\n\n" +
		"\t//zone:allow labels the old form of the type, gone with the migration of 2026-04",
}
