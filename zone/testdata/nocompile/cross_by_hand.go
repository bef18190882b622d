package nocompile

import (
	"context"

	"github.com/sekisho-go/sekisho/zone"
)

type madeUp struct{}

func (madeUp) RouteName() string { return "ward→public" }
func (madeUp) FromZone() string  { return "ward" }
func (madeUp) ToZone() string    { return "public" }

// Nothing crosses over what is no route; nor is a Road alone one, since it has
// no name.
func cross(b *zone.Border) {
	zone.Cross[madeUp](context.Background(), b)                  /* ERROR "does not satisfy zone.Route" */
	zone.Cross[Ward](context.Background(), b)                    /* ERROR "does not satisfy zone.Route" */
	zone.Cross[zone.Road[Ward, Public]](context.Background(), b) /* ERROR "missing method RouteName" */
}
