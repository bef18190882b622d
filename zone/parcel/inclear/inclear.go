// Package inclear takes parcels apart without the types of what they carry, and
// seals files without a crossing. It is for tools that serve every policy and
// have the types of none, such as the command sekisho.
//
// It is a dangerous door: what comes out of [Open] has no zone and no label, and
// what goes through [CreateFile] shows no evidence and is in no audit log.
// Applications have no use for it: they have package parcel, whose [parcel.Open]
// gives views and whose [parcel.CreateFile] belongs to a crossing. The house
// rules of this module list who may import it.
package inclear

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/internal/handover"
	"github.com/sekisho-go/sekisho/zone/parcel"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Keys are the keys of the two ends of a parcel, the names of the zones, and the
// time. To seal takes Sign and Box, to open takes Open and Verify.
type Keys[From, To crypto.Zone] = parcel.KeysInClear[From, To]

// Contents is what is in a parcel: its methods JSON, for records, and File
// write it out.
type Contents = parcel.Contents

// Open opens a parcel of the payload. Where p is not nil it is held against that
// policy. Errors are those of [parcel.Open]; the register says whether it may
// come again.
func Open[From, To crypto.Zone](ctx context.Context, k Keys[From, To], p *policy.Policy, payload parcel.Payload, register parcel.Register, src io.Reader, opts ...parcel.OpenOption) (*Contents, error) {
	return parcel.OpenInClear(ctx, handover.NewPass(), k, p, payload, register, src, opts...)
}

// Route returns the road between two zones that the policy has under the name
// (empty: the plain road), if a file of the class may go over it at that time
// without a crossing. The error is a [*parcel.PolicyError] with the clause when the
// policy does not let the class pass, when there is no such road, when its last day
// was over, and when it asks for approvals, which nobody can show here.
func Route(p *policy.Policy, from, to, name, class string, now time.Time) (*policy.Route, error) {
	refuse := func(clause, format string, args ...any) error {
		return &parcel.PolicyError{Policy: p.Name, Digest: p.Digest(), Clause: clause, Detail: fmt.Sprintf(format, args...)}
	}
	route, ok := p.Route(from, to, name)
	if !ok {
		clause := ""
		if c, closed := p.ClosedRoad(from, to); closed {
			clause = c.Clause
		}
		named := ""
		if name != "" {
			named = fmt.Sprintf(" named %q", name)
		}
		return nil, refuse(clause, "there is no open route from %s to %s%s", from, to, named)
	}
	if !route.Open(now) {
		return nil, refuse(route.Clause, "route %s is closed since %s", route.Key(), route.Until)
	}
	if n := route.Require.Approvals; n > 0 {
		return nil, refuse(route.Clause, "route %s asks for %d approvals, which only a crossing can show: let the application seal it", route.Key(), n)
	}
	return route, parcel.FilePasses(p, p.Digest(), route, class)
}

// CreateFile begins a parcel with one file of the class, over the road that [Route]
// returns, whose errors it has. What else the road asks of a crossing, a principal
// or a purpose, is not asked: who can read the keys may seal.
func CreateFile[From, To crypto.Zone](ctx context.Context, k Keys[From, To], p *policy.Policy, name string, f parcel.File, class string, dst io.Writer, opts ...parcel.CreateOption) (*parcel.FileWriter, error) {
	route, err := Route(p, k.From, k.To, name, class, k.Now)
	if err != nil {
		return nil, err
	}
	return parcel.CreateFileInClear(ctx, handover.NewPass(), k, p, route, f, class, dst, opts...)
}
