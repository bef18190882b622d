// Package labels answers what the values of a Go type are: which zone they live
// in, of which class and category each field is, and which types show nothing.
// All checks of the analyzer stand on it.
//
// # Labels by type
//
// A struct is labelled when it embeds zone.Home, or when the policy lists it
// under types: ([Info.Struct]). A named scalar is labelled by the directive
// classify:label ([Info.Scalar]). Everything else holds what its parts hold
// ([Info.Leaves]), however deep. Closed types, sealed values and tokens show
// nothing by themselves ([Closed]).
//
// # How the policy gets here
//
// The zones package that the generator writes has the compiled policy as a
// constant. [Analyzer] reads it there and exports it as a fact of the package,
// with the labelled scalars; every package that imports one with that fact
// exports it again. A package that can name a labelled type therefore has the
// policy of it in sight, and as facts are what the go command's cache goes by,
// a changed policy is seen.
//
// One thing escapes that: a type that only the policy labels (types:), used in
// a package that imports nothing of the zones. Three things are done about it.
// Function summaries are made of all packages, so a value that is passed
// through a blind package is followed. A package that has sight and imports,
// however indirectly, a blind one of its own module that uses the type's
// package, reports it. And a driver that knows the policy can give it to every
// package by the flags -zones.policy and -zones.sum.
package labels

import (
	"cmp"
	"go/types"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/gen/zonevet/internal/check"
)

// Import paths of the run time.
const (
	ModulePath   = "github.com/sekisho-go/sekisho" // this module
	ZonePath     = ModulePath + "/zone"            // Home, In, crossings
	CryptoPath   = ModulePath + "/crypto"          // sealed values and tokens
	ClassifyPath = ModulePath + "/classify"        // tags, masks, generalisations
	JPPath       = ClassifyPath + "/jp"            // closed identifiers
)

// Label is what one value is.
type Label struct {
	Policy     *Policy
	Zone       string // its home; "" of a scalar and of a type that only the policy labels
	Class      string
	Level      classify.Level // rank of Class in the policy
	Categories []string       // sorted
	Of         string         // whose label it is: "insured.Insured.Name", "names.PersonName"
	Token      bool           // the value is a token, not the datum
}

// String gives what a reader wants to know of a label: "name, 3B".
func (l *Label) String() string {
	return strings.Join(append(slices.Clone(l.Categories), "class "+l.Class), ", ")
}

// Struct is a labelled struct.
type Struct struct {
	Type    *types.Named
	Policy  *Policy
	Zone    string   // name of the zone in the policy; "" where only the policy labels the type
	Foreign bool     // labelled by the policy alone
	Labels  []*Label // by field; nil for a field that has none of its own
}

// Name is the type as a reader names it: "insured.Insured".
func (s *Struct) Name() string { return shortName(s.Type) }

// Info answers for one package. It is the result of [Analyzer].
type Info struct {
	Policies   []*Policy          // in sight, by import path of their zones package
	Allowances []*check.Allowance // of the package's files
	Std        bool               // a package of the standard library: nothing is analyzed there
	Generated  map[string]bool    // names of the files that the generator wrote

	mu      sync.Mutex        // of what is found out on demand: the checks of a package run side by side
	scalars map[string]string // qualified name to tag
	structs map[*types.Named]*Struct
	labels  map[*types.Named]*Label // of scalars; nil where none
	leaves  typeutil.Map            // types.Type to []*Label
}

// Struct returns the labelled struct that t is, through aliases and pointers,
// or nil. A type that is defined as a labelled struct is one: it has its fields.
func (i *Info) Struct(t types.Type) *Struct {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.structOf(t)
}

func (i *Info) structOf(t types.Type) *Struct {
	n := named(t)
	if n == nil {
		return nil
	}
	if s, ok := i.structs[n]; ok {
		return s
	}
	s := i.newStruct(n)
	i.structs[n] = s
	return s
}

func (i *Info) newStruct(n *types.Named) *Struct {
	under, ok := n.Underlying().(*types.Struct)
	if !ok || n.Obj().Pkg() == nil {
		return nil
	}
	if home := homeOf(under); home != nil {
		return i.homed(n, under, home)
	}
	return i.foreign(n, under)
}

// homeOf returns the zone type that a struct has its home in.
func homeOf(s *types.Struct) *types.Named {
	for f := range s.Fields() {
		if !f.Embedded() {
			continue
		}
		if n := named(f.Type()); n != nil && Is(n, ZonePath, "Home") && n.TypeArgs().Len() == 1 {
			zone, _ := types.Unalias(n.TypeArgs().At(0)).(*types.Named)
			return zone
		}
	}
	return nil
}

// homed makes a struct that embeds a Home.
func (i *Info) homed(n *types.Named, under *types.Struct, home *types.Named) *Struct {
	s := &Struct{Type: n, Labels: make([]*Label, under.NumFields())}
	if home.Obj().Pkg() != nil {
		s.Policy = i.policyAt(home.Obj().Pkg().Path())
	}
	if s.Policy == nil {
		return s // its zone is known by type alone; a driver without facts
	}
	s.Zone = s.Policy.zoneName(home.Obj().Name())
	for k := range under.NumFields() {
		f := under.Field(k)
		tag, found, err := classify.LookupTag(under.Tag(k))
		if err != nil || !found || sealed(f.Type()) {
			continue
		}
		s.Labels[k] = i.label(s, f, tag)
	}
	i.adoptScalars(s, under)
	return s
}

// foreign makes a struct that a policy in sight lists, or nil.
func (i *Info) foreign(n *types.Named, under *types.Struct) *Struct {
	name := n.Obj().Pkg().Path() + "." + n.Obj().Name()
	for _, p := range i.Policies {
		tags := p.types[name]
		if tags == nil {
			continue
		}
		s := &Struct{Type: n, Policy: p, Foreign: true, Labels: make([]*Label, under.NumFields())}
		for k := range under.NumFields() {
			if tag, ok := tags[under.Field(k).Name()]; ok {
				s.Labels[k] = i.label(s, under.Field(k), tag)
			}
		}
		return s
	}
	return nil
}

// adoptScalars gives fields without a tag the label of their labelled scalar
// type.
func (i *Info) adoptScalars(s *Struct, under *types.Struct) {
	for k := range under.NumFields() {
		if l := i.scalarOf(under.Field(k).Type()); l != nil && s.Labels[k] == nil {
			own := *l
			own.Zone, own.Of = s.Zone, s.Name()+"."+under.Field(k).Name()
			s.Labels[k] = &own
		}
	}
}

func (i *Info) label(s *Struct, f *types.Var, tag classify.Tag) *Label {
	l := s.Policy.resolve(tag)
	l.Zone, l.Of, l.Token = s.Zone, s.Name()+"."+f.Name(), tag.Token
	return l
}

// policyAt finds the policy of a zones package.
func (i *Info) policyAt(path string) *Policy {
	for _, p := range i.Policies {
		if p.Path == path {
			return p
		}
	}
	return nil
}

// Scalar returns the label of a named scalar type, through aliases and
// pointers, or nil.
func (i *Info) Scalar(t types.Type) *Label {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.scalarOf(t)
}

func (i *Info) scalarOf(t types.Type) *Label {
	n := named(t)
	if n == nil || n.Obj().Pkg() == nil || len(i.scalars) == 0 {
		return nil
	}
	if l, ok := i.labels[n]; ok {
		return l
	}
	var l *Label
	if text, ok := i.scalars[n.Obj().Pkg().Path()+"."+n.Obj().Name()]; ok {
		if tag, err := classify.ParseTag(text); err == nil {
			l = i.scalarLabel(n, tag)
		}
	}
	i.labels[n] = l
	return l
}

// scalarLabel reads the label of a scalar against the first policy that knows
// its names.
func (i *Info) scalarLabel(n *types.Named, tag classify.Tag) *Label {
	for _, p := range i.Policies {
		if _, err := p.Resolve(tag); err == nil {
			l := p.resolve(tag)
			l.Of = shortName(n)
			return l
		}
	}
	return nil
}

// Leaves returns the labels of everything in clear that a value of type t can
// hold: through pointers, containers, fields and type arguments, the highest
// class first. Closed types hold nothing in clear.
func (i *Info) Leaves(t types.Type) []*Label {
	i.mu.Lock()
	defer i.mu.Unlock()
	if found := i.leaves.At(t); found != nil {
		return found.([]*Label)
	}
	w := walk{info: i, seen: map[types.Type]bool{}}
	w.visit(t)
	slices.SortStableFunc(w.found, Higher)
	w.found = slices.CompactFunc(w.found, func(a, b *Label) bool { return a.Of == b.Of })
	i.leaves.Set(t, w.found)
	return w.found
}

// Higher orders labels, the highest class first.
func Higher(a, b *Label) int {
	return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(a.Of, b.Of), cmp.Compare(a.Class, b.Class))
}

// walk collects labels. That a type is visited once makes it end on types that
// hold themselves.
type walk struct {
	info  *Info
	seen  map[types.Type]bool
	found []*Label
}

func (w *walk) visit(t types.Type) {
	t = types.Unalias(t)
	if w.seen[t] || Closed(t) {
		return
	}
	w.seen[t] = true
	if n, ok := t.(*types.Named); ok {
		if l := w.info.scalarOf(n); l != nil {
			w.found = append(w.found, l)
			return
		}
		if pkg := n.Obj().Pkg(); pkg == nil || !strings.HasPrefix(pkg.Path(), ModulePath+"/") { // there they only tell types apart
			for arg := range n.TypeArgs().Types() {
				w.visit(arg)
			}
		}
		if s := w.info.structOf(n); s != nil {
			w.visitStruct(s)
			return
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		w.visit(u.Key())
		w.visit(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			w.visit(f.Type())
		}
	case *types.Tuple:
		for v := range u.Variables() {
			w.visit(v.Type())
		}
	case interface{ Elem() types.Type }:
		w.visit(u.Elem())
	}
}

func (w *walk) visitStruct(s *Struct) {
	under := s.Type.Underlying().(*types.Struct)
	for k, l := range s.Labels {
		f := under.Field(k)
		if l != nil && !Closed(f.Type()) {
			w.found = append(w.found, l)
		}
		w.visit(f.Type())
	}
}

// Closed reports whether t is a type whose values show nothing to whoever did
// not ask by zone, not even to reflection: the identifiers of classify/jp,
// sealed values, tokens and indexes.
// So are pointers to them, and lists of them.
func Closed(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return Closed(t.Elem())
	case *types.Slice:
		return Closed(t.Elem())
	case *types.Array:
		return Closed(t.Elem())
	}
	n, _ := types.Unalias(t).(*types.Named)
	if n == nil || n.Obj().Pkg() == nil {
		return false
	}
	switch n.Obj().Pkg().Path() {
	case CryptoPath:
		switch n.Obj().Name() {
		case "Sealed", "Token", "Index", "Column":
			return true
		}
	case JPPath:
		return hasMethod(n, "Reveal")
	}
	return false
}

// sealed reports whether the values of a type are sealed: they have no class in
// clear. Tokens have one.
func sealed(t types.Type) bool {
	n := named(t)
	return n != nil && (Is(n, CryptoPath, "Sealed") || Is(n, CryptoPath, "Column"))
}

func hasMethod(n *types.Named, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(n), false, n.Obj().Pkg(), name)
	_, ok := obj.(*types.Func)
	return ok
}

// Is reports whether n is the named type of a package, in any instance.
func Is(n *types.Named, path, name string) bool {
	return n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}

// named returns the named type that t is, or that it points to.
func named(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// shortName is how a reader names a type: package and name.
func shortName(n *types.Named) string {
	if n.Obj().Pkg() == nil {
		return n.Obj().Name()
	}
	return n.Obj().Pkg().Name() + "." + n.Obj().Name()
}
