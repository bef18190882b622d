package parcel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/sekisho-go/sekisho/zone/internal/packing"
)

// fileWriter is a writer of a file without a crossing.
func (e *ends) fileWriter(t *testing.T, dst io.Writer) *FileWriter {
	t.Helper()
	h := testHeader()
	o := must[*createOptions](t)(newCreateOptions(nil))
	return &FileWriter{outgoing: outgoing{header: h, body: must[*bodyWriter](t)(e.s.begin(context.Background(), h, monday, dst, o))}}
}

func (e *ends) fileReader(t *testing.T, data []byte) *FileReader {
	t.Helper()
	return &FileReader{incoming: *must[*incoming](t)(e.receive(bytes.NewReader(data), nil))}
}

// A source that was cut off says so with io.ErrUnexpectedEOF: a download, a
// compressed file. It must not be sealed as if it were all.
func TestSourceCutOff(t *testing.T) {
	e := newEnds(t)
	for _, n := range []int{0, 1, chunkSize, chunkSize + 1} {
		var dst bytes.Buffer
		w := e.fileWriter(t, &dst)
		cutOff := io.MultiReader(bytes.NewReader(pattern(n, 1)), iotest.ErrReader(io.ErrUnexpectedEOF))
		if read, err := io.Copy(w, cutOff); !errors.Is(err, io.ErrUnexpectedEOF) || read != int64(n) {
			t.Errorf("%d bytes: read %d, err = %v, want io.ErrUnexpectedEOF", n, read, err)
		}
		w.Abort()
	}
	var dst bytes.Buffer
	w := e.fileWriter(t, &dst)
	if read, err := io.Copy(w, iotest.HalfReader(bytes.NewReader(pattern(chunkSize+1, 1)))); err != nil || read != chunkSize+1 {
		t.Errorf("a whole source: read %d, err = %v", read, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// What is left of a chunk is in a buffer that others use after Close.
func TestNothingAfterClose(t *testing.T) {
	e := newEnds(t)
	data := e.seal(t, pattern(1000, 1))
	for name, read := range map[string]func(*FileReader) error{
		"Read":    func(r *FileReader) error { _, err := r.Read(make([]byte, 10)); return err },
		"WriteTo": func(r *FileReader) error { _, err := r.WriteTo(io.Discard); return err },
	} {
		r := e.fileReader(t, data)
		if err := must1(r.Read(make([]byte, 10))); err != nil {
			t.Fatal(err)
		}
		r.Close()
		wantError[*StateError](t, name, read(r))
	}
}

func must1(_ int, err error) error { return err }

// shortWriter takes half and says nothing, which no io.Writer may do.
type shortWriter struct{ io.Writer }

func (w shortWriter) Write(b []byte) (int, error) { return w.Writer.Write(b[:len(b)/2]) }

func TestShortWrite(t *testing.T) {
	e := newEnds(t)
	data := e.seal(t, pattern(1000, 1), pattern(1000, 2))
	r := e.fileReader(t, data)
	defer r.Close()
	if _, err := r.WriteTo(shortWriter{io.Discard}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a file written in part: err = %v, want io.ErrShortWrite", err)
	}
	h := testHeader()
	if _, err := e.s.begin(context.Background(), h, monday, shortWriter{io.Discard}, must[*createOptions](t)(newCreateOptions(nil))); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("lines written in part: err = %v, want io.ErrShortWrite", err)
	}
	for _, workers := range []int{1, 2} {
		short := &switchable{}
		w := must[*bodyWriter](t)(e.s.begin(context.Background(), testHeader(), monday, short, must[*createOptions](t)(newCreateOptions([]CreateOption{WithWorkers(workers)}))))
		short.short = true
		var err error
		for range 8 {
			if err = w.add(pattern(pieceSize, 3)); err != nil {
				break
			}
		}
		if err == nil {
			if err = w.finish(); err == nil {
				err = w.end()
			}
		}
		if !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%d workers: pieces written in part: err = %v, want io.ErrShortWrite", workers, err)
		}
	}
}

type switchable struct{ short bool }

func (s *switchable) Write(b []byte) (int, error) {
	if s.short {
		return len(b) / 2, nil
	}
	return len(b), nil
}

type secret struct{}

func (secret) Pack(p *packing.Packer) error { p.String("canary"); return p.Err() }

// A record that is not taken, because the parcel is over, is wiped as well.
func TestWipedWhenOver(t *testing.T) {
	var packer packing.Encoder
	record := must[[]byte](t)(packer.Encode(secret{}))
	w := &outgoing{over: true}
	wantError[*StateError](t, "add", w.add(record, nil, &packer))
	if bytes.Contains(record, []byte("canary")) {
		t.Error("it is still in memory")
	}
}
