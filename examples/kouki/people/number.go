package people

import (
	"fmt"
	"math/rand/v2"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/classify/jp"
)

// municipality is where the persons are made: the zone in which their numbers are asked for.
type municipality struct{}

// ZoneName returns the zone's name.
func (municipality) ZoneName() string { return "municipality" }

// insurerNumber returns the insurer number for a municipality's code: law number 39, prefecture 08, code, check digit.
func insurerNumber(code string) string {
	return reveal(jp.CompleteInsurerNumber(insurerPrefix + code))
}

// insurerPrefix is 39, the law on medical care of the elderly, and 08, the
// prefecture.
const insurerPrefix = "3908"

// insuredNumber returns the insured number with these seven digits and its check digit.
func insuredNumber(base uint64) string {
	return reveal(jp.CompleteInsuredNumber(fmt.Sprintf("%07d", base)))
}

// individualNumber returns the individual number with these eleven digits and its check digit. It is "" where that would
// be one digit twelve times, which is no individual number.
func individualNumber(base uint64) string {
	return reveal(jp.CompleteIndividualNumber(fmt.Sprintf("%011d", base)))
}

// reveal returns a number's digits; "" when it could not be completed.
func reveal[N interface{ Reveal(classify.Zone) string }](n N, err error) string {
	if err != nil {
		return ""
	}
	return n.Reveal(municipality{})
}

// A shuffle maps 0, 1, 2 … below its size to as many different numbers below its size that do not look consecutive: a
// full-period step through the residues.
type shuffle struct{ factor, offset, size uint64 }

// newShuffle draws a shuffle for a size that is a power of ten.
func newShuffle(r *rand.Rand, size uint64) shuffle {
	s := shuffle{factor: size/3 + r.Uint64N(size/3), offset: r.Uint64N(size), size: size}
	s.factor -= s.factor % 10
	s.factor += 3 // coprime to a power of ten: no two i below size meet
	return s
}

// at returns the number of i. The product does not overflow for an i below 2 MaxPersons.
func (s shuffle) at(i uint64) uint64 { return (s.factor*(i%s.size) + s.offset) % s.size }
