package people

import "strings"

// Flaw is one way in which a row of a real file is broken.
type Flaw uint8

const (
	FlawUnknown     Flaw = iota // none
	WrongCheckDigit             // in the insurer, the insured or the individual number, by turns
	BrokenEncoding              // the second byte of the name's last character is missing
	MissingColumn               // the telephone number is missing with its comma
	BadDate                     // the day of birth is not in the calendar
	OverlongField               // the address has more characters than agreed
	BrokenQuote                 // the name begins with a quote that is never closed
)

// flaws are all of them, in the order in which they take their turn.
var flaws = []Flaw{WrongCheckDigit, BrokenEncoding, MissingColumn, BadDate, OverlongField, BrokenQuote}

var flawNames = [...]string{"none", "wrong check digit", "broken encoding", "missing column", "bad date", "overlong field", "broken quote"}

// String returns the flaw in two words.
func (f Flaw) String() string {
	if int(f) < len(flawNames) {
		return flawNames[f]
	}
	return flawNames[FlawUnknown]
}

// A Plan says which rows are flawed. The zero Plan plants nothing.
type Plan struct {
	// Every says for a flaw that one row in so many has it; not at all when it is absent or 0. The rows are the same in
	// every file. A row has one flaw at most; where two would meet, the first in the order of the constants is planted.
	Every map[Flaw]int

	// Planted, if not nil, is told each flawed row.
	Planted func(Planted)
}

// Planted is one flawed row.
type Planted struct {
	Row    int // from 1, the header not counted
	Line   int // its first physical line; the header is on line 1
	Flaw   Flaw
	Column string // the column that is flawed; "" when it is the row as a whole
}

// EachFlaw returns, for Plan.Every, that one row in so many has each of the flaws. With n of 2000, six rows in 2000 are bad.
func EachFlaw(n int) map[Flaw]int {
	every := map[Flaw]int{}
	for _, f := range flaws {
		every[f] = n
	}
	return every
}

// flaw returns the flaw of a row, spreading the flaws evenly over each stretch.
func (p Plan) flaw(row int) Flaw {
	for i, f := range flaws {
		if n := p.Every[f]; n > 0 && row%n == (2*i+1)*n/(2*len(flaws)) {
			return f
		}
	}
	return FlawUnknown
}

// spoil changes the cells of a row, for the flaws of text, and returns the name of the column that is flawed.
func (f Flaw) spoil(cells []string, row int) string {
	at := -1
	switch f {
	case WrongCheckDigit:
		at = []int{citizenColumn, insuredColumn, insurerColumn}[row%3]
		cells[at] = nextDigit(cells[at])
	case BrokenEncoding:
		at = nameColumn
	case BadDate:
		at = birthColumn
		cells[at] = []string{"19370230", "昭和12年13月1日", "S65.01.01"}[row%3]
	case OverlongField:
		at = addressColumn
		cells[at] += strings.Repeat("　別棟", 40)
	}
	if at < 0 {
		return ""
	}
	return columns[at].Name
}

// nextDigit replaces the last digit of a number by the next one, which cannot fit as well.
func nextDigit(number string) string {
	digits := []rune(number)
	last := &digits[len(digits)-1]
	if *last == '9' || *last == '９' {
		*last -= 10
	}
	*last++
	return string(digits)
}
