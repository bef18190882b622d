package zone

import (
	"context"
	"time"
)

// Recorder is the audit log of a border. Each method returns once the entry is
// durable, or with an error, upon which the border refuses (fails closed).
//
// Entries carry who, why and how many, never a value of a labelled field.
// A border calls a Recorder from many goroutines at once.
type Recorder interface {
	// Begin takes the entry before the first record crosses.
	Begin(ctx context.Context, e BeginEntry) error
	// End takes the entry when the crossing is over.
	End(ctx context.Context, e EndEntry) error
	// Refuse takes the entry of a crossing that was refused before it began.
	Refuse(ctx context.Context, e RefusalEntry) error
}

// BeginEntry says that a crossing begins.
type BeginEntry struct {
	ID        string // of the crossing; random, unique
	At        time.Time
	Policy    string
	Digest    string // of the policy in force, overlays included
	Route     string // the route's key in the policy
	From, To  string
	Clause    string
	Principal Principal
	MFA       bool
	Purpose   Purpose
	Approvers []string // who approved, sorted
}

// Outcome is how a crossing ended.
type Outcome uint8

// The outcomes of a crossing. The zero outcome is invalid.
const (
	OutcomeUnknown Outcome = iota // not said; invalid
	Committed                     // what crossed is handed over
	Aborted                       // records counted may have been made into views, but the caller did not stand by them
)

// String returns "committed", "aborted" or "unknown".
func (o Outcome) String() string {
	switch o {
	case Committed:
		return "committed"
	case Aborted:
		return "aborted"
	}
	return "unknown"
}

// EndEntry says that a crossing is over and what crossed.
type EndEntry struct {
	ID      string
	At      time.Time
	Route   string
	Outcome Outcome
	Records int64   // all records, of every type
	Counts  []Count // per type and view, sorted
	Refused []RefusedCount
}

// Count is how many records of one type crossed into one view.
type Count struct {
	Type    string // qualified name of the labelled type
	View    string // name of the view
	Records int64
	Parts   int64 // how many crossed as parts of other records; not in Records
}

// RefusedCount is how many records a crossing that had begun refused for one
// reason.
type RefusedCount struct {
	Code    ReasonCode
	Records int64
}

// RefusalEntry says that a crossing was refused before it began.
type RefusalEntry struct {
	ID        string // of the crossing that did not come to be
	At        time.Time
	Policy    string
	Digest    string
	Route     string
	From, To  string
	Clause    string
	Principal Principal // zero when absent or not well-formed
	MFA       bool
	Purpose   Purpose      // empty when it is not one of the policy's
	Codes     []ReasonCode // in the order of the RefusalError's reasons, each once
}

// History is what a Recorder may also implement, so that limits hold over a
// restart of the process. Without it a border counts from its own start.
type History interface {
	// Past returns what crossed the route after since, from the end entries of
	// the log. A border asks once per route, before the first crossing over it.
	Past(ctx context.Context, route string, since time.Time) ([]Past, error)
}

// Past is a number of records that crossed by a time.
type Past struct {
	At      time.Time // of the end entry
	Records int64
}
