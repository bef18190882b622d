package parcel

import (
	"context"
	"io"

	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/internal/packing"
)

// ReturnWriter writes a parcel of views that go back over R to where the records
// are that they were made of, and cross there. It is for one goroutine at a
// time.
type ReturnWriter[R zone.Route, V any] struct {
	outgoing
	packer packing.Encoder
	pack   func(*packing.Encoder, *V) ([]byte, error)
}

// CreateReturn begins a parcel of views of the near zone, which become records
// where they arrive, because what stayed of the records is there. Each must have
// been admitted to the road first:
//
//	going, err := view.ReturningToMyNumber(x)
//	…
//	err = w.Add(going)
//
// Otherwise it is as [Create].
func CreateReturn[V any, R Way[From, To], From, To zone.Zone, P View[V, From]](x *zone.Crossing[R], dst io.Writer, opts ...CreateOption) (*ReturnWriter[R, V], error) {
	out, err := create[From, To](x, P(nil).Packing(), dst, opts)
	if err != nil {
		return nil, err
	}
	return &ReturnWriter[R, V]{outgoing: *out, pack: func(e *packing.Encoder, v *V) ([]byte, error) { return e.Encode(P(v)) }}, nil
}

// Add puts a view that was admitted to the road into the parcel, see
// [Writer.Add].
func (w *ReturnWriter[R, V]) Add(going zone.Returning[R, *V]) error {
	view, ok := going.View()
	if !ok || view == nil {
		return &RecordError{Record: w.body.count, Detail: "it holds no view"}
	}
	record, err := w.pack(&w.packer, view)
	return w.add(record, err, &w.packer)
}

// OpenReturn opens a parcel that [CreateReturn] made, in the zone that R enters.
// The views are still of the zone that R leaves: they become records of this one
// by a crossing over R here. Otherwise it is as [Open].
func OpenReturn[V any, R Way[From, To], From, To zone.Zone, P View[V, From]](ctx context.Context, b *zone.Border, register Register, src io.Reader, opts ...OpenOption) (*Reader[V], error) {
	in, err := arrive[R, From, To](ctx, b, register, src, Records, P(nil).Packing(), opts)
	if err != nil {
		return nil, err
	}
	return &Reader[V]{incoming: *in, unpack: func(d *packing.Decoder, record []byte, v *V) error { return d.Decode(record, P(v)) }}, nil
}
