package policy_test

import (
	"fmt"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// hospital is a policy as the loader of policy files would return it.
func hospital() *policy.Policy {
	return &policy.Policy{
		Format: policy.Format, Name: "hospital",
		Classes:    []string{"public", "internal", "clinical"},
		Categories: []policy.Category{{Name: "email", Class: "internal", Mask: "initial"}, {Name: "patient", Class: "clinical"}},
		Zones: []policy.Zone{
			{Name: "ward", Go: "Ward", Holds: "clinical"},
			{Name: "lab", Go: "Lab", Holds: "internal", Carries: "clinical"},
			{Name: "web", Go: "Web", Holds: "internal"},
		},
		Routes: []policy.Route{
			{From: "ward", To: "lab", Clause: "4.2", Rules: []policy.Rule{
				{Category: "patient", Action: classify.ActionToken, As: "internal"},
				{Class: "clinical", Action: classify.ActionEncrypt},
				{Class: "internal", Action: classify.ActionPass},
				{Class: "public", Action: classify.ActionPass},
			}},
			{From: "lab", To: "web", Clause: "4.3", Rules: []policy.Rule{
				{Class: "internal", Action: classify.ActionPass},
				{Class: "public", Action: classify.ActionPass},
			}},
		},
	}
}

func ExamplePolicy_Decide() {
	p := hospital()
	if err := p.Check(); err != nil {
		fmt.Println(err)
		return
	}
	road, _ := p.Route("ward", "lab", "")
	for _, text := range []string{"patient", "email", "patient+email", "email,action=mask"} {
		tag, _ := classify.ParseTag(text)
		label, err := p.Resolve(tag)
		if err != nil {
			fmt.Println(err)
			return
		}
		d := p.Decide(road, label, tag)
		fmt.Printf("%s: %s as %s, clause %s: %s\n", text, d.Action, p.Scale().Name(d.Result.Class), d.Clause, d.Why)
	}
	// Output:
	// patient: token as internal, clause 4.2: the rule for category "patient" says token
	// email: pass as internal, clause 4.2: the rule for class "internal" says pass
	// patient+email: encrypt as clinical, clause 4.2: the rule for class "clinical" says encrypt
	// email,action=mask: mask as public, clause 4.2: the field says action=mask
}

func ExamplePolicy_Prove() {
	proof := hospital().Prove()
	for _, f := range proof.Findings {
		fmt.Println(f.Chain())
		fmt.Println(f.Subjects)
	}
	// Output:
	// ward (pass)→ lab (pass)→ web
	// [class "internal" category "email"]
}

func ExamplePolicy_With() {
	overlay := &policy.Policy{Format: policy.Format, Name: "lab-rules", Overlay: true, Routes: []policy.Route{
		{From: "lab", To: "web", Rules: []policy.Rule{{Class: "internal", Action: classify.ActionDrop}}},
	}}
	p, err := hospital().With(overlay)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("clean:", p.Prove().OK())
	for _, c := range policy.Diff(hospital(), p) {
		fmt.Println(c)
	}
	// Output:
	// clean: true
	// stricter: lab→web: class "internal": pass is now drop
	// stricter: lab→web: category "email": pass is now drop
}
