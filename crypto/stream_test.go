package crypto_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/sekisho-go/sekisho/crypto"
)

// The layout of a stream, which tests of its edges need: a header, then segments of
// 1 MiB, the first of which the header is part of, each with its tag.
const (
	streamHeader  = 1 + 32 + 7
	streamSegment = 1 << 20
	streamTag     = 16
)

// pattern returns n bytes no two stretches of which are alike.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 2654435761 >> 13)
	}
	return b
}

func encrypted(t testing.TB, k *crypto.Keys[myNumber], plaintext, ad []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := crypto.EncryptTo(k, &buf, ad)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plaintext); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// decrypted returns what was read before the error.
func decrypted(t testing.TB, k *crypto.Keys[myNumber], r io.Reader, ad []byte) ([]byte, error) {
	t.Helper()
	in, err := crypto.DecryptFrom(k, r, ad)
	if err != nil {
		t.Fatal(err)
	}
	return io.ReadAll(in)
}

func TestStreamRoundTrip(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	first := streamSegment - streamHeader - streamTag // what the first segment holds
	for _, n := range []int{0, 1, 15, first - 1, first, first + 1, first + streamSegment - streamTag, 3*streamSegment + 7} {
		plaintext := pattern(n)
		ct := encrypted(t, k, plaintext, []byte("ad"))
		for what, wrap := range map[string]func(io.Reader) io.Reader{
			"at once": func(r io.Reader) io.Reader { return r },
			"halves":  iotest.HalfReader,
			"eof":     iotest.DataErrReader,
		} {
			if got, err := decrypted(t, k, wrap(bytes.NewReader(ct)), []byte("ad")); err != nil || !bytes.Equal(got, plaintext) {
				t.Errorf("%d bytes, %s: %d bytes, %v", n, what, len(got), err)
			}
		}
		if bytes.Equal(ct, encrypted(t, k, plaintext, []byte("ad"))) {
			t.Errorf("%d bytes: encrypting twice gives the same", n)
		}
	}
	r, err := crypto.DecryptFrom(k, bytes.NewReader(encrypted(t, k, []byte("value"), nil)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(r, []byte("value")); err != nil {
		t.Error(err)
	}
}

// wantCut wants a stream that does not open to its end: what was read before is a
// part of the plaintext, made of whole segments.
func wantCut(t *testing.T, what string, got, plaintext []byte, err error) {
	t.Helper()
	var e *crypto.OpenError
	if !errors.As(err, &e) || e.Zone != "mynumber" {
		t.Errorf("%s: err = %v, want an *OpenError", what, err)
	}
	first := streamSegment - streamHeader - streamTag
	if whole := len(got) == 0 || (len(got)-first)%(streamSegment-streamTag) == 0; !whole || !bytes.HasPrefix(plaintext, got) {
		t.Errorf("%s: %d bytes were read that are not whole segments of the plaintext", what, len(got))
	}
}

// TestStreamTruncation cuts a stream at every place around the edges of its
// segments.
func TestStreamTruncation(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	plaintext := pattern(2*streamSegment + 100)
	ct := encrypted(t, k, plaintext, nil)
	cuts := map[int]bool{}
	for _, edge := range []int{0, 1, streamHeader, streamHeader + streamTag, streamSegment, streamSegment + streamTag, 2 * streamSegment, 2*streamSegment + streamTag, len(ct)} {
		for n := edge - 3; n <= edge+3; n++ {
			if n >= 0 && n < len(ct) {
				cuts[n] = true
			}
		}
	}
	for n := range cuts {
		got, err := decrypted(t, k, bytes.NewReader(ct[:n]), nil)
		wantCut(t, fmt.Sprintf("cut to %d of %d bytes", n, len(ct)), got, plaintext, err)
	}
	got, err := decrypted(t, k, bytes.NewReader(append(slices.Clone(ct), 0)), nil)
	wantCut(t, "a byte more", got, plaintext, err)
	small := encrypted(t, k, []byte("value"), nil)
	for n := range small {
		got, err := decrypted(t, k, bytes.NewReader(small[:n]), nil)
		wantCut(t, fmt.Sprintf("the small one cut to %d bytes", n), got, nil, err)
	}
}

// TestStreamMutations changes every bit of a small stream, and bits around the edges
// of a large one.
func TestStreamMutations(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	small := encrypted(t, k, []byte("a value"), nil)
	for i := range small {
		for bit := range 8 {
			small[i] ^= 1 << bit
			got, err := decrypted(t, k, bytes.NewReader(small), nil)
			wantCut(t, fmt.Sprintf("bit %d of byte %d", bit, i), got, nil, err)
			small[i] ^= 1 << bit
		}
	}
	plaintext := pattern(2*streamSegment + 100)
	ct := encrypted(t, k, plaintext, nil)
	for _, i := range []int{0, 1, streamHeader - 1, streamHeader, streamSegment - 1, streamSegment, 2*streamSegment - 1, 2 * streamSegment, len(ct) - 1} {
		ct[i] ^= 0x10
		got, err := decrypted(t, k, bytes.NewReader(ct), nil)
		wantCut(t, fmt.Sprintf("byte %d", i), got, plaintext, err)
		if want := max(0, i/streamSegment*(streamSegment-streamTag)-streamHeader); len(got) != want {
			t.Errorf("byte %d: %d bytes were read, want the %d before the segment", i, len(got), want)
		}
		ct[i] ^= 0x10
	}
}

// TestStreamParts puts segments where they do not belong.
func TestStreamParts(t *testing.T) {
	r := ephemeral(t)
	k := keysOf[myNumber](t, r)
	plaintext := pattern(4*streamSegment - 200)
	a, b := encrypted(t, k, plaintext, []byte("ad")), encrypted(t, k, plaintext, []byte("ad"))
	part := func(ct []byte, i int) []byte { return ct[i*streamSegment : min((i+1)*streamSegment, len(ct))] }
	for what, parts := range map[string][][]byte{
		"swapped":              {part(a, 0), part(a, 2), part(a, 1), part(a, 3)},
		"one twice":            {part(a, 0), part(a, 1), part(a, 1), part(a, 2), part(a, 3)},
		"one left out":         {part(a, 0), part(a, 2), part(a, 3)},
		"the last one first":   {part(a, 3), part(a, 0)},
		"of another stream":    {part(a, 0), part(b, 1), part(a, 2), part(a, 3)},
		"the end of another":   {part(a, 0), part(a, 1), part(a, 2), part(b, 3)},
		"another beginning":    {b[:streamHeader], a[streamHeader:]},
		"two streams in a row": {a, b},
	} {
		got, err := decrypted(t, k, bytes.NewReader(slices.Concat(parts...)), []byte("ad"))
		wantCut(t, what, got, plaintext, err)
	}
	for what, ad := range map[string]string{"none": "", "another": "da", "more": "ad2"} {
		got, err := decrypted(t, k, bytes.NewReader(a), []byte(ad))
		wantCut(t, "other associated data: "+what, got, nil, err)
	}
	in, err := crypto.DecryptFrom(keysOf[lgwan](t, r), bytes.NewReader(a), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	var refused *crypto.OpenError
	if got, err := io.ReadAll(in); len(got) != 0 || !errors.As(err, &refused) || refused.Zone != "lgwan" {
		t.Errorf("in another zone: %d bytes, %v", len(got), err)
	}
}

var errWire = errors.New("the wire is cut")

// TestStreamReaderFails passes on what the reader beneath fails with, wherever that
// is, and never goes on afterwards.
func TestStreamReaderFails(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	plaintext := pattern(2 * streamSegment)
	ct := encrypted(t, k, plaintext, nil)
	for _, n := range []int{0, 1, streamHeader, streamHeader + 1, streamSegment, streamSegment + 5, len(ct) - 1} {
		for _, failure := range []error{errWire, io.ErrUnexpectedEOF, io.ErrNoProgress} {
			src := io.MultiReader(bytes.NewReader(ct[:n]), &failOnce{err: failure}, bytes.NewReader(ct[n:]))
			in, err := crypto.DecryptFrom(k, src, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(in)
			if !errors.Is(err, failure) || !bytes.HasPrefix(plaintext, got) {
				t.Errorf("%v after %d bytes: %d bytes, %v", failure, n, len(got), err)
			}
			if m, err := in.Read(make([]byte, 10)); m != 0 || !errors.Is(err, failure) {
				t.Errorf("%v after %d bytes: reading on gives %d bytes, %v", failure, n, m, err)
			}
		}
	}
}

// failOnce fails at the first read and is at its end at the next.
type failOnce struct {
	err    error
	failed bool
}

func (f *failOnce) Read([]byte) (int, error) {
	if f.failed {
		return 0, io.EOF
	}
	f.failed = true
	return 0, f.err
}

// flaky fails at the write number at, and works again afterwards.
type flaky struct {
	bytes.Buffer
	at    int
	calls int
	short bool
}

func (f *flaky) Write(p []byte) (int, error) {
	if f.calls++; f.calls == f.at {
		if f.short {
			return f.Buffer.Write(p[:len(p)/2])
		}
		return 0, errWire
	}
	return f.Buffer.Write(p)
}

// A stream in which a write failed cannot be closed as if nothing had been.
func TestStreamWriterFails(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	if _, err := crypto.EncryptTo(k, &flaky{at: 1}, nil); !errors.Is(err, errWire) {
		t.Errorf("EncryptTo err = %v, want one that wraps %v", err, errWire)
	}
	if _, err := crypto.EncryptTo(k, &flaky{at: 1, short: true}, nil); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("EncryptTo err = %v, want one that wraps %v", err, io.ErrShortWrite)
	}
	for _, short := range []bool{false, true} {
		want := errWire
		if short {
			want = io.ErrShortWrite
		}
		dst := &flaky{at: 2, short: short}
		w, err := crypto.EncryptTo(k, dst, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(pattern(2 * streamSegment)); !errors.Is(err, want) {
			t.Errorf("Write err = %v, want %v", err, want)
		}
		if _, err := w.Write([]byte("more")); !errors.Is(err, want) {
			t.Errorf("Write again err = %v, want %v", err, want)
		}
		if err := w.Close(); !errors.Is(err, want) {
			t.Errorf("Close err = %v, want %v: the stream lacks a part", err, want)
		}
		if _, err := decrypted(t, k, &dst.Buffer, nil); err == nil {
			t.Error("a stream that lacks a part opens")
		}

		dst = &flaky{at: 2, short: short} // the last segment
		w, err = crypto.EncryptTo(k, dst, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte("value"))
		if err := w.Close(); !errors.Is(err, want) {
			t.Errorf("Close err = %v, want %v", err, want)
		}
		if err := w.Close(); !errors.Is(err, want) {
			t.Errorf("Close again err = %v, want %v", err, want)
		}
	}
}

func TestStreamClosed(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	var buf bytes.Buffer
	w, err := crypto.EncryptTo(k, &buf, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("value"))
	if _, err := decrypted(t, k, bytes.NewReader(buf.Bytes()), nil); err == nil {
		t.Error("a stream that was not closed opens")
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if n, err := w.Write([]byte("more")); n != 0 || err == nil {
		t.Errorf("Write after Close = %d, %v, want an error", n, err)
	}
	if got, err := decrypted(t, k, &buf, nil); string(got) != "value" || err != nil {
		t.Errorf("the stream holds %q, %v", got, err)
	}
}

// TestStreamsDoNotPrint looks at what holds plaintext and the key of a stream.
func TestStreamsDoNotPrint(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	w, err := crypto.EncryptTo(k, io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "value")
	r, err := crypto.DecryptFrom(k, bytes.NewReader(encrypted(t, k, []byte("value"), nil)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{w, r} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			if got := fmt.Sprintf(verb, v); got != "stream(mynumber)" {
				t.Errorf("%s prints %q", verb, got)
			}
		}
		if got := slog.AnyValue(v).Resolve().String(); got != "stream(mynumber)" {
			t.Errorf("slog logs %q", got)
		}
	}
}

// What a stream that somebody else made up does to a reader: it fails, whatever is
// in it.
func FuzzStream(f *testing.F) {
	k := goldenKeys(f)
	golden := goldenBytes(f, goldenStream)
	f.Add(golden)
	f.Add(golden[:streamHeader])
	f.Add([]byte{streamHeader})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decrypted(t, k, bytes.NewReader(data), []byte(goldenInfo))
		if bytes.Equal(data, golden) {
			if err != nil || string(got) != goldenPlaintext {
				t.Errorf("the golden stream holds %q, %v", got, err)
			}
			return
		}
		wantCut(t, "a stream nobody wrote", got, nil, err)
	})
}
