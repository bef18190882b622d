package classify

import (
	"fmt"
	"slices"
	"strings"
)

// Tag is what a developer writes on a field: what the datum is, and options
// that tighten what the policy says of it. Names resolve to a [Label] by a
// policy.
type Tag struct {
	Names        []string // categories and classes, as written; each once
	Class        string   // class= option, or ""
	Integrity    string   // integrity= option, or ""
	Availability string   // availability= option, or ""
	Action       Action   // action= option, or ActionUnknown
	Mask         string   // mask= option, in the form of FuncName, or ""
	Generalise   string   // generalise= option, likewise
	ID           bool     // the field identifies its record
	Column       bool     // sealed on its own, to be a database column
	Index        bool     // the column can be searched for equal values; only with Column
	Token        bool     // the field already holds a token
}

// TagError says what is wrong with a tag and where.
type TagError struct {
	Offset int    // in bytes, from the begin of what was parsed
	Msg    string // what was found, what was wanted
}

// Error returns the offset and the message.
func (e *TagError) Error() string {
	return fmt.Sprintf("classify: tag, offset %d: %s", e.Offset, e.Msg)
}

// optionList is for messages.
const optionList = "class=, integrity=, availability=, action=, mask=, generalise=, id, column, index or token"

// ParseTag parses the text of a tag, in the grammar of the package comment.
// The error is a [*TagError]. Blanks, empty names, unknown options, options
// given twice and a name given twice are all errors: a label that says
// something else than its writer meant is worse than none.
func ParseTag(s string) (Tag, error) {
	var t Tag
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return Tag{}, &TagError{i, "blank in tag: names are joined by + and options by , alone"}
		}
	}
	names, options, more := strings.Cut(s, ",")
	if err := t.parseNames(names); err != nil {
		return Tag{}, err
	}
	offset, index := len(names), 0
	for more {
		offset++ // the comma
		var option string
		option, options, more = strings.Cut(options, ",")
		if err := t.parseOption(option); err != nil {
			err.Offset += offset
			return Tag{}, err
		}
		if option == "index" {
			index = offset
		}
		offset += len(option)
	}
	if t.Index && !t.Column {
		return Tag{}, &TagError{index, "option index without column: want column,index, as only what is sealed on its own can be searched"}
	}
	return t, nil
}

// parseNames parses the part of a tag before the first comma.
func (t *Tag) parseNames(s string) *TagError {
	if s == "" {
		return &TagError{0, "no name: want a category or class first, as in name or 3B,action=drop"}
	}
	if key, _, found := strings.Cut(s, "="); found {
		return &TagError{0, fmt.Sprintf("option %s before any name: want a category or class first", quote(key+"="))}
	}
	offset := 0
	for name := range strings.SplitSeq(s, "+") {
		switch {
		case name == "":
			return &TagError{offset, "empty name: want a category or class on both sides of +"}
		case !ValidName(name):
			return &TagError{offset, fmt.Sprintf("name %s: want %s", quote(name), nameRule)}
		case slices.Contains(t.Names, name):
			return &TagError{offset, fmt.Sprintf("name %q given twice", name)}
		}
		t.Names = append(t.Names, name)
		offset += len(name) + 1
	}
	return nil
}

// parseOption parses one option. Offsets are from its begin.
func (t *Tag) parseOption(option string) *TagError {
	key, value, hasValue := strings.Cut(option, "=")
	switch key {
	case "class", "integrity", "availability", "action", "mask", "generalise":
		if !hasValue {
			return &TagError{len(key), fmt.Sprintf("option %s needs a value, as in %s=...", key, key)}
		}
	}
	switch key {
	case "class":
		return setName(&t.Class, key, value)
	case "integrity":
		return setName(&t.Integrity, key, value)
	case "availability":
		return setName(&t.Availability, key, value)
	case "mask":
		return setFunc(&t.Mask, key, value)
	case "generalise":
		return setFunc(&t.Generalise, key, value)
	case "action":
		return t.setAction(value)
	case "id":
		return setFlag(&t.ID, key, hasValue)
	case "column":
		return setFlag(&t.Column, key, hasValue)
	case "index":
		return setFlag(&t.Index, key, hasValue)
	case "token":
		return setFlag(&t.Token, key, hasValue)
	case "":
		return &TagError{0, "empty option: want one of " + optionList + " after the comma"}
	}
	return &TagError{0, fmt.Sprintf("unknown option %s: want %s", quote(key), optionList)}
}

// setAction parses the value of the action= option.
func (t *Tag) setAction(value string) *TagError {
	if t.Action != ActionUnknown {
		return &TagError{0, "option action= given twice"}
	}
	a, err := ParseAction(value)
	if err != nil {
		return &TagError{len("action="), "option action=: " + err.Error()}
	}
	t.Action = a
	return nil
}

// setName parses the value of an option that takes a name.
func setName(field *string, key, value string) *TagError {
	if *field != "" {
		return &TagError{0, fmt.Sprintf("option %s= given twice", key)}
	}
	if !ValidName(value) {
		return &TagError{len(key) + 1, fmt.Sprintf("option %s=: %s is not a name: want %s", key, quote(value), nameRule)}
	}
	*field = value
	return nil
}

// setFunc parses the value of an option that takes the name of a function.
func setFunc(field *string, key, value string) *TagError {
	if *field != "" {
		return &TagError{0, fmt.Sprintf("option %s= given twice", key)}
	}
	if _, _, err := FuncName(value); err != nil {
		return &TagError{len(key) + 1, fmt.Sprintf("option %s=: %v", key, err)}
	}
	*field = value
	return nil
}

// setFlag parses an option that takes no value.
func setFlag(field *bool, key string, hasValue bool) *TagError {
	if hasValue {
		return &TagError{len(key), fmt.Sprintf("option %s takes no value", key)}
	}
	if *field {
		return &TagError{0, fmt.Sprintf("option %s given twice", key)}
	}
	*field = true
	return nil
}

// String returns t in the one canonical form: the names as written, then the
// options in the order of the grammar. ParseTag(t.String()) gives t again when
// t came from ParseTag.
func (t Tag) String() string {
	var b strings.Builder
	b.WriteString(strings.Join(t.Names, "+"))
	option := func(key, value string) {
		if value != "" {
			b.WriteString("," + key + "=" + value)
		}
	}
	flag := func(key string, set bool) {
		if set {
			b.WriteString("," + key)
		}
	}
	option("class", t.Class)
	option("integrity", t.Integrity)
	option("availability", t.Availability)
	if t.Action != ActionUnknown {
		option("action", t.Action.String())
	}
	option("mask", t.Mask)
	option("generalise", t.Generalise)
	flag("id", t.ID)
	flag("column", t.Column)
	flag("index", t.Index)
	flag("token", t.Token)
	return b.String()
}

// quote quotes a piece of a tag for a message, cut short when it is long.
func quote(s string) string {
	if len(s) > maxName {
		s = s[:maxName] + "..."
	}
	return fmt.Sprintf("%q", s)
}
