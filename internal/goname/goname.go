// Package goname says what things of a policy are called in Go: the types of
// routes and refusals, and the parts of names that views and methods are made
// of. The loader, the planner and the emitter agree on these names here.
package goname

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// Camel writes a name of the policy ("levy-2", "mailing") the way Go spells
// exported names ("Levy2", "Mailing").
func Camel(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// LowerFirst spells an exported name as an unexported one; an initialism at
// the front is lowered as a whole ("IDCard" becomes "idCard").
func LowerFirst(name string) string {
	runes := []rune(name)
	n := 0
	for n < len(runes) && unicode.IsUpper(runes[n]) {
		n++
	}
	if n > 1 && n < len(runes) && unicode.IsLower(runes[n]) {
		n-- // the last capital begins the next word
	}
	for i := range n {
		runes[i] = unicode.ToLower(runes[i])
	}
	return string(runes)
}

// Suffix is what a route adds to the name of a view and of a method.
func Suffix(p *policy.Policy, r *policy.Route) string {
	to, _ := p.Zone(r.To)
	return to.Go + Camel(r.Name)
}

// RouteType returns the name of the Go type of a route.
func RouteType(p *policy.Policy, r *policy.Route) string {
	from, _ := p.Zone(r.From)
	return from.Go + "To" + Suffix(p, r)
}

// ClauseIdent spells a clause as a part of an identifier: "7(3)①" becomes
// "7_3_1". Numbers in circles and full-width forms are folded to plain ones.
func ClauseIdent(clause string) string {
	var b strings.Builder
	gap := false
	for _, r := range clause {
		// Unicode's own compatibility mapping turns ① into 1; a circled
		// number right after another number needs a gap.
		folded := norm.NFKC.String(string(r))
		if folded != string(r) {
			gap = true
		}
		for _, f := range folded {
			if !unicode.IsLetter(f) && !unicode.IsDigit(f) {
				gap = true
				continue
			}
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(f)
		}
	}
	return b.String()
}

// RefusedByClause returns the name of the refusal type of a clause.
func RefusedByClause(clause string) string { return "RefusedByClause" + ClauseIdent(clause) }

// RefusedNoRoute returns the name of the refusal type of two zones with no
// route between them and no clause that says why.
func RefusedNoRoute(from, to *policy.Zone) string { return "RefusedNoRoute" + from.Go + "To" + to.Go }

// RefusedOnRoute returns the name of the refusal type of a route without a
// clause that some field may not take.
func RefusedOnRoute(p *policy.Policy, r *policy.Route) string { return "RefusedOn" + RouteType(p, r) }
