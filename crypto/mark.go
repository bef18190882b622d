package crypto

import (
	"encoding/binary"
	"fmt"
)

// mark is what a token and an index are made of: the id of a key and what its
// function gives.
type mark struct {
	key uint32
	mac [macSize]byte
}

const (
	macSize  = 16
	markSize = 4 + macSize
	markText = (markSize*8 + 5) / 6
)

func (m mark) isZero() bool { return m == mark{} }

// append appends the 20 bytes of m to b, nothing when m is absent.
func (m mark) append(b []byte) []byte {
	if m.isZero() {
		return b
	}
	return append(binary.BigEndian.AppendUint32(b, m.key), m.mac[:]...)
}

func (m mark) appendText(b []byte) []byte {
	var raw [markSize]byte
	return encoding.AppendEncode(b, m.append(raw[:0]))
}

// parseMark is the other way. Detail says what is wrong with data, without it;
// it is empty when nothing is.
func parseMark(data []byte) (m mark, detail string) {
	if len(data) == 0 {
		return mark{}, ""
	}
	if len(data) != markSize {
		return mark{}, fmt.Sprintf("%d bytes, want %d", len(data), markSize)
	}
	m = mark{key: binary.BigEndian.Uint32(data), mac: [macSize]byte(data[4:])}
	if m.isZero() {
		return mark{}, "all bytes are zero, want nothing where there is none"
	}
	return m, ""
}

func parseMarkText(text []byte) (m mark, detail string) {
	if len(text) == 0 {
		return mark{}, ""
	}
	if len(text) != markText {
		return mark{}, fmt.Sprintf("%d characters, want %d", len(text), markText)
	}
	data, ok := decodeText(text)
	if !ok {
		return mark{}, "the text is not base64url without padding"
	}
	return parseMark(data)
}

// scanMark reads a database column of text or of 20 bytes; NULL is absent.
func scanMark(src any) (m mark, detail string) {
	var data []byte
	switch v := src.(type) {
	case nil:
		return mark{}, ""
	case []byte:
		data = v
	case string:
		data = []byte(v)
	default:
		return mark{}, fmt.Sprintf("the column is a %T, want text or bytes", src)
	}
	switch len(data) {
	case 0:
		return mark{}, "the column is empty, want NULL where there is no value"
	case markSize:
		return parseMark(data)
	}
	return parseMarkText(data)
}
