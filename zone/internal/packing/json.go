package packing

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho-go/sekisho/zone/wire"
)

// AppendJSON appends to dst what a record of the schema says, as a JSON object,
// and returns the longer slice. It is for people who hold the key of a parcel:
// what it appends is the record in clear.
//
// Fields stand in their order. A string that is not UTF-8 becomes
// {"bytes":base64}, a time RFC 3339 or, where that cannot say it,
// {"unix":seconds,"nanosecond":n,"offset":seconds}, a number that is none "NaN",
// "+Inf" or "-Inf", a complex number the array of its parts. Bytes are base64;
// tokens, indexes and sealed values are their own text form. What is absent is
// null. A map becomes an object where its keys are strings, numbers or texts,
// and else an array of {"key":…,"value":…}.
//
// The record must be one of the schema, all of it, or the error says what is
// wrong and at which field; it never holds a value. Dst is returned as it was
// given then.
func (s *Schema) AppendJSON(dst []byte, record []byte) ([]byte, error) {
	if _, err := s.parsed(); err != nil {
		return dst, err
	}
	p := &printer{record: record, r: wire.NewReader(record), out: dst, deepest: maxDepth + len(s.doc.Types), most: len(dst) + maxJSON}
	p.structure(s.root.members)
	if p.err == nil {
		p.err = p.r.Close()
	}
	if p.err != nil {
		clear(p.out[len(dst):])
		return dst, fmt.Errorf("packing: the record is not one of %s: %w", s.doc.Type, p.at())
	}
	return p.out, nil
}

// maxJSON is how long the JSON of one record may be, in bytes: names of fields are
// written for each value, and whoever wrote the schema chose how long they are.
const maxJSON = 512 << 20

// printer writes one record as JSON. It remembers its first error.
type printer struct {
	record  []byte
	r       wire.Reader
	out     []byte
	depth   int
	deepest int
	empty   int
	most    int // length of out
	least   map[*shape]int
	path    []string // names of fields down to the one at hand
	failed  string   // the field at which err was found
	err     error
}

// ok reports whether nothing went wrong, and notes where it did.
func (p *printer) ok() bool {
	if p.err == nil {
		p.fail(p.r.Err())
	}
	return p.err == nil
}

func (p *printer) fail(err error) {
	if p.err != nil || err == nil {
		return
	}
	p.err = err
	for i, name := range p.path {
		if i > 8 {
			p.failed += ".…"
			break
		}
		if i > 0 {
			p.failed += "."
		}
		p.failed += name
	}
}

// at adds the field to the error.
func (p *printer) at() error {
	if p.failed == "" {
		return p.err
	}
	return fmt.Errorf("field %s: %w", p.failed, p.err)
}

func (p *printer) add(s string) { p.out = append(p.out, s...) }

func (p *printer) structure(members []member) {
	p.add("{")
	for i, m := range members {
		if i > 0 {
			p.add(",")
		}
		p.quote(m.name)
		p.add(":")
		p.path = append(p.path, m.name)
		p.value(m.shape)
		p.path = p.path[:len(p.path)-1]
		if p.err != nil {
			return
		}
	}
	p.add("}")
}

// value writes one value and counts those that take no bytes, which alone could
// go on for ever.
func (p *printer) value(s *shape) {
	if !p.ok() {
		return
	}
	if len(p.out) > p.most {
		p.fail(fmt.Errorf("it would be more than %d bytes of JSON", maxJSON))
		return
	}
	before := p.r.Len()
	switch s.kind {
	case kindNamed:
		if p.depth++; p.depth > p.deepest {
			p.fail(errTooDeep)
			return
		}
		p.structure(s.named.members)
		p.depth--
	case kindStruct:
		p.structure(s.members)
	case kindPointer:
		if !p.r.Present() {
			p.add("null")
			break
		}
		p.value(s.elem)
	case kindSlice:
		p.elements(s.elem, p.count(s.elem))
	case kindArray:
		p.array(s)
	case kindMap:
		p.mapping(s)
	default:
		p.leaf(s.kind)
	}
	if p.ok() && p.r.Len() == before {
		if p.empty++; p.empty > maxEmpty {
			p.fail(fmt.Errorf("more than %d values take no bytes", maxEmpty))
		}
	}
}

// count reads how many elements follow, of which each needs its least bytes.
func (p *printer) count(of ...*shape) int {
	least := 0
	for _, s := range of {
		least += p.measure(s)
	}
	u := Unpacker{r: &p.r}
	n := u.Count(least)
	p.fail(u.Err())
	return n
}

// measure measures every shape once: a record can have more lists than bytes in
// its schema, and a list whose elements have a thousand fields.
func (p *printer) measure(s *shape) int {
	n, ok := p.least[s]
	if !ok {
		if p.least == nil {
			p.least = make(map[*shape]int)
		}
		n, _ = s.measure()
		p.least[s] = n
	}
	return n
}

func (p *printer) array(s *shape) {
	if least := p.measure(s); least > p.r.Len() {
		p.fail(fmt.Errorf("an array needs more than the %d bytes left", p.r.Len()))
		return
	}
	p.elements(s.elem, s.len)
}

func (p *printer) elements(s *shape, n int) {
	p.add("[")
	for i := range n {
		if i > 0 {
			p.add(",")
		}
		if p.value(s); p.err != nil {
			return
		}
	}
	p.add("]")
}

// asName are the kinds whose values can be the names of an object.
func (k kind) asName() bool {
	switch k {
	case kindString, kindText, kindValue, kindToken, kindIndex, kindInt, kindUint:
		return true
	}
	return false
}

// mapping writes a map. The bytes of a key tell whether it was there before;
// numbers that are none differ from themselves and may be there again.
func (p *printer) mapping(s *shape) {
	n := p.count(s.key, s.elem)
	asName := s.key.kind.asName()
	seen := map[string]bool{}
	p.add(map[bool]string{true: "{", false: "["}[asName])
	for i := range n {
		if i > 0 {
			p.add(",")
		}
		start, written := len(p.record)-p.r.Len(), len(p.out)
		if !asName {
			p.add(`{"key":`)
		}
		p.value(s.key)
		if !p.ok() {
			return
		}
		if asName {
			p.name(written)
		}
		if key := string(p.record[start : len(p.record)-p.r.Len()]); seen[key] && s.key.kind != kindFloat && s.key.kind != kindComplex {
			p.fail(errTwice)
			return
		} else {
			seen[key] = true
		}
		p.add(map[bool]string{true: ":", false: `,"value":`}[asName])
		if p.value(s.elem); p.err != nil {
			return
		}
		if !asName {
			p.add("}")
		}
	}
	p.add(map[bool]string{true: "}", false: "]"}[asName])
}

// name makes the value that was written since start the name of a member: a
// string stays, a number is quoted, what is absent is "", and the object that
// stands for bytes becomes a string with its base64.
func (p *printer) name(start int) {
	value := string(p.out[start:])
	if value[0] == '"' {
		return
	}
	p.out = p.out[:start]
	if value == "null" {
		value = ""
	}
	p.quote(value)
}

func (p *printer) leaf(k kind) {
	switch k {
	case kindString, kindValue, kindText:
		p.text(p.r.String())
	case kindBytes:
		if b := p.r.Blob(); b != nil {
			p.base64(base64.StdEncoding, b)
		} else {
			p.add("null")
		}
	case kindBinary:
		p.base64(base64.StdEncoding, []byte(p.r.String()))
	case kindBool:
		p.out = strconv.AppendBool(p.out, p.r.Bool())
	case kindInt:
		p.out = strconv.AppendInt(p.out, p.r.Int(), 10)
	case kindUint:
		p.out = strconv.AppendUint(p.out, p.r.Uint(), 10)
	case kindFloat:
		p.float(p.r.Float())
	case kindComplex:
		p.add("[")
		p.float(p.r.Float())
		p.add(",")
		p.float(p.r.Float())
		p.add("]")
	case kindTime:
		p.time(p.r.Time())
	default:
		p.closed(k, []byte(p.r.String()))
	}
	p.ok()
}

// Sizes of closed values, as package crypto writes them.
const (
	tokenBytes  = 4 + 16
	sealedBytes = 1 + 4 + 12 + 16 // at least
)

var errClosed = errors.New("the bytes are not those of a token, an index or a sealed value")

// closed writes a token, an index or a sealed value: what they are, not what
// they stand for.
func (p *printer) closed(k kind, b []byte) {
	switch {
	case len(b) == 0:
		p.add("null")
		return
	case k == kindSealed && (len(b) < sealedBytes || b[0] != 1), k != kindSealed && len(b) != tokenBytes:
		p.fail(errClosed)
		return
	}
	p.base64(base64.RawURLEncoding, b)
}

func (p *printer) base64(enc *base64.Encoding, b []byte) {
	p.add(`"`)
	p.out = enc.AppendEncode(p.out, b)
	p.add(`"`)
}

func (p *printer) text(s string) {
	if utf8.ValidString(s) {
		p.quote(s)
		return
	}
	p.add(`{"bytes":`)
	p.base64(base64.StdEncoding, []byte(s))
	p.add("}")
}

// quote writes a string of JSON (RFC 8259, 7) and escapes what a terminal or a
// web page would take for something else than text.
func (p *printer) quote(s string) {
	const hex = "0123456789abcdef"
	p.add(`"`)
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			p.out = append(p.out, '\\', byte(r))
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029' || r <= 0xffff && unicode.Is(unicode.Cf, r):
			p.out = append(p.out, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			p.out = utf8.AppendRune(p.out, r)
		}
	}
	p.add(`"`)
}

func (p *printer) float(v float64) {
	switch {
	case math.IsNaN(v):
		p.add(`"NaN"`)
	case math.IsInf(v, 1):
		p.add(`"+Inf"`)
	case math.IsInf(v, -1):
		p.add(`"-Inf"`)
	default:
		p.out = strconv.AppendFloat(p.out, v, 'g', -1, 64)
	}
}

func (p *printer) time(t time.Time) {
	_, offset := t.Zone()
	if offset%60 == 0 && offset > -24*3600 && offset < 24*3600 && t.Year() >= 0 && t.Year() <= 9999 {
		p.add(`"`)
		p.out = t.AppendFormat(p.out, time.RFC3339Nano)
		p.add(`"`)
		return
	}
	p.out = fmt.Appendf(p.out, `{"unix":%d,"nanosecond":%d,"offset":%d}`, t.Unix(), t.Nanosecond(), offset)
}
