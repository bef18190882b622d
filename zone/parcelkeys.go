package zone

import "github.com/sekisho-go/sekisho/zone/internal/handover"

// Handover is for package parcel: nobody outside of zone can name what it takes
// and returns. It returns what a border knows, and false when there is none.
func (b *Border) Handover(pass handover.Pass) (handover.Border, bool) {
	if b == nil || !pass.Issued() {
		return handover.Border{}, false
	}
	return handover.Border{Policy: b.policy, Digest: b.digest, Keys: b.keys, Clock: b.clock}, true
}

// Handover is for package parcel: nobody outside of zone can name what it takes
// and returns. It returns what a crossing knows, and false when it is one that
// [Cross] did not return, or a part of one.
func (x *Crossing[R]) Handover(pass handover.Pass) (handover.Crossing, bool) {
	if x == nil || x.core == nil || x.part || !pass.Issued() {
		return handover.Crossing{}, false
	}
	c := x.core
	border, ok := c.border.Handover(pass)
	return handover.Crossing{
		Border: border, Context: c.ctx, ID: c.id, Begin: c.begin, Route: c.gate.route, Over: c.tally.Load() < 0,
	}, ok
}
