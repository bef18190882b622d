// Package nearest finds the word that somebody meant who wrote another one, for
// messages that say "did you mean".
package nearest

import (
	"strings"

	"golang.org/x/text/width"
)

// maxSuggest bounds the words that are compared: nobody misspells a key in
// more characters than that, and the comparison is quadratic.
const maxSuggest = 40

// Word returns which of the words was probably meant by a wrong one, "" if
// none is near enough. Width, case and the choice of hyphen, underscore or
// nothing between words are forgiven.
func Word(wrong string, words []string) string {
	folded := foldWord(wrong)
	if folded == "" || len(folded) > maxSuggest {
		return ""
	}
	best, bestAt := "", 1
	if len(folded) > 5 {
		bestAt = len(folded) / 3
	}
	for _, word := range words {
		target := foldWord(word)
		if target == folded {
			return word
		}
		if d := distance(folded, target); d <= bestAt && d < max(len(folded), len(target)) {
			if d < bestAt || best == "" {
				best, bestAt = word, d
			}
		}
	}
	return best
}

// foldWord brings a word to the form in which words are compared: half width
// (ｃｌａｓｓ is what a Japanese keyboard makes of class), lower case, no
// separators.
func foldWord(s string) string {
	if len(s) > 4*maxSuggest {
		return s
	}
	s = strings.ToLower(width.Fold.String(s))
	return strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(s)
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(y) > maxSuggest {
		return len(y)
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
