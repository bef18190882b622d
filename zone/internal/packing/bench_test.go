package packing_test

import (
	"net/netip"
	"testing"

	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/shapes"
	"github.com/sekisho-go/sekisho/zone/internal/packing"
)

func BenchmarkPack(b *testing.B) {
	p := person()
	v := must[*specimen.PersonLGWAN](b)(p.ToLGWAN(out(b)))
	var e packing.Encoder
	b.SetBytes(int64(len(packed(b, v))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Encode(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	p := person()
	v := must[*specimen.PersonLGWAN](b)(p.ToLGWAN(out(b)))
	record := packed(b, v)
	var d packing.Decoder
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(record, v); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPackAllocations: packing takes no memory once the Encoder has some, but
// for what the own encoding of a value takes: two for an age band, two for a URL.
func TestPackAllocations(t *testing.T) {
	x := out(t)
	p := person()
	banded := must[*specimen.PersonLGWAN](t)(p.ToLGWAN(x))
	plain := must[*shapes.AllLGWAN](t)((&shapes.All{
		Number: "12345674", Text: "text", When: p.BirthDate, Addr: netip.MustParseAddr("192.0.2.1"), Lists: [][]string{{"a", "b"}},
		Own: shapes.Line{Next: new(shapes.Line)}, Secret: "secret", Tree: &shapes.Tree{Name: "oak", Children: []*shapes.Tree{{}}},
	}).ToLGWAN(x))
	var e packing.Encoder
	for _, tt := range []struct {
		view packing.Packable
		most float64
	}{{banded, 2}, {plain.Tree, 0}, {plain, 2}} {
		got := testing.AllocsPerRun(1000, func() {
			if _, err := e.Encode(tt.view); err != nil {
				t.Fatal(err)
			}
		})
		if got > tt.most {
			t.Errorf("packing a %T allocates %v times, want at most %v", tt.view, got, tt.most)
		}
	}
}
