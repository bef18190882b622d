package packing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Schema describes the records of one view, for programs that know the view and
// for those that do not. It is a package variable of generated code, or comes
// from [ParseSchema].
type Schema struct {
	text string

	once sync.Once
	doc  *document
	root *definition
	err  error
}

// document is a schema as its text spells it.
type document struct {
	Type   string      `json:"type"`
	Zone   string      `json:"zone"`
	Class  string      `json:"class"`
	Fields []field     `json:"fields"`
	Types  []typeEntry `json:"types,omitempty"`
}

// typeEntry is an entry of types.
type typeEntry struct {
	Name   string  `json:"name"`
	Fields []field `json:"fields"`
}

// field is a field of the view, of a view inside it, or of a struct.
type field struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	Class      string   `json:"class,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Integrity  string   `json:"integrity,omitempty"`
	Opens      string   `json:"opens,omitempty"`
}

// maxSchema is how long the text of a schema from elsewhere may be, in bytes.
const maxSchema = 1 << 20

// NewSchema returns the schema with the given text, which generated code has
// from the generator. The text is read when it is first needed.
func NewSchema(text string) *Schema { return &Schema{text: text} }

// ParseSchema reads the text of a schema that comes from elsewhere. It takes the
// canonical form only, the one that [Schema.JSON] returns.
func ParseSchema(text []byte) (*Schema, error) {
	if len(text) > maxSchema {
		return nil, fmt.Errorf("packing: a schema of %d bytes, want at most %d", len(text), maxSchema)
	}
	s := NewSchema(string(text))
	if _, err := s.parsed(); err != nil {
		return nil, err
	}
	return s, nil
}

// JSON returns the text of the schema.
func (s *Schema) JSON() string { return s.text }

// Type returns the qualified name of the view, or "" when the schema cannot be
// read.
func (s *Schema) Type() string {
	if doc, _ := s.parsed(); doc != nil {
		return doc.Type
	}
	return ""
}

// Zone returns the name of the zone that the view is in, or "" when the schema
// cannot be read.
func (s *Schema) Zone() string {
	if doc, _ := s.parsed(); doc != nil {
		return doc.Zone
	}
	return ""
}

// Class returns the name of the highest class that a record holds in clear, or
// "" when the schema cannot be read.
func (s *Schema) Class() string {
	if doc, _ := s.parsed(); doc != nil {
		return doc.Class
	}
	return ""
}

// parsed reads the text once.
func (s *Schema) parsed() (*document, error) {
	if s == nil {
		return nil, errors.New("packing: there is no schema")
	}
	s.once.Do(func() {
		doc, root, err := parse(s.text)
		if err != nil {
			s.err = fmt.Errorf("packing: the schema cannot be read: %w", err)
			return
		}
		s.doc, s.root = doc, root
	})
	return s.doc, s.err
}

func parse(text string) (*document, *definition, error) {
	doc := new(document)
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(doc); err != nil {
		return nil, nil, errors.New("it is not the JSON of a schema")
	}
	var canonical bytes.Buffer
	enc := json.NewEncoder(&canonical)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil || strings.TrimSuffix(canonical.String(), "\n") != text {
		return nil, nil, errors.New("it is not in its canonical form: without blanks, in the order type, zone, class, fields, types, nothing twice and nothing empty")
	}
	if doc.Fields == nil || slices.ContainsFunc(doc.Types, func(t typeEntry) bool { return t.Fields == nil }) {
		return nil, nil, errors.New("a list of fields is null, want [] where there are none")
	}
	if dot := strings.LastIndexByte(doc.Type, '.'); dot <= 0 || !isIdentifier(doc.Type[dot+1:]) {
		return nil, nil, fmt.Errorf("type %q is not the qualified name of a view", doc.Type)
	}
	root, err := doc.define()
	if err != nil {
		return nil, nil, err
	}
	return doc, root, nil
}

// define gives the names of types their meaning.
func (doc *document) define() (*definition, error) {
	named := map[string]*definition{}
	var all []*definition
	for _, t := range doc.Types {
		if !isQualified(t.Name) {
			return nil, fmt.Errorf("types: %q is not the name of a type with its package", t.Name)
		}
		if named[t.Name] != nil {
			return nil, fmt.Errorf("types: there are two types %s", t.Name)
		}
		named[t.Name] = &definition{name: t.Name}
		all = append(all, named[t.Name])
	}
	root := &definition{name: doc.Type}
	for i, t := range doc.Types {
		if err := all[i].define(t.Fields, named); err != nil {
			return nil, err
		}
	}
	if err := root.define(doc.Fields, named); err != nil {
		return nil, err
	}
	for _, d := range append(all, root) {
		if _, err := d.measure(); err != nil {
			return nil, err
		}
	}
	return root, nil
}

func (d *definition) define(fields []field, named map[string]*definition) error {
	for _, f := range fields {
		if !isIdentifier(f.Name) {
			return fmt.Errorf("%s: %q is not the name of a field", d.name, f.Name)
		}
		s, err := parseShape(f.Type, named)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", d.name, f.Name, err)
		}
		d.members = append(d.members, member{f.Name, s})
	}
	if err := twice(d.members); err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	return nil
}

// Differs says in what way the records of s are not those of other, naming the
// first field that differs, or returns "" when they are the same. What s says
// comes first: `field Phone: type "string", not "int"`. A schema that cannot be
// read differs from every other.
func (s *Schema) Differs(other *Schema) string {
	if s != nil && other != nil && s.text == other.text {
		if _, err := s.parsed(); err != nil {
			return err.Error()
		}
		return ""
	}
	a, err := s.parsed()
	if err != nil {
		return err.Error()
	}
	b, err := other.parsed()
	if err != nil {
		return err.Error()
	}
	switch {
	case a.Type != b.Type:
		return fmt.Sprintf("type %q, not %q", a.Type, b.Type)
	case a.Zone != b.Zone:
		return fmt.Sprintf("zone %q, not %q", a.Zone, b.Zone)
	}
	if d := differ("", a.Fields, b.Fields); d != "" {
		return d
	}
	for i := range min(len(a.Types), len(b.Types)) {
		x, y := a.Types[i], b.Types[i]
		if x.Name != y.Name {
			return fmt.Sprintf("types: %s, not %s", x.Name, y.Name)
		}
		if d := differ(x.Name+".", x.Fields, y.Fields); d != "" {
			return d
		}
	}
	if a.Class != b.Class {
		return fmt.Sprintf("class %q, not %q", a.Class, b.Class)
	}
	return fmt.Sprintf("%d types, not %d", len(a.Types), len(b.Types))
}

// differ compares two lists of fields.
func differ(of string, a, b []field) string {
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		at := "field " + of + x.Name + ": "
		switch {
		case x.Name != y.Name:
			return fmt.Sprintf("field %s%s, not %s", of, x.Name, y.Name)
		case x.Type != y.Type:
			return fmt.Sprintf("%stype %q, not %q", at, x.Type, y.Type)
		case x.Class != y.Class:
			return fmt.Sprintf("%sclass %q, not %q", at, x.Class, y.Class)
		case !slices.Equal(x.Categories, y.Categories):
			return fmt.Sprintf("%scategories %q, not %q", at, x.Categories, y.Categories)
		case x.Integrity != y.Integrity:
			return fmt.Sprintf("%sintegrity %q, not %q", at, x.Integrity, y.Integrity)
		case x.Opens != y.Opens:
			return fmt.Sprintf("%sopens in %q, not in %q", at, x.Opens, y.Opens)
		}
	}
	switch {
	case len(a) > len(b):
		return "field " + of + a[len(b)].Name + ", which the other has not"
	case len(a) < len(b):
		return "no field " + of + b[len(a)].Name + ", which the other has"
	}
	return ""
}
