package crypto_test

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/quick"

	"github.com/sekisho-go/sekisho/crypto"
)

// lgwanToken is the type most tests use.
type lgwanToken = crypto.Token[toLGWAN]

var _ interface {
	encoding.TextMarshaler
	encoding.TextAppender
	encoding.BinaryMarshaler
	encoding.BinaryAppender
	driver.Valuer
} = lgwanToken{}

var _ interface {
	encoding.TextUnmarshaler
	encoding.BinaryUnmarshaler
	sql.Scanner
} = (*lgwanToken)(nil)

func TestMakeToken(t *testing.T) {
	r := ephemeral(t)
	k, far := keysOf[myNumber](t, r), keysOf[lgwan](t, r)
	scope, other := crypto.NewScope("a"), crypto.NewScope("b")
	equal := func(v, w []byte) bool {
		a, err1 := crypto.MakeToken[toLGWAN](k, scope, v)
		b, err2 := crypto.MakeToken[toLGWAN](k, scope, w)
		return err1 == nil && err2 == nil && (a == b) == bytes.Equal(v, w)
	}
	if err := quick.Check(equal, nil); err != nil {
		t.Errorf("tokens are equal where values are not, or the reverse: %v", err)
	}
	for _, n := range []int{0, 1, 15, 16, 17, 239, 240, 241, 5000} { // around a block and around the scratch buffer
		v := bytes.Repeat([]byte{7}, n)
		if !equal(v, bytes.Clone(v)) || equal(v, append(v, 0)) != true {
			t.Errorf("value of %d bytes: the token is not a function of the value", n)
		}
	}
	base := makeToken(t, k, scope, "v")
	if base == makeToken(t, k, other, "v") {
		t.Error("one value has the same token in two scopes")
	}
	if base == makeToken(t, far, scope, "v") {
		t.Error("one value has the same token under the keys of two zones")
	}
	if base == makeToken(t, keysOf[myNumber](t, ephemeral(t)), scope, "v") {
		t.Error("one value has the same token in two keyrings")
	}
}

// The scope has a fixed length, so no value can reach into another scope.
func TestScopeAndValueAreApart(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	long := crypto.Scope([]byte("0123456789abcdef"))
	if makeToken(t, k, long, "x") == makeToken(t, k, crypto.Scope{}, "0123456789abcdefx") {
		t.Error("a value that begins with a scope has the token of that scope")
	}
}

func TestNewScope(t *testing.T) {
	// SHA-256 of 01 61 02 62 63, truncated: tokens in databases depend on it.
	const want = "ea1cc672b17a5c99d273503a298965ef"
	got := crypto.NewScope("a", "bc")
	if len(got) != 16 || crypto.NewScope("ab", "c") == got || crypto.NewScope("a", "bc", "") == got {
		t.Error("scopes of different parts are equal")
	}
	if hex.EncodeToString(got[:]) != want {
		t.Errorf("NewScope(a, bc) = %x, want %s", got, want)
	}
}

func TestMatchToken(t *testing.T) {
	r := ephemeral(t)
	k, far := keysOf[myNumber](t, r), keysOf[lgwan](t, r)
	scope := crypto.NewScope("a")
	tok := makeToken(t, k, scope, "value")
	for _, tc := range []struct {
		what  string
		scope crypto.Scope
		value string
		tok   lgwanToken
		want  bool
	}{
		{"the value", scope, "value", tok, true},
		{"another value", scope, "values", tok, false},
		{"another scope", crypto.NewScope("b"), "value", tok, false},
		{"the absent token", scope, "", lgwanToken{}, false},
	} {
		if got, err := crypto.MatchToken(k, tc.scope, []byte(tc.value), tc.tok); got != tc.want || err != nil {
			t.Errorf("%s: MatchToken = %t, %v, want %t", tc.what, got, err, tc.want)
		}
	}
	var unknown *crypto.UnknownKeyError
	if ok, err := crypto.MatchToken(far, scope, []byte("value"), tok); ok || !errors.As(err, &unknown) || unknown.KeyID != tok.KeyID() {
		t.Errorf("under the keys of another zone: MatchToken = %t, %v, want an *UnknownKeyError", ok, err)
	}
}

// TestTokenMutations changes every bit of a token and cuts it at every length.
func TestTokenMutations(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	data := makeToken(t, k, crypto.Scope{}, "v").Append(nil)
	for i := range data {
		for bit := range 8 {
			mutated := bytes.Clone(data)
			mutated[i] ^= 1 << bit
			wantNoMatch(t, k, mutated)
		}
		if i > 0 {
			var u lgwanToken
			wantMalformed(t, "cut", u.UnmarshalBinary(data[:i]), "token", "mynumber→lgwan")
		}
	}
	var u lgwanToken
	wantMalformed(t, "byte added", u.UnmarshalBinary(append(data, 0)), "token", "mynumber→lgwan")
	wantMalformed(t, "all zero", u.UnmarshalBinary(make([]byte, 20)), "token", "mynumber→lgwan")
}

func wantNoMatch(t *testing.T, k *crypto.Keys[myNumber], data []byte) {
	t.Helper()
	var u lgwanToken
	if err := u.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	ok, err := crypto.MatchToken(k, crypto.Scope{}, []byte("v"), u)
	var unknown *crypto.UnknownKeyError
	if ok || err != nil && !errors.As(err, &unknown) {
		t.Errorf("a changed token: MatchToken = %t, %v", ok, err)
	}
}

// TestTokenTextMutations changes every character of the text into every other:
// each is another token or none, never the same.
func TestTokenTextMutations(t *testing.T) {
	tok := makeToken(t, keysOf[myNumber](t, ephemeral(t)), crypto.Scope{}, "v")
	text, err := tok.MarshalText()
	if err != nil || len(text) != 27 {
		t.Fatalf("MarshalText = %q, %v, want 27 characters", text, err)
	}
	for i := range text {
		for c := range 256 {
			mutated := bytes.Clone(text)
			if mutated[i] = byte(c); bytes.Equal(mutated, text) {
				continue
			}
			var u lgwanToken
			if err := u.UnmarshalText(mutated); err != nil {
				wantMalformed(t, "character changed", err, "token", "mynumber→lgwan")
			} else if u == tok {
				t.Fatalf("two texts of one token: %q and %q", text, mutated)
			}
		}
		if i > 0 {
			var u lgwanToken
			wantMalformed(t, "cut", u.UnmarshalText(text[:i]), "token", "mynumber→lgwan")
		}
	}
	for _, bad := range []string{string(text) + "=", string(text) + "\n", " " + string(text), string(text[:26]) + "\n", strings.Repeat("A", 27)} {
		u := tok
		wantMalformed(t, "text", u.UnmarshalText([]byte(bad)), "token", "mynumber→lgwan")
		if u != tok {
			t.Error("a failed UnmarshalText changes the token")
		}
	}
}

func TestTokenForms(t *testing.T) {
	tok := makeToken(t, keysOf[myNumber](t, ephemeral(t)), crypto.Scope{}, "v")
	text, _ := tok.MarshalText()
	value, err := tok.Value()
	if value != string(text) || err != nil {
		t.Errorf("Value = %v, %v, want the text", value, err)
	}
	data := tok.Append([]byte("x"))
	if same, err := tok.AppendBinary([]byte("x")); err != nil || !bytes.Equal(same, data) {
		t.Errorf("AppendBinary = %x, %v, want what Append gives", same, err)
	}
	if len(data) != 21 || data[0] != 'x' {
		t.Errorf("Append gives %d bytes, want 1 and 20", len(data))
	}
	for _, src := range []any{value, text, data[1:], string(data[1:])} {
		var u lgwanToken
		if err := u.Scan(src); err != nil || u != tok {
			t.Errorf("Scan of a %T: %v", src, err)
		}
	}
	for _, src := range []any{"", []byte{}, int64(1), "x", string(text) + " "} {
		u := tok
		wantMalformed(t, "Scan", u.Scan(src), "token", "mynumber→lgwan")
		if u != tok {
			t.Error("a failed Scan changes the token")
		}
	}
}

func TestTokenZero(t *testing.T) {
	var tok lgwanToken
	text, _ := tok.MarshalText()
	data, _ := tok.MarshalBinary()
	value, _ := tok.Value()
	if !tok.IsZero() || len(text) != 0 || len(data) != 0 || len(tok.Append(nil)) != 0 || value != nil {
		t.Errorf("the absent token is not absent: text %q, binary %x, value %v", text, data, value)
	}
	full := makeToken(t, keysOf[myNumber](t, ephemeral(t)), crypto.Scope{}, "v")
	for what, decode := range map[string]func(*lgwanToken) error{
		"UnmarshalText":   func(u *lgwanToken) error { return u.UnmarshalText(nil) },
		"UnmarshalBinary": func(u *lgwanToken) error { return u.UnmarshalBinary(nil) },
		"Scan":            func(u *lgwanToken) error { return u.Scan(nil) },
	} {
		u := full
		if err := decode(&u); err != nil || !u.IsZero() {
			t.Errorf("%s of nothing: %v, absent %t", what, err, u.IsZero())
		}
	}
}

// Keys are shared by all goroutines, and so is the scratch memory behind them.
func TestKeysAreConcurrent(t *testing.T) {
	k := keysOf[myNumber](t, ephemeral(t))
	want := map[string]lgwanToken{}
	for _, v := range []string{"a", "bb", strings.Repeat("c", 40), strings.Repeat("d", 400)} {
		want[v] = makeToken(t, k, crypto.Scope{}, v)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				for v, tok := range want {
					if ok, err := crypto.MatchToken(k, crypto.Scope{}, []byte(v), tok); !ok || err != nil {
						t.Errorf("MatchToken of %d bytes = %t, %v", len(v), ok, err)
					}
					s := seal(t, k, []byte(v), nil)
					if got, err := crypto.Open(k, s, nil); string(got) != v || err != nil {
						t.Errorf("Open of %d bytes: %v", len(v), err)
					}
				}
			}
		})
	}
	group.Wait()
}
