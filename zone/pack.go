package zone

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/sekisho-go/sekisho/zone/internal/packing"
)

// A view goes to another process in a parcel (package zone/parcel). Parcels are
// the only things that turn a view into bytes: the generated methods Pack and
// Unpack take a Packer and an Unpacker, and these come from parcels alone.
//
// A view is put into a parcel by whoever made it cross, and it is then in the
// far zone:
//
//	view, err := person.ToLGWAN(x) // *PersonLGWAN is a Packed[zones.LGWAN]
//
// On the way back the crossing happens where the parcel arrives, because the
// record that stayed is there. What is sent is still a view of the near zone,
// and nothing of the near zone may enter a parcel just so. The generated method
// ReturningToMyNumber admits it to the road first:
//
//	going, err := view.ReturningToMyNumber(x) // Returning[zones.LGWANToMyNumber, *PersonLGWAN]
//
// There is one such method for each road back, and none where there is no road
// or where the road does not let every field of the view through: a parcel
// carries a view whole.

// Packer takes the fields of a view that is put into a parcel. Only a parcel
// hands one out; of another, the zero Packer, nothing comes but errors.
type Packer = packing.Packer

// Unpacker gives the fields of a view that is taken out of a parcel. Only a
// parcel hands one out; of another, the zero Unpacker, nothing comes but errors.
type Unpacker = packing.Unpacker

// Schema describes the records of one view, so that a parcel can say what is in
// it and a receiver that has another view refuses it. See "Shapes" in the
// documentation of package wire.
type Schema = packing.Schema

// NewSchema returns the schema with a text that the generator wrote: a package
// variable of generated code. The text is read when it is first needed.
func NewSchema(text string) *Schema { return packing.NewSchema(text) }

// Packed is a view in zone Z that a parcel can carry. Generated code implements
// it on pointers to views, and not on the types that views are made of.
type Packed[Z Zone] interface {
	In[Z]
	// Packing returns the schema of the view.
	Packing() *Schema
	// Pack hands the fields to p.
	Pack(p *Packer) error
	// Unpack replaces the fields by those that u gives. After an error the view
	// is half filled and must be thrown away.
	Unpack(u *Unpacker) error
}

// Returning is a view V that was admitted to road R, which leads back to the
// zone that the view came from. It is still in the zone that R leaves, and it
// crosses where the parcel that carries it arrives. Only [Return], which
// generated code calls, makes one; the zero Returning holds no view.
type Returning[R Route, V any] struct {
	_    [0]*R // what was admitted to one road does not convert into what goes by another
	view V
	ok   bool
}

// View returns the view, and false when there is none.
func (r Returning[R, V]) View() (V, bool) { return r.view, r.ok }

// Format prints the type's name for every verb.
func (r Returning[R, V]) Format(s fmt.State, _ rune) {
	io.WriteString(s, "zone.Returning("+nameOf[R]().key+")")
}

// LogValue implements slog.LogValuer with the text of Format.
func (r Returning[R, V]) LogValue() slog.Value {
	return slog.StringValue("zone.Returning(" + nameOf[R]().key + ")")
}

// Return admits a view in zone Z to the road that x crosses. The transit says what was
// decided about the fields of the view on that road, and parts the same about
// the views that it holds. The error is a [*RefusalError].
func Return[Z Zone, V Packed[Z], R Leaving[Z]](x *Crossing[R], view V, t *Transit[R], parts ...*Transit[R]) (Returning[R, V], error) {
	if x == nil || x.core == nil || t == nil || x.part {
		return Returning[R, V]{}, nameOf[R]().refusal(neverBegan)
	}
	for _, p := range parts {
		if stale := x.core.border.judge(&p.core, x.core.gate); len(stale) > 0 {
			return Returning[R, V]{}, x.core.refuse(p.core.typ, stale...)
		}
	}
	if err := x.Admit(t); err != nil {
		return Returning[R, V]{}, err
	}
	return Returning[R, V]{view: view, ok: true}, nil
}
