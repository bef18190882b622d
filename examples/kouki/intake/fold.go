package intake

import (
	"strings"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// foldRune maps the seven characters on which Microsoft's table for Shift_JIS and that of JIS (and of Java and the Mac)
// differ to Microsoft's side. Only that side can be written as CP932.
func foldRune(r rune) rune {
	switch r {
	case 0x301C: // 〜 wave dash
		return 0xFF5E // ～ full-width tilde
	case 0x2212: // − minus sign
		return 0xFF0D // － full-width hyphen-minus
	case 0x2016: // ‖ double vertical line
		return 0x2225 // ∥ parallel to
	case 0x2014: // — em dash
		return 0x2015 // ― horizontal bar
	case 0x00A2: // ¢
		return 0xFFE0 // ￠
	case 0x00A3: // £
		return 0xFFE1 // ￡
	case 0x00AC: // ¬
		return 0xFFE2 // ￢
	}
	return r
}

// Fold replaces the seven characters on which the tables for Shift_JIS differ (wave dash, minus sign, double vertical
// line, em dash, cent, pound and not sign) by those that CP932 stands for. The reader applies it to UTF-8 files; a
// program that writes CP932 applies it before it encodes. All other characters stay.
func Fold(s string) string { return strings.Map(foldRune, s) }

// Katakana brings half-width kana to full width, composes sound marks with their letter and makes every space the
// ideographic one: ｶﾞｯｺｳ ﾊﾅｺ becomes ガッコウ　ハナコ. All other characters stay as they are; see [IsKatakana] for a check.
func Katakana(s string) string {
	wide := strings.Map(func(r rune) rune {
		if r == ' ' {
			return '　'
		}
		if 0xFF61 <= r && r <= 0xFF9F {
			return []rune(width.Widen.String(string(r)))[0]
		}
		return r
	}, s)
	return norm.NFC.String(wide)
}

// IsKatakana reports whether s consists of full-width katakana, the prolonged sound mark, the middle dot and ideographic
// spaces only, and is not empty.
func IsKatakana(s string) bool {
	for _, r := range s {
		if !('ァ' <= r && r <= 'ヺ' || r == 'ー' || r == '・' || r == '　') {
			return false
		}
	}
	return s != ""
}

// narrowDigits replaces the full-width forms of ASCII characters, as in １２３ and Ｓ, by the characters themselves.
func narrowDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if 0xFF01 <= r && r <= 0xFF5E {
			return r - 0xFF01 + '!'
		}
		return r
	}, s)
}
