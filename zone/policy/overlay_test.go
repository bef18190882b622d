package policy_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// stricter is an overlay of kouki that tightens a little of everything.
func stricter() *policy.Policy {
	return place(&policy.Policy{
		Format: 1, Name: "municipality", Overlay: true,
		Categories: []policy.Category{
			{Name: "birth-date", Generalise: "age-band-10", Becomes: "3C"},
			{Name: "illness", Class: "3B", Mask: "redact", Guessable: true},
			{Name: "name", Class: "3A"},
			{Name: "phone", Class: "3B", Integrity: "2", Mask: "redact"},
		},
		Zones:    []policy.Zone{{Name: "internet", Carries: "2"}, {Name: "lgwan", Holds: "3C", Carries: "3A"}}, // 3A is repaired below
		Purposes: []policy.Purpose{{Name: "levy"}},
		Routes: []policy.Route{
			{From: "mynumber", To: "lgwan", Clause: "実施手順2", Rules: []policy.Rule{
				{Category: "insured-number", Action: drop, Clause: "手順3"},
				{Category: "birth-date", Action: generalise, With: "age-band-10"},
				{Class: "3C", Action: token},
			}, Require: policy.Require{Purpose: []string{"levy"}, Approvals: 2}, Limit: &policy.Limit{Records: 1000, Per: "48h"}, Until: "2028-03-31"},
			{Name: "mailing", From: "mynumber", To: "lgwan", Until: "2026-12-31", Endpoints: []policy.Endpoint{{Address: "10.2.3.4", Port: 443, System: "printer"}}},
		},
		Closed: []policy.Closed{{From: "lgwan", To: "mynumber", Clause: "手順9"}},
		Sinks:  []policy.Sink{{Name: "stdout", Ceiling: "1"}},
		Types:  []policy.Type{{Name: "example.com/db.Person", Fields: []policy.Field{{Name: "Ill", Tag: "illness"}, {Name: "Tel", Tag: "phone+name"}}}},
	})
}

func overlaid(t *testing.T) *policy.Policy {
	t.Helper()
	o := stricter()
	o.Zones[1].Carries = "3B"
	p, err := kouki().With(o)
	if err != nil {
		t.Fatal(errorList(err))
	}
	return p
}

func TestWithDecides(t *testing.T) {
	p := overlaid(t)
	mustCheck(t, p)
	mustCheck(t, clone(t, p))
	tests := []struct {
		road, label string
		want        got
	}{
		{"mynumber lgwan", "insured-number", got{Action: drop, Clause: "手順3", By: "municipality", Reason: `the rule for category "insured-number" says drop`}},
		{"mynumber lgwan", "birth-date", got{Action: generalise, Class: "3C", With: "age-band-10", Clause: "7(3)①", By: "kouki", Reason: `the rule for category "birth-date" says generalise`}},
		{"mynumber lgwan", "address", got{Action: encrypt, Class: "3B", Categories: "address", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3B" says encrypt`}},
		{"mynumber lgwan", "illness", got{Action: encrypt, Class: "3B", Categories: "illness", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3B" says encrypt`}},
		{"mynumber lgwan", "3C", got{Action: token, Class: "3C", Scope: "field", Clause: "実施手順2", By: "municipality", Reason: `the rule for class "3C" says token`}},
		{"mynumber lgwan", "2", got{Action: pass, Class: "2", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "2" says pass`}},
		// The raised class has no rule; the overlay raised it above what may be there.
		{"mynumber lgwan", "name", got{Action: refuse, Clause: "7(3)①", By: "kouki", Reason: `no rule for category "name" of class "3A"`}},
		// The overlay raised the class, and the base goes by both.
		{"mynumber lgwan", "phone", got{Action: encrypt, Class: "3B", Categories: "phone", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3B" says encrypt`}},
		// The overlay lowered what the zone holds.
		{"mynumber lgwan mailing", "address", got{Action: refuse, Clause: "7(3)①", By: "kouki", Reason: `pass would bring class "3B" to lgwan, which holds "3C" at most`}},
	}
	base := kouki()
	for _, tt := range tests {
		ends := append(strings.Fields(tt.road), "")
		// The base's own route names the road as well as the met policy's does.
		d := p.Decide(route(t, base, ends[0], ends[1], ends[2]), label(t, p, tt.label), classify.Tag{})
		if diff := cmp.Diff(tt.want, summary(p, d)); diff != "" {
			t.Errorf("%s %s (-want +got)\n%s", tt.road, tt.label, diff)
		}
	}
	d := p.Decide(route(t, base, "lgwan", "mynumber", ""), label(t, p, "1"), classify.Tag{})
	if want := (got{Action: refuse, Clause: "手順9", By: "municipality", Reason: "the road is closed"}); summary(p, d) != want {
		t.Errorf("closed road: %+v, want %+v", summary(p, d), want)
	}
}

// Look-ups show what all parts together come to.
func TestWithLooksUp(t *testing.T) {
	p := overlaid(t)
	r := route(t, p, "mynumber", "lgwan", "")
	if diff := cmp.Diff(policy.Require{Principal: true, MFA: true, Purpose: []string{"levy"}, Approvals: 2}, r.Require); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&policy.Limit{Records: 1000, Per: "48h"}, r.Limit); diff != "" {
		t.Error(diff)
	}
	if r.Until != "2028-03-31" || r.Clause != "7(3)①" {
		t.Errorf("until %q, clause %q", r.Until, r.Clause)
	}
	m := route(t, p, "mynumber", "lgwan", "mailing")
	if diff := cmp.Diff([]policy.Endpoint{{Address: "10.2.3.4", Port: 443, System: "printer"}}, m.Endpoints); diff != "" || m.Until != "2026-12-31" {
		t.Errorf("until %q, endpoints %s", m.Until, diff)
	}
	if _, ok := p.Route("lgwan", "mynumber", ""); ok {
		t.Error("a road that the overlay closes is found")
	}
	if got := len(p.RoutesFrom("mynumber")) + 10*len(p.RoutesFrom("lgwan")) + 100*len(p.RoutesFrom("internet")); got != 12 {
		t.Errorf("routes = %d, want 12", got)
	}
	if c, ok := p.ClosedRoad("lgwan", "mynumber"); !ok || c.Clause != "手順9" {
		t.Errorf("closed road = %v", c)
	}
	z, _ := p.Zone("lgwan")
	i, _ := p.Zone("internet")
	if z.Holds != "3C" || z.CarriesClass() != "3B" || i.Holds != "1" || i.CarriesClass() != "2" || i.Go != "Internet" {
		t.Errorf("zones %+v %+v", z, i)
	}
	k, _ := p.Category("phone")
	if k.Class != "3B" || k.Mask != "redact" || k.Integrity != "2" || k.Becomes != "2" {
		t.Errorf("phone = %+v", k)
	}
	b, _ := p.Category("birth-date")
	if b.Becomes != "3C" || b.Generalise != "age-band-10" {
		t.Errorf("birth-date = %+v", b)
	}
	if k, ok := p.Category("illness"); !ok || !k.Guessable {
		t.Errorf("illness = %+v", k)
	}
	if class, pos := p.SinkCeiling("stdout"); class != "1" || pos.File != "municipality.yaml" {
		t.Errorf("stdout = %s %v", class, pos)
	}
	if diff := cmp.Diff(kouki(), p, cmp.FilterPath(func(path cmp.Path) bool { return path.String() == "Overlays" }, cmp.Ignore())); diff != "" {
		t.Errorf("the base changed: %s", diff)
	}
	again, err := p.With(p.Overlays[0])
	if err != nil || again != p {
		t.Errorf("the same overlay again: %v", err)
	}
}

func TestWithRefusesLoosening(t *testing.T) {
	route := func(r policy.Route) func(*policy.Policy) {
		return func(o *policy.Policy) {
			if r.From == "" {
				r.From, r.To = "mynumber", "lgwan"
			}
			o.Routes = []policy.Route{r}
		}
	}
	rules := func(rules ...policy.Rule) func(*policy.Policy) { return route(policy.Route{Rules: rules}) }
	tests := []struct {
		name string
		set  func(*policy.Policy)
		want []string
	}{
		{"nothing", func(*policy.Policy) {}, nil},
		{"a road more", route(policy.Route{From: "mynumber", To: "internet"}), []string{"o.yaml:1:3: the overlay opens the road mynumber→internet, which the policy does not have (kouki.yaml:39:3)"}},
		{"a name more", route(policy.Route{From: "mynumber", To: "lgwan", Name: "copy"}), []string{"o.yaml:1:3: the overlay opens the road mynumber→lgwan (copy), which the policy does not have"}},
		{"pass", rules(policy.Rule{Category: "name", Action: pass}), []string{`o.yaml:2:3: mynumber→lgwan says pass for category "name", and the policy says encrypt (kouki.yaml:16:3)`}},
		{"token of what stays", rules(policy.Rule{Category: "individual-number", Action: token}), []string{`o.yaml:2:3: category "individual-number" stays in mynumber, and the rule says token (kouki.yaml:3:3)`}},
		{"class", rules(policy.Rule{Class: "3C", Action: generalise}), []string{`o.yaml:2:3: mynumber→lgwan says generalise for class "3C", and the policy says mask (kouki.yaml:17:3)`}},
		{"the same", rules(policy.Rule{Class: "3C", Action: mask}, policy.Rule{Category: "insured-number", Action: token, As: "3C"}, policy.Rule{Class: "1", Action: pass}), nil},
		{"a class rule under a category's", rules(policy.Rule{Class: "3B", Action: encrypt}), nil},
		{"no rule under it", func(o *policy.Policy) {
			route(policy.Route{From: "lgwan", To: "internet", Rules: []policy.Rule{{Category: "new", Action: drop}}})(o)
			o.Categories = []policy.Category{{Name: "new", Class: "3B"}}
		}, nil},
		{"a class that cannot be there", rules(policy.Rule{Class: "3A", Action: drop}), nil},
		{"as", rules(policy.Rule{Category: "insured-number", Action: token, As: "2"}), []string{`o.yaml:2:3: mynumber→lgwan brings category "insured-number" down to "2", and the policy to "3C" (kouki.yaml:14:3)`}},
		{"as is left out", rules(policy.Rule{Category: "insured-number", Action: token}), nil},
		{"scope", rules(policy.Rule{Category: "insured-number", Action: token, Scope: "category"}), []string{`o.yaml:2:3: mynumber→lgwan lets tokens of category "insured-number" match across fields, and the policy does not (kouki.yaml:14:3)`}},
		{"function", func(o *policy.Policy) {
			rules(policy.Rule{Category: "birth-date", Action: generalise, With: "age-band-5"})(o)
		}, nil},
		{"approvals", func(o *policy.Policy) {
			route(policy.Route{Name: "mailing", From: "mynumber", To: "lgwan", Require: policy.Require{Approvals: 2}, Until: "2027-04-01", Endpoints: []policy.Endpoint{{Address: "10.2.3.4", Port: 80}}})(o)
		}, []string{
			"o.yaml:1:3: mynumber→lgwan (mailing) would talk to an endpoint that the policy does not list (kouki.yaml:20:3)",
			"o.yaml:1:3: mynumber→lgwan (mailing) would be open until 2027-04-01, and the policy closes it after 2027-03-31 (kouki.yaml:20:3)"}},
		{"purpose", func(o *policy.Policy) {
			route(policy.Route{Name: "mailing", From: "mynumber", To: "lgwan", Require: policy.Require{Purpose: []string{"benefit"}}})(o)
		}, []string{`o.yaml:1:3: mynumber→lgwan (mailing) would be open for purpose "benefit", for which the policy does not open it (kouki.yaml:20:3)`}},
		{"purpose that is not there", route(policy.Route{Require: policy.Require{Purpose: []string{"fun"}}}), []string{`o.yaml:1:3: purpose "fun" does not exist`}},
		{"purpose more", func(o *policy.Policy) { o.Purposes = []policy.Purpose{{Name: "fun"}} }, []string{`o.yaml:1:3: the overlay adds purpose "fun"`}},
		{"limit", route(policy.Route{Limit: &policy.Limit{Records: 600000, Per: "24h"}}), []string{"o.yaml:1:3: mynumber→lgwan would have a limit of 600000 records per 24h, and the policy says 500000 per 24h (kouki.yaml:12:3)"}},
		{"limit in another period", route(policy.Route{Limit: &policy.Limit{Records: 600000, Per: "48h"}}), nil},
		{"zone more", func(o *policy.Policy) { o.Zones = []policy.Zone{{Name: "cloud", Go: "Cloud", Holds: "1"}} }, []string{`o.yaml:1:3: the overlay adds zone "cloud"`}},
		{"zone holds more", func(o *policy.Policy) {
			o.Zones = []policy.Zone{{Name: "internet", Go: "Net", Holds: "2", Carries: "3A", Networks: []string{"::/0"}}}
		}, []string{`o.yaml:1:3: zone "internet" would carry "3A", and the policy says "3B" (kouki.yaml:9:3)`, `o.yaml:1:3: zone "internet" has another Go name than in the policy (kouki.yaml:9:3)`,
			`o.yaml:1:3: zone "internet" would hold "2", and the policy says "1" (kouki.yaml:9:3)`, `o.yaml:1:3: zone "internet" has other networks than in the policy (kouki.yaml:9:3)`}},
		{"category", func(o *policy.Policy) {
			o.Categories = []policy.Category{{Name: "birth-date", Class: "3C", Becomes: "1", Generalise: "age-band-5"}, {Name: "nothing"}}
		}, []string{`o.yaml:1:3: category "birth-date" would have becomes "1", and the policy says "2" (kouki.yaml:2:3)`, `o.yaml:1:3: category "birth-date" would have class "3C", and the policy says "3B" (kouki.yaml:2:3)`,
			`o.yaml:2:3: the overlay adds category "nothing" without a class`}},
		{"sink", func(o *policy.Policy) {
			o.Sinks = []policy.Sink{{Name: "log", Ceiling: "2"}, {Name: "net", Ceiling: "2"}}
		}, []string{
			`o.yaml:1:3: sink "log" would take "2", and the policy says "1" (kouki.yaml:41:3)`, `o.yaml:2:3: sink "net" would take "2", and the policy says "1"`}},
		{"type", func(o *policy.Policy) {
			o.Types = []policy.Type{{Name: "example.com/db.Person", Fields: []policy.Field{{Name: "Tel", Tag: "3C"}, {Name: "Other", Tag: "1"}}}}
		}, []string{`o.yaml:2:3: field example.com/db.Person.Tel would have label "3C", and the policy says "phone,class=3B" (kouki.yaml:45:3)`}},
		{"classes", func(o *policy.Policy) { o.Classes = []string{"1", "2"} }, []string{`overlays[0].classes: classes of "o" are not those of "kouki"`}},
		{"integrity", func(o *policy.Policy) { o.Integrity = []string{"1"} }, []string{`overlays[0].integrity: integrity of "o" are not those of "kouki"`}},
		{"class that is not there", rules(policy.Rule{Class: "4", Action: drop}), []string{`o.yaml:2:3: class "4" does not exist`}},
		{"category that is not there", rules(policy.Rule{Category: "4", Action: drop}), []string{`o.yaml:2:3: category "4" does not exist`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &policy.Policy{Format: 1, Name: "o", Overlay: true}
			tt.set(o)
			place(o)
			_, err := kouki().With(o)
			var got []string
			if err != nil {
				got = errorList(err)
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(got[i], want+": ") {
					t.Errorf("got %q\nwant %q", got[i], want)
				}
			}
		})
	}
}

func TestWithLooserFunctionsAndRequirements(t *testing.T) {
	p := kouki()
	p.Categories[1].Generalise = "age-band-10"
	p.Routes[1].Require.Approvals = 3
	o := place(&policy.Policy{Format: 1, Name: "o", Overlay: true, Categories: []policy.Category{{Name: "birth-date", Generalise: "age-band-5"}},
		Routes: []policy.Route{{From: "mynumber", To: "lgwan", Rules: []policy.Rule{{Category: "birth-date", Action: generalise}}},
			{Name: "mailing", From: "mynumber", To: "lgwan", Require: policy.Require{Approvals: 2}}}})
	_, err := p.With(o)
	want := []string{
		`o.yaml:1:3: category "birth-date" would have generalise "age-band-5", which tells more than the policy's "age-band-10" (kouki.yaml:2:3): an overlay only tightens: take it away here, or change the policy under it`,
		`o.yaml:3:3: mynumber→lgwan has generalise with "age-band-5" for category "birth-date", which tells more than the policy's "age-band-10" (kouki.yaml:15:3): an overlay only tightens: take it away here, or change the policy under it`,
		`o.yaml:4:3: mynumber→lgwan (mailing) would ask for 2 approvals, and the policy asks for 3 (kouki.yaml:20:3): an overlay only tightens: take it away here, or change the policy under it`,
	}
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, errorList(err)); diff != "" {
		t.Error(diff)
	}
}

func TestWithNeedsAnOverlay(t *testing.T) {
	broken := kouki()
	broken.Format = 7
	o := &policy.Policy{Format: 1, Name: "o", Overlay: true}
	for name, err := range map[string]error{
		"nothing":       with(kouki(), nil),
		"whole policy":  with(kouki(), ward()),
		"broken policy": with(broken, o),
		"meet nothing":  meet(kouki(), nil),
		"meet overlay":  meet(o, kouki()),
		"meet broken":   meet(kouki(), broken),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	deep := &policy.Policy{Format: 1, Name: "o", Overlay: true}
	for range 8 {
		deep = &policy.Policy{Format: 1, Name: "o", Overlay: true, Overlays: []*policy.Policy{deep}}
	}
	if err := with(kouki(), deep); err == nil || !strings.Contains(err.Error(), "nested deeper than 8") {
		t.Errorf("deep overlays: %v", err)
	}
	if err := with(kouki(), deep.Overlays[0]); err != nil {
		t.Errorf("eight overlays deep: %v", err)
	}
}

func with(p, o *policy.Policy) error { _, err := p.With(o); return err }
func meet(a, b *policy.Policy) error { _, err := policy.Meet(a, b); return err }

// An overlay is checked alone as far as that goes.
func TestOverlayAlone(t *testing.T) {
	o := stricter()
	mustCheck(t, o)
	o.Routes[0].Rules[0].Action = 0
	o.Zones[0].Go = "internet"
	o.Routes[1].Require.Purpose = []string{"a b"}
	if err := o.Check(); err == nil || len(errorList(err)) != 3 {
		t.Errorf("got %v, want three problems", err)
	}
	if proof := stricter().Prove(); proof.OK() || proof.Findings[0].Kind != policy.KindUnsound {
		t.Error("an overlay alone proves something")
	}
	p := policy.Policy{Classes: []string{"1"}, Overlay: true, Routes: []policy.Route{{From: "a", To: "b"}}}
	if d := p.Decide(&p.Routes[0], classify.Label{Class: 1}, classify.Tag{}); d.Action != refuse {
		t.Errorf("an overlay alone decides %v", d.Action)
	}
}

// The result class counts only as far as the whole policy agrees: an overlay
// cannot mask with a function of its own what the policy passes, call it
// public, and so open the next road.
func TestOverlayCannotDeclareDown(t *testing.T) {
	p := ward()
	p.Zones[1].Holds = "clinical"
	p.Routes[0].Rules[2].Action = pass
	r := policy.Rule{Class: "clinical", Action: mask, With: "example.com/app/mask.Identity", As: "public"}
	o := &policy.Policy{Format: 1, Name: "o", Overlay: true, Routes: []policy.Route{{From: "ward", To: "lab", Rules: []policy.Rule{r}}}}
	met, err := p.With(o)
	if err != nil {
		t.Fatal(err)
	}
	d := met.Decide(&p.Routes[0], label(t, met, "diagnosis"), classify.Tag{})
	if want := (got{Action: mask, Class: "clinical", Categories: "diagnosis", With: r.With, By: "o", Reason: `the rule for class "clinical" says mask`}); summary(met, d) != want {
		t.Errorf("got %+v, want %+v", summary(met, d), want)
	}
	// Where the policy itself names a mask for the category, it has agreed.
	p.Categories[0].Mask, r.With, r.As = "initial", "redact", ""
	o.Routes[0].Rules[0] = r
	met, err = p.With(o)
	if err != nil {
		t.Fatal(err)
	}
	if d := met.Decide(&p.Routes[0], label(t, met, "diagnosis"), classify.Tag{}); d.Action != mask || d.Result.Class != 1 {
		t.Errorf("got %+v", summary(met, d))
	}
}

// What an overlay says of a category counts on every road whose rule leaves
// the function and the result to the category.
func TestOverlayOfACategory(t *testing.T) {
	p := ward()
	r := &p.Routes[0]
	met := func(k policy.Category) policy.Decision {
		t.Helper()
		k.Name = "email"
		m, err := p.With(&policy.Policy{Format: 1, Name: "o", Overlay: true, Categories: []policy.Category{k}})
		if err != nil {
			t.Fatal(err)
		}
		return m.Decide(r, label(t, m, "email"), classify.Tag{})
	}
	if d := met(policy.Category{Mask: "redact"}); d.Action != mask || d.With != "redact" || d.Result.Class != 1 {
		t.Errorf("a tighter mask: %+v", d)
	}
	if d := met(policy.Category{Mask: "last4"}); d.Action != drop {
		t.Errorf("a mask that does not compare: %+v", d)
	}
	if d := met(policy.Category{Generalise: "year"}); d.Action != mask || d.With != "initial" {
		t.Errorf("a function for something else: %+v", d)
	}
	if d := met(policy.Category{Becomes: "internal"}); d.Action != mask || d.Result.Class != 2 {
		t.Errorf("a higher result: %+v", d)
	}
	p.Routes[0].Rules[3].With, p.Routes[0].Rules[3].As = "last4", "public"
	if d := met(policy.Category{Mask: "redact", Becomes: "internal"}); d.With != "last4" || d.Result.Class != 1 {
		t.Errorf("a rule that says both: %+v", d)
	}
}

func TestWithNeverLoosens(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 4))
		p := randomPolicy(r, "p")
		o1, o2 := randomOverlay(t, r, p), randomOverlay(t, r, p)
		o2.Name = "second"
		one, err := p.With(o1)
		if err != nil {
			t.Fatal(err)
		}
		mustCheck(t, one)
		both, err := one.With(o2)
		if err != nil {
			t.Fatal(err)
		}
		other, err := p.With(o2)
		if err != nil {
			t.Fatal(err)
		}
		other, err = other.With(o1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Routes {
			for _, text := range labels(t, p) {
				f := classify.Tag{Mask: "redact", Generalise: "redact"}
				lBase, err := p.Resolve(tag(t, text))
				lOne, err1 := one.Resolve(tag(t, text))
				lBoth, err2 := both.Resolve(tag(t, text))
				if err != nil || err1 != nil || err2 != nil {
					continue // class= is below what an overlay raised the category to
				}
				at := fmt.Sprintf("seed %d %s %s", seed, p.Routes[i].Key(), text)
				base, first, second := p.Decide(&p.Routes[i], lBase, f), one.Decide(&p.Routes[i], lOne, f), both.Decide(&p.Routes[i], lBoth, f)
				notLooser(t, at, base, first)
				notLooser(t, at, first, second)
				same(t, at, second, other.Decide(&p.Routes[i], lBoth, f))
			}
		}
		if proof := both.Prove(); hasKind(proof, policy.KindLoosens) || hasKind(proof, policy.KindStays) || hasKind(proof, policy.KindCeiling) {
			t.Fatalf("seed %d: %v", seed, proof.Findings)
		}
	}
}

func notLooser(t *testing.T, at string, base, met policy.Decision) {
	t.Helper()
	if !met.AtLeast(base) && !unfit(base) {
		t.Fatalf("%s: met %v %q as %v with %q, base %v %q as %v with %q", at, met.Action, met.Why, met.Result, met.With, base.Action, base.Why, base.Result, base.With)
	}
}

// same compares what happens, not who said so.
func same(t *testing.T, at string, a, b policy.Decision) {
	t.Helper()
	if a.Action != b.Action || !a.Result.Equal(b.Result) || a.With != b.With || a.Scope != b.Scope {
		t.Fatalf("%s: %v %v %q %q\nand the other way %v %v %q %q", at, a.Action, a.Result, a.With, a.Why, b.Action, b.Result, b.With, b.Why)
	}
}

func hasKind(p *policy.Proof, kind string) bool {
	for _, f := range p.Findings {
		if f.Kind == kind {
			return true
		}
	}
	return false
}
