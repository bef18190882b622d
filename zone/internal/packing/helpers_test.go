package packing_test

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/shapes"
	"github.com/sekisho-go/sekisho/internal/specimen/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/internal/packing"
	"github.com/sekisho-go/sekisho/zone/zonetest"
)

// view is what the tests pack and unpack.
type view interface{ zone.Packed[zones.LGWAN] }

// out begins a crossing to the zone in which views are packed.
func out(tb testing.TB) *zone.Crossing[zones.MyNumberToLGWAN] {
	tb.Helper()
	b, _ := zonetest.Border(tb, zones.Policy())
	return zonetest.Cross[zones.MyNumberToLGWAN](tb, b, zones.PurposeLevy)
}

func must[T any](tb testing.TB) func(T, error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// random fills everything below v that can be set. Slices and maps are nil or
// have elements: empty ones come back as nil, which has a test of its own.
func random(r *rand.Rand, v reflect.Value, deep int) {
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = time.Unix(r.Int64N(1<<40)-1<<39, r.Int64N(1e9)).UTC()
		if hours := r.IntN(7) - 3; hours != 0 {
			*p = p.In(time.FixedZone("", hours*3600))
		}
		return
	case *netip.Addr:
		*p = netip.AddrFrom4([4]byte{10, byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())})
		return
	case *url.URL:
		*p = url.URL{Scheme: "https", Host: "example.com", Path: "/" + text(r, "abc/")}
		return
	case *jp.InsuredNumber:
		*p, _ = jp.ParseInsuredNumber("12345674")
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text(r, "aあ\x00\"\\<\u202e\xff🌙"))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(r.Int64() >> (64 - v.Type().Bits()) * int64(1-2*r.IntN(2)))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat([]float64{0, 0.5, -2, math.Inf(1), math.MaxFloat32, math.Copysign(0, -1)}[r.IntN(6)])
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(float64(r.IntN(9)), math.Inf(-1)))
	default:
		randomParts(r, v, deep+1)
	}
}

// randomParts is random of what holds others. Deep in it, there is nothing.
func randomParts(r *rand.Rand, v reflect.Value, deep int) {
	n := 1 + r.IntN(3)
	switch some := deep < 5 && r.IntN(4) > 0; {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				random(r, f, deep)
			}
		}
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			random(r, v.Index(i), deep)
		}
	case v.Kind() == reflect.Pointer && some:
		v.Set(reflect.New(v.Type().Elem()))
		random(r, v.Elem(), deep)
	case v.Kind() == reflect.Slice && some:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			random(r, v.Index(i), deep)
		}
	case v.Kind() == reflect.Map && some:
		v.Set(reflect.MakeMap(v.Type()))
		for range n {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			random(r, k, deep)
			random(r, e, deep)
			v.SetMapIndex(k, e)
		}
	}
}

func text(r *rand.Rand, of string) string {
	parts := strings.Split(of, "")
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}

// randomAll is a view of a record with random fields; the same seed gives the
// same but for what is sealed.
func randomAll(tb testing.TB, x *zone.Crossing[zones.MyNumberToLGWAN], seed uint64) *shapes.AllLGWAN {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	all := new(shapes.All)
	random(r, reflect.ValueOf(all).Elem(), 0)
	all.SetHidden(text(r, "hidden"))
	return must[*shapes.AllLGWAN](tb)(all.ToLGWAN(x))
}

// household is the view of the specimen that holds others.
func household(tb testing.TB, x *zone.Crossing[zones.MyNumberToLGWAN]) *specimen.HouseholdLGWAN {
	tb.Helper()
	h := &specimen.Household{
		Head: person(), Members: []specimen.Person{person(), person()}, ByRole: map[string]specimen.Person{"子": person()}, Memo: "memo",
	}
	return must[*specimen.HouseholdLGWAN](tb)(h.ToLGWAN(x))
}

func person() specimen.Person {
	return specimen.Person{
		InsuredNumber: "12345674", Name: "国立 花子", Phone: "029-301-0000",
		BirthDate: time.Date(1945, 3, 14, 0, 0, 0, 0, time.UTC), Municipality: "朝霧市",
	}
}

// packed returns a record of its own.
func packed(tb testing.TB, v packing.Packable) []byte {
	tb.Helper()
	var e packing.Encoder
	return must[[]byte](tb)(e.Encode(v))
}
