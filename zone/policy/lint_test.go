package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/zone/policy"
)

func TestLint(t *testing.T) {
	tests := []struct {
		name string
		at   time.Time
		set  func(*policy.Policy)
		want []string
	}{
		{"as it is", someDay, func(*policy.Policy) {}, nil},
		{"shadowed", someDay, func(p *policy.Policy) {
			p.Routes[0].Rules = append(p.Routes[0].Rules, policy.Rule{Category: "genome", Action: refuse}, policy.Rule{Class: "public", Action: pass})
		}, []string{
			`shadowed: routes[0].rules[1]: ward→lab has another rule for category "genome" that says refuse`,
			`shadowed: routes[0].rules[6]: ward→lab has another rule for class "public" that says pass (hospital.yaml:13:3)`}},
		{"unreachable rule", someDay, func(p *policy.Policy) {
			p.Routes = append(p.Routes, policy.Route{From: "web", To: "lab", Rules: []policy.Rule{{Class: "public", Action: pass}, {Class: "internal", Action: pass}, {Class: "clinical", Action: drop}}})
		}, []string{`unreachable: routes[3].rules[1]: web→lab says pass for class "internal", and web carries "public" at most`}},
		{"token of what can be guessed", someDay, func(p *policy.Policy) {
			p.Routes[0].Rules = append(p.Routes[0].Rules, policy.Rule{Category: "diagnosis", Action: token, As: "internal"})
		}, []string{`guessable: routes[0].rules[5]: ward→lab makes tokens of category "diagnosis", which has so few values that counting equal tokens may tell them`}},
		{"token of a class that can be guessed", someDay, func(p *policy.Policy) {
			p.Routes[0].Rules[2] = policy.Rule{Class: "clinical", Action: token, As: "internal"}
		}, []string{
			`guessable: routes[0].rules[2]: ward→lab makes tokens of category "diagnosis", which has so few values that counting equal tokens may tell them`}},
		{"expired", time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC), func(p *policy.Policy) { p.Routes[1].Until = "2027-03-31" }, []string{"expired: routes[1]: lab→web is closed since the end of 2027-03-31"}},
		{"last day", time.Date(2027, 3, 31, 23, 59, 59, 0, time.UTC), func(p *policy.Policy) { p.Routes[1].Until = "2027-03-31" }, nil},
		{"approvals of nobody", someDay, func(p *policy.Policy) { p.Routes[1].Require.Approvals = 1 }, []string{"approver: routes[1]: lab→web asks for approvals and not for a principal"}},
		{"exception", someDay, func(p *policy.Policy) {
			p.Routes[1].Name = "site"
			p.Closed = []policy.Closed{{From: "lab", To: "web", Clause: "4"}}
		}, []string{
			"exception: routes[1]: lab→web (site) is an exception without approver, until, endpoints",
			"closed-opened: routes[1]: lab→web (site) is an exception to a closed road and names no clause"}},
		{"good exception", someDay, func(p *policy.Policy) {
			p.Routes[1].Name, p.Routes[1].Approver, p.Routes[1].Until, p.Routes[1].Clause = "site", "head", "2027-03-31", "4(2)"
			p.Routes[1].Endpoints = []policy.Endpoint{{Address: "www.example"}}
			p.Closed = []policy.Closed{{From: "lab", To: "web", Clause: "4"}}
		}, nil},
		{"undecided", someDay, func(p *policy.Policy) { p.Routes[0].Rules = p.Routes[0].Rules[:4] }, []string{`undecided: routes[0]: ward→lab has no rule for class "public"`}},
		{"descends", someDay, func(p *policy.Policy) { p.Routes[0].Rules[3].Action = pass }, []string{
			`descends: routes[0]: ward→lab passes class "internal", category "email" from a zone that holds "clinical" to one that holds "internal"`}},
		{"order", someDay, func(p *policy.Policy) { p.Routes[0].Rules[3].Action = refuse }, []string{
			`order: routes[0].rules[2]: ward→lab says encrypt for class "clinical", which is looser than refuse for class "internal" below it`}},
		{"two functions", someDay, func(p *policy.Policy) {
			p.Overlays = []*policy.Policy{{Format: 1, Name: "o", Overlay: true, Routes: []policy.Route{{From: "ward", To: "lab", Rules: []policy.Rule{{Category: "email", Action: mask, With: "last2"}}}}}}
		}, []string{`incomparable: routes[0]: ward→lab: category "email": mask with "initial" and "last2" is asked for and neither is known to be the tighter: drop`}},
		{"evidence", someDay, func(p *policy.Policy) {
			p.Zones[1].Holds, p.Zones[2].Holds = "clinical", "clinical"
			p.Routes[0].Rules[2].Action = pass
			p.Routes[1].Rules = append(p.Routes[1].Rules, policy.Rule{Class: "clinical", Action: pass})
			p.Routes[1].Rules[0].Action = pass
			p.Routes = append(p.Routes, policy.Route{From: "ward", To: "web", Require: policy.Require{MFA: true, Principal: true}, Rules: []policy.Rule{{Class: "clinical", Action: pass}, {Class: "internal", Action: pass}, {Class: "public", Action: pass}}})
		}, []string{`order: routes[0].rules[2]: ward→lab says pass for class "clinical", which is looser than mask for class "internal" below it`,
			`evidence: routes[0]: ward→lab and lab→web together pass class "clinical", category "diagnosis" with less evidence than ward→web asks for`}},
		{"enough evidence", someDay, func(p *policy.Policy) {
			p.Zones[1].Holds, p.Zones[2].Holds = "clinical", "clinical"
			p.Routes[0].Rules[2].Action, p.Routes[0].Rules[3].Action = pass, pass
			p.Routes[1].Rules = append(p.Routes[1].Rules, policy.Rule{Class: "clinical", Action: pass})
			p.Routes[1].Rules[0].Action = pass
			p.Routes[0].Require, p.Routes[1].Require = policy.Require{MFA: true}, policy.Require{Principal: true}
			p.Routes = append(p.Routes, policy.Route{From: "ward", To: "web", Require: policy.Require{MFA: true, Principal: true}, Rules: []policy.Rule{{Class: "clinical", Action: pass}, {Class: "internal", Action: pass}, {Class: "public", Action: pass}}})
		}, nil},
		{"unused", someDay, func(p *policy.Policy) {
			p.Purposes = []policy.Purpose{{Name: "care"}}
			p.Categories = append(p.Categories, policy.Category{Name: "shelf", Class: "public"}, policy.Category{Name: "aisle", Class: "public", Title: policy.Text{"en": "where it stands"}})
			p.Classes = append(p.Classes, "secret")
			p.Categories = append(p.Categories, policy.Category{Name: "war-plan", Class: "secret", Mask: "redact"})
		}, []string{`unused: purposes[0]: no route asks for purpose "care"`, `unused: categories[4]: category "shelf" says no more than its class`,
			`unreachable: categories[6]: no zone may hold category "war-plan" of class "secret"`}},
		{"networks", someDay, func(p *policy.Policy) {
			p.Zones[0].Networks, p.Zones[1].Networks, p.Zones[2].Networks = []string{"10.0.0.0/8", "x"}, []string{"10.1.0.0/16", "192.0.2.0/24"}, []string{"0.0.0.0/0"}
		}, []string{"networks: zones[1].networks: network 10.1.0.0/16 of lab and 10.0.0.0/8 of ward overlap"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := ward()
			tt.set(p)
			var got []string
			for _, f := range p.Lint(tt.at) {
				got = append(got, f.Kind+": "+f.Path+": "+f.Msg)
				if f.Remedy == "" || strings.Contains(f.String(), "\n") {
					t.Errorf("%s: remedy %q", f.Kind, f.Remedy)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
