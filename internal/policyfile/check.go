package policyfile

import (
	"github.com/sekisho-go/sekisho/zone/policy"
)

// overlays reads and checks the policies that tighten this one.
func (r *reader) overlays(chain []*file, base *policy.Policy) ([]*policy.Policy, error) {
	var all []*policy.Policy
	for _, f := range chain {
		for _, to := range f.overlays {
			o, err := r.follow(f, to, "overlays")
			if err != nil {
				return nil, err
			}
			if o == nil {
				continue
			}
			parts, err := r.extend(o, nil)
			if err != nil {
				return nil, err
			}
			for _, part := range parts {
				for _, nested := range part.overlays {
					r.report(part, nested, "an overlay has an overlay of its own", "name it in the policy that both tighten: overlays are met there")
				}
			}
			p := r.merge(parts)
			borrow(p, base)
			all = append(all, p)
		}
	}
	return all, nil
}

// finish completes the policy and its overlays, checks them and lets them meet.
func (r *reader) finish(p *policy.Policy, overlays []*policy.Policy) *policy.Policy {
	complete(p)
	for _, o := range overlays {
		complete(o)
	}
	return p
}
