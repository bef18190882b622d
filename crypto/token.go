package crypto

import (
	"crypto/sha256"
	"crypto/subtle"
	"database/sql/driver"
	"fmt"
	"io"
	"log/slog"
	"sync"
)

// Token stands for a value on the far side of route R. Under one key, equal
// values of one scope have equal tokens and nothing else can be computed from
// them without the key. Tokens of different routes have different types, so
// that comparing them does not compile.
//
// A Token comes to exist by [MakeToken] or by decoding one that MakeToken made.
// The zero value is the absence of a token. Tokens are comparable and may be
// map keys. A rotation changes the token of a value: see [MatchToken].
//
// As bytes it is the id of the key as four bytes with the highest first, then
// 16 bytes of AES-CMAC (NIST SP 800-38B, RFC 4493). As text it is those 20
// bytes in base64url without padding (RFC 4648, 5): 27 characters.
type Token[R Route] struct {
	_ [0]*R // Tokens of two routes do not convert into each other
	m mark
}

// Scope separates the tokens of one road and field from those of another: the
// same value under the same key has unrelated tokens in two scopes.
type Scope [16]byte

// NewScope returns the scope that parts name, for example route, type and
// field: the first 16 bytes of SHA-256 over their canonical form ([AppendAD]).
// It is for start-up, not for each record.
func NewScope(parts ...string) Scope {
	sum := sha256.Sum256(AppendAD(nil, parts...))
	return Scope(sum[:len(Scope{})])
}

// MakeToken returns the token of value in scope under the primary token key of
// zone Z: AES-CMAC-PRF(key, scope || value). The scope has a fixed length, so
// the two cannot be confused. value is not changed or kept.
//
// The error is a *[NoKeysError] when k holds no token keys, a *[PeriodError] when
// the key's time to produce is over.
func MakeToken[R Route, Z Zone](k *Keys[Z], scope Scope, value []byte) (Token[R], error) {
	z := k.held()
	if z == nil || z.token.first == nil {
		return Token[R]{}, z.missing(nameOf[Z](), UseToken)
	}
	if err := z.mayProduce(UseToken); err != nil {
		return Token[R]{}, err
	}
	mac, err := computeMAC(z.token.first, &scope, value)
	if err != nil {
		return Token[R]{}, fmt.Errorf("crypto: token in zone %q: %v", z.zone, err)
	}
	return Token[R]{m: mark{key: z.token.id, mac: [macSize]byte(mac)}}, nil
}

// MatchToken reports whether t is the token of value in scope, under the key
// that t itself names: it holds also for a token made before a rotation. The
// absent token matches nothing.
//
// The error is a *[NoKeysError] when k holds no token keys, an
// *[UnknownKeyError] when it does not hold the key t was made under.
func MatchToken[R Route, Z Zone](k *Keys[Z], scope Scope, value []byte, t Token[R]) (bool, error) {
	z := k.held()
	if z == nil || z.token.first == nil {
		return false, z.missing(nameOf[Z](), UseToken)
	}
	if err := z.stale(); err != nil {
		return false, err
	}
	if t.IsZero() {
		return false, nil
	}
	prf := z.token.first
	if t.m.key != z.token.id {
		if prf = z.token.all[t.m.key]; prf == nil {
			if e := z.lapsed[one{UseToken, t.m.key}]; e != nil {
				return false, e
			}
			return false, &UnknownKeyError{Zone: z.zone, Use: UseToken, KeyID: t.m.key}
		}
	}
	mac, err := computeMAC(prf, &scope, value)
	if err != nil {
		return false, fmt.Errorf("crypto: token in zone %q: %v", z.zone, err)
	}
	return subtle.ConstantTimeCompare(mac, t.m.mac[:]) == 1, nil
}

// scratch holds the buffers in which scope and value are put side by side:
// Tink's PRF takes its input in one piece. A value that is longer than an
// identifier or an address gets memory of its own.
var scratch = sync.Pool{New: func() any { return new([256]byte) }}

// computeMAC returns macSize bytes or an error.
func computeMAC(prf prfFunc, scope *Scope, value []byte) ([]byte, error) {
	buf := scratch.Get().(*[256]byte)
	in := buf[:]
	if len(value) > len(in)-len(scope) {
		in = make([]byte, len(scope)+len(value))
	}
	in = in[:len(scope)+len(value)]
	copy(in, scope[:])
	copy(in[len(scope):], value)
	mac, err := prf(in, macSize)
	// The value must not outlive the call in a buffer that others get.
	clear(in)
	scratch.Put(buf)
	return mac, err
}

// IsZero reports whether t is absent.
func (t Token[R]) IsZero() bool { return t.m.isZero() }

// KeyID returns the id of the key t was made under, 0 when t is absent.
func (t Token[R]) KeyID() uint32 { return t.m.key }

// Append appends the 20 bytes of t to b, nothing when t is absent.
func (t Token[R]) Append(b []byte) []byte { return t.m.append(b) }

// AppendBinary is Append in the form of encoding.BinaryAppender. It does not fail.
func (t Token[R]) AppendBinary(b []byte) ([]byte, error) { return t.Append(b), nil }

// MarshalBinary returns the 20 bytes of t, none when t is absent. It does not fail.
func (t Token[R]) MarshalBinary() ([]byte, error) { return t.Append(nil), nil }

// UnmarshalBinary sets t to the token data is the encoding of, absent when data
// is empty. The error is a *[MalformedError].
func (t *Token[R]) UnmarshalBinary(data []byte) error {
	m, detail := parseMark(data)
	if detail != "" {
		return t.malformed(detail)
	}
	t.m = m
	return nil
}

// AppendText appends the text form to b. It does not fail.
func (t Token[R]) AppendText(b []byte) ([]byte, error) { return t.m.appendText(b), nil }

// MarshalText returns the text form, empty when t is absent. It does not fail.
func (t Token[R]) MarshalText() ([]byte, error) { return t.AppendText(nil) }

// UnmarshalText sets t to the token text is the text form of, absent when text
// is empty. The error is a *[MalformedError].
func (t *Token[R]) UnmarshalText(text []byte) error {
	m, detail := parseMarkText(text)
	if detail != "" {
		return t.malformed(detail)
	}
	t.m = m
	return nil
}

// MarshalJSON returns the text form as a JSON string, null when t is absent. It
// does not fail.
func (t Token[R]) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return appendQuoted(t.AppendText)
}

// UnmarshalJSON sets t to the token of a JSON string, absent for null and for
// the empty string. The error is a *[MalformedError].
func (t *Token[R]) UnmarshalJSON(data []byte) error {
	text, ok := unquoted(data)
	if !ok {
		return t.malformed("the JSON value is not a string of base64url and not null")
	}
	return t.UnmarshalText(text)
}

// Value stores t in a database as text, NULL when it is absent.
func (t Token[R]) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	text, err := t.MarshalText()
	return string(text), err
}

// Scan reads t from a database column of text or of 20 bytes; NULL is absent.
// An empty column that is not NULL was not written by Value and is refused. The
// error is a *[MalformedError].
func (t *Token[R]) Scan(src any) error {
	m, detail := scanMark(src)
	if detail != "" {
		return t.malformed(detail)
	}
	t.m = m
	return nil
}

// Format prints the type and the route for every verb.
func (t Token[R]) Format(f fmt.State, _ rune) { io.WriteString(f, t.GoString()) }

// GoString returns the type and the route.
func (t Token[R]) GoString() string { return "token(" + routeOf[R]() + ")" }

// LogValue logs the type and the route.
func (t Token[R]) LogValue() slog.Value { return slog.StringValue(t.GoString()) }

func (t *Token[R]) malformed(detail string) error {
	return &MalformedError{Kind: "token", Name: routeOf[R](), Detail: detail}
}
