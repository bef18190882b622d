package people

import (
	"strings"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// wide writes digits and hyphens in full width, as addresses have them.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' || r == '-' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

// narrowKana writes full-width katakana in half width, sound marks apart: ガ　ア becomes ｶﾞ ｱ.
func narrowKana(s string) string { return width.Narrow.String(norm.NFD.String(s)) }
