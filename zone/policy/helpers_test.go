package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

const (
	pass       = classify.ActionPass
	generalise = classify.ActionGeneralise
	mask       = classify.ActionMask
	token      = classify.ActionToken
	encrypt    = classify.ActionEncrypt
	drop       = classify.ActionDrop
	refuse     = classify.ActionRefuse
)

// kouki is the shape of a three-zone policy with five classes.
func kouki() *policy.Policy {
	return place(&policy.Policy{
		Format: 1, Name: "kouki", Edition: "2025-11", Go: policy.GoNames{Zones: "./zones"},
		Classes: []string{"1", "2", "3C", "3B", "3A"},
		Categories: []policy.Category{
			{Name: "address", Class: "3B"},
			{Name: "birth-date", Class: "3B", Generalise: "age-band-5", Becomes: "2"},
			{Name: "individual-number", Class: "3B", Check: "jp.individual-number", Stays: "mynumber"},
			{Name: "insured-number", Class: "3B", Check: "jp.insured-number"},
			{Name: "name", Class: "3B"},
			{Name: "phone", Class: "3C", Mask: "last4", Becomes: "2"},
		},
		Zones: []policy.Zone{
			{Name: "mynumber", Go: "MyNumber", Holds: "3B", Networks: []string{"10.1.0.0/16"}, Title: policy.Text{"ja": "マイナンバー利用事務系", "en": "My Number zone"}},
			{Name: "lgwan", Go: "LGWAN", Holds: "3B", Networks: []string{"10.2.0.0/16"}},
			{Name: "internet", Go: "Internet", Holds: "1", Carries: "3B", Networks: []string{"0.0.0.0/0"}},
		},
		Purposes: []policy.Purpose{{Name: "benefit"}, {Name: "levy", Title: policy.Text{"ja": "賦課"}}},
		Routes: []policy.Route{
			{From: "mynumber", To: "lgwan", Clause: "7(3)①", Rules: []policy.Rule{
				{Category: "individual-number", Action: drop},
				{Category: "insured-number", Action: token, As: "3C", Clause: "別表2"},
				{Category: "birth-date", Action: generalise},
				{Class: "3B", Action: encrypt},
				{Class: "3C", Action: mask},
				{Class: "2", Action: pass},
				{Class: "1", Action: pass},
			}, Require: policy.Require{Principal: true, MFA: true, Purpose: []string{"benefit", "levy"}}, Limit: &policy.Limit{Records: 500000, Per: "24h"}},
			{Name: "mailing", From: "mynumber", To: "lgwan", Clause: "7(3)①", Approver: "CISO", Until: "2027-03-31",
				Endpoints: []policy.Endpoint{{Address: "10.2.3.0/24", Port: 443, System: "mailing"}},
				Rules: []policy.Rule{
					{Category: "name", Action: pass}, {Category: "address", Action: pass}, {Category: "individual-number", Action: refuse},
					{Class: "1", Action: pass}, {Class: "2", Action: drop}, {Class: "3C", Action: drop}, {Class: "3B", Action: drop}, {Class: "3A", Action: drop},
				}, Require: policy.Require{Principal: true, MFA: true, Purpose: []string{"levy"}, Approvals: 1}},
			{From: "lgwan", To: "internet", Clause: "7(3)②", Rules: []policy.Rule{
				{Class: "3B", Action: encrypt}, {Class: "3C", Action: drop}, {Class: "2", Action: drop}, {Class: "1", Action: pass},
			}, Require: policy.Require{Principal: true}},
			{From: "lgwan", To: "mynumber", Clause: "7(3)①", Rules: []policy.Rule{
				{Class: "3B", Action: pass}, {Class: "3C", Action: pass}, {Class: "2", Action: pass}, {Class: "1", Action: pass},
			}},
		},
		Closed: []policy.Closed{
			{From: "mynumber", To: "internet", Clause: "7(3)①", Title: policy.Text{"ja": "原則として他の領域との通信をできないように"}},
			{From: "internet", To: "mynumber", Clause: "7(3)①"},
		},
		Sinks:    []policy.Sink{{Name: "log", Ceiling: "1"}, {Name: "stdout", Ceiling: "2"}},
		Types:    []policy.Type{{Name: "example.com/db.Person", Fields: []policy.Field{{Name: "Name", Tag: "name"}, {Name: "Tel", Tag: "phone,class=3B"}}}, {Name: "example.com/db.Room", Fields: []policy.Field{}}},
		Mappings: []policy.Mapping{{Scheme: "other", Classes: map[string]string{"1": "a", "2": "b", "3C": "c", "3B": "d", "3A": "e"}}, {Scheme: "three-class", Classes: map[string]string{"1": "1", "2": "2", "3C": "3", "3B": "3", "3A": "3"}}},
	})
}

// ward is a hospital's: nothing Japanese in it.
func ward() *policy.Policy {
	return place(&policy.Policy{
		Format: 1, Name: "hospital",
		Classes: []string{"public", "internal", "clinical"},
		Categories: []policy.Category{
			{Name: "diagnosis", Class: "clinical", Guessable: true},
			{Name: "email", Class: "internal", Mask: "initial"},
			{Name: "genome", Class: "clinical", Stays: "ward"},
			{Name: "patient", Class: "clinical"},
		},
		Zones: []policy.Zone{
			{Name: "ward", Go: "Ward", Holds: "clinical"},
			{Name: "lab", Go: "Lab", Holds: "internal", Carries: "clinical"},
			{Name: "web", Go: "Web", Holds: "public"},
		},
		Routes: []policy.Route{
			{From: "ward", To: "lab", Rules: []policy.Rule{
				{Category: "patient", Action: token, As: "internal", Scope: "category"},
				{Category: "genome", Action: drop},
				{Class: "clinical", Action: encrypt}, {Class: "internal", Action: mask}, {Class: "public", Action: pass},
			}},
			{From: "lab", To: "web", Rules: []policy.Rule{{Class: "internal", Action: drop}, {Class: "public", Action: pass}}},
			{From: "lab", To: "ward", Rules: []policy.Rule{{Class: "internal", Action: pass}, {Class: "public", Action: pass}, {Class: "clinical", Action: encrypt}}},
		},
	})
}

// leaky passes 3B from the first zone to the second and on to the third, and
// the road from the first to the third is closed.
func leaky() *policy.Policy {
	return place(&policy.Policy{
		Format: 1, Name: "leaky", Classes: []string{"1", "3B"},
		Categories: []policy.Category{{Name: "name", Class: "3B"}},
		Zones:      []policy.Zone{{Name: "mynumber", Go: "MyNumber", Holds: "3B"}, {Name: "lgwan", Go: "LGWAN", Holds: "3B"}, {Name: "internet", Go: "Internet", Holds: "3B"}},
		Routes: []policy.Route{
			{From: "mynumber", To: "lgwan", Rules: []policy.Rule{{Class: "3B", Action: pass}, {Class: "1", Action: pass}}},
			{From: "lgwan", To: "internet", Rules: []policy.Rule{{Class: "3B", Action: pass}, {Class: "1", Action: pass}}},
		},
		Closed: []policy.Closed{{From: "mynumber", To: "internet", Clause: "7(3)①"}},
	})
}

// place gives everything a line of its own, as a file would.
func place(p *policy.Policy) *policy.Policy {
	line := 0
	next := func() policy.Pos { line++; return policy.Pos{File: p.Name + ".yaml", Line: line, Col: 3} }
	for i := range p.Categories {
		p.Categories[i].Pos = next()
	}
	for i := range p.Zones {
		p.Zones[i].Pos = next()
	}
	for i := range p.Purposes {
		p.Purposes[i].Pos = next()
	}
	for i := range p.Routes {
		p.Routes[i].Pos = next()
		for j := range p.Routes[i].Rules {
			p.Routes[i].Rules[j].Pos = next()
		}
	}
	for i := range p.Closed {
		p.Closed[i].Pos = next()
	}
	for i := range p.Sinks {
		p.Sinks[i].Pos = next()
	}
	for i := range p.Types {
		p.Types[i].Pos = next()
		for j := range p.Types[i].Fields {
			p.Types[i].Fields[j].Pos = next()
		}
	}
	for i := range p.Mappings {
		p.Mappings[i].Pos = next()
	}
	return p
}

// clone is a deep copy without positions, by way of the canonical form.
func clone(t testing.TB, p *policy.Policy) *policy.Policy {
	t.Helper()
	c, err := policy.Decode(p.Encode())
	if err != nil {
		t.Fatalf("Decode(Encode()) of %s: %v", p.Name, err)
	}
	return c
}

func route(t testing.TB, p *policy.Policy, from, to, name string) *policy.Route {
	t.Helper()
	r, ok := p.Route(from, to, name)
	if !ok {
		t.Fatalf("no route %s→%s (%s) in %s", from, to, name, p.Name)
	}
	return r
}

func tag(t testing.TB, text string) classify.Tag {
	t.Helper()
	parsed, err := classify.ParseTag(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func label(t testing.TB, p *policy.Policy, text string) classify.Label {
	t.Helper()
	l, err := p.Resolve(tag(t, text))
	if err != nil {
		t.Fatalf("Resolve(%q): %v", text, err)
	}
	return l
}

func mustCheck(t testing.TB, p *policy.Policy) {
	t.Helper()
	if err := p.Check(); err != nil {
		t.Fatalf("%s does not pass: %v", p.Name, errorList(err))
	}
}

func errorList(err error) []string {
	var list []string
	if many, ok := err.(*policy.Errors); ok {
		for _, e := range many.Unwrap() {
			list = append(list, e.Error())
		}
		return list
	}
	return append(list, err.Error())
}

// randomPolicy makes a policy that passes Check: classes, categories, zones,
// roads and rules by chance. With overlay it only has rules and ceilings.
func randomPolicy(r *rand.Rand, name string) *policy.Policy {
	return randomPolicyOf(r, name, []string{"a", "b", "c", "d"}[:2+r.IntN(3)])
}

func randomPolicyOf(r *rand.Rand, name string, classes []string) *policy.Policy {
	p := &policy.Policy{Format: 1, Name: name, Classes: slices.Clone(classes)}
	pick := func() string { return classes[r.IntN(len(classes))] }
	zones := []string{"z0", "z1", "z2", "z3"}[:2+r.IntN(3)]
	for i, z := range zones {
		holds := r.IntN(len(classes))
		zone := policy.Zone{Name: z, Go: fmt.Sprintf("Z%d", i), Holds: classes[holds]}
		if r.IntN(2) == 0 {
			zone.Carries = classes[holds+r.IntN(len(classes)-holds)]
		}
		p.Zones = append(p.Zones, zone)
	}
	for _, k := range []string{"k0", "k1", "k2"} {
		c := policy.Category{Name: k, Class: pick(), Mask: "last4", Generalise: "year-month"}
		if r.IntN(3) == 0 {
			c.Mask = "initial"
		}
		if r.IntN(3) == 0 {
			c.Becomes = classes[r.IntN(slices.Index(classes, c.Class)+1)]
		}
		if r.IntN(5) == 0 {
			c.Stays = zones[r.IntN(len(zones))]
		}
		p.Categories = append(p.Categories, c)
	}
	for _, from := range zones {
		for _, to := range zones {
			if from == to || r.IntN(3) == 0 {
				continue
			}
			route := policy.Route{From: from, To: to, Rules: []policy.Rule{}}
			for _, class := range classes {
				if r.IntN(10) > 0 {
					route.Rules = append(route.Rules, randomRule(r, policy.Rule{Class: class}, classes))
				}
			}
			for _, k := range p.Categories {
				if r.IntN(2) == 0 {
					route.Rules = append(route.Rules, randomRule(r, policy.Rule{Category: k.Name}, classes))
				}
			}
			p.Routes = append(p.Routes, route)
		}
	}
	return repair(p)
}

func randomRule(r *rand.Rand, rule policy.Rule, classes []string) policy.Rule {
	rule.Action = pass + classify.Action(r.IntN(int(refuse)))
	switch rule.Action {
	case mask:
		rule.With = []string{"", "last4", "initial", "redact"}[r.IntN(4)]
	case generalise:
		rule.With = []string{"", "year", "year-month", "age-band-5"}[r.IntN(4)]
	case token:
		rule.Scope = []string{"", "field", "category"}[r.IntN(3)]
	}
	if rule.Action == mask || rule.Action == generalise || rule.Action == token {
		rule.As = append([]string{""}, classes...)[r.IntN(len(classes)+1)]
	}
	return rule
}

// repair takes away what Check complains about.
func repair(p *policy.Policy) *policy.Policy {
	for {
		err := p.Check()
		if err == nil {
			return p
		}
		path := err.(*policy.Errors).Problems[0].Path
		var i, j int
		if _, err := fmt.Sscanf(path, "routes[%d].rules[%d]", &i, &j); err == nil {
			p.Routes[i].Rules[j] = policy.Rule{Class: p.Routes[i].Rules[j].Class, Category: p.Routes[i].Rules[j].Category, Action: refuse - classify.Action(j%2)}
		} else if _, err := fmt.Sscanf(path, "categories[%d].stays", &i); err == nil {
			p.Categories[i].Stays = ""
		} else {
			panic("repair: " + path)
		}
	}
}

// randomOverlay makes an overlay of p that passes With: rules that agree with
// p or are stricter.
func randomOverlay(t testing.TB, r *rand.Rand, p *policy.Policy) *policy.Policy {
	o := &policy.Policy{Format: 1, Name: "overlay", Overlay: true}
	for _, base := range p.Routes {
		if r.IntN(4) == 0 {
			continue
		}
		over := policy.Route{From: base.From, To: base.To, Name: base.Name, Rules: []policy.Rule{}}
		for _, rule := range base.Rules {
			if r.IntN(2) == 0 {
				over.Rules = append(over.Rules, randomRule(r, policy.Rule{Class: rule.Class, Category: rule.Category}, p.Classes))
			}
		}
		o.Routes = append(o.Routes, over)
	}
	if r.IntN(4) == 0 {
		z := p.Zones[r.IntN(len(p.Zones))]
		o.Zones = append(o.Zones, policy.Zone{Name: z.Name, Holds: p.Classes[r.IntN(slices.Index(p.Classes, z.Holds)+1)]})
	}
	if k := p.Categories[r.IntN(3)]; r.IntN(3) == 0 {
		i := slices.Index(p.Classes, k.Class)
		o.Categories = append(o.Categories, policy.Category{Name: k.Name, Class: p.Classes[i+r.IntN(len(p.Classes)-i)]})
	}
	for {
		_, err := p.With(o)
		if err == nil {
			return o
		}
		var n, i, j int
		path := err.(*policy.Errors).Problems[0].Path
		if _, err := fmt.Sscanf(path, "overlays[%d].routes[%d].rules[%d]", &n, &i, &j); err != nil {
			t.Fatalf("random overlay: %v", err)
		}
		o.Routes[i].Rules = slices.Delete(o.Routes[i].Rules, j, j+1)
	}
}

// labels lists every class, every category and every pair of categories, and
// each of these raised to every higher class.
func labels(t testing.TB, p *policy.Policy) []string {
	var list []string
	list = append(list, p.Classes...)
	for i, a := range p.Categories {
		list = append(list, a.Name)
		for _, b := range p.Categories[i+1:] {
			list = append(list, a.Name+"+"+b.Name)
		}
		for _, c := range p.Classes[slices.Index(p.Classes, a.Class)+1:] {
			list = append(list, a.Name+",class="+c)
		}
	}
	for _, text := range list {
		label(t, p, text)
	}
	return list
}

var someDay = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func sortStrings(s []string) { slices.Sort(s) }

// tagOf is the tag with one name, well formed or not.
func tagOf(name string) classify.Tag { return classify.Tag{Names: []string{name}} }
