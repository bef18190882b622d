package crypto_test

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/quick"

	"github.com/sekisho-go/sekisho/crypto"
)

// index is the type most tests use.
type index = crypto.Index[myNumber, group]

var _ interface {
	encoding.TextMarshaler
	encoding.TextAppender
	encoding.BinaryMarshaler
	encoding.BinaryAppender
	json.Marshaler
	driver.Valuer
} = index{}

var _ interface {
	encoding.TextUnmarshaler
	encoding.BinaryUnmarshaler
	json.Unmarshaler
	sql.Scanner
} = (*index)(nil)

func makeIndex[Z crypto.Zone](t testing.TB, k *crypto.Keys[Z], scope crypto.Scope, value string) crypto.Index[Z, group] {
	t.Helper()
	i, err := crypto.MakeIndex[group](k, scope, []byte(value))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestMakeIndex(t *testing.T) {
	r := ephemeral(t)
	k := keysOf[myNumber](t, r)
	scope := crypto.NewScope("a")
	equal := func(v, w []byte) bool {
		a, err1 := crypto.MakeIndex[group](k, scope, v)
		b, err2 := crypto.MakeIndex[group](k, scope, w)
		found, err3 := crypto.Lookup[group](k, scope, w)
		return errors.Join(err1, err2, err3) == nil && (a == b) == bytes.Equal(v, w) && len(found) == 1 && found[0] == b
	}
	if err := quick.Check(equal, nil); err != nil {
		t.Errorf("indexes are equal where values are not, or the reverse: %v", err)
	}
	base, data := makeIndex(t, k, scope, "v"), func(i interface{ MarshalBinary() ([]byte, error) }) string {
		b, err := i.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		return string(b[4:])
	}
	if base == makeIndex(t, k, crypto.NewScope("b"), "v") {
		t.Error("one value has the same index in two scopes")
	}
	if data(base) == data(makeIndex(t, keysOf[lgwan](t, r), scope, "v")) {
		t.Error("one value has the same index in two zones")
	}
	if data(base) == data(makeToken(t, k, scope, "v")) {
		t.Error("the index of a value is its token: they are under one key")
	}
	if id, _ := k.Primary(crypto.UseIndex); base.KeyID() != id {
		t.Errorf("KeyID = %d, want %d", base.KeyID(), id)
	}
}

func TestMatchIndex(t *testing.T) {
	r := ephemeral(t)
	k, far := keysOf[myNumber](t, r), keysOf[lgwan](t, r)
	scope := crypto.NewScope("a")
	i := makeIndex(t, k, scope, "value")
	for _, tc := range []struct {
		what  string
		scope crypto.Scope
		value string
		i     index
		want  bool
	}{
		{"the value", scope, "value", i, true},
		{"another value", scope, "values", i, false},
		{"another scope", crypto.NewScope("b"), "value", i, false},
		{"the absent index", scope, "", index{}, false},
	} {
		if got, err := crypto.MatchIndex(k, tc.scope, []byte(tc.value), tc.i); got != tc.want || err != nil {
			t.Errorf("%s: MatchIndex = %t, %v, want %t", tc.what, got, err, tc.want)
		}
	}
	text, _ := i.MarshalText()
	var moved crypto.Index[lgwan, group]
	if err := moved.UnmarshalText(text); err != nil {
		t.Fatal(err)
	}
	var unknown *crypto.UnknownKeyError
	if ok, err := crypto.MatchIndex(far, scope, []byte("value"), moved); ok || !errors.As(err, &unknown) || unknown.Use != crypto.UseIndex || unknown.KeyID != i.KeyID() {
		t.Errorf("in another zone: MatchIndex = %t, %v, want an *UnknownKeyError", ok, err)
	}
}

// TestIndexMutations changes every bit of an index and cuts it at every length.
func TestIndexMutations(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	data, _ := makeIndex(t, k, crypto.Scope{}, "v").MarshalBinary()
	var unknown *crypto.UnknownKeyError
	for n := range data {
		for bit := range 8 {
			mutated := bytes.Clone(data)
			mutated[n] ^= 1 << bit
			var u index
			if err := u.UnmarshalBinary(mutated); err != nil {
				t.Fatal(err)
			}
			if ok, err := crypto.MatchIndex(k, crypto.Scope{}, []byte("v"), u); ok || (n < 4) != errors.As(err, &unknown) {
				t.Errorf("bit %d of byte %d: MatchIndex = %t, %v", bit, n, ok, err)
			}
		}
		if n > 0 {
			var u index
			wantMalformed(t, "cut", u.UnmarshalBinary(data[:n]), "index", "mynumber")
		}
	}
	for _, bad := range [][]byte{append(bytes.Clone(data), 0), make([]byte, 20)} {
		u := index{}
		wantMalformed(t, "bytes", u.UnmarshalBinary(bad), "index", "mynumber")
	}
}

func TestIndexForms(t *testing.T) {
	i := makeIndex(t, keysOf[myNumber](t, ephemeral(t)), crypto.Scope{}, "v")
	text, _ := i.MarshalText()
	data, _ := i.AppendBinary([]byte("x"))
	value, err := i.Value()
	if value != string(text) || err != nil || !driver.IsValue(value) || len(text) != 27 || len(data) != 21 {
		t.Errorf("Value = %v, %v, want the text; text of %d, binary of %d", value, err, len(text), len(data))
	}
	for _, src := range []any{value, text, data[1:], string(data[1:])} {
		var u index
		if err := u.Scan(src); err != nil || u != i {
			t.Errorf("Scan of a %T: %v", src, err)
		}
	}
	for _, src := range []any{"", []byte{}, int64(1), true, "x", string(text) + " ", strings.Repeat("A", 27), make([]byte, 20)} {
		u := i
		wantMalformed(t, "Scan", u.Scan(src), "index", "mynumber")
		if u != i {
			t.Error("a failed Scan changes the index")
		}
	}
	for n := range text {
		for c := range 256 {
			mutated := bytes.Clone(text)
			if mutated[n] = byte(c); bytes.Equal(mutated, text) {
				continue
			}
			var u index
			if err := u.UnmarshalText(mutated); err != nil {
				wantMalformed(t, "character changed", err, "index", "mynumber")
			} else if u == i {
				t.Fatalf("two texts of one index: %q and %q", text, mutated)
			}
		}
	}
}

func TestIndexZero(t *testing.T) {
	var zero index
	text, _ := zero.MarshalText()
	data, _ := zero.MarshalBinary()
	value, _ := zero.Value()
	asJSON, _ := zero.MarshalJSON()
	if !zero.IsZero() || len(text) != 0 || len(data) != 0 || value != nil || string(asJSON) != "null" || zero.KeyID() != 0 {
		t.Errorf("the absent index is not absent: text %q, binary %x, value %v, JSON %s", text, data, value, asJSON)
	}
	full := makeIndex(t, keysOf[myNumber](t, ephemeral(t)), crypto.Scope{}, "v")
	for what, decode := range map[string]func(*index) error{
		"UnmarshalText":   func(u *index) error { return u.UnmarshalText(nil) },
		"UnmarshalBinary": func(u *index) error { return u.UnmarshalBinary(nil) },
		"UnmarshalJSON":   func(u *index) error { return u.UnmarshalJSON([]byte("null")) },
		"Scan":            func(u *index) error { return u.Scan(nil) },
	} {
		u := full
		if err := decode(&u); err != nil || !u.IsZero() {
			t.Errorf("%s of nothing: %v, absent %t", what, err, u.IsZero())
		}
	}
}

// TestJSON writes and reads everything that has a form in JSON, inside a struct.
func TestJSON(t *testing.T) {
	type record struct {
		S sealed        `json:"s"`
		T lgwanToken    `json:"t"`
		I index         `json:"i"`
		P *index        `json:"p"`
		O index         `json:"o,omitzero"`
		M map[index]int `json:"m"`
	}
	k := keysOf[myNumber](t, ephemeral(t))
	i := makeIndex(t, k, crypto.Scope{}, "v")
	full := record{S: seal(t, k, []byte("v"), nil), T: makeToken(t, k, crypto.Scope{}, "v"), I: i, P: &i, M: map[index]int{i: 1}}
	for what, in := range map[string]record{"full": full, "absent": {}} {
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		out := full
		out.M = nil
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatalf("%s: %v in %s", what, err, b)
		}
		if !out.S.Equal(in.S) || out.T != in.T || out.I != in.I || (out.P == nil) != (in.P == nil) || out.M[i] != in.M[i] {
			t.Errorf("%s: %s is read as something else", what, b)
		}
		if what == "absent" && string(b) != `{"s":null,"t":null,"i":null,"p":null,"m":null}` {
			t.Errorf("absent values are written as %s", b)
		}
	}
	for _, empty := range []string{`{"s":"","t":"","i":""}`, `{"s":null,"t":null,"i":null}`} {
		out := full
		if err := json.Unmarshal([]byte(empty), &out); err != nil || !out.S.IsZero() || !out.T.IsZero() || !out.I.IsZero() {
			t.Errorf("%s: %v", empty, err)
		}
	}
}

// TestJSONRefuses reads what is not the form that is written.
func TestJSONRefuses(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	s, tok, i := seal(t, k, []byte("v"), nil), makeToken(t, k, crypto.Scope{}, "v"), makeIndex(t, k, crypto.Scope{}, "v")
	escape := func(v json.Marshaler) string {
		b, err := v.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return `"\u00` + string("0123456789abcdef"[b[1]>>4]) + string("0123456789abcdef"[b[1]&15]) + string(b[2:])
	}
	for _, in := range []string{`1`, `true`, `{}`, `[]`, `"x"`, `" "`, `"\n"`, `"AA=="`, `"あ"`, `"null"`, `""""`, `"`, ``, `nul`} {
		u, v, w := s, tok, i
		wantMalformed(t, in, u.UnmarshalJSON([]byte(in)), "sealed", "mynumber")
		wantMalformed(t, in, v.UnmarshalJSON([]byte(in)), "token", "mynumber→lgwan")
		wantMalformed(t, in, w.UnmarshalJSON([]byte(in)), "index", "mynumber")
		if !u.Equal(s) || v != tok || w != i {
			t.Errorf("%s: a failed UnmarshalJSON changes the value", in)
		}
	}
	// One value has one text: escapes are not undone.
	u, v, w := s, tok, i
	wantMalformed(t, "an escape", json.Unmarshal([]byte(escape(s)), &u), "sealed", "mynumber")
	wantMalformed(t, "an escape", json.Unmarshal([]byte(escape(tok)), &v), "token", "mynumber→lgwan")
	wantMalformed(t, "an escape", json.Unmarshal([]byte(escape(i)), &w), "index", "mynumber")
}
