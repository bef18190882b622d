package policy

import (
	"fmt"
)

// With gives the policy met with an overlay: for each decision the stricter of
// the two, and the evidence of both. The error is *Errors; an overlay that
// would loosen anything is one problem per line that would, and each names
// the line of the policy as well. The policy itself is not changed.
//
// An overlay that is already there is not added again.
func (p *Policy) With(overlay *Policy) (*Policy, error) {
	c := &checker{p: p, scale: p}
	switch {
	case overlay == nil:
		c.problem(Pos{}, "overlays", "there is no overlay", "give one")
	case !overlay.Overlay:
		c.problem(Pos{}, "overlay", fmt.Sprintf("policy %q is not an overlay", overlay.Name), "write overlay: true, or meet two whole policies")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	c.overlay(overlay, fmt.Sprintf("overlays[%d]", len(p.Overlays)))
	if err := c.err(); err != nil {
		return nil, err
	}
	digest := overlay.Digest()
	for _, o := range p.Overlays {
		if o.Digest() == digest {
			return p, nil
		}
	}
	return p.joined(overlay), nil
}
