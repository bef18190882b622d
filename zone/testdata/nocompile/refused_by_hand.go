package nocompile

import "github.com/sekisho-go/sekisho/zone"

// Nobody else can declare the method of a refusal.
type forgedRefusal struct{}

func (forgedRefusal) refused() {}

var _ zone.Refused = forgedRefusal{}       /* ERROR "does not implement zone.Refused" */
var _ RefusedByClause7_1 = forgedRefusal{} /* ERROR "does not implement RefusedByClause7_1" */
