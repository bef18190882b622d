package policyfile

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
)

// SchemaID is the address of the schema, as editors refer to it.
const SchemaID = "https://raw.githubusercontent.com/sekisho-go/sekisho/main/zone/policy/presets/sekisho.schema.json"

// Schema returns the JSON Schema (draft 2020-12) of policy files. It is written
// from the table that the decoder reads by: what it rejects, Load rejects; and
// every key that Load knows, it knows. The decoder is stricter where a schema
// cannot be: about references between entries and about unquoted words.
func Schema() []byte {
	g := &schemas{defs: make(map[string]object)}
	root := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", SchemaID},
		{"title", "sekisho policy file"},
	}
	root = append(root, policyFile.schema(g)...)
	defs := object{}
	for _, name := range g.order {
		defs = append(defs, member{name, g.defs[name]})
	}
	root = append(root, unlessOverlay()...)
	root = append(root, member{"$defs", defs})
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		panic("policyfile: internal error: " + err.Error())
	}
	return b.Bytes()
}

// unlessOverlay requires what only overlays may leave out.
func unlessOverlay() object {
	entries := func(required []string) object {
		return object{{"additionalProperties", object{{"required", required}}}}
	}
	return object{
		{"if", object{{"properties", object{{"overlay", object{{"const", true}}}}}, {"required", []string{"overlay"}}}},
		{"else", object{{"properties", object{
			{"categories", entries(category.baseNames())},
			{"zones", entries(zoneEntry.baseNames())},
		}}}},
	}
}

// baseNames are the keys that only an overlay may leave out.
func (s record[T]) baseNames() []string {
	var names []string
	for _, k := range s.keys {
		if k.unless {
			names = append(names, k.name)
		}
	}
	return names
}

// schemas collects the definitions that several places refer to.
type schemas struct {
	defs  map[string]object
	order []string
}

// object is a JSON object that keeps its order, so that the schema reads like
// the table.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(m.name))
		b.WriteByte(':')
		var v bytes.Buffer
		enc := json.NewEncoder(&v)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(m.value); err != nil {
			return nil, err
		}
		b.Write(bytes.TrimSpace(v.Bytes()))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// refTo names a definition.
func refTo(name string) object { return object{{"$ref", "#/$defs/" + name}} }

// ecma writes a pattern in the dialect of JSON Schema. Go's \p{L} is the same
// there, as validators compile patterns with Unicode on.
func ecma(re *regexp.Regexp) string { return re.String() }

func (s text) schema(*schemas) object {
	o := object{{"type", "string"}}
	switch {
	case s.decimals:
		o[0].value = []string{"string", "number"}
	case s.digits:
		o[0].value = []string{"string", "integer"}
	}
	switch {
	case s.enum != nil:
		o = append(o, member{"enum", s.enum})
	case s.pattern != nil:
		o = append(o, member{"pattern", ecma(s.pattern)})
	default:
		o = append(o, member{"minLength", 1})
	}
	if s.most > 0 {
		o = append(o, member{"maxLength", s.most})
	}
	if s.digits {
		o = append(o, member{"minimum", 0})
	}
	return o
}

// names is the schema of the keys that have this shape: keys are text always.
func (s text) names() object {
	o := object{{"pattern", ecma(s.pattern)}}
	if s.most > 0 {
		o = append(o, member{"maxLength", s.most})
	}
	return o
}

func (boolean) schema(*schemas) object { return object{{"type", "boolean"}} }

func (s integer) schema(*schemas) object {
	o := object{{"type", "integer"}, {"minimum", s.min}}
	if s.max < 1<<53 {
		o = append(o, member{"maximum", s.max})
	}
	return o
}

func (s mapped[V, W]) schema(g *schemas) object { return s.of.schema(g) }

func (title) schema(g *schemas) object {
	if g.defs["title"] == nil {
		g.defs["title"] = object{} // before what is below it, so that the order is the order of use
		g.order = append(g.order, "title")
		many := titles.schema(g)
		g.defs["title"] = object{
			{"description", "One text, or a text for each language by its BCP 47 tag."},
			{"anyOf", []object{freeText.schema(g), many}},
		}
	}
	return refTo("title")
}

func (s list[V]) schema(g *schemas) object {
	o := object{{"type", "array"}, {"items", s.of.schema(g)}}
	if s.least > 0 {
		o = append(o, member{"minItems", s.least})
	}
	return o
}

func (s named[V, E]) schema(g *schemas) object {
	return object{
		{"type", "object"},
		{"propertyNames", s.key.names()},
		{"additionalProperties", s.of.schema(g)},
	}
}

func (s record[T]) schema(g *schemas) object {
	if s.def == "" {
		return s.body(g)
	}
	if g.defs[s.def] == nil {
		g.defs[s.def] = object{}
		g.order = append(g.order, s.def)
		g.defs[s.def] = s.body(g)
	}
	return refTo(s.def)
}

// body is the schema of a record itself.
func (s record[T]) body(g *schemas) object {
	var properties object
	var required []string
	for _, k := range s.keys {
		o := object{{"description", sentence(k.doc)}}
		properties = append(properties, member{k.name, append(o, k.schema(g)...)})
		if k.required {
			required = append(required, k.name)
		}
	}
	o := object{{"description", s.doc}, {"type", "object"}, {"additionalProperties", false}}
	if required != nil {
		o = append(o, member{"required", required})
	}
	if s.oneOf != nil {
		var either []object
		for _, name := range s.oneOf {
			either = append(either, object{{"required", []string{name}}})
		}
		o = append(o, member{"oneOf", either})
	}
	return append(o, member{"properties", properties})
}

// sentence writes the words beside a key as a sentence.
func sentence(s string) string {
	if s == "" {
		return s
	}
	first := s[0]
	if 'a' <= first && first <= 'z' {
		s = string(first-'a'+'A') + s[1:]
	}
	return s + "."
}
