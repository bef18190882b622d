package parcel

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// receiver has the keys of the zone that a parcel is for and of the one that it
// left.
type receiver struct {
	from, to string
	opens    func(box, info []byte) ([]byte, error)
	verify   func(signature, message []byte) error
	known    func() uint32 // id of the key that the far side signs with now, as far as is known here
}

func newReceiver[From, To crypto.Zone](from, to string, own *crypto.Keys[To], far *crypto.PublicKeys[From]) receiver {
	return receiver{
		from: from, to: to, known: func() uint32 { return signer(far) },
		opens:  func(box, info []byte) ([]byte, error) { return crypto.OpenBox(own, box, info) },
		verify: func(signature, message []byte) error { return crypto.Verify(far, signature, message) },
	}
}

// signer returns the id of the key that a zone signs with now, 0 when it is not
// known.
func signer[Z crypto.Zone](k *crypto.PublicKeys[Z]) uint32 {
	id, _ := k.Primary(crypto.UseVerify)
	return id
}

// label is the two lines of a parcel as they were read.
type label struct {
	header             *Header
	line1, line2       []byte
	wrapped, signature []byte
	src                *bufio.Reader // stands at the body
}

// readLabel reads the two lines and trusts nothing.
func readLabel(src io.Reader) (*label, error) {
	l := &label{src: bufio.NewReaderSize(src, headerLimit)}
	var err error
	if l.line1, err = readLine(l.src, "header", headerLimit); err != nil {
		return nil, err
	}
	if l.header, err = parseHeader(l.line1); err != nil {
		return nil, err
	}
	if l.line2, err = readLine(l.src, "key line", linesLimit); err != nil {
		return nil, err
	}
	l.wrapped, l.signature, err = parseKeyLine(l.line2)
	return l, err
}

// readLine returns a line with its line feed. Of line 1 it wants the first bytes
// first, so that what is no parcel is not read in search of a line feed.
func readLine(src *bufio.Reader, part string, limit int) ([]byte, error) {
	if part == "header" {
		if head, err := src.Peek(len(magic)); !bytes.HasPrefix([]byte(magic), head) || len(head) == 0 {
			if err != nil && err != io.EOF {
				return nil, reading(err)
			}
			return nil, &MalformedError{part, "it does not begin as parcels do"}
		}
	}
	line, err := src.ReadSlice('\n')
	switch {
	case err == bufio.ErrBufferFull || len(line) > limit:
		return nil, &MalformedError{part, fmt.Sprintf("no line feed within %d bytes", limit)}
	case err == io.EOF:
		return nil, &TruncatedError{}
	case err != nil:
		return nil, reading(err)
	}
	return bytes.Clone(line), nil
}

// authenticate verifies the signature over the lines. Only what the signature
// itself needs is looked at before.
func (r *receiver) authenticate(l *label) error {
	h := l.header
	if h.From != r.from {
		return &SenderError{Zone: r.from}
	}
	if crypto.KeyID(l.signature) != h.Sign.ID || crypto.KeyID(l.wrapped) != h.Box.ID {
		return &AlteredError{Part: PartLines}
	}
	err := r.verify(l.signature, signed(l.line1, l.wrapped))
	var bad *crypto.SignatureError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &bad):
		return &KeysError{r.from, "verify", err}
	}
	// A key that was retired is known, too, and not told from one that never was
	// here: to import the sender's public keys again helps where anything does.
	if r.known() != h.Sign.ID {
		return &SenderError{Zone: r.from, KeyID: h.Sign.ID}
	}
	return &AlteredError{Part: PartLines}
}

// unwrap returns the stream key. It comes after the signature: a wrapped key
// that does not open is then not an altered one, but one for somebody else.
func (r *receiver) unwrap(l *label) ([]byte, error) {
	key, err := r.opens(l.wrapped, boxInfo(l.line1))
	var closed *crypto.OpenError
	switch {
	case errors.As(err, &closed):
		return nil, &RecipientError{Zone: r.to, KeyID: l.header.Box.ID}
	case err != nil:
		return nil, &KeysError{r.to, "open", err}
	case len(key) != keySize:
		clear(key)
		return nil, &MalformedError{"key line", "the stream key has a wrong length"}
	}
	return key, nil
}

// wanted is what a parcel is held against once it is known to be authentic.
type wanted struct {
	route    string // key; empty: any
	payload  Payload
	typ      string         // of records: their type
	policy   *policy.Policy // in force; nil: whatever the sender says
	digest   string
	schema   func(*Header) error // nil: any
	register Register
	now      time.Time
}

// check holds the header against what is wanted.
func (w *wanted) check(h *Header, to string, o *openOptions) error {
	switch {
	case h.To != to:
		return &RecipientError{Zone: to}
	case h.Stream != streamAlgorithm:
		return &FormatError{Algorithm: "stream"}
	case w.route != "" && h.Route != w.route:
		return &RouteError{Got: h.Route, Want: w.route}
	case w.now.Add(o.skew).Before(h.SealedAt):
		return &FutureError{SealedAt: h.SealedAt}
	case !w.now.Add(-o.skew).Before(h.Expires):
		return &ExpiredError{Expires: h.Expires}
	case h.Payload != w.payload:
		return &SchemaError{Type: w.typ, Detail: fmt.Sprintf("payload %q, not %q", h.Payload, w.payload)}
	}
	if err := w.checkPolicy(h, o); err != nil {
		return err
	}
	if w.schema != nil {
		return w.schema(h)
	}
	return nil
}

// checkPolicy holds the parcel against the policy in force here: the sender's
// own may be of another edition.
func (w *wanted) checkPolicy(h *Header, o *openOptions) error {
	p := w.policy
	if p == nil {
		return nil
	}
	refuse := func(clause, format string, args ...any) error {
		return &PolicyError{Policy: h.Policy, Digest: h.Digest, Clause: clause, Detail: fmt.Sprintf(format, args...)}
	}
	if h.Policy != p.Name {
		return refuse("", "policy %q is in force here", p.Name)
	}
	if h.Digest != w.digest && !slices.Contains(o.digests, h.Digest) {
		return refuse("", "%s is in force here: bring both sides to one edition, or accept this one by its digest", w.digest)
	}
	route, ok := routeByKey(p, h.Route)
	if !ok || route.From != h.From || route.To != h.To {
		clause := ""
		if c, closed := p.ClosedRoad(h.From, h.To); closed {
			clause = c.Clause
		}
		return refuse(clause, "the policy in force here has no open route %s", h.Route)
	}
	if !route.Open(h.SealedAt.In(w.now.Location())) {
		return refuse(route.Clause, "its last day, %s, was over when it was sealed", route.Until)
	}
	far, _ := p.Zone(h.To)
	for _, c := range [...]struct{ class, most, how string }{
		{h.Class, far.Holds, "holds"}, {h.SealedClass, far.CarriesClass(), "carries sealed"},
	} {
		level, known := p.Scale().Level(c.class)
		most, _ := p.Scale().Level(c.most)
		if c.class != "" && (!known || level > most) {
			return refuse(route.Clause, "it has class %s, and zone %s %s %s at most", c.class, h.To, c.how, c.most)
		}
	}
	return nil
}

func routeByKey(p *policy.Policy, key string) (*policy.Route, bool) {
	for i := range p.Routes {
		if r := &p.Routes[i]; r.Key() == key {
			return p.Route(r.From, r.To, r.Name)
		}
	}
	return nil, false
}

// incoming is a parcel that is being read, whatever it carries.
type incoming struct {
	header   *Header
	body     *bodyReader
	register Register
	receipt  Receipt
	ctx      context.Context
	finished bool
}

// receive reads and checks the lines, enters the parcel in the register, and
// returns what reads the body.
func (r *receiver) receive(ctx context.Context, src io.Reader, w *wanted, o *openOptions) (*incoming, error) {
	if w.register == nil {
		return nil, &StateError{"there is no register: open one with OpenRegister, or say AcceptReplays where a parcel may come twice"}
	}
	l, err := readLabel(src)
	if err != nil {
		return nil, err
	}
	if err := r.authenticate(l); err != nil {
		return nil, err
	}
	if err := w.check(l.header, r.to, o); err != nil {
		return nil, err
	}
	key, err := r.unwrap(l)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	k, err := newBodyKey(key, l.line1, l.line2)
	if err != nil {
		return nil, fmt.Errorf("parcel: %w", err)
	}
	in := &incoming{
		header: l.header, register: w.register, ctx: ctx,
		receipt: Receipt{From: r.from, ID: l.header.ID, Expires: l.header.Expires, Resume: o.resume},
	}
	if err := w.register.Begin(ctx, in.receipt); err != nil {
		return nil, err
	}
	in.body = newBodyReader(ctx, l.src, k, o.workers, o.longest)
	return in, nil
}

// Header returns the label of the parcel, which its sender signed.
func (r *incoming) Header() Header { return *r.header }

// next returns the next record, valid until the next call, and io.EOF after the
// last.
func (r *incoming) next() ([]byte, error) {
	record, err := r.body.next()
	if err == io.EOF && r.header.Count != nil && *r.header.Count != r.body.count {
		err = &CountError{Announced: *r.header.Count, Marked: r.body.marked, Read: r.body.count}
		r.body.err = err
	}
	return record, err
}

// Finish says that everything that was to be done with the records is done and
// durable: the register then refuses the parcel for ever. It is an error, a
// [*StateError], when the parcel was not read to its end.
//
// Where the process ends before, the parcel counts as begun, and opens again
// with [Resume] only.
func (r *incoming) Finish() error {
	if r.finished {
		return nil
	}
	if r.body.err != io.EOF {
		return &StateError{"the parcel was not read to its end: it cannot be finished"}
	}
	if err := r.register.Finish(r.ctx, r.receipt); err != nil {
		return err
	}
	r.finished = true
	return nil
}

// Close wipes what is in memory. It does not finish the parcel. Reading returns
// a [*StateError] afterwards.
func (r *incoming) Close() { r.body.close(&StateError{"the parcel is closed"}) }
