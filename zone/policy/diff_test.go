package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

func TestDiff(t *testing.T) {
	tests := []struct {
		name   string
		change func(*policy.Policy)
		want   []string // a + before it: Opens
	}{
		{"nothing", func(*policy.Policy) {}, nil},
		{"said in another way", func(p *policy.Policy) {
			p.Zones[1].Carries = "3B"                                                                                                            // as holds
			p.Routes[0].Rules = append(p.Routes[0].Rules, policy.Rule{Class: "2", Action: pass}, policy.Rule{Category: "name", Action: encrypt}) // as before
			p.Routes[0].Limit = &policy.Limit{Records: 500000, Per: "1440m"}
			p.Sinks = append(p.Sinks, policy.Sink{Name: "net", Ceiling: "1"})
			p.Edition = "2026-01"
		}, nil},
		{"classes", func(p *policy.Policy) { p.Classes = append(p.Classes, "4") }, []string{`+other: classes: "1", "2", "3C", "3B" and "3A" is now "1", "2", "3C", "3B", "3A" and "4"`}},
		{"class gone", func(p *policy.Policy) { p.Classes = p.Classes[:4] }, []string{`+other: classes: "1", "2", "3C", "3B" and "3A" is now "1", "2", "3C" and "3B"`}},
		{"levels", func(p *policy.Policy) { p.Integrity, p.Availability = []string{"1", "2", "3"}, []string{"1"} }, []string{
			`+other: integrity: "1" and "2" is now "1", "2" and "3"`, `+other: availability: "1" and "2" is now "1"`}},
		{"zones", func(p *policy.Policy) {
			p.Zones[1].Holds, p.Zones[2].Holds, p.Zones[2].Carries, p.Zones[0].Networks = "3A", "2", "3C", nil
			p.Zones = append(p.Zones, policy.Zone{Name: "cloud", Holds: "1"})
		}, []string{`+other: zone "mynumber" networks: "10.1.0.0/16" is now not named`, `+looser: zone "lgwan" holds: "3B" is now "3A"`, `+looser: zone "lgwan" carries: "3B" is now "3A"`, `+looser: zone "internet" holds: "1" is now "2"`,
			`stricter: zone "internet" carries: "3B" is now "3C"`, `new: zone "cloud": holds "1"`,
			`stricter: lgwan→internet: class "3B": encrypt is now refuse`, `stricter: lgwan→internet: category "address": encrypt is now refuse`, `stricter: lgwan→internet: category "birth-date": encrypt is now refuse`,
			`stricter: lgwan→internet: category "insured-number": encrypt is now refuse`, `stricter: lgwan→internet: category "name": encrypt is now refuse`}},
		{"zone gone", func(p *policy.Policy) { p.Zones, p.Routes = p.Zones[:2], append(p.Routes[:2:2], p.Routes[3]) }, []string{`gone: zone "internet"`, `gone: lgwan→internet: route`}},
		{"categories", func(p *policy.Policy) {
			p.Categories[0].Class, p.Categories[4].Class = "3A", "2"
			p.Categories[3].Check, p.Categories[2].Integrity, p.Categories[2].Availability = "", "2", "1"
			p.Categories[5].Name = "fax"
		}, []string{`stricter: category "address" class: "3B" is now "3A"`, `new: category "fax": class "3C"`, `stricter: category "individual-number" integrity: "1" is now "2"`,
			`+other: category "insured-number" check: "jp.insured-number" is now ""`, `+looser: category "name" class: "3B" is now "2"`, `gone: category "phone"`,
			`stricter: mynumber→lgwan: category "address": encrypt is now refuse`, `+looser: mynumber→lgwan: category "name": encrypt is now pass`,
			`stricter: mynumber→lgwan (mailing): category "address": pass is now refuse`,
			`stricter: lgwan→internet: category "address": encrypt is now refuse`, `stricter: lgwan→internet: category "name": encrypt is now drop`, `stricter: lgwan→mynumber: category "address": pass is now refuse`}},
		{"stays no more", func(p *policy.Policy) { p.Categories[2].Stays = "" }, []string{`+looser: category "individual-number" stays: "mynumber" is now nowhere`, `+looser: lgwan→internet: category "individual-number": drop is now encrypt`}},
		{"stays elsewhere", func(p *policy.Policy) {
			p.Categories[2].Stays = "lgwan"
			p.Categories[0].Stays = "mynumber"
			p.Routes[1].Rules[1].Action = drop
		}, []string{
			`stricter: category "address" stays: nowhere is now "mynumber"`, `+looser: category "individual-number" stays: "mynumber" is now "lgwan"`,
			`stricter: mynumber→lgwan: category "address": encrypt is now drop`, `stricter: mynumber→lgwan (mailing): category "address": pass is now drop`,
			`stricter: lgwan→internet: category "address": encrypt is now drop`, `stricter: lgwan→mynumber: category "individual-number": pass is now drop`}},
		{"sinks", func(p *policy.Policy) { p.Sinks = []policy.Sink{{Name: "log", Ceiling: "2"}} }, []string{`+looser: sink "log": "1" is now "2"`, `stricter: sink "stdout": "2" is now "1"`}},
		{"routes", func(p *policy.Policy) { p.Routes[2].Name = "portal"; p.Routes[2].Clause = "" }, []string{"+new: lgwan→internet (portal): route", "gone: lgwan→internet: route"}},
		{"less evidence", func(p *policy.Policy) {
			p.Routes[0].Require, p.Routes[0].Limit = policy.Require{}, nil
			p.Routes[1].Require.Approvals, p.Routes[1].Until, p.Routes[1].Endpoints = 0, "", nil
		}, []string{"+looser: mynumber→lgwan: require principal: 1 is now 0", "+looser: mynumber→lgwan: require mfa: 1 is now 0", `+looser: mynumber→lgwan: require purpose: "benefit" and "levy" is now any`, "+looser: mynumber→lgwan: limit: 500000 records per 24h is now none",
			"+looser: mynumber→lgwan (mailing): require approvals: 1 is now 0", `+looser: mynumber→lgwan (mailing): endpoints: "10.2.3.0/24:443" is now any`, "+looser: mynumber→lgwan (mailing): until: 2027-03-31 is now no date"}},
		{"more evidence", func(p *policy.Policy) {
			p.Routes[0].Require.Purpose, p.Routes[0].Limit, p.Routes[0].Until = []string{"levy"}, &policy.Limit{Records: 1, Per: "48h"}, "2027-01-01"
			p.Routes[1].Require.Approvals, p.Routes[1].Until, p.Routes[1].Endpoints = 2, "2027-03-30", []policy.Endpoint{{Address: "10.2.3.4", Port: 443}}
			p.Routes[2].Require.MFA, p.Routes[2].Limit = true, &policy.Limit{Records: 1, Per: "1h"}
		}, []string{`stricter: mynumber→lgwan: require purpose: "benefit" and "levy" is now "levy"`, "stricter: mynumber→lgwan: until: no date is now 2027-01-01", "stricter: mynumber→lgwan: limit: 500000 records per 24h is now 1 records per 48h",
			"stricter: mynumber→lgwan (mailing): require approvals: 1 is now 2", `stricter: mynumber→lgwan (mailing): endpoints: "10.2.3.0/24:443" is now "10.2.3.4:443"`, "stricter: mynumber→lgwan (mailing): until: 2027-03-31 is now 2027-03-30",
			"stricter: lgwan→internet: require mfa: 0 is now 1", "stricter: lgwan→internet: limit: none is now 1 records per 1h"}},
		{"other evidence", func(p *policy.Policy) {
			p.Purposes = append(p.Purposes, policy.Purpose{Name: "audit"})
			p.Routes[0].Require.Purpose, p.Routes[0].Limit = []string{"levy", "audit"}, &policy.Limit{Records: 600000, Per: "48h"}
			p.Routes[1].Until, p.Routes[1].Endpoints = "2028-03-31", []policy.Endpoint{{Address: "10.9.9.9"}}
		}, []string{`+other: mynumber→lgwan: require purpose: "benefit" and "levy" is now "levy" and "audit"`, "+other: mynumber→lgwan: limit: 500000 records per 24h is now 600000 records per 48h",
			`+other: mynumber→lgwan (mailing): endpoints: "10.2.3.0/24:443" is now "10.9.9.9:0"`, "+looser: mynumber→lgwan (mailing): until: 2027-03-31 is now 2028-03-31"}},
		{"a higher limit", func(p *policy.Policy) { p.Routes[0].Limit.Records = 600000 }, []string{"+looser: mynumber→lgwan: limit: 500000 records per 24h is now 600000 records per 24h"}},
		{"rules", func(p *policy.Policy) {
			r := p.Routes[0].Rules
			r[1].As, r[1].Scope = "2", "category"
			r[2].With = "year"
			r[5].Action = drop
			r[4].As = "3C"
			p.Routes[2].Rules = p.Routes[2].Rules[1:]
		}, []string{`stricter: mynumber→lgwan: class "2": pass is now drop`, `stricter: mynumber→lgwan: class "3C": mask as 1 is now mask as 3C`, `+other: mynumber→lgwan: category "birth-date": generalise with age-band-5 as 2 is now generalise with year as 2`,
			`+looser: mynumber→lgwan: category "insured-number": token as 3C is now token as 2, matching by category`, `stricter: mynumber→lgwan: category "phone": mask with last4 as 2 is now mask with last4 as 3C`,
			`stricter: lgwan→internet: class "3B": encrypt is now refuse`, `stricter: lgwan→internet: category "address": encrypt is now refuse`, `stricter: lgwan→internet: category "birth-date": encrypt is now refuse`, `stricter: lgwan→internet: category "individual-number": drop is now refuse`,
			`stricter: lgwan→internet: category "insured-number": encrypt is now refuse`, `stricter: lgwan→internet: category "name": encrypt is now refuse`}},
		{"overlay", func(p *policy.Policy) {
			p.Overlays = []*policy.Policy{{Format: 1, Name: "o", Overlay: true, Zones: []policy.Zone{{Name: "lgwan", Holds: "3C"}}, Closed: []policy.Closed{{From: "lgwan", To: "internet"}}, Categories: []policy.Category{{Name: "name", Stays: "mynumber"}},
				Sinks: []policy.Sink{{Name: "stdout", Ceiling: "1"}}, Routes: []policy.Route{{From: "mynumber", To: "lgwan", Require: policy.Require{Approvals: 1}, Rules: []policy.Rule{{Category: "phone", Action: drop}}}}}}
		}, []string{`stricter: zone "lgwan" holds: "3B" is now "3C"`, `stricter: category "name" stays: nowhere is now "mynumber"`, `stricter: sink "stdout": "2" is now "1"`, "stricter: mynumber→lgwan: require approvals: 0 is now 1",
			`stricter: mynumber→lgwan: category "name": encrypt is now drop`, `stricter: mynumber→lgwan: category "phone": mask with last4 as 2 is now drop`,
			`stricter: mynumber→lgwan (mailing): category "address": pass is now refuse`, `stricter: mynumber→lgwan (mailing): category "name": pass is now drop`, "gone: lgwan→internet: route"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := kouki()
			tt.change(p)
			var got []string
			for _, c := range policy.Diff(kouki(), p) {
				mark := ""
				if c.Opens {
					mark = "+"
				}
				got = append(got, mark+c.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			// What is looser one way is stricter the other.
			for _, c := range policy.Diff(p, kouki()) {
				if c.Kind == policy.ChangeUnknown {
					t.Errorf("unknown kind: %v", c)
				}
			}
		})
	}
}

// Two policies with nothing in common still compare.
func TestDiffOfStrangers(t *testing.T) {
	if changes := policy.Diff(kouki(), ward()); len(changes) < 20 {
		t.Errorf("%d changes", len(changes))
	}
	if changes := policy.Diff(&policy.Policy{}, &policy.Policy{}); changes != nil {
		t.Errorf("of nothing: %v", changes)
	}
	if changes := policy.Diff(ward(), clone(t, ward())); changes != nil {
		t.Errorf("of a copy: %v", changes)
	}
	// Renamed classes: results cannot be compared by rank alone.
	p := ward()
	p.Classes[0] = "open"
	for _, c := range policy.Diff(ward(), p) {
		if c.Kind == policy.ChangeUnknown {
			t.Errorf("unknown kind: %v", c)
		}
	}
	for want, kind := range map[string]policy.ChangeKind{"unknown": 99, "looser": policy.Looser, "gone": policy.Gone} {
		if kind.String() != want {
			t.Errorf("%d is %q", kind, kind)
		}
	}
}

// Changes point at both lines.
func TestDiffPositions(t *testing.T) {
	p := kouki()
	p.Name = "new"
	place(p)
	p.Routes[0].Rules[3].Action = drop
	p.Routes[0].Rules = append(p.Routes[0].Rules, policy.Rule{})
	changes := policy.Diff(kouki(), p)
	if len(changes) != 3 || changes[0].OldPos.String() != "kouki.yaml:16:3" || changes[0].NewPos.String() != "new.yaml:16:3" || changes[0].Clause != "7(3)①" {
		t.Errorf("changes: %+v", changes)
	}
	q := clone(t, kouki())
	q.Routes[2].Rules, q.Routes[2].Clause = nil, ""
	for _, c := range policy.Diff(kouki(), q) {
		if c.Route == "lgwan→internet" && c.Subject == `class "1"` && (c.Clause != "7(3)②" || c.OldPos.IsZero()) {
			t.Errorf("%+v", c)
		}
	}
}

func TestDecisionAtLeast(t *testing.T) {
	lbl := func(c classify.Level) classify.Label { return classify.Label{Class: c} }
	d := func(a classify.Action, c classify.Level, with, scope string) policy.Decision {
		return policy.Decision{Action: a, Result: lbl(c), With: with, Scope: scope}
	}
	named := policy.Decision{Action: pass, Result: classify.Label{Class: 1, Categories: []string{"k"}}}
	for _, tt := range []struct {
		name string
		d, e policy.Decision
		want bool
	}{
		{"the same", d(mask, 2, "last4", ""), d(mask, 2, "last4", ""), true},
		{"stricter", d(drop, 0, "", ""), d(mask, 2, "last4", ""), true},
		{"looser", d(pass, 3, "", ""), d(mask, 2, "last4", ""), false},
		{"higher result", d(mask, 3, "last4", ""), d(mask, 2, "last4", ""), true},
		{"lower result", d(mask, 1, "last4", ""), d(mask, 2, "last4", ""), false},
		{"tighter function", d(mask, 2, "redact", ""), d(mask, 2, "last4", ""), true},
		{"looser function", d(mask, 2, "last4", ""), d(mask, 2, "redact", ""), false},
		{"another function", d(mask, 2, "last2", ""), d(mask, 2, "last4", ""), false},
		{"any function", d(mask, 2, "last2", ""), d(mask, 2, "", ""), true},
		{"open function", d(mask, 2, "", ""), d(mask, 2, "last4", ""), false},
		{"narrower scope", d(token, 2, "", "field"), d(token, 2, "", "category"), true},
		{"wider scope", d(token, 2, "", "category"), d(token, 2, "", "field"), false},
		{"categories lost", d(pass, 1, "", ""), named, false},
		{"nothing", policy.Decision{}, d(pass, 1, "", ""), false},
	} {
		if got := tt.d.AtLeast(tt.e); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
