package nocompile

import (
	"context"
	"io"

	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/parcel"
)

type (
	out  = zones.MyNumberToLGWAN
	back = zones.LGWANToMyNumber
)

// Only views in the far zone travel.
func send(x *zone.Crossing[out], y *zone.Crossing[back], dst io.Writer) {
	parcel.Create[specimen.PersonLGWAN](x, dst)
	parcel.Create[specimen.Person](x, dst)            /* ERROR "does not satisfy|not implement|missing method" */
	parcel.Create[specimen.PersonLGWAN](y, dst)       /* ERROR "does not satisfy|does not match|wrong type for method" */
	parcel.Create[specimen.PersonLGWANSealed](x, dst) /* ERROR "does not satisfy|not implement|missing method" */
	parcel.Create[string](x, dst)                     /* ERROR "does not satisfy|not implement|missing method" */
}

// A view is put into a parcel of its own type, and on the way back only once it
// was admitted to the road.
func add(w *parcel.Writer[specimen.PersonLGWAN], r *parcel.ReturnWriter[back, specimen.PersonLGWAN], p *specimen.Person, v *specimen.PersonLGWAN, h *specimen.HouseholdLGWAN, going zone.Returning[back, *specimen.PersonLGWAN]) {
	w.Add(v)
	r.Add(going)
	w.Add(p)     /* ERROR "cannot use p" */
	w.Add(h)     /* ERROR "cannot use h" */
	w.Add(going) /* ERROR "cannot use going" */
	r.Add(v)     /* ERROR "cannot use v" */
}

// A parcel is opened as what it is in the zone that its route enters.
func open(b *zone.Border, src io.Reader) {
	parcel.Open[specimen.PersonLGWAN, out](context.Background(), b, nil, src)
	parcel.OpenReturn[specimen.PersonLGWAN, back](context.Background(), b, nil, src)
	parcel.Open[specimen.PersonLGWAN, back](context.Background(), b, nil, src)        /* ERROR "does not satisfy|does not match|wrong type for method" */
	parcel.OpenReturn[specimen.PersonLGWAN, out](context.Background(), b, nil, src)   /* ERROR "does not satisfy|does not match|wrong type for method" */
	parcel.Open[specimen.Person, out](context.Background(), b, nil, src)              /* ERROR "does not satisfy|not implement|missing method" */
	parcel.Open[specimen.PersonLGWAN, zones.LGWAN](context.Background(), b, nil, src) /* ERROR "does not satisfy|missing method" */
}

// Neither a keyring nor a record in clear comes out of a border, a crossing or a
// view.
func around(b *zone.Border, x *zone.Crossing[out], v *specimen.PersonLGWAN) {
	b.Handover()           /* ERROR "not enough arguments" */
	x.Handover(struct{}{}) /* ERROR "cannot use" */
	v.Pack(nil)
	parcel.OpenInClear(nil) /* ERROR "not enough arguments|cannot infer" */
}
