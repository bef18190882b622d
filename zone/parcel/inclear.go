package parcel

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/internal/handover"
	"github.com/sekisho-go/sekisho/zone/internal/packing"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// KeysInClear is for package inclear: the keys of the two ends of a parcel.
type KeysInClear[From, To crypto.Zone] struct {
	From, To string // names of the zones

	Sign   *crypto.Keys[From]       // to seal
	Box    *crypto.PublicKeys[To]   // to seal
	Open   *crypto.Keys[To]         // to open
	Verify *crypto.PublicKeys[From] // to open

	Now time.Time // by the clock of whoever seals or opens
}

// Contents is for package inclear: a parcel without the types of what it carries.
type Contents struct {
	incoming
	schema *packing.Schema
}

var errNoPass = &StateError{"this is for package inclear alone"}

// OpenInClear is for package inclear, which documents it: nobody else can make a
// Pass.
func OpenInClear[From, To crypto.Zone](ctx context.Context, pass handover.Pass, k KeysInClear[From, To], p *policy.Policy, payload Payload, register Register, src io.Reader, opts ...OpenOption) (*Contents, error) {
	if !pass.Issued() {
		return nil, errNoPass
	}
	r := newReceiver(k.From, k.To, k.Open, k.Verify)
	w := &wanted{payload: payload, policy: p, register: register, now: k.Now}
	if p != nil {
		w.digest = p.Digest()
	}
	in, err := r.receive(ctx, src, w, newOpenOptions(opts))
	if err != nil {
		return nil, err
	}
	c := &Contents{incoming: *in}
	if payload == Records {
		if c.schema, err = packing.ParseSchema(in.header.Schema); err != nil {
			return nil, malformedHeader("the schema is none")
		}
	}
	return c, nil
}

// JSON writes the records as JSON, one line each, up to the end of the parcel.
func (c *Contents) JSON(dst io.Writer) error {
	var line []byte
	defer func() { clear(line[:cap(line)]) }()
	for {
		record, err := c.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if line, err = c.schema.AppendJSON(line[:0], record); err != nil {
			return &RecordError{Record: c.body.count - 1, Detail: "it is none of the schema", cause: err}
		}
		line = append(line, '\n')
		if _, err := (entire{dst}).Write(line); err != nil {
			return fmt.Errorf("parcel: not written: %w", err)
		}
	}
}

// File writes the bytes of the file, up to the end of the parcel.
func (c *Contents) File(dst io.Writer) error {
	r := &FileReader{incoming: c.incoming}
	_, err := r.WriteTo(dst)
	return err
}

// CreateFileInClear is for package inclear, which documents it.
func CreateFileInClear[From, To crypto.Zone](ctx context.Context, pass handover.Pass, k KeysInClear[From, To], p *policy.Policy, route *policy.Route, f File, class string, dst io.Writer, opts ...CreateOption) (*FileWriter, error) {
	if !pass.Issued() {
		return nil, errNoPass
	}
	o, err := newCreateOptions(opts)
	if err != nil {
		return nil, err
	}
	digest := p.Digest()
	if err := FilePasses(p, digest, route, class); err != nil {
		return nil, err
	}
	h := fileHeader(f, class)
	h.Policy, h.Digest, h.Route, h.Clause = p.Name, digest, route.Key(), route.Clause
	s := newSender(k.From, k.To, k.Sign, k.Box)
	body, err := s.begin(ctx, h, k.Now, dst, o)
	if err != nil {
		return nil, err
	}
	return &FileWriter{outgoing: outgoing{header: h, body: body}}, nil
}
