package zone

import (
	"context"
	"slices"
)

// Purpose is a reason for which data crosses, by its name in the policy. The
// generated zones package has a constant for each.
type Purpose string

// PrincipalKind says what acts.
type PrincipalKind uint8

// The kinds of principal. The zero kind is invalid.
const (
	PrincipalUnknown PrincipalKind = iota // not said; invalid
	Person                                // a human being who signed in
	Service                               // a program that runs without one
)

// String returns "person", "service" or "unknown".
func (k PrincipalKind) String() string {
	switch k {
	case Person:
		return "person"
	case Service:
		return "service"
	}
	return "unknown"
}

// Principal is who acts. Its ID is written to the audit log, so it is a staff
// or account number, never a name.
type Principal struct {
	ID           string // 1 to 64 printable ASCII characters without blanks
	Organisation string // the same, or empty
	Kind         PrincipalKind
	Roles        []string // each as an ID
}

// maxIdentifier is the longest identifier that evidence may carry, in bytes.
// It keeps free text, and with it personal data, out of the audit log.
const maxIdentifier = 64

// valid reports whether the principal can stand in an audit entry.
func (p Principal) valid() bool {
	return p.known() && identifier(p.ID) &&
		(p.Organisation == "" || identifier(p.Organisation)) &&
		!slices.ContainsFunc(p.Roles, func(r string) bool { return !identifier(r) })
}

func (p Principal) known() bool { return p.Kind == Person || p.Kind == Service }

// absent reports whether no principal was given at all.
func (p Principal) absent() bool {
	return p.ID == "" && p.Organisation == "" && p.Kind == PrincipalUnknown && len(p.Roles) == 0
}

// identifier reports whether s has the form of an identifier: 1 to 64 printable
// ASCII characters, no blanks.
func identifier(s string) bool {
	if s == "" || len(s) > maxIdentifier {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Evidence is what a crossing shows for itself. It travels in the context,
// put there by the code that authenticated the principal (a middleware), not
// by the code that crosses.
type Evidence struct {
	Principal Principal
	MFA       bool // more than one factor was verified at sign-in
	Purpose   Purpose
}

type evidenceKey struct{}

// WithEvidence returns a context that carries e.
func WithEvidence(ctx context.Context, e Evidence) context.Context {
	e.Principal.Roles = slices.Clone(e.Principal.Roles)
	return context.WithValue(ctx, evidenceKey{}, e)
}

// EvidenceFrom returns the evidence that ctx carries, and whether it carries
// any.
func EvidenceFrom(ctx context.Context) (Evidence, bool) {
	e, ok := ctx.Value(evidenceKey{}).(Evidence)
	e.Principal.Roles = slices.Clone(e.Principal.Roles)
	return e, ok
}
