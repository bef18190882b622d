package zone

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Decision is what the generator decided for one field, as it is compiled into
// the program.
type Decision struct {
	Field      string   // name of the field, with dots where it is inside an unlabelled struct
	Class      string   // class before the crossing
	Categories []string // categories before the crossing
	Action     classify.Action
	With       string // function of a mask or generalise, as the policy names it
	Scope      string // of a token: "field" (also when empty) or "category"
	Token      bool   // the value is a token already, of a class that the road which made it brought it down to
	Sealed     string // zone under whose keys the value was sealed before, where it crosses sealed; empty else
	Result     string // class after the crossing; of encrypt, the class it is sealed at; empty when nothing leaves
}

// Transit is one labelled type on one route as the generator compiled it: a
// package variable of generated code, made once and never changed. It
// remembers the last border's verdict on it, so that a record costs no look-up.
type Transit[R Route] struct {
	_    [0]*R // transits of two routes do not convert into each other
	core transit
}

// transit is Transit without its type parameter: everything that runs is
// compiled once.
type transit struct {
	policy, typ, view, digest string
	decisions                 []Decision
	verdict                   atomic.Pointer[verdict]
}

// verdict is what one border found about a transit.
type verdict struct {
	border  *Border
	refused []Reason // empty: admitted
}

// NewTransit returns the transit of a labelled type over route R. Arguments
// are the policy's name, the type's qualified name
// ("example.com/app/insured.Insured"), the view's name, the digest of the
// policy that the generator read, and one decision per field.
func NewTransit[R Route](policy, typ, view, digest string, decisions ...Decision) *Transit[R] {
	return &Transit[R]{core: transit{
		policy: policy, typ: typ, view: view, digest: digest, decisions: decisions,
	}}
}

// Fail wraps what went wrong with one field of a record: the error then names
// type, route and field. It returns nil when err is nil. See [FieldError] for
// which causes it keeps.
func (t *Transit[R]) Fail(field string, err error) error {
	if err == nil {
		return nil
	}
	return newFieldError(nameOf[R]().key, t.core.typ, field, err)
}

// Format implements fmt.Formatter: every verb prints type, view, and the digest
// of the policy that the generator read.
func (t *Transit[R]) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "zone.Transit(%s, %s, %s)", t.core.typ, t.core.view, t.core.digest)
}

// judge compares the decisions compiled in with those of the policy in force.
// A stricter one is fine: the policy was loosened since, or a tag tightened
// it. A looser one is not, and no crossing makes up for it.
func (b *Border) judge(t *transit, g *gate) []Reason {
	if v := t.verdict.Load(); v != nil && v.border == b {
		return v.refused
	}
	v := &verdict{border: b}
	if t.policy != b.policy.Name {
		v.refused = []Reason{{
			Code:   ReasonStale,
			Text:   fmt.Sprintf("the code was generated from policy %q, and policy %q is in force", t.policy, b.policy.Name),
			Remedy: "open the border of the zones package that the type was generated with",
		}}
	} else {
		v.refused = b.compare(t, g)
	}
	t.verdict.Store(v)
	return v.refused
}

// compare lists every field whose decision is looser than the policy in force.
func (b *Border) compare(t *transit, g *gate) []Reason {
	var stale []Reason
	for i := range t.decisions {
		d := &t.decisions[i]
		why := b.looser(d, g.route)
		if why == "" {
			why = b.relabelled(t.typ, d)
		}
		if why != "" {
			stale = append(stale, Reason{
				Code:   ReasonStale,
				Text:   fmt.Sprintf("field %s is generated with action %s, but %s", d.Field, d.Action, why),
				Remedy: "regenerate against the policy in force and rebuild",
			})
		}
	}
	return stale
}

// looser says in what way a decision is looser than the policy in force, or ""
// when it is not.
func (b *Border) looser(d *Decision, r *policy.Route) string {
	label, why := b.label(d)
	if why != "" {
		return why
	}
	now := b.now(d, r, label)
	switch {
	case d.Action == classify.ActionUnknown || d.Action > classify.ActionRefuse:
		return "that is no action"
	case now.Action > d.Action:
		return fmt.Sprintf("the policy in force%s says %s: %s", because(now), now.Action, now.Why)
	case now.Action < d.Action || d.Action >= classify.ActionDrop:
		return ""
	}
	if why := b.looserResult(d, now); why != "" {
		return why
	}
	return b.looserFunction(d, r, label)
}

// looserFunction asks for the function of a mask or generalisation without the
// generated one as an option, because where the policy would pass the value a
// field may name any. When it was the policy's own, and an overlay given at
// start-up has a tighter one, the generated one is looser.
func (b *Border) looserFunction(d *Decision, r *policy.Route, label classify.Label) string {
	if d.Action != classify.ActionMask && d.Action != classify.ActionGeneralise || b.compiled == b.policy {
		return ""
	}
	if b.policy.Decide(r, label, classify.Tag{}).Action >= d.Action {
		return "" // the policy masks it by itself, and that was compared
	}
	own := classify.Tag{Action: d.Action}
	was, is := b.compiled.Decide(r, label, own), b.policy.Decide(r, label, own)
	if was.Action != d.Action || was.With != d.With || is.Action == d.Action && is.With == d.With {
		return ""
	}
	return fmt.Sprintf("an overlay does it with %q, not %q", is.With, d.With)
}

// relabelled says in what way the policy in force labels a field of a type
// higher than it was generated with, or "" when it does not. An overlay may
// list labels of types (types:).
func (b *Border) relabelled(typ string, d *Decision) string {
	tag, listed := b.policy.LabelOf(typ, d.Field)
	if !listed {
		return ""
	}
	label, err := b.policy.Resolve(tag)
	class, _ := b.policy.Scale().Level(d.Class)
	switch {
	case err != nil:
		return "the labels that the policy in force gives it do not go together"
	case label.Class > class || slices.ContainsFunc(label.Categories, func(c string) bool { return !slices.Contains(d.Categories, c) }):
		return fmt.Sprintf("the policy in force labels it %q", tag)
	case tag.Action > d.Action:
		return fmt.Sprintf("the label that the policy in force gives it says action=%s", tag.Action)
	}
	return ""
}

// now decides anew. The generated action and function go in as options of the
// field: options only tighten, so what comes out is the generated decision
// unless the policy in force is stricter.
func (b *Border) now(d *Decision, r *policy.Route, label classify.Label) policy.Decision {
	if d.Sealed != "" {
		return b.policy.DecideSealed(r, label, d.Sealed)
	}
	tag := classify.Tag{Action: d.Action}
	switch d.Action {
	case classify.ActionMask:
		tag.Mask = d.With
	case classify.ActionGeneralise:
		tag.Generalise = d.With
	}
	decided := b.policy.Decide(r, label, tag)
	if decided.By == "field" { // the field is the question here, not the authority
		decided.By = b.policy.Name
	}
	return decided
}

// looserResult compares what two decisions of the same action leave behind.
func (b *Border) looserResult(d *Decision, now policy.Decision) string {
	result, known := b.policy.Scale().Level(d.Result)
	switch {
	case !known:
		return fmt.Sprintf("its class afterwards, %q, is not one of the policy in force", d.Result)
	case result < now.Result.Class:
		return fmt.Sprintf("the policy in force says that it is still %s afterwards, not %s",
			b.policy.Scale().Name(now.Result.Class), d.Result)
	case (d.Action == classify.ActionMask || d.Action == classify.ActionGeneralise) && d.With != now.With:
		return fmt.Sprintf("the policy in force does it with %q, not %q", now.With, d.With)
	case d.Action == classify.ActionToken && d.Scope == policy.ScopeCategory && now.Scope != policy.ScopeCategory:
		return "the policy in force keys its tokens per field, not per category"
	}
	return ""
}

// because names the policy or overlay that decided so, and its clause.
func because(d policy.Decision) string {
	if d.Clause == "" {
		return fmt.Sprintf(" (%s)", d.By)
	}
	return fmt.Sprintf(" (%s, clause %s)", d.By, d.Clause)
}

// label builds the label before the crossing as the policy in force sees it: a
// category that was raised since raises the field.
func (b *Border) label(d *Decision) (classify.Label, string) {
	class, known := b.policy.Scale().Level(d.Class)
	if !known {
		return classify.Label{}, fmt.Sprintf("its class %q is not one of the policy in force", d.Class)
	}
	label := classify.Label{Class: class, Categories: slices.Sorted(slices.Values(d.Categories))}
	if d.Token {
		if _, err := b.policy.Resolve(classify.Tag{Names: d.Categories, Class: d.Class, Token: true}); err != nil {
			return classify.Label{}, "the policy in force has no tokens of it of class " + d.Class
		}
		return label, ""
	}
	for _, name := range d.Categories {
		c, known := b.policy.Category(name)
		if !known {
			return classify.Label{}, fmt.Sprintf("its category %q is not one of the policy in force", name)
		}
		of, _ := b.policy.Scale().Level(c.Class)
		label.Class = max(label.Class, of)
	}
	return label, ""
}
