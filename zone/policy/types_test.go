package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// A field that the policy and an overlay label has what both say of it.
func TestLabelledTypes(t *testing.T) {
	p := kouki()
	types := func(name string, fields ...policy.Field) policy.Type {
		return policy.Type{Name: name, Fields: fields}
	}
	p.Types = []policy.Type{types("m/b.B", policy.Field{Name: "Name", Tag: "name,id"}, policy.Field{Name: "Phone", Tag: "phone,mask=last4"}, policy.Field{Name: "City", Tag: "1"})}
	o := &policy.Policy{Format: 1, Name: "o", Overlay: true, Types: []policy.Type{
		types("m/a.A", policy.Field{Name: "X", Tag: "2"}),
		types("m/b.B", policy.Field{Name: "Name", Tag: "name,class=3A,integrity=2,action=drop"}, policy.Field{Name: "Phone", Tag: "phone+address,mask=initial"}, policy.Field{Name: "New", Tag: "name"}),
	}}
	met, err := p.With(o)
	if err != nil {
		t.Fatal(errorList(err))
	}
	want := []policy.Type{
		types("m/a.A", policy.Field{Name: "X", Tag: "2"}),
		types("m/b.B",
			policy.Field{Name: "Name", Tag: "name,class=3A,integrity=2,action=drop,id"},
			policy.Field{Name: "Phone", Tag: "phone+address,action=drop,mask=last4"}, // neither mask is the tighter
			policy.Field{Name: "City", Tag: "1"},
			policy.Field{Name: "New", Tag: "name"}),
	}
	if diff := cmp.Diff(want, met.LabelledTypes()); diff != "" {
		t.Error(diff)
	}
	for _, typ := range want {
		for _, f := range typ.Fields {
			got, ok := met.LabelOf(typ.Name, f.Name)
			if !ok || got.String() != f.Tag {
				t.Errorf("%s.%s is %q, want %q", typ.Name, f.Name, got, f.Tag)
			}
		}
	}
	if tag, ok := met.LabelOf("m/b.B", "Other"); ok {
		t.Errorf("a field that nobody labels is %q", tag)
	}
	if got := p.LabelledTypes()[0].Fields[0].Tag; got != "name,id" || p.Types[0].Fields[0].Tag != got {
		t.Errorf("the policy under the overlay changed: %q", got)
	}
	if _, err := classify.ParseTag(want[1].Fields[1].Tag); err != nil {
		t.Error(err)
	}
}
