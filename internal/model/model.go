// Package model is what the loader found: the labelled types of a module as
// data, for the planner, the emitter and the report.
//
// A model is read-only once it is made. Everything in it is in a fixed order:
// packages by import path, types and fields as they stand in the source.
// Types of go/types in one model come from one load and can be compared with
// each other, never with those of another load.
//
// Nothing here decides anything: what happens to a field on a road is the
// planner's business.
package model

import (
	"go/token"
	"go/types"

	"github.com/sekisho-go/sekisho/classify"
)

// GeneratedFile is the name of the file that the generator writes into each
// package with labelled types.
const GeneratedFile = "zone_gen.go"

// GeneratedTestFile is its sibling for the labelled types of test files.
const GeneratedTestFile = "zone_gen_test.go"

// GeneratedExternalTestFile is the one for external test packages.
const GeneratedExternalTestFile = "zone_gen_ext_test.go"

// BuildTag is the build tag that is set while the tools read a module.
// Generated files exclude themselves under it, so that missing, stale or
// broken generated code never matters to the tools.
const BuildTag = "sekisho_gen"

// Package is a package of the module that holds labelled types or was asked
// for.
type Package struct {
	Path          string
	Name          string
	Dir           string
	Root          bool      // asked for by a pattern; other packages are only read
	Test          bool      // the types of the package's test files, or an external test package
	Types         []*Type   // labelled structs in source order (files by name)
	Scalars       []*Scalar // labelled scalar types in source order
	Files         []string  // absolute, sorted; without generated ones
	Imports       []string  // import paths of these files, sorted
	GeneratedFile string    // absolute path of what the generator writes, whether it exists or not
	Scope         *types.Scope
	Zone          string // zone named by //zone:package, or ""
}

// Type is a labelled struct.
type Type struct {
	Name      string
	PkgPath   string
	PkgName   string
	Dir       string
	Pos       token.Position // of the name
	Doc       string         // doc comment without directives
	Home      string         // zone it lives in, by its name in the policy; "" for a foreign type
	HomePos   token.Position // of the embedded Home
	Views     []string       // zones and named routes that views are wanted for (//zone:views)
	HasViews  bool           // there is such a directive; an empty list then means that all its names were wrong
	Fields    []*Field       // in source order, without Home and blank fields
	Named     *types.Named
	Foreign   bool                      // labelled by the policy's types section; Pos is still in its source
	Generated bool                      // a view or a sealed group of an earlier pass
	Methods   map[string]token.Position // hand-written methods by name, those of embedded fields left out
}

// Field is a field of a labelled struct.
type Field struct {
	Name      string
	Embedded  bool
	Exported  bool
	Type      types.Type
	Shape     *Shape
	Tag       classify.Tag
	HasTag    bool // Tag is in force: written on the field, in the policy, or inherited
	Inherited bool // Tag is the one of a labelled scalar type
	Pos       token.Position
	StructTag string // the whole struct tag as written, without its quotes
}

// Scalar is a named type that is no struct and carries a label for all fields
// of its type (//classify:label).
type Scalar struct {
	Name    string
	PkgPath string
	Pos     token.Position
	Tag     classify.Tag
	Named   *types.Named
}

// Diagnostic is a problem in the source or the policy, for people.
type Diagnostic struct {
	Pos    token.Position
	Path   string // drawn from the labelled type to the offending field: Insured.Address.Line1
	Msg    string // what is wrong, one line
	Clause string // of the written policy, or ""
	Remedy string // what to do, one line
}
