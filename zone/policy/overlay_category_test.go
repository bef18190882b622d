package policy_test

import (
	"testing"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// What an overlay says of a category counts on every road, with or without a
// rule: how it is masked, and what it is then.
func TestOverlayOfACategoryWithoutARule(t *testing.T) {
	base := func() *policy.Policy {
		return &policy.Policy{
			Format: 1, Name: "p", Classes: []string{"low", "middle", "high"},
			Categories: []policy.Category{{Name: "born", Class: "high", Generalise: "year-month"}, {Name: "phone", Class: "high", Mask: "last4"}},
			Zones:      []policy.Zone{{Name: "a", Go: "A", Holds: "high"}, {Name: "b", Go: "B", Holds: "middle"}},
			Routes: []policy.Route{{From: "a", To: "b", Rules: []policy.Rule{
				{Category: "born", Action: generalise}, {Category: "phone", Action: mask}, {Class: "high", Action: drop}, {Class: "middle", Action: pass}, {Class: "low", Action: pass},
			}}},
		}
	}
	with := func(p *policy.Policy) *policy.Policy { p.Routes[0].Rules[1].With = "last4"; return p }
	tests := []struct {
		name     string
		base     *policy.Policy
		category policy.Category
		action   classify.Action
		with     string
		result   string
	}{
		{"a tighter mask", base(), policy.Category{Name: "phone", Mask: "redact"}, mask, "redact", "low"},
		{"one that does not compare", base(), policy.Category{Name: "phone", Mask: "initial"}, drop, "", "?"},
		{"a tighter generalisation", base(), policy.Category{Name: "born", Generalise: "year"}, generalise, "year", "low"},
		{"a higher result", base(), policy.Category{Name: "phone", Becomes: "middle"}, mask, "last4", "middle"},
		{"a result that does not fit", base(), policy.Category{Name: "phone", Becomes: "high"}, refuse, "", "?"},
		{"a rule that names its function", with(base()), policy.Category{Name: "phone", Mask: "redact"}, mask, "last4", "low"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &policy.Policy{Format: 1, Name: "o", Overlay: true, Categories: []policy.Category{tt.category}}
			p, err := tt.base.With(o)
			if err != nil {
				t.Fatal(err)
			}
			d := p.Decide(route(t, p, "a", "b", ""), label(t, p, tt.category.Name), classify.Tag{})
			result := "?"
			if d.Result.Class > 0 {
				result = p.Scale().Name(d.Result.Class)
			}
			if d.Action != tt.action || d.With != tt.with || result != tt.result {
				t.Errorf("%v with %q becomes %s (%s), want %v with %q becomes %s", d.Action, d.With, result, d.Why, tt.action, tt.with, tt.result)
			}
		})
	}
}
