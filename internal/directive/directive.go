// Package directive reads the comments that direct the tools. It is the one
// parser of them: the generator, the analyzer and the report all use it.
//
//	//zone:package NAME            the package is of the zone NAME
//	//zone:allow CHECK REASON...   a finding of the check CHECK is accepted here
//	//zone:views NAME...           views to these zones and routes only
//	//classify:label TAG           the named type below has the label TAG
//
// As all Go directives they start right after the slashes. A comment that only
// lacks that (a blank, a capital, a block comment) is an error and so is an
// unknown word: a directive that is not seen leaves data unprotected. Text from
// " //" on is a comment on the directive.
package directive

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/classify"
)

// Kind tells the directives apart.
type Kind uint8

const (
	Unknown Kind = iota // not a directive
	Package             // zone:package
	Allow               // zone:allow
	Views               // zone:views
	Label               // classify:label
)

// words is indexed by Kind.
var words = [...]string{Unknown: "unknown", Package: "zone:package", Allow: "zone:allow", Views: "zone:views", Label: "classify:label"}

// String returns the word of the directive, such as zone:allow.
func (k Kind) String() string {
	if int(k) >= len(words) {
		k = Unknown
	}
	return words[k]
}

// Directive is one directive. Which fields are set depends on Kind.
type Directive struct {
	Kind   Kind
	Zone   string       // Package: the zone
	Check  string       // Allow: the check
	Reason string       // Allow: why, never empty; single blanks between words
	Views  []string     // Views: zones and routes, each once, one at least
	Tag    classify.Tag // Label
}

// Error says what is wrong with a directive and where.
type Error struct {
	Offset int    // in bytes, from the begin of the comment
	Msg    string // what was found, what was wanted
}

// Error returns the offset and the message.
func (e *Error) Error() string { return fmt.Sprintf("directive, offset %d: %s", e.Offset, e.Msg) }

// Parse parses one comment as it stands in the source, with its "//" or "/*".
// It returns false for a comment that is none of the directives here, and an
// [*Error] for one that is meant to be and cannot be read.
func Parse(comment string) (Directive, bool, error) {
	kind, rest, err := parseWord(comment)
	if err != nil || kind == Unknown {
		return Directive{}, false, err
	}
	p := parser{comment, len(comment) - len(rest)}
	d := Directive{Kind: kind}
	var bad *Error
	switch kind {
	case Package:
		bad = p.parsePackage(&d)
	case Allow:
		bad = p.parseAllow(&d)
	case Views:
		bad = p.parseViews(&d)
	case Label:
		bad = p.parseLabel(&d)
	}
	if bad != nil {
		return Directive{}, false, bad
	}
	return d, true, nil
}

// String returns the directive in canonical form: single blanks between its
// parts, no comment. Parse(d.String()) gives d again when d came from Parse.
func (d Directive) String() string {
	s := "//" + d.Kind.String()
	switch d.Kind {
	case Package:
		s += " " + d.Zone
	case Allow:
		s += " " + d.Check + " " + d.Reason
	case Views:
		s += " " + strings.Join(d.Views, " ")
	case Label:
		s += " " + d.Tag.String()
	}
	return s
}

// parseWord reads the word of a directive and returns what follows it. The
// kind is Unknown when the comment is an ordinary one.
func parseWord(comment string) (kind Kind, rest string, err error) {
	if len(comment) < 2 || comment[0] != '/' || comment[1] != '/' && comment[1] != '*' {
		return Unknown, "", nil
	}
	text := comment[2:]
	trimmed := strings.TrimLeft(text, " \t")
	end := strings.IndexFunc(trimmed, unicode.IsSpace)
	if end < 0 {
		end = len(trimmed)
	}
	word, rest := trimmed[:end], trimmed[end:]
	for kind := Package; kind <= Label; kind++ {
		switch {
		case !strings.EqualFold(words[kind], word):
		case comment[1] == '/' && words[kind] == text[:end]:
			return kind, rest, nil
		default:
			return Unknown, "", nearMiss(kind, rest)
		}
	}
	if comment[1] == '/' && trimmed == text && isOurs(word) {
		return Unknown, "", &Error{2, fmt.Sprintf("unknown directive %s: want zone:package, zone:allow, zone:views or classify:label", quote(word))}
	}
	return Unknown, "", nil
}

// nearMiss returns the error for a comment that would be a directive if it
// were written as one, and nil for prose that starts with the word of one.
func nearMiss(kind Kind, rest string) error {
	right := "//" + kind.String()
	if _, _, err := Parse(right + strings.TrimSuffix(rest, "*/")); err != nil {
		return nil
	}
	return &Error{0, fmt.Sprintf("not a directive: write %s in small letters, in a line comment, without a blank after //", right)}
}

// isOurs reports whether a word has the form of a directive in one of the
// namespaces here. A colon that ends the word is that of commented-out code.
func isOurs(word string) bool {
	namespace, name, _ := strings.Cut(word, ":")
	return (namespace == "zone" || namespace == "classify") && name != "" && unicode.IsLetter(rune(name[0]))
}

// parser reads what follows the word of a directive.
type parser struct {
	comment string
	offset  int // of the next byte to read
}

// skip skips blanks.
func (p *parser) skip() {
	rest := p.comment[p.offset:]
	p.offset += len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
}

// done reports whether nothing follows but blanks and a comment. A comment
// starts with // after a blank, so that a reason may have a URL.
func (p *parser) done() bool {
	p.skip()
	rest := p.comment[p.offset:]
	return rest == "" || strings.HasPrefix(rest, "//")
}

// next returns the next word and its offset. Call it when not done.
func (p *parser) next() (word string, offset int) {
	p.skip()
	offset = p.offset
	rest := p.comment[offset:]
	end := strings.IndexFunc(rest, unicode.IsSpace)
	if end < 0 {
		end = len(rest)
	}
	p.offset += end
	return rest[:end], offset
}

// name reads a name. The noun is for messages.
func (p *parser) name(noun string) (string, *Error) {
	if p.done() {
		return "", &Error{p.offset, "no " + noun}
	}
	word, offset := p.next()
	if !classify.ValidName(word) {
		return "", &Error{offset, fmt.Sprintf("%s cannot be the name of a %s", quote(word), noun)}
	}
	return word, nil
}

// parsePackage reads the one zone.
func (p *parser) parsePackage(d *Directive) (err *Error) {
	if d.Zone, err = p.name("zone"); err != nil {
		return err
	}
	if !p.done() {
		return &Error{p.offset, "more than one zone: a package is of one zone"}
	}
	return nil
}

// parseAllow reads a check and a reason.
func (p *parser) parseAllow(d *Directive) (err *Error) {
	if d.Check, err = p.name("check"); err != nil {
		return err
	}
	var reason []string
	for !p.done() {
		word, offset := p.next()
		if !utf8.ValidString(word) {
			return &Error{offset, "reason is not UTF-8"}
		}
		reason = append(reason, word)
	}
	if reason == nil {
		return &Error{p.offset, "no reason: say after the check why the finding is accepted, for the auditor reads it"}
	}
	d.Reason = strings.Join(reason, " ")
	return nil
}

// parseViews reads names of zones and routes.
func (p *parser) parseViews(d *Directive) *Error {
	for first := true; first || !p.done(); first = false {
		p.skip()
		offset := p.offset
		name, err := p.name("zone or route")
		if err != nil {
			return err
		}
		if slices.Contains(d.Views, name) {
			return &Error{offset, fmt.Sprintf("%q given twice", name)}
		}
		d.Views = append(d.Views, name)
	}
	return nil
}

// parseLabel reads a tag.
func (p *parser) parseLabel(d *Directive) *Error {
	if p.done() {
		return &Error{p.offset, "no tag: want one in the form of the struct tag, such as name or 3B,action=drop"}
	}
	word, offset := p.next()
	tag, err := classify.ParseTag(word)
	if err != nil {
		bad := err.(*classify.TagError)
		return &Error{offset + bad.Offset, bad.Msg}
	}
	if !p.done() {
		return &Error{p.offset, "text after the tag: a tag has no blanks; write a comment after //"}
	}
	d.Tag = tag
	return nil
}

// quote quotes a piece of a comment for a message, cut short when it is long.
func quote(s string) string {
	if len(s) > 64 {
		s = s[:64] + "..."
	}
	return fmt.Sprintf("%q", s)
}
