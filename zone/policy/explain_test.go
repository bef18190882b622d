package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

func TestExplain(t *testing.T) {
	p := overlaid(t)
	r := route(t, p, "mynumber", "lgwan", "")
	for _, tt := range []struct {
		label, want string
	}{
		{"insured-number", `drop: the rule for category "insured-number" says drop [手順3]
  kouki: the rule for category "insured-number" says token (kouki.yaml:14:3)
* municipality: the rule for category "insured-number" says drop (municipality.yaml:9:3)`},
		{"individual-number+address", `drop: the rule for category "individual-number" says drop [7(3)①]
  kouki: the rule for class "3B" says encrypt (kouki.yaml:16:3)
* kouki: category "individual-number" stays in mynumber
* kouki: the rule for category "individual-number" says drop (kouki.yaml:13:3)`},
		{"2,action=refuse", `refuse: the field says action=refuse [7(3)①]
* kouki: the rule for class "2" says pass (kouki.yaml:18:3)`},
		{"3A", `refuse: no rule for class "3A" of class "3A" [7(3)①]
* kouki: no rule for class "3A" of class "3A"`},
	} {
		e := p.Explain(r, label(t, p, tt.label), tag(t, tt.label))
		if diff := cmp.Diff(tt.want, e.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.label, diff)
		}
		d := p.Decide(r, label(t, p, tt.label), tag(t, tt.label))
		if diff := cmp.Diff(d, e.Decision); diff != "" {
			t.Errorf("%s: Explain decides otherwise\n%s", tt.label, diff)
		}
	}
	e := p.Explain(r, label(t, p, "birth-date"), classify.Tag{})
	want := []policy.Candidate{
		{Policy: "kouki", Category: "birth-date", Class: "3B", Action: generalise, With: "age-band-5", Path: "routes[0].rules[2]", Clause: "7(3)①", Why: `the rule for category "birth-date" says generalise`, Won: true},
		{Policy: "municipality", Category: "birth-date", Class: "3B", Action: generalise, With: "age-band-10", Path: "routes[0].rules[1]", Clause: "実施手順2", Why: `the rule for category "birth-date" says generalise`, Won: true},
	}
	if diff := cmp.Diff(want, e.Candidates, cmpopts.IgnoreFields(policy.Candidate{}, "Rule")); diff != "" {
		t.Error(diff)
	}
	if e := p.Explain(nil, classify.Label{}, classify.Tag{}); len(e.Candidates) != 0 || e.String() != "refuse: there is no route" {
		t.Errorf("of nothing: %q", e)
	}
}
