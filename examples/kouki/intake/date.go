package intake

import (
	"strings"
	"time"
)

// An era is one reign name with the days on which it may be used, as YYYYMMDD.
//
// The edicts of 1912-07-30 and 1926-12-25 gave the day itself to the new era ("以後ヲ改メテ"), and papers written that day
// carry the old one: both names are accepted for those two days, they mean the same day. The laws of 1989 and 2019 let
// the new era begin at midnight. Meiji is read from its sixth year on, when the Gregorian calendar began (太政官布告
// 337/1872); earlier dates are lunar and mean another day.
type era struct {
	name        string
	letter      byte
	before      int // the year before its first
	first, last int
}

var eras = []era{
	{"明治", 'M', 1867, 18730101, 19120730},
	{"大正", 'T', 1911, 19120730, 19261225},
	{"昭和", 'S', 1925, 19261225, 19890107},
	{"平成", 'H', 1988, 19890108, 20190430},
	{"令和", 'R', 2018, 20190501, 21991231},
}

// Why a text is no date. They are constants: none of them shows the text.
const (
	dateForm     = "is no date: want YYYYMMDD, YYYY-MM-DD, S12.03.04 or 昭和12年3月4日"
	dateCalendar = "names a day that is not in the calendar"
	dateEra      = "names a day outside the era it names"
	dateRange    = "names a day before 1873 or after 2199"
)

// A dateError is a reason why a text is no date; its text is one of the constants above.
type dateError string

// Error returns the constant.
func (e dateError) Error() string { return string(e) }

// ParseDate reads a day in one of the forms of JIS X 0301 that municipal files have: 19370304, 1937-03-04, S12.03.04
// (one or two digits each, era letters M T S H R) or 昭和12年3月4日 (元 for the first year). Full-width digits and letters
// are read as the narrow ones. The day must exist, lie within the era named, and be in the years 1873 to 2199.
// It returns midnight UTC. Its errors never contain the text.
func ParseDate(text string) (time.Time, error) {
	s := narrowDigits(text)
	if s == "" {
		return time.Time{}, dateError(dateForm)
	}
	if e, rest, ok := cutEra(s); ok {
		return e.parse(rest)
	}
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		s = s[:4] + s[5:7] + s[8:]
	}
	n, ok := digits(s, 8, 8)
	if !ok {
		return time.Time{}, dateError(dateForm)
	}
	return day(n/10000, n/100%100, n%100)
}

// cutEra takes the name or the letter of an era off the beginning of s.
func cutEra(s string) (e era, rest string, ok bool) {
	for _, e := range eras {
		if rest, ok := strings.CutPrefix(s, e.name); ok {
			return e, rest, true
		}
		if s[0] == e.letter {
			return e, s, true // the letter stays: it decides between the two forms
		}
	}
	return era{}, "", false
}

// parse reads the date after an era's name, or with its letter.
func (e era) parse(s string) (time.Time, error) {
	marks := [3]string{"年", "月", "日"}
	if s != "" && s[0] == e.letter {
		s = s[1:] + "."
		marks = [3]string{".", ".", "."}
	}
	if rest, ok := strings.CutPrefix(s, "元年"); ok {
		s = "1年" + rest
	}
	var n [3]int
	for i, mark := range marks {
		part, rest, marked := strings.Cut(s, mark)
		v, ok := digits(part, 1, 2)
		if !ok || !marked {
			return time.Time{}, dateError(dateForm)
		}
		n[i], s = v, rest
	}
	if s != "" || n[0] == 0 {
		return time.Time{}, dateError(dateForm)
	}
	t, err := day(e.before+n[0], n[1], n[2])
	if err == dateError(dateCalendar) {
		return t, err
	}
	if v := t.Year()*10000 + int(t.Month())*100 + t.Day(); err != nil || v < e.first || v > e.last {
		return time.Time{}, dateError(dateEra)
	}
	return t, nil
}

// digits reads a number that has least to most digits and nothing else.
func digits(s string, least, most int) (n int, ok bool) {
	if len(s) < least || len(s) > most {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// day is time.Date without its tolerance for the 31st of April.
func day(year, month, dayOfMonth int) (time.Time, error) {
	t := time.Date(year, time.Month(month), dayOfMonth, 0, 0, 0, 0, time.UTC)
	switch {
	case t.Year() != year || int(t.Month()) != month || t.Day() != dayOfMonth:
		return time.Time{}, dateError(dateCalendar)
	case year < 1873 || year > 2199:
		return time.Time{}, dateError(dateRange)
	}
	return t, nil
}
