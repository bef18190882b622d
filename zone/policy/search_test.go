package policy_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

func TestMayIndex(t *testing.T) {
	p := kouki()
	p.Routes[0].Rules[0].Clause = "7(3)①"
	p.Categories[3].Guessable = true // insured-number
	over := &policy.Policy{Format: 1, Name: "over", Overlay: true, Categories: []policy.Category{{Name: "phone", Guessable: true}, {Name: "name", Stays: "mynumber"}}}
	met, err := p.With(over)
	if err != nil {
		t.Fatal(errorList(err))
	}
	const remedy = "take the index option away, and search by something else"
	tests := []struct {
		p     *policy.Policy
		label string
		want  *policy.IndexError
	}{
		{p, "address", nil},
		{p, "3B", nil},
		{p, "name", nil},
		{p, "phone", nil},
		{p, "individual-number", &policy.IndexError{Category: "individual-number", By: "kouki", Clause: "7(3)①", Why: `category "individual-number" stays in mynumber, and an index is derived from it`, Remedy: remedy}},
		{p, "insured-number", &policy.IndexError{Category: "insured-number", By: "kouki", Why: `category "insured-number" is guessable: whoever can query an index of it may try all values`, Remedy: remedy}},
		{p, "address+insured-number", &policy.IndexError{Category: "insured-number", By: "kouki", Why: `category "insured-number" is guessable: whoever can query an index of it may try all values`, Remedy: remedy}},
		{p, "insured-number+individual-number", &policy.IndexError{Category: "individual-number", By: "kouki", Clause: "7(3)①", Why: `category "individual-number" stays in mynumber, and an index is derived from it`, Remedy: remedy}},
		// What an overlay says counts as well.
		{met, "phone", &policy.IndexError{Category: "phone", By: "over", Why: `category "phone" is guessable: whoever can query an index of it may try all values`, Remedy: remedy}},
		{met, "name", &policy.IndexError{Category: "name", By: "over", Why: `category "name" stays in mynumber, and an index is derived from it`, Remedy: remedy}},
		{met, "address", nil},
	}
	for _, tt := range tests {
		err := tt.p.MayIndex(label(t, tt.p, tt.label))
		got, _ := errors.AsType[*policy.IndexError](err)
		if got != nil {
			got = new(*got)
			got.Pos = policy.Pos{}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != (tt.want == nil) {
			t.Errorf("%s of %s (-want +got)\n%s", tt.label, tt.p.Name, diff)
		}
	}
	for text, l := range map[string]classify.Label{
		"policy: the label has no class of this policy: resolve the label by the policy that is asked":                                                              {Class: 9},
		`policy: the policy has no category "shoe-size": add it to the policy`:                                                                                      {Class: 1, Categories: []string{"shoe-size"}},
		`policy: category "individual-number" stays in mynumber, and an index is derived from it [7(3)①]: take the index option away, and search by something else`: {Class: 4, Categories: []string{"individual-number"}},
	} {
		if err := p.MayIndex(l); err == nil || err.Error() != text {
			t.Errorf("%+v:\n got %v\nwant %s", l, err, text)
		}
	}
	if err := p.MayIndex(classify.Label{}); err == nil {
		t.Error("a label of no class may be indexed")
	}
}

// A field that several policies label is indexed where all of them say so.
func TestIndexOptionOfSeveral(t *testing.T) {
	p := kouki()
	p.Types = []policy.Type{{Name: "m/a.A", Fields: []policy.Field{{Name: "X", Tag: "name,column,index"}, {Name: "Y", Tag: "name,column,index"}, {Name: "Z", Tag: "name,column,index"}}}}
	met, err := p.With(&policy.Policy{Format: 1, Name: "o", Overlay: true, Types: []policy.Type{{Name: "m/a.A", Fields: []policy.Field{{Name: "X", Tag: "name"}, {Name: "Y", Tag: "name,column,index"}}}}})
	if err != nil {
		t.Fatal(errorList(err))
	}
	for field, want := range map[string]string{"X": "name,column", "Y": "name,column,index", "Z": "name,column,index"} {
		if got, _ := met.LabelOf("m/a.A", field); got.String() != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}
