package intake

import (
	"bytes"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// Charset says in which character encoding a file is. The zero value is invalid: the reader does not guess.
type Charset uint8

const (
	CharsetUnknown Charset = iota // not stated; NewReader refuses it
	CP932                         // Microsoft's Shift_JIS (Windows-31J) with NEC and IBM extensions
	UTF8                          // UTF-8, with or without a byte order mark
)

// String returns the usual name of the charset.
func (c Charset) String() string {
	switch c {
	case CP932:
		return "CP932"
	case UTF8:
		return "UTF-8"
	}
	return "unknown charset"
}

// shiftJIS is the decoder of the WHATWG's Shift_JIS, which is CP932. It keeps no state between calls.
var shiftJIS = japanese.ShiftJIS.NewDecoder().Transformer

var (
	utf8Mark    = []byte("\xEF\xBB\xBF")
	utf16Marks  = [][]byte{[]byte("\xFF\xFE"), []byte("\xFE\xFF")}
	replacement = []byte(string(utf8.RuneError))
)

// looksLike names the charset the first bytes of a file are in when that is certainly not the stated one, and how it
// shows. Text in CP932 that is valid UTF-8 by chance exists (ﾅｶ in half-width kana is C5 B6), but not with a sequence of
// three bytes in it and not over a whole window.
func (c Charset) looksLike(window []byte, atEOF bool) (found, sign string) {
	for _, mark := range utf16Marks {
		if bytes.HasPrefix(window, mark) {
			return "UTF-16", "it begins with a byte order mark"
		}
	}
	switch {
	case c != UTF8 && bytes.HasPrefix(window, utf8Mark):
		return "UTF-8", "it begins with a byte order mark"
	case c == CP932 && wideUTF8(window, atEOF):
		return "UTF-8", "all of its first bytes are valid UTF-8"
	case c == UTF8:
		// Only the header is looked at: a broken byte in a row is that row's fault, not the file's.
		header, _, _ := bytes.Cut(window, []byte("\n"))
		if _, bad := CP932.decode(nil, header); !utf8.Valid(header) && bad < 0 {
			return "CP932", "its first line is not valid UTF-8 and is valid CP932"
		}
	}
	return "", ""
}

// wideUTF8 reports whether b is valid UTF-8 throughout and has a character of at least three bytes, as all kana and
// kanji are. A character cut off by the end of the window is no fault unless the file ends there.
func wideUTF8(b []byte, atEOF bool) bool {
	wide := false
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			return wide && !atEOF && !utf8.FullRune(b)
		}
		wide = wide || size >= 3
		b = b[size:]
	}
	return wide
}

// decode appends the text of src to dst. When some byte of src is no character in c, bad is its offset in src and what
// was appended must not be used; otherwise bad is -1.
func (c Charset) decode(dst, src []byte) (text []byte, bad int) {
	if isASCII(src) {
		return append(dst, src...), -1
	}
	if c == UTF8 {
		return decodeUTF8(dst, src)
	}
	start := len(dst)
	dst = slices.Grow(dst, 3*len(src)) // no character of CP932 takes more than three bytes in UTF-8
	n, _, err := shiftJIS.Transform(dst[start:cap(dst)], src, true)
	dst = dst[:start+n]
	// The decoder puts U+FFFD where it cannot read. CP932 has no such character, so the test is exact.
	if err != nil || bytes.Contains(dst[start:], replacement) {
		return dst, firstBad(src)
	}
	return dst, -1
}

// decodeUTF8 also refuses a well-formed U+FFFD: it is the trace of an earlier program that lost a character.
func decodeUTF8(dst, src []byte) ([]byte, int) {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError {
			return dst, i
		}
		dst = utf8.AppendRune(dst, foldRune(r))
		i += size
	}
	return dst, -1
}

// firstBad returns the offset of the first byte of src that begins no character of CP932.
func firstBad(src []byte) int {
	var text [8]byte
	for i := 0; i < len(src); {
		size := 1
		if isLead(src[i]) && i+1 < len(src) {
			size = 2
		}
		n, _, err := shiftJIS.Transform(text[:], src[i:i+size], true)
		if err != nil || bytes.Contains(text[:n], replacement) {
			return i
		}
		i += size
	}
	return 0
}

// isLead reports whether b is the first of two bytes in CP932.
func isLead(b byte) bool { return 0x81 <= b && b <= 0x9F || 0xE0 <= b && b <= 0xFC }

// undecodable says what is wrong with the byte at offset i of a cell, without showing it.
func (c Charset) undecodable(cell []byte, i int) string {
	if c == CP932 && 0xF0 <= cell[i] && cell[i] <= 0xF9 {
		return fmt.Sprintf("byte %d is a user-defined character (外字), which only the machine that wrote it can read", i+1)
	}
	return fmt.Sprintf("byte %d is no character in %v", i+1, c)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unprintable reports whether r is a control character, an invisible format character (zero-width, direction marks) or a
// line separator: none of them belongs into a cell, and each could make two different values look alike.
func unprintable(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r < ' ' || r == 0x7F
	case 0x3000 <= r && r <= 0xD7FF || 0xFF00 <= r && r <= 0xFFEF:
		return false // kana, kanji and the half- and full-width forms, without a search in the tables
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
