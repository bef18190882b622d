package classify_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
)

// result is what the results of generalisations have in common.
type result interface {
	fmt.Stringer
	encoding.TextMarshaler
	driver.Valuer
}

// stored is the same of a pointer to T.
type stored[T any] interface {
	*T
	encoding.TextUnmarshaler
	sql.Scanner
}

// roundTrip checks that v comes back from text, JSON and a database.
func roundTrip[T interface {
	comparable
	result
}, P stored[T]](t *testing.T, v T) {
	t.Helper()
	text, err := v.MarshalText()
	if err != nil || string(text) != v.String() {
		t.Fatalf("text of %v: %q, %v", v, text, err)
	}
	var fromText, fromJSON, fromString, fromBytes T
	if err := P(&fromText).UnmarshalText(text); err != nil || fromText != v {
		t.Fatalf("text %q gives %v, %v", text, fromText, err)
	}
	encoded, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(encoded, &fromJSON)
	}
	if err != nil || fromJSON != v {
		t.Fatalf("JSON %s gives %v, %v", encoded, fromJSON, err)
	}
	column, err := v.Value()
	if err == nil {
		err = P(&fromString).Scan(column)
	}
	if err != nil || fromString != v {
		t.Fatalf("column %v gives %v, %v", column, fromString, err)
	}
	if s, ok := column.(string); ok {
		if err := P(&fromBytes).Scan([]byte(s)); err != nil || fromBytes != v {
			t.Fatalf("column of bytes %q gives %v, %v", s, fromBytes, err)
		}
	}
	if !cmp.Equal(v, fromText) {
		t.Fatalf("go-cmp takes %v and %v for different", v, fromText)
	}
}

// refuses checks that v stays as it is on each text, and that the error is the
// same for all: it does not show the text.
func refuses[T comparable, P stored[T]](t *testing.T, v T, texts ...string) {
	t.Helper()
	var first error
	for _, text := range texts {
		got := v
		err := P(&got).UnmarshalText([]byte(text))
		if err == nil || got != v {
			t.Errorf("%T takes %q: %v, %v", v, text, got, err)
			continue
		}
		if first == nil {
			first = err
		}
		if err.Error() != first.Error() {
			t.Errorf("error depends on the text: %v, and %v", first, err)
		}
	}
	got := v
	if err := P(&got).Scan(3.14); err == nil || got != v {
		t.Errorf("%T scans a float64: %v, %v", v, got, err)
	}
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestYear(t *testing.T) {
	jst := time.FixedZone("JST", 9*60*60)
	for _, test := range []struct {
		in    time.Time
		year  string
		month string
	}{
		{time.Time{}, "unknown", "unknown"},
		{date(0, 12, 31), "unknown", "unknown"},
		{date(-5, 1, 1), "unknown", "unknown"},
		{date(10000, 1, 1), "unknown", "unknown"},
		{date(1, 1, 2), "0001", "0001-01"},
		{date(1950, 4, 1), "1950", "1950-04"},
		{date(9999, 12, 31), "9999", "9999-12"},
		{time.Date(1950, 1, 1, 0, 0, 0, 0, jst), "1950", "1950-01"},
		{time.Date(1950, 1, 1, 0, 0, 0, 0, jst).UTC(), "1949", "1949-12"},
	} {
		y, m := classify.Year(test.in), classify.YearMonth(test.in)
		if y.String() != test.year || m.String() != test.month {
			t.Errorf("%v: %v and %v, want %s and %s", test.in, y, m, test.year, test.month)
		}
		unknown := test.year == "unknown"
		if y.IsZero() != unknown || m.IsZero() != unknown || (y.Year() == 0) != unknown || m.Year() != y.Year() || (m.Month() == 0) != unknown {
			t.Errorf("%v: %v, %v: methods disagree on what is unknown", test.in, y, m)
		}
		roundTrip(t, y)
		roundTrip(t, m)
	}
	refuses(t, classify.Year(date(1950, 4, 1)), "", "0000", "950", "19500", "195O", "-950", "１９５０", "1950-04", "Unknown")
	refuses(t, classify.YearMonth(date(1950, 4, 1)), "", "1950", "1950-", "1950-00", "1950-13", "1950-4", "1950-004", "0000-01", "1950-04-01", "1950/04")
}

func TestAgeBand(t *testing.T) {
	jst := time.FixedZone("JST", 9*60*60)
	for _, test := range []struct {
		birth, asOf time.Time
		five, ten   string
		reason      string
	}{
		{date(1950, 4, 1), date(2025, 3, 31), "70-74", "70-79", "the day before the birthday"},
		{date(1950, 4, 1), date(2025, 4, 1), "75-79", "70-79", "the birthday"},
		{date(1950, 4, 1), date(2030, 3, 31), "75-79", "70-79", "last day of the band"},
		{date(1950, 4, 1), date(2030, 4, 1), "80-84", "80-89", "first day of the next"},
		{date(2025, 4, 1), date(2025, 4, 1), "0-4", "0-9", "the day of birth"},
		{date(2025, 4, 2), date(2025, 4, 1), "unknown", "unknown", "not yet born"},
		{date(2026, 1, 1), date(2025, 12, 31), "unknown", "unknown", "not yet born, next year"},
		{date(1952, 2, 29), date(2027, 2, 28), "70-74", "70-79", "29 February, day before 1 March"},
		{date(1952, 2, 29), date(2027, 3, 1), "75-79", "70-79", "29 February, 1 March"},
		{date(1948, 2, 29), date(2028, 2, 28), "75-79", "70-79", "29 February, day before in a leap year"},
		{date(1948, 2, 29), date(2028, 2, 29), "80-84", "80-89", "29 February in a leap year"},
		{date(1925, 4, 2), date(2025, 4, 1), "95-99", "90-99", "99 years"},
		{date(1925, 4, 1), date(2025, 4, 1), "100+", "100+", "100 years"},
		{date(1905, 4, 1), date(2025, 4, 1), "100+", "100+", "120 years"},
		{date(1, 1, 2), date(9999, 1, 1), "100+", "100+", "absurd"},
		{time.Time{}, date(2025, 4, 1), "unknown", "unknown", "no birth"},
		{date(1950, 4, 1), time.Time{}, "unknown", "unknown", "no date"},
		{date(1950, 4, 1), time.Date(2025, 4, 1, 0, 30, 0, 0, jst), "75-79", "70-79", "birthday there, the day before in UTC"},
		{time.Date(1950, 4, 1, 0, 0, 0, 0, jst), date(2025, 4, 1), "75-79", "70-79", "date of birth of another location"},
		{time.Date(2025, 4, 1, 23, 0, 0, 0, jst), time.Date(2025, 4, 1, 1, 0, 0, 0, jst), "0-4", "0-9", "earlier on the day of birth"},
	} {
		five, ten := classify.AgeBand5(test.birth, test.asOf), classify.AgeBand10(test.birth, test.asOf)
		if five.String() != test.five || ten.String() != test.ten {
			t.Errorf("%s: %v and %v, want %s and %s", test.reason, five, ten, test.five, test.ten)
		}
		if five.IsZero() != (test.five == "unknown") {
			t.Errorf("%s: %v: IsZero = %v", test.reason, five, five.IsZero())
		}
		roundTrip(t, five)
		roundTrip(t, ten)
	}
	refuses(t, classify.AgeBand5(date(1950, 4, 1), date(2025, 4, 1)),
		"", "75", "75-", "75-78", "75-80", "75-84", "76-80", "100-104", "100", "95+", "105+", "-5-0", "075-079", "75-79 ", "255-259", "256-260", "Unknown", "+", "-")
}

func TestAgeBandLowHigh(t *testing.T) {
	asOf := date(2025, 4, 1)
	for _, test := range []struct {
		band classify.AgeBand
		low  int
		high int
		ok   bool
	}{
		{classify.AgeBand{}, 0, 0, false},
		{classify.AgeBand5(asOf, asOf), 0, 4, true},
		{classify.AgeBand10(date(1950, 4, 1), asOf), 70, 79, true},
		{classify.AgeBand5(date(1900, 4, 1), asOf), 100, 0, false},
	} {
		high, ok := test.band.High()
		if low := test.band.Low(); low != test.low || high != test.high || ok != test.ok {
			t.Errorf("%v: low %d, high %d, %v, want %d, %d, %v", test.band, low, high, ok, test.low, test.high, test.ok)
		}
	}
}

// TestAgeBandDetail: ages in one band are not told apart.
func TestAgeBandDetail(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	asOf := date(2025, 10, 1)
	bands := make(map[classify.AgeBand]bool)
	for range 20000 {
		birth := asOf.AddDate(0, 0, -r.IntN(130*365))
		band := classify.AgeBand5(birth, asOf)
		bands[band] = true
		age := asOf.Year() - birth.Year()
		if birth.AddDate(age, 0, 0).After(asOf) {
			age--
		}
		high, ok := band.High()
		if age < band.Low() || ok && age > high || ok && high-band.Low() != 4 {
			t.Fatalf("age %d is in band %v", age, band)
		}
	}
	if len(bands) != 21 {
		t.Errorf("%d bands, want 21", len(bands))
	}
}

func TestRounded(t *testing.T) {
	for _, test := range []struct{ in, thousand, tenThousand int64 }{
		{0, 0, 0},
		{499, 0, 0},
		{500, 1000, 0},
		{-499, 0, 0},
		{-500, -1000, 0},
		{12345, 12000, 10000},
		{15000, 15000, 20000},
		{-15000, -15000, -20000},
		{14999, 15000, 10000},
		{math.MaxInt64, 9223372036854775000, 9223372036854770000},
		{math.MinInt64, -9223372036854775000, -9223372036854770000},
		{math.MaxInt64 - 807, 9223372036854775000, 9223372036854770000},
	} {
		a, b := classify.Thousand(test.in), classify.TenThousand(test.in)
		if a.Int64() != test.thousand || b.Int64() != test.tenThousand {
			t.Errorf("%d: %v and %v, want %d and %d", test.in, a, b, test.thousand, test.tenThousand)
		}
		roundTrip(t, a)
		roundTrip(t, b)
	}
	refuses(t, classify.Thousand(5000), "", "1", "1500", "+1000", "01000", "-0", "1e3", "9223372036854776000", "unknown")
	r := classify.Thousand(5000)
	if err := r.Scan(nil); err == nil || r.Int64() != 5000 {
		t.Errorf("NULL gives %v, %v, want an error", r, err)
	}
}

func FuzzRounded(f *testing.F) {
	f.Add(int64(12345))
	f.Add(int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, n int64) {
		for unit, round := range map[int64]func(int64) classify.Rounded{1000: classify.Thousand, 10000: classify.TenThousand} {
			got := round(n).Int64()
			if got%unit != 0 {
				t.Fatalf("%d rounded to %d: finer than %d", n, got, unit)
			}
			if round(got).Int64() != got {
				t.Fatalf("%d rounded to %d, and that to %v", n, got, round(got))
			}
			off := max(n, got) - min(n, got)
			if near := off <= unit/2; !near && (off >= unit || got > math.MinInt64+unit && got < math.MaxInt64-unit) {
				t.Fatalf("%d rounded to %d, not the nearest", n, got)
			}
		}
	})
}

func FuzzResultText(f *testing.F) {
	for _, s := range []string{"", "unknown", "1950", "1950-04", "75-79", "70-79", "100+", "12000", "-12000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var (
			y classify.CalendarYear
			m classify.CalendarMonth
			b classify.AgeBand
			r classify.Rounded
		)
		for _, v := range []interface {
			encoding.TextUnmarshaler
			fmt.Stringer
		}{&y, &m, &b, &r} {
			if v.UnmarshalText([]byte(s)) == nil && v.String() != s {
				t.Fatalf("%T takes %q and gives %q", v, s, v)
			}
		}
	})
}
