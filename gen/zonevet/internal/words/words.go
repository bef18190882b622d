// Package words compares names and texts with lists of words, in Japanese, romaji
// and English alike.
package words

import (
	"slices"
	"strings"
	"unicode"
)

// Read reads a list of words by what they stand for: lines "NAME: word, word".
// Words are spelt like [Spell] does. Empty lines and those with # are passed over.
func Read(text string) map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, list, _ := strings.Cut(line, ":")
		for w := range strings.SplitSeq(list, ",") {
			all[name] = append(all[name], Spell(w))
		}
	}
	return all
}

// Spell writes a text as words in small letters with one blank between them and
// at both ends, however names were put together. Digits end a word.
func Spell(text string) string {
	var b strings.Builder
	b.WriteByte(' ')
	runes := []rune(text)
	blank := true
	for i, r := range runes {
		if !unicode.IsLetter(r) && r != 'ー' {
			if !blank {
				b.WriteByte(' ')
				blank = true
			}
			continue
		}
		camel := unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1]))
		if camel && !blank {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
		blank = false
	}
	if !blank {
		b.WriteByte(' ')
	}
	return b.String()
}

// Say reports whether a spelt text has one of the words. A Japanese word needs
// no blanks around it.
func Say(spelt string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		bare := strings.Trim(w, " ")
		if bare == "" {
			return false
		}
		if bare[0] < 0x80 {
			return strings.Contains(spelt, w)
		}
		return strings.Contains(spelt, bare)
	})
}
