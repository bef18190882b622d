package nocompile

import (
	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
)

// Only the zone that a route enters opens over it, and only what was sealed
// under its own keys.
func openElsewhere(x *zone.Crossing[WardToBilling], back *zone.Crossing[BillingToWard], s crypto.Sealed[Ward, Group]) {
	zone.Open[Group, Ward](x, ad, "id", s)       /* ERROR "does not satisfy zone.Entering" */
	zone.Open[Group, Billing](back, ad, "id", s) /* ERROR "does not match|cannot use s|does not satisfy" */
	zone.Open[Other, Ward](back, ad, "id", s)    /* ERROR "does not match|cannot use s|does not satisfy" */
}
