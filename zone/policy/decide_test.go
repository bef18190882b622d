package policy_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// got is what the tables compare: a decision without its pointers.
type got struct {
	Action             classify.Action
	Class              string
	Categories         string
	With, Scope        string
	Clause, By, Reason string
}

func summary(p *policy.Policy, d policy.Decision) got {
	return got{d.Action, p.Scale().Name(d.Result.Class), strings.Join(d.Result.Categories, "+"), d.With, d.Scope, d.Clause, d.By, d.Why}
}

func TestFixturesAreSound(t *testing.T) {
	for _, p := range []*policy.Policy{kouki(), ward(), leaky()} {
		mustCheck(t, p)
	}
}

func TestDecide(t *testing.T) {
	tests := []struct {
		road, label string
		want        got
	}{
		{"mynumber lgwan", "individual-number", got{Action: drop, Clause: "7(3)①", By: "kouki", Reason: `the rule for category "individual-number" says drop`}},
		{"mynumber lgwan", "insured-number", got{Action: token, Class: "3C", Categories: "insured-number", Scope: "field", Clause: "別表2", By: "kouki", Reason: `the rule for category "insured-number" says token`}},
		{"mynumber lgwan", "birth-date", got{Action: generalise, Class: "2", With: "age-band-5", Clause: "7(3)①", By: "kouki", Reason: `the rule for category "birth-date" says generalise`}},
		{"mynumber lgwan", "name", got{Action: encrypt, Class: "3B", Categories: "name", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3B" says encrypt`}},
		{"mynumber lgwan", "phone", got{Action: mask, Class: "2", With: "last4", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3C" says mask`}},
		{"mynumber lgwan", "1", got{Action: pass, Class: "1", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "1" says pass`}},
		{"mynumber lgwan", "3A", got{Action: refuse, Clause: "7(3)①", By: "kouki", Reason: `no rule for class "3A" of class "3A"`}},
		// A bare class has no function; the field may name one.
		{"mynumber lgwan", "3C", got{Action: refuse, Clause: "7(3)①", By: "kouki", Reason: "mask is decided, and neither the policy nor the field names a function for it"}},
		{"mynumber lgwan", "3C,mask=last2", got{Action: mask, Class: "1", With: "last2", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3C" says mask`}},
		// A set: strictest of the members, each by its own rule.
		{"mynumber lgwan", "phone+name", got{Action: encrypt, Class: "3B", Categories: "name+phone", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3B" says encrypt`}},
		{"mynumber lgwan", "birth-date+individual-number", got{Action: drop, Clause: "7(3)①", By: "kouki", Reason: `the rule for category "individual-number" says drop`}},
		{"mynumber lgwan mailing", "name+address", got{Action: pass, Class: "3B", Categories: "address+name", Clause: "7(3)①", By: "kouki", Reason: `the rule for category "address" says pass`}},
		// phone has no rule here; name's pass must not carry it along.
		{"mynumber lgwan mailing", "name+phone", got{Action: drop, Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3B" says drop`}},
		// A raised class is a claim of its own.
		{"mynumber lgwan mailing", "name,class=3A", got{Action: drop, Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3A" says drop`}},
		{"mynumber lgwan", "phone,class=3B", got{Action: encrypt, Class: "3B", Categories: "phone", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3B" says encrypt`}},
		{"mynumber lgwan mailing", "individual-number", got{Action: refuse, Clause: "7(3)①", By: "kouki", Reason: `the rule for category "individual-number" says refuse`}},
		// Into the zone where it stays the rules alone decide.
		{"lgwan mynumber", "individual-number", got{Action: pass, Class: "3B", Categories: "individual-number", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3B" says pass`}},
		{"lgwan internet", "individual-number", got{Action: drop, Clause: "7(3)②", By: "kouki", Reason: `category "individual-number" stays in mynumber`}},
		{"lgwan internet", "name", got{Action: encrypt, Class: "3B", Categories: "name", Clause: "7(3)②", By: "kouki", Reason: `the rule for class "3B" says encrypt`}},
		{"lgwan internet", "3B,action=refuse", got{Action: refuse, Clause: "7(3)②", By: "field", Reason: "the field says action=refuse"}},
		// Options of the field.
		{"mynumber lgwan", "name,action=mask", got{Action: encrypt, Class: "3B", Categories: "name", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3B" says encrypt`}},
		{"mynumber lgwan", "birth-date,action=drop", got{Action: drop, Clause: "7(3)①", By: "field", Reason: "the field says action=drop"}},
		{"mynumber lgwan", "2,action=token", got{Action: token, Class: "2", Scope: "field", Clause: "7(3)①", By: "field", Reason: "the field says action=token"}},
		{"mynumber lgwan", "2,action=encrypt", got{Action: encrypt, Class: "2", Clause: "7(3)①", By: "field", Reason: "the field says action=encrypt"}},
		{"mynumber lgwan", "2,action=mask", got{Action: refuse, Clause: "7(3)①", By: "field", Reason: "the field says action=mask, and neither the policy nor the field names a function for it"}},
		// What only a developer's function did keeps its label.
		{"mynumber lgwan", "2,action=mask,mask=example.com/app/mask.Identity", got{Action: mask, Class: "2", With: "example.com/app/mask.Identity", Clause: "7(3)①", By: "field", Reason: "the field says action=mask"}},
		{"mynumber lgwan mailing", "name,action=mask,mask=initial", got{Action: mask, Class: "3B", Categories: "name", With: "initial", Clause: "7(3)①", By: "field", Reason: "the field says action=mask"}},
		{"lgwan mynumber", "phone,action=mask", got{Action: mask, Class: "2", With: "last4", Clause: "7(3)①", By: "field", Reason: "the field says action=mask"}},
		{"lgwan mynumber", "phone,action=mask,mask=redact", got{Action: mask, Class: "2", With: "redact", Clause: "7(3)①", By: "field", Reason: "the field says action=mask"}},
		{"lgwan mynumber", "phone,action=mask,mask=last2", got{Action: mask, Class: "3C", Categories: "phone", With: "last2", Clause: "7(3)①", By: "field", Reason: "the field says action=mask"}},
		{"lgwan mynumber", "birth-date,action=generalise,generalise=age-band-10", got{Action: generalise, Class: "2", With: "age-band-10", Clause: "7(3)①", By: "field", Reason: "the field says action=generalise"}},
		// A developer's mask may not stand in for the policy's generalisation.
		{"mynumber lgwan", "birth-date,action=mask,mask=example.com/app/mask.Identity", got{Action: refuse, Clause: "7(3)①", By: "field", Reason: "the field says mask=example.com/app/mask.Identity in place of the policy's generalise, and is not known to be the tighter"}},
		{"mynumber lgwan", "birth-date,generalise=age-band-10", got{Action: generalise, Class: "2", With: "age-band-10", Clause: "7(3)①", By: "kouki", Reason: `the rule for category "birth-date" says generalise`}},
		{"mynumber lgwan", "birth-date,generalise=year", got{Action: refuse, Clause: "7(3)①", By: "kouki", Reason: `the field says generalise=year, the policy "age-band-5", and the field's is not known to be the tighter`}},
		{"mynumber lgwan", "phone,mask=last4", got{Action: mask, Class: "2", With: "last4", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3C" says mask`}},
		{"mynumber lgwan", "phone,generalise=year", got{Action: mask, Class: "2", With: "last4", Clause: "7(3)①", By: "kouki", Reason: `the rule for class "3C" says mask`}},
		// token= says what the value is, not what happens to it.
		{"lgwan internet", "insured-number,class=3C,token", got{Action: drop, Clause: "7(3)②", By: "kouki", Reason: `the rule for class "3C" says drop`}},
	}
	p := kouki()
	for _, tt := range tests {
		t.Run(tt.road+" "+tt.label, func(t *testing.T) {
			ends := append(strings.Fields(tt.road), "")
			text := tag(t, tt.label)
			d := p.Decide(route(t, p, ends[0], ends[1], ends[2]), label(t, p, tt.label), text)
			if diff := cmp.Diff(tt.want, summary(p, d)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if !d.Label.Equal(label(t, p, tt.label)) {
				t.Errorf("Label = %v, want the question's", d.Label)
			}
		})
	}
}

// A decision names the rule that a stay stands above, so that nobody takes it
// for a road without one.
func TestDecideNamesTheRule(t *testing.T) {
	p := kouki()
	r := route(t, p, "lgwan", "internet", "")
	d := p.Decide(r, label(t, p, "individual-number+phone"), classify.Tag{})
	if d.Action != drop || d.Rule == nil || d.Rule.Class != "3C" {
		t.Errorf("%v by %v", d.Action, d.Rule)
	}
	d = p.Decide(r, label(t, p, "individual-number"), classify.Tag{})
	if d.Action != drop || d.Rule == nil || d.Rule.Class != "3B" {
		t.Errorf("%v by %v", d.Action, d.Rule)
	}
	p.Routes[2].Rules = append(p.Routes[2].Rules, policy.Rule{Class: "3B", Action: encrypt}, policy.Rule{Class: "3B", Action: pass})
	if again := p.Decide(r, label(t, p, "individual-number"), classify.Tag{}); again.Rule != &p.Routes[2].Rules[0] {
		t.Errorf("not the first of the strictest: %+v", again.Rule)
	}
	p.Routes[2].Rules = nil
	if d := p.Decide(r, label(t, p, "individual-number"), classify.Tag{}); d.Action != refuse || d.Rule != nil {
		t.Errorf("without a rule: %v by %v", d.Action, d.Rule)
	}
}

func TestDecideRefusesNonsense(t *testing.T) {
	p := kouki()
	r := route(t, p, "mynumber", "lgwan", "")
	one := classify.Label{Class: 1}
	tests := []struct {
		name  string
		route *policy.Route
		label classify.Label
		want  string
	}{
		{"no route", nil, one, "there is no route"},
		{"route of somebody else", &policy.Route{From: "mynumber", To: "internet"}, one, "the policy has no route mynumber→internet"},
		{"no class", r, classify.Label{}, "the label has no class of this policy"},
		{"class above the scale", r, classify.Label{Class: 6}, "the label has no class of this policy"},
		{"category nobody knows", r, classify.Label{Class: 1, Categories: []string{"shoe-size"}}, `the policy has no category "shoe-size"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for what, d := range map[string]policy.Decision{
				"Decide": p.Decide(tt.route, tt.label, classify.Tag{}), "DecideSealed": p.DecideSealed(tt.route, tt.label, "mynumber"),
			} {
				if d.Action != refuse || d.Why != tt.want || d.Rule != nil || !d.Result.Equal(classify.Label{}) {
					t.Errorf("%s = %v %q, want refuse %q", what, d.Action, d.Why, tt.want)
				}
			}
		})
	}
	if d := p.Decide(tests[1].route, one, classify.Tag{}); d.Clause != "7(3)①" {
		t.Errorf("Clause = %q, want that of the closed road", d.Clause)
	}
	if d := p.Decide(r, one, classify.Tag{Action: 99}); d.Action != refuse {
		t.Errorf("with an action that does not exist: %v, want refuse", d.Action)
	}
	// The rules are the policy's, not those of whoever asks.
	forged := *r
	forged.Rules = []policy.Rule{{Class: "3B", Action: pass}}
	if d := p.Decide(&forged, label(t, p, "name"), classify.Tag{}); d.Action != encrypt {
		t.Errorf("with a forged route: %v, want encrypt", d.Action)
	}
}

// What an unchecked policy says is refused where it cannot be carried out.
func TestDecideUnchecked(t *testing.T) {
	p := &policy.Policy{Classes: []string{"low", "high"},
		Categories: []policy.Category{{Name: "k", Class: "low"}, {Name: "void", Class: "none"}, {Name: "odd", Class: "high", Mask: "last4", Becomes: "none"}},
		Zones:      []policy.Zone{{Name: "a", Holds: "high"}, {Name: "b", Holds: "low"}, {Name: "c", Holds: "none"}},
		Routes: []policy.Route{
			{From: "a", To: "b", Rules: []policy.Rule{{Class: "low", Action: 0}, {Class: "high", Action: pass}, {Category: "k", Action: token, As: "none"}, {Category: "odd", Action: mask}}},
			{From: "a", To: "c", Rules: []policy.Rule{{Class: "low", Action: pass}}},
			{From: "a", To: "nowhere", Rules: []policy.Rule{{Class: "low", Action: encrypt}}},
		}}
	r := func(i int) *policy.Route { return &p.Routes[i] }
	low, high := classify.Label{Class: 1}, classify.Label{Class: 2}
	for _, tt := range []struct {
		name  string
		route int
		label classify.Label
		want  classify.Action
		why   string
	}{
		{"no action", 0, low, refuse, `the rule for class "low" says refuse`},
		{"does not fit", 0, high, refuse, `pass would bring class "high" to b, which holds "low" at most`},
		{"as nothing", 0, classify.Label{Class: 1, Categories: []string{"k"}}, token, `the rule for category "k" says token`},
		{"becomes nothing", 0, classify.Label{Class: 2, Categories: []string{"odd"}}, refuse, `mask would bring class "high" to b, which holds "low" at most`},
		{"zone without ceiling", 1, low, refuse, `pass would bring class "low" to c, which holds "?" at most`},
		{"zone that is not there", 2, low, refuse, `encrypt would bring class "low" to nowhere, which carries "?" at most`},
	} {
		if d := p.Decide(r(tt.route), tt.label, classify.Tag{}); d.Action != tt.want || d.Why != tt.why {
			t.Errorf("%s: %v %q, want %v %q", tt.name, d.Action, d.Why, tt.want, tt.why)
		}
	}
	if _, err := p.Resolve(classify.Tag{Names: []string{"void"}}); err == nil {
		t.Error("a category without a class resolved")
	}
	if p := (&policy.Policy{}); p.Scale().Len() != 0 {
		t.Error("a policy without classes has a scale")
	}
}

func TestDecideRulesOfOneSubject(t *testing.T) {
	p := ward()
	p.Routes[0].Rules = append(p.Routes[0].Rules,
		policy.Rule{Category: "patient", Action: token, Scope: "field"}, // the narrower scope, the higher class
		policy.Rule{Category: "email", Action: mask},
		policy.Rule{Category: "email", Action: mask, With: "redact", As: "internal"},
		policy.Rule{Category: "diagnosis", Action: drop, Clause: "9"},
		policy.Rule{Category: "diagnosis", Action: drop, Clause: "10"},
	)
	p.Zones[1].Holds = "clinical"
	mustCheck(t, p)
	r := route(t, p, "ward", "lab", "")
	for name, want := range map[string]got{
		"patient":   {Action: token, Class: "clinical", Categories: "patient", Scope: "field", By: "hospital", Reason: `the rule for category "patient" says token`},
		"email":     {Action: mask, Class: "internal", With: "redact", By: "hospital", Reason: `the rule for category "email" says mask`},
		"diagnosis": {Action: drop, Clause: "9", By: "hospital", Reason: `the rule for category "diagnosis" says drop`},
	} {
		if diff := cmp.Diff(want, summary(p, p.Decide(r, label(t, p, name), classify.Tag{}))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// Two masks of which neither is known to be tighter: the far side gets none.
func TestDecideFunctionsThatDoNotCompare(t *testing.T) {
	p := ward()
	p.Categories = append(p.Categories, policy.Category{Name: "phone", Class: "internal", Mask: "last4"}, policy.Category{Name: "shelf", Class: "internal"})
	r := &p.Routes[0]
	d := p.Decide(r, label(t, p, "email+phone"), classify.Tag{})
	if want := `mask with "initial" and "last4" is asked for and neither is known to be the tighter: drop`; d.Action != drop || d.Why != want {
		t.Errorf("got %v %q, want drop %q", d.Action, d.Why, want)
	}
	// A member without a function leaves it to the field, which must then not
	// be looser than the other member's.
	for text, want := range map[string]classify.Action{
		"email+shelf": refuse, "email+shelf,mask=initial": mask, "email+shelf,mask=redact": mask, "email+shelf,mask=last4": refuse, "email,mask=redact": mask,
	} {
		if d := p.Decide(r, label(t, p, text), tag(t, text)); d.Action != want {
			t.Errorf("%s: %v (%s), want %v", text, d.Action, d.Why, want)
		}
	}
	// A drop that is meant is not explained by a clash.
	p.Categories[3].Class = "internal"
	p.Routes[0].Rules = append(p.Routes[0].Rules, policy.Rule{Category: "patient", Action: drop})
	if d := p.Decide(r, label(t, p, "email+phone+patient"), classify.Tag{}); d.Why != `the rule for category "patient" says drop` {
		t.Errorf("why: %s", d.Why)
	}
	// action=mask needs a function for every member, and one that all accept.
	back := &p.Routes[2]
	for text, want := range map[string]classify.Action{
		"email,action=mask": mask, "email+shelf,action=mask": refuse, "email+phone,action=mask": refuse, "email+shelf,action=mask,mask=redact": mask, "shelf,action=mask": refuse,
	} {
		if d := p.Decide(back, label(t, p, text), tag(t, text)); d.Action != want {
			t.Errorf("%s: %v (%s), want %v", text, d.Action, d.Why, want)
		}
	}
	// Also where another policy does not know the category, or has no function.
	for _, k := range [][]policy.Category{nil, {{Name: "email"}}, {{Name: "email", Mask: "redact"}}} {
		met, err := ward().With(&policy.Policy{Format: 1, Name: "o", Overlay: true, Categories: k})
		if err != nil {
			t.Fatal(err)
		}
		want := "initial"
		if k != nil && k[0].Mask != "" {
			want = "redact"
		}
		if d := met.Decide(back, label(t, met, "email"), tag(t, "email,action=mask")); d.Action != mask || d.With != want {
			t.Errorf("%v: %v with %q, want %q", k, d.Action, d.With, want)
		}
	}
	p.Routes[0].Rules[3] = policy.Rule{Class: "internal", Action: mask, With: "redact"}
	if d := p.Decide(r, label(t, p, "email,mask=initial"), tag(t, "email,mask=initial")); d.Action != mask || d.With != "redact" {
		t.Errorf("a looser function of the field: %v with %q, want the policy's redact", d.Action, d.With)
	}
}

// Where a function is said to be tighter, its output can be computed from the
// output of the looser one.
func TestTighterFunctions(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	month, band := map[string]string{}, map[string]string{}
	keep := func(m map[string]string, k, v string) {
		if old, ok := m[k]; ok && old != v {
			t.Fatalf("%q gives %q and %q", k, old, v)
		}
		m[k] = v
	}
	asOf := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for range 20000 {
		birth := time.Date(1890+r.IntN(140), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
		keep(month, classify.YearMonth(birth).String(), classify.Year(birth).String())
		keep(band, classify.AgeBand5(birth, asOf).String(), classify.AgeBand10(birth, asOf).String())
	}
	if classify.Redact("") != classify.Redact("anything") {
		t.Error("redact tells something")
	}
}

func TestDecideSealed(t *testing.T) {
	p := kouki()
	p.Routes = append(p.Routes, policy.Route{From: "internet", To: "lgwan", Rules: []policy.Rule{{Class: "3B", Action: mask}, {Class: "1", Action: pass}, {Class: "2", Action: drop}}})
	tests := []struct {
		from, to, label, by string
		want                classify.Action
		why                 string
	}{
		{"lgwan", "internet", "name", "mynumber", encrypt, "it is sealed and travels on as it is"},
		{"lgwan", "internet", "3C", "mynumber", drop, `the rule for class "3C" says drop`},
		{"lgwan", "internet", "3A", "mynumber", refuse, `no rule for class "3A" of class "3A"`},
		{"lgwan", "mynumber", "name", "mynumber", pass, "it arrives where it was sealed"},
		{"lgwan", "mynumber", "name", "lgwan", encrypt, "it is sealed and travels on as it is"},
		{"internet", "lgwan", "name", "mynumber", encrypt, "it is sealed and travels on as it is"},
		{"internet", "lgwan", "name", "lgwan", pass, "it arrives where it was sealed"},
	}
	for _, tt := range tests {
		d := p.DecideSealed(route(t, p, tt.from, tt.to, ""), label(t, p, tt.label), tt.by)
		if d.Action != tt.want || d.Why != tt.why {
			t.Errorf("%s→%s %s sealed by %s: %v %q, want %v %q", tt.from, tt.to, tt.label, tt.by, d.Action, d.Why, tt.want, tt.why)
		}
		if d.Action < drop && !d.Result.Equal(d.Label) {
			t.Errorf("%s→%s %s: the label changed", tt.from, tt.to, tt.label)
		}
	}
	p.Zones[2].Carries = "1"
	if d := p.DecideSealed(route(t, p, "lgwan", "internet", ""), label(t, p, "name"), "mynumber"); d.Action != refuse {
		t.Errorf("above what the zone carries: %v, want refuse", d.Action)
	}
}

func TestResolve(t *testing.T) {
	p := kouki()
	level := func(class classify.Level, categories ...string) classify.Label {
		return classify.Label{Class: class, Integrity: 1, Availability: 1, Categories: categories}
	}
	tall := level(4)
	tall.Integrity, tall.Availability = 2, 2
	for text, want := range map[string]classify.Label{
		"1": level(1), "3A": level(5), "name": level(4, "name"), "phone+name": level(4, "name", "phone"), "phone+2": level(3, "phone"),
		"2+3C": level(3), "phone,class=3B": level(4, "phone"), "phone,class=3C": level(3, "phone"),
		"3B,integrity=2,availability=2": tall, "insured-number,class=3C,token": level(3, "insured-number"), "name,action=drop,id,column": level(4, "name"),
	} {
		got, err := p.Resolve(tag(t, text))
		if err != nil {
			t.Errorf("Resolve(%q): %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Resolve(%q) (-want +got)\n%s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"phnoe":                           `the policy has neither a category nor a class "phnoe": write "phone", or add category "phnoe" to the policy`,
		"4":                               `the policy has neither a category nor a class "4": the policy has "1", "2", "3A", "3B", "3C", "address", "birth-date", "individual-number", "insured-number", "name" and "phone"; write one of these, or add "4"`,
		"phone,class=2":                   `class=2 is lower than 3C, which the names imply: an option may only tighten: leave it out, or change the policy`,
		"phone,class=9":                   `class=9 does not exist: the policy has "1", "2", "3C", "3B" and "3A"; write one of these, or add "9"`,
		"name,integrity=3":                `integrity=3 does not exist: the policy has "1" and "2"; write one of these, or add "3"`,
		"name,availability=x":             `availability=x does not exist: the policy has "1" and "2"; write one of these, or add "x"`,
		"name,action=pass":                `action=pass tightens nothing: leave the option out; only the policy lets a value pass`,
		"insured-number,class=2,token":    `class=2 is lower than 3C, which the names imply`, // no rule makes such a token
		"name,class=3C,token":             `class=3C is lower than 3B, which the names imply`,
		"individual-number,class=1,token": `class=1 is lower than 3B, which the names imply`,
	} {
		_, err := p.Resolve(tag(t, text))
		if text == "insured-number,class=2,token" {
			want = `class=2 is lower than 3B, which the names imply`
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Resolve(%q) = %v, want %s", text, err, want)
		}
		if _, ok := err.(*policy.Problem); err != nil && !ok {
			t.Errorf("Resolve(%q): %T, want *Problem", text, err)
		}
	}
	if _, err := p.Resolve(classify.Tag{}); err == nil {
		t.Error("a tag without names resolved")
	}
	q := ward()
	q.Categories[1].Integrity = "2"
	q.Routes[0].Rules[3] = policy.Rule{Class: "internal", Action: token, As: "public"}
	if l := label(t, q, "email"); l.Integrity != 2 {
		t.Errorf("integrity = %d, want the category's 2", l.Integrity)
	}
	if l := label(t, q, "email,class=public,token"); l.Class != 1 {
		t.Errorf("class = %d, want 1: a rule for a class makes such tokens", l.Class)
	}
}

// A set is never treated looser than one of its categories, and options of a
// field never loosen.
func TestDecideIsMonotone(t *testing.T) {
	actions := []classify.Action{classify.ActionUnknown, generalise, mask, token, encrypt, drop, refuse}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := randomPolicy(r, "p")
		for i := range p.Routes {
			for _, a := range p.Categories {
				one := p.Decide(&p.Routes[i], label(t, p, a.Name), classify.Tag{})
				for _, b := range p.Categories {
					if a.Name == b.Name {
						continue
					}
					both := p.Decide(&p.Routes[i], label(t, p, a.Name+"+"+b.Name), classify.Tag{})
					if both.Action < one.Action && !(both.Action == drop && unfit(one)) {
						t.Fatalf("seed %d %s: %s+%s is %v, %s alone %v\n%s", seed, p.Routes[i].Key(), a.Name, b.Name, both.Action, a.Name, one.Action, p.Encode())
					}
				}
				field := classify.Tag{Action: actions[r.IntN(len(actions))], Mask: []string{"", "last4", "initial", "redact"}[r.IntN(4)], Generalise: []string{"", "year", "thousand"}[r.IntN(3)]}
				tightened := p.Decide(&p.Routes[i], label(t, p, a.Name), field)
				if !tightened.AtLeast(one) && !unfit(one) {
					t.Fatalf("seed %d %s %s: field %v makes %+v of %+v", seed, p.Routes[i].Key(), a.Name, field, tightened, one)
				}
			}
		}
	}
}

// unfit reports whether a decision is a refusal only because the result does
// not fit. Whatever is stricter than the rule can take that reason away.
func unfit(d policy.Decision) bool {
	return d.Action == refuse && strings.Contains(d.Why, "would bring class")
}

// What arrives fits the zone, whatever the label.
func TestDecideFits(t *testing.T) {
	for seed := range uint64(200) {
		p := randomPolicy(rand.New(rand.NewPCG(seed, 2)), "p")
		for i := range p.Routes {
			for _, text := range labels(t, p) {
				d := p.Decide(&p.Routes[i], label(t, p, text), classify.Tag{Mask: "redact", Generalise: "redact"})
				z, _ := p.Zone(p.Routes[i].To)
				ceiling := z.Holds
				if d.Action == encrypt {
					ceiling = z.CarriesClass()
				}
				if limit, _ := p.Scale().Level(ceiling); d.Result.Class > limit {
					t.Fatalf("seed %d %s %s: %v brings %d above %d", seed, p.Routes[i].Key(), text, d.Action, d.Result.Class, limit)
				}
				for _, k := range p.Categories {
					if strings.Contains(text, k.Name) && k.Stays != "" && k.Stays != p.Routes[i].To && d.Action < drop {
						t.Fatalf("seed %d %s %s: %v though it stays in %s", seed, p.Routes[i].Key(), text, d.Action, k.Stays)
					}
				}
			}
		}
	}
}
