// Package crossing finds crossings that nobody ends, errors of crossings that
// nobody looks at, and evidence that the program made up. [About] is its manual
// page.
//
// # How it looks
//
// A crossing begins where a call returns a *zone.Crossing: zone.Cross, or a
// function around it. Whoever has it in a variable ends it, on every way from
// there to the end of the function, by Commit or Abort (deferred or not), or
// hands it over: returns it, stores it, gives it to a function that may end it.
// The generated methods never end one. The way on which the error of the begin
// was not nil is left out, for there the crossing is nil.
//
// Errors are those of zone.Cross, Commit and everything that a *zone.Crossing is
// given to. One is dropped when it goes to the blank identifier, when the call
// is a statement of its own, deferred or started as a goroutine, and when no way
// reads the variable before the next value comes into it.
//
// Files of tests are left alone: a test ends what it wants to look at.
//
// # Known misses
//
//   - A crossing in a struct field or a package variable is taken as handed over.
//   - Whether the function that a crossing is handed to ends it is not followed.
//   - A crossing that a closure mentions is taken as ended by it.
//   - A result that is used behind a condition that does not mention the error
//     is not followed through that condition.
package crossing

import "github.com/sekisho-go/sekisho/gen/zonevet/internal/check"

// About is the manual page of the check.
var About = &check.Check{
	ID:       "ZN2101",
	Name:     "crossing",
	Title:    "crossings are ended, their errors looked at, and their evidence comes from elsewhere",
	Severity: check.Error,
	CWE:      "CWE-252",
	Why: "What leaves a zone leaves it in a crossing, and the audit log has its begin and its end. A crossing that is not ended stays open in the " +
		"log, and the next one will not begin. A view whose error was not looked at may be no view; a Commit whose error was dropped may " +
		"have no entry, and then nobody can show what left. Evidence that the crossing code writes itself says nothing about who asked.",
	Bad: `
func levy(ctx context.Context, b *zone.Border, p *insured.Person) (*insured.PersonLab, error) {
	x, err := zone.Cross[zones.WardToLab](ctx, b)
	if err != nil {
		return nil, err
	}
	view, err := p.ToLab(x)
	if err != nil {
		return nil, err
	}
	x.Commit()
	return view, nil
}
`,
	Good: `
func levy(ctx context.Context, b *zone.Border, p *insured.Person) (*insured.PersonLab, error) {
	x, err := zone.Cross[zones.WardToLab](ctx, b)
	if err != nil {
		return nil, err
	}
	defer x.Abort()
	view, err := p.ToLab(x)
	if err != nil {
		return nil, err
	}
	return view, x.Commit()
}
`,
	Remedy: "Write defer x.Abort() right after the check of zone.Cross's error: after Commit it does nothing. Return the error of Commit, and hand " +
		"over what crossed only when it is nil. Let the code that authenticated the principal put the evidence into the context.",
	Allow: "Allow evidence where the program is the principal, or where it is a demonstration:\n\n\t//zone:allow crossing the demonstration has no sign-in",
}
