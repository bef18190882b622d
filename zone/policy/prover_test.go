package policy

import (
	"testing"

	"github.com/sekisho-go/sekisho/classify"
)

// The proof must not trust what it proves: with a decision put in that breaks
// a sentence, it says so.
func TestProverAgainstWrongDecisions(t *testing.T) {
	sound := func() *Policy {
		return &Policy{Format: 1, Name: "p", Classes: []string{"lo", "hi"},
			Categories: []Category{{Name: "k", Class: "hi", Stays: "a"}},
			Zones:      []Zone{{Name: "a", Go: "A", Holds: "hi"}, {Name: "b", Go: "B", Holds: "lo", Carries: "hi"}, {Name: "c", Go: "C", Holds: "lo"}},
			Routes: []Route{
				{From: "a", To: "b", Rules: []Rule{{Class: "hi", Action: classify.ActionEncrypt}, {Class: "lo", Action: classify.ActionPass}}},
				{From: "b", To: "c", Rules: []Rule{{Class: "hi", Action: classify.ActionRefuse}, {Class: "lo", Action: classify.ActionPass}}},
			}}
	}
	passes := func(p *Policy) func(*Route, classify.Label) Decision {
		return func(r *Route, l classify.Label) Decision {
			return Decision{Action: classify.ActionPass, Label: l, Result: l, Route: r}
		}
	}
	tests := []struct {
		name   string
		decide func(*Policy) func(*Route, classify.Label) Decision
		sealed func(*Route, classify.Label, string) Decision
		want   map[string]bool
	}{
		{"right", nil, nil, map[string]bool{}},
		{"everything passes", passes, nil, map[string]bool{KindStays: true, KindCeiling: true, KindComposition: true, KindLoosens: true}},
		{"sealed goes everywhere", nil, func(r *Route, l classify.Label, _ string) Decision {
			return Decision{Action: classify.ActionEncrypt, Label: l, Result: l, Route: r}
		}, map[string]bool{KindCeiling: true}},
		{"sealed opens everywhere", nil, func(r *Route, l classify.Label, _ string) Decision {
			return Decision{Action: classify.ActionPass, Label: l, Result: l, Route: r}
		}, map[string]bool{KindCeiling: true, KindComposition: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := sound()
			p.Overlays = []*Policy{{Format: 1, Name: "o", Overlay: true}}
			if err := p.Check(); err != nil {
				t.Fatal(err)
			}
			pr := newProver(p, &Proof{})
			if tt.decide != nil {
				pr.decide = tt.decide(p)
			}
			if tt.sealed != nil {
				pr.decideSealed = tt.sealed
			}
			pr.undecided()
			pr.tightened()
			pr.compositions()
			got := map[string]bool{}
			for _, f := range pr.proof.Findings {
				got[f.Kind] = true
				if f.Msg == "" || f.Remedy == "" || f.String() == "" {
					t.Errorf("%s says nothing", f.Kind)
				}
			}
			for kind := range tt.want {
				if !got[kind] {
					t.Errorf("no finding %s in %v", kind, pr.proof.Findings)
				}
				delete(got, kind)
			}
			for kind := range got {
				t.Errorf("finding %s in %v", kind, pr.proof.Findings)
			}
		})
	}
}

// A way that ends where it began, or at once, has a line to point at or none.
func TestLastPos(t *testing.T) {
	at := Pos{Line: 7}
	for want, way := range map[Pos][]Step{{}: {{}}, at: {{}, {Route: &Route{Pos: at}}}} {
		if got := lastPos(way); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	p := &Policy{}
	if p.routePath(nil) != "" || p.rulePathIn(nil, nil) != "" || p.rulePath(&Rule{}) != "" {
		t.Error("a path to nothing")
	}
}
