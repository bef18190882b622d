package parcel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
)

// The two ends of the parcels that are tested from within: what they carry is
// plain bytes, so that the body can be anything.

type (
	ward    struct{}
	billing struct{}
)

func (ward) ZoneName() string    { return "ward" }
func (billing) ZoneName() string { return "billing" }

// must returns a value, or ends the test with the error.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// monday is when parcels are sealed.
var monday = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// ends are a sender and a receiver that know each other.
type ends struct {
	s sender
	r receiver
}

func newEnds(t testing.TB) *ends {
	t.Helper()
	ring := must[*crypto.Keyring](t)(crypto.EphemeralKeyring("hospital", "ward", "billing"))
	return endsOf(t, ring, ring)
}

// endsOf are the ends with two keyrings.
func endsOf(t testing.TB, near, far *crypto.Keyring) *ends {
	t.Helper()
	return &ends{
		s: newSender("ward", "billing", must[*crypto.Keys[ward]](t)(crypto.KeysOf[ward](near)), must[*crypto.PublicKeys[billing]](t)(crypto.PublicKeysOf[billing](near))),
		r: newReceiver("ward", "billing", must[*crypto.Keys[billing]](t)(crypto.KeysOf[billing](far)), must[*crypto.PublicKeys[ward]](t)(crypto.PublicKeysOf[ward](far))),
	}
}

const testDigest = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

func testHeader() *Header {
	return &Header{
		Policy: "hospital", Digest: testDigest, Route: "ward→billing", Clause: "7(3)①", Class: "2",
		Payload: Bytes, File: &File{Name: "診療 2026.csv", Media: "text/csv"},
	}
}

// seal writes a parcel with the records.
func (e *ends) seal(t testing.TB, records ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := e.begin(t, &b)
	for _, record := range records {
		if err := w.add(record); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, w)
	return b.Bytes()
}

func (e *ends) begin(t testing.TB, dst io.Writer, opts ...CreateOption) *bodyWriter {
	t.Helper()
	o := must[*createOptions](t)(newCreateOptions(opts))
	return must[*bodyWriter](t)(e.s.begin(context.Background(), testHeader(), monday, dst, o))
}

func finish(t testing.TB, w *bodyWriter) {
	t.Helper()
	if err := w.finish(); err != nil {
		t.Fatal(err)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
}

// receive begins to read a parcel a minute after it was sealed.
func (e *ends) receive(src io.Reader, change func(*wanted), opts ...OpenOption) (*incoming, error) {
	w := &wanted{route: "ward→billing", payload: Bytes, register: AcceptReplays(), now: monday.Add(time.Minute)}
	if change != nil {
		change(w)
	}
	return e.r.receive(context.Background(), src, w, newOpenOptions(opts))
}

// open reads a parcel as far as it goes.
func (e *ends) open(data []byte, opts ...OpenOption) (records [][]byte, err error) {
	in, err := e.receive(bytes.NewReader(data), nil, opts...)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return all(in.body)
}

// all reads records up to the end or to an error.
func all(r *bodyReader) (records [][]byte, err error) {
	for {
		record, err := r.next()
		if err == io.EOF {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		records = append(records, bytes.Clone(record))
	}
}

// pattern returns n bytes that differ from place to place.
func pattern(n int, seed byte) []byte {
	b := make([]byte, n)
	x := uint32(seed) + 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func same(a, b [][]byte) bool { return slices.EqualFunc(a, b, bytes.Equal) }

// wantError checks the type of an error and returns it.
func wantError[E error](t testing.TB, what string, err error) E {
	t.Helper()
	var want E
	if !errors.As(err, &want) {
		t.Fatalf("%s: err = %v (%T), want a %T", what, err, err, want)
	}
	return want
}

// refused reports whether an error is one of those that a changed parcel gives.
func refused(err error) bool {
	switch err.(type) {
	case *MalformedError, *FormatError, *AlteredError, *TruncatedError, *OrderError, *TrailingError, *SenderError:
		return true
	}
	return false
}
