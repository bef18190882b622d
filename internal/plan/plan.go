// Package plan decides what is to be generated: it lays the policy over the
// labelled types of a module and says, for each of them and each road that
// leaves its zone, which view comes out on the other side and what happens to
// every field on the way.
//
// A plan is data. It is made once by [Make], read by the emitter and by
// "sekisho explain", and holds nothing that depends on the order of maps or
// on the machine it was made on.
//
// # How a plan is made
//
// Planning goes from zone to zone, one hop at a time. All labelled types of
// one hop are decided together, because a record that holds another record
// may only cross where the inner one may: first it is settled which records
// are refused and which would arrive empty, until nothing changes any more;
// then the views are made; then the views are the records of the next hop.
// A chain never enters a zone twice: the way back to the zone that a view
// came from is a [Return].
package plan

import (
	"go/token"
	"go/types"
	"path/filepath"
	"strconv"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Plan is everything that is to be generated for one module.
type Plan struct {
	Policy      *policy.Policy
	ZonesPath   string     // import path of the zones package
	ZonesName   string     // name of that package
	Packages    []*Package // by import path
	Diagnostics []model.Diagnostic
}

// Package is what is generated into one package.
type Package struct {
	Path, Name, Dir string
	File            string    // file that is written
	Records         []*Record // in source order, each followed by its views
	Root            bool      // asked for; other packages are only read

	scope *types.Scope
	fset  *token.FileSet
	names map[string]bool // given out by the planner
}

// Taken reports whether hand-written code of the package declares a name, or
// the plan gives it to something.
func (p *Package) Taken(name string) bool {
	if p.names[name] {
		return true
	}
	if p.scope == nil {
		return false
	}
	obj := p.scope.Lookup(name)
	return obj != nil && filepath.Base(p.fset.Position(obj.Pos()).Filename) != model.GeneratedFile
}

// unique returns name, or name with a number behind it when it is taken, and
// reserves it.
func (p *Package) unique(name string) string {
	free := name
	for n := 2; p.Taken(free); n++ {
		free = name + strconv.Itoa(n)
	}
	p.names[free] = true
	return free
}

// Record is a labelled type: a hand-written one, or a view of one.
type Record struct {
	Package *Package
	Name    string
	Home    *policy.Zone
	Source  *model.Type // the hand-written type; nil in a view
	Made    *Crossing   // the crossing that makes a view; nil in a hand-written type
	Foreign bool        // labelled by the policy alone: its package takes no methods
	Fields  []*Field

	Crossings []*Crossing
	Returns   []*Return
	Refusals  []*Refusal
}

// Root returns the hand-written type that r is a view of, or r itself.
func (r *Record) Root() *Record {
	for r.Made != nil {
		r = r.Made.From
	}
	return r
}

// Chain returns the crossings that lead from the hand-written type to r.
func (r *Record) Chain() []*Crossing {
	if r.Made == nil {
		return nil
	}
	return append(r.Made.From.Chain(), r.Made)
}

// ID returns the field that identifies the record, or nil.
func (r *Record) ID() *Field {
	for _, f := range r.Fields {
		if f.Labelled && f.Tag.ID {
			return f
		}
	}
	return nil
}

// QualifiedName returns the import path and the name of the type.
func (r *Record) QualifiedName() string {
	if r.Foreign {
		return r.Source.PkgPath + "." + r.Source.Name
	}
	return r.Package.Path + "." + r.Name
}

// Field is a field of a record or of a sealed group.
type Field struct {
	Name     string
	Embedded bool
	Shape    *Shape
	Labelled bool // has a label of its own; a nested record or a sealed group brings the labels of its fields
	Tag      classify.Tag
	Label    classify.Label
	Group    *Group // the sealed group that this field holds, or nil
	Pos      token.Position
}

// GoName returns the name of the field in Go: of an embedded view that is the
// name of the view.
func (f *Field) GoName() string {
	if f.Embedded && f.Shape != nil {
		for s := f.Shape; s != nil; s = s.Elem {
			if s.Record != nil && s.Record.Made != nil {
				return s.Record.Name
			}
		}
	}
	return f.Name
}

// Group is what travels under one seal: all encrypted fields of a record.
type Group struct {
	Name   string
	Home   *policy.Zone // whose key opens it
	Fields []*Field
	Made   *Crossing
}

// Crossing is the method that takes a record over one route.
type Crossing struct {
	From   *Record
	Route  *policy.Route
	Method string
	View   *Record
	Moves  []*Move
	Group  *Group // nil when nothing is encrypted

	Transit string // name of the variable that declares the decisions
	Func    string // name of the function that stands in for the method where the type is another package's
	status  status
}

// GroupField returns the field of the view that holds the sealed group.
func (c *Crossing) GroupField() *Field {
	for _, f := range c.View.Fields {
		if f.Group == c.Group && c.Group != nil {
			return f
		}
	}
	return nil
}

// Move is what happens to one field on a crossing.
type Move struct {
	From     *Field
	Action   classify.Action
	Decision policy.Decision // of a labelled field; zero for nested records and groups
	Func     *Func           // of mask and generalise
	To       *Field          // in the view; nil when the field is dropped or sealed in the group
	Sealed   *Field          // in the group; nil otherwise
	Index    *Field          // in the view, beside the sealed column; nil where it cannot be searched
	Nested   *Crossing       // of a field that holds records
	Why      string          // why a field is dropped, for people
}

// Return is the method that brings a view back to the record it was made of.
type Return struct {
	View    *Record
	Into    *Record
	Route   *policy.Route
	Method  string
	Restore []*Restore
	Open    bool // the sealed group is opened
	Kept    bool // fields that did not travel are taken from the record that stayed
	Transit string

	Carried   []*Carried // the view and the views that it holds, as a parcel carries them back; nil when none does
	Uncarried string     // why no parcel carries it, for people
}

// Carried is a view that takes a road back whole, as it is.
type Carried struct {
	View   *Record
	Fields []CarriedField
}

// CarriedField is a labelled field of a carried view, or of a sealed group in
// it, with what the road says of it.
type CarriedField struct {
	Name   string // with the group in front
	Field  *Field
	Action classify.Action
	Sealed string // zone whose key opens it, or ""
}

// Restore says where one field of the returned record comes from.
type Restore struct {
	Into   *Field
	Move   *Move   // how it left
	From   Origin  // where it comes back from
	Nested *Return // of a field that holds records
	Why    string  // why it does not come back, for people
}

// Origin is where a returned field comes from.
type Origin uint8

// The origins of a returned field.
const (
	FromKept  Origin = iota // the record that stayed at home
	FromView                // a field of the view
	FromGroup               // the sealed group
	Hidden                  // nowhere: another package hides the field
)

// Refusal is a way that does not exist.
type Refusal struct {
	Record *Record
	Method string
	To     *policy.Zone
	Route  *policy.Route // nil where there is no route
	Type   string        // name of the refusal type in the zones package
	Clause string
	Why    string
}
