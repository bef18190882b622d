package policy

import (
	"cmp"
	"slices"

	"github.com/sekisho-go/sekisho/classify"
)

// LabelledTypes lists the Go types that the policy labels, and everything it is
// met with, by name. A field that several label has what all of them say: the
// names of all, the highest levels, the strictest action. Where they name
// functions of which neither is known to be the tighter, it is dropped.
func (p *Policy) LabelledTypes() []Type {
	var list []Type
	for _, part := range p.parts() {
		for _, t := range part.Types {
			i := slices.IndexFunc(list, func(o Type) bool { return o.Name == t.Name })
			if i < 0 {
				t.Fields = slices.Clone(t.Fields)
				list = append(list, t)
				continue
			}
			for _, f := range t.Fields {
				list[i].Fields = p.joinField(list[i].Fields, f)
			}
		}
	}
	slices.SortFunc(list, func(a, b Type) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// LabelOf returns the label that the policy, and everything it is met with,
// gives a field of a Go type; false when none does.
func (p *Policy) LabelOf(typ, field string) (classify.Tag, bool) {
	var fields []Field
	for _, part := range p.parts() {
		for i := range part.Types {
			for _, f := range part.Types[i].Fields {
				if part.Types[i].Name == typ && f.Name == field {
					fields = p.joinField(fields, f)
				}
			}
		}
	}
	if len(fields) == 0 {
		return classify.Tag{}, false
	}
	tag, err := classify.ParseTag(fields[0].Tag)
	return tag, err == nil
}

// joinField adds the label of a field to those of a list.
func (p *Policy) joinField(fields []Field, f Field) []Field {
	i := slices.IndexFunc(fields, func(o Field) bool { return o.Name == f.Name })
	if i < 0 {
		return append(fields, f)
	}
	a, err1 := classify.ParseTag(fields[i].Tag)
	b, err2 := classify.ParseTag(f.Tag)
	if err1 == nil && err2 == nil { // as they are in a policy that was checked
		fields[i].Tag = p.joinTags(a, b).String()
	}
	return fields
}

// joinTags is what two labels of one field come to.
func (p *Policy) joinTags(a, b classify.Tag) classify.Tag {
	for _, name := range b.Names {
		if !slices.Contains(a.Names, name) {
			a.Names = append(slices.Clone(a.Names), name)
		}
	}
	a.Class = p.higherClass(a.Class, b.Class)
	a.Integrity = higherName(p.integrity(), a.Integrity, b.Integrity)
	a.Availability = higherName(p.availability(), a.Availability, b.Availability)
	a.Action = classify.Stricter(a.Action, b.Action)
	for _, f := range []struct {
		ours   *string
		theirs string
	}{{&a.Mask, b.Mask}, {&a.Generalise, b.Generalise}} {
		if *f.ours != "" && f.theirs != "" && !tighter(*f.ours, f.theirs) && !tighter(f.theirs, *f.ours) {
			a.Action = max(a.Action, classify.ActionDrop)
		}
		*f.ours = tighterFunction(*f.ours, f.theirs)
	}
	a.ID, a.Column, a.Token = a.ID || b.ID, a.Column || b.Column, a.Token && b.Token
	a.Index = a.Index && b.Index // it tells who can query which values are equal
	return a
}
