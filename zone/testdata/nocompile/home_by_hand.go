package nocompile

import "github.com/sekisho-go/sekisho/zone"

// The method home of another package is another method.
type forged struct{}

func (forged) home(Ward) {}

var _ zone.In[Ward] = forged{} /* ERROR "does not implement zone.In\[Ward\]" */
