package stale

import (
	"go/types"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/labels"
	"github.com/sekisho-go/sekisho/internal/goname"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// compareRoads compares the methods that lead to other zones with the routes of
// the policy.
func (c *comparer) compareRoads(r *record) {
	for i := range r.Policy.Zones {
		z := &r.Policy.Zones[i]
		if z.Name == r.home() {
			continue
		}
		roads := 0
		for _, route := range r.Policy.RoutesFrom(r.home()) {
			if route.To == z.Name {
				roads++
				if r.wanted(route.To, route.Name) {
					c.compareRoad(r, route)
				}
			}
		}
		if roads == 0 && r.wanted(z.Name, "") && !c.hasMethod(r, "To"+z.Go) {
			c.say(r.pos, "%s has no refusal To%s: the policy has had the zone %s, or no road there, since its code was generated", r.named.Obj().Name(), z.Go, z.Name)
		}
	}
}

func (c *comparer) compareRoad(r *record, route *policy.Route) {
	name := "To" + goname.Suffix(r.Policy.Policy, route)
	if !c.hasMethod(r, name) {
		c.say(r.pos, "%s has no method %s: the policy has had the road %s since its code was generated", r.named.Obj().Name(), name, route.Key())
		return
	}
	if c.isCrossing(c.method(r, name)) || !c.arrives(r, route) {
		return
	}
	c.say(r.pos, "%s.%s is a refusal, and by the policy %s may take the road %s", r.named.Obj().Name(), name, r.named.Obj().Name(), route.Key())
}

// isCrossing reports whether a method takes a crossing: a refusal takes what
// nobody can have.
func (c *comparer) isCrossing(m *types.Func) bool {
	params := m.Signature().Params()
	if params.Len() == 0 {
		return false
	}
	p, ok := types.Unalias(params.At(0).Type()).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && labels.Is(n, labels.ZonePath, "Crossing")
}

// arrives reports whether the type may take a road, as far as its own fields
// tell. With records in it, that is theirs to say.
func (c *comparer) arrives(r *record, route *policy.Route) bool {
	fields := c.fields(r.Policy, r.Struct)
	n := 0
	for v := range r.under.Fields() {
		if named, ok := types.Unalias(v.Type()).(*types.Named); v.Name() != "_" && !(ok && labels.Is(named, labels.ZonePath, "Home")) {
			n++
		}
	}
	if n != len(fields) {
		return false
	}
	something := false
	for _, f := range fields {
		switch decide(r.Policy, route, f).Action {
		case classify.ActionRefuse:
			return false
		case classify.ActionDrop:
		default:
			something = true
		}
	}
	return something
}
