package packing_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/shapes"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/internal/packing"
	"github.com/sekisho-go/sekisho/zone/wire"
)

func TestRoundTrip(t *testing.T) {
	x := out(t)
	views := []view{household(t, x), new(specimen.PersonLGWAN), new(specimen.HouseholdLGWAN), new(shapes.TreeLGWAN)}
	for seed := range uint64(300) {
		views = append(views, randomAll(t, x, seed))
	}
	var e packing.Encoder
	var d packing.Decoder
	for i, v := range views {
		record := must[[]byte](t)(e.Encode(v))
		got := reflect.New(reflect.TypeOf(v).Elem()).Interface().(view)
		if err := d.Decode(record, got); err != nil {
			t.Fatalf("view %d, %T: %v", i, v, err)
		}
		if !reflect.DeepEqual(got, v) {
			t.Errorf("view %d, %T, came back as something else", i, v)
		}
		text, err := v.Packing().AppendJSON(nil, record)
		if err != nil || !json.Valid(text) {
			t.Errorf("view %d, %T: %v; valid JSON: %v", i, v, err, json.Valid(text))
		}
	}
}

// TestZeroView: also the closed value that is not there comes back.
func TestZeroView(t *testing.T) {
	v := new(shapes.AllLGWAN)
	record := packed(t, v)
	got := randomAll(t, out(t), 1)
	if err := new(packing.Decoder).Decode(record, got); err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("the zero view over a full one: %v, same: %v", err, reflect.DeepEqual(got, v))
	}
}

// TestEmptyIsNil keeps the rules of sealed groups: an empty slice or map comes
// back as nil, empty bytes stay empty.
func TestEmptyIsNil(t *testing.T) {
	v := &shapes.AllLGWAN{List: []shapes.Code{}, Table: nil, Alias: shapes.Set{}, Raw: []byte{}, Lists: [][]string{{}, nil}}
	var got shapes.AllLGWAN
	if err := new(packing.Decoder).Decode(packed(t, v), &got); err != nil {
		t.Fatal(err)
	}
	if got.List != nil || got.Alias != nil || got.Raw == nil || len(got.Lists) != 2 || got.Lists[0] != nil {
		t.Error("nil and empty are not as sealed groups have them")
	}
}

func TestNotANumberAsKey(t *testing.T) {
	v := &shapes.AllLGWAN{ByFloat: map[float64]bool{math.NaN(): true, math.Float64frombits(0x7ff8000000000001): true}}
	v.ByFloat[math.NaN()] = false
	record := packed(t, v)
	var got shapes.AllLGWAN
	if err := new(packing.Decoder).Decode(record, &got); err != nil || len(got.ByFloat) != 3 {
		t.Errorf("%d keys, %v", len(got.ByFloat), err)
	}
	if text, err := v.Packing().AppendJSON(nil, record); err != nil || !json.Valid(text) {
		t.Error(err)
	}
}

// TestDamage cuts and changes every byte of a record: what comes out is an error
// or a view, and the schema agrees with the view where nothing but the form
// matters.
func TestDamage(t *testing.T) {
	x := out(t)
	for _, v := range []view{household(t, x), randomAll(t, x, 4), randomAll(t, x, 5)} {
		record := packed(t, v)
		fresh := func() view { return reflect.New(reflect.TypeOf(v).Elem()).Interface().(view) }
		for i := range record {
			if err := new(packing.Decoder).Decode(record[:i], fresh()); err == nil {
				t.Fatalf("%T: the first %d of %d bytes are a record, too", v, i, len(record))
			}
			if _, err := v.Packing().AppendJSON(nil, record[:i]); err == nil {
				t.Fatalf("%T: the first %d of %d bytes are a record to the schema", v, i, len(record))
			}
			bad := bytes.Clone(record)
			for _, flip := range []byte{1, 0x80, 0xff} {
				bad[i] = record[i] ^ flip
				agree(t, v.Packing(), fresh(), bad)
			}
		}
		if err := new(packing.Decoder).Decode(append(bytes.Clone(record), 0), fresh()); err == nil {
			t.Errorf("%T: a byte too many is not noticed", v)
		}
	}
}

// agree checks that what a view takes, its schema takes, too.
func agree(t *testing.T, s *zone.Schema, v packing.Unpackable, record []byte) {
	t.Helper()
	err := new(packing.Decoder).Decode(record, v)
	text, err2 := s.AppendJSON([]byte("kept"), record)
	switch {
	case err == nil && err2 != nil:
		t.Fatalf("the view takes the record and the schema does not: %v", err2)
	case err2 == nil && !json.Valid(text[len("kept"):]):
		t.Fatal("the schema writes something that is no JSON")
	case err2 != nil && string(text) != "kept":
		t.Fatal("after an error something is left behind what was there")
	}
}

func TestZeroCodersFail(t *testing.T) {
	v := household(t, out(t))
	if err := v.Pack(new(zone.Packer)); err == nil {
		t.Error("a Packer from nowhere packs")
	}
	if err := v.Unpack(new(zone.Unpacker)); err == nil {
		t.Error("an Unpacker from nowhere unpacks")
	}
}

// keeper keeps what it is handed, as nobody should.
type keeper struct {
	p *zone.Packer
	u *zone.Unpacker
}

func (k *keeper) Pack(p *zone.Packer) error     { k.p = p; p.String("kept"); return nil }
func (k *keeper) Unpack(u *zone.Unpacker) error { k.u = u; _ = u.String(); return nil }

func TestCodersEndWithTheRecord(t *testing.T) {
	var k keeper
	var e packing.Encoder
	record := must[[]byte](t)(e.Encode(&k))
	k.p.String("more")
	if k.p.Err() == nil || string(record) != "\x04kept" {
		t.Error("a Packer goes on after its record")
	}
	var d packing.Decoder
	if err := d.Decode(record, &k); err != nil {
		t.Fatal(err)
	}
	if k.u.String() != "" || k.u.Err() == nil {
		t.Error("an Unpacker goes on after its record")
	}
}

// failing forgets the error of the Packer; the Encoder does not.
type failing struct{}

func (failing) MarshalText() ([]byte, error) { return nil, errors.New("CANARY") }
func (f failing) Pack(p *zone.Packer) error  { p.Text(f); p.String("CANARY"); return nil }
func (failing) Unpack(u *zone.Unpacker) error {
	u.Fail("Restore", errors.New("CANARY"))
	return nil
}

func TestErrorsStickAndShowNothing(t *testing.T) {
	b, err := new(packing.Encoder).Encode(failing{})
	err2 := new(packing.Decoder).Decode([]byte("\x06CANARY"), failing{})
	if err == nil || err2 == nil || b != nil || strings.Contains(err.Error()+err2.Error(), "CANARY") {
		t.Errorf("got %q, %v and %v", b, err, err2)
	}
}

// deep returns trees that lie in each other.
func deep(n int) *shapes.TreeLGWAN {
	root := new(shapes.TreeLGWAN)
	for at := root; n > 1; n-- {
		at.Children = []*shapes.TreeLGWAN{{}}
		at = at.Children[0]
	}
	return root
}

func TestDepth(t *testing.T) {
	var e packing.Encoder
	v := deep(1000)
	record := must[[]byte](t)(e.Encode(v))
	var got shapes.TreeLGWAN
	if err := new(packing.Decoder).Decode(record, &got); err != nil || !reflect.DeepEqual(&got, v) {
		t.Error("values that lie 1000 deep do not come back: ", err)
	}
	if _, err := v.Packing().AppendJSON(nil, record); err != nil {
		t.Error(err)
	}
	if _, err := e.Encode(deep(1001)); err == nil {
		t.Error("values lie more than 1000 deep")
	}
	loop := new(shapes.TreeLGWAN)
	loop.Children = []*shapes.TreeLGWAN{loop}
	line := &shapes.AllLGWAN{Own: shapes.Line{}}
	line.Own.Next = &line.Own
	for _, v := range []packing.Packable{loop, line} {
		if _, err := e.Encode(v); err == nil {
			t.Errorf("%T holds itself and is packed", v)
		}
	}
	endless := bytes.Repeat([]byte{0, 1, 1}, 5000) // no name, one child that is there
	if err := new(packing.Decoder).Decode(endless, &got); err == nil || !strings.Contains(err.Error(), "1000") {
		t.Errorf("got %v, want an error about the depth", err)
	}
	if _, err := loop.Packing().AppendJSON(nil, endless); err == nil || !strings.Contains(err.Error(), "1000") {
		t.Errorf("got %v, want an error about the depth", err)
	}
}

func TestNumbersFit(t *testing.T) {
	type read func(*packing.Unpacker) any
	tests := []struct {
		name  string
		write func(*wire.Writer)
		read  read
		want  any
	}{
		{"int8", func(w *wire.Writer) { w.Int(-128) }, func(u *packing.Unpacker) any { return u.Int(8) }, int64(-128)},
		{"int8 and one", func(w *wire.Writer) { w.Int(128) }, func(u *packing.Unpacker) any { return u.Int(8) }, nil},
		{"int8 below", func(w *wire.Writer) { w.Int(-129) }, func(u *packing.Unpacker) any { return u.Int(8) }, nil},
		{"int64", func(w *wire.Writer) { w.Int(math.MinInt64) }, func(u *packing.Unpacker) any { return u.Int(64) }, int64(math.MinInt64)},
		{"uint16", func(w *wire.Writer) { w.Uint(1<<16 - 1) }, func(u *packing.Unpacker) any { return u.Uint(16) }, uint64(1<<16 - 1)},
		{"uint16 and one", func(w *wire.Writer) { w.Uint(1 << 16) }, func(u *packing.Unpacker) any { return u.Uint(16) }, nil},
		{"uint64", func(w *wire.Writer) { w.Uint(math.MaxUint64) }, func(u *packing.Unpacker) any { return u.Uint(64) }, uint64(math.MaxUint64)},
		{"float32", func(w *wire.Writer) { w.Float(0.5) }, func(u *packing.Unpacker) any { return u.Float(32) }, 0.5},
		{"float32 that loses", func(w *wire.Writer) { w.Float(0.1) }, func(u *packing.Unpacker) any { return u.Float(32) }, nil},
		{"complex64 that loses", func(w *wire.Writer) { w.Float(0); w.Float(0.1) }, func(u *packing.Unpacker) any { return u.Complex(64) }, nil},
		{"count", func(w *wire.Writer) { w.Count(2); w.Uint(0); w.Uint(0) }, func(u *packing.Unpacker) any { n := u.Count(1); u.Uint(8); u.Uint(8); return n }, 2},
		{"count of what is larger", func(w *wire.Writer) { w.Count(2); w.Uint(0); w.Uint(0) }, func(u *packing.Unpacker) any { return u.Count(2) }, nil},
		{"count of nothing", func(w *wire.Writer) { w.Count(1 << 16) }, func(u *packing.Unpacker) any { return u.Count(0) }, 1 << 16},
		{"count of too much nothing", func(w *wire.Writer) { w.Count(1<<16 + 1) }, func(u *packing.Unpacker) any { return u.Count(0) }, nil},
		{"nothing twice", func(w *wire.Writer) { w.Count(1 << 16); w.Count(1) }, func(u *packing.Unpacker) any { u.Count(0); return u.Count(0) }, nil},
		{"keys once", func(*wire.Writer) {}, func(u *packing.Unpacker) any { u.Once(2, 2); return 0 }, 0},
		{"keys twice", func(*wire.Writer) {}, func(u *packing.Unpacker) any { u.Once(2, 1); return 0 }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire.Writer
			tt.write(&w)
			reader := calling{func(u *packing.Unpacker) any { return tt.read(u) }, nil}
			err := new(packing.Decoder).Decode(w.Bytes(), &reader)
			if (err == nil) != (tt.want != nil) || err == nil && reader.got != tt.want {
				t.Errorf("got %v and %v, want %v", reader.got, err, tt.want)
			}
		})
	}
}

type calling struct {
	call func(*packing.Unpacker) any
	got  any
}

func (c *calling) Unpack(u *packing.Unpacker) error { c.got = c.call(u); return nil }

func TestNothingIsShown(t *testing.T) {
	var e packing.Encoder
	must[[]byte](t)(e.Encode(household(t, out(t))))
	for _, v := range []any{e, &e, packing.Packer{}, &packing.Packer{}, packing.Decoder{}, packing.Unpacker{}, &packing.Unpacker{}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			if s := fmt.Sprintf(verb, v); !slices.Contains([]string{"packing.Encoder", "packing.Decoder", "zone.Packer", "zone.Unpacker"}, s) {
				t.Errorf("%s of %T shows %s", verb, v, s)
			}
		}
	}
}

func TestWipe(t *testing.T) {
	var e packing.Encoder
	record := must[[]byte](t)(e.Encode(household(t, out(t))))
	e.Wipe()
	if slices.ContainsFunc(record, func(b byte) bool { return b != 0 }) {
		t.Error("something of the record is left in memory")
	}
}

// FuzzUnpack: whatever the bytes, a view comes out or an error, and the schema
// takes what the view takes.
func FuzzUnpack(f *testing.F) {
	x := out(f)
	f.Add(packed(f, household(f, x)))
	for seed := range uint64(4) {
		f.Add(packed(f, randomAll(f, x, seed)))
	}
	f.Add(bytes.Repeat([]byte{0, 1, 1}, 100))
	f.Add(bytes.Repeat([]byte{0xff}, 40))
	f.Fuzz(func(t *testing.T, record []byte) {
		for _, v := range []view{new(specimen.HouseholdLGWAN), new(shapes.AllLGWAN), new(shapes.TreeLGWAN)} {
			agree(t, v.Packing(), v, record)
			if new(packing.Decoder).Decode(record, v) != nil {
				continue
			}
			again, err := new(packing.Encoder).Encode(v)
			if err != nil {
				t.Fatalf("what was unpacked cannot be packed: %v", err)
			}
			if err := new(packing.Decoder).Decode(again, v); err != nil {
				t.Fatalf("what was packed again cannot be unpacked: %v", err)
			}
		}
	})
}
