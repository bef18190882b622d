package classify

import (
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"
	"time"
)

// openAge is the age from which on all share one band: the few who are older
// would be known by their age.
const openAge = 100

// openHigh is the upper end of the band that is open upwards.
const openHigh = 255

// AgeBand is a range of ages in completed years, such as 75-79, or the open
// range 100+. It can hold only the bands of [AgeBand5] and [AgeBand10]. The
// zero AgeBand is the unknown one; its text form is "unknown", and NULL in a
// database.
type AgeBand struct{ low, high uint8 } // both inclusive; {0, 0} is unknown

// AgeBand5 returns the band of five years (0-4, 5-9, … 95-99, 100+) that holds
// the age at asOf of a person born at birth. The far side learns the band
// alone; from 100 on all ages are one band.
//
// Age is reckoned by civil dates: each time counts as the date it shows in its
// own location, and a year is complete on the anniversary of birth. A person
// born on 29 February completes a year on 1 March of a year without that day.
// Laws that reckon otherwise (in Japan a year is complete at the end of the day
// before the anniversary) differ by that one day. The band is unknown when
// either time is zero or birth is a later date than asOf.
func AgeBand5(birth, asOf time.Time) AgeBand { return ageBand(birth, asOf, 5) }

// AgeBand10 returns the band of ten years (0-9, 10-19, … 90-99, 100+), in the
// way of [AgeBand5].
func AgeBand10(birth, asOf time.Time) AgeBand { return ageBand(birth, asOf, 10) }

// ageBand returns the band of the given width.
func ageBand(birth, asOf time.Time, width int) AgeBand {
	age, ok := completedYears(birth, asOf)
	switch {
	case !ok:
		return AgeBand{}
	case age >= openAge:
		return AgeBand{openAge, openHigh}
	}
	low := age - age%width
	return AgeBand{uint8(low), uint8(low + width - 1)}
}

// completedYears returns the age at asOf, and whether there is one.
func completedYears(birth, asOf time.Time) (int, bool) {
	if birth.IsZero() || asOf.IsZero() {
		return 0, false
	}
	years := asOf.Year() - birth.Year()
	if asOf.Month() < birth.Month() || asOf.Month() == birth.Month() && asOf.Day() < birth.Day() {
		years--
	}
	return years, years >= 0
}

// Low returns the lowest age of the band, and 0 when it is unknown.
func (b AgeBand) Low() int { return int(b.low) }

// High returns the highest age of the band, and whether there is one: the
// unknown band and the open one have none.
func (b AgeBand) High() (age int, ok bool) {
	if b.IsZero() || b.high == openHigh {
		return 0, false
	}
	return int(b.high), true
}

// IsZero reports whether the band is unknown.
func (b AgeBand) IsZero() bool { return b == AgeBand{} }

// Equal reports whether b and o are the same band, or both unknown.
func (b AgeBand) Equal(o AgeBand) bool { return b == o }

// String returns the band in the form 75-79, "100+", or "unknown".
func (b AgeBand) String() string {
	low := strconv.Itoa(int(b.low))
	switch {
	case b.IsZero():
		return unknownText
	case b.high == openHigh:
		return low + "+"
	}
	return low + "-" + strconv.Itoa(int(b.high))
}

// MarshalText returns [AgeBand.String]. It does not fail.
func (b AgeBand) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the form of [AgeBand.String] for the bands that there
// are, and nothing else. On error b is unchanged, and the error does not show
// the text.
func (b *AgeBand) UnmarshalText(text []byte) error {
	s := string(text)
	digits, _, _ := strings.Cut(s, "-")
	age, _ := strconv.ParseUint(digits, 10, 8)
	candidates := []AgeBand{{}, {openAge, openHigh}}
	for _, width := range []uint8{5, 10} {
		if low := uint8(age); low < openAge && low%width == 0 {
			candidates = append(candidates, AgeBand{low, low + width - 1})
		}
	}
	for _, band := range candidates {
		if s == band.String() {
			*b = band
			return nil
		}
	}
	return errors.New("classify: age band: want a band of five or ten years such as 75-79, 100+ or unknown")
}

// Value implements [driver.Valuer]: the text form, or NULL when unknown.
func (b AgeBand) Value() (driver.Value, error) { return sqlValue(b.IsZero(), b.String()) }

// Scan implements the Scanner of package database/sql: NULL is unknown.
func (b *AgeBand) Scan(src any) error {
	if src == nil {
		*b = AgeBand{}
		return nil
	}
	return scanText(b, "age band", src)
}
