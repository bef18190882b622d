package parcel

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// The figures of this package: a body of 64 MiB beside Tink's own stream over the
// same bytes, in segments of 1 MiB, as records of 1 KiB and as the chunks of a
// file. Run it with -cpu 1,2: Tink's stream uses one core in either case.

const benchSize = 64 << 20

func benchKey(tb testing.TB) *bodyKey {
	return must[*bodyKey](tb)(newBodyKey(bytes.Repeat([]byte{7}, keySize), []byte("header\n"), []byte("line\n")))
}

func tinkStream(tb testing.TB) *subtle.AESGCMHKDF {
	return must[*subtle.AESGCMHKDF](tb)(subtle.NewAESGCMHKDF(bytes.Repeat([]byte{7}, keySize), "SHA256", keySize, 1<<20, 0))
}

// shapes are how the bytes come.
var shapes = []struct {
	name string
	size int
}{{"records=1KiB", 1 << 10}, {"file=64MiB", chunkSize}}

func writeBody(tb testing.TB, dst io.Writer, record []byte) {
	w := newBodyWriter(context.Background(), dst, benchKey(tb), 0)
	for range benchSize / len(record) {
		if err := w.add(record); err != nil {
			tb.Fatal(err)
		}
	}
	finish(tb, w)
}

func writeTink(tb testing.TB, dst io.Writer, record []byte) {
	w := must[io.WriteCloser](tb)(tinkStream(tb).NewEncryptingWriter(dst, nil))
	for range benchSize / len(record) {
		if _, err := w.Write(record); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, s := range shapes {
		record := pattern(s.size, 1)
		for _, peer := range []struct {
			name  string
			write func(testing.TB, io.Writer, []byte)
		}{{"parcel", writeBody}, {"tink", writeTink}} {
			b.Run(s.name+"/"+peer.name, func(b *testing.B) {
				b.SetBytes(benchSize)
				b.ReportAllocs()
				for b.Loop() {
					peer.write(b, io.Discard, record)
				}
			})
		}
	}
}

func readParcel(tb testing.TB, sealed, _ []byte) {
	r := newBodyReader(context.Background(), bytes.NewReader(sealed), benchKey(tb), 0, MaxRecord)
	for {
		_, err := r.next()
		if err == io.EOF {
			return
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

func readTink(tb testing.TB, sealed, record []byte) {
	r := must[io.Reader](tb)(tinkStream(tb).NewDecryptingReader(bytes.NewReader(sealed), nil))
	for {
		_, err := io.ReadFull(r, record)
		if err == io.EOF {
			return
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, s := range shapes {
		record := pattern(s.size, 1)
		for _, peer := range []struct {
			name  string
			write func(testing.TB, io.Writer, []byte)
			read  func(tb testing.TB, sealed, record []byte)
		}{{"parcel", writeBody, readParcel}, {"tink", writeTink, readTink}} {
			var sealed bytes.Buffer
			peer.write(b, &sealed, record)
			b.Run(s.name+"/"+peer.name, func(b *testing.B) {
				b.SetBytes(benchSize)
				b.ReportAllocs()
				for b.Loop() {
					peer.read(b, sealed.Bytes(), record)
				}
			})
		}
	}
}

// BenchmarkParcel is a whole small parcel: what the label costs, mostly.
func BenchmarkParcel(b *testing.B) {
	e := newEnds(b)
	record := pattern(1<<10, 1)
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e.seal(b, record)
		}
	})
	data := e.seal(b, record)
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := e.open(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
