package parcel

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzHeader: what reads as a header is written as the same bytes, and no two
// texts are one header.
func FuzzHeader(f *testing.F) {
	for _, v := range readVectors(f).Vectors {
		f.Add([]byte(v.Header + "\n"))
	}
	f.Add([]byte(magic + "2}\n"))
	f.Add([]byte(magic + `1,"id":null}` + "\n"))
	f.Fuzz(func(t *testing.T, line []byte) {
		h, err := parseHeader(line)
		if err != nil {
			if !refused(err) {
				t.Fatalf("err = %v (%T)", err, err)
			}
			return
		}
		again, err := h.line()
		if err != nil || !bytes.Equal(again, line) {
			t.Fatalf("%q reads and is written as %q, %v", line, again, err)
		}
	})
}

// FuzzKeyLine is the same for line 2.
func FuzzKeyLine(f *testing.F) {
	for _, v := range readVectors(f).Vectors {
		f.Add(must[[]byte](f)(newKeyLine(v.Wrapped, v.Signature)))
	}
	f.Add([]byte(`{"key":"AA==","signature":"AB=="}` + "\n"))
	f.Fuzz(func(t *testing.T, line []byte) {
		wrapped, signature, err := parseKeyLine(line)
		if err != nil {
			wantError[*MalformedError](t, "a line that is none", err)
			return
		}
		if again, err := newKeyLine(wrapped, signature); err != nil || !bytes.Equal(again, line) {
			t.Fatalf("%q reads and is written as %q, %v", line, again, err)
		}
	})
}

// FuzzFrames reads bodies that nobody sealed, or that somebody changed: only the
// one that was sealed is read to its end.
func FuzzFrames(f *testing.F) {
	k, data := body(f, []byte("one"), []byte("two"))
	f.Add(data, uint8(1))
	f.Add(data[:len(data)-1], uint8(2))
	f.Add(append(bytes.Clone(data), data...), uint8(3))
	f.Add(frame{index: 0, length: sealedSize}.append(nil), uint8(1))
	f.Add(frame{index: 1 << 63, length: 57, final: true}.append(nil), uint8(1))
	f.Fuzz(func(t *testing.T, changed []byte, workers uint8) {
		records, err := readBody(k, changed, 1+int(workers%4))
		if err == nil && len(changed) != len(data) {
			t.Fatal("what nobody sealed opens")
		}
		if err != nil && !refused(err) {
			t.Fatalf("err = %v (%T)", err, err)
		}
		if err == nil && (len(records) != 2 || string(records[0]) != "one") {
			t.Fatalf("%q is not what was sealed", records)
		}
	})
}

// FuzzPlaintext reads bodies of a sender that writes anything.
func FuzzPlaintext(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01x\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Add([]byte("\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("\x04\x00\x00\x00x"))
	f.Add([]byte("\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		if len(plain) == 0 {
			return // no piece is empty
		}
		r := rawBody(t, plain)
		r.longest = 1 << 20
		records, err := all(r)
		if err == nil {
			n := 12
			for _, record := range records {
				n += 4 + len(record)
			}
			if n != len(plain) {
				t.Fatalf("%d bytes are read of %d", n, len(plain))
			}
			return
		}
		var count *CountError
		var record *RecordError
		if !refused(err) && !errors.As(err, &count) && !errors.As(err, &record) {
			t.Fatalf("err = %v (%T)", err, err)
		}
	})
}

// FuzzParcel opens whole parcels. Only those that were sealed open.
func FuzzParcel(f *testing.F) {
	var e *ends
	var sealed [][]byte
	for _, v := range readVectors(f).Vectors {
		if v.Pieces > 1 || v.BoxAlgorithm != boxX25519 {
			continue
		}
		e = v.tinkEnds(f)
		data := must[[]byte](f)(os.ReadFile(filepath.Join("testdata", v.File)))
		sealed = append(sealed, data)
		f.Add(data)
		f.Add(data[:len(data)-1])
		f.Add(data[:cuts(f, data)[2]])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, ierr := Inspect(bytes.NewReader(data))
		in, err := e.r.receive(context.Background(), bytes.NewReader(data), &wanted{payload: Bytes, register: AcceptReplays(), now: monday}, newOpenOptions(nil))
		if err == nil {
			_, err = all(in.body)
		}
		var schema *SchemaError
		if err != nil && !refused(err) && !errors.As(err, &schema) {
			t.Fatalf("err = %v (%T)", err, err)
		}
		if ierr != nil && err == nil {
			t.Fatalf("it opens, and Inspect says %v", ierr)
		}
		if err == nil {
			for _, s := range sealed {
				if bytes.Equal(s, data) {
					return
				}
			}
			t.Fatal("what nobody sealed opens")
		}
	})
}

// FuzzReceipt: a line of a register reads as what writes it.
func FuzzReceipt(f *testing.F) {
	f.Add(formatReceipt(StateBegun, receipt(1)))
	f.Add("finished ward 00000000000000000000000000000001 -1 00000000")
	f.Fuzz(func(t *testing.T, line string) {
		if s, r, ok := parseReceipt(line); ok && formatReceipt(s, r) != line+"\n" {
			t.Fatalf("%q is written as %q", line, formatReceipt(s, r))
		}
	})
}
