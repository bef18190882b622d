package classify

import (
	"fmt"
	"strconv"
	"strings"
)

// TagKey is the key of the struct tag that holds a [Tag].
const TagKey = "classify"

// LookupTag reads the tag from a raw struct tag (the part between the back
// quotes), and reports whether there is one. The error is a [*TagError] whose
// offset is in structTag.
//
// Unlike package reflect it takes a malformed struct tag for an error, and so
// a key that is not spelt in small letters, one given twice, and escape
// sequences in the value: a label must not go unseen.
func LookupTag(structTag string) (tag Tag, found bool, err error) {
	for offset := skipSpaces(structTag, 0); offset < len(structTag); {
		p, bad := scanPair(structTag, offset)
		if bad != nil {
			return Tag{}, false, bad
		}
		if strings.EqualFold(p.key, TagKey) {
			if found {
				return Tag{}, false, &TagError{offset, "key " + TagKey + " given twice in one struct tag"}
			}
			if tag, err = p.classifyTag(offset); err != nil {
				return Tag{}, false, err
			}
			found = true
		}
		offset = skipSpaces(structTag, p.end)
		if offset == p.end && offset < len(structTag) {
			return Tag{}, false, &TagError{offset, `malformed struct tag: want a space between key:"value" pairs`}
		}
	}
	return tag, found, nil
}

// pair is one key:"value" of a struct tag.
type pair struct {
	key    string
	quoted string // the value with its quotes
	start  int    // offset of the first byte inside the quotes
	end    int    // offset after the closing quote
}

// scanPair scans the pair that starts at offset.
func scanPair(s string, offset int) (pair, *TagError) {
	i := offset
	for i < len(s) && s[i] > ' ' && s[i] != ':' && s[i] != '"' && s[i] != 0x7f {
		i++
	}
	if i == offset || i+1 >= len(s) || s[i] != ':' || s[i+1] != '"' {
		return pair{}, &TagError{i, `malformed struct tag: want key:"value" without blanks around the colon`}
	}
	p := pair{key: s[offset:i], start: i + 2}
	for i = p.start; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' {
			i++
		}
	}
	if i >= len(s) {
		return pair{}, &TagError{p.start - 1, "malformed struct tag: value is not closed"}
	}
	p.end = i + 1
	p.quoted = s[p.start-1 : p.end]
	if _, err := strconv.Unquote(p.quoted); err != nil {
		return pair{}, &TagError{p.start - 1, "malformed struct tag: value is not a Go string"}
	}
	return p, nil
}

// classifyTag parses the value of the pair, whose key is at offset.
func (p pair) classifyTag(offset int) (Tag, error) {
	if p.key != TagKey {
		return Tag{}, &TagError{offset, fmt.Sprintf("key %q: want %s in small letters", p.key, TagKey)}
	}
	value := p.quoted[1 : len(p.quoted)-1]
	if i := strings.IndexByte(value, '\\'); i >= 0 {
		return Tag{}, &TagError{p.start + i, "escape sequence in tag: write the name as it is"}
	}
	tag, err := ParseTag(value)
	if err != nil {
		err := err.(*TagError)
		return Tag{}, &TagError{p.start + err.Offset, err.Msg}
	}
	return tag, nil
}

// skipSpaces returns the offset of the first byte of s from i on that is not a
// space.
func skipSpaces(s string, i int) int {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return i
}
