package nocompile

import "github.com/sekisho-go/sekisho/zone"

// A route comes from a Road only.
type forgedRoute struct{}

func (forgedRoute) RouteName() string { return "ward→public" }
func (forgedRoute) FromZone() string  { return "ward" }
func (forgedRoute) ToZone() string    { return "public" }
func (forgedRoute) road()             {}

var _ zone.Route = forgedRoute{} /* ERROR "does not implement zone.Route" */
