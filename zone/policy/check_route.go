package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sekisho-go/sekisho/classify"
)

// maxApprovals is more people than any office asks for one crossing.
const maxApprovals = 9

// route checks one route: where it leads, what it asks for, its rules.
func (c *checker) route(i int) {
	r := &c.p.Routes[i]
	where := fmt.Sprintf("routes[%d]", i)
	c.ends(r.Pos, where, r.From, r.To)
	if r.Name != "" && !classify.ValidName(r.Name) {
		c.problem(r.Pos, where+".name", "the route has no usable name", nameRemedy)
	}
	for j := range i {
		if o := &c.p.Routes[j]; o.From == r.From && o.To == r.To && strings.EqualFold(o.Name, r.Name) {
			c.addBoth(r.Pos, o.Pos, c.prefix+where, fmt.Sprintf("the route %s is given twice", r.Key()), "put the rules together, or give one of them a name of its own")
			break
		}
	}
	c.text(r.Pos, where+".clause", r.Clause)
	c.text(r.Pos, where+".approver", r.Approver)
	c.title(r.Pos, where+".title", r.Title)
	if r.Until != "" && !date(r.Until) {
		c.problem(r.Pos, where+".until", "the last day is not a date", "write it as YYYY-MM-DD")
	}
	c.require(r, where)
	c.endpoints(r, where)
	for j := range r.Rules {
		c.rule(r, &r.Rules[j], fmt.Sprintf("%s.rules[%d]", where, j))
	}
}

// require checks the evidence and the limit.
func (c *checker) require(r *Route, where string) {
	for i, name := range r.Require.Purpose {
		if !c.hasPurpose(name) {
			c.problem(r.Pos, fmt.Sprintf("%s.require.purpose[%d]", where, i), fmt.Sprintf("purpose %q does not exist", name), suggest(name, c.purposeNames(), "purpose"))
		}
		if slices.Contains(r.Require.Purpose[:i], name) {
			c.problem(r.Pos, fmt.Sprintf("%s.require.purpose[%d]", where, i), fmt.Sprintf("purpose %q is given twice", name), "keep one")
		}
	}
	if n := r.Require.Approvals; n < 0 || n > maxApprovals {
		c.problem(r.Pos, where+".require.approvals", fmt.Sprintf("%d approvals", n), fmt.Sprintf("ask for 0 to %d", maxApprovals))
	}
	if r.Limit == nil {
		return
	}
	if r.Limit.Records < 1 {
		c.problem(r.Pos, where+".limit.records", fmt.Sprintf("a limit of %d records lets nothing cross", r.Limit.Records), "name a positive number, or take the route away")
	}
	if r.Limit.period() < time.Second {
		c.problem(r.Pos, where+".limit.per", "the period of the limit is not a duration of a second or more", "write it as 24h or 30m")
	}
}

func (c *checker) hasPurpose(name string) bool {
	return slices.Contains(c.purposeNames(), name) || c.alone() && classify.ValidName(name)
}

// purposeNames are the purposes that the part may ask for. An overlay may not
// add one: a purpose more is a permission more.
func (c *checker) purposeNames() []string {
	from := c.p
	if c.p.Overlay {
		from = c.scale
	}
	var list []string
	for i := range from.Purposes {
		list = append(list, from.Purposes[i].Name)
	}
	return list
}

func (c *checker) endpoints(r *Route, where string) {
	for i, e := range r.Endpoints {
		at := fmt.Sprintf("%s.endpoints[%d]", where, i)
		if !hostOrNetwork(e.Address) {
			c.problem(r.Pos, at+".address", "the address is not a host, an IP address or a network", "write it as host.example.jp, 192.0.2.1 or 192.0.2.0/24")
		}
		if e.Port < 0 || e.Port > 65535 {
			c.problem(r.Pos, at+".port", fmt.Sprintf("%d is not a port", e.Port), "write 1 to 65535, or leave it out for any")
		}
		if e.Protocol != "" && e.Protocol != "tcp" && e.Protocol != "udp" {
			c.problem(r.Pos, at+".protocol", "the protocol is not known", "write tcp or udp")
		}
		c.text(r.Pos, at+".system", e.System)
	}
}

// hostOrNetwork accepts IP addresses, prefixes and host names.
func hostOrNetwork(s string) bool {
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if len(label) > 63 || !classify.ValidName(label) || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return true
}

// rule checks one rule by itself, and what it brings to the far zone.
func (c *checker) rule(r *Route, rule *Rule, where string) {
	switch {
	case (rule.Category == "") == (rule.Class == ""):
		c.problem(rule.Pos, where, "a rule names a category or a class, and not both", "write one of category: and class:")
		return
	case rule.Class != "":
		c.wantClass(rule.Pos, where+".class", rule.Class, false)
	case c.category(rule.Category) == nil && !c.alone():
		c.problem(rule.Pos, where+".category", fmt.Sprintf("category %q does not exist", rule.Category), suggest(rule.Category, c.categoryNames(), "category"))
		return
	}
	c.text(rule.Pos, where+".clause", rule.Clause)
	brings := false
	switch rule.Action {
	case classify.ActionGeneralise, classify.ActionMask:
		brings = true
		c.function(rule.Pos, where+".with", rule.With)
	case classify.ActionToken:
		brings = true
	case classify.ActionPass, classify.ActionEncrypt, classify.ActionDrop, classify.ActionRefuse:
	default:
		c.problem(rule.Pos, where+".action", "the rule has no action", "write pass, generalise, mask, token, encrypt, drop or refuse")
		return
	}
	if rule.With != "" && rule.Action != classify.ActionMask && rule.Action != classify.ActionGeneralise {
		c.problem(rule.Pos, where+".with", fmt.Sprintf("%s has no function", rule.Action), "leave with: out; mask and generalise have one")
	}
	if rule.As != "" && !brings {
		c.problem(rule.Pos, where+".as", fmt.Sprintf("%s does not bring a value down to another class", rule.Action), "leave as: out; mask, generalise and token may have it")
	}
	c.wantClass(rule.Pos, where+".as", rule.As, true)
	c.scope(rule, where)
	if c.unknownClass(rule.Class) && rule.Class != "" || rule.As != "" && (!brings || c.unknownClass(rule.As)) {
		return
	}
	c.effect(r, rule, where)
}

func (c *checker) scope(rule *Rule, where string) {
	switch {
	case rule.Scope == "":
	case rule.Action != classify.ActionToken:
		c.problem(rule.Pos, where+".scope", fmt.Sprintf("%s has no scope", rule.Action), "leave scope: out; only token has it")
	case rule.Scope != ScopeField && rule.Scope != ScopeCategory:
		c.problem(rule.Pos, where+".scope", fmt.Sprintf("scope %q does not exist", rule.Scope), "write field or category")
	}
}

func (c *checker) category(name string) *Category {
	for _, p := range []*Policy{c.p, c.scale} {
		if k := p.ownCategory(name); k != nil {
			return k
		}
	}
	k, _ := c.scale.Category(name) // of another overlay
	return k
}

func (c *checker) categoryNames() []string {
	var list []string
	for _, q := range []*Policy{c.scale, c.p} {
		for i := range q.Categories {
			if name := q.Categories[i].Name; !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return list
}

// effect checks what a rule brings to the far zone: for its category, or for
// its bare class and for all categories that fall to it.
func (c *checker) effect(r *Route, rule *Rule, where string) {
	if rule.Category != "" {
		k := c.category(rule.Category)
		if k == nil {
			return // an overlay alone
		}
		if k.Stays != "" && k.Stays != r.To && rule.Action < classify.ActionDrop {
			c.addBoth(rule.Pos, k.Pos, c.prefix+where+".action", fmt.Sprintf("category %q stays in %s, and the rule says %s", k.Name, k.Stays, rule.Action), "nothing that is derived from it may leave either: say drop or refuse")
			return
		}
		c.lands(r, rule, k, c.scale.class(k.Class), where)
		return
	}
	class := c.scale.class(rule.Class)
	c.lands(r, rule, nil, class, where)
	if rule.Action != classify.ActionMask && rule.Action != classify.ActionGeneralise {
		return
	}
	for i := range c.p.Categories {
		k := &c.p.Categories[i]
		named := slices.ContainsFunc(r.Rules, func(o Rule) bool { return o.Category == k.Name })
		from := c.zone(r.From)
		here := from == nil || from.Holds == "" || c.scale.class(from.Holds) >= class
		if !named && here && k.Class == rule.Class && (k.Stays == "" || k.Stays == r.To) {
			c.lands(r, rule, k, class, where)
		}
	}
}

// lands checks that what a rule makes of a label fits the far zone, and that
// there is a function to make it.
func (c *checker) lands(r *Route, rule *Rule, k *Category, class classify.Level, where string) {
	subject := fmt.Sprintf("class %q", rule.Class)
	if k != nil {
		subject = fmt.Sprintf("category %q", k.Name)
	}
	result, verb := class, "holds"
	switch rule.Action {
	case classify.ActionMask, classify.ActionGeneralise:
		result = min(1, class)
		if k != nil && k.Becomes != "" {
			result = c.scale.class(k.Becomes)
		}
		if k != nil && rule.With == "" && k.function(rule.Action) == "" {
			c.addBoth(rule.Pos, k.Pos, c.prefix+where+".action", fmt.Sprintf("the rule says %s for %s, which has no function for it", rule.Action, subject), fmt.Sprintf("give the category a %s:, or the rule a with:, or the category a rule of its own", rule.Action))
		}
	case classify.ActionEncrypt:
		verb = "carries"
	case classify.ActionDrop, classify.ActionRefuse:
		return
	}
	if as := c.scale.class(rule.As); as != classify.Unknown {
		if k != nil && rule.Category == "" {
			return // said of the bare class already
		}
		if class != classify.Unknown && as > class {
			c.problem(rule.Pos, where+".as", fmt.Sprintf("%s of class %q cannot be brought down to %q", subject, c.scale.className(class), rule.As), "name a class that is lower or the same")
			return
		}
		result = as
	}
	z := c.zone(r.To)
	if z == nil || z.Holds == "" {
		return
	}
	ceiling := z.Holds
	if verb == "carries" {
		ceiling = z.CarriesClass()
	}
	if limit := c.scale.class(ceiling); limit != classify.Unknown && result > limit {
		c.addBoth(rule.Pos, z.Pos, c.prefix+where+".action", fmt.Sprintf("%s brings %s to %s as class %q, and %s %s %q at most", rule.Action, subject, r.To, c.scale.className(result), r.To, verb, ceiling), "choose a stricter action or a lower as:, or raise what the zone "+verb)
	}
}
