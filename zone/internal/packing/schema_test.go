package packing_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sekisho-go/sekisho/internal/specimen"
	"github.com/sekisho-go/sekisho/internal/specimen/shapes"
	"github.com/sekisho-go/sekisho/zone/internal/packing"
	"github.com/sekisho-go/sekisho/zone/wire"
)

// schemaOf is a schema with the given fields and types.
func schemaOf(fields string, types ...string) string {
	s := `{"type":"example.com/app.V","zone":"lab","class":"public","fields":[` + fields + `]`
	if len(types) > 0 {
		s += `,"types":[` + strings.Join(types, ",") + `]`
	}
	return s + `}`
}

// shapeOf is a schema with one field of the given type.
func shapeOf(shape string, types ...string) string {
	return schemaOf(`{"name":"F","type":"`+shape+`"}`, types...)
}

func TestSchemasOfViews(t *testing.T) {
	for _, v := range []view{new(specimen.PersonLGWAN), new(specimen.HouseholdLGWAN), new(shapes.AllLGWAN), new(shapes.TreeLGWAN)} {
		s, err := packing.ParseSchema([]byte(v.Packing().JSON()))
		if err != nil {
			t.Fatalf("%T: %v", v, err)
		}
		if s.JSON() != v.Packing().JSON() || s.Differs(v.Packing()) != "" || v.Packing().Differs(s) != "" {
			t.Errorf("%T: the schema is not what it was read from", v)
		}
		if s.Zone() != "lgwan" || !strings.HasPrefix(s.Type(), "github.com/sekisho-go/sekisho/internal/specimen") || s.Class() == "" {
			t.Errorf("%T: type %q in zone %q of class %q", v, s.Type(), s.Zone(), s.Class())
		}
	}
}

func TestParseSchemaRefuses(t *testing.T) {
	const node = `{"name":"a.N","fields":[{"name":"Next","type":"*a.N"}]}`
	good := []string{
		schemaOf(""), shapeOf("string"), shapeOf("[]map[int][3]*{A:bool,B:{}}"), shapeOf("a.N", node), shapeOf("[0]string"),
		shapeOf("string") + "", schemaOf(`{"name":"氏名","type":"string","class":"3B","categories":["氏名","b"],"integrity":"2","opens":"w"}`),
		shapeOf("[2147483647][2147483647]string"),
	}
	for _, text := range good {
		if _, err := packing.ParseSchema([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	bad := []struct{ name, text, want string }{
		{"nothing", "", "not the JSON"},
		{"a number", "1", "not the JSON"},
		{"unknown key", strings.Replace(schemaOf(""), `"zone"`, `"zones"`, 1), "not the JSON"},
		{"key twice", strings.Replace(schemaOf(""), `"zone":"lab"`, `"zone":"lab","zone":"lab"`, 1), "canonical"},
		{"other order", `{"zone":"lab","type":"a.V","class":"public","fields":[]}`, "canonical"},
		{"blank", schemaOf("") + " ", "canonical"},
		{"something behind", schemaOf("") + "{}", "canonical"},
		{"upper case", strings.Replace(schemaOf(""), `"zone"`, `"Zone"`, 1), "canonical"},
		{"escape", strings.Replace(schemaOf(""), `lab`, `l\u0061b`, 1), "canonical"},
		{"empty categories", schemaOf(`{"name":"F","type":"string","categories":[]}`), "canonical"},
		{"no fields", `{"type":"a.V","zone":"lab","class":"public","fields":null}`, "null"},
		{"no fields of a type", schemaOf("", `{"name":"a.N","fields":null}`), "null"},
		{"type without package", strings.Replace(schemaOf(""), "example.com/app.V", "V", 1), "qualified"},
		{"no name", schemaOf(`{"name":"","type":"string"}`), "not the name of a field"},
		{"name with a point", schemaOf(`{"name":"a.b","type":"string"}`), "not the name of a field"},
		{"field twice", schemaOf(`{"name":"F","type":"string"},{"name":"F","type":"string"}`), "two fields F"},
		{"field of a struct twice", shapeOf("{A:int,A:int}"), "two fields A"},
		{"type twice", shapeOf("a.N", node, node), "two types a.N"},
		{"type of no package", schemaOf("", `{"name":"N","fields":[]}`), "with its package"},
		{"type that is not there", shapeOf("a.M", node), "want string"},
		{"type with a slash", schemaOf("", `{"name":"x/a.N","fields":[]}`), "with its package"},
		{"int8", shapeOf("int8"), "want string"},
		{"nothing as type", shapeOf(""), "want string"},
		{"bracket", shapeOf("[string"), "want string"},
		{"length with a zero", shapeOf("[03]int"), "want string"},
		{"length with a sign", shapeOf("[-1]int"), "want string"},
		{"length beyond", shapeOf("[2147483648]int"), "want string"},
		{"map without value", shapeOf("map[int]"), "want string"},
		{"map without bracket", shapeOf("map[int string"), "want string"},
		{"comma at the end", shapeOf("{A:int,}"), "want string"},
		{"comma at the start", shapeOf("{,A:int}"), "want string"},
		{"blank in a struct", shapeOf("{A: int}"), "want string"},
		{"rest", shapeOf("int]"), "want string"},
		{"itself", shapeOf("a.N", `{"name":"a.N","fields":[{"name":"X","type":"a.N"}]}`), "no end"},
		{"itself by another", shapeOf("int", `{"name":"a.N","fields":[{"name":"X","type":"[2]a.M"}]}`, `{"name":"a.M","fields":[{"name":"X","type":"{Y:a.N}"}]}`), "no end"},
		{"deep", shapeOf(strings.Repeat("[]", 64) + "int"), "more than 64"},
		{"large", shapeOf("string") + strings.Repeat(" ", 1<<20), "1048576"},
	}
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := packing.ParseSchema([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// TestParseSchemaDamage changes every byte of a schema: it is refused, or is
// another schema with a text of its own.
func TestParseSchemaDamage(t *testing.T) {
	text := new(specimen.HouseholdLGWAN).Packing().JSON()
	for i := range text {
		if _, err := packing.ParseSchema([]byte(text[:i])); err == nil {
			t.Fatalf("the first %d bytes are a schema, too", i)
		}
		for _, flip := range []byte{1, 0x20, 0x80} {
			bad := []byte(text)
			bad[i] ^= flip
			s, err := packing.ParseSchema(bad)
			if err == nil && s.Differs(packing.NewSchema(text)) == "" {
				t.Fatalf("byte %d does not matter", i)
			}
		}
	}
}

func TestDiffers(t *testing.T) {
	const base = `{"name":"A","type":"string","class":"3B"},{"name":"B","type":"a.N","class":"2"}`
	types := `{"name":"a.N","fields":[{"name":"X","type":"int"}]}`
	tests := []struct{ name, a, b, want string }{
		{"same", schemaOf(base, types), schemaOf(base, types), ""},
		{"type", schemaOf(base, types), strings.Replace(schemaOf(base, types), "app.V", "app.W", 1), `type "example.com/app.V", not "example.com/app.W"`},
		{"zone", schemaOf(base, types), strings.Replace(schemaOf(base, types), "lab", "ward", 1), `zone "lab", not "ward"`},
		{"class", schemaOf(base, types), strings.Replace(schemaOf(base, types), "public", "secret", 1), `class "public", not "secret"`},
		{"name", schemaOf(base, types), schemaOf(strings.Replace(base, `"A"`, `"C"`, 1), types), "field A, not C"},
		{"type of a field", schemaOf(base, types), schemaOf(strings.Replace(base, "string", "int", 1), types), `field A: type "string", not "int"`},
		{"class of a field", schemaOf(base, types), schemaOf(strings.Replace(base, "3B", "3C", 1), types), `field A: class "3B", not "3C"`},
		{"second field", schemaOf(base, types), schemaOf(strings.Replace(base, `"2"`, `"1"`, 1), types), `field B: class "2", not "1"`},
		{"fewer", schemaOf(base, types), schemaOf(base[:strings.Index(base, "},")+1], types), "field B, which the other has not"},
		{"more", schemaOf(base[:strings.Index(base, "},")+1], types), schemaOf(base, types), "no field B, which the other has"},
		{"inside", schemaOf(base, types), schemaOf(base, strings.Replace(types, "int", "uint", 1)), `field a.N.X: type "int", not "uint"`},
		{"other types", schemaOf("", types), schemaOf("", strings.ReplaceAll(types, "a.N", "a.M")), "types: a.N, not a.M"},
		{"more types", schemaOf("", types), schemaOf("", types, `{"name":"a.M","fields":[]}`), "1 types, not 2"},
		{"categories", schemaOf(`{"name":"A","type":"int","categories":["x"]}`), schemaOf(`{"name":"A","type":"int"}`), `field A: categories ["x"], not []`},
		{"integrity", schemaOf(`{"name":"A","type":"int","integrity":"2"}`), schemaOf(`{"name":"A","type":"int"}`), `field A: integrity "2", not ""`},
		{"opens", schemaOf(`{"name":"A","type":"sealed","opens":"w"}`), schemaOf(`{"name":"A","type":"sealed","opens":"x"}`), `field A: opens in "w", not in "x"`},
		{"broken", "{", schemaOf(""), "packing: the schema cannot be read: it is not the JSON of a schema"},
		{"broken other", schemaOf(""), "{", "packing: the schema cannot be read: it is not the JSON of a schema"},
		{"broken both", "{", "{", "packing: the schema cannot be read: it is not the JSON of a schema"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := packing.NewSchema(tt.a).Differs(packing.NewSchema(tt.b)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	if (*packing.Schema)(nil).Differs(nil) == "" || packing.NewSchema(schemaOf("")).Differs(nil) == "" {
		t.Error("no schema is a schema")
	}
}

func TestAppendJSON(t *testing.T) {
	const node = `{"name":"a.N","fields":[{"name":"V","type":"int"},{"name":"Next","type":"*a.N"}]}`
	const mac = "\x00\x00\x00\x01" + "0123456789abcdef"
	const sealed = "\x01\x00\x00\x00\x01" + "nonce1234567" + "tag0123456789abc"
	tests := []struct{ name, shape, record, want string }{
		{"string", "string", "\x02\"\x01", `"\"\u0001"`},
		{"string for a page", "string", "\x09<&>\u2028\u202e", `"\u003c\u0026\u003e\u2028\u202e"`},
		{"string of bytes", "string", "\x01\xff", `{"bytes":"/w=="}`},
		{"value", "value", "\x011", `"1"`},
		{"text", "text", "\x01a", `"a"`},
		{"binary", "binary", "\x01\xff", `"/w=="`},
		{"no bytes", "bytes", "\x00", `null`},
		{"empty bytes", "bytes", "\x01", `""`},
		{"bytes", "bytes", "\x02\xff", `"/w=="`},
		{"bool", "bool", "\x01", `true`},
		{"int", "int", "\x01", `-1`},
		{"uint", "uint", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", `18446744073709551615`},
		{"float", "float", "\x3f\xe0\x00\x00\x00\x00\x00\x00", `0.5`},
		{"no number", "float", "\x7f\xf8\x00\x00\x00\x00\x00\x01", `"NaN"`},
		{"complex", "complex", "\x7f\xf0\x00\x00\x00\x00\x00\x00\xff\xf0\x00\x00\x00\x00\x00\x00", `["+Inf","-Inf"]`},
		{"time", "time", "\x02\x01\x00", `"1970-01-01T00:00:01.000000001Z"`},
		{"time of an odd offset", "time", "\x00\x00\x02", `{"unix":0,"nanosecond":0,"offset":1}`},
		{"token", "token", "\x14" + mac, `"AAAAATAxMjM0NTY3ODlhYmNkZWY"`},
		{"no token", "token", "\x00", `null`},
		{"index", "index", "\x14" + mac, `"AAAAATAxMjM0NTY3ODlhYmNkZWY"`},
		{"sealed", "sealed", "\x21" + sealed, `"AQAAAAFub25jZTEyMzQ1Njd0YWcwMTIzNDU2Nzg5YWJj"`},
		{"slice", "[]int", "\x02\x02\x04", `[1,2]`},
		{"no elements", "[]int", "\x00", `[]`},
		{"array", "[2]bool", "\x00\x01", `[false,true]`},
		{"absent", "*int", "\x00", `null`},
		{"present", "**int", "\x01\x01\x02", `1`},
		{"map", "map[string]int", "\x02\x01a\x02\x01b\x04", `{"a":1,"b":2}`},
		{"map of numbers", "map[int]bool", "\x01\x01\x00", `{"-1":false}`},
		{"map of tokens", "map[token]bool", "\x02\x00\x00\x14" + mac + "\x01", `{"":false,"AAAAATAxMjM0NTY3ODlhYmNkZWY":true}`},
		{"map of structs", "map[{A:int}]bool", "\x01\x02\x01", `[{"key":{"A":1},"value":true}]`},
		{"struct", "{A:int,B:string}", "\x02\x01b", `{"A":1,"B":"b"}`},
		{"nothing", "[]{}", "\x02", `[{},{}]`},
		{"named", "a.N", "\x02\x01\x04\x00", `{"V":1,"Next":{"V":2,"Next":null}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := packing.ParseSchema([]byte(shapeOf(tt.shape, node)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.AppendJSON([]byte("> "), []byte(tt.record))
			if want := `> {"F":` + tt.want + `}`; err != nil || string(got) != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestAppendJSONRefuses(t *testing.T) {
	const wide = `{"name":"a.W","fields":[{"name":"X","type":"[100]a.V"},{"name":"Y","type":"[100]a.V"}]}`
	const wider = `{"name":"a.V","fields":[{"name":"X","type":"[1000]{}"},{"name":"Y","type":"[1000]{}"}]}`
	tests := []struct{ name, shape, record, want string }{
		{"cut", "string", "\x03CA", "field F: wire: String at byte 1"},
		{"left over", "bool", "\x01C", "1 bytes are left over"},
		{"bool", "bool", "\x02", "neither 0 nor 1"},
		{"count", "[]float", "\x02CANARYCA", "more elements are announced"},
		{"count inside", "[][]float", "\x01\x02CANARYCA", "field F: packing: Count"},
		{"array", "[2147483647]int", "CANARY", "needs more than the 6 bytes left"},
		{"array of arrays", "[2147483647][2147483647]int", "CANARY", "needs more than the 6 bytes left"},
		{"nothing without end", "[2147483647]{}", "", "take no bytes"},
		{"much nothing", "a.W", "", "take no bytes"},
		{"slice of much nothing", "[]{}", "\xff\xff\xff\x7f", "more elements are announced"},
		{"token", "token", "\x06CANARY", "not those of a token"},
		{"sealed", "sealed", "\x21" + strings.Repeat("C", 33), "not those of a token"},
		{"key twice", "map[string]bool", "\x02\x01C\x00\x01C\x01", "twice"},
		{"field inside", "{A:{B:bool}}", "C", "field F.A.B"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := packing.ParseSchema([]byte(shapeOf(tt.shape, wide, wider)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.AppendJSON([]byte("kept"), []byte(tt.record))
			if err == nil || !strings.Contains(err.Error(), tt.want) || string(got) != "kept" {
				t.Errorf("got %d bytes and %v, want an error with %q", len(got), err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "CA") {
				t.Errorf("the error shows a value: %v", err)
			}
		})
	}
	if _, err := packing.NewSchema("{").AppendJSON(nil, nil); err == nil {
		t.Error("a schema that cannot be read reads")
	}
}

// FuzzSchema: whatever the schema and the record, there is JSON or an error.
func FuzzSchema(f *testing.F) {
	x := out(f)
	h := household(f, x)
	f.Add([]byte(h.Packing().JSON()), packed(f, h))
	all := randomAll(f, x, 4)
	f.Add([]byte(all.Packing().JSON()), packed(f, all))
	f.Add([]byte(shapeOf("[2147483647]{}")), []byte{})
	f.Add([]byte(shapeOf("map[{A:int}][]*text")), []byte("\x01\x02\x01\x01\x01a"))
	f.Add([]byte(shapeOf("a.N", `{"name":"a.N","fields":[{"name":"X","type":"[]a.N"}]}`)), []byte("\x01\x01\x01\x00"))
	f.Fuzz(func(t *testing.T, text, record []byte) {
		s, err := packing.ParseSchema(text)
		if err != nil {
			return
		}
		if s.JSON() != string(text) || s.Differs(s) != "" {
			t.Fatal("a schema is not what it was read from")
		}
		out, err := s.AppendJSON(nil, record)
		if err == nil && !json.Valid(out) {
			t.Fatalf("no JSON: %s", out)
		}
	})
}

// FuzzStrings: every string comes out as JSON that reads back as it.
func FuzzStrings(f *testing.F) {
	for _, s := range []string{"", "a\"\\\n\x7f\u0085", "国立 花子", "\xff\xfe", "\u2028\u202e<>&", "🌙\ufffd"} {
		f.Add(s)
	}
	schema := packing.NewSchema(shapeOf("string"))
	f.Fuzz(func(t *testing.T, s string) {
		var w wire.Writer
		w.String(s)
		out, err := schema.AppendJSON(nil, w.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		var plain struct{ F string }
		var raw struct{ F struct{ Bytes []byte } }
		if json.Unmarshal(out, &plain) == nil && plain.F == s {
			return
		}
		if err := json.Unmarshal(out, &raw); err != nil || string(raw.F.Bytes) != s {
			t.Fatalf("%q came out as %s", s, out)
		}
	})
}
