package policy

import (
	"fmt"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
)

// An Explanation is a decision with everything that was weighed for it.
type Explanation struct {
	Decision   Decision
	Candidates []Candidate // base before overlays, categories in the label's order, rules in the file's order
}

// A Candidate is one rule, or one lack of a rule, that spoke for an action.
type Candidate struct {
	Policy   string // name of the policy or overlay
	Category string // the category it is about; empty: the bare class
	Class    string // the class by which it was looked up
	Action   classify.Action
	With     string // function of mask and generalise, empty where the field names it
	Rule     *Rule  // nil: no rule matched, or the category stays in a zone
	Path     string // of the rule inside its policy: routes[0].rules[2]
	Clause   string // the rule's, else its route's
	Why      string // one line for people
	Won      bool   // its action is the one that was decided by the policy
}

// Explain decides like [Policy.Decide] and shows what was weighed. There are
// no candidates where the question itself was refused: no such route, a closed
// road, a label that the policy cannot rank.
func (p *Policy) Explain(r *Route, l classify.Label, t classify.Tag) Explanation {
	d, opinions := (&question{p: p, route: r, label: l, tag: t}).decide()
	e := Explanation{Decision: d}
	strictest := classify.ActionUnknown
	for i := range opinions {
		strictest = classify.Stricter(strictest, opinions[i].action)
	}
	for i := range opinions {
		o := &opinions[i]
		c := Candidate{
			Policy: o.by.Name, Category: o.category, Class: p.className(o.class), Action: o.action,
			With: o.with, Rule: o.rule, Why: o.why(p), Won: o.action == strictest,
		}
		if o.route != nil {
			c.Clause = o.route.Clause
		}
		if o.rule != nil {
			c.Path = o.by.rulePath(o.rule)
			if o.rule.Clause != "" {
				c.Clause = o.rule.Clause
			}
		}
		e.Candidates = append(e.Candidates, c)
	}
	return e
}

// rulePath is where a rule stands in its policy.
func (p *Policy) rulePath(rule *Rule) string {
	for i := range p.Routes {
		for j := range p.Routes[i].Rules {
			if rule == &p.Routes[i].Rules[j] {
				return fmt.Sprintf("routes[%d].rules[%d]", i, j)
			}
		}
	}
	return ""
}

// String is the decision and its candidates, one line each, in plain English.
func (e Explanation) String() string {
	var b strings.Builder
	d := e.Decision
	fmt.Fprintf(&b, "%s: %s", d.Action, d.Why)
	if d.Clause != "" {
		fmt.Fprintf(&b, " [%s]", d.Clause)
	}
	for _, c := range e.Candidates {
		mark := " "
		if c.Won {
			mark = "*"
		}
		fmt.Fprintf(&b, "\n%s %s: %s", mark, c.Policy, c.Why)
		if c.Rule != nil && !c.Rule.Pos.IsZero() {
			fmt.Fprintf(&b, " (%s)", c.Rule.Pos)
		}
	}
	return b.String()
}
