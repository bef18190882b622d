package jp_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"log"
	"log/slog"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"
	texttemplate "text/template"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/classify/jp"
)

// identifier is what all identifiers can do, by value.
type identifier interface {
	comparable
	fmt.Formatter
	fmt.Stringer
	fmt.GoStringer
	slog.LogValuer
	json.Marshaler
	encoding.TextMarshaler
	encoding.BinaryMarshaler
	gob.GobEncoder
	driver.Valuer
	IsZero() bool
	Reveal(classify.Zone) string
}

// pointer is what they can do by pointer.
type pointer[T any] interface {
	*T
	classify.Value
	json.Unmarshaler
	encoding.TextUnmarshaler
	encoding.BinaryUnmarshaler
	gob.GobDecoder
	sql.Scanner
	SQL(classify.Zone) jp.SQLValue
}

// Structs that embed an identifier, by value and by pointer. They are exported
// fields, since the types are.
type (
	embedsIndividual        struct{ jp.IndividualNumber }
	embedsCorporate         struct{ jp.CorporateNumber }
	embedsInsurer           struct{ jp.InsurerNumber }
	embedsInsured           struct{ jp.InsuredNumber }
	embedsInstitution       struct{ jp.InstitutionCode }
	embedsLocalGovernment   struct{ jp.LocalGovernmentCode }
	embedsIndividualPointer struct {
		*jp.IndividualNumber
		Other string
	}
)

// holder holds an identifier in every way but embedding.
type holder[T identifier] struct {
	Exported   T
	unexported T
	Pointer    *T
	pointer    *T
	Slice      []T
	slice      []T
	Array      [2]T
	array      [2]T
	Value      map[string]T
	value      map[string]T
	key        map[T]string
	Any        any
	any        any
	Stringer   fmt.Stringer
	deep       *holder[T]
}

// named is a struct that package xml takes, unlike one without a name.
type named[T any] struct{ V T }

// holders returns all the ways to hold v, each alone so that an encoder that
// fails on one does not pass over the others.
func holders[T identifier, P pointer[T]](v T, embedded ...any) map[string]any {
	pv := &v
	full := holder[T]{v, v, &v, &v, []T{v}, []T{v}, [2]T{v, v}, [2]T{v, v}, map[string]T{"k": v}, map[string]T{"k": v},
		map[T]string{v: "k"}, v, v, v, nil}
	deep := full
	deep.deep = &full
	m := map[string]any{
		"value":            v,
		"pointer":          &v,
		"pointer to it":    &pv,
		"slice":            []T{v, v},
		"slice of any":     []any{v, &v},
		"slice of pointer": []*T{&v},
		"array":            [2]T{v, v},
		"map value":        map[string]T{"k": v},
		"map key":          map[T]string{v: "k"},
		"map of any":       map[any]any{v: v},
		"everything":       full,
		"deep":             &deep,
		"SQL":              P(&v).SQL(zone{}),
		"pointer to SQL":   new(P(&v).SQL(zone{})),
		"field":            struct{ V T }{v},
		"named field":      named[T]{v},
		"named pointer":    named[*T]{&v},
		"named slice":      named[[]T]{[]T{v}},
		"own field":        struct{ v T }{v},
		"own pointer":      struct{ v *T }{&v},
		"own slice":        struct{ v []T }{[]T{v}},
		"own array":        struct{ v [1]T }{[1]T{v}},
		"own map key":      struct{ v map[T]int }{map[T]int{v: 1}},
		"own map value":    struct{ v map[int]T }{map[int]T{1: v}},
		"own any":          struct{ v any }{v},
		"own SQL":          struct{ v any }{P(&v).SQL(zone{})},
		"SQL null":         sql.Null[T]{V: v, Valid: true},
		"own stringer":     struct{ v fmt.Stringer }{v},
		"error":            fmt.Errorf("wrapped: %v %d %x", v, v, v),
		"reflect value":    reflect.ValueOf(v),
	}
	for i, e := range embedded {
		m["embedded "+strconv.Itoa(i)] = e
	}
	return m
}

// printers show a value in all the ways we could think of. What they return,
// with an error if they have one, must not show an identifier.
var printers = map[string]func(v any) ([]byte, error){
	"fmt": func(v any) ([]byte, error) {
		var b bytes.Buffer
		for _, verb := range "vTtbcdoOqxXUeEfFgGspw?" {
			for _, flags := range []string{"", "+", "#", " ", "0", "-", "+#", "# ", "40", ".3", "40.20", "+.100"} {
				fmt.Fprintf(&b, "%"+flags+string(verb)+"\n", v)
			}
		}
		fmt.Fprintln(&b, v, fmt.Errorf("%v %w", v, io.EOF))
		fmt.Fprintf(&b, "%[2]*[1]d", v, 30)
		return b.Bytes(), nil
	},
	"log": func(v any) ([]byte, error) {
		var b bytes.Buffer
		log.New(&b, "", 0).Print(v)
		return b.Bytes(), nil
	},
	"slog text": func(v any) ([]byte, error) { return slogged(v, false) },
	"slog JSON": func(v any) ([]byte, error) { return slogged(v, true) },
	"json":      json.Marshal,
	"json indented": func(v any) ([]byte, error) {
		return json.MarshalIndent(map[string]any{"v": v}, "", " ")
	},
	"xml": xml.Marshal,
	"gob": func(v any) ([]byte, error) {
		var b bytes.Buffer
		err := gob.NewEncoder(&b).Encode(v)
		return b.Bytes(), err
	},
	"binary": func(v any) ([]byte, error) { return binary.Append(nil, binary.BigEndian, v) },
	"text template": func(v any) ([]byte, error) {
		var b bytes.Buffer
		t := texttemplate.Must(texttemplate.New("").Parse(`{{.}} {{printf "%d %x %v %+v %#v %s" . . . . . .}} {{print .}} {{html .}} {{js .}} {{urlquery .}}`))
		err := t.Execute(&b, v)
		return b.Bytes(), err
	},
	"html template": func(v any) ([]byte, error) {
		var b bytes.Buffer
		t := htmltemplate.Must(htmltemplate.New("").Parse(`<a href="/{{.}}" title="{{.}}" style="{{.}}">{{.}}</a>{{printf "%d" .}}`))
		err := t.Execute(&b, v)
		return b.Bytes(), err
	},
	"html template script": func(v any) ([]byte, error) {
		var b bytes.Buffer
		err := htmltemplate.Must(htmltemplate.New("").Parse(`<script>var v = {{.}};</script>`)).Execute(&b, v)
		return b.Bytes(), err
	},
	"go-cmp": func(v any) ([]byte, error) {
		every := cmp.Exporter(func(reflect.Type) bool { return true })
		return []byte(cmp.Diff(v, nil, every) + cmp.Diff([]any{v, 1}, []any{v, 2}, every, cmp.Comparer(func(a, b reflect.Value) bool { return true }))), nil
	},
	"reflection": func(v any) ([]byte, error) {
		var w walker
		w.walk(reflect.ValueOf(v), 0)
		return w.out.Bytes(), nil
	},
}

// slogged logs v as an attribute, in a group, and as part of the logger.
func slogged(v any, asJSON bool) ([]byte, error) {
	var b bytes.Buffer
	var h slog.Handler = slog.NewTextHandler(&b, nil)
	if asJSON {
		h = slog.NewJSONHandler(&b, nil)
	}
	slog.New(h).With("with", v).WithGroup("g").Info("message", "v", v, slog.Group("h", "v", v), slog.Any("a", []any{v}))
	slog.New(h).LogAttrs(context.Background(), slog.LevelWarn, "message", slog.Any("v", v))
	return b.Bytes(), nil
}

// walker prints memory in the way of spew: it follows unexported fields,
// pointers and interfaces and calls no method.
type walker struct{ out bytes.Buffer }

func (w *walker) walk(v reflect.Value, depth int) {
	if depth > 20 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			w.walk(v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i), depth+1)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			w.walk(key, depth+1)
			w.walk(v.MapIndex(key), depth+1)
		}
	case reflect.Slice, reflect.Array:
		w.bytes(v)
		for i := range v.Len() {
			w.walk(v.Index(i), depth+1)
		}
	case reflect.String:
		fmt.Fprintf(&w.out, "%s\n", v.String())
	case reflect.Bool:
		fmt.Fprintln(&w.out, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		fmt.Fprintln(&w.out, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		fmt.Fprintln(&w.out, v.Uint())
	}
}

// bytes prints an array or slice of bytes as it is, and as the integers that
// its parts could be.
func (w *walker) bytes(v reflect.Value) {
	if v.Type().Elem().Kind() != reflect.Uint8 {
		return
	}
	var b []byte
	for i := range v.Len() {
		b = append(b, byte(v.Index(i).Uint()))
	}
	fmt.Fprintf(&w.out, "%s\n%x\n%d\n", b, b, b)
	for i := 0; i+8 <= len(b); i++ {
		fmt.Fprintln(&w.out, binary.BigEndian.Uint64(b[i:]), binary.LittleEndian.Uint64(b[i:]))
	}
}

// shapes are the forms in which s could be shown: the digits and long parts of
// them, in ASCII and full width, as codes and as integers.
func shapes(s string) map[string][]byte {
	m := make(map[string][]byte)
	n := min(len(s), 8)
	for i := range len(s) - n + 1 {
		part := s[i : i+n]
		add := func(form string, b []byte) { m[form+" of "+part] = b }
		add("digits", []byte(part))
		add("full-width digits", []byte(fullWidth(part)))
		add("hexadecimal", []byte(hex.EncodeToString([]byte(part))))
		values := make([]byte, n)
		var codes, small, goCodes []string
		for j := range n {
			values[j] = part[j] - '0'
			codes = append(codes, strconv.Itoa(int(part[j])))
			small = append(small, strconv.Itoa(int(part[j]-'0')))
			goCodes = append(goCodes, fmt.Sprintf("%#x", part[j]))
		}
		add("values", values)
		add("codes", []byte(strings.Join(codes, " ")))
		add("codes in lines", []byte(strings.Join(codes, "\n")))
		add("codes with commas", []byte(strings.Join(codes, ",")))
		add("codes in Go", []byte(strings.Join(goCodes, ", ")))
		add("small numbers", []byte(strings.Join(small, " ")))
		add("small numbers with commas", []byte(strings.Join(small, ",")))
	}
	if packed, err := hex.DecodeString(s[:len(s)&^1]); err == nil {
		m["packed decimal"] = packed
	}
	if number, ok := new(big.Int).SetString(s, 10); ok {
		m["integer"] = []byte(number.String())
		m["hexadecimal integer"] = []byte(number.Text(16))
		m["big-endian integer"] = number.Bytes()
		little := number.Bytes()
		for i, j := 0, len(little)-1; i < j; i, j = i+1, j-1 {
			little[i], little[j] = little[j], little[i]
		}
		m["little-endian integer"] = little
	}
	for form, b := range m {
		if len(b) < 4 { // chance would have it in any output
			delete(m, form)
		}
	}
	return m
}

// findLeak returns the form in which out shows s, or "".
func findLeak(out []byte, s string) string {
	for form, b := range shapes(s) {
		if bytes.Contains(out, b) || bytes.Contains(bytes.ToLower(out), b) {
			return form
		}
	}
	return ""
}

// testLeaks prints everything that holds v in all ways.
func testLeaks[T identifier, P pointer[T]](t *testing.T, v T, embedded ...any) {
	t.Helper()
	s := v.Reveal(zone{})
	forms := shapes(s)
	for held, x := range holders[T, P](v, embedded...) {
		for name, print := range printers {
			out, err := print(x)
			if err != nil {
				out = append(out, err.Error()...)
			}
			lower := bytes.ToLower(out)
			for form, b := range forms {
				if bytes.Contains(out, b) || bytes.Contains(lower, b) {
					t.Errorf("%T, %s, printed by %s: shows %s", v, held, name, form)
				}
			}
		}
	}
}

func TestNoLeak(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a, err := jp.ParseIndividualNumber("621498320257")
	must(err)
	testLeaks(t, a, embedsIndividual{a}, &embedsIndividual{a}, embedsIndividualPointer{&a, "x"}, struct{ v embedsIndividual }{embedsIndividual{a}})
	b, err := jp.ParseCorporateNumber("5835678256246")
	must(err)
	testLeaks(t, b, embedsCorporate{b}, &embedsCorporate{b}, struct{ v embedsCorporate }{embedsCorporate{b}})
	c, err := jp.ParseInsurerNumber("39082011")
	must(err)
	testLeaks(t, c, embedsInsurer{c}, &embedsInsurer{c}, struct{ v embedsInsurer }{embedsInsurer{c}})
	d, err := jp.ParseInsuredNumber("12345674")
	must(err)
	testLeaks(t, d, embedsInsured{d}, &embedsInsured{d}, struct{ v embedsInsured }{embedsInsured{d}})
	e, err := jp.ParseInstitutionCode("0110113719")
	must(err)
	testLeaks(t, e, embedsInstitution{e}, &embedsInstitution{e}, struct{ v embedsInstitution }{embedsInstitution{e}})
	f, err := jp.ParseLocalGovernmentCode("472018")
	must(err)
	testLeaks(t, f, embedsLocalGovernment{f}, &embedsLocalGovernment{f}, struct{ v embedsLocalGovernment }{embedsLocalGovernment{f}})
}

// TestLeakTestFinds proves that the test above can fail: naive types leak in
// each of the forms.
func TestLeakTestFinds(t *testing.T) {
	const s = "621498320257"
	var digits [12]byte
	copy(digits[:], s)
	type text struct{ s string }
	type array struct{ b [12]byte }
	type number struct{ n uint64 }
	n, _ := strconv.ParseUint(s, 10, 64)
	var little, packed [8]byte
	binary.LittleEndian.PutUint64(little[:], n)
	hex.Decode(packed[:], []byte(s))
	for _, test := range []struct {
		printer string
		v       any
	}{
		{"fmt", text{s}},
		{"fmt", &text{s}},
		{"fmt", array{digits}},
		{"fmt", number{n}},
		{"fmt", fullWidth(s)},
		{"json", s},
		{"json", digits},
		{"xml", named[string]{s}},
		{"gob", struct{ V string }{s}},
		{"binary", packed},
		{"binary", n},
		{"text template", text{s}},
		{"html template", number{n}},
		{"html template script", struct{ V string }{s}},
		{"slog text", text{s}},
		{"slog JSON", struct{ V uint64 }{n}},
		{"log", array{digits}},
		{"go-cmp", text{s}},
		{"reflection", struct{ p *text }{&text{s}}},
		{"reflection", struct{ v any }{array{digits}}},
		{"reflection", struct{ v map[number]int }{map[number]int{{n}: 1}}},
		{"reflection", struct{ b [8]byte }{little}},
		{"reflection", struct{ b []byte }{packed[:]}},
	} {
		out, err := printers[test.printer](test.v)
		if err != nil {
			t.Errorf("%s of %T: %v", test.printer, test.v, err)
		}
		if findLeak(out, s) == "" {
			t.Errorf("%s of %T leaks and is not found:\n%.300s", test.printer, test.v, out)
		}
	}
}

// TestPrintsTypeName checks what is printed instead.
func TestPrintsTypeName(t *testing.T) {
	n, err := jp.ParseIndividualNumber("621498320257")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []jp.IndividualNumber{n, {}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%08b"} {
			if got := fmt.Sprintf(verb, v); got != "jp.IndividualNumber" {
				t.Errorf("%s prints %q", verb, got)
			}
			if got := fmt.Sprintf(verb, v.SQL(zone{})); got != "jp.SQLValue" {
				t.Errorf("%s of its SQLValue prints %q", verb, got)
			}
		}
		if got := v.LogValue().String(); got != "jp.IndividualNumber" {
			t.Errorf("logs as %q", got)
		}
		if v.String() != v.GoString() {
			t.Errorf("String %q, GoString %q", v.String(), v.GoString())
		}
		if q := v.SQL(zone{}); q.GoString() != "jp.SQLValue" || q.LogValue().String() != "jp.SQLValue" {
			t.Errorf("SQLValue prints as %q and %q", q.GoString(), q.LogValue())
		}
	}
	if got := fmt.Sprint((*jp.IndividualNumber)(nil)); got != "<nil>" {
		t.Errorf("a nil pointer prints %q", got)
	}
}

// testEncodersFail checks that nothing is encoded or decoded in silence.
func testEncodersFail[T identifier, P pointer[T]](t *testing.T, v T) {
	t.Helper()
	name := fmt.Sprint(v)
	before := v
	p := P(&v)
	type attribute struct {
		V T `xml:"v,attr"`
	}
	type content struct {
		V T `xml:",chardata"`
	}
	_, viaXMLAttr := xml.Marshal(attribute{v})
	_, viaXMLContent := xml.Marshal(content{v})
	_, viaJSONKey := json.Marshal(map[T]int{v: 1})
	_, viaXML := xml.Marshal(v)
	_, viaJSON := json.Marshal([]T{v})
	_, errJSON := v.MarshalJSON()
	_, errText := v.MarshalText()
	_, errBinary := v.MarshalBinary()
	_, errGob := v.GobEncode()
	_, errValue := v.Value()
	for what, err := range map[string]error{
		"MarshalJSON":         errJSON,
		"MarshalText":         errText,
		"MarshalBinary":       errBinary,
		"GobEncode":           errGob,
		"Value":               errValue,
		"JSON":                viaJSON,
		"JSON key":            viaJSONKey,
		"XML":                 viaXML,
		"XML attribute":       viaXMLAttr,
		"XML content":         viaXMLContent,
		"gob":                 gob.NewEncoder(io.Discard).Encode(struct{ V T }{v}),
		"UnmarshalJSON":       p.UnmarshalJSON([]byte(`"1"`)),
		"UnmarshalText":       p.UnmarshalText([]byte("1")),
		"UnmarshalBinary":     p.UnmarshalBinary([]byte("1")),
		"GobDecode":           p.GobDecode([]byte("1")),
		"Scan":                p.Scan("1"),
		"JSON null":           json.Unmarshal([]byte(`[null]`), &[]T{v}),
		"JSON in":             json.Unmarshal([]byte(`{"V":"1"}`), &struct{ V T }{v}),
		"XML in":              xml.Unmarshal([]byte(`<a><V>1</V></a>`), &named[T]{v}),
		"database/sql nullNT": new(sql.Null[T]).Scan("1"),
	} {
		if err == nil || !strings.Contains(err.Error(), name+" is closed to ") || !strings.Contains(err.Error(), "ask by zone (Reveal, Restore, SQL)") {
			t.Errorf("%s by %s: error %v, want one that names the way", name, what, err)
		}
	}
	if v != before {
		t.Errorf("%s was changed by a decoder", name)
	}
}

func TestEncodersFail(t *testing.T) {
	// Package gob leaves out a field that is zero without asking it.
	a, errA := jp.ParseIndividualNumber("621498320257")
	b, errB := jp.ParseCorporateNumber("5835678256246")
	c, errC := jp.ParseInsurerNumber("39082011")
	d, errD := jp.ParseInsuredNumber("12345674")
	e, errE := jp.ParseInstitutionCode("0110113719")
	f, errF := jp.ParseLocalGovernmentCode("472018")
	if err := errors.Join(errA, errB, errC, errD, errE, errF); err != nil {
		t.Fatal(err)
	}
	testEncodersFail(t, a)
	testEncodersFail(t, b)
	testEncodersFail(t, c)
	testEncodersFail(t, d)
	testEncodersFail(t, e)
	testEncodersFail(t, f)
}
