package parcel

import (
	"bytes"
	"io"
	"runtime"
	"testing"
)

// TestConstantMemory sends a parcel through a pipe, many times as large as the
// memory it may take, and looks at what is live on the way.
func TestConstantMemory(t *testing.T) {
	const (
		records = 1 << 18
		length  = 1 << 10
		most    = 24 << 20 // both sides: six pieces each, and what Tink and the pipe have
	)
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	e := newEnds(t)
	record := pattern(length, 1)
	before := live()

	src, dst := io.Pipe()
	go func() {
		w := e.begin(t, dst, WithWorkers(4))
		var err error
		for i := 0; i < records && err == nil; i++ {
			err = w.add(record)
		}
		if err == nil {
			err = w.finish()
		}
		if err == nil {
			err = w.end()
		}
		dst.CloseWithError(err)
	}()
	in := must[*incoming](t)(e.receive(src, nil, WithWorkers(4)))
	var peak uint64
	n := 0
	for {
		_, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%(records/16) == 0 {
			peak = max(peak, live())
		}
	}
	if n != records {
		t.Errorf("%d records, want %d", n, records)
	}
	if peak > before+most {
		t.Errorf("%d MiB went through and %d MiB were live, want at most %d MiB", records*length>>20, (peak-before)>>20, most>>20)
	}
}

// TestNoGoroutineStays leaves a writer and a reader alone in the middle.
func TestNoGoroutineStays(t *testing.T) {
	e := newEnds(t)
	data := e.seal(t, pattern(8*pieceSize, 1))
	before := runtime.NumGoroutine()
	for range 20 {
		w := e.begin(t, io.Discard, WithWorkers(4))
		w.add(pattern(4*pieceSize, 1))
		in := must[*incoming](t)(e.receive(bytes.NewReader(data), nil, WithWorkers(4)))
		in.body.advance()
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
		runtime.GC() // gives those that are still at work the time
	}
	t.Errorf("%d goroutines stay", runtime.NumGoroutine()-before)
}
