package load

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/internal/model"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// Import paths and names of the types that mean something to the loader.
const (
	modulePath   = "github.com/sekisho-go/sekisho"
	classifyPath = modulePath + "/classify"
	cryptoPath   = modulePath + "/crypto"
	zonePath     = modulePath + "/zone"
)

// loader holds the state of one call of [Load].
type loader struct {
	cfg    Config
	policy *policy.Policy
	tree   *tree
	words  vocabulary

	packages []*model.Package
	types    map[string]*model.Type      // labelled structs by import path and name
	scalars  map[string]*model.Scalar    // labelled scalar types likewise
	labelAt  map[*model.Scalar]token.Pos // their directives
	generic  map[string]bool             // labelled generic structs: they are refused
	foreign  map[string]*model.Type      // labelled by the policy
	labelled []policy.Type               // that the policy labels, with all that it is met with
	entries  map[string]*policy.Type     // what the policy says of them
	shapers  map[*types.Package]*shaper
	origins  map[*model.Type]*origin
	syntax   map[token.Pos]*ast.Field // of struct fields in files that mention labels
	outside  *types.Package           // any package of the module, see viewpoint
	waiting  []*model.Type            // found while following others, fields still to be filled

	owner       string // of what is reported next, see reported
	diagnostics []reported
	unresolved  []Unresolved
}

// reported is a diagnostic with the labelled type that it is about, by import
// path and name; "" for what matters in any case.
type reported struct {
	model.Diagnostic
	owner string
}

// origin is where a labelled type comes from.
type origin struct {
	source *source        // nil for a type from export data
	code   *types.Package // package that the generated code for it stands in
	spec   *ast.TypeSpec  // nil for a type from export data
	entry  *policy.Type   // nil unless the policy labels it
}

func newLoader(cfg Config, t *tree) *loader {
	l := &loader{
		cfg:     cfg,
		policy:  cfg.Policy,
		tree:    t,
		words:   newVocabulary(cfg.Policy),
		types:   map[string]*model.Type{},
		scalars: map[string]*model.Scalar{},
		labelAt: map[*model.Scalar]token.Pos{},
		generic: map[string]bool{},
		foreign: map[string]*model.Type{},
		entries: map[string]*policy.Type{},
		shapers: map[*types.Package]*shaper{},
		origins: map[*model.Type]*origin{},
		syntax:  map[token.Pos]*ast.Field{},
	}
	l.labelled = cfg.Policy.LabelledTypes()
	for i := range l.labelled {
		entry := &l.labelled[i]
		l.entries[entry.Name] = entry
	}
	return l
}

// report adds a diagnostic.
func (l *loader) report(pos token.Position, path, remedy, format string, args ...any) {
	l.diagnostics = append(l.diagnostics, reported{
		model.Diagnostic{Pos: pos, Path: path, Msg: fmt.Sprintf(format, args...), Remedy: remedy}, l.owner,
	})
}

func (l *loader) position(pos token.Pos) token.Position { return l.tree.fset.Position(pos) }

// objectKey is the name under which a package-level type is known: the same
// for all variants of a package.
func objectKey(obj *types.TypeName) string {
	if obj.Pkg() == nil {
		return obj.Name()
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// isNamed reports whether t is the named type or an instance of it, and
// returns it.
func isNamed(t types.Type, path, name string) (*types.Named, bool) {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Name() != name || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != path {
		return nil, false
	}
	return n, true
}

// hasClassifyKey reports whether a struct tag is meant to hold a label, be it
// misspelt.
func hasClassifyKey(structTag string) bool {
	_, found, err := classify.LookupTag(structTag)
	return found || err != nil && containsFold(structTag, classify.TagKey)
}

// zoneOf resolves a type argument that stands for a zone.
func (l *loader) zoneOf(t types.Type) (*policy.Zone, bool) {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != l.cfg.ZonesPath {
		return nil, false
	}
	for i := range l.policy.Zones {
		if z := &l.policy.Zones[i]; z.Go == n.Obj().Name() {
			return z, true
		}
	}
	return nil, false
}
