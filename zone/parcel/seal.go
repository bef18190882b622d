package parcel

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
)

// sender has the keys of the zone that a parcel leaves and of the one that it
// is for. Functions in place of keys let one body of code serve all zones.
type sender struct {
	from, to string
	sign     func(message []byte) ([]byte, error)
	box      func(plaintext, info []byte) ([]byte, error)
}

func newSender[From, To crypto.Zone](from, to string, own *crypto.Keys[From], far *crypto.PublicKeys[To]) sender {
	return sender{
		from: from, to: to,
		sign: func(message []byte) ([]byte, error) { return crypto.Sign(own, message) },
		box:  func(plaintext, info []byte) ([]byte, error) { return crypto.SealBox(far, plaintext, info) },
	}
}

// The names of algorithms in headers, which are those of policies and reports.
const (
	signAlgorithm  = "Ed25519"
	boxX25519      = "HPKE-X25519-HKDF-SHA256-AES-256-GCM"
	boxXWing       = "HPKE-X-WING-AES-256-GCM"
	boxX25519Bytes = 32 // of the encapsulated key (RFC 9180, 7.1)
	boxXWingBytes  = 1120
	boxPrefix      = 5 // 0x01 and the id of the key
)

// keys learns which keys are in use by using them on nothing: the header names
// them before it can be signed.
func (s *sender) keys() (box, sign Key, err error) {
	probe, err := s.box(nil, []byte("sekisho parcel 1 probe\n"))
	if err != nil {
		return Key{}, Key{}, &KeysError{s.to, "box", err}
	}
	box.ID = crypto.KeyID(probe)
	switch len(probe) - boxPrefix - tagSize {
	case boxX25519Bytes:
		box.Algorithm = boxX25519
	case boxXWingBytes:
		box.Algorithm = boxXWing
	default:
		return Key{}, Key{}, &FormatError{Algorithm: "box"}
	}
	if probe, err = s.sign([]byte("sekisho parcel 1 probe\n")); err != nil {
		return Key{}, Key{}, &KeysError{s.from, "sign", err}
	}
	return box, Key{signAlgorithm, crypto.KeyID(probe)}, nil
}

// begin writes the two lines of a parcel to dst and returns what writes its
// body. What the header must say besides, the caller has filled in.
func (s *sender) begin(ctx context.Context, h *Header, now time.Time, dst io.Writer, o *createOptions) (*bodyWriter, error) {
	var err error
	var id [16]byte
	dst = entire{dst}
	key := make([]byte, keySize)
	defer clear(key)
	rand.Read(id[:])
	rand.Read(key)
	h.Format, h.ID, h.From, h.To, h.Stream = formatNumber, hex.EncodeToString(id[:]), s.from, s.to, streamAlgorithm
	h.SealedAt = now.UTC().Truncate(time.Second)
	h.Expires = now.Add(o.lifetime).UTC().Truncate(time.Second)
	if h.Box, h.Sign, err = s.keys(); err != nil {
		return nil, err
	}
	line1, line2, err := s.lines(h, key)
	if err != nil {
		return nil, err
	}
	k, err := newBodyKey(key, line1, line2)
	if err != nil {
		return nil, fmt.Errorf("parcel: %w", err)
	}
	for _, line := range [][]byte{line1, line2} {
		if _, err := dst.Write(line); err != nil {
			return nil, fmt.Errorf("parcel: not written: %w", err)
		}
	}
	return newBodyWriter(ctx, dst, k, o.workers), nil
}

// lines returns the two lines of the parcel that has the header.
func (s *sender) lines(h *Header, key []byte) (line1, line2 []byte, err error) {
	if line1, err = h.line(); err != nil {
		return nil, nil, err
	}
	wrapped, err := s.box(key, boxInfo(line1))
	if err != nil {
		return nil, nil, &KeysError{s.to, "box", err}
	}
	signature, err := s.sign(signed(line1, wrapped))
	if err != nil {
		return nil, nil, &KeysError{s.from, "sign", err}
	}
	if crypto.KeyID(wrapped) != h.Box.ID || crypto.KeyID(signature) != h.Sign.ID {
		return nil, nil, &StateError{"the keys were rotated while the parcel was begun: begin it again"}
	}
	line2, err = newKeyLine(wrapped, signature)
	return line1, line2, err
}

// outgoing is a parcel that is being written, whatever it carries.
type outgoing struct {
	header *Header
	body   *bodyWriter
	end    crossing
	over   bool
}

// crossing is what ends with the parcel. Of a parcel that a tool seals there is
// none, and the functions are nil.
type crossing struct {
	admitted func() int64 // how many records crossed
	commit   func() error
	abort    func()
}

// Header returns the label of the parcel.
func (w *outgoing) Header() Header { return *w.header }

// Close ends the parcel and commits the crossing, in this order: it writes
// everything but the last piece, commits, and writes the last piece. So a
// parcel that opens to its end belongs to a crossing whose end is in the audit
// log; and when anything fails before, the crossing is aborted.
//
// It is an error when another number of records was added than announced, when
// more were added than views of their type crossed, and when dst or the audit log takes no more.
// Where dst is a file, sync it afterwards. After Close and Abort, Close returns
// a [*StateError].
func (w *outgoing) Close() error {
	if w.over {
		return &StateError{"the parcel is over already"}
	}
	if err := w.close(); err != nil {
		w.Abort()
		return err
	}
	w.over = true
	return nil
}

func (w *outgoing) close() error {
	if err := w.counts(); err != nil {
		return err
	}
	if err := w.body.finish(); err != nil {
		return err
	}
	if w.end.commit != nil {
		if err := w.end.commit(); err != nil {
			return err
		}
	}
	return w.body.end()
}

func (w *outgoing) counts() error {
	if n := w.header.Count; n != nil && *n != w.body.count {
		return &CountError{Announced: *n, Marked: -1, Read: w.body.count}
	}
	if w.end.admitted == nil || w.header.Payload == Bytes {
		return nil
	}
	if n := w.end.admitted(); w.body.count > n {
		return &StateError{fmt.Sprintf("it has %d records, and %d of type %s crossed: add what crossed under this crossing, once", w.body.count, n, w.header.Type)}
	}
	return nil
}

// Abort leaves the parcel unfinished, so that it never opens to its end, and
// aborts the crossing. After Close it does nothing, so it is deferred right
// after the parcel was created.
func (w *outgoing) Abort() {
	if w.over {
		return
	}
	w.over = true
	w.body.close(&StateError{"the parcel was aborted"})
	if w.end.abort != nil {
		w.end.abort()
	}
}
