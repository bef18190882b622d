package jp

import "fmt"

// Reason says why an input is not an identifier.
type Reason uint8

const (
	reasonNone       Reason = iota
	ReasonEmpty             // there is no digit
	ReasonLength            // too few or too many digits
	ReasonCharacter         // a character that is neither digit, blank nor hyphen
	ReasonSeparator         // a blank or hyphen that is not between two digits
	ReasonCheckDigit        // the check digit does not agree with the others
	ReasonRepeated          // the same digit throughout, as in a form filled in for show
	ReasonForm              // not the canonical form, where only that will do
)

// reasonTexts is indexed by Reason.
var reasonTexts = [...]string{
	reasonNone:       "no reason",
	ReasonEmpty:      "empty",
	ReasonLength:     "wrong length",
	ReasonCharacter:  "character that is neither digit, blank nor hyphen",
	ReasonSeparator:  "blank or hyphen that is not between two digits",
	ReasonCheckDigit: "wrong check digit",
	ReasonRepeated:   "one digit repeated",
	ReasonForm:       "not in canonical form",
}

// String returns the reason in words.
func (r Reason) String() string {
	if int(r) >= len(reasonTexts) {
		r = reasonNone
	}
	return reasonTexts[r]
}

// ParseError is the error of the Parse and Complete functions and of Restore.
// It holds nothing of the input.
type ParseError struct {
	Type   string // the Go type that was wanted, such as IndividualNumber
	Reason Reason // what was wrong
	want   string
}

// Error returns type, reason and remedy.
func (e *ParseError) Error() string {
	switch e.Reason {
	case ReasonCheckDigit, ReasonRepeated:
		return fmt.Sprintf("jp: %s: %v: compare it with the document it was copied from", e.Type, e.Reason)
	}
	return fmt.Sprintf("jp: %s: %v: want %s", e.Type, e.Reason, e.want)
}

// parseError returns the error for a whole identifier of kind k.
func parseError(k kind, r Reason) error {
	return &ParseError{Type: kinds[k].name, Reason: r, want: kinds[k].want}
}

// maxDigits is the length of the longest identifier.
const maxDigits = 13

// digits is an identifier while it is being read: ASCII digits, then zeros.
type digits struct {
	buf [maxDigits]byte
	n   int
}

// repeated reports whether all digits are the same.
func (d *digits) repeated() bool {
	for _, c := range d.buf[:d.n] {
		if c != d.buf[0] {
			return false
		}
	}
	return true
}

// read takes the digits out of s, leaving out single separators between them.
func (d *digits) read(s string) Reason {
	afterDigit := false
	for _, r := range s {
		digit, ok := digitOf(r)
		switch {
		case ok && d.n == maxDigits:
			return ReasonLength
		case ok:
			d.buf[d.n] = digit
			d.n++
		case !isSeparator(r):
			return ReasonCharacter
		case !afterDigit:
			return ReasonSeparator
		}
		afterDigit = ok
	}
	if d.n > 0 && !afterDigit {
		return ReasonSeparator
	}
	return reasonNone
}

// digitOf returns the ASCII digit of an ASCII or full-width digit.
func digitOf(r rune) (byte, bool) {
	switch {
	case '0' <= r && r <= '9':
		return byte(r), true
	case '０' <= r && r <= '９':
		return byte(r - '０' + '0'), true
	}
	return 0, false
}

// isSeparator reports whether r is a blank or a hyphen, or one of the
// characters that are typed in its place.
func isSeparator(r rune) bool {
	switch r {
	case ' ', '-',
		'\u00a0', // no-break space
		'\u2010', // hyphen
		'\u2011', // non-breaking hyphen
		'\u2012', // figure dash
		'\u2013', // en dash
		'\u2014', // em dash
		'\u2015', // horizontal bar
		'\u2212', // minus sign
		'\u3000', // ideographic space
		'\u30fc', // long vowel mark
		'\uff0d', // full-width hyphen-minus
		'\uff70': // half-width long vowel mark
		return true
	}
	return false
}

// parse reads an identifier of kind K in any accepted spelling.
func parse[K phantom](s string) (number[K], error) {
	var k K
	var d digits
	r := d.read(s)
	if r == reasonNone {
		r = k.kind().check(&d)
	}
	if r != reasonNone {
		return number[K]{}, parseError(k.kind(), r)
	}
	return number[K]{block: conceal(k.kind(), &d)}, nil
}

// restore reads an identifier of kind K in canonical form.
func restore[K phantom](s string) (number[K], error) {
	var k K
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return number[K]{}, parseError(k.kind(), ReasonForm)
		}
	}
	return parse[K](s)
}

// complete reads the base digits of an identifier of kind K and adds the check
// digit.
func complete[K phantom](base string) (number[K], error) {
	var zero K
	var d digits
	k := zero.kind()
	r := d.read(base)
	switch {
	case r != reasonNone:
	case d.n == 0:
		r = ReasonEmpty
	case !k.hasLength(d.n + 1):
		r = ReasonLength
	default:
		c := k.checkDigit(d.buf[:d.n])
		if k.leads() {
			copy(d.buf[1:], d.buf[:d.n])
			d.buf[0] = c
		} else {
			d.buf[d.n] = c
		}
		d.n++
		r = k.check(&d)
	}
	if r != reasonNone {
		return number[K]{}, &ParseError{Type: kinds[k].name, Reason: r, want: kinds[k].base}
	}
	return number[K]{block: conceal(k, &d)}, nil
}
