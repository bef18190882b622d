package packing

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// kind is how values of a shape are written down.
type kind uint8

const (
	kindString kind = iota + 1
	kindBytes
	kindBool
	kindInt
	kindUint
	kindFloat
	kindComplex
	kindTime
	kindText
	kindBinary
	kindValue
	kindToken
	kindIndex
	kindSealed
	kindSlice
	kindArray
	kindPointer
	kindMap
	kindStruct
	kindNamed
)

// basics are the shapes that are one word.
var basics = map[string]kind{
	"string": kindString, "bytes": kindBytes, "bool": kindBool, "int": kindInt, "uint": kindUint, "float": kindFloat,
	"complex": kindComplex, "time": kindTime, "text": kindText, "binary": kindBinary, "value": kindValue,
	"token": kindToken, "index": kindIndex, "sealed": kindSealed,
}

// least is how few bytes a value of a basic kind can have.
func (k kind) least() int {
	switch k {
	case kindFloat:
		return 8
	case kindComplex:
		return 16
	case kindTime:
		return 3
	}
	return 1
}

// shape is a type as schemas spell it.
type shape struct {
	kind      kind
	elem, key *shape
	len       int
	members   []member
	named     *definition
}

// member is a field.
type member struct {
	name  string
	shape *shape
}

// definition is an entry of a schema's types, or the record itself.
type definition struct {
	name    string
	members []member
	least   int
	state   uint8 // of the measuring: 0 not begun, 1 going on, 2 done
}

const (
	maxShapeDepth = 64 // of brackets in one type
	maxArray      = math.MaxInt32
)

var errShape = errors.New("want string, bytes, bool, int, uint, float, complex, time, text, binary, value, token, index, sealed, []T, [N]T, *T, map[K]V, {Name:T,…} or a name of types")

// shapeParser reads one type.
type shapeParser struct {
	rest  string
	depth int
	named map[string]*definition
}

// parseShape reads a type that mentions the given names.
func parseShape(text string, named map[string]*definition) (*shape, error) {
	p := &shapeParser{rest: text, named: named}
	s, err := p.shape()
	if err == nil && p.rest != "" {
		err = errShape
	}
	if err != nil {
		return nil, fmt.Errorf("type %q: %w", text, err)
	}
	return s, nil
}

func (p *shapeParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

func (p *shapeParser) shape() (*shape, error) {
	if p.depth++; p.depth > maxShapeDepth {
		return nil, fmt.Errorf("more than %d types lie in each other", maxShapeDepth)
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("[]"):
		return p.of(kindSlice)
	case p.take("*"):
		return p.of(kindPointer)
	case p.take("map["):
		return p.mapping()
	case p.take("["):
		return p.array()
	case p.take("{"):
		return p.structure()
	}
	return p.word()
}

func (p *shapeParser) of(k kind) (*shape, error) {
	elem, err := p.shape()
	return &shape{kind: k, elem: elem}, err
}

func (p *shapeParser) mapping() (*shape, error) {
	key, err := p.shape()
	if err != nil {
		return nil, err
	}
	if !p.take("]") {
		return nil, errShape
	}
	s, err := p.of(kindMap)
	if err != nil {
		return nil, err
	}
	s.key = key
	return s, nil
}

func (p *shapeParser) array() (*shape, error) {
	digits, rest, ok := strings.Cut(p.rest, "]")
	n, err := strconv.ParseUint(digits, 10, 31)
	if !ok || err != nil || n > maxArray || strconv.FormatUint(n, 10) != digits {
		return nil, errShape
	}
	p.rest = rest
	s, err := p.of(kindArray)
	if err != nil {
		return nil, err
	}
	s.len = int(n)
	return s, nil
}

func (p *shapeParser) structure() (*shape, error) {
	s := &shape{kind: kindStruct}
	for !p.take("}") {
		if len(s.members) > 0 && !p.take(",") {
			return nil, errShape
		}
		name, rest, ok := strings.Cut(p.rest, ":")
		if !ok || !isIdentifier(name) {
			return nil, errShape
		}
		p.rest = rest
		of, err := p.shape()
		if err != nil {
			return nil, err
		}
		s.members = append(s.members, member{name, of})
	}
	return s, twice(s.members)
}

func (p *shapeParser) word() (*shape, error) {
	end := strings.IndexFunc(p.rest, func(r rune) bool { return r != '.' && !isIdentifierRune(r) })
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	if k, ok := basics[word]; ok {
		return &shape{kind: k}, nil
	}
	if d := p.named[word]; d != nil {
		return &shape{kind: kindNamed, named: d}, nil
	}
	return nil, errShape
}

// twice reports a name that two fields have.
func twice(members []member) error {
	seen := map[string]bool{}
	for _, m := range members {
		if seen[m.name] {
			return fmt.Errorf("there are two fields %s", m.name)
		}
		seen[m.name] = true
	}
	return nil
}

func isIdentifierRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// isIdentifier reports whether s is a name in the sense of Go.
func isIdentifier(s string) bool {
	for i, r := range s {
		if !isIdentifierRune(r) || i == 0 && unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

// isQualified reports whether s is the name of a type with its package.
func isQualified(s string) bool {
	pkg, name, ok := strings.Cut(s, ".")
	return ok && isIdentifier(pkg) && isIdentifier(name)
}

// tooLarge is more bytes than any record has.
const tooLarge = math.MaxInt32

// measure finds out how few bytes a value can have. It fails on a type that
// contains itself without anything between that can end it.
func (s *shape) measure() (int, error) {
	switch s.kind {
	case kindPointer, kindSlice, kindMap:
		return 1, nil
	case kindArray:
		n, err := s.elem.measure()
		if n > 0 && s.len > tooLarge/n {
			return tooLarge, err
		}
		return n * s.len, err
	case kindStruct:
		return measureAll(s.members)
	case kindNamed:
		return s.named.measure()
	}
	return s.kind.least(), nil
}

func (d *definition) measure() (int, error) {
	switch d.state {
	case 1:
		return 0, fmt.Errorf("type %s: it contains itself and would have no end", d.name)
	case 2:
		return d.least, nil
	}
	d.state = 1
	n, err := measureAll(d.members)
	d.least, d.state = n, 2
	return n, err
}

func measureAll(members []member) (int, error) {
	sum := 0
	for _, m := range members {
		n, err := m.shape.measure()
		if err != nil {
			return 0, err
		}
		sum = min(sum+n, tooLarge)
	}
	return sum, nil
}
