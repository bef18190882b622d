// Package handover is what the packages beside zone that carry records out of
// a process (zone/parcel) learn of a crossing and of a border. Nobody outside of
// zone can import it, so nobody else gets a keyring out of a border.
package handover

import (
	"context"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Pass is what the method Handover of a crossing and of a border asks for. Its
// field keeps a struct{}{} from being one, and the zero Pass, which a type
// parameter could be made to give, is of no use.
type Pass struct{ issued bool }

// NewPass returns a pass.
func NewPass() Pass { return Pass{issued: true} }

// Issued reports whether the pass is one that [NewPass] returned.
func (p Pass) Issued() bool { return p.issued }

// Border is what a border knows.
type Border struct {
	Policy *policy.Policy // in force, with its overlays; not to be changed
	Digest string         // of it
	Keys   *crypto.Keyring
	Clock  func() time.Time
}

// Crossing is what a crossing knows.
type Crossing struct {
	Border
	Context context.Context
	ID      string
	Begin   time.Time
	Route   *policy.Route // as the policy in force has it
	Over    bool          // committed or aborted: nothing crosses any more
}
