package nocompile

import "github.com/sekisho-go/sekisho/zone"

// A crossing, a transit and associated data cannot be put together by hand.
var (
	_ = zone.Crossing[WardToBilling]{core: nil} /* ERROR "unknown field core|unexported" */
	_ = zone.AD{prefix: nil}                    /* ERROR "unexported|unknown field prefix" */
	_ = zone.Transit[WardToBilling]{core: 0}    /* ERROR "unexported|unknown field core" */
)
