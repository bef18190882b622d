package nocompile

import "github.com/sekisho-go/sekisho/zone"

// The compile error of a road that is closed names the clause.
func leak(p *Patient, x *zone.Crossing[WardToBilling]) {
	p.ToPublic(x)           /* ERROR "RefusedByClause7_1" */
	view := p.ToPublic(nil) /* ERROR "used as value|no value" */
	_ = view
}
