package parcel

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"strings"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/internal/handover"
	"github.com/sekisho-go/sekisho/zone/internal/packing"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Way is a route from one zone to another with both of its ends. Every route of
// a generated zones package is one.
type Way[From, To zone.Zone] interface {
	zone.Leaving[From]
	zone.Entering[To]
}

// View is a pointer to a view V in zone Z. Generated code makes it one.
type View[V any, Z zone.Zone] interface {
	*V
	zone.Packed[Z]
}

// Writer writes a parcel of views. It is for one goroutine at a time, and only
// calls of its methods write to where the parcel goes.
type Writer[V any] struct {
	outgoing
	packer packing.Encoder
	pack   func(*packing.Encoder, *V) ([]byte, error)
}

// Create begins a parcel of views over the route of a crossing, for the far
// zone. The type of the views is said, the rest follows from the crossing:
//
//	w, err := parcel.Create[PersonLGWAN](x, dst)
//	if err != nil {
//		return err
//	}
//	defer w.Abort()
//	for … {
//		view, err := person.ToLGWAN(x)
//		…
//		err = w.Add(view)
//		…
//	}
//	return w.Close() // commits the crossing
//
// The border of the crossing must hold keys of the near zone to sign with and
// public keys of the far zone. Errors are a [*StateError] when there is no
// crossing or it is over, a [*KeysError], a [*MalformedError] when the header
// would be none, and what dst says.
func Create[V any, R Way[From, To], From, To zone.Zone, P View[V, To]](x *zone.Crossing[R], dst io.Writer, opts ...CreateOption) (*Writer[V], error) {
	out, err := create[From, To](x, P(nil).Packing(), dst, opts)
	if err != nil {
		return nil, err
	}
	return &Writer[V]{outgoing: *out, pack: func(e *packing.Encoder, v *V) ([]byte, error) { return e.Encode(P(v)) }}, nil
}

// Add puts a view into the parcel. It does not keep the view. After an error of
// the view itself, a [*RecordError], the parcel goes on without it; after any
// other it can only be aborted.
func (w *Writer[V]) Add(view *V) error {
	if view == nil {
		return &RecordError{Record: w.body.count, Detail: "it is nil"}
	}
	record, err := w.pack(&w.packer, view)
	return w.add(record, err, &w.packer)
}

// add writes what packing gave.
func (w *outgoing) add(record []byte, err error, packer *packing.Encoder) error {
	defer packer.Wipe()
	if w.over {
		return &StateError{"the parcel is over: nothing can be added"}
	}
	if err != nil {
		return &RecordError{Record: w.body.count, Detail: "it does not pack", cause: err}
	}
	return w.body.add(record)
}

// create begins a parcel of records with the schema.
func create[From, To zone.Zone, R zone.Route](x *zone.Crossing[R], schema *packing.Schema, dst io.Writer, opts []CreateOption) (*outgoing, error) {
	o, err := newCreateOptions(opts)
	if err != nil {
		return nil, err
	}
	h := &Header{Payload: Records, Type: schema.Type(), Schema: json.RawMessage(schema.JSON()), Class: schema.Class(), Count: o.count}
	return dispatch[From, To](x, h, dst, o)
}

// dispatch begins a parcel under a crossing with a header that says what is in
// it.
func dispatch[From, To zone.Zone, R zone.Route](x *zone.Crossing[R], h *Header, dst io.Writer, o *createOptions) (*outgoing, error) {
	c, ok := x.Handover(handover.NewPass())
	if !ok || c.Over {
		return nil, &StateError{"there is no crossing, or it is over: begin one with zone.Cross"}
	}
	s, err := senderOf[From, To](c.Keys)
	if err != nil {
		return nil, err
	}
	h.Policy, h.Digest, h.Route, h.Clause, h.Crossing = c.Policy.Name, c.Digest, c.Route.Key(), c.Route.Clause, c.ID
	if h.Payload == Records {
		if err := h.levels(c.Policy); err != nil {
			return nil, err
		}
	}
	body, err := s.begin(c.Context, h, c.Clock(), dst, o)
	if err != nil {
		return nil, err
	}
	end := crossing{admitted: func() int64 { return admitted(x.Counts(), h.Type) }, commit: x.Commit, abort: x.Abort}
	return &outgoing{header: h, body: body, end: end}, nil
}

// admitted is how many views of the type came to be. Views of other roads have
// other types: what crossed over one of them with its evidence does not leave over
// another with less. A view may stand in another package than what it was made of.
func admitted(counts []zone.Count, typ string) (n int64) {
	name := typ[strings.LastIndexByte(typ, '.')+1:]
	for _, c := range counts {
		if c.View == name {
			n += c.Records + c.Parts
		}
	}
	return n
}

// senderOf returns the keys of a way out of a keyring.
func senderOf[From, To zone.Zone](ring *crypto.Keyring) (*sender, error) {
	from, to := nameOf[From](), nameOf[To]()
	if ring == nil {
		return nil, &KeysError{from, "sign", &crypto.NoKeysError{Zone: from, Use: crypto.UseSign}}
	}
	own, err := crypto.KeysOf[From](ring)
	if err != nil {
		return nil, &KeysError{from, "sign", err}
	}
	far, err := crypto.PublicKeysOf[To](ring)
	if err != nil {
		return nil, &KeysError{to, "box", err}
	}
	s := newSender(from, to, own, far)
	return &s, nil
}

func nameOf[Z zone.Zone]() string {
	var z Z
	return z.ZoneName()
}

// levels fills in what follows from the fields of the schema: the highest class
// that is sealed and the lowest level of integrity that a field names.
func (h *Header) levels(p *policy.Policy) error {
	var doc struct {
		Fields []levelled `json:"fields"`
		Types  []struct {
			Fields []levelled `json:"fields"`
		} `json:"types"`
	}
	if err := json.Unmarshal(h.Schema, &doc); err != nil {
		return malformedHeader("the schema is none: generate the view again")
	}
	fields := doc.Fields
	for _, t := range doc.Types {
		fields = append(fields, t.Fields...)
	}
	for _, f := range fields {
		if class, ok := p.Scale().Level(f.Class); ok && f.Opens != "" {
			if now, _ := p.Scale().Level(h.SealedClass); class > now {
				h.SealedClass = f.Class
			}
		}
		if level, ok := p.IntegrityScale().Level(f.Integrity); ok {
			if now, named := p.IntegrityScale().Level(h.Integrity); !named || level < now {
				h.Integrity = f.Integrity
			}
		}
	}
	return nil
}

// levelled is what a field of a schema says of its label.
type levelled struct {
	Class     string `json:"class"`
	Integrity string `json:"integrity"`
	Opens     string `json:"opens"`
}

// Reader reads a parcel of views. It is for one goroutine at a time, and only
// calls of its methods read from where the parcel comes from.
type Reader[V any] struct {
	incoming
	decoder packing.Decoder
	unpack  func(*packing.Decoder, []byte, *V) error
}

// Open opens a parcel of views that came over route R, in the zone that R
// enters. The type of the views and the route are said, the rest follows:
//
//	r, err := parcel.Open[PersonLGWAN, zones.MyNumberToLGWAN](ctx, border, register, src)
//	if err != nil {
//		return err
//	}
//	defer r.Close()
//	for view, err := range r.All() {
//		if err != nil {
//			return err // undo what came of the views before
//		}
//		…
//	}
//	return r.Finish() // once what came of them is durable
//
// The border must hold keys of the far zone and public keys of the near one. When
// Open returns without an error, the header is authentic, the parcel is for us,
// in time, of this type and allowed by the policy in force, and the register has
// taken it.
//
// Src is read up to its end, and further ahead than records are returned.
// The context bounds all reading.
func Open[V any, R Way[From, To], From, To zone.Zone, P View[V, To]](ctx context.Context, b *zone.Border, register Register, src io.Reader, opts ...OpenOption) (*Reader[V], error) {
	in, err := arrive[R, From, To](ctx, b, register, src, Records, P(nil).Packing(), opts)
	if err != nil {
		return nil, err
	}
	return &Reader[V]{incoming: *in, unpack: func(d *packing.Decoder, record []byte, v *V) error { return d.Decode(record, P(v)) }}, nil
}

// All returns the views in their order. The last pair is an error, unless the
// parcel is whole. Each view is the caller's; it is authentic when it comes, but
// only a parcel without an error is complete. Who stops early can go on with
// another All.
func (r *Reader[V]) All() iter.Seq2[*V, error] {
	return func(yield func(*V, error) bool) {
		for {
			record, err := r.next()
			if err == io.EOF {
				return
			}
			v := new(V)
			if err == nil {
				err = r.decode(record, v)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// decode unpacks a record. One that does not unpack ends the parcel: sender and
// receiver do not mean the same.
func (r *Reader[V]) decode(record []byte, v *V) error {
	err := r.unpack(&r.decoder, record, v)
	if err == nil {
		return nil
	}
	err = &RecordError{Record: r.body.count - 1, Detail: "it does not unpack", cause: err}
	r.body.close(err)
	return err
}

// arrive begins to receive a parcel over route R.
func arrive[R zone.Route, From, To zone.Zone](ctx context.Context, b *zone.Border, register Register, src io.Reader, payload Payload, schema *packing.Schema, opts []OpenOption) (*incoming, error) {
	border, ok := b.Handover(handover.NewPass())
	if !ok {
		return nil, &StateError{"there is no border: open one with Open of the generated zones package"}
	}
	r, err := receiverOf[From, To](border.Keys)
	if err != nil {
		return nil, err
	}
	var route R
	w := &wanted{
		route: route.RouteName(), payload: payload,
		policy: border.Policy, digest: border.Digest, register: register, now: border.Clock(),
	}
	if schema != nil {
		w.typ = schema.Type()
		w.schema = func(h *Header) error { return sameSchema(h, schema) }
	}
	return r.receive(ctx, src, w, newOpenOptions(opts))
}

// sameSchema wants the schema of the header to be the one of the view.
func sameSchema(h *Header, want *packing.Schema) error {
	if h.Type != want.Type() {
		return &SchemaError{Type: want.Type(), Detail: "it carries " + h.Type}
	}
	got, err := packing.ParseSchema(h.Schema)
	if err != nil {
		return malformedHeader("the schema is none")
	}
	if differs := got.Differs(want); differs != "" {
		return &SchemaError{Type: want.Type(), Detail: differs}
	}
	return nil
}

// receiverOf returns the keys of a way out of a keyring.
func receiverOf[From, To zone.Zone](ring *crypto.Keyring) (*receiver, error) {
	from, to := nameOf[From](), nameOf[To]()
	if ring == nil {
		return nil, &KeysError{to, "open", &crypto.NoKeysError{Zone: to, Use: crypto.UseBox}}
	}
	own, err := crypto.KeysOf[To](ring)
	if err != nil {
		return nil, &KeysError{to, "open", err}
	}
	far, err := crypto.PublicKeysOf[From](ring)
	if err != nil {
		return nil, &KeysError{from, "verify", err}
	}
	r := newReceiver(from, to, own, far)
	return &r, nil
}
