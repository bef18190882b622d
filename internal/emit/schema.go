package emit

import (
	"bytes"
	"encoding/json"
	"go/types"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/internal/plan"
)

// schema writes the description of a view: the canonical JSON that parcels
// have, see "Shapes" in the documentation of package wire, a field a line.
func (f *file) schema(r *plan.Record) jen.Code {
	d := describer{file: f, names: map[string]string{}, taken: map[string]bool{}}
	lines := []string{`{"type":` + asJSON(r.QualifiedName()) + `,"zone":` + asJSON(r.Home.Name) + `,"class":` + asJSON(f.class(r.Fields)) + `,"fields":[`}
	lines = append(lines, d.fields(r.Fields)...)
	end := `]`
	for i := 0; i < len(d.queue); i++ { // describing one type may find another
		head := end + `,"types":[`
		if i > 0 {
			head = end + `},`
		}
		lines = append(lines, head+`{"name":`+asJSON(d.queue[i].name)+`,"fields":[`)
		lines = append(lines, d.queue[i].describe()...)
		end = `]`
	}
	if len(d.queue) > 0 {
		end += `}]`
	}
	lines = append(lines, end+`}`)
	s := jen.Op(rawString(lines[0]))
	for _, line := range lines[1:] {
		s.Op("+").Line().Op(rawString(line))
	}
	return s
}

// asJSON writes a string or a described field the way schemas do.
func asJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("emit: internal error: a schema cannot be written: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// described is a field in a schema.
type described struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	Class      string   `json:"class,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Integrity  string   `json:"integrity,omitempty"`
	Opens      string   `json:"opens,omitempty"`
}

// describer writes the fields of one schema and gathers the types that they
// name, in the order in which they are first named.
type describer struct {
	*file
	names map[string]string // by qualified type
	taken map[string]bool
	queue []struct {
		name     string
		describe func() []string
	}
}

// fields describes the fields of a view.
func (d *describer) fields(fields []*plan.Field) []string {
	var lines []described
	for _, fd := range fields {
		line := described{Name: fd.GoName(), Type: d.spell(fd.Shape), Opens: fd.Shape.SealedZone}
		label, known := fd.Label, fd.Labelled
		if fd.Group != nil {
			for _, g := range fd.Group.Fields {
				label, known = label.Join(g.Label), true
			}
		}
		if known {
			line.Class = d.policy.Scale().Name(label.Class)
			line.Categories = label.Categories
			if label.Integrity > d.policy.IntegrityScale().Lowest() {
				line.Integrity = d.policy.IntegrityScale().Name(label.Integrity)
			}
		}
		if held := fd.Held(); held != nil {
			line.Class = d.atLeast(line.Class, d.class(held.Fields))
		}
		lines = append(lines, line)
	}
	return joined(lines)
}

// atLeast returns the higher of two classes, of which the first may be empty.
func (d *describer) atLeast(a, b string) string {
	x, known := d.policy.Scale().Level(a)
	if y, _ := d.policy.Scale().Level(b); !known || y > x {
		return b
	}
	return a
}

// joined writes fields a line each.
func joined(fields []described) []string {
	lines := make([]string, len(fields))
	for i, fd := range fields {
		lines[i] = asJSON(fd)
		if i < len(fields)-1 {
			lines[i] += ","
		}
	}
	return lines
}

// spell writes the type of a shape.
func (d *describer) spell(s *plan.Shape) string {
	switch s.Kind {
	case model.Basic:
		method, _, _ := packKind(s.Go)
		return strings.ToLower(method)
	case model.Bytes, model.Time, model.Value, model.Text, model.Binary, model.Token, model.Sealed, model.Index:
		return s.Kind.String()
	case model.Pointer:
		return "*" + d.spell(s.Elem)
	case model.Slice:
		return "[]" + d.spell(s.Elem)
	case model.Array:
		return "[" + strconv.FormatInt(s.Len, 10) + "]" + d.spell(s.Elem)
	case model.Map:
		return "map[" + d.spell(s.Key) + "]" + d.spell(s.Elem)
	case model.Labelled:
		return d.named(s.Record.QualifiedName(), s.Record.Package.Name+"."+s.Record.Name, func() []string { return d.fields(s.Record.Fields) })
	case model.Struct:
		if named, ok := types.Unalias(s.Go).(*types.Named); ok && named.Obj().Pkg() != nil {
			return d.named(plan.TypeString(s.Type), named.Obj().Pkg().Name()+"."+named.Obj().Name(), func() []string { return d.members(s) })
		}
		var members []string
		for _, sf := range s.Fields {
			members = append(members, sf.Name+":"+d.spell(sf.Shape))
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	panic("emit: internal error: " + plan.TypeString(s.Type) + " cannot be described")
}

// members describes the fields of an unlabelled struct, which have no labels of
// their own.
func (d *describer) members(s *plan.Shape) []string {
	var lines []described
	for _, sf := range s.Fields {
		lines = append(lines, described{Name: sf.Name, Type: d.spell(sf.Shape)})
	}
	return joined(lines)
}

// named returns the name of a type in the schema. Types of different packages
// may have one name, and so may those that a generic type makes.
func (d *describer) named(key, want string, describe func() []string) string {
	if name, known := d.names[key]; known {
		return name
	}
	name := want
	for n := 2; d.taken[name]; n++ {
		name = want + strconv.Itoa(n)
	}
	d.names[key], d.taken[name] = name, true
	d.queue = append(d.queue, struct {
		name     string
		describe func() []string
	}{name, describe})
	return name
}
