package zone_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// Whatever an overlay that is given at start-up tightens, code that was
// generated without it does not cross: random policies, fields and overlays.
func TestStricterOverlayAlwaysRefuses(t *testing.T) {
	var asked, stricter int
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 11))
		p := chancePolicy(r)
		o := chanceOverlay(r, p)
		chanceCryptography(rand.New(rand.NewPCG(seed, 12)), p, o)
		met, err := p.With(o)
		if err != nil {
			continue
		}
		border, err := zone.OpenBorder(zonetest.Compile(p), zone.WithAudit(&zonetest.Recorder{}), zone.WithOverlay(zonetest.Compile(o)))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		road, _ := p.Route("ward", "billing", "")
		for n := range 12 {
			text := chanceTag(r, p)
			tag, err := classify.ParseTag(text)
			if err != nil {
				t.Fatal(err)
			}
			label, err := p.Resolve(tag)
			if err != nil {
				continue
			}
			before := p.Decide(road, label, tag)
			compiled := compiledDecision(p, label, before, "")
			later, err := met.Resolve(tag)
			resolves := err == nil // else the field has to be written anew
			if !resolves {
				later = label
			}
			after := decideAgain(met, road, later, &tag, before)
			if n%4 == 3 {
				before, after = p.DecideSealed(road, label, "ward"), met.DecideSealed(road, later, "ward")
				compiled = compiledDecision(p, label, before, "ward")
			}
			if before.Action == classify.ActionRefuse {
				continue // no code would be generated
			}
			asked++
			refusal := admitOne(border, compiled)
			switch {
			case !before.AtLeast(after) && refusal == nil:
				t.Errorf("seed %d: field %q is generated as %v %q at class %d, the overlay makes it %v %q at class %d (%s: %s), and it crosses",
					seed, text, before.Action, before.With, before.Result.Class, after.Action, after.With, after.Result.Class, after.By, after.Why)
			case !before.AtLeast(after):
				stricter++
			case refusal != nil && resolves && tag.Mask+tag.Generalise == "": // a function of the field may be the policy's by chance
				t.Errorf("seed %d: field %q is generated as %v %q at class %d, with the overlay it is no stricter, and it is refused: %v",
					seed, text, before.Action, before.With, before.Result.Class, refusal)
			}
		}
	}
	if asked < 1000 || stricter < 200 {
		t.Errorf("%d decisions of which %d were made stricter: too few to say anything", asked, stricter)
	}
}

// decideAgain decides under the overlay. Where it takes somebody to name a
// function, the generated code did.
func decideAgain(met *policy.Policy, road *policy.Route, l classify.Label, tag *classify.Tag, before policy.Decision) policy.Decision {
	after := met.Decide(road, l, *tag)
	if strings.Contains(after.Why, "names a function for it") {
		tag.Mask, tag.Generalise = cmp.Or(tag.Mask, before.With), cmp.Or(tag.Generalise, before.With)
		after = met.Decide(road, l, *tag)
	}
	return after
}

// compiledDecision is the decision as the generator writes it down.
func compiledDecision(p *policy.Policy, l classify.Label, d policy.Decision, sealed string) zone.Decision {
	z := zone.Decision{Field: "F", Class: p.Scale().Name(l.Class), Categories: l.Categories, Action: d.Action, Sealed: sealed}
	switch d.Action {
	case classify.ActionMask, classify.ActionGeneralise:
		z.With = d.With
	case classify.ActionToken:
		z.Scope = d.Scope
	}
	if d.Action < classify.ActionDrop {
		z.Result = p.Scale().Name(d.Result.Class)
	}
	return z
}

// admitOne lets one record with one field into a crossing of its own.
func admitOne(b *zone.Border, d zone.Decision) error {
	x, err := zone.Cross[WardToBilling](context.Background(), b)
	if err != nil {
		return err
	}
	defer x.Abort()
	return x.Admit(zone.NewTransit[WardToBilling]("chance", "example.com/a.T", "TBilling", "sha256:0", d))
}

var chanceClasses = []string{"a", "b", "c", "d"}

func oneOf(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

// chancePolicy makes a policy that passes Check, of two zones and one road.
func chancePolicy(r *rand.Rand) *policy.Policy {
	for {
		holds := r.IntN(4)
		p := &policy.Policy{
			Format: policy.Format, Name: "chance", Classes: chanceClasses,
			Zones: []policy.Zone{
				{Name: "ward", Go: "Ward", Holds: "d"},
				{Name: "billing", Go: "Billing", Holds: chanceClasses[holds], Carries: chanceClasses[holds+r.IntN(4-holds)]},
			},
		}
		road := policy.Route{From: "ward", To: "billing"}
		for _, k := range []string{"k0", "k1", "k2"} {
			class := r.IntN(4)
			c := policy.Category{Name: k, Class: chanceClasses[class], Mask: oneOf(r, "", "last4", "last2"), Generalise: oneOf(r, "", "year", "year-month", "age-band-5")}
			if r.IntN(3) == 0 {
				c.Becomes = chanceClasses[r.IntN(class+1)]
			}
			p.Categories = append(p.Categories, c)
			if r.IntN(2) == 0 {
				road.Rules = append(road.Rules, chanceRule(r, policy.Rule{Category: k}))
			}
		}
		for _, class := range chanceClasses {
			road.Rules = append(road.Rules, chanceRule(r, policy.Rule{Class: class}))
		}
		p.Routes = []policy.Route{road}
		if p.Check() == nil {
			return p
		}
	}
}

func chanceRule(r *rand.Rand, rule policy.Rule) policy.Rule {
	rule.Action = classify.ActionPass + classify.Action(r.IntN(int(classify.ActionRefuse)))
	switch rule.Action {
	case classify.ActionMask:
		rule.With, rule.As = oneOf(r, "", "last4", "redact"), oneOf(r, "", "", "a", "b")
	case classify.ActionGeneralise:
		rule.With, rule.As = oneOf(r, "", "year", "year-month"), oneOf(r, "", "", "a", "b")
	case classify.ActionToken:
		rule.Scope, rule.As = oneOf(r, "", "field", "category"), oneOf(r, "", "", "a", "b")
		if rule.Category == "" {
			rule.Scope = ""
		}
	}
	return rule
}

// chanceOverlay makes an overlay, which may or may not pass.
func chanceOverlay(r *rand.Rand, p *policy.Policy) *policy.Policy {
	o := &policy.Policy{Format: policy.Format, Name: "over", Overlay: true}
	if r.IntN(2) == 0 {
		road := policy.Route{From: "ward", To: "billing"}
		for range r.IntN(3) {
			rule := policy.Rule{Class: oneOf(r, chanceClasses...)}
			if r.IntN(2) == 0 {
				rule = policy.Rule{Category: oneOf(r, "k0", "k1", "k2")}
			}
			if !slices.ContainsFunc(road.Rules, func(o policy.Rule) bool { return o.Category == rule.Category && o.Class == rule.Class }) {
				road.Rules = append(road.Rules, chanceRule(r, rule))
			}
		}
		o.Routes = []policy.Route{road}
	}
	if r.IntN(3) == 0 {
		o.Zones = []policy.Zone{{Name: "billing", Holds: oneOf(r, "", "a", "b"), Carries: oneOf(r, "", "b", "c")}}
	}
	if k := p.Categories[r.IntN(3)]; r.IntN(2) == 0 {
		o.Categories = []policy.Category{{
			Name: k.Name, Class: oneOf(r, "", "c", "d"), Becomes: oneOf(r, "", "", "b", "c"), Stays: oneOf(r, "", "", "", "ward"),
			Mask: oneOf(r, "", "", "redact"), Generalise: oneOf(r, "", "", "year", "redact"),
		}}
	}
	return o
}

// chanceCryptography lets a policy and its overlay say something of algorithms,
// keys and indexes. A crossing never asks for these: whatever an overlay says of
// them, nothing else is refused.
func chanceCryptography(r *rand.Rand, policies ...*policy.Policy) {
	for _, p := range policies {
		for i := range p.Categories {
			p.Categories[i].Guessable = r.IntN(3) == 0
		}
		if r.IntN(2) == 0 {
			p.Algorithms = &policy.Algorithms{
				Strength: []policy.Strength{{Bits: 128, Produce: oneOf(r, "2001-12-31", "2050-12-31")}},
				Listed:   []policy.Algorithm{{Name: oneOf(r, "AES-256-GCM", "RC4"), Bits: 128}},
			}
		}
		if r.IntN(2) == 0 {
			p.Keys = &policy.Keys{Box: oneOf(r, "", policy.BoxX25519, policy.BoxXWing), Periods: []policy.Period{{Use: oneOf(r, "seal", "token"), Produce: oneOf(r, "1d", "2y"), Consume: oneOf(r, "", "5y")}}}
		}
	}
}

// chanceTag writes a tag: one or two names, and options that may or may not fit.
func chanceTag(r *rand.Rand, p *policy.Policy) string {
	names := []string{oneOf(r, "a", "b", "c", "d", "k0", "k1", "k2")}
	if other := oneOf(r, "k0", "k1", "k2"); r.IntN(3) == 0 && other != names[0] {
		names = append(names, other)
	}
	text := strings.Join(names, "+")
	if r.IntN(5) == 0 {
		text += ",class=" + oneOf(r, "c", "d")
	}
	if r.IntN(4) == 0 {
		text += ",action=" + oneOf(r, "mask", "generalise", "token", "encrypt", "drop")
	}
	if r.IntN(3) == 0 {
		text += fmt.Sprintf(",mask=%s", oneOf(r, "last4", "redact", "initial"))
	}
	if r.IntN(4) == 0 {
		text += fmt.Sprintf(",generalise=%s", oneOf(r, "year", "year-month"))
	}
	return text
}
