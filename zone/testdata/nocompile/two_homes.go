package nocompile

import "github.com/sekisho-go/sekisho/zone"

// A record lives in one zone: the outer home hides the inner one.
type commuter struct {
	zone.Home[Ward]
	Patients struct{ zone.Home[Public] }
}

var _ zone.In[Public] = commuter{} /* ERROR "does not implement zone.In\[Public\]" */

type both struct {
	Patient
	PatientBilling
}

var _ zone.In[Ward] = both{} /* ERROR "ambiguous selector|missing method home|duplicate" */
