package parcel

import (
	"context"
	"time"
)

// State is how far the receipt of a parcel has come.
type State uint8

// The states of a receipt. The zero state is none.
const (
	StateUnknown  State = iota // not met before
	StateBegun                 // its records were being read
	StateFinished              // its reader said that it is done
)

// String returns "begun", "finished" or "unknown".
func (s State) String() string {
	switch s {
	case StateBegun:
		return "begun"
	case StateFinished:
		return "finished"
	}
	return "unknown"
}

// Receipt is what a register keeps of a parcel.
type Receipt struct {
	From    string    // the zone that it left
	ID      string    // of the parcel, unique within the zone
	Expires time.Time // when it may be forgotten: it does not open any more
	Resume  bool      // a receipt that was begun may begin again
}

// Register remembers which parcels were received, so that none is received
// twice. It is used by many goroutines at once.
//
// A register is asked when the header is known to be authentic and before the
// first record is read, and told when the reader is done with the last.
type Register interface {
	// Begin notes durably that the parcel is being received. It returns a
	// [*ReplayError] when the parcel was begun before, unless Resume is said and
	// it was not finished, and when it was finished.
	Begin(ctx context.Context, r Receipt) error
	// Finish notes durably that the parcel was received.
	Finish(ctx context.Context, r Receipt) error
}

// AcceptReplays returns a register that remembers nothing, for receivers to whom
// it makes no difference whether a parcel comes once or twice.
func AcceptReplays() Register { return forgetful{} }

type forgetful struct{}

func (forgetful) Begin(context.Context, Receipt) error { return nil }

func (forgetful) Finish(context.Context, Receipt) error { return nil }
