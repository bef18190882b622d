package parcel

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"testing"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// The figures of this package: a body of 64 MiB beside Tink's own stream over
// the same bytes. Run it with -cpu 1,2.

const benchSize = 64 << 20

func benchKey(tb testing.TB) *bodyKey {
	k, err := newBodyKey(bytes.Repeat([]byte{7}, keySize), []byte("header\n"), []byte("line\n"))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func tinkStream(tb testing.TB) *subtle.AESGCMHKDF {
	s, err := subtle.NewAESGCMHKDF(bytes.Repeat([]byte{7}, keySize), "SHA256", keySize, 1<<20, 0)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

var chunkings = []struct {
	name string
	size int
}{{"1KiB", 1 << 10}, {"64KiB", 64 << 10}, {"64MiB", benchSize}}

func chunk(n int) []byte { return bytes.Repeat([]byte("record\n."), n/8) }

func writeBody(tb testing.TB, dst io.Writer, record []byte) {
	w := newBodyWriter(context.Background(), dst, benchKey(tb), 0)
	for range benchSize / len(record) {
		if err := w.add(record); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.finish(); err != nil {
		tb.Fatal(err)
	}
	if err := w.end(); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, c := range chunkings {
		record := chunk(c.size)
		b.Run("parcel/"+c.name, func(b *testing.B) {
			b.SetBytes(benchSize)
			b.ReportAllocs()
			for b.Loop() {
				writeBody(b, io.Discard, record)
			}
		})
		b.Run("tink/"+c.name, func(b *testing.B) {
			b.SetBytes(benchSize)
			b.ReportAllocs()
			for b.Loop() {
				w, err := tinkStream(b).NewEncryptingWriter(io.Discard, nil)
				if err != nil {
					b.Fatal(err)
				}
				for range benchSize / len(record) {
					if _, err := w.Write(record); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, c := range chunkings {
		record := chunk(c.size)
		var sealed bytes.Buffer
		writeBody(b, &sealed, record)
		b.Run("parcel/"+c.name, func(b *testing.B) {
			b.SetBytes(benchSize)
			b.ReportAllocs()
			for b.Loop() {
				r := newBodyReader(context.Background(), bytes.NewReader(sealed.Bytes()), benchKey(b), 0, MaxRecord)
				for {
					_, err := r.next()
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
		sealed.Reset()
		w, _ := tinkStream(b).NewEncryptingWriter(&sealed, nil)
		for range benchSize / len(record) {
			w.Write(record)
		}
		w.Close()
		out := make([]byte, c.size)
		b.Run("tink/"+c.name, func(b *testing.B) {
			b.SetBytes(benchSize)
			b.ReportAllocs()
			for b.Loop() {
				r, err := tinkStream(b).NewDecryptingReader(bytes.NewReader(sealed.Bytes()), nil)
				if err != nil {
					b.Fatal(err)
				}
				for {
					_, err := io.ReadFull(r, out)
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
	runtime.GC()
}
