package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sekisho-go/sekisho/classify"
)

// The kinds of findings of Lint.
const (
	KindShadowed     = "shadowed"      // a rule that never decides
	KindUnreachable  = "unreachable"   // a rule for a class that cannot be there
	KindUnused       = "unused"        // a purpose or category that nothing refers to
	KindExpired      = "expired"       // a route that is closed by its date
	KindException    = "exception"     // a named route that lacks what an exception states
	KindDescends     = "descends"      // a route passes more than the lowest class to a lower zone
	KindOrder        = "order"         // a higher class is treated looser than a lower one
	KindGuessable    = "guessable"     // a token of what can be guessed
	KindDomain       = "domain"        // a category with a check of its form, and nothing said of how many values it has
	KindAlgorithm    = "algorithm"     // keys are of an algorithm that is not listed, or not for long
	KindEvidence     = "evidence"      // a way around asks for less evidence than the direct road
	KindApprover     = "approver"      // approvals without a principal
	KindIncomparable = "incomparable"  // two functions meet and the field is dropped
	KindNetworks     = "networks"      // one address is in two zones
	KindCleaner      = "cleaner"       // a cleaner of the analyzer that is broader than anybody can answer for
	KindBlind        = "blind"         // something that the analyzer is told not to see
	KindClosed       = "closed-opened" // a road is closed and has exceptions without a clause
)

// Lint finds what a policy permits and somebody should look at: it is no
// error, and may be meant. The time is the day on which it is asked, in the
// location whose calendar the policy is read by.
func (p *Policy) Lint(at time.Time) []Finding {
	l := &linter{p: p, at: at, routes: p.openRoutes(), subjects: p.subjects()}
	for _, part := range p.parts() {
		for i := range part.Routes {
			l.rules(&part.Routes[i], i)
		}
	}
	for _, r := range l.routes {
		l.route(r)
		l.passes(r)
		l.order(r)
	}
	l.around()
	l.unused()
	l.domains()
	l.networks()
	l.algorithms()
	l.vet()
	return l.findings
}

// linter collects findings.
type linter struct {
	p        *Policy
	at       time.Time
	routes   []*Route
	subjects []subject
	findings []Finding
}

func (l *linter) add(kind string, pos Pos, path, clause, msg, remedy string, subjects ...string) {
	l.findings = append(l.findings, Finding{Kind: kind, Pos: pos, Path: path, Clause: clause, Msg: msg, Remedy: remedy, Subjects: subjects})
}

// rules looks at every rule of one route of one part.
func (l *linter) rules(r *Route, at int) {
	for j := range r.Rules {
		rule := &r.Rules[j]
		path := fmt.Sprintf("routes[%d].rules[%d]", at, j)
		l.shadowed(r, j, path)
		// What a zone only carries can still come to the begin of the route.
		if ceiling := l.p.ceiling(r.From, true); l.p.class(rule.Class) > ceiling && rule.Action < classify.ActionDrop {
			l.add(KindUnreachable, rule.Pos, path, rule.Clause, fmt.Sprintf("%s says %s for class %q, and %s carries %q at most", r.Key(), rule.Action, rule.Class, r.From, l.p.className(ceiling)), "take the rule away, or let it say drop or refuse", fmt.Sprintf("class %q", rule.Class))
		}
		if rule.Action != classify.ActionToken {
			continue
		}
		for _, s := range l.subjects {
			k, ok := l.p.Category(s.category())
			named := slices.ContainsFunc(r.Rules, func(o Rule) bool { return ok && o.Category == k.Name })
			// What has a check identifies somebody: each value is there about once, and counting tells nothing.
			if ok && k.Guessable && k.Check == "" && (rule.Category == k.Name || !named && rule.Class == k.Class) {
				l.add(KindGuessable, rule.Pos, path, rule.Clause, fmt.Sprintf("%s makes tokens of %s, which has so few values that counting equal tokens may tell them", r.Key(), s.name), "drop, generalise or encrypt it", s.name)
			}
		}
	}
}

// shadowed finds a rule of the same subject that stands above it or is
// stricter.
func (l *linter) shadowed(r *Route, j int, path string) {
	rule := &r.Rules[j]
	for i := range r.Rules {
		o := &r.Rules[i]
		if i == j || o.Category != rule.Category || o.Class != rule.Class {
			continue
		}
		if o.Action > rule.Action || o.Action == rule.Action && i < j {
			msg := fmt.Sprintf("%s has another rule for %s that says %s", r.Key(), rule.subject(), o.Action)
			if !o.Pos.IsZero() {
				msg += " (" + o.Pos.String() + ")"
			}
			l.add(KindShadowed, rule.Pos, path, rule.Clause, msg, "the stricter decides: take one of them away", rule.subject())
			return
		}
	}
}

// subject is what a rule is about, for people.
func (r *Rule) subject() string {
	if r.Category != "" {
		return fmt.Sprintf("category %q", r.Category)
	}
	return fmt.Sprintf("class %q", r.Class)
}

// category is the name of the subject's category, empty for a class.
func (s *subject) category() string {
	if len(s.label.Categories) == 0 {
		return ""
	}
	return s.label.Categories[0]
}

// route looks at what a route states about itself.
func (l *linter) route(r *Route) {
	path := l.p.routePath(r)
	if !r.Open(l.at) {
		l.add(KindExpired, r.Pos, path, r.Clause, fmt.Sprintf("%s is closed since the end of %s", r.Key(), r.Until), "take the route away, or have it approved again with a later date")
	}
	if r.Require.Approvals > 0 && !r.Require.Principal {
		l.add(KindApprover, r.Pos, path, r.Clause, fmt.Sprintf("%s asks for approvals and not for a principal", r.Key()), "require a principal: an approval is given to somebody")
	}
	if r.Name == "" {
		return
	}
	var missing []string
	for _, m := range []struct {
		what    string
		missing bool
	}{
		{"approver", r.Approver == ""}, {"until", r.Until == ""}, {"endpoints", len(r.Endpoints) == 0},
	} {
		if m.missing {
			missing = append(missing, m.what)
		}
	}
	if len(missing) > 0 {
		l.add(KindException, r.Pos, path, r.Clause, fmt.Sprintf("%s is an exception without %s", r.Key(), strings.Join(missing, ", ")), "state who approved it, until when, and what it talks to")
	}
	if c, ok := l.p.ClosedRoad(r.From, r.To); ok && r.Clause == "" {
		l.add(KindClosed, r.Pos, path, c.Clause, fmt.Sprintf("%s is an exception to a closed road and names no clause", r.Key()), "name the clause that permits it")
	}
}

// passes looks at what a route decides for every class and category.
func (l *linter) passes(r *Route) {
	path := l.p.routePath(r)
	from, to := l.p.ceiling(r.From, false), l.p.ceiling(r.To, false)
	var undecided, descends []string
	for _, s := range l.subjects {
		if s.label.Class > from {
			continue
		}
		d, opinions := (&question{p: l.p, route: r, label: s.label, assume: true}).decide()
		switch {
		case d.Action == classify.ActionRefuse && d.Rule == nil:
			undecided = append(undecided, s.name)
		case d.Action == classify.ActionPass && to < from && s.label.Class > 1:
			descends = append(descends, s.name)
		case d.Action == classify.ActionDrop && strongest(opinions).action < classify.ActionDrop:
			l.add(KindIncomparable, d.pos(), path, d.Clause, fmt.Sprintf("%s: %s: %s", r.Key(), s.name, d.Why), "name the same function in both, or drop it where that is meant", s.name)
		}
	}
	if len(undecided) > 0 {
		l.add(KindUndecided, r.Pos, path, r.Clause, fmt.Sprintf("%s has no rule for %s", r.Key(), strings.Join(undecided, ", ")), "write a rule, and let it say refuse where that is meant", undecided...)
	}
	if len(descends) > 0 {
		l.add(KindDescends, r.Pos, path, r.Clause, fmt.Sprintf("%s passes %s from a zone that holds %q to one that holds %q", r.Key(), strings.Join(descends, ", "), l.p.className(from), l.p.className(to)), "see whether it can be brought down first", descends...)
	}
}

// order finds a class that is treated looser than a lower one. A set takes the
// highest class of its members, so the lower one would escape its rule there.
func (l *linter) order(r *Route) {
	var strictest Decision
	var than string
	for _, s := range l.subjects {
		if s.category() != "" || s.label.Class > l.p.ceiling(r.From, false) {
			continue
		}
		d := l.p.decideLabel(r, s.label)
		if d.Rule == nil {
			continue
		}
		if than != "" && d.Action < strictest.Action {
			l.add(KindOrder, d.pos(), l.p.rulePathIn(d.Rule, r), d.Clause, fmt.Sprintf("%s says %s for %s, which is looser than %s for %s below it", r.Key(), d.Action, s.name, strictest.Action, than), "treat the higher class at least as strictly", s.name)
			continue
		}
		strictest, than = d, s.name
	}
}

// around finds two roads that together pass what a direct road passes too, and
// ask for less evidence than every direct road that does.
func (l *linter) around() {
	for _, first := range l.routes {
		for _, second := range l.routes {
			if first.To != second.From || first.From == second.To {
				continue
			}
			var subjects []string
			var direct *Route
			for _, s := range l.subjects {
				if s.label.Class < 2 || l.p.decideLabel(first, s.label).Action != classify.ActionPass || l.p.decideLabel(second, s.label).Action != classify.ActionPass {
					continue
				}
				if r := l.dearer(s, first, second); r != nil {
					direct = r
					subjects = append(subjects, s.name)
				}
			}
			if direct != nil {
				l.add(KindEvidence, first.Pos, l.p.routePath(first), first.Clause, fmt.Sprintf("%s and %s together pass %s with less evidence than %s asks for", first.Key(), second.Key(), strings.Join(subjects, ", "), direct.Key()), "ask for the same evidence on one of them", subjects...)
			}
		}
	}
}

// dearer is the direct road that passes the subject, where every such road
// asks for more than the two together.
func (l *linter) dearer(s subject, first, second *Route) *Route {
	var direct *Route
	for _, r := range l.routes {
		if r.From != first.From || r.To != second.To || l.p.decideLabel(r, s.label).Action != classify.ActionPass {
			continue
		}
		a, b, c := first.Require, second.Require, r.Require
		if number(c.Principal) <= max(number(a.Principal), number(b.Principal)) && number(c.MFA) <= max(number(a.MFA), number(b.MFA)) && c.Approvals <= max(a.Approvals, b.Approvals) {
			return nil
		}
		direct = r
	}
	return direct
}

// unused finds what nothing refers to.
func (l *linter) unused() {
	for _, part := range l.p.parts() {
		for i := range part.Purposes {
			v := &part.Purposes[i]
			if !slices.ContainsFunc(part.Routes, func(r Route) bool { return slices.Contains(r.Require.Purpose, v.Name) }) {
				l.add(KindUnused, v.Pos, fmt.Sprintf("purposes[%d]", i), "", fmt.Sprintf("no route asks for purpose %q", v.Name), "let a route require it, or take it away")
			}
		}
		for i := range part.Categories {
			k := &part.Categories[i]
			if l.inert(part, k) {
				l.add(KindUnused, k.Pos, fmt.Sprintf("categories[%d]", i), "", fmt.Sprintf("category %q says no more than its class", k.Name), "give it a rule, a check, a mask or a title, or label by class")
			}
			if k.Class != "" && !l.held(k) {
				l.add(KindUnreachable, k.Pos, fmt.Sprintf("categories[%d]", i), "", fmt.Sprintf("no zone may hold category %q of class %q", k.Name, k.Class), "raise what a zone holds, or take the category away")
			}
		}
	}
}

// inert reports whether a category has no effect and no explanation.
func (l *linter) inert(part *Policy, k *Category) bool {
	if k.Check != "" || k.Mask != "" || k.Generalise != "" || k.Becomes != "" || k.Stays != "" || k.Guessable || len(k.Title) > 0 || part.Overlay {
		return false
	}
	for _, q := range l.p.parts() {
		for i := range q.Routes {
			if slices.ContainsFunc(q.Routes[i].Rules, func(r Rule) bool { return r.Category == k.Name }) {
				return false
			}
		}
	}
	return true
}

// held reports whether some zone may hold a category.
func (l *linter) held(k *Category) bool {
	return slices.ContainsFunc(l.p.Zones, func(z Zone) bool { return l.p.class(k.Class) <= l.p.ceiling(z.Name, false) })
}

// networks finds addresses that are in two zones.
func (l *linter) networks() {
	for i := range l.p.Zones {
		for j := range i {
			a, b := &l.p.Zones[j], &l.p.Zones[i]
			for _, x := range a.Networks {
				for _, y := range b.Networks {
					px, err1 := netip.ParsePrefix(x)
					py, err2 := netip.ParsePrefix(y)
					// The whole of an address family is a way to say "all others".
					if err1 == nil && err2 == nil && px.Bits() > 0 && py.Bits() > 0 && px.Overlaps(py) {
						l.add(KindNetworks, b.Pos, fmt.Sprintf("zones[%d].networks", i), "", fmt.Sprintf("network %s of %s and %s of %s overlap", y, b.Name, x, a.Name), "an address is in one zone only: narrow one of them")
					}
				}
			}
		}
	}
}
