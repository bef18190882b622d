package jp

import "strings"

// PostalArea returns the first three digits of a postal code in the form
// 310-****, and "***-****" when s is not a postal code of seven digits. It
// takes the spellings that identifiers may have, and a 〒 before them.
//
// The far side learns the delivery area of the three digits: in a city some
// tens of thousands of people, on an island perhaps a few hundred.
func PostalArea(s string) string {
	var d digits
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "〒"))
	if r := d.read(s); r != reasonNone || d.n != 7 {
		return "***-****"
	}
	return string(d.buf[:3]) + "-****"
}
