package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
)

// Form is the form in which a value is in a zone.
type Form uint8

// The forms of a value.
const (
	FormUnknown     Form = iota // none; invalid
	FormClear                   // unmodified
	FormBroughtDown             // masked or generalised
	FormToken                   // a keyed token
)

// String names the form.
func (f Form) String() string {
	switch f {
	case FormClear:
		return "in clear"
	case FormBroughtDown:
		return "brought down"
	case FormToken:
		return "as a token"
	}
	return "unknown"
}

// A Step is one zone on the way of a value, with what brought it there.
type Step struct {
	Zone     string
	Form     Form
	SealedBy string          // zone that opens it; empty: not sealed
	Label    classify.Label  // at the zone, of what is inside when sealed
	Route    *Route          // nil for the zone where it begins
	Action   classify.Action // on Route
	Rule     *Rule           // that decided
}

// A Finding is something that Prove or Lint has to say about a policy.
type Finding struct {
	Kind     string   // one of the Kind constants
	Pos      Pos      // the line to change first
	Path     string   // the place inside the policy
	Msg      string   // what is wrong, in lower case and without a full stop
	Remedy   string   // what to do about it
	Clause   string   // of the written policy, where one speaks of it
	Subjects []string // the classes and categories that it is true of
	Witness  []Step   // a chain of routes that shows it, from where the value begins
}

// The kinds of findings of a proof.
const (
	KindUnsound     = "unsound"     // the policy does not pass Check
	KindUndecided   = "undecided"   // no rule for a class or category that can be there
	KindComposition = "composition" // routes together bring what no direct route would
	KindStays       = "stays"       // something leaves the zone it stays in
	KindCeiling     = "ceiling"     // a zone is brought more than it may have
	KindLoosens     = "loosens"     // an overlay loosens a decision
)

// String gives one line: where, what, remedy.
func (f Finding) String() string {
	return (&Problem{Pos: f.Pos, Path: f.Path, Msg: f.Msg, Remedy: f.Remedy}).Error()
}

// Chain writes the witness as zones and actions: "ward (pass)→ lab (pass)→ web".
func (f Finding) Chain() string {
	var b strings.Builder
	for i, s := range f.Witness {
		if i > 0 {
			fmt.Fprintf(&b, " (%s)→ ", s.Action)
		}
		b.WriteString(s.Zone)
	}
	return b.String()
}

// A Proof is what Prove enumerated and what it found.
type Proof struct {
	Policy       string // name
	Digest       string
	Classes      int
	Categories   int
	Zones        int
	Routes       int // open ones
	Decisions    int // of one label on one route
	States       int // a value of one label from one zone, being in a zone in a form
	Compositions int // of these, the ones that two or more routes brought about
	Findings     []Finding
}

// OK reports that nothing was found.
func (p *Proof) OK() bool { return len(p.Findings) == 0 }

// Prove enumerates what the policy makes of every class and every category on
// every route and on every composition of routes, until nothing new is
// reached, and compares it with the five sentences of the package
// documentation. The space is finite and small.
//
// A policy that does not pass Check proves nothing: its problems are the
// findings. Dates do not count: a route that is closed by its until date is
// taken to be open, because it was.
func (p *Policy) Prove() *Proof {
	proof := &Proof{Policy: p.Name, Digest: p.Digest()}
	if err := p.Check(); err != nil {
		for _, problem := range err.(*Errors).Problems { // Check returns nothing else
			proof.Findings = append(proof.Findings, Finding{Kind: KindUnsound, Pos: problem.Pos, Path: problem.Path, Msg: problem.Msg, Remedy: problem.Remedy})
		}
		return proof
	}
	if p.Overlay {
		proof.Findings = append(proof.Findings, Finding{Kind: KindUnsound, Path: "overlay", Msg: "an overlay alone proves nothing", Remedy: "meet it with its policy and prove that"})
		return proof
	}
	pr := newProver(p, proof)
	pr.undecided()
	pr.tightened()
	pr.compositions()
	return proof
}

// A prover holds one proof under way. The two ways to decide are fields so
// that a test can put wrong ones in: the proof must not trust what it proves.
type prover struct {
	p            *Policy
	proof        *Proof
	routes       []*Route // open ones, as all parts leave them
	subjects     []subject
	decide       func(*Route, classify.Label) Decision
	decideSealed func(*Route, classify.Label, string) Decision
}

// A subject is one class or category whose way is followed.
type subject struct {
	name  string // for people: class "3B", category "name"
	label classify.Label
	stays []string // zones that it does not leave
}

func newProver(p *Policy, proof *Proof) *prover {
	pr := &prover{p: p, proof: proof, routes: p.openRoutes(), subjects: p.subjects(), decide: p.decideLabel, decideSealed: p.DecideSealed}
	proof.Classes, proof.Zones, proof.Routes = len(p.Classes), len(p.Zones), len(pr.routes)
	proof.Categories = len(pr.subjects) - proof.Classes
	return pr
}

// decideLabel decides for a label without a field: a function that only a
// field can name is assumed to be there.
func (p *Policy) decideLabel(r *Route, l classify.Label) Decision {
	d, _ := (&question{p: p, route: r, label: l, assume: true}).decide()
	return d
}

// subjects lists the classes, lowest first, then the categories by name. Sets
// need no enumeration: a set is never treated looser than its members.
func (p *Policy) subjects() []subject {
	var list []subject
	for i, class := range p.Classes {
		list = append(list, subject{name: fmt.Sprintf("class %q", class), label: classify.Label{Class: classify.Level(i + 1), Integrity: 1, Availability: 1}})
	}
	for _, name := range p.allCategories() {
		s := subject{name: fmt.Sprintf("category %q", name)}
		s.label, _ = p.resolveName(name)
		for _, part := range p.parts() {
			if c := part.ownCategory(name); c != nil && c.Stays != "" && !slices.Contains(s.stays, c.Stays) {
				s.stays = append(s.stays, c.Stays)
			}
		}
		list = append(list, s)
	}
	return list
}

// allCategories are the names of the categories of all parts, sorted.
func (p *Policy) allCategories() []string {
	var list []string
	for _, part := range p.parts() {
		for i := range part.Categories {
			list = append(list, part.Categories[i].Name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// canBegin reports whether a value of the subject may be in a zone at all.
func (pr *prover) canBegin(s subject, zone string) bool {
	if s.label.Class > pr.p.ceiling(zone, false) {
		return false
	}
	return !slices.ContainsFunc(s.stays, func(stays string) bool { return stays != zone })
}

// undecided shows that every class and category that can be at the begin of a
// route is decided by a rule, and that nothing that stays leaves by it.
func (pr *prover) undecided() {
	for _, r := range pr.routes {
		var missing []string
		for _, s := range pr.subjects {
			pr.proof.Decisions++
			d := pr.decide(r, s.label)
			if d.Action == classify.ActionRefuse && d.Rule == nil && s.label.Class <= pr.p.ceiling(r.From, false) {
				missing = append(missing, s.name)
			}
			for _, stays := range s.stays {
				if stays != r.To && d.Action < classify.ActionDrop {
					pr.leaves(s, stays, []Step{pr.begin(s, r.From), {Zone: r.To, Label: d.Result, Form: FormClear, Route: r, Action: d.Action, Rule: d.Rule}})
				}
			}
		}
		if len(missing) > 0 {
			pr.proof.Findings = append(pr.proof.Findings, Finding{
				Kind: KindUndecided, Pos: r.Pos, Path: pr.p.routePath(r), Clause: r.Clause, Subjects: missing,
				Msg:    fmt.Sprintf("%s has no rule for %s", r.Key(), strings.Join(missing, ", ")),
				Remedy: "it refuses every record that has one: write a rule, and let it say refuse where that is meant",
			})
		}
	}
}

// tightened shows that what the policy is met with loosens nothing.
func (pr *prover) tightened() {
	for _, part := range pr.p.parts() {
		if part == pr.p && len(pr.p.Overlays) == 0 || part.Overlay {
			continue
		}
		alone := *part
		alone.Overlays = nil
		for _, r := range pr.routes {
			for _, s := range pr.subjects {
				l := s.label
				if len(l.Categories) > 0 {
					var err error
					if l, err = alone.resolveName(l.Categories[0]); err != nil {
						continue // this part does not know the category
					}
				}
				pr.proof.Decisions++
				ask := &question{p: &alone, route: r, label: l, assume: true}
				before, _ := ask.decide()
				if after := pr.decide(r, s.label); !ask.unfit && !after.AtLeast(before) {
					pr.proof.Findings = append(pr.proof.Findings, Finding{
						Kind: KindLoosens, Pos: r.Pos, Path: pr.p.routePath(r), Clause: r.Clause, Subjects: []string{s.name},
						Msg:    fmt.Sprintf("%s: %q alone says %s for %s, and with its overlays the policy says %s", r.Key(), part.Name, before.Action, s.name, after.Action),
						Remedy: "an overlay may only tighten",
					})
				}
			}
		}
	}
}

// begin is the first step of a way.
func (pr *prover) begin(s subject, zone string) Step {
	return Step{Zone: zone, Form: FormClear, Label: s.label}
}

// A state is a value being somewhere in a form.
type state struct {
	zone, sealedBy string
	form           Form
	class          classify.Level
	categories     bool // whether it still has those it began with
}

// A visit is how a state was reached first.
type visit struct {
	step  Step
	from  int // index of the visit before; -1 for the first
	depth int
}

// compositions follows every subject from every zone where it can begin.
func (pr *prover) compositions() {
	for _, s := range pr.subjects {
		for i := range pr.p.Zones {
			if zone := pr.p.Zones[i].Name; pr.canBegin(s, zone) {
				visits := pr.explore(s, zone)
				pr.judge(s, visits)
			}
		}
	}
}

// explore reaches every state that there is, breadth first, so that the way to
// each is a shortest one. Cycles end where they come back to a known state.
func (pr *prover) explore(s subject, zone string) []visit {
	visits := []visit{{step: pr.begin(s, zone), from: -1}}
	seen := map[state]bool{visits[0].state(): true}
	for at := 0; at < len(visits); at++ {
		here := visits[at]
		for _, r := range pr.routes {
			if r.From != here.step.Zone {
				continue
			}
			pr.proof.Decisions++
			step, ok := pr.step(here.step, r)
			if !ok {
				continue
			}
			next := visit{step: step, from: at, depth: here.depth + 1}
			if key := next.state(); !seen[key] {
				seen[key] = true
				visits = append(visits, next)
			}
		}
	}
	return visits
}

func (v *visit) state() state {
	return state{v.step.Zone, v.step.SealedBy, v.step.Form, v.step.Label.Class, len(v.step.Label.Categories) > 0}
}

// step takes a value over one route, if it gets there.
func (pr *prover) step(from Step, r *Route) (Step, bool) {
	to := from
	to.Zone, to.Route = r.To, r
	if from.SealedBy != "" {
		d := pr.decideSealed(r, from.Label, from.SealedBy)
		to.Action, to.Rule = d.Action, d.Rule
		if d.Action == classify.ActionPass {
			to.SealedBy = ""
		}
		return to, d.Action < classify.ActionDrop
	}
	d := pr.decide(r, from.Label)
	to.Action, to.Rule, to.Label = d.Action, d.Rule, d.Result
	switch d.Action {
	case classify.ActionGeneralise, classify.ActionMask:
		to.Form = FormBroughtDown
	case classify.ActionToken:
		to.Form = FormToken
	case classify.ActionEncrypt:
		to.SealedBy = r.From
	}
	return to, d.Action < classify.ActionDrop
}

// judge looks at everything that one value reached.
func (pr *prover) judge(s subject, visits []visit) {
	start := visits[0].step.Zone
	for i := range visits {
		v := &visits[i]
		pr.proof.States++
		if v.depth > 1 {
			pr.proof.Compositions++
		}
		sealed := v.step.SealedBy != ""
		if ceiling := pr.p.ceiling(v.step.Zone, sealed); v.step.Label.Class > ceiling {
			way := trace(visits, i)
			pr.proof.Findings = append(pr.proof.Findings, Finding{
				Kind: KindCeiling, Pos: lastPos(way), Path: pr.p.routePath(v.step.Route), Subjects: []string{s.name}, Witness: way,
				Msg:    fmt.Sprintf("%s reaches %s at class %q, and the most it may have is %q", s.name, v.step.Zone, pr.p.className(v.step.Label.Class), pr.p.className(ceiling)),
				Remedy: "raise what the zone may have, or choose a stricter action",
			})
		}
		for _, stays := range s.stays {
			if v.step.Zone != stays {
				pr.leaves(s, stays, trace(visits, i))
			}
		}
		if v.depth > 1 && v.step.Form == FormClear && !sealed && v.step.Zone != start && !pr.public(s, start, v.step.Zone) {
			pr.leak(s, trace(visits, i))
		}
	}
}

// public reports whether a value may get around because it is of the lowest
// class and no plain road between the two zones decides otherwise. That no
// direct road passes it is known then: the way to a state is a shortest one.
func (pr *prover) public(s subject, from, to string) bool {
	if s.label.Class != 1 {
		return false
	}
	for _, r := range pr.routes {
		if r.From == from && r.To == to && r.Name == "" {
			pr.proof.Decisions++
			return pr.decide(r, s.label).Rule == nil
		}
	}
	return true
}

// trace is the way to a visit, from the begin.
func trace(visits []visit, at int) []Step {
	var way []Step
	for ; at >= 0; at = visits[at].from {
		way = append(way, visits[at].step)
	}
	slices.Reverse(way)
	return way
}

// lastPos is where the last step was decided.
func lastPos(way []Step) Pos {
	last := way[len(way)-1]
	switch {
	case last.Rule != nil:
		return last.Rule.Pos
	case last.Route != nil:
		return last.Route.Pos
	}
	return Pos{}
}

// leaves records that something left the zone it stays in.
func (pr *prover) leaves(s subject, stays string, way []Step) {
	last := way[len(way)-1]
	f := Finding{
		Kind: KindStays, Pos: lastPos(way), Path: pr.p.routePath(last.Route), Subjects: []string{s.name}, Witness: way,
		Msg:    fmt.Sprintf("%s stays in %s and reaches %s", s.name, stays, last.Zone),
		Remedy: "say drop or refuse",
	}
	pr.proof.Findings = append(pr.proof.Findings, f)
}

// leak records a composition that brings what no direct road would. Subjects
// that go the same way by the same rules are one finding.
func (pr *prover) leak(s subject, way []Step) {
	for i := range pr.proof.Findings {
		f := &pr.proof.Findings[i]
		if f.Kind == KindComposition && sameWay(f.Witness, way) {
			f.Subjects = append(f.Subjects, s.name)
			return
		}
	}
	first, last := way[0], way[len(way)-1]
	f := Finding{Kind: KindComposition, Pos: lastPos(way), Path: pr.p.rulePathIn(last.Rule, last.Route), Subjects: []string{s.name}, Witness: way}
	f.Msg = fmt.Sprintf("%s gets from %s to %s in clear by %s, and no direct road brings it there", s.name, first.Zone, last.Zone, f.Chain())
	f.Remedy = fmt.Sprintf("mask, encrypt, drop or refuse it on one of these roads, or let a road %s pass it", road(first.Zone, last.Zone))
	if c, ok := pr.p.ClosedRoad(first.Zone, last.Zone); ok {
		f.Clause = c.Clause
	}
	pr.proof.Findings = append(pr.proof.Findings, f)
}

// sameWay reports whether two ways take the same routes by the same rules.
func sameWay(a, b []Step) bool {
	return slices.EqualFunc(a, b, func(x, y Step) bool {
		return x.Zone == y.Zone && x.Route == y.Route && x.Rule == y.Rule && x.Action == y.Action
	})
}

// routePath is where a route stands in the policy, by its ends and name.
func (p *Policy) routePath(r *Route) string {
	for i := range p.Routes {
		if o := &p.Routes[i]; r != nil && o.From == r.From && o.To == r.To && o.Name == r.Name {
			return fmt.Sprintf("routes[%d]", i)
		}
	}
	return ""
}

// rulePathIn is where a rule stands in any part, else its route.
func (p *Policy) rulePathIn(rule *Rule, r *Route) string {
	for _, part := range p.parts() {
		if at := part.rulePath(rule); rule != nil && at != "" {
			return at
		}
	}
	return p.routePath(r)
}
