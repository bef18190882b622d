// Package literal finds identifiers in source and fixtures that look real. [About]
// is its manual page.
//
// # How it looks
//
// The policy says which categories have a check (check: jp.individual-number).
// A run of digits in a string, a number or a comment is found when the check of
// a category accepts it and a word near it says that it is one: a word in the
// same text, in the name of the variable, field, key or function that it is
// given to, or in a comment on its line or right above. Both are needed: of
// random numbers every tenth passes a check. Numbers of payment cards are looked
// for where the policy has a category for them, by Luhn's sum and the leading
// digit.
//
// Quiet are the numbers that everybody uses as examples (examples.txt), repeated
// digits, and what a word near says is made up (the line "made-up" of words.txt).
// Words are Japanese, romaji and English, as data in words.txt. Test files are
// looked at first of all, unless the policy says vet: {tests: {literal: false}}.
//
// What a message shows is the category, never the number.
//
// # Known misses
//
//   - Checks that are the policy's own functions: the analyzer cannot run them.
//   - Numbers that are put together from parts, and numbers without a check.
//   - Files beside the source, such as those in testdata: the go command's cache
//     does not know of them, so a finding would come and go.
package literal

import "github.com/sekisho-go/sekisho/gen/zonevet/internal/check"

// About is the manual page of the check.
var About = &check.Check{
	ID:       "ZN6001",
	Name:     "literal",
	Title:    "identifiers in source and fixtures are made up",
	Severity: check.Warning,
	CWE:      "CWE-540",
	Why: "Source is copied to places where the data may not be: every developer's machine, the contractor's, the build servers, backups without end. " +
		"A number that was taken from a real record for a test has left its zone for good, and nobody decided that it may.",
	Bad: `
// individualNumber is that of the person who reported the error.
const individualNumber = "2468-1357-9021"
`,
	Good: `
// individualNumber is an example that is nobody's.
const individualNumber = "1234-5678-9018"
`,
	Remedy: "Use a number that everybody uses as an example, or make one up and say so. If it was somebody's, treat its having been here as an incident.",
	Allow:  "Allow a number that is known to be nobody's:\n\n\t//zone:allow literal the vector of the specification, chapter 4",
}
