package jp

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

// PostalArea returns the first three digits of a postal code in the form
// 310-****, and "***-****" when s is not a postal code of seven digits. It
// takes the spellings that identifiers may have, and a 〒 before them.
//
// The far side learns the area of the three digits: in a city some tens of
// thousands of people, on an island perhaps a few hundred.
func PostalArea(s string) string {
	var d digits
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "〒"))
	if r := d.read(s); r != reasonNone || d.n != 7 {
		return "***-****"
	}
	return string(d.buf[:3]) + "-****"
}

// PrefectureName is the name of one of the 47 prefectures, such as 茨城県, or
// empty. It can hold nothing else.
type PrefectureName struct{ name string }

// Prefecture returns the prefecture of a Japanese address. It is empty when
// the address starts neither with a prefecture nor with a municipality that
// [Municipality] knows without one.
//
// The far side learns the prefecture alone.
func Prefecture(address string) PrefectureName {
	_, prefecture := locate(address)
	return PrefectureName{prefecture}
}

// IsZero reports whether the name is empty.
func (p PrefectureName) IsZero() bool { return p == PrefectureName{} }

// Equal reports whether p and o are the same prefecture, or both empty.
func (p PrefectureName) Equal(o PrefectureName) bool { return p == o }

// String returns the name, or "".
func (p PrefectureName) String() string { return p.name }

// MarshalText returns the name. It does not fail.
func (p PrefectureName) MarshalText() ([]byte, error) { return []byte(p.name), nil }

// UnmarshalText reads the name of a prefecture, or nothing. On error p is
// unchanged, and the error does not show the text.
func (p *PrefectureName) UnmarshalText(text []byte) error {
	read := Prefecture(string(text))
	if read.name != string(text) {
		return errors.New("jp: PrefectureName: not the name of a prefecture: want one such as 茨城県")
	}
	*p = read
	return nil
}

// Value implements [driver.Valuer]: the name, or NULL when it is empty.
func (p PrefectureName) Value() (driver.Value, error) { return placeValue(p.name) }

// Scan implements the Scanner of package database/sql: NULL is empty.
func (p *PrefectureName) Scan(src any) error {
	text, err := placeText("PrefectureName", src)
	if err != nil {
		return err
	}
	return p.UnmarshalText(text)
}

// MunicipalityName is the name of a municipality with its prefecture, and its
// district where it has one: 茨城県水戸市, 茨城県東茨城郡大洗町, 東京都港区. Where
// the municipality is not known it is the name of the prefecture or empty. It
// can hold nothing else.
type MunicipalityName struct{ name string }

// Municipality returns the municipality of a Japanese address, in the spelling
// of this package whichever the address has: with the prefecture and the
// district, and with ケ or ヶ as the municipality itself writes it. Blanks and a
// postal code before the address do not matter. Of a city with wards
// (政令指定都市) the ward is left out, for it is no municipality; the special
// wards of Tokyo are.
//
// When in doubt the result is the prefecture alone, or empty: a name that is
// not a municipality today, such as one merged into a city long ago; without a
// prefecture, a town or village without its district, and a city whose name
// another one has too (府中市, 伊達市).
//
// The far side learns the municipality. In a village that can be a few hundred
// people, so that with an age band it may be one person.
func Municipality(address string) MunicipalityName {
	municipality, _ := locate(address)
	return MunicipalityName{municipality}
}

// IsZero reports whether the name is empty.
func (m MunicipalityName) IsZero() bool { return m == MunicipalityName{} }

// Equal reports whether m and o are the same name, or both empty.
func (m MunicipalityName) Equal(o MunicipalityName) bool { return m == o }

// String returns the name, or "".
func (m MunicipalityName) String() string { return m.name }

// MarshalText returns the name. It does not fail.
func (m MunicipalityName) MarshalText() ([]byte, error) { return []byte(m.name), nil }

// UnmarshalText reads the name of a municipality or a prefecture as
// [Municipality] returns it, or nothing. On error m is unchanged, and the
// error does not show the text.
func (m *MunicipalityName) UnmarshalText(text []byte) error {
	read := Municipality(string(text))
	if read.name != string(text) {
		return errors.New("jp: MunicipalityName: not the name of a municipality: want one such as 茨城県水戸市")
	}
	*m = read
	return nil
}

// Value implements [driver.Valuer]: the name, or NULL when it is empty.
func (m MunicipalityName) Value() (driver.Value, error) { return placeValue(m.name) }

// Scan implements the Scanner of package database/sql: NULL is empty.
func (m *MunicipalityName) Scan(src any) error {
	text, err := placeText("MunicipalityName", src)
	if err != nil {
		return err
	}
	return m.UnmarshalText(text)
}

// placeValue is a name for a database, NULL for the empty one.
func placeValue(name string) (driver.Value, error) {
	if name == "" {
		return nil, nil
	}
	return name, nil
}

// placeText is the text of a column. The word is for the message.
func placeText(word string, src any) ([]byte, error) {
	switch src := src.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(src), nil
	case []byte:
		return src, nil
	}
	return nil, fmt.Errorf("jp: %s: cannot scan a %T: want text", word, src)
}

// maxPlace is how many characters of an address can belong to the name of a
// municipality.
const maxPlace = 13

// locate returns the municipality and the prefecture of an address. They are
// strings of the table, never parts of the address.
func locate(address string) (municipality, prefecture string) {
	var buf [maxPlace * utf8.UTFMax]byte
	g := gazetteer()
	name, n := buf[:0], 0
	for _, r := range afterPostalCode(address) {
		if isBlank(r) {
			continue
		}
		if n++; n > maxPlace {
			break
		}
		name = utf8.AppendRune(name, foldKe(r))
		if !endsPlace(r) {
			continue
		}
		// No key is the begin of another, but a prefecture: the last hit wins.
		if p, ok := g[string(name)]; ok {
			municipality, prefecture = p.name, p.prefecture
		}
	}
	return municipality, prefecture
}

// afterPostalCode returns the address without a postal code and blanks before
// it.
func afterPostalCode(address string) string {
	return strings.TrimLeftFunc(address, func(r rune) bool {
		_, digit := digitOf(r)
		return digit || r == '〒' || isBlank(r) || isSeparator(r)
	})
}

// isBlank reports whether r is a blank that people put into addresses.
func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\u00a0' || r == '\u3000' }

// foldKe makes one of the two characters that municipalities and their
// citizens use for the same sound.
func foldKe(r rune) rune {
	if r == 'ヶ' {
		return 'ケ'
	}
	return r
}

// endsPlace reports whether r is the last character of names of prefectures or
// municipalities.
func endsPlace(r rune) bool {
	switch r {
	case '都', '道', '府', '県', '市', '区', '町', '村':
		return true
	}
	return false
}

// place is a municipality, or a prefecture.
type place struct{ name, prefecture string }

// gazetteer returns the places by each form in which an address can start with
// them. It is made from the table when it is first needed.
var gazetteer = sync.OnceValue(func() map[string]place {
	g := make(map[string]place)
	add := func(form string, p place) {
		form = strings.Map(foldKe, form)
		if _, taken := g[form]; taken {
			p = place{} // the form is in doubt: neither
		}
		g[form] = p
	}
	for _, pref := range prefectures {
		add(pref.name, place{pref.name, pref.name})
		for ward := range strings.FieldsSeq(pref.wards) {
			name := pref.name + ward + "区"
			add(name, place{name, pref.name})
		}
		for city := range strings.FieldsSeq(pref.cities) {
			name := pref.name + city + "市"
			add(name, place{name, pref.name})
			add(city+"市", place{name, pref.name})
		}
		for line := range strings.Lines(pref.districts) {
			district, towns, _ := strings.Cut(line, ":")
			for town := range strings.FieldsSeq(towns) {
				name := pref.name + district + town
				add(name, place{name, pref.name})
				if district != "" {
					add(pref.name+town, place{name, pref.name})
					add(district+town, place{name, pref.name})
				}
			}
		}
	}
	return g
})
