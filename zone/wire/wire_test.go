package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/zone/wire"
)

// text is a value with a text form, a binary form, and neither appender.
type text struct{ s string }

func (t text) MarshalText() ([]byte, error)       { return []byte(t.s), nil }
func (t *text) UnmarshalText(b []byte) error      { t.s = string(b); return nil }
func (t text) MarshalBinary() ([]byte, error)     { return []byte(t.s), nil }
func (t *text) UnmarshalBinary(data []byte) error { t.s = string(data); return nil }

// record has one field for every method.
type record struct {
	S    string
	B    []byte
	T    bool
	I    int64
	U    uint64
	F    float64
	At   time.Time
	List []string
	Opt  *int64
	Text text
	Addr netip.Addr
	Bin  text
}

func (r *record) write(t testing.TB) []byte {
	var w wire.Writer
	w.String(r.S)
	w.Blob(r.B)
	w.Bool(r.T)
	w.Int(r.I)
	w.Uint(r.U)
	w.Float(r.F)
	w.Time(r.At)
	w.Count(len(r.List))
	for _, s := range r.List {
		w.String(s)
	}
	if w.Present(r.Opt != nil) {
		w.Int(*r.Opt)
	}
	for _, err := range []error{w.Text(r.Text), w.Text(r.Addr), w.Binary(r.Bin)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return bytes.Clone(w.Bytes())
}

func read(b []byte) (*record, error) {
	var v record
	r := wire.NewReader(b)
	v.S, v.B, v.T, v.I, v.U, v.F, v.At = r.String(), r.Blob(), r.Bool(), r.Int(), r.Uint(), r.Float(), r.Time()
	if n := r.Count(); n > 0 {
		v.List = make([]string, n)
	}
	for i := range v.List {
		v.List[i] = r.String()
	}
	if r.Present() {
		v.Opt = new(r.Int())
	}
	r.Text(&v.Text)
	r.Text(&v.Addr)
	r.Binary(&v.Bin)
	return &v, r.Close()
}

// Generate implements quick.Generator: edge values are as likely as any.
func (record) Generate(r *rand.Rand, size int) record {
	pick := func(edges ...int64) int64 {
		if r.IntN(2) == 0 {
			return edges[r.IntN(len(edges))]
		}
		return int64(r.Uint64())
	}
	str := func() string {
		b := make([]byte, r.IntN(size+1)*r.IntN(4))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return string(b)
	}
	v := record{
		S: str(), T: r.IntN(2) == 0,
		I:    pick(0, -1, 1, 63, 64, -64, -65, math.MinInt64, math.MaxInt64),
		U:    uint64(pick(0, 1, 127, 128, -1)),
		F:    math.Float64frombits(uint64(pick(0, math.MinInt64))),
		At:   time.Unix(pick(0, -1)%(1<<37), int64(r.IntN(1e9))).In(time.FixedZone("", r.IntN(200000)-100000)),
		Text: text{str()}, Bin: text{str()},
	}
	if math.IsNaN(v.F) {
		v.F = 0
	}
	switch r.IntN(3) {
	case 0:
		v.B = []byte{}
	case 1:
		v.B = []byte(str())
	}
	for range r.IntN(5) {
		v.List = append(v.List, str())
	}
	if r.IntN(2) == 0 {
		v.Opt = new(v.I)
	}
	if r.IntN(2) == 0 {
		v.Addr = netip.AddrFrom16([16]byte{1, byte(r.Uint32())})
	}
	return v
}

var comparers = cmp.Options{
	cmp.AllowUnexported(text{}),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b time.Time) bool {
		_, x := a.Zone()
		_, y := b.Zone()
		return a.Equal(b) && x == y
	}),
}

// generate makes the i-th record of the property tests.
func generate(i int) record {
	return record{}.Generate(rand.New(rand.NewPCG(7, uint64(i))), 40)
}

func TestRoundTrip(t *testing.T) {
	for i := range 2000 {
		want := generate(i)
		b := want.write(t)
		got, err := read(b)
		if err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		if d := cmp.Diff(&want, got, comparers); d != "" {
			t.Fatalf("record %d (-want +got):\n%s", i, d)
		}
		if again := got.write(t); !bytes.Equal(again, b) {
			t.Fatalf("record %d is not canonical: it was written as %x and then as %x", i, b, again)
		}
	}
}

func TestTruncatedIsRefused(t *testing.T) {
	for i := range 50 {
		v := generate(i)
		b := v.write(t)
		for n := range b {
			if got, err := read(b[:n]); err == nil {
				t.Fatalf("record %d of %d bytes: the first %d read as %+v, want an error", i, len(b), n, got)
			}
		}
		if _, err := read(append(b, 0)); err == nil {
			t.Fatalf("record %d: a byte too many reads without an error", i)
		}
	}
}

func TestZeroTime(t *testing.T) {
	var w wire.Writer
	w.Time(time.Time{})
	r := wire.NewReader(w.Bytes())
	if got := r.Time(); got != (time.Time{}) || r.Close() != nil {
		t.Errorf("the zero time reads back as %#v, %v", got, r.Close())
	}
}

func TestTimeKeepsTheDay(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*60*60)
	want := time.Date(1931, 8, 5, 0, 0, 0, 0, tokyo)
	var w wire.Writer
	w.Time(want)
	r := wire.NewReader(w.Bytes())
	if got := r.Time(); got.Day() != 5 || !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestReaderRefuses(t *testing.T) {
	int64s := func(v ...int64) []byte {
		var w wire.Writer
		for i, n := range v {
			if i == 1 { // the nanoseconds of a time
				w.Uint(uint64(n))
				continue
			}
			w.Int(n)
		}
		return w.Bytes()
	}
	tests := []struct {
		name, want string
		in         []byte
		read       func(*wire.Reader)
	}{
		{"bool that is 2", "neither 0 nor 1", []byte{2}, func(r *wire.Reader) { r.Bool() }},
		{"presence that is 255", "neither 0 nor 1", []byte{255}, func(r *wire.Reader) { r.Present() }},
		{"number in two bytes that fits one", "shortest form", []byte{0x80, 0}, func(r *wire.Reader) { r.Uint() }},
		{"signed number likewise", "shortest form", []byte{0x81, 0}, func(r *wire.Reader) { r.Int() }},
		{"number over 64 bits", "does not fit", bytes.Repeat([]byte{0xff}, 11), func(r *wire.Reader) { r.Uint() }},
		{"number that does not end", "end within a number", []byte{0xff}, func(r *wire.Reader) { r.Uint() }},
		{"string longer than the rest", "more than the 2 bytes left", []byte{3, 'a', 'b'}, func(r *wire.Reader) { _ = r.String() }},
		{"string of 2^64-1 bytes", "more than the 0 bytes left", append(bytes.Repeat([]byte{0xff}, 9), 1), func(r *wire.Reader) { _ = r.String() }},
		{"blob longer than the rest", "more than the 1 bytes left", []byte{3, 'a'}, func(r *wire.Reader) { r.Blob() }},
		{"count above the bytes left", "more elements", []byte{3, 0, 0}, func(r *wire.Reader) { r.Count() }},
		{"half a float", "more than the 4 bytes left", make([]byte, 4), func(r *wire.Reader) { r.Float() }},
		{"nanoseconds of a second", "nanoseconds", int64s(0, 1e9, 0), func(r *wire.Reader) { r.Time() }},
		{"offset of 2^40 seconds", "offset", int64s(0, 0, 1<<40), func(r *wire.Reader) { r.Time() }},
		{"text that does not parse", "UnmarshalText of the value failed with a", []byte{3, 'a', 'b', 'c'}, func(r *wire.Reader) { r.Text(new(netip.Addr)) }},
		{"what generated code restores", "Restore of the value failed with a *errors.errorString", nil, func(r *wire.Reader) { r.Fail("Restore", errors.New("CANARY")) }},
		{"bytes left over", "2 bytes are left over", []byte{0, 0}, func(*wire.Reader) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := wire.NewReader(tt.in)
			tt.read(&r)
			err := r.Close()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error with %q", err, tt.want)
			}
			if !errors.As(err, new(*wire.Error)) {
				t.Errorf("got a %T, want a *wire.Error", err)
			}
			if strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "abc") {
				t.Errorf("the error shows a value: %v", err)
			}
			offset := err.(*wire.Error).Offset
			zero := r.String() + string(r.Blob())
			if zero != "" || r.Int() != 0 || r.Count() != 0 || r.Present() || r.Float() != 0 || !r.Time().IsZero() {
				t.Errorf("after an error something else than zero values comes out")
			}
			if again := r.Err(); again != err || again.(*wire.Error).Offset != offset {
				t.Errorf("the first error did not stick: %v, then %v", err, again)
			}
		})
	}
}

// failing has marshalers that fail with a text that quotes the value.
type failing struct{ s string }

func (f failing) MarshalText() ([]byte, error)   { return nil, fmt.Errorf("bad %q", f.s) }
func (f failing) MarshalBinary() ([]byte, error) { return nil, fmt.Errorf("bad %q", f.s) }

// shrinking has appenders that break their contract.
type shrinking struct{ failing }

func (shrinking) AppendText([]byte) ([]byte, error) { return nil, nil }
func (f shrinking) AppendBinary(b []byte) ([]byte, error) {
	return append(b, f.s...), fmt.Errorf("bad %q", f.s)
}

func TestWriterMarshalerErrors(t *testing.T) {
	var w wire.Writer
	w.String("kept")
	before := bytes.Clone(w.Bytes())
	for _, err := range []error{
		w.Text(failing{"CANARY"}), w.Binary(failing{"CANARY"}),
		w.Text(shrinking{}), w.Binary(shrinking{failing{"CANARY"}}),
	} {
		if err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("got %v, want an error without the value", err)
		}
	}
	if !bytes.Equal(w.Bytes(), before) {
		t.Errorf("failed writes left %x behind %x", w.Bytes(), before)
	}
}

func TestNothingIsShown(t *testing.T) {
	var w wire.Writer
	w.String("CANARY")
	r := wire.NewReader(w.Bytes())
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	for _, v := range []any{w, &w, r, &r, (*wire.Reader)(nil), (*wire.Writer)(nil)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "CANARY") || strings.Contains(got, "43414e") || strings.Contains(got, "67 65") {
				t.Errorf("%s of %T shows %s", verb, v, got)
			}
		}
		logger.Info("m", "v", v)
	}
	if strings.Contains(log.String(), "CANARY") || strings.Contains(log.String(), "67 65") {
		t.Errorf("a log shows %s", log.String())
	}
	if got := r.String(); got != "CANARY" {
		t.Errorf("printing moved the reader: it now reads %q", got)
	}
}

func TestReset(t *testing.T) {
	var w wire.Writer
	w.String("CANARY")
	b := w.Bytes()
	w.Reset()
	if w.Len() != 0 || w.Cap() == 0 || bytes.Contains(b, []byte("C")) {
		t.Errorf("after Reset: length %d, capacity %d, memory %q", w.Len(), w.Cap(), b)
	}
}

func TestStringsAreCopies(t *testing.T) {
	var w wire.Writer
	w.String("abc")
	w.Blob([]byte("def"))
	b := w.Bytes()
	r := wire.NewReader(b)
	s, blob := r.String(), r.Blob()
	clear(b)
	if s != "abc" || string(blob) != "def" {
		t.Errorf("wiping the plaintext changed what was read to %q and %q", s, blob)
	}
}

func TestAllocations(t *testing.T) {
	var w wire.Writer
	at := time.Now()
	write := func() {
		w.Reset()
		w.String("a name of some length")
		w.Int(-12345)
		w.Time(at)
		w.Count(3)
		w.Present(true)
	}
	write()
	if n := testing.AllocsPerRun(100, write); n != 0 {
		t.Errorf("writing into a used Writer allocates %v times, want 0", n)
	}
}

// A program of calls is a byte per method; the rest is what it reads.
func FuzzReader(f *testing.F) {
	v := generate(1)
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, v.write(f))
	f.Add([]byte{7, 0, 0, 0, 11}, []byte{3, 1, 'a', 0, 0})
	f.Add([]byte{6, 6, 6}, bytes.Repeat([]byte{0xff}, 40))
	f.Add([]byte{1, 1}, []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1})
	f.Fuzz(func(t *testing.T, program, in []byte) {
		before := bytes.Clone(in)
		r := wire.NewReader(in)
		size := 0
		for _, op := range program {
			failed := r.Err() != nil
			n := call(&r, op)
			if failed && n != 0 {
				t.Fatalf("call %d after an error returned something", op%12)
			}
			size += n
		}
		err := r.Close()
		if again := r.Close(); again != err {
			t.Fatalf("Close returned %v and then %v", err, again)
		}
		if size > len(in) {
			t.Fatalf("%d bytes gave strings of %d", len(in), size)
		}
		if !bytes.Equal(in, before) {
			t.Fatal("reading changed the input")
		}
	})
}

// call makes one call and returns how much it returned: bytes of strings, or 1
// for a number or time that is not zero, neither of which a reader in error may
// give. Only strings are counted against the size of the input, so numbers,
// which take at least a byte each, are counted once.
func call(r *wire.Reader, op byte) int {
	some := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	switch op % 12 {
	case 0:
		return len(r.String())
	case 1:
		return len(r.Blob())
	case 2:
		return some(r.Bool())
	case 3:
		return some(r.Int() != 0)
	case 4:
		return some(r.Uint() != 0)
	case 5:
		return some(r.Float() != 0)
	case 6:
		return some(!r.Time().IsZero())
	case 7:
		r.Count()
	case 8:
		return some(r.Present())
	case 9:
		var v text
		r.Text(&v)
		return len(v.s)
	case 10:
		var v netip.Addr
		r.Binary(&v)
	case 11:
		r.Fail("Restore", nil)
	}
	return 0
}

// Whatever a reader accepts as a record is the one encoding of it.
func FuzzCanonical(f *testing.F) {
	for i := range 8 {
		v := generate(i)
		f.Add(v.write(f))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := read(in)
		if err != nil || v.Addr.IsValid() { // netip reads one address in several text forms
			return
		}
		if out := v.write(t); !bytes.Equal(out, in) {
			t.Fatalf("%x reads as a record that is written as %x", in, out)
		}
	})
}

// TestMethodsMatch keeps the two halves of the codec together.
func TestMethodsMatch(t *testing.T) {
	own := map[string]bool{
		"Reset": true, "Bytes": true, "Len": true, "Cap": true, "Err": true, "Close": true, "Fail": true,
		"Enter": true, "Leave": true, // what is read is no deeper than what was written
	}
	w, r := reflect.TypeFor[*wire.Writer](), reflect.TypeFor[*wire.Reader]()
	for _, pair := range [][2]reflect.Type{{w, r}, {r, w}} {
		for i := range pair[0].NumMethod() {
			name := pair[0].Method(i).Name
			if _, ok := pair[1].MethodByName(name); !ok && !own[name] {
				t.Errorf("%v has %s and %v has not", pair[0], name, pair[1])
			}
		}
	}
}

func TestEnter(t *testing.T) {
	var w wire.Writer
	depth := 0
	for ; depth < 1_000_000; depth++ {
		if err := w.Enter(); err != nil {
			break
		}
	}
	if depth != 10_000 {
		t.Errorf("values may lie %d deep, want 10000", depth)
	}
	for range depth + 1 {
		w.Leave()
	}
	if err := w.Enter(); err != nil {
		t.Errorf("after leaving all: %v", err)
	}
	w.Reset()
	for range 10_000 {
		if err := w.Enter(); err != nil {
			t.Fatalf("after Reset: %v", err)
		}
	}
}

func TestIntsQuick(t *testing.T) {
	if err := quick.Check(func(i int64, u uint64, f float64) bool {
		var w wire.Writer
		w.Int(i)
		w.Uint(u)
		w.Float(f)
		r := wire.NewReader(w.Bytes())
		return r.Int() == i && r.Uint() == u && r.Float() == f && r.Close() == nil
	}, nil); err != nil {
		t.Error(err)
	}
}
