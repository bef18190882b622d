package crypto

import (
	"crypto/subtle"
	"database/sql/driver"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Index stands beside a sealed value of type T in a column of its own, so that a
// database can find the rows whose value equals another without knowing any.
// Only zone Z can compute it; equal values of one scope have equal indexes under
// one key. That is also what it gives away: who reads the column sees which rows
// are equal and how often. It is nothing for values that somebody can guess one
// by one, and the generator makes none over categories that the policy calls
// guessable or that stay.
//
// The zero value is the absence of an index. Indexes are comparable and may be
// map keys; their form as bytes and as text is that of a [Token]. A rotation
// changes the index of a value: see [Lookup] and [MatchIndex].
type Index[Z Zone, T any] struct {
	_ [0]*Z
	_ [0]*T
	m mark
}

// MakeIndex returns the index of value in scope, which names table and column,
// under the primary index key of zone Z: AES-CMAC-PRF(key, scope || value). What
// counts as equal is the caller's: value should be in one canonical spelling.
//
// The error is a *[NoKeysError] when k holds no index keys, a *[PeriodError] when
// the key's time to produce is over.
func MakeIndex[T any, Z Zone](k *Keys[Z], scope Scope, value []byte) (Index[Z, T], error) {
	z := k.held()
	if z == nil || z.index.first == nil {
		return Index[Z, T]{}, z.missing(nameOf[Z](), UseIndex)
	}
	if err := z.mayProduce(UseIndex); err != nil {
		return Index[Z, T]{}, err
	}
	return indexUnder[T, Z](z, z.index.id, scope, value)
}

// Lookup returns what to search a column for to find value: its index under the
// primary key, then under every other key that is not disabled or destroyed, by
// id: while an index is being rotated rows have one or the other.
//
//	SELECT … WHERE name_index IN (?, ?)
//
// Rows under a key whose time to consume is over are not found, as they do not
// open: bring them under the primary key before (package reseal). Once nothing is
// left under an old key (package reseal says when), disable the
// key, and Lookup returns one index again. Errors are those of [MakeIndex], but
// that a key whose time to produce is over is still searched for.
func Lookup[T any, Z Zone](k *Keys[Z], scope Scope, value []byte) ([]Index[Z, T], error) {
	z := k.held()
	if z == nil || z.index.first == nil {
		return nil, z.missing(nameOf[Z](), UseIndex)
	}
	if err := z.stale(); err != nil {
		return nil, err
	}
	var found []Index[Z, T]
	for _, id := range z.index.order {
		i, err := indexUnder[T, Z](z, id, scope, value)
		if err != nil {
			return nil, err
		}
		found = append(found, i)
	}
	return found, nil
}

// MatchIndex reports whether i is the index of value in scope, under the key that
// i itself names. Errors are those of [MatchToken].
func MatchIndex[T any, Z Zone](k *Keys[Z], scope Scope, value []byte, i Index[Z, T]) (bool, error) {
	z := k.held()
	if z == nil || z.index.first == nil {
		return false, z.missing(nameOf[Z](), UseIndex)
	}
	if err := z.stale(); err != nil {
		return false, err
	}
	if i.IsZero() {
		return false, nil
	}
	if z.index.all[i.m.key] == nil {
		if e := z.lapsed[one{UseIndex, i.m.key}]; e != nil {
			return false, e
		}
		return false, &UnknownKeyError{Zone: z.zone, Use: UseIndex, KeyID: i.m.key}
	}
	want, err := indexUnder[T, Z](z, i.m.key, scope, value)
	return err == nil && subtle.ConstantTimeCompare(want.m.mac[:], i.m.mac[:]) == 1, err
}

func indexUnder[T any, Z Zone](z *zoneKeys, id uint32, scope Scope, value []byte) (Index[Z, T], error) {
	mac, err := computeMAC(z.index.all[id], &scope, value)
	if err != nil {
		return Index[Z, T]{}, fmt.Errorf("crypto: index in zone %q: %v", z.zone, err)
	}
	return Index[Z, T]{m: mark{key: id, mac: [macSize]byte(mac)}}, nil
}

// IsZero reports whether i is absent.
func (i Index[Z, T]) IsZero() bool { return i.m.isZero() }

// KeyID returns the id of the key i was made under, 0 when i is absent.
func (i Index[Z, T]) KeyID() uint32 { return i.m.key }

// AppendBinary appends the 20 bytes of i to b, nothing when i is absent. It does
// not fail.
func (i Index[Z, T]) AppendBinary(b []byte) ([]byte, error) { return i.m.append(b), nil }

// MarshalBinary returns the 20 bytes of i, none when i is absent. It does not fail.
func (i Index[Z, T]) MarshalBinary() ([]byte, error) { return i.m.append(nil), nil }

// UnmarshalBinary sets i to the index data is the encoding of, absent when data
// is empty. The error is a *[MalformedError].
func (i *Index[Z, T]) UnmarshalBinary(data []byte) error { return i.set(parseMark(data)) }

// AppendText appends the text form to b. It does not fail.
func (i Index[Z, T]) AppendText(b []byte) ([]byte, error) { return i.m.appendText(b), nil }

// MarshalText returns the text form, empty when i is absent. It does not fail.
func (i Index[Z, T]) MarshalText() ([]byte, error) { return i.AppendText(nil) }

// UnmarshalText sets i to the index text is the text form of, absent when text is
// empty. The error is a *[MalformedError].
func (i *Index[Z, T]) UnmarshalText(text []byte) error { return i.set(parseMarkText(text)) }

// MarshalJSON returns the text form as a JSON string, null when i is absent. It
// does not fail.
func (i Index[Z, T]) MarshalJSON() ([]byte, error) {
	if i.IsZero() {
		return []byte("null"), nil
	}
	return appendQuoted(i.AppendText)
}

// UnmarshalJSON sets i to the index of a JSON string, absent for null and for the
// empty string. The error is a *[MalformedError].
func (i *Index[Z, T]) UnmarshalJSON(data []byte) error {
	text, ok := unquoted(data)
	if !ok {
		return i.set(mark{}, "the JSON value is not a string of base64url and not null")
	}
	return i.UnmarshalText(text)
}

// Value stores i in a database as text, NULL when it is absent.
func (i Index[Z, T]) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil
	}
	return string(i.m.appendText(nil)), nil
}

// Scan reads i from a database column of text or of 20 bytes; NULL is absent. An
// empty column that is not NULL was not written by Value and is refused. The
// error is a *[MalformedError].
func (i *Index[Z, T]) Scan(src any) error { return i.set(scanMark(src)) }

// Format prints the type and the zone for every verb.
func (i Index[Z, T]) Format(s fmt.State, _ rune) { io.WriteString(s, i.GoString()) }

// GoString returns the type and the zone.
func (i Index[Z, T]) GoString() string { return "index(" + nameOf[Z]() + ")" }

// LogValue logs the type and the zone.
func (i Index[Z, T]) LogValue() slog.Value { return slog.StringValue(i.GoString()) }

func (i *Index[Z, T]) set(m mark, detail string) error {
	if detail != "" {
		return &MalformedError{Kind: "index", Name: nameOf[Z](), Detail: detail}
	}
	i.m = m
	return nil
}

// sorted puts the primary key first and the others after it.
func (p *prfKeys) sorted() []uint32 {
	order := []uint32{p.id}
	var others []uint32
	for id := range p.all {
		if id != p.id {
			others = append(others, id)
		}
	}
	slices.Sort(others)
	return append(order, others...)
}
