package nocompile

import "github.com/sekisho-go/sekisho/crypto"

// What is sealed in one zone, or for one type, is not that of another.
func relabel(s crypto.Sealed[Ward, Group]) {
	_ = crypto.Sealed[Billing, Group](s) /* ERROR "cannot convert s" */
	_ = crypto.Sealed[Ward, Other](s)    /* ERROR "cannot convert s" */
}
