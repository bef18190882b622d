package zone

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// ApprovalVerifier says who approved a crossing. It verifies what it returns
// (a signature, an entry of a workflow); the border decides whether that is
// enough. An error refuses the crossing.
//
// A border calls it from many goroutines at once.
type ApprovalVerifier interface {
	// Approvers returns the approvals of the crossing that q describes, however
	// many and by whomever; none and no error where nobody approved it.
	Approvers(ctx context.Context, q ApprovalQuery) ([]Approval, error)
}

// ApprovalQuery is the crossing that asks for approval.
type ApprovalQuery struct {
	Crossing  string // the crossing's ID, for approvals that are good for one crossing
	Policy    string
	Digest    string // of the policy in force
	Route     string // the route's key in the policy
	Clause    string
	Principal Principal // who asks
	Purpose   Purpose
	At        time.Time // begin of the crossing
	Needed    int       // how many different approvers the route asks for
}

// Approval is one verified approval and how far it reaches.
type Approval struct {
	Approver string    // identifier of who approved, in the form of Principal.ID
	Types    []string  // qualified names of the record types it covers; empty: every type
	Records  int64     // how many records of a type it covers in this crossing; 0: no bound of its own
	Expires  time.Time // the crossing must begin before; zero: it does not expire
}

// approvals are those that count for one crossing.
type approvals struct {
	needed int
	given  []Approval
}

// admissible keeps the approvals that count: of somebody, not the requester
// herself, in force at the begin. Who approves and who asks are compared
// without regard to case, because two spellings are more likely one person
// than two.
func admissible(given []Approval, requester string, at time.Time) []Approval {
	return slices.DeleteFunc(slices.Clone(given), func(a Approval) bool {
		expired := !a.Expires.IsZero() && !at.Before(a.Expires)
		return expired || !identifier(a.Approver) || strings.EqualFold(a.Approver, requester)
	})
}

// approvers returns the different people among the approvals, sorted.
func approvers(given []Approval) []string {
	var ids []string
	for _, a := range given {
		ids = append(ids, a.Approver)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
	})
	return slices.CompactFunc(ids, strings.EqualFold)
}

// noBound stands for an approval without a record limit.
const noBound = int64(1)<<62 - 1

// covers returns how many records of the type the approvals allow: the largest
// number on which as many different approvers as needed agree. Zero means that
// too few approved the type.
func (a approvals) covers(typ string) int64 {
	if a.needed == 0 {
		return noBound
	}
	var bounds []int64
	for _, who := range approvers(a.given) {
		if most := a.most(who, typ); most > 0 {
			bounds = append(bounds, most)
		}
	}
	if len(bounds) < a.needed {
		return 0
	}
	slices.SortFunc(bounds, func(a, b int64) int { return cmp.Compare(b, a) })
	return bounds[a.needed-1]
}

// most returns the most records of the type that one approver allows.
func (a approvals) most(who, typ string) int64 {
	most := int64(0)
	for _, g := range a.given {
		if !strings.EqualFold(g.Approver, who) || len(g.Types) > 0 && !slices.Contains(g.Types, typ) {
			continue
		}
		if g.Records == 0 {
			return noBound
		}
		most = max(most, g.Records)
	}
	return most
}
