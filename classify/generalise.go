package classify

import (
	"database/sql/driver"
	"encoding"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// unknownText is the text form of the zero value of the results here.
const unknownText = "unknown"

// CalendarYear is a year of the Gregorian calendar, 1 to 9999, as of a date of
// which the rest was given up. It can hold nothing else. The zero CalendarYear
// is the unknown one; its text form is "unknown", and NULL in a database.
type CalendarYear struct{ year uint16 }

// Year returns the year of the civil date that t shows in its own location,
// and the unknown year when t is the zero time or its year is not in 1 to
// 9999.
//
// The far side learns the year alone. Mind that a date which a database driver
// moved to UTC may show the day before, and so the year before.
func Year(t time.Time) CalendarYear {
	if y := t.Year(); !t.IsZero() && 1 <= y && y <= 9999 {
		return CalendarYear{uint16(y)}
	}
	return CalendarYear{}
}

// Year returns the year, or 0 when it is unknown.
func (y CalendarYear) Year() int { return int(y.year) }

// IsZero reports whether the year is unknown.
func (y CalendarYear) IsZero() bool { return y == CalendarYear{} }

// Equal reports whether y and o are the same year, or both unknown.
func (y CalendarYear) Equal(o CalendarYear) bool { return y == o }

// String returns the year in four digits, as in ISO 8601, or "unknown".
func (y CalendarYear) String() string {
	if y.IsZero() {
		return unknownText
	}
	return fmt.Sprintf("%04d", y.year)
}

// MarshalText returns [CalendarYear.String]. It does not fail.
func (y CalendarYear) MarshalText() ([]byte, error) { return []byte(y.String()), nil }

// UnmarshalText reads the form of [CalendarYear.String] and nothing else. On
// error y is unchanged, and the error does not show the text.
func (y *CalendarYear) UnmarshalText(text []byte) error {
	s := string(text)
	if s == unknownText {
		*y = CalendarYear{}
		return nil
	}
	n, ok := digits(s, 4)
	if !ok || n == 0 {
		return errors.New("classify: calendar year: want four digits or unknown")
	}
	*y = CalendarYear{uint16(n)}
	return nil
}

// Value implements [driver.Valuer]: the text form, or NULL when unknown.
func (y CalendarYear) Value() (driver.Value, error) { return sqlValue(y.IsZero(), y.String()) }

// Scan implements the Scanner of package database/sql: NULL is unknown.
func (y *CalendarYear) Scan(src any) error {
	if src == nil {
		*y = CalendarYear{}
		return nil
	}
	return scanText(y, "calendar year", src)
}

// CalendarMonth is a month of a year of the Gregorian calendar. The zero
// CalendarMonth is the unknown one; its text form is "unknown", and NULL in a
// database.
type CalendarMonth struct {
	year  uint16
	month uint8
}

// YearMonth returns the year and month of the civil date that t shows in its
// own location, and the unknown month when t is the zero time or its year is
// not in 1 to 9999.
//
// The far side learns year and month. Of a date of birth in a small population
// that is much; see [Year] and [AgeBand5].
func YearMonth(t time.Time) CalendarMonth {
	if y := Year(t); !y.IsZero() {
		return CalendarMonth{y.year, uint8(t.Month())}
	}
	return CalendarMonth{}
}

// Year returns the year, or 0 when the month is unknown.
func (m CalendarMonth) Year() int { return int(m.year) }

// Month returns the month, or 0 when it is unknown.
func (m CalendarMonth) Month() time.Month { return time.Month(m.month) }

// IsZero reports whether the month is unknown.
func (m CalendarMonth) IsZero() bool { return m == CalendarMonth{} }

// Equal reports whether m and o are the same month of the same year, or both
// unknown.
func (m CalendarMonth) Equal(o CalendarMonth) bool { return m == o }

// String returns the month in the form 1950-04, as in ISO 8601, or "unknown".
func (m CalendarMonth) String() string {
	if m.IsZero() {
		return unknownText
	}
	return fmt.Sprintf("%04d-%02d", m.year, m.month)
}

// MarshalText returns [CalendarMonth.String]. It does not fail.
func (m CalendarMonth) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the form of [CalendarMonth.String] and nothing else. On
// error m is unchanged, and the error does not show the text.
func (m *CalendarMonth) UnmarshalText(text []byte) error {
	s := string(text)
	if s == unknownText {
		*m = CalendarMonth{}
		return nil
	}
	y, mo, _ := strings.Cut(s, "-")
	year, okYear := digits(y, 4)
	month, okMonth := digits(mo, 2)
	if !okYear || !okMonth || year == 0 || month < 1 || month > 12 {
		return errors.New("classify: calendar month: want the form 1950-04 or unknown")
	}
	*m = CalendarMonth{uint16(year), uint8(month)}
	return nil
}

// Value implements [driver.Valuer]: the text form, or NULL when unknown.
func (m CalendarMonth) Value() (driver.Value, error) { return sqlValue(m.IsZero(), m.String()) }

// Scan implements the Scanner of package database/sql: NULL is unknown.
func (m *CalendarMonth) Scan(src any) error {
	if src == nil {
		*m = CalendarMonth{}
		return nil
	}
	return scanText(m, "calendar month", src)
}

// Rounded is an amount rounded to whole thousands or more. It can hold nothing
// finer. The zero Rounded is the amount 0.
type Rounded struct{ thousands int64 }

// Thousand returns n rounded to the nearest thousand, halves away from zero.
// Where the nearest does not fit in an int64, it is the next one towards zero.
//
// The far side learns n to within 500.
func Thousand(n int64) Rounded { return Rounded{roundUnits(n, 1000)} }

// TenThousand returns n rounded to the nearest ten thousand, in the way of
// [Thousand].
//
// The far side learns n to within 5,000.
func TenThousand(n int64) Rounded { return Rounded{roundUnits(n, 10_000) * 10} }

// roundUnits returns how many units n has, to the nearest.
func roundUnits(n, unit int64) int64 {
	q, r := n/unit, n%unit
	limit := int64(1<<63-1) / unit
	switch {
	case r >= unit/2 && q < limit:
		q++
	case r <= -unit/2 && q > -limit:
		q--
	}
	return q
}

// Int64 returns the rounded amount.
func (r Rounded) Int64() int64 { return r.thousands * 1000 }

// Equal reports whether r and o are the same amount.
func (r Rounded) Equal(o Rounded) bool { return r == o }

// String returns the rounded amount in decimal.
func (r Rounded) String() string { return strconv.FormatInt(r.Int64(), 10) }

// MarshalText returns [Rounded.String]. It does not fail.
func (r Rounded) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the form of [Rounded.String]: a whole number of
// thousands in decimal. On error r is unchanged, and the error does not show
// the text.
func (r *Rounded) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n%1000 != 0 || strconv.FormatInt(n, 10) != string(text) {
		return errors.New("classify: rounded amount: want a whole number of thousands")
	}
	*r = Rounded{n / 1000}
	return nil
}

// Value implements [driver.Valuer]: the amount as an integer.
func (r Rounded) Value() (driver.Value, error) { return r.Int64(), nil }

// Scan implements the Scanner of package database/sql. NULL is an error: the
// zero Rounded is an amount.
func (r *Rounded) Scan(src any) error {
	if n, ok := src.(int64); ok {
		src = strconv.FormatInt(n, 10)
	}
	return scanText(r, "rounded amount", src)
}

// digits reads exactly n ASCII digits.
func digits(s string, n int) (value int, ok bool) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		value = value*10 + int(s[i]-'0')
		if i >= n {
			return 0, false
		}
	}
	return value, len(s) == n
}

// sqlValue is a text for a database, NULL for what is unknown.
func sqlValue(unknown bool, text string) (driver.Value, error) {
	if unknown {
		return nil, nil
	}
	return text, nil
}

// scanText hands text from a database to u. The word is for the message.
func scanText(u encoding.TextUnmarshaler, word string, src any) error {
	switch src := src.(type) {
	case string:
		return u.UnmarshalText([]byte(src))
	case []byte:
		return u.UnmarshalText(src)
	}
	return fmt.Errorf("classify: %s: cannot scan a %T: want text", word, src)
}
