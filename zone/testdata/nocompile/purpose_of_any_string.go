package nocompile

import "github.com/sekisho-go/sekisho/zone"

// A purpose is a constant of the zones package, not a string at hand.
func purpose(form string) {
	_ = zone.Evidence{Purpose: form} /* ERROR "cannot use form" */
}
