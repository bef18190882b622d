package classify

import (
	"unicode"
	"unicode/utf8"
)

// hidden is what a mask shows of a value that it does not show. Its length is
// constant: the length of the value stays hidden too.
const hidden = "****"

// Last4 returns the last four characters of s behind "****".
//
// The far side learns those four characters, and that s has eight or more. Of
// a shorter s, the empty one included, it learns only that: the result is
// "****". A character is a rune; a byte that is not UTF-8 and a rune that is
// not printable count as one and are shown as "*".
//
// Masking the result again changes nothing.
func Last4(s string) string { return last(s, 4) }

// Last2 returns the last two characters of s behind "****", and "****" alone
// when s has fewer than five.
//
// The far side learns those two characters, and whether there are five or more
// in all. Otherwise it is as [Last4].
func Last2(s string) string { return last(s, 2) }

// Initial returns the first character of s before "****", and "****" alone
// when s has fewer than two.
//
// The far side learns that character, and whether there are two or more. Of a
// name in Latin letters that is one of some twenty letters; of a name in Chinese
// characters it is often a whole family name or narrows it down to a few, so
// prefer [Redact] there. Otherwise it is as [Last4].
//
// Masking the result again changes nothing.
func Initial(s string) string {
	if s == hidden || utf8.RuneCountInString(s) < 2 {
		return hidden
	}
	r, size := utf8.DecodeRuneInString(s)
	return string(shown(r, size)) + hidden
}

// Redact returns "****" for every s: the far side learns nothing, not even
// whether there was a value.
func Redact(s string) string { return hidden }

// last shows the last n runes of s when it is long enough to keep as many
// hidden, and more than the hidden mark, so that masking twice is masking once.
func last(s string, n int) string {
	if utf8.RuneCountInString(s) < max(2*n, len(hidden)+1) {
		return hidden
	}
	start := len(s)
	for range n {
		_, size := utf8.DecodeLastRuneInString(s[:start])
		start -= size
	}
	b := append(make([]byte, 0, len(hidden)+n*utf8.UTFMax), hidden...)
	for start < len(s) {
		r, size := utf8.DecodeRuneInString(s[start:])
		b = utf8.AppendRune(b, shown(r, size))
		start += size
	}
	return string(b)
}

// shown is the rune that a mask shows for r: control and formatting characters
// could change how the text around them reads.
func shown(r rune, size int) rune {
	if r == utf8.RuneError && size <= 1 || !unicode.IsPrint(r) {
		return '*'
	}
	return r
}
