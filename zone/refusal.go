package zone

import (
	"slices"
	"strings"
)

// ReasonCode says what kind of thing is missing, for programs and for the audit
// log.
type ReasonCode string

// The reasons for which a border refuses.
const (
	ReasonRoute     ReasonCode = "route"     // the policy in force has no such route
	ReasonUntil     ReasonCode = "until"     // the route's last day is over
	ReasonPrincipal ReasonCode = "principal" // nobody, or somebody not well-formed, answers for the crossing
	ReasonMFA       ReasonCode = "mfa"       // the principal signed in with one factor
	ReasonPurpose   ReasonCode = "purpose"   // no purpose, or none that the route allows
	ReasonApprovals ReasonCode = "approvals" // too few different people approved
	ReasonLimit     ReasonCode = "limit"     // as many records crossed as the period allows
	ReasonAudit     ReasonCode = "audit"     // the audit log did not take the entry
	ReasonStale     ReasonCode = "stale"     // generated code decides more loosely than the policy in force
	ReasonKeys      ReasonCode = "keys"      // the zone's keys are not here or do not work
	ReasonRecord    ReasonCode = "record"    // the record at hand is not the one the view was made of
	ReasonCancelled ReasonCode = "cancelled" // the context is done
	ReasonEnded     ReasonCode = "ended"     // the crossing is over, or never began
)

// Reason is one thing that is missing and what to do about it.
type Reason struct {
	Code   ReasonCode
	Text   string // what is missing, in one line without a value of any field
	Remedy string // what to do, in one line
}

// RefusalError is why something does not cross. It lists everything that is
// missing, not the first thing only, and never holds a value of a labelled
// field.
type RefusalError struct {
	Route   string // the route's key in the policy
	Type    string // qualified name of the labelled type, where one is concerned
	Clause  string // the clause of the written policy that the route carries out
	Reasons []Reason

	causes []error
}

// Error implements error: route, type, clause, then each reason with its
// remedy.
func (e *RefusalError) Error() string {
	var b strings.Builder
	b.WriteString("zone: ")
	if e.Type != "" {
		b.WriteString(shortType(e.Type) + " on ")
	}
	b.WriteString(e.Route + " refused")
	if e.Clause != "" {
		b.WriteString(" (clause " + e.Clause + ")")
	}
	for i, r := range e.Reasons {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(r.Text)
		if r.Remedy != "" {
			b.WriteString(" (" + r.Remedy + ")")
		}
	}
	return b.String()
}

// Unwrap returns the errors of the audit log, the approval verifier, the keys
// or the context that led to the refusal. None of them ever saw a labelled
// value.
func (e *RefusalError) Unwrap() []error { return e.causes }

// Has reports whether code is among the reasons.
func (e *RefusalError) Has(code ReasonCode) bool {
	return slices.ContainsFunc(e.Reasons, func(r Reason) bool { return r.Code == code })
}

// shortType turns "example.com/app/insured.Insured" into "insured.Insured", as
// a Go programmer writes it.
func shortType(typ string) string { return typ[strings.LastIndexByte(typ, '/')+1:] }

// reasons collects what is missing.
type reasons struct {
	list   []Reason
	causes []error
}

func (r *reasons) add(code ReasonCode, text, remedy string) {
	r.list = append(r.list, Reason{Code: code, Text: text, Remedy: remedy})
}

// fail adds a reason that an error of another part gave.
func (r *reasons) fail(code ReasonCode, text, remedy string, cause error) {
	r.add(code, text+": "+oneLine(cause.Error()), remedy)
	r.causes = append(r.causes, cause)
}

// oneLine keeps a foreign error text from breaking ours into lines.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
