// Package stale finds generated code that is older than the labels or the policy
// it was made from, that is missing, or that was changed by hand. [About] is its
// manual page.
//
// # How it looks
//
// Generated code declares what was decided about each field on each road: a
// zone.NewTransit with one zone.Decision a field. The check decides again, by
// the labels as they stand now and by the policy in sight, and reports at the
// field whose decision differs. So it says what is stale and how, and it reads
// nothing but the package and the policy, which reaches it through the zones
// package: the cache of the go command stays right. Methods that lead to zones
// are compared with the routes of the policy, and the digest in the header of a
// generated file with what follows it.
//
// That the zones package itself is older than sekisho.yaml cannot be seen from
// inside the go command; "sekisho vet" and "sekisho gen -check" look there.
//
// # Known misses
//
//   - Fields that hold records, sealed values or tokens: their decisions are
//     those of the records, and what they were sealed from.
//   - Types that only the policy labels.
//   - Which function masks or generalises where the function was named in the
//     tag of the field.
package stale

import "github.com/sekisho-go/sekisho/gen/zonevet/internal/check"

// About is the manual page of the check.
var About = &check.Check{
	ID:       "ZN5001",
	Name:     "stale",
	Title:    "generated code is what the labels and the policy say now",
	Severity: check.Error,
	Why: "Crossings decide when they are generated, not when they run. A field that was labelled higher afterwards still crosses as it was " +
		"labelled then; a rule that became stricter is not in the code. At run time a border refuses decisions that are looser than its own " +
		"policy, so the first to notice would be the people who wait for the transfer.",
	Bad: `
// The number was labelled public when ToLab was generated.
type Visit struct {
	zone.Home[zones.Ward]
	Number string ` + "`classify:\"number,id\"`" + `
	City   string ` + "`classify:\"public\"`" + `
}
`,
	Good: `
// The code beside it was generated from these labels.
type Visit struct {
	zone.Home[zones.Ward]
	Number string ` + "`classify:\"number,id\"`" + `
	City   string ` + "`classify:\"public\"`" + `
}
`,
	Remedy: "Run: sekisho gen ./...",
	Allow: "There is nothing to allow while the command can be run. In a branch that waits for a review of its policy:\n\n" +
		"\t//zone:allow stale regenerated with the policy of 2026-04, which is in review",
}
