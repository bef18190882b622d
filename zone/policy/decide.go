package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
)

// A Decision is what happens to one label on one route. Its zero value decides
// nothing and must not be acted on.
type Decision struct {
	Action classify.Action // what happens
	Label  classify.Label  // before
	Result classify.Label  // after: of what arrives in clear, or what it is sealed at for encrypt; zero for drop and refuse
	With   string          // name of the function of mask and generalise
	Scope  string          // of a token: "field" or "category"
	Route  *Route          // the route with the evidence that all policies together ask for
	Rule   *Rule           // the rule that decided or would have, had nothing stricter stood above it; nil: no rule matched
	Clause string          // the clause of the rule, else of its route
	By     string          // name of the policy or overlay that decided, "field" for an option of the field
	Why    string          // one line for people
}

// The origins of an opinion.
type origin uint8

const (
	byRule    origin = iota // a rule matched
	byNoMatch               // no rule of a full policy matched
	byStays                 // the category stays in a zone
	byField                 // the field's own action= option
)

// An opinion is what one policy says of one claim of a label. The claims of a
// label are its categories, and its class where that is higher than the
// categories account for.
type opinion struct {
	origin   origin
	by       *Policy
	route    *Route // by's own
	rule     *Rule
	ruleAt   int    // index of rule in route
	category string // the claim; empty: the bare class
	class    classify.Level
	action   classify.Action
	with     string         // function of mask and generalise; empty: left to the field
	result   classify.Level // class of what arrives
	scope    string
}

// question is one call of Decide on its way through the functions below.
type question struct {
	p     *Policy
	route *Route
	label classify.Label
	tag   classify.Tag
	// assume stands in for a function that only a field can name. It is for
	// enumerating labels where there is no field.
	assume bool
	// unfit is set when the answer is a refusal only because the result does
	// not fit, which something stricter could cure.
	unfit bool
}

// Decide says what happens to a label on a route, in the order that the
// package documentation gives. The tag carries the options of the field
// (action=, mask=, generalise=); the zero Tag has none. A route that the
// policy does not have, a label that it cannot rank and a category that it
// does not know are refused.
//
// The decision depends on the policy alone, so it may be taken when code is
// generated and compared with the policy in force when it runs.
func (p *Policy) Decide(r *Route, l classify.Label, t classify.Tag) Decision {
	d, _ := (&question{p: p, route: r, label: l, tag: t}).decide()
	return d
}

// DecideSealed says what happens to a value that is already sealed and has the
// label inside, under the keys of the zone sealedBy. The action is encrypt
// where it travels on as it is, pass where it arrives in the zone that opens
// it, else drop or refuse. Rules that would change the value in clear (pass,
// generalise, mask, token) do not apply to what nobody on this road can read;
// they let it travel on sealed.
func (p *Policy) DecideSealed(r *Route, l classify.Label, sealedBy string) Decision {
	q := &question{p: p, route: r, label: l}
	d, ok := q.admit()
	if !ok {
		return d
	}
	best := strongest(q.opinions())
	d.from(best)
	if best.action >= classify.ActionDrop {
		d.Action, d.Why = best.action, best.why(p)
		return d
	}
	d.Action, d.Result = classify.ActionEncrypt, l
	d.Why = "it is sealed and travels on as it is"
	if r.To == sealedBy {
		d.Action = classify.ActionPass
		d.Why = "it arrives where it was sealed"
	}
	q.fit(&d)
	return d
}

// decide is the whole algorithm. It also returns the opinions, for Explain.
func (q *question) decide() (Decision, []opinion) {
	d, ok := q.admit()
	if !ok {
		return d, nil
	}
	opinions := q.opinions()
	best := strongest(opinions)
	d.from(best)
	d.Why = best.why(q.p)
	o := outcome{action: best.action}
	if clash := o.merge(q, opinions); clash != "" {
		d.Why = clash
	}
	q.tighten(&d, &o)
	q.settle(&o, opinions)
	q.finish(&d, &o)
	q.fit(&d)
	return d, opinions
}

// admit refuses what nothing can be decided about, and fills in the route.
func (q *question) admit() (Decision, bool) {
	d := Decision{Action: classify.ActionRefuse, Label: q.label, Route: q.route, By: q.p.Name}
	if q.route == nil {
		d.Why = "there is no route"
		return d, false
	}
	own := q.p.ownRoute(q.route.From, q.route.To, q.route.Name)
	if own == nil {
		d.Why = "the policy has no route " + q.route.Key()
		if c, ok := q.p.ClosedRoad(q.route.From, q.route.To); ok {
			d.Clause = c.Clause
		}
		return d, false
	}
	d.Clause = own.Clause
	route, shut := q.p.effective(own)
	if shut != nil {
		d.By, d.Clause, d.Why = shut.by.Name, cmp.Or(shut.clause, own.Clause), shut.why
		return d, false
	}
	d.Route = route
	if q.label.Class == classify.Unknown || int(q.label.Class) > len(q.p.Classes) {
		d.Why = "the label has no class of this policy"
		return d, false
	}
	for _, name := range q.label.Categories {
		if _, ok := q.p.Category(name); !ok {
			d.Why = fmt.Sprintf("the policy has no category %q", name)
			return d, false
		}
	}
	return d, true
}

// opinions asks every policy about every claim. There is always at least one:
// where all that is met are overlays without an opinion, nobody has opened the
// road for this label.
func (q *question) opinions() []opinion {
	var list []opinion
	for _, part := range q.p.parts() {
		list = q.ask(list, part)
	}
	if len(list) == 0 {
		list = append(list, opinion{origin: byNoMatch, by: q.p, class: q.label.Class, action: classify.ActionRefuse})
	}
	return list
}

// ask appends the opinions of one policy.
func (q *question) ask(list []opinion, part *Policy) []opinion {
	own := part.ownRoute(q.route.From, q.route.To, q.route.Name)
	l := q.label
	if len(l.Categories) == 0 {
		return q.askClass(list, part, own, nil, l.Class)
	}
	highest := classify.Unknown
	for _, name := range l.Categories {
		highest = max(highest, q.classOf(part, name))
	}
	for _, name := range l.Categories {
		c := part.ownCategory(name)
		if c != nil && c.Stays != "" && c.Stays != q.route.To {
			list = append(list, opinion{origin: byStays, by: part, route: own, category: name, class: l.Class, action: classify.ActionDrop})
		}
		if c == nil {
			c, _ = q.p.Category(name)
		}
		// A category with a rule of its own goes by class only for what lies
		// above all categories of the label: somebody raised it. One without
		// goes by every class from its own to the label's, so that company
		// that raises the label takes no rule away.
		above, before := highest, len(list)
		if list = q.askCategory(list, part, own, c); len(list) == before {
			above = min(q.classOf(part, name), l.Class) - 1
		}
		for class := l.Class; class > above; class-- {
			list = q.askClass(list, part, own, c, class)
		}
	}
	return list
}

// classOf is the class of a category in the eyes of one policy: its own, else
// the lowest that any policy gives it.
func (q *question) classOf(part *Policy, name string) classify.Level {
	if c := part.ownCategory(name); c != nil && q.p.class(c.Class) != classify.Unknown {
		return q.p.class(c.Class)
	}
	lowest := q.label.Class
	for _, other := range q.p.parts() {
		if c := other.ownCategory(name); c != nil && q.p.class(c.Class) != classify.Unknown {
			lowest = min(lowest, q.p.class(c.Class))
		}
	}
	return lowest
}

// askCategory appends the opinions of the rules for a category.
func (q *question) askCategory(list []opinion, part *Policy, own *Route, c *Category) []opinion {
	if own == nil {
		return list
	}
	for i := range own.Rules {
		if own.Rules[i].Category == c.Name {
			list = append(list, q.opine(part, own, i, c, q.label.Class))
		}
	}
	return list
}

// askClass appends the opinions of the rules for a class, on behalf of a
// category or, when c is nil, of a bare class.
func (q *question) askClass(list []opinion, part *Policy, own *Route, c *Category, class classify.Level) []opinion {
	before := len(list)
	if own != nil {
		for i := range own.Rules {
			if own.Rules[i].Class != "" && q.p.class(own.Rules[i].Class) == class {
				list = append(list, q.opine(part, own, i, c, class))
			}
		}
	}
	if len(list) == before && !part.Overlay {
		o := opinion{origin: byNoMatch, by: part, route: own, class: class, action: classify.ActionRefuse}
		if c != nil {
			o.category = c.Name
		}
		list = append(list, o)
	}
	return list
}

// opine is the opinion of one rule that matches.
func (q *question) opine(part *Policy, own *Route, at int, c *Category, class classify.Level) opinion {
	rule := &own.Rules[at]
	o := opinion{origin: byRule, by: part, route: own, rule: rule, ruleAt: at, class: class, action: rule.Action, result: q.label.Class}
	if c != nil {
		o.category = c.Name
	}
	switch rule.Action {
	case classify.ActionPass, classify.ActionEncrypt, classify.ActionDrop, classify.ActionRefuse:
	case classify.ActionGeneralise, classify.ActionMask:
		o.with, o.result = rule.With, q.becomes(c)
		if o.with == "" && c != nil {
			o.with = c.function(rule.Action)
		}
		if rule.As != "" {
			o.result = q.brought(rule.As)
		}
	case classify.ActionToken:
		o.scope = cmp.Or(rule.Scope, ScopeField)
		if rule.As != "" {
			o.result = q.brought(rule.As)
		}
		if c == nil {
			o.scope = ScopeField
		}
	default:
		o.action = classify.ActionRefuse // not an action: a policy that was never checked
	}
	return o
}

// The scopes of a token.
const (
	ScopeField    = "field"    // equal values of different fields do not match
	ScopeCategory = "category" // equal values of one category match on this road
)

// brought is the class that a rule brings the label down to: never above what
// it was, and what it was where the class does not exist.
func (q *question) brought(as string) classify.Level {
	if class := q.p.class(as); class != classify.Unknown {
		return min(class, q.label.Class)
	}
	return q.label.Class
}

// becomes is the class of a masked or generalised category: the highest that
// its own policy or an overlay says, with or without a rule.
func (q *question) becomes(c *Category) classify.Level {
	if c == nil {
		return min(1, q.label.Class)
	}
	highest := min(1, q.label.Class)
	if c.Becomes != "" {
		highest = q.brought(c.Becomes)
	}
	for _, part := range q.p.parts() {
		if over := part.ownCategory(c.Name); part.Overlay && over != nil && over.Becomes != "" {
			highest = max(highest, q.brought(over.Becomes))
		}
	}
	return highest
}

// overlaid lists the functions that overlays give a category whose rule leaves
// the function to it: they tighten also where they have no rule of their own.
func (q *question) overlaid(o *opinion) (functions []string) {
	if o.rule == nil || o.rule.With != "" || o.action != classify.ActionMask && o.action != classify.ActionGeneralise {
		return nil
	}
	for _, part := range q.p.parts() {
		if over := part.ownCategory(o.category); part.Overlay && over != nil && over.function(o.action) != "" {
			functions = append(functions, over.function(o.action))
		}
	}
	return functions
}

// function is the category's function for mask or generalise.
func (c *Category) function(a classify.Action) string {
	if a == classify.ActionMask {
		return c.Mask
	}
	return c.Generalise
}

// strongest is the opinion that names the decision: the strictest; among
// equals one of a rule; then the first, base before overlay and in the order
// of the file.
func strongest(opinions []opinion) *opinion {
	best := &opinions[0]
	for i := range opinions[1:] {
		o := &opinions[i+1]
		if o.action > best.action || o.action == best.action && best.rule == nil && o.rule != nil && best.origin != byNoMatch {
			best = o
		}
	}
	if best.origin == byStays {
		// The rule that the category's stay overrides, where there is one.
		for i := range opinions {
			if opinions[i].rule != nil && (best.rule == nil || opinions[i].action > best.rule.Action) {
				overridden := *best
				overridden.rule = opinions[i].rule
				best = &overridden
			}
		}
	}
	return best
}

// from fills in who decided.
func (d *Decision) from(o *opinion) {
	d.By, d.Rule = o.by.Name, o.rule
	if o.route != nil {
		d.Clause = cmp.Or(o.route.Clause, d.Clause)
	}
	if o.rule != nil && o.origin == byRule {
		d.Clause = cmp.Or(o.rule.Clause, d.Clause)
	}
}

// why explains an opinion in one line.
func (o *opinion) why(p *Policy) string {
	subject := fmt.Sprintf("class %q", p.className(o.class))
	if o.category != "" {
		subject = fmt.Sprintf("category %q", o.category)
	}
	switch o.origin {
	case byStays:
		stays := ""
		if c := o.by.ownCategory(o.category); c != nil {
			stays = c.Stays
		}
		return fmt.Sprintf("%s stays in %s", subject, stays)
	case byNoMatch:
		return fmt.Sprintf("no rule for %s of class %q", subject, p.className(o.class))
	}
	if o.rule.Category == "" {
		return fmt.Sprintf("the rule for class %q says %s", o.rule.Class, o.action)
	}
	return fmt.Sprintf("the rule for %s says %s", subject, o.action)
}

// outcome is what the opinions that won have in common.
type outcome struct {
	action classify.Action
	with   string         // the tightest function that was named
	open   bool           // at least one left the function to the field
	scope  string         // of a token: the narrowest
	result classify.Level // class of what arrives, see settle
	keeps  bool           // what arrives keeps its categories
}

// merge joins the functions and scopes of all opinions of the outcome's
// action. Two functions of which neither is known to be tighter give drop,
// because the far side may then learn neither; merge says so. They do so even
// where something between mask and drop has won: whoever adds a token to what
// would be dropped must not bring it back. The outcome does not depend on the
// order.
func (o *outcome) merge(q *question, opinions []opinion) (clash string) {
	functions := map[classify.Action][]string{}
	for i := range opinions {
		v := &opinions[i]
		if v.action == o.action {
			if o.scope == "" || v.scope == ScopeField {
				o.scope = v.scope
			}
			o.open = o.open || v.with == ""
		}
		for _, with := range append(q.overlaid(v), v.with) {
			if with != "" && !slices.Contains(functions[v.action], with) {
				functions[v.action] = append(functions[v.action], with)
			}
		}
	}
	if o.action >= classify.ActionDrop {
		return ""
	}
	for _, action := range []classify.Action{classify.ActionMask, classify.ActionGeneralise} {
		named := functions[action]
		if len(named) == 0 {
			continue
		}
		with, ok := tightest(named)
		if !ok {
			slices.Sort(named)
			clash = fmt.Sprintf("%s with %s is asked for and neither is known to be the tighter: drop", action, quoted(named))
			*o = outcome{action: classify.ActionDrop}
			return clash
		}
		if action == o.action {
			o.with = with
		}
	}
	return ""
}

// settle finds the label of what arrives: the highest class that any rule of a
// whole policy gives it. A rule that says what was decided gives its result.
// One that would have let more through has not said what the result is, unless
// its category names a function that tells as much or more; then the value
// keeps the class that it came with. So a mask that one policy asks for does
// not become harmless in the eyes of another, nor a set by what was said of
// one of its members. The rules of an overlay can only raise the result.
func (q *question) settle(o *outcome, opinions []opinion) {
	o.result, o.keeps = classify.Unknown, o.action == classify.ActionPass || o.action == classify.ActionToken || o.action == classify.ActionEncrypt
	for i := range opinions {
		v := &opinions[i]
		if v.action == o.action {
			o.result = max(o.result, v.result)
			continue
		}
		if v.by.Overlay {
			continue
		}
		c := v.by.ownCategory(v.category)
		if c != nil && o.with != "" && c.function(o.action) != "" && tighter(o.with, c.function(o.action)) {
			o.result = max(o.result, q.becomes(c))
			continue
		}
		o.result, o.keeps = q.label.Class, true
	}
}

// tightest is the tightest function of a list. It is false where two of the
// list do not compare, even if a third is tighter than both: what two policies
// cannot agree on, a third must not settle for less than drop.
func tightest(functions []string) (string, bool) {
	best := ""
	for i, f := range functions {
		for _, g := range functions[:i] {
			if !tighter(f, g) && !tighter(g, f) {
				return "", false
			}
		}
		if best == "" || tighter(f, best) {
			best = f
		}
	}
	return best, best != ""
}

// tighter reports whether function f is known to tell no more than g. Only
// built-in functions are known, and only where the output of f can be computed
// from the output of g whatever the input.
func tighter(f, g string) bool {
	if f == g || f == "redact" {
		return true
	}
	switch g {
	case "year-month":
		return f == "year"
	case "age-band-5":
		return f == "age-band-10"
	}
	return false
}

// tighten applies the options of the field. They never loosen: an action=
// below the policy's has no effect, and a function of the field counts only
// where the policy leaves the function open, passes the value, or names one
// that is known to be looser.
func (q *question) tighten(d *Decision, o *outcome) {
	if wanted := classify.Stricter(q.tag.Action, classify.ActionUnknown); wanted > o.action {
		q.raise(d, o, wanted)
		return
	}
	if o.action != classify.ActionMask && o.action != classify.ActionGeneralise {
		return
	}
	own := tagFunction(q.tag, o.action)
	switch {
	case own == "" && !o.open:
	case own == "" && q.assume:
	case own == "":
		q.refuse(d, o, fmt.Sprintf("%s is decided, and neither the policy nor the field names a function for it", o.action))
	case o.with == "" || tighter(own, o.with):
		o.with = own
	case tighter(o.with, own) && !o.open:
	default:
		q.refuse(d, o, fmt.Sprintf("the field says %s=%s, the policy %q, and the field's is not known to be the tighter", o.action, own, o.with))
	}
}

// raise applies an action= option that is stricter than the policy's action.
func (q *question) raise(d *Decision, o *outcome, wanted classify.Action) {
	d.By, d.Why = "field", fmt.Sprintf("the field says action=%s", wanted)
	policys := o.action
	*o = outcome{action: wanted}
	switch wanted {
	case classify.ActionToken:
		o.scope = ScopeField
	case classify.ActionGeneralise, classify.ActionMask:
		q.raiseFunction(d, o, policys)
	}
}

// raiseFunction finds the function for an action= option of mask or
// generalise: the one that the policy names for the categories, or the
// field's. One that only the field names may stand in for a pass. It may not
// stand in for the policy's own generalisation, which it could undo.
func (q *question) raiseFunction(d *Decision, o *outcome, policys classify.Action) {
	own := tagFunction(q.tag, o.action)
	var functions []string
	named := true
	for _, name := range q.label.Categories {
		before := len(functions)
		for _, part := range q.p.parts() {
			if c := part.ownCategory(name); c != nil && c.function(o.action) != "" {
				functions = append(functions, c.function(o.action))
			}
		}
		named = named && len(functions) > before
	}
	with, comparable := tightest(functions)
	named = named && comparable
	switch {
	case named && (own == "" || tighter(own, with)):
		o.with = cmp.Or(own, with)
	case own == "":
		q.refuse(d, o, fmt.Sprintf("the field says action=%s, and neither the policy nor the field names a function for it", o.action))
	case policys == classify.ActionPass:
		o.with = own
	default:
		q.refuse(d, o, fmt.Sprintf("the field says %s=%s in place of the policy's %s, and is not known to be the tighter", o.action, own, policys))
	}
}

// tagFunction is the field's function for an action.
func tagFunction(t classify.Tag, a classify.Action) string {
	if a == classify.ActionMask {
		return t.Mask
	}
	return t.Generalise
}

// refuse turns the decision into a refusal and says why.
func (q *question) refuse(d *Decision, o *outcome, why string) {
	*o = outcome{action: classify.ActionRefuse}
	d.Why = why
}

// finish writes the outcome and the label of what arrives.
func (q *question) finish(d *Decision, o *outcome) {
	d.Action, d.With, d.Scope = o.action, "", ""
	switch o.action {
	case classify.ActionDrop, classify.ActionRefuse:
		return
	case classify.ActionGeneralise, classify.ActionMask:
		d.With = o.with
	case classify.ActionToken:
		d.Scope = o.scope
	}
	d.Result = classify.Label{Class: o.result, Integrity: q.label.Integrity, Availability: q.label.Availability}
	if o.keeps {
		d.Result.Categories = slices.Clone(q.label.Categories)
	}
}

// fit refuses what the far zone may not have. What brings nothing always fits. In a policy that passes Check it
// happens only to labels above their category's class, and where an overlay
// lowers a ceiling.
func (q *question) fit(d *Decision) {
	sealed := d.Action == classify.ActionEncrypt
	ceiling := q.p.ceiling(q.route.To, sealed)
	if d.Result.Class <= ceiling {
		return
	}
	verb := "holds"
	if sealed {
		verb = "carries"
	}
	d.Why = fmt.Sprintf("%s would bring class %q to %s, which %s %q at most", d.Action, q.p.className(d.Result.Class), q.route.To, verb, q.p.className(ceiling))
	d.Action, d.With, d.Scope, d.Result = classify.ActionRefuse, "", "", classify.Label{}
	q.unfit = true
}

// ceiling is the highest class that a zone may hold in clear, or carry sealed,
// by all parts of the policy.
func (p *Policy) ceiling(zone string, sealed bool) classify.Level {
	lowest := classify.Unknown
	for _, part := range p.parts() {
		z := part.ownZone(zone)
		if z == nil {
			continue
		}
		name := z.Holds
		if sealed {
			name = part.carries(z)
		}
		if level := p.class(name); level != classify.Unknown && (lowest == classify.Unknown || level < lowest) {
			lowest = level
		}
	}
	return lowest
}
