package nocompile

import (
	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
)

// Only the zone that a route leaves tokenises over it, and the token is of that
// route.
func tokenElsewhere(x *zone.Crossing[WardToBilling]) {
	zone.Token[Billing](x, scope, "v") /* ERROR "does not satisfy zone.Leaving" */
	var other crypto.Token[BillingToPublic]
	other, _ = zone.Token[Ward](x, scope, "v") /* ERROR "cannot use|incompatible" */
	_ = other
}
