package crypto_test

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho-go/sekisho/crypto"
)

// sealed is the type most tests use.
type sealed = crypto.Sealed[myNumber, group]

var _ interface {
	encoding.TextMarshaler
	encoding.TextAppender
	encoding.BinaryMarshaler
	encoding.BinaryAppender
	driver.Valuer
} = sealed{}

var _ interface {
	encoding.TextUnmarshaler
	encoding.BinaryUnmarshaler
	sql.Scanner
} = (*sealed)(nil)

func TestSealOpen(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	opens := func(plaintext, ad []byte) bool {
		s, err := crypto.Seal[group](k, plaintext, ad)
		if err != nil {
			return false
		}
		got, err := crypto.Open(k, s, ad)
		return err == nil && bytes.Equal(got, plaintext)
	}
	if err := quick.Check(opens, nil); err != nil {
		t.Error(err)
	}
	if !opens(nil, nil) {
		t.Error("nothing under no associated data does not open")
	}
	if a, b := seal(t, k, []byte("x"), nil), seal(t, k, []byte("x"), nil); a.Equal(b) {
		t.Error("sealing a value twice gives the same ciphertext")
	}
}

// Neither Seal nor Open keeps or changes what it is given, and what it returns
// is nobody else's.
func TestSealBuffersAreTheCallers(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	plaintext, ad := []byte("value"), []byte("ad")
	s := seal(t, k, plaintext, ad)
	if string(plaintext) != "value" || string(ad) != "ad" {
		t.Errorf("Seal changed its input to %q, %q", plaintext, ad)
	}
	clear(plaintext)
	clear(s.Bytes())
	got, err := crypto.Open(k, s, ad)
	if err != nil || string(got) != "value" {
		t.Fatalf("Open = %q, %v, want %q", got, err, "value")
	}
	clear(got)
	if again, err := crypto.Open(k, s, ad); err != nil || string(again) != "value" {
		t.Errorf("Open again = %q, %v, want %q", again, err, "value")
	}
	data := s.Bytes()
	var u sealed
	if err := u.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	clear(data)
	if !u.Equal(s) {
		t.Error("UnmarshalBinary keeps the caller's bytes")
	}
}

func wantOpenError(t *testing.T, what string, got []byte, err error) {
	t.Helper()
	var e *crypto.OpenError
	if !errors.As(err, &e) || got != nil {
		t.Errorf("%s: Open = %q, %v, want an *OpenError", what, got, err)
	}
}

// TestSealedMutations changes every bit of a sealed value and cuts it at every
// length: decoding or opening refuses it, with the error that is due.
func TestSealedMutations(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	ad := crypto.AppendAD(nil, "kouki", "Insured", "1")
	data := seal(t, k, []byte("a value"), ad).Bytes()
	refused := func(what string, mutated []byte) {
		t.Helper()
		var s sealed
		if err := s.UnmarshalBinary(mutated); err != nil {
			wantMalformed(t, what, err, "sealed", "mynumber")
			return
		}
		got, err := crypto.Open(k, s, ad)
		wantOpenError(t, what, got, err)
	}
	for i := range data {
		for bit := range 8 {
			mutated := bytes.Clone(data)
			mutated[i] ^= 1 << bit
			refused("bit changed", mutated)
		}
		refused("cut at the end", data[:i])
		if i > 0 {
			refused("cut at the front", data[i:])
		}
		refused("byte left out", append(bytes.Clone(data[:i]), data[i+1:]...))
	}
	refused("byte added", append(bytes.Clone(data), 0))
}

func wantMalformed(t *testing.T, what string, err error, kind, name string) {
	t.Helper()
	var e *crypto.MalformedError
	if !errors.As(err, &e) || e.Kind != kind || e.Name != name {
		t.Errorf("%s: err = %v, want a *MalformedError of %s(%s)", what, err, kind, name)
	}
}

// TestSealedSwapped moves sealed values to where they do not belong.
func TestSealedSwapped(t *testing.T) {
	r := ephemeral(t)
	k, far := keysOf[myNumber](t, r), keysOf[lgwan](t, r)
	ad := func(parts ...string) []byte { return crypto.AppendAD(nil, parts...) }
	s := seal(t, k, []byte("value"), ad("kouki", "Insured", "phone", "1"))
	for _, tc := range []struct {
		what string
		ad   []byte
	}{
		{"no associated data", nil},
		{"another record", ad("kouki", "Insured", "phone", "2")},
		{"another field", ad("kouki", "Insured", "name", "1")},
		{"another type", ad("kouki", "Claim", "phone", "1")},
		{"another policy", ad("zeimu", "Insured", "phone", "1")},
		{"parts cut elsewhere", ad("koukiI", "nsured", "phone", "1")},
		{"a part less", ad("kouki", "Insured", "phone")},
		{"a part more", ad("kouki", "Insured", "phone", "1", "")},
	} {
		got, err := crypto.Open(k, s, tc.ad)
		wantOpenError(t, tc.what, got, err)
	}

	// To another zone by way of text, since the compiler lets no other way.
	text, _ := s.MarshalText()
	var moved crypto.Sealed[lgwan, group]
	if err := moved.UnmarshalText(text); err != nil {
		t.Fatal(err)
	}
	got, err := crypto.Open(far, moved, ad("kouki", "Insured", "phone", "1"))
	wantOpenError(t, "another zone", got, err)

	got, err = crypto.Open(k, sealed{}, nil)
	wantOpenError(t, "the absent value", got, err)
}

func TestSealedText(t *testing.T) {
	s := seal(t, keysOf[myNumber](t, ephemeral(t)), []byte("value"), nil)
	text, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	if want := base64.RawURLEncoding.EncodeToString(s.Bytes()); string(text) != want {
		t.Errorf("text = %s, want %s", text, want)
	}
	var u sealed
	if err := u.UnmarshalText(text); err != nil || !u.Equal(s) {
		t.Errorf("UnmarshalText: %v, equal %t", err, u.Equal(s))
	}
	std := base64.StdEncoding.EncodeToString(s.Bytes())
	for what, bad := range map[string]string{
		"padding":          string(text) + "=",
		"a line end":       string(text) + "\n",
		"a line end in it": string(text[:8]) + "\r\n" + string(text[8:]),
		"a blank":          " " + string(text),
		"standard base64":  strings.TrimRight(std, "=") + "+/",
		"too short":        string(text[:40]),
		"no version":       strings.Repeat("B", 60),
		"not base64":       strings.Repeat("あ", 20),
	} {
		u := s
		wantMalformed(t, what, u.UnmarshalText([]byte(bad)), "sealed", "mynumber")
		if !u.Equal(s) {
			t.Errorf("%s: a failed UnmarshalText changes the value", what)
		}
	}
}

// TestSealedTextMutations changes every character of the text into every other:
// no text but the one that was written opens.
func TestSealedTextMutations(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	s := seal(t, k, []byte("ab"), nil)
	text, _ := s.MarshalText()
	for i := range text {
		for c := range 256 {
			mutated := bytes.Clone(text)
			if mutated[i] = byte(c); bytes.Equal(mutated, text) {
				continue
			}
			var u sealed
			if err := u.UnmarshalText(mutated); err != nil {
				wantMalformed(t, "character changed", err, "sealed", "mynumber")
				continue
			}
			got, err := crypto.Open(k, u, nil)
			wantOpenError(t, "character changed", got, err)
		}
	}
}

func TestSealedZero(t *testing.T) {
	var s sealed
	text, _ := s.MarshalText()
	data, _ := s.MarshalBinary()
	value, _ := s.Value()
	if !s.IsZero() || len(text) != 0 || len(data) != 0 || value != nil || s.KeyID() != 0 || s.Bytes() != nil {
		t.Errorf("the absent value is not absent: text %q, binary %x, value %v", text, data, value)
	}
	full := seal(t, keysOf[myNumber](t, ephemeral(t)), nil, nil)
	for what, decode := range map[string]func(*sealed) error{
		"UnmarshalText":   func(s *sealed) error { return s.UnmarshalText(nil) },
		"UnmarshalBinary": func(s *sealed) error { return s.UnmarshalBinary(nil) },
		"Scan":            func(s *sealed) error { return s.Scan(nil) },
	} {
		u := full
		if err := decode(&u); err != nil || !u.IsZero() {
			t.Errorf("%s of nothing: %v, absent %t", what, err, u.IsZero())
		}
	}
}

func TestSealedSQL(t *testing.T) {
	s := seal(t, keysOf[myNumber](t, ephemeral(t)), []byte("value"), nil)
	value, err := s.Value()
	if err != nil || !driver.IsValue(value) {
		t.Fatalf("Value = %T, %v, want a driver value", value, err)
	}
	text, _ := s.MarshalText()
	for _, src := range []any{value, text, string(text), string(s.Bytes())} {
		var u sealed
		if err := u.Scan(src); err != nil || !u.Equal(s) {
			t.Errorf("Scan of a %T: %v, equal %t", src, err, u.Equal(s))
		}
	}
	for _, src := range []any{"", []byte{}, 1, true, 1.5, "x", []byte{1, 2}} {
		u := s
		wantMalformed(t, "Scan", u.Scan(src), "sealed", "mynumber")
		if !u.Equal(s) {
			t.Error("a failed Scan changes the value")
		}
	}
}

func TestSealedEncoders(t *testing.T) {
	type record struct {
		S sealed                        `json:"s"`
		Z sealed                        `json:"z,omitzero"`
		T crypto.Token[toLGWAN]         `json:"t"`
		M map[crypto.Token[toLGWAN]]int `json:"m"`
	}
	k := keysOf[myNumber](t, ephemeral(t))
	tok := makeToken(t, k, crypto.Scope{}, "v")
	in := record{S: seal(t, k, []byte("value"), nil), T: tok, M: map[crypto.Token[toLGWAN]]int{tok: 1}}

	var viaJSON, viaGob record
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &viaJSON); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(in); err != nil {
		t.Fatal(err)
	}
	if err := gob.NewDecoder(&buf).Decode(&viaGob); err != nil {
		t.Fatal(err)
	}
	for what, out := range map[string]record{"json": viaJSON, "gob": viaGob} {
		if diff := cmp.Diff(in, out, cmp.Comparer(func(a, b crypto.Token[toLGWAN]) bool { return a == b })); diff != "" {
			t.Errorf("%s (-in +out):\n%s", what, diff)
		}
	}
	if strings.Contains(string(b), `"z"`) {
		t.Errorf("omitzero keeps an absent value: %s", b)
	}
}
