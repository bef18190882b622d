package literal

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/words"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// checks are the checks that a policy can name and that are built in.
var checks = map[string]func(digits string) bool{
	"jp.individual-number":     func(s string) bool { _, err := jp.ParseIndividualNumber(s); return err == nil },
	"jp.insurer-number":        func(s string) bool { _, err := jp.ParseInsurerNumber(s); return err == nil },
	"jp.insured-number":        func(s string) bool { _, err := jp.ParseInsuredNumber(s); return err == nil },
	"jp.institution-code":      func(s string) bool { _, err := jp.ParseInstitutionCode(s); return err == nil },
	"jp.corporate-number":      func(s string) bool { _, err := jp.ParseCorporateNumber(s); return err == nil },
	"jp.local-government-code": func(s string) bool { _, err := jp.ParseLocalGovernmentCode(s); return err == nil },
	card:                       isCard,
}

// card is the check of payment cards, which no policy names: a category is one
// of them by its name.
const card = "card"

// isCard checks a number of a payment card (ISO/IEC 7812): 13 to 19 digits, one
// of the leading digits of card networks, and Luhn's sum.
func isCard(digits string) bool {
	if len(digits) < 13 || len(digits) > 19 || digits[0] < '2' || digits[0] > '6' {
		return false
	}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

//go:embed words.txt
var wordsText string

//go:embed examples.txt
var examplesText string

// Numbers finds identifiers in text.
type Numbers struct {
	kinds    []kind
	madeUp   []string
	examples map[string]bool
}

// kind is one category that is looked for.
type kind struct {
	category, class string
	check           func(string) bool
	words           []string
}

// NewNumbers returns what finds the identifiers that policies have checks for.
// Categories of the lowest class are public and not looked for.
func NewNumbers(policies []*policy.Policy) *Numbers {
	list := words.Read(wordsText)
	n := &Numbers{madeUp: list["made-up"], examples: map[string]bool{}}
	for line := range strings.Lines(examplesText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			n.examples[line] = true
		}
	}
	seen := map[string]bool{}
	for _, p := range policies {
		for i := range p.Categories {
			c := &p.Categories[i]
			name := c.Check
			if name == "" && words.Say(words.Spell(c.Name), list[card]) {
				name = card
			}
			level, ok := p.Scale().Level(c.Class)
			if checks[name] == nil || !ok || level <= p.Scale().Lowest() || seen[c.Name] {
				continue
			}
			seen[c.Name] = true
			n.kinds = append(n.kinds, kind{c.Name, c.Class, checks[name], append(slices.Clone(list[name]), words.Spell(c.Name))})
		}
	}
	return n
}

// Any reports whether there is anything to look for.
func (n *Numbers) Any() bool { return len(n.kinds) > 0 }

// Found is an identifier in a text. It does not hold the identifier.
type Found struct {
	Offset   int // in bytes, of its first digit
	Category string
	Class    string
}

// Find finds the identifiers in a text. The context is what stands near it: names
// and comments.
func (n *Numbers) Find(text, context string) []Found {
	if !strings.ContainsFunc(text, unicode.IsDigit) {
		return nil
	}
	near := ""
	var found []Found
	for _, r := range runs(text) {
		if n.examples[r.digits] {
			continue
		}
		for _, k := range n.kinds {
			if !k.check(r.digits) {
				continue
			}
			if near == "" {
				near = words.Spell(text + "\n" + context)
			}
			if words.Say(near, k.words) && !words.Say(near, n.madeUp) {
				found = append(found, Found{r.offset, k.category, k.class})
				break
			}
		}
	}
	return found
}

// digitRun is a run of digits with single separators between them.
type digitRun struct {
	offset int
	digits string
}

// runs finds the runs of digits in a text: whole ones, and where blanks divide
// one its parts too, for two numbers may stand side by side.
func runs(text string) []digitRun {
	var all []digitRun
	var parts []digitRun // of the present run, divided at blanks
	last := -1           // offset behind its last digit
	before, previous, gap := ' ', ' ', ' '
	end := func(next rune, rest string) {
		if len(parts) > 0 && !glued(before) && !(glued(next) && (next != '.' || startsWithDigit(rest))) {
			whole := digitRun{offset: parts[0].offset}
			for _, p := range parts {
				whole.digits += p.digits
			}
			all = append(all, whole)
			if len(parts) > 1 {
				all = append(all, parts...)
			}
		}
		parts = nil
	}
	for i, r := range text {
		d, ok := digit(r)
		switch {
		case ok && len(parts) > 0:
			if i > last && unicode.IsSpace(gap) {
				parts = append(parts, digitRun{offset: i})
			}
			parts[len(parts)-1].digits += string(rune(d))
			last = i + len(string(r))
		case ok:
			parts, before = []digitRun{{i, string(rune(d))}}, previous
			last = i + len(string(r))
		case len(parts) > 0 && i == last && separator(r):
			gap = r
		case len(parts) > 0 && i > last:
			end(' ', "") // a separator that no digit follows
		default:
			_, size := utf8.DecodeRuneInString(text[i:]) // 1 where it is no UTF-8
			end(r, text[i+size:])
		}
		previous = r
	}
	end(' ', "")
	return all
}

// startsWithDigit tells a decimal point from the end of a sentence.
func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

// digit is the ASCII form of an ASCII or full-width digit.
func digit(r rune) (byte, bool) {
	switch {
	case '0' <= r && r <= '9':
		return byte(r), true
	case '０' <= r && r <= '９':
		return byte(r-'０') + '0', true
	}
	return 0, false
}

// separator reports whether a rune stands between the groups of a number.
func separator(r rune) bool {
	return strings.ContainsRune(" \u3000-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d\u30fc", r)
}

// glued reports whether a rune beside digits makes them part of something else.
func glued(r rune) bool {
	return r == '_' || r == '.' || r == '/' || r == '#' || r < 0x80 && unicode.IsLetter(r)
}
