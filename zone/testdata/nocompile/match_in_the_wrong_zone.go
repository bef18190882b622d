package nocompile

import (
	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
)

// A token is matched where it was made: the way back enters the zone that the
// way out left.
func matchElsewhere(x *zone.Crossing[WardToBilling], back *zone.Crossing[BillingToWard], tok crypto.Token[WardToBilling], far crypto.Token[BillingToPublic]) {
	zone.Match[Ward](x, scope, "v", tok)    /* ERROR "does not satisfy zone.Entering" */
	zone.Match[Ward](back, scope, "v", far) /* ERROR "does not satisfy zone.Leaving" */
}
