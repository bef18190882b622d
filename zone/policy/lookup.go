package policy

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sekisho-go/sekisho/classify"
)

// defaultLevels are the levels of integrity and availability of a policy that
// lists none: the two that national rules know.
func defaultLevels() []string { return []string{"1", "2"} }

// Scale is the policy's classes as a scale. A policy that does not pass Check
// may give the empty Scale.
func (p *Policy) Scale() classify.Scale { return scaleOf(p.Classes) }

// IntegrityScale is the policy's levels of integrity; "1" and "2" by default.
func (p *Policy) IntegrityScale() classify.Scale { return scaleOf(p.integrity()) }

// AvailabilityScale is the policy's levels of availability; "1" and "2" by
// default.
func (p *Policy) AvailabilityScale() classify.Scale { return scaleOf(p.availability()) }

func (p *Policy) integrity() []string {
	if len(p.Integrity) == 0 {
		return defaultLevels()
	}
	return p.Integrity
}

func (p *Policy) availability() []string {
	if len(p.Availability) == 0 {
		return defaultLevels()
	}
	return p.Availability
}

func scaleOf(names []string) classify.Scale {
	scale, err := classify.NewScale(names...)
	if err != nil {
		return classify.Scale{}
	}
	return scale
}

// levelIn is the rank of a name on a scale, 1 being the lowest, and Unknown
// for a name that is not on it. Scales are a handful of names, so a scan beats
// a map and needs no state in the policy.
func levelIn(names []string, name string) classify.Level {
	i := slices.Index(names, name)
	if name == "" || i < 0 || i >= 255 {
		return classify.Unknown
	}
	return classify.Level(i + 1)
}

// class is the rank of a class in this policy.
func (p *Policy) class(name string) classify.Level { return levelIn(p.Classes, name) }

// className is the name of a rank of this policy, "?" when there is none.
func (p *Policy) className(l classify.Level) string {
	if l == classify.Unknown || int(l) > len(p.Classes) {
		return "?"
	}
	return p.Classes[l-1]
}

// parts lists p and everything it is met with, p first, depth first. What
// decides is always the whole list.
func (p *Policy) parts() []*Policy {
	if len(p.Overlays) == 0 {
		return []*Policy{p}
	}
	list := []*Policy{p}
	for _, o := range p.Overlays {
		if o != nil {
			list = append(list, o.parts()...)
		}
	}
	return list
}

// CarriesClass is the highest class that the zone may carry sealed: Carries,
// or Holds where nothing is written.
func (z *Zone) CarriesClass() string { return cmp.Or(z.Carries, z.Holds) }

// Zone finds a zone by name. Where the policy has overlays the zone that is
// returned is a copy with the lowest of all ceilings.
func (p *Policy) Zone(name string) (*Zone, bool) {
	var found *Zone
	for i, q := range p.parts() {
		z := q.ownZone(name)
		switch {
		case z == nil:
		case found == nil:
			found = z
			if i > 0 || len(p.Overlays) > 0 {
				found = new(*z)
			}
		default:
			p.lowerCeilings(found, z, q)
		}
	}
	return found, found != nil
}

// lowerCeilings tightens z, a copy, by what another policy says of the zone.
func (p *Policy) lowerCeilings(z, other *Zone, by *Policy) {
	holds := p.lowerClass(z.Holds, other.Holds)
	carries := p.lowerClass(z.CarriesClass(), by.carries(other))
	z.Holds, z.Carries = holds, carries
	if len(z.Networks) == 0 {
		z.Networks = other.Networks
	}
	z.Go = cmp.Or(z.Go, other.Go)
}

// carries is the highest class that a policy lets a zone carry sealed. An
// overlay that says nothing of it leaves it alone, also where it lowers what
// the zone holds.
func (p *Policy) carries(z *Zone) string {
	if p.Overlay {
		return z.Carries
	}
	return z.CarriesClass()
}

// lowerClass is the lower of two classes; the empty one has no opinion.
func (p *Policy) lowerClass(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "" || p.class(a) <= p.class(b):
		return a
	}
	return b
}

// higherClass is the higher of two classes; the empty one has no opinion.
func (p *Policy) higherClass(a, b string) string {
	if a != "" && (b == "" || p.class(a) >= p.class(b)) {
		return a
	}
	return b
}

func (p *Policy) ownZone(name string) *Zone {
	for i := range p.Zones {
		if p.Zones[i].Name == name {
			return &p.Zones[i]
		}
	}
	return nil
}

// Category finds a category by name. Where the policy has overlays the
// category that is returned is a copy with the highest of all classes and
// levels.
func (p *Policy) Category(name string) (*Category, bool) {
	var found *Category
	for i, q := range p.parts() {
		c := q.ownCategory(name)
		switch {
		case c == nil:
		case found == nil:
			found = c
			if i > 0 || len(p.Overlays) > 0 {
				found = new(*c)
			}
		default:
			p.raiseCategory(found, c)
		}
	}
	return found, found != nil
}

// raiseCategory tightens c, a copy, by what another policy says of it.
func (p *Policy) raiseCategory(c, other *Category) {
	c.Class = p.higherClass(c.Class, other.Class)
	c.Becomes = p.higherClass(c.Becomes, other.Becomes)
	c.Integrity = higherName(p.integrity(), c.Integrity, other.Integrity)
	c.Availability = higherName(p.availability(), c.Availability, other.Availability)
	c.Check = cmp.Or(c.Check, other.Check)
	c.Mask = tighterFunction(c.Mask, other.Mask)
	c.Generalise = tighterFunction(c.Generalise, other.Generalise)
	c.Stays = cmp.Or(c.Stays, other.Stays)
	c.Guessable = c.Guessable || other.Guessable
}

// tighterFunction is g where it is known to be the tighter, else f.
func tighterFunction(f, g string) string {
	if f == "" || g != "" && tighter(g, f) {
		return g
	}
	return f
}

func higherName(names []string, a, b string) string {
	if levelIn(names, b) > levelIn(names, a) {
		return b
	}
	return a
}

func (p *Policy) ownCategory(name string) *Category {
	for i := range p.Categories {
		if p.Categories[i].Name == name {
			return &p.Categories[i]
		}
	}
	return nil
}

// Key names the route for people and in records: "ward→lab", and
// "ward→lab (mailing)" for a named road.
func (r *Route) Key() string {
	key := road(r.From, r.To)
	if r.Name != "" {
		key += " (" + r.Name + ")"
	}
	return key
}

func road(from, to string) string { return from + "→" + to }

// Open reports whether the route is open at a time: always when it has no
// until date, else up to and including that day. The day is the calendar day
// of at in at's own location, so the caller chooses the clock that the policy
// is read by. A date that does not parse closes the route.
func (r *Route) Open(at time.Time) bool {
	if r.Until == "" {
		return true
	}
	return !dayOver(r.Until, at)
}

// dayOver reports whether a day has ended at a time, by the calendar of the
// time's location. A day that is none is over.
func dayOver(day string, at time.Time) bool {
	last, err := time.Parse(time.DateOnly, day)
	y, m, d := at.Date()
	return err != nil || time.Date(y, m, d, 0, 0, 0, 0, time.UTC).After(last)
}

// Route finds the road between two zones by name, the empty name being the
// plain road. Where the policy has overlays the route that is returned is a
// copy that asks for the evidence of all of them; a road that one of them
// closes is not found.
func (p *Policy) Route(from, to, name string) (*Route, bool) {
	own := p.ownRoute(from, to, name)
	if own == nil {
		return nil, false
	}
	route, shut := p.effective(own)
	if shut != nil {
		return nil, false
	}
	return route, true
}

// RoutesFrom lists the open roads out of a zone in the order of the file,
// each as [Policy.Route] gives it.
func (p *Policy) RoutesFrom(zone string) []*Route {
	var routes []*Route
	for i := range p.Routes {
		if p.Routes[i].From != zone {
			continue
		}
		if r, shut := p.effective(&p.Routes[i]); shut == nil {
			routes = append(routes, r)
		}
	}
	return routes
}

func (p *Policy) ownRoute(from, to, name string) *Route {
	for i := range p.Routes {
		if r := &p.Routes[i]; r.From == from && r.To == to && r.Name == name {
			return r
		}
	}
	return nil
}

// ClosedRoad finds the entry by which the policy, or one it is met with,
// closes the road between two zones. A road that has no route is closed
// without one.
func (p *Policy) ClosedRoad(from, to string) (*Closed, bool) {
	for _, q := range p.parts() {
		if c := q.ownClosed(from, to); c != nil {
			return c, true
		}
	}
	return nil, false
}

func (p *Policy) ownClosed(from, to string) *Closed {
	for i := range p.Closed {
		if c := &p.Closed[i]; c.From == from && c.To == to {
			return c
		}
	}
	return nil
}

// A closure says why a route that one policy opens is shut by another that it
// is met with.
type closure struct {
	by     *Policy
	clause string
	why    string
}

// closes reports whether q shuts the road of r. Closed shuts the plain road
// and every named one that q does not list itself: "closed in principle, and
// these are the exceptions".
func (q *Policy) closes(r *Route) *closure {
	own := q.ownRoute(r.From, r.To, r.Name)
	if c := q.ownClosed(r.From, r.To); c != nil && (r.Name == "" || own == nil) {
		return &closure{q, c.Clause, "the road is closed"}
	}
	if own == nil && !q.Overlay {
		return &closure{q, "", "there is no such route"}
	}
	return nil
}

// effective is r as all parts of the policy together leave it, or what shuts
// it.
func (p *Policy) effective(r *Route) (*Route, *closure) {
	if len(p.Overlays) == 0 {
		if c := p.closes(r); c != nil {
			return nil, c
		}
		return r, nil
	}
	merged := *r
	for i, q := range p.parts() {
		if c := q.closes(r); c != nil {
			return nil, c
		}
		other := q.ownRoute(r.From, r.To, r.Name)
		if i == 0 || other == nil {
			continue
		}
		if why := merged.tighten(other); why != "" {
			return nil, &closure{q, cmp.Or(other.Clause, r.Clause), why}
		}
	}
	return &merged, nil
}

// tighten makes r ask for what other asks for too. It returns why nobody can
// use the road when the two leave nothing.
func (r *Route) tighten(other *Route) string {
	r.Clause = cmp.Or(r.Clause, other.Clause)
	r.Approver = cmp.Or(r.Approver, other.Approver)
	r.Require.Principal = r.Require.Principal || other.Require.Principal
	r.Require.MFA = r.Require.MFA || other.Require.MFA
	r.Require.Approvals = max(r.Require.Approvals, other.Require.Approvals)
	r.Limit = tighterLimit(r.Limit, other.Limit)
	if r.Until == "" || other.Until != "" && other.Until < r.Until {
		r.Until = other.Until
	}
	purposes, ok := commonPurposes(r.Require.Purpose, other.Require.Purpose)
	if !ok {
		return "no purpose is permitted by both policies"
	}
	r.Require.Purpose = purposes
	endpoints, ok := commonEndpoints(r.Endpoints, other.Endpoints)
	if !ok {
		return "no endpoint is permitted by both policies"
	}
	r.Endpoints = endpoints
	return ""
}

// commonPurposes is the intersection of two lists, where an empty list
// permits all. It is false when nothing is left.
func commonPurposes(a, b []string) ([]string, bool) {
	if len(a) == 0 || len(b) == 0 {
		return append(slices.Clone(a), b...), true
	}
	var both []string
	for _, name := range a {
		if slices.Contains(b, name) {
			both = append(both, name)
		}
	}
	return both, len(both) > 0
}

// commonEndpoints keeps the narrower of every pair where one lies in the
// other. It is false when nothing is left.
func commonEndpoints(a, b []Endpoint) ([]Endpoint, bool) {
	if len(a) == 0 || len(b) == 0 {
		return append(slices.Clone(a), b...), true
	}
	var both []Endpoint
	add := func(e Endpoint) {
		if !slices.Contains(both, e) {
			both = append(both, e)
		}
	}
	for _, x := range a {
		for _, y := range b {
			switch {
			case y.within(x):
				add(y)
			case x.within(y):
				add(x)
			}
		}
	}
	return both, len(both) > 0
}

// within reports whether everything that e permits, other permits too.
func (e Endpoint) within(other Endpoint) bool {
	if cmp.Or(e.Protocol, "tcp") != cmp.Or(other.Protocol, "tcp") || other.Port != 0 && e.Port != other.Port {
		return false
	}
	if strings.EqualFold(e.Address, other.Address) {
		return true
	}
	inner, ok1 := addressPrefix(e.Address)
	outer, ok2 := addressPrefix(other.Address)
	return ok1 && ok2 && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// addressPrefix reads an IP address or a prefix as a prefix.
func addressPrefix(s string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(s); err == nil {
		return prefix, true
	}
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

// tighterLimit is a limit under which both hold: the fewer records in the
// longer period.
func tighterLimit(a, b *Limit) *Limit {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	both := *a
	both.Records = min(a.Records, b.Records)
	if b.period() > a.period() {
		both.Per = b.Per
	}
	return &both
}

// period is the limit's period; zero when it does not parse.
func (l *Limit) period() time.Duration {
	d, err := time.ParseDuration(l.Per)
	if err != nil {
		return 0
	}
	return d
}
