package policyfile

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/sekisho-go/sekisho/internal/nearest"
)

// text is a scalar that is text to a policy. YAML guesses types from spelling;
// text says which guesses are harmless here.
type text struct {
	noun     string         // "a class name"
	pattern  *regexp.Regexp // what it must look like, nil for anything
	looks    string         // the pattern in words
	most     int            // how many characters it may have, 0 for any number
	enum     []string       // the only words allowed
	aka      map[string]string
	example  string
	digits   bool // an unquoted whole number is its own digits
	decimals bool // so is an unquoted decimal
	date     bool // an unquoted date is its own text
}

// unclear are plain words that other YAML readers take for truth values or for
// nothing: "no" is the famous one.
var unclear = map[string]bool{"yes": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true, "~": true}

// plainDigits are the spellings of a whole number that nobody reads
// differently: no leading zero, no underscore, no 0x.
var plainDigits = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)

var plainDecimal = regexp.MustCompile(`^(0|[1-9][0-9]*)\.[0-9]+$`)

func (s text) decode(d *decoder, n *yaml.Node, at trail) (string, bool) {
	if n.Kind == yaml.AliasNode {
		return "", false // reported by the walker
	}
	d.note(n, at)
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" && n.Value == "" {
		d.wrong(n, at, s.noun, s.remedy())
		return "", false
	}
	if !s.plain(d, n, at) {
		return "", false
	}
	return n.Value, s.check(d, n, at)
}

// plain refuses unquoted values that YAML readers do not agree on.
func (s text) plain(d *decoder, n *yaml.Node, at trail) bool {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return true
	}
	remedy := fmt.Sprintf(`write '%s', in quotes, if that is meant`, brief(n.Value))
	if s.enum != nil || s.pattern != nil && !s.pattern.MatchString(n.Value) {
		remedy = s.remedy()
	}
	if unclear[strings.ToLower(n.Value)] {
		d.add(n, fmt.Sprintf("%s%s, unquoted, is a truth value or nothing to many YAML readers", at.prefix(), n.Value), remedy)
		return false
	}
	switch n.ShortTag() {
	case "!!int":
		if s.digits && plainDigits.MatchString(n.Value) {
			return true
		}
	case "!!float":
		if s.decimals && plainDecimal.MatchString(n.Value) {
			return true
		}
	case "!!timestamp":
		if s.date {
			return true
		}
	default:
		return true
	}
	d.wrong(n, at, s.noun, remedy)
	return false
}

// remedy says what to write instead of something else.
func (s text) remedy() string {
	switch {
	case s.enum != nil:
		return "write one of " + strings.Join(s.enum, ", ")
	case s.example != "":
		return "write " + s.example
	case s.looks != "":
		return s.looks
	}
	return "write " + s.noun
}

// check holds the value against the pattern and the words of the shape.
func (s text) check(d *decoder, n *yaml.Node, at trail) bool {
	switch {
	case strings.TrimSpace(n.Value) == "":
		d.wrong(n, at, s.noun, "give it a value, or remove the key")
	case s.enum != nil && !slices.Contains(s.enum, n.Value):
		remedy := s.remedy()
		if meant := s.meant(n.Value); meant != "" {
			remedy = fmt.Sprintf("did you mean %q? the words are %s", meant, strings.Join(s.enum, ", "))
		}
		d.add(n, fmt.Sprintf("%s%s is not %s", at.prefix(), quote(n.Value), s.noun), remedy)
	case s.pattern != nil && !s.pattern.MatchString(n.Value):
		d.add(n, fmt.Sprintf("%s%s is not %s", at.prefix(), quote(n.Value), s.noun), s.looks)
	case s.most > 0 && len(n.Value) > s.most:
		d.add(n, fmt.Sprintf("%sa name of %d characters", at.prefix(), len(n.Value)), fmt.Sprintf("use %d at most", s.most))
	default:
		return true
	}
	return false
}

// meant is the word that was probably meant by one that is none.
func (s text) meant(wrong string) string {
	if word := s.aka[strings.ToLower(wrong)]; word != "" {
		return word
	}
	return nearest.Word(wrong, s.enum)
}

// boolean is true or false, spelt so that every YAML reader agrees.
type boolean struct{}

func (boolean) decode(d *decoder, n *yaml.Node, at trail) (bool, bool) {
	if n.Kind == yaml.AliasNode {
		return false, false
	}
	d.note(n, at)
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" && (n.Value == "true" || n.Value == "false") {
		return n.Value == "true", true
	}
	d.wrong(n, at, "true or false", "write true or false, without quotes")
	return false, false
}

// integer is a whole number between two bounds, in decimal.
type integer struct {
	noun     string
	min, max int64
}

func (s integer) decode(d *decoder, n *yaml.Node, at trail) (int64, bool) {
	if n.Kind == yaml.AliasNode {
		return 0, false
	}
	d.note(n, at)
	remedy := "write a whole number in decimal digits, without quotes"
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || !plainDigits.MatchString(strings.TrimPrefix(n.Value, "-")) {
		d.wrong(n, at, s.noun, remedy)
		return 0, false
	}
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil || v < s.min || v > s.max {
		d.add(n, fmt.Sprintf("%s%s is out of range", at.prefix(), brief(n.Value)), s.bounds())
		return 0, false
	}
	return v, true
}

func (s integer) bounds() string {
	if s.max == math.MaxInt64 {
		return fmt.Sprintf("write a number of %d or more", s.min)
	}
	return fmt.Sprintf("write a number from %d to %d", s.min, s.max)
}

// small is an integer that the model keeps as an int.
type small struct{ integer }

func (s small) decode(d *decoder, n *yaml.Node, at trail) (int, bool) {
	v, ok := s.integer.decode(d, n, at)
	return int(v), ok
}
