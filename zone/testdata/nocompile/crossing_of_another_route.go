package nocompile

import "github.com/sekisho-go/sekisho/zone"

// A record crosses under a crossing of its own route.
func wrongCrossing(p *Patient, x *zone.Crossing[BillingToWard], t *zone.Transit[BillingToWard], y *zone.Crossing[WardToBilling]) {
	p.ToBilling(x)                         /* ERROR "cannot use x" */
	y.Admit(t)                             /* ERROR "cannot use t" */
	_ = (*zone.Crossing[WardToBilling])(x) /* ERROR "cannot convert x" */
	_ = zone.Crossing[WardToBilling](*x)   /* ERROR "cannot convert" */
}
