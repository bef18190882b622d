//go:build !race

// The race detector makes sync.Pool forget on purpose, so allocations are
// counted without it.

package specimen_test

import "testing"

// TestCrossAllocations holds what one record may cost: the view, the sealed
// group and the token's bytes, and the mask where it makes a new string.
func TestCrossAllocations(t *testing.T) {
	x, p := border(t), person()
	const most = 4
	got := testing.AllocsPerRun(1000, func() {
		if _, err := p.ToLGWAN(x); err != nil {
			t.Fatal(err)
		}
	})
	if got > most {
		t.Errorf("one crossing allocates %v times, want at most %d", got, most)
	}
}
