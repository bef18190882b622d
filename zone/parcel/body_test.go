package parcel

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
)

// TestRoundTrip sends records of every length that meets the edge of a piece,
// with each number of workers.
func TestRoundTrip(t *testing.T) {
	lists := map[string][]int{
		"none":                nil,
		"an empty one":        {0},
		"three empty ones":    {0, 0, 0},
		"one byte":            {1},
		"small ones":          {10, 0, 1000, 3},
		"larger than a piece": {pieceSize * 5 / 2, 1},
	}
	for _, at := range []int{-17, -16, -13, -12, -5, -4, -3, -1, 0, 1} {
		lists[fmt.Sprintf("up to %+d", at)] = []int{pieceSize - 4 + at}
		lists[fmt.Sprintf("up to %+d of the second", at)] = []int{100, 2*pieceSize - 108 + at, 7}
	}
	e := newEnds(t)
	for name, lengths := range lists {
		var want [][]byte
		for i, n := range lengths {
			want = append(want, pattern(n, byte(i)))
		}
		for workers := 1; workers <= 4; workers++ {
			t.Run(fmt.Sprintf("%s/%d", name, workers), func(t *testing.T) {
				var b bytes.Buffer
				w := e.begin(t, &b, WithWorkers(workers))
				for _, record := range want {
					if err := w.add(record); err != nil {
						t.Fatal(err)
					}
				}
				finish(t, w)
				got, err := e.open(b.Bytes(), WithWorkers(workers))
				if err != nil || !same(got, want) {
					t.Errorf("%d records of %d, same: %t, err %v", len(got), len(want), same(got, want), err)
				}
			})
		}
	}
}

// TestOneByteAtATime reads from a source that gives little.
func TestOneByteAtATime(t *testing.T) {
	e := newEnds(t)
	want := [][]byte{pattern(3000, 1), pattern(pieceSize, 2)}
	data := e.seal(t, want...)
	for _, src := range []io.Reader{iotest.OneByteReader(bytes.NewReader(data)), iotest.HalfReader(bytes.NewReader(data)), iotest.DataErrReader(bytes.NewReader(data))} {
		in := must[*incoming](t)(e.receive(src, nil))
		got, err := all(in.body)
		if err != nil || !same(got, want) {
			t.Errorf("%d records, err %v", len(got), err)
		}
	}
}

func TestMaxRecord(t *testing.T) {
	e := newEnds(t)
	w := e.begin(t, io.Discard)
	wantError[*RecordError](t, "one byte too many", w.add(make([]byte, MaxRecord+1)))
	if err := w.add([]byte("fits")); err != nil {
		t.Errorf("after a record that was too long: %v", err)
	}
	data := e.seal(t, pattern(10, 1), pattern(11, 2))
	got, err := e.open(data, WithMaxRecord(10))
	if wantError[*RecordError](t, "longer than accepted", err); len(got) != 1 {
		t.Errorf("%d records before the error, want 1", len(got))
	}
}

// TestLargestRecord sends what a parcel carries at most.
func TestLargestRecord(t *testing.T) {
	if testing.Short() {
		t.Skip("64 MiB")
	}
	e := newEnds(t)
	want := pattern(MaxRecord, 3)
	got, err := e.open(e.seal(t, want))
	if err != nil || len(got) != 1 || !bytes.Equal(got[0], want) {
		t.Errorf("%d records, err %v", len(got), err)
	}
}

// failing fails after some bytes.
type failing struct {
	left int
	err  error
}

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, f.err
	}
	return len(b), nil
}

func TestWriteErrors(t *testing.T) {
	disk := errors.New("no space")
	e := newEnds(t)
	for _, workers := range []int{1, 3} {
		for _, after := range []int{0, 100, 5000, sealedSize + 5000} {
			dst := &failing{left: after, err: disk}
			w, err := e.s.begin(context.Background(), testHeader(), monday, dst, must[*createOptions](t)(newCreateOptions([]CreateOption{WithWorkers(workers)})))
			for i := 0; err == nil && i < 40; i++ {
				err = w.add(make([]byte, pieceSize/4))
			}
			if err == nil {
				t.Fatal("a full disk is not noticed")
			}
			if !errors.Is(err, disk) {
				t.Errorf("err = %v, want that of the disk", err)
			}
			if w != nil {
				if again := w.finish(); !errors.Is(again, disk) {
					t.Errorf("after an error the parcel goes on: %v", again)
				}
			}
		}
	}
}

func TestReadErrors(t *testing.T) {
	e := newEnds(t)
	data := e.seal(t, pattern(pieceSize*2, 1))
	broken := errors.New("connection reset")
	for _, at := range []int{0, 10, 700, len(data) / 2, len(data) - 1, len(data)} {
		in, err := e.receive(io.MultiReader(bytes.NewReader(data[:at]), iotest.ErrReader(broken)), nil)
		if err == nil {
			_, err = all(in.body)
		}
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: err = %v, want that of the connection", at, err)
		}
	}
}

func TestCancel(t *testing.T) {
	e := newEnds(t)
	data := e.seal(t, pattern(pieceSize*3, 1))
	ctx, cancel := context.WithCancel(context.Background())
	in, err := e.r.receive(ctx, bytes.NewReader(data), &wanted{payload: Bytes, register: AcceptReplays(), now: monday}, newOpenOptions(nil))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := all(in.body); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: err = %v, want context.Canceled", err)
	}

	for _, workers := range []int{1, 2} {
		ctx, cancel := context.WithCancel(context.Background())
		w := must[*bodyWriter](t)(e.s.begin(ctx, testHeader(), monday, io.Discard, must[*createOptions](t)(newCreateOptions([]CreateOption{WithWorkers(workers)}))))
		cancel()
		err := w.add(make([]byte, 3*pieceSize))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("writing: err = %v, want context.Canceled", err)
		}
		if err := w.finish(); !errors.Is(err, context.Canceled) {
			t.Errorf("finishing: err = %v, want context.Canceled", err)
		}
	}
	ctx, cancel = context.WithCancel(context.Background())
	w := must[*bodyWriter](t)(e.s.begin(ctx, testHeader(), monday, io.Discard, must[*createOptions](t)(newCreateOptions(nil))))
	cancel()
	if err := w.finish(); !errors.Is(err, context.Canceled) {
		t.Errorf("finishing a small one: err = %v, want context.Canceled", err)
	}
}

// TestUnfinished: what was not ended does not open to its end.
func TestUnfinished(t *testing.T) {
	e := newEnds(t)
	for _, workers := range []int{1, 2} {
		var b bytes.Buffer
		w := e.begin(t, &b, WithWorkers(workers))
		if err := w.add(pattern(5*pieceSize, 1)); err != nil {
			t.Fatal(err)
		}
		w.close(&StateError{"aborted"})
		wantError[*StateError](t, "adding after the end", w.add(nil))
		_, err := e.open(b.Bytes())
		wantError[*TruncatedError](t, "an aborted parcel", err)
	}
	var b bytes.Buffer
	w := e.begin(t, &b)
	if err := w.finish(); err != nil {
		t.Fatal(err)
	}
	_, err := e.open(b.Bytes())
	wantError[*TruncatedError](t, "a parcel that was finished but not ended", err)
}

// TestWiped looks for plaintext in the buffers that go back.
func TestWiped(t *testing.T) {
	e := newEnds(t)
	secret := bytes.Repeat([]byte("secret! "), 5000)
	var b bytes.Buffer
	w := e.begin(t, &b, WithWorkers(1))
	w.add(secret)
	cur := w.cur
	finish(t, w)
	if got := cur.buf[:cap(cur.buf)]; bytes.Contains(got, []byte("secret!")) {
		t.Error("the buffer of a written piece holds plaintext")
	}
	in := must[*incoming](t)(e.receive(bytes.NewReader(b.Bytes()), nil, WithWorkers(1)))
	if _, err := in.next(); err != nil {
		t.Fatal(err)
	}
	cur = in.body.cur
	in.Close()
	if got := cur.buf[:cap(cur.buf)]; bytes.Contains(got, []byte("secret!")) {
		t.Error("the buffer of a read piece holds plaintext")
	}
	_, err := in.next()
	wantError[*StateError](t, "reading after Close", err)
}

// rawBody seals a plaintext that no writer would write.
func rawBody(t testing.TB, plain []byte) *bodyReader {
	t.Helper()
	k := benchKey(t)
	var b bytes.Buffer
	for i := uint64(0); ; i++ {
		n := min(len(plain), pieceSize)
		f := frame{index: i, length: sealedLen(n), final: n == len(plain)}
		if err := k.seal(&b, f, plain[:n]); err != nil {
			t.Fatal(err)
		}
		if plain = plain[n:]; f.final {
			break
		}
	}
	return newBodyReader(context.Background(), &b, k, 1, MaxRecord)
}

// TestAuthenticNonsense reads bodies whose sender made a mistake.
func TestAuthenticNonsense(t *testing.T) {
	mark := func(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{0xff, 0xff, 0xff, 0xff}, n) }
	malformed := func(err error) bool { var e *MalformedError; return errors.As(err, &e) }
	for _, c := range []struct {
		name  string
		plain []byte
		is    func(error) bool
	}{
		{"no end mark", []byte{0, 0, 0, 1, 'x'}, malformed},
		{"half an end mark", []byte{0xff, 0xff, 0xff, 0xff, 0, 0}, malformed},
		{"a record that does not end", []byte{0, 0, 1, 0, 'x'}, malformed},
		{"half a length", []byte{0, 0}, malformed},
		{"something after the end mark", append(mark(0), 0), malformed},
		{"an impossible count", mark(1 << 63), malformed},
		{"a piece after the end mark", append(mark(0), make([]byte, pieceSize)...), malformed},
		{"too many announced", mark(1), func(err error) bool { var e *CountError; return errors.As(err, &e) && e.Marked == 1 && e.Read == 0 }},
		{"a record that is too long", binary.BigEndian.AppendUint32(nil, MaxRecord+1), func(err error) bool { var e *RecordError; return errors.As(err, &e) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rawBody(t, c.plain)
			_, err := all(r)
			if !c.is(err) {
				t.Errorf("err = %v (%T)", err, err)
			}
			if _, again := r.next(); again != err {
				t.Errorf("the error does not stick: %v, then %v", err, again)
			}
		})
	}
}

func TestLengths(t *testing.T) {
	k := benchKey(t)
	for _, n := range []int{1, 2, segmentSize - saltSize - tagSize - 1, segmentSize - saltSize - tagSize, segmentSize - saltSize - tagSize + 1,
		2*segmentSize - saltSize - 2*tagSize, 2*segmentSize - saltSize - 2*tagSize + 1, pieceSize - 1, pieceSize} {
		var b bytes.Buffer
		if err := k.seal(&b, frame{length: sealedLen(n), final: true}, make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		if got := b.Len() - frameSize; got != sealedLen(n) || plainLen(got) != n {
			t.Errorf("%d bytes: ciphertext has %d bytes, sealedLen %d, plainLen %d", n, got, sealedLen(n), plainLen(got))
		}
	}
	if sealedLen(pieceSize) != sealedSize {
		t.Errorf("a full piece has %d bytes of ciphertext, want %d", sealedLen(pieceSize), sealedSize)
	}
}
