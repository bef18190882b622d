package nocompile

import "github.com/sekisho-go/sekisho/zone"

// Only the zone that a route leaves seals over it.
func sealElsewhere(x *zone.Crossing[WardToBilling]) {
	zone.Seal[Group, Billing](x, ad, "id", pad) /* ERROR "does not satisfy zone.Leaving" */
	zone.Seal[Group, Public](x, ad, "id", pad)  /* ERROR "does not satisfy zone.Leaving" */
}
