package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

func TestProveSound(t *testing.T) {
	for _, p := range []*policy.Policy{kouki(), ward()} {
		proof := p.Prove()
		if !proof.OK() {
			t.Errorf("%s: %v", p.Name, proof.Findings)
		}
		if proof.Policy != p.Name || proof.Digest != p.Digest() {
			t.Errorf("proof of %s %s", proof.Policy, proof.Digest)
		}
	}
	proof := ward().Prove()
	want := &policy.Proof{Policy: "hospital", Digest: proof.Digest, Classes: 3, Categories: 4, Zones: 3, Routes: 3, Decisions: 58, States: 33, Compositions: 12} // counted by hand
	if diff := cmp.Diff(want, proof); diff != "" {
		t.Error(diff)
	}
}

// The witness of the leak names the chain and the label at each step.
func TestProveLeak(t *testing.T) {
	p := leaky()
	proof := p.Prove()
	if len(proof.Findings) != 1 {
		t.Fatalf("findings: %v", proof.Findings)
	}
	f := proof.Findings[0]
	const want = `leaky.yaml:9:3: class "3B" gets from mynumber to internet in clear by mynumber (pass)→ lgwan (pass)→ internet, and no direct road brings it there: ` +
		`mask, encrypt, drop or refuse it on one of these roads, or let a road mynumber→internet pass it`
	if f.String() != want || f.Clause != "7(3)①" || f.Path != "routes[1].rules[0]" || f.Kind != policy.KindComposition {
		t.Errorf("got %s %s %s %s\nwant %s", f, f.Clause, f.Path, f.Kind, want)
	}
	if diff := cmp.Diff([]string{`class "3B"`, `category "name"`}, f.Subjects); diff != "" {
		t.Error(diff)
	}
	var zones []string
	for i, s := range f.Witness {
		zones = append(zones, s.Zone)
		if s.Label.Class != 2 || s.Form != policy.FormClear || s.SealedBy != "" || (s.Route == nil) != (i == 0) || (s.Rule == nil) != (i == 0) {
			t.Errorf("step %d: %+v", i, s)
		}
	}
	if strings.Join(zones, " ") != "mynumber lgwan internet" {
		t.Errorf("zones %v", zones)
	}
}

func TestProveRule(t *testing.T) {
	direct := func(rules ...policy.Rule) func(*policy.Policy) {
		return func(p *policy.Policy) {
			p.Closed = nil
			p.Routes = append(p.Routes, policy.Route{From: "mynumber", To: "internet", Rules: rules})
		}
	}
	c1 := policy.Rule{Class: "1", Action: pass}
	tests := []struct {
		name, reason string
		set          func(*policy.Policy)
		want         []string // kind: subjects
	}{
		{"as it is", "no direct road", func(*policy.Policy) {}, []string{`composition: class "3B", category "name"`}},
		{"not closed either", "absent is as closed", func(p *policy.Policy) { p.Closed = nil }, []string{`composition: class "3B", category "name"`}},
		{"direct road passes", "the direct road would bring it", direct(policy.Rule{Class: "3B", Action: pass}, c1), nil},
		{"direct road masks", "the direct road brings another value", direct(policy.Rule{Class: "3B", Action: mask, With: "redact"}, c1), []string{`composition: class "3B", category "name"`}},
		{"direct road passes the category", "the class is still brought by the way around", direct(policy.Rule{Category: "name", Action: pass}, policy.Rule{Class: "3B", Action: drop}, c1), []string{`composition: class "3B"`}},
		{"direct road drops the lowest class", "the plain road decides otherwise", direct(policy.Rule{Class: "3B", Action: pass}, policy.Rule{Class: "1", Action: drop}), []string{`composition: class "1"`}},
		{"exception drops the lowest class", "an exception says nothing about the rest", func(p *policy.Policy) {
			p.Routes = append(p.Routes, policy.Route{Name: "portal", From: "mynumber", To: "internet", Rules: []policy.Rule{{Class: "3B", Action: pass}, {Class: "1", Action: drop}}})
		}, nil},
		{"direct road says nothing of the lowest class", "undecided is another finding", direct(policy.Rule{Class: "3B", Action: pass}), []string{`undecided: class "1"`}},
		{"masked on the way", "brought down", func(p *policy.Policy) { p.Routes[1].Rules[0] = policy.Rule{Class: "3B", Action: mask, With: "redact"} }, nil},
		{"masked before", "brought down, and public then", func(p *policy.Policy) { p.Routes[0].Rules[0] = policy.Rule{Class: "3B", Action: mask, With: "redact"} }, nil},
		{"token", "not the value", func(p *policy.Policy) { p.Routes[0].Rules[0].Action = token }, nil},
		{"sealed", "not in clear", func(p *policy.Policy) { p.Routes[0].Rules[0].Action = encrypt }, nil},
		{"dropped", "not there", func(p *policy.Policy) { p.Routes[0].Rules[0].Action = drop }, nil},
		{"stays", "does not get there", func(p *policy.Policy) { p.Categories[0].Stays = "mynumber" }, []string{`composition: class "3B"`}},
		{"no rule", "refused, and somebody forgot it", func(p *policy.Policy) { p.Routes[0].Rules = p.Routes[0].Rules[1:] }, []string{`undecided: class "3B", category "name"`}},
		{"no rule, above the zone", "cannot be there", func(p *policy.Policy) {
			p.Classes, p.Routes[0].Rules = append(p.Classes, "3A"), append(p.Routes[0].Rules, policy.Rule{Class: "3A", Action: drop})
		}, []string{`composition: class "3B", category "name"`}},
		{"and back", "a cycle brings nothing new", func(p *policy.Policy) {
			p.Routes = append(p.Routes[:1], policy.Route{From: "lgwan", To: "mynumber", Rules: p.Routes[0].Rules})
		}, nil},
		{"a longer way", "three roads", func(p *policy.Policy) {
			p.Zones = append(p.Zones, policy.Zone{Name: "sns", Go: "SNS", Holds: "3B"})
			p.Routes = append(p.Routes, policy.Route{From: "internet", To: "sns", Rules: p.Routes[1].Rules})
		}, []string{`composition: class "3B", category "name"`, `composition: class "3B", category "name"`, `composition: class "3B", category "name"`}},
		{"overlay closes it", "closed by an overlay", func(p *policy.Policy) {
			p.Overlays = []*policy.Policy{{Format: 1, Name: "o", Overlay: true, Closed: []policy.Closed{{From: "lgwan", To: "internet"}}}}
		}, nil},
		{"overlay drops it", "dropped by an overlay", func(p *policy.Policy) {
			p.Overlays = []*policy.Policy{{Format: 1, Name: "o", Overlay: true, Routes: []policy.Route{{From: "lgwan", To: "internet", Rules: []policy.Rule{{Class: "3B", Action: drop}}}}}}
		}, nil},
		{"broken", "nothing is proved", func(p *policy.Policy) { p.Zones[1].Holds = "1" }, []string{"unsound: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := leaky()
			tt.set(p)
			var found []string
			for _, f := range p.Prove().Findings {
				found = append(found, f.Kind+": "+strings.Join(f.Subjects, ", "))
			}
			if diff := cmp.Diff(tt.want, found); diff != "" {
				t.Errorf("%s (-want +got)\n%s", tt.reason, diff)
			}
		})
	}
}

func TestFormString(t *testing.T) {
	for want, f := range map[string]policy.Form{"unknown": 0, "in clear": policy.FormClear, "brought down": policy.FormBroughtDown, "as a token": policy.FormToken} {
		if f.String() != want {
			t.Errorf("%d is %q, want %q", f, f, want)
		}
	}
}

// The proof against another way to find the same: every path of roads up to
// the number of zones, walked with nothing but Decide.
func TestProveAgreesWithWalking(t *testing.T) {
	leaks, clean := 0, 0
	for seed := range uint64(400) {
		p := randomPolicy(rand.New(rand.NewPCG(seed, 9)), "p")
		want := map[string]bool{}
		for _, name := range append(p.Scale().Names(), "k0", "k1", "k2") {
			l := label(t, p, name)
			for _, z := range p.Zones {
				if holds, _ := p.Scale().Level(z.Holds); l.Class > holds || staysElsewhere(p, l, z.Name) {
					continue
				}
				for _, end := range walk(p, l, []string{z.Name}) {
					if !allowed(p, l, z.Name, end) {
						want[name+" "+z.Name+" "+end] = true
					}
				}
			}
		}
		got := map[string]bool{}
		for _, f := range p.Prove().Findings {
			if f.Kind != policy.KindComposition {
				continue
			}
			for _, s := range f.Subjects {
				name := strings.Trim(s[strings.Index(s, `"`):], `"`)
				got[name+" "+f.Witness[0].Zone+" "+f.Witness[len(f.Witness)-1].Zone] = true
			}
			if at := f.Witness[0].Zone; len(walkTo(p, f, at)) != len(f.Witness) {
				t.Fatalf("seed %d: the witness cannot be walked: %s", seed, f.Chain())
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-walked +proved)\n%s\n%s", seed, diff, p.Encode())
		}
		if len(got) > 0 {
			leaks++
		} else {
			clean++
		}
	}
	if leaks < 20 || clean < 20 {
		t.Errorf("%d leaky and %d clean policies: the sample says little", leaks, clean)
	}
}

// walk lists the zones that simple paths of two or more passing roads end in.
func walk(p *policy.Policy, l classify.Label, path []string) []string {
	var ends []string
	for i := range p.Routes {
		r := &p.Routes[i]
		if r.From != path[len(path)-1] || slices.Contains(path, r.To) || p.Decide(r, l, classify.Tag{}).Action != pass {
			continue
		}
		if len(path) > 1 {
			ends = append(ends, r.To)
		}
		ends = append(ends, walk(p, l, append(slices.Clone(path), r.To))...)
	}
	return ends
}

func allowed(p *policy.Policy, l classify.Label, from, to string) bool {
	r, ok := p.Route(from, to, "")
	if !ok {
		return l.Class == 1
	}
	d := p.Decide(r, l, classify.Tag{})
	return d.Action == pass || l.Class == 1 && d.Rule == nil
}

func staysElsewhere(p *policy.Policy, l classify.Label, zone string) bool {
	for _, name := range l.Categories {
		if c, _ := p.Category(name); c.Stays != "" && c.Stays != zone {
			return true
		}
	}
	return false
}

// walkTo follows a witness with Decide.
func walkTo(p *policy.Policy, f policy.Finding, at string) []string {
	path := []string{at}
	for _, s := range f.Witness[1:] {
		if s.Route.From != at || p.Decide(s.Route, s.Label, classify.Tag{}).Action != pass {
			return path
		}
		at = s.Zone
		path = append(path, at)
	}
	return path
}

// Loosening any single rule of a sound policy is seen by Diff, and where it
// opens a way around also by Prove.
func TestEveryLooserRuleIsFound(t *testing.T) {
	opened := 0
	for _, sound := range []func() *policy.Policy{kouki, ward} {
		for i := range sound().Routes {
			for j, rule := range sound().Routes[i].Rules {
				for action := pass; action < rule.Action; action++ {
					p := sound()
					mutant := &p.Routes[i].Rules[j]
					*mutant = policy.Rule{Category: rule.Category, Class: rule.Class, Action: action, Pos: rule.Pos}
					if action == mask || action == generalise {
						mutant.With = "redact"
					}
					name := fmt.Sprintf("%s %s%s %v instead of %v", p.Routes[i].Key(), rule.Category, rule.Class, action, rule.Action)
					changes := policy.Diff(sound(), p)
					if p.Check() == nil || rule.Class != "3A" {
						if !slices.ContainsFunc(changes, func(c policy.Change) bool { return c.Opens }) && !staysForced(rule) && p.Check() == nil {
							t.Errorf("%s: Diff is silent: %v", name, changes)
						}
					}
					proof := p.Prove()
					if !proof.OK() {
						opened++
					}
					if p.Check() == nil && opensAWay(t, p) != hasKind(proof, policy.KindComposition) {
						t.Errorf("%s: Prove says %v", name, proof.Findings)
					}
				}
			}
		}
	}
	if opened < 20 {
		t.Errorf("only %d mutants do not prove", opened)
	}
}

// staysForced says that a rule is about a category that is dropped anyway.
func staysForced(r policy.Rule) bool {
	return r.Category == "individual-number" || r.Category == "genome"
}

func opensAWay(t *testing.T, p *policy.Policy) bool {
	names := p.Scale().Names()
	for _, k := range p.Categories {
		names = append(names, k.Name)
	}
	for _, name := range names {
		l := label(t, p, name)
		for _, z := range p.Zones {
			if holds, _ := p.Scale().Level(z.Holds); l.Class > holds || staysElsewhere(p, l, z.Name) {
				continue
			}
			for _, end := range walk(p, l, []string{z.Name}) {
				if !allowed(p, l, z.Name, end) {
					return true
				}
			}
		}
	}
	return false
}

// The witness that the brief of this package began with: a sound three-zone
// policy in which one cell is loosened.
func TestProveLoosenedCell(t *testing.T) {
	p := kouki()
	p.Zones[2].Holds = "2"
	p.Routes[2].Rules[2].Action = pass // lgwan→internet: 2
	proof := p.Prove()
	if len(proof.Findings) != 1 || proof.Findings[0].Chain() != "mynumber (pass)→ lgwan (pass)→ internet" || proof.Findings[0].Subjects[0] != `class "2"` {
		t.Errorf("findings: %v", proof.Findings)
	}
}
