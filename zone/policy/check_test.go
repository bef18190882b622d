package policy_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// Every row breaks a sound policy in one place and wants exactly these
// problems, as path: message.
func TestCheck(t *testing.T) {
	long := strings.Repeat("x", 65)
	many := make([]string, 256)
	for i := range many {
		many[i] = "l" + strings.Repeat("x", i%60) + string(rune('a'+i/60))
	}
	tests := []struct {
		name  string
		spoil func(*policy.Policy)
		want  []string
	}{
		{"format", func(p *policy.Policy) { p.Format = 2 }, []string{"sekisho: format 2 is not known to this version"}},
		{"no name", func(p *policy.Policy) { p.Name = "" }, []string{"name: the policy has no usable name"}},
		{"long name", func(p *policy.Policy) { p.Name = long }, []string{"name: the policy has no usable name"}},
		{"edition in two lines", func(p *policy.Policy) { p.Edition = "a\nb" }, []string{"edition: the text is not UTF-8 or has control characters"}},
		{"edition turned round", func(p *policy.Policy) { p.Edition = "a\u202eb" }, []string{"edition: the text is not UTF-8 or has control characters"}},
		{"absolute folder", func(p *policy.Policy) { p.Go.Zones = "/zones" }, []string{"go.zones: the folder of the zones package is not a relative path with forward slashes"}},
		{"classes", func(p *policy.Policy) { *p = policy.Policy{Format: 1, Name: "p"} }, []string{"classes: the policy has no classes", "zones: the policy has no zones"}},
		{"class twice", func(p *policy.Policy) { p.Classes = append(p.Classes, "public") }, []string{`classes[3]: level "public" is given twice`}},
		{"class in other case", func(p *policy.Policy) { p.Classes = append(p.Classes, "Public") }, []string{`classes[3]: level "public" and "Public" differ in letter case only`}},
		{"class without name", func(p *policy.Policy) { p.Classes = append(p.Classes, "") }, []string{"classes[3]: the level has no usable name"}},
		{"many levels", func(p *policy.Policy) { p.Integrity = many }, []string{"integrity: there are more than 255 levels"}},
		{"availability", func(p *policy.Policy) { p.Availability = []string{"a b"} }, []string{"availability[0]: the level has no usable name"}},

		{"category twice", func(p *policy.Policy) { p.Categories[1].Name = "diagnosis" }, []string{`categories[1]: category "diagnosis" is given twice`}},
		{"category like a class", func(p *policy.Policy) { p.Categories[0].Name = "internal" }, []string{`categories[0]: category "internal" has the name of a class`}},
		{"category without class", func(p *policy.Policy) { p.Categories[0].Class = "" }, []string{"categories[0].class: no class is given"}},
		{"category of no class", func(p *policy.Policy) { p.Categories[0].Class = "clinicle" }, []string{`categories[0].class: class "clinicle" does not exist`}},
		{"category levels", func(p *policy.Policy) { p.Categories[0].Integrity, p.Categories[0].Availability = "3", "0" }, []string{
			`categories[0].availability: level of availability "0" does not exist`, `categories[0].integrity: level of integrity "3" does not exist`}},
		{"becomes nothing", func(p *policy.Policy) { p.Categories[0].Becomes = "x" }, []string{`categories[0].becomes: class "x" does not exist`}},
		{"becomes higher", func(p *policy.Policy) { p.Categories[1].Becomes = "clinical" }, []string{
			`categories[1].becomes: category "email" becomes "clinical", which is higher than its class "internal"`,
			`routes[0].rules[3].action: mask brings category "email" to lab as class "clinical", and lab holds "internal" at most (hospital.yaml:6:3)`}},
		{"check", func(p *policy.Policy) { p.Categories[0].Check = "No Check" }, []string{`categories[0].check: check "No Check": want small letters, digits and hyphens with a letter first, as in age-band-5`}},
		{"functions", func(p *policy.Policy) { p.Categories[0].Mask, p.Categories[0].Generalise = "/x", "X" }, []string{
			`categories[0].generalise: function "X": want small letters, digits and hyphens with a letter first, as in age-band-5`,
			`categories[0].mask: function "/x": want the function after the import path, as in example.com/app/mask.Postal`}},
		{"title", func(p *policy.Policy) { p.Categories[0].Title = policy.Text{"en": "a\tb", "日": "x"} }, []string{
			"categories[0].title: the language of a title is not a language tag", "categories[0].title.en: the text is not UTF-8 or has control characters"}},
		{"stays nowhere", func(p *policy.Policy) { p.Categories[0].Stays = "warg" }, []string{`categories[0].stays: zone "warg" does not exist`}},
		{"stays too low", func(p *policy.Policy) { p.Categories[2].Stays = "lab" }, []string{`categories[2].stays: category "genome" of class "clinical" stays in lab, which holds "internal" at most`}},

		{"zone twice", func(p *policy.Policy) {
			p.Zones = append(p.Zones, policy.Zone{Name: "WARD", Go: "Ward2", Holds: "public"})
		}, []string{`zones[3]: zone "ward" and "WARD" differ in letter case only`}},
		{"zone Go name", func(p *policy.Policy) { p.Zones[2].Go = "web" }, []string{`zones[2].go: zone "web" has no usable Go name`}},
		{"zone Go name twice", func(p *policy.Policy) { p.Zones[2].Go = "Lab" }, []string{`zones[2].go: zones "lab" and "web" have the same Go name`}},
		{"zone ceilings", func(p *policy.Policy) { p.Zones[2].Holds, p.Zones[1].Carries = "", "public" }, []string{
			`routes[0].rules[2].action: encrypt brings class "clinical" to lab as class "clinical", and lab carries "public" at most (hospital.yaml:6:3)`,
			`zones[1].carries: zone "lab" carries "public" sealed, which is lower than the "internal" that it holds in clear`,
			"zones[2].holds: no class is given"}},
		{"carries nothing", func(p *policy.Policy) { p.Zones[1].Carries = "x" }, []string{`zones[1].carries: class "x" does not exist`}},
		{"network", func(p *policy.Policy) { p.Zones[0].Networks = []string{"10.0.0.0/8", "10.0.0.1"} }, []string{`zones[0].networks[1]: "10.0.0.1" is not a network`}},
		{"purpose", func(p *policy.Policy) { p.Purposes = []policy.Purpose{{Name: "a"}, {Name: "A"}} }, []string{`purposes[1]: purpose "a" and "A" differ in letter case only`}},

		{"road from nowhere", func(p *policy.Policy) { p.Routes[1].From = "web1" }, []string{`routes[1].from: zone "web1" does not exist`}},
		{"road to itself", func(p *policy.Policy) { p.Routes[1].From = "web" }, []string{`routes[1].to: the road leads from "web" to itself`}},
		{"road without ends", func(p *policy.Policy) { p.Routes[1].From, p.Routes[1].To = "", "" }, []string{`routes[1].from: zone "" does not exist`, `routes[1].to: zone "" does not exist`}},
		{"road twice", func(p *policy.Policy) { p.Routes = append(p.Routes, policy.Route{From: "lab", To: "web"}) }, []string{"routes[3]: the route lab→web is given twice (hospital.yaml:14:3)"}},
		{"road name", func(p *policy.Policy) { p.Routes[1].Name = "a b" }, []string{"routes[1].name: the route has no usable name"}},
		{"road texts", func(p *policy.Policy) {
			p.Routes[1].Clause, p.Routes[1].Approver, p.Routes[1].Title = "\x00", "\xff", policy.Text{"en": "\r"}
		}, []string{
			"routes[1].approver: the text is not UTF-8 or has control characters", "routes[1].clause: the text is not UTF-8 or has control characters", "routes[1].title.en: the text is not UTF-8 or has control characters"}},
		{"until", func(p *policy.Policy) { p.Routes[1].Until = "2027-02-30" }, []string{"routes[1].until: the last day is not a date"}},
		{"purposes of a road", func(p *policy.Policy) {
			p.Purposes = []policy.Purpose{{Name: "care"}}
			p.Routes[1].Require.Purpose = []string{"care", "car", "care"}
		}, []string{
			`routes[1].require.purpose[1]: purpose "car" does not exist`, `routes[1].require.purpose[2]: purpose "care" is given twice`}},
		{"approvals", func(p *policy.Policy) { p.Routes[1].Require.Approvals = -1 }, []string{"routes[1].require.approvals: -1 approvals"}},
		{"limit", func(p *policy.Policy) { p.Routes[1].Limit = &policy.Limit{Per: "1d"} }, []string{"routes[1].limit.per: the period of the limit is not a duration of a second or more", "routes[1].limit.records: a limit of 0 records lets nothing cross"}},
		{"endpoints", func(p *policy.Policy) {
			p.Routes[1].Endpoints = []policy.Endpoint{{Address: "a.example"}, {Address: "192.0.2.1"}, {Address: "::1"}, {Address: "2001:db8::/32"}, {Address: "-a"}, {Address: "a..b"}, {Address: "x-.y"},
				{Address: ""}, {Address: "a", Port: 70000, Protocol: "sctp", System: "\n"}, {Address: strings.Repeat("a.", 130)}}
		}, []string{
			"routes[1].endpoints[4].address: the address is not a host, an IP address or a network", "routes[1].endpoints[5].address: the address is not a host, an IP address or a network",
			"routes[1].endpoints[6].address: the address is not a host, an IP address or a network", "routes[1].endpoints[7].address: the address is not a host, an IP address or a network",
			"routes[1].endpoints[8].port: 70000 is not a port", "routes[1].endpoints[8].protocol: the protocol is not known", "routes[1].endpoints[8].system: the text is not UTF-8 or has control characters",
			"routes[1].endpoints[9].address: the address is not a host, an IP address or a network"}},

		{"rule of nothing", rule(policy.Rule{Action: drop}), []string{"routes[1].rules[0]: a rule names a category or a class, and not both"}},
		{"rule of both", rule(policy.Rule{Class: "public", Category: "email", Action: drop}), []string{"routes[1].rules[0]: a rule names a category or a class, and not both"}},
		{"rule of no class", rule(policy.Rule{Class: "pubic", Action: pass}), []string{`routes[1].rules[0].class: class "pubic" does not exist`}},
		{"rule of no category", rule(policy.Rule{Category: "emial", Action: pass}), []string{`routes[1].rules[0].category: category "emial" does not exist`}},
		{"rule without action", rule(policy.Rule{Class: "public"}), []string{"routes[1].rules[0].action: the rule has no action"}},
		{"rule of no action", rule(policy.Rule{Class: "public", Action: 9}), []string{"routes[1].rules[0].action: the rule has no action"}},
		{"clause", rule(policy.Rule{Class: "public", Action: drop, Clause: "a\nb"}), []string{"routes[1].rules[0].clause: the text is not UTF-8 or has control characters"}},
		{"drop with", rule(policy.Rule{Class: "public", Action: drop, With: "last4"}), []string{"routes[1].rules[0].with: drop has no function"}},
		{"mask with nothing", rule(policy.Rule{Class: "public", Action: mask, With: "Last4"}), []string{`routes[1].rules[0].with: function "Last4": want small letters, digits and hyphens with a letter first, as in age-band-5`}},
		{"pass as", rule(policy.Rule{Class: "public", Action: pass, As: "public"}), []string{"routes[1].rules[0].as: pass does not bring a value down to another class"}},
		{"token as nothing", rule(policy.Rule{Class: "public", Action: token, As: "x"}), []string{`routes[1].rules[0].as: class "x" does not exist`}},
		{"token as higher", rule(policy.Rule{Category: "email", Action: token, As: "clinical"}), []string{`routes[1].rules[0].as: category "email" of class "internal" cannot be brought down to "clinical"`}},
		{"scope of pass", rule(policy.Rule{Class: "public", Action: pass, Scope: "field"}), []string{"routes[1].rules[0].scope: pass has no scope"}},
		{"scope", rule(policy.Rule{Class: "public", Action: token, Scope: "road"}), []string{`routes[1].rules[0].scope: scope "road" does not exist`}},
		{"pass does not fit", rule(policy.Rule{Class: "internal", Action: pass}), []string{`routes[1].rules[0].action: pass brings class "internal" to web as class "internal", and web holds "public" at most (hospital.yaml:7:3)`}},
		{"token does not fit", rule(policy.Rule{Category: "email", Action: token}), []string{`routes[1].rules[0].action: token brings category "email" to web as class "internal", and web holds "public" at most (hospital.yaml:7:3)`}},
		{"encrypt does not fit", rule(policy.Rule{Class: "internal", Action: encrypt}), []string{`routes[1].rules[0].action: encrypt brings class "internal" to web as class "internal", and web carries "public" at most (hospital.yaml:7:3)`}},
		{"mask does not fit", rule(policy.Rule{Class: "internal", Action: mask, As: "internal"}), []string{`routes[1].rules[0].action: mask brings class "internal" to web as class "internal", and web holds "public" at most (hospital.yaml:7:3)`}},
		{"mask becomes too much", func(p *policy.Policy) {
			p.Categories[1].Becomes = "internal"
			rule(policy.Rule{Class: "internal", Action: mask})(p)
		}, []string{
			`routes[1].rules[0].action: mask brings category "email" to web as class "internal", and web holds "public" at most (hospital.yaml:7:3)`}},
		{"mask fits", rule(policy.Rule{Class: "internal", Action: mask}), nil},
		{"no function", rule(policy.Rule{Class: "internal", Action: generalise}), []string{`routes[1].rules[0].action: the rule says generalise for category "email", which has no function for it (hospital.yaml:2:3)`}},
		{"no function for a category that cannot be there", rule(policy.Rule{Class: "clinical", Action: mask}), nil},
		{"no function for the category", func(p *policy.Policy) { p.Routes[0].Rules[0] = policy.Rule{Category: "patient", Action: mask} }, []string{
			`routes[0].rules[0].action: the rule says mask for category "patient", which has no function for it (hospital.yaml:4:3)`}},
		{"stays and token", func(p *policy.Policy) { p.Routes[0].Rules[1].Action = token }, []string{`routes[0].rules[1].action: category "genome" stays in ward, and the rule says token (hospital.yaml:3:3)`}},
		{"comes home", func(p *policy.Policy) {
			p.Routes[2].Rules = append(p.Routes[2].Rules, policy.Rule{Category: "genome", Action: pass})
		}, nil},

		{"closed to nowhere", func(p *policy.Policy) {
			p.Closed = []policy.Closed{{From: "web", To: "x", Clause: "\n", Title: policy.Text{"en": "\n"}}}
		}, []string{
			"closed[0].clause: the text is not UTF-8 or has control characters", "closed[0].title.en: the text is not UTF-8 or has control characters", `closed[0].to: zone "x" does not exist`}},
		{"closed twice", func(p *policy.Policy) { p.Closed = []policy.Closed{{From: "web", To: "lab"}, {From: "web", To: "lab"}} }, []string{"closed[1]: the road web→lab is closed twice"}},
		{"closed and open", func(p *policy.Policy) { p.Closed = []policy.Closed{{From: "lab", To: "web"}} }, []string{"closed[0]: the road lab→web is closed and has a route (hospital.yaml:14:3)"}},
		{"closed with an exception", func(p *policy.Policy) {
			p.Closed = []policy.Closed{{From: "lab", To: "web"}}
			p.Routes[1].Name = "site"
		}, nil},
		{"sinks", func(p *policy.Policy) { p.Sinks = []policy.Sink{{Name: "log"}, {Name: "LOG", Ceiling: "x"}} }, []string{
			"sinks[0].ceiling: no class is given", `sinks[1]: sink "log" and "LOG" differ in letter case only`, `sinks[1]: there is no sink "LOG"`, `sinks[1].ceiling: class "x" does not exist`}},
		{"types", func(p *policy.Policy) {
			p.Types = []policy.Type{{Name: "Person"}, {Name: "example.com/db."}, {Name: "db.P", Fields: []policy.Field{{Name: "A", Tag: "email"}, {Name: "A", Tag: "emial"}, {Name: "a b", Tag: "a b"}}}, {Name: "db.P"}}
		}, []string{
			"types[0]: the type has no qualified Go name", "types[1]: the type has no qualified Go name", `types[2].fields[1]: field "A" is given twice`,
			`types[2].fields[1].tag: the policy has neither a category nor a class "emial"`, "types[2].fields[2]: the field is not a Go identifier",
			"types[2].fields[2].tag: classify: tag, offset 1: blank in tag: names are joined by + and options by , alone", `types[3]: type "db.P" is given twice`}},
		{"mapping", func(p *policy.Policy) {
			p.Mappings = []policy.Mapping{{Scheme: "x y", Classes: map[string]string{"public": "1", "internal": "2", "clinical": "1", "other": ""}}, {Scheme: "two", Classes: map[string]string{"public": "1"}}}
		}, []string{
			"mappings[0]: the scheme has no usable name", `mappings[0].classes: "public" and "clinical" map to "1", and what lies between them does not`, `mappings[0].classes: class "other" does not exist`,
			`mappings[0].classes: class "other" is mapped to nothing usable`, `mappings[1].classes: class "clinical" is not mapped`, `mappings[1].classes: class "internal" is not mapped`}},
		{"empty overlay", func(p *policy.Policy) { p.Overlays = []*policy.Policy{nil} }, []string{"overlays[0]: the overlay is empty"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := ward()
			tt.spoil(p)
			var got []string
			if err := p.Check(); err != nil {
				var all *policy.Errors
				if !errors.As(err, &all) {
					t.Fatalf("%T, want *Errors", err)
				}
				for _, problem := range all.Problems {
					got = append(got, problem.Path+": "+problem.Msg)
					if problem.Remedy == "" {
						t.Errorf("%s: no remedy", problem.Msg)
					}
					if strings.ContainsAny(problem.Error(), "\n\r") {
						t.Errorf("%q is not one line", problem.Error())
					}
				}
			}
			less := func(s []string) []string { c := append([]string{}, s...); sortStrings(c); return c }
			if diff := cmp.Diff(less(tt.want), less(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// rule puts a rule first on the road from lab to web.
func rule(r policy.Rule) func(*policy.Policy) {
	return func(p *policy.Policy) { p.Routes[1].Rules = append([]policy.Rule{r}, p.Routes[1].Rules...) }
}

func TestErrors(t *testing.T) {
	p := ward()
	p.Routes[0].Rules[4].Class = "pubic"
	p.Categories[0].Class = "x"
	err := p.Check()
	const want = `hospital.yaml:1:3: class "x" does not exist: the policy has "public", "internal" and "clinical"; write one of these, or add "x" (and 1 more problem)`
	if err == nil || err.Error() != want {
		t.Errorf("Error() = %v, want %s", err, want)
	}
	var problem *policy.Problem
	if !errors.As(err, &problem) || problem.Pos.Line != 1 {
		t.Errorf("As gives %+v, want the first problem", problem)
	}
	p.Zones[0].Holds = ""
	if err := p.Check(); err == nil || !strings.HasSuffix(err.Error(), "(and 2 more problems)") {
		t.Errorf("Error() = %v, want 2 more problems", err)
	}
	if got := (&policy.Errors{}).Error(); got != "no problem" {
		t.Errorf("no problems: %q", got)
	}
	for want, pos := range map[string]policy.Pos{"": {}, "policy:3:1": {Line: 3, Col: 1}, "a.yaml": {File: "a.yaml"}, "a.yaml:7": {File: "a.yaml", Line: 7}} {
		if got := pos.String(); got != want || pos.IsZero() != (want == "") {
			t.Errorf("%#v is %q, want %q", pos, got, want)
		}
	}
}

// The order of problems does not depend on chance, and paths sort by number.
func TestErrorsAreInOrder(t *testing.T) {
	p := clone(t, ward())
	for range 12 {
		p.Routes[0].Rules = append(p.Routes[0].Rules, policy.Rule{Class: "none", Action: pass})
	}
	p.Categories[0].Title = policy.Text{"a b": "", "c d": "", "e": "\n", "f": "\n"}
	want := errorList(p.Check())
	for range 20 {
		if diff := cmp.Diff(want, errorList(p.Check())); diff != "" {
			t.Fatal(diff)
		}
	}
	if !strings.HasPrefix(want[len(want)-1], "routes[0].rules[16]") {
		t.Errorf("last is %q, want rule 16 behind rule 9", want[len(want)-1])
	}
}

func TestSuggestions(t *testing.T) {
	p := ward()
	for range 9 {
		p.Categories = append(p.Categories, policy.Category{Name: strings.Repeat("k", len(p.Categories)+3), Class: "public"})
	}
	for name, want := range map[string]string{
		"genom":                                 `write "genome", or add category "genom" to the policy`,
		"q":                                     `add category "q" to the policy, or write one of the 16 that it has`,
		strings.Repeat("genome", 11)[:64] + "x": `add category`,
	} {
		_, err := p.Resolve(tagOf(name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
	p.Routes[0].Require.Purpose = []string{"x"}
	if err := p.Check(); err == nil || !strings.HasSuffix(err.Error(), `add purpose "x" to the policy`) {
		t.Errorf("without any: %v", err)
	}
}

// Check never panics and always says the same, whatever is broken at random.
func TestCheckRandomDamage(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 3))
		p := randomPolicy(r, "p")
		for range 3 {
			damage(r, p)
		}
		a, b := p.Check(), p.Check()
		if (a == nil) != (b == nil) || a != nil && a.Error() != b.Error() {
			t.Fatalf("seed %d: %v, then %v", seed, a, b)
		}
		for i := range p.Routes {
			for _, class := range p.Classes {
				if l, err := p.Resolve(tagOf(class)); err == nil {
					p.Decide(&p.Routes[i], l, tagOf(class))
				}
			}
		}
		p.Prove()
		p.Lint(someDay)
	}
}

func damage(r *rand.Rand, p *policy.Policy) {
	switch r.IntN(8) {
	case 0:
		p.Classes = p.Classes[1:]
	case 1:
		p.Zones = p.Zones[1:]
	case 2:
		p.Categories[r.IntN(len(p.Categories))].Class = "gone"
	case 3:
		p.Categories = p.Categories[:1]
	case 4:
		p.Zones[0].Holds = "gone"
	case 5:
		if len(p.Routes) > 0 {
			p.Routes[0].Rules = append(p.Routes[0].Rules, policy.Rule{}, policy.Rule{Class: "gone", Category: "k0", Action: 77})
		}
	case 6:
		p.Overlays = append(p.Overlays, &policy.Policy{}, nil)
	case 7:
		p.Categories[0].Stays = "gone"
	}
	if len(p.Zones) == 0 {
		p.Zones = []policy.Zone{{}}
	}
}
